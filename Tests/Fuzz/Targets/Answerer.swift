import Base
import HTTP

/// A handler that answers in several manners and holds the connection to the order of events that it promised.
final class Answerer: ExchangeHandler {
  private enum Phase { case began, ended, cancelled }
  private var phases: [Phase] = []
  /// What was heard, in order, with the pieces of a body joined.
  private(set) var heard = Bytes()
  private var open: [Exchange?] = []

  private func note(_ letter: UInt8) { heard += [0, letter] }

  func requestBegan(_ exchange: Exchange) {
    exchange.tag = phases.count
    phases.append(.began)
    open.append(exchange)
    note(0x62)
    heard += exchange.methodText + [0x20] + exchange.target
    _ = (exchange.path, exchange.query, exchange.isGRPC, GRPC.fault(forEncodingIn: exchange.headers))
    _ = RequestTarget(exchange.target)
    _ = exchange.headers.withValue("grpc-timeout") { GRPC.timeout($0) }
    if exchange.target.count % 5 == 1 { exchange.respond(404, body: "no".bytes) }
    if exchange.target.count % 5 == 2 { exchange.sendHeaders(200, ["content-type": "text/plain"]) }
    if exchange.isGRPC { exchange.startGRPC() }
  }

  func requestBody(_ exchange: Exchange, _ bytes: UnsafeRawBufferPointer) {
    invariant(phases[exchange.tag] == .began, "a body outside of its request")
    if bytes.count > 0 { exchange.consumed(bytes.count) }
    heard += bytes
    // HTTP/1.1 frames each piece for itself, so an echo would show the cuts.
    if exchange.target.count % 5 == 2, exchange.isHTTP2 { exchange.send(bytes) }
  }

  func requestEnded(_ exchange: Exchange) {
    invariant(phases[exchange.tag] == .began, "a request ends that is not open")
    phases[exchange.tag] = .ended
    note(0x65)
    for field in 0..<exchange.trailers.count { heard += exchange.trailers.withValue(at: field) { Bytes($0) } }
    if exchange.isGRPC { return exchange.replyUnary([1, 2, 3]) }
    if exchange.didSendHead {
      exchange.finish(trailers: exchange.target.count % 2 == 0 ? ["x-end": "1"] : HeaderList())
    } else if exchange.target.count % 5 == 3 {
      exchange.reset(.cancel)
    } else {
      exchange.respond(200, ["content-type": "text/plain"], body: "ok".bytes)
    }
  }

  func requestCancelled(_ exchange: Exchange) {
    invariant(phases[exchange.tag] != .cancelled, "a request is cancelled twice")
    phases[exchange.tag] = .cancelled
    open[exchange.tag] = nil
  }
  func exchangeDrained(_ exchange: Exchange) {
    invariant(phases[exchange.tag] != .cancelled, "a cancelled request is told to go on")
  }
}

/// One connection fed with `input`; what it answered. Stops where a socket's owner would stop.
func serve(_ input: Bytes, start: ServerConnection.Start, pieces seed: UInt8) -> (output: Bytes, heard: Bytes) {
  let handler = Answerer()
  let connection = ServerConnection(
    ServerContext(handler: handler), start: start, now: Instant(nanoseconds: 1_000_000_000))
  var out = Bytes()
  var clock: Int64 = 1_000_000_000
  inPieces(input, seed: seed) { piece in
    clock += 1_000
    connection.receive(piece, at: Instant(nanoseconds: clock))
    while connection.flush() {
      out += Bytes(connection.output.unsent)
      connection.output.removeAll()
    }
    return connection.wantsRead && !connection.wantsClose
  }
  connection.tick(at: Instant(nanoseconds: clock + 1_000_000))
  connection.connectionLost()
  invariant(connection.activeCount == 0, "a lost connection has open requests")
  return (out, handler.heard)
}
