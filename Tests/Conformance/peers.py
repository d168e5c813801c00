"""What members do to each other besides Raft: signs of life, kept connections, look-ups of names, and what is counted of it.

usage: peers.py [part ...]
"""
import datetime, http.server, re, ssl, struct
from relays import *

need(OURS, "our etcd")
need(GO, "Debian's etcd-server")


def samples(member):
    """The member's metrics: name with labels, value."""
    found = {}
    for line in member.get("/metrics").splitlines():
        if line and not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            found[name] = float(value)
    return found


def until(seconds, condition):
    """The condition's first true value; its last one when time is over."""
    end = time.time() + seconds
    while True:
        found = condition()
        if found or time.time() >= end:
            return found
        time.sleep(0.1)


def connections(score):
    """What a follower asks its leader for clients does not cost a connection each time."""
    cluster = RelayedCluster([OURS] * 3)
    try:
        leader = cluster.leader()
        relay = cluster.relays[cluster.members.index(leader)]
        follower = next(m for m in cluster.members if m is not leader)
        client = Client(follower.endpoint)
        lease = client.call("Lease/LeaseGrant", TTL=60).ID
        time.sleep(1)
        before = relay.count
        beats = [message("LeaseKeepAliveRequest")(ID=lease)] * 100
        replies = list(client.stream("Lease/LeaseKeepAlive", iter(beats), timeout=20))
        score.equal("100 keep-alives through a follower", [r.TTL for r in replies], [60] * 100)
        left = [client.call("Lease/LeaseTimeToLive", ID=lease).TTL for _ in range(100)]
        score.check("100 looks at the lease through a follower", all(0 < ttl <= 60 for ttl in left), left[:5])
        # All hundred keep-alives may be under way at one time; what was asked one by one shares one connection.
        middle = relay.count
        left = [client.call("Lease/LeaseTimeToLive", ID=lease).TTL for _ in range(100)]
        score.check("100 questions one after the other take %d new connections" % (relay.count - middle),
                    relay.count - middle <= 3, left[:3])
        one = threading.Semaphore(0)

        def slowly():
            for _ in range(50):
                yield beats[0]
                one.acquire(timeout=5)
        middle = relay.count
        for reply in client.stream("Lease/LeaseKeepAlive", slowly(), timeout=20):
            one.release()
        score.check("50 keep-alives one after the other take %d new connections" % (relay.count - middle),
                    relay.count - middle <= 3)
        score.check("all of it took %d connections" % (relay.count - before), relay.count - before <= 120)
        # The leader ends what rests; the next question must not suffer from it.
        time.sleep(6)
        score.check("a question after a rest", 0 < client.call("Lease/LeaseTimeToLive", ID=lease).TTL <= 60)
        client.close()
    finally:
        cluster.kill()


def probes(score):
    """Each member asks the others for signs of life, and says where none come. Go's member in the middle of ours."""
    cluster = Cluster([OURS, GO, OURS])
    ours = [m for m in cluster.members if m.is_ours]
    try:
        ids = {m.name: "%x" % m.member_id for m in cluster.members}
        for member in cluster.members:
            others = [ids[m.name] for m in cluster.members if m is not member]
            names = ['etcd_network_peer_round_trip_time_seconds_count{To="%s"}' % other for other in others]
            score.check("%s measures its round trips (%s)" % (member.name, "ours" if member.is_ours else "Go"),
                        until(12, lambda: all(samples(member).get(name, 0) > 0 for name in names)), sorted(samples(member))[:3])
        for member in ours:
            found = samples(member)
            for other in (ids[m.name] for m in cluster.members if m is not member):
                total = found['etcd_network_peer_round_trip_time_seconds_sum{To="%s"}' % other]
                score.check("%s: a round trip on loopback is short: %.1f ms" % (member.name, total * 1000), 0 < total < 1)
            score.check("%s says nothing while all is well" % member.name,
                        "health check for peer" not in member.tail(300), member.tail(300)[-500:])
        gone = ours[1]
        gone.kill()
        words = "health check for peer %s could not connect: " % ids[gone.name]
        for member in cluster.members[:2]:
            # Go looks again 30 s after it found all well; so do ours.
            score.check("%s says that a member is gone" % member.name, until(45, lambda: words in member.tail(400)), member.tail(30))
        found = samples(cluster.members[0])
        score.check("lost messages are counted",
                    found['etcd_network_peer_sent_failures_total{To="%s"}' % ids[gone.name]] > 0)
    finally:
        cluster.kill()


def clocks(score):
    """A member whose clock is an hour late is noticed."""
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            late = datetime.datetime.utcnow() - datetime.timedelta(hours=1, seconds=5)
            body = json.dumps({"OK": True, "Now": late.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}).encode()
            self.send_response(200 if self.path == "/raft/probing" else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_):
            pass
    late = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=late.serve_forever, daemon=True).start()
    for name, binary in (("Go", GO), ("ours", OURS)):
        member = Server(binary, wait=False)
        member.kill()
        member.flags = ["--initial-cluster", "default=http://127.0.0.1:%d,late=http://127.0.0.1:%d"
                        % (member.peer, late.server_port)]
        shutil.rmtree(member.data, ignore_errors=True)
        member.start(wait=False)
        words = r"the clock difference against peer [0-9a-f]+ is too high \[1h0m[45](\.\d+)?s > 1s\]"
        score.check("clocks that differ by an hour (%s)" % name, until(12, lambda: re.search(words, member.tail(2000))),
                    member.tail(10))
        member.kill()
    late.shutdown()


def counted(score):
    """Everything that Go's members count in a cluster, ours count too: after a snapshot, a loss, a bad message."""
    names = {}
    for who, binary in (("Go", GO), ("ours", OURS)):
        cluster = Cluster([binary] * 3, flags=["--snapshot-count", "100"])
        try:
            behind = next(m for m in cluster.members if m is not cluster.leader())
            behind.kill()
            put_many(cluster.leader(), 6000)
            behind.start()
            until(20, lambda: behind.status().header.revision >= 6000)
            leader = cluster.leader()
            # A message that cannot be read, and a snapshot that is none.
            for path in ("/raft", "/raft/snapshot"):
                post(leader, behind, path, b"\0\0\0\0\0\0\0\3abc" if "snap" in path else b"\xff\xff")
            os.kill(leader.process.pid, signal.SIGSTOP)
            time.sleep(0.6)
            os.kill(leader.process.pid, signal.SIGCONT)
            time.sleep(6)
            found = {}
            for member in cluster.members:
                for name, value in samples(member).items():
                    bare = re.sub(r"\{.*", "", name)
                    found[bare] = max(found.get(bare, 0), value)
            names[who] = found
        finally:
            cluster.kill()
    mine = {name for name in names["Go"] if name.startswith("etcd_")}
    score.equal("every name of Go's", sorted(mine - set(names["ours"])), [])
    happened = ["etcd_network_snapshot_send_success", "etcd_network_snapshot_receive_success",
                "etcd_network_snapshot_send_total_duration_seconds_count",
                "etcd_network_snapshot_receive_total_duration_seconds_count", "etcd_network_snapshot_receive_failures",
                "etcd_network_peer_received_failures_total", "etcd_network_peer_sent_failures_total",
                "etcd_network_peer_round_trip_time_seconds_count", "etcd_network_disconnected_peers_total",
                "etcd_snap_db_fsync_duration_seconds_count", "etcd_snap_db_save_total_duration_seconds_count",
                "etcd_server_heartbeat_send_failures_total"]
    for name in happened:
        counts = {who: names[who].get(name, 0) for who in names}
        score.check("%s is counted" % name, all(counts.values()), counts)
    for name in ("etcd_network_snapshot_send_inflights_total", "etcd_network_snapshot_receive_inflights_total"):
        score.equal("%s is at rest" % name, names["ours"].get(name), 0)


def put_many(member, count):
    """That many puts, two hundred at a time."""
    client = Client(member.endpoint)
    client.call("KV/Put", key=b"p", value=b"0")
    kind, stub = client.stubs["KV/Put"]
    waiting = []
    for number in range(count):
        waiting.append(stub.future(kind(key=b"p/%d" % (number % 100), value=b"%d" % number), timeout=30))
        if len(waiting) == 200:
            for one in waiting:
                one.result()
            waiting = []
    for one in waiting:
        one.result()
    client.close()


def post(member, sender, path, body):
    """A request to the member's peer port in another member's name."""
    members = member.call("Cluster/MemberList")
    request = urllib.request.Request(member.peer_url + path, data=body, headers={
        "X-Server-From": "%x" % sender.member_id, "X-Server-Version": "3.4.23", "X-Min-Cluster-Version": "3.0.0",
        "X-Etcd-Cluster-ID": "%x" % members.header.cluster_id, "X-PeerURLs": sender.peer_url})
    try:
        urllib.request.urlopen(request, timeout=5).read()
    except OSError:
        pass


class NameServer:
    """Answers every question for an address with 10.9.9.9, and counts them."""

    def __init__(self, address):
        self.count = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 53))
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                query, sender = self.socket.recvfrom(4096)
            except OSError:
                return
            self.count += 1
            end = 12
            while query[end]:
                end += query[end] + 1
            kind = struct.unpack(">H", query[end + 1:end + 3])[0]
            answer = b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4" + bytes([10, 9, 9, 9]) if kind == 1 else b""
            head = query[:2] + b"\x81\x80\0\1" + struct.pack(">H", 1 if answer else 0) + b"\0\0\0\0"
            self.socket.sendto(head + query[12:end + 5] + answer, sender)

    def close(self):
        self.socket.close()


class Elsewhere(Server):
    """A member that asks another name server."""

    names = None

    def arguments(self):
        return ["unshare", "-m", "sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"', self.names] + super().arguments()


def names(score):
    """A certificate that is refused again and again does not ask the name server each time."""
    place = certificates()
    if place is None:
        return
    if run(["unshare", "-m", "true"])[0] != 0:
        print("SKIPPED: a name server of our own needs the right to unshare -m")
        return
    server = NameServer("127.77.0.1")
    csr = json.load(open(place + "/peer.json"))
    csr["hosts"] = ["node.elsewhere.test"]
    json.dump(csr, open(place + "/elsewhere.json", "w"))
    code, out, err = run(["sh", "-c", "cd %s && cfssl gencert -ca=ca.pem -ca-key=ca-key.pem -config=ca-config.json "
                          "-profile=peer elsewhere.json | cfssljson -bare elsewhere" % place])
    assert code == 0, err
    Elsewhere.names = scratch("resolv")
    open(Elsewhere.names, "w").write("nameserver 127.77.0.1\n")
    asked = {}
    for who, binary in (("Go", GO), ("ours", OURS)):
        member = Elsewhere(binary, flags=[
            "--peer-cert-file", place + "/peer.pem", "--peer-key-file", place + "/peer-key.pem",
            "--peer-trusted-ca-file", place + "/ca.pem", "--peer-client-cert-auth", "--listen-peer-urls",
            "https://127.0.0.1:%d" % free_port()])
        port = int(member.flags[-1].rsplit(":", 1)[1])
        context = ssl.create_default_context(cafile=place + "/ca.pem")
        context.load_cert_chain(place + "/elsewhere.pem", place + "/elsewhere-key.pem")
        before, refused = server.count, 0
        for _ in range(100):
            try:
                with context.wrap_socket(socket.create_connection(("127.0.0.1", port), 5), server_hostname="127.0.0.1") as s:
                    s.sendall(b"GET /members HTTP/1.1\r\nHost: a\r\n\r\n")
                    refused += not s.recv(100)
            except OSError:
                refused += 1
        asked[who] = server.count - before
        score.equal("100 calls with a name that leads elsewhere are refused (%s)" % who, refused, 100)
        if binary == OURS:
            score.check("the log names certificate and address", re.search(
                r'rejected connection from "127.0.0.1:\d+" \(error "tls: "127.0.0.1" does not match any of DNSNames '
                r'\["node.elsewhere.test"\] \(certificate "[^"]+", serial number [0-9a-f]+\)"', member.tail(50)), member.tail(5))
        member.kill()
    score.check("the name server is asked %d times (by Go %d)" % (asked["ours"], asked["Go"]), 0 < asked["ours"] <= 12, asked)
    server.close()


PARTS = [connections, probes, clocks, counted, names]


def main():
    Score("peers").run(PARTS, sys.argv[1:])


if __name__ == "__main__":
    main()
