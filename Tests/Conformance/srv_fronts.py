"""Front ends that DNS leads to the members: the parts of srv.py about the gateway, the gRPC proxy and the HTTP proxy."""
import re, ssl
from zones import *
from fronts import *

# What records live, in seconds; a change is seen after that, and a second for the rest.
LIFE = 1
SEEN = LIFE + 1.2
TTL = ["local-ttl=%d" % LIFE]


class Sayer:
    """A server that says its name to who connects, or by TLS to who shakes hands, and ends."""

    def __init__(self, name, address, port=2379, files=None, wants_certificate=None):
        self.name, self.address, self.port, self.count = name, address, port, 0
        self.context = None
        if files:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(files + "/peer.pem", files + "/peer-key.pem")
        if wants_certificate:
            # As members that were built with Go 1.12: no TLS 1.3, where the client hears of it only afterwards.
            self.context.maximum_version = ssl.TLSVersion.TLSv1_2
            self.context.load_verify_locations(wants_certificate + "/ca.pem")
            self.context.verify_mode = ssl.CERT_REQUIRED
        self.start()

    def start(self):
        self.socket = socket.socket(socket.AF_INET6 if ":" in self.address else socket.AF_INET)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((self.address, self.port))
        self.socket.listen(256)
        threading.Thread(target=self.run, args=(self.socket,), daemon=True).start()

    def run(self, listener):
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            self.count += 1
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        try:
            peer.settimeout(5)
            if self.context:
                peer = self.context.wrap_socket(peer, server_side=True)
            peer.sendall(self.name.encode())
        except OSError:
            pass
        peer.close()

    def stop(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class Front(FrontProcess):
    """A front end on loopback that DNS leads to the members."""

    def __init__(self, kind, domain, *flags, env=None, wait=True):
        port = free_port()
        super().__init__([OURS, kind, "start", "--listen-addr", "127.0.0.1:%d" % port, "--discovery-srv", domain] + list(flags),
                         port, env=dict(os.environ, **env) if env else None, wait=wait)

    def text(self):
        with open(self.log, "rb") as f:
            return f.read().decode("utf-8", "replace")

    def hears(self, context=None):
        """What a connection through it is told; empty for nothing."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as s:
                s.settimeout(5)
                if context:
                    s = context.wrap_socket(s)
                return s.recv(100).decode()
        except OSError:
            return ""

    def heard(self, count, context=None):
        """How often each name was heard."""
        names = [self.hears(context) for _ in range(count)]
        return {name: names.count(name) for name in set(names)}


def record(domain, host, service="etcd-client", port=2379, priority=0, weight=0):
    return "srv-host=_%s._tcp.%s,%s.%s,%d,%d,%d" % (service, domain, host, domain, port, priority, weight)


def zone(domain, names, six=False, service="etcd-client", known=("n1", "n2", "n3", "n4"), port=2379):
    """All hosts, and the records of those of `names`."""
    return TTL + hosts(domain, known, six) + [record(domain, name, service, port) for name in names]


def ends(kind, domain, *flags, env=None):
    """(code, standard error) of a start that cannot be."""
    code, _, err = run([OURS, kind, "start", "--listen-addr", "127.0.0.1:%d" % free_port(), "--discovery-srv", domain] + list(flags),
                       env=env)
    return code, err


def soon(holds, seconds=SEEN):
    """Seconds until something came true; nil if it did not in time."""
    began = time.time()
    return until(holds, seconds) and time.time() - began


def part_gateway(score):
    """Priorities and weights; what is no endpoint."""
    servers = [Sayer(name, HOSTS[name][0]) for name in ("n1", "n2", "n3")]
    names = Names(*TTL, *hosts("g.test"), record("g.test", "n1", priority=10), record("g.test", "n2", priority=20),
                  record("g.test", "n3", priority=20))
    front = Front("gateway", "g.test", "--insecure-discovery", "--retry-delay", "500ms")
    score.equal("a priority alone, without weights", front.heard(20), {"n1": 20})
    servers[0].stop()
    score.equal("the next class when it is gone", front.heard(20), {"n2": 10, "n3": 10})
    servers[0].start()
    score.check("and back", until(lambda: front.hears() == "n1", 3) and front.heard(10) == {"n1": 10}, front.tail())
    front.kill()
    names.set(*TTL, *hosts("g.test"), record("g.test", "n1", weight=70), record("g.test", "n2", weight=30), record("g.test", "n3"))
    front = Front("gateway", "g.test", "--insecure-discovery")
    heard = front.heard(1000)
    score.check("weights are shares", 640 <= heard.get("n1", 0) <= 750 and 240 <= heard.get("n2", 0) <= 350
                and heard.get("n3", 0) <= 30, heard)
    # Another weight is a change like any other.
    names.set(*TTL, *hosts("g.test"), record("g.test", "n1", weight=1), record("g.test", "n2", weight=65535))
    score.check("other weights are seen", soon(lambda: "endpoints changed" in front.text()) and front.heard(50).get("n2", 0) > 45,
                front.tail())
    front.kill()

    # Whom nobody finds: the others serve.
    names.set(*TTL, *hosts("g.test", ["n2"]), record("g.test", "n1", priority=1), record("g.test", "n2", priority=2))
    front = Front("gateway", "g.test", "--insecure-discovery")
    score.equal("a target that does not resolve is passed over", front.heard(5), {"n2": 5})
    front.kill()
    names.set(*TTL, record("g.test", "n1"), record("g.test", "n2"))
    code, err = ends("gateway", "g.test", "--insecure-discovery")
    score.check("no target resolves", code == 1 and "failed to resolve endpoint host: n1.g.test" in err, err)

    # Nothing stands in for what DNS names.
    decoy = Sayer("decoy", "127.0.0.1")
    code, err = ends("gateway", "nothing.test")
    said = run([GO, "gateway", "start", "--discovery-srv", "nothing.test"])
    score.equal("no records: the code", code, said[0])
    score.check("no records: the names", all("lookup _%s._tcp.nothing.test" % each in err for each in ("etcd-client-ssl", "etcd-client")), err)
    names.set(*zone("g.test", ["n1"]))
    code, err = ends("gateway", "g.test")
    score.check("plain http is refused without --insecure-discovery", code == 1 and "http://n1.g.test:2379: it is insecure" in err, err)
    score.equal("the default endpoint was never asked", decoy.count, 0)
    decoy.stop()
    port = free_port()
    names.set(*TTL, "host-record=self.g.test,127.0.0.1", record("g.test", "self", port=port))
    code, _, err = run([OURS, "gateway", "start", "--listen-addr", "127.0.0.1:%d" % port, "--discovery-srv", "g.test",
                        "--insecure-discovery"])
    score.check("a record that leads back", code == 1 and "should not resolve to the gateway listen addr" in err, err)
    names.set(*TTL, *hosts("g.test"), record("g.test", "n1"), record("g.test", "n3", service="etcd-client-blue"))
    front = Front("gateway", "g.test", "--insecure-discovery", "--discovery-srv-name", "blue")
    score.equal("--discovery-srv-name", front.heard(4), {"n3": 4})
    front.kill()
    for server in servers:
        server.stop()
    names.kill()


def part_gateway_moves(score):
    """Records that change while it runs, and a name server that dies; IPv4 and IPv6."""
    for six in (False, True):
        word = "IPv6: " if six else ""
        servers = [Sayer(name, HOSTS[name][1 if six else 0]) for name in ("n1", "n2", "n3")]
        names = Names(*zone("m.test", ["n1"], six))
        front = Front("gateway", "m.test", "--insecure-discovery", "--metrics-addr", "127.0.0.1:%d" % free_port())
        score.equal(word + "the first records", front.heard(4), {"n1": 4})
        names.set(*zone("m.test", ["n2"], six))
        score.check(word + "others are seen", soon(lambda: front.hears() == "n2"), front.tail())
        score.equal(word + "and only they", front.heard(6), {"n2": 6})
        names.set(*zone("m.test", ["n2", "n3"], six))
        score.check(word + "a further one is seen", soon(lambda: front.hears() == "n3"), front.tail())
        names.kill()
        time.sleep(LIFE + 1.5)
        score.equal(word + "without a name server the last ones stay in use", front.heard(4), {"n2": 2, "n3": 2})
        names.set(*TTL, *hosts("m.test", six=six))
        time.sleep(LIFE + 4)
        score.equal(word + "and so they do where there are no records any more", front.heard(4), {"n2": 2, "n3": 2})
        said = [line for line in front.text().splitlines() if "the endpoints known before stay in use" in line]
        score.check(word + "the log says why, once each", 1 <= len(said) <= 4 and "srv-server" in said[0], said)
        names.set(*zone("m.test", ["n1"], six))
        score.check(word + "records that are back are seen", until(lambda: front.hears() == "n1", 12), front.tail())
        front.kill()
        for server in servers:
            server.stop()
        names.kill()
    # The name server is asked as often as the records say, and no more.
    servers = [Sayer("n1", HOSTS["n1"][0])]
    names = Names("local-ttl=3", *hosts("m.test"), record("m.test", "n1"))
    front = Front("gateway", "m.test", "--insecure-discovery")
    time.sleep(7)
    asked = names.asked("_etcd-client._tcp.m.test")
    score.check("records that live 3 s are asked for every 3 s", asked == 3, asked)
    before = names.questions()
    front.heard(50)
    score.check("fifty connections at once do not ask fifty times", names.questions() - before <= 8, names.questions() - before)
    # One that keeps silent holds nobody up for longer than a second, and then for none.
    names.process.send_signal(signal.SIGSTOP)
    time.sleep(1.5)
    began = time.time()
    first, took = front.hears(), time.time() - began
    rest = front.heard(20)
    score.check("a silent name server is not waited for", first == "n1" and took < 1.5 and rest == {"n1": 20}
                and time.time() - began < took + 1, (first, took, rest, time.time() - began))
    names.process.send_signal(signal.SIGCONT)
    front.kill()
    servers[0].stop()
    names.kill()


def part_gateway_tls(score):
    """Targets that must show a good certificate."""
    domain = "t.test"
    host = certificates(["n1.t.test"])
    both = sibling(host, ["n2.t.test"])
    foreign = sibling(host, ["n3.other.test"])
    root = sibling(host, ["t.test"])
    other = certificates(["n4.t.test"])
    servers = {"n1": Sayer("n1", HOSTS["n1"][0], files=host), "n2": Sayer("n2", HOSTS["n2"][0], files=both, wants_certificate=host),
               "n3": Sayer("n3", HOSTS["n3"][0], files=foreign), "n4": Sayer("n4", HOSTS["n4"][0], files=other)}
    names = Names(*TTL, *hosts(domain, HOSTS), *[record(domain, each, "etcd-client-ssl") for each in HOSTS])
    pages = free_port()
    front = Front("gateway", domain, "--trusted-ca-file", host + "/ca.pem", "--metrics-addr", "127.0.0.1:%d" % pages)

    def used():
        text = fetch("http://127.0.0.1:%d/metrics" % pages)[1]
        return sorted(re.findall(r'etcd_gateway_endpoint_active\{endpoint="(n\d)', text))
    score.equal("those with good certificates are used, also one that wants ours over TLS 1.2", used(), ["n1", "n2"])
    lines = [json.loads(line) for line in front.text().splitlines() if "failed to validate discovered endpoints" in line]
    said = {line["endpoints"][0]: line["error"] for line in lines}
    score.check("the log names the others and why", set(said) == {"https://n3.t.test:2379", "https://n4.t.test:2379"}
                and "unknown authority" in said["https://n4.t.test:2379"] and "ostname" in said["https://n3.t.test:2379"], said)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    score.check("TLS passes through", until(lambda: front.hears(context) == "n1", 3), front.tail())
    # What becomes good is taken, within the time between two looks at it.
    servers["n3"].stop()
    servers["n3"] = Sayer("n3", HOSTS["n3"][0], files=root)
    score.check("a certificate that was put right is noticed", until(lambda: "n3" in used(), 13), front.tail())
    # A domain whose certificates are all wrong takes nobody's place.
    names.set(*TTL, *hosts(domain, HOSTS), record(domain, "n4", "etcd-client-ssl"))
    time.sleep(SEEN + 1)
    score.check("wrong certificates alone change nothing", used() == ["n1", "n2", "n3"]
                and "none of the discovered endpoints can be used" in front.text(), (used(), front.tail()))
    front.kill()
    code, err = ends("gateway", domain, "--trusted-ca-file", host + "/ca.pem")
    score.check("a start with a wrong CA", code == 1 and "https://n4.t.test:2379: x509: certificate signed by unknown authority" in err, err)
    front = Front("gateway", domain, "--insecure-discovery")
    score.check("--insecure-discovery asks for no certificate", front.hears(context) == "n4", front.tail())
    front.kill()
    # Without an authority of its own the domain itself must stand in the certificate.
    names.set(*TTL, *hosts(domain, HOSTS), *[record(domain, each, "etcd-client-ssl") for each in ("n1", "n3")])
    front = Front("gateway", domain, "--metrics-addr", "127.0.0.1:%d" % pages, env={"SSL_CERT_FILE": host + "/ca.pem"})
    score.equal("the system's authorities: the domain's name", used(), ["n3"])
    front.kill()
    code, err = ends("gateway", domain, "--trusted-ca-file", "/nothing")
    score.check("a CA that is not there", code == 1 and "/nothing" in err, err)
    for server in servers.values():
        server.stop()
    names.kill()


def part_grpcproxy(score):
    """The gRPC proxy follows the records: calls, watches, streams."""
    for six in (False, True):
        word = "IPv6: " if six else ""
        members = [Member(OURS, host, "p.test", six=six, flags=["--initial-cluster", ",".join(
            "s-%s=http://%s.p.test:2380" % (each, each) for each in ("n1", "n2", "n3"))]) for host in ("n1", "n2", "n3")]
        names = Names(*zone("p.test", ["n1"], six))
        for member in members:
            member.wait_ready(60)
        pages = free_port()
        front = Front("grpc-proxy", "p.test", "--insecure-discovery", "--metrics-addr", "http://127.0.0.1:%d" % pages,
                      "--resolver-prefix", "/proxies", "--resolver-ttl", "5")

        def connected():
            text = fetch("http://127.0.0.1:%d/metrics" % pages)[1]
            return sorted(re.findall(r'etcd_grpc_proxy_member_connected\{endpoint="http://(n\d)[^}]*\} 1', text))
        client, direct = Client(front.endpoint), Client(members[1].endpoint)
        score.check(word + "a call", client.attempt("KV/Put", key=b"a", value=b"0", wait=True)[0] == "ok", front.tail())
        score.equal(word + "the member that DNS names", connected(), ["n1"])
        watch = Watch(front.endpoint)
        watch.create(b"a")
        score.check(word + "a watch", getattr(watch.next(), "created", False), front.tail())
        # Keep-alives are the proxy's to send, and so to move; a stream with a token is the client's own and only passed on.
        lease = client.call("Lease/LeaseGrant", TTL=60).ID
        shared, beats = queue.Queue(), queue.Queue()
        alive = client.stream("Lease/LeaseKeepAlive", iter(shared.get, None), timeout=120)
        shared.put(message("LeaseKeepAliveRequest")(ID=lease))
        score.check(word + "a lease is kept alive", next(alive).TTL == 60)
        keeper = client.stream("Lease/LeaseKeepAlive", iter(beats.get, None), metadata=[("token", "its own")])
        ended = []
        threading.Thread(target=lambda: ended.append((stream_end(keeper), time.time())), daemon=True).start()
        beats.put(message("LeaseKeepAliveRequest")(ID=lease))
        names.set(*zone("p.test", ["n2", "n3"], six))
        moved = time.time()
        score.check(word + "others are seen", soon(lambda: "n2" in connected() and "n1" not in connected()), front.tail())
        for number in range(1, 20):
            client.call("KV/Put", key=b"a", value=b"%d" % number)
        score.check(word + "the watch loses nothing and repeats nothing",
                    [event[3] for event in watch.events(19)] == [b"%d" % number for number in range(1, 20)], front.tail())
        # The member that left is frozen, and does not lead: nothing can hang on it but what the proxy left there.
        first = Client(members[0].endpoint)
        status = first.call("Maintenance/Status")
        if status.leader == status.header.member_id:
            first.call("Maintenance/MoveLeader", targetID=direct.call("Maintenance/Status").header.member_id)
        first.close()
        members[0].process.send_signal(signal.SIGSTOP)
        time.sleep(0.2)
        score.check(word + "calls go elsewhere", all(client.attempt("KV/Put", key=b"b", value=b"x", timeout=5)[0] == "ok" for _ in range(6)))
        direct.call("KV/Put", key=b"a", value=b"past")
        score.equal(word + "and so does the watch", [event[3] for event in watch.events(1)], [b"past"])
        shared.put(message("LeaseKeepAliveRequest")(ID=lease))
        score.check(word + "and keep-alives, on the same stream of the client's", next(alive).TTL > 50)
        members[0].process.send_signal(signal.SIGCONT)
        names.kill()
        time.sleep(LIFE + 1.5)
        score.check(word + "without a name server the last ones stay in use", connected() == ["n2", "n3"]
                    and client.attempt("KV/Put", key=b"b", value=b"y")[0] == "ok", front.tail())
        score.check(word + "the log says so", "the endpoints known before stay in use" in front.text(), front.tail())
        names.set(*zone("p.test", ["n3"], six))
        score.check(word + "records that are back are seen", until(lambda: connected() == ["n3"], 12), front.tail())
        # Its own entry has moved with the rest.
        proxies = lambda: client.call("KV/Range", key=b"/proxies", range_end=b"/proxiet").kvs
        score.check(word + "it stays registered", len(proxies()) == 1, proxies())
        if not six:
            until(lambda: ended, 40 - (time.time() - moved))
            took = ended[0][1] - moved if ended else 0
            score.check("a stream at a member that left may go on for half a minute", ended and ended[0][0] == 14 and 28 < took < 36,
                        (ended, took, front.tail()))
            score.check("and is still registered after that", len(proxies()) == 1, proxies())
        beats.put(None)
        shared.put(None)
        watch.close()
        client.close()
        direct.close()
        front.kill()
        for member in members:
            member.kill()
        names.kill()


def stream_end(call):
    """The code with which a stream ends, after whatever it says."""
    try:
        for _ in call:
            pass
        return 0
    except Exception as error:
        return error.code().value[0]


def part_grpcproxy_tls(score):
    """The gRPC proxy with a domain of TLS."""
    domain = "q.test"
    place = certificates(["n1.q.test", HOSTS["n1"][0]])
    wrong = certificates(["n1.q.test"])

    class Secure(Member):
        @property
        def url(self):
            return "https://%s:2379" % self.address
    names = Names(*TTL, *hosts(domain), record(domain, "n1", "etcd-client-ssl"), record(domain, "n2"))
    member = Secure(OURS, "n1", domain, flags=["--cert-file", place + "/peer.pem", "--key-file", place + "/peer-key.pem",
                                               "--initial-cluster", "s-n1=http://n1.q.test:2380"])
    score.check("a member", until(lambda: "ready to serve client requests" in member.text(), 30), member.tail())
    front = Front("grpc-proxy", domain, "--cacert", place + "/ca.pem")
    client = Client(front.endpoint)
    score.check("TLS alone is used", all(client.attempt("KV/Put", key=b"a", value=b"1", timeout=5)[0] == "ok" for _ in range(4))
                and "ignoring discovered insecure endpoint" in front.text(), front.tail())
    client.close()
    front.kill()
    code, err = ends("grpc-proxy", domain, "--cacert", wrong + "/ca.pem")
    score.check("a start with a wrong CA", code == 1 and "https://n1.q.test:2379: x509: certificate signed by unknown authority" in err, err)
    # Both kinds beside each other, each spoken to as it asks.
    plain = Member(OURS, "n2", domain, flags=["--initial-cluster", "s-n2=http://n2.q.test:2380"])
    plain.wait_ready(30)
    pages = free_port()
    front = Front("grpc-proxy", domain, "--insecure-discovery", "--cacert", place + "/ca.pem", "--metrics-addr",
                  "http://127.0.0.1:%d" % pages)
    ready = lambda: re.findall(r'member_connected\{endpoint="(https?)[^}]*\} 1', fetch("http://127.0.0.1:%d/metrics" % pages)[1])
    score.check("http and https", until(lambda: sorted(ready()) == ["http", "https"], 5), front.tail())
    front.kill()
    code, err = ends("grpc-proxy", "nothing.test")
    score.check("no records", code == 1 and "lookup _etcd-client._tcp.nothing.test" in err, err)
    for each in (member, plain):
        each.kill()
    names.kill()


class HTTPFront(Member):
    """The HTTP proxy, led by DNS."""

    def __init__(self, domain, *flags):
        super().__init__(OURS, "n4", domain, flags=["--proxy", "on"] + list(flags), advertise="http://10.77.0.4:2380")

    def reads(self):
        """The value of x as v2 clients read it; None where there is no answer."""
        try:
            return json.loads(self.get("/v2/keys/x", 3))["node"]["value"]
        except OSError:
            return None


def part_httpproxy(score):
    """Members that were all replaced are found again by DNS."""
    domain = "h.test"
    for six in (False, True):
        word = "IPv6: " if six else ""
        names = Names(*zone(domain, ["n1"], six, "etcd-server", port=2380))

        def alone(host):
            member = Member(OURS, host, domain, six=six, flags=["--initial-cluster", "s-%s=http://%s.%s:2380" % (host, host, domain),
                                                               "--initial-cluster-token", host])
            member.wait_ready(30)
            urllib.request.urlopen(urllib.request.Request(member.url + "/v2/keys/x", b"value=" + host.encode(), method="PUT"), timeout=5)
            return member
        one, two = alone("n1"), alone("n2")
        front = HTTPFront(domain)
        front.wait_ready(30)
        score.equal(word + "the first members", front.reads(), "n1")
        # As long as they answer they are believed.
        names.set(*zone(domain, ["n2"], six, "etcd-server", port=2380))
        score.check(word + "other records are seen", soon(lambda: "DNS names the peers [http://n2.h.test:2380]" in front.text()), front.tail())
        time.sleep(1)
        score.equal(word + "members that answer are believed, not DNS", front.reads(), "n1")
        one.kill()
        score.check(word + "when none of them answers DNS is", soon(lambda: front.reads() == "n2", 4), front.tail())
        # The other way round: first they are gone, then DNS learns of it.
        two.kill()
        time.sleep(1.5)
        score.equal(word + "nobody is there", front.reads(), None)
        three = alone("n3")
        names.set(*zone(domain, ["n3"], six, "etcd-server", port=2380))
        score.check(word + "new records are seen while nobody answers", soon(lambda: front.reads() == "n3"), front.tail())
        names.kill()
        time.sleep(LIFE + 1.5)
        score.equal(word + "without a name server nothing changes", front.reads(), "n3")
        score.check(word + "the log says so", "those known before stay in use" in front.text(), front.tail())
        # A proxy that starts again believes its file, and DNS where that leads nowhere.
        names.set(*zone(domain, ["n1"], six, "etcd-server", port=2380))
        front.stop()
        three.kill()
        one = alone("n1")
        front.start(wait=False)
        score.check(word + "a file that leads nowhere", until(lambda: front.reads() == "n1", 10), front.tail())
        front.kill()
        one.kill()
        names.kill()


FRONT_PARTS = {"gateway": part_gateway, "gateway_moves": part_gateway_moves, "gateway_tls": part_gateway_tls,
               "grpcproxy": part_grpcproxy, "grpcproxy_tls": part_grpcproxy_tls, "httpproxy": part_httpproxy}
