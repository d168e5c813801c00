import Base

// Replies in gRPC's framing.
extension Exchange {
  /// A whole unary reply: head, one message that `write` fills in place, status 0.
  package func replyUnary(byteCount: Int, _ write: (UnsafeMutableRawBufferPointer) -> Void) {
    guard let server, !didSendHead else { return }
    server.startGRPC(self)
    appendMessage(byteCount, write)
    server.finish(self, .grpcOK)
  }

  package func replyUnary(_ message: UnsafeRawBufferPointer) {
    replyUnary(byteCount: message.count) { $0.copyMemory(from: message) }
  }

  package func replyUnary(_ message: Bytes) { message.withUnsafeBytes { replyUnary($0) } }

  /// The head of a stream of messages; also sent by the first message.
  package func startGRPC() {
    guard let server, !didSendHead else { return }
    server.startGRPC(self)
  }

  /// One message of a stream. Ask `canSend` before producing more.
  package func sendMessage(byteCount: Int, _ write: (UnsafeMutableRawBufferPointer) -> Void) {
    guard let server, !didFinish else { return }
    if !didSendHead { server.startGRPC(self) }
    appendMessage(byteCount, write)
    server.bodyGrew(self)
  }

  package func sendMessage(_ message: Bytes) {
    sendMessage(byteCount: message.count) { memory in message.withUnsafeBytes { memory.copyMemory(from: $0) } }
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

  package func replyError(_ code: Int, _ message: String) {
    replyError(GRPC.Fault(code: code, message: message))
  }

  private func appendMessage(_ count: Int, _ write: (UnsafeMutableRawBufferPointer) -> Void) {
    pending.append(count: 5 + count) { memory in
      memory.storeBytes(of: 0, as: UInt8.self)
      memory.storeBytes(of: UInt32(count).bigEndian, toByteOffset: 1, as: UInt32.self)
      write(UnsafeMutableRawBufferPointer(rebasing: memory[5...]))
      return 5 + count
    }
  }
}
