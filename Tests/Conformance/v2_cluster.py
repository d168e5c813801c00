"""The v2 API in clusters of both kinds: each applies the other's entries, sends the other its snapshots, leads the other's SYNC.
And a public client, Debian's python3-etcd, that runs the same program against both.

usage: v2_cluster.py [part ...]
"""
import base64, http.client, random, re, socket, sys, threading
from clusters import *
from v2 import Watch, ask, form, plain, random_request, value

need(OURS, "our etcd")
need(GO, "Debian's etcd-server")


def indices(cluster):
    return {m.name: int(ask(m.client, "GET", "/v2/keys/")[1]["X-Etcd-Index"]) for m in cluster.up()}


def settle(cluster, seconds=30):
    """Waits until all members have applied the same."""
    end = time.time() + seconds
    while time.time() < end:
        found = indices(cluster)
        if len(set(found.values())) == 1:
            return found
        time.sleep(0.05)
    raise AssertionError("members come apart: %s\n%s" % (found, cluster.tails()))


def told(text):
    """A line without the times that each member sees for itself."""
    # Zero is left out: a member that replays its log sees it where others saw some.
    return re.sub(rb', ?"ttl": ?0', b'', plain((0, {}, text))[2])


def equal(score, name, cluster):
    """Tree and history are the same everywhere."""
    last = next(iter(settle(cluster).values()))
    trees = {m.name: told(ask(m.client, "GET", "/v2/keys/?recursive=true&sorted=true")[2]) for m in cluster.up()}
    score.check(name + ": equal trees", len(set(trees.values())) == 1, trees)
    asked = sorted(set([max(1, last - back) for back in (0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 377, 900, 998, 999, 1000, 1001)] + [1, 2, 5]))
    for index in asked:
        lines = {m.name: line_from(m, index, 2) for m in cluster.up()}
        if len(set(lines.values())) > 1:
            # A loaded machine may be slow to answer; only all of them may have nothing to say.
            lines = {m.name: line_from(m, index, 20) for m in cluster.up()}
        score.check("%s: equal history from %d" % (name, index), len(set(lines.values())) == 1, lines)


def line_from(member, index, seconds):
    """What is told at once of this index. Users and the version are part of the same history, so not every one is seen from `/`."""
    watch = Watch(member.client, "/v2/keys/?wait=true&recursive=true&waitIndex=%d" % index)
    watch.socket.settimeout(seconds)
    try:
        status, fields = watch.head()
        length = fields.get("Content-Length")
        return status, told(watch.line() if length is None else watch.file.read(int(length)))
    except (socket.timeout, TimeoutError):
        return "silent"
    finally:
        watch.close()


def lead(cluster, member):
    leader = cluster.leader()
    if leader is not member:
        leader.call("Maintenance/MoveLeader", targetID=member.member_id)
    assert cluster.leader() is member, cluster.tails()


def mixed(score):
    """V2-35, 36: entries of either kind are applied by the other."""
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
    for title, binaries in (("2 Go + 1 ours", [GO, GO, OURS]), ("1 Go + 2 ours", [GO, OURS, OURS])):
        dice = random.Random(seed)
        cluster = Cluster(binaries, flags=["--enable-v2"])
        try:
            for member in cluster.members:
                lead(cluster, member)
                name = "%s, %s leads, SEED=%d" % (title, "ours" if member.is_ours else "Go", seed)
                for _ in range(60):
                    method, path, fields = random_request(dice)
                    port = dice.choice(cluster.members).client
                    if method in ("PUT", "POST"):
                        status = ask(port, method, "/v2/keys" + path, fields)[0]
                    else:
                        status = ask(port, method, "/v2/keys" + path + "?" + form(**fields))[0]
                    if status >= 500:
                        score.check(name + ": a request fails", False, (method, path, fields, cluster.tails()))
                equal(score, name, cluster)
                expiry(score, name, cluster)
                statistics(score, name, cluster, member)
        finally:
            cluster.kill()


def statistics(score, name, cluster, leader):
    """V2-27, 28: what a leader knows of its followers, and they of it."""
    ids = {m.name: "%x" % m.member_id for m in cluster.members}
    told = json.loads(ask(leader.client, "GET", "/v2/stats/leader")[2])
    score.check(name + ": followers", told["leader"] == ids[leader.name] and set(told["followers"]) == set(ids.values()) - {told["leader"]}, told)
    for follower in told["followers"].values():
        latency = follower["latency"]
        score.check(name + ": latency", list(latency) == ["current", "average", "standardDeviation", "minimum", "maximum"] and follower["counts"]["success"] > 0
                    and 0 < latency["minimum"] <= latency["average"] <= latency["maximum"] < 60000, follower)
    for member in cluster.members:
        own = json.loads(ask(member.client, "GET", "/v2/stats/self")[2])
        role = "StateLeader" if member is leader else "StateFollower"
        score.check(name + ": self of " + member.name, (own["name"], own["id"], own["state"], own["leaderInfo"]["leader"]) == (member.name, ids[member.name], role, ids[leader.name])
                    and own["sendAppendRequestCnt" if member is leader else "recvAppendRequestCnt"] > 0, own)
        if member is not leader:
            status, fields, body = ask(member.client, "GET", "/v2/stats/leader")
            score.check(name + ": a follower knows no followers", (status, body) == (403, b'{"message":"not current leader"}'), (status, body))


def expiry(score, name, cluster):
    """Keys with a TTL, written by one and gone everywhere by one entry of the leader's."""
    first = max(indices(cluster).values()) + 1
    for writer in cluster.members:
        status, fields, body = ask(writer.client, "PUT", "/v2/keys/ttl/" + writer.name, {"value": "x", "ttl": "2"})
        score.check(name + ": a TTL through " + writer.name, status in (200, 201), body)
    ends = {}
    for member in cluster.members:
        # From the same index everywhere, since a loaded machine may see the end before all watches are there.
        found, index = [], first
        while len(found) < len(cluster.members):
            watch = Watch(member.client, "/v2/keys/ttl?wait=true&recursive=true&waitIndex=%d" % index)
            watch.head()
            event = json.loads(watch.line())
            watch.close()
            index = event["node"]["modifiedIndex"] + 1
            if event["action"] == "expire":
                found.append((event["node"]["key"], event["node"]["modifiedIndex"], event["prevNode"]["expiration"]))
        ends[member.name] = found
    score.check(name + ": the same ends", len({str(e) for e in ends.values()}) == 1, ends)


def snapshots(score):
    """A member that was away is sent the leader's snapshot, of the other kind: tree, history, TTLs and users are in it."""
    for title, binaries in (("Go sends to ours", [GO, GO, OURS]), ("ours sends to Go", [OURS, OURS, GO])):
        cluster = Cluster(binaries, flags=["--enable-v2", "--snapshot-count", "200"])
        try:
            away = cluster.members[2]
            lead(cluster, cluster.members[0])
            port = cluster.members[0].client
            ask(port, "PUT", "/v2/keys/long", {"value": "x", "ttl": "1000"})
            ask(port, "PUT", "/v2/keys/dir", {"dir": "true", "ttl": "2000"})
            ask(port, "PUT", "/v2/auth/users/root", json.dumps({"user": "root", "password": "secret"}), {"Content-Type": "application/json"})
            settle(cluster)
            away.kill()
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            for number in range(5600):
                connection.request("PUT", "/v2/keys/dir/k%d?value=%d" % (number % 100, number))
                connection.getresponse().read()
            ask(port, "PUT", "/v2/keys/short", {"value": "x", "ttl": "5"})
            away.start(wait=False)
            away.wait_ready(60)
            score.check(title + ": it came by a snapshot", received_snapshot(away), away.tail(40))
            texts = {m.name: json.loads(ask(m.client, "GET", "/v2/keys/long")[2])["node"]["expiration"] for m in cluster.members}
            score.check(title + ": equal times", len(set(texts.values())) == 1, texts)
            users = {m.name: ask(m.client, "GET", "/v2/auth/users")[2] for m in cluster.members}
            score.check(title + ": equal users", len(set(users.values())) == 1 and b'"root"' in users["m0"], users)
            end = time.time() + 25
            while time.time() < end and any(ask(m.client, "GET", "/v2/keys/short")[0] == 200 for m in cluster.members):
                time.sleep(0.05)
            score.check(title + ": what came by a snapshot expires", time.time() < end, cluster.tails())
            equal(score, title, cluster)
            # The newcomer leads and ends what another wrote, then starts again from its own files.
            lead(cluster, away)
            expiry(score, title + ", it leads", cluster)
            away.kill()
            away.start(wait=False)
            away.wait_ready(60)
            equal(score, title + ", started again", cluster)
        finally:
            cluster.kill()


def received_snapshot(member):
    with open(member.log, "rb") as log:
        return re.search(rb"received and saved database snapshot|finished applying incoming snapshot|installed the snapshot", log.read()) is not None


def users(score):
    """Users made through one count at the other."""
    cluster = Cluster([GO, GO, OURS], flags=["--enable-v2"])
    try:
        go, ours = cluster.members[0].client, cluster.members[2].client
        JSON = {"Content-Type": "application/json"}
        basic = lambda text: dict(JSON, Authorization="Basic " + base64.b64encode(text.encode()).decode())
        for port, name in ((go, "root"), (ours, "made-by-ours"), (go, "made-by-go")):
            body = json.dumps({"user": name, "password": "of " + name})
            score.equal("create " + name, ask(port, "PUT", "/v2/auth/users/" + name, body, JSON, timeout=30)[0], 201)
        role = {"role": "r", "permissions": {"kv": {"read": ["/a*"], "write": ["/a*"]}}}
        score.equal("create a role", ask(ours, "PUT", "/v2/auth/roles/r", json.dumps(role), JSON)[0], 201)
        for name in ("made-by-ours", "made-by-go"):
            body = json.dumps({"user": name, "grant": ["r"]})
            score.equal("grant to " + name, ask(go, "PUT", "/v2/auth/users/" + name, body, JSON)[0], 200)
        guest = {"role": "guest", "permissions": {"kv": {"read": ["/public"], "write": []}}}
        score.equal("create guests' role", ask(ours, "PUT", "/v2/auth/roles/guest", json.dumps(guest), JSON)[0], 201)
        score.equal("on", ask(ours, "PUT", "/v2/auth/enable", headers=JSON)[0], 200)
        settle_enabled(cluster)
        for port, who in ((go, "Go"), (ours, "ours")):
            for name in ("made-by-ours", "made-by-go"):
                user = basic("%s:of %s" % (name, name))
                found = [ask(port, "PUT", "/v2/keys/a/%s?value=1" % name, headers=user, timeout=30)[0], ask(port, "PUT", "/v2/keys/b?value=1", headers=user, timeout=30)[0],
                         ask(port, "GET", "/v2/keys/a/%s" % name, headers=basic(name + ":wrong"), timeout=30)[0], ask(port, "GET", "/v2/keys/a/%s" % name)[0], ask(port, "GET", "/v2/keys/public")[0]]
                score.check("%s at %s" % (name, who), found[0] in (200, 201) and found[1:] == [401, 401, 401, 404], found)
        score.equal("off", ask(go, "DELETE", "/v2/auth/enable", headers=basic("root:of root"), timeout=30)[0], 200)
    finally:
        cluster.kill()


def settle_enabled(cluster):
    end = time.time() + 15
    while time.time() < end and any(b"true" not in ask(m.client, "GET", "/v2/auth/enable")[2] for m in cluster.members):
        time.sleep(0.05)


# MARK: A client

def client(score):
    try:
        import etcd
    except ImportError:
        print("SKIPPED: python3-etcd is missing")
        return
    answers = []
    for binary, flags in ((OURS, []), (GO, ["--enable-v2"])):
        member = Server(binary, flags=flags)
        try:
            answers.append(program(etcd, member.client))
        finally:
            member.kill()
    for (name, ours), (_, theirs) in zip(*answers):
        score.equal("python3-etcd: " + name, ours, theirs)
    score.equal("python3-etcd: steps", len(answers[0]), len(answers[1]))


def program(etcd, port):
    """What a user of the library does, and what it is told: (step, result) each."""
    c = etcd.Client(host="127.0.0.1", port=port, allow_reconnect=False, read_timeout=20)
    results = []

    def seen(result):
        if isinstance(result, etcd.EtcdResult):
            children = sorted((child.key, child.value, child.dir) for child in result.leaves) if result.dir else None
            return (result.action, result.key, result.value, result.dir, result.ttl, result.createdIndex, result.modifiedIndex, result.newKey,
                    children, getattr(result, "etcd_index", None), seen(getattr(result, "_prev_node", None)))
        return result

    def step(name, body):
        try:
            results.append((name, seen(body())))
        except etcd.EtcdException as error:
            results.append((name, (type(error).__name__, str(error).replace(str(port), "PORT"))))

    step("write", lambda: c.write("/nodes/n1", 1))
    step("write again", lambda: c.set("/nodes/n1", "two"))
    step("write with ttl", lambda: c.write("/nodes/n2", "x", ttl=100))
    step("append", lambda: c.write("/queue", "job", append=True))
    step("append", lambda: c.write("/queue", "job2", append=True))
    step("make a directory", lambda: c.write("/dir", None, dir=True))
    step("read", lambda: c.read("/nodes/n1"))
    step("read nothing", lambda: c.read("/nothing"))
    step("read below", lambda: c.read("/", recursive=True, sorted=True))
    step("read through the log", lambda: c.read("/nodes/n1", quorum=True))
    step("test and set", lambda: c.test_and_set("/nodes/n1", "three", "two"))
    step("test and set, wrong", lambda: c.test_and_set("/nodes/n1", "four", "two"))
    step("create where something is", lambda: c.write("/nodes/n1", "x", prevExist=False))
    step("update", lambda: c.update(c.read("/nodes/n1")))
    step("refresh", lambda: c.refresh("/nodes/n2", ttl=500))
    step("write below a file", lambda: c.write("/nodes/n1/x", "x"))
    step("write a directory over", lambda: c.write("/nodes", "x"))
    step("delete a directory", lambda: c.delete("/nodes"))
    step("delete with wrong value", lambda: c.delete("/nodes/n1", prevValue="no"))
    step("delete", lambda: c.delete("/nodes/n1"))
    step("pop", lambda: c.pop("/nodes/n2"))
    step("delete below", lambda: c.delete("/nodes", recursive=True, dir=True))
    # Without `sorted` the original answers in the order of a Go map, another one each time.
    step("keys in order", lambda: [child.value for child in c.read("/queue", sorted=True).children])
    step("keys without order", lambda: sorted(child.value for child in c.get("/queue").children))

    def later(body):
        thread = threading.Timer(0.2, body)
        thread.start()
        return thread

    other = etcd.Client(host="127.0.0.1", port=port)
    later(lambda: other.write("/watched", "now"))
    step("watch", lambda: c.watch("/watched"))
    later(lambda: other.write("/below/a", "now"))
    step("watch below", lambda: c.watch("/below", recursive=True))
    index = c.read("/watched").modifiedIndex
    step("watch from an index", lambda: c.watch("/watched", index=index))
    for number in range(3):
        other.write("/many/%d" % number, number)
    step("eternal watch", lambda: [(e.key, e.value) for _, e in zip(range(3), c.eternal_watch("/many", index=index, recursive=True))])
    step("watch runs out of time", lambda: c.watch("/silent", timeout=0.5))
    step("members", lambda: [sorted(m) for m in c.members.values()])
    step("leader", lambda: sorted(c.leader))
    step("machines", lambda: [m.replace(str(port), "PORT") for m in c.machines])
    step("stats", lambda: (sorted(c.stats), sorted(c.leader_stats), sorted(c.store_stats)))
    # The lock of the library is made of in-order keys, TTLs and watches.
    first, second = etcd.Lock(c, "lock"), etcd.Lock(other, "lock")
    step("lock", lambda: first.acquire(lock_ttl=30))
    step("locked", lambda: second.acquire(blocking=False))
    later(first.release)
    step("lock after another", lambda: second.acquire(lock_ttl=30, timeout=15))
    step("unlock", lambda: (second.release(), second.is_acquired)[1])
    return results


PARTS = {"mixed": mixed, "snapshots": snapshots, "users": users, "client": client}


def main():
    score = Score("v2_cluster")
    for name, part in PARTS.items():
        if len(sys.argv) > 1 and name not in sys.argv[1:]:
            continue
        began = time.time()
        try:
            part(score)
        except Exception as error:
            import traceback
            traceback.print_exc()
            score.check(name, False, error)
        print("(%s took %.0f s)" % (name, time.time() - began), flush=True)
    score.close()


main()
