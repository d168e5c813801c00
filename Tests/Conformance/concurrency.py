"""Lock, Election and Health: the same calls to Go etcd and to ours, answers compared; waiters in order, gone, expired and
killed; and the same lines in clusters, ours alone and mixed with Go's.

Each case is a name (with the acceptance rows it covers) and a function of a server and a client that answers something
comparable. Where 3.4 is unsafe and ours is not (docs/differences.md), the case says so.
"""
import concurrent.futures, queue, sys, threading
from clusters import Cluster
from lib import *

need(GO, "Debian's etcd-server")
need(OURS, "our etcd")
M = message
CASES = []
LONG = 30


# Revisions are compared as their distance from the store's revision at the case's beginning.
BASE = threading.local()


def ago(revision):
    return revision - BASE.revision if revision else revision


def case(name):
    def note(function):
        CASES.append((name, function))
        return function
    return note


class Caller(Client):
    """Calls of all packages: "Lock/Lock", "Election/Campaign", "Health/Check" beside those of etcdserverpb."""

    PACKAGES = {"Lock": "v3lockpb", "Election": "v3electionpb", "Health": "grpc.health.v1"}

    def stub(self, method, kind="unary_unary"):
        package = self.PACKAGES.get(method.split("/")[0], "etcdserverpb")
        names = {"Observe": "Leader", "Check": "HealthCheck", "Watch": "HealthCheck"}
        base = self.KINDS.get(method.split("/")[1], names.get(method.split("/")[1], method.split("/")[1]))
        key = method, kind
        if key not in self.stubs:
            self.stubs[key] = M(base + "Request"), getattr(self.channel, kind)(
                "/%s.%s" % (package, method), request_serializer=lambda m: m.SerializeToString(),
                response_deserializer=M(base + "Response").FromString)
        return self.stubs[key]

    KINDS = dict(Client.KINDS, **{name: "Auth" + name for name in (
        "UserAdd", "RoleAdd", "RoleGrantPermission", "UserGrantRole")})

    def call(self, method, request=None, timeout=10, metadata=None, **fields):
        kind, stub = self.stub(method)
        return stub(request if request is not None else kind(**fields), timeout=timeout, metadata=metadata)

    def future(self, method, timeout=LONG, **fields):
        kind, stub = self.stub(method)
        return stub.future(kind(**fields), timeout=timeout)

    def watch(self, method, timeout=LONG, **fields):
        kind, stub = self.stub(method, "unary_stream")
        return stub(kind(**fields), timeout=timeout)

    # What comparisons want.

    def lease(self, number, ttl=600):
        self.call("Lease/LeaseGrant", ID=number, TTL=ttl)
        return number

    def keys(self, prefix):
        reply = self.call("KV/Range", key=prefix, range_end=prefix + b"\xff", sort_target=2, sort_order=1)
        return [(k.key, k.value, ago(k.create_revision), ago(k.mod_revision), k.version, k.lease) for k in reply.kvs]

    def until(self, prefix, count, seconds=10):
        """Waits until so many keys are there: then as many callers wait or hold."""
        end = time.time() + seconds
        while time.time() < end:
            if self.call("KV/Range", key=prefix, range_end=prefix + b"\xff", count_only=True).count == count:
                return True
            time.sleep(0.002)
        return False


def shape(reply):
    header = ago(reply.header.revision)
    if hasattr(reply, "leader"):
        return header, reply.leader.name, reply.leader.key, ago(reply.leader.rev), reply.leader.lease
    if hasattr(reply, "kv"):
        return header, reply.kv.key, reply.kv.value, ago(reply.kv.create_revision), ago(reply.kv.mod_revision), reply.kv.version, reply.kv.lease
    if hasattr(reply, "key"):
        return header, reply.key
    return header


def ask(client, method, **fields):
    answer = client.attempt(method, **fields)
    return ("ok", shape(answer[1])) if answer[0] == "ok" else answer


def outcome(future):
    import grpc
    try:
        return "ok", shape(future.result())
    except grpc.RpcError as error:
        return "error", error.code().value[0], error.details()
    except grpc.FutureCancelledError:
        return ("cancelled",)


# --- Lock

@case("CONC-01 a free lock, its key, the same session again")
def _(s, c):
    c.lease(0xabc)
    return [ask(c, "Lock/Lock", name=b"free", lease=0xabc), c.keys(b"free/"),
            ask(c, "Lock/Lock", name=b"free", lease=0xabc), c.keys(b"free/"),
            ask(c, "Lock/Unlock", key=b"free/abc"), c.keys(b"free/")]


@case("CONC-01 a lock without a lease gets one of 60 seconds")
def _(s, c):
    reply = c.call("Lock/Lock", name=b"own")
    key = c.keys(b"own/")[0]
    left = c.call("Lease/LeaseTimeToLive", ID=key[5])
    return [reply.key == key[0], reply.key == b"own/%x" % key[5], left.grantedTTL, left.TTL in (58, 59, 60)]


@case("CONC-02 unlocking: unknown keys are fine, an empty one is not")
def _(s, c):
    return [ask(c, "Lock/Unlock", key=b"nobody/1"), ask(c, "Lock/Unlock", key=b"")]


@case("CONC-01, 09 names: empty, of bytes, nested; leases: unknown, negative")
def _(s, c):
    c.lease(5)
    c.lease(-5)
    return [ask(c, "Lock/Lock", name=b"", lease=5), ask(c, "Lock/Unlock", key=b"/5"),
            ask(c, "Lock/Lock", name=b"\x00\xff/x", lease=5), ask(c, "Lock/Lock", name=b"neg", lease=-5),
            ask(c, "Lock/Lock", name=b"none", lease=0x777), ask(c, "Election/Campaign", name=b"none", lease=0x777),
            c.keys(b"none/"), c.keys(b"neg/")]


@case("CONC-01 a nested name's keys count below the outer one")
def _(s, c):
    c.lease(6)
    first = ask(c, "Lock/Lock", name=b"outer/inner", lease=6)
    c.lease(7)
    waiter = c.future("Lock/Lock", name=b"outer", lease=7)
    waits = c.until(b"outer/", 2) and not waiter.done()
    c.call("Lock/Unlock", key=b"outer/inner/6")
    return [first, waits, outcome(waiter)]


@case("CONC-01 a key that somebody put there by hand is waited for")
def _(s, c):
    c.call("KV/Put", key=b"hand/anything", value=b"")
    c.lease(8)
    waiter = c.future("Lock/Lock", name=b"hand", lease=8)
    waits = c.until(b"hand/", 2) and not waiter.done()
    c.call("KV/Put", key=b"hand/anything", value=b"again")
    c.call("KV/Put", key=b"hand/younger", value=b"")
    time.sleep(0.05)
    still = not waiter.done()
    c.call("KV/DeleteRange", key=b"hand/anything")
    return [waits, still, outcome(waiter)]


def in_order(c, name, count, first):
    """Holder and waiters come one after the other; then each unlocks in turn. Answers what each was told, and when."""
    waiting, told = [], []
    for i in range(count + 1):
        c.lease(first + i)
        waiting.append(c.future("Lock/Lock", name=name, lease=first + i))
        c.until(name + b"/", i + 1)
    for i, future in enumerate(waiting):
        told.append(outcome(future))
        told.append(sum(f.done() for f in waiting))
        told.append(shape(c.call("Lock/Unlock", key=name + b"/%x" % (first + i))))
    return told


@case("CONC-10 three waiters in order")
def _(s, c):
    return in_order(c, b"three", 3, 0x1000)


@case("CONC-10 a hundred waiters in order")
def _(s, c):
    return in_order(c, b"hundred", 100, 0x2000)


@case("CONC-10 a waiter whose predecessor gives up waits for the one before")
def _(s, c):
    futures = []
    for i in range(3):
        c.lease(0x20 + i)
        futures.append(c.future("Lock/Lock", name=b"gap", lease=0x20 + i))
        c.until(b"gap/", i + 1)
    futures[1].cancel()
    removed = c.until(b"gap/", 2)
    time.sleep(0.05)
    still = not futures[2].done()
    c.call("Lock/Unlock", key=b"gap/20")
    return [removed, still, outcome(futures[2]), [k[0] for k in c.keys(b"gap/")]]


@case("CONC-01 whoever stops waiting takes the key along: cancelled, deadline, connection lost")
def _(s, c):
    c.lease(0x30)
    out = [ask(c, "Lock/Lock", name=b"leave", lease=0x30)]
    c.lease(0x31)
    waiter = c.future("Lock/Lock", name=b"leave", lease=0x31)
    out += [c.until(b"leave/", 2), waiter.cancel(), c.until(b"leave/", 1)]
    c.lease(0x32)
    out += [ask(c, "Lock/Lock", name=b"leave", lease=0x32, timeout=0.3)[:1], c.until(b"leave/", 1)]
    other = Caller(s.endpoint)
    kept = other.future("Lock/Lock", name=b"leave", lease=c.lease(0x33))
    out += [c.until(b"leave/", 2), kept.done()]
    other.close()
    out += [c.until(b"leave/", 1), [k[0] for k in c.keys(b"leave/")]]
    return out


@case("CONC-03 whoever stops campaigning takes the key along")
def _(s, c):
    c.lease(0x34)
    out = [ask(c, "Election/Campaign", name=b"quit", lease=0x34, value=b"1")]
    waiter = c.future("Election/Campaign", name=b"quit", lease=c.lease(0x35), value=b"2")
    out += [c.until(b"quit/", 2), waiter.cancel(), c.until(b"quit/", 1)]
    out += [ask(c, "Election/Campaign", name=b"quit", lease=c.lease(0x36), value=b"3", timeout=0.3)[:1], c.until(b"quit/", 1)]
    return out


@case("CONC-01 the holder's lease ends: the next one holds")
def _(s, c):
    c.lease(0x40, ttl=1)
    out = [ask(c, "Lock/Lock", name=b"expires", lease=0x40)]
    waiter = c.future("Lock/Lock", name=b"expires", lease=c.lease(0x41))
    return out + [outcome(waiter), [k[0] for k in c.keys(b"expires/")]]


@case("CONC-01 the holder's lease is revoked: the next one holds")
def _(s, c):
    out = [ask(c, "Lock/Lock", name=b"revoked", lease=c.lease(0x42))]
    waiter = c.future("Lock/Lock", name=b"revoked", lease=c.lease(0x43))
    c.until(b"revoked/", 2)
    c.call("Lease/LeaseRevoke", ID=0x42)
    return out + [outcome(waiter)]


def lease_ends_while_waiting(c):
    """3.4 grants such a lock although its key is gone (fixed in 3.5); ours refuses."""
    c.call("Lock/Lock", name=b"late", lease=c.lease(0x50))
    waiter = c.future("Lock/Lock", name=b"late", lease=c.lease(0x51))
    c.until(b"late/", 2)
    c.call("Lease/LeaseRevoke", ID=0x51)
    c.until(b"late/", 1)
    c.call("Lock/Unlock", key=b"late/50")
    first = outcome(waiter), c.keys(b"late/")
    c.call("Election/Campaign", name=b"late", lease=c.lease(0x52))
    waiter = c.future("Election/Campaign", name=b"late", lease=c.lease(0x53))
    c.until(b"late/", 2)
    c.call("Lease/LeaseRevoke", ID=0x53)
    c.until(b"late/", 1)
    c.call("Lease/LeaseRevoke", ID=0x52)
    return first, (outcome(waiter), c.keys(b"late/"))


@case("CONC-09 without room: the text stays, the code does not; unlocking works")
def _(s, c):
    c.call("Lock/Lock", name=b"full", lease=c.lease(0x60))
    alarm = M("AlarmRequest")(action=1, memberID=0, alarm=1)
    c.call("Maintenance/Alarm", alarm)
    out = [ask(c, "Lock/Lock", name=b"full", lease=0x60), ask(c, "Lock/Lock", name=b"full2"),
           ask(c, "Election/Campaign", name=b"full2", lease=0x60), ask(c, "Lock/Unlock", key=b"full/60")]
    c.call("Maintenance/Alarm", M("AlarmRequest")(action=2, memberID=0, alarm=1))
    return out


@case("CONC-01 a member that is killed while someone waits; the session takes up its place")
def _(s, c):
    first = ask(c, "Lock/Lock", name=b"crash", lease=c.lease(0x70))
    waiter = c.future("Lock/Lock", name=b"crash", lease=c.lease(0x71))
    third = c.future("Lock/Lock", name=b"crash", lease=c.lease(0x72))
    waits = c.until(b"crash/", 3)
    s.kill()
    told = outcome(waiter)[:2], outcome(third)[:2]
    s.start()
    again = Caller(s.endpoint)
    keys = [k[0] for k in again.keys(b"crash/")]
    waiter = again.future("Lock/Lock", name=b"crash", lease=0x71)
    third = again.future("Lock/Lock", name=b"crash", lease=0x72)
    time.sleep(0.1)
    still = not waiter.done() and not third.done()
    again.call("Lock/Unlock", key=b"crash/70")
    second = outcome(waiter)
    after = third.done()
    again.call("Lock/Unlock", key=b"crash/71")
    out = [first, waits, told, sorted(keys), still, second, after, outcome(third)]
    again.close()
    # The case's own client has to find the member again before the next case.
    end = time.time() + 10
    while time.time() < end and c.attempt("KV/Range", key=b"x")[0] != "ok":
        time.sleep(0.05)
    return out


# --- Election

@case("CONC-03, 04, 05, 07 one campaign, its leader, proclamations, its end")
def _(s, c):
    out = [ask(c, "Election/Leader", name=b"e1")]
    c.lease(0x80)
    won = c.call("Election/Campaign", name=b"e1", lease=0x80, value=b"one")
    out += [shape(won), ask(c, "Election/Leader", name=b"e1")]
    out += [ask(c, "Election/Proclaim", leader=won.leader, value=b"two"), ask(c, "Election/Leader", name=b"e1")]
    out += [ask(c, "Election/Campaign", name=b"e1", lease=0x80, value=b"two"), ask(c, "Election/Campaign", name=b"e1", lease=0x80, value=b"three")]
    out += [ask(c, "Election/Leader", name=b"e1"), ask(c, "Election/Resign", leader=won.leader), ask(c, "Election/Leader", name=b"e1")]
    return out + [ask(c, "Election/Resign", leader=won.leader), ask(c, "Election/Proclaim", leader=won.leader, value=b"late"), c.keys(b"e1/")]


@case("CONC-03 three candidates in order")
def _(s, c):
    futures, out = [], []
    for i in range(4):
        futures.append(c.future("Election/Campaign", name=b"e2", lease=c.lease(0x90 + i), value=b"%d" % i))
        c.until(b"e2/", i + 1)
    for i, future in enumerate(futures):
        won = future.result()
        out += [shape(won), sum(f.done() for f in futures), ask(c, "Election/Leader", name=b"e2"), ask(c, "Election/Resign", leader=won.leader)]
    return out


@case("CONC-04 a proclamation by one who only waits, who lost, who has no lease")
def _(s, c):
    won = c.call("Election/Campaign", name=b"e3", lease=c.lease(0xa0), value=b"leads")
    waiter = c.future("Election/Campaign", name=b"e3", lease=c.lease(0xa1), value=b"waits")
    c.until(b"e3/", 2)
    kind = M("LeaderKey")
    second = c.keys(b"e3/")[1]
    out = [ask(c, "Election/Proclaim", leader=kind(name=b"e3", key=second[0], rev=second[2] + BASE.revision, lease=0xa1), value=b"aloud"), c.keys(b"e3/")]
    out += [ask(c, "Election/Proclaim", leader=kind(name=b"e3", key=second[0], rev=1, lease=0xa1), value=b"x")]
    out += [ask(c, "Election/Proclaim", leader=kind(name=b"e3", key=b"e3/zz", rev=7, lease=0xa1), value=b"x")]
    out += [ask(c, "Election/Proclaim", leader=kind(name=b"e3", key=b"", rev=7, lease=0xa1), value=b"x")]
    out += [ask(c, "Election/Proclaim", leader=kind(name=b"e3", key=won.leader.key, rev=won.leader.rev, lease=0x9999), value=b"x")]
    out += [ask(c, "Election/Resign", leader=kind(name=b"e3", key=b"", rev=7, lease=0xa1))]
    before = won.leader.lease
    won.leader.lease = 0
    reply = c.call("Election/Proclaim", leader=won.leader, value=b"new lease")
    key = c.keys(b"e3/")[0]
    out += [shape(reply), key[:5], key[5] not in (0, before), c.call("Lease/LeaseTimeToLive", ID=key[5]).grantedTTL]
    c.call("Election/Resign", leader=won.leader)
    return out + [outcome(waiter)]


@case("CONC-08 no leader key")
def _(s, c):
    return [ask(c, "Election/Proclaim", value=b"x"), ask(c, "Election/Resign"), ask(c, "Election/Proclaim"), ask(c, "KV/Range", key=b"alive")]


@case("CONC-03 a campaign without a lease gets one of 60 seconds")
def _(s, c):
    won = c.call("Election/Campaign", name=b"e4", value=b"v")
    return [won.leader.key == b"e4/%x" % won.leader.lease, c.call("Lease/LeaseTimeToLive", ID=won.leader.lease).grantedTTL,
            won.leader.rev == won.header.revision]


@case("CONC-06 observing: before the first leader, its values, the next leaders")
def _(s, c):
    heard = queue.Queue()
    stream = c.watch("Election/Observe", name=b"e5")

    def read():
        try:
            for reply in stream:
                heard.put(reply)
        except Exception as error:
            heard.put(error)

    def seen():
        reply = heard.get(timeout=5)
        return ("end", reply.code().value[0]) if isinstance(reply, Exception) else shape(reply)
    threading.Thread(target=read, daemon=True).start()
    time.sleep(0.2)
    out = [heard.empty()]
    first = c.call("Election/Campaign", name=b"e5", lease=c.lease(0xb0), value=b"a")
    out.append(seen())
    for value in (b"b", b"c"):
        c.call("Election/Proclaim", leader=first.leader, value=value)
        out.append(seen())
    next_one = c.future("Election/Campaign", name=b"e5", lease=c.lease(0xb1), value=b"second")
    c.until(b"e5/", 2)
    c.call("KV/Put", key=b"e5/other", value=b"of no interest")
    time.sleep(0.1)
    out.append(heard.empty())
    c.call("Election/Resign", leader=first.leader)
    out += [seen(), outcome(next_one)]
    c.call("Lease/LeaseRevoke", ID=0xb1)
    out.append(seen())
    c.call("KV/DeleteRange", key=b"e5/other")
    time.sleep(0.1)
    out.append(heard.empty())
    # Where a leader is there already, its value comes at once.
    c.call("Election/Campaign", name=b"e5", lease=c.lease(0xb2), value=b"third")
    out.append(seen())
    again = c.watch("Election/Observe", name=b"e5")
    out.append(shape(next(iter(again))))
    again.cancel()
    stream.cancel()
    return out + [seen()]


@case("CONC-06 an observer with a deadline")
def _(s, c):
    import grpc
    stream = c.watch("Election/Observe", timeout=0.3, name=b"e6")
    try:
        return [shape(reply) for reply in stream]
    except grpc.RpcError as error:
        return error.code().value[0] in (1, 2, 4)  # whose clock is first says how


# --- The JSON gateway

@case("CONC-01..09 through the JSON gateway")
def _(s, c):
    import base64, urllib.error

    def post(path, body):
        request = urllib.request.Request(s.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=10) as reply:
                status, text = reply.status, reply.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        answer = json.loads(text)
        for holder in (answer, answer.get("kv", {}), answer.get("leader", {})):
            for field in ("header", "create_revision", "mod_revision", "rev"):
                if field in holder:
                    holder[field] = "some"
        return status, answer
    name, key = base64.b64encode(b"gw").decode(), lambda lease: base64.b64encode(b"gw/%x" % lease).decode()
    c.lease(0xc0)
    out = [post("/v3/lock/lock", {"name": name, "lease": 0xc0}), post("/v3/lock/unlock", {"key": key(0xc0)}),
           post("/v3/lock/lock", {"name": name, "lease": "12345"}), post("/v3/election/leader", {"name": name})]
    won = c.call("Election/Campaign", name=b"gw2", lease=0xc0, value=b"v")
    leader = {"name": base64.b64encode(b"gw2").decode(), "key": base64.b64encode(won.leader.key).decode(), "rev": won.leader.rev, "lease": 0xc0}
    out += [post("/v3/election/campaign", {"name": name, "lease": 0xc0, "value": name}), post("/v3/election/leader", {"name": name}),
            post("/v3/election/proclaim", {"leader": leader, "value": name}), post("/v3/election/proclaim", {"value": name}),
            post("/v3/election/resign", {}), post("/v3/election/resign", {"leader": leader}), post("/v3/election/leader", {"name": leader["name"]})]
    request = urllib.request.Request(s.url + "/v3/election/observe", json.dumps({"name": name}).encode())
    with urllib.request.urlopen(request, timeout=10) as stream:
        first = json.loads(stream.readline())
    return out + [first["result"]["kv"]["value"], sorted(first["result"]["kv"])]


# --- Health

@case("grpc.health.v1: Check and Watch, unknown services, no reflection")
def _(s, c):
    import grpc
    out = []
    for name in ("", "etcdserverpb.KV", "nonsense"):
        answer = c.attempt("Health/Check", service=name)
        out.append(answer[1].status if answer[0] == "ok" else answer)
        stream = c.watch("Health/Watch", service=name, timeout=0.4)
        statuses = []
        try:
            for reply in stream:
                statuses.append(reply.status)
        except grpc.RpcError as error:
            statuses.append(("end", error.code().value[0] in (1, 4)))  # whose clock is first says how
        out.append(statuses)
    for path in ("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "/grpc.health.v1.Health/List", "/v3lockpb.Lock/TryLock",
                 "/v3electionpb.Election/Stand"):
        try:
            c.channel.unary_unary(path)(b"", timeout=3)
        except grpc.RpcError as error:
            out.append((error.code().value[0], error.details()))
    return out


# --- Authentication

def with_users(score, go, ours):
    """Everything is done in the caller's name. A key that is given up goes all the same: in 3.4 it stays, for nobody asks to delete it."""
    results = []
    for server in (go, ours):
        c = Caller(server.endpoint)
        BASE.revision = c.call("KV/Range", key=b"x").header.revision
        for user in (b"root", b"user"):
            c.call("Auth/UserAdd", M("AuthUserAddRequest")(name=user, password=b"pw"))
        c.call("Auth/RoleAdd", M("AuthRoleAddRequest")(name="root"))
        c.call("Auth/RoleAdd", M("AuthRoleAddRequest")(name="role"))
        grant = M("AuthRoleGrantPermissionRequest")(name="role")
        grant.perm.permType, grant.perm.key, grant.perm.range_end = 2, b"may/", b"may0"
        c.call("Auth/RoleGrantPermission", grant)
        for user, role in (("root", "root"), ("user", "role")):
            c.call("Auth/UserGrantRole", M("AuthUserGrantRoleRequest")(user=user, role=role))
        for lease in (0xd0, 0xd1, 0xd2):
            c.lease(lease)
        c.call("Auth/AuthEnable", M("AuthEnableRequest")())
        token = [("token", c.call("Auth/Authenticate", M("AuthenticateRequest")(name="user", password="pw")).token)]
        calls = [("Lock/Lock", {"name": b"may", "lease": 0xd0}), ("Lock/Lock", {"name": b"other", "lease": 0xd0}),
                 ("Lock/Unlock", {"key": b"other/1"}), ("Election/Campaign", {"name": b"other", "lease": 0xd0}),
                 ("Election/Leader", {"name": b"may"}), ("Election/Leader", {"name": b"other"})]
        out = []
        for method, fields in calls:
            out.append(ask(c, method, metadata=token, **fields))
            out.append(ask(c, method, metadata=[("token", "nonsense.1")], **fields))
            out.append(ask(c, method, **fields)[:2])
        kind, stub = c.stub("Lock/Lock")
        waiter = stub.future(kind(name=b"may", lease=0xd1), timeout=LONG, metadata=token)
        root = [("token", c.call("Auth/Authenticate", M("AuthenticateRequest")(name="root", password="pw")).token)]

        def there(count):
            end = time.time() + 5
            while time.time() < end:
                if c.call("KV/Range", M("RangeRequest")(key=b"may/", range_end=b"may0", count_only=True), metadata=root).count == count:
                    return True
                time.sleep(0.01)
            return False
        out.append(there(2))
        second = stub.future(kind(name=b"may", lease=0xd2), timeout=LONG, metadata=token)
        out += [there(3), outcome(waiter) if waiter.done() else "waits"]
        c.call("Lock/Unlock", key=b"may/d0", metadata=token)
        out.append(outcome(waiter))
        second.cancel()
        gone = there(1)
        c.call("Auth/AuthDisable", M("AuthDisableRequest")(), metadata=root)
        c.close()
        results.append((out, gone))
    for i, (mine, theirs) in enumerate(zip(results[1][0], results[0][0])):
        score.equal("AUTH with users, answer %d" % i, mine, theirs)
    score.check("AUTH a key that is given up goes", results[1][1] or os.path.realpath(OURS) == os.path.realpath(GO))


# --- Clusters

def cluster_line(score, title, binaries):
    """One lock whose waiters are spread over all members; its line goes on when the leader dies."""
    cluster = Cluster(binaries)
    try:
        clients = [Caller(m.endpoint) for m in cluster.members]
        futures = []
        for i in range(9):
            futures.append(clients[i % 3].future("Lock/Lock", name=b"line", lease=clients[0].lease(0x100 + i)))
            score.check(title + ": waiter %d is in line" % i, clients[0].until(b"line/", i + 1))
        done = []
        for i in range(4):
            outcome_of = futures[i].result().key
            # The others may learn of it a moment later, but nobody may be ahead of the line.
            done.append((outcome_of, sum(f.done() for f in futures)))
            clients[(i + 1) % 3].call("Lock/Unlock", key=b"line/%x" % (0x100 + i))
        score.equal(title + ": in order over three members", done, [(b"line/%x" % (0x100 + i), i + 1) for i in range(4)])
        futures[4].result()
        leader = cluster.leader()
        dead = cluster.members.index(leader)
        leader.kill()
        cluster.leader()
        alive = [i for i in range(3) if i != dead]
        rest = [i for i in range(5, 9) if i % 3 != dead]
        lost = [i for i in range(5, 9) if i % 3 == dead]
        for i in [4] + lost:
            retry(lambda: clients[alive[0]].call("Lease/LeaseRevoke", ID=0x100 + i))
        order = []
        for i in rest:
            order.append((futures[i].result().key, [futures[j].done() for j in rest if j > i]))
            retry(lambda: clients[alive[1]].call("Lock/Unlock", key=b"line/%x" % (0x100 + i)))
        score.equal(title + ": the line goes on after the leader's death", order,
                    [(b"line/%x" % (0x100 + i), [False] * sum(j > i for j in rest)) for i in rest])
        follower = next(i for i in alive if cluster.members[i] is not cluster.leader())
        given_up(score, title, clients[follower], cluster.members[follower])
    finally:
        cluster.kill()


def given_up(score, title, client, member):
    """A call without a lease, given up on a follower: on ours its lease goes along, in 3.4 it runs out."""
    retry(lambda: client.call("Lock/Lock", name=b"given", lease=client.lease(0x200)))
    before = len(client.call("Lease/LeaseLeases").leases)
    waiter = client.future("Lock/Lock", name=b"given")
    client.until(b"given/", 2)
    waiter.cancel()
    score.check(title + ": a call that is given up on a follower takes its key along", client.until(b"given/", 1))
    after = len(client.call("Lease/LeaseLeases").leases)
    score.check(title + ": and its lease", after == before or not member.is_ours or OURS == GO, (before, after))


def retry(call, seconds=15):
    import grpc
    end = time.time() + seconds
    while True:
        try:
            return call()
        except grpc.RpcError as error:
            if error.code().value[0] in (5, 9) or time.time() > end:
                return None
            time.sleep(0.1)


def play(server):
    client = Caller(server.endpoint)
    results = []
    for name, function in CASES:
        if len(sys.argv) > 1 and not any(word in name for word in sys.argv[1:]):
            continue
        BASE.revision = client.call("KV/Range", key=b"x").header.revision
        try:
            results.append((name, function(server, client)))
        except Exception as error:  # a case that breaks is a result too
            results.append((name, "broke: %r" % (error,)))
    unsafe = lease_ends_while_waiting(client) if len(sys.argv) == 1 else None
    client.close()
    return results, unsafe


def main():
    score = Score("concurrency")
    go, ours = Server(GO), Server(OURS)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        theirs, mine = pool.submit(play, go), pool.submit(play, ours)
        (theirs, _), (mine, unsafe) = theirs.result(), mine.result()
    for (name, b), (_, a) in zip(theirs, mine):
        broke = isinstance(a, str) and a.startswith("broke")
        score.check(name, a == b and not broke, "\n   ours:   %r\n   theirs: %r" % (a, b))
    if unsafe and os.path.realpath(OURS) != os.path.realpath(GO):
        score.equal("CONC-01 a lock whose lease ended while it waited is refused", unsafe[0], (("error", 2, "mutex: session is expired"), []))
        score.equal("CONC-03 a campaign whose lease ended while it waited is refused", unsafe[1], (("error", 2, "election: not leader"), []))
    if len(sys.argv) == 1:
        with_users(score, go, ours)
    go.kill()
    ours.kill()
    if len(sys.argv) == 1:
        cluster_line(score, "three of ours", [OURS] * 3)
        cluster_line(score, "two of ours, one of Go's", [OURS, GO, OURS])
    score.close()


main()
