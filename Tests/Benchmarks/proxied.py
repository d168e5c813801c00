"""The HTTP proxy in figures: what a request costs the proxy, what is left of the members' throughput, what it holds idle.

Called by bench.py; alone: proxied.py. `proxied.py steady MINUTES` loads one proxy of each kind for so long and says what each holds
meanwhile. Go's proxy knows v2 only, so gRPC is measured beside nghttpx (Debian's nghttp2-proxy),
where it is installed.
"""
import os, shutil, struct, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Conformance"))
from proxies import *

CONNECTIONS = 100


class Nghttpx:
    """nghttpx in front of one member; `grpc`: HTTP/2 toward it."""

    def __init__(self, backend_port, grpc):
        self.port = free_port()
        self.url = "http://127.0.0.1:%d" % self.port
        back = "127.0.0.1,%d" % backend_port + (";;proto=h2" if grpc else "")
        self.process = subprocess.Popen(
            ["nghttpx", "-f127.0.0.1,%d;no-tls" % self.port, "-b" + back, "--workers=1", "--conf=/dev/null", "--errorlog-file=/dev/null"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        Server_running.append(self)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise AssertionError("nghttpx does not listen")

    def kill(self):
        if self in Server_running:
            Server_running.remove(self)
        self.process.kill()
        self.process.wait()


def spent(pids):
    total = 0
    # nghttpx works in a child.
    for pid in pids:
        with open("/proc/%d/stat" % pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / float(os.sysconf("SC_CLK_TCK"))


def family(pid):
    pids = [pid]
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open("/proc/%s/stat" % name) as f:
                    if int(f.read().rsplit(")", 1)[1].split()[1]) == pid:
                        pids.append(int(name))
            except OSError:
                pass
    return pids


def load(url, pid, count, options):
    """(CPU microseconds of `pid` per request, requests per second, p99 in microseconds)."""
    log = scratch("h2load")
    pids = family(pid)
    before = spent(pids)
    code, out, err = run(["h2load", "-n", str(count), "-c", str(CONNECTIONS), "-t", "1", "--log-file=" + log] + options + [url], timeout=300)
    used = spent(pids) - before
    assert code == 0 and "%d succeeded" % count in out, out + err
    rate = float([l for l in out.splitlines() if l.startswith("finished in")][0].split(",")[1].split()[0])
    took = sorted(int(line.split()[2]) for line in open(log))
    return used * 1e6 / count, rate, took[int(len(took) * 0.99)]


def range_options(streams=1):
    """h2load's words for a Range; `streams`: requests under way on each connection."""
    body = scratch("body")
    request = message("RangeRequest")(key=b"k" * 8).SerializeToString()
    with open(body, "wb") as f:
        f.write(b"\0" + struct.pack(">I", len(request)) + request)
    return ["-d", body, "-m", str(streams), "-H", "content-type: application/grpc", "-H", "te: trailers"]


def measured(proxy, path, count, options):
    url = proxy.url + path
    load(url, proxy.process.pid, max(500, count // 20), options)
    return load(url, proxy.process.pid, count, options)


def rows(row):
    has_nghttpx = shutil.which("nghttpx")
    m = Server(GO, flags=["--enable-v2"])
    peer = "http://127.0.0.1:%d" % m.peer
    ask(m.client, "PUT", "/v2/keys/foo", b"value=" + b"v" * 256, FORM)
    h1 = ["--h1"]
    count = 40000
    path = "/v2/keys/foo"
    direct = measured(m, path, count, h1)
    theirs = Proxy(GO, "on", [peer])
    theirs.wait_endpoints(1)
    go = measured(theirs, path, count, h1)
    theirs.kill()
    ours = Proxy(OURS, "on", [peer])
    ours.wait_endpoints(1)
    time.sleep(0.5)
    idle = ours.rss()
    mine = measured(ours, path, count, h1)
    row("v2 GET of Go's member, proxy CPU", "us", go[0], mine[0], None)
    if has_nghttpx:
        other = Nghttpx(m.client, False)
        theirs = measured(other, path, count, h1)[0]
        row("v2 GET of Go's member, proxy CPU (left: nghttpx)", "us", theirs, mine[0], theirs)
        other.kill()
    row("idle proxy, RSS", "MiB", 0, idle, 10)
    ours.kill()
    m.kill()
    theirs = direct[1] / go[1]

    # Members of ours take plain requests over the connection that calls share.
    m = Server(OURS, flags=["--enable-v2"])
    ask(m.client, "PUT", "/v2/keys/foo", b"value=" + b"v" * 256, FORM)
    ours = Proxy(OURS, "on", ["http://127.0.0.1:%d" % m.peer])
    ours.wait_endpoints(1)
    direct, mine = measured(m, path, count, h1), measured(ours, path, count, h1)
    row("proxied v2 GET, 100 connections, proxy CPU", "us", go[0], mine[0], 15, 59)
    row("proxied v2 GET, p99", "us", go[2], mine[2], None)
    row("v2 GET: direct / proxied throughput", "x", theirs, direct[1] / mine[1], 1 / 0.7)
    ours.kill()
    m.kill()

    m = Server(OURS)
    Client(m.endpoint).call("KV/Put", key=b"k" * 8, value=b"v" * 256)
    ours = Proxy(OURS, "on", ["http://127.0.0.1:%d" % m.peer])
    ours.wait_endpoints(1)
    path, options = "/etcdserverpb.KV/Range", range_options()
    direct = measured(m, path, count, options)
    mine = measured(ours, path, count, options)
    reference = 0
    if has_nghttpx:
        other = Nghttpx(m.client, True)
        reference = measured(other, path, count, options)[0]
        other.kill()
    row("proxied gRPC Range, 100 connections, proxy CPU (left: nghttpx)", "us", reference, mine[0], 15, 20.6)
    row("gRPC Range: direct / proxied throughput", "x", 0, direct[1] / mine[1], 1 / 0.7)
    many = range_options(10)
    direct, mine = measured(m, path, 5 * count, many), measured(ours, path, 5 * count, many)
    row("gRPC Range, 1,000 clients on 100 connections, proxy CPU", "us", 0, mine[0], 15)
    row("gRPC Range: the same, direct / proxied throughput", "x", 0, direct[1] / mine[1], 1 / 0.7)
    grown = ours.rss()
    for _ in range(3):
        measured(ours, path, count, options)
    row("RSS of a proxy, 160,000 requests later (left: before)", "MiB", grown, ours.rss(), grown + 4)
    ours.kill()
    m.kill()


def steady(minutes):
    """Memory of the three front ends under a steady load, each minute; ends with 1 where one has grown."""
    from front_rows import front
    member = Server(OURS, flags=["--enable-v2"])
    Client(member.endpoint).call("KV/Put", key=b"k" * 8, value=b"v" * 256)
    ask(member.client, "PUT", "/v2/keys/foo", b"value=" + b"v" * 256, FORM)
    proxy = Proxy(OURS, "on", ["http://127.0.0.1:%d" % member.peer])
    proxy.wait_endpoints(1)
    gateway, relay = front(OURS, "gateway", member), front(OURS, "grpc-proxy", member)
    grpc = range_options()
    runs = [("HTTP proxy, v2", proxy.url + "/v2/keys/foo", ["--h1"]), ("HTTP proxy, gRPC", proxy.url + "/etcdserverpb.KV/Range", grpc),
            ("gateway", gateway.url + "/etcdserverpb.KV/Range", grpc), ("gRPC proxy", relay.url + "/etcdserverpb.KV/Range", grpc)]
    # Fixed numbers of requests: h2load would count those that its own end cuts off as failed.
    each = minutes * 60 * 1000
    loads = [subprocess.Popen(["h2load", "-n", str(each), "-c", "50", "-t", "1", "--rps=20"] + options + [url],
                              stdout=subprocess.PIPE, text=True) for _, url, options in runs]
    held = []
    for minute in range(minutes):
        time.sleep(60)
        held.append((proxy.rss(), gateway.resident(), relay.resident()))
        print("minute %d: HTTP proxy %.1f MiB, gateway %.1f, gRPC proxy %.1f" % ((minute + 1,) + held[-1]), flush=True)
    isGood = True
    for (name, _, _), load in zip(runs, loads):
        out, _ = load.communicate(timeout=120)
        done = [line for line in out.splitlines() if line.startswith("requests:")][0]
        isGood = isGood and "%d succeeded" % each in done
        print("%s: %s" % (name, done))
    for name, first, last in zip(("HTTP proxy", "gateway", "gRPC proxy"), held[0], held[-1]):
        if last > first + 1:
            isGood = False
            print("%s has grown by %.1f MiB" % (name, last - first))
    for made in (proxy, gateway, relay, member):
        made.kill()
    sys.exit(0 if isGood else 1)


def main():
    if sys.argv[1:2] == ["steady"]:
        return steady(int(sys.argv[2]))

    def row(name, unit, go, ours, budget, reference=None):
        if budget is not None and reference:
            budget *= max(1, go / reference)
        verdict = "" if budget is None else ("within %.3g" % budget if ours <= budget else "OVER %.3g" % budget)
        print("%-64s %10.2f %10.2f  %-4s %s" % (name, go, ours, unit, verdict), flush=True)
    rows(row)


if __name__ == "__main__":
    main()
