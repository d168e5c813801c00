"""Txn: comparisons, branches, order, refusals."""
from table import *

lane = Lane("txn")
case = lane.case
YES, NO = [op.put("yes", "1")], [op.put("no", "1")]
RESULTS = (EQUAL, GREATER, LESS, NOT_EQUAL)
HUGE = (1 << 63) - 1


def ask(key, target, value, end=""):
    """The comparison with each result; the branch taken is seen in `succeeded`."""
    return [txn([compare(key, target, result, value, end)], [op.get("x", count_only=True)], [op.get("y", count_only=True)]) for result in RESULTS]


KEYS = silently(call("Lease/LeaseGrant", ID=70, TTL=900), put("x1", "m"), put("x2", "m", lease=70), put("x2", "q", lease=70), put("x3", "m"))
case("TXN-01, 02 versions", KEYS, [ask("x2", VERSION, n) for n in (0, 1, 2, 3, -1, HUGE)])
case("TXN-01, 02 create revisions", KEYS, [ask("x2", CREATE, n) for n in (0, rev(1), rev(2), rev(3))])
case("TXN-01, 02 mod revisions", KEYS, [ask("x2", MOD, n) for n in (0, rev(2), rev(3), rev(4), -7)])
case("TXN-01, 02 values", KEYS, [ask("x2", VALUE, v) for v in ("", "q", "qq", "p", "\xff", "\0")])
case("TXN-01, 02 leases", KEYS, [ask("x2", LEASE, n) for n in (0, 70, 71, -70)], ask("x1", LEASE, 0))
case("TXN-03 a missing key has zeros, and no value", [ask("none", t, v) for t, v in ((VERSION, 0), (VERSION, 1), (CREATE, 0), (MOD, 0), (MOD, -1), (LEASE, 0), (LEASE, 5), (VALUE, ""), (VALUE, "a"))])
case("TXN-03 a deleted key is missing", put("gone", "1"), delete("gone"), [ask("gone", t, v) for t, v in ((VERSION, 0), (CREATE, 0), (MOD, 0), (VALUE, ""))])
case("TXN-04 all keys of a range", KEYS, [ask("x", t, v, "y") for t, v in ((VERSION, 1), (VERSION, 2), (VERSION, 0), (CREATE, 0), (MOD, rev(9)), (VALUE, "m"), (VALUE, "a"), (VALUE, "z"), (LEASE, 0), (LEASE, 70))])
case("TXN-04 ranges that hold nothing, everything, from a key on", KEYS, [ask(k, VERSION, n, e) for k, e in (("n", "o"), ("y", "x"), ("x2", "\0"), ("\0", "\0"), ("x1", "x1"), ("x1", "x1\0")) for n in (0, 1)],
     [ask(k, VALUE, "m", e) for k, e in (("n", "o"), ("y", "x"), ("x3", "\0"))])
case("TXN-01 comparisons that say less", KEYS, txn([{"key": "x1"}], YES, NO), txn([{"key": "x1", "target": VERSION, "result": GREATER}], YES, NO),
     txn([{"key": "none"}], YES, NO), txn([{"key": "x1", "target": VALUE}], YES, NO), txn([{"key": "x1", "target": MOD}], YES, NO), txn([{"key": "x1", "target": LEASE}], YES, NO),
     txn([{"key": "x1", "target": VALUE, "version": 1}], YES, NO), txn([{"key": "x1", "target": MOD, "value": "m"}], YES, NO), txn([{"key": "x1", "target": VERSION, "lease": 70}], YES, NO))
case("TXN-01 targets and results without a name", KEYS, [txn([{"key": "x1", "target": 9, "version": 1}], YES, NO), txn([{"key": "x1", "target": VERSION, "result": 9, "version": 1}], YES, NO),
     txn([{"key": "none", "target": 9}], YES, NO), txn([{"key": "x1", "target": -1, "result": -1}], YES, NO)])
case("TXN-02 several comparisons all hold or not", KEYS, txn([compare("x1", VERSION, EQUAL, 1), compare("x2", VERSION, EQUAL, 2)], YES, NO),
     txn([compare("x1", VERSION, EQUAL, 1), compare("x2", VERSION, EQUAL, 1)], YES, NO), txn([], YES, NO), everything())
case("TXN-05 operations in order, each seeing those before", fill("n", 3),
     txn(then=[op.put("n1", "new", prev_kv=True), op.get("n", "o"), op.delete("n0", prev_kv=True), op.get("n", "o"), op.delete("n0"), op.put("n9", "9"), op.get("n", "o", limit=1)]), everything())
case("TXN-05 no write, no revision", fill("n", 2), txn(then=[op.get("n1")]), txn(then=[op.delete("nothing")]), txn(then=[op.delete("nothing"), op.get("n1")]), txn(), txn([compare("n1", VERSION, EQUAL, 5)], YES),
     put("after", "1"))
case("TXN-05, 11 nested branches", fill("n", 2),
     txn(then=[op.put("a", "1"), op.txn([compare("a", VALUE, EQUAL, "1")], [op.put("b", "2"), op.get("a", "c"), op.txn([], [op.put("c", "3")], [])], [op.put("d", "4")]), op.get("a", "e")]),
     txn(then=[op.txn([compare("a", VALUE, EQUAL, "other")], [op.put("b", "2")], [op.put("d", "4", prev_kv=True), op.delete("n", "o", prev_kv=True)])]), txn(then=[op.txn()]), txn(then=[op.txn(), op.txn()]),
     txn([compare("zz", VERSION, NOT_EQUAL, 0)], [], [op.txn([], [op.get("a")])]), everything())
case("TXN-05 comparisons are made before anything is written", put("a", "1"),
     txn([compare("a", VALUE, EQUAL, "1")], [op.put("a", "2"), op.txn([compare("a", VALUE, EQUAL, "1")], [op.put("saw", "old")], [op.put("saw", "new")])]), get("saw"), get("a"))
case("TXN-05 sub-revisions: order of a transaction's writes", txn(then=[op.put("z", "1"), op.put("y", "2"), op.put("x", "3")]), get("x", "zz", sort_target=2, sort_order=1), get("x", "zz"), delete("x", "zz", prev_kv=True))
case("TXN-05 deleting and putting back", put("k", "1"), txn(then=[op.delete("k"), op.get("k")]), txn(then=[op.delete("k", "l"), op.put("m", "1")]), everything())


def puts(count, prefix="m"):
    return [op.put("%s%d" % (prefix, i)) for i in range(count)]


case("TXN-06, ERR-05 too many operations", txn(then=puts(129)), txn(then=puts(128)), txn(otherwise=puts(129)), txn([compare("a", VERSION, EQUAL, 0)] * 129), txn([compare("a", VERSION, EQUAL, 0)] * 128, puts(1)),
     txn(then=[op.get("a")] * 129), txn(then=[op.get("a", count_only=True)] * 128))
case("TXN-06, ERR-05 what the outer leaves over", txn(then=[op.txn(then=puts(127))]), txn(then=[op.txn(then=puts(128))]), txn(then=puts(64) + [op.txn(then=puts(63, "n"))]), txn(then=puts(64) + [op.txn(then=puts(64, "n"))]),
     txn(then=[op.txn(then=[op.txn(then=puts(126))])]), txn(then=[op.txn(then=[op.txn(then=puts(127))])]), txn(then=[op.txn(then=puts(100)), op.txn(then=puts(100, "n"))]),
     txn([compare("a", VERSION, EQUAL, 0)] * 100, [op.txn(then=puts(29))]), txn([compare("a", VERSION, EQUAL, 0)] * 100, [op.txn(then=puts(28))]))
case("TXN-07, ERR-06 keys given twice", txn(then=[op.put("q"), op.put("q")]), txn(then=[op.put("q"), op.delete("q")]), txn(then=[op.delete("q"), op.put("q")]), txn(then=[op.delete("q"), op.delete("q")]),
     txn(then=[op.put("q"), op.delete("a", "z")]), txn(then=[op.put("q"), op.delete("r", "z")]), txn(then=[op.put("q"), op.delete("a", "q")]), txn(then=[op.put("q"), op.delete("q", "\0")]),
     txn(then=[op.put("q"), op.delete("\0", "\0")]), txn(then=[op.put("q"), op.delete("z", "a")]), txn(then=[op.put("q"), op.get("q")]), txn(then=[op.put("q")], otherwise=[op.put("q")]),
     txn(otherwise=[op.put("q"), op.put("q")]), txn([compare("q", VERSION, EQUAL, 5)], [op.put("q"), op.put("q")], []))
NEST = op.txn(then=[op.put("q", "1")])
case("TXN-07, ERR-06 keys given twice, nested", txn(then=[NEST, op.put("q")]), txn(then=[op.put("q"), NEST]), txn(then=[NEST, NEST]), txn(then=[NEST, op.delete("q")]), txn(then=[op.delete("a", "z"), NEST]),
     txn(then=[op.txn(then=[op.put("q")], otherwise=[op.put("q")])]), txn(then=[op.txn(then=[op.put("q")], otherwise=[op.delete("q")])]), txn(then=[op.txn(then=[op.put("q"), op.put("q")])]),
     txn(then=[op.txn(then=[op.delete("q")]), op.txn(otherwise=[op.put("q")])]), txn(then=[op.txn(then=[NEST]), op.txn(otherwise=[NEST])]), txn(then=[op.txn(then=[op.put("r")]), op.txn(otherwise=[op.put("s")]), op.put("t")]),
     txn(then=[op.txn(then=[op.delete("a", "z")], otherwise=[op.put("q")])]), txn(then=[op.txn(then=[op.txn(then=[op.put("q"), op.delete("q")])])]))
case("TXN-08, ERR-02 operations that say nothing", txn(then=[op.nothing]), txn(otherwise=[op.nothing]), txn(then=[op.put("a"), op.nothing]), txn(then=[op.txn(then=[op.nothing])]), txn([{}]), everything())
case("TXN-08, 09 what the request alone shows is refused on either branch", put("a"), txn(then=[op.put("a", "x", ignore_value=True)]), txn(otherwise=[op.put("a", "x", ignore_value=True)]),
     txn(then=[op.put("a", lease=3, ignore_lease=True)]), txn(then=[op.txn(then=[op.put("a", "x", ignore_value=True)])]), txn(then=[op.txn([compare("", VERSION, EQUAL, 0)])]), everything())
case("TXN-09, FIX-25 what the store shows is refused on the branch taken, before anything is written", put("a", "1"),
     txn(then=[op.put("w"), op.put("nokey", ignore_value=True)]), txn(then=[op.put("w"), op.put("nokey", ignore_lease=True)]), txn(then=[op.put("w"), op.put("v", lease=99)]), txn(then=[op.put("w"), op.get("a", revision=rev(99))]),
     txn(otherwise=[op.put("nokey", ignore_value=True)]), txn(otherwise=[op.put("v", lease=99)]), txn(then=[op.put("w1"), op.txn(then=[op.put("v", lease=99)])]), txn(then=[op.put("w2"), op.txn(otherwise=[op.put("v", lease=99)])]),
     txn(then=[op.put("w3"), op.txn(then=[op.get("a", revision=rev(99))])]), txn(then=[op.put("a", ignore_value=True)]), everything())
case("TXN-09, FIX-26 ranges at revisions", silently(put("a", "1"), put("a", "2"), put("a", "3")), compact(rev(2)), txn(then=[op.get("a", revision=rev(1))]), txn(then=[op.get("a", revision=rev(2))]), txn(then=[op.get("a", revision=rev(3))]),
     txn(then=[op.get("a", revision=rev(4))]), txn(then=[op.put("b"), op.get("a", revision=rev(1))]), txn(then=[op.put("b"), op.get("a", revision=rev(2))]), txn(then=[op.get("a", revision=-1)]), txn(then=[op.put("c"), op.get("a", revision=-1)]), everything())
case("TXN-09 a key made before in the same transaction is there for what keeps its value", txn(then=[op.txn(then=[op.put("k", "1")]), op.txn(otherwise=[op.put("k", ignore_value=True)])]), everything())


def raft_indexes(*steps):
    """How much further the log is after the steps."""
    def run(side):
        call("Maintenance/Status")(side)
        before = side.last.raftIndex
        for step in steps:
            step(side)
        call("Maintenance/Status")(side)
        return side.last.raftIndex - before
    return run


case("TXN-10 a transaction that only reads is not logged", put("a"), raft_indexes(txn(then=[op.get("a")])), raft_indexes(txn([compare("a", VERSION, EQUAL, 1)], [op.get("a")], [op.get("b")])), raft_indexes(txn()),
     raft_indexes(txn(then=[op.get("a", serializable=True)])), raft_indexes(txn(then=[op.get("a")], otherwise=[op.put("b")])), raft_indexes(txn(then=[op.delete("nothing")])), raft_indexes(get("a")), raft_indexes(get("a", serializable=True)),
     raft_indexes(put("a", "1")), raft_indexes(delete("nothing")))
case("TXN-10 reads nested in a transaction", put("a"), raft_indexes(txn(then=[op.txn(then=[op.get("a")])])), differs="a txn whose nested txns only read", ours={1: 0})
case("TXN-11 headers inside carry the revision only", lambda side: [str(txn(then=[op.put("h", "1"), op.get("h"), op.delete("h0"), op.txn(then=[op.get("h")])])(side)),
     [[(f.name) for f, _ in getattr(r, r.WhichOneof("response")).header.ListFields()] for r in side.last.responses]])
case("TXN-05 results of reads inside", fill("n", 5), txn(then=[op.get("n", "o", limit=2), op.get("n", "o", sort_target=2, sort_order=2), op.get("n", "o", keys_only=True), op.get("n", "o", count_only=True), op.get("n", "o", min_mod_revision=rev(3)), op.get("n1", revision=rev(1))]))
case("TXN-05 leases inside", call("Lease/LeaseGrant", ID=71, TTL=900), txn(then=[op.put("l1", "1", lease=71), op.put("l2", "2", lease=71)]), call("Lease/LeaseTimeToLive", ID=71, keys=True),
     txn(then=[op.put("l1", "3", ignore_lease=True), op.delete("l2")]), call("Lease/LeaseTimeToLive", ID=71, keys=True), call("Lease/LeaseRevoke", ID=71), everything())

# A key deleted and kept in one transaction ends Go's member, so it is asked of ours alone.
KEEPING = txn(then=[op.txn(then=[op.delete("k")]), op.txn(then=[op.put("other")])])
case("TXN-05 deletes inside beside other puts", put("k", "1"), KEEPING, everything())
