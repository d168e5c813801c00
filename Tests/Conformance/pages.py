"""The plain HTTP pages and the metrics: the same requests to Debian's etcd and to ours, status, header and body compared.

Rows HTTP-01 to HTTP-17 and MET-01 to MET-19 of the feature list. What Debian's 3.4.23 does not have yet (/livez, /readyz, reasons)
and what is ours alone (profiles, top prefixes) is held against the text that is expected.

usage: pages.py [part of a case's name ...]
"""
import http.client, re, shutil, ssl, struct, sys, threading
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


# --- Metrics

class Family:
    def __init__(self, kind, help):
        self.kind, self.help, self.labels, self.bounds, self.values = kind, help, set(), [], {}


def families(text):
    """A page of metrics read by the rules of Prometheus' text format; anything else on it raises."""
    found, current, help = {}, None, None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            _, _, name, help = line.split(" ", 3)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in found, "%s stands twice" % name
            current, found[name] = name, Family(kind, help)
        else:
            match = re.fullmatch(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\.)*",?)*)\})? ([^ ]+)', line)
            assert match, "no sample: %r" % line
            name, labels, value = match.groups()
            family = found[current]
            suffix = name[len(current):]
            assert name.startswith(current) and suffix in ({"histogram": ("_bucket", "_sum", "_count"), "summary": ("", "_sum", "_count")}.get(family.kind, ("",))), line
            pairs = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels or ""))
            bound = pairs.pop("le", None)
            if bound is not None and bound not in family.bounds:
                family.bounds.append(bound)
            family.labels.add((suffix, tuple(sorted(pairs))))
            key = (suffix, tuple(sorted(pairs.items())), bound)
            assert key not in family.values, "%s stands twice" % line
            family.values[key] = float(value)
    for name, family in found.items():
        if family.kind == "histogram":
            check_histogram(name, family)
    return found


def check_histogram(name, family):
    """Buckets rise, and the last is the count."""
    series = {}
    for (suffix, labels, bound), value in family.values.items():
        series.setdefault(labels, {})[suffix, bound] = value
    for labels, values in series.items():
        counts = [values["_bucket", bound] for bound in family.bounds]
        assert counts == sorted(counts) and counts[-1] == values["_count", None] and family.bounds[-1] == "+Inf", (name, labels, counts)


# What Go's run time has and this program has not, as docs/differences.md says.
NOT_OURS = re.compile(r"go_gc_duration_seconds|go_memstats_(alloc_bytes_total|buck_hash_sys_bytes|frees_total|gc_sys_bytes|heap_objects|heap_released_bytes|last_gc_time_seconds"
                      r"|lookups_total|mallocs_total|mcache_\w+|mspan_\w+|next_gc_bytes|other_sys_bytes|stack_\w+)$")
OWN_HELP = re.compile(r"go_|etcd_server_go_version$")


def exercise(member):
    """The same work for both: every kind of request, some that fail, a watch, a lease."""
    c = Client(member.endpoint)
    for i in range(20):
        c.call("KV/Put", key=b"/m/k/%d" % i, value=b"v" * 100)
    c.call("KV/Range", key=b"/m/k/", range_end=b"/m/k0")
    c.call("KV/Range", key=b"/m/k/1", serializable=True)
    c.attempt("KV/Range", key=b"")
    c.attempt("KV/Put", key=b"", value=b"x")
    txn = message("TxnRequest")()
    txn.success.add().request_put.CopyFrom(message("PutRequest")(key=b"/m/t/1", value=b"1"))
    txn.success.add().request_range.CopyFrom(message("RangeRequest")(key=b"/m/t/1"))
    c.call("KV/Txn", txn)
    c.call("KV/DeleteRange", key=b"/m/k/3")
    c.call("Lease/LeaseGrant", ID=5, TTL=100)
    c.attempt("Lease/LeaseGrant", ID=5, TTL=100)
    c.call("Lease/LeaseGrant", ID=6, TTL=3000000)
    list(c.stream("Lease/LeaseKeepAlive", iter([message("LeaseKeepAliveRequest")(ID=5)])))
    c.call("Lease/LeaseRevoke", ID=5)
    c.call("KV/Compact", revision=10, physical=True)
    c.call("Maintenance/Hash")
    c.call("Maintenance/HashKV", revision=0)
    c.call("Maintenance/Status")
    c.call("Maintenance/Defragment")
    c.call("Cluster/MemberList")
    for _ in c.download("Maintenance/Snapshot", message("SnapshotRequest")()):
        pass
    ending = threading.Event()

    def requests():
        create = message("WatchRequest")()
        create.create_request.key = b"/m/w/"
        create.create_request.range_end = b"/m/w0"
        yield create
        ending.wait(20)
    replies = c.stream("Watch/Watch", requests())
    next(replies)
    c.call("KV/Put", key=b"/m/w/1", value=b"1")
    next(replies)
    c.call("KV/Put", key=b"/m/old", value=b"1", metadata=(("client-api-version", "3.4"),))
    text = ask(member.client, "/metrics")[2].decode()
    ending.set()
    replies.cancel()
    c.close()
    return text


# Values that must agree after the same work: name, and labels where one line is meant.
SAME_VALUES = [
    "etcd_server_has_leader", "etcd_server_is_leader", "etcd_server_is_learner", "etcd_server_leader_changes_seen_total", "etcd_server_heartbeat_send_failures_total",
    "etcd_server_slow_read_indexes_total", "etcd_server_read_indexes_failed_total", "etcd_server_proposals_pending", "etcd_server_proposals_failed_total",
    "etcd_server_quota_backend_bytes", "etcd_server_snapshot_apply_in_progress_total", "etcd_server_learner_promote_successes", "etcd_cluster_version",
    "etcd_server_client_requests_total", "etcd_network_client_grpc_received_bytes_total", "etcd_mvcc_put_total", "etcd_mvcc_delete_total", "etcd_mvcc_txn_total",
    "etcd_debugging_mvcc_put_total", "etcd_debugging_mvcc_delete_total", "etcd_debugging_mvcc_txn_total", "etcd_debugging_mvcc_keys_total",
    "etcd_debugging_mvcc_watch_stream_total", "etcd_debugging_mvcc_watcher_total", "etcd_debugging_mvcc_slow_watcher_total", "etcd_debugging_mvcc_pending_events_total",
    "etcd_debugging_mvcc_current_revision", "etcd_debugging_mvcc_compact_revision", "etcd_debugging_mvcc_total_put_size_in_bytes", "etcd_debugging_mvcc_events_total",
    "etcd_debugging_mvcc_db_compaction_keys_total", "etcd_debugging_lease_granted_total", "etcd_debugging_lease_revoked_total", "etcd_debugging_lease_renewed_total",
    "etcd_debugging_lease_ttl_total", "etcd_debugging_server_lease_expired_total", "etcd_debugging_auth_revision", "grpc_server_started_total", "grpc_server_handled_total",
    "grpc_server_msg_received_total", "grpc_server_msg_sent_total", "os_fd_limit", "process_max_fds", "process_virtual_memory_max_bytes",
]
# Counts of these histograms must agree, whatever the times were.
SAME_COUNTS = ["etcd_disk_backend_defrag_duration_seconds", "etcd_disk_backend_snapshot_duration_seconds", "etcd_mvcc_hash_duration_seconds",
               "etcd_mvcc_hash_rev_duration_seconds", "etcd_debugging_mvcc_db_compaction_total_duration_milliseconds"]


@case("MET-01 to MET-18 the page of metrics")
def _(score):
    pair = Pair("--metrics", "extensive")
    ours, theirs = [families(exercise(m)) for m in pair.members]
    for name, wanted in sorted(theirs.items()):
        if NOT_OURS.match(name):
            score.check("MET-17 %s is not ours" % name, name not in ours)
            continue
        if not score.check("%s is there" % name, name in ours):
            continue
        mine = ours[name]
        score.equal("%s: type" % name, mine.kind, wanted.kind)
        score.check("%s: labels" % name, wanted.labels <= mine.labels, (wanted.labels, mine.labels))
        score.equal("%s: buckets" % name, mine.bounds, wanted.bounds)
        if not OWN_HELP.match(name):
            score.equal("%s: help" % name, mine.help, wanted.help)
    methods = {labels for _, labels, _ in theirs["grpc_server_started_total"].values}
    score.check("MET-11 zero-filled for every method of Go's", methods <= {labels for _, labels, _ in ours["grpc_server_started_total"].values})
    for name in SAME_VALUES:
        wanted = theirs[name].values
        for key in sorted(wanted, key=repr):
            if key[0] == "_sum" or name.startswith("grpc_server") and wanted[key] == 0:
                continue
            score.equal("value of %s %s" % (name, key), ours[name].values.get(key), wanted[key])
    for name in SAME_COUNTS:
        score.equal("count of %s" % name, ours[name].values["_count", (), None], theirs[name].values["_count", (), None])
    sent = [f["etcd_network_client_grpc_sent_bytes_total"].values["", (), None] for f in (ours, theirs)]
    score.check("MET-08 bytes to clients: what is left when the snapshots differ in size", all(v > 20000 for v in sent), sent)
    value = lambda name: next(iter(ours[name].values.values()))
    for name in ("etcd_disk_wal_write_bytes_total", "etcd_mvcc_db_total_size_in_bytes", "etcd_mvcc_db_total_size_in_use_in_bytes", "etcd_mvcc_db_open_read_transactions",
                 "process_cpu_seconds_total", "process_open_fds", "os_fd_used", "process_resident_memory_bytes", "process_virtual_memory_bytes", "process_start_time_seconds",
                 "go_goroutines", "go_threads", "go_memstats_alloc_bytes", "go_memstats_sys_bytes", "etcd_debugging_mvcc_db_compaction_last", "etcd_network_client_connections",
                 "etcd_server_proposals_committed_total", "etcd_server_proposals_applied_total"):
        score.check("%s says something" % name, value(name) > 0, value(name))
    for name in ("etcd_disk_wal_fsync_duration_seconds", "etcd_disk_wal_write_duration_seconds", "etcd_disk_backend_commit_duration_seconds", "etcd_server_range_duration_seconds"):
        score.check("%s is observed" % name, ours[name].values["_count", (), None] > 0)
    applied = {dict(labels)["op"] for suffix, labels, _ in ours["etcd_server_apply_duration_seconds"].values}
    score.check("MET-18 applied operations", {"Put", "Txn", "DeleteRange", "Compaction", "LeaseGrant", "LeaseRevoke"} <= applied, applied)
    score.check("process_open_fds is about right", abs(value("process_open_fds") - len(os.listdir("/proc/%d/fd" % pair.ours.process.pid))) <= 3)
    score.check("process_start_time_seconds is about right", 0 <= time.time() - value("process_start_time_seconds") < 60)
    ask(pair.ours.client, "/livez")
    checks = families(ask(pair.ours.client, "/metrics")[2].decode())
    score.equal("MET-18 healthchecks", checks["etcd_server_healthchecks_total"].values.get(("", (("name", "serializable_read"), ("status", "success"), ("type", "livez")), None)), 1)
    pair.end()
    basic = Server(OURS)
    score.equal("MET-11 no times of calls by default", families(basic.get("/metrics"))["grpc_server_handling_seconds"].values, {})
    basic.kill()


@case("MET-02 slow requests are counted and named, --experimental-warning-apply-duration")
def _(score):
    pair = Pair("--experimental-warning-apply-duration", "1ns")
    lines = []
    for member in pair.members:
        before = families(member.get("/metrics"))["etcd_server_slow_apply_total"].values["", (), None]
        c = Client(member.endpoint)
        c.call("KV/Put", key=b"/slow/\x01\"a\\", value=b"12345")
        c.call("KV/Put", key=b"/slow/b", value=b"", prev_kv=True)
        c.call("KV/Range", key=b"/slow/", range_end=b"/slow0", limit=7, keys_only=True)
        c.call("KV/Range", key=b"/slow/b", serializable=True, sort_order=2)
        c.call("KV/DeleteRange", key=b"/slow/b", prev_kv=True)
        c.call("Lease/LeaseGrant", ID=77, TTL=60)
        c.call("Lease/LeaseRevoke", ID=77)
        c.close()
        after = families(member.get("/metrics"))["etcd_server_slow_apply_total"].values["", (), None]
        score.equal("etcd_server_slow_apply_total of " + member.binary, after - before, 7)
        with open(member.log) as f:
            named = re.findall(r'W \| etcdserver: ((?:read-only range )?request "(?:[^"\\]|\\.)*") with result "[^"]*" took too long \([\d.]+[mµn]?s\) to execute', f.read())
        lines.append([re.sub(r"ID:\d+", "ID:N", line) for line in named if "/slow/" in line or "lease_" in line])
    score.equal("the lines", *lines)
    pair.end()
    member = Server(OURS, flags=["--logger", "zap", "--log-outputs", "stderr", "--experimental-warning-apply-duration", "1ns"])
    Client(member.endpoint).call("KV/Put", key=b"a", value=b"b")
    with open(member.log) as f:
        line = [json.loads(l) for l in f if "took too long" in l and 'put:<key' in l][-1]
    score.equal("zap: the line", (line["level"], line["msg"], line["expected-duration"], line["prefix"]), ("warn", "apply request took too long", "1ns", ""))
    score.check("zap: the request", re.match(r'header:<ID:\d+ > put:<key:"a" value_size:1 >', line["request"]) is not None, line)
    member.kill()
    quiet = Server(OURS)
    Client(quiet.endpoint).call("KV/Put", key=b"a", value=b"b")
    score.equal("by default nothing is slow", families(quiet.get("/metrics"))["etcd_server_slow_apply_total"].values["", (), None], 0)
    quiet.kill()


@case("MET-19 boards and alerts ask for what there is")
def _(score):
    member = Server(OURS, flags=["--metrics", "extensive", "--auto-tls"])
    there = families(member.get("/metrics"))
    member.kill()
    names = set(there) | {name + suffix for name, f in there.items() if f.kind == "histogram" for suffix in ("_bucket", "_sum", "_count")}
    board = json.load(open(os.path.join(ROOT, "configs", "grafana", "etcd.json")))
    asked = [t["expr"] for p in board["panels"] for t in p.get("targets", [])] + [v["query"] for v in board["templating"]["list"]]
    rules = open(os.path.join(ROOT, "configs", "prometheus", "alerts.yml")).read()
    pattern = re.compile(r"\b(?:etcd|grpc_server|process|go|os|promhttp)_[a-z0-9_]+")
    for what, texts in (("the board", asked), ("the alerts", [line for line in rules.splitlines() if not line.startswith("#")])):
        found = {name for text in texts for name in pattern.findall(text)}
        score.check("%s: metrics are asked for" % what, len(found) > 12, found)
        for name in sorted(found):
            score.check("%s: %s is there" % (what, name), name in names)
    ids = [p["id"] for p in board["panels"]]
    score.check("the board: ids are unique, and every panel has its place", len(ids) == len(set(ids)) and all("gridPos" in p for p in board["panels"]))
    alerts = set(re.findall(r"- alert: (\w+)", rules))
    for name in ("etcdMembersDown", "etcdInsufficientMembers", "etcdNoLeader", "etcdHighNumberOfLeaderChanges", "etcdHighNumberOfFailedGRPCRequests", "etcdGRPCRequestsSlow",
                 "etcdMemberCommunicationSlow", "etcdHighNumberOfFailedProposals", "etcdHighFsyncDurations", "etcdHighCommitDurations", "etcdDatabaseQuotaLowSpace",
                 "etcdExcessiveDatabaseGrowth", "etcdDatabaseHighFragmentationRatio"):
        score.check("alert %s" % name, name in alerts)
    if shutil.which("promtool"):
        code, out, err = run(["promtool", "check", "rules", os.path.join(ROOT, "configs", "prometheus", "alerts.yml")])
        score.check("promtool reads the alerts", code == 0, out + err)
    else:
        print("SKIPPED: promtool of prometheus is missing (alerts are not parsed)")


# --- Profiles, ours alone

@case("HTTP-12 profiles that independent tools read")
def _(score):
    pair = Pair("--enable-pprof")
    member = pair.ours
    for path in ("/debug/pprof", "/debug/pprof/", "/debug/pprof/cmdline", "/debug/pprof/heap?debug=1", "/debug/pprof/goroutine?debug=1", "/debug/pprof/symbol", "/debug/pprof/nothing"):
        answers = [ask(m.client, path) for m in pair.members]
        score.equal("%s: status" % path, *[a[0] for a in answers])
    score.equal("cmdline", ask(member.client, "/debug/pprof/cmdline")[2].decode().split("\0"), member.arguments())
    for name in ("allocs", "block", "mutex", "threadcreate", "trace"):
        status, fields, body = ask(member.client, "/debug/pprof/" + name)
        score.check("%s says why there is none" % name, status == 404 and body.startswith(name.encode() + b": "), body)
    head = ask(member.client, "/debug/pprof/heap")[2].decode().splitlines()[0]
    score.check("heap: pprof's head", re.fullmatch(r"heap profile: 0: (\d+) \[0: \1\] @ heapprofile", head) is not None, head)
    dump = ask(member.client, "/debug/pprof/goroutine")[2].decode()
    names = re.findall(r'^thread \d+ "([^"]*)" \[(\w)\]', dump, re.M)
    score.check("threads by name", {"etcd-disk", "commit"} <= {n for n, _ in names}, dump)
    score.check("the loop's own stack", len(re.findall(r"^\t0x[0-9a-f]+ \S+\+0x", dump, re.M)) > 10, dump)
    symbol = int(re.search(r"\t0x([0-9a-f]+) libc\.so\.6\S* (\w+)", dump + "\t0x0 libc.so.6 none").group(1), 16)
    text = ask(member.client, "/debug/pprof/symbol", "POST", body="0x%x+0x1" % symbol)[2].decode()
    score.check("symbol: names of what the loader knows", text.startswith("num_symbols: 1\n") and (symbol == 0 or "0x%x " % symbol in text), text)
    score.equal("seconds out of bounds", ask(member.client, "/debug/pprof/profile?seconds=9999")[0], 400)

    ending = threading.Event()

    def busy():
        c = Client(member.endpoint)
        while not ending.is_set():
            c.call("KV/Put", key=b"/p/q/r", value=b"v" * 1000)
            c.call("KV/Range", key=b"/p/q/", range_end=b"/p/q0")
    workers = [threading.Thread(target=busy) for _ in range(4)]
    for worker in workers:
        worker.start()
    replies = []
    taking = threading.Thread(target=lambda: replies.append(ask(member.client, "/debug/pprof/profile?seconds=3")))
    taking.start()
    time.sleep(0.5)
    score.equal("one at a time", ask(member.client, "/debug/pprof/profile?seconds=1")[0], 500)
    taking.join()
    ending.set()
    for worker in workers:
        worker.join()
    profile = replies[0][2]
    score.equal("profile: fields", {k: v for k, v in replies[0][1].items() if k == "Content-Type"}, {"Content-Type": "application/octet-stream"})
    words = struct.unpack_from("<5Q", profile)
    score.equal("profile: head", words, (0, 3, 0, 10000, 0))
    at, taken, ranges = 40, 0, []
    addresses = []
    while True:
        count, depth = struct.unpack_from("<2Q", profile, at)
        stack = struct.unpack_from("<%dQ" % depth, profile, at + 16)
        at += 16 + 8 * depth
        if count == 0:
            break
        taken += count
        addresses.append(stack)
    maps = profile[at:].decode()
    for line in maps.splitlines():
        match = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+) ", line)
        if match and "x" in match.group(3):
            ranges.append((int(match.group(1), 16), int(match.group(2), 16)))
    score.check("profile: samples", taken >= 10, taken)
    score.equal("profile: end of the samples", stack, (0,))
    inside = sum(any(a <= s[0] < b for a, b in ranges) for s in addresses)
    score.equal("profile: every sample lies in code", inside, len(addresses))
    score.check("profile: stacks are deep", sum(len(s) for s in addresses) / max(1, len(addresses)) > 5)
    tool = shutil.which("google-pprof") or shutil.which("pprof")
    if tool:
        path = scratch("profile")
        with open(path, "wb") as f:
            f.write(profile)
        code, out, err = run([tool, "--text", OURS, path], timeout=120)
        score.check("profile: read by " + os.path.basename(tool), code == 0 and "Total: %d samples" % taken in out, out[:500] + err[:500])
    else:
        print("SKIPPED: google-pprof of google-perftools is missing")
    score.check("others were served meanwhile", member.get("/health") == '{"health":"true"}')

    text = ask(member.client, "/debug/top")[2].decode()
    score.check("top: the prefix that was busy comes first", re.search(r"prefix\n +\d+ +\d+ +\d+ +\d+ .*\"/p/q/\"\n", text) is not None, text)
    pair.end()
    plain_member = Server(OURS)
    for path in ("/debug/top", "/debug/pprof/profile", "/debug/pprof/goroutine"):
        score.equal("%s without --enable-pprof" % path, ask(plain_member.client, path)[0], 404)
    plain_member.kill()


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
