"""A member that missed a million keys is sent a snapshot: who is delayed by that, and how long it takes.

usage: transfer.py [keys]
Prints one line for Go's members and one for ours. Members beat every 20 ms, so that a gap between heartbeats shows what held up the
loop: the sender's are those that leave for the receiver, the receiver's are its answers. Both are seen by relays between them.
"""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Conformance"))
from relays import *

BEAT = 0.02
HEARTBEAT, ANSWER = b"\x08\x08\x10", b"\x08\x09\x10"  # type and the field that follows it


class Ear(Relay):
    """Hears heartbeats and their answers in the streams that a member's peers opened to it."""

    def __init__(self, port, target):
        self.heard = {}
        super().__init__(port, target)

    def passed(self, piece, connection, is_reply):
        if is_reply and len(piece) < 4096:
            for sign in (HEARTBEAT, ANSWER):
                if sign in piece:
                    self.heard.setdefault((connection, sign), []).append(time.time())

    def longest(self, sign, since):
        """The longest gap between two of them on the connection that brought most, from then on; and how many there were."""
        lists = [[t for t in times if t >= since] for (_, which), times in list(self.heard.items()) if which == sign]
        times = max(lists, key=len, default=[])
        return max((b - a for a, b in zip(times, times[1:])), default=float("inf")), len(times)


class EarCluster(RelayedCluster):
    kind = Ear


def fill(member, count):
    """That many keys of 256 bytes, in some 8,000 transactions: more than the log keeps for who is behind."""
    batch = max(1, count // 7800)
    client = Client(member.endpoint)
    client.call("KV/Put", key=b"first", value=b"1")
    kind, reply = client.types("KV/Txn")
    stub = client.channel.unary_unary("/etcdserverpb.KV/Txn", request_serializer=lambda m: m.SerializeToString(),
                                      response_deserializer=reply.FromString)
    put, waiting = message("PutRequest"), []
    for first in range(0, count, batch):
        txn = kind()
        for number in range(first, min(first + batch, count)):
            txn.success.add().request_put.CopyFrom(put(key=b"k/%08d" % number, value=b"v" * 256))
        waiting.append(stub.future(txn, timeout=60))
        if len(waiting) == 16:
            waiting.pop(0).result()
    for one in waiting:
        one.result()
    client.close()


def measure(binary, count=1000000):
    """(longest gap of the sender's heartbeats, of the receiver's answers, seconds until it holds all), in seconds."""
    cluster = EarCluster([binary] * 3, flags=[
        "--snapshot-count", "1000", "--heartbeat-interval", "%d" % (BEAT * 1000), "--election-timeout", "2000",
        "--quota-backend-bytes", "8589934592"])
    try:
        leader = cluster.leader()
        receiver = next(m for m in cluster.members if m is not leader)
        receiver.kill()
        fill(leader, count)
        assert cluster.leader() is leader, "the leader changed while it was filled"
        expected = leader.status().header.revision
        sender_ear, receiver_ear = (cluster.relays[cluster.members.index(m)] for m in (leader, receiver))
        time.sleep(2)
        began = time.time()
        receiver.start(wait=False)
        while True:
            assert time.time() < began + 180, cluster.tails()
            try:
                if receiver.call("KV/Range", key=b"first", serializable=True, timeout=2).header.revision >= expected:
                    break
            except Exception:
                pass
            time.sleep(0.05)
        took = time.time() - began
        time.sleep(0.5)
        # The first moment belongs to the start of the process.
        sender, count_sent = sender_ear.longest(HEARTBEAT, began)
        answers, count_answered = receiver_ear.longest(ANSWER, began)
        assert min(count_sent, count_answered) > took / BEAT / 4, (count_sent, count_answered, took)
        assert "database snapshot" in leader.tail(400) and cluster.leader() is leader, cluster.tails()
        return sender, answers, took
    finally:
        cluster.kill()


def main():
    count = int(sys.argv[1]) if sys.argv[1:] else 1000000
    for name, binary in (("Go etcd", GO), ("ours", OURS)):
        sender, answers, took = measure(binary, count)
        print("%-8s heartbeats at most %4.0f ms apart, answers %4.0f ms, %d keys there after %.1f s"
              % (name, sender * 1000, answers * 1000, count, took), flush=True)


if __name__ == "__main__":
    main()
