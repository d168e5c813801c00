"""How a row of the table of checks is written, and how its steps run against one server.

A case is a name that begins with the acceptance rows it shows, and steps. A step is a function of a `Side` (one server with
what the case has opened on it); what it answers is compared with what the same step answers on the other server. Revisions are
written and compared relative to the case's first moment, identifiers by what they stand for, so that cases do not depend on
one another. The data files in `checks/` hold nothing but such rows.
"""
import queue, re, subprocess, threading
from lib import *


class Twin(Server):
    """A member that advertises a peer address which is not its own, so that both of a pair have the same identifiers."""

    def arguments(self):
        words = super().arguments()
        for flag, value in (("--initial-advertise-peer-urls", "http://127.0.0.1:1"), ("--initial-cluster", "%s=http://127.0.0.1:1" % self.name)):
            words[words.index(flag) + 1] = value
        return words

    def wait_answering(self, seconds=20):
        """Until calls are answered; an alarm keeps the health page from ever being good."""
        end = time.time() + seconds
        while time.time() < end:
            try:
                client = Client(self.endpoint)
                client.call("KV/Range", key=b"a", timeout=1)
                return client
            except client.grpc.RpcError:
                client.close()
                time.sleep(0.05)
        raise AssertionError("no answer after a restart:\n" + self.tail())


class Lane:
    """Cases that share one pair of servers, started with `flags`."""
    all = []

    def __init__(self, name, *flags, env=None, serves=True):
        self.name, self.flags, self.env, self.serves, self.cases = name, flags, env, serves, []
        Lane.all.append(self)

    def side(self, binary):
        return Side(Twin(binary, flags=self.flags, env=self.env)) if self.serves else Program(binary)

    def case(self, name, *steps, differs=None, ours=None, fresh=True):
        """`differs` names the row of docs/differences.md that explains why the steps whose numbers are keys of `ours`
        answer something else here: the value given there. All other steps still have to be equal."""
        self.cases.append(Case(name, flat(steps), differs, ours or {}, fresh))


class Case:
    def __init__(self, name, steps, differs, ours, fresh):
        self.name, self.steps, self.differs, self.ours, self.fresh = name, steps, differs, ours, fresh


def flat(steps):
    out = []
    for step in steps:
        out += flat(step) if isinstance(step, (list, tuple)) else [step]
    return out


# --- Values that are known only when the case runs

class Later:
    """A value made from the side it is used on."""

    def __init__(self, make):
        self.make = make


def rev(offset=0):
    """The revision the store had when the case began, and `offset` more."""
    return Later(lambda side: side.base + offset)


def noted(name):
    """What `note` kept."""
    return Later(lambda side: side.notes[name])


ME = Later(lambda side: side.member)


def settle(value, side):
    if isinstance(value, Later):
        return value.make(side)
    if isinstance(value, dict):
        return {k: settle(v, side) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [settle(v, side) for v in value]
    return value


def build(kind, fields):
    """A message from plain values: strings are taken as bytes where the field wants bytes."""
    made = kind()
    for name, value in fields.items():
        field = kind.DESCRIPTOR.fields_by_name[name]
        if field.message_type is not None:
            inner = message(field.message_type.name)
            if field.label == field.LABEL_REPEATED:
                getattr(made, name).extend(build(inner, v) for v in value)
            else:
                getattr(made, name).CopyFrom(build(inner, value))
                getattr(made, name).SetInParent()
        elif field.label == field.LABEL_REPEATED:
            getattr(made, name).extend(value)
        elif field.type == field.TYPE_BYTES and isinstance(value, str):
            setattr(made, name, value.encode("latin-1"))
        else:
            setattr(made, name, value)
    return made


REVISIONS = {"revision", "create_revision", "mod_revision", "compact_revision", "start_revision"}
# Numbers that depend on the backend or on time and say nothing about behaviour; checked for being there.
LOOSE = {"raft_term", "raftTerm", "raftIndex", "raftAppliedIndex", "dbSize", "dbSizeInUse", "remaining_bytes", "version"}


class Side:
    """One server of a pair and what a case has opened on it."""

    def __init__(self, server):
        self.server = server
        self.client = Client(server.endpoint)
        self.stubs, self.streams, self.notes, self.base = {}, {}, {}, 0
        header = self.client.call("Maintenance/Status").header
        self.member, self.cluster = header.member_id, header.cluster_id

    def begin(self, fresh):
        """An empty store; the case counts its revisions from here."""
        if fresh:
            self.notes = {}
            for lease in self.client.call("Lease/LeaseLeases").leases:
                self.client.attempt("Lease/LeaseRevoke", ID=lease.ID)
            self.client.call("KV/DeleteRange", key=b"\0", range_end=b"\0")
        root = self.notes.get("token of root")
        for metadata in (None, root and (("token", root),)):
            try:
                self.base = self.client.call("KV/Range", key=b"\0", serializable=True, metadata=metadata).header.revision
                return
            except self.client.grpc.RpcError:
                pass  # authentication is on: who else may ask; else the case counts from where the last one did

    def end(self):
        for stream in self.streams.values():
            stream.close()
        self.streams = {}

    # What a reply says, without what two servers never share.
    def plain(self, reply):
        out = {}
        for field, value in reply.ListFields():
            if field.label == field.LABEL_REPEATED:
                out[field.name] = [self.one(field, v) for v in value]
            else:
                out[field.name] = self.one(field, value)
        if "alarms" in out:  # a map in Go
            out["alarms"].sort(key=str)
        if "keys" in out:
            out["keys"].sort()
        if "grantedTTL" in out and 0 <= out["grantedTTL"] - out.get("TTL", 0) <= 2:
            out["TTL"] = "nearly all"
        return out

    def one(self, field, value):
        if field.message_type is not None:
            return self.plain(value)
        if field.name in REVISIONS and value > 0:
            return "r%+d" % (value - self.base)
        if field.name == "token" and value:
            return "a token"
        if field.name in LOOSE and value and (field.name != "version" or isinstance(value, str)):
            return "some"
        if field.type == field.TYPE_BYTES:
            return value.decode("latin-1") if len(value) < 100 else "%d bytes" % len(value)
        if value in (self.member, self.cluster) and not isinstance(value, bool):
            return "this member" if value == self.member else "this cluster"
        if field.name == "ID" and value > 1 << 40:
            return "chosen"
        if isinstance(value, str):
            value = value.replace(":%d" % self.server.client, ":PORT") if isinstance(self.server, Server) else value
            return value.replace("%x" % self.member, "MEMBER").replace(str(self.member), "MEMBER")
        return value

    def failure(self, error):
        text = (error.details() or "").replace("%x" % self.member, "MEMBER").replace(str(self.member), "MEMBER")
        return "error", error.code().value[0], text

    def ask(self, method, fields, metadata=None, timeout=10):
        """A unary call from plain fields: the reply in words, or the error."""
        service, name = method.split("/")
        if method not in self.stubs:
            base = Client.KINDS.get(name, name)
            if service == "Auth" and not base.startswith("Auth"):
                base = "Auth" + base
            reply = message(base + "Response")
            self.stubs[method] = message(base + "Request"), self.client.channel.unary_unary(
                "/etcdserverpb." + method, request_serializer=lambda m: m.SerializeToString(),
                response_deserializer=reply.FromString)
        kind, stub = self.stubs[method]
        try:
            reply = stub(build(kind, settle(fields, self)), timeout=timeout, metadata=self.metadata(metadata))
        except self.client.grpc.RpcError as error:
            return self.failure(error)
        self.last = reply
        return self.plain(reply)

    def metadata(self, pairs):
        return pairs and tuple((name, settle(value, self)) for name, value in pairs)

    def stream(self, name="w", method="Watch/Watch", metadata=None):
        if name not in self.streams:
            self.streams[name] = Stream(self, method, metadata)
        return self.streams[name]


class Program:
    """The side of a lane whose steps start the program themselves."""

    def __init__(self, binary):
        self.server = self
        self.binary = binary

    def begin(self, fresh):
        pass

    def end(self):
        pass

    def kill(self):
        pass


def again(side):
    """Ends the server by force and starts it on the same data."""
    side.server.kill()
    side.server.start(wait=False)
    side.client.close()
    side.client, side.stubs, side.streams = side.server.wait_answering(), {}, {}


class Stream:
    """A bidirectional call: requests are given one by one, replies are collected by a thread."""

    def __init__(self, side, method, metadata):
        self.side = side
        name = method.split("/")[1]
        self.kind, reply = message(name + "Request"), message(name + "Response")
        self.requests, self.replies = queue.Queue(), queue.Queue()
        self.call = side.client.channel.stream_stream(
            "/etcdserverpb." + method, request_serializer=lambda m: m if isinstance(m, bytes) else m.SerializeToString(),
            response_deserializer=reply.FromString)(iter(self.requests.get, None), metadata=side.metadata(metadata))
        threading.Thread(target=self.collect, daemon=True).start()

    def collect(self):
        try:
            for reply in self.call:
                self.replies.put(reply)
            self.replies.put("the end")
        except self.side.client.grpc.RpcError as error:
            self.replies.put(error)

    def send(self, fields):
        self.requests.put(fields if isinstance(fields, bytes) else build(self.kind, settle(fields, self.side)))

    def next(self, seconds):
        try:
            reply = self.replies.get(timeout=seconds)
        except queue.Empty:
            return "nothing came"
        if isinstance(reply, str):
            return reply
        return self.side.failure(reply) if isinstance(reply, Exception) else self.side.plain(reply)

    def close(self):
        self.requests.put(None)
        self.call.cancel()


def header(offset, **more):
    """A reply's header at the case's revision and `offset` more, with what follows it: for `ours`."""
    return dict({"header": {"cluster_id": "this cluster", "member_id": "this member", "revision": "r%+d" % offset, "raft_term": "some"}}, **more)


# --- Steps: unary calls

def call(method, metadata=None, timeout=10, **fields):
    return lambda side: side.ask(method, fields, metadata, timeout)


def get(key, end="", **more):
    return call("KV/Range", key=key, range_end=end, **more)


def put(key, value="", **more):
    return call("KV/Put", key=key, value=value, **more)


def delete(key, end="", **more):
    return call("KV/DeleteRange", key=key, range_end=end, **more)


def compact(revision, **more):
    return call("KV/Compact", revision=revision, **more)


def txn(compare=(), then=(), otherwise=()):
    return call("KV/Txn", compare=list(compare), success=list(then), failure=list(otherwise))


def everything():
    """All keys with all they carry: what a case has left behind."""
    return get("\0", "\0")


def silently(*steps):
    """Steps whose answers are not compared."""
    steps = flat(steps)

    def run_all(side):
        for step in steps:
            step(side)
    return run_all


def fill(prefix, count):
    return silently([put("%s%d" % (prefix, i), "v%d" % i) for i in range(count)])


def note(name, step, pick):
    """Runs `step` and keeps what `pick` takes from its reply."""
    def run_noting(side):
        answer = step(side)
        side.notes[name] = pick(side.last)
        return answer
    return run_noting


def unasked(step):
    """A step that ends Go's member: it is asked of ours alone."""
    return lambda side: "not asked" if side.server.binary == GO else step(side)


def wait(seconds):
    return lambda side: time.sleep(seconds)


class op:
    """Operations and comparisons of transactions."""
    get = staticmethod(lambda key, end="", **more: {"request_range": dict(key=key, range_end=end, **more)})
    put = staticmethod(lambda key, value="", **more: {"request_put": dict(key=key, value=value, **more)})
    delete = staticmethod(lambda key, end="", **more: {"request_delete_range": dict(key=key, range_end=end, **more)})
    txn = staticmethod(lambda compare=(), then=(), otherwise=(): {
        "request_txn": dict(compare=list(compare), success=list(then), failure=list(otherwise))})
    nothing = {}


VERSION, CREATE, MOD, VALUE, LEASE = range(5)
EQUAL, GREATER, LESS, NOT_EQUAL = range(4)


def compare(key, target, result, value, end=""):
    field = ("version", "create_revision", "mod_revision", "value", "lease")[target]
    return dict({"key": key, "target": target, "result": result, field: value}, **({"range_end": end} if end else {}))


# --- Steps: streams

def create(key, end="", on="w", metadata=None, **more):
    """Asks for a watcher and answers the first reply."""
    def run_create(side):
        stream = side.stream(on, metadata=metadata)
        stream.send({"create_request": dict(key=key, range_end=end, **more)})
        return stream.next(5)
    return run_create


def send(fields, on="w", method="Watch/Watch"):
    return lambda side: side.stream(on, method).send(fields)


def cancel(watch_id, on="w"):
    return send({"cancel_request": {"watch_id": watch_id}}, on)


def progress(on="w"):
    return send({"progress_request": {}}, on)


def take(count=1, on="w", seconds=6):
    return [lambda side: side.stream(on).next(seconds) for _ in range(count)]


def take_sorted(count, on="w"):
    """Replies whose order is nobody's promise."""
    return lambda side: sorted(repr(side.stream(on).next(6)) for _ in range(count))


def quiet(on="w", seconds=0.25):
    return lambda side: side.stream(on).next(seconds)


def keep_alive(*leases):
    """One stream: a request and its reply, in turn."""
    def run_keep(side):
        stream, out = side.stream("keep", "Lease/LeaseKeepAlive"), []
        for lease in leases:
            stream.send({"ID": lease})
            out.append(stream.next(6))
        return out
    return run_keep


# --- Steps: bytes on the wire

def frame(payload=b"", flag=0):
    """A gRPC message frame."""
    return bytes([flag]) + len(payload).to_bytes(4, "big") + payload


def raw(path, body=b"", method="POST", headers=(("content-type", "application/grpc"), ("te", "trailers")), only=None):
    """An HTTP/2 request made by curl: status, the headers of gRPC and the body's length."""
    def run_raw(side):
        words = ["curl", "-s", "-i", "--http2-prior-knowledge", "--max-time", "5", "-X", method, side.server.url + path]
        for name, value in headers:
            words += ["-H", "%s: %s" % (name, value)]
        if method != "GET":
            words += ["--data-binary", "@-"]
        for _ in range(25):  # a server that answers before the body has come resets the stream, and curl may see that first
            done = subprocess.run(words, input=body, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            text = done.stdout.decode("latin-1")
            if done.returncode != 92 or text:
                break
        out = {"curl": done.returncode}
        status = re.match(r"HTTP/2 (\d+)", text)
        out["status"] = status.group(1) if status else None
        for name in only or ("content-type", "grpc-status", "grpc-message", "grpc-encoding"):
            found = re.search(r"(?im)^%s: ?(.*?)\r?$" % name, text)
            if found:
                out[name] = found.group(1)
        return out
    return run_raw


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def h2(kind, flags=0, stream=0, payload=b""):
    """A frame of HTTP/2."""
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


DATA, HEADERS, PRIORITY, RESET, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)


def conversation(*parts, seconds=1.5, preface=True):
    """Bytes on a bare connection (numbers are pauses), and what comes back: goodbyes with their code, resets, the end."""
    def run_conversation(side):
        out, kinds = b"", ["data", "headers", "priority", "reset", "settings", "push", "ping", "goodbye", "window", "continuation"]
        with socket.create_connection(("127.0.0.1", side.server.client)) as s:
            s.settimeout(seconds)
            is_closed = False
            try:
                s.sendall((PREFACE + h2(SETTINGS)) if preface else b"")
                for part in parts:
                    if isinstance(part, bytes):
                        s.sendall(part)
                    else:
                        time.sleep(part)
                while True:
                    more = s.recv(65536)
                    if not more:
                        is_closed = True
                        break
                    out += more
            except socket.timeout:
                pass
            except OSError:
                is_closed = True
        said = []
        while len(out) >= 9:
            size, kind = int.from_bytes(out[:3], "big"), out[3]
            body, stream = out[9:9 + size], int.from_bytes(out[5:9], "big")
            out = out[9 + size:]
            if kind == GOAWAY:
                said.append(("goodbye", int.from_bytes(body[4:8], "big"), body[8:].decode("latin-1") if body[8:] == b"too_many_pings" else ""))
            elif kind == RESET:
                said.append(("reset", stream, int.from_bytes(body, "big")))
            elif kind in (HEADERS, DATA):
                said.append((kinds[kind], stream))
        return said, is_closed
    return run_conversation


# --- Steps: a program that is started

def clean_line(line):
    """A line of log or of standard error without time and ports."""
    line = re.sub(r"^\d{4}[-/]\d\d[-/]\d\d \d\d:\d\d:\d\d(\.\d+)? ", "", line)
    return re.sub(r"(127\.0\.0\.1|localhost|0\.0\.0\.0):\d{4,5}", r"\1:PORT", line)


_pair_lock, _pair = threading.Lock(), []


def pair():
    """A certificate and its key, made once."""
    with _pair_lock:
        if not _pair:
            _pair.extend((scratch("cert"), scratch("key")))
            subprocess.check_call(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=x",
                                   "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", _pair[1], "-out", _pair[0]], stderr=subprocess.DEVNULL)
    return _pair


READY = ("ready to serve client requests", "serving insecure client requests", "serving client traffic")


def started(*words, env=None, file=None, keep=None, until=(), seconds=10, files=None, before=None):
    """Runs the side's program; answers its exit code and its last line, or what `keep` takes from its output and directory.

    In words, variables and files PORT1.. stand for free ports, CWD for the working directory, CERT and KEY for a pair. A program that says one
    of `until` has started: it is ended then, and its code is that of the signal."""
    def run_started(side):
        place = scratch("cwd")
        os.makedirs(place)
        ports = {"PORT%d" % n: str(free_port()) for n in range(1, 5)}

        def fill_in(text):
            for name, port in ports.items():
                text = text.replace(name, port)
            if "CERT" in text or "KEY" in text:
                text = text.replace("CERT", pair()[0]).replace("KEY", pair()[1])
            return text.replace("CWD", place)
        full = {k: v for k, v in os.environ.items() if not k.startswith("ETCD")}
        full.update({k: fill_in(v) for k, v in (env or {}).items()})
        arguments = [fill_in(w) for w in words]
        for name, text in dict(files or {}, **({"etcd.yml": file} if file is not None else {})).items():
            os.makedirs(os.path.dirname(os.path.join(place, name)), exist_ok=True)
            with open(os.path.join(place, name), "w") as f:
                f.write(fill_in(text))
        if file is not None:
            arguments = ["--config-file", os.path.join(place, "etcd.yml")] + arguments
        out = os.path.join(place, "out")
        with open(out, "wb") as sink:
            process = subprocess.Popen([side.server.binary] + arguments, stdout=sink, stderr=subprocess.STDOUT, env=full, cwd=place, preexec_fn=before)
        end = time.time() + seconds
        while process.poll() is None and time.time() < end:
            said = open(out, "rb").read().decode("utf-8", "replace")
            if any(part in said for part in until):
                break
            time.sleep(0.01)
        facts = keep and keep(open(out, "rb").read().decode("utf-8", "replace").replace(place, "CWD"), place, ports)
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(8)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        text = open(out, "rb").read().decode("utf-8", "replace").replace(place, "CWD")
        if _pair:
            text = text.replace(_pair[0], "CERT").replace(_pair[1], "KEY")
        lines = [clean_line(line) for line in text.splitlines() if line.strip()]
        return process.returncode, facts if keep else lines[-1:]
    return run_started


def says(*parts):
    """For `keep`: which of the parts the output holds."""
    return lambda text, place, ports: [part in text for part in parts]


def lines_with(*parts):
    """For `keep`: the lines that hold one of the parts."""
    return lambda text, place, ports: [clean_line(line) for line in text.splitlines() if any(part in line for part in parts)]
