"""What a cluster may lose, and how it heals: its leader, half its members, a disk's room, half a minute, a million entries.

usage: losses.py [long] [part ...]
The short form fits into a run of CI and bounds times with a margin for a busy machine; the long one has the numbers that
are promised: twenty kills, a million entries, and the bounds of a quiet machine.
"""
import statistics
from clusters import *
from wire import H2

need(OURS, "our etcd")
LONG = "long" in sys.argv[1:]
ONLY = [name for name in sys.argv[1:] if name != "long"]


def kept(score, name, cluster, load):
    """Nothing acknowledged is lost, on any member, and all hold the same."""
    score.check("%s: only errors that may be tried again" % name, not load.errors, load.errors[:3])
    score.check("%s: the writers were answered" % name, load.count > 0, load.count)
    for member in cluster.up():
        lost = load.lost(member)
        score.check("%s: nothing acknowledged is lost on %s" % (name, member.name), not lost, list(lost.items())[:3])
    score.check("%s: HashKV is equal" % name, cluster.is_equal(), cluster.hashes())


def listed(gaps):
    return ", ".join("%.0f" % (gap * 1000) for gap in gaps)


def killed(score):
    """kill -9 of the leader under load, again and again."""
    cluster = Cluster([OURS] * 3)
    load, gaps = Load(cluster, writers=3), []
    try:
        for _ in range(20 if LONG else 5):
            leader = cluster.leader()
            score.check("writers are answered before a kill", load.resumes(), cluster.tails())
            load.reset_gap()
            leader.kill()
            score.check("and after it", load.resumes(), cluster.tails())
            gaps.append(load.gap)
            leader.start()
        cluster.leader()
        load.stop()
        print("losses: kill -9 of the leader, ms without an answer: %s; median %.0f, worst %.0f"
              % (listed(gaps), statistics.median(gaps) * 1000, max(gaps) * 1000), flush=True)
        # An election timeout is one to two seconds; on a busy machine somebody may have to ask twice.
        score.check("writes resume within one election", statistics.median(gaps) <= 2.0, listed(gaps))
        score.check("the worst of %d kills" % len(gaps), max(gaps) <= (2.0 if LONG else 4.0), listed(gaps))
        kept(score, "kill -9", cluster, load)
    finally:
        load.stop()
        cluster.kill()


def ended(score):
    """SIGTERM of the leader: somebody else leads before it ends."""
    cluster = Cluster([OURS] * 3)
    load, gaps, usual = Load(cluster, writers=3), [], []
    try:
        for _ in range(10 if LONG else 5):
            leader = cluster.leader()
            score.check("writers are answered before SIGTERM", load.resumes(), cluster.tails())
            load.reset_gap()
            time.sleep(0.5)
            usual.append(load.gap)
            load.reset_gap()
            code = leader.stop()
            score.equal("a leader that is told to end does", code, -15)
            score.check("writers are answered after SIGTERM", load.resumes(), cluster.tails())
            time.sleep(0.2)
            gaps.append(load.gap)
            leader.start()
        load.stop()
        print("losses: SIGTERM of the leader, ms without an answer: %s; median %.1f, worst %.1f; without: median %.1f, worst %.1f"
              % (listed(gaps), statistics.median(gaps) * 1000, max(gaps) * 1000,
                 statistics.median(usual) * 1000, max(usual) * 1000), flush=True)
        # An election without a hand-over takes a second at least; a busy machine makes everything slower.
        score.check("SIGTERM of the leader: half of the gaps are short",
                    statistics.median(gaps) < max(0.25, min(0.7, 8 * statistics.median(usual))), listed(gaps))
        score.check("SIGTERM of the leader: no gap is an election's", sorted(gaps)[-2] < 0.9, listed(gaps))
        if LONG:
            score.check("SIGTERM of the leader: worst gap 20 ms", max(gaps) <= 0.02, listed(gaps))
        cluster.leader()
        kept(score, "SIGTERM", cluster, load)
    finally:
        load.stop()
        cluster.kill()


def five(score):
    """Five members bear the loss of two, not of three."""
    cluster = Cluster([OURS] * 5)
    load = Load(cluster)
    try:
        first = cluster.leader()
        score.check("five members serve", load.resumes(), cluster.tails())
        gone = [first, next(m for m in cluster.members if m is not first)]
        for member in gone:
            member.kill()
        score.check("two of five killed, the leader too: writers are answered", load.resumes(), cluster.tails())
        score.check("the rest holds the same", cluster.is_equal(), cluster.hashes())
        third = cluster.up()[0]
        third.kill()
        left = cluster.up()
        text = told(left[0], lambda reply: reply[0] == "error" and "etcdserver: " in reply[2])
        score.check("three of five killed: a put is told so", text in NO_QUORUM, text)
        text = told(left[1], lambda reply: "no leader" in str(reply), method="KV/Range", key=b"a", metadata=[("hasleader", "true")])
        score.equal("three of five killed: who wants a leader hears that there is none", text, "etcdserver: no leader")
        with_health = health(left[0])
        score.check("three of five killed: /health says so", with_health.get("health") == "false", with_health)
        third.start(wait=False)
        score.check("three of five are back: writers are answered", load.resumes(20), cluster.tails())
        for member in gone:
            member.start(wait=False)
        for member in gone + [third]:
            member.wait_ready(20)
        cluster.leader()
        load.stop()
        kept(score, "five members", cluster, load)
    finally:
        load.stop()
        cluster.kill()


# What a put is told when nobody leads, or the leader is gone while it waits.
NO_QUORUM = ("etcdserver: no leader", "etcdserver: leader changed", "etcdserver: request timed out",
             "etcdserver: request timed out, possibly due to previous leader failure")


def told(member, is_it, method="KV/Put", seconds=12, **fields):
    """The text of the first answer that `is_it`, or of the last one."""
    client, end, reply = Client(member.endpoint), time.time() + seconds, None
    fields = fields or {"key": b"a", "value": b"1"}
    while time.time() < end:
        reply = client.attempt(method, timeout=9, **fields)
        if is_it(reply):
            break
        time.sleep(0.1)
    client.close()
    return reply[2] if reply[0] == "error" else repr(reply)


def health(member):
    try:
        return json.loads(member.get("/health", timeout=10))
    except urllib.error.HTTPError as error:
        return json.loads(error.read().decode())


def filled(score):
    """The disk of one member is full: it says so and ends, the others go on, and with room it is whole again."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        print("SKIPPED: mounting a small file system needs root")
        return
    place = scratch("small")
    os.makedirs(place)
    if run(["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", place])[0] != 0:
        print("SKIPPED: mounting a small file system is not allowed here")
        return
    cluster = None
    try:
        cluster = Cluster([OURS] * 3, places={2: os.path.join(place, "data")})
        full = cluster.members[2]
        for leads in ([False, True] if LONG else [True]):
            full_once(score, cluster, full, place, leads)
    finally:
        if cluster:
            cluster.kill()
        run(["umount", "-l", place])


def full_once(score, cluster, full, place, leads):
    name = "a full disk of the leader" if leads else "a full disk of a follower"
    wanted = full if leads else cluster.members[0]
    if cluster.leader() is not wanted:
        cluster.leader().call("Maintenance/MoveLeader", targetID=wanted.member_id)
    score.check("%s: it leads" % name if leads else "%s: another leads" % name, cluster.leader() is wanted)
    load = Load(cluster)
    try:
        # What fills the disk is none of etcd's, as in life: a log that somebody forgot.
        with open(os.path.join(place, "forgotten"), "wb") as f:
            try:
                while True:
                    f.write(b"x" * (1 << 20))
                    f.flush()
            except OSError:
                pass
        other = cluster.members[1]
        client, end = Client(other.endpoint), time.time() + 40
        acknowledged = 0
        while full.is_up() and time.time() < end:
            acknowledged += client.attempt("KV/Put", key=b"big%d" % acknowledged, value=os.urandom(500000), timeout=3)[0] == "ok"
        client.close()
        score.check("%s: it ends" % name, not full.is_up() and full.process.returncode == 1, full.process.returncode)
        text = full.tail(60).lower()
        score.check("%s: it says what is wrong and what to do" % name,
                    "no space left" in text and "free some space on this file system and start again" in text, text[-1500:])
        score.check("%s: it says where" % name, full.data.lower() in text, text[-1500:])
        load.reset_gap()
        score.check("%s: the others go on" % name, load.resumes(), cluster.tails())
        os.remove(os.path.join(place, "forgotten"))
        full.start(wait=False)
        full.wait_ready(30)
        cluster.leader()
        load.stop()
        kept(score, name, cluster, load)
        found = full.call("KV/Range", key=b"big", range_end=b"bih", count_only=True).count
        score.check("%s: it holds what was acknowledged" % name, found >= acknowledged, "%d of %d" % (found, acknowledged))
    finally:
        load.stop()


class Stale:
    """Asks a member that will stand still, and compares each answer with what was acknowledged before the question."""

    def __init__(self, member, other):
        self.member, self.other = member, other
        self.number, self.stale, self.asked, self.answered = 0, [], 0, 0
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self.write, self.read)]
        for thread in self.threads:
            thread.start()

    def write(self):
        client, number = Client(self.other.endpoint), 0
        while not self.ending.is_set():
            number += 1
            if client.attempt("KV/Put", key=b"fresh", value=b"%d" % number, timeout=3)[0] == "ok":
                self.number = number
            time.sleep(0.005)
        client.close()

    def read(self):
        client = Client(self.member.endpoint)
        while not self.ending.is_set():
            before = self.number
            self.asked += 1
            reply = client.attempt("KV/Range", key=b"fresh", timeout=60)
            if reply[0] == "ok":
                self.answered += 1
                seen = int(reply[1].kvs[0].value) if reply[1].kvs else 0
                if seen < before:
                    self.stale.append((before, seen))
            time.sleep(0.002)
        client.close()

    def stop(self):
        self.ending.set()
        for thread in self.threads:
            thread.join(65)


def paused(score):
    """A leader and a follower, each of a cluster of its own, stand still for half a minute and go on."""
    clusters = [Cluster([OURS] * 3) for _ in range(2)]
    try:
        chosen = []
        for cluster, leads in zip(clusters, (True, False)):
            leader = cluster.leader()
            member = leader if leads else next(m for m in cluster.members if m is not leader)
            other = next(m for m in cluster.members if m is not member and m is not leader)
            chosen.append((cluster, member, Stale(member, other), "a paused %s" % ("leader" if leads else "follower")))
        time.sleep(1)
        for _, member, _, _ in chosen:
            os.kill(member.process.pid, signal.SIGSTOP)
        time.sleep(15)
        middle = [stale.number for _, _, stale, _ in chosen]
        time.sleep(15)
        for (_, _, stale, name), number in zip(chosen, middle):
            score.check("%s: the others serve" % name, stale.number > number + 100, (number, stale.number))
        answered = [stale.answered for _, _, stale, _ in chosen]
        for _, member, _, _ in chosen:
            os.kill(member.process.pid, signal.SIGCONT)
        time.sleep(4)
        for (cluster, member, stale, name), before in zip(chosen, answered):
            stale.stop()
            score.check("%s: it serves again" % name, stale.answered > before + 50, (before, stale.answered, member.tail()))
            score.check("%s: no linearizable read is stale" % name, not stale.stale, stale.stale[:5])
            cluster.leader()
            score.check("%s: it catches up" % name, cluster.is_equal(), cluster.hashes())
    finally:
        for cluster in clusters:
            for member in cluster.members:
                if member.is_up():
                    os.kill(member.process.pid, signal.SIGCONT)
            cluster.kill()


def majority(score):
    """The majority is gone: clients are told soon, and everything goes on when it is back."""
    cluster = Cluster([OURS] * 3)
    try:
        cluster.leader()
        left = cluster.members[0]
        client = Client(left.endpoint)
        create = message("WatchRequest")()
        create.create_request.key = b"w"
        idle = threading.Event()

        def requests():
            yield create
            idle.wait(30)
        stream = client.stream("Watch/Watch", requests(), timeout=30, metadata=[("hasleader", "true")])
        score.check("a watch that wants a leader begins", next(iter(stream)).created)
        for member in cluster.members[1:]:
            member.kill()
        began = time.time()
        try:
            for _ in stream:
                pass
            text = "ended"
        except client.grpc.RpcError as error:
            text = error.details()
        score.check("it ends when there is none: %.1f s" % (time.time() - began),
                    text == "etcdserver: no leader" and time.time() - began < 5, text)
        idle.set()
        began = time.time()
        kind, code, text = client.attempt("KV/Put", key=b"a", value=b"1")
        score.check("a put without a majority fails: %.1f s" % (time.time() - began),
                    code == 14 and time.time() - began < 8, text)
        kind, reply = client.attempt("KV/Range", key=b"a", serializable=True)[:2]
        score.check("a serializable read is served", kind == "ok", reply)
        client.close()
        for member in cluster.members[1:]:
            member.start(wait=False)
        for member in cluster.members[1:]:
            member.wait_ready(20)
        cluster.leader()
        cluster.retry("KV/Put", message("PutRequest")(key=b"a", value=b"2"))
        score.check("HashKV is equal when the majority is back", cluster.is_equal(), cluster.hashes())
    finally:
        cluster.kill()


def wiped(score):
    """A member that lost all it had comes back as a new one."""
    cluster = Cluster([OURS] * 3)
    try:
        for number in range(200):
            cluster.members[number % 3].call("KV/Put", key=b"w%d" % number, value=b"v")
        # Before the members have agreed on a version nobody may join, and that would be what it says.
        end = time.time() + 30
        while not all('"etcdcluster":"3.' in member.get("/version") for member in cluster.members) and time.time() < end:
            time.sleep(0.05)
        gone = next(m for m in cluster.members if m is not cluster.leader())
        gone.kill()
        shutil.rmtree(gone.data)
        # As it is, it may not come back: it has promised what it does not remember.
        gone.state = "existing"
        gone.start(wait=False)
        try:
            code = gone.process.wait(15)
        except subprocess.TimeoutExpired:
            code = "running"
        score.check("wiped, it does not go on under its old name", code not in (0, "running"), code)
        score.check("and says what to do", "Remove this member from the cluster and add it again" in gone.tail(400), gone.tail(10))
        gone.kill()
        shutil.rmtree(gone.data, ignore_errors=True)
        time.sleep(6)  # a member counts as connected after five seconds: before, the change would be refused
        cluster.remove(gone)
        again = cluster.add(OURS)
        again.wait_ready(30)
        score.check("a wiped member is replaced: HashKV is equal", cluster.is_equal(), cluster.hashes())
        score.equal("the newcomer is a member of the cluster", len(again.call("Cluster/MemberList").members), 3)
        score.equal("and holds what there is", again.call("KV/Range", key=b"w", range_end=b"x", count_only=True).count, 200)
    finally:
        cluster.kill()


def behind(score):
    """A member that missed a few thousand entries is sent those; one that missed more than is kept is sent the state."""
    if not os.path.exists("/usr/bin/h2load"):
        print("SKIPPED: h2load is missing")
        return
    cluster = Cluster([OURS] * 3)
    try:
        one_behind(score, cluster, "a few entries behind", write_many, 3000, False)
        one_behind(score, cluster, "many entries behind", write_many, 1000000 if LONG else 100000, True)
    finally:
        cluster.kill()
    cluster = Cluster([OURS] * 3, flags=["--snapshot-count", "1000"])
    try:
        one_behind(score, cluster, "many keys behind", write_keys, 1000000 if LONG else 60000, True)
    finally:
        cluster.kill()


def one_behind(score, cluster, name, write, count, is_sent):
    leader = cluster.leader()
    late = next(m for m in cluster.members if m is not leader)
    late.kill()
    began = time.time()
    write(leader, count)
    wrote = time.time() - began
    status = leader.status()
    revision, term, sent = status.header.revision, status.raftTerm, snapshots_sent(leader)
    # Meanwhile somebody writes and must not notice.
    load = Load(cluster, writers=1)
    load.resumes()
    load.reset_gap()
    began = time.time()
    late.start(wait=False)
    while time.time() < began + 60:
        try:
            if late.status().header.revision >= revision:
                break
        except Exception:
            pass  # it is not there yet, or busy with what it has received
        time.sleep(0.05)
    took, gap = time.time() - began, load.gap
    load.stop()
    print("losses: %s: %d written in %.1f s, caught up in %.2f s, longest wait of a writer %.0f ms"
          % (name, count, wrote, took, gap * 1000), flush=True)
    score.check("%s: it catches up" % name, took < 60, cluster.tails())
    score.equal("%s: by a snapshot" % name, snapshots_sent(leader) > sent, is_sent)
    score.equal("%s: nobody else is elected, so no heartbeat was late" % name, leader.status().raftTerm, term)
    score.check("%s: writers do not wait for it" % name, gap < 2, gap)
    late.wait_ready()
    kept(score, name, cluster, load)


def write_many(member, count):
    body = scratch("body")
    request = message("PutRequest")(key=b"many", value=b"v").SerializeToString()
    with open(body, "wb") as f:
        f.write(b"\0" + len(request).to_bytes(4, "big") + request)
    code, out, err = run(["h2load", "-n", str(count), "-c", "20", "-m", "50", "-t", "1", "-d", body,
                          "-H", "content-type: application/grpc", "-H", "te: trailers",
                          member.url + "/etcdserverpb.KV/Put"], timeout=300)
    assert code == 0 and "%d succeeded" % count in out, out + err


def write_keys(member, count):
    """So many keys of 256 bytes, a hundred to an entry; enough entries that nobody may be sent them one by one."""
    put, op, txn = message("PutRequest"), message("RequestOp"), message("TxnRequest")
    client = H2(member.client, timeout=120)
    for start in range(0, count, 10000):
        calls = [client.call_frames("KV/Txn", txn(success=[
            op(request_put=put(key=b"keys/%07d" % n, value=b"v" * 256)) for n in range(first, first + 100)]))
            for first in range(start, min(start + 10000, count), 100)]
        client.send(b"".join(frames for _, frames in calls))
        client.reply(calls[-1][0])
    client.close()
    write_many(member, 6000)


def snapshots_sent(member):
    return sum(float(line.split()[-1]) for line in member.get("/metrics").splitlines()
               if line.startswith("etcd_network_snapshot_send_success"))


PARTS = [killed, ended, five, filled, majority, paused, wiped, behind]


def main():
    pb()
    Score("losses").run(PARTS, ONLY)


if __name__ == "__main__":
    main()
