"""The plain HTTP pages and the metrics: the same requests to Debian's etcd and to ours, status, header and body compared.

Rows HTTP-01 to HTTP-17 and MET-01 to MET-19 of the feature list. What Debian's 3.4.23 does not have yet (/livez, /readyz, reasons)
and what is ours alone (profiles, top prefixes) is held against the text that is expected.

usage: pages.py [part of a case's name ...]
"""
import http.client, re, shutil, ssl, sys, threading
from lib import *

need(OURS, "our etcd")
need(GO, "Debian's etcd-server")
CASES = []
# Fields that say when and how an answer was framed, not what it is.
UNTOLD = ("Date", "Content-Length", "Transfer-Encoding", "Connection")


def case(name):
    def add(function):
        CASES.append((name, function))
        return function
    return add


def ask(port, path, method="GET", headers=None, body=None, secure=False):
    """(status, {field: value}, body) of one request on a connection of its own; names of fields as they were sent."""
    if secure:
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=ssl._create_unverified_context())
    else:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, body=body, headers=headers or {})
    reply = connection.getresponse()
    text = reply.read()
    connection.close()
    return reply.status, dict(reply.getheaders()), text


def plain(answer, keep_length=True):
    """What two answers must agree on: no dates, no ids, no release."""
    status, fields, body = answer
    fields = {name: value for name, value in fields.items() if name not in UNTOLD or (keep_length and name == "Content-Length")}
    body = re.sub(rb"3\.4\.\d+(?=\",\"etcdcluster)", b"3.4.VV", body)
    if "X-Etcd-Cluster-Id" in fields:
        fields["X-Etcd-Cluster-Id"] = "ID"
        body = re.sub(rb"\"id\":\d+|127\.0\.0\.1:\d+", b"ID", body)
        fields.pop("Content-Length", None)
    body = re.sub(rb"\"Now\":\"[^\"]*\"", b"NOW", body)
    if b"NOW" in body:
        fields.pop("Content-Length", None)
    return status, fields, body


class Pair:
    """Both programs with the same flags; `ports` names further listeners by the flag's placeholder."""

    def __init__(self, *flags, binaries=(OURS, GO)):
        self.members = []
        for binary in binaries:
            ports = {}

            def fill(match):
                return str(ports.setdefault(match.group(1), free_port()))
            given = [re.sub(r"\{(\w+)\}", fill, flag) for flag in flags]
            member = Server(binary, flags=given, wait=False)
            member.ports = dict(ports, client=member.client, peer=member.peer)
            self.members.append(member)
        for member in self.members:
            end = time.time() + 20
            while time.time() < end:
                assert member.process.poll() is None, member.tail()
                try:
                    if ask(member.client, "/health", headers={"Host": "127.0.0.1"})[0] in (200, 421):
                        break
                except OSError:
                    time.sleep(0.02)
            # The cluster's version is decided a moment after the first leader.
            while time.time() < end and b"3.4.0" not in ask(member.peer, "/version")[2]:
                time.sleep(0.02)
        self.ours, self.go = self.members[0], self.members[-1]

    def compare(self, score, name, *arguments, port="client", keep_length=True, **more):
        answers = [plain(ask(m.ports[port], *arguments, **more), keep_length) for m in (self.ours, self.go)]
        score.equal("%s: %s %s" % (name, more.get("method", "GET"), arguments[0]), *answers)

    def end(self):
        for member in self.members:
            member.kill()


METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")


@case("HTTP-01, 02, 03, 09, 10, 15 pages of every port, by every method")
def _(score):
    pair = Pair("--listen-metrics-urls", "http://127.0.0.1:{metrics}")
    small = ["/version", "/health", "/health?exclude=NOSPACE", "/health?exclude=NOSPACE&exclude=CORRUPT", "/nothing", "/", "/version/",
             "//version", "/a/../version", "/%76ersion", "/debug", "/debug/requests", "/debug/events", "/debug/pprof", "/debug/pprof/",
             "/debug/pprof/profile", "/config", "/config/local/log", "/v1/keys", "/*"]
    for path in small:
        for method in METHODS:
            # A redirection to HEAD has no length in Go, ours says 0.
            pair.compare(score, "client port", path, method=method, keep_length=(method, path[:2]) not in (("HEAD", "//"), ("HEAD", "/a")))
    for path in ("/version", "/members", "/raft/probing", "/metrics", "/health", "/debug/vars", "/", "/nothing", "/config/local/log"):
        for method in METHODS:
            pair.compare(score, "peer port", path, method=method, port="peer", keep_length=method != "HEAD")
    for path in ("/health", "/version", "/debug/vars", "/debug/pprof/", "/members", "/", "/config/local/log"):
        for method in METHODS:
            pair.compare(score, "HTTP-08 metrics port", path, method=method, port="metrics")
    for port in ("client", "metrics"):
        for method in METHODS:
            answers = [ask(m.ports[port], "/metrics", method) for m in pair.members]
            score.equal("HTTP-07 %s /metrics on the %s port" % (method, port), *[plain((s, f, b""), False) for s, f, b in answers])
    for method in METHODS:
        answers = [ask(m.client, "/debug/vars", method) for m in pair.members]
        score.equal("HTTP-09 %s /debug/vars" % method, *[plain((s, f, b"" if method == "GET" else b), method != "GET") for s, f, b in answers])
    ours, theirs = [json.loads(ask(m.client, "/debug/vars")[2]) for m in pair.members]
    score.equal("HTTP-09 variables, in order", list(ours), list(theirs))
    score.equal("HTTP-09 fields of raft.status, in order", list(ours["raft.status"]), list(theirs["raft.status"]))
    score.equal("HTTP-09 raft.status", {k: ours["raft.status"][k] for k in ("term", "raftState", "leadtransferee")},
                {k: theirs["raft.status"][k] for k in ("term", "raftState", "leadtransferee")})
    score.equal("HTTP-09 progress of the leader itself", [list(p) for p in ours["raft.status"]["progress"].values()],
                [list(p) for p in theirs["raft.status"]["progress"].values()])
    score.equal("HTTP-09 descriptor limit", ours["file_descriptor_limit"], theirs["file_descriptor_limit"])
    score.equal("HTTP-09 cmdline", ours["cmdline"][0], OURS)
    score.check("HTTP-09 memstats", 0 < ours["memstats"]["Alloc"] <= ours["memstats"]["Sys"] and set(ours["memstats"]) <= set(theirs["memstats"]), ours["memstats"])
    # The pages of 3.4.29, on both ports.
    for port in (pair.ours.client, pair.ours.ports["metrics"]):
        for path, text in (("/livez", "ok\n"), ("/readyz", "ok\n"), ("/livez?verbose", "[+]serializable_read ok\nok\n"),
                           ("/readyz?verbose", "[+]data_corruption ok\n[+]serializable_read ok\n[+]linearizable_read ok\n[+]non_learner ok\nok\n"),
                           ("/readyz?verbose&exclude=linearizable_read&exclude=data_corruption", "[+]serializable_read ok\n[+]non_learner ok\nok\n"),
                           ("/livez?exclude=nothing", "ok\n"), ("/livez/serializable_read", "ok\n"), ("/readyz/data_corruption?verbose", "[+]data_corruption ok\nok\n"),
                           ("/readyz/linearizable_read", "ok\n"), ("/readyz/serializable_read", "ok\n"), ("/readyz/non_learner", "ok\n")):
            status, fields, body = ask(port, path)
            score.equal("HTTP-05, 06 " + path, (status, fields["Content-Type"], body.decode()), (200, "text/plain; charset=utf-8", text))
        score.equal("HTTP-05 /livez/nothing", ask(port, "/livez/nothing")[0], 404)
        score.equal("HTTP-05 POST /livez", (ask(port, "/livez", "POST")[0], ask(port, "/livez", "POST")[1].get("Allow")), (405, "GET"))
    status, fields, body = ask(pair.ours.client, "/health?serializable=true")
    score.equal("HTTP-04 serializable", (status, body), (200, b'{"health":"true","reason":""}'))
    score.equal("HTTP-04 not serializable, in the new form", ask(pair.ours.client, "/health?serializable=false")[2], b'{"health":"true","reason":""}')
    pair.end()


@case("HTTP-02, 03, 04, 06 health under alarms")
def _(score):
    pair = Pair()
    for alarm, name in ((1, "NOSPACE"), (2, "CORRUPT")):
        for member in pair.members:
            client = Client(member.endpoint)
            me = client.call("Maintenance/Status").header.member_id
            client.call("Maintenance/Alarm", action=1, memberID=me, alarm=alarm)
            client.close()
        for path in ("/health", "/health?exclude=" + name, "/health?exclude=" + name.lower(), "/health?exclude=", "/health?exclude=X&exclude=" + name, "/health?%65xclude=" + name):
            pair.compare(score, "alarm " + name, path)
        status, _, body = ask(pair.ours.client, "/health?serializable=true")
        score.equal("HTTP-04 reason of " + name, (status, body), (503, b'{"health":"false","reason":"ALARM %s"}\n' % name.encode()))
        status, _, body = ask(pair.ours.client, "/health?serializable=true&exclude=" + name)
        score.equal("HTTP-04 %s left out" % name, (status, body), (200, b'{"health":"true","reason":""}'))
        status, fields, body = ask(pair.ours.client, "/readyz")
        if alarm == 2:
            score.equal("HTTP-06 corrupt", (status, body.decode()),
                        (503, "[-]data_corruption failed: alarm activated: CORRUPT\n[+]serializable_read ok\n[+]linearizable_read ok\n[+]non_learner ok\n\n"))
            score.equal("HTTP-06 its own path", ask(pair.ours.client, "/readyz/data_corruption")[:1] + ask(pair.ours.client, "/readyz/data_corruption")[2:],
                        (503, b"[-]data_corruption failed: alarm activated: CORRUPT\n\n"))
            score.equal("HTTP-06 left out", ask(pair.ours.client, "/readyz?exclude=data_corruption")[0], 200)
            score.equal("HTTP-05 livez does not mind", ask(pair.ours.client, "/livez")[0], 200)
        else:
            score.equal("HTTP-06 a full store is ready", status, 200)
        for member in pair.members:
            client = Client(member.endpoint)
            me = client.call("Maintenance/Status").header.member_id
            client.call("Maintenance/Alarm", action=2, memberID=me, alarm=alarm)
            client.close()
    pair.compare(score, "alarms gone", "/health")
    counted = dict(re.findall(r"(etcd_server_health_(?:success|failures)) (\d+)", ask(pair.ours.client, "/metrics")[2].decode()))
    # Go forgets to count those under an alarm.
    score.equal("MET-04 failures are counted", int(counted["etcd_server_health_failures"]), 8)
    pair.end()


@case("HTTP-10 the level of the log")
def _(score):
    pair = Pair()
    for body in ('{"Level":"INFO"}', '{"level":"zz"}', '{"Level":5}', "{", "", '{"Level":"debug"} behind', "{}", "null", "[]", '{"Level":"a\\"<b"}', '{"Level":"T"}',
                 '{"LEVEL":"trace"}', '{"Level":null}', '{"Level":"WARNING","level":"error"}', '{"Level":"1"}', '{"Level":"notice"}', '"INFO"', '{"Level":"INFO"'):
        pair.compare(score, "level", "/config/local/log", method="PUT", body=body)
    score.equal("a body without end is cut off", ask(pair.ours.client, "/config/local/log", "PUT", body=" " * 100000)[0], 413)

    def lines(member):
        with open(member.log) as f:
            return f.read()

    def put(level):
        for member in pair.members:
            ask(member.client, "/config/local/log", "PUT", body='{"Level":"%s"}' % level)
    # A defragmentation is told at NOTICE in both.
    for level, is_seen in (("ERROR", False), ("DEBUG", True), ("CRITICAL", False), ("NOTICE", True)):
        put(level)
        before = [lines(m).count("finished defragmenting") for m in pair.members]
        for member in pair.members:
            client = Client(member.endpoint)
            client.call("Maintenance/Defragment")
            client.close()
        after = [lines(m).count("finished defragmenting") for m in pair.members]
        score.equal("after %s a line of NOTICE is seen" % level, [a > b for a, b in zip(after, before)], [is_seen, is_seen])
    score.equal("the change is told", *[re.findall(r"(N \| .*globalLogLevel set to .*)", lines(m)) for m in pair.members])
    pair.end()
    member = Server(OURS, flags=["--logger", "zap", "--log-outputs", "stderr"])
    ask(member.client, "/config/local/log", "PUT", body='{"Level":"ERROR"}')
    quiet = lines(member).count("\n")
    client = Client(member.endpoint)
    client.call("Maintenance/Defragment")
    score.equal("zap hears it too", lines(member).count("\n"), quiet)
    ask(member.client, "/config/local/log", "PUT", body='{"Level":"INFO"}')
    client.call("Maintenance/Defragment")
    score.check("and the way back", lines(member).count("\n") > quiet)
    member.kill()


@case("HTTP-11 requests and events with --debug")
def _(score):
    pair = Pair("--debug")
    for path in ("/debug/requests", "/debug/events"):
        for method in ("GET", "POST", "HEAD"):
            answers = [ask(m.client, path, method) for m in pair.members]
            score.equal("%s %s is there" % (method, path), *[a[0] for a in answers])
    Client(pair.ours.endpoint).call("KV/Put", key=b"a", value=b"b")
    text = ask(pair.ours.client, "/debug/requests")[2].decode()
    score.check("requests by method", "etcdserverpb.KV/Put 0 (1)" in text, text)
    pair.end()


@case("HTTP-13, 14 origins and hosts")
def _(score):
    pair = Pair("--cors", "http://a.example:80,https://b.example:8", "--host-whitelist", "localhost,etcd.example")
    hosts = {"Host": "localhost:%d" % 1}
    for path in ("/version", "/health", "/nothing", "/config/local/log"):
        for origin in (None, "http://a.example:80", "http://a.example", "https://b.example:8", "http://A.example:80", "http://c.example", "*", "null"):
            for method in ("GET", "OPTIONS", "PUT"):
                headers = dict(hosts, **({"Origin": origin} if origin else {}))
                pair.compare(score, "origin %s" % origin, path, method=method, headers=headers)
    for host in ("localhost", "localhost:99", "etcd.example", "ETCD.example", "127.0.0.1", "127.0.0.1:2379", "evil.example", "evil.example:2379", "[::1]:2379", "[::1]",
                 "localhost:::", "local:host:1", ""):
        answers = [ask(m.client, "/version", headers={"Host": host}) for m in pair.members]
        score.equal("host %r" % host, answers[0][0], answers[1][0])
        if answers[0][0] == 421:
            # The words are our own; what is compared is how they travel and what they name.
            ours, theirs = [plain(a, False) for a in answers]
            score.equal("host %r: fields" % host, ours[1], theirs[1])
            named = re.findall(rb"--host-whitelist (\"[^\"]*\")", theirs[2])
            score.equal("host %r: the flag is named" % host, re.findall(rb"--host-whitelist (\"[^\"]*\")", ours[2]), named)
    for port in ("peer",):
        pair.compare(score, "nobody asks on the %s port" % port, "/version", port=port, headers={"Host": "evil.example", "Origin": "http://a.example:80"})
    pair.end()
    pair = Pair("--listen-metrics-urls", "http://127.0.0.1:{metrics}")
    for port in ("client", "metrics", "peer"):
        for method in ("GET", "OPTIONS"):
            for path in ("/health", "/version", "/nothing"):
                pair.compare(score, "by default, %s port" % port, path, port=port, method=method, headers={"Host": "any.example", "Origin": "http://x.example"})
    pair.end()


@case("HTTP-16 the same by TLS, HTTP/1.1 and HTTP/2")
def _(score):
    members = []
    for binary in (OURS, GO):
        port, tls = free_port(), free_port()
        urls = "http://127.0.0.1:%d,https://127.0.0.1:%d" % (port, tls)
        member = Server(binary, flags=["--auto-tls", "--listen-client-urls", urls, "--advertise-client-urls", urls, "--host-whitelist", "localhost,127.0.0.1",
                                       "--listen-metrics-urls", "https://127.0.0.1:%d" % free_port()], wait=False)
        member.client, member.tls = port, tls
        members.append(member)
    for member in members:
        member.wait_ready()
        while b"3.4.0" not in ask(member.peer, "/version")[2]:
            time.sleep(0.02)
    for path, method in (("/version", "GET"), ("/health", "GET"), ("/nothing", "GET"), ("/version", "POST"), ("/version", "OPTIONS"), ("/config/local/log", "PUT"), ("//version", "GET")):
        answers = [plain(ask(m.tls, path, method, secure=True, body="{}" if method == "PUT" else None)) for m in members]
        score.equal("TLS, HTTP/1.1: %s %s" % (method, path), *answers)
        if shutil.which("curl"):
            def curl(member, *options):
                arguments = ["curl", "-s", "-k", "-i", "--path-as-is", "-X", method] + list(options) + (["-d", "{}"] if method == "PUT" else [])
                code, out, err = run(arguments + ["https://127.0.0.1:%d%s" % (member.tls, path)])
                head, _, body = out.replace("\r", "").partition("\n\n")
                lines = head.split("\n")
                return lines[0].strip(), sorted(l for l in lines[1:] if not l.startswith(("date", "Date"))), re.sub(r"3\.4\.\d+\",", "V", body)
            score.equal("TLS, HTTP/2: %s %s" % (method, path), *[curl(m, "--http2") for m in members])
    # A name in the Host field does not matter where a certificate proves it.
    score.equal("TLS: any host", *[ask(m.tls, "/version", headers={"Host": "other.example"}, secure=True)[0] for m in members])
    score.equal("no TLS: not any host", *[ask(m.client, "/version", headers={"Host": "other.example"})[0] for m in members])
    if shutil.which("curl"):
        # Go's cleartext port takes HTTP/2 for gRPC and nothing else; ours answers the pages there, too, and says 404 to the rest.
        for path, kind, wanted in (("/version", "application/json", "200"), ("/etcdserverpb.KV/Put", "application/json", "404"), ("/etcdserverpb.KV/Put", "text/plain", "404")):
            code, out, err = run(["curl", "-s", "-i", "--http2-prior-knowledge", "-H", "content-type: " + kind, "http://127.0.0.1:%d%s" % (members[0].client, path)])
            score.check("HTTP/2 without TLS: %s as %s" % (path, kind), out.startswith("HTTP/2 " + wanted), out + err)
    for member in members:
        member.kill()


@case("HTTP-17 slow clients are sent away")
def _(score):
    port, tls = free_port(), free_port()
    urls = "http://127.0.0.1:%d,https://127.0.0.1:%d" % (port, tls)
    member = Server(OURS, flags=["--auto-tls", "--listen-client-urls", urls, "--advertise-client-urls", urls], wait=False)
    member.client = port
    member.wait_ready()
    took = {}

    def hold(name, port, first):
        began = time.time()
        with socket.create_connection(("127.0.0.1", port)) as s:
            s.sendall(first)
            s.settimeout(20)
            try:
                while s.recv(4096):
                    pass
            except OSError:
                pass
        took[name] = time.time() - began
    threads = [threading.Thread(target=hold, args=a) for a in (("half a head", port, b"GET /version HTTP/1.1\r\nHost: a"), ("nothing", port, b""), ("half a handshake", tls, b"\x16\x03\x01"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, seconds in took.items():
        score.check("%s: ended after ten seconds" % name, 8 < seconds < 14, "%.1f s" % seconds)
    score.equal("others are served", member.get("/health"), '{"health":"true"}')
    member.kill()


def main():
    score = Score("pages")
    only = sys.argv[1:]
    for name, function in CASES:
        if only and not any(part in name for part in only):
            continue
        try:
            function(score)
        except Exception as error:  # one case that breaks off does not end the others
            score.check(name, False, "raised %r" % error)
    score.close()


main()
