"""What gRPC itself answers: methods, frames, time-outs, metadata."""
from table import *

lane = Lane("transport")
case = lane.case
PUT, RANGE = "/etcdserverpb.KV/Put", "/etcdserverpb.KV/Range"
GRPC = (("content-type", "application/grpc"), ("te", "trailers"))
KEY = b"\x0a\x01a"  # key: "a"


def path(p, body=b""):
    def run_path(side):
        method = side.client.channel.unary_unary(p, request_serializer=lambda b: b, response_deserializer=lambda b: b)
        try:
            return "ok", len(method(body, timeout=5))
        except side.client.grpc.RpcError as error:
            return side.failure(error)
    return run_path


case("ERR-65 methods and services that are not there", [path(p) for p in ("/etcdserverpb.KV/Nothing", "/nothing.At/All", "/etcdserverpb.KV/", "/etcdserverpb.KV/put", "/x", "/", "//", "/a/b/c", "/etcdserverpb.KV/Put/", "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "/etcdserverpb.Maintenance/Downgrade", "/etcdserverpb.Auth/AuthStatus", "/%41/b")])
case("GRPC-19 health", path("/grpc.health.v1.Health/Check"), path("/grpc.health.v1.Health/Check", b"\x0a\x01x"))
case("ERR-30 bytes that are no message", [lambda side, b=b: path(PUT, b)(side)[:2] for b in (b"\xff\xff\xff", b"\x0a\x05a", b"\x00", b"\x0a", b"\x08")], [lambda side, b=b: path(RANGE, b)(side)[:2] for b in (b"\x0a\x01", b"\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", b"\x0b", b"\x0c")])
case("ERR-30 fields nobody knows, given twice, wide numbers", path(RANGE, KEY + b"\xf2\x07\x01x"), path(RANGE, KEY + b"\x0a\x01b"), path(RANGE, KEY + b"\x18\x80\x80\x80\x00"), path(PUT, KEY + b"\x12\x01v"), path(RANGE, b"\xa0\x06\x01" + KEY), path(RANGE, KEY + b"\x50\x02"))
case("GRPC-03 one message, none, half, two", raw(RANGE, frame(KEY)), raw(RANGE), raw(RANGE, b"\0\0"), raw(RANGE, frame(KEY)[:-1]), raw(RANGE, b"\0\0\0\0\x09" + KEY), raw(RANGE, frame(KEY) + frame(KEY)), raw(RANGE, frame(KEY) + b"\0"), raw(PUT, frame()))
case("GRPC-21 compression that is not spoken", raw(RANGE, frame(KEY, 1)), raw(RANGE, frame(KEY, 2)), raw(RANGE, frame(KEY, 1), headers=GRPC + (("grpc-encoding", "gzip"),)), raw(RANGE, frame(KEY), headers=GRPC + (("grpc-encoding", "gzip"),)),
     raw(RANGE, frame(KEY), headers=GRPC + (("grpc-encoding", "identity"),)), raw(RANGE, frame(KEY, 1), headers=GRPC + (("grpc-encoding", "identity"),)), raw(RANGE, frame(KEY), headers=GRPC + (("grpc-accept-encoding", "gzip,identity"),)))
WELL = {"curl": 0, "status": "200", "content-type": "application/grpc", "grpc-message": ""}
case("GRPC-03 kinds of content", [raw(RANGE, frame(KEY), headers=(("content-type", t), ("te", "trailers"))) for t in ("application/grpc+proto", "application/grpc;x=y", "application/grpc+json")], differs="`content-type` of a reply to `application/grpc+x`", ours={0: WELL, 1: WELL, 2: WELL})
case("GRPC-03 what is no gRPC on an HTTP/2 connection", raw("/nothing", method="GET", headers=(), only=("x",)), differs="HTTP/2 without TLS and without gRPC's content type", ours={0: {"curl": 0, "status": "404"}})
case("GRPC-03 calls without the header te", raw(RANGE, frame(KEY), headers=(("content-type", "application/grpc"),)))
case("ERR-31 time-outs of the client", [raw(RANGE, frame(KEY), headers=GRPC + (("grpc-timeout", t),)) for t in ("5S", "1H", "1000m", "99999999u", "99999999n", "10M", "99999999H")])
NONE = ("5", "S", "5x", "-5S", "999999999S", "1.5S", "5 S")
case("ERR-31 time-outs that are none", [raw(RANGE, frame(KEY), headers=GRPC + (("grpc-timeout", t),)) for t in NONE + ("",)], differs="a `grpc-timeout` that is none",
     ours={n: {"curl": 0, "status": "200", "content-type": "application/grpc", "grpc-status": "13", "grpc-message": "malformed time-out: " + t} for n, t in enumerate(NONE)})
case("ERR-31 a time that is over at once", [lambda side, t=t: raw(RANGE, frame(KEY), headers=GRPC + (("grpc-timeout", t),))(side).get("grpc-status") != "0" for t in ("0n", "0S", "1n")])
case("ERR-31 a stream's time-out", lambda side: [side.stream("t").side and None, timed_watch(side)])
case("GRPC-10 hasleader with a leader", get("a", metadata=(("hasleader", "true"),)), put("a", metadata=(("hasleader", "false"),)), create("a", metadata=(("hasleader", "true"),)), get("a", metadata=(("hasleader", "true"), ("hasleader", "true"))))
case("GRPC-11 versions of clients", get("a", metadata=(("client-api-version", "3.4"),)), get("a", metadata=(("client-api-version", "nonsense"),)), get("a", metadata=(("client-api-version", ""),)))
case("GRPC-15 headers", get("a"), put("a"), delete("a"), txn(), call("Lease/LeaseGrant", TTL=100, ID=3), call("Lease/LeaseTimeToLive", ID=3), call("Lease/LeaseLeases"), call("Lease/LeaseRevoke", ID=3), call("Maintenance/HashKV"), lambda side: sorted(call("Maintenance/Status")(side)["header"]), lambda side: sorted(call("Maintenance/Hash")(side)["header"]),
     call("Maintenance/Defragment"), call("Maintenance/MoveLeader", targetID=ME), call("Auth/AuthDisable"), call("Auth/UserList"), call("Auth/RoleList"))


def timed_watch(side):
    call = side.client.stream("Watch/Watch", iter(queue.Queue().get, None), timeout=0.4)
    try:
        return [r for r in call]
    except side.client.grpc.RpcError as error:
        return error.code().value[0] in (2, 4)  # client and server watch the same moment, and either may be first


# A request's head in HPACK without Huffman or tables: every field a literal.
def head(path=RANGE, method="POST", more=()):
    fields = [(":method", method), (":scheme", "http"), (":path", path), (":authority", "x"), ("content-type", "application/grpc"), ("te", "trailers")] + list(more)
    return b"".join(b"\0" + bytes([len(n)]) + n.encode() + bytes([len(v)]) + v.encode() for n, v in fields)


END, ENDED_HEAD = 1, 4
CALL = h2(HEADERS, ENDED_HEAD, 1, head())
case("GRPC-03 one call by hand", conversation(CALL, h2(DATA, END, 1, frame(KEY))), conversation(CALL, h2(DATA, 0, 1, frame(KEY)), h2(DATA, END, 1)), conversation(h2(HEADERS, 0, 1, head()[:20]), h2(CONTINUATION, ENDED_HEAD, 1, head()[20:]), h2(DATA, END, 1, frame(KEY))),
     conversation(CALL, h2(DATA, 0, 1, frame(KEY)[:3]), 0.1, h2(DATA, END, 1, frame(KEY)[3:])))


def broken(*parts, **more):
    """Whether the connection was ended, and whether a goodbye said so; codes and texts are each library's own."""
    def run_broken(side):
        said, is_closed = conversation(*parts, **more)(side)
        return is_closed, [kind[0] for kind in said if kind[0] in ("headers", "data")]
    return run_broken


case("GRPC-03 frames that end an idle connection here", broken(h2(DATA, END, 1, b"x")), broken(h2(GOAWAY, 0, 0, b"\0" * 8)), differs="data on an HTTP/2 stream that never began; a client's GOAWAY on an idle connection", ours={0: (True, []), 1: (True, [])})
case("GRPC-03 frames that are none", broken(h2(SETTINGS, 0, 1)), broken(h2(SETTINGS, 0, 0, b"12345")), broken(h2(PING, 0, 0, b"123")), broken(h2(PING, 0, 1, b"12345678")), broken(h2(WINDOW, 0, 0, b"\0\0\0\0")), broken(h2(CONTINUATION, ENDED_HEAD, 1, head())),
     broken(h2(HEADERS, ENDED_HEAD, 2, head())), broken(h2(HEADERS, ENDED_HEAD, 0, head())), broken(h2(HEADERS, 0, 1, head()) + h2(PING, 0, 0, b"12345678")), broken(h2(HEADERS, ENDED_HEAD, 1, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")), broken(h2(DATA, 0, 0, b"x")), broken(b"\xff\xff\xff\0\0\0\0\0\0" + b"x" * 100),
     broken(h2(99, 0, 0, b"unknown") + CALL + h2(DATA, END, 1, frame(KEY))))
case("GRPC-03 beginnings that are none", broken(b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n" + h2(SETTINGS), preface=False), broken(PREFACE + h2(PING, 0, 0, b"12345678"), preface=False))
case("GRPC-08 pings too close", conversation(*[part for _ in range(6) for part in (h2(PING, 0, 0, b"12345678"), 0.05)]), conversation(h2(PING, 0, 0, b"12345678"), 0.05, h2(PING, 0, 0, b"12345678")), conversation(*[CALL] + [part for _ in range(6) for part in (h2(PING, 0, 0, b"12345678"), 0.05)]))


def settings(side):
    """The SETTINGS that a client is told first."""
    with socket.create_connection(("127.0.0.1", side.server.client)) as s:
        s.settimeout(2)
        s.sendall(PREFACE + h2(SETTINGS))
        out = b""
        while len(out) < 9 or len(out) < 9 + int.from_bytes(out[:3], "big"):
            out += s.recv(4096)
    body = out[9:9 + int.from_bytes(out[:3], "big")]
    return out[3], {int.from_bytes(body[n:n + 2], "big"): int.from_bytes(body[n + 2:n + 6], "big") for n in range(0, len(body), 6)}


few = Lane("few streams", "--max-concurrent-streams", "3")
few.case("GRPC-07, CFG-72 streams at a time", lambda side: settings(side)[1].get(3), conversation(*[h2(HEADERS, ENDED_HEAD, n, head("/etcdserverpb.Watch/Watch")) for n in (1, 3, 5)]), lambda side: [kind for kind in conversation(*[h2(HEADERS, ENDED_HEAD, n, head("/etcdserverpb.Watch/Watch")) for n in (1, 3, 5, 7)])(side)[0] if kind[0] == "reset"])
