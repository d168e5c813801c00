import Base
import Testing

@testable import HTTP

/// A handler that writes down what it hears and answers as it was told.
final class Recorder: ExchangeHandler {
  var events: [String] = []
  var exchanges: [Exchange] = []
  var answer: (Exchange) -> Void = { $0.respond(200, ["content-type": "text/plain"], body: "ok".bytes) }
  var began: ((Exchange) -> Void)?
  var tookBody: ((Exchange, UnsafeRawBufferPointer) -> Void)?
  var consumes = true

  func requestBegan(_ exchange: Exchange) {
    exchanges.append(exchange)
    events.append("began \(String(utf8: exchange.methodText)) \(String(utf8: exchange.target))")
    began?(exchange)
  }
  func requestBody(_ exchange: Exchange, _ bytes: UnsafeRawBufferPointer) {
    tookBody?(exchange, bytes)
    // Pieces are joined: how the input was cut is not what these tests are about.
    let text = String(utf8: bytes)
    if let last = events.last, last.hasPrefix("body ") {
      events[events.count - 1] = last + text
    } else {
      events.append("body \(text)")
    }
    if consumes { exchange.consumed(bytes.count) }
  }
  func requestEnded(_ exchange: Exchange) {
    events.append("ended")
    answer(exchange)
  }
  func requestCancelled(_ exchange: Exchange) { events.append("cancelled") }
  func exchangeDrained(_ exchange: Exchange) { events.append("drained") }
}

let start = Instant(nanoseconds: 1_000_000_000)

/// A connection in memory.
struct Bench {
  let recorder = Recorder()
  let connection: ServerConnection

  init(_ kind: ServerConnection.Start = .sniff) {
    connection = ServerConnection(ServerContext(handler: recorder), start: kind, now: start)
  }

  /// Feeds `input` in pieces of at most `piece` bytes and gives everything that was answered.
  func answer(to input: String, piece: Int = .max) -> String {
    var rest = input.bytes[...]
    var out = ""
    while !rest.isEmpty {
      let part = Array(rest.prefix(piece))
      rest = rest.dropFirst(part.count)
      part.withUnsafeBytes { connection.receive($0, at: start) }
      out += take()
    }
    return out
  }

  func take() -> String {
    var out = Bytes()
    while connection.flush() {
      out += Bytes(connection.output.unsent)
      connection.output.removeAll()
    }
    return String(utf8: out)
  }
}
