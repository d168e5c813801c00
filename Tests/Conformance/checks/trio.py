"""What a cluster of three answers: members, forwarding, and a quorum that is lost and comes back."""
from clusters import Cluster
from table import *


class Trio(Side):
    """Three members of one kind, m0 leading. Steps ask m0 unless `at` names another."""

    def __init__(self, binary):
        self.server, self.binary = self, binary
        self.cluster_of_three = Cluster([binary] * 3)
        self.members = {m.name: m for m in self.cluster_of_three.members}
        self.names = {m.member_id: m.name for m in self.members.values()}
        self.notes, self.streams, self.sides = {}, {}, {}
        self.lead()
        self.focus("m0")
        # Only a member that has been connected for five seconds counts as one when the cluster is changed.
        time.sleep(6)

    def lead(self):
        """Makes m0 the leader."""
        first, leader = self.members["m0"], self.cluster_of_three.leader()
        if leader is not first:
            leader.call("Maintenance/MoveLeader", targetID=self.id_of("m0"))
        return self.cluster_of_three.leader() is first

    def id_of(self, name):
        return next(number for number, known in self.names.items() if known == name)

    def focus(self, name):
        if name not in self.sides:
            self.sides[name] = Client(self.members[name].endpoint), {}
        self.client, self.stubs = self.sides[name]
        self.member, self.cluster = self.id_of(name), None

    def begin(self, fresh):
        self.notes = {}
        self.base = self.client.call("KV/Range", key=b"\0", serializable=True).header.revision

    def one(self, field, value):
        if field.name == "cluster_id":
            return "this cluster"
        if not isinstance(value, (bool, str, bytes)) and field.message_type is None and value in self.names:
            return self.names[value]
        if isinstance(value, str):
            value = clean_line(value)
        if field.name in ("ID", "id") and field.message_type is None and value > 1 << 40:
            return "chosen"
        return super().one(field, value)

    def plain(self, reply):
        out = super().plain(reply)
        if "members" in out:
            out["members"].sort(key=lambda m: m.get("name", "") + str(m))
        return out

    def kill(self):
        for client, _ in self.sides.values():
            client.close()
        self.cluster_of_three.kill()


class Three(Lane):
    def side(self, binary):
        return Trio(binary)


def at(name, *steps):
    """Steps asked of another member."""
    def run_at(side):
        side.focus(name)
        try:
            return [step(side) for step in flat(steps)]
        finally:
            side.focus("m0")
    return run_at


def of(name):
    return Later(lambda side: side.id_of(name))


def url_of(name):
    return Later(lambda side: side.members[name].peer_url)


def settled(step, wanted, seconds=12):
    """Repeats a step until it answers what is wanted, or time is up; answers the last."""
    def run_settled(side):
        end = time.time() + seconds
        while True:
            answer = step(side)
            if wanted(answer) or time.time() > end:
                return answer
            time.sleep(0.2)
    return run_settled


def change(name, **fields):
    return call("Cluster/Member" + name, timeout=15, **fields)


def kill(*names):
    """By force; clients that knew them are given up, lest they wait before they connect again."""
    def run_kill(side):
        for name in names:
            side.members[name].kill()
            side.sides.pop(name, (None, None))
    return run_kill


def start(*names):
    return lambda side: [side.members[n].start(wait=False) for n in names] and None


def fine(answer):
    return isinstance(answer, dict)


def in_time(answer):
    """Go's followers now and then wait in vain for the leader's word about a member it does not know."""
    return not (isinstance(answer, tuple) and answer[1] == 14)


lane = Three("three members")
case = lane.case
NOWHERE, NOWHERE2, NOWHERE3 = "http://127.0.0.1:2", "http://127.0.0.1:3", "http://127.0.0.1:4"
case("CLUS-06, GRPC-15 the list from each member", change("List"), at("m1", change("List")), at("m2", change("List")), fresh=False)
case("KV-01, 09 reads and writes through followers", at("m1", put("a", "1"), get("a"), put("a", "2", prev_kv=True)), at("m2", get("a"), txn(then=[op.put("b"), op.get("a")]), delete("b")), get("a"), at("m1", compact(rev(2)), get("a", revision=rev(1))), fresh=False)
case("LEASE-05, 06, 07 leases through followers", at("m1", call("Lease/LeaseGrant", ID=5, TTL=100), keep_alive(5, 404), put("l", lease=5), call("Lease/LeaseTimeToLive", ID=5, keys=True), call("Lease/LeaseTimeToLive", ID=404)), at("m2", get("l"), call("Lease/LeaseTimeToLive", ID=5, keys=True), call("Lease/LeaseRevoke", ID=5), call("Lease/LeaseRevoke", ID=5)),
     call("Lease/LeaseLeases"), fresh=False)
case("WATCH-01, 19 watches on followers", at("m1", create("w", on="on m1")), at("m2", create("w", on="on m2", prev_kv=True)), put("w", "1"), take(on="on m1"), take(on="on m2"), at("m1", put("w", "2")), take(on="on m1"), take(on="on m2"), fresh=False)
case("MAINT-12, ERR-43, ERR-54 handing over", at("m1", call("Maintenance/MoveLeader", targetID=of("m2")), call("Maintenance/MoveLeader", targetID=of("m1"))), call("Maintenance/MoveLeader", targetID=5), call("Maintenance/MoveLeader", targetID=of("m0")), call("Maintenance/MoveLeader", targetID=of("m1"), timeout=15),
     at("m1", settled(call("Maintenance/Status"), lambda a: a.get("leader") == "m1"), call("Maintenance/MoveLeader", targetID=of("m0"), timeout=15)), settled(call("Maintenance/Status"), lambda a: a.get("leader") == "m0"), fresh=False)
case("CLUS-03, ERR-15 addresses that are taken, asked anywhere", change("Add", peerURLs=[url_of("m1")]), at("m2", change("Add", peerURLs=[url_of("m0")])), change("Update", ID=of("m1"), peerURLs=[url_of("m2")]), change("Promote", ID=of("m1")), at("m1", change("Promote", ID=of("m2")), settled(change("Promote", ID=5), in_time), change("Remove", ID=5)), fresh=False)
case("CLUS-01, 07, 08, ERR-20, ERR-21 a learner that never starts", note("learner", change("Add", peerURLs=[NOWHERE], isLearner=True), lambda reply: reply.member.ID), change("Add", peerURLs=[NOWHERE2], isLearner=True), change("Promote", ID=noted("learner")), at("m1", change("Promote", ID=noted("learner"))), change("List"), change("Remove", ID=noted("learner")), change("Remove", ID=noted("learner")), change("List"), fresh=False)
case("CLUS-01, 10, 11, 12, ERR-51 a voter that never starts", note("voter", settled(change("Add", peerURLs=[NOWHERE]), fine), lambda reply: reply.member.ID), change("List"), change("Add", peerURLs=[NOWHERE2]), change("Add", peerURLs=[NOWHERE3], isLearner=True), change("Update", ID=noted("voter"), peerURLs=[NOWHERE3]), change("Remove", ID=noted("voter")), change("List"), fresh=False)
case("GRPC-10, 16, KV-09, MAINT-06, ERR-42, ERR-47 a lost quorum", kill("m1", "m2"), settled(call("Maintenance/Status"), lambda a: "leader" not in a), get("a", metadata=(("hasleader", "true"),)), put("a", metadata=(("hasleader", "true"),)), get("a", serializable=True), get("a", timeout=15), put("a", "9", timeout=15), call("Lease/LeaseLeases"), change("List"),
     create("a", on="plain"), call("Maintenance/HashKV"), fresh=False, differs="a write that finds no leader in its time", ours={6: ("error", 14, "etcdserver: no leader")})
case("GRPC-10, WATCH-16 a watch that wants a leader", create("a", on="wanting", metadata=(("hasleader", "true"),)), take(1, on="wanting", seconds=8), fresh=False)
case("GRPC-18 the quorum comes back", start("m1", "m2"), settled(put("back", "1", timeout=3), fine, 20), lambda side: side.lead(), [settled(at(name, get("back", timeout=3)), lambda a: fine(a[0])) for name in ("m1", "m2")], wait(6), fresh=False)
case("CLUS-09, 14 a removed member ends well, and again", settled(change("Remove", ID=of("m2")), fine, 15), lambda side: side.members["m2"].process.wait(15), lambda side: side.members["m2"].start(wait=False).process.wait(15), change("List"), put("after", "1"), fresh=False)
