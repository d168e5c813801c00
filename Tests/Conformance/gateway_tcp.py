"""`etcd gateway start`: Debian's and ours, the same experiments; the better outcome where ours is meant to differ.

usage: gateway_tcp.py [part ...]
"""
from lib import *
from fronts import *
import threading

need(GO, "Debian's etcd-server")
score = Score("gateway_tcp")


class Echo:
    """A TCP server on loopback that counts its connections; `late` answers only after the client has said all."""

    def __init__(self, late=False, hello=b""):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.late, self.hello, self.count, self.open = late, hello, 0, []
        self.listen()

    def listen(self):
        self.socket.listen(512)
        threading.Thread(target=self.run, args=(self.socket,), daemon=True).start()

    @property
    def endpoint(self):
        return "127.0.0.1:%d" % self.port

    def run(self, listener):
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            self.count += 1
            self.open.append(peer)
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        try:
            if self.hello:
                peer.sendall(self.hello)
            kept = b""
            while True:
                part = peer.recv(65536)
                if not part:
                    break
                if self.late:
                    kept += part
                else:
                    peer.sendall(part)
            if self.late:
                time.sleep(0.1)
                peer.sendall(b"got %d" % len(kept))
            peer.close()
        except OSError:
            pass

    def stop(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for peer in self.open:
            peer.close()

    def again(self):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", self.port))
        self.listen()


def gateway(binary, endpoints, *flags):
    port = free_port()
    return FrontProcess([binary, "gateway", "start", "--listen-addr", "127.0.0.1:%d" % port, "--endpoints", ",".join(endpoints)]
                        + list(flags), port)


def ask(port, data=b"x", timeout=5):
    """What comes back for `data`; empty when the connection is closed without an answer."""
    with socket.create_connection(("127.0.0.1", port), timeout) as s:
        try:
            s.sendall(data)
            return s.recv(len(data) or 1)
        except OSError:
            return b""


def refusals():
    """Starts that cannot be: the same text and exit code from both."""
    port = free_port()
    own = "127.0.0.1:%d" % port
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen(1)
        taken = "127.0.0.1:%d" % busy.getsockname()[1]
        for name, flags in [
                ("an endpoint without a port", ["--endpoints", "nohost"]),
                ("a host that is none", ["--listen-addr", own, "--endpoints", "nohost.invalid:1"]),
                ("itself", ["--listen-addr", own, "--endpoints", own]),
                ("itself by name", ["--listen-addr", "localhost:%d" % port, "--endpoints", "http://127.0.0.1:%d" % port]),
                ("no endpoints", ["--endpoints="]),
                ("a listen address without a port", ["--listen-addr", "foo"]),
                ("a listen host that is none", ["--listen-addr", "nohost.invalid:1"]),
                ("an address in use", ["--listen-addr", taken]),
                ("a foreign address", ["--listen-addr", "192.0.2.1:%d" % port])]:
            said = []
            for binary in (GO, OURS):
                code, out, err = run([binary, "gateway", "start"] + flags, timeout=20)
                lines = [l for l in (out + "\n" + err).splitlines() if l and not l.startswith("{")]
                said.append((code, lines))
            score.equal("refused: " + name, said[1], said[0])
    for name, flags, text in [("an unknown flag", ["--foo"], "Error: unknown flag: --foo"),
                              ("a bad duration", ["--retry-delay=x"],
                               'Error: invalid argument "x" for "--retry-delay" flag: time: invalid duration "x"'),
                              ("a short flag", ["-x"], "Error: unknown shorthand flag: 'x' in -x"),
                              ("a flag without value", ["--listen-addr"], "Error: flag needs an argument: --listen-addr")]:
        for binary in (GO, OURS):
            code, out, err = run([binary, "gateway", "start"] + flags)
            score.equal("%s (%s)" % (name, os.path.basename(os.path.dirname(binary))), (code, err.splitlines()[0]), (1, text))
    code, out, err = run([OURS, "gateway", "start", "--retry-delay=-1s", "--endpoints", "127.0.0.1:1"])
    score.check("a negative delay is refused", code == 1 and "retry-delay" in err, err)
    code, out, err = run([OURS, "gateway"])
    score.check("without a verb: how it is used", code == 0 and "gateway start" in out, out)
    code, out, err = run([OURS, "gateway", "start", "-h"])
    names = run([GO, "gateway", "start", "-h"])[1]
    flags = [w for w in names.split() if w.startswith("--") and w != "--help"]
    score.check("help names every flag of 3.4", code == 0 and all(f in out for f in flags), [f for f in flags if f not in out])


def forwarding():
    """Bytes both ways, also after one side has ended; Go's gateway loses what comes then."""
    late, echo = Echo(late=True), Echo()
    for binary in (GO, OURS):
        front = gateway(binary, [late.endpoint])
        with socket.create_connection(("127.0.0.1", front.port)) as s:
            s.settimeout(5)
            s.sendall(b"a" * 100000)
            s.shutdown(socket.SHUT_WR)
            answer = b""
            try:
                while True:
                    part = s.recv(100)
                    if not part:
                        break
                    answer += part
            except OSError:
                pass
        score.equal("a reply after the client's end (%s)" % ("ours" if binary == OURS else "Go"), answer,
                    b"got 100000" if binary == OURS else b"")
        front.kill()
    front = gateway(OURS, [echo.endpoint])
    size = 64 << 20
    block = os.urandom(1 << 16)
    got = [0, True]
    with socket.create_connection(("127.0.0.1", front.port)) as s:
        def read():
            expect = block * 2
            while got[0] < size:
                part = s.recv(1 << 16)
                if not part:
                    return
                at = got[0] % len(block)
                got[1] = got[1] and part == expect[at:at + len(part)]
                got[0] += len(part)
        reader = threading.Thread(target=read)
        reader.start()
        for _ in range(size // len(block)):
            s.sendall(block)
        reader.join(60)
    score.equal("64 MiB there and back, byte for byte", got, [size, True])
    # A reader that stands still: the gateway holds what one read brought, not all of it.
    before = front.resident()
    slow = socket.create_connection(("127.0.0.1", front.port))
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
    slow.settimeout(1)
    sent = 0
    try:
        while sent < (256 << 20):
            sent += slow.send(block)
    except OSError:
        pass
    score.check("a reader that stands still holds its writer", sent < (64 << 20), sent)
    score.check("and costs no memory", front.resident() - before < 4, (before, front.resident()))
    slow.close()
    idle = [socket.create_connection(("127.0.0.1", front.port)) for _ in range(500)]
    time.sleep(0.3)
    score.check("500 idle connections cost less than 4 MiB", front.resident() - before < 4, (before, front.resident()))
    score.check("all of them are joined", ask(front.port) == b"x")
    for s in idle:
        s.close()
    front.kill()


def choice():
    """A failed endpoint is left out until it can be reached again."""
    a, b = Echo(), Echo()
    for binary in (GO, OURS):
        name = "ours" if binary == OURS else "Go"
        front = gateway(binary, [a.endpoint, b.endpoint], "--retry-delay", "500ms")
        a.count = b.count = 0
        for _ in range(20):
            ask(front.port)
        # The connection that saw whether the port was open may count too.
        score.check("in turn (%s)" % name, abs(a.count - b.count) <= 1 and 20 <= a.count + b.count <= 21, (a.count, b.count))
        a.stop()
        score.check("one is gone (%s)" % name, all(ask(front.port) == b"x" for _ in range(10)))
        b.stop()
        score.check("all are gone: closed at once (%s)" % name, ask(front.port) == b"" and ask(front.port) == b"")
        a.again()
        b.again()
        end = time.time() + 10
        a.count = b.count = 0
        while time.time() < end and (a.count < 3 or b.count < 3):
            ask(front.port)
            time.sleep(0.02)
        score.check("both are back (%s)" % name, a.count >= 3 and b.count >= 3, (a.count, b.count))
        if binary == OURS:
            for text in ("ready to proxy client requests", "deactivated endpoint", "activated"):
                score.check("log: " + text, any('"msg":"%s"' % text in l for l in front.tail(200).splitlines()))
        front.kill()
    # Zero stands for five minutes, not for none.
    front = gateway(OURS, [a.endpoint], "--retry-delay", "0")
    time.sleep(0.5)
    score.check("retry-delay 0", ask(front.port) == b"x" and front.cpu() < 0.5, front.cpu())
    front.kill()
    # An endpoint that answers nothing at all (a full backlog) is given up in time.
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        fill = []
        for _ in range(8):
            s = socket.socket()
            s.setblocking(False)
            try:
                s.connect(deaf.getsockname())
            except OSError:
                pass
            fill.append(s)
        front = gateway(OURS, ["127.0.0.1:%d" % deaf.getsockname()[1], b.endpoint])
        began = time.time()
        answers = [ask(front.port, timeout=15) for _ in range(2)]
        score.check("a silent endpoint does not hold a client for minutes", answers == [b"x", b"x"] and time.time() - began < 12,
                    (answers, time.time() - began))
        front.kill()
        for s in fill:
            s.close()


def service():
    """What a supervisor and a dashboard see."""
    echo = Echo()
    path = scratch("notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(path)
        notify.settimeout(10)
        pages = free_port()
        port = free_port()
        front = FrontProcess([OURS, "gateway", "start", "--listen-addr", "127.0.0.1:%d" % port, "--endpoints", echo.endpoint,
                              "--metrics-addr", "127.0.0.1:%d" % pages], port, env=dict(os.environ, NOTIFY_SOCKET=path))
        score.equal("systemd is told", notify.recv(100), b"READY=1")
        ask(front.port, b"y" * 1000)
        page = fetch("http://127.0.0.1:%d/metrics" % pages)[1]
        values = dict(l.rsplit(" ", 1) for l in page.splitlines() if l and l[0] != "#")
        # The connection that saw whether the port was open counts too.
        score.check("metrics: connections", float(values["etcd_gateway_accepted_connections_total"]) >= 1, page)
        score.equal("metrics: bytes", (values['etcd_gateway_bytes_total{direction="to_member"}'],
                                       values['etcd_gateway_bytes_total{direction="to_client"}']), ("1000", "1000"))
        score.equal("metrics: endpoint", values['etcd_gateway_endpoint_active{endpoint="%s"}' % echo.endpoint], "1")
        score.equal("health", fetch("http://127.0.0.1:%d/health" % pages), (200, '{"health":"true"}'))
        score.equal("other pages", fetch("http://127.0.0.1:%d/v3" % pages)[0], 404)
        echo.stop()
        ask(front.port)
        score.equal("health without an endpoint", fetch("http://127.0.0.1:%d/health" % pages), (503, '{"health":"false"}\n'))
        echo.again()
        front.kill()
        notify.setblocking(False)
        port = free_port()
        front = FrontProcess([OURS, "gateway", "start", "--listen-addr", "127.0.0.1:%d" % port, "--endpoints", echo.endpoint], port)
        held = socket.create_connection(("127.0.0.1", port))
        held.sendall(b"1")
        held.recv(1)
        front.process.terminate()
        time.sleep(0.3)
        score.check("told to end: what is open goes on", front.process.poll() is None)
        held.sendall(b"2")
        score.equal("and is served", held.recv(1), b"2")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            refused = False
        except OSError:
            refused = True
        score.check("no new connection is taken", refused)
        held.close()
        began = time.time()
        code = front.process.wait(10)
        score.check("it ends with the last connection", code == -signal.SIGTERM and time.time() - began < 2, (code, time.time() - began))
        port = free_port()
        front = FrontProcess([OURS, "gateway", "start", "--listen-addr", "127.0.0.1:%d" % port, "--endpoints", echo.endpoint], port)
        held = socket.create_connection(("127.0.0.1", port))
        held.sendall(b"1")
        held.recv(1)
        front.process.terminate()
        began = time.time()
        code = front.process.wait(20)
        score.check("or when its time is over", code == -signal.SIGTERM and 3 < time.time() - began < 15, (code, time.time() - began))
        held.close()


def tools():
    """Debian's etcdctl through both gateways."""
    member = Server(GO)
    for binary in (GO, OURS):
        front = gateway(binary, [member.endpoint])
        at = ["--endpoints", "127.0.0.1:%d" % front.port]
        env = {"ETCDCTL_API": "3"}
        score.equal("put", run([GOCTL] + at + ["put", "a", "1"], env=env)[:2], (0, "OK\n"))
        score.equal("get", run([GOCTL] + at + ["get", "a"], env=env)[:2], (0, "a\n1\n"))
        front.kill()
    member.kill()


PARTS = [refusals, forwarding, choice, service, tools]
for part in PARTS:
    if not sys.argv[1:] or part.__name__ in sys.argv[1:]:
        part()
score.close()
