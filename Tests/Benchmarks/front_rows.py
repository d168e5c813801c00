"""Rows of bench.py about the TCP gateway and the gRPC proxy: Debian's and ours in front of the same member of ours.

CPU is that of the front end alone. Throughput is judged as the time through the front end over the direct time: on two
processors load generator, member and front end share them.
"""
import os, subprocess, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Conformance"))
from lib import *
from fronts import FrontProcess

COMMANDS = {"gateway": ["gateway", "start"], "grpc-proxy": ["grpc-proxy", "start"]}


def front(binary, kind, member):
    port = free_port()
    made = FrontProcess([binary] + COMMANDS[kind] + ["--listen-addr", "127.0.0.1:%d" % port, "--endpoints", member.endpoint], port)
    made.url = "http://127.0.0.1:%d" % port
    return made


def measure(bench, kind, request, count, warm=2000):
    """(direct, through Go's, through ours): each as `h2load` answers it; and the idle memory of both."""
    member = Server(OURS)
    Client(member.endpoint).call("KV/Put", key=b"k" * 8, value=b"v" * 256)
    bench.h2load(member, "KV/Range", request, warm, 100)
    direct = bench.h2load(member, "KV/Range", request, count, 100)
    results, idle = [], []
    for binary in (GO, OURS):
        made = front(binary, kind, member)
        time.sleep(1)
        idle.append(bench.memory(made.process.pid)[1])
        bench.h2load(made, "KV/Range", request, warm, 100)
        time.sleep(0.3)
        bench.h2load(made, "KV/Range", request, warm, 100)
        results.append(bench.h2load(made, "KV/Range", request, count, 100))
        made.kill()
    member.kill()
    return direct, results[0], results[1], idle


def gateway_tcp(bench):
    get = message("RangeRequest")(key=b"k" * 8)
    direct, go, ours, idle = measure(bench, "gateway", get, 40000)
    bench.row("TCP gateway: read, 100 connections, its CPU", "us", go[0], ours[0], 8)
    bench.row("TCP gateway: read, 100 connections, p99", "us", go[2], ours[2], None)
    bench.row("TCP gateway: time / direct", "x", direct[3] / go[3], direct[3] / ours[3], 1 / 0.7)
    bench.row("TCP gateway: idle RSS", "MiB", idle[0], idle[1], 10)


def grpc_proxy(bench):
    get = message("RangeRequest")(key=b"k" * 8)
    direct, go, ours, idle = measure(bench, "grpc-proxy", get, 40000)
    bench.row("gRPC proxy: read, 100 connections, its CPU", "us", go[0], ours[0], 20)
    bench.row("gRPC proxy: read, 100 connections, p99", "us", go[2], ours[2], None)
    bench.row("gRPC proxy: time / direct", "x", direct[3] / go[3], direct[3] / ours[3], 1 / 0.7)
    bench.row("gRPC proxy: idle RSS", "MiB", idle[0], idle[1], 10)
    kept = message("RangeRequest")(key=b"k" * 8, serializable=True)
    direct, go, ours, idle = measure(bench, "grpc-proxy", kept, 40000)
    bench.row("gRPC proxy: cached read, 100 connections, its CPU", "us", go[0], ours[0], 6)
    bench.row("gRPC proxy: cached read, time / direct", "x", direct[3] / go[3], direct[3] / ours[3], 1 / 0.7)
