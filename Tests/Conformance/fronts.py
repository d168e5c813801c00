"""Front ends as processes: what the scripts about the gateway and the gRPC proxy share."""
import queue, threading
from lib import *
from lib import _running
import urllib.error

ENV = {"ETCDCTL_API": "3"}


class FrontProcess:
    """A front end of either kind, started and waited for."""

    def __init__(self, arguments, port, env=None, wait=True):
        self.port, self.log = port, scratch("log")
        out = open(self.log, "ab")
        self.process = subprocess.Popen(arguments, stdout=out, stderr=out, env=env)
        _running.append(self)
        if wait:
            self.wait_open()

    @property
    def endpoint(self):
        return "127.0.0.1:%d" % self.port

    def wait_open(self, seconds=20):
        end = time.time() + seconds
        while time.time() < end:
            if self.process.poll() is not None:
                raise AssertionError("ended with %s at start:\n%s" % (self.process.returncode, self.tail()))
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise AssertionError("port %d is not open:\n%s" % (self.port, self.tail()))

    def tail(self, lines=25):
        with open(self.log, "rb") as f:
            return b"\n".join(f.read().splitlines()[-lines:]).decode("utf-8", "replace")

    def resident(self):
        """Resident memory in MiB."""
        return resident(self.process.pid)

    def cpu(self):
        """Seconds of processor time so far."""
        with open("/proc/%d/stat" % self.process.pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self):
        if self in _running:
            _running.remove(self)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def fetch(url, timeout=5):
    """(status, body) of a page."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def proxy(binary, endpoints, *flags, wait=True):
    port = free_port()
    if isinstance(endpoints, str):
        endpoints = [endpoints]
    return FrontProcess([binary, "grpc-proxy", "start", "--listen-addr", "127.0.0.1:%d" % port,
                         "--endpoints", ",".join(endpoints)] + list(flags), port, wait=wait)


def label(binary):
    return "ours" if binary == OURS else "Go"


def ctl(endpoint, *arguments, timeout=30, input=None):
    return run([GOCTL, "--endpoints", endpoint] + list(arguments), timeout=timeout, input=input, env=ENV)


def value(page, name):
    """A figure of a page of metrics; 0 where it is missing."""
    for line in page.splitlines():
        if line.startswith(name + " ") or line.startswith(name + "{"):
            return float(line.rsplit(" ", 1)[1])
    return 0


def until(holds, seconds=10):
    """Whether something comes true in time."""
    end = time.time() + seconds
    while time.time() < end:
        if holds():
            return True
        time.sleep(0.05)
    return holds()


class Watch:
    """A watch stream, its replies in a queue."""

    def __init__(self, endpoint, metadata=None):
        self.client = Client(endpoint)
        self.requests = queue.Queue()
        self.replies = queue.Queue()
        self.call = self.client.stream("Watch/Watch", iter(self.requests.get, None), metadata=metadata)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        try:
            for reply in self.call:
                self.replies.put(reply)
            self.replies.put(None)
        except self.client.grpc.RpcError as error:
            self.replies.put(error)

    def create(self, key, **fields):
        request = message("WatchRequest")()
        request.create_request.key = key
        for name, content in fields.items():
            if name == "filters":
                request.create_request.filters.extend(content)
            else:
                setattr(request.create_request, name, content)
        self.requests.put(request)

    def cancel(self, number):
        request = message("WatchRequest")()
        request.cancel_request.watch_id = number
        self.requests.put(request)

    def progress(self):
        request = message("WatchRequest")()
        request.progress_request.SetInParent()
        self.requests.put(request)

    def next(self, timeout=5):
        try:
            return self.replies.get(timeout=timeout)
        except queue.Empty:
            return None

    def events(self, count, timeout=10):
        """So many events, and their watch numbers."""
        found = []
        end = time.time() + timeout
        while len(found) < count and time.time() < end:
            reply = self.next(max(0.01, end - time.time()))
            if reply is None or not hasattr(reply, "events"):
                break
            found += [(reply.watch_id, event.type, event.kv.key, event.kv.value, event.prev_kv.value) for event in reply.events]
        return found

    def close(self):
        self.requests.put(None)
        self.call.cancel()
        self.client.close()
