"""`etcd grpc-proxy start`: Debian's and ours, the same experiments; the better outcome where ours is meant to differ.

usage: grpcproxy.py [part ...]
"""
from lib import *
from fronts import *
import queue, re, struct, threading

need(GO, "Debian's etcd-server")
need(GOCTL, "Debian's etcd-client")
score = Score("grpcproxy")


def watchers_at(member):
    return value(member.get("/metrics"), "etcd_debugging_mvcc_watcher_total")


def refusals():
    """Starts that cannot be."""
    for name, flags in [("a prefix without a time", ["--resolver-prefix", "/p"]),
                        ("a time without a prefix", ["--resolver-ttl", "5"]),
                        ("no address to register", ["--resolver-prefix", "/p", "--resolver-ttl", "5", "--advertise-client-url="])]:
        said = [run([binary, "grpc-proxy", "start"] + flags) for binary in (GO, OURS)]
        score.equal("refused: " + name, said[1], said[0])
    names = run([GO, "grpc-proxy", "start", "-h"])[1]
    flags = [w for w in names.split() if w.startswith("--") and w != "--help"]
    code, out, err = run([OURS, "grpc-proxy", "start", "-h"])
    score.check("help names every flag of 3.4", code == 0 and all(f in out for f in flags), [f for f in flags if f not in out])


def tools():
    """Debian's etcdctl through both, and what it prints."""
    for server in (GO, OURS):
        said = []
        for binary in (GO, OURS):
            member = Server(server)
            front = proxy(binary, member.endpoint)
            at = front.endpoint
            lines = []
            for arguments in (["put", "a", "1"], ["get", "a"], ["put", "--prev-kv", "a", "2"], ["get", "", "--prefix"],
                              ["del", "a", "--prev-kv"], ["get", "missing"], ["put", "", "x"], ["compact", "3"], ["get", "a", "--rev", "2"],
                              ["compact", "1"], ["lease", "timetolive", "1"], ["lease", "list"], ["user", "list"], ["role", "list"],
                              ["member", "promote", "1"], ["auth", "enable"], ["alarm", "list"], ["defrag"]):
                code, out, err = ctl(at, *arguments)
                # Go's own clients add their target and their patience to what they log.
                lines.append((arguments, code, out.replace(at, "AT"),
                              [l.replace(at, "AT") for l in err.splitlines() if l.startswith("Error:")]))
            code, out, err = ctl(at, "txn", input='mod("t") = "0"\n\nput t 1\n\nget t\n\n')
            lines.append(("txn", code, out))
            code, out, err = ctl(at, "lease", "grant", "60")
            lease = out.split()[1] if code == 0 else "0"
            lines.append(("grant", code))
            lines.append(("put with a lease", ctl(at, "put", "l", "1", "--lease", lease)[:2]))
            lines.append(("keep alive", ctl(at, "lease", "keep-alive", "--once", lease)[1].replace(lease, "ID")))
            lines.append(("time to live", ctl(at, "lease", "timetolive", lease, "--keys")[1].replace(lease, "ID").split("remaining")[0]))
            lines.append(("revoke", ctl(at, "lease", "revoke", lease)[1].replace(lease, "ID")))
            lines.append(("gone with it", ctl(at, "get", "l")[:2]))
            lines.append(("lock", ctl(at, "lock", "m", "echo", "held")[:2]))
            save = scratch("snap")
            code, out, err = ctl(at, "snapshot", "save", save)
            lines.append(("snapshot save", code, os.path.exists(save) and os.path.getsize(save) > 10000))
            lines.append(("its keys", run([GOCTL, "snapshot", "status", save], env=ENV)[1].split(", ")[2:3]))
            said.append(lines)
            front.kill()
            member.kill()
        for ours, theirs in zip(said[1], said[0]):
            name = ours[0] if isinstance(ours[0], str) else " ".join(ours[0])
            # 3.4 says "not implemented" to every promotion.
            if name == "member promote 1":
                score.check("etcdctl %s at %s" % (name, label(server)), ours[1] != 0 and "not implemented" not in str(ours), ours)
            else:
                score.equal("etcdctl %s at a member of %s" % (name, label(server)), ours, theirs)
    member = Server(GO)
    front = proxy(OURS, member.endpoint)
    elect = subprocess.Popen([GOCTL, "--endpoints", front.endpoint, "elect", "e", "me"], stdout=subprocess.PIPE, env=dict(os.environ, **ENV))
    score.check("elect", until(lambda: "me" in ctl(front.endpoint, "get", "e", "--prefix")[1]))
    elect.terminate()
    elect.wait()
    front.kill()
    member.kill()


def cache():
    """Serializable reads: answered from the cache, and never with what is gone (3.4 goes on answering that)."""
    for server in (GO, OURS):
        member = Server(server)
        front = proxy(OURS, member.endpoint)
        direct, client = Client(member.endpoint), Client(front.endpoint)

        def read(**fields):
            kvs = client.call("KV/Range", key=b"k", serializable=True, **fields).kvs
            return kvs[0].value if kvs else None
        client.call("KV/Put", key=b"k", value=b"v1")
        score.equal("read what was written", read(), b"v1")
        page = lambda: fetch("http://%s/metrics" % front.endpoint)[1]
        hits = lambda: value(page(), "etcd_grpc_proxy_cache_hits_total")

        def warm():
            before = hits()
            read()
            return hits() > before
        score.check("reads are answered from the cache", until(warm))
        direct.call("KV/Put", key=b"k", value=b"v2")
        score.check("a write elsewhere is seen", until(lambda: read() == b"v2", 3))
        until(warm)
        client.call("KV/Put", key=b"k", value=b"v3")
        score.equal("a write through the proxy is seen at once", read(), b"v3")
        until(warm)
        direct.call("KV/DeleteRange", key=b"k")
        score.check("a deletion elsewhere is seen", until(lambda: read() is None, 3))
        client.call("KV/Put", key=b"k", value=b"v4")
        until(warm)
        txn = message("TxnRequest")()
        txn.success.add().request_put.CopyFrom(message("PutRequest")(key=b"k", value=b"v5"))
        client.call("KV/Txn", txn)
        score.equal("a transaction through the proxy is seen at once", read(), b"v5")
        until(warm)
        client.call("KV/DeleteRange", key=b"a", range_end=b"z")
        score.equal("a deletion of a range is seen at once", read(), None)
        # Ranges, too.
        span = dict(key=b"r/", range_end=b"r0", serializable=True)
        count = lambda: client.call("KV/Range", **span).count
        for _ in range(5):
            count()
        time.sleep(0.2)
        count()
        before = hits()
        score.equal("a range that is empty", (count(), hits() > before), (0, True))
        direct.call("KV/Put", key=b"r/1", value=b"1")
        score.check("grows", until(lambda: count() == 1, 3))
        # What was read at a revision is the member's answer after a compaction.
        revision = direct.call("KV/Put", key=b"k", value=b"w").header.revision
        score.equal("a read at a revision", read(revision=revision), b"w")
        revision2 = direct.call("KV/Put", key=b"k", value=b"w2").header.revision
        direct.call("KV/Compact", revision=revision2)
        score.equal("and after its compaction", client.attempt("KV/Range", key=b"k", serializable=True, revision=revision)[:2], ("error", 11))
        until(warm)
        # With the member gone nothing vouches for the cache.
        member.process.send_signal(signal.SIGKILL)
        member.process.wait()
        time.sleep(0.3)
        answer = client.attempt("KV/Range", key=b"k", serializable=True, timeout=3)
        score.equal("no member, no answer", answer[0], "error")
        front.kill()
        member.kill()
    # A storm of writes at the member: what is read is never older than what was acknowledged before it was asked.
    member = Server(OURS)
    front = proxy(OURS, member.endpoint)
    direct, client = Client(member.endpoint), Client(front.endpoint)
    last, ending, stale, reads = [0], threading.Event(), [0], [0]

    def write():
        while not ending.is_set():
            client.call("KV/Put", key=b"n", value=b"%d" % (last[0] + 1))
            last[0] += 1

    def look():
        mine = Client(front.endpoint)
        while not ending.is_set():
            floor = last[0]
            kvs = mine.call("KV/Range", key=b"n", serializable=True).kvs
            reads[0] += 1
            if int(kvs[0].value) < floor:
                stale[0] += 1
    client.call("KV/Put", key=b"n", value=b"0")
    threads = [threading.Thread(target=write)] + [threading.Thread(target=look) for _ in range(3)]
    for t in threads:
        t.start()
    time.sleep(3)
    ending.set()
    for t in threads:
        t.join()
    score.check("never older than an acknowledged write through the proxy", stale[0] == 0 and reads[0] > 100, (stale, reads, last))
    front.kill()
    member.kill()


def watches():
    """Shared watches: one at the member for each range; each client hears what it asked for."""
    member = Server(GO)
    front = proxy(OURS, member.endpoint)
    direct = Client(member.endpoint)
    base = watchers_at(member)
    ten = [Watch(front.endpoint) for _ in range(10)]
    for watch in ten:
        watch.create(b"w")
        score.check("created", watch.next().created)
    score.equal("ten of one key are one at the member", watchers_at(member) - base, 1)
    direct.call("KV/Put", key=b"w", value=b"1")
    score.equal("each hears", [watch.events(1) for watch in ten], [[(0, 0, b"w", b"1", b"")]] * 10)
    metrics = fetch("http://%s/metrics" % front.endpoint)[1]
    score.equal("counted", (value(metrics, "etcd_grpc_proxy_watchers_coalescing_total"),
                            value(metrics, "etcd_grpc_proxy_events_coalescing_total")), (9, 9))
    for number in range(30):
        ten[0].create(b"other/%d" % number)
    created = [ten[0].next() for _ in range(30)]
    score.equal("numbers of a stream", [reply.watch_id for reply in created], list(range(1, 31)))
    score.equal("thirty others are thirty", watchers_at(member) - base, 31)
    for watch in ten:
        watch.close()
    score.check("all are gone with their clients", until(lambda: watchers_at(member) == base), watchers_at(member) - base)

    watch = Watch(front.endpoint)
    # Own numbers, filters, previous pairs, on one watch at the member.
    watch.create(b"f", watch_id=7)
    watch.create(b"f", filters=[0])
    watch.create(b"f", filters=[1], prev_kv=True)
    score.equal("own numbers", [watch.next().watch_id for _ in range(3)], [7, 0, 1])
    watch.create(b"f", watch_id=7)
    reply = watch.next()
    score.equal("a number that is taken", (reply.created, reply.canceled, reply.watch_id, "duplicate" in reply.cancel_reason), (True, True, -1, True))
    score.equal("one at the member", watchers_at(member) - base, 1)
    direct.call("KV/Put", key=b"f", value=b"1")
    direct.call("KV/Put", key=b"f", value=b"2")
    direct.call("KV/DeleteRange", key=b"f")
    found = watch.events(6)
    score.equal("filters and previous pairs", sorted(found), sorted(
        [(7, 0, b"f", b"1", b""), (7, 0, b"f", b"2", b""), (7, 1, b"f", b"", b""), (0, 1, b"f", b"", b""),
         (1, 0, b"f", b"1", b""), (1, 0, b"f", b"2", b"1")]))
    watch.progress()
    reply = watch.next()
    revision = direct.call("KV/Range", key=b"f").header.revision
    score.check("progress when it is asked for (3.4 never answers)", reply is not None and reply.watch_id == -1
                and reply.header.revision == revision, reply)
    watch.cancel(7)
    reply = watch.next()
    score.equal("a cancelled one", (reply.watch_id, reply.canceled), (7, True))
    # From the past: history first, then the present, without a gap or a double.
    for number in range(20):
        direct.call("KV/Put", key=b"h", value=b"%d" % number)
    watch.create(b"h", start_revision=revision + 1, watch_id=50)
    watch.create(b"h", watch_id=51)
    seen = {50: [], 51: []}
    end = time.time() + 10
    wrote = False
    while time.time() < end and (len(seen[50]) < 30 or len(seen[51]) < 10):
        reply = watch.next(1)
        if reply is None:
            continue
        if not wrote and reply.created and reply.watch_id == 51:
            for number in range(20, 30):
                direct.call("KV/Put", key=b"h", value=b"%d" % number)
            wrote = True
        for event in reply.events:
            seen[reply.watch_id].append(int(event.kv.value))
    score.equal("history and present", seen, {50: list(range(30)), 51: list(range(20, 30))})
    watch.close()
    # Both watches of one range become one, once they stand at the same place.
    late = Watch(front.endpoint)
    late.create(b"m")
    late.next()
    direct.call("KV/Put", key=b"m", value=b"1")
    late.events(1)
    late.create(b"m", start_revision=1)
    late.next()
    late.events(1)
    direct.call("KV/Put", key=b"m", value=b"2")
    score.equal("both hear", sorted(late.events(2)), [(0, 0, b"m", b"2", b""), (1, 0, b"m", b"2", b"")])
    score.check("and are one at the member", until(lambda: watchers_at(member) - base == 1), watchers_at(member) - base)
    late.close()
    # Asked for all at once, watches that are shared and watches that are not: answers keep the order of the questions.
    watch = Watch(front.endpoint)
    for number in range(40):
        watch.create(b"f" if number % 2 else b"o/%d" % number, watch_id=100 + number)
    watch.progress()
    watch.cancel(100)
    replies = [watch.next() for _ in range(42)]
    score.equal("answers in order", [reply and reply.watch_id for reply in replies[:40]], list(range(100, 140)))
    score.equal("then the others", sorted((reply.watch_id, reply.canceled) for reply in replies[40:] if reply), [(-1, False), (100, True)])
    watch.close()
    # A compacted start.
    now = direct.call("KV/Put", key=b"c", value=b"1").header.revision
    direct.call("KV/Compact", revision=now)
    replies = []
    for endpoint in (member.endpoint, front.endpoint):
        watch = Watch(endpoint)
        watch.create(b"c", start_revision=1)
        said = []
        while True:
            reply = watch.next()
            if reply is None or not hasattr(reply, "created"):
                break
            said.append((reply.watch_id, reply.created, reply.canceled, reply.compact_revision, reply.cancel_reason))
            if reply.canceled:
                break
        replies.append(said)
        watch.close()
    score.equal("a compacted start", replies[1], replies[0])
    # Fragments.
    sizes = []
    for fragment in (False, True):
        watch = Watch(front.endpoint)
        watch.create(b"big/", range_end=b"big0", fragment=fragment)
        watch.next()
        sizes.append(watch)
    for part in range(3):
        txn = message("TxnRequest")()
        for number in range(12):
            txn.success.add().request_put.CopyFrom(message("PutRequest")(key=b"big/%d/%d" % (part, number), value=b"v" * 100000))
        direct.call("KV/Txn", txn)
    for watch, name in zip(sizes, ("whole", "in fragments")):
        score.equal("36 large events " + name, len(watch.events(36)), 36)
        watch.close()
    front.kill()
    member.kill()


def slow():
    """A client that does not read holds up nobody, and misses nothing (3.4 cuts it off)."""
    member = Server(OURS)
    front = proxy(OURS, member.endpoint)
    direct = Client(member.endpoint)
    lazy, quick = Watch(front.endpoint), Watch(front.endpoint)
    quick.create(b"s")
    quick.next()
    # A stream whose replies nobody takes: gRPC's core reads ahead only as far as its window.
    requests = queue.Queue()
    client = Client(front.endpoint)
    call = client.stream("Watch/Watch", iter(requests.get, None))
    create = message("WatchRequest")()
    create.create_request.key = b"s"
    requests.put(create)
    assert next(call).created
    before = front.resident()
    count, size = 300, 100000
    for number in range(count):
        direct.call("KV/Put", key=b"s", value=b"%08d" % number + b"x" * size)
    score.equal("the quick one hears all", len(quick.events(count, 20)), count)
    score.check("the slow one costs little memory", front.resident() - before < 24, (before, front.resident()))
    got = []
    for reply in call:
        got += [int(event.kv.value[:8]) for event in reply.events]
        if len(got) >= count:
            break
    score.equal("and then hears all, in order", got, list(range(count)))
    call.cancel()
    lazy.close()
    quick.close()
    front.kill()
    member.kill()


def leases():
    """Renewals pass as they come: a lease ends when its client is silent, not at twice its time."""
    member = Server(GO)
    front = proxy(OURS, member.endpoint)
    client = Client(front.endpoint)
    lease = client.call("Lease/LeaseGrant", TTL=3).ID
    keep = message("LeaseKeepAliveRequest")(ID=lease)
    replies = client.stream("Lease/LeaseKeepAlive", iter([keep, keep]))
    score.equal("renewed twice", [reply.TTL for reply in replies], [3, 3])
    began = time.time()
    gone = until(lambda: client.attempt("Lease/LeaseTimeToLive", ID=lease)[1].TTL == -1, 10)
    score.check("and ends in its time", gone and time.time() - began < 5.5, time.time() - began)
    reply = list(client.stream("Lease/LeaseKeepAlive", iter([message("LeaseKeepAliveRequest")(ID=lease)])))
    score.equal("one that is gone", [r.TTL for r in reply], [0])
    front.kill()
    member.kill()


def keepalives():
    """Clients that keep one lease alive cost the member one stream, and one question in a third of its time."""
    for server in (GO, OURS):
        member = Server(server)
        front = proxy(OURS, member.endpoint)
        name = "at a member of %s" % label(server)
        direct = Client(member.endpoint)

        def counted():
            page = member.get("/metrics")
            lines = [l for l in page.splitlines() if 'grpc_method="LeaseKeepAlive"' in l]
            figure = lambda what: sum(float(l.rsplit(" ", 1)[1]) for l in lines if l.startswith(what + "{"))
            return figure("grpc_server_started_total"), figure("grpc_server_msg_received_total")
        ttl, seconds = 6, 13
        lease = direct.call("Lease/LeaseGrant", TTL=ttl).ID
        before, ending, told, failures = counted(), threading.Event(), [], []

        def keep():
            client = Client(front.endpoint)
            questions = queue.Queue()
            ask = message("LeaseKeepAliveRequest")(ID=lease)
            try:
                replies = client.stream("Lease/LeaseKeepAlive", iter(questions.get, None))
                while not ending.is_set():
                    questions.put(ask)
                    reply = next(replies)
                    told.append(reply.TTL)
                    ending.wait(reply.TTL / 3)
                questions.put(None)
                list(replies)
            except Exception as error:
                failures.append(error)
            client.close()
        clients = [threading.Thread(target=keep) for _ in range(12)]
        for client in clients:
            client.start()
            time.sleep(0.15)
        time.sleep(seconds)
        streams, questions = (b - a for a, b in zip(before, counted()))
        score.equal("one stream for twelve clients " + name, streams, 1)
        # 14.8 s are seven or eight thirds of six seconds.
        score.check("one question in a third of the time " + name, 6 <= questions <= 10, questions)
        score.check("but each was answered, with what was left " + name, len(told) > 70 and 4 <= min(told) <= max(told) <= ttl,
                    (len(told), min(told), max(told)))
        score.check("the lease lives " + name, direct.call("Lease/LeaseTimeToLive", ID=lease).TTL >= ttl / 2)
        shared = value(fetch("http://%s/metrics" % front.endpoint)[1], "etcd_grpc_proxy_keepalives_coalescing_total")
        score.equal("counted " + name, shared, len(told) - questions)
        ending.set()
        for client in clients:
            client.join()
        score.equal("every stream ended well " + name, failures, [])
        began = time.time()
        gone = until(lambda: direct.call("Lease/LeaseTimeToLive", ID=lease).TTL == -1, 12)
        score.check("and ends in its time without them " + name, gone and time.time() - began < ttl + 2, time.time() - began)
        # Through a break of the stream, and not from memory after the lease was taken away.
        lease = direct.call("Lease/LeaseGrant", TTL=60).ID
        questions = [queue.Queue() for _ in range(2)]
        streams = [Client(front.endpoint).stream("Lease/LeaseKeepAlive", iter(q.get, None)) for q in questions]

        def ask(number):
            questions[number].put(message("LeaseKeepAliveRequest")(ID=lease))
            return next(streams[number]).TTL
        score.equal("both hear " + name, (ask(0), ask(1) in (59, 60)), (60, True))
        member.process.kill()
        member.process.wait()
        member.start()
        score.check("a new member answers on the same stream " + name, until(lambda: ask(0) == 60))
        Client(front.endpoint).call("Lease/LeaseRevoke", ID=lease, wait=True)
        score.equal("a lease that was revoked through the proxy is gone for all " + name, (ask(1), ask(0)), (0, 0))
        for q in questions:
            q.put(None)
        front.kill()
        member.kill()


def profiles():
    """--enable-pprof: the pages of a member's, on the clients' port only."""
    member = Server(GO)
    extra = free_port()
    front = proxy(OURS, member.endpoint, "--enable-pprof", "--metrics-addr", "http://127.0.0.1:%d" % extra)
    go = proxy(GO, member.endpoint, "--enable-pprof")
    status = lambda port, path: fetch("http://127.0.0.1:%d%s" % (port, path))[0]
    for path in ("/debug/pprof", "/debug/pprof/", "/debug/pprof/cmdline", "/debug/pprof/heap?debug=1", "/debug/pprof/goroutine?debug=1",
                 "/debug/pprof/symbol", "/debug/pprof/nothing", "/debug", "/"):
        score.equal("%s: status" % path, status(front.port, path), status(go.port, path))
        score.equal("%s: not on the port of metrics" % path, status(extra, path), 404)
    score.equal("cmdline", fetch("http://%s/debug/pprof/cmdline" % front.endpoint)[1].split("\0"), front.process.args)
    dump = fetch("http://%s/debug/pprof/goroutine" % front.endpoint)[1]
    score.check("the loop's own stack", len(re.findall(r"^\t0x[0-9a-f]+ \S+\+0x", dump, re.M)) > 5, dump)
    ending = threading.Event()

    def busy():
        client = Client(front.endpoint)
        while not ending.is_set():
            client.call("KV/Range", key=b"k")
    workers = [threading.Thread(target=busy) for _ in range(3)]
    for worker in workers:
        worker.start()
    with urllib.request.urlopen("http://%s/debug/pprof/profile?seconds=2" % front.endpoint, timeout=20) as reply:
        profile = reply.read()
    ending.set()
    for worker in workers:
        worker.join()
    score.equal("profile: head", struct.unpack_from("<5Q", profile), (0, 3, 0, 10000, 0))
    at, taken = 40, 0
    while True:
        count, depth = struct.unpack_from("<2Q", profile, at)
        at += 16 + 8 * depth
        if count == 0:
            break
        taken += count
    score.check("profile: samples, and where the program lies", taken > 10 and b"/etcd" in profile[at:], taken)
    score.equal("health and metrics as ever", (fetch("http://%s/health" % front.endpoint)[1], status(front.port, "/metrics")),
                ('{"health":"true"}', 200))
    front.kill()
    go.kill()
    plain_front = proxy(OURS, member.endpoint)
    score.equal("none without the flag", status(plain_front.port, "/debug/pprof/"), 404)
    plain_front.kill()
    member.kill()


def namespaces():
    """--namespace: a prefix at the member, none for the client; compared with Go's proxy."""
    said = []
    for binary in (GO, OURS):
        member = Server(GO)
        front = proxy(binary, member.endpoint, "--namespace", "ns/")
        direct, client = Client(member.endpoint), Client(front.endpoint)
        direct.call("KV/Put", key=b"outside", value=b"0")
        direct.call("KV/Put", key=b"ns0", value=b"behind")
        lines = []
        watch = Watch(front.endpoint)
        watch.create(b"a", prev_kv=True)
        watch.next()
        client.call("KV/Put", key=b"a", value=b"1")
        client.call("KV/Put", key=b"b", value=b"2")
        lines.append(sorted(kv.key for kv in direct.call("KV/Range", key=b"\0", range_end=b"\0").kvs))
        lines.append([kv.key for kv in client.call("KV/Range", key=b"\0", range_end=b"\0").kvs])
        lines.append([kv.key for kv in client.call("KV/Range", key=b"a", range_end=b"c").kvs])
        lines.append(client.call("KV/Put", key=b"a", value=b"3", prev_kv=True).prev_kv.key)
        txn = message("TxnRequest")()
        compare = txn.compare.add()
        compare.key, compare.target, compare.value = b"a", 3, b"3"
        txn.success.add().request_range.CopyFrom(message("RangeRequest")(key=b"a"))
        txn.success.add().request_put.CopyFrom(message("PutRequest")(key=b"c", value=b"4"))
        txn.failure.add().request_delete_range.CopyFrom(message("DeleteRangeRequest")(key=b"a"))
        reply = client.call("KV/Txn", txn)
        lines.append((reply.succeeded, reply.responses[0].response_range.kvs[0].key))
        lease = client.call("Lease/LeaseGrant", TTL=60).ID
        client.call("KV/Put", key=b"l", value=b"1", lease=lease)
        lines.append(list(client.call("Lease/LeaseTimeToLive", ID=lease, keys=True).keys))
        lines.append(watch.events(2))
        lines.append([kv.key for kv in client.call("KV/DeleteRange", key=b"a", range_end=b"\0", prev_kv=True).prev_kvs])
        lines.append(sorted(kv.key for kv in direct.call("KV/Range", key=b"\0", range_end=b"\0").kvs))
        said.append(lines)
        if binary == OURS:
            code, out, err = ctl(front.endpoint, "lock", "m", "echo", "held")
            score.equal("a lock in a name space", (code, out), (0, "held\n"))
            import grpc
            stub = client.channel.unary_unary("/v3lockpb.Lock/Lock", request_serializer=lambda m: m.SerializeToString(),
                                              response_deserializer=message("LockResponse").FromString)
            key = stub(message("LockRequest")(name=b"m2", lease=lease), timeout=5).key
            score.check("its key has no prefix", key.startswith(b"m2/"), key)
            score.equal("but one at the member", direct.call("KV/Range", key=b"ns/" + key).count, 1)
        watch.close()
        front.kill()
        member.kill()
    for place, (ours, theirs) in enumerate(zip(said[1], said[0])):
        score.equal("name space, step %d" % place, ours, theirs)


def members():
    """The list of members, and proxies that register themselves."""
    member = Server(GO)
    said = []
    for binary in (GO, OURS):
        front = proxy(binary, member.endpoint)
        said.append(plain(Client(front.endpoint).call("Cluster/MemberList")))
        front.kill()
    score.equal("the list without a prefix", said[1], said[0])
    front = proxy(OURS, member.endpoint, "--advertise-client-url=")
    score.equal("an empty address: the members themselves", plain(Client(front.endpoint).call("Cluster/MemberList")),
                plain(Client(member.endpoint).call("Cluster/MemberList")))
    front.kill()
    both = [proxy(binary, member.endpoint, "--resolver-prefix", "/proxies", "--resolver-ttl", "5", "--advertise-client-url",
                  "10.0.0.%d:1" % number) for number, binary in enumerate((GO, OURS))]
    direct = Client(member.endpoint)
    entries = lambda: {kv.key: kv.value for kv in direct.call("KV/Range", key=b"/proxies/", range_end=b"/proxies0").kvs}
    score.check("both register", until(lambda: len(entries()) == 2), entries())
    values = entries()
    score.equal("alike", values[b"/proxies/10.0.0.1:1"], values[b"/proxies/10.0.0.0:1"].replace(b"10.0.0.0", b"10.0.0.1"))
    listed = lambda front: sorted(str(m.clientURLs[0]) for m in Client(front.endpoint).call("Cluster/MemberList").members)
    for front, name in zip(both, ("Go", "ours")):
        score.check("both are listed by " + name, until(lambda: listed(front) == ["10.0.0.0:1", "10.0.0.1:1"]), listed(front))
    both[1].process.terminate()
    score.equal("ours ends", both[1].process.wait(15), -signal.SIGTERM)
    score.equal("its entry went with it", list(entries()), [b"/proxies/10.0.0.0:1"])
    both[0].kill()
    member.kill()


def pages():
    member = Server(GO)
    extra = free_port()
    front = proxy(OURS, member.endpoint, "--metrics-addr", "http://127.0.0.1:%d" % extra)
    for port in (front.port, extra):
        score.equal("health", fetch("http://127.0.0.1:%d/health" % port), (200, '{"health":"true"}'))
        page = fetch("http://127.0.0.1:%d/metrics" % port)[1]
        score.check("its own metrics", all(name in page for name in (
            "etcd_grpc_proxy_cache_keys_total", "etcd_grpc_proxy_cache_hits_total", "etcd_grpc_proxy_cache_misses_total",
            "etcd_grpc_proxy_watchers_coalescing_total", "etcd_grpc_proxy_events_coalescing_total", "process_resident_memory_bytes")))
    for path in ("/version", "/v3/kv/range", "/"):
        score.equal("no page " + path, fetch("http://127.0.0.1:%d%s" % (front.port, path)), (404, "404 page not found\n"))
    member.kill()
    score.check("health without a member", until(lambda: fetch("http://127.0.0.1:%d/health" % front.port) == (503, '{"health":"false"}\n')),
                fetch("http://127.0.0.1:%d/health" % front.port))
    client = Client(front.endpoint)
    answer = client.attempt("KV/Range", key=b"a")
    score.equal("a call without a member", answer[:2], ("error", 14))
    import grpc
    stub = client.channel.unary_unary("/etcdserverpb.KV/Nothing", request_serializer=bytes, response_deserializer=bytes)
    try:
        stub(b"", timeout=5)
        said = None
    except grpc.RpcError as error:
        said = error.code().value[0], error.details()
    score.equal("an unknown method", said, (12, "unknown method Nothing for service etcdserverpb.KV"))
    stub = client.channel.unary_unary("/no.Service/Nothing", request_serializer=bytes, response_deserializer=bytes)
    try:
        stub(b"", timeout=5)
    except grpc.RpcError as error:
        said = error.code().value[0], error.details()
    score.equal("an unknown service", said, (12, "unknown service no.Service"))
    front.kill()


def users():
    """Tokens are the clients' own; nobody reads or watches in another's name."""
    member = Server(GO)
    front = proxy(OURS, member.endpoint)
    at = front.endpoint
    # A watch from before, in nobody's name.
    early = Watch(at)
    early.create(b"secret")
    early.next()
    client = Client(at)
    client.call("KV/Put", key=b"secret", value=b"1")
    for _ in range(6):
        client.call("KV/Range", key=b"secret", serializable=True)
        time.sleep(0.05)
    for arguments in (["user", "add", "root:r"], ["role", "add", "root"], ["user", "grant-role", "root", "root"], ["user", "add", "bob:b"],
                      ["role", "add", "few"], ["role", "grant-permission", "few", "readwrite", "few/", "few0"],
                      ["user", "grant-role", "bob", "few"], ["auth", "enable"]):
        code, out, err = ctl(at, *arguments)
        score.equal(" ".join(arguments), code, 0)
    score.equal("no kept reply for nobody", client.attempt("KV/Range", key=b"secret", serializable=True)[:2], ("error", 3))
    late = Watch(at)
    late.create(b"secret")
    reply = late.next()
    score.check("nobody may not join a watch that is there", reply.created and reply.canceled and reply.watch_id == -1, reply)
    score.equal("root reads", ctl(at, "--user", "root:r", "get", "secret")[:2], (0, "secret\n1\n"))
    code, out, err = ctl(at, "--user", "bob:b", "get", "secret", "--consistency=s")
    score.check("bob does not", code != 0 and "permission denied" in err, (code, out, err))
    score.equal("bob has his own", ctl(at, "--user", "bob:b", "put", "few/1", "x")[:2], (0, "OK\n"))
    tokens = {}
    for user, password in (("root", "r"), ("bob", "b")):
        request = message("AuthenticateRequest")(name=user, password=password)
        stub = client.channel.unary_unary("/etcdserverpb.Auth/Authenticate", request_serializer=lambda m: m.SerializeToString(),
                                          response_deserializer=message("AuthenticateResponse").FromString)
        tokens[user] = stub(request, timeout=5).token
    roots = Watch(at, metadata=[("token", tokens["root"])])
    roots.create(b"secret")
    score.check("root watches", not roots.next().canceled)
    bobs = Watch(at, metadata=[("token", tokens["bob"])])
    bobs.create(b"secret")
    reply = bobs.next()
    score.check("bob may not, although root does", reply.canceled and "permission denied" in reply.cancel_reason, reply)
    client.call("KV/Put", key=b"secret", value=b"2", metadata=[("token", tokens["root"])])
    score.equal("root hears", roots.events(1), [(0, 0, b"secret", b"2", b"")])
    for watch in (early, late, roots, bobs):
        watch.close()
    front.kill()
    member.kill()


def leaderless():
    """Two of three members stop: who asked for a leader is told (3.4's proxy never says), and the cache vouches for nothing."""
    from clusters import Cluster
    cluster = Cluster([GO, GO, GO])
    front = proxy(OURS, [m.endpoint for m in cluster.members][:1])
    client = Client(front.endpoint)
    client.call("KV/Put", key=b"k", value=b"1")
    for _ in range(6):
        client.call("KV/Range", key=b"k", serializable=True)
        time.sleep(0.05)
    wanting, patient = Watch(front.endpoint, metadata=[("hasleader", "true")]), Watch(front.endpoint)
    for watch in (wanting, patient):
        watch.create(b"k")
        watch.next()
    for m in cluster.members[1:]:
        m.process.send_signal(signal.SIGSTOP)
    reply = wanting.next(20)
    details = reply.details() if hasattr(reply, "details") else reply
    score.equal("its stream ends", details, "etcdserver: no leader")
    score.check("the other goes on", patient.next(1) is None)
    for m in cluster.members[1:]:
        m.process.send_signal(signal.SIGCONT)
    score.check("the cluster is back", until(lambda: client.attempt("KV/Put", key=b"k", value=b"2", timeout=3)[0] == "ok", 20))
    score.equal("and is heard", [e[3] for e in patient.events(1, 15)], [b"2"])
    for watch in (wanting, patient):
        watch.close()
    front.kill()
    cluster.kill()


def failover():
    """A member dies: reads are asked again elsewhere, watches go on without a gap."""
    from clusters import Cluster
    cluster = Cluster([OURS, OURS, OURS])
    front = proxy(OURS, [m.endpoint for m in cluster.members])
    client = Client(front.endpoint)
    client.call("KV/Put", key=b"k", value=b"0")
    watch = Watch(front.endpoint)
    watch.create(b"k")
    watch.next()
    wrote = 0
    for round in range(3):
        victim = cluster.members[round]
        victim.process.kill()
        victim.process.wait()
        said = [client.attempt("KV/Range", key=b"k", serializable=True, timeout=5) for _ in range(100)]
        score.equal("serializable reads after a kill", [answer for answer in said if answer[0] != "ok"], [])
        for _ in range(20):
            end = time.time() + 15
            while client.attempt("KV/Put", key=b"k", value=b"%d" % (wrote + 1), timeout=5)[0] != "ok":
                assert time.time() < end
                time.sleep(0.1)
            wrote += 1
        victim.start()
    values = []
    end = time.time() + 15
    while time.time() < end and (not values or values[-1] != wrote):
        values += [int(e[3]) for e in watch.events(1, 5)]
    # A put whose reply was lost may have been carried out: then it was repeated with the same value.
    score.equal("the watch missed nothing", sorted(set(values)), list(range(1, wrote + 1)))
    score.check("and told everything in order", values == sorted(values), values)
    watch.close()
    front.kill()
    cluster.kill()


def secure():
    """TLS on both sides, and a certificate that would lend its name to everybody."""
    directory = scratch("pki")
    os.makedirs(directory)

    def make(name, cn, ca=None):
        key, request, cert = (os.path.join(directory, name + end) for end in (".key", ".csr", ".pem"))
        subject = "/O=test" + ("/CN=" + cn if cn else "")
        if ca is None:
            subprocess.check_call(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
                                   "-subj", subject], stderr=subprocess.DEVNULL)
        else:
            extra = os.path.join(directory, "ext")
            with open(extra, "w") as f:
                f.write("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
            subprocess.check_call(["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj", subject],
                                  stderr=subprocess.DEVNULL)
            subprocess.check_call(["openssl", "x509", "-req", "-in", request, "-CA", ca[1], "-CAkey", ca[0], "-CAcreateserial", "-out", cert,
                                   "-days", "2", "-extfile", extra], stderr=subprocess.DEVNULL)
        return key, cert
    ca = make("ca", "ca")
    server, plainclient, named = make("server", "srv", ca), make("client", "", ca), make("named", "cli", ca)

    class Secure(Server):
        @property
        def url(self):
            return "https://127.0.0.1:%d" % self.client

        def wait_ready(self, seconds=20):
            end = time.time() + seconds
            while time.time() < end:
                code, out, err = run([GOCTL, "--endpoints", self.url, "--cacert", ca[1], "--cert", plainclient[1], "--key", plainclient[0],
                                      "endpoint", "health"], env=ENV)
                if code == 0:
                    return
                time.sleep(0.1)
            raise AssertionError(self.tail())
    member = Secure(GO, flags=["--cert-file", server[1], "--key-file", server[0], "--trusted-ca-file", ca[1], "--client-cert-auth"])
    for binary in (GO, OURS):
        code, out, err = run([binary, "grpc-proxy", "start", "--listen-addr", "127.0.0.1:%d" % free_port(), "--endpoints", member.url,
                              "--cacert", ca[1], "--cert", named[1], "--key", named[0]], timeout=10)
        score.check("a certificate with a name is refused (%s)" % label(binary), code == 1 and "cert has non empty Common Name (cli)" in err, (code, err[-300:]))
    flags = ["--cacert", ca[1], "--cert", plainclient[1], "--key", plainclient[0], "--cert-file", server[1], "--key-file", server[0],
             "--trusted-ca-file", ca[1]]
    front = proxy(OURS, member.url, *flags)
    tls = ["--cacert", ca[1], "--cert", plainclient[1], "--key", plainclient[0]]
    at = "https://127.0.0.1:%d" % front.port
    score.equal("put over TLS", ctl(at, *tls, "put", "a", "1")[:2], (0, "OK\n"))
    score.equal("get over TLS", ctl(at, *tls, "get", "a")[:2], (0, "a\n1\n"))
    score.check("not without a certificate", ctl(at, "--cacert", ca[1], "--command-timeout=2s", "--dial-timeout=2s", "get", "a")[0] != 0)
    front.kill()
    front = proxy(OURS, member.url, "--cacert", ca[1], "--cert", plainclient[1], "--key", plainclient[0], "--auto-tls", "--data-dir",
                  scratch("auto"))
    score.equal("with a certificate of its own", ctl("https://127.0.0.1:%d" % front.port, "--insecure-skip-tls-verify", "--insecure-transport=false",
                                                     "get", "a")[:2], (0, "a\n1\n"))
    front.kill()
    front = proxy(OURS, member.url, "--insecure-skip-tls-verify", "--cert", plainclient[1], "--key", plainclient[0])
    score.equal("members unchecked, clients in clear", ctl(front.endpoint, "get", "a")[:2], (0, "a\n1\n"))
    front.kill()
    member.kill()


def ordering():
    """--experimental-serializable-ordering: it starts with a linearizable read, and no answer is older than one before."""
    from clusters import Cluster
    cluster = Cluster([OURS, OURS, OURS])
    front = proxy(OURS, [m.endpoint for m in cluster.members], "--experimental-serializable-ordering")
    client = Client(front.endpoint)
    client.call("KV/Put", key=b"o", value=b"0")
    older, last = 0, 0
    for number in range(200):
        revision = client.call("KV/Put", key=b"o", value=b"%d" % number).header.revision
        reply = client.call("KV/Range", key=b"o", serializable=True)
        if reply.header.revision < revision or reply.kvs[0].value != b"%d" % number:
            older += 1
    score.equal("200 serializable reads behind writes", older, 0)
    front.kill()
    lost = proxy(OURS, "127.0.0.1:%d" % free_port(), "--experimental-serializable-ordering", wait=False)
    time.sleep(1)
    try:
        socket.create_connection(("127.0.0.1", lost.port), 1).recv(1)
        served = Client(lost.endpoint).attempt("KV/Range", key=b"a", timeout=1)[1] != 4
    except OSError:
        served = False
    score.check("without a member it does not serve", not served)
    lost.kill()
    cluster.kill()


def leaving():
    """SIGTERM: streams of watches end at once, so that clients go on elsewhere."""
    member = Server(OURS)
    front = proxy(OURS, member.endpoint)
    watch = Watch(front.endpoint)
    watch.create(b"k")
    watch.next()
    began = time.time()
    front.process.terminate()
    reply = watch.next()
    score.check("its stream ends", hasattr(reply, "code") and reply.code().value[0] == 14, reply)
    watch.close()
    code = front.process.wait(15)
    score.check("and so does the proxy", code == -signal.SIGTERM and time.time() - began < 8, (code, time.time() - began))
    member.kill()


PARTS = [refusals, tools, cache, watches, slow, leases, keepalives, namespaces, members, pages, profiles, users, leaderless, failover, secure, ordering, leaving]
for part in PARTS:
    if not sys.argv[1:] or part.__name__ in sys.argv[1:]:
        part()
score.close()
