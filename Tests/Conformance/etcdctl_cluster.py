"""etcdctl where more than one healthy member is needed, or less: three members of Go etcd of which one and then another
ends, a store that is full, TLS, and directories that nobody serves. Debian's etcdctl is the truth; our own commands
(`space`, `--bump-revision`) are held to what they promise.

usage: etcdctl_cluster.py [cluster|restart|full|tls|offline] ...
"""
import concurrent.futures, re
from etcdctl import CLEAN, V3, Place, Terminal, perform
from lib import *

need(GO, "Debian's etcd-server")
need(GOCTL, "Debian's etcd-client")
need(OURCTL, "our etcdctl")


def ctl(tool, *words, timeout=60):
    done = subprocess.run([tool, *words], capture_output=True, env={**CLEAN, **V3}, timeout=timeout)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


# Three members

CLUSTER = [
    "put a 1", "get a", "del a", "put a 1 --endpoints={e3}", "get a --endpoints={e2},{e1}", "get a --consistency=s --endpoints={e2}",
    "member list", "member list -w json", "member list -w fields", "endpoint status --cluster", "endpoint health --cluster",
    "endpoint hashkv --cluster", "endpoint status", "endpoint status -w json", "endpoint status -w fields", "endpoint status -w table",
    "endpoint health", "endpoint health -w json", "endpoint hashkv", "endpoint hashkv --cluster -w json --endpoints={e2}",
    "move-leader {follower} --endpoints={followers}", "move-leader 1234", "move-leader {follower}", "move-leader {leader} -w json",
    "alarm list", "alarm disarm", "compaction 3 --physical", "defrag", "defrag --cluster --endpoints={e1}", "snapshot save {f}",
    "snapshot save {f} --endpoints={e2}", "snapshot status {f} -w json", "lease grant 100", "lease list -w fields",
    "member add fourth --peer-urls=http://127.0.0.1:1", "member add fifth --learner --peer-urls=http://127.0.0.1:2",
    "member update {learner} --peer-urls=http://127.0.0.1:3", "member promote {learner}", "member remove {learner}", "member list",
    "END 3", "endpoint health", "endpoint status", "endpoint health --cluster --endpoints={e1}", "endpoint hashkv", "defrag",
    "get a --endpoints={e3},{e1}", "put a 2 --endpoints={e3},{e1}", "get a --endpoints={e1},{e3},{e2}", "endpoint status -w json",
    "move-leader {follower} --endpoints={e3} --command-timeout=500ms",
    "END 2", "get a --endpoints={e1} --command-timeout=700ms", "get a --consistency=s --endpoints={e1} --command-timeout=700ms",
    "put a 3 --endpoints={e1} --command-timeout=700ms", "endpoint health --command-timeout=700ms",
    "get a --consistency=s --endpoints={e2},{e1},{e3} --command-timeout=2s", "lease grant 10 --command-timeout=700ms",
    "member remove 1234 --command-timeout=700ms", "alarm list --command-timeout=700ms", "compaction 4 --command-timeout=700ms",
]


class Three:
    """Three members on loopback."""

    def __init__(self):
        ports = [(free_port(), free_port()) for _ in range(3)]
        initial = ",".join("m%d=http://127.0.0.1:%d" % (n, peer) for n, (_, peer) in enumerate(ports))
        self.members = []
        for number, (client, peer) in enumerate(ports):
            server = Server.__new__(Server)
            server.binary, server.name, server.data, server.log = GO, "m%d" % number, scratch("data"), scratch("log")
            server.client, server.peer, server.env, server.process = client, peer, None, None
            server.flags = ["--initial-cluster", initial]
            server.start(wait=False)
            self.members.append(server)
        for server in self.members:
            server.wait_ready()
        self.endpoints = [server.endpoint for server in self.members]
        statuses = [Client(endpoint).call("Maintenance/Status") for endpoint in self.endpoints]
        leader = statuses[0].leader
        ids = [status.header.member_id for status in statuses]
        # The leader is the first, so that it outlives the others.
        order = sorted(range(3), key=lambda n: ids[n] != leader)
        self.members = [self.members[n] for n in order]
        self.endpoints = [self.endpoints[n] for n in order]
        ids = [ids[n] for n in order]
        self.values = {"e1": self.endpoints[0], "e2": self.endpoints[1], "e3": self.endpoints[2], "leader": "%x" % ids[0],
                       "follower": "%x" % ids[1], "followers": ",".join(self.endpoints[1:])}

    def end(self):
        for server in self.members:
            server.kill()


def play_cluster(tool):
    three = Three()
    place = Place(three.members[0])
    place.values.update(three.values)
    all_endpoints = ",".join(three.endpoints)
    results = []
    for step in CLUSTER:
        if step.startswith("END"):
            three.members[int(step[4:]) - 1].kill()
            time.sleep(1.5)  # the others notice
            continue
        text = step if "--endpoints" in step else step + " --endpoints=" + all_endpoints
        _, _, _, code, out, err = perform(tool, place, text)
        if step.startswith("move-leader {follower}") and code == 0:
            time.sleep(0.5)
        # Members stand in the order of their ids, which are drawn; replies of all tell whose turn it was.
        tokens = sorted(re.split(r"[\n,\[\]{}]+", re.sub(r"\b\d+\b", "N", re.sub(r"\|", "\n", out))))
        # Whether the member or the client itself notices first that the time is over.
        lines = sorted(err.replace("rpc error: code = Unknown desc = context deadline", "context deadline").split("\n"))
        results.append((step, (code, tokens, lines)))
    three.end()
    return results


def cluster(score):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        theirs, ours = pool.map(play_cluster, (GOCTL, OURCTL))
    for (step, found), (_, truth) in zip(ours, theirs):
        score.equal("three members: %s" % step, found, truth)
    three = Three()
    all_endpoints = ",".join(three.endpoints)
    for number in range(50):
        ctl(OURCTL, "--endpoints", all_endpoints, "put", "/registry/pods/%d" % (number % 5), "x" * 1000)
    code, out, err = ctl(OURCTL, "--endpoints", three.endpoints[1], "space")
    score.check("three members: space finds all three by one", (code, err) == (0, "") and out.count(", m") == 3 and
                '"/registry/pods/", 5, ' in out, (code, out, err))
    code, out, err = ctl(OURCTL, "--endpoints", all_endpoints, "space", "recover")
    lines = out.split("\n")
    score.check("three members: space recover takes the leader last", (code, err) == (0, "") and lines[0].startswith("compacted at") and
                [line.split()[1][:-1] for line in lines[1:4]][2] == three.endpoints[0], (code, out, err))
    three.members[2].kill()
    code, out, err = ctl(OURCTL, "--endpoints", all_endpoints, "--command-timeout=1s", "space", "recover")
    score.check("three members: space recover goes on without a dead one and says so", code == 1 and out.count("defragmented") == 2 and
                err.count("Failed to defragment etcd member[") == 1, (code, out, err))
    code, out, err = ctl(OURCTL, "--endpoints", all_endpoints, "--command-timeout=1s", "space")
    score.check("three members: space shows what it can", code == 1 and '"/registry/pods/", 5' in out and out.count("unknown") == 0, (code, out, err))
    three.end()


# A member that goes and comes back

def restart(score):
    for binary in (GO, OURS):
        server = Server(binary)
        client = Client(server.endpoint)
        lease = client.call("Lease/LeaseGrant", TTL=30).ID
        watching = {tool: Terminal([tool, "--endpoints", server.endpoint, "watch", "r/", "--prefix"]) for tool in (GOCTL, OURCTL)}
        talking = {tool: Terminal([tool, "--endpoints", server.endpoint, "watch", "-i"]) for tool in (GOCTL, OURCTL)}
        for terminal in talking.values():
            terminal.type("watch r/1\nwatch r/ --prefix\n")
        keeping = {tool: Terminal([tool, "--endpoints", server.endpoint, "lease", "keep-alive", "%x" % lease]) for tool in (GOCTL, OURCTL)}
        for terminal in keeping.values():
            terminal.until("keepalived")
        time.sleep(1)  # the watches are there
        client.call("KV/Put", key=b"r/1", value=b"before")
        for terminal in [*watching.values(), *talking.values()]:
            terminal.until("before")
        server.kill()
        client.close()
        time.sleep(0.5)
        server.start()
        client = Client(server.endpoint)
        client.call("KV/Put", key=b"r/2", value=b"after")
        for kind, terminals in (("watch", watching), ("watch -i", talking)):
            for tool, terminal in terminals.items():
                terminal.until("after", 30)
                terminal.read(0.3)
                terminal.type("\x03")
            answers = {tool: terminal.end() for tool, terminal in terminals.items()}
            ours, theirs = ((code, sorted(out.split("PUT\n"))) for code, out, _ in (answers[OURCTL], answers[GOCTL]))
            score.equal("restart: %s goes on with %s, and loses and doubles nothing" % (kind, binary), ours, theirs)
        for tool, terminal in keeping.items():
            terminal.out = b""
            score.check("restart: %s of the lease goes on with %s" % (tool, binary), terminal.until("keepalived", 30))
            terminal.type("\x03")
            terminal.end()
        server.kill()


# A full store

def fill(server):
    client = Client(server.endpoint)
    for number in range(10_000):
        found = client.attempt("KV/Put", key=b"full/%d" % (number % 3), value=b"f" * 20_000)
        if found[0] == "error":
            return found[2]
    return None


def full(score):
    quota = ["--quota-backend-bytes", str(4 * 1024 * 1024)]
    answers = {}
    for tool in (GOCTL, OURCTL):
        server = Server(GO, flags=quota)
        score.equal("full: the store fills", fill(server), "etcdserver: mvcc: database space exceeded")
        place = Place(server)
        answers[tool] = [perform(tool, place, step)[3:] for step in (
            "put full/1 1", "get full/1 --keys-only", "alarm list -w json", "alarm list", "endpoint health", "endpoint health -w json",
            "endpoint status -w table", "lease grant 10", "txn", "alarm disarm", "alarm list", "put full/1 1", "alarm list")]
        server.kill()
    for number, (ours, theirs) in enumerate(zip(answers[OURCTL], answers[GOCTL])):
        plain = lambda answer: tuple(re.sub(r"memberID:\d+|\"memberID\":\d+", "ID", str(part)) for part in answer)
        score.equal("full: step %d" % number, plain(ours), plain(theirs))
    for binary in (GO, OURS):
        server = Server(binary, flags=quota)
        fill(server)
        code, out, err = ctl(OURCTL, "--endpoints", server.endpoint, "space")
        score.check("full: space shows the alarm and the quota of %s" % binary, code == 0 and "NOSPACE" in out and ", 4.2 MB, " in out, (code, out, err))
        before = out
        code, out, err = ctl(OURCTL, "--endpoints", server.endpoint, "space", "recover", "--dry-run")
        score.check("full: the dry run names the alarm", code == 0 and "would disarm the NOSPACE alarm of member" in out, (code, out, err))
        score.check("full: and changes nothing", ctl(OURCTL, "--endpoints", server.endpoint, "put", "x", "1")[0] == 1)
        code, out, err = ctl(OURCTL, "--endpoints", server.endpoint, "space", "recover")
        score.check("full: space recover makes room on %s" % binary, code == 0 and
                    ("disarmed the NOSPACE alarm" in out or binary == OURS), (code, out, err))  # ours may have done it itself
        score.equal("full: writes go on", ctl(OURCTL, "--endpoints", server.endpoint, "put", "x", "1")[:2], (0, "OK\n"))
        code, out, err = ctl(OURCTL, "--endpoints", server.endpoint, "space", "-w", "json")
        found = json.loads(out)
        score.check("full: the live keys remain", found["keys"] == 4 and 60_000 <= found["liveBytes"] < 61_000 and
                    found["members"][0]["dbSize"] < 2_000_000 and not found["members"][0]["alarms"], (found, before))
        server.kill()
    server = Server(GO)
    client = Client(server.endpoint)
    for number in range(20):
        client.call("KV/Put", key=b"live/%d" % number, value=b"f" * 100_000)
    client.close()
    server.stop()
    server.flags = ["--quota-backend-bytes", str(1024 * 1024)]  # less than what lives
    server.start()
    client = Client(server.endpoint)
    client.attempt("KV/Put", key=b"live/x", value=b"f")
    end = time.time() + 10
    while time.time() < end and not client.call("Maintenance/Alarm").alarms:  # it is on its way through the log
        time.sleep(0.05)
    code, out, err = ctl(OURCTL, "--endpoints", server.endpoint, "space", "recover")
    score.check("full: an alarm that would come back stays", code == 1 and re.search("stays: .* still reach its quota of 1.0 MB", err), (code, out, err))
    server.kill()


# TLS

def certificates():
    folder = scratch("pki")
    os.makedirs(folder)

    def run_openssl(*words):
        subprocess.check_call(["openssl", *words], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    for authority in ("ca", "other"):
        run_openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=" + authority, "-keyout", authority + ".key", "-out", authority + ".pem")
    for name, san in (("server", "IP:127.0.0.1,DNS:localhost"), ("client", "DNS:client"), ("stranger", "IP:127.0.0.2")):
        with open(os.path.join(folder, "ext"), "w") as file:
            file.write("subjectAltName=%s\n" % san)
        run_openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" + name, "-keyout", name + ".key", "-out", name + ".csr")
        run_openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "ext", "-out", name + ".pem")
    return folder


class Secure(Server):
    """A member behind TLS."""
    def arguments(self):
        return [word.replace("http://127.0.0.1:%d" % self.client, self.secure_url) for word in super().arguments()]

    @property
    def secure_url(self):
        return "https://127.0.0.1:%d" % self.client

    def wait_ready(self, seconds=20):
        end = time.time() + seconds
        while time.time() < end:
            try:
                socket.create_connection(("127.0.0.1", self.client), 1).close()
                time.sleep(1.5)
                return
            except OSError:
                time.sleep(0.05)


TLS = [
    "put a 1 --cacert={pki}/ca.pem --cert={pki}/client.pem --key={pki}/client.key",
    "get a --cacert={pki}/ca.pem --cert={pki}/client.pem --key={pki}/client.key",
    "get a --cacert={pki}/ca.pem --cert={pki}/client.pem --key={pki}/client.key --endpoints=https://{e}",
    "get a --cacert={pki}/ca.pem --cert={pki}/client.pem --key={pki}/client.key --endpoints=https://localhost:{port}",
    "get a --cert={pki}/client.pem --key={pki}/client.key --insecure-skip-tls-verify",
    "get a --cert={pki}/client.pem --key={pki}/client.key --insecure-skip-tls-verify --insecure-transport=false",
    "endpoint health --cacert={pki}/ca.pem --cert={pki}/client.pem --key={pki}/client.key",
    "endpoint status --cacert={pki}/ca.pem --cert={pki}/client.pem --key={pki}/client.key --cluster -w json",
    "get a --cacert={pki}/other.pem --cert={pki}/client.pem --key={pki}/client.key --command-timeout=400ms",
    "get a --cacert={pki}/ca.pem --command-timeout=400ms", "get a --insecure-transport=false --command-timeout=400ms",
    "get a --command-timeout=400ms", "get a --endpoints=https://{e} --command-timeout=400ms", "get a --endpoints=http://{e} --cacert={pki}/ca.pem --command-timeout=400ms",
    "get a --cert={pki}/client.pem", "get a --key={pki}/client.key", "get a --cert={pki}/client.pem --key={pki}/server.key",
    "get a --cacert={pki}/client.key", "get a --cert={pki}/client.key --key={pki}/client.pem", "get a --cacert={pki}",
    ("get a", None, {"ETCDCTL_CACERT": "{pki}/ca.pem", "ETCDCTL_CERT": "{pki}/client.pem", "ETCDCTL_KEY": "{pki}/client.key"}),
    ("get a --cert={pki}/client.pem", None, {"ETCDCTL_CACERT": "{pki}/ca.pem", "ETCDCTL_CERT": "{pki}/client.pem", "ETCDCTL_KEY": "{pki}/client.key"}),
    "endpoint health --cacert={pki}/other.pem --command-timeout=400ms", "member list --cacert={pki}/other.pem --command-timeout=400ms",
    "snapshot save {f} --cacert={pki}/ca.pem --cert={pki}/client.pem --key={pki}/client.key",
]


def tls(score):
    folder = certificates()
    flags = ["--cert-file", folder + "/server.pem", "--key-file", folder + "/server.key", "--trusted-ca-file", folder + "/ca.pem", "--client-cert-auth"]
    for binary in (GO, OURS):
        server = Secure(binary, flags=flags)
        answers = {}
        for tool in (GOCTL, OURCTL):
            place = Place(server)
            place.values.update(pki=folder, port=str(server.client))
            answers[tool] = [perform(tool, place, step) for step in TLS]
        for ours, theirs in zip(answers[OURCTL], answers[GOCTL]):
            # Which library found fault with a file is told in its own words.
            words = lambda answer: (answer[3], answer[4], re.sub(r"Error: (tls|open|could not|failed|.*(pem|key|certificate|PEM|read|FILE)).*", "Error: FILE", answer[5]))
            score.equal("TLS on %s: %s %s" % (binary, ours[0], ours[2] or ""), words(ours), words(theirs))
        code, out, err = ctl(OURCTL, "--endpoints", server.endpoint, "--cacert", folder + "/ca.pem", "--cert", folder + "/client.pem", "--key", folder + "/client.key", "space")
        score.check("TLS on %s: space reaches the metrics" % binary, code == 0 and "unknown" not in out and ", 2.1 GB, " in out, (code, out, err))
        server.kill()


# Without a member

def offline(score):
    for source in (GO, OURS):
        server = Server(source)
        client = Client(server.endpoint)
        for number in range(300):
            last = client.call("KV/Put", key=b"off/%d" % (number % 20), value=b"v%d" % number + b"o" * 3000).header.revision
        file = scratch("snap")
        score.equal("offline: saved from %s" % source, ctl(OURCTL, "--endpoints", server.endpoint, "snapshot", "save", file)[0], 0)
        client.call("KV/Compact", revision=last, physical=True)
        code, out, err = ctl(OURCTL, "defrag", "--data-dir", server.data)
        score.check("offline: the store of a running %s is refused" % source, code == 1 and out == "" and "in use by another process" in err, (code, out, err))
        server.stop()
        size = os.path.getsize(server.data + "/member/snap/db")
        score.equal("offline: defrag of the directory of %s" % source, ctl(OURCTL, "defrag", "--data-dir", server.data), (0, "", ""))
        score.check("offline: it takes less", os.path.getsize(server.data + "/member/snap/db") < size / 2)
        server.start()
        again = Client(server.endpoint).call("KV/Range", key=b"off/", range_end=b"off0")
        score.check("offline: and %s goes on with it" % source, again.count == 20 and again.header.revision == last)
        server.kill()
        for binary in (GO, OURS):
            port = free_port()
            data = scratch("restored")
            words = ["snapshot", "restore", file, "--data-dir", data, "--bump-revision", "1000000", "--mark-compacted",
                     "--initial-cluster", "default=http://127.0.0.1:%d" % port, "--initial-advertise-peer-urls", "http://127.0.0.1:%d" % port]
            score.equal("offline: restored with a bump", ctl(OURCTL, *words)[:2], (0, ""))
            restored = Server.__new__(Server)
            restored.binary, restored.name, restored.data, restored.log = binary, "default", data, scratch("log")
            restored.client, restored.peer, restored.env, restored.process, restored.flags = free_port(), port, None, None, []
            restored.start()
            client = Client(restored.endpoint)
            reply = client.call("KV/Range", key=b"\x00", range_end=b"\x00")
            score.check("offline: %s has all keys of %s behind the bump" % (binary, source), (reply.count, reply.header.revision) == (20, last + 1_000_000),
                        (reply.count, reply.header.revision, last))
            old = client.attempt("KV/Range", key=b"off/1", revision=last)
            score.equal("offline: older revisions are gone", old[-1], "etcdserver: mvcc: required revision has been compacted")
            score.equal("offline: the next revision follows", client.call("KV/Put", key=b"a", value=b"1").header.revision, last + 1_000_001)
            code, out, _ = ctl(OURCTL, "--endpoints", restored.endpoint, "watch", "off", "--rev", str(last), timeout=20)
            score.equal("offline: a watcher of before is told", code, 5)
            restored.stop()
            restored.start()
            score.equal("offline: and it starts again", Client(restored.endpoint).call("KV/Range", key=b"off/", range_end=b"off0").count, 20)
            restored.kill()


def main():
    parts = sys.argv[1:] or ["cluster", "restart", "full", "tls", "offline"]
    score = Score("etcdctl_cluster")
    pb()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(globals()[part], score) for part in parts]:
            future.result()
    score.close()


if __name__ == "__main__":
    main()
