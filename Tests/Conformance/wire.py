"""HTTP/2 and gRPC by hand, for clients that do not keep to the rules: frames as they are sent, nothing checked."""
import socket, ssl, struct

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 2, 3, 4, 6, 7, 8, 9
END_STREAM, END_HEADERS, ACK = 1, 4, 1
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def setting(number, value):
    return struct.pack(">HI", number, value)


def literal(name, value):
    """A field that leaves no trace in the table; up to 126 bytes each."""
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


def call_head(path, content_type=b"application/grpc", service=b"/etcdserverpb."):
    return (b"\x83\x86" + literal(b":path", service + path.encode()) + literal(b":authority", b"test")
            + literal(b"content-type", content_type) + literal(b"te", b"trailers"))


def message_bytes(message):
    body = message if isinstance(message, bytes) else message.SerializeToString()
    return b"\0" + struct.pack(">I", len(body)) + body


class H2:
    """One connection. `window` 0 leaves the peer's output waiting for ever."""

    def __init__(self, port, settings=b"", timeout=20, tls=None, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = tls.wrap_socket(self.socket)
        self.input = bytearray()
        self.next_stream = 1
        self.socket.sendall(PREFACE + frame(SETTINGS, 0, 0, settings))

    def send(self, data):
        self.socket.sendall(data)

    def take_stream(self):
        self.next_stream += 2
        return self.next_stream - 2

    def call_frames(self, path, message, ends=True):
        """(stream, frames) of a call."""
        stream, body = self.take_stream(), message_bytes(message)
        parts = [body[start:start + 16384] for start in range(0, len(body), 16384)]
        last = END_STREAM if ends else 0
        return stream, frame(HEADERS, END_HEADERS, stream, call_head(path)) + b"".join(
            frame(DATA, last if n == len(parts) - 1 else 0, stream, part) for n, part in enumerate(parts))

    def read(self):
        """The next frame: kind, flags, stream, payload. EOFError at the end; settings and pings are acknowledged."""
        while True:
            while len(self.input) < 9 or len(self.input) < 9 + int.from_bytes(self.input[:3], "big"):
                try:
                    more = self.socket.recv(1 << 18)
                except (ConnectionResetError, BrokenPipeError, ssl.SSLError):
                    more = b""
                if not more:
                    raise EOFError
                self.input += more
            length = int.from_bytes(self.input[:3], "big")
            kind, flags, stream = self.input[3], self.input[4], int.from_bytes(self.input[5:9], "big")
            payload = bytes(self.input[9:9 + length])
            del self.input[:9 + length]
            if kind in (SETTINGS, PING) and not flags & ACK:
                try:
                    self.send(frame(kind, ACK, 0, payload if kind == PING else b""))
                except OSError:
                    pass
                continue
            return kind, flags, stream, payload

    def give(self, stream, count):
        """Opens both windows again after DATA."""
        if count:
            step = struct.pack(">I", count)
            self.send(frame(WINDOW_UPDATE, 0, 0, step) + (frame(WINDOW_UPDATE, 0, stream, step) if stream else b""))

    def reply(self, wanted):
        """(body, last header block) of a stream that has been opened."""
        body, fields = b"", b""
        while True:
            kind, flags, stream, payload = self.read()
            if kind == GOAWAY:
                raise ConnectionAbortedError("GOAWAY %r" % payload)
            if stream != wanted:
                self.give(0, len(payload) if kind == DATA else 0)
                continue
            if kind == DATA:
                body += payload
                self.give(0, len(payload))
                if not flags & END_STREAM:
                    self.give(stream, len(payload))
            elif kind == HEADERS:
                fields = payload
            elif kind == RST_STREAM:
                return body, b"reset %d" % struct.unpack(">I", payload)
            if kind in (DATA, HEADERS) and flags & END_STREAM:
                return body, fields

    def farewell(self, timeout=20):
        """What the peer says at the end: (code, text) of its GOAWAY, "closed", or "open" after `timeout`."""
        self.socket.settimeout(timeout)
        said = None
        try:
            while True:
                kind, _, _, payload = self.read()
                if kind == GOAWAY:
                    said = struct.unpack(">I", payload[4:8])[0], payload[8:].decode("utf-8", "replace")
        except EOFError:
            return said or "closed"
        except socket.timeout:
            return said or "open"

    def close(self):
        self.socket.close()
