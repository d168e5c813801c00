"""Clusters of several members on loopback, ours and Go's mixed at will."""
import json, threading
from lib import *


class ClusterMember(Server):
    """One member of a `Cluster`; it may be stopped and started again, also as another program's."""

    def __init__(self, cluster, name, binary, state="new", initial=None, data=None, flags=()):
        self.cluster, self.state, self.initial = cluster, state, initial
        self.binary, self.name = binary, name
        self.data = data or scratch("data")
        self.client, self.peer = free_port(), free_port()
        self.flags, self.env = list(flags), None
        self.log, self.process = scratch("log"), None

    @property
    def peer_url(self):
        return "%s://127.0.0.1:%d" % (self.cluster.peer_scheme, self.peer)

    @property
    def is_ours(self):
        return self.binary == OURS

    def arguments(self):
        return [self.binary, "--name", self.name, "--data-dir", self.data,
                "--listen-client-urls", self.url, "--advertise-client-urls", self.url,
                "--listen-peer-urls", self.peer_url, "--initial-advertise-peer-urls", self.peer_url,
                "--initial-cluster", self.initial or self.cluster.initial, "--initial-cluster-state", self.state,
                "--initial-cluster-token", "conformance"] + self.cluster.flags + self.flags

    def call(self, method, timeout=10, **fields):
        client = Client(self.endpoint)
        try:
            return client.call(method, timeout=timeout, **fields)
        finally:
            client.close()

    def status(self):
        return self.call("Maintenance/Status")

    @property
    def member_id(self):
        return self.status().header.member_id

    def is_up(self):
        return self.process is not None and self.process.poll() is None


def certificates():
    """The guide's certificates, made by cfssl; nil where it is missing."""
    if not shutil.which("cfssl") or not shutil.which("cfssljson"):
        print("SKIPPED: cfssl is missing")
        return None
    place = scratch("pki")
    shutil.copytree(os.path.join(ROOT, "configs", "pki"), place)
    steps = ["cfssl gencert -initca ca-csr.json | cfssljson -bare ca -"] + [
        "cfssl gencert -ca=ca.pem -ca-key=ca-key.pem -config=ca-config.json -profile=%s %s.json | cfssljson -bare %s"
        % (name, name, name) for name in ("peer", "client")]
    for step in steps:
        code, out, err = run(["sh", "-c", "cd %s && %s" % (place, step)])
        assert code == 0, err
    return place


class Cluster:
    """`places` are data directories of members, by their number, where these are not just anywhere."""

    def __init__(self, binaries, flags=(), peer_scheme="http", places={}):
        self.flags, self.peer_scheme = list(flags), peer_scheme
        self.members = [ClusterMember(self, "m%d" % i, binary, data=places.get(i)) for i, binary in enumerate(binaries)]
        self.made = len(self.members)
        for member in self.members:
            member.start(wait=False)
        for member in self.members:
            member.wait_ready(40)

    @property
    def initial(self):
        return ",".join("%s=%s" % (m.name, m.peer_url) for m in self.members)

    @property
    def endpoints(self):
        return ",".join(m.endpoint for m in self.members if m.is_up())

    def up(self):
        return [m for m in self.members if m.is_up()]

    def leader(self, seconds=15):
        """The member that all that are up agree on."""
        end = time.time() + seconds
        while time.time() < end:
            found, leading = set(), None
            for member in self.up():
                try:
                    status = member.call("Maintenance/Status", timeout=2)
                    found.add(status.leader)
                    if status.leader == status.header.member_id:
                        leading = member
                except Exception:
                    found.add(0)
            if len(found) == 1 and leading is not None:
                return leading
            time.sleep(0.05)
        raise AssertionError("no agreed leader after %d s\n%s" % (seconds, self.tails()))

    def tails(self, lines=15):
        return "\n".join("== %s (%s)\n%s" % (m.name, m.binary, m.tail(lines)) for m in self.members)

    def add(self, binary, learner=False, flags=()):
        """Adds a member to the running cluster and starts it."""
        self.made += 1
        member = ClusterMember(self, "m%d" % (self.made - 1), binary, state="existing", flags=flags)
        request = message("MemberAddRequest")(peerURLs=[member.peer_url], isLearner=learner)
        self.retry("Cluster/MemberAdd", request)
        self.members.append(member)
        member.initial = self.initial
        member.start(wait=False)
        return member

    def remove(self, member):
        gone = member.member_id if member.is_up() else next(
            m.ID for m in self.up()[0].call("Cluster/MemberList").members if m.name == member.name)
        self.members.remove(member)
        self.retry("Cluster/MemberRemove", message("MemberRemoveRequest")(ID=gone))
        return gone

    def retry(self, method, request, seconds=20):
        """A call to any member, again while the cluster settles."""
        end = time.time() + seconds
        last = None
        while time.time() < end:
            for member in self.up():
                client = Client(member.endpoint)
                try:
                    return client.call(method, request, timeout=5)
                except client.grpc.RpcError as error:
                    last = error
                finally:
                    client.close()
            time.sleep(0.2)
        raise AssertionError("%s: %s" % (method, last))

    def hashes(self, seconds=15):
        """HashKV of every member at one revision that all have reached."""
        revision = max(m.status().header.revision for m in self.up())
        end = time.time() + seconds
        while time.time() < end and any(m.status().header.revision < revision for m in self.up()):
            time.sleep(0.05)
        found = {}
        for member in self.up():
            reply = member.call("Maintenance/HashKV", timeout=30, revision=revision)
            found[member.name] = (reply.hash, reply.compact_revision)
        return found

    def is_equal(self):
        """All members hold the same keys; compactions may be under way on some."""
        for _ in range(20):
            found = self.hashes()
            if len(set(found.values())) == 1:
                return True
            if len({compacted for _, compacted in found.values()}) == 1:
                return False
            time.sleep(0.2)
        return False

    def kill(self):
        for member in self.members:
            member.kill()


class Load:
    """Writers that never stop asking, spread over the members; what was acknowledged is remembered, and the longest time
    that one of them went without an answer."""

    def __init__(self, cluster, writers=2, pause=0.002):
        self.cluster, self.pause = cluster, pause
        self.acknowledged, self.errors, self.gap, self.count = {}, [], 0, 0
        self.ending = threading.Event()
        self.lock = threading.Lock()
        self.last = [time.time()] * writers
        self.threads = [threading.Thread(target=self.run, args=(i,), daemon=True) for i in range(writers)]
        for thread in self.threads:
            thread.start()

    def run(self, number):
        import grpc
        # As balancers of clients do, connections to all members are made beforehand; what is measured is how soon the cluster
        # answers, not how long a client of gRPC waits before it dials again.
        soon = [("grpc.%s_reconnect_backoff_ms" % kind, 100) for kind in ("initial", "min", "max")]
        clients, count, place = {m.endpoint: Client(m.endpoint, options=soon) for m in self.cluster.members}, 0, number
        for client in clients.values():
            client.attempt("KV/Range", key=b"load", serializable=True, timeout=3)
        while not self.ending.is_set():
            up = self.cluster.up()
            if not up:
                time.sleep(0.01)
                continue
            member = up[place % len(up)]
            client = clients.get(member.endpoint) or clients.setdefault(
                member.endpoint, Client(member.endpoint, options=soon))
            key, value = b"load/%d/%d" % (number, count % 50), b"%d" % count
            try:
                client.call("KV/Put", key=key, value=value, timeout=3)
                with self.lock:
                    now = time.time()
                    self.acknowledged[key] = value
                    self.gap = max(self.gap, now - self.last[number])
                    self.last[number] = now
                    self.count += 1
                count += 1
            except grpc.RpcError as error:
                code = error.code().name
                if code not in ("UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED"):
                    self.errors.append("%s: %s" % (code, error.details()))
                place += 1
                # The outcome is not known: the next value is another one.
                count += 1
                with self.lock:
                    self.acknowledged.pop(key, None)
            time.sleep(self.pause)
        for client in clients.values():
            client.close()

    def reset_gap(self):
        with self.lock:
            self.gap, self.last = 0, [time.time()] * len(self.last)

    def resumes(self, seconds=15):
        """Whether every writer is answered after now."""
        since, end = time.time(), time.time() + seconds
        while time.time() < end:
            with self.lock:
                if min(self.last) > since:
                    return True
            time.sleep(0.01)
        return False

    def stop(self):
        self.ending.set()
        for thread in self.threads:
            thread.join(10)

    def lost(self, member):
        """Acknowledged values that the member does not hold."""
        held = {kv.key: kv.value for kv in member.call("KV/Range", key=b"load/", range_end=b"load0").kvs}
        return {key: value for key, value in self.acknowledged.items() if held.get(key) != value}
