"""etcdctl in v2 mode (`ETCDCTL_API=2`), four ways: Debian's against Go etcd is the truth; Debian's against ours shows the
v2 API, ours against Go the tool. Help pages, watches, commands run by watches, and backups are shown at the end.

usage: etcdctl_v2.py [server|tool|help|live|backup] ...   only some of the parts
"""
import concurrent.futures, re, shlex
from lib import *

need(GO, "Debian's etcd-server")
need(GOCTL, "Debian's etcd-client")
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith("ETCD")}
V2 = {**CLEAN, "ETCDCTL_API": "2"}

# In order, on one fresh member. `{e}` its address, `{dead}` one where nobody listens, `{me}` the member's id.
SCRIPT = [
    "set a b", "get a", "get nosuch", "get", "ls", "ls /", "ls a", "-o extended get a", "-o json get a", "-o foo get a",
    "-o json get nosuch", "--output=json set a c", "--output extended set a d", ("set piped", "from input"), ("set empty", ""),
    "set", "set --ttl 100 t v", "-o extended get t", "-o json get t", "set a b --ttl x", "set a b --ttl 5 ", "set -- dash -value", "get dash",
    "set --swap-with-value b a c", "set --swap-with-value zz a d", "set --swap-with-index 1 a d", "set a c --swap-with-value c", "set nosuch/ x",
    "set --swap-with-value b nosuch x", "set 'a b' 'c d'", "get 'a b'", "set 'ü/%41?x=y&z' 'v ü%26&='", "get 'ü/%41?x=y&z'", "ls ü", "ls -r -p",
    "mk a b", "mk new v", "mk new v", "mk", "mk --in-order queue one", "mk --in-order queue two", "mk --ttl 100 tm v", "mk --in-order --ttl 9 queue x",
    "mkdir", "mkdir d", "mkdir d", "mkdir d/e --ttl 100", "mkdir a", "setdir d", "setdir d2", "setdir --ttl 100 d2", "setdir a", "setdir a/b",
    "updatedir d2 --ttl 50", "updatedir nosuch", "updatedir a", "-o json updatedir d2", "-o extended mkdir d3", "get d", "-o json get d",
    "update a e", "update nosuch x", "update", ("update a", "from input"), "update d x", "-o json update a f --ttl 77", "update a g --ttl 0",
    "set d/x 1", "set d/y 2", "set d/e/z 3", "ls d", "ls --sort d", "ls -r d", "ls --recursive --sort -p d", "ls -p", "ls --quorum d", "-o json ls -r --sort d",
    "-o extended ls d", "ls nosuch", "ls -rp", "get --sort d", "get -q a", "get --quorum=false a", "get --sort=maybe a", "get a --sort", "get a extra words",
    "rm", "rm a", "rm a", "rm d", "rm --dir d", "rm -r d/e", "rm d/x", "-o json rm d/y", "rm --dir d", "-o json rm --dir d", "set v 1", "rm v --with-value 2",
    "rm v --with-value 1", "set v 1", "rm --with-index 1 v", "rm --dir v", "mkdir rd", "rmdir rd", "rmdir rd", "rmdir", "set rd/x 1", "rmdir rd", "set fi le", "rmdir fi",
    "-o extended rm queue --recursive", "-o json rm -r rd", "rm -r /", "rm /", "set / x", "set /_hidden/x y", "ls", "ls _hidden", "get /_hidden/x",
    "get --bogus a", "get a --bogus", "--bogus get a", "--timeout x get a", "--timeout", "--endpoints", "set --ttl", "foo", "help nosuch", "-v", "--version", "",
    "--no-sync get dash", "--debug set dash x", "--debug --no-sync get dash", "--debug mk --in-order queue x", "--debug rm dash", "--debug ls", "--total-timeout 3s get dash",
    "member", "member list", "member list x", "member add", "member add x", "member add x y", "member remove", "member remove 12", "member remove default", "member update",
    "member update {me}", "member update 12 http://127.0.0.1:1", "member update {me} nonsense", "member nosuch", "cluster-health", "cluster-health x",
    "user list", "role list", "auth enable", "auth enable x", "auth nosuch", "user add", "user add root:rpw", "user add root:again", "user add u:p", "user get u", "user get nosuch",
    "user list", "user list x", "user remove", "user remove nosuch", "role add", "role add r", "role add r", "role add root", "role get r", "role get nosuch", "role get root", "role list x",
    "role grant r", "role grant r --path x --read", "role grant r --path /x", "role grant r --path /x --read --write", "role grant r --path /x --read", "role get r",
    "role grant r --path /x --read", "role grant r --path '/y/*' --rw", "role grant r --path /z/ --write", "role get r", "role revoke r --path /x --read",
    "role revoke r --path /nosuch --read", "role revoke r --path /x --readwrite", "role get r", "role grant nosuch --path /x --read", "role list", "role grant --path //x --read r",
    "user grant u", "user grant u --roles r", "user grant u --roles r", "user grant u --roles nosuch", "user grant nosuch --roles r", "user get u",
    "user revoke u --roles nosuch", "user revoke u --roles r", "user grant u --roles r", "user get root", "user remove root",
    ("user passwd u", "p2\n"), "user passwd", "auth enable", "role remove guest", "get y", "set y/k v", "-u u:p set y/k v", "-u u:p2 set y/k v", "-u u:p2 get y/k",
    "-u u:p2 set x v", "-u root:rpw set x v", "-u u:p2 get x", "--username root:wrong get x", "-u root:rpw user list", "-u u:p2 user list", "user list", "-u root:rpw role get r",
    "-u root:rpw auth enable", "-u u:p2 auth disable", "auth disable", "-u root:rpw auth disable", "-u root:rpw user remove u", "role remove r", "role remove r", "role remove root",
    ("get x", None, {"ETCDCTL_USERNAME": "root:rpw"}), "user remove root",
    "--endpoints {dead} get a", "--endpoints {dead} --no-sync get a", "--endpoints {dead} cluster-health", "--endpoints {dead} --no-sync mk a b", "--endpoints {dead} member list",
    "--endpoints {dead},{e} --no-sync get x", "--endpoint {e} get x", "--peers {e} get x", "-C {e} get x", "--endpoints '' get x",
    ("get x", None, {"ETCDCTL_ENDPOINT": "{e}"}), ("get x", None, {"ETCDCTL_PEERS": "{e}"}), ("get x", None, {"ETCDCTL_ENDPOINTS": "{e}", "ETCDCTL_PEERS": "{dead}"}),
    "--endpoints {e} --cert-file /nonexistent --key-file /nonexistent get x", "--endpoints {e} --ca-file /nonexistent get x", "exec-watch", "exec-watch x", "watch",
    "watch --after-index 1 x", "watch x --after-index 5", "watch -r --after-index 3 /", "watch nosuch --after-index 999999999999999999999",
    "member add new http://127.0.0.1:1",
]
HELP = ["", "-h", "--help", "help", "h", "help get", "get -h", "get --help", "set --help", "help set", "ls -h", "rm -h", "rmdir -h", "mk -h", "mkdir -h", "setdir -h", "update -h",
        "updatedir -h", "watch -h", "exec-watch -h", "member -h", "member", "help member", "member add -h", "member help add", "user -h", "user add -h", "user grant -h",
        "user passwd -h", "role -h", "help role", "role grant --help", "role revoke -h", "auth", "auth enable -h", "backup -h", "cluster-health -h", "member help nosuch", "user nosuch"]


def normalise(text):
    text = re.sub(r"127\.0\.0\.1:\d+", "ADDRESS", text)
    text = re.sub(r"\b[0-9a-f]{14,16}\b", "ID", text)
    text = re.sub(r"\b3\.4\.\d+", "3.4.V", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "TIME", text)
    text = re.sub(r"Roles: +", "Roles: ", text)  # the original has one blank more for each role
    text = re.sub(r"^(stty: |For more details, read).*\n+", "", text, flags=re.M)
    text = re.sub(r"(\"ttl\":|TTL: )([1-9]\d*)", lambda m: m.group(1) + "N", text)
    return re.sub(r"/tmp/[^ ,\"]+", "FILE", text)


def sorted_where_unordered(text, out):
    """Children and members come in the order of a Go map where nothing else was asked for."""
    if re.search(r"\bls\b", text) and "--sort" not in text:
        return "\n".join(sorted(out.split("\n")))
    if "CLUSTER=" in out:
        return "".join(sorted(re.split(r'([",])', out)))
    return out


def perform(ctl, server, dead, step):
    text, given, env = (step + (None, None))[:3] if isinstance(step, tuple) else (step, None, None)
    words = {"{e}": server.url, "{dead}": "http://127.0.0.1:%d" % dead, "{me}": server.me}

    def fill(part):
        for name, value in words.items():
            part = part.replace(name, value)
        return part
    arguments = shlex.split(fill(text))
    env = {k: fill(v) for k, v in (env or {}).items()}
    if not env.keys() & {"ETCDCTL_ENDPOINTS", "ETCDCTL_ENDPOINT", "ETCDCTL_PEERS"} and not re.search(r"--endpoints?|--peers|-C ", text):
        arguments = ["--endpoints", server.url] + arguments
    try:
        done = subprocess.run([ctl] + arguments, input=(given or "").encode(), capture_output=True, timeout=20, env={**V2, **env})
    except subprocess.TimeoutExpired:
        return text, env, "no end within 20 s", "", ""
    return text, env, done.returncode, sorted_where_unordered(text, normalise(done.stdout.decode("utf-8", "replace"))), normalise(done.stderr.decode("utf-8", "replace"))


def play(ctl, binary):
    server = Server(binary, flags=["--enable-v2"])
    try:
        server.me = subprocess.run([GOCTL, "--endpoints", server.url, "member", "list"], capture_output=True, text=True, env=V2).stdout[:16].split(":")[0]
        dead = free_port()
        return [perform(ctl, server, dead, step) for step in SCRIPT]
    finally:
        server.kill()


# Ours takes `host:port` for http; an empty address is refused before anything is sent.
OWN = {"--endpoints '' get x"}


def same(ours, theirs):
    """The reason that no connection was made may be said in other words; who said nothing at all must not."""
    def reasons(result):
        code, out, err = result
        return code, out, re.sub(r"error #\d: [^\n]*", "error: REASON", err)
    return reasons(ours) == reasons(theirs)


def scripts(score, parts):
    wanted = {("go", "go"): (GOCTL, GO)}
    if "server" in parts:
        wanted["go", "ours"] = GOCTL, OURS
    if "tool" in parts:
        wanted["ours", "go"] = OURCTL, GO
    if {"server", "tool"} <= parts:
        wanted["ours", "ours"] = OURCTL, OURS
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        futures = {key: pool.submit(play, *pair) for key, pair in wanted.items()}
        results = {key: future.result() for key, future in futures.items()}
    titles = {("go", "ours"): "Debian's etcdctl on our member", ("ours", "go"): "our etcdctl on Go's member",
              ("ours", "ours"): "our etcdctl on our member"}
    for key, title in titles.items():
        for (text, env, *ours), (_, _, *theirs) in zip(results.get(key, []), results["go", "go"]):
            if text in OWN and key[0] == "ours":
                continue
            score.check("%s: %s%s" % (title, text, " %r" % env if env else ""), same(tuple(ours), tuple(theirs)),
                        "\n   ours:   %r\n   theirs: %r" % (ours, theirs))


def help_pages(score):
    def page(ctl, words):
        done = subprocess.run([ctl] + shlex.split(words), capture_output=True, text=True, env=V2, timeout=20)
        return done.returncode, re.sub(r"\d\.\d\.\d+", "V", done.stdout), done.stderr
    for words in HELP:
        score.equal("help: etcdctl %s" % words, page(OURCTL, words), page(GOCTL, words))


def live(score, binary):
    """Watches that end, go on, start commands, and are interrupted."""
    server = Server(binary, flags=["--enable-v2"])
    run = lambda *words: subprocess.run([OURCTL, "--endpoints", server.url, *words], capture_output=True, text=True, env=V2, timeout=20)
    begin = lambda *words: subprocess.Popen([OURCTL, "--endpoints", server.url, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=V2)
    title = "on Go's member: " if binary == GO else "on our member: "
    once = begin("watch", "k")
    time.sleep(1)
    run("set", "k", "one")
    score.equal(title + "watch ends with the first change", once.communicate(timeout=10), ("one\n", ""))
    many = begin("watch", "-f", "-r", "dir")
    time.sleep(1)
    run("set", "dir/a", "1"), run("mkdir", "dir/d"), run("rm", "dir/a")
    line = [many.stdout.readline() for _ in range(4)]
    score.equal(title + "watch -f goes on, directories left out", line, ["[set] /dir/a\n", "1\n", "[delete] /dir/a\n", "PrevNode.Value: 1\n"])
    many.send_signal(signal.SIGINT)
    score.equal(title + "and ends well when interrupted", many.wait(5), 0)
    out = scratch("out")
    runs = begin("exec-watch", "--recursive", "ex", "--", "sh", "-c", "echo $ETCD_WATCH_ACTION $ETCD_WATCH_KEY $ETCD_WATCH_VALUE $ETCD_WATCH_MODIFIED_INDEX >> " + out)
    time.sleep(1)
    index = json.loads(run("-o", "json", "set", "ex/k", "v").stdout)["node"]["modifiedIndex"]
    for _ in range(100):
        if os.path.exists(out) and open(out).read():
            break
        time.sleep(0.05)
    score.equal(title + "exec-watch runs its command", open(out).read(), "set /ex/k v %d\n" % index)
    runs.send_signal(signal.SIGINT)
    score.equal(title + "and ends when interrupted", runs.wait(5), 0)
    server.kill()


def backups(score, parts):
    """A backup made by ours and by Debian's of the same directory: Go starts from both, and they hold the same."""
    for source in (GO, OURS) if "server" in parts else (GO,):
        server = Server(source, flags=["--enable-v2", "--snapshot-count", "20"])
        for n in range(30):
            subprocess.run([GOCTL, "--endpoints", server.url, "set", "k%d" % n, "v%d" % n], capture_output=True, env=V2, check=True)
            if n % 3 == 0:
                subprocess.run([GOCTL, "--endpoints", server.endpoint, "put", "k%d" % n, "three"], capture_output=True, env={**CLEAN, "ETCDCTL_API": "3"}, check=True)
        server.stop()
        for words in ([], ["--with-v3"]):
            found = []
            for ctl in (GOCTL, OURCTL) if source == GO else (OURCTL,):
                target = scratch("backup")
                done = subprocess.run([ctl, "backup", "--data-dir", server.data, "--backup-dir", target, *words], capture_output=True, text=True, env=V2, timeout=60)
                if done.returncode != 0:
                    found.append((done.returncode, done.stderr))
                    continue
                again = Server(GO, data=target, flags=["--enable-v2", "--force-new-cluster"])
                keys = subprocess.run([GOCTL, "--endpoints", again.url, "ls", "--sort"], capture_output=True, text=True, env=V2).stdout
                value = subprocess.run([GOCTL, "--endpoints", again.url, "get", "k29"], capture_output=True, text=True, env=V2).stdout
                three = subprocess.run([GOCTL, "--endpoints", again.endpoint, "get", "k", "--prefix"], capture_output=True, text=True, env={**CLEAN, "ETCDCTL_API": "3"}).stdout
                found.append((keys, value, three))
                again.kill()
            name = "backup%s of %s directory" % (" with v3" if words else "", "Go's" if source == GO else "our")
            score.check(name + " holds the keys", found[-1][0].count("\n") == 30 and found[-1][1] == "v29\n" and bool(found[-1][2]) == bool(words), found[-1])
            if source == GO:
                score.equal(name + " is as Debian's", found[1], found[0])
    done = subprocess.run([OURCTL, "backup"], capture_output=True, text=True, env=V2)
    score.check("backup without a directory says so", done.returncode == 1 and "--data-dir" in done.stderr, done)


if __name__ == "__main__":
    parts = set(sys.argv[1:]) or {"server", "tool", "help", "live", "backup"}
    score = Score("etcdctl_v2")
    if parts & {"server", "tool"}:
        scripts(score, parts)
    if "help" in parts:
        help_pages(score)
    if "live" in parts:
        live(score, GO)
        if "server" in parts:
            live(score, OURS)
    if "backup" in parts:
        backups(score, parts)
    score.close()
