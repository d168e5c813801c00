"""Rows of bench.py about the TCP gateway and the gRPC proxy: Debian's and ours in front of the same member of ours.

CPU is that of the front end alone, and its budget grows where Go's proxy is slower than on the machine that the budgets were
set on. The gateway is also held against `forward.c`, which copies bytes and does nothing else. Throughput is judged as the time through the front end over the direct time: on two
processors load generator, member and front end share them.
"""
import os, shutil, subprocess, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Conformance"))
from lib import *
from fronts import FrontProcess

COMMANDS = {"gateway": ["gateway", "start"], "grpc-proxy": ["grpc-proxy", "start"]}


def front(binary, kind, member):
    port = free_port()
    made = FrontProcess([binary] + COMMANDS[kind] + ["--listen-addr", "127.0.0.1:%d" % port, "--endpoints", member.endpoint], port)
    made.url = "http://127.0.0.1:%d" % port
    return made


def measure(bench, kind, request, count, warm=2000, streams=1):
    """(direct, through Go's, through ours): each as `h2load` answers it; and the idle memory of both. `streams`: requests under way
    on each of the 100 connections, as of so many clients that share one."""
    member = Server(OURS)
    Client(member.endpoint).call("KV/Put", key=b"k" * 8, value=b"v" * 256)
    bench.h2load(member, "KV/Range", request, warm, 100, streams)
    direct = bench.h2load(member, "KV/Range", request, count, 100, streams)
    results, idle = [], []
    for binary in (GO, OURS):
        made = front(binary, kind, member)
        time.sleep(1)
        idle.append(bench.memory(made.process.pid)[1])
        bench.h2load(made, "KV/Range", request, warm, 100)
        time.sleep(0.3)
        bench.h2load(made, "KV/Range", request, warm, 100)
        results.append(bench.h2load(made, "KV/Range", request, count, 100, streams))
        made.kill()
    member.kill()
    return direct, results[0], results[1], idle


class BareForwarder:
    """`forward.c` in front of a member."""

    def __init__(self, member, compiler):
        program, port = scratch("forward"), free_port()
        code, out, err = run([compiler, "-O2", "-o", program, os.path.join(os.path.dirname(os.path.abspath(__file__)), "forward.c")])
        assert code == 0, err
        self.process = subprocess.Popen([program, str(port), str(member.client)])
        self.url = "http://127.0.0.1:%d" % port
        time.sleep(0.3)


def bare(bench, request, count):
    """CPU of one read through the bare forwarder; None without a C compiler."""
    compiler = shutil.which("cc") or shutil.which("clang")
    if not compiler:
        print("SKIPPED: no C compiler for the bare forwarder")
        return None
    member = Server(OURS)
    Client(member.endpoint).call("KV/Put", key=b"k" * 8, value=b"v" * 256)
    forwarder = BareForwarder(member, compiler)
    try:
        bench.h2load(forwarder, "KV/Range", request, 4000, 100)
        return bench.h2load(forwarder, "KV/Range", request, count, 100)[0]
    finally:
        forwarder.process.kill()
        forwarder.process.wait()
        member.kill()


def gateway_tcp(bench):
    get = message("RangeRequest")(key=b"k" * 8)
    floor = bare(bench, get, 40000)
    direct, go, ours, idle = measure(bench, "gateway", get, 40000)
    bench.row("TCP gateway: read, 100 connections, its CPU", "us", go[0], ours[0], 8, 31.6)
    if floor is not None:
        bench.row("TCP gateway: the same (left: bare copying in C)", "us", floor, ours[0], floor * 1.15)
    bench.row("TCP gateway: read, 100 connections, p99", "us", go[2], ours[2], None)
    bench.row("TCP gateway: time / direct", "x", direct[3] / go[3], direct[3] / ours[3], 1 / 0.7)
    bench.row("TCP gateway: idle RSS", "MiB", idle[0], idle[1], 10)
    direct, go, ours, idle = measure(bench, "gateway", get, 200000, streams=10)
    bench.row("TCP gateway: read, 1,000 clients on 100 connections, CPU", "us", go[0], ours[0], 8)
    bench.row("TCP gateway: the same, time / direct", "x", direct[3] / go[3], direct[3] / ours[3], 1 / 0.7)


def grpc_proxy(bench):
    get = message("RangeRequest")(key=b"k" * 8)
    direct, go, ours, idle = measure(bench, "grpc-proxy", get, 40000)
    bench.row("gRPC proxy: read, 100 connections, its CPU", "us", go[0], ours[0], 20, 72.9)
    bench.row("gRPC proxy: read, 100 connections, p99", "us", go[2], ours[2], None)
    bench.row("gRPC proxy: time / direct", "x", direct[3] / go[3], direct[3] / ours[3], 1 / 0.7)
    bench.row("gRPC proxy: idle RSS", "MiB", idle[0], idle[1], 10)
    kept = message("RangeRequest")(key=b"k" * 8, serializable=True)
    direct, go, ours, idle = measure(bench, "grpc-proxy", kept, 40000)
    bench.row("gRPC proxy: cached read, 100 connections, its CPU", "us", go[0], ours[0], 6, 29.4)
    bench.row("gRPC proxy: cached read, time / direct", "x", direct[3] / go[3], direct[3] / ours[3], 1 / 0.7)
    for name, request, budget in (("read", get, 20), ("cached read", kept, 6)):
        direct, go, ours, idle = measure(bench, "grpc-proxy", request, 200000, streams=10)
        bench.row("gRPC proxy: %s, 1,000 clients on 100 connections" % name, "us", go[0], ours[0], budget)
        bench.row("gRPC proxy: the same, time / direct", "x", direct[3] / go[3], direct[3] / ours[3], 1 / 0.7)
