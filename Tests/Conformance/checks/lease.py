"""Lease: grants, keep-alives, ends, keys."""
from table import *

lane = Lane("lease")
case = lane.case
HUGE = (1 << 63) - 1


def grant(number, ttl):
    return call("Lease/LeaseGrant", ID=number, TTL=ttl)


def revoke(number):
    return call("Lease/LeaseRevoke", ID=number)


def state(number, keys=True):
    return call("Lease/LeaseTimeToLive", ID=number, keys=keys)


def listed():
    def run_listed(side):
        answer = side.ask("Lease/LeaseLeases", {})
        answer.get("leases", []).sort(key=lambda lease: str(lease))
        return answer
    return run_listed


case("LEASE-01 numbers given and chosen", grant(11, 100), grant(0, 100), lambda side: side.last.ID > 0, grant(0, 100), grant(HUGE, 100), grant(-5, 100), lambda side: len(side.ask("Lease/LeaseLeases", {})["leases"]), state(-5), revoke(-5), state(HUGE))
case("LEASE-01, ERR-11 a number that is taken", grant(11, 100), grant(11, 100), grant(11, 5), state(11), revoke(11), grant(11, 300), state(11), grant(11, 9000000001))
case("LEASE-01, ERR-12 the longest time", grant(11, 9000000000), grant(12, 9000000001), grant(13, HUGE), grant(0, HUGE), listed())
case("LEASE-02 the shortest time", grant(11, 1), grant(12, 0), grant(13, -1), grant(14, -HUGE), grant(15, 2), grant(16, 3), [state(n) for n in (11, 12, 13, 14, 15, 16)])
case("LEASE-03, ERR-10 revoking", grant(11, 100), put("a", "1", lease=11), put("b", "1", lease=11), put("c", "1"), revoke(11), get("a", "z"), revoke(11), revoke(0), revoke(-1), revoke(404), state(11), put("a", "1", lease=11))
case("LEASE-03 a lease without keys makes no revision", grant(11, 100), revoke(11), put("a"), grant(12, 100), put("b", lease=12), delete("b"), revoke(12), put("c"))
case("LEASE-04 keeping alive", grant(21, 50), keep_alive(21, 404, 21, 0, -1, HUGE, 21), state(21))
case("LEASE-04, FIX-18 keeping alive what is revoked meanwhile", grant(21, 50), keep_alive(21), revoke(21), keep_alive(21), grant(21, 70), keep_alive(21))
case("LEASE-04 the client ends its requests", grant(21, 50), keep_alive(21), lambda side: side.streams["keep"].requests.put(None), take(1, on="keep", seconds=3))
case("LEASE-04 bytes that are no request", send(b"\xff\xff", on="keep", method="Lease/LeaseKeepAlive"), lambda side: side.stream("keep").next(5)[:2])
case("LEASE-06 time to live", grant(21, 50), state(21, False), state(21), put("b", lease=21), put("a", lease=21), state(21), state(21, False), delete("a"), state(21), state(404), state(0), state(-1), state(HUGE, False))
case("LEASE-07 the list", listed(), grant(3, 50), grant(1, 50), grant(2, 500), listed(), revoke(1), listed())
case("LEASE-09 keys move between leases", grant(31, 100), grant(32, 100), put("k", "1", lease=31), put("k", "2", lease=32), state(31), state(32), revoke(31), get("k"), put("k", "3"), state(32), revoke(32), get("k"))
case("LEASE-09 keys keep, leave and return", grant(31, 100), put("k", "1", lease=31), put("k", "2", ignore_lease=True), state(31), delete("k"), state(31), put("k", "3"), state(31), put("k", "4", lease=31), state(31), txn(then=[op.delete("k")]), state(31), get("k"))
case("LEASE-03 many keys at once, in the order of their names", grant(31, 100), silently([put("k%d" % (i * 7 % 10), lease=31) for i in range(10)]), create("k", "l"), revoke(31), take(), quiet())

ends = Lane("lease ends")
ends.case("LEASE-02, 08 an ended lease takes its keys in one revision", grant(41, 1), put("e2", "1", lease=41), put("e1", "1", lease=41), put("f", "1"), create("e", "f"), take(1, seconds=9), quiet(), state(41), get("e", "g"), revoke(41), keep_alive(41))
ends.case("LEASE-04, 08 a lease kept alive does not end", grant(42, 2), grant(43, 2), put("e1", "1", lease=42), put("e2", "2", lease=43), create("e", "f"), wait(1.2), keep_alive(42), wait(1.2), keep_alive(42), wait(1.2), keep_alive(42), take(1, seconds=4), quiet(), get("e", "f"))
ends.case("LEASE-08 what is detached in time stays", grant(44, 2), put("e1", "1", lease=44), put("e2", "2", lease=44), put("e1", "3"), create("e", "f"), take(1, seconds=9), get("e", "f"))


restart = Lane("restart")
restart.case("LEASE-10 leases live through a restart, with all their time", grant(51, 600), grant(52, 1000), put("r1", "1", lease=51), put("r2", "2", lease=51), put("r2", "3", lease=52), revoke(404), again, state(51), state(52), listed(), revoke(51), get("r", "s"), grant(52, 5))
restart.case("KV-14, KV-20, KV-26, ERR-07 what was written is there after a restart", put("a", "1"), put("a", "2"), delete("a"), put("a", "3"), put("b", "1"), compact(rev(3)), again, everything(), get("a", revision=rev(3)), get("a", revision=rev(2)), put("a", "4"), call("Maintenance/HashKV"), compact(rev(3)), everything())
restart.case("MAINT-02 alarms live through a restart", call("Maintenance/Alarm", action=1, memberID=ME, alarm=1), again, call("Maintenance/Alarm"), put("x", "1"), call("Maintenance/Alarm", action=2, memberID=ME, alarm=1), put("x", "1"))
restart.case("KV-24 a compaction that a kill cut short goes on", silently([txn(then=[op.put("k%d" % (i % 40), str(n * 100 + i)) for i in range(100) if i < 40]) for n in range(150)]), compact(rev(149)), again,
             call("Maintenance/HashKV", revision=rev(150)), lambda side: side.last.hash != 0, get("k1", revision=rev(148)), get("k1", revision=rev(149)), put("k1", "1"), everything(), wait(1), compact(rev(150), physical=True), lambda side: len(str(call("Maintenance/HashKV", revision=rev(150))(side))) > 0)

checked = Lane("checked", "--experimental-initial-corrupt-check")
checked.case("CFG-81, OPS-30 all data is read before a used member serves", put("a", "1"), again, lambda side: [re.sub("[0-9a-f]{15,16}", "MEMBER", clean_line(line)) for line in open(side.server.log) if "initial corruption" in line], everything())
