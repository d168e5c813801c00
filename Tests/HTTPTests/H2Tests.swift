import Base
import Testing

@testable import HTTP

/// Writes down what becomes of calls.
final class Caller: CallHandler {
  var events: [String] = []
  var body = Bytes()
  var consumes = true
  func callBegan(_ call: Call) { events.append("began \(call.status)") }
  func callBody(_ call: Call, _ bytes: UnsafeRawBufferPointer) {
    body.append(contentsOf: bytes)
    if consumes { call.consumed(bytes.count) }
  }
  func callEnded(_ call: Call) { events.append("ended") }
  func callFailed(_ call: Call, _ failure: CallFailure) { events.append("failed \(failure)") }
  func callDrained(_ call: Call) { events.append("drained") }
}

/// A server and a client of ours, joined in memory.
final class Pair {
  let recorder = Recorder()
  let context: ServerContext
  let server: ServerConnection
  let client: ClientConnection
  let caller = Caller()
  var now = start
  /// Bytes moved in one piece; small values cut frames everywhere.
  var piece = Int.max

  init(_ version: ClientConnection.Version = .http2, configure: (ServerContext) -> Void = { _ in }) {
    context = ServerContext(handler: recorder)
    configure(context)
    server = ServerConnection(context, now: start)
    client = ClientConnection(version, now: start)
  }

  /// Moves bytes until both sides are quiet.
  func run() {
    var isQuiet = false
    while !isQuiet {
      isQuiet = true
      while client.flush() {
        isQuiet = false
        move(client.output) { server.receive($0, at: now) }
      }
      while server.flush() {
        isQuiet = false
        move(server.output) { client.receive($0, at: now) }
      }
    }
  }

  private func move(_ output: OutputBuffer, _ receive: (UnsafeRawBufferPointer) -> Void) {
    let bytes = Bytes(output.unsent)
    output.removeAll()
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = Bytes(rest.prefix(piece))
      rest = rest.dropFirst(part.count)
      part.withUnsafeBytes(receive)
    }
  }

  func open(_ request: Request) throws -> Call { try #require(client.open(request, caller)) }
}

func frame(_ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: Bytes = []) -> Bytes {
  let n = payload.count
  return [UInt8(n >> 16), UInt8(n >> 8 & 255), UInt8(n & 255), type, flags]
    + withUnsafeBytes(of: stream.bigEndian) { Bytes($0) } + payload
}
let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".bytes
/// `:method GET`, `:scheme http`, `:path /`, `:authority h`, all from HPACK's static table or literal.
let getFields: Bytes = [0x82, 0x86, 0x84, 0x41, 0x01, 0x68]

/// Splits output into frames: type, flags, stream, payload.
func frames(_ bytes: Bytes) -> [(type: UInt8, flags: UInt8, stream: UInt32, payload: Bytes)] {
  var found: [(type: UInt8, flags: UInt8, stream: UInt32, payload: Bytes)] = []
  var rest = bytes[...]
  while rest.count >= 9 {
    let b = Bytes(rest.prefix(9))
    let count = Int(b[0]) << 16 | Int(b[1]) << 8 | Int(b[2])
    let stream = UInt32(b[5]) << 24 | UInt32(b[6]) << 16 | UInt32(b[7]) << 8 | UInt32(b[8])
    found.append((b[3], b[4], stream, Bytes(rest.dropFirst(9).prefix(count))))
    rest = rest.dropFirst(9 + count)
  }
  return found
}

extension Bench {
  func feed(_ bytes: Bytes, at now: Instant = start) -> Bytes {
    bytes.withUnsafeBytes { connection.receive($0, at: now) }
    var out = Bytes()
    while connection.flush() {
      out += Bytes(connection.output.unsent)
      connection.output.removeAll()
    }
    return out
  }
}

@Suite struct H2Tests {
  @Test func `The preface is recognised wherever it is cut, and a lookalike is HTTP 1`() {
    let input = preface + frame(4, 0, 0) + frame(1, 5, 1, getFields)
    for cut in 0..<input.count {
      let bench = Bench()
      let first = cut == 0 ? [] : bench.feed(Bytes(input[..<cut]))
      if cut < 24 { #expect(first == []) }
      let out = frames(first + bench.feed(Bytes(input[cut...])))
      #expect(bench.recorder.events == ["began GET /", "ended"])
      #expect(out.first?.type == 4)
      #expect(out.contains { $0.type == 0 && $0.payload == "ok".bytes && $0.flags == 1 })
    }
    let bench = Bench()
    #expect(bench.answer(to: "PRI * HTTP/1.1\r\nHost: h\r\n\r\n").hasPrefix("HTTP/1.1 200 OK"))
  }

  @Test func `The first frame holds our settings`() {
    let settings = frames(Bench(.http2).feed([])) + frames(Bench(.http2).feed(preface + frame(4, 0, 0)))
    let payload = settings.first { $0.type == 4 && $0.flags == 0 }?.payload ?? []
    // INITIAL_WINDOW_SIZE 262144, MAX_HEADER_LIST_SIZE 65536, MAX_CONCURRENT_STREAMS 100000.
    #expect(hex(payload) == "000400040000" + "000600010000" + "0003000186a0")
  }

  @Test(arguments: [1, 7, 100_000]) func `A unary gRPC call goes through, in pieces of any size`(piece: Int)
    throws
  {
    let pair = Pair()
    pair.piece = piece
    pair.recorder.answer = { exchange in
      #expect(exchange.isGRPC && exchange.isHTTP2)
      #expect(exchange.headers["grpc-timeout"] == "5000000u")
      #expect(String(utf8: exchange.authority) == "h:2379")
      exchange.replyUnary("reply".bytes)
    }
    let call = try pair.open(
      .grpc("/etcdserverpb.KV/Range", authority: "h:2379", timeout: .seconds(5), metadata: ["token": "abc"]))
    call.sendMessage("hello".bytes)
    call.finish()
    pair.run()
    #expect(pair.caller.events == ["began 200", "ended"])
    #expect(pair.caller.body == [0, 0, 0, 0, 5] + "reply".bytes)
    #expect(call.trailers["grpc-status"] == "0" && call.trailers["grpc-message"] == "")
    #expect(call.grpcStatus == GRPC.Fault(code: 0, message: ""))
    #expect(pair.recorder.events == ["began POST /etcdserverpb.KV/Range", "body \0\0\0\0\u{5}hello", "ended"])
    #expect(pair.server.activeCount == 0 && pair.client.activeCount == 0)
  }

  @Test func `An error is trailers only, its text encoded`() throws {
    let pair = Pair()
    pair.recorder.began = { $0.replyError(8, "zu groß: 50%\n") }
    let call = try pair.open(.grpc("/s/m", authority: "h"))
    pair.run()
    #expect(pair.caller.events == ["began 200", "ended"])
    #expect(call.headers["grpc-message"] == "zu gro%C3%9F: 50%25%0A")
    #expect(call.grpcStatus == GRPC.Fault(code: 8, message: "zu groß: 50%\n"))
  }

  @Test func `Messages stream both ways at once`() throws {
    let pair = Pair()
    pair.recorder.began = { $0.startGRPC() }
    pair.recorder.answer = { $0.finishGRPC() }
    let call = try pair.open(.grpc("/s/m", authority: "h"))
    for round in 1...3 {
      call.sendMessage([UInt8(round)])
      pair.run()
      pair.recorder.exchanges[0].sendMessage([UInt8(10 * round)])
      pair.run()
    }
    call.finish()
    pair.run()
    #expect(pair.caller.body == [0, 0, 0, 0, 1, 10, 0, 0, 0, 0, 1, 20, 0, 0, 0, 0, 1, 30])
    #expect(pair.caller.events == ["began 200", "ended"])
  }

  @Test func `A large body passes the windows, and a handler that does not consume stops only itself`() throws {
    let pair = Pair()
    pair.recorder.consumes = false
    let slow = try pair.open(Request("POST", "/slow", authority: "h", body: .streamed))
    slow.send(Bytes(repeating: 0x61, count: 600_000))
    slow.finish()
    pair.run()
    let stuck = pair.recorder.events.last?.utf8.count ?? 0
    #expect(stuck == Int(Limits.streamWindowBytes) + 5)
    let other = try pair.open(Request("POST", "/other", authority: "h", body: .bytes("x".bytes)))
    pair.run()
    #expect(other.status == 200)
    pair.recorder.consumes = true
    pair.recorder.exchanges[0].consumed(Int(Limits.streamWindowBytes))
    pair.run()
    #expect(slow.status == 200)
  }

  @Test func `A reply nobody takes stops its producer, then lets it go on`() throws {
    let pair = Pair()
    pair.caller.consumes = false
    pair.recorder.answer = { exchange in
      exchange.sendHeaders(200)
      var sent = 0
      while exchange.canSend {
        exchange.send(Bytes(repeating: 1, count: 10_000))
        sent += 10_000
      }
      #expect(sent < 300_000)
    }
    let call = try pair.open(Request("GET", "/", authority: "h"))
    pair.run()
    // The client's window took most of it: there is room again, and the producer is told.
    #expect(pair.recorder.events.last == "drained")
    let exchange = pair.recorder.exchanges[0]
    while exchange.canSend { exchange.send(Bytes(repeating: 2, count: 10_000)) }
    pair.run()
    #expect(pair.recorder.events.filter { $0 == "drained" }.count == 1)
    #expect(pair.caller.body.count == Int(Limits.streamWindowBytes))
    call.consumed(Int(Limits.streamWindowBytes))
    pair.caller.consumes = true
    pair.run()
    #expect(pair.recorder.events.filter { $0 == "drained" }.count == 2)
    exchange.finish()
    pair.run()
    #expect(pair.caller.events == ["began 200", "ended"])
  }

  @Test func `A call that is given up cancels its exchange, and the other way round`() throws {
    let pair = Pair()
    pair.recorder.answer = { _ in }
    let call = try pair.open(Request("GET", "/", authority: "h"))
    pair.run()
    call.cancel()
    pair.run()
    #expect(pair.caller.events == ["failed cancelled"])
    #expect(pair.recorder.events == ["began GET /", "ended", "cancelled"])
    pair.recorder.exchanges[0].respond(200)
    _ = try pair.open(Request("GET", "/2", authority: "h"))
    pair.run()
    pair.recorder.exchanges[1].reset(.internalError)
    pair.run()
    #expect(pair.caller.events.last == "failed reset(INTERNAL_ERROR)")
    #expect(pair.recorder.events.last == "ended")
  }

  @Test func `A lost connection ends everything on both sides`() throws {
    let pair = Pair()
    pair.recorder.answer = { _ in }
    for path in ["/1", "/2"] { _ = try pair.open(Request("GET", path, authority: "h")) }
    pair.run()
    pair.server.connectionLost()
    pair.client.connectionLost()
    #expect(pair.recorder.events.suffix(2) == ["cancelled", "cancelled"])
    #expect(pair.caller.events == ["failed connectionLost", "failed connectionLost"])
    #expect(pair.client.open(Request("GET", "/", authority: "h"), pair.caller) == nil)
  }

  @Test func `A drained server answers what is open and takes no more`() throws {
    let pair = Pair()
    pair.recorder.answer = { _ in }
    let call = try pair.open(Request("GET", "/", authority: "h"))
    pair.run()
    pair.server.drain()
    pair.run()
    #expect(pair.client.farewell?.code == .noError)
    #expect(!pair.client.isAvailable && !pair.server.wantsClose)
    pair.recorder.exchanges[0].respond(200)
    pair.run()
    #expect(call.status == 200 && pair.caller.events.last == "ended")
    #expect(pair.server.wantsClose && pair.client.wantsClose)
  }

  @Test func `Calls over the stream limit wait their turn`() throws {
    let pair = Pair { $0.maxConcurrentStreams = 2 }
    pair.recorder.answer = { _ in }
    pair.run()
    for path in ["/1", "/2", "/3"] { _ = try pair.open(Request("GET", path, authority: "h")) }
    pair.run()
    #expect(pair.recorder.exchanges.count == 2)
    pair.recorder.exchanges[0].respond(200)
    pair.run()
    #expect(pair.recorder.exchanges.count == 3)
  }

  @Test func `HEAD, 204 and an early answer over HTTP 2`() throws {
    let pair = Pair()
    let head = try pair.open(Request("HEAD", "/", authority: "h"))
    pair.run()
    #expect(head.headers["content-length"] == "2" && pair.caller.body.isEmpty)
    pair.recorder.began = { $0.respond(413) }
    let early = try pair.open(Request("POST", "/", authority: "h", body: .streamed))
    early.send("abc".bytes)
    pair.run()
    #expect(early.status == 413 && pair.caller.events.last == "ended")
    #expect(pair.server.activeCount == 0 && pair.client.activeCount == 0)
  }

  @Test func `Too many pings are sent away in grpc's words`() {
    let bench = Bench(.http2)
    _ = bench.feed(preface + frame(4, 0, 0))
    var out = Bytes()
    // Without streams the first may come at any time; of the next, two are forgiven and the third is not.
    for second in 0..<4 {
      out += bench.feed(frame(6, 0, 0, Bytes(repeating: 0, count: 8)), at: start + .seconds(Int64(second)))
    }
    let goAway = frames(out).first { $0.type == 7 }
    #expect(goAway?.payload.suffix(18) == ([0, 0, 0, 11] + "too_many_pings".bytes)[...])
    #expect(bench.connection.wantsClose)
    #expect(frames(out).filter { $0.type == 6 && $0.flags == 1 }.count >= 3)
  }

  @Test func `Pings in order are answered for ever`() {
    var policy = PingPolicy(minTime: .seconds(5))
    func ping(_ second: Int64) -> Bool { policy.accepts(at: start + .seconds(second), hasStreams: true) }
    #expect((0..<100).allSatisfy { ping($0 * 5) })
    #expect(ping(496) && ping(497))
    policy.forgive()
    #expect(ping(498) && ping(498) && ping(498))
    #expect(!ping(498))
  }

  @Test func `A silent client is pinged, and left when it stays silent`() {
    let pair = Pair { $0.keepalive = Keepalive(interval: .seconds(100), timeout: .seconds(20)) }
    pair.run()
    #expect(pair.server.nextDeadline == start + .seconds(100))
    pair.server.tick(at: start + .seconds(100))
    #expect(pair.server.flush())
    pair.server.tick(at: start + .seconds(119))
    #expect(!pair.server.wantsClose)
    pair.server.tick(at: start + .seconds(120))
    #expect(pair.server.wantsClose)
  }

  @Test(arguments: [
    ("empty data", frame(1, 4, 1, getFields) + frame(0, 0, 1)),
    ("settings", frame(4, 0, 0)), ("priority", frame(2, 0, 1, [0, 0, 0, 0, 16])),
  ])
  func `A flood of frames that do nothing is cut off`(name: String, sample: Bytes) {
    let bench = Bench(.http2)
    _ = bench.feed(preface + frame(4, 0, 0))
    let repeated = name == "empty data" ? frame(0, 0, 1) : sample
    _ = bench.feed(sample)
    var rounds = 0
    while !bench.connection.wantsClose, rounds < 10_000 {
      _ = bench.feed(repeated)
      rounds += 1
    }
    #expect(rounds < Limits.idleFrameBurst + 10)
  }

  @Test func `A server may ping its client as often as it answers`() throws {
    let pair = Pair()
    pair.recorder.answer = { _ in }
    _ = try #require(pair.client.open(Request("GET", "/", authority: "h"), pair.caller))
    pair.run()
    for _ in 0..<(2 * Limits.idleFrameBurst) {
      frame(6, 0, 0, [2, 4, 16, 16, 9, 14, 7, 7]).withUnsafeBytes { pair.client.receive($0, at: start) }
      while pair.client.flush() { pair.client.output.removeAll() }
    }
    #expect(!pair.client.wantsClose && pair.client.isAvailable)
  }

  @Test func `Rapid resets are cut off`() {
    let bench = Bench(.http2)
    bench.recorder.answer = { _ in }
    _ = bench.feed(preface + frame(4, 0, 0))
    var id: UInt32 = 1
    while !bench.connection.wantsClose, id < 40_000 {
      _ = bench.feed(frame(1, 5, id, getFields) + frame(3, 0, id, [0, 0, 0, 8]))
      id += 2
    }
    #expect(id < 10_000)
    #expect(bench.connection.activeCount == 0 || bench.connection.wantsClose)
  }

  @Test func `Endless CONTINUATION is cut off`() {
    let bench = Bench(.http2)
    _ = bench.feed(preface + frame(4, 0, 0) + frame(1, 1, 1, getFields))
    for _ in 0..<20 { _ = bench.feed(frame(9, 0, 1, [0x00, 1, 0x61, 1, 0x62])) }
    #expect(bench.connection.wantsClose)
    #expect(bench.recorder.events == [])
  }

  @Test func `A header list over the limit gets 431 and no handler`() throws {
    let pair = Pair()
    var headers = HeaderList()
    for index in 0..<70 { headers.add("x-\(index)", String(repeating: "v", count: 1000)) }
    let call = try pair.open(Request("GET", "/", authority: "h", headers: headers))
    pair.run()
    #expect(call.status == 431 || pair.caller.events.last?.hasPrefix("failed") == true)
    #expect(pair.recorder.events == [])
  }

  @Test func `Garbage after the preface ends the connection with GOAWAY`() {
    let bench = Bench(.http2)
    let out = bench.feed(preface + Bytes(repeating: 0xFF, count: 100))
    #expect(frames(out).contains { $0.type == 7 })
    #expect(bench.connection.wantsClose)
  }

  @Test func `A finished exchange's object serves the next request, unless it is still held`() throws {
    let pair = Pair()
    pair.recorder.began = { _ in }
    _ = try pair.open(Request("GET", "/1", authority: "h"))
    pair.run()
    let held = pair.recorder.exchanges[0]
    _ = try pair.open(Request("GET", "/2", authority: "h"))
    pair.run()
    #expect(pair.recorder.exchanges[1] !== held)
    let second = ObjectIdentifier(pair.recorder.exchanges[1])
    pair.recorder.exchanges.removeLast()
    _ = try pair.open(Request("GET", "/3", authority: "h"))
    pair.run()
    #expect(ObjectIdentifier(pair.recorder.exchanges[1]) == second)
    #expect(pair.recorder.exchanges[1].path == "/3")
  }
}

@Suite struct HTTP1ClientTests {
  @Test(arguments: [1, 3, 100_000]) func `Calls follow each other on one connection`(piece: Int) throws {
    let pair = Pair(.http1)
    pair.piece = piece
    pair.recorder.answer = { exchange in
      exchange.sendHeaders(200)
      exchange.send("abc".bytes)
      exchange.finish(trailers: ["t": "1"])
    }
    let first = try pair.open(Request("POST", "/1", authority: "h", body: .streamed))
    #expect(!pair.client.isAvailable)
    first.send("hello".bytes)
    first.finish()
    pair.run()
    #expect(pair.caller.events == ["began 200", "ended"] && pair.caller.body == "abc".bytes)
    #expect(first.trailers["t"] == "1")
    #expect(pair.recorder.events == ["began POST /1", "body hello", "ended"])
    let second = try pair.open(Request("GET", "/2", authority: "h"))
    pair.run()
    #expect(second.status == 200 && pair.client.isAvailable)
  }

  @Test func `A body that ends with the connection is complete then; a counted one is not`() throws {
    for (head, event) in [
      ("HTTP/1.0 200 OK\r\n\r\nabc", "ended"),
      ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "failed connectionLost"),
    ] {
      let pair = Pair(.http1)
      _ = try pair.open(Request("GET", "/", authority: "h"))
      head.bytes.withUnsafeBytes { pair.client.receive($0, at: start) }
      pair.client.connectionLost()
      #expect(pair.caller.events == ["began 200", event])
      #expect(pair.caller.body == "abc".bytes)
    }
  }

  @Test func `Interim replies are skipped, nonsense is refused`() throws {
    let pair = Pair(.http1)
    let call = try pair.open(Request("GET", "/", authority: "h"))
    "HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.1 204 No Content\r\nX: y\r\n\r\n".bytes.withUnsafeBytes {
      pair.client.receive($0, at: start)
    }
    #expect(call.status == 204 && call.headers["x"] == "y" && !call.headers.contains("a"))
    _ = try pair.open(Request("GET", "/", authority: "h"))
    "SSH-2.0-OpenSSH\r\n\r\n".bytes.withUnsafeBytes { pair.client.receive($0, at: start) }
    #expect(pair.caller.events.last == "failed malformed(\"malformed HTTP response \\\"SSH-2.0-OpenSSH\\\"\")")
    #expect(pair.client.wantsClose)
  }
}
