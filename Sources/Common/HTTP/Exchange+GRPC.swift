import Base

// Replies in gRPC's framing.
extension Exchange {
  /// A whole unary reply: head, one message that `encode` appends in place, status 0.
  package func replyUnary(_ encode: (inout ByteWriter) -> Void) {
    guard let server, !didSendHead else { return }
    server.startGRPC(self)
    appendMessage(encode)
    server.finish(self, .grpcOK)
  }

  package func replyUnary(_ message: UnsafeRawBufferPointer) {
    replyUnary { $0.append(message) }
  }

  package func replyUnary(_ message: Bytes) { message.withUnsafeBytes { replyUnary($0) } }

  /// The head of a stream of messages; also sent by the first message.
  package func startGRPC() {
    guard let server, !didSendHead else { return }
    server.startGRPC(self)
  }

  /// One message of a stream, which `encode` appends in place. Ask `canSend` before producing more.
  package func sendMessage(_ encode: (inout ByteWriter) -> Void) {
    guard let server, !didFinish else { return }
    if !didSendHead { server.startGRPC(self) }
    appendMessage(encode)
    server.bodyGrew(self)
  }

  package func sendMessage(_ message: Bytes) { sendMessage { $0.append(message) } }

  /// The head of a reply whose one message of `length` bytes follows in pieces. Then `finishGRPC`.
  package func beginMessage(length: Int) {
    guard let server, !didSendHead else { return }
    server.startGRPC(self)
    pending.writer.append(0)
    pending.writer.append(bigEndian: UInt32(length))
    server.bodyGrew(self)
  }

  /// The next piece of that message, appended in place. Ask `canSend` before.
  package func sendPiece<E: Error>(_ encode: (inout ByteWriter) throws(E) -> Void) throws(E) {
    guard let server, !didFinish else { return }
    defer { server.bodyGrew(self) }
    try encode(&pending.writer)
  }

  /// Ends a stream of messages with status 0.
  package func finishGRPC() {
    guard let server, !didFinish else { return }
    if !didSendHead { server.startGRPC(self) }
    server.finish(self, .grpcOK)
  }

  /// Ends the call with an error: trailers alone when nothing was sent yet.
  package func replyError(_ fault: GRPC.Fault) {
    guard let server, !didFinish else { return }
    var fields = HeaderList()
    if !didSendHead { fields.add("content-type", "application/grpc") }
    fields.add("grpc-status", String(fault.code))
    fields.add("grpc-message", String(utf8: PercentEncoding.grpcMessage(fault.message)))
    if didSendHead {
      server.finish(self, .fields(fields))
    } else {
      server.respondHeadOnly(self, 200, fields)
    }
  }

  /// Ends the call with fields that another server sent at its end, `grpc-status` among them.
  package func endGRPC(_ trailers: HeaderList) {
    guard let server, !didFinish else { return }
    if didSendHead { return server.finish(self, .fields(trailers)) }
    var fields: HeaderList = trailers.contains("content-type") ? [:] : ["content-type": "application/grpc"]
    fields.append(trailers)
    server.respondHeadOnly(self, 200, fields)
  }

  package func replyError(_ code: Int, _ message: String) {
    replyError(GRPC.Fault(code: code, message: message))
  }
}

extension MessageStream {
  /// Appends a message with its five bytes in front: not compressed, and its length.
  final func appendMessage(_ encode: (inout ByteWriter) -> Void) {
    let offset = pending.count
    pending.writer.append(0)
    pending.writer.append(bigEndian: UInt32(0))
    encode(&pending.writer)
    pending.writer.patch(bigEndian: UInt32(pending.count - offset - 5), at: offset + 1)
  }
}
