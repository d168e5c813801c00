"""Ceilings on what one request may cost: system calls, syncs and allocations per put, read and watch event.

Counts do not depend on the machine's speed, so they are tests; nor does what an idle process holds. Needs strace, h2load and a C compiler (clang or cc);
each missing one skips its part with a notice.
"""
import base64, json, queue, re, shutil, struct, sys, threading
from fronts import FrontProcess
from lib import *
from proxies import Proxy

need(OURS, "our etcd")
need("/usr/bin/h2load", "h2load of nghttp2-client")


def frame(request):
    body = request.SerializeToString()
    return b"\0" + struct.pack(">I", len(body)) + body


def load(server, path, request, count, connections, streams=1):
    """`request` is a message for gRPC, or an object for the gateway over HTTP/1.1."""
    body = scratch("body")
    isJSON = isinstance(request, dict)
    with open(body, "wb") as f:
        f.write(json.dumps(request).encode() if isJSON else frame(request))
    options = ["--h1"] if isJSON else ["-m", str(streams), "-H", "content-type: application/grpc", "-H", "te: trailers"]
    code, out, err = run(["h2load", "-n", str(count), "-c", str(connections), "-d", body] + options
                         + [server.url + ("" if isJSON else "/etcdserverpb.") + path], timeout=120)
    assert code == 0 and "%d succeeded" % count in out, out + err


def traced(server, work):
    """System calls by name during `work`."""
    out = scratch("strace")
    tracer = subprocess.Popen(["strace", "-f", "-c", "-q", "-o", out, "-p", str(server.process.pid)], stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    work()
    tracer.send_signal(signal.SIGINT)
    tracer.wait(20)
    calls = {}
    for line in open(out):
        found = re.match(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", line)
        if found and found.group(2) != "total":
            calls[found.group(2)] = int(found.group(1))
    return calls


PUT = dict(key=b"k" * 8, value=b"v" * 256)
JSON_PUT = dict((name, base64.b64encode(content).decode()) for name, content in PUT.items())
JSON_GET = dict(key=JSON_PUT["key"])
V2_PUT, V2_GET = 66, 44


def syscalls(score):
    if not shutil.which("strace"):
        print("SKIPPED: strace is missing")
        return
    server = Server(OURS)
    put, get = message("PutRequest")(**PUT), message("RangeRequest")(key=b"k" * 8)
    load(server, "KV/Put", put, 200, 10)
    cases = [("put, 1 connection", "KV/Put", put, 1000, 1, 1, 16, 1.1),
             ("put, 50 connections", "KV/Put", put, 5000, 50, 1, 6, 0.5),
             ("put, 10 connections of 20 streams", "KV/Put", put, 10000, 10, 20, 3, 0.2),
             ("read, 1 connection", "KV/Range", get, 1000, 1, 1, 4, 0.01),
             ("read, 50 connections", "KV/Range", get, 5000, 50, 1, 3.2, 0.01),
             ("read, 10 connections of 20 streams", "KV/Range", get, 10000, 10, 20, 1, 0.01),
             ("gateway put, 50 connections", "/v3/kv/put", JSON_PUT, 5000, 50, 1, 6, 0.5),
             ("gateway read, 50 connections", "/v3/kv/range", JSON_GET, 5000, 50, 1, 3.2, 0.01)]
    for name, path, request, count, connections, streams, ceiling, syncs in cases:
        calls = traced(server, lambda: load(server, path, request, count, connections, streams))
        total, synced = sum(calls.values()) / count, (calls.get("fdatasync", 0) + calls.get("fsync", 0)) / count
        print("costs: %-36s %6.2f system calls, %5.2f syncs each" % (name, total, synced))
        score.check(name + ": system calls <= %g" % ceiling, total <= ceiling, "%.2f %s" % (total, calls))
        score.check(name + ": syncs <= %g" % syncs, synced <= syncs, "%.2f" % synced)

    def scrape():
        code, out, err = run(["h2load", "--h1", "-n", "200", "-c", "1", server.url + "/metrics"], timeout=120)
        assert code == 0 and "200 succeeded" in out, out + err
    calls = traced(server, scrape)
    total = sum(calls.values()) / 200
    print("costs: %-36s %6.2f system calls" % ("scrape of /metrics", total))
    score.check("scrape of /metrics: system calls <= 25", total <= 25, "%.2f %s" % (total, calls))
    server.kill()


def proxied(score):
    """The same for what passes the HTTP proxy: GETs of v2, calls of gRPC."""
    if not shutil.which("strace"):
        return print("SKIPPED: strace is missing")
    compiler = shutil.which("cc") or shutil.which("clang")
    if not compiler:
        return print("SKIPPED: no C compiler")
    environment, allocated = counting(compiler)
    member = Server(OURS, flags=["--enable-v2"])
    Client(member.endpoint).call("KV/Put", **PUT)
    code, out, err = run(["curl", "-sf", "-X", "PUT", member.url + "/v2/keys/foo", "-d", "value=" + "v" * 256])
    assert code == 0, err
    proxy = Proxy(OURS, "on", ["http://127.0.0.1:%d" % member.peer], env=environment)
    proxy.wait_endpoints(1)
    get = message("RangeRequest")(key=b"k" * 8)

    def v2(count, connections):
        code, out, err = run(["h2load", "--h1", "-n", str(count), "-c", str(connections), proxy.url + "/v2/keys/foo"], timeout=120)
        assert code == 0 and "%d succeeded" % count in out, out + err

    def v3(count, connections):
        load(proxy, "KV/Range", get, count, connections)
    for name, work, calls, ceiling in (("proxied v2 GET", v2, 3.2, 15), ("proxied gRPC read", v3, 3.2, 22)):
        work(2000, 50)
        total = sum(traced(proxy, lambda: work(5000, 50)).values()) / 5000
        each = allocated(lambda: work(20000, 50)) / 20000
        print("costs: %-36s %6.2f system calls, %5.1f allocations each" % (name, total, each))
        score.check("%s: system calls <= %g" % (name, calls), total <= calls, "%.2f" % total)
        score.check("%s: allocations <= %g" % (name, ceiling), each <= ceiling, "%.1f" % each)
    proxy.kill()
    member.kill()


def counting(compiler):
    """An environment whose processes count their allocations, and a function that says how many `work` made."""
    library, counter = scratch("count") + ".so", scratch("counter")
    code, out, err = run([compiler, "-shared", "-fPIC", "-O1", "-o", library, os.path.join(HERE, "malloc_count.c")])
    assert code == 0, err
    with open(counter, "wb") as f:
        f.write(bytes(8))

    def now():
        return struct.unpack("<q", open(counter, "rb").read())[0]

    def allocated(work):
        before = now()
        work()
        return now() - before
    return dict(os.environ, LD_PRELOAD=library, MALLOC_COUNT=counter), allocated


def allocations(score):
    compiler = shutil.which("cc") or shutil.which("clang")
    if not compiler:
        print("SKIPPED: no C compiler")
        return
    environment, allocated = counting(compiler)
    server = Server(OURS, env=environment)
    put, get = message("PutRequest")(**PUT), message("RangeRequest")(key=b"k" * 8)

    def counted(work, count):
        return allocated(work) / count
    load(server, "KV/Put", put, 2000, 10)
    for name, path, request, ceiling in (("put", "KV/Put", put, 40), ("read", "KV/Range", get, 16)):
        each = counted(lambda: load(server, path, request, 20000, 10, 20), 20000)
        print("costs: %-36s %6.1f allocations each" % (name, each))
        score.check("allocations per %s <= %g" % (name, ceiling), each <= ceiling, "%.1f" % each)
    for name, path, request, ceiling in (("gateway put", "/v3/kv/put", JSON_PUT, 32), ("gateway read", "/v3/kv/range", JSON_GET, 22)):
        each = counted(lambda: load(server, path, request, 10000, 10), 10000)
        print("costs: %-36s %6.1f allocations each" % (name, each))
        score.check("allocations per %s <= %g" % (name, ceiling), each <= ceiling, "%.1f" % each)

    def v2(count, form):
        body = scratch("body")
        with open(body, "w") as f:
            f.write("value=" + "v" * 256)
        form = ["-d", body, "-H", ":method: PUT", "-H", "content-type: application/x-www-form-urlencoded"] if form else []
        code, out, err = run(["h2load", "--h1", "-n", str(count), "-c", "10", server.url + "/v2/keys/foo"] + form, timeout=120)
        assert code == 0 and "%d succeeded" % count in out, out + err
    v2(500, True)
    for name, form, ceiling in (("v2 PUT", True, V2_PUT), ("v2 GET", False, V2_GET)):
        each = counted(lambda: v2(10000, form), 10000)
        print("costs: %-36s %6.1f allocations each" % (name, each))
        score.check("allocations per %s <= %g" % (name, ceiling), each <= ceiling, "%.1f" % each)

    def scrape(count):
        code, out, err = run(["h2load", "--h1", "-n", str(count), "-c", "1", server.url + "/metrics"], timeout=120)
        assert code == 0 and "%d succeeded" % count in out, out + err
    scrape(10)
    each = counted(lambda: scrape(500), 500)
    print("costs: %-36s %6.1f allocations each" % ("scrape of /metrics", each))
    score.check("allocations per scrape of /metrics <= 1000", each <= 1000, "%.1f" % each)

    watchers, puts = 100, 500
    client = Client(server.endpoint)
    ending, seen = threading.Event(), [0]

    def requests():
        for _ in range(watchers):
            create = message("WatchRequest")()
            create.create_request.key = b"k" * 8
            yield create
        ending.wait(60)
    replies = client.stream("Watch/Watch", requests())
    for _ in range(watchers):
        next(replies)

    def collect():
        try:
            for reply in replies:
                seen[0] += len(reply.events)
        except client.grpc.RpcError:
            pass
    threading.Thread(target=collect, daemon=True).start()

    def events():
        load(server, "KV/Put", put, puts, 1)
        end = time.time() + 30
        while seen[0] < watchers * puts and time.time() < end:
            time.sleep(0.01)
    each = counted(events, watchers * puts)
    print("costs: %-36s %6.1f allocations each" % ("watch event", each))
    score.equal("every watcher saw every event", seen[0], watchers * puts)
    score.check("allocations per watch event <= 4", each <= 4, "%.1f" % each)
    ending.set()
    replies.cancel()
    server.kill()


def idle(score):
    """What is resident a second after the start: what only the start needed is given back by then."""
    member = Server(OURS)
    proxy = Proxy(OURS, "on", ["http://127.0.0.1:%d" % member.peer])
    fronts = [(kind, free_port()) for kind in ("gateway", "grpc-proxy")]
    fronts = [(kind, FrontProcess([OURS, kind, "start", "--listen-addr", "127.0.0.1:%d" % port, "--endpoints", member.endpoint], port))
              for kind, port in fronts]
    time.sleep(1)
    held = [("member", resident(member.process.pid), 16), ("HTTP proxy", proxy.rss(), 10)]
    held += [(kind, front.resident(), 10) for kind, front in fronts]
    for name, count, ceiling in held:
        print("costs: %-36s %6.1f MiB resident" % ("idle " + name, count))
        score.check("idle %s: resident <= %g MiB" % (name, ceiling), count <= ceiling, "%.1f" % count)
    for made in [proxy, member] + [front for _, front in fronts]:
        made.kill()


def main():
    score = Score("costs")
    idle(score)
    syscalls(score)
    allocations(score)
    proxied(score)
    score.close()


main()
