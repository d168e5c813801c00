"""etcdctl lock, elect, make-mirror and check, three ways: Debian's etcdctl against Go etcd is the truth; Debian's against ours and
ours against Go must print the same and leave the same keys behind.

usage: tools.py [perf]   with perf also a whole run of the small load of `check perf` (a minute)
"""
import concurrent.futures, re, subprocess, sys, threading
from lib import *
from lib import _running

need(GO, "Debian's etcd-server")
need(GOCTL, "Debian's etcd-client")
need(OURS, "our etcd")
need(OURCTL, "our etcdctl")
V3 = dict(os.environ, ETCDCTL_API="3")
CASES = []


def case(name):
    def note(function):
        CASES.append((name, function))
        return function
    return note


class Tool:
    """An etcdctl of one kind at one member."""

    def __init__(self, ctl, server):
        self.ctl, self.server = ctl, server

    def command(self, words):
        return [self.ctl, "--endpoints", self.server.endpoint] + words

    def run(self, *words, timeout=20, env=None):
        done = subprocess.run(self.command(list(words)), capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL,
                              env=dict(V3, **(env or {})))
        return done.returncode, plain(done.stdout), plain(done.stderr)

    def start(self, *words):
        return Running(self.command(list(words)))

    def keys(self, prefix):
        return plain(self.run("get", prefix, "--prefix")[1])

    def wait_keys(self, prefix, count, seconds=10):
        end = time.time() + seconds
        while time.time() < end:
            lines = self.run("get", prefix, "--prefix", "--keys-only")[1].split()
            if len(lines) == count:
                return True
            time.sleep(0.03)
        return False


class Running:
    """A command that goes on; its lines are read as they come."""

    def __init__(self, arguments):
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=V3)
        _running.append(self)
        self.lines, self.changed = [], threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(plain(line.decode("utf-8", "replace").rstrip("\n")))
                self.changed.notify_all()

    def wait_lines(self, count, seconds=10):
        with self.changed:
            self.changed.wait_for(lambda: len(self.lines) >= count, seconds)
            return list(self.lines)

    def end(self, number=signal.SIGTERM, seconds=10):
        """(exit code, lines, standard error) after a signal."""
        if number:
            self.process.send_signal(number)
        code = self.process.wait(seconds)
        self.reader.join(seconds)
        if self in _running:
            _running.remove(self)
        return code, self.lines, plain(self.process.stderr.read().decode("utf-8", "replace"))

    def kill(self):
        self.process.kill()


def plain(text):
    """Without what differs from run to run: leases, ids, revisions."""
    text = re.sub(r"/[0-9a-f]{14,16}\b", "/LEASE", text)
    text = re.sub(r"/-[0-9a-f]{14,16}\b", "/LEASE", text)
    text = re.sub(r"127\.0\.0\.1:\d+", "ADDRESS", text)
    text = re.sub(r"\"(cluster_id|member_id|raft_term|revision|create_revision|mod_revision|lease)\":\"?-?\d+\"?", r'"\1":N', text)
    text = re.sub(r"\"key\":\"[^\"]+\"", '"key":K', text)
    text = re.sub(r"\"(ClusterID|MemberID|RaftTerm|Revision|CreateRevision|ModRevision|Lease)\" : -?\w+", r'"\1" : N', text)
    text = re.sub(r"\{\"level\":\"warn\".*\n?", "", text)
    return text


# --- lock

@case("CTL-35 lock with a command: its variables, its end, the key afterwards")
def _(t):
    out = [t.run("lock", "m", "--", "sh", "-c", "echo \"$ETCD_LOCK_KEY\"; test \"$ETCD_LOCK_REV\" -gt 1 && echo revision; cat; echo error >&2")]
    out += [t.keys("m/"), t.run("lock", "m", "true"), t.run("lock", "m", "--", "sh", "-c", "exit 3"), t.keys("m/")]
    out += [t.run("lock", "m", "--", "sh", "-c", "kill -KILL $$"), t.run("lock", "m", "no-such-program"), t.run("lock", "m", "/no/such/program"), t.keys("m/")]
    out += [t.run("lock", "m", "--", "sh", "-c", "echo $ETCD_LOCK_REV", env={"ETCD_LOCK_REV": "mine"})]
    return out


@case("CTL-35 lock held until a signal, in each form of output")
def _(t):
    out = []
    for number in (signal.SIGINT, signal.SIGTERM):
        for form in ("simple", "json", "fields"):
            held = t.start("lock", "n", "-w", form)
            held.wait_lines(9 if form == "fields" else 1 if form == "json" else 2)
            out += [len(t.run("get", "n/", "--prefix", "--keys-only")[1].split()), held.end(number), t.keys("n/")]
    return out + [t.run("lock", "n", "-w", "table"), t.run("lock"), t.run("lock", "n", "--ttl", "x")]


@case("CTL-35 a second lock waits; a third gives up")
def _(t):
    first = t.start("lock", "o")
    first.wait_lines(2)
    second = t.start("lock", "o")
    out = [t.wait_keys("o/", 2)]
    third = t.start("lock", "o")
    out += [t.wait_keys("o/", 3), third.end(), t.wait_keys("o/", 2), len(second.lines)]
    out += [first.end(), len(second.wait_lines(2)), second.end(signal.SIGINT), t.keys("o/")]
    return out


@case("CTL-35 the session's TTL, and its end")
def _(t):
    held = t.start("lock", "p", "--ttl", "7")
    held.wait_lines(2)
    lease = json.loads(run(t.command(["get", "p/", "--prefix", "-w", "json"]), env=V3)[1])["kvs"][0]["lease"]
    granted = re.search(r"granted with TTL\((\d+)s\)", run(t.command(["lease", "timetolive", "%x" % lease]), env=V3)[1]).group(1)
    t.run("lease", "revoke", "%x" % lease)
    return [granted, held.end(None)]


@case("CTL-35 a lock whose session ends while a command runs")
def _(t):
    held = t.start("lock", "q", "--", "sh", "-c", "echo runs; sleep 0.5; echo still")
    held.wait_lines(1)
    lease = json.loads(run(t.command(["get", "q/", "--prefix", "-w", "json"]), env=V3)[1])["kvs"][0]["lease"]
    t.run("lease", "revoke", "%x" % lease)
    return [held.end(None)]


# --- elect

@case("CTL-36 elect: candidates one after the other, and an observer")
def _(t):
    observer = t.start("elect", "-l", "e")
    time.sleep(0.3)
    one = t.start("elect", "e", "one")
    out = [one.wait_lines(2)]
    two = t.start("elect", "e", "two", "-w", "json")
    out += [t.wait_keys("e/", 2), len(two.lines), one.end(), two.wait_lines(1)]
    out += [observer.wait_lines(4), two.end(signal.SIGINT), t.keys("e/"), observer.end()]
    return out


@case("CTL-36 an observer in fields; a candidate that is cancelled; a leader whose session has ended")
def _(t):
    one = t.start("elect", "f", "one")
    one.wait_lines(2)
    observer = t.start("elect", "--listen", "f", "-w", "fields")
    observer.wait_lines(12)
    two = t.start("elect", "f", "two")
    out = [t.wait_keys("f/", 2), two.end(signal.SIGINT), t.wait_keys("f/", 1)]
    pair = json.loads(run(t.command(["get", "f/", "--prefix", "-w", "json"]), env=V3)[1])["kvs"][0]
    import base64
    t.run("put", base64.b64decode(pair["key"]).decode(), "another", "--lease", "%x" % pair["lease"])
    observer.wait_lines(24)
    t.run("lease", "revoke", "%x" % pair["lease"])
    return out + [one.end(), observer.end()]


@case("CTL-36 elect's arguments")
def _(t):
    return [t.run("elect"), t.run("elect", "a"), t.run("elect", "-l", "a", "b"), t.run("elect", "a", "b", "c")]


# --- make-mirror

def mirrored(t, *flags, fill=(), then=(), prefix="", count=0, tls=False):
    """What the destination holds once it holds `count` keys, after a first copy and after changes."""
    target = Server(GO, flags=tls) if tls else Server(GO)
    destination = "127.0.0.1:%d" % target.client
    at = Tool(GOCTL, target)
    for words in fill:
        t.run(*words)
    mirror = t.start("make-mirror", *flags, destination)
    out = [at.wait_keys("", len(fill) if not count else count)]
    for words in then:
        t.run(*words)
    t.run("put", prefix + "last", "1")
    end = time.time() + 10
    while time.time() < end and "last" not in at.run("get", "", "--from-key", "--keys-only")[1]:
        time.sleep(0.03)
    out += [at.run("get", "", "--from-key"), mirror.process.poll()]
    mirror.end(signal.SIGKILL)
    for words in (["del", prefix, "--prefix"],):
        t.run(*words)
    target.kill()
    return out


FILL = [["put", "mm/%d" % i, "v%d" % i] for i in range(5)]
THEN = [["put", "mm/2", "new"], ["del", "mm/1"], ["put", "elsewhere", "x"], ["put", "mm/mm/5", "twice"]]


@case("CTL-40 make-mirror of a prefix")
def _(t):
    return mirrored(t, "--prefix", "mm/", fill=FILL, then=THEN, prefix="mm/")


@case("CTL-40 make-mirror to another prefix, and to the root")
def _(t):
    return [mirrored(t, "--prefix", "mm/", "--dest-prefix", "other/", fill=FILL, then=THEN, prefix="mm/"),
            mirrored(t, "--prefix", "mm/", "--no-dest-prefix", fill=FILL, then=THEN, prefix="mm/")]


@case("CTL-40 make-mirror of everything, in pages, to a prefix before each key")
def _(t):
    t.run("del", "", "--from-key")
    client = Client(t.server.endpoint)
    for i in range(2300):
        client.call("KV/Put", key=b"page/%05d" % i, value=b"%d" % i)
    client.close()
    result = mirrored(t, "--dest-prefix", "all/", count=2300, prefix="page/", then=[["del", "page/00001", "page/00100"]])
    return result


@case("CTL-40 make-mirror: a transaction stays one; what it refuses")
def _(t):
    target = Server(GO)
    at = Tool(GOCTL, target)
    mirror = t.start("make-mirror", "--prefix", "tx/", target.endpoint)
    time.sleep(0.3)
    subprocess.run(t.command(["txn"]), input=b"\nput tx/a 1\nput tx/b 2\n\n\n", stdout=subprocess.DEVNULL, env=V3)
    both = at.wait_keys("tx/", 2)
    revisions = {kv["mod_revision"] for kv in json.loads(run(at.command(["get", "tx/", "--prefix", "-w", "json"]), env=V3)[1])["kvs"]}
    mirror.end(signal.SIGKILL)
    t.run("del", "tx/", "--prefix")
    out = [both, len(revisions), t.run("make-mirror"), t.run("make-mirror", "a", "b"),
           t.run("make-mirror", "--dest-prefix", "x", "--no-dest-prefix", target.endpoint)]
    target.kill()
    return out


def authority(directory):
    """A self-made authority and a certificate of it for 127.0.0.1, made once."""
    os.makedirs(directory, exist_ok=True)
    path = lambda name: os.path.join(directory, name)
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=authority", "-keyout", path("ca.key"), "-out", path("ca.pem")], **quiet)
    subprocess.run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=member",
                    "-keyout", path("key.pem"), "-out", path("csr.pem")], **quiet)
    with open(path("ext"), "w") as f:
        f.write("subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n")
    subprocess.run(["openssl", "x509", "-req", "-in", path("csr.pem"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-CAcreateserial",
                    "-days", "2", "-extfile", path("ext"), "-out", path("cert.pem")], **quiet)
    return path


class Secure(Server):
    """A member that wants client certificates."""

    def __init__(self, binary, path):
        self.path = path
        super().__init__(binary, flags=["--cert-file", path("cert.pem"), "--key-file", path("key.pem"),
                                        "--trusted-ca-file", path("ca.pem"), "--client-cert-auth"], wait=False)
        with_tls = ["--cacert", path("ca.pem"), "--cert", path("cert.pem"), "--key", path("key.pem")]
        self.ctl = [GOCTL, "--endpoints", self.url] + with_tls
        end = time.time() + 20
        while time.time() < end and run(self.ctl + ["get", "x"], env=V3)[0] != 0:
            time.sleep(0.1)

    @property
    def url(self):
        return "https://127.0.0.1:%d" % self.client


@case("CTL-40 make-mirror to a member with TLS and client certificates")
def _(t):
    path = authority(scratch("tls"))
    target = Secure(GO, path)
    t.run("put", "tls/1", "1")
    tls = ["--dest-cacert", path("ca.pem"), "--dest-cert", path("cert.pem"), "--dest-key", path("key.pem")]
    mirror = t.start("make-mirror", "--prefix", "tls/", *tls, target.url)
    end = time.time() + 10
    while time.time() < end and "tls/1" not in run(target.ctl + ["get", "tls/", "--prefix"], env=V3)[1]:
        time.sleep(0.05)
    t.run("put", "tls/2", "2")
    time.sleep(0.2)
    out = [run(target.ctl + ["get", "tls/", "--prefix"], env=V3)[1], mirror.process.poll()]
    mirror.end(signal.SIGKILL)
    t.run("del", "tls/", "--prefix")
    out.append(t.run("make-mirror", "--dest-cacert", "/nowhere/ca.pem", target.url)[0])
    target.kill()
    return out


# --- check

@case("CTL-42, 43 check's arguments")
def _(t):
    t.run("put", "/etcdctl-check-perf/1", "1")
    t.run("put", "mine/1", "1")
    out = [t.run("check", "perf", "--load", "huge"), t.run("check", "perf"), t.run("check", "perf", "--prefix", "mine/"),
           t.run("check", "perf", "--load", ""), t.run("check", "datascale", "--load", "xlarge"),
           t.run("check", "datascale", "--prefix", "mine/"), t.run("check", "perf", "--auto-compact=x")]
    t.run("del", "/etcdctl-check-perf/1")
    t.run("del", "mine/1")
    return out


def counts_every_half_minute(ctl, server):
    """What make-mirror says of its progress."""
    target = Server(GO)
    t = Tool(ctl, server)
    prefix = "count %s/" % ctl
    for i in range(7):
        t.run("put", prefix + "%d" % i, "x")
    mirror = t.start("make-mirror", "--prefix", prefix, target.endpoint)
    lines = mirror.wait_lines(1, 40)
    mirror.end(signal.SIGKILL)
    target.kill()
    return lines


def one_line(server):
    """Both kinds of etcdctl and the Lock service wait in one line."""
    first = Tool(GOCTL, server).start("lock", "line")
    first.wait_lines(2)
    waiting = [first]
    for i, ctl in enumerate([OURCTL, GOCTL, OURCTL]):
        waiting.append(Tool(ctl, server).start("lock", "line"))
        Tool(GOCTL, server).wait_keys("line/", i + 2)
    import grpc
    channel = grpc.insecure_channel(server.endpoint)
    last = channel.unary_unary("/v3lockpb.Lock/Lock", request_serializer=lambda m: m.SerializeToString(),
                               response_deserializer=message("LockResponse").FromString).future(message("LockRequest")(name=b"line"), timeout=60)
    waits = Tool(GOCTL, server).wait_keys("line/", 5)
    held = []
    for i, process in enumerate(waiting):
        process.wait_lines(2)
        held.append([len(p.lines) for p in waiting[i + 1:]] + [last.done()])
        process.end()
    got = last.result().key.startswith(b"line/")
    channel.close()
    return waits, held, got


def check_perf(ctl, server):
    """The bar's first and last drawing, the lines beside it (the original's bar is drawn while they come), what is left behind."""
    tool = Tool(ctl, server)
    done = subprocess.run(tool.command(["check", "perf", "--auto-compact", "--auto-defrag"]), capture_output=True, timeout=120, env=V3)
    bars, lines = [], []
    for piece in re.split(r"[\r\n]", done.stdout.decode()):
        bar = re.match(r" \d+ / 60 +\d+\.\d\d%( [0-9hms]+)?", piece)
        bars += [bar.group()] if bar else []
        lines += [piece[bar.end():] if bar else piece]
    text = plain("\n".join(line for line in lines if line.strip()))
    text = re.sub(r"\d+\.\d+s", "TIME", re.sub(r"revision \d+", "revision N", text))
    text = re.sub(r"Throughput is 1[45]\d", "Throughput is 150", text)
    return done.returncode, bars[0], bars[-1], len(bars) > 250, text, plain(done.stderr.decode()), tool.keys("/etcdctl-check-perf/")


def check_datascale(ctl, server):
    tool = Tool(ctl, server)
    done = subprocess.run(tool.command(["check", "datascale", "--auto-compact", "--auto-defrag"]), capture_output=True, timeout=120, env=V3)
    text = re.sub(r"\r[^\r\n]*", "", done.stdout.decode())
    text = re.sub(r"-?\d+\.\d\d MB", "N MB", re.sub(r"revision \d+", "revision N", plain(text)))
    return done.returncode, [line for line in text.split("\n") if line], plain(done.stderr.decode()), tool.keys("/etcdctl-check-datascale/")


def play(ctl, server):
    tool = Tool(ctl, server)
    results = []
    for name, function in CASES:
        try:
            results.append((name, function(tool)))
        except Exception as error:  # a case that breaks is a result too
            results.append((name, "broke: %r" % (error,)))
    return results


def main():
    score = Score("tools")
    wants_perf = "perf" in sys.argv[1:]
    pairs = [(GOCTL, GO), (GOCTL, OURS), (OURCTL, GO), (OURCTL, OURS)]
    servers = [Server(binary) for _, binary in pairs]
    names = ["", "Debian's etcdctl on our member", "our etcdctl on Go's member", "our etcdctl on our member"]
    with concurrent.futures.ThreadPoolExecutor(9) as pool:
        spare = Server(OURS)
        counts = [pool.submit(counts_every_half_minute, ctl, spare) for ctl in (GOCTL, OURCTL)]
        played = [pool.submit(play, ctl, server) for (ctl, _), server in zip(pairs, servers)]
        played = [p.result() for p in played]
        counts = [c.result() for c in counts]
        spare.kill()
    for title, results in zip(names[1:], played[1:]):
        for (name, ours), (_, truth) in zip(results, played[0]):
            broke = isinstance(ours, str) and ours.startswith("broke")
            score.check("%s: %s" % (title, name), ours == truth and not broke, "\n   ours:   %r\n   theirs: %r" % (ours, truth))
    score.check("CTL-40 make-mirror counts each half minute", counts[0] == counts[1] == ["7"], counts)
    for title, server in (("ours", servers[1]), ("Go's", servers[0])):
        waits, held, got = one_line(server)
        score.check("CONC-10 both etcdctls and the Lock service in one line of " + title, waits and got and held == [[0, 0, 0, False], [0, 0, False], [0, False], [False]], held)
    truth = check_datascale(GOCTL, servers[0])
    for (ctl, _), server, title in zip(pairs[1:], servers[1:], names[1:]):
        score.equal("CTL-43 check datascale: " + title, check_datascale(ctl, server), truth)
    if wants_perf:
        truth = check_perf(GOCTL, servers[0])
        for (ctl, _), server, title in zip(pairs[1:], servers[1:], names[1:]):
            score.equal("CTL-42 check perf: " + title, check_perf(ctl, server), truth)
    for server in servers:
        server.kill()
    score.close()


main()
