"""Large ranges: the same questions to Go etcd and to ours over a store of many keys, and of few large ones; readers that
pause, go away or come back while keys change and the history is compacted.
"""
import random, struct, threading
from lib import *
from wire import *

need(OURS, "our etcd")
need(GO, "Debian's etcd-server")

KEYS, LARGE = 6000, 60


def fill(client):
    put, op, txn = message("PutRequest"), message("RequestOp"), message("TxnRequest")
    dice = random.Random(7)
    for start in range(0, KEYS, 120):
        client.call("KV/Txn", txn(success=[
            op(request_put=put(key=b"k%05d" % n, value=b"%06d" % dice.randrange(1000000))) for n in range(start, start + 120)]))
    for n in dice.sample(range(KEYS), 300):
        client.call("KV/Put", key=b"k%05d" % n, value=b"again %d" % dice.randrange(100))
    client.call("KV/DeleteRange", key=b"k01000", range_end=b"k01100")
    for n in range(LARGE):
        client.call("KV/Put", key=b"large%03d" % n, value=bytes([n]) * 100000)


def questions():
    everything = dict(key=b"k", range_end=b"l")
    yield "all", everything
    yield "from a key on", dict(key=b"k03000", range_end=b"\0")
    yield "keys only", dict(everything, keys_only=True)
    yield "a large limit", dict(everything, limit=2500)
    yield "count at a past revision", dict(everything, count_only=True, revision=200)
    for revision in (20, 51, 200, 351, 352):
        yield "revision %d" % revision, dict(everything, revision=revision)
    yield "limit at a past revision", dict(everything, revision=100, limit=1500)
    for order in (1, 2):
        # Keys of one transaction have one revision: Go orders equal ones by chance, so sort what differs.
        yield "order %d by key" % order, dict(everything, sort_order=order, sort_target=0)
        yield "order %d by key, limit" % order, dict(everything, sort_order=order, sort_target=0, limit=2000)
        yield "order %d by value" % order, dict(key=b"large", range_end=b"m", sort_order=order, sort_target=4)
        yield "order %d by mod" % order, dict(key=b"large", range_end=b"m", sort_order=order, sort_target=3)
    yield "filter by mod", dict(everything, min_mod_revision=60, max_mod_revision=300)
    yield "filter by create and limit", dict(everything, min_create_revision=10, limit=1200)
    yield "large values", dict(key=b"large", range_end=b"m")
    yield "large values, limit", dict(key=b"large", range_end=b"m", limit=30)
    yield "large values, keys only", dict(key=b"large", range_end=b"m", keys_only=True)


def compare(score):
    ours, theirs = Server(OURS), Server(GO)
    a, b = Client(ours.endpoint), Client(theirs.endpoint)
    fill(a)
    fill(b)
    for name, fields in questions():
        for serializable in (False, True):
            found = []
            for client in (a, b):
                reply = client.attempt("KV/Range", serializable=serializable, timeout=60, **fields)
                if reply[0] == "ok":
                    reply[1].header.cluster_id = reply[1].header.member_id = reply[1].header.raft_term = 0
                found.append(reply)
            score.check("%s, serializable %s" % (name, serializable), found[0] == found[1],
                        "%s against %s" % (str(found[0])[:300], str(found[1])[:300]))
    # Equal ones may stand in any order.
    for target in (1, 2, 3, 4):
        for order in (1, 2):
            sets = []
            for client in (a, b):
                kvs = client.call("KV/Range", key=b"k", range_end=b"l", sort_order=order, sort_target=target).kvs
                key = {1: lambda p: p.version, 2: lambda p: p.create_revision, 3: lambda p: p.mod_revision,
                       4: lambda p: p.value}[target]
                values = [key(p) for p in kvs]
                score.check("order %d by %d is an order" % (order, target), values == sorted(values, reverse=order == 2))
                sets.append(sorted(p.SerializeToString() for p in kvs))
            score.equal("order %d by %d: the same pairs" % (order, target), sets[0] == sets[1], True)
    return ours, a, theirs, b


def meanwhile(score, server, client):
    """Readers of one revision, while keys change and the revision is compacted."""
    before = client.call("KV/Range", key=b"k", range_end=b"m")
    failures, replies = [], []

    def read():
        mine = Client(server.endpoint)
        try:
            for _ in range(6):
                replies.append(mine.call("KV/Range", key=b"k", range_end=b"m", revision=before.header.revision, timeout=60))
        except mine.grpc.RpcError as error:
            failures.append(error.details())
        mine.close()
    readers = [threading.Thread(target=read) for _ in range(6)]
    for reader in readers:
        reader.start()
    for n in range(400):
        client.call("KV/Put", key=b"k%05d" % (n * 13 % KEYS), value=b"later")
        if n % 10 == 0:
            client.call("KV/DeleteRange", key=b"k%05d" % (n * 7 % KEYS))
    for reader in readers:
        reader.join(60)
    score.equal("readers during writes: no failure", failures, [])
    score.check("readers during writes see one revision", all(list(r.kvs) == list(before.kvs) for r in replies), len(replies))

    # Readers that have begun go on over a compaction; new ones below it are refused.
    revision = client.call("KV/Range", key=b"x").header.revision
    wanted = client.call("KV/Range", key=b"k", range_end=b"m", revision=revision)
    slow = [SlowReader(server, dict(key=b"k", range_end=b"m", revision=revision)) for _ in range(4)]
    for reader in slow:
        reader.take(50000)
    for n in range(200):
        client.call("KV/DeleteRange", key=b"large%03d" % n)
        client.call("KV/Put", key=b"k%05d" % n, value=b"last")
    client.call("KV/Compact", revision=client.call("KV/Range", key=b"x").header.revision)
    score.equal("a compacted revision is refused", client.attempt("KV/Range", key=b"k", range_end=b"m", revision=revision)[1:],
                (11, "etcdserver: mvcc: required revision has been compacted"))
    gone = slow.pop()
    gone.close()
    for reader in slow:
        reply = message("RangeResponse").FromString(reader.rest())
        score.check("a slow reader gets its whole reply over a compaction", list(reply.kvs) == list(wanted.kvs))
        reader.close()


class SlowReader:
    """A client that takes a range as slowly as it likes."""

    def __init__(self, server, fields):
        self.h2 = H2(server.client)
        self.stream, frames = self.h2.call_frames("KV/Range", message("RangeRequest")(**fields))
        self.h2.send(frames)
        self.data, self.ended = b"", False

    def take(self, count):
        """Reads until `count` bytes of the message are there."""
        while len(self.data) < count and not self.ended:
            kind, flags, _, payload = self.h2.read()
            if kind == DATA:
                self.data += payload
                self.h2.give(self.stream, len(payload))
            self.ended = kind in (DATA, HEADERS) and flags & END_STREAM or kind == RST_STREAM

    def rest(self):
        self.take(1 << 40)
        length, = struct.unpack(">I", self.data[1:5])
        assert length == len(self.data) - 5, (length, len(self.data))
        return self.data[5:]

    def close(self):
        self.h2.close()


def main():
    score = Score("ranges")
    ours, a, theirs, b = compare(score)
    b.close()
    theirs.kill()
    meanwhile(score, ours, a)
    a.close()
    score.equal("it ends well", ours.stop(), -15)
    score.close()


main()
