"""The same etcdctl commands, four ways: Debian's etcdctl against Go etcd is the truth. Debian's against ours shows the
server, ours against Go the tool, and ours against ours what the tool makes of our answers. Ids, times and sizes are
normalised; help pages, terminals, signals and other programs' completion are shown at the end.

usage: etcdctl.py [server|tool|help|live|shells] ...   only some of the parts
"""
import concurrent.futures, pty, re, select, shlex, termios, threading
from etcdctl_cases import EXTRA_HELP, MISSING_COMMANDS, OWN, PAGES, REPLIES, SCRIPT
from lib import *

need(GO, "Debian's etcd-server")
need(GOCTL, "Debian's etcd-client")
need(OURS, "our etcd")
V3 = {"ETCDCTL_API": "3"}
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith("ETCD")}


def normalise(text):
    text = re.sub(r"127\.0\.0\.1:\d+", "ADDRESS", text)
    text = re.sub(r"took = [0-9.a-zµ]+", "took = TIME", text)
    text = re.sub(r"\"took\":\"[^\"]+\"", '"took":"TIME"', text)
    text = re.sub(r"[0-9.]+ [kMG]?B\b", "SIZE", text)
    text = re.sub(r"/tmp/[^ ,\"]+", "FILE", text)
    text = re.sub(r"\"(dbSize|dbSizeInUse|totalSize|raftIndex|raftAppliedIndex|raftTerm|raft_term|hash|DBSize|member_id|cluster_id|leader|ID|id|lease|total-size)\":\"?-?\d+\"?", r'"\1":N', text)
    text = re.sub(r"\"(ClusterID|MemberID|RaftTerm|Leader|RaftIndex|RaftAppliedIndex|DBSize|DBSizeInUse|ID|Lease|Hash|TotalSize|Size)\" : -?\w+", r'"\1" : N', text)
    text = re.sub(r"\b[0-9a-f]{14,16}\b", "ID", text)
    text = re.sub(r"3\.4\.\d+", "3.4.V", text)
    text = re.sub(r"-[A-Za-z0-9+/=-]*[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID", text)
    text = re.sub(r"attached keys\(\[([^\]]*)\]", lambda keys: " ".join(sorted(keys[1].split())), text)
    text = re.sub(r"\{\"level\":\"(warn|info|error)\".*\n?", "", text)
    text = re.sub(r"^\d{4}[-/]\d\d[-/]\d\d[T ][0-9:.]+ ([A-Z] \| .*\n)", r"DATE \1", text, flags=re.M)
    text = re.sub(r"^\d{4}[-/]\d\d[-/]\d\d[T ][0-9:.]+.*\n", "", text, flags=re.M)
    text = re.sub(r'("leases":\[)(\{"id":N\},?)+', r"\1", text)
    text = re.sub(r'^("ID" : N\n)+', '"ID" : N\n', text, flags=re.M)
    text = re.sub(r"^(INFO|WARNING): .*\n", "", text, flags=re.M)  # of grpc with --debug
    text = re.sub(r"found \d+ leases\n(ID\n)*", "found leases\n", text)  # short ones end in between
    # An id is made of the second, too: the same URL within one makes the same id.
    text = text.replace("member ID already exist\n", "Peer URLs already exists\n")
    text = re.sub(r"remaining\(\d+s\)", "remaining(Ns)", text)
    text = re.sub(r"\"ttl\":\d+", '"ttl":N', text)
    text = re.sub(r"\"TTL\" : \d+", '"TTL" : N', text)
    text = re.sub(r"panic: ([^\n]*)\n(.|\n)*", r"panic: \1", text)
    text = re.sub(r"\b[0-9.]+(ms|µs|s)\b", "TIME", text)
    text = re.sub(r" +", " ", text)
    return re.sub(r"[-+]{5,}", "-----", text)


def without_volatile(arguments, text):
    """Columns that hold indexes, sizes and hashes are compared for their presence only."""
    if arguments.startswith(("endpoint --cluster", "endpoint status", "endpoint hashkv", "snapshot status")):
        text = re.sub(r"\b\d+\b", "N", text)
        text = re.sub(r"\b[0-9a-f]{5,8}\b", "N", text)
    if arguments.startswith("mem") and ("unstarted" in text or text.count("peerURLs") > 1 or "INITIAL_CLUSTER" in text):
        # Members stand in the order of their ids, which are drawn.
        text = "\n".join(sorted(re.split(r'[\n,\[\]{}"]+', text)))
    return text


def reply_text(kind, raw):
    """A reply in protobuf, with what differs from run to run taken out."""
    if not raw:
        return ""
    found = message(kind).FromString(raw)

    def clean(part):
        for field, value in part.ListFields():
            if field.name in ("cluster_id", "member_id", "raft_term", "ID", "TTL", "memberID"):
                part.ClearField(field.name)
            elif field.type == field.TYPE_MESSAGE:
                for each in (value if field.label == field.LABEL_REPEATED else [value]):
                    clean(each)
    clean(found)
    return str(found)


class Place:
    """What a script's words in braces stand for at one server."""

    def __init__(self, server):
        self.server, self.dead = server, "127.0.0.1:%d" % free_port()
        self.values = {"e": server.endpoint, "dead": self.dead, "f": scratch("snap"), "lease": "0", "big": "B" * 100000,
                       "huge": "H" * 100000, "me": "0", "learner": "0", "text": scratch("text"), "go": GOCTL}
        with open(self.values["text"], "w") as file:
            file.write("no snapshot")

    def words(self, text):
        for name, value in self.values.items():
            text = text.replace("{%s}" % name, value)
        return text


def perform(ctl, place, step):
    text, given, env = (step + (None, None))[:3] if isinstance(step, tuple) else (step, None, None)
    arguments = shlex.split(place.words(text))
    env = {k: place.words(v) for k, v in (env or {}).items()}
    if "--endpoints" not in text and "ETCDCTL_ENDPOINTS" not in env:
        arguments = ["--endpoints", place.server.endpoint] + arguments
    began = time.time()
    try:
        done = subprocess.run([ctl] + arguments, input=(given or "").encode(), capture_output=True, timeout=20,
                              env={**CLEAN, **V3, **env})
    except subprocess.TimeoutExpired:
        return text, given, env, "no end within 20 s", "", ""
    if os.environ.get("SLOW_STEPS") and time.time() - began > float(os.environ["SLOW_STEPS"]):
        print("%.1f s: %s on %s: %s" % (time.time() - began, ctl, place.server.binary, text), flush=True)
    out, err = done.stdout, done.stderr.decode("utf-8", "replace")
    kind = next((kind for start, kind in REPLIES if text.startswith(start)), None) if "protobuf" in text else None
    out = reply_text(kind, out) if kind else out.decode("utf-8", "replace")
    for pattern, name in ((r"lease ([0-9a-f]+) granted", "lease"), (r"Member +([0-9a-f]+) added", "learner"),
                          (r"^([0-9a-f]+), started", "me")):
        found = re.search(pattern, out)
        if found:
            place.values[name] = found.group(1)
    return text, given, env, done.returncode, without_volatile(text, normalise(out)), normalise(err)


def play(ctl, binary):
    server = Server(binary)
    try:
        place = Place(server)
        return [perform(ctl, place, step) for step in SCRIPT]
    finally:
        server.kill()


def compare(score, title, ours, truth):
    for (text, given, env, code, out, err), (_, _, _, code2, out2, err2) in zip(ours, truth):
        out, out2 = (re.sub(r"\t+", "\t", page) if page.startswith("NAME:") else page for page in (out, out2))
        out = "\n".join(line for line in out.split("\n") if not any(re.search(extra, line) for extra in EXTRA_HELP))
        if err2.startswith("panic:") and not err.startswith("panic:"):
            score.check("%s: %s < %r is no crash" % (title, text, given), (code == 0) == (err == ""), (code, out, err))
            continue
        name = "%s: %s%s%s" % (title, text, " < %r" % given[:60] if given else "", " %r" % env if env else "")
        score.check(name, (code, out, err) == (code2, out2, err2),
                    "\n   ours:   %r\n   theirs: %r" % ((code, out, err), (code2, out2, err2)))


def own_ways(score):
    """What our tool does otherwise than Debian's, or alone."""
    for binary in (GO, OURS):
        server = Server(binary)
        place = Place(server)
        for step, code, out, err in OWN:
            text, given, env, found, found_out, found_err = perform(OURCTL, place, step)
            holds = code == found and re.fullmatch(out, found_out) and re.fullmatch(err, found_err)
            score.check("our own ways: %s%s" % (text, " %r" % given if given else ""), holds, "\n   %r" % ((found, found_out, found_err),))
        server.kill()


def scripts(score, parts):
    wanted = {("go", "go"): (GOCTL, GO)}
    if "server" in parts:
        wanted["go", "ours"] = GOCTL, OURS
    if "tool" in parts and os.path.exists(OURCTL):
        wanted["ours", "go"] = OURCTL, GO
        wanted["go", "ours"] = GOCTL, OURS
        wanted["ours", "ours"] = OURCTL, OURS
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        futures = {key: pool.submit(play, *pair) for key, pair in wanted.items()}
        results = {key: future.result() for key, future in futures.items()}
    truth = results["go", "go"]
    if "server" in parts:
        compare(score, "Debian's etcdctl on our member", results["go", "ours"], truth)
    if ("ours", "go") in results:
        compare(score, "our etcdctl on Go's member", results["ours", "go"], truth)
        compare(score, "our etcdctl on our member", results["ours", "ours"], results["go", "ours"])


# Help

def help_lines(text):
    """Lines with their columns closed up."""
    return [re.sub(r"\t+", "\t", re.sub(r"\d+\.\d+\.\d+", "V", line)) for line in text.split("\n")]


def help_pages(score):
    def page(ctl, words):
        done = subprocess.run([ctl] + words, capture_output=True, env={**CLEAN, **V3}, timeout=20)
        return done.returncode, help_lines(done.stdout.decode()), done.stderr.decode()

    asked = [form for name in PAGES for form in ([*name.split(), "--help"], ["help", *name.split()], [*name.split(), "-h"])]
    asked += [[], ["--nonsense"], ["help"], ["-x", "get"], ["help", "nonsense"], ["help", "lease", "nonsense"], ["lease", "nonsense", "--help"]]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        ours = list(pool.map(lambda words: page(OURCTL, words), asked))
        theirs = list(pool.map(lambda words: page(GOCTL, words), asked))
    for words, (code, out, err), (code2, out2, err2) in zip(asked, ours, theirs):
        out = [line for line in out if not any(re.search(extra, line) for extra in EXTRA_HELP)]
        if words == ["help", "nonsense"]:
            out = [line for line in out if not line.startswith("  -h, --help")]  # the original forgets it here
        missing = [name for name in MISSING_COMMANDS if not any(line.startswith("\t%s\t" % name) for line in out)]
        out2 = [line for line in out2 if not line.startswith("\tcompletion ") and not any(line.startswith("\t%s\t" % name) for name in missing)]
        score.equal("help: %s" % " ".join(words), (code, out, err), (code2, out2, err2))


# Terminals and signals

class Terminal:
    """A program with a terminal for its standard input and output, its standard error apart."""

    def __init__(self, arguments, env=None):
        master, slave = pty.openpty()
        mode = termios.tcgetattr(slave)
        mode[3] &= ~termios.ECHO
        mode[1] &= ~termios.OPOST
        termios.tcsetattr(slave, termios.TCSANOW, mode)

        def own_terminal():
            os.setsid()
            import fcntl
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(arguments, stdin=slave, stdout=slave, stderr=subprocess.PIPE,
                                        env={**CLEAN, **V3, **(env or {})}, preexec_fn=own_terminal)
        os.close(slave)
        self.master, self.out = master, b""

    def type(self, text):
        os.write(self.master, text.encode())

    def until(self, text, seconds=10):
        """Reads until `text` was seen."""
        end = time.time() + seconds
        while text.encode() not in self.out and time.time() < end:
            if not self.read(0.1) and self.process.poll() is not None:
                break
        return text.encode() in self.out

    def read(self, seconds):
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            more = os.read(self.master, 65536)
        except OSError:
            return False
        self.out += more
        return bool(more)

    def end(self, seconds=10):
        """(exit code, standard output, standard error)"""
        _, err = self.process.communicate(timeout=seconds)
        while self.read(0):
            pass
        os.close(self.master)
        return self.process.returncode, normalise(self.out.decode("utf-8", "replace")), normalise(err.decode("utf-8", "replace"))


def own_key():
    """Five letters nobody else uses: the tools share the servers."""
    return "".join(random.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(5))


def live_transaction(ctl, server):
    key = own_key()
    terminal = Terminal([ctl, "--endpoints", server.endpoint, "txn", "-i"])
    terminal.until("compares:")
    terminal.type('value("%s") = "1"\n\n' % key)
    terminal.until("success requests")
    terminal.type("put %s 2\n\n" % key)
    terminal.until("failure requests")
    terminal.type("put %s 1\nget %s\n\n" % (key, key))
    code, out, err = terminal.end()
    return code, out.replace(key, "KEY"), err


def live_broken_transaction(ctl, server):
    terminal = Terminal([ctl, "--endpoints", server.endpoint, "txn", "-i"])
    terminal.until("compares:")
    terminal.type("\n")
    terminal.until("success requests")
    terminal.type("put lt 2\n\x04")
    return terminal.end()


def live_watch_conversation(ctl, server):
    key, other = own_key(), own_key()
    terminal = Terminal([ctl, "--endpoints", server.endpoint, "watch", "-i"])
    client = Client(server.endpoint)
    terminal.type("nonsense a\n\nwatch\nwatch %s x --prefix\n" % key)
    terminal.type("watch %s --prefix --prev-kv --rev 1\nwatch %s --rev 1 -- echo told\n" % (key, other))
    for number in range(3):
        name = ("%s%d" % (key, number)).encode()
        client.call("KV/Put", key=name, value=b"v%d" % number)
        terminal.until("%s\nv%d\n" % (name.decode(), number))
    client.call("KV/DeleteRange", key=("%s1" % key).encode())
    terminal.until("DELETE\n")
    client.call("KV/Put", key=other.encode(), value=b"x")
    terminal.until("told")
    terminal.type("\x04")
    code, out, err = terminal.end()
    return code, out.replace(key, "KEY").replace(other, "OTHER"), err.replace(key, "KEY")


def live_watch_bad_line(line):
    def scenario(ctl, server):
        terminal = Terminal([ctl, "--endpoints", server.endpoint, "watch", "-i"])
        terminal.type(line)
        return terminal.end()
    return scenario


def live_progress(ctl, server):
    terminal = Terminal([ctl, "--endpoints", server.endpoint, "watch", "-i"])
    client = Client(server.endpoint)
    terminal.type("watch lp --rev 1\n")
    client.call("KV/Put", key=b"lp", value=b"1")
    terminal.until("lp\n")
    terminal.type("progress\n")
    seen = terminal.until("progress notify: ")
    terminal.type("\x04")
    code, _, err = terminal.end()
    return seen, code, err


def live_watch(words, env=None):
    """Watches until three events of `lv` were told, then ends it with control-C."""
    def scenario(ctl, server):
        key = own_key()
        client = Client(server.endpoint)
        first = client.call("KV/Put", key=("%s/0" % key).encode(), value=b"v0\n\"quoted\" \xff").header.revision
        words_here = [word.replace("KEY", key).replace("REV", str(first)) for word in words]
        env_here = {name: value.replace("KEY", key) for name, value in (env or {}).items()}
        terminal = Terminal([ctl, "--endpoints", server.endpoint, "watch"] + words_here, env_here)
        client.call("KV/Put", key=("%s/1" % key).encode(), value=b"v1", lease=0)
        client.call("KV/DeleteRange", key=("%s/1" % key).encode())
        client.call("KV/Put", key=("%s/2" % key).encode(), value=b"last")
        seen = {"json": "bGFzdA==", "--hex": "6c\\x61\\x73\\x74"}
        terminal.until(next((text for word, text in seen.items() if word in words), 'VALUE="last"' if "--" in words else "last"))
        terminal.read(0.2)
        terminal.type("\x03")
        code, out, err = terminal.end()
        for number in range(6):
            out = out.replace("_REVISION=%d" % (first + number), "_REVISION=N+%d" % number)
            out = out.replace('"Revision" : %d' % (first + number), '"Revision" : N+%d' % number)
        out = re.sub(r'Revision" : \d+', 'Revision" : N', re.sub(r'(evision|version|rev)":\d+', r'\1":N', out))
        # How events share replies is up to the server.
        out = re.sub(r'"(ClusterID|MemberID|Revision|RaftTerm)" : .*\n', "", out)
        if "json" in words:
            events = [event for line in out.splitlines() for event in (json.loads(re.sub(r":N\b", ":0", line)).get("Events") or [])]
            out = re.sub(r'"(key|value)": "[^"]*"', "", json.dumps(events))
        if "--" in words:
            # Events of two replies may come with the commands of the first between them.
            return code, sorted(out.replace(key, "KEY").split("\n")), err
        out = out.replace("".join("\\x%02x" % letter for letter in key.encode()), "HEXKEY")
        return code, out.replace(key, "KEY"), err.replace(key, "KEY")
    return scenario


def live_keep_alive(form):
    def scenario(ctl, server):
        client = Client(server.endpoint)
        lease = client.call("Lease/LeaseGrant", TTL=2).ID
        terminal = Terminal([ctl, "--endpoints", server.endpoint, "lease", "keep-alive", "%x" % lease] + form)
        for _ in range(50):
            terminal.read(0.1)
            if terminal.out.count(b"\n") >= 2:
                break
        client.call("Lease/LeaseRevoke", ID=lease)
        code, out, err = terminal.end(15)
        lines = re.sub(r'"revision":\d+', '"revision":N', out).splitlines()
        return code, [line for at, line in enumerate(lines) if at == 0 or line != lines[at - 1]], err
    return scenario


def live_interrupted_keep_alive(ctl, server):
    client = Client(server.endpoint)
    lease = client.call("Lease/LeaseGrant", TTL=60).ID
    terminal = Terminal([ctl, "--endpoints", server.endpoint, "lease", "keep-alive", "%x" % lease])
    terminal.until("keepalived")
    terminal.type("\x03")
    return terminal.end()


def live_put_from_terminal(ctl, server):
    key = own_key()
    terminal = Terminal([ctl, "--endpoints", server.endpoint, "put", key])
    terminal.type("two\nlines\n\x04")
    first = terminal.end()
    return first, Client(server.endpoint).call("KV/Range", key=key.encode()).kvs[0].value


def live_failover(ctl, server):
    """One endpoint of three lives."""
    key = own_key()
    dead = "127.0.0.1:%d,127.0.0.1:%d" % (free_port(), free_port())
    answers = []
    for words in (["put", key, "1"], ["get", key], ["del", key], ["lease", "grant", "60"], ["member", "list"]):
        code, out, err = run([ctl, "--endpoints", dead + "," + server.endpoint] + words, env=V3)
        answers.append((code, normalise(out).replace(key, "KEY"), normalise(err)))
    return answers


def live_ended_watch(ctl, server):
    """A compacted revision ends a watch."""
    client = Client(server.endpoint)
    last = max(client.call("KV/Put", key=b"ew", value=b"1").header.revision for _ in range(3))
    client.attempt("KV/Compact", revision=last)
    code, out, err = run([ctl, "--endpoints", server.endpoint, "watch", "ew", "--rev", "1"], env=V3, timeout=20)
    code2, out2, err2 = run([ctl, "--endpoints", server.endpoint, "watch", "ew", "--rev", "1", "-w", "json"], env=V3, timeout=20)
    return code, out, normalise(err), code2, re.sub(r"\d+", "N", out2), normalise(err2)


ECHO = ["--", "sh", "-c", 'echo "$ETCD_WATCH_REVISION" | tr 0-9 N; env | grep "^ETCD_WATCH_[^R]" | sort']
LIVE = [
    ("txn -i", live_transaction), ("txn -i cut short", live_broken_transaction),
    ("watch -i", live_watch_conversation), ("progress", live_progress),
    ("watch -i with a bad flag", live_watch_bad_line("watch a --nonsense\n")),
    ("watch -i without a key", live_watch_bad_line("watch --rev 1\n")),
    ("watch -i with a bad revision", live_watch_bad_line("watch a --rev x\n")),
    ("watch -i without a command", live_watch_bad_line("watch a --\n")),
    ("watch -i with a bad word", live_watch_bad_line('watch "a\\q"\n')),
    ("watch --prefix", live_watch(["KEY/", "--prefix", "--rev=REV"])),
    ("watch range", live_watch(["KEY/", "KEY0", "--rev=REV", "--prev-kv"])),
    ("watch --hex", live_watch(["KEY/", "--prefix", "--rev=REV", "--hex"])),
    ("watch -w fields", live_watch(["KEY/", "--prefix", "--rev=REV", "-w", "fields"])),
    ("watch -w json", live_watch(["KEY/", "--prefix", "--rev=REV", "-w", "json"])),
    ("watch -- command", live_watch(["KEY/", "--prefix", "--rev=REV"] + ECHO)),
    ("watch by variables", live_watch(["--prefix", "--rev=REV"], {"ETCDCTL_WATCH_KEY": "KEY/"})),
    ("watch by variables with a command", live_watch(["--rev=REV"] + ECHO, {"ETCDCTL_WATCH_KEY": "KEY/", "ETCDCTL_WATCH_RANGE_END": "KEY0"})),
    ("lease keep-alive", live_keep_alive([])), ("lease keep-alive -w json", live_keep_alive(["-w", "json"])),
    ("lease keep-alive interrupted", live_interrupted_keep_alive), ("put from a terminal", live_put_from_terminal),
    ("failover", live_failover),
]


def live(score):
    servers = {"go": Server(GO), "ours": Server(OURS)}
    tools = {"go": GOCTL}
    if os.path.exists(OURCTL):
        tools["ours"] = OURCTL
    pairs = [(tool, server) for tool in tools for server in servers]

    def attempt(scenario, tool, server):
        try:
            return scenario(tools[tool], servers[server])
        except Exception as error:
            return "%s: %s" % (type(error).__name__, error)

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        futures = [(name, {pair: pool.submit(attempt, scenario, *pair) for pair in pairs}) for name, scenario in LIVE]
        for _, four in futures:
            concurrent.futures.wait(four.values())
        # By itself, as a compaction would end the others' watches.
        futures.append(("watch of what is compacted", {pair: pool.submit(attempt, live_ended_watch, *pair) for pair in pairs}))
        for name, four in futures:
            truth = four["go", "go"].result()
            for pair in pairs[1:]:
                score.equal("live: %s, %s etcdctl on %s member" % (name, *pair), four[pair].result(), truth)
    for server in servers.values():
        server.kill()


# Shells

BASH = """source <(%s completion bash)
complete_line() {
  COMP_LINE="$1"; COMP_POINT=${#1}; COMP_WORDS=(); local rest
  IFS=$' \\n' read -r -a COMP_WORDS <<<"${1//=/ = }"; [[ "$1" == *" " || "$1" == *= ]] && COMP_WORDS+=("")
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=(); _etcdctl; echo "${COMPREPLY[*]}"
}
"""
ZSH = """autoload -U compinit && compinit -u -D
compadd() { while [[ $# -gt 0 && "$1" != -- ]]; do [[ "$1" == -a ]] && { shift; print -rl -- "${(@P)1}"; }; shift; done }
_describe() { local name=$2; print -rl -- "${(@P)name}" }
_files() { print -r -- FILES }
source <(%s completion zsh)
"""
SHELL_LINES = [
    ("etcdctl mem", ["member"]), ("etcdctl member ", ["add", "list", "promote", "remove", "update"]),
    ("etcdctl lease g", ["grant"]), ("etcdctl endpoint status --clu", ["--cluster"]),
    ("etcdctl get --so", ["--sort-by"]), ("etcdctl -w ", ["fields", "json", "protobuf", "simple", "table"]),
    ("etcdctl get --order=D", ["DESCEND"]), ("etcdctl --endpoints 127.0.0.1:1 snapshot s", ["save", "status"]),
    ("etcdctl completion z", ["zsh"]),
]


def shells(score):
    if not os.path.exists(OURCTL):
        return
    folder = scratch("bin")
    os.makedirs(folder)
    os.symlink(os.path.abspath(OURCTL), os.path.join(folder, "etcdctl"))
    env = {**CLEAN, **V3, "PATH": folder + ":" + os.environ["PATH"], "HOME": folder, "TERM": "dumb"}

    def ask(program, text):
        done = subprocess.run(program, input=text.encode(), capture_output=True, env=env, timeout=30)
        return done.stdout.decode(), done.stderr.decode()

    def names(text):
        return sorted({re.split(r"[\t:]", word)[0] for word in text.split("\n") if word})

    for line, expected in SHELL_LINES:
        out, err = ask(["bash", "--norc"], BASH % "etcdctl" + 'complete_line "%s"\n' % line)
        score.equal("bash: %s" % line, (sorted(out.split()), err), (expected, ""))
    if shutil.which("zsh"):
        for line, expected in SHELL_LINES:
            words = line.split(" ")
            out, err = ask(["zsh", "-f"], ZSH % "etcdctl" + "words=(%s); CURRENT=%d; _etcdctl\n" % (
                " ".join("'%s'" % word for word in words), len(words)))
            found = [name.split("=")[-1] if "=" in line else name for name in names(out)]
            score.equal("zsh: %s" % line, (found, err), (expected, ""))
    else:
        print("SKIPPED: zsh is missing")
    if shutil.which("fish"):
        for line, expected in SHELL_LINES:
            out, err = ask(["fish", "--no-config"], "etcdctl completion fish | source\ncomplete -C '%s'\n" % line)
            found = [name.split("=")[-1] if "=" in line else name for name in names(out)]
            score.equal("fish: %s" % line, (found, err), (expected, ""))
    else:
        print("SKIPPED: fish is missing")


def main():
    parts = sys.argv[1:] or ["server", "tool", "help", "live", "shells"]
    score = Score("etcdctl")
    pb()
    if "server" in parts or "tool" in parts:
        scripts(score, parts)
    if "tool" in parts and os.path.exists(OURCTL):
        own_ways(score)
    if "help" in parts and os.path.exists(OURCTL):
        help_pages(score)
    if "live" in parts:
        live(score)
    if "shells" in parts:
        shells(score)
    score.close()


if __name__ == "__main__":
    main()
