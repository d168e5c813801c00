"""Locks through the Lock service, ours beside Go's in the same run: pairs of Lock and Unlock a second and the server's processor
time for each; then a crowd that waits on one lock, and what a hand-over costs in it.

usage: locks.py [seconds [crowd]]   3 seconds a measurement, a crowd of 1,000
"""
import os, queue, re, sys, threading, time
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Conformance"))
from lib import *


def cpu(server):
    fields = open("/proc/%d/stat" % server.process.pid).read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(server):
    return int(re.search(r"VmRSS:\s+(\d+)", open("/proc/%d/status" % server.process.pid).read()).group(1))


def stubs(server):
    import grpc
    channel = grpc.insecure_channel(server.endpoint, options=[("grpc.use_local_subchannel_pool", 1)])
    make = lambda name: channel.unary_unary("/v3lockpb.Lock/" + name, request_serializer=lambda m: m.SerializeToString(),
                                            response_deserializer=message(name + "Response").FromString)
    return make("Lock"), make("Unlock")


def pairs(server, workers, one_lock, seconds):
    """(pairs a second, microseconds of the server's processor for each)"""
    client = Client(server.endpoint)
    for i in range(workers):
        client.call("Lease/LeaseGrant", ID=0x1000 + i, TTL=600)
    counts, end = [0] * workers, time.time() + seconds

    def work(i):
        lock, unlock = stubs(server)
        name = b"one" if one_lock else b"own%d" % i
        while time.time() < end:
            unlock(message("UnlockRequest")(key=lock(message("LockRequest")(name=name, lease=0x1000 + i), timeout=60).key), timeout=60)
            counts[i] += 1
    before, began = cpu(server), time.time()
    threads = [threading.Thread(target=work, args=(i,)) for i in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took, used = time.time() - began, cpu(server) - before
    for i in range(workers):
        client.call("Lease/LeaseRevoke", ID=0x1000 + i)
    client.close()
    return sum(counts) / took, used / max(1, sum(counts)) * 1e6


def crowd(server, count):
    """Microseconds of the server's processor for joining and for a hand-over, and kilobytes, each for one waiter."""
    client = Client(server.endpoint)
    lock, unlock = stubs(server)
    for i in range(count):
        client.call("Lease/LeaseGrant", ID=0x10000 + i, TTL=6000)
    idle, before = memory(server), cpu(server)
    granted, calls = queue.Queue(), []
    for i in range(count):
        # Calls of one connection need not reach the server in order, so whoever holds is asked for.
        calls.append(lock.future(message("LockRequest")(name=b"crowd", lease=0x10000 + i), timeout=900))
        calls[-1].add_done_callback(granted.put)
        if i % 100 == 99 or i == count - 1:
            while client.call("KV/Range", key=b"crowd/", range_end=b"crowd0", count_only=True).count <= i:
                time.sleep(0.01)
    joined, full = cpu(server) - before, memory(server)
    before = cpu(server)
    for _ in range(count):
        unlock(message("UnlockRequest")(key=granted.get(timeout=60).result().key), timeout=60)
    handed = cpu(server) - before
    client.close()
    return joined / count * 1e6, handed / count * 1e6, (full - idle) / count


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    for title, binary in (("Go", GO), ("ours", OURS)) * 2:
        server = Server(binary)
        for workers, one_lock in ((1, False), (8, False), (8, True)):
            rate, each = pairs(server, workers, one_lock, seconds)
            print("%-5s %d clients, %-9s %6.0f pairs/s, %6.0f us of the server's processor for each" % (
                title, workers, "one lock" if one_lock else "own locks", rate, each), flush=True)
        server.kill()
    for title, binary in (("Go", GO), ("ours", OURS)):
        server = Server(binary)
        print("%-5s %d wait on one lock: %.0f us to join, %.0f us a hand-over, %.1f kB each" % ((title, count) + crowd(server, count)), flush=True)
        server.kill()


main()
