import Base

/// A request's method; what is not listed is `other` and can be read as text.
package enum Method: UInt8, Sendable {
  case get, head, post, put, delete, options, patch, other

  init(_ text: UnsafeRawBufferPointer) {
    self = .other
    for (name, method) in Self.known where name.utf8CodeUnitCount == text.count {
      if compareBytes(name.raw, text) == 0 { self = method }
    }
  }
  private static let known: [(StaticString, Method)] = [
    ("POST", .post), ("GET", .get), ("PUT", .put), ("DELETE", .delete), ("HEAD", .head),
    ("OPTIONS", .options), ("PATCH", .patch),
  ]
}

/// One request and its reply, over HTTP/1.1 or HTTP/2.
///
/// Lives from `requestBegan` until it is closed: after the reply was finished and the request read, or after
/// `requestCancelled`. Holding on to it longer is harmless; writing to it then does nothing.
package final class Exchange: MessageStream {
  package internal(set) var method = Method.other
  /// The method as it was sent.
  package internal(set) var methodText = Bytes()
  /// Request target as it was sent: path and query, not decoded. An absolute target was split before.
  package internal(set) var target = Bytes()
  /// `:authority`, or `Host` under HTTP/1.1; empty when absent (HTTP/1.0).
  package internal(set) var authority = Bytes()
  package internal(set) var isHTTP2 = false
  /// The owner's own: free for any use, cleared when the exchange is closed.
  package var userData: AnyObject?
  /// The owner's own number; 0 at the beginning.
  package var tag = 0

  /// Fields that go with the reply's head whoever answers, but not with gRPC.
  package var replyFields = HeaderList()

  /// The connection while the exchange is open. It outlives its open exchanges: its `deinit` closes them.
  unowned(unsafe) var server: ServerConnection?

  /// The connection this came on; nil once closed.
  package var connection: ServerConnection? { server }

  // HTTP/1.1 only: how the reply's body is framed, and how much of it a declared length leaves.
  var framing = BodyFraming.none
  var bodyRemaining = 0

  enum BodyFraming { case none, length, chunked, untilClose }

  /// Length of the path, that is of `target` before `?`.
  package var pathCount: Int { target.firstIndex(of: 0x3F) ?? target.count }
  /// The path as text, still encoded.
  package var path: String { String(utf8: target[..<pathCount]) }
  /// What follows `?`, still encoded; nil without one.
  package var query: String? {
    let end = pathCount
    return end < target.count ? String(utf8: target[(end + 1)...]) : nil
  }
  /// Whether the request is gRPC by its content type (`application/grpc`, with or without a subtype).
  package var isGRPC: Bool {
    isHTTP2 && headers.withValue("content-type") { GRPC.isContentType($0) } ?? false
  }

  override func reset() {
    super.reset()
    method = .other
    methodText.removeAll(keepingCapacity: true)
    target.removeAll(keepingCapacity: true)
    authority.removeAll(keepingCapacity: true)
    isHTTP2 = false
    userData = nil
    tag = 0
    if !replyFields.isEmpty { replyFields.removeAll() }
    server = nil
    framing = .none
    bodyRemaining = 0
  }

  /// Gives back header memory of a long-lived exchange.
  package func dropHeaders() { headers = HeaderList() }
}

// What a handler says.
extension Exchange {
  /// Whether body bytes may be written now; if not, `exchangeDrained` will come.
  package var canSend: Bool {
    guard let server else { return false }
    return server.hasRoom(for: self)
  }

  /// A whole reply at once. The content length is added, the body left away for HEAD, 204 and 304.
  package func respond(_ status: Int, _ headers: HeaderList = HeaderList(), body: Bytes = []) {
    body.withUnsafeBytes { respond(status, headers, body: $0) }
  }

  package func respond(_ status: Int, _ headers: HeaderList, body: UnsafeRawBufferPointer) {
    guard let server, !didSendHead else { return }
    server.respond(self, status, withReplyFields(headers), body: body)
  }

  /// A whole reply that is a head and nothing else: under HTTP/2 one frame, which is what gRPC's replies without a message
  /// must be.
  package func respondHead(_ status: Int, _ headers: HeaderList) {
    guard let server, !didSendHead else { return }
    server.respondHeadOnly(self, status, withReplyFields(headers))
  }

  private func withReplyFields(_ headers: HeaderList) -> HeaderList {
    if replyFields.isEmpty { return headers }
    var all = headers
    all.append(replyFields)
    return all
  }

  /// A whole reply whose body `encode` appends in place. When it throws nothing was said.
  package func respond<E: Error>(
    _ status: Int, _ headers: HeaderList, _ encode: (inout ByteWriter) throws(E) -> Void
  ) throws(E) {
    guard let server, !didSendHead else { return }
    try appendBody(encode)
    server.respondWithPending(self, status, withReplyFields(headers))
  }

  /// Body bytes of a streamed reply, which `encode` appends in place. When it throws nothing was said.
  package func send<E: Error>(_ encode: (inout ByteWriter) throws(E) -> Void) throws(E) {
    guard let server, didSendHead, !didFinish else { return }
    try appendBody(encode)
    server.bodyGrew(self)
  }

  private func appendBody<E: Error>(_ encode: (inout ByteWriter) throws(E) -> Void) throws(E) {
    let mark = pending.count
    do { try encode(&pending.writer) } catch {
      pending.writer.truncate(to: mark)
      throw error
    }
  }

  /// Leaves HTTP/1.1: the reply is 101, and from here on both bodies are the bytes of another protocol, up to the end of
  /// the connection. False where that cannot be: under HTTP/2, HTTP/1.0, and when a request has a body.
  package func upgrade(_ headers: HeaderList) -> Bool {
    guard let server, !didSendHead, didReceiveAll else { return false }
    return server.h1?.upgrade(headers) ?? false
  }

  /// Puts other fields in place of those that arrived.
  package func replaceHeaders(_ fields: HeaderList) { headers = fields }

  /// The head of a streamed reply. Under HTTP/1.1 a body without `content-length` is chunked.
  package func sendHeaders(_ status: Int, _ headers: HeaderList = HeaderList()) {
    guard let server, !didSendHead else { return }
    server.sendHead(self, status, withReplyFields(headers))
  }

  /// Body bytes; copied. Ask `canSend` before producing more.
  package func send(_ body: UnsafeRawBufferPointer) {
    guard let server, didSendHead, !didFinish, body.count > 0 else { return }
    server.send(self, body)
  }

  package func send(_ body: Bytes) { body.withUnsafeBytes { send($0) } }

  /// Ends the reply; trailers are sent under HTTP/2 and with chunked bodies.
  package func finish(trailers: HeaderList = HeaderList()) {
    guard let server, didSendHead, !didFinish else { return }
    server.finish(self, trailers.isEmpty ? .none : .fields(trailers))
  }

  /// Breaks the exchange off: RST_STREAM under HTTP/2, the end of the connection under HTTP/1.1.
  package func reset(_ code: H2Error) {
    guard let server, !isClosed else { return }
    server.reset(self, code)
  }

  /// Sets room aside for a request of `count` bytes that is larger than the stream's window. False when the connection's
  /// other requests leave none: keep the window, `requestRoomFreed` will come.
  package func takeRequestRoom(_ count: Int) -> Bool {
    guard let server, !isClosed else { return false }
    return requestRoom > 0 || server.takeRequestRoom(self, count)
  }

  /// Gives that room back, or rather does nothing where there is none.
  package func giveRequestRoom() {
    guard let server, requestRoom > 0 else { return }
    server.giveRequestRoom(self)
  }

  /// Tells how many bytes of the request its handler keeps for now.
  package func noteGathered(_ count: Int) {
    guard let server, !isClosed, count != gatheredBytes else { return }
    server.noteGathered(self, count)
  }

  /// Tells how many bytes the handler keeps for as long as the exchange is open: a watch's watchers.
  package func noteKept(_ count: Int) {
    guard let server, !isClosed else { return }
    server.noteKept(self, count)
  }

  /// Tells that a further message of this exchange begins work of its own: a connection's share of a turn is counted in these.
  package func noteMessage() { server?.begunCount &+= 1 }

  /// Gives back the window of `count` body bytes that were received and dealt with.
  package func consumed(_ count: Int) {
    guard let server, !isClosed, count > 0 else { return }
    server.consumed(self, count)
  }
}
