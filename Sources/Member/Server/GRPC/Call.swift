import Base
import HTTP
import Machine
import Wire

/// One call from its first header to its status, by gRPC or through the JSON gateway.
///
/// Hangs on its exchange as `userData`. It is answered at most once: what is said after the client has gone, or after
/// the deadline has answered in our place, does nothing.
final class Call {
  let exchange: Exchange
  let method: Wire.Method
  let service: any Service
  let began: Instant
  /// When the client's `grpc-timeout` ends; nil without one.
  let deadline: Instant?
  var deframer: GRPCDeframer
  /// Bytes of the request whose window is kept back until the connection has room for all of it.
  var withheld = 0
  /// How a call of the gateway speaks; nil under gRPC.
  let json: JSONFraming?
  /// A unary call's message has been taken; further ones are not looked at.
  var didDispatch = false
  /// What a streaming service keeps for this call.
  var state: AnyObject?
  /// Who the caller says it is; kept once somebody has asked.
  var claim: Claim?
  private(set) var isAnswered = false
  unowned let desk: any CallOwner

  init(
    exchange: Exchange, method: Wire.Method, service: any Service, began: Instant, deadline: Instant?,
    limit: Int,
    json: JSONFraming?, desk: any CallOwner
  ) {
    self.exchange = exchange
    self.method = method
    self.service = service
    self.began = began
    self.deadline = deadline
    self.json = json
    self.desk = desk
    deframer = GRPCDeframer(limit: limit)
  }

  /// Answers a unary call.
  func reply(_ message: some WireMessage) {
    reply(byteCount: message.encodedSize) { message.encode(to: &$0) }
  }

  /// Answers a unary call with `byteCount` bytes that `write` encodes in place.
  func reply(byteCount: Int, _ write: (inout WireWriter) -> Void) {
    guard !isAnswered else { return }
    if json != nil { return Self.encoded(byteCount, write).withUnsafeBytes { reply(encoded: $0) } }
    exchange.replyUnary { output in
      output.append(count: byteCount) { memory in
        var writer = WireWriter(memory)
        write(&writer)
        writer.finish()
      }
    }
    answered(.ok, sent: byteCount)
  }

  /// Answers a unary call with a message that is encoded already.
  func reply(encoded message: UnsafeRawBufferPointer) {
    guard !isAnswered else { return }
    if let json {
      do throws(DecodeError) { try json.reply(message, for: self) } catch { return failToPrint(error) }
    } else {
      exchange.replyUnary(message)
    }
    answered(.ok, sent: message.count)
  }

  /// Answers a unary call with a message that comes in pieces: its length, then pieces as long as `exchange.canSend`, then
  /// `finish(sent:)`.
  func beginMessage(length: Int) {
    guard !isAnswered else { return }
    // JSON does not say its length.
    if json == nil { exchange.beginMessage(length: length) }
  }

  /// A piece holds whole fields.
  func sendPiece<E: Error>(_ encode: (inout ByteWriter) throws(E) -> Void) throws(E) {
    guard !isAnswered else { return }
    guard let json else { return try exchange.sendPiece(encode) }
    var piece = ByteWriter()
    try encode(&piece)
    do throws(DecodeError) {
      try piece.withUnsafeBytes { bytes throws(DecodeError) in try json.sendPiece(bytes, for: self) }
    } catch { failToPrint(error) }
  }

  /// Sends one message of a stream. Ask `exchange.canSend` before producing more.
  func send(_ message: some WireMessage) {
    send(byteCount: message.encodedSize) { message.encode(to: &$0) }
  }

  /// Sends one message of a stream, `byteCount` bytes that `write` encodes in place.
  func send(byteCount: Int, _ write: (inout WireWriter) -> Void) {
    guard !isAnswered else { return }
    if let json {
      let message = Self.encoded(byteCount, write)
      do throws(DecodeError) {
        try message.span.bytes.withUnsafeBytes { bytes throws(DecodeError) in try json.send(bytes, for: self) }
      } catch { return failToPrint(error) }
    } else {
      exchange.sendMessage { output in
        output.append(count: byteCount) { memory in
          var writer = WireWriter(memory)
          write(&writer)
          writer.finish()
        }
      }
    }
    desk.sent(self, bytes: byteCount)
  }

  private static func encoded(_ count: Int, _ write: (inout WireWriter) -> Void) -> Bytes {
    Bytes(unsafeUninitializedCapacity: count) { buffer, written in
      var writer = WireWriter(UnsafeMutableRawBufferPointer(buffer))
      write(&writer)
      writer.finish()
      written = count
    }
  }

  /// A stored record that is no message: damage that gRPC's clients find for themselves.
  private func failToPrint(_ error: DecodeError) {
    fail(RPCStatus(.internalError, "grpc: failed to unmarshal the received message \(error)"))
  }

  /// Ends a stream, or a message in pieces of `sent` bytes, well.
  func finish(sent bytes: Int? = nil) {
    guard !isAnswered else { return }
    if let json { json.finish(self) } else { exchange.finishGRPC() }
    answered(.ok, sent: bytes)
  }

  func fail(_ status: RPCStatus) {
    guard !isAnswered else { return }
    if let json {
      json.fail(status, for: self)
    } else {
      exchange.replyError(Int(status.code.rawValue), status.message)
    }
    answered(status.code, sent: nil)
  }

  /// The client has gone: nothing will be sent, the call counts as cancelled.
  func cancelled() {
    guard !isAnswered else { return }
    answered(.cancelled, sent: nil)
  }

  private func answered(_ code: StatusCode, sent bytes: Int?) {
    isAnswered = true
    desk.ended(self, code, sent: bytes)
    state = nil
  }
}

/// Whoever opened a call.
protocol CallOwner: AnyObject {
  /// Gives one request message to the call's service.
  func dispatch(_ message: UnsafeRawBufferPointer, _ call: Call)
  /// The client has gone.
  func requestCancelled(_ exchange: Exchange)
  /// So many bytes of a message were sent.
  func sent(_ call: Call, bytes: Int)
  /// The call is answered, with a message of so many bytes where it is not nil.
  func ended(_ call: Call, _ code: StatusCode, sent bytes: Int?)
}
