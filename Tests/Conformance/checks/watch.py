"""Watch: creation, history, events, cancelling, progress, fragments."""
from table import *

lane = Lane("watch")
case = lane.case
W = ("w", "x")
HUGE = (1 << 63) - 1

case("WATCH-01 created, ids from 0", create(*W), create("a"), create("a"), create("b", "c"), create("a", on="other"), create("a", on="other"))
case("WATCH-01, 14 puts and deletes", create(*W), put("w1", "1"), take(), put("w1", "2"), take(), delete("w1"), take(), put("w1", "3"), take(), put("v", "1"), put("x", "1"), quiet())
case("WATCH-02 one key, a prefix, from a key on, everything", create("w1"), create("w", "x"), create("w1", "\0"), create("\0", "\0"), create(""), create("", "\0"), put("w1", "1"), take_sorted(5), quiet(), put("a", "1"), take_sorted(2), quiet(), put("z", "1"), take_sorted(3), quiet(),
     put("\0", "1"), take_sorted(3), quiet())
case("WATCH-02 ranges that hold nothing", create("b", "a"), create("a", "a"), create("b", "\0\0"), create("a", "a\0"), create("", "a"), create("", "\0\0"), create("b", "a", watch_id=5), create("b", "a", start_revision=rev(9)), put("a", "1"), take_sorted(2), quiet())
case("WATCH-03, 13 from the past on", silently(put("h1", "1"), put("h2", "2"), put("h1", "3"), delete("h1"), put("other"), put("h1", "4")),
     create("h", "i", start_revision=rev(1)), take(), create("h1", start_revision=rev(3)), take(), create("h1", start_revision=rev(5)), take(), create("h1", start_revision=rev(6)), take(), create("h1", start_revision=rev(7)), quiet(),
     create("h", "i", start_revision=1, watch_id=99), take(), put("h1", "5"), take_sorted(6))
case("WATCH-03 filters and previous pairs in history", silently(put("h1", "1"), put("h1", "2"), delete("h1"), put("h1", "3")),
     create("h1", start_revision=rev(1), prev_kv=True), take(), create("h1", start_revision=rev(2), prev_kv=True), take(), create("h1", start_revision=rev(1), filters=[0]), take(), create("h1", start_revision=rev(1), filters=[1]), take(),
     create("h1", start_revision=rev(1), filters=[0, 1]), quiet(), create("h1", start_revision=rev(4), filters=[0]), quiet())
case("WATCH-03 a revision that is to come", put("f", "0"), create("f", start_revision=rev(2)), put("f", "1"), take(), create("g", start_revision=rev(2)), quiet())
case("WATCH-03, FIX-18 a revision far ahead", create("f", start_revision=rev(3)), put("f", "1"), put("f", "2"), put("f", "3"), take(), quiet())
REFUSED = dict(created=True, canceled=True, watch_id=-1, cancel_reason="etcdserver: mvcc: required revision has been compacted")
case("WATCH-03 negative revisions", put("f", "0"), create("f", start_revision=-1), create("f", start_revision=-HUGE), put("f", "1"), differs="watch from a negative revision", ours={1: header(1, **REFUSED), 2: header(1, **REFUSED)})
case("WATCH-10, FIX-16, FIX-17 the deletion at the revision of a compaction", put("t", "1"), delete("t"), put("u"), compact(rev(2), physical=True), create("t", start_revision=rev(2)), take(1, seconds=1), differs="watch from the revision of a compaction, where a key was deleted",
     ours={5: header(3, events=[{"type": 1, "kv": {"key": "t", "mod_revision": "r+2"}}])})
case("WATCH-04 compacted starts", silently(put("c", "1"), put("c", "2"), put("c", "3"), put("c", "4")), compact(rev(3)), create("c", start_revision=rev(1)), take(), create("c", start_revision=rev(2)), take(), create("c", start_revision=rev(3)), take(),
     create("c", start_revision=rev(4)), take(), create("c", start_revision=1, watch_id=77), take(), create("none", start_revision=rev(1)), take(), create("none", start_revision=rev(3)), quiet(), put("c", "5"), take_sorted(3), quiet())
case("WATCH-04 the id of a watcher that a compaction ended", put("c", "1"), put("c", "2"), compact(rev(2)), create("c", start_revision=rev(1), watch_id=77), take(), create("c", watch_id=77), differs="id of a watcher that a compaction ended", ours={5: header(2, watch_id=77, created=True)})
case("WATCH-04 a compaction does not touch who is up to date", create("c"), silently(put("c", "1"), put("c", "2")), take(2), compact(rev(2)), quiet(), put("c", "3"), take())
case("WATCH-05 ids of one's own", create("a", watch_id=7), create("a", watch_id=7), create("a"), create("a", watch_id=1), create("a"), create("a"), create("a", watch_id=-1), create("a", watch_id=-1), create("a", watch_id=-9), create("a", watch_id=HUGE), create("a", watch_id=HUGE),
     put("a", "1"), take_sorted(8))
case("WATCH-05 an id is free again once cancelled", create("a", watch_id=7), cancel(7), take(), create("a", watch_id=7), cancel(7), take(), create("a"), cancel(0), take(), create("a"), put("a"), take(), quiet())
case("WATCH-05 refused watchers take no id", create("b", "a"), create("a"), create("b", "a"), create("a"))
case("WATCH-06 cancelling", create("a"), create("a"), cancel(0), take(), put("a", "1"), take(), quiet(), cancel(0), quiet(), cancel(55), quiet(), cancel(-1), quiet(), cancel(1), take(), put("a", "2"), quiet(), create("a"), put("a", "3"), take())
case("FIX-03, WATCH-06 the watcher with id 0 lives on", create("a"), create("b", "a"), create("a", watch_id=3), create("a", watch_id=3), put("a", "1"), take_sorted(2), quiet(), cancel(-1), put("a", "2"), take_sorted(2))
case("WATCH-08, FIX-10 progress on request, in its place among the events", progress(), take(), create("pr"), progress(), take(), put("pr", "1"), take(), put("other"), progress(), take(), progress(), progress(), take(2), cancel(0), take(), progress(), take())
case("WATCH-09 filters", create("g", filters=[0]), create("g", filters=[1]), create("g", filters=[0, 1]), create("g", filters=[0, 0]), create("g", filters=[7]), put("g", "1"), take_sorted(2), quiet(), delete("g"), take_sorted(3), quiet())
case("WATCH-10 previous pairs", create("g", "h", prev_kv=True), put("g1", "1"), take(), put("g1", "2"), take(), delete("g1"), take(), put("g1", "3"), take(), txn(then=[op.put("g1", "4"), op.put("g2", "5"), op.delete("g0")]), take(), delete("g", "h"), take())
case("WATCH-10 previous pairs that a compaction took", silently(put("g", "1"), put("g", "2"), put("g", "3"), put("g", "4")), compact(rev(3), physical=True), create("g", start_revision=rev(3), prev_kv=True), take(), create("g", start_revision=rev(4), prev_kv=True), take())
case("WATCH-13 all of a transaction at once, in its order", create("w", "x"), txn(then=[op.put("w3", "1"), op.put("w1", "2"), op.put("w2", "3"), op.put("zz")]), take(), txn(then=[op.delete("w1"), op.put("w9", "1"), op.delete("w2")]), take(), delete("w", "x"), take(), quiet())
case("WATCH-13 a transaction that deletes what another puts", put("w1"), create("w", "x"), txn(then=[op.delete("w1"), op.txn(then=[op.put("w2", "n")])]), take(), txn(then=[op.delete("w2"), op.delete("w", "x")]), take(), quiet())
case("WATCH-13 order of many single writes", create("o", "p"), silently([put("o%d" % (i % 3), str(i)) for i in range(30)]), take(30), quiet())
case("WATCH-14, LEASE-03 a revoked lease deletes in one revision", call("Lease/LeaseGrant", ID=5, TTL=500), put("w2", "1", lease=5), put("w1", "1", lease=5), create("w", "x", prev_kv=True), call("Lease/LeaseRevoke", ID=5), take(), quiet())
case("WATCH-18 created comes before events", silently(put("a", "1")), [lambda side: [side.stream().send({"create_request": {"key": "a", "start_revision": side.base + 1}}) for _ in range(20)] and None], lambda side: sum("created" in r for r in map(str, [side.stream().next(5) for _ in range(40)])),
     quiet())
case("WATCH-19 watchers of one stream and of others", [create("m", on=s) for s in ("one", "two")], [create("m", on="one") for _ in range(5)], put("m", "1"), take_sorted(6, on="one"), take(on="two"), quiet("one"), quiet("two"))
case("WATCH-16 the client ends its requests", create("a"), lambda side: side.stream().requests.put(None), take(1, seconds=2))
case("WATCH-16 ERR-13 the client gives up", create("a"), lambda side: side.stream().call.cancel(), take(1))
case("WATCH-01 requests that say nothing", create("a"), send(b""), quiet(), send({"cancel_request": {}}), take(), send({"create_request": {}}), take(), put("zz"), take(), send({"progress_request": {}}), take())
case("WATCH-01 bytes that are no request", create("a"), send(b"\xff\xff\xff"), lambda side: side.stream().next(5)[:2])
case("WATCH-01 the start with a request that is none", send(b"\x0a\xff"), lambda side: side.stream().next(5)[:2])


def big(name, count, size):
    return [op.put("%s%d" % (name, i), "x" * size) for i in range(count)]


def pieces(*expected):
    """The replies until all events have come: their events, sizes within the bound, and marks."""
    def run_pieces(side):
        keys, marks, small = [], [], []
        while len(keys) < expected[0]:
            reply = side.stream().replies.get(timeout=8)
            keys += [e.kv.key for e in reply.events]
            marks.append(reply.fragment)
            small.append(reply.ByteSize() < 2097152 + 700000)
        return keys, marks, all(small)
    return run_pieces


case("WATCH-11 fragments of an event too many", create("b", "c", fragment=True), txn(then=big("b", 2, 700000)), pieces(2), silently([put("b%d" % i, "x" * 700000) for i in range(6)]), pieces(6), quiet())
case("WATCH-11 fragments of history", silently([put("b%d" % i, "x" * 700000) for i in range(7)]), create("b", "c", fragment=True, start_revision=rev(1)), pieces(7), quiet(), differs="history for a watcher that is behind", ours={2: ([b"b%d" % i for i in range(7)], [False] * 4, True)})
case("WATCH-11 fragments count what the pair before adds", silently([put("b%d" % i, "x" * 700000) for i in range(2)]), create("b", "c", fragment=True, prev_kv=True), txn(then=big("b", 2, 700000)), pieces(2), quiet())
case("WATCH-12 whole without fragments", silently([put("b%d" % i, "x" * 700000) for i in range(2)]), create("b", "c", prev_kv=True), txn(then=big("b", 2, 700000)), pieces(2), quiet())
case("WATCH-12 history whole without fragments", silently([put("b%d" % i, "x" * 700000) for i in range(7)]), create("b", "c", start_revision=rev(1)), pieces(7), quiet(), differs="history for a watcher that is behind", ours={2: ([b"b%d" % i for i in range(7)], [False] * 4, True)})
case("WATCH-11 nothing to split", create("s", fragment=True), put("s", "1"), take(), quiet(), delete("\0", "\0"))

# Progress by itself: at the shortest interval of etcd 3.4.11.
idle = Lane("idle watchers", "--experimental-watch-progress-notify-interval", "400ms")
idle.case("WATCH-07 progress to the idle", create("i", progress_notify=True), take(2), put("other"), take(), create("j"), quiet(on="none"))
idle.case("WATCH-07 none to who did not ask", create("i"), quiet(seconds=1.2))
idle.case("WATCH-07 an interval with events has none", create("i", progress_notify=True), lambda side: [time.sleep(0.2) or put("i", str(n))(side) for n in range(6)] and None,
          lambda side: ["events" in side.stream().next(2) for _ in range(6)])

fast = Lane("slow readers")
fast.case("WATCH-17 a reader that stops reading gets everything later", create("s", "t"), silently([put("s%d" % (i % 10), "x" * 20000) for i in range(1500)]), lambda side: [len(e) for e in [[x.kv.mod_revision - side.base for x in gather(side, 1500)]] if e == list(range(1, 1501))])


def gather(side, count):
    events = []
    while len(events) < count:
        events += side.stream().replies.get(timeout=20).events
    return events
