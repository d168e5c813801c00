"""Random workloads given to ours and to Go etcd through the same client: equal answers, revisions and HashKV.

usage: workloads.py [seeds=1000] [operations=40] [first seed=1]
A difference prints the seed and the operation; `workloads.py 1 40 SEED` replays it.
Both members live through all seeds; keys carry the seed, so each seed starts on known ground.
"""
import random, sys
from lib import *

need(GO, "Debian's etcd-server")
need(OURS, "our etcd")
SEEDS = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
OPERATIONS = int(sys.argv[2]) if len(sys.argv) > 2 else 40
FIRST = int(sys.argv[3]) if len(sys.argv) > 3 else 1

M = message


def key(dice, seed):
    return b"%d/%s" % (seed % 7, dice.choice([b"a", b"b", b"c", b"ab", b"abc", b"b\x00", b"\xff", b"c\xff\xff", b"d"]))


def span(dice, seed):
    """A key and a range end: one key, a prefix, from a key on, everything, or an arbitrary (even empty) range."""
    pick = dice.randrange(10)
    k = key(dice, seed)
    if pick < 5:
        return k, b""
    if pick < 7:
        return b"%d/" % (seed % 7), b"%d0" % (seed % 7)
    if pick == 7:
        return k, b"\x00"
    return k, key(dice, seed)


def value(dice):
    return bytes(dice.randrange(256) for _ in range(dice.choice([0, 1, 5, 40])))


def make_put(dice, seed, leases, inside=False):
    put = M("PutRequest")(key=key(dice, seed), value=value(dice), prev_kv=dice.random() < 0.3)
    # Inside a transaction that deletes the key first, keeping its value or lease ends Go etcd (a panic while applying,
    # again at every start): not a thing to compare.
    pick = dice.randrange(2, 12) if inside else dice.randrange(12)
    if pick == 0:
        put.ignore_value = True
        if dice.random() < 0.8:
            put.value = b""
    elif pick == 1:
        put.ignore_lease = True
    elif pick in (2, 3) and leases:
        put.lease = dice.choice(leases)
    elif pick == 4:
        put.lease = 987654321
    return put


def make_range(dice, seed, state, wild=True):
    k, end = span(dice, seed)
    request = M("RangeRequest")(key=k, range_end=end, limit=dice.choice([0, 0, 0, 1, 2, 5]),
                                serializable=dice.random() < 0.3, keys_only=dice.random() < 0.2,
                                count_only=dice.random() < 0.1)
    if wild and dice.random() < 0.3:
        request.revision = max(0, state["revision"] + dice.randrange(-30, 3))
    if dice.random() < 0.25:
        # By key alone: 3.4 sorts unstably, and revisions, versions and values repeat; services.py has the other targets.
        request.sort_order = dice.choice([0, 1, 2])
    if dice.random() < 0.1:
        request.min_mod_revision = max(0, state["revision"] - 10)
    if dice.random() < 0.1:
        request.max_create_revision = max(0, state["revision"] - 3)
    return request


def make_delete(dice, seed):
    k, end = span(dice, seed)
    return M("DeleteRangeRequest")(key=k, range_end=end, prev_kv=dice.random() < 0.5)


def make_compare(dice, seed, leases):
    k, end = span(dice, seed)
    compare = M("Compare")(result=dice.randrange(4), key=k)
    if dice.random() < 0.3:
        compare.range_end = end
    target = dice.randrange(5)
    compare.target = target
    if target == 0:
        compare.version = dice.randrange(4)
    elif target == 1:
        compare.create_revision = dice.randrange(50)
    elif target == 2:
        compare.mod_revision = dice.randrange(50)
    elif target == 3:
        compare.value = value(dice)
    else:
        compare.lease = dice.choice(leases + [0])
    return compare


def make_op(dice, seed, state, leases, depth):
    op = M("RequestOp")()
    pick = dice.randrange(10)
    if pick < 4:
        op.request_put.CopyFrom(make_put(dice, seed, leases, inside=True))
    elif pick < 6:
        op.request_delete_range.CopyFrom(make_delete(dice, seed))
    elif pick < 9 or depth > 1:
        op.request_range.CopyFrom(make_range(dice, seed, state))
    else:
        op.request_txn.CopyFrom(make_txn(dice, seed, state, leases, depth + 1))
    return op


def make_txn(dice, seed, state, leases, depth=0):
    txn = M("TxnRequest")()
    for _ in range(dice.randrange(3)):
        txn.compare.append(make_compare(dice, seed, leases))
    for _ in range(dice.randrange(4)):
        txn.success.append(make_op(dice, seed, state, leases, depth))
    for _ in range(dice.randrange(3)):
        txn.failure.append(make_op(dice, seed, state, leases, depth))
    return txn


def normal(result):
    """An answer without what differs by nature: member and cluster ids, terms, sizes."""
    if result[0] != "ok":
        return result
    reply = result[1]
    clone = type(reply)()
    clone.CopyFrom(reply)
    blank(clone)
    return "ok", str(clone)


def blank(m):
    for field, inner in m.ListFields():
        if field.name == "header" and field.message_type is not None:
            revision = inner.revision
            inner.Clear()
            inner.revision = revision
        elif field.type == field.TYPE_MESSAGE:
            for child in (inner if field.label == field.LABEL_REPEATED else [inner]):
                blank(child)


def main():
    score = Score("workloads")
    go, ours = Server(GO), Server(OURS)
    clients = [Client(ours.endpoint), Client(go.endpoint)]
    state = {"revision": 1}
    leases = []
    next_lease = 1000

    def both(method, request, name):
        answers = [normal(c.attempt(method, request)) for c in clients]
        if answers[0] != answers[1]:
            score.equal("%s %s %s" % (name, method, str(request).replace("\n", " ")), *answers)
            return False
        return True

    good = True
    for seed in range(FIRST, FIRST + SEEDS):
        dice = random.Random(seed)
        for number in range(OPERATIONS):
            name = "seed %d operation %d" % (seed, number)
            pick = dice.randrange(100)
            if pick < 35:
                good = both("KV/Put", make_put(dice, seed, leases), name)
            elif pick < 55:
                good = both("KV/Range", make_range(dice, seed, state), name)
            elif pick < 65:
                good = both("KV/DeleteRange", make_delete(dice, seed), name)
            elif pick < 88:
                good = both("KV/Txn", make_txn(dice, seed, state, leases), name)
            elif pick < 91:
                next_lease += 1
                good = both("Lease/LeaseGrant", M("LeaseGrantRequest")(ID=next_lease, TTL=100000), name)
                leases.append(next_lease)
            elif pick < 93 and leases:
                gone = leases.pop(dice.randrange(len(leases)))
                good = both("Lease/LeaseRevoke", M("LeaseRevokeRequest")(ID=gone), name)
            elif pick < 95 and leases:
                answers = [c.attempt("Lease/LeaseTimeToLive",
                                     M("LeaseTimeToLiveRequest")(ID=dice.choice(leases[:1]), keys=True)) for c in clients]
                kept = [(sorted(a[1].keys), a[1].grantedTTL) if a[0] == "ok" else a for a in answers]
                good = kept[0] == kept[1] or score.equal(name + " ttl", *kept)
            elif pick < 97:
                request = M("CompactionRequest")(revision=max(0, state["revision"] + dice.randrange(-15, 2)), physical=True)
                good = both("KV/Compact", request, name)
            else:
                request = M("HashKVRequest")(revision=max(0, state["revision"] - dice.randrange(0, 8)))
                good = both("Maintenance/HashKV", request, name)
            if not good:
                break
            header = clients[1].call("KV/Range", key=b"\x01", serializable=True).header
            state["revision"] = header.revision
        if not good:
            break
        hashes = [c.call("Maintenance/HashKV", revision=0) for c in clients]
        kept = [(h.hash, h.compact_revision, h.header.revision) for h in hashes]
        if not score.equal("seed %d HashKV" % seed, *kept):
            break
        leases = leases[-20:]
    score.close()


main()
