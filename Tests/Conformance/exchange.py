"""Data changes hands: snapshots in both directions, a Go data directory taken over, our log replayed by Go.

Every check ends in equal HashKV values. Needs Debian's etcd and etcdctl.
"""
import shutil, sys
from lib import *

need(GO, "Debian's etcd-server")
need(GOCTL, "Debian's etcd-client")
need(OURS, "our etcd")
V3 = {"ETCDCTL_API": "3"}


def fill(client):
    """History with everything in it: overwrites, deletes, leases, transactions, a compaction, an alarm."""
    lease = client.call("Lease/LeaseGrant", ID=77, TTL=100000)
    for i in range(300):
        client.call("KV/Put", key=b"k%03d" % (i % 90), value=b"v%d" % i * (1 + i % 50), lease=77 if i % 11 == 0 else 0)
        if i % 13 == 0:
            client.call("KV/DeleteRange", key=b"k%03d" % ((i * 7) % 90))
        if i % 17 == 0:
            txn = message("TxnRequest")()
            txn.success.add().request_put.CopyFrom(message("PutRequest")(key=b"t1", value=b"%d" % i))
            txn.success.add().request_delete_range.CopyFrom(message("DeleteRangeRequest")(key=b"k", range_end=b"k02"))
            txn.success.add().request_put.CopyFrom(message("PutRequest")(key=b"t2", value=b"%d" % i))
            client.call("KV/Txn", txn)
    client.call("KV/Compact", revision=150, physical=True)
    client.call("KV/Put", key=b"big", value=b"B" * 1000000)
    for i in range(40):
        client.call("KV/Put", key=b"tail%d" % i, value=b"x")
    client.call("Maintenance/Alarm", action=1, alarm=1)
    client.call("Maintenance/Alarm", action=2, alarm=1)
    return lease


def hashes(client, at=0):
    reply = client.call("Maintenance/HashKV", revision=at)
    return reply.hash, reply.compact_revision, reply.header.revision if at == 0 else at


def contents(client):
    reply = client.call("KV/Range", key=b"\x00", range_end=b"\x00")
    return [(kv.key, kv.value, kv.create_revision, kv.mod_revision, kv.version, kv.lease) for kv in reply.kvs]


def same(score, name, before, after):
    score.equal(name + ": HashKV", before[0], after[0])
    score.check(name + ": contents", before[1] == after[1])


def state(client):
    return hashes(client), contents(client)


def restore(ctl, file, name):
    data = scratch("restored")
    peer = free_port()
    code, out, err = run([ctl, "snapshot", "restore", file, "--data-dir", data, "--name", name,
                          "--initial-cluster", "%s=http://127.0.0.1:%d" % (name, peer),
                          "--initial-advertise-peer-urls", "http://127.0.0.1:%d" % peer], env=V3)
    return code, data, peer, out + err


def restored_server(binary, data, peer, name):
    server = Server.__new__(Server)
    server.binary, server.name, server.data, server.flags, server.env = binary, name, data, [], None
    server.client, server.peer, server.log, server.process = free_port(), peer, scratch("log"), None
    return server.start()


def save_and_restore(score, title, source, ctl_save, ctl_restore, binary):
    client = Client(source.endpoint)
    before = state(client)
    file = scratch("snapshot.db")
    code, out, err = run([ctl_save, "--endpoints", source.endpoint, "snapshot", "save", file], env=V3)
    if not score.check(title + ": save", code == 0, out + err):
        return
    for ctl in (GOCTL, OURCTL):
        if not os.path.exists(ctl):
            continue
        code, out, err = run([ctl, "snapshot", "status", file, "-w", "json"], env=V3)
        if score.check(title + ": status by " + os.path.basename(os.path.dirname(ctl)), code == 0, out + err):
            status = json.loads(out)
            if ctl == GOCTL:
                expected = status
            score.equal(title + ": status", status, expected)
    code, data, peer, text = restore(ctl_restore, file, "r1")
    if not score.check(title + ": restore", code == 0, text):
        return
    server = restored_server(binary, data, peer, "r1")
    after = Client(server.endpoint)
    same(score, title, before, state(after))
    after.call("KV/Put", key=b"after", value=b"restore")
    score.check(title + ": a write after it", contents(after)[0][0] == b"after")
    server.kill()


def take_over(score, how):
    """A Go data directory in place: with the tail only in the log (kill) or after an orderly stop."""
    go = Server(GO)
    client = Client(go.endpoint)
    fill(client)
    before = state(client)
    go.kill() if how == "killed" else go.stop()
    ours = Server.__new__(Server)
    ours.__dict__.update(go.__dict__)
    ours.binary, ours.log = OURS, scratch("log")
    try:
        ours.start()
    except AssertionError as error:
        score.check("take over (%s)" % how, False, str(error))
        return
    client = Client(ours.endpoint)
    same(score, "take over (%s)" % how, before, state(client))
    ttl = client.call("Lease/LeaseTimeToLive", ID=77, keys=True)
    score.check("take over (%s): lease" % how, ttl.grantedTTL == 100000 and len(ttl.keys) > 0, str(ttl))
    client.call("KV/Put", key=b"new", value=b"1")
    grown = state(client)
    ours.kill()
    ours.start()
    same(score, "take over (%s), after a kill" % how, grown, state(Client(ours.endpoint)))
    ours.kill()


def main():
    score = Score("exchange")
    go, ours = Server(GO), Server(OURS)
    for server in (go, ours):
        fill(Client(server.endpoint))
    a, b = (state(Client(s.endpoint)) for s in (ours, go))
    same(score, "the same writes", b, a)
    for rev in (151, 200, 250, 300):
        score.equal("HashKV at %d" % rev, hashes(Client(ours.endpoint), rev), hashes(Client(go.endpoint), rev))
    save_and_restore(score, "ours to Go", ours, GOCTL, GOCTL, GO)
    save_and_restore(score, "Go to ours, restored by Go's tool", go, GOCTL, GOCTL, OURS)
    if os.path.exists(OURCTL):
        save_and_restore(score, "ours to Go, saved and restored by our tool", ours, OURCTL, OURCTL, GO)
        save_and_restore(score, "Go to ours by our tool", go, OURCTL, OURCTL, OURS)
    ours.kill()
    go.kill()
    take_over(score, "killed")
    take_over(score, "stopped")
    score.close()


main()
