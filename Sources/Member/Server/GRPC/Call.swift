import Base
import HTTP
import Machine
import Wire

/// One gRPC call from its first header to its status.
///
/// Hangs on its exchange as `userData`. It is answered at most once: what is said after the client has gone, or after
/// the deadline has answered in our place, does nothing.
final class Call {
  let exchange: Exchange
  let method: Wire.Method
  let began: Instant
  /// When the client's `grpc-timeout` ends; nil without one.
  let deadline: Instant?
  var deframer: GRPCDeframer
  /// Bytes of the request whose window is kept back until the connection has room for all of it.
  var withheld = 0
  /// A unary call's message has been taken; further ones are not looked at.
  var didDispatch = false
  /// What a streaming service keeps for this call.
  var state: AnyObject?
  private(set) var isAnswered = false
  private unowned let calls: CallDesk

  init(exchange: Exchange, method: Wire.Method, began: Instant, deadline: Instant?, limit: Int, calls: CallDesk)
  {
    self.exchange = exchange
    self.method = method
    self.began = began
    self.deadline = deadline
    self.calls = calls
    deframer = GRPCDeframer(limit: limit)
  }

  /// Answers a unary call.
  func reply(_ message: some WireMessage) {
    reply(byteCount: message.encodedSize) { message.encode(to: &$0) }
  }

  /// Answers a unary call with `byteCount` bytes that `write` encodes in place.
  func reply(byteCount: Int, _ write: (inout WireWriter) -> Void) {
    guard !isAnswered else { return }
    exchange.replyUnary { output in
      output.append(count: byteCount) { memory in
        var writer = WireWriter(memory)
        write(&writer)
        writer.finish()
      }
    }
    answered(.ok, sent: byteCount + 5)
  }

  /// Answers a unary call with a message that is encoded already.
  func reply(encoded message: UnsafeRawBufferPointer) {
    guard !isAnswered else { return }
    exchange.replyUnary(message)
    answered(.ok, sent: message.count + 5)
  }

  /// Answers a unary call with a message that comes in pieces: its length, then pieces as long as `exchange.canSend`, then
  /// `finish(sent:)`.
  func beginMessage(length: Int) {
    guard !isAnswered else { return }
    exchange.beginMessage(length: length)
  }

  func sendPiece<E: Error>(_ encode: (inout ByteWriter) throws(E) -> Void) throws(E) {
    guard !isAnswered else { return }
    try exchange.sendPiece(encode)
  }

  /// Sends one message of a stream. Ask `exchange.canSend` before producing more.
  func send(_ message: some WireMessage) {
    guard !isAnswered else { return }
    let size = message.encodedSize
    exchange.sendMessage { message.append(to: &$0) }
    calls.sent(self, bytes: size + 5)
  }

  /// Ends a stream, or a message in pieces of `sent` bytes, well.
  func finish(sent bytes: Int = 0) {
    guard !isAnswered else { return }
    exchange.finishGRPC()
    answered(.ok, sent: bytes)
  }

  func fail(_ status: RPCStatus) {
    guard !isAnswered else { return }
    exchange.replyError(Int(status.code.rawValue), status.message)
    answered(status.code, sent: 0)
  }

  /// The client has gone: nothing will be sent, the call counts as cancelled.
  func cancelled() {
    guard !isAnswered else { return }
    answered(.cancelled, sent: 0)
  }

  private func answered(_ code: StatusCode, sent bytes: Int) {
    isAnswered = true
    calls.ended(self, code, sent: bytes)
    state = nil
  }
}
