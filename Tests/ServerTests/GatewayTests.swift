import Base
import HTTP
import Testing
import Wire

@testable import Server

/// HTTP's clients have a type of this name too.
private typealias Call = Server.Call

/// Answers unary calls with what it was asked, streams with each request's number, and fails where the test wants it.
private final class EchoService: Service {
  static let name = "test"
  var failure: RPCStatus?
  var isSilent = false
  var heard: [Bytes] = []
  var ends = 0
  var lasts: Call?

  func message(_ bytes: UnsafeRawBufferPointer, for call: Call) throws(RPCStatus) {
    heard.append(Bytes(bytes))
    lasts = call
    if let failure { throw failure }
    if isSilent { return }
    if call.method.kind == .unary {
      var reply = RangeResponse(header: ResponseHeader(revision: 3))
      reply.count = Int64(heard.count)
      call.reply(reply)
    } else {
      call.send(LeaseKeepAliveResponse(id: Int64(heard.count)))
    }
  }
  func ended(_ call: Call) {
    ends += 1
    if !isSilent { call.finish() }
  }
}

/// The door in memory: what `CallDesk` does with a member, without one.
private final class Desk: ExchangeHandler, CallOwner {
  let gateway: Gateway
  let service = EchoService()
  var codes: [StatusCode] = []
  var isCancelled = false
  var replyFields = HeaderList()

  init(limit: Int = 1000) { gateway = Gateway(messageLimit: limit) }

  func requestBegan(_ exchange: Exchange) {
    exchange.replyFields = replyFields
    var isSocket = false
    var method: Wire.Method?
    if case .accepted(let head) = WebSocket.handshake(exchange) {
      guard gateway.openSocket(exchange, head) else { return }
      isSocket = true
      method = gateway.socketMethod(of: exchange)
      if method == nil { return gateway.endUnknownSocket(exchange) }
    } else {
      method = gateway.method(of: exchange)
    }
    guard let method else { return }
    gateway.adoptMetadata(exchange)
    exchange.userData = Call(
      exchange: exchange, method: method, service: service, began: Instant(nanoseconds: 0), deadline: nil,
      limit: 1000,
      json: JSONFraming(gateway, isSocket: isSocket), desk: self)
  }
  func requestBody(_ exchange: Exchange, _ bytes: UnsafeRawBufferPointer) {
    exchange.consumed(bytes.count)
    if let call = exchange.userData as? Call { call.json?.receive(bytes, for: call) }
  }
  func requestEnded(_ exchange: Exchange) {
    if let call = exchange.userData as? Call, !call.isAnswered { call.json?.ended(call) }
  }
  func requestCancelled(_ exchange: Exchange) {
    isCancelled = true
    (exchange.userData as? Call)?.cancelled()
  }
  func exchangeDrained(_ exchange: Exchange) {}
  func dispatch(_ message: UnsafeRawBufferPointer, _ call: Call) {
    do throws(RPCStatus) { try service.message(message, for: call) } catch { call.fail(error) }
  }
  func sent(_ call: Call, bytes: Int) {}
  func ended(_ call: Call, _ code: StatusCode, sent bytes: Int?) { codes.append(code) }
}

/// One HTTP/1.1 connection to a desk.
private struct Bench {
  let desk: Desk
  let connection: ServerConnection

  init(_ desk: Desk = Desk()) {
    self.desk = desk
    connection = ServerConnection(ServerContext(handler: desk), start: .http1, now: Instant(nanoseconds: 1))
  }

  func answer(to input: Bytes) -> Bytes {
    input.withUnsafeBytes { connection.receive($0, at: Instant(nanoseconds: 1)) }
    return take()
  }

  func take() -> Bytes {
    var out = Bytes()
    while connection.flush() {
      out += Bytes(connection.output.unsent)
      connection.output.removeAll()
    }
    return out
  }

  func post(_ path: String, _ body: String, _ fields: String = "") -> String {
    String(
      utf8: answer(
        to: "POST \(path) HTTP/1.1\r\nHost: h\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
          .bytes))
  }

  func openSocket(_ path: String, _ fields: String = "") -> String {
    String(
      utf8: answer(
        to: ("GET \(path) HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\(fields)"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n").bytes))
  }

  /// Sends one text message with a mask of zeros.
  func say(_ text: String) -> Bytes {
    answer(to: [0x81, 0x80 | UInt8(text.utf8.count), 0, 0, 0, 0] + text.bytes)
  }
}

private func frame(_ opcode: UInt8, _ text: String) -> Bytes {
  [0x80 | opcode, UInt8(text.utf8.count)] + text.bytes
}
private let closing: Bytes = [0x88, 2, 0x03, 0xe8]

@Suite struct GatewayTests {
  @Test func `A unary call is one object with the metadata's head`() {
    let bench = Bench()
    #expect(
      bench.post("/v3/kv/range", #"{"key":"Zm9v"}"#) == "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        + "Grpc-Metadata-Content-Type: application/grpc\r\nContent-Length: 39\r\n\r\n"
        + #"{"header":{"revision":"3"},"count":"1"}"#)
    #expect(bench.desk.service.heard == [RangeRequest(key: "foo".bytes).encoded()])
    #expect(bench.desk.codes == [.ok])
    #expect(bench.post("/v3beta/kv/range?x=1", "").hasPrefix("HTTP/1.1 200 OK"))
    #expect(bench.desk.service.heard.last == [])
  }

  @Test(arguments: [
    (StatusCode.invalidArgument, "400 Bad Request"), (.notFound, "404 Not Found"),
    (.permissionDenied, "403 Forbidden"),
    (.resourceExhausted, "429 Too Many Requests"), (.failedPrecondition, "412 Precondition Failed"),
    (.outOfRange, "400 Bad Request"), (.unauthenticated, "401 Unauthorized"),
    (.unavailable, "503 Service Unavailable"),
    (.unimplemented, "501 Not Implemented"), (.deadlineExceeded, "504 Gateway Timeout"),
    (.alreadyExists, "409 Conflict"),
    (.unknown, "500 Internal Server Error"), (.dataLoss, "500 Internal Server Error"),
    (.cancelled, "408 Request Timeout"),
  ])
  func `A call that fails says so in status, body and trailer`(code: StatusCode, line: String) {
    let bench = Bench()
    bench.desk.service.failure = RPCStatus(code, "no")
    let body = #"{"error":"no","message":"no","code":"# + "\(code.rawValue)}"
    #expect(
      bench.post("/v3/kv/range", "{}") == "HTTP/1.1 \(line)\r\nContent-Type: application/json\r\n"
        + "Trailer: Grpc-Trailer-Content-Type\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\nGrpc-Trailer-Content-Type: application/grpc\r\n\r\n"
    )
    #expect(bench.desk.codes == [code])
  }

  @Test func `What is no request never reaches the service, and has no trailer`() {
    let bench = Bench()
    let text = "invalid character 'b' looking for beginning of object key string"
    let reply = bench.post("/v3/kv/range", "{bad")
    #expect(reply.hasPrefix("HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: "))
    #expect(reply.hasSuffix("\r\n\r\n{\"error\":\"\(text)\",\"message\":\"\(text)\",\"code\":3}"))
    #expect(bench.post("/v3/kv/range", #"{"key":"#).contains(#""unexpected EOF""#))
    #expect(bench.post("/v3/lease/keepalive", "{bad").hasPrefix("HTTP/1.1 500"))
    #expect(bench.desk.service.heard.isEmpty)
  }

  @Test func `A stream is a line for each message`() {
    let bench = Bench()
    #expect(
      bench.post("/v3/lease/keepalive", "{\"ID\":1}\n{\"ID\":\"2\"}")
        == "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        + "Grpc-Metadata-Content-Type: application/grpc\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "16\r\n{\"result\":{\"ID\":\"1\"}}\n\r\n16\r\n{\"result\":{\"ID\":\"2\"}}\n\r\n0\r\n\r\n")
    #expect(bench.desk.service.ends == 1)
    // Without a word the stream ends without the metadata's head.
    #expect(
      bench.post("/v3/lease/keepalive", "")
        == "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
  }

  @Test func `Nonsense in the middle of a stream ends the client's side only`() {
    let bench = Bench()
    let reply = bench.post("/v3/lease/keepalive", "{\"ID\":1}{bad {\"ID\":2}")
    #expect(bench.desk.service.heard.count == 1)
    #expect(bench.desk.service.ends == 1)
    #expect(bench.desk.codes == [.ok])
    #expect(reply.hasSuffix("0\r\n\r\n"))
  }

  @Test func `A stream that fails ends with an error of its own form`() {
    let bench = Bench()
    bench.desk.service.failure = RPCStatus(.unavailable, "no")
    let error =
      #"{"error":{"grpc_code":14,"http_code":503,"message":"no","http_status":"Service Unavailable"}}"#
    let first = bench.post("/v3/lease/keepalive", "{}")
    #expect(
      first.hasPrefix("HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nTransfer-Encoding")
    )
    #expect(first.contains(error))
    bench.desk.service.failure = nil
    let head = "POST /v3/lease/keepalive HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"
    #expect(String(utf8: bench.answer(to: head.bytes)).hasPrefix("HTTP/1.1 200 OK"))
    bench.desk.service.lasts?.fail(RPCStatus(.unavailable, "no"))
    #expect(String(utf8: bench.take()) == "\(String(error.utf8.count, radix: 16))\r\n\(error)\r\n0\r\n\r\n")
  }

  @Test func `Requests are bounded: the message, and a body whatever it holds`() {
    let bench = Bench(Desk(limit: 30))
    let large = #"{"key":""# + String(repeating: "QUJD", count: 11) + #""}"#
    #expect(bench.post("/v3/kv/range", large).contains("grpc: received message larger than max (35 vs. 30)"))
    let huge = #"{"key":""# + String(repeating: "QUJD", count: 1000) + #""}"#
    let reply = bench.post("/v3/kv/range", huge)
    #expect(reply.hasPrefix("HTTP/1.1 429"))
    #expect(reply.contains("grpc: received message larger than max (4010 vs. 30)"))
    #expect(bench.desk.service.heard.isEmpty)
    #expect(bench.post("/v3/kv/range", "{}").hasPrefix("HTTP/1.1 200"))
  }

  @Test func `Paths and methods, and fields that belong to every reply`() {
    let bench = Bench()
    #expect(bench.post("/v3/nothing", "{}").hasPrefix("HTTP/1.1 404 Not Found\r\n"))
    #expect(bench.post("/v3/nothing", "{}").hasSuffix("\r\n\r\nNot Found\n"))
    let get = String(utf8: bench.answer(to: "GET /v3/kv/range HTTP/1.1\r\nHost: h\r\n\r\n".bytes))
    #expect(
      get.hasPrefix("HTTP/1.1 405 Method Not Allowed\r\n") && get.hasSuffix("\r\n\r\nMethod Not Allowed\n"))
    bench.desk.replyFields = ["access-control-allow-origin": "*"]
    for path in ["/v3/kv/range", "/v3/lease/keepalive", "/v3/nothing"] {
      #expect(bench.post(path, "{}").contains("\r\nAccess-Control-Allow-Origin: *\r\n"))
    }
    #expect(Gateway.owns("/v3/".bytes) && Gateway.owns("/v3beta/x".bytes) && !Gateway.owns("/v3alpha/x".bytes))
  }

  @Test func `Metadata are what the gateway's prefix says`() {
    let bench = Bench()
    bench.desk.service.isSilent = true
    _ = bench.post(
      "/v3/kv/range", "{}",
      "Token: own\r\nGrpc-Metadata-Token: given\r\nAuthorization: a\r\nGrpc-Metadata-Hasleader: true\r\n")
    let headers = bench.desk.service.lasts?.exchange.headers
    #expect(headers?.values("token") == ["given"])
    #expect(headers?["authorization"] == "a")
    #expect(headers?["hasleader"] == "true")
  }

  @Test func `A client that goes away cancels its call`() {
    let bench = Bench()
    bench.desk.service.isSilent = true
    _ = bench.post("/v3/watch", "{}")
    bench.connection.connectionLost()
    #expect(bench.desk.isCancelled && bench.desk.codes == [.cancelled])
  }

  @Test func `A range in pieces is one object, and breaks off where it fails`() throws {
    let bench = Bench()
    bench.desk.service.isSilent = true
    _ = bench.post("/v3/kv/range", "{}")
    let call = try #require(bench.desk.service.lasts)
    let pieces = [
      RangeResponse(header: ResponseHeader(revision: 5)), RangeResponse(kvs: [KeyValue(key: "a".bytes)]),
    ]
    call.beginMessage(length: 100)
    for piece in pieces { call.sendPiece { piece.append(to: &$0) } }
    call.sendPiece { RangeResponse(kvs: [KeyValue()], count: 2).append(to: &$0) }
    call.finish(sent: 100)
    let chunks = String(utf8: bench.take()).split(separator: "\r\n").filter {
      $0.hasPrefix("{") || $0.first == "," || $0.first == "}"
    }
    #expect(chunks.joined() == #"{"header":{"revision":"5"},"kvs":[{"key":"YQ=="},{}],"count":"2"}"#)

    _ = bench.post("/v3/kv/range", "{}")
    let second = try #require(bench.desk.service.lasts)
    second.sendPiece { pieces[1].append(to: &$0) }
    second.fail(.compacted)
    #expect(!String(utf8: bench.take()).contains("compacted"))
    #expect(bench.connection.wantsClose)
  }
}

@Suite struct GatewaySocketTests {
  @Test func `A unary call over WebSocket is a message, then the end`() {
    let bench = Bench()
    #expect(bench.openSocket("/v3/kv/range").hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
    #expect(bench.say("{}") == frame(1, #"{"header":{"revision":"3"},"count":"1"}"#) + closing)
    #expect(bench.connection.wantsClose)
  }

  @Test func `A stream answers message by message, pings in between, and a close ends it`() {
    let bench = Bench()
    _ = bench.openSocket("/v3/lease/keepalive")
    #expect(bench.say(#"{"ID":1}"#) == frame(1, #"{"result":{"ID":"1"}}"#))
    #expect(bench.answer(to: [0x89, 0x81, 0, 0, 0, 0, 0x70]) == frame(10, "p"))
    #expect(bench.say(#"{"ID""#) == [])
    #expect(bench.say(":2}null") == frame(1, #"{"result":{"ID":"2"}}"#) + frame(1, #"{"result":{"ID":"3"}}"#))
    #expect(bench.answer(to: [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9]) == [0x88, 2, 0x03, 0xe9])
    #expect(bench.desk.isCancelled && bench.desk.codes == [.cancelled])
    #expect(bench.connection.wantsClose)
  }

  @Test func `Whoever breaks the rules is told so and hears no more`() {
    let bench = Bench()
    _ = bench.openSocket("/v3/watch")
    #expect(bench.answer(to: [0x81, 0x01, 0x20]) == [0x88, 2, 0x03, 0xea])
    #expect(bench.desk.isCancelled)
    #expect(bench.connection.wantsClose)
  }

  @Test func `Errors are messages, and an unknown path too`() {
    let bench = Bench()
    _ = bench.openSocket("/v3/kv/range")
    bench.desk.service.failure = RPCStatus(.notFound, "no")
    #expect(bench.say("{}") == frame(1, #"{"error":"no","message":"no","code":5}"#) + closing)
    let other = Bench()
    let reply = other.openSocket("/v3/nothing")
    #expect(reply.hasPrefix("HTTP/1.1 101") && reply.contains("Not Found"))
    #expect(other.connection.wantsClose)
  }

  @Test func `A browser's token comes as a subprotocol`() {
    let bench = Bench()
    bench.desk.service.isSilent = true
    let head = bench.openSocket("/v3/watch", "Sec-WebSocket-Protocol: Bearer, abc.1\r\n")
    #expect(head.contains("Sec-Websocket-Protocol: Bearer\r\n"))
    _ = bench.say("{}")
    #expect(bench.desk.service.lasts?.exchange.headers["authorization"] == "abc.1")
  }
}
