"""`--experimental-leasing-prefix`: our proxies, and Debian's among them, own keys of one cluster together.

usage: leasing.py [part ...]
"""
from lib import *
from fronts import *

need(GO, "Debian's etcd-server")
PREFIX = b"lz/"


def leasing(binary, member, *flags, ready=True):
    front = proxy(binary, member.endpoint, "--experimental-leasing-prefix", PREFIX.decode(), *flags)
    if binary == OURS and ready:
        assert until(lambda: figure(front, "leasing_session") == 1), front.tail()
    return front


def figure(front, name):
    return value(fetch("http://%s/metrics" % front.endpoint)[1], "etcd_grpc_proxy_" + name)


def leasing_keys(direct, prefix=PREFIX):
    """The leasing keys by the keys that are owned."""
    kvs = direct.call("KV/Range", key=prefix, range_end=prefix[:-1] + bytes([prefix[-1] + 1])).kvs
    return {bytes(kv.key[len(prefix):]): kv for kv in kvs}


def get(client, key, **fields):
    kvs = client.call("KV/Range", key=key, wait=True, timeout=100, **fields).kvs
    return kvs[0].value if kvs else None


def put(client, key, content, **fields):
    return client.call("KV/Put", key=key, value=content, wait=True, timeout=100, **fields)


def delete(client, key, **fields):
    return client.call("KV/DeleteRange", key=key, wait=True, timeout=100, **fields)


def transaction(compare=(), success=(), failure=()):
    """Compared are values; operations are (kind, key[, value])."""
    txn = message("TxnRequest")()
    for key, content in compare:
        each = txn.compare.add()
        each.key, each.target, each.value = key, 3, content
    for branch, operations in ((txn.success, success), (txn.failure, failure)):
        for kind, key, *content in operations:
            operation = branch.add()
            if kind == "get":
                operation.request_range.key = key
            elif kind == "put":
                operation.request_put.key, operation.request_put.value = key, content[0]
            else:
                operation.request_delete_range.key = key
    return txn


def calls(member):
    """Calls of KV that a member has received."""
    page = member.get("/metrics")
    return sum(float(l.rsplit(" ", 1)[1]) for l in page.splitlines()
               if l.startswith("grpc_server_msg_received_total{") and 'grpc_service="etcdserverpb.KV"' in l)


def owned(score):
    """What is owned is read without the member, and written by whoever asks its owner."""
    for server in (GO, OURS):
        name = "at a member of %s" % label(server)
        member = Server(server)
        direct = Client(member.endpoint)
        one, two, go = leasing(OURS, member), leasing(OURS, member), leasing(GO, member)
        a, b, g = (Client(front.endpoint) for front in (one, two, go))
        put(a, b"k", b"1")
        score.equal("a put of a free key is one put " + name, direct.call("KV/Range", key=b"k").kvs[0].version, 1)
        score.equal("read " + name, get(a, b"k"), b"1")
        key = leasing_keys(direct)[b"k"]
        ttl = direct.call("Lease/LeaseTimeToLive", ID=key.lease)
        score.equal("its leasing key: empty, with a lease of a minute " + name, (key.value, ttl.grantedTTL), (b"", 60))
        get(a, b"none")
        txn = transaction([(b"k", b"1")], [("get", b"k"), ("get", b"none")])
        before = calls(member)
        score.equal("200 reads " + name, {get(a, b"k") for _ in range(200)}, {b"1"})
        score.equal("of what is not there too " + name, {get(a, b"none") for _ in range(20)}, {None})
        replies = [a.call("KV/Txn", txn) for _ in range(20)]
        score.equal("and transactions that only read " + name, {(r.succeeded, r.responses[0].response_range.kvs[0].value) for r in replies}, {(True, b"1")})
        score.equal("cost the member no call " + name, calls(member) - before, 0)
        score.equal("and are counted " + name, figure(one, "leasing_hits_total"), 240)
        # Every field as a member answers it.
        for fields in (dict(), dict(keys_only=True), dict(count_only=True), dict(min_mod_revision=10 ** 6), dict(max_create_revision=1), dict(limit=1)):
            score.equal("the reply, %s %s" % (fields, name), plain(a.call("KV/Range", key=b"k", **fields)), plain(direct.call("KV/Range", key=b"k", **fields)))
        score.equal("and that to a transaction " + name, plain(a.call("KV/Txn", txn)), plain(direct.call("KV/Txn", txn)))
        header, real = a.call("KV/Range", key=b"k").header, direct.call("KV/Range", key=b"k").header
        score.equal("with its whole header " + name, (header.cluster_id, header.member_id, header.raft_term), (real.cluster_id, real.member_id, real.raft_term))
        # Its own writes.
        for number in range(20):
            put(a, b"k", b"own %d" % number)
            assert get(a, b"k") == b"own %d" % number
        for call in (lambda: put(a, b"k", b"x", prev_kv=True), lambda: put(a, b"k", b"", ignore_value=True), lambda: delete(a, b"k", prev_kv=True),
                     lambda: put(a, b"k", b"again"), lambda: put(a, b"k", b"more")):
            call()
            score.equal("what is kept of a write " + name, plain(a.call("KV/Range", key=b"k").kvs[0] if a.call("KV/Range", key=b"k").kvs else txn),
                        plain(direct.call("KV/Range", key=b"k").kvs[0] if direct.call("KV/Range", key=b"k").kvs else txn))
        before = calls(member)
        get(a, b"k")
        score.equal("still owned " + name, calls(member) - before, 0)
        # Others write.
        for other, who in ((b, "ours"), (g, "Go's")):
            get(a, b"k")
            time.sleep(2.1)  # what was revoked is left alone for a while
            get(a, b"k")
            get(a, b"k")
            score.check("owned again before %s writes %s" % (who, name), b"k" in leasing_keys(direct), leasing_keys(direct))
            began = time.time()
            put(other, b"k", b"by " + who.encode())
            took = time.time() - began
            score.check("%s takes it in time %s" % (who, name), took < 1, took)
            score.equal("its former owner reads what is new " + name, get(a, b"k"), b"by " + who.encode())
            score.equal("and gave it back " + name, b"k" in leasing_keys(direct), False)
        score.equal("revoked twice " + name, figure(one, "leasing_revoked_total"), 2)
        # Go owns, ours writes.
        put(g, b"theirs", b"1")
        get(g, b"theirs")
        get(g, b"theirs")
        score.check("Go owns one " + name, b"theirs" in leasing_keys(direct))
        for number, write in enumerate((lambda: put(a, b"theirs", b"2"), lambda: a.call("KV/Txn", transaction([(b"theirs", b"2")], [("put", b"theirs", b"3")]), wait=True),
                                        lambda: delete(a, b"t", range_end=b"u"))):
            time.sleep(2.1)
            get(g, b"theirs")
            began = time.time()
            write()
            took = time.time() - began
            score.check("ours takes it from Go, write %d, %s" % (number, name), took < 1, took)
            score.equal("Go reads what is new, write %d, %s" % (number, name), get(g, b"theirs"), (b"2", b"3", None)[number])
        # A key that a lease ends is nobody's.
        lease = direct.call("Lease/LeaseGrant", TTL=2).ID
        put(a, b"brief", b"1", lease=lease)
        score.equal("with a lease " + name, get(a, b"brief"), b"1")
        get(b, b"late")
        put(b, b"late", b"1", lease=lease)
        score.equal("one that gets a lease later " + name, get(b, b"late"), b"1")
        score.check("ends for all " + name, until(lambda: get(a, b"brief") is None and get(b, b"late") is None, 6))
        # Whoever asks nobody is noticed.
        put(a, b"q", b"1")
        get(a, b"q")
        direct.call("KV/Put", key=b"q", value=b"2")
        score.check("a write past all proxies is seen " + name, until(lambda: get(a, b"q") == b"2", 2), get(a, b"q"))
        # As many writes in one transaction as a member takes.
        for number in range(0, 127, 9):
            get(b, b"x%d" % number)
        score.equal("a transaction of 127 writes " + name, a.call("KV/Txn", transaction([(b"q", b"2")], [("put", b"x%d" % n, b"1") for n in range(127)]),
                                                                  wait=True, timeout=60).succeeded, True)
        score.equal("of 128, with nothing compared " + name, len(a.call("KV/Txn", transaction((), [("put", b"x%d" % n, b"2") for n in range(128)]),
                                                                        wait=True, timeout=60).responses), 128)
        score.equal("is read by who owned some of them " + name, [get(b, b"x%d" % number) for number in range(0, 127, 9)], [b"2"] * 15)
        answers = [c.attempt("KV/Txn", transaction((), [("put", b"x%d" % n, b"3") for n in range(129)]), timeout=60)[:2] for c in (a, direct)]
        score.equal("of 129 " + name, *answers)
        # Everything is wiped, leasing keys and all.
        for number in range(300):
            put((a, b)[number % 2], b"w%d" % number, b"1")
            get((a, b)[number % 2], b"w%d" % number)
        delete(a, b"\0", range_end=b"\0")
        score.equal("nothing is left " + name, [(get(c, b"w%d" % number)) for c in (a, b, g) for number in range(0, 300, 7)], [None] * 129)
        one.process.terminate()
        one.process.wait(20)
        score.check("one that is told to stop gives back " + name, until(lambda: all(get(b, b"w%d" % n) is None for n in range(3)), 1))
        began = time.time()
        for number in range(0, 300, 7):
            put(b, b"w%d" % number, b"2")
        score.check("so that nobody waits for it " + name, time.time() - began < 5, time.time() - began)
        for front in (one, two, go):
            front.kill()
        member.kill()


def sequence(score):
    """One after another, at random proxies: every answer is that of one store."""
    for server in (GO, OURS):
        member = Server(server)
        fronts = [leasing(OURS, member), leasing(OURS, member), leasing(GO, member)]
        clients = [Client(front.endpoint) for front in fronts]
        dice = random.Random(server)
        store, wrong, count = {}, [], 0
        # Some are written all the time, more of them seldom: those are owned.
        busy = [b"s%d" % number for number in range(6)]
        calm = [b"c%03d" % number for number in range(300)]
        end = time.time() + 20
        while time.time() < end:
            which = dice.randrange(3)
            client = clients[which]
            if dice.random() < 0.2:
                key, other, kind = dice.choice(busy), dice.choice(busy), dice.random()
            else:
                key, other, kind = dice.choice(calm), dice.choice(calm), dice.random() ** 3 * 0.8 + (0.2 if dice.random() < 0.05 else 0)
            content = b"%d" % count
            count += 1
            if kind < 0.6:
                said, due = get(client, key, serializable=which < 2 and dice.random() < 0.05), store.get(key)
            elif kind < 0.78:
                said = due = None
                put(client, key, content)
                store[key] = content
            elif kind < 0.84:
                said = delete(client, key).deleted
                due = int(store.pop(key, None) is not None)
            elif kind < 0.87:
                said = delete(client, b"s1", range_end=b"s4").deleted
                due = sum(store.pop(each, None) is not None for each in busy[1:4])
            else:
                wanted = store.get(other, b"") if dice.random() < 0.7 else b"never"
                if wanted == b"":
                    continue
                reply = client.call("KV/Txn", transaction([(other, wanted)], [("put", key, content), ("get", other)], [("get", key), ("get", other)]),
                                    wait=True, timeout=100)
                holds = store.get(other) == wanted
                if holds:
                    store[key] = content
                said = (reply.succeeded, [[kv.value for kv in r.response_range.kvs] for r in reply.responses])
                read = lambda k: [store[k]] if k in store else []
                due = (holds, [[], read(other)] if holds else [read(key), read(other)])
            if said != due:
                wrong.append((label((OURS, OURS, GO)[which]), kind, key, other, said, due))
        # Go's proxy is there to be lived with; what it answers is its own concern.
        ours = [w for w in wrong if w[0] == "ours"]
        score.check("%d calls, each in its place, at a member of %s" % (count, label(server)), not ours and count > 500, (count, ours[:5]))
        print("   (%d calls; wrong answers of Go's proxy: %d; answered from what is owned: %d)"
              % (count, len(wrong) - len(ours), sum(figure(f, "leasing_hits_total") for f in fronts[:2])))
        score.check("some of them without the member", sum(figure(f, "leasing_hits_total") for f in fronts[:2]) > count / 20)
        for front in fronts:
            front.kill()
        member.kill()


def together(score):
    """All at once: nobody reads less than was acknowledged before, or more than was written."""
    for server, binaries in ((OURS, (OURS, OURS, OURS)), (OURS, (OURS, OURS, GO)), (GO, (OURS, OURS, OURS))):
        member = Server(server)
        fronts = [leasing(binary, member) for binary in binaries]
        name = "by %s, at a member of %s" % (" ".join(label(b) for b in binaries), label(server))
        keys = [b"t%02d" % number for number in range(40)]
        begun, acknowledged = dict.fromkeys(keys, 0), dict.fromkeys(keys, 0)
        ending, wrong, reads, failures = threading.Event(), [], [0], []

        def write(mine, seed):
            dice = random.Random(seed)
            clients = [Client(front.endpoint) for front in fronts]
            try:
                while not ending.is_set():
                    # The first few all the time, the others seldom.
                    key = mine[0] if dice.random() < 0.5 else dice.choice(mine)
                    number = begun[key] = begun[key] + 1
                    client = dice.choice(clients)
                    if dice.random() < 0.7:
                        put(client, key, b"%d" % number)
                    else:
                        client.call("KV/Txn", transaction((), [("put", key, b"%d" % number)]), wait=True, timeout=100)
                    acknowledged[key] = number
                    time.sleep(dice.random() * 0.3)
            except Exception as error:
                failures.append(error)

        def look(front, seed):
            dice = random.Random(seed)
            client = Client(front.endpoint)
            try:
                while not ending.is_set():
                    key = dice.choice(keys)
                    floor = acknowledged[key]
                    if dice.random() < 0.8:
                        found = int(get(client, key) or 0)
                    else:
                        kvs = client.call("KV/Txn", transaction((), [("get", key)]), wait=True, timeout=100).responses[0].response_range.kvs
                        found = int(kvs[0].value) if kvs else 0
                    if not floor <= found <= begun[key]:
                        wrong.append((key, floor, found, begun[key]))
                    reads[0] += 1
            except Exception as error:
                failures.append(error)
        threads = [threading.Thread(target=write, args=(keys[number * 10:number * 10 + 10], number)) for number in range(4)]
        # Go's own reads are its own concern.
        threads += [threading.Thread(target=look, args=(front, 10 + number)) for number, front in enumerate(fronts * 2)
                    if binaries[number % 3] == OURS]
        for thread in threads:
            thread.start()
        time.sleep(15)
        ending.set()
        for thread in threads:
            thread.join()
        score.equal("no reader is behind an acknowledged write " + name, wrong[:5], [])
        score.equal("and nothing fails " + name, failures[:3], [])
        score.check("enough of both " + name, reads[0] > 500 and sum(acknowledged.values()) > 100, (reads, acknowledged))
        print("   (%d reads, %d writes, %d reads without the member)"
              % (reads[0], sum(acknowledged.values()), sum(figure(f, "leasing_hits_total") for f, b in zip(fronts, binaries) if b == OURS)))
        for front in fronts:
            front.kill()
        member.kill()


def lost(score):
    """Owners that die, and one that is stopped and wakes up: their keys go to others when their leases end, and not before."""
    member = Server(OURS)
    direct = Client(member.endpoint)
    dying, sleeping, go, living = leasing(OURS, member), leasing(OURS, member), leasing(GO, member), leasing(OURS, member)
    clients = [Client(front.endpoint) for front in (dying, sleeping, go)]
    for number, client in enumerate(clients):
        put(client, b"o%d" % number, b"old")
        for _ in range(3):
            get(client, b"o%d" % number)
    score.equal("each owns its own", sorted(leasing_keys(direct)), [b"o0", b"o1", b"o2"])
    lives = Client(living.endpoint)
    for front in (dying, go):
        front.process.kill()
        front.process.wait()
    sleeping.process.send_signal(signal.SIGSTOP)
    began = time.time()
    score.equal("what nobody owns is written at once", (put(lives, b"free", b"1").header.revision > 0, time.time() - began < 1), (True, True))
    score.equal("and what they own is read at once", [get(lives, b"o%d" % n) for n in range(3)], [b"old"] * 3)
    took = [None] * 3

    def write(number):
        put(Client(living.endpoint), b"o%d" % number, b"new")
        took[number] = time.time() - began
    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(20)
    score.equal("a lease that runs is respected", took, [None] * 3)
    for thread in threads:
        thread.join(70)
    score.check("and its end is not missed", all(t is not None and 35 < t < 75 for t in took), took)
    sleeping.process.send_signal(signal.SIGCONT)
    score.equal("who slept through its lease answers nothing from it", get(clients[1], b"o1"), b"new")
    score.check("and begins a new session", until(lambda: figure(sleeping, "leasing_session") == 1, 15))
    get(clients[1], b"o1")
    before = calls(member)
    get(clients[1], b"o1")
    score.check("in which it owns again", until(lambda: [calls(member), get(clients[1], b"o1"), calls(member)][::2] == [calls(member)] * 2, 5), before)
    # A member that comes back knows the lease still.
    put(lives, b"kept", b"1")
    get(lives, b"kept")
    session = leasing_keys(direct)[b"kept"].lease
    member.process.kill()
    member.process.wait()
    member.start()
    score.equal("after the member's return", get(lives, b"kept"), b"1")
    put(clients[1], b"kept", b"2")
    score.equal("owners are still asked", get(lives, b"kept"), b"2")
    time.sleep(2.1)
    get(lives, b"kept")
    score.check("with the same lease", until(lambda: get(lives, b"kept") == b"2" and b"kept" in leasing_keys(direct)
                                             and leasing_keys(direct)[b"kept"].lease == session), leasing_keys(direct))
    # A lease that somebody takes away: nothing is answered from it once the proxy knows, and a new one begins.
    direct.call("Lease/LeaseRevoke", ID=session)
    score.check("a session that was revoked is made again", until(lambda: b"kept" in leasing_keys(direct)
                                                                    or get(lives, b"kept") is None, 45))
    for front in (sleeping, living):
        front.kill()
    member.kill()


def others(score):
    """Name spaces, tokens, and a cluster that loses a member."""
    member = Server(GO)
    direct = Client(member.endpoint)
    fronts = [leasing(binary, member, "--namespace", "ns/") for binary in (OURS, GO)]
    a, g = (Client(front.endpoint) for front in fronts)
    put(a, b"k", b"1")
    get(a, b"k")
    score.equal("leasing keys lie in the name space", sorted(leasing_keys(direct, b"ns/lz/")), [b"k"])
    put(g, b"k", b"2")
    score.equal("and are understood there", get(a, b"k"), b"2")
    get(g, b"g")
    delete(a, b"\0", range_end=b"\0")
    score.equal("a wipe stays in it", (get(g, b"k"), get(a, b"g"), direct.call("KV/Range", key=b"ns/", range_end=b"ns/lz").count), (None, None, 0))
    for front in fronts:
        front.kill()
    member.kill()
    # With users a member judges each call.
    member = Server(OURS)
    front = leasing(OURS, member)
    client = Client(front.endpoint)
    put(client, b"k", b"1")
    get(client, b"k")
    for arguments in (["user", "add", "root:r"], ["role", "add", "root"], ["user", "grant-role", "root", "root"], ["auth", "enable"]):
        score.equal(" ".join(arguments), ctl(front.endpoint, *arguments)[0], 0)
    root = ["--user", "root:r"]
    score.equal("root writes", ctl(front.endpoint, *root, "put", "k", "2")[:2], (0, "OK\n"))
    score.equal("and reads", ctl(front.endpoint, *root, "get", "k")[:2], (0, "k\n2\n"))
    score.equal("and deletes", ctl(front.endpoint, *root, "del", "", "--from-key")[0], 0)
    answer = client.attempt("KV/Range", key=b"k")
    score.check("nobody does not", answer[0] == "error", answer)
    front.kill()
    member.kill()
    # A member that takes few operations in one transaction.
    member = Server(OURS, flags=["--max-txn-ops", "16"])
    fronts = [leasing(OURS, member) for _ in range(2)]
    a, b = (Client(front.endpoint) for front in fronts)
    for number in range(60):
        put(a, b"f%d" % number, b"1")
        get(a, b"f%d" % number)
    score.equal("sixty are owned", figure(fronts[0], "leasing_keys"), 60)
    score.equal("and deleted by another", delete(b, b"f", range_end=b"g").deleted, 60)
    score.equal("nothing of them is read", [get(a, b"f%d" % number) for number in range(60)], [None] * 60)
    for front in fronts:
        front.kill()
    member.kill()
    # Three members, one dies: reads of what is owned go on, writes come through.
    from clusters import Cluster
    cluster = Cluster([OURS, OURS, OURS])
    endpoints = [m.endpoint for m in cluster.members]
    fronts = [proxy(OURS, endpoints, "--experimental-leasing-prefix", "lz/") for _ in range(2)]
    for front in fronts:
        assert until(lambda: figure(front, "leasing_session") == 1), front.tail()
    a, b = (Client(front.endpoint) for front in fronts)
    put(a, b"k", b"0")
    get(a, b"k")
    for victim in range(3):
        cluster.members[victim].process.kill()
        cluster.members[victim].process.wait()
        wrote = b"%d" % (victim + 1)
        end = time.time() + 30
        while b.attempt("KV/Put", key=b"k", value=wrote, timeout=10)[0] != "ok":
            assert time.time() < end
        score.equal("after the death of member %d" % victim, get(a, b"k"), wrote)
        cluster.members[victim].start()
    for front in fronts:
        front.kill()
    cluster.kill()


Score("leasing").run([owned, sequence, together, lost, others], sys.argv[1:])
