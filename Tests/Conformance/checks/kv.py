"""KV: ranges, puts, deletes, compaction."""
from table import *

lane = Lane("kv")
case = lane.case
HUGE = (1 << 63) - 1
ABC = silently(put("a", "1"), put("b", "2"), put("c", "3"), put("ab", "4"))
HISTORY = silently(put("k", "1"), put("k", "2"), delete("k"), put("k", "3"), put("other", "4"))

case("KV-01 a key, and keys that are not there", ABC, [get(k) for k in ("a", "ab", "zz", "a\0", "\0", "\xff", "A")])
case("KV-02 ranges hold their start and not their end", ABC,
     [get(k, e) for k, e in (("a", "c"), ("a", "b"), ("c", "a"), ("a", "a"), ("ab", "\xff"), ("\0", "a"), ("b", "c\0"), ("a", "a\0"), ("\xff", "\xff\xff"))])
case("KV-03 prefixes end at the next key", silently(put("p\xff", "1"), put("p\xff\xff", "2"), put("q", "3"), put("\xff", "4"), put("\xff\xff", "5")),
     [get(k, e) for k, e in (("p", "q"), ("p\xff", "q"), ("p\xff\xff", "q"), ("\xff", "\0"), ("\xff\xff", "\0"), ("p\xff", "p\xff\0"))])
case("KV-04 from a key on, and everything", ABC,
     [get(k, "\0", **f) for k in ("\0", "a", "ab", "b\0", "zz") for f in ({}, dict(limit=2), dict(count_only=True))],
     get("\0", "\0\0"), get("a", "\0\0"), get("b", "\0\x01"))
case("KV-05 limit cuts, more says so, count counts all", ABC,
     [get("a", "d", limit=n, **f) for n in (0, 1, 3, 4, 5, HUGE, -1, -HUGE) for f in ({}, dict(keys_only=True), dict(count_only=True))],
     get("zz", limit=1), get("c", "a", limit=1), get("a", limit=1), get("a", limit=-1))
case("KV-05, 12 the count is taken before filters", ABC,
     [get("a", "d", limit=n, min_mod_revision=rev(2)) for n in (0, 1, 2, 3)],
     [get("a", "d", count_only=True, max_mod_revision=rev(2)), get("a", "d", keys_only=True, max_mod_revision=rev(2), limit=1)])
case("KV-06 reading the past", HISTORY,
     [get("k", revision=rev(n)) for n in range(0, 8)], get("k", "p", revision=rev(4)), get("k", revision=rev(1000)), get("k", revision=HUGE),
     get("k", revision=-1), get("k", revision=-HUGE), get("k", revision=1),
     get("k", revision=rev(2), serializable=True), get("k", revision=rev(99), serializable=True), get("k", revision=rev(4), count_only=True),
     get("k", "p", revision=rev(5), limit=1))
case("KV-06, 21, ERR-07, ERR-08 reading what was compacted", HISTORY, compact(rev(3)),
     [get("k", revision=rev(n)) for n in range(1, 7)], get("k", revision=1), get("k", revision=rev(2), count_only=True),
     get("nokey", revision=rev(2)), get("nokey", revision=rev(99)))
SORTED = silently(put("s3", "z"), put("s1", "m"), put("s2", "a"), put("s1", "n"), put("s1", "k"), put("s2", "b"), put("s5", "y"), put("s5", "y2"), put("s5", "y3"), put("s5", "y4"))
case("KV-07 sorted by each target", SORTED,
     [get("s", "t", sort_target=t, sort_order=o, limit=n) for t in range(5) for o in range(3) for n in (0, 1, 2, 9)],
     [get("s", "t", sort_target=t, sort_order=2, keys_only=True) for t in range(5)],
     [get("s", "t", sort_target=t, sort_order=1, min_mod_revision=rev(4), limit=1) for t in range(5)],
     get("s", "t", sort_target=2, sort_order=2, revision=rev(4)), get("s1", sort_target=4, sort_order=2), get("s", "t", sort_order=2, count_only=True))
case("KV-07 an order without a name is none", SORTED, get("s", "t", sort_order=9), get("s", "t", sort_order=9, sort_target=4), get("s", "t", sort_order=-1))
case("KV-08 a target without a name", put("s2"), put("s1"), unasked(get("s", "t", sort_target=9)), get("s1", keys_only=True),
     differs="an alarm request with an unknown action, a range sorted by an unknown target",
     ours={2: header(2, kvs=[dict(key="s1", create_revision="r+2", mod_revision="r+2", version=1), dict(key="s2", create_revision="r+1", mod_revision="r+1", version=1)], count=2)})
case("KV-09 serializable reads", ABC, [get("a", "z", serializable=True, limit=n) for n in (0, 2)], get("", serializable=True), get("zz", serializable=True))
case("KV-10, 11 keys only, count only", ABC, get("a", keys_only=True), get("a", "z", keys_only=True, count_only=True), get("a", "z", count_only=True),
     get("zz", count_only=True), get("a", "z", keys_only=True, sort_target=4, sort_order=2))
case("KV-12 filters by revision", silently(put("f1"), put("f2"), put("f1", "x"), put("f3"), put("f2", "y")),
     [get("f", "g", **{name: rev(n), "limit": limit}) for name in ("min_mod_revision", "max_mod_revision", "min_create_revision", "max_create_revision")
      for n in (1, 3, 5, 99) for limit in (0, 1)],
     get("f", "g", min_mod_revision=rev(3), max_mod_revision=rev(4)), get("f", "g", min_mod_revision=rev(5), max_mod_revision=rev(1)),
     get("f", "g", min_mod_revision=-5), get("f", "g", max_mod_revision=-5), get("f", "g", max_create_revision=HUGE),
     get("f1", min_mod_revision=rev(4)), get("f", "g", min_create_revision=rev(2), max_mod_revision=rev(4), revision=rev(4)))
case("KV-13, ERR-01 empty keys", get(""), get("", "a"), get("", "\0"), put(""), put("", "value"), delete(""), delete("", "\0"),
     txn([compare("", VERSION, EQUAL, 0)]), txn(then=[op.put("")]), txn(otherwise=[op.get("")]), txn(then=[op.delete("")]), txn(then=[op.get("", "a")]))
case("KV-14 puts count versions", put("p", "1"), get("p"), put("p", "2"), put("p", "2"), get("p"), put("p", ""), get("p"),
     put("\0", "zero"), put("\xff\xfe", "\0\xff"), put("p" * 99), get("\0", "\0"))
case("KV-14 a put without a lease detaches", call("Lease/LeaseGrant", ID=7, TTL=600), put("p", "1", lease=7), get("p"), put("p", "2"), get("p"),
     call("Lease/LeaseTimeToLive", ID=7, keys=True), put("p", "3", lease=7), put("p", "4", lease=7), get("p"), call("Lease/LeaseTimeToLive", ID=7, keys=True))
case("KV-15 the pair before", put("p", "1", prev_kv=True), put("p", "2", prev_kv=True), delete("p"), put("p", "3", prev_kv=True), put("p", "", prev_kv=True), put("p", "5", prev_kv=True))
case("KV-16, ERR-02, ERR-03 keeping the value", put("p", "1"), put("p", "", ignore_value=True), put("p", "x", ignore_value=True), put("nokey", "", ignore_value=True),
     put("", "x", ignore_value=True), put("p", "", ignore_value=True, prev_kv=True), delete("p"), put("p", "", ignore_value=True), get("p"))
case("KV-16, 17 keeping value or lease while the other changes", call("Lease/LeaseGrant", ID=7, TTL=600), call("Lease/LeaseGrant", ID=8, TTL=600), put("p", "1", lease=7),
     put("p", "", ignore_value=True, lease=8), get("p"), put("p", "2", ignore_lease=True), get("p"), put("p", "", ignore_value=True, ignore_lease=True), get("p"),
     put("p", "", ignore_value=True), get("p"), call("Lease/LeaseTimeToLive", ID=7, keys=True), call("Lease/LeaseTimeToLive", ID=8, keys=True))
case("KV-17, ERR-04 keeping the lease", put("p", "1"), put("p", "2", ignore_lease=True), put("p", "2", ignore_lease=True, lease=5), put("p", "2", ignore_lease=True, lease=-5),
     put("nokey", "2", ignore_lease=True), put("nokey", "2", ignore_lease=True, ignore_value=True), get("p"))
case("KV-18, ERR-10 unknown leases", put("p", "1", lease=4242), put("p", "1", lease=-1), put("p", "1", lease=HUGE), get("p"), put("p", "1"), put("p", "2", lease=4242), get("p"),
     put("p", "", ignore_value=True, lease=4242), put("nokey", "", ignore_value=True, lease=4242))
case("KV-19 deletes", fill("d", 6), delete("d1"), delete("d1"), delete("d1", prev_kv=True), delete("d2", prev_kv=True), delete("d4", "d3"), delete("d3", "d3"),
     delete("d3", "d5", prev_kv=True), everything(), delete("d", "\0"), delete("\0", "\0", prev_kv=True), everything())
case("KV-19 deletes share one revision, and none is made for nothing", fill("d", 4), delete("d", "e"), delete("d", "e"), put("x", "1"), get("x"))
case("KV-20 a key that comes back starts anew", put("p", "1"), put("p", "2"), delete("p"), put("p", "3"), get("p"), put("p", "4"), get("p"), get("p", revision=rev(2)), get("p", revision=rev(3)))
case("KV-21, ERR-07, ERR-08 compaction", HISTORY, compact(rev(99)), compact(HUGE), compact(rev(2)), compact(rev(2)), compact(rev(1)), compact(0), compact(-1), compact(-HUGE),
     compact(rev(5)), compact(rev(5)), get("k"), get("k", revision=rev(5)), get("k", revision=rev(4)), put("k", "5"), compact(rev(6)), everything())
case("KV-22 physical compaction", HISTORY, compact(rev(3), physical=True), compact(rev(3), physical=True), compact(rev(99), physical=True), get("k", revision=rev(3)), get("k", revision=rev(4)),
     call("Maintenance/HashKV", revision=rev(3)), call("Maintenance/HashKV", revision=rev(5)))
case("KV-23 a compaction keeps the newest below it", silently(put("a", "1"), put("b", "1"), put("a", "2"), delete("b"), put("c", "1"), put("a", "3")), compact(rev(5), physical=True),
     [get("\0", "\0", revision=rev(n)) for n in (5, 6)], call("Maintenance/HashKV", revision=rev(5)), everything())
case("ERR-66 GRPC-04, GRPC-05, ERR-22 sizes of requests", put("big", "x" * 1572864), put("big", "x" * 2200000), put("big", "x" * 1500000), get("big", keys_only=True),
     put("k" * 2097152), txn(then=[op.put("a", "x" * 800000), op.put("b", "x" * 800000)]), delete("big"))
# The request as it is written to the log has 1572864 bytes, then one more: header and tags are around thirty.
case("GRPC-05 the size that counts is that of the log's entry", [put("edge", "x" * (1572864 - n)) for n in (8, 64)])

fresh = Lane("fresh")
fresh.case("KV-26 an empty store has revision 1, the first write makes 2", lambda side: side.base, get("a"), lambda side: side.last.header.revision,
           put("a", "1"), lambda side: side.last.header.revision, get("a", revision=1), fresh=False)
fresh.case("MAINT-10 the hash of a store with one key", lambda side: [call("Maintenance/HashKV")(side), side.last.hash, side.last.compact_revision], fresh=False)
fresh.case("KV-23, MAINT-10 hashes follow every write", put("b", "1"), lambda side: (call("Maintenance/HashKV")(side), side.last.hash), delete("a"),
           lambda side: (call("Maintenance/HashKV")(side), side.last.hash), compact(3, physical=True), lambda side: (call("Maintenance/HashKV")(side), side.last.hash, side.last.compact_revision),
           compact(4, physical=True), lambda side: (call("Maintenance/HashKV")(side), side.last.hash, side.last.compact_revision), fresh=False)
