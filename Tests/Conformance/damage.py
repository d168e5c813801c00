"""Damaged logs and hostile disks: each kind ends as with Go etcd (repaired or refused), with a clear message.

The matrix is the one Go etcd 3.4.23 shows: a torn tail is repaired with a copy kept beside it, a flipped bit is
refused, bytes behind the end are zeroed. Where Go is installed it gets the same damaged file and must judge alike.
"""
import shutil, struct, sys
from lib import *

need(OURS, "our etcd")


def records(path):
    """(offset, whole length) of each record up to the zero word."""
    data = open(path, "rb").read()
    at, found = 0, []
    while at + 8 <= len(data):
        word, = struct.unpack_from("<Q", data, at)
        if word == 0:
            break
        length = word & ((1 << 56) - 1)
        pad = (word >> 56) & 7 if word >> 63 else 0
        found.append((at, 8 + length + pad))
        at += 8 + length + pad
    return found


def newest(data):
    wal = os.path.join(data, "member", "wal")
    return os.path.join(wal, sorted(n for n in os.listdir(wal) if n.endswith(".wal"))[-1])


def edit(path, change):
    data = bytearray(open(path, "rb").read())
    change(data)
    with open(path, "wb") as f:
        f.write(data)


def cut_inside(path):
    at, size = records(path)[-1]
    os.truncate(path, at + size // 2)


def cut_in_length(path):
    at, _ = records(path)[-1]
    os.truncate(path, at + 3)


def zero_sector(path):
    found = [r for r in records(path) if r[1] > 1600]
    at, size = found[-1]
    sector = (at // 512 + 2) * 512
    def change(data):
        data[sector:] = bytes(len(data) - sector)
    edit(path, change)


def flip_last(path):
    at, size = records(path)[-1]
    def change(data):
        data[at + 8 + (size - 8) // 2] ^= 4
    edit(path, change)


def flip_middle(path):
    at, size = records(path)[len(records(path)) // 2]
    def change(data):
        data[at + 8 + (size - 8) // 2] ^= 4
    edit(path, change)


def rubbish_behind(path):
    at, size = records(path)[-1]
    def change(data):
        if len(data) < at + size + 64:
            data.extend(bytes(at + size + 64 - len(data)))
        data[at + size + 16:at + size + 24] = b"rubbish!"
    edit(path, change)


KINDS = [("cut inside the last record", cut_inside, True, True),
         ("cut inside a length word", cut_in_length, True, True),
         ("a zeroed sector in the last record", zero_sector, True, True),
         ("a bit flipped in the last record", flip_last, False, False),
         ("a bit flipped in the middle", flip_middle, False, False),
         ("rubbish behind the end", rubbish_behind, True, False)]


def starts(binary, data):
    """(did it start, text of its log, revision or None)."""
    server = Server(binary, data=data, wait=False)
    try:
        server.wait_ready(15)
        client = Client(server.endpoint)
        revision = client.call("KV/Range", key=b"a").header.revision
        client.close()
        return True, "", revision
    except AssertionError as error:
        return False, str(error), None
    finally:
        server.kill()


def main():
    score = Score("damage")
    server = Server(OURS)
    client = Client(server.endpoint)
    for i in range(30):
        client.call("KV/Put", key=b"k%d" % i, value=b"v" * 100)
    client.call("KV/Put", key=b"last", value=bytes((i % 250) + 1 for i in range(3000)))
    whole = client.call("KV/Range", key=b"a").header.revision
    client.close()
    server.kill()
    peers = [OURS] + ([GO] if os.path.exists(GO) else [])
    for name, damage, expected, broken in KINDS:
        for binary in peers:
            copy = scratch("damaged")
            shutil.copytree(server.data, copy)
            snap = os.path.join(copy, "member", "snap")
            for entry in os.listdir(snap):  # the log alone decides, for both
                os.remove(os.path.join(snap, entry))
            damage(newest(copy))
            ok, text, revision = starts(binary, copy)
            who = "ours" if binary == OURS else "Go"
            score.check("%s: %s %s" % (name, who, "starts" if expected else "refuses"), ok == expected, text[-1500:])
            if binary == OURS:
                kept = [n for n in os.listdir(os.path.dirname(newest(copy))) if n.endswith(".broken")]
                score.check(name + ": copy kept", bool(kept) == broken, str(kept))
                if not expected:
                    score.check(name + ": clear text", "crc mismatch" in text, text[-1500:])
                elif broken:
                    score.check(name + ": only the torn record is gone", whole - 1 <= revision <= whole, str(revision))
                else:
                    score.equal(name + ": nothing is gone", revision, whole)
            shutil.rmtree(copy, ignore_errors=True)
    hostile(score, server.data)
    score.close()


def hostile(score, data):
    first = Server(OURS, data=data)
    second = Server(OURS, data=data, wait=False)
    try:
        code = second.process.wait(20)
        score.check("a second process on the directory is refused", code == 1, str(code))
    except subprocess.TimeoutExpired:
        score.check("a second process on the directory is refused", False, "it is still there")
    score.check("and told why", "another etcd process" in second.tail(), second.tail())
    second.kill()
    first.kill()
    if os.geteuid() == 0 and shutil.which("mount"):
        full_disk(score)


def full_disk(score):
    """A small file system of our own that fills up under writes."""
    place = scratch("small")
    os.makedirs(place)
    if run(["mount", "-t", "tmpfs", "-o", "size=300m", "tmpfs", place])[0] != 0:
        print("SKIPPED: mounting a small file system is not allowed here")
        return
    try:
        server = Server(OURS, data=os.path.join(place, "data"))
        client = Client(server.endpoint)
        acknowledged = 0
        for i in range(600):
            try:
                client.call("KV/Put", key=b"f%d" % i, value=os.urandom(1000000), timeout=3)
                acknowledged = i + 1
            except client.grpc.RpcError:
                break
        score.check("the disk filled up", acknowledged < 600)
        try:
            server.process.wait(10)
        except subprocess.TimeoutExpired:
            pass
        score.check("a full disk is named", "no space left" in server.tail(60).lower(), server.tail(60))
        server.kill()
        run(["mount", "-o", "remount,size=1200m", place])
        server.start()
        client = Client(server.endpoint)
        kept = client.call("KV/Range", key=b"f", range_end=b"g", count_only=True).count
        score.check("no acknowledged write is lost", kept >= acknowledged, "%d of %d" % (kept, acknowledged))
        server.kill()
        os.chmod(place, 0o700)
        run(["mount", "-o", "remount,ro", place])
        frozen = Server(OURS, data=os.path.join(place, "data"), wait=False)
        code = None
        try:
            code = frozen.process.wait(10)
        except subprocess.TimeoutExpired:
            pass
        score.check("a read-only directory is refused", code == 1, str(code))
        score.check("and named", "read-only" in frozen.tail().lower(), frozen.tail())
        frozen.kill()
    finally:
        run(["umount", "-l", place])


main()
