"""What the tests of the HTTP proxy share: proxies of either make on loopback, a false member that shows what it was
sent, and HTTP/1.1 by hand."""
import threading
from lib import *

CLUSTER_ID = "cdf818194e3a8c32"


class Proxy:
    """`etcd --proxy MODE` in front of the members at `peers`."""

    def __init__(self, binary, mode, peers, flags=(), data=None, scheme="http", wait=True, env=None):
        self.binary, self.mode, self.flags = binary, mode, list(flags)
        self.env = env
        self.peers = list(peers)
        self.data = data or scratch("proxy")
        self.port = free_port()
        self.url = "%s://127.0.0.1:%d" % (scheme, self.port)
        self.endpoint = "127.0.0.1:%d" % self.port
        self.log = scratch("log")
        self.process = None
        self.start(wait)

    def arguments(self):
        initial = ",".join("m%d=%s" % (i, peer) for i, peer in enumerate(self.peers))
        # Who is not told to be a proxy must say where its clients find it.
        mode = ["--proxy", self.mode] if self.mode else ["--advertise-client-urls", self.url]
        return [self.binary] + mode + ["--data-dir", self.data, "--listen-client-urls", self.url,
                                       "--initial-cluster", initial] + self.flags

    def start(self, wait=True):
        out = open(self.log, "ab")
        self.process = subprocess.Popen(self.arguments(), stdout=out, stderr=out, env=self.env)
        Server_running.append(self)
        if wait:
            self.wait_listening()
        return self

    def wait_listening(self, seconds=25):
        end = time.time() + seconds
        while time.time() < end:
            if self.process.poll() is not None:
                raise AssertionError("%s ended with %s at start:\n%s" % (self.binary, self.process.returncode, self.text()[-3000:]))
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise AssertionError("%s does not listen:\n%s" % (self.binary, self.text()[-3000:]))

    def wait_endpoints(self, count=1, seconds=30):
        """Waits until that many endpoints are available."""
        end = time.time() + seconds
        found = None
        while time.time() < end:
            try:
                found = json.loads(ask(self.port, "GET", "/v2/config/local/proxy").body)["endpoints"]
                if len(found) == count:
                    return found
            except (OSError, ValueError):
                pass
            time.sleep(0.05)
        raise AssertionError("%r instead of %d endpoints:\n%s" % (found, count, self.text()[-3000:]))

    def text(self):
        with open(self.log, "rb") as f:
            return f.read().decode("utf-8", "replace")

    def rss(self):
        """Resident memory in MiB."""
        return resident(self.process.pid)

    def cpu(self):
        """CPU seconds so far."""
        with open("/proc/%d/stat" % self.process.pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / float(os.sysconf("SC_CLK_TCK"))

    def metric(self, name):
        """The sum of a metric's samples."""
        lines = ask(self.port, "GET", "/metrics").body.decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.split("{")[0].split(" ")[0] == name)

    def kill(self):
        if self in Server_running:
            Server_running.remove(self)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def stop(self, seconds=20):
        self.process.terminate()
        code = self.process.wait(seconds)
        if self in Server_running:
            Server_running.remove(self)
        return code


import lib
Server_running = lib._running


class Reply:
    def __init__(self, head, body):
        lines = head.decode("latin-1").split("\r\n")
        self.line = lines[0]
        self.status = int(lines[0].split(" ")[1])
        self.fields = [tuple(line.split(": ", 1)) for line in lines[1:] if ": " in line]
        self.body = body

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def get(self, name):
        return (self.all(name) or [None])[0]

    def shown(self, without=("date",)):
        """Status line, fields (each once, sorted) and body, for comparison."""
        fields = sorted({(key.lower(), value) for key, value in self.fields if key.lower() not in without})
        return self.line, fields, self.body


def read_head(s, held=b""):
    while b"\r\n\r\n" not in held:
        piece = s.recv(65536)
        if not piece:
            raise OSError("the connection ended inside a head: %r" % held[:200])
        held += piece
    head, rest = held.split(b"\r\n\r\n", 1)
    return head, rest


def read_reply(s, method="GET", held=b""):
    """One reply; answers it and what came behind it."""
    head, rest = read_head(s, held)
    reply = Reply(head, b"")

    def more():
        piece = s.recv(65536)
        if not piece:
            raise OSError("the connection ended inside a body")
        return piece

    if method == "HEAD" or reply.status in (204, 304) or reply.status < 200:
        return reply, rest
    length = reply.get("content-length")
    if length is not None:
        while len(rest) < int(length):
            rest += more()
        reply.body, rest = rest[:int(length)], rest[int(length):]
    elif (reply.get("transfer-encoding") or "") == "chunked":
        body = b""
        while True:
            while b"\r\n" not in rest:
                rest += more()
            size, rest = rest.split(b"\r\n", 1)
            count = int(size.split(b";")[0], 16)
            while len(rest) < count + 2:
                rest += more()
            body += rest[:count]
            if count == 0:
                while not rest.endswith(b"\r\n"):
                    rest += more()
                rest = b""
                break
            rest = rest[count + 2:]
        reply.body = body
    else:
        while True:
            piece = s.recv(65536)
            if not piece:
                break
            rest += piece
        reply.body, rest = rest, b""
    return reply, rest


def request_text(method, path, body=b"", fields=(), version="HTTP/1.1", host="127.0.0.1"):
    lines = ["%s %s %s" % (method, path, version)]
    if host is not None:
        lines.append("Host: " + host)
    lines += ["%s: %s" % field for field in fields]
    if body or method in ("POST", "PUT"):
        lines.append("Content-Length: %d" % len(body))
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def ask(port, method, path, body=b"", fields=(), timeout=20, **more):
    with socket.create_connection(("127.0.0.1", port), timeout) as s:
        s.settimeout(timeout)
        s.sendall(request_text(method, path, body, fields, **more))
        return read_reply(s, method)[0]


FORM = [("Content-Type", "application/x-www-form-urlencoded")]


class FakeMember:
    """A peer port that lists itself (and `others`), and a client port whose requests `serve(socket, head, rest)` answers."""

    def __init__(self, serve, others=()):
        self.serve = serve
        self.seen = []
        self.lock = threading.Lock()
        self.client = self._listen()
        self.client_port = self.client.getsockname()[1]
        self.peer = self._listen()
        self.peer_port = self.peer.getsockname()[1]
        self.others = list(others)
        self.lists = True
        self._accept(self.peer, self._members)
        self._accept(self.client, self._client)

    def _listen(self):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", 0))
        s.listen(512)
        return s

    def _accept(self, listener, handler):
        def loop():
            while True:
                try:
                    s, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=self._guard, args=(handler, s), daemon=True).start()
        threading.Thread(target=loop, daemon=True).start()

    def _guard(self, handler, s):
        try:
            handler(s)
        except OSError:
            pass
        finally:
            s.close()

    @property
    def peer_url(self):
        return "http://127.0.0.1:%d" % self.peer_port

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.client_port

    def _members(self, s):
        read_head(s)
        if not self.lists:
            return
        members = [self] + self.others
        body = json.dumps([{"id": i + 1, "peerURLs": [m.peer_url], "name": "m%d" % i, "clientURLs": [m.url]}
                           for i, m in enumerate(members)]).encode()
        s.sendall(b"HTTP/1.1 200 OK\r\nX-Etcd-Cluster-ID: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
                  b"Connection: close\r\n\r\n" % (CLUSTER_ID.encode(), len(body)) + body)

    def _client(self, s):
        held = b""
        while True:
            head, held = read_head(s, held)
            if head.startswith(b"PRI * HTTP/2.0"):
                return  # it knows HTTP/1.1 only
            if head.startswith(b"GET /health "):
                # The proxy's own question; it is none of the requests that are looked at.
                s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{\"health\":\"true\"}")
                continue
            with self.lock:
                self.seen.append(head)
            held = self.serve(s, head, held)
            if held is None:
                return

    def close(self):
        self.client.close()
        self.peer.close()


def length_of(head):
    for line in head.decode("latin-1").split("\r\n"):
        if line.lower().startswith("content-length:"):
            return int(line.split(":", 1)[1])
    return 0


def take_body(s, head, held):
    """Reads the request's body; answers it and what came behind it."""
    count = length_of(head)
    while len(held) < count:
        piece = s.recv(65536)
        if not piece:
            raise OSError("the body ended early")
        held += piece
    return held[:count], held[count:]


def plain_answer(body=b"ok", fields=b""):
    """A `serve` that answers every request so."""
    def serve(s, head, held):
        _, held = take_body(s, head, held)
        out = b"HTTP/1.1 200 OK\r\n" + fields + b"Content-Length: %d\r\n\r\n" % len(body)
        s.sendall(out if head.startswith(b"HEAD ") else out + body)
        return held
    return serve
