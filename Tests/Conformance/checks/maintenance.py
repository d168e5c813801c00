"""Maintenance: alarms, quota, status, hashes, snapshots, defragmentation, leadership."""
import hashlib
from table import *

lane = Lane("maintenance")
case = lane.case
HUGE = (1 << 63) - 1


def alarm(action=0, kind=0, member=ME):
    return call("Maintenance/Alarm", action=action, memberID=member, alarm=kind)


RAISE, LOWER = 1, 2
NOSPACE, CORRUPT = 1, 2
CLEAR = [alarm(LOWER, NOSPACE), alarm(LOWER, CORRUPT), alarm(LOWER, NOSPACE, 5), alarm(LOWER, CORRUPT, 5), alarm(LOWER, NOSPACE, 0), alarm(LOWER, CORRUPT, 0)]
status = call("Maintenance/Status")


def grant(number, ttl=100):
    return call("Lease/LeaseGrant", ID=number, TTL=ttl)


def hash_at(revision=0):
    def run_hash(side):
        answer = call("Maintenance/HashKV", revision=revision)(side)
        return answer if isinstance(answer, tuple) else (answer, side.last.hash, side.last.compact_revision - side.base)
    return run_hash


case("MAINT-01 no alarms", alarm(), call("Maintenance/Alarm"), alarm(0, NOSPACE), alarm(0, CORRUPT), alarm(0, NOSPACE, 77))
case("MAINT-01, 02 raising and lowering", alarm(RAISE, NOSPACE), alarm(), alarm(0, NOSPACE), alarm(0, CORRUPT), call("Maintenance/Alarm", alarm=NOSPACE), alarm(RAISE, NOSPACE), alarm(LOWER, NOSPACE), alarm(LOWER, NOSPACE), alarm(), CLEAR)
case("MAINT-02 alarms of others, both kinds, none", alarm(RAISE, NOSPACE, 5), alarm(RAISE, CORRUPT, 5), alarm(RAISE, NOSPACE), lambda side: sorted(str(alarm()(side)["alarms"])), alarm(0, NOSPACE, 5), alarm(LOWER, NOSPACE, 5), alarm(LOWER, CORRUPT, 6), CLEAR, alarm())
case("MAINT-02 alarms without a kind, kinds without a name, actions without a name", alarm(RAISE, 0), alarm(), alarm(LOWER, 0), alarm(), alarm(LOWER, 9), alarm(), CLEAR)
case("MAINT-02 actions without a name", unasked(alarm(7, NOSPACE)), alarm(), differs="an alarm request with an unknown action, a range sorted by an unknown target", ours={0: {}})
case("MAINT-03, ERR-09 without space", put("k", "1"), grant(5), put("l", "1", lease=5), alarm(RAISE, NOSPACE), put("k", "2"), put("k", "2", lease=404), put(""), txn(then=[op.put("k", "2")]), txn(then=[op.get("k")]), txn(then=[op.delete("k9")]), txn([compare("k", VERSION, EQUAL, 9)], [op.put("k", "2")], [op.get("k")]),
     txn(then=[op.txn(then=[op.get("k")])]), txn(), grant(6), grant(5), call("Lease/LeaseRevoke", ID=404), call("Lease/LeaseRevoke", ID=5), get("k", "m"), delete("l"), delete("k"), compact(rev(1)), status, lambda side: list(map(clean_line, side.last.errors)) == [],
     CLEAR, put("k", "3"), status)
case("MAINT-03 without space: what put and lease refuse first", alarm(RAISE, NOSPACE), put("p", "x", ignore_value=True), put("p", lease=5, ignore_lease=True), txn(then=[op.put("q"), op.put("q")]), txn(then=[op.nothing]), grant(7, HUGE), put("p", "x" * 2200000), CLEAR)
case("MAINT-04, ERR-52 corrupt", put("k", "1"), grant(5), alarm(RAISE, CORRUPT), put("k", "2"), delete("k"), delete("nothing"), txn(then=[op.put("k", "2")]), txn(then=[op.delete("k")]), txn(then=[op.get("k")]), txn([compare("k", VERSION, EQUAL, 9)], [op.put("k")], [op.get("k")]), txn(),
     get("k"), get("k", serializable=True), compact(rev(1)), grant(6), call("Lease/LeaseRevoke", ID=5), call("Lease/LeaseRevoke", ID=404), call("Lease/LeaseTimeToLive", ID=5), keep_alive(5), create("k"), call("Auth/UserList"), call("Maintenance/HashKV"), status, alarm(), CLEAR, put("k", "2"))
both = Lane("both alarms")
both.case("MAINT-02, 04 both alarms at once", alarm(RAISE, CORRUPT), alarm(RAISE, NOSPACE), put("k"), grant(8), alarm(LOWER, CORRUPT), put("k"), grant(8), CLEAR, differs="both alarms at once",
          ours={2: ("error", 15, "etcdserver: corrupt cluster"), 3: ("error", 15, "etcdserver: corrupt cluster"), 5: ("error", 8, "etcdserver: mvcc: database space exceeded"), 6: ("error", 8, "etcdserver: mvcc: database space exceeded")})
case("MAINT-06 status", status, lambda side: (side.last.leader == side.member, side.last.header.member_id == side.member, side.last.raftIndex >= side.last.raftAppliedIndex > 0, side.last.dbSize >= side.last.dbSizeInUse > 0, side.last.raftTerm == side.last.header.raft_term, side.last.version[:3]),
     put("a"), status, lambda side: side.last.raftIndex == side.last.raftAppliedIndex, call("Maintenance/Status", timeout=0.5))
case("MAINT-08 defragmentation", silently([put("k%d" % i, "x" * 1000) for i in range(100)]), call("Maintenance/Defragment"), get("k", "l", count_only=True), hash_at(), call("Maintenance/Defragment"), put("k1", "2"), delete("\0", "\0"), compact(rev(102), physical=True), call("Maintenance/Defragment"), everything())
case("MAINT-10 hashes at revisions", silently(put("a", "1"), put("b", "2"), put("a", "3"), delete("b"), put("c", "4")), [lambda side, n=n: hash_at(rev(n))(side)[0] for n in range(0, 6)], hash_at(rev(6)), hash_at(HUGE), hash_at(-1), compact(rev(3), physical=True), hash_at(rev(2)),
     hash_at(rev(1)), [hash_at(rev(n)) for n in (3, 4, 5)], hash_at(0), put("d"), hash_at(0), hash_at(rev(5)))


def snapshot(side):
    """The stream's shape: pieces, what remains after each, the digest at the end."""
    blobs, remaining = [], []
    for reply in side.client.download("Maintenance/Snapshot", message("SnapshotRequest")()):
        blobs.append(reply.blob)
        remaining.append(reply.remaining_bytes)
    image = b"".join(blobs[:-1])
    left, right = len(image), True
    for blob, rest in zip(blobs[:-1], remaining):
        left -= len(blob)
        right = right and left == rest
    return {"digest": hashlib.sha256(image).digest() == blobs[-1], "rest counts down": right, "last rest": remaining[-1], "longest": max(map(len, blobs)) <= 32768, "pages": len(image) % 4096, "first is full": len(blobs[0]), "magic": image[16:20].hex()}


case("MAINT-11 snapshots", silently([put("k%d" % i, "x" * 1000) for i in range(100)]), snapshot, delete("\0", "\0"), snapshot)
case("MAINT-12, ERR-54 handing leadership over", call("Maintenance/MoveLeader", targetID=12345), call("Maintenance/MoveLeader", targetID=0), call("Maintenance/MoveLeader", targetID=ME), call("Maintenance/MoveLeader"), put("a"))
case("MAINT-09 the hash of the whole store", lambda side: call("Maintenance/Hash")(side).keys() if False else sorted(call("Maintenance/Hash")(side)), lambda side: side.last.hash != 0)

EVENTS = "--max-request-bytes"
small = Lane("quota", "--quota-backend-bytes", "8000000")


def until_full(side):
    """Puts until one is refused; how is it refused?"""
    for n in range(300):
        answer = side.ask("KV/Put", {"key": "fill%d" % n, "value": "x" * 100000})
        if isinstance(answer, tuple):
            return answer
    return "never full"


def loosely(step):
    """The kind of answer only: how much fits before a store is full depends on its pages."""
    return lambda side: (lambda answer: answer if isinstance(answer, tuple) else sorted(answer))(step(side))


small.case("MAINT-05, ERR-09 a quota that is reached", until_full, alarm(), put("small", "1"), txn(then=[op.put("small", "1")]), [loosely(s) for s in (txn(then=[op.get("fill1", keys_only=True)]), grant(9), status)], lambda side: len(side.last.errors), [loosely(s) for s in (delete("fill", "fill9"), get("small"), delete("\0", "\0"))],
           lambda side: compact(side.last.header.revision, physical=True)(side) and None, call("Maintenance/Defragment"), alarm(LOWER, NOSPACE), [loosely(s) for s in (put("small", "1"), grant(9))], alarm(), fresh=False)
small.case("MAINT-05 a request that alone is larger than what is left", put("a", "x" * 1400000), put("b", "x" * 1400000), put("c", "x" * 1400000), delete("\0", "\0"), fresh=False)
