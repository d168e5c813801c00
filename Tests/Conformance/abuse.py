"""Bad clients beside honest ones: what each of them gets back, what the member's memory does meanwhile, and how long the
honest wait.

usage: abuse.py [long] [name ...]
The short form fits into a run of CI; the long one has the numbers that the limits are made for: 10,000 idle connections,
fifty readers of a million keys, 100,000 watchers, 100,000 leases.
"""
import multiprocessing, resource, select, ssl, struct, sys, threading
from lib import *
from wire import *

need(OURS, "our etcd")
LONG = "long" in sys.argv[1:]
ONLY = [name for name in sys.argv[1:] if name != "long"]
M = message
# Growth of the member's own memory (RssAnon) that floods of a protocol may cost; what a range may cost for each reader:
# its stream's and its connection's unsent bytes, and some for the sockets' and the allocator's rounding.
FLOOD_BYTES, READER_BYTES = 64 << 20, 2 << 20
# Honest clients may wait three times as long as before, where that is more than a machine's own unrest.
ATTEMPTS = 3
RATIO, UNREST = 3.0, float(os.environ.get("ABUSE_UNREST_MS", "10")) / 1000
# A p99 needs some hundred samples, which is what honest clients give in so many seconds: what is over sooner is done again.
MEANWHILE = 1.0
fork = multiprocessing.get_context("fork")


def memory(server):
    try:
        with open("/proc/%d/status" % server.process.pid) as f:
            return int(number_in(f.read(), "RssAnon:")) * 1024
    except OSError:
        return 0  # it has ended


def number_in(text, name):
    return next((line.split()[1] for line in text.splitlines() if line.startswith(name)), "0")


# --- Honest clients

def honest(port, times):
    """Puts and reads, one after the other, a pair every few milliseconds; (when, seconds) of each go to the pipe."""
    put = M("PutRequest")(key=b"honest", value=b"v" * 256)
    get = M("RangeRequest")(key=b"honest")
    client = H2(port)
    notes, last = [], time.monotonic()
    while True:
        for path, request in (("KV/Put", put), ("KV/Range", get)):
            began = time.monotonic()
            stream, frames = client.call_frames(path, request)
            client.send(frames)
            client.reply(stream)
            notes.append((began, time.monotonic() - began))
        if time.monotonic() - last > 0.1:
            times.send(notes)
            notes, last = [], time.monotonic()
        time.sleep(0.003)


class Honest:
    def __init__(self, port):
        self.pipe, far = fork.Pipe(False)
        self.process = fork.Process(target=honest, args=(port, far), daemon=True)
        self.process.start()
        far.close()
        self.notes = []
        threading.Thread(target=self.collect, daemon=True).start()

    def collect(self):
        try:
            while True:
                self.notes += self.pipe.recv()
        except EOFError:
            pass

    def p99(self, start, end):
        waits = sorted(wait for when, wait in list(self.notes) if start <= when <= end)
        return waits[min(len(waits) - 1, len(waits) * 99 // 100)] if waits else float("inf")

    def calm(self, seconds):
        start = time.monotonic()
        time.sleep(seconds + 0.15)
        return self.p99(start, start + seconds)


# --- Bad clients: each runs in a process of its own and answers what it got back.

CASES = []


def case(name, bytes=FLOOD_BYTES, fresh=False, waits=True):
    """`bytes` bounds the growth of memory; `fresh`: on a member of its own, so that figures are not those of others;
    `waits`: whether honest clients are measured, from `server.began` on where the case sets that."""
    def note(function):
        CASES.append((name, bytes, fresh, waits, function))
        return function
    return note


def abuser(function, arguments, result):
    os.nice(5)  # what is measured is the member, not how the machine shares its processors
    try:
        result.send(function(*arguments))
    except Exception as error:
        result.send("raised %r" % error)


def begin(function, *arguments):
    """Starts an abuser; call what this answers for the result."""
    near, far = fork.Pipe(False)
    process = fork.Process(target=abuser, args=(function, arguments, far), daemon=True)
    process.start()
    far.close()

    def finish():
        try:
            return near.recv()
        except EOFError:
            return "no answer"
        finally:
            process.join(20)
    return finish


def begin_stages(generator, *arguments):
    """Starts an abuser whose results come one by one: each call of what this answers lets it go on to the next."""
    near, far = fork.Pipe()

    def work():
        os.nice(5)
        try:
            for result in generator(*arguments):
                far.recv()
                far.send(result)
        except Exception as error:
            far.send("raised %r" % error)
    process = fork.Process(target=work, daemon=True)
    process.start()
    far.close()

    def go_on():
        try:
            near.send("go on")
            return near.recv()
        except (EOFError, OSError):
            return "no answer"
    return go_on


def flood(port, first, repeated, seconds, settings=b""):
    """Connects and floods, again and again; the different farewells, and how many connections it took."""
    end, said, count = time.monotonic() + seconds, set(), 0
    while time.monotonic() < end:
        client = H2(port, settings)
        count += 1
        try:
            client.read()
            client.send(first(client))
            while time.monotonic() < end + 5:
                client.send(repeated(client))
        except OSError:
            pass
        said.add(client.farewell(5))
        client.close()
    return sorted(map(str, said)), count


FLOOD_SECONDS = 10 if LONG else 1.5


def many(one, count=200):
    return b"".join(one() if callable(one) else one for _ in range(count))


def only(score, name, result, *wanted):
    said, count = result
    score.check("%s: what it is told" % name, set(said) <= set(wanted) and said, "%r over %d connections" % (said, count))


def nothing(client):
    return b""


def open_post(client):
    """A call whose message does not end."""
    stream = client.take_stream()
    return frame(HEADERS, END_HEADERS, stream, call_head("KV/Put")) + frame(DATA, 0, stream, b"\0\0\0\1\0abc")


@case("rapid reset")
def _(score, server):
    def both(client):
        stream, frames = client.call_frames("KV/Range", M("RangeRequest")(key=b"x"))
        return frames + frame(RST_STREAM, 0, stream, struct.pack(">I", 8))
    result = begin(flood, server.client, nothing, lambda c: many(lambda: both(c)), FLOOD_SECONDS)
    return lambda: only(score, "rapid reset", result(), "(11, 'too_many_resets')")


@case("provoked resets")
def _(score, server):
    def both(client):
        stream = client.take_stream()
        return (frame(HEADERS, END_HEADERS, stream, call_head("KV/Range"))
                + frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", 0x7FFFFFFF)))
    result = begin(flood, server.client, nothing, lambda c: many(lambda: both(c)), FLOOD_SECONDS)
    return lambda: only(score, "provoked resets", result(), "(11, 'too_many_resets')")


@case("CONTINUATION")
def _(score, server):
    result = begin(flood, server.client, lambda c: frame(HEADERS, 0, c.take_stream(), call_head("KV/Range")),
                   lambda c: many(frame(CONTINUATION, 0, 1, literal(b"x", b"y" * 100))), FLOOD_SECONDS)
    return lambda: only(score, "CONTINUATION", result(), "(11, 'too_many_frames')")


@case("SETTINGS")
def _(score, server):
    result = begin(flood, server.client, nothing, lambda c: many(frame(SETTINGS, 0, 0)), FLOOD_SECONDS)
    return lambda: only(score, "SETTINGS", result(), "(11, 'too_many_frames')")


@case("PING")
def _(score, server):
    result = begin(flood, server.client, nothing, lambda c: many(frame(PING, 0, 0, b"x" * 8)), FLOOD_SECONDS)
    return lambda: only(score, "PING", result(), "(11, 'too_many_pings')", "(11, 'too_many_frames')")


@case("WINDOW_UPDATE")
def _(score, server):
    result = begin(flood, server.client, nothing, lambda c: many(frame(WINDOW_UPDATE, 0, 0, b"\0\0\0\1")), FLOOD_SECONDS)
    # The window itself overflows only after two thousand million.
    return lambda: only(score, "WINDOW_UPDATE", result(), "(11, 'too_many_window_updates')")


@case("empty DATA")
def _(score, server):
    result = begin(flood, server.client, open_post, lambda c: many(frame(DATA, 0, 1)), FLOOD_SECONDS)
    padded = begin(flood, server.client, open_post, lambda c: many(frame(DATA, 8, 1, b"\3\0\0\0")), FLOOD_SECONDS)

    def finish():
        only(score, "empty DATA", result(), "(11, 'too_many_frames')")
        only(score, "empty DATA with padding", padded(), "(11, 'too_many_frames')")
    return finish


@case("header bombs")
def _(score, server):
    # An entry of 4,000 bytes in the table, then named over and over: a small frame, a list of megabytes.
    entry = b"\x40\x01x\x7f\xa1\x1e" + b"v" * 4000

    def bomb(client):
        return frame(HEADERS, END_HEADERS | END_STREAM, client.take_stream(), call_head("KV/Range") + b"\xbe" * 8000)
    result = begin(flood, server.client,
                   lambda c: frame(HEADERS, END_HEADERS | END_STREAM, c.take_stream(), call_head("KV/Range") + entry),
                   lambda c: many(lambda: bomb(c), 20), FLOOD_SECONDS)

    def many_heads(port):
        """Open calls with heads just below the bound."""
        client = H2(port)
        block = call_head("KV/Put") + b"".join(literal(b"x%02d" % n, b"v" * 126) for n in range(60))
        try:
            for _ in range(9000):
                client.send(frame(HEADERS, END_HEADERS, client.take_stream(), block))
        except OSError:
            pass
        return client.farewell(3)
    heads = begin(many_heads, server.client)

    def finish():
        only(score, "header bombs", result(), "(11, 'head_too_large')")
        said = heads()
        score.check("open calls with large heads", said == (11, "too_much_held"), said)
    return finish


def http1(port, text, chunks=()):
    """Sends and gives the status of the answer and how the connection ended."""
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.settimeout(10)
        try:
            client.sendall(text)
            for chunk in chunks:
                client.sendall(chunk)
        except OSError:
            pass
        answer = b""
        try:
            while len(answer) < 65536:
                more = client.recv(65536)
                if not more:
                    break
                answer += more
        except OSError as error:
            return answer[9:12], "open" if isinstance(error, socket.timeout) else "closed"
        return answer[9:12], "closed"


@case("bodies of 200 MB")
def _(score, server):
    megabyte = b"x" * (1 << 20)

    def one(port):
        head = b"POST /version HTTP/1.1\r\nHost: h\r\nContent-Length: 209715200\r\n\r\n"
        return http1(port, head, (megabyte for _ in range(200)))

    def message_of(port):
        client = H2(port)
        stream = client.take_stream()
        client.send(frame(HEADERS, END_HEADERS, stream, call_head("KV/Put"))
                    + frame(DATA, 0, stream, b"\0" + struct.pack(">I", 200 << 20) + b"x" * 16000))
        return client.reply(stream)[1]

    def never_ending(port):
        """A thousand messages of 2 MB, each but for its last byte."""
        client = H2(port, timeout=3)
        for _ in range(1000):
            stream = client.take_stream()
            client.send(frame(HEADERS, END_HEADERS, stream, call_head("KV/Put"))
                        + frame(DATA, 0, stream, b"\0" + struct.pack(">I", 2000000) + b"x" * 16000))
        try:
            for _ in range(12):
                for stream in range(1, 2000, 2):
                    client.send(frame(DATA, 0, stream, b"x" * 16000))
        except socket.timeout:
            return "not read"
        except OSError:
            pass
        return client.farewell(3)
    first, second, third = begin(one, server.client), begin(message_of, server.client), begin(never_ending, server.client)

    def finish():
        score.equal("200 MB to a page", first(), (b"405", "closed"))
        trailers = second()
        score.check("200 MB as one message: code 8", b"\x018" in trailers, trailers)
        # They are taken in as far as the windows go; who sends on all the same breaks them (3).
        said = third()
        score.check("a thousand messages that do not end", said in ((3, ""), "not read"), said)
    return finish


@case("slow readers", fresh=True)
def _(score, server):
    client = Client(server.endpoint)
    for n in range(40):
        client.call("KV/Put", key=b"slow%02d" % n, value=b"v" * 250000)
    client.close()

    def ask(port):
        """No window at all, and many questions whose answers are large: 4 GB, 100 MB and 100 MB."""
        said = []
        for path, request in (("KV/Range", M("RangeRequest")(key=b"slow", range_end=b"slox")),
                              ("KV/Range", M("RangeRequest")(key=b"slow01", serializable=True)),
                              ("KV/Range", M("RangeRequest")(key=b"slow01"))):
            reader = H2(port, setting(4, 0))
            try:
                for _ in range(400):
                    reader.send(reader.call_frames(path, request)[1])
            except OSError:
                pass
            said.append(reader.farewell(1.5))
            reader.close()
        return said
    result = begin(ask, server.client)
    return lambda: score.equal("slow readers wait", result(), ["open"] * 3)


class Secure(Server):
    """A member whose client port speaks TLS with a certificate of its own making."""

    @property
    def url(self):
        return "https://127.0.0.1:%d" % self.client

    def arguments(self):
        return super().arguments() + ["--auto-tls"]

    def wait_ready(self, seconds=30):
        end = time.time() + seconds
        while "ready to serve client requests" not in self.tail(50):
            assert time.time() < end and self.process.poll() is None, self.tail()
            time.sleep(0.05)

    @staticmethod
    def context():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(["h2"])
        return context


WIDE = setting(4, (1 << 31) - 1)
OPEN = frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", (1 << 31) - 1 - 65535))


def fill_slow(client):
    for n in range(20):
        client.send(client.call_frames("KV/Put", M("PutRequest")(key=b"slow%02d" % n, value=b"v" * 200000))[1])
        client.reply(client.next_stream - 2)


@case("readers that read nothing", bytes=160 << 20, fresh=True)
def _(score, server):
    """Windows wide open, and then not a byte is read: forty connections that ask for a gigabyte each, half under TLS."""
    secure = Secure(OURS)
    for port, tls in ((server.client, None), (secure.client, Secure.context())):
        filler = H2(port, tls=tls)
        fill_slow(filler)
        filler.close()
    time.sleep(1)
    before = memory(secure)
    request = M("RangeRequest")(key=b"slow", range_end=b"slox")
    clients = []
    # One half after the other: two servers that fill their buffers at a time leave honest clients no processor.
    for n in sorted(range(40), key=lambda n: n % 2):
        client = H2(secure.client if n % 2 else server.client, WIDE, tls=Secure.context() if n % 2 else None, receive_buffer=65536)
        client.send(OPEN + b"".join(client.call_frames("KV/Range", request)[1] for _ in range(250)))
        clients.append(client)
    peak, end = 0, time.monotonic() + 3
    while time.monotonic() < end:
        time.sleep(0.05)
        peak = max(peak, memory(secure) - before)
    # Eight megabytes each: a megabyte of replies, of frames and of ciphertext, memory that grows by doubling, and the calls.
    score.check("readers that read nothing under TLS: memory stays within 160 MB", peak <= 160 << 20, peak)
    print("abuse: 20 readers that read nothing under TLS: memory +%.1f MB" % (peak / 1e6), flush=True)
    began = time.monotonic()
    good = H2(secure.client, tls=Secure.context())
    stream, frames = good.call_frames("KV/Range", M("RangeRequest")(key=b"a"))
    good.send(frames)
    good.reply(stream)
    score.check("others are served under TLS meanwhile", time.monotonic() - began < 1, time.monotonic() - began)

    def finish():
        for client in clients + [good]:
            client.close()
        secure.kill()
    return finish


class Few(Server):
    """A member with few descriptors."""

    def arguments(self):
        return ["/bin/sh", "-c", 'ulimit -n 250; exec "$@"', "sh"] + super().arguments()


@case("more connections than descriptors", fresh=True)
def _(score, server):
    few = Few(OURS)
    good = H2(few.client)
    crowd = [H2(few.client) for _ in range(300)]
    stream, frames = good.call_frames("KV/Range", M("RangeRequest")(key=b"a"))
    good.send(frames)
    good.reply(stream)
    score.check("80 % of the connections in use: a line in the log",
                wait(lambda: "80% of the file descriptor limit is used" in few.tail(5)), few.tail(5))
    score.check("who is too many waits", crowd[-1].farewell(0.5) == "open")
    with urllib.request.urlopen("http://127.0.0.1:%d/version" % few.peer, timeout=5) as reply:
        score.check("the peer port answers all the same", b"etcdserver" in reply.read())
    for client in crowd[:250]:
        client.close()
    last = crowd[-1]
    stream, frames = last.call_frames("KV/Range", M("RangeRequest")(key=b"a"))
    last.send(frames)
    score.check("and is served when others have gone", last.reply(stream)[0] != b"")
    score.equal("a member with few descriptors ends well", few.stop(), -15)
    return lambda: None


def wait(what, seconds=5):
    end = time.time() + seconds
    while time.time() < end:
        if what():
            return True
        time.sleep(0.05)
    return False


@case("old pairs that nobody takes", bytes=224 << 20, fresh=True, waits=False)
def _(score, server):
    """Each put of a few bytes is answered by 100 KB: they cannot wait, so the connection ends. Its rows are kept, too: for
    the others it is the load that 90 MB of puts are."""
    client = Client(server.endpoint)
    client.call("KV/Put", key=b"old", value=b"v" * 100000)
    client.close()

    def ask(port):
        reader = H2(port, setting(4, 0))
        try:
            for _ in range(900):
                reader.send(reader.call_frames("KV/Put", M("PutRequest")(key=b"old", ignore_value=True, prev_kv=True))[1])
        except OSError:
            pass
        return reader.farewell(10)
    result = begin(ask, server.client)
    return lambda: score.equal("old pairs that nobody takes", result(), (11, "too_much_held"))


@case("pages that nobody takes")
def _(score, server):
    def ask(port):
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.settimeout(2)
            try:
                for _ in range(2000):
                    client.sendall(b"GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n" * 50)
            except socket.timeout:
                return "not read"
            return "read on"
    result = begin(ask, server.client)
    return lambda: score.equal("pages that nobody takes", result(), "not read")


@case("idle connections", bytes=1 << 30, fresh=True)
def _(score, server):
    count = 10000 if LONG else 1500
    before = memory(server)
    clients = []
    for number in range(count):
        clients.append(H2(server.client))
        if number % 20 == 19:
            time.sleep(0.01)  # idle they are to be; that they all come at once is another matter
    time.sleep(2)
    each = (memory(server) - before) / count
    print("abuse: %d idle HTTP/2 connections: %d bytes each" % (count, each), flush=True)
    score.check("an idle connection costs at most 40 KiB", each <= 40 << 10, each)

    def finish():
        for client in clients:
            client.close()
    return finish


@case("watchers", bytes=1 << 30, fresh=True)
def _(score, server):
    total = 100000 if LONG else 20000
    create = M("WatchRequest")()

    def watch(port, watchers, prefix):
        client = H2(port, setting(4, 1 << 24))
        client.send(frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1 << 24)))
        stream = client.take_stream()
        client.send(frame(HEADERS, END_HEADERS, stream, call_head("Watch/Watch")))
        for start in range(0, watchers, 500):
            chunk = b""
            for n in range(start, min(start + 500, watchers)):
                create.create_request.key = b"%s/%07d" % (prefix, n)
                chunk += frame(DATA, 0, stream, message_bytes(create))
            client.send(chunk)
            seen = 0
            while seen < min(500, watchers - start):
                kind, _, _, payload = client.read()
                seen += kind == DATA and payload.count(b"\x18\x01")
            client.give(stream, 500 * 60)
        return client

    def stages(port):
        one = watch(port, total // 2, b"one")
        yield "one stream"
        others = [watch(port, total // 100, b"many%d" % n) for n in range(50)]
        yield "many streams"
        kind, _, _, payload = one.read()
        yield payload
        # And again, until honest clients have asked often enough meanwhile.
        end = time.monotonic() + MEANWHILE
        while time.monotonic() < end:
            watch(port, total // 2, b"again").close()
        yield "again"
        for each in [one] + others:
            each.close()
        yield "closed"
    before = memory(server)
    go_on = begin_stages(stages, server.client)
    score.equal("watchers on one stream", go_on(), "one stream")
    middle = memory(server)
    score.equal("watchers on many streams", go_on(), "many streams")
    after = memory(server)
    each = (middle - before) / (total // 2)
    print("abuse: %d watchers on one stream: %d bytes each; as many on 50 connections: %d bytes each"
          % (total // 2, each, (after - middle) / (total // 2)), flush=True)
    score.check("a watcher costs at most 400 bytes", each <= 400, each)
    # All of one stream see a change at once, and one that does not read holds up nobody.
    client = Client(server.endpoint)
    began = time.monotonic()
    client.call("KV/Put", key=b"one/0000007", value=b"x")
    payload = go_on()
    score.check("an event comes through at once", b"one/0000007" in payload and time.monotonic() - began < 1, payload[:80])
    client.close()

    def finish():
        score.equal("watchers made again and again", go_on(), "again")
        score.equal("and closed", go_on(), "closed")
    return finish


@case("watchers that do not read")
def _(score, server):
    """A thousand watchers of one key on a stream without window, and one honest watcher beside them."""
    create = M("WatchRequest")()
    create.create_request.key = b"busy"
    deaf = H2(server.client, setting(4, 0))
    stream = deaf.take_stream()
    deaf.send(frame(HEADERS, END_HEADERS, stream, call_head("Watch/Watch")))
    deaf.send(many(frame(DATA, 0, stream, message_bytes(create)), 1000))
    good = H2(server.client)
    own = good.take_stream()
    good.send(frame(HEADERS, END_HEADERS, own, call_head("Watch/Watch")) + frame(DATA, 0, own, message_bytes(create)))
    good.read()
    client, waits = Client(server.endpoint), []
    for n in range(200):
        began = time.monotonic()
        client.call("KV/Put", key=b"busy", value=b"v" * 1000)
        while True:
            kind, _, _, payload = good.read()
            good.give(own, len(payload) if kind == DATA else 0)
            if b"v" * 1000 in payload:
                break
        waits.append(time.monotonic() - began)
    waits.sort()
    score.check("a watcher that reads is not held up", waits[len(waits) * 95 // 100] < 0.1, waits[-5:])
    score.check("those that do not are told of by a metric", "etcd_debugging_mvcc_slow_watcher_total 1000" in server.get("/metrics"))

    def finish():
        client.close()
        good.close()
        deaf.close()
    return finish


@case("leases that end together", bytes=256 << 20, fresh=True)
def _(score, server):
    count = 100000 if LONG else 15000
    end = time.monotonic() + (25 if LONG else 8)

    def grant(port):
        client, grant = H2(port), M("LeaseGrantRequest")()
        client.send(frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1 << 30)))
        for _ in range(0, count, 100):
            grant.TTL = max(2, round(end - time.monotonic()))
            client.send(b"".join(client.call_frames("Lease/LeaseGrant", grant)[1] for _ in range(100)))
            ended = 0
            while ended < 100:
                _, flags, stream, _ = client.read()
                ended += bool(stream and flags & END_STREAM)
        return end - time.monotonic()
    early = begin(grant, server.client)()
    score.check("the leases were granted before they end", isinstance(early, float) and early > 0, early)
    time.sleep(max(0, end - time.monotonic()))
    began = float(number_in(server.get("/metrics"), "etcd_debugging_lease_revoked_total"))

    def finish():
        time.sleep(3)
        ended = float(number_in(server.get("/metrics"), "etcd_debugging_lease_revoked_total")) - began
        score.check("about a thousand leases end in a second", 1500 < ended < 5500, ended)
    return finish


@case("large ranges", bytes=None, fresh=True)
def _(score, server):
    keys, readers = (1000000, 50) if LONG else (60000, 12)
    put, op, txn = M("PutRequest"), M("RequestOp"), M("TxnRequest")
    filler = H2(server.client, timeout=120)
    for start in range(0, keys, 12000):
        calls = [filler.call_frames("KV/Txn", txn(success=[
            op(request_put=put(key=b"range%08d" % n, value=b"v" * 256)) for n in range(first, first + 120)]))
            for first in range(start, min(start + 12000, keys), 120)]
        filler.send(b"".join(frames for _, frames in calls))
        for stream, _ in calls[-1:]:
            filler.reply(stream)
    filler.close()
    time.sleep(1)
    before, server.began = memory(server), time.monotonic()
    request = M("RangeRequest")(key=b"range", range_end=b"rangf")

    def read(port, slowly):
        client = H2(port, setting(4, (1 << 31) - 1), timeout=600)
        client.send(frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", (1 << 31) - 1 - 65535)))
        stream, frames = client.call_frames("KV/Range", request)
        client.send(frames)
        total, end = 0, time.monotonic() + 4
        while True:
            if slowly:
                if time.monotonic() > end:
                    return "slow, %s" % (total > 0)
                time.sleep(0.05)
                total += len(client.socket.recv(4096))
                continue
            kind, flags, _, payload = client.read()
            total += len(payload) if kind == DATA else 0
            if flags & END_STREAM and kind in (DATA, HEADERS):
                return total
    finishers = [begin(read, server.client, n % 3 == 0) for n in range(readers)]
    peak = [0]
    done = threading.Event()

    def watch():
        while not done.wait(0.02):
            peak[0] = max(peak[0], memory(server) - before)
    threading.Thread(target=watch, daemon=True).start()

    def finish():
        sizes = {result() for result in finishers}
        done.set()
        whole = [size for size in sizes if isinstance(size, int)]
        score.check("all readers get the whole range", len(whole) == 1 and whole[0] > keys * 280, sizes)
        score.check("slow readers get their share", "slow, True" in sizes and len(sizes) == 2, sizes)
        print("abuse: %d readers of %d keys: %.1f MB of memory" % (readers, keys, peak[0] / 1e6), flush=True)
        score.check("%d readers cost at most %d MB" % (readers, readers * READER_BYTES >> 20),
                    peak[0] <= readers * READER_BYTES, peak[0])
    return finish


# --- Slow ones, which run beside all others

def slow_hello(port):
    """TLS that is never begun, or never finished."""
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(100)]
    for client in clients[::2]:
        client.sendall(b"\x16\x03\x01\x02\x00\x01\x00")
    return closed_after(clients)


def slow_head(port):
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(100)]
    return closed_after(clients, b"GET /version HTTP/1.1\r\nX-Long: " + b"a" * 100)


def closed_after(clients, dribble=b""):
    """Seconds until the first and the last were closed, and what they were told."""
    began, told, ends, place = time.monotonic(), set(), [], 0
    open_ones = set(clients)
    while open_ones and time.monotonic() - began < 20:
        if place < len(dribble):
            for client in open_ones:
                try:
                    client.send(dribble[place:place + 1])
                except OSError:
                    pass
            place += 1
        for client in select.select(list(open_ones), [], [], 0.2)[0]:
            try:
                told.add(client.recv(4096)[:24])
            except OSError:
                told.add(b"reset")
            ends.append(time.monotonic() - began)
            open_ones.discard(client)
    return len(open_ones), min(ends or [0]), max(ends or [0]), sorted(told)


def slow_fields(port):
    client = H2(port)
    client.read()
    client.send(frame(HEADERS, 0, 1, call_head("KV/Range")))
    began = time.monotonic()
    return client.farewell(20), time.monotonic() - began


def slow_body(port):
    client = H2(port, timeout=60)
    client.send(open_post(client))
    began = time.monotonic()
    fields = client.reply(1)[1]
    return fields, time.monotonic() - began


def slow_page_body(port):
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.settimeout(60)
        client.sendall(b"PUT /version HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nabc")
        answer = client.recv(4096)
        began = time.monotonic()
        while client.recv(4096):
            pass
        return answer[9:12], time.monotonic() - began


def begin_slow_ones(server, secure):
    return [begin(slow_hello, secure.client), begin(slow_head, server.client), begin(slow_fields, server.client),
            begin(slow_body, server.client), begin(slow_page_body, server.client), begin(slow_head, server.peer)]


def judge_slow_ones(score, finishers):
    hello, head, fields, body, page, peer = [finish() for finish in finishers]
    score.check("a TLS hello that does not come", hello[0] == 0 and hello[1] >= 9 and hello[2] < 13, hello)
    for name, result in (("a slow head", head), ("a slow head at the peer port", peer)):
        score.check(name, result[0] == 0 and result[1] >= 9 and result[2] < 13 and result[3] == [b"HTTP/1.1 408 Request Tim"], result)
    score.check("slow fields", fields[0] == (11, "header_timeout") and 9 <= fields[1] < 13, fields)
    score.check("a slow body: code 4", b"\x014" in body[0] and 29 <= body[1] < 34, body)
    score.check("a slow body of a page that was answered", page[0] == b"405" and 29 <= page[1] < 34, page)


# --- A generic client of HTTP/2

def generic(score, server):
    for method, path, kind in ((b"\x82", b"/version", None), (b"\x82", b"/nowhere", None), (b"\x83", b"/nowhere", b"text/plain"),
                               (b"\x83", b"/etcdserverpb.KV/Range", b"application/json"), (b"\x83", b"/etcdserverpb.KV/Range", None),
                               (b"\x83", b"/a.B/C", b"application/grpc+proto"), (b"\x83", b"/a.B/C", b"application/grpc-web")):
        client = H2(server.client)
        head = method + b"\x86" + literal(b":path", path) + literal(b":authority", b"x")
        head += literal(b"content-type", kind) if kind else b""
        client.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, head))
        body, fields = client.reply(1)
        score.check("HTTP/2 %s with %s is answered" % (path.decode(), kind), len(fields) > 0 or len(body) > 0, (body, fields))
        if kind == b"application/grpc+proto":
            score.check("gRPC for nobody: code 12", b"\x0212" in fields, fields)
        if kind == b"application/json":
            score.check("a call of the wrong type: 415, code 13", b"\x03415" in fields and b"\x0213" in fields, fields)
        client.close()


def run(score, server, people, name, bound, fresh, judged, function):
    """One case; how long honest clients waited before and meanwhile (p99)."""
    if fresh:
        server = Server(OURS)
        people = Honest(server.client)
        people.calm(0.5)
    before, calm = memory(server), people.calm(1)
    server.__dict__.pop("began", None)
    peak, done = [0], threading.Event()

    def watch():
        while not done.wait(0.02):
            peak[0] = max(peak[0], memory(server) - before)
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    start = time.monotonic()
    try:
        while True:
            finish = function(score, server)
            finish()
            if not judged or time.monotonic() - getattr(server, "began", start) >= MEANWHILE:
                break
    except (OSError, EOFError) as error:
        score.check("%s: runs through" % name, False, repr(error))
    end = time.monotonic()
    done.set()
    watcher.join()
    time.sleep(0.15)
    during = people.p99(getattr(server, "began", start), end)
    print("abuse: %-28s %5.1f s, honest p99 %6.2f ms before, %6.2f ms meanwhile, memory +%.1f MB"
          % (name, end - start, calm * 1e3, during * 1e3, peak[0] / 1e6), flush=True)
    if bound:
        score.check("%s: memory stays within %d MB" % (name, bound >> 20), peak[0] <= bound, peak[0])
    if fresh:
        score.check("%s: honest clients are still served" % name, people.process.is_alive())
        people.process.terminate()
        server.kill()
    return calm, during


def main():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    score = Score("abuse")
    pb()
    server = Server(OURS)
    secure = Secure(OURS)
    people = Honest(server.client)
    people.calm(1)
    slow = begin_slow_ones(server, secure) if not ONLY else []
    generic(score, server)
    for name, bound, fresh, judged, function in CASES:
        if ONLY and not any(part in name for part in ONLY):
            continue
        # A machine that is busy with other things makes everybody wait: what is the member's doing shows each time.
        for attempt in range(ATTEMPTS):
            waits = run(score, server, people, name, bound, fresh, judged, function)
            if not judged or waits[1] <= max(RATIO * waits[0], UNREST):
                break
        score.check("%s: honest clients wait at most %g times as long" % (name, RATIO), not judged or waits[1] <= max(RATIO * waits[0], UNREST),
                    "%.2f ms, %.2f ms before" % (waits[1] * 1e3, waits[0] * 1e3))
    if slow:
        judge_slow_ones(score, slow)
    score.check("honest clients are still served", people.process.is_alive())
    people.process.terminate()
    secure.kill()
    score.equal("the member ends well", server.stop(), -15)
    score.close()


if __name__ == "__main__":
    main()
