"""kill -9 at random moments under load: no acknowledged write lost, no refused start, and the store
equal to a replay of the log by Go etcd.

usage: crash.py [kills=200] [seed=1]
Each writer owns one key and writes 1, 2, 3 ...; after a kill the stored number must lie between the last one
acknowledged and the last one sent. Every tenth kill the log alone (without the store) is given to Go etcd, which
must replay it to the same HashKV.
"""
import random, shutil, sys, threading
from lib import *

need(OURS, "our etcd")
KILLS = int(sys.argv[1]) if len(sys.argv) > 1 else 200
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 1
WRITERS = 8


class Writer(threading.Thread):
    def __init__(self, endpoint, name, sent):
        super().__init__(daemon=True)
        self.endpoint, self.name_, self.sent, self.acknowledged = endpoint, name, sent, 0
        self.ending = False

    def run(self):
        client = Client(self.endpoint)
        while not self.ending:
            self.sent += 1
            try:
                if self.sent % 5 == 0:
                    txn = message("TxnRequest")()
                    for suffix in (b"", b"/copy"):
                        txn.success.add().request_put.CopyFrom(message("PutRequest")(
                            key=self.name_ + suffix, value=b"%d" % self.sent))
                    client.call("KV/Txn", txn, timeout=5)
                elif self.sent % 7 == 0:
                    client.call("KV/DeleteRange", key=self.name_ + b"/copy", timeout=5)
                    continue
                else:
                    client.call("KV/Put", key=self.name_, value=b"%d" % self.sent + b"x" * (self.sent * 37 % 900), timeout=5)
                self.acknowledged = self.sent
            except client.grpc.RpcError:
                break
        client.close()


def number(value):
    return int(value.rstrip(b"x") or b"0")


def main():
    score = Score("crash")
    dice = random.Random(SEED)
    flags = ["--snapshot-count", "1000000", "--max-wals", "0"]
    server = Server(OURS, flags=flags)
    sent = [0] * WRITERS
    for kill in range(1, KILLS + 1):
        writers = [Writer(server.endpoint, b"w%d" % i, sent[i]) for i in range(WRITERS)]
        for w in writers:
            w.start()
        time.sleep(dice.random() * 0.25)
        server.kill()
        for w in writers:
            w.ending = True
        for w in writers:
            w.join()
        began = time.time()
        try:
            server.start()
        except AssertionError as error:
            score.check("kill %d: start" % kill, False, str(error))
            break
        slow = time.time() - began
        score.check("kill %d: start within 5 s" % kill, slow < 5, "%.1f s" % slow)
        client = Client(server.endpoint)
        for i, w in enumerate(writers):
            kvs = client.call("KV/Range", key=w.name_).kvs
            stored = number(kvs[0].value) if kvs else 0
            score.check("kill %d (seed %d): writer %d" % (kill, SEED, i), w.acknowledged <= stored <= w.sent,
                        "stored %d, acknowledged %d, sent %d" % (stored, w.acknowledged, w.sent))
            sent[i] = w.sent
        if os.path.exists(GO) and (kill % 10 == 0 or kill == KILLS):
            ours = client.call("Maintenance/HashKV", revision=0)
            copy = scratch("replay")
            shutil.copytree(server.data, copy)
            snap = os.path.join(copy, "member", "snap")
            for name in os.listdir(snap):
                os.remove(os.path.join(snap, name))
            replayed = Server(GO, data=copy, flags=["--snapshot-count", "1000000"])
            theirs = Client(replayed.endpoint).call("Maintenance/HashKV", revision=ours.header.revision)
            score.equal("kill %d: HashKV of a replay by Go etcd" % kill, (ours.hash, ours.header.revision),
                        (theirs.hash, ours.header.revision))
            replayed.kill()
            shutil.rmtree(copy)
        client.close()
        if score.failed:
            break
    print("crash: %d kills, %d writes" % (kill, sum(sent)))
    server.kill()
    score.close()


main()
