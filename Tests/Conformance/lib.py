"""What every conformance script shares: servers started on loopback, a gRPC client made from our own
.proto files, and plain assertions that name what differed.

The client is gRPC's C core (Debian's python3-grpcio), so nothing of ours speaks on both ends of the wire.
Run with /usr/bin/python3.
"""
import atexit, importlib, json, os, random, shutil, signal, socket, subprocess, sys, tempfile, threading, time, urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
OURS = os.environ.get("SWIFT_ETCD", os.path.join(ROOT, "bin", "etcd"))
OURCTL = os.environ.get("SWIFT_ETCDCTL", os.path.join(ROOT, "bin", "etcdctl"))
GO = os.environ.get("GO_ETCD", "/usr/bin/etcd")
GOCTL = os.environ.get("GO_ETCDCTL", "/usr/bin/etcdctl")

_scratch = tempfile.mkdtemp(prefix="etcd-conformance-")
_running = []


@atexit.register
def _end():
    for server in list(_running):
        server.kill()
    shutil.rmtree(_scratch, ignore_errors=True)


signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
# Run in the background, a shell has these ignored, and so would every program that is to be interrupted here.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


def scratch(name):
    """A path for a fresh file or directory that goes away with the run."""
    return os.path.join(_scratch, "%s-%d" % (name, random.SystemRandom().randrange(1 << 40)))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def need(path, what):
    """Skips the whole script with a notice when a test peer is missing."""
    if not os.path.exists(path):
        print("SKIPPED: %s is missing (%s)" % (what, path))
        sys.exit(0)


def resident(pid):
    """Resident memory in MiB."""
    with open("/proc/%d/status" % pid) as f:
        return int([line for line in f if line.startswith("VmRSS")][0].split()[1]) / 1024


class Server:
    """One member on loopback; `binary` is ours or Go's."""
    address = "127.0.0.1"

    def __init__(self, binary, data=None, flags=(), name="default", wait=True, env=None):
        self.binary, self.name = binary, name
        self.data = data or scratch("data")
        self.client, self.peer = free_port(), free_port()
        self.flags = list(flags)
        self.env = env
        self.log = scratch("log")
        self.process = None
        self.start(wait)

    @property
    def url(self):
        return "http://%s" % self.endpoint

    @property
    def endpoint(self):
        return "%s:%d" % (self.address, self.client)

    def arguments(self):
        peer = "http://127.0.0.1:%d" % self.peer
        return [self.binary, "--name", self.name, "--data-dir", self.data,
                "--listen-client-urls", self.url, "--advertise-client-urls", self.url,
                "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                "--initial-cluster", "%s=%s" % (self.name, peer)] + self.flags

    def start(self, wait=True):
        out = open(self.log, "ab")
        self.process = subprocess.Popen(self.arguments(), stdout=out, stderr=out, env=self.env)
        _running.append(self)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, seconds=20):
        end = time.time() + seconds
        while time.time() < end:
            if self.process.poll() is not None:
                raise AssertionError("%s ended with %s at start:\n%s" % (self.binary, self.process.returncode, self.tail()))
            try:
                with urllib.request.urlopen(self.url + "/health", timeout=1) as reply:
                    if b"true" in reply.read():
                        return
            except OSError:
                pass
            time.sleep(0.01)
        raise AssertionError("%s is not healthy after %s s:\n%s" % (self.binary, seconds, self.tail()))

    def tail(self, lines=25):
        with open(self.log, "rb") as f:
            return b"\n".join(f.read().splitlines()[-lines:]).decode("utf-8", "replace")

    def kill(self):
        """SIGKILL, as a power cut of the process."""
        if self in _running:
            _running.remove(self)
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()

    def stop(self, seconds=20):
        """SIGTERM; answers the return code (negative: the signal)."""
        self.process.terminate()
        try:
            code = self.process.wait(seconds)
        finally:
            if self in _running and self.process.poll() is not None:
                _running.remove(self)
        return code

    def get(self, path, timeout=5):
        with urllib.request.urlopen(self.url + path, timeout=timeout) as reply:
            return reply.read().decode()


_modules = None
# Scripts ask from many threads, and the classes are made by the first.
_making_modules = threading.Lock()


def pb():
    """The generated message classes, by module: rpc, kv, raft_internal ..."""
    global _modules
    if _modules is not None:
        return _modules
    with _making_modules:
        if _modules is None:
            _modules = make_modules()
    return _modules


def make_modules():
    out = os.path.join(_scratch, "pb")
    os.makedirs(out, exist_ok=True)
    source = os.environ.get("PROTOS", os.path.join(ROOT, "Sources", "Common", "Wire", "Protos"))
    protos = sorted(os.path.relpath(os.path.join(d, f), source)
                    for d, _, files in os.walk(source) for f in files if f.endswith(".proto"))
    subprocess.check_call(["protoc", "-I", source, "--python_out", out] + protos, stderr=subprocess.DEVNULL)
    sys.path.insert(0, out)
    modules = {}
    for proto in protos:
        stem = proto[:-6]
        module = importlib.import_module(stem.replace("/", ".").replace("-", "_") + "_pb2")
        modules[os.path.basename(stem)] = module
    return modules


def message(name):
    """The class of a message by its bare name."""
    for module in pb().values():
        if hasattr(module, name):
            return getattr(module, name)
    raise KeyError(name)


class Client:
    """Typed unary calls: client.call("KV/Put", key=b"a", value=b"1")."""

    KINDS = {"Range": "Range", "Put": "Put", "DeleteRange": "DeleteRange", "Txn": "Txn", "Compact": "Compaction",
             "HashKV": "HashKV", "Hash": "Hash", "Status": "Status", "Alarm": "Alarm", "Defragment": "Defragment",
             "LeaseGrant": "LeaseGrant", "LeaseRevoke": "LeaseRevoke", "LeaseTimeToLive": "LeaseTimeToLive",
             "LeaseLeases": "LeaseLeases", "MemberList": "MemberList", "MemberAdd": "MemberAdd",
             "UserAdd": "AuthUserAdd", "UserGet": "AuthUserGet", "UserList": "AuthUserList", "UserDelete": "AuthUserDelete",
             "UserChangePassword": "AuthUserChangePassword", "UserGrantRole": "AuthUserGrantRole",
             "UserRevokeRole": "AuthUserRevokeRole", "RoleAdd": "AuthRoleAdd", "RoleGet": "AuthRoleGet",
             "RoleList": "AuthRoleList", "RoleDelete": "AuthRoleDelete",
             "RoleGrantPermission": "AuthRoleGrantPermission", "RoleRevokePermission": "AuthRoleRevokePermission"}

    def __init__(self, endpoint, credentials=None, options=()):
        import grpc
        self.grpc = grpc
        options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1),
                   ("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1)] + list(options)
        self.channel = (grpc.secure_channel(endpoint, credentials, options=options) if credentials
                        else grpc.insecure_channel(endpoint, options=options))
        self.stubs = {}

    def types(self, method):
        name = method.split("/")[1]
        base = self.KINDS.get(name, name)
        return message(base + "Request"), message(base + "Response")

    def call(self, method, request=None, timeout=10, metadata=None, wait=False, **fields):
        """The reply, or raises grpc.RpcError; `wait` for a server that is not there yet."""
        if method not in self.stubs:
            kind, reply = self.types(method)
            self.stubs[method] = kind, self.channel.unary_unary(
                "/etcdserverpb." + method, request_serializer=lambda m: m.SerializeToString(),
                response_deserializer=reply.FromString)
        kind, stub = self.stubs[method]
        return stub(request if request is not None else kind(**fields), timeout=timeout, metadata=metadata,
                    wait_for_ready=wait)

    def attempt(self, method, request=None, **fields):
        """("ok", reply) or ("error", code number, text): what a comparison needs."""
        try:
            return "ok", self.call(method, request, **fields)
        except self.grpc.RpcError as error:
            return "error", error.code().value[0], error.details()

    def stream(self, method, requests, timeout=None, metadata=None):
        """A bidirectional call; `requests` is an iterator of messages."""
        name = method.split("/")[1]
        kind, reply = message(name + "Request"), message(name + "Response")
        return self.channel.stream_stream(
            "/etcdserverpb." + method, request_serializer=lambda m: m.SerializeToString(),
            response_deserializer=reply.FromString)(requests, timeout=timeout, metadata=metadata)

    def download(self, method, request, timeout=60, metadata=None):
        """A server stream."""
        name = method.split("/")[1]
        reply = message(name + "Response")
        return self.channel.unary_stream(
            "/etcdserverpb." + method, request_serializer=lambda m: m.SerializeToString(),
            response_deserializer=reply.FromString)(request, timeout=timeout, metadata=metadata)

    def close(self):
        self.channel.close()


def plain(reply):
    """A reply as text, ids and terms blanked."""
    clone = type(reply)()
    clone.CopyFrom(reply)

    def blank(m):
        for field, inner in m.ListFields():
            if field.name == "header" and field.message_type is not None:
                revision = inner.revision
                inner.Clear()
                inner.revision = revision
            elif field.type == field.TYPE_MESSAGE:
                for child in (inner if field.label == field.LABEL_REPEATED else [inner]):
                    blank(child)
    blank(clone)
    return str(clone)


def run(arguments, timeout=30, input=None, env=None):
    """(exit code, standard output, standard error) of a command."""
    full = dict(os.environ)
    full.update(env or {})
    done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout,
                          input=input.encode() if isinstance(input, str) else input, env=full)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


class Score:
    """Counts what was shown and prints the closing line that test runners read."""

    def __init__(self, title):
        self.title, self.passed, self.failed = title, 0, 0

    def check(self, name, holds, detail=""):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print("FAILED %s: %s %s" % (self.title, name, detail), flush=True)
        return holds

    def equal(self, name, ours, theirs):
        return self.check(name, ours == theirs, "\n   ours:   %r\n   theirs: %r" % (ours, theirs))

    def run(self, parts, chosen=()):
        """Runs the functions, or those whose names were chosen, each to its end or its first exception, then closes."""
        for part in parts:
            if chosen and part.__name__ not in chosen:
                continue
            began = time.time()
            try:
                part(self)
            except Exception as error:
                self.check("%s ran to its end" % part.__name__, False, repr(error))
            print("(%s took %.0f s)" % (part.__name__, time.time() - began), flush=True)
        self.close()

    def close(self):
        print("%s: %d passed, %d failed" % (self.title, self.passed, self.failed), flush=True)
        sys.exit(1 if self.failed else 0)
