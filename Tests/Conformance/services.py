"""The same gRPC requests to Go etcd and to ours, answers compared: KV, Txn, Watch, Lease, Maintenance and errors.

Each case is a name (with the acceptance rows it covers) and a function of a client that answers something comparable.
Intended differences are the ones of docs/differences.md; a case that meets one says so beside it.
"""
import queue, sys, threading
from lib import *

need(GO, "Debian's etcd-server")
need(OURS, "our etcd")
M = message
CASES = []


def case(name):
    def note(function):
        CASES.append((name, function))
        return function
    return note


def ask(client, method, request=None, **fields):
    answer = client.attempt(method, request, **fields)
    return ("ok", plain(answer[1])) if answer[0] == "ok" else answer


def put(key, value=b"", **more):
    return M("PutRequest")(key=key, value=value, **more)


def fill(client, prefix, count=5):
    for i in range(count):
        client.call("KV/Put", key=prefix + b"%d" % i, value=b"v%d" % i)


# --- KV

@case("KV-01..05 ranges, limits, counts")
def _(c):
    fill(c, b"r")
    out = []
    for key, end in ((b"r1", b""), (b"r1", b"r4"), (b"r", b"s"), (b"r3", b"\0"), (b"\0", b"\0"), (b"r4", b"r1"), (b"zz", b"")):
        for limit in (0, 1, 3, 100, -1):
            for extra in ({}, {"keys_only": True}, {"count_only": True}):
                out.append(ask(c, "KV/Range", key=key, range_end=end, limit=limit, **extra))
    return out


@case("KV-06 revisions")
def _(c):
    first = c.call("KV/Put", put(b"rev", b"1")).header.revision
    c.call("KV/Put", put(b"rev", b"2"))
    c.call("KV/DeleteRange", key=b"rev")
    c.call("KV/Put", put(b"rev", b"3"))
    return [ask(c, "KV/Range", key=b"rev", revision=first + i) for i in range(-1, 6)] + [
        ask(c, "KV/Range", key=b"rev", revision=1), ask(c, "KV/Range", key=b"rev", revision=-1)]


@case("KV-07 sorting")
def _(c):
    for key in (b"s3", b"s1", b"s2", b"s1"):
        c.call("KV/Put", put(key, b"value of " + key[::-1]))
    return [ask(c, "KV/Range", key=b"s", range_end=b"t", sort_target=t, sort_order=o, limit=l)
            for t in range(5) for o in range(3) for l in (0, 2)]


@case("KV-12 filters by revision")
def _(c):
    now = c.call("KV/Put", put(b"f0", b"")).header.revision
    fill(c, b"f")
    return [ask(c, "KV/Range", key=b"f", range_end=b"g", limit=l, **{name: now + d})
            for name in ("min_mod_revision", "max_mod_revision", "min_create_revision", "max_create_revision")
            for d in (0, 2, 4, 9) for l in (0, 1)]


@case("KV-13 empty keys")
def _(c):
    return [ask(c, "KV/Range", key=b""), ask(c, "KV/Put", put(b"")), ask(c, "KV/DeleteRange", key=b""),
            ask(c, "KV/Range", key=b"", range_end=b"a")]


@case("KV-14..18 puts")
def _(c):
    out = [ask(c, "KV/Put", put(b"p", b"1")), ask(c, "KV/Put", put(b"p", b"2", prev_kv=True)),
           ask(c, "KV/Put", put(b"pnew", b"2", prev_kv=True)),
           ask(c, "KV/Put", put(b"p", b"3", ignore_value=True)), ask(c, "KV/Put", put(b"p", b"", ignore_value=True)),
           ask(c, "KV/Put", put(b"nokey", b"", ignore_value=True)), ask(c, "KV/Put", put(b"nokey", b"", ignore_lease=True)),
           ask(c, "KV/Put", put(b"p", b"", lease=5, ignore_lease=True)), ask(c, "KV/Put", put(b"p", b"", lease=4242)),
           ask(c, "KV/Put", put(b"\0\xff", b"\0\xff"))]
    return out + [ask(c, "KV/Range", key=b"p", range_end=b"q")]


@case("KV-19, KV-20 deletes")
def _(c):
    fill(c, b"d")
    out = [ask(c, "KV/DeleteRange", key=b"d1", prev_kv=True), ask(c, "KV/DeleteRange", key=b"d1"),
           ask(c, "KV/DeleteRange", key=b"d", range_end=b"e", prev_kv=True), ask(c, "KV/Put", put(b"d1", b"again")),
           ask(c, "KV/Range", key=b"d1"), ask(c, "KV/DeleteRange", key=b"d3", range_end=b"d1")]
    return out


@case("KV-21..23 compaction")
def _(c):
    start = c.call("KV/Put", put(b"c", b"1")).header.revision
    for i in range(5):
        c.call("KV/Put", put(b"c", b"%d" % i))
    c.call("KV/DeleteRange", key=b"c")
    last = c.call("KV/Put", put(b"other", b"1")).header.revision
    out = [ask(c, "KV/Compact", revision=start + 2, physical=True), ask(c, "KV/Compact", revision=start + 2),
           ask(c, "KV/Compact", revision=last + 10), ask(c, "KV/Compact", revision=0), ask(c, "KV/Compact", revision=-3)]
    out += [ask(c, "KV/Range", key=b"c", revision=start + d) for d in range(0, 8)]
    out += [ask(c, "Maintenance/HashKV", revision=0), ask(c, "Maintenance/HashKV", revision=start + 2),
            ask(c, "Maintenance/HashKV", revision=start + 4), ask(c, "Maintenance/HashKV", revision=last + 100)]
    return out


# --- Txn

def txn(compare=(), success=(), failure=()):
    t = M("TxnRequest")()
    for x in compare:
        t.compare.append(x)
    for target, ops in ((t.success, success), (t.failure, failure)):
        for op in ops:
            target.append(op)
    return t


def op(**kind):
    o = M("RequestOp")()
    for name, inner in kind.items():
        getattr(o, "request_" + name).CopyFrom(inner)
    return o


def get(key, **more):
    return op(range=M("RangeRequest")(key=key, **more))


def delete(key, **more):
    return op(delete_range=M("DeleteRangeRequest")(key=key, **more))


def write(key, value=b"", **more):
    return op(put=put(key, value, **more))


@case("TXN-01..04 compares")
def _(c):
    c.call("KV/Put", put(b"x1", b"5"))
    c.call("KV/Put", put(b"x2", b"7"))
    out = []
    for key, end in ((b"x1", b""), (b"x", b"y"), (b"none", b""), (b"none", b"nonf")):
        for target, field, values in ((0, "version", (0, 1, 2)), (1, "create_revision", (0, 3)), (2, "mod_revision", (0, 3)),
                                      (3, "value", (b"", b"5", b"7", b"9")), (4, "lease", (0, 1))):
            for value in values:
                for result in range(4):
                    compare = M("Compare")(target=target, result=result, key=key, range_end=end, **{field: value})
                    out.append(ask(c, "KV/Txn", txn([compare], [get(b"x1", count_only=True)], [])))
    out.append(ask(c, "KV/Txn", txn([M("Compare")(key=b"")], [], [])))
    return out


@case("TXN-05 order, one revision, nested")
def _(c):
    inner = op(txn=txn([M("Compare")(key=b"n1", target=3, result=0, value=b"1")], [write(b"n2", b"2"), get(b"n", range_end=b"o")],
                       [write(b"n3", b"3")]))
    return [ask(c, "KV/Txn", txn([], [write(b"n1", b"1"), get(b"n1"), delete(b"n0", prev_kv=True), inner, get(b"n", range_end=b"o")])),
            ask(c, "KV/Txn", txn([], [delete(b"nothing"), get(b"n1")])), ask(c, "KV/Txn", txn()),
            ask(c, "KV/Txn", txn([], [delete(b"n1"), write(b"n4", b"4", prev_kv=True), delete(b"n2", prev_kv=True), get(b"n", range_end=b"o")])),
            ask(c, "KV/Range", key=b"n", range_end=b"o")]


@case("TXN-06..09 refusals")
def _(c):
    many = [write(b"m%d" % i) for i in range(129)]
    nested = op(txn=txn([], [write(b"q", b"1")]))
    return [ask(c, "KV/Txn", txn([], many)), ask(c, "KV/Txn", txn([], many[:128])),
            ask(c, "KV/Txn", txn([], [write(b"q"), write(b"q")])), ask(c, "KV/Txn", txn([], [write(b"q"), delete(b"q")])),
            ask(c, "KV/Txn", txn([], [delete(b"q"), delete(b"q")])), ask(c, "KV/Txn", txn([], [write(b"q"), delete(b"a", range_end=b"z")])),
            ask(c, "KV/Txn", txn([], [write(b"q")], [write(b"q")])), ask(c, "KV/Txn", txn([], [nested, write(b"q")])),
            ask(c, "KV/Txn", txn([], [nested, nested])), ask(c, "KV/Txn", txn([], [M("RequestOp")()])),
            ask(c, "KV/Txn", txn([], [write(b"")])), ask(c, "KV/Txn", txn([], [write(b"w1"), write(b"nokey", ignore_value=True)])),
            ask(c, "KV/Txn", txn([], [write(b"w1"), write(b"w2", lease=99)])), ask(c, "KV/Txn", txn([], [write(b"w1"), get(b"a", revision=10**9)])),
            ask(c, "KV/Txn", txn([], [get(b"a", revision=10**9)])), ask(c, "KV/Range", key=b"w", range_end=b"x")]


# --- Watch

class Watching:
    """One watch stream: requests are given one by one, replies collected by a thread."""

    def __init__(self, client):
        self.requests, self.replies = queue.Queue(), queue.Queue()
        self.call = client.stream("Watch/Watch", iter(self.requests.get, None))
        threading.Thread(target=self.collect, daemon=True).start()

    def collect(self):
        try:
            for reply in self.call:
                self.replies.put(reply)
        except Exception as error:
            self.replies.put(error)

    def create(self, **fields):
        request = M("WatchRequest")()
        request.create_request.SetInParent()
        for name, value in fields.items():
            if isinstance(value, list):
                getattr(request.create_request, name).extend(value)
            else:
                setattr(request.create_request, name, value)
        self.requests.put(request)

    def cancel(self, number):
        request = M("WatchRequest")()
        request.cancel_request.watch_id = number
        self.requests.put(request)

    def progress(self):
        request = M("WatchRequest")()
        request.progress_request.SetInParent()
        self.requests.put(request)

    def take(self, count, seconds=5):
        """`count` replies as text, or what came within the time."""
        out = []
        for _ in range(count):
            try:
                reply = self.replies.get(timeout=seconds)
            except queue.Empty:
                out.append("nothing came")
                break
            out.append(str(reply) if isinstance(reply, Exception) else plain(reply))
        return out

    def quiet(self, seconds=0.15):
        try:
            return plain(self.replies.get(timeout=seconds))
        except queue.Empty:
            return "quiet"

    def close(self):
        self.requests.put(None)
        self.call.cancel()


@case("WATCH-01, 13, 14, 18 create and events")
def _(c):
    w = Watching(c)
    w.create(key=b"w", range_end=b"x")
    out = w.take(1)
    c.call("KV/Put", put(b"w1", b"1"))
    out += w.take(1)
    c.call("KV/Txn", txn([], [write(b"w2", b"2"), write(b"w3", b"3"), delete(b"w1"), write(b"other")]))
    out += w.take(1)
    c.call("KV/DeleteRange", key=b"w", range_end=b"x")
    out += w.take(1)
    c.call("KV/Put", put(b"elsewhere", b"1"))
    out.append(w.quiet())
    w.close()
    return out


@case("WATCH-02, 05, 06 refusals, ids, cancel")
def _(c):
    w = Watching(c)
    out = []
    for fields in (dict(key=b"b", range_end=b"a"), dict(key=b"a", range_end=b"a"), dict(key=b"a", watch_id=7), dict(key=b"a", watch_id=7),
                   dict(key=b""), dict(key=b"a", range_end=b"\0")):
        w.create(**fields)
        out += w.take(1)
    w.cancel(7)
    out += w.take(1)
    w.cancel(12345)
    out.append(w.quiet())
    w.create(key=b"a")
    out += w.take(1)
    w.close()
    return out


@case("WATCH-03, 04 start revisions")
def _(c):
    start = c.call("KV/Put", put(b"h1", b"1")).header.revision
    for i in range(6):
        c.call("KV/Put", put(b"h%d" % (i % 2), b"%d" % i))
    c.call("KV/DeleteRange", key=b"h1")
    out = []
    w = Watching(c)
    w.create(key=b"h", range_end=b"i", start_revision=start)
    out += w.take(2)
    w.create(key=b"h1", start_revision=start + 3)
    out += w.take(2)
    now = c.call("KV/Put", put(b"else", b"1")).header.revision
    w.create(key=b"h9", start_revision=now + 3)
    out += w.take(1)
    c.call("KV/Put", put(b"h9", b"too early"))
    out += w.take(1)
    out.append(w.quiet())
    c.call("KV/Put", put(b"h9", b"too early too"))
    out += w.take(1)
    c.call("KV/Put", put(b"h9", b"in time"))
    out += sorted(w.take(2))
    c.call("KV/Compact", revision=start + 4)
    w.create(key=b"h1", start_revision=start + 1)
    out += w.take(2)
    w.create(key=b"h1", start_revision=start + 4)
    out += w.take(2)
    w.close()
    return out


@case("WATCH-09, 10 filters and previous values")
def _(c):
    w = Watching(c)
    w.create(key=b"g", range_end=b"h", filters=[0], prev_kv=True)
    w.create(key=b"g", range_end=b"h", filters=[1], prev_kv=True)
    out = w.take(2)
    c.call("KV/Put", put(b"g1", b"1"))
    out += w.take(1)
    c.call("KV/Put", put(b"g1", b"2"))
    out += w.take(1)
    c.call("KV/DeleteRange", key=b"g1")
    out += w.take(1)
    out.append(w.quiet())
    w.close()
    return out


@case("WATCH-08 progress on request")
def _(c):
    w = Watching(c)
    w.create(key=b"pr")
    out = w.take(1)
    w.progress()
    out += w.take(1)
    w.close()
    return out


@case("WATCH-11 fragments")
def _(c):
    start = c.call("KV/Put", put(b"big0", b"1")).header.revision
    for first in range(0, 8, 2):
        c.call("KV/Txn", txn([], [write(b"big%d" % i, b"x" * 700000) for i in range(first, first + 2)]))
    w = Watching(c)
    w.create(key=b"big", range_end=b"bih", start_revision=start, fragment=True)
    w.take(1)
    seen, sizes = [], []
    while len(seen) < 9:
        try:
            reply = w.replies.get(timeout=5)
        except queue.Empty:
            break
        seen += [(e.kv.key, e.kv.mod_revision - start) for e in reply.events]
        sizes.append(reply.ByteSize() < 2200000)
    w.close()
    c.call("KV/DeleteRange", key=b"big", range_end=b"bih")
    return seen, all(sizes)


# --- Lease

@case("LEASE-01..03, 06, 07, 09 leases")
def _(c):
    out = []
    for fields in (dict(ID=11, TTL=100), dict(ID=11, TTL=5), dict(ID=12, TTL=0), dict(ID=13, TTL=-7), dict(ID=14, TTL=1),
                   dict(ID=15, TTL=9000000000), dict(ID=16, TTL=9000000001)):
        out.append(ask(c, "Lease/LeaseGrant", **fields))
    c.call("KV/Put", put(b"l2", b"1", lease=11))
    c.call("KV/Put", put(b"l1", b"1", lease=11))
    out.append(ask(c, "KV/Put", put(b"l2", b"2", lease=15)))
    ttl = c.call("Lease/LeaseTimeToLive", ID=11, keys=True)
    out.append((ttl.grantedTTL, sorted(ttl.keys), 90 < ttl.TTL <= 100))
    out.append(ask(c, "Lease/LeaseTimeToLive", ID=999))
    out.append(sorted(l.ID for l in c.call("Lease/LeaseLeases").leases if l.ID < 1000 and l.ID not in (12, 13, 14)))
    out.append(ask(c, "Lease/LeaseRevoke", ID=11))
    out.append(ask(c, "Lease/LeaseRevoke", ID=11))
    out.append(ask(c, "KV/Range", key=b"l", range_end=b"m"))
    out.append(ask(c, "Lease/LeaseRevoke", ID=15))
    return out


@case("LEASE-04 keep-alive")
def _(c):
    c.attempt("Lease/LeaseGrant", ID=21, TTL=50)
    kind = M("LeaseKeepAliveRequest")
    replies = c.stream("Lease/LeaseKeepAlive", iter([kind(ID=21), kind(ID=404), kind(ID=21)]))
    out = [plain(r) for r in replies]
    c.call("Lease/LeaseRevoke", ID=21)
    return out


@case("LEASE-08 expiry removes keys in one revision")
def _(c):
    c.call("Lease/LeaseGrant", ID=31, TTL=1)
    before = 0
    for key in (b"e2", b"e1"):
        before = c.call("KV/Put", put(key, b"1", lease=31)).header.revision
    w = Watching(c)
    w.create(key=b"e", range_end=b"f", start_revision=before + 1)
    out = w.take(1) + w.take(1, seconds=8)
    w.close()
    return out + [ask(c, "Lease/LeaseTimeToLive", ID=31)]


# --- Maintenance, cluster, errors

@case("MAINT-01..04 alarms")
def _(c):
    me = c.call("Maintenance/Status").header.member_id
    out = [ask(c, "Maintenance/Alarm", action=0)]
    raised = c.call("Maintenance/Alarm", action=1, memberID=me, alarm=1)
    out.append([(a.alarm, a.memberID == me) for a in raised.alarms])
    out.append(["alarm:NOSPACE" in e for e in c.call("Maintenance/Status").errors])
    out += [ask(c, "KV/Put", put(b"full", b"1")), ask(c, "KV/Txn", txn([], [write(b"full", b"1")])), ask(c, "Lease/LeaseGrant", ID=41, TTL=10),
            ask(c, "KV/DeleteRange", key=b"full"), ask(c, "KV/Range", key=b"full"), ask(c, "KV/Txn", txn([], [get(b"full")]))]
    gone = c.call("Maintenance/Alarm", action=2, memberID=me, alarm=1)
    out.append([(a.alarm, a.memberID == me) for a in gone.alarms])
    c.call("Maintenance/Alarm", action=1, memberID=me, alarm=2)
    out += [ask(c, "KV/Put", put(b"full", b"1")), ask(c, "KV/DeleteRange", key=b"full"), ask(c, "KV/Range", key=b"full"),
            ask(c, "KV/Compact", revision=2), ask(c, "Lease/LeaseGrant", ID=42, TTL=10), ask(c, "Lease/LeaseRevoke", ID=42)]
    c.call("Maintenance/Alarm", action=2, memberID=me, alarm=2)
    return out + [ask(c, "KV/Put", put(b"full", b"1"))]


@case("MAINT-06, CLUS-06, GRPC-15 status, members, headers")
def _(c):
    status = c.call("Maintenance/Status")
    members = c.call("Cluster/MemberList").members
    return (status.leader == status.header.member_id, status.raftIndex >= status.raftAppliedIndex, status.raftTerm > 1,
            status.dbSize > 0, list(status.errors), status.isLearner, len(members), members[0].name, len(members[0].clientURLs),
            members[0].isLearner, status.header.cluster_id != 0)


@case("MAINT-08 defragment")
def _(c):
    return ask(c, "Maintenance/Defragment")


@case("MAINT-12 leader transfer to nobody")
def _(c):
    return ask(c, "Maintenance/MoveLeader", targetID=12345)


@case("GRPC-04, GRPC-05, ERR-22, ERR-66 sizes")
def _(c):
    return [ask(c, "KV/Put", put(b"big", b"x" * 1572864)), ask(c, "KV/Put", put(b"big", b"x" * 2200000)),
            ask(c, "KV/Put", put(b"big", b"x" * 1500000))]


@case("ERR-65 unknown methods")
def _(c):
    out = []
    for path in ("/etcdserverpb.KV/Nothing", "/nothing.At/All", "/x"):
        call = c.channel.unary_unary(path, request_serializer=lambda b: b, response_deserializer=lambda b: b)
        try:
            call(b"", timeout=5)
            out.append("ok")
        except c.grpc.RpcError as error:
            out.append((error.code().value[0], error.details()))
    return out


@case("a request that is no message")
def _(c):
    call = c.channel.unary_unary("/etcdserverpb.KV/Put", request_serializer=lambda b: b, response_deserializer=lambda b: b)
    try:
        call(b"\xff\xff\xff", timeout=5)
        return "ok"
    except c.grpc.RpcError as error:
        return error.code().value[0]


def main():
    only = sys.argv[1:]
    score = Score("services")
    go, ours = Server(GO), Server(OURS)
    clients = Client(ours.endpoint), Client(go.endpoint)
    for name, function in CASES:
        if only and not any(part in name for part in only):
            continue
        answers = []
        for client in clients:
            try:
                answers.append(function(client))
            except Exception as error:  # a crash of one side is a difference, not the end
                answers.append("raised %r" % error)
        mine, theirs = answers
        if isinstance(mine, list) and isinstance(theirs, list) and len(mine) == len(theirs):
            for index, (a, b) in enumerate(zip(mine, theirs)):
                score.equal("%s [%d]" % (name, index), a, b)
        else:
            score.equal(name, mine, theirs)
    a, b = (c.call("Maintenance/HashKV", revision=0) for c in clients)
    score.equal("HashKV at the end", (a.hash, a.header.revision, a.compact_revision), (b.hash, b.header.revision, b.compact_revision))
    score.close()


main()
