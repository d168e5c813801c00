"""Clusters: ours alone, and mixed with Debian's etcd 3.4.23, which must never tell the difference.

usage: cluster.py [part ...]
"""
from clusters import *

need(OURS, "our etcd")
need(GO, "Debian's etcd-server")
CTL = {"ETCDCTL_API": "3"}


def alone(score):
    """Three of ours from the guide's flags."""
    cluster = Cluster([OURS] * 3)
    try:
        for number in range(9):
            member = cluster.members[number % 3]
            code, out, err = run([GOCTL, "--endpoints", member.endpoint, "put", "k%d" % number, "v"], env=CTL)
            score.check("put through member %d" % (number % 3), code == 0 and out == "OK\n", out + err)
        code, out, err = run([GOCTL, "--endpoints", cluster.endpoints, "endpoint", "health", "--cluster"], env=CTL)
        score.check("endpoint health --cluster", code == 0 and (out + err).count("is healthy") == 3, out + err)
        score.check("HashKV is equal", cluster.is_equal(), cluster.hashes())
        leases(score, cluster)
    finally:
        cluster.kill()


def leases(score, cluster):
    """Leases are asked of any member and kept by the leader."""
    follower = next(m for m in cluster.members if m is not cluster.leader())
    lease = follower.call("Lease/LeaseGrant", TTL=60).ID
    follower.call("KV/Put", key=b"leased", value=b"1", lease=lease)
    left = follower.call("Lease/LeaseTimeToLive", ID=lease, keys=True)
    score.check("time to live through a follower", 0 < left.TTL <= 60 and list(left.keys) == [b"leased"], left)
    client = Client(follower.endpoint)
    replies = client.stream("Lease/LeaseKeepAlive", iter([message("LeaseKeepAliveRequest")(ID=lease)]), timeout=5)
    score.check("keep-alive through a follower", next(iter(replies)).TTL == 60)
    client.close()
    short = follower.call("Lease/LeaseGrant", TTL=2).ID
    follower.call("KV/Put", key=b"short", value=b"1", lease=short)
    time.sleep(4.5)
    score.check("a lease ends in the cluster", follower.call("KV/Range", key=b"short").count == 0)


def workload(score, cluster, name, seed, rounds=120):
    """Random operations through random members; the hashes agree throughout."""
    dice = random.Random(seed)
    lease = None
    for number in range(rounds):
        member = dice.choice(cluster.up())
        key = b"w/%d" % dice.randrange(30)
        kind = dice.randrange(12)
        try:
            if kind < 5:
                member.call("KV/Put", key=key, value=b"%d" % number, lease=lease or 0 if dice.random() < 0.3 else 0)
            elif kind < 7:
                member.call("KV/DeleteRange", key=key, range_end=b"w/9" if dice.random() < 0.2 else b"")
            elif kind < 10:
                member.call("KV/Txn", request=None, **nested(dice, key, number))
            elif kind == 10:
                if lease is None:
                    lease = member.call("Lease/LeaseGrant", TTL=120).ID
                else:
                    member.call("Lease/LeaseRevoke", ID=lease)
                    lease = None
            else:
                revision = member.status().header.revision
                if revision > 20:
                    member.call("KV/Compact", revision=revision - 10)
        except Exception as error:
            # A lease or revision that the others have given up a moment ago.
            text = getattr(error, "details", lambda: str(error))()
            known = ("lease not found", "compacted", "duplicate key", "future revision")
            if not any(part in text for part in known):
                score.check("%s: operation %d" % (name, number), False, "%r\n%s" % (error, cluster.tails()))
                return
    score.check("%s: HashKV is equal after seed %d" % (name, seed), cluster.is_equal(), cluster.hashes())


def nested(dice, key, number):
    """The fields of a transaction with one inside it."""
    op, put = message("RequestOp"), message("PutRequest")
    inner = message("TxnRequest")()
    inner.success.add().request_put.CopyFrom(put(key=b"n/%d" % dice.randrange(9), value=b"%d" % number))
    inner.success.add().request_range.key = key
    compare = message("Compare")(result=dice.choice([0, 1, 2]), target=1, key=key, create_revision=0)
    return dict(compare=[compare], success=[op(request_put=put(key=key, value=b"s")), op(request_txn=inner)],
                failure=[op(request_delete_range=message("DeleteRangeRequest")(key=key)),
                         op(request_range=message("RangeRequest")(key=b"w/", range_end=b"w0"))])


def mixed(score):
    """Two of Go's and one of ours, and the other way round; every member leads once."""
    for name, binaries in [("2 Go + 1 ours", [GO, GO, OURS]), ("1 Go + 2 ours", [GO, OURS, OURS])]:
        cluster = Cluster(binaries)
        try:
            for member in cluster.members:
                leader = cluster.leader()
                if leader is not member:
                    leader.call("Maintenance/MoveLeader", targetID=member.member_id)
                who = "ours" if member.is_ours else "Go"
                score.check("%s: leadership goes to one of %s" % (name, who), cluster.leader() is member, cluster.tails())
                workload(score, cluster, "%s, %s leads" % (name, who), seed=len(name) + member.client % 7)
        finally:
            cluster.kill()


def learner(score):
    """A member of the other kind joins as a learner, catches up by a snapshot, is promoted, leads."""
    for name, first, other in [("ours joins Go's", GO, OURS), ("Go joins ours", OURS, GO)]:
        cluster = Cluster([first] * 3, flags=["--snapshot-count", "100"])
        try:
            leader = cluster.leader()
            client = Client(leader.endpoint)
            for number in range(6200):
                client.call("KV/Put", key=b"f/%d" % (number % 700), value=b"%d" % number)
            client.close()
            joined = cluster.add(other, learner=True)
            end = time.time() + 30
            while time.time() < end:
                try:
                    if joined.call("KV/Range", key=b"f/699", serializable=True, timeout=2).count == 1:
                        break
                except Exception:
                    time.sleep(0.1)
            held = joined.call("KV/Range", key=b"f/699", serializable=True).kvs
            expected = leader.call("KV/Range", key=b"f/699").kvs
            score.check("%s: a learner catches up by a snapshot" % name, list(held) == list(expected), cluster.tails())
            text = ""
            try:
                joined.call("KV/Put", key=b"x", value=b"1")
            except Exception as error:
                text = error.details()
            score.equal("%s: a learner refuses writes" % name, text, "etcdserver: rpc not supported for learner")
            promote = message("MemberPromoteRequest")(ID=joined.member_id)
            cluster.retry("Cluster/MemberPromote", promote)
            joined.wait_ready()
            workload(score, cluster, "%s, promoted" % name, seed=5)
            cluster.leader().call("Maintenance/MoveLeader", targetID=joined.member_id)
            score.check("%s: the newcomer leads" % name, cluster.leader() is joined, cluster.tails())
            workload(score, cluster, "%s, leading" % name, seed=6)
        finally:
            cluster.kill()


def rolling(score):
    """A loaded cluster of Go's becomes ours member by member, and Go's again."""
    cluster = Cluster([GO] * 3)
    load = Load(cluster)
    try:
        for kind in (OURS, GO):
            for _ in range(3):
                old = next(m for m in cluster.members if m.binary != kind)
                cluster.remove(old)
                time.sleep(0.5)
                old.kill()
                new = cluster.add(kind)
                new.wait_ready(40)
                cluster.leader()
                # A member counts as connected after five seconds: before, the next change would be refused.
                time.sleep(5.5)
            score.check("all members are %s" % ("ours" if kind == OURS else "Go's again"),
                        all(m.binary == kind for m in cluster.members))
            score.check("HashKV is equal after the replacement", cluster.is_equal(), cluster.hashes())
        load.stop()
        score.check("only retryable errors while members were replaced", not load.errors, load.errors[:3])
        for member in cluster.members:
            score.check("nothing acknowledged is lost on %s" % member.name, not load.lost(member), load.lost(member))
    finally:
        load.stop()
        cluster.kill()


def removed(score):
    """A member that is removed says so and ends well."""
    cluster = Cluster([OURS] * 3)
    try:
        cluster.leader()
        time.sleep(5.5)
        for member in [cluster.leader(), cluster.members[0]]:
            if member not in cluster.members:
                continue
            cluster.remove(member)
            try:
                code = member.process.wait(10)
            except subprocess.TimeoutExpired:
                code = "running"
            score.equal("a removed member ends", code, 0)
            score.check("and says why", "permanently removed" in member.tail(40), member.tail())
            cluster.leader()
            time.sleep(5.5)
            if len(cluster.members) == 2:
                break
        cluster.retry("KV/Put", message("PutRequest")(key=b"a", value=b"1"))
        score.check("the rest goes on", cluster.is_equal(), cluster.hashes())
    finally:
        cluster.kill()


def secure(score):
    """TLS between members, with Go's and ours in one cluster."""
    place = certificates()
    if place is None:
        return
    pair = ["--peer-cert-file", place + "/peer.pem", "--peer-key-file", place + "/peer-key.pem"]
    trust = ["--peer-trusted-ca-file", place + "/ca.pem", "--peer-client-cert-auth"]
    for name, flags in [("cfssl's certificates", pair + trust), ("automatic certificates", ["--peer-auto-tls"])]:
        cluster = Cluster([GO, OURS, OURS], flags=flags, peer_scheme="https")
        try:
            for member in cluster.members:
                if cluster.leader() is not member:
                    cluster.leader().call("Maintenance/MoveLeader", targetID=member.member_id)
                member.call("KV/Put", key=b"k", value=b"v")
            score.check("members speak TLS with %s" % name, cluster.is_equal(), cluster.tails())
            stranger = run(["curl", "-sk", "--max-time", "3", cluster.members[1].peer_url + "/members"])
            refused = "peer-auto-tls" not in flags[0]
            score.check("%s: a stranger is %s" % (name, "refused" if refused else "heard"),
                        (stranger[0] != 0) == refused, repr(stranger))
        finally:
            cluster.kill()


def origins(score):
    """A certificate is good for its addresses only, unless the check is switched off."""
    place = certificates()
    if place is None:
        return
    csr = json.load(open(place + "/peer.json"))
    csr["hosts"] = ["10.9.9.9"]
    json.dump(csr, open(place + "/elsewhere.json", "w"))
    code, out, err = run(["sh", "-c", "cd %s && cfssl gencert -ca=ca.pem -ca-key=ca-key.pem -config=ca-config.json "
                          "-profile=peer elsewhere.json | cfssljson -bare elsewhere" % place])
    assert code == 0, err
    flags = ["--peer-cert-file", place + "/peer.pem", "--peer-key-file", place + "/peer-key.pem",
             "--peer-trusted-ca-file", place + "/ca.pem", "--peer-client-cert-auth"]
    for binary in (GO, OURS):
        for skips in (False, True):
            cluster = Cluster([binary], peer_scheme="https",
                              flags=flags + (["--experimental-peer-skip-client-san-verification"] if skips else []))
            try:
                found = []
                for name in ("peer", "elsewhere"):
                    done = run(["curl", "-s", "--no-alpn", "--max-time", "5", "--cacert", place + "/ca.pem", "--cert", "%s/%s.pem" % (place, name),
                                "--key", "%s/%s-key.pem" % (place, name), cluster.members[0].peer_url + "/members"])
                    found.append(done[0] == 0 and '"peerURLs"' in done[1])
                who = "ours" if binary == OURS else "Go's"
                score.equal("OPS-46 %s: a member from elsewhere, %s" % (who, "not judged" if skips else "judged"),
                            found, [True, skips])
                if binary == OURS and not skips:
                    score.check("OPS-46, OPS-45 the log names certificate and address",
                                "rejected connection from" in cluster.members[0].tail(60), cluster.tails(30))
            finally:
                cluster.kill()


def corruption(score):
    """Checks that find nothing where there is nothing, and something where Go's members came apart (issue 18667)."""
    flags = ["--experimental-initial-corrupt-check", "--experimental-corrupt-check-time", "1s"]
    cluster = Cluster([OURS, OURS, GO], flags=flags)
    try:
        for number in range(60):
            cluster.members[number % 3].call("KV/Put", key=b"c%d" % (number % 7), value=b"%d" % number)
        while not cluster.leader().is_ours:
            cluster.leader().call("Maintenance/MoveLeader", targetID=cluster.members[0].member_id)
        restarted = next(m for m in cluster.members if m.is_ours and m is not cluster.leader())
        restarted.kill()
        restarted.start()
        time.sleep(3)
        score.check("no false alarm", not cluster.leader().call("Maintenance/Alarm").alarms, cluster.tails())
        go = cluster.members[2]
        bad = message("TxnRequest")()
        bad.success.add().request_put.CopyFrom(message("PutRequest")(key=b"x", value=b"1"))
        bad.success.add().request_range.CopyFrom(message("RangeRequest")(key=b"x", revision=1000))
        for member in cluster.members[:2]:
            kind, code, text = Client(member.endpoint).attempt("KV/Txn", bad)
            score.check("ours refuses it before it is in the log", code == 11 and not cluster.leader().call("KV/Range", key=b"x").count, text)
        Client(go.endpoint).attempt("KV/Txn", bad)
        end = time.time() + 15
        while time.time() < end and not cluster.members[0].call("Maintenance/Alarm").alarms:
            Client(cluster.members[0].endpoint).attempt("KV/Put", key=b"z", value=b"1")
            time.sleep(0.2)
        alarms = [(a.memberID, a.alarm) for a in cluster.members[0].call("Maintenance/Alarm").alarms]
        score.equal("what Go's member does to itself raises CORRUPT", alarms, [(0, 2)])
        kind, code, text = Client(cluster.members[0].endpoint).attempt("KV/Put", key=b"y", value=b"1")
        score.equal("nothing is written any more", (code, text), (15, "etcdserver: corrupt cluster"))
    finally:
        cluster.kill()


def shipped(score):
    """The three files of configs/cluster, as they are but for their ports and directories."""
    ports = {number: free_port() for number in (12379, 12380, 22379, 22380, 32379, 32380)}
    where = scratch("shipped")
    os.makedirs(where)
    started = []
    try:
        for name in ("m1", "m2", "m3"):
            text = open(os.path.join(ROOT, "configs", "cluster", name + ".yml")).read()
            for number, port in ports.items():
                text = text.replace(":%d" % number, ":%d" % port)
            path = os.path.join(where, name + ".yml")
            open(path, "w").write(text)
            log = open(path + ".log", "wb")
            started.append(subprocess.Popen([OURS, "--config-file", path], cwd=where, stdout=log, stderr=log))
        endpoints = ",".join("127.0.0.1:%d" % ports[number] for number in (12379, 22379, 32379))
        end, done = time.time() + 20, (1, "", "")
        while time.time() < end and done[0] != 0:
            done = run([GOCTL, "--endpoints", endpoints, "endpoint", "health"], env=CTL)
            time.sleep(0.2)
        score.check("three members from configs/cluster/*.yml", done[0] == 0 and (done[1] + done[2]).count("is healthy") == 3,
                    repr(done))
    finally:
        for process in started:
            process.kill()
            process.wait()


def forced(score):
    """Two of three are gone for good: the third goes on alone, and grows again. Go's data too."""
    for name, binary in [("ours", OURS), ("Go's data", GO)]:
        cluster = Cluster([binary] * 3)
        try:
            for number in range(50):
                cluster.members[number % 3].call("KV/Put", key=b"f%d" % number, value=b"%d" % number)
            expected = cluster.hashes()
            left = cluster.members[1]
            time.sleep(0.5)  # what was agreed on reaches its disk with the next heartbeat
            for member in cluster.members:
                member.kill()
            left.binary = OURS
            left.flags = ["--force-new-cluster"]
            left.start()
            score.equal("%s: it holds what it held" % name, left.call("Maintenance/HashKV").hash, expected["m1"][0])
            score.equal("%s: it is alone" % name, len(left.call("Cluster/MemberList").members), 1)
            left.call("KV/Put", key=b"after", value=b"1")
            left.kill()
            left.flags = []
            left.start()
            score.equal("%s: and stays so" % name, left.call("KV/Range", key=b"after").count, 1)
            cluster.members = [left]
            cluster.add(GO).wait_ready(30)
            score.check("%s: it grows again" % name, cluster.is_equal(), cluster.hashes())
        finally:
            cluster.kill()


PARTS = [alone, shipped, mixed, learner, removed, forced, secure, origins, corruption, rolling]


def main():
    Score("cluster").run(PARTS, sys.argv[1:])


if __name__ == "__main__":
    main()
