import Base

/// A request as a client sends it.
package struct Request {
  package var method: String
  package var scheme: String
  /// Host and port, for `:authority` or `Host`.
  package var authority: String
  /// Path and query, encoded.
  package var path: String
  /// Names in lower case, without the pseudo-fields and `host`.
  package var headers: HeaderList
  package var body: Body

  package enum Body {
    case none
    /// Sent at once, with its length.
    case bytes(Bytes)
    /// Sent with `Call.send` and ended with `Call.finish`; chunked under HTTP/1.1 unless `headers` give a length.
    case streamed
  }

  package init(
    _ method: String, _ path: String, authority: String, scheme: String = "http",
    headers: HeaderList = HeaderList(),
    body: Body = .none
  ) {
    self.method = method
    self.path = path
    self.authority = authority
    self.scheme = scheme
    self.headers = headers
    self.body = body
  }

  /// A gRPC call of `/package.Service/Method`; metadata names in lower case, binary values already in base64.
  package static func grpc(
    _ method: String, authority: String, scheme: String = "http", timeout: TimeSpan? = nil,
    userAgent: String = "grpc-go/1.26.0", metadata: HeaderList = HeaderList()
  ) -> Request {
    var headers: HeaderList = ["content-type": "application/grpc", "user-agent": userAgent, "te": "trailers"]
    if let timeout { headers.add("grpc-timeout", GRPC.timeoutText(timeout)) }
    for index in 0..<metadata.count { headers.add(metadata.name(at: index), metadata.value(at: index)) }
    return Request("POST", method, authority: authority, scheme: scheme, headers: headers, body: .streamed)
  }
}

/// Why a call ended without a whole reply.
package enum CallFailure: Error, Equatable {
  case reset(H2Error)
  /// The peer said goodbye before it looked at the call: it can be sent again elsewhere.
  case notProcessed
  case connectionLost
  case malformed(String)
  case cancelled
}

/// Hears what becomes of a call. Calls come from the connection's `receive`, `flush` and `connectionLost`.
package protocol CallHandler: AnyObject {
  /// The reply's head arrived: `status` and `headers`.
  func callBegan(_ call: Call)
  /// Body bytes, valid during the call; give their window back with `consumed`.
  func callBody(_ call: Call, _ bytes: UnsafeRawBufferPointer)
  /// The reply is complete; `trailers` may hold fields. The last event but for nothing.
  func callEnded(_ call: Call)
  /// No whole reply will come. The last event.
  func callFailed(_ call: Call, _ failure: CallFailure)
  /// After `canSend` was false: there is room again.
  func callDrained(_ call: Call)
}

/// One request and its reply, seen from the client.
package final class Call: MessageStream {
  package internal(set) var status = 0
  /// The owner's own.
  package var userData: AnyObject?
  package var tag = 0

  /// Cleared when the call is closed.
  var handler: (any CallHandler)?
  unowned(unsafe) var client: ClientConnection?
  /// HTTP/1.1 only.
  var isHead = false
  var isChunked = false

  override func reset() {
    super.reset()
    status = 0
    userData = nil
    tag = 0
    handler = nil
    client = nil
    isHead = false
    isChunked = false
  }

  package var connection: ClientConnection? { client }

  /// Whether body bytes may be written now; if not, `callDrained` will come.
  package var canSend: Bool {
    guard let client else { return false }
    return client.hasRoom(for: self)
  }

  /// Body bytes; copied.
  package func send(_ body: UnsafeRawBufferPointer) {
    guard let client, !didFinish, body.count > 0 else { return }
    pending.append(body)
    client.bodyGrew(self)
  }
  package func send(_ body: Bytes) { body.withUnsafeBytes { send($0) } }

  /// One gRPC message, which `encode` appends in place.
  package func sendMessage(_ encode: (inout ByteWriter) -> Void) {
    guard let client, !didFinish else { return }
    appendMessage(encode)
    client.bodyGrew(self)
  }
  package func sendMessage(_ message: Bytes) { sendMessage { $0.append(message) } }

  /// Ends the request; the reply may still be to come.
  package func finish() {
    guard let client, !didFinish else { return }
    didFinish = true
    client.bodyEnded(self)
  }

  /// Gives the call up; `callFailed(.cancelled)` is heard at once.
  package func cancel() {
    guard let client, !isClosed else { return }
    client.cancel(self)
  }

  package func consumed(_ count: Int) {
    guard let client, !isClosed, count > 0 else { return }
    client.consumed(self, count)
  }

  /// What gRPC makes of the reply, once it has ended: its status, or what stands for a missing one.
  /// As grpc-go 1.33: internal/transport/http_util.go, decodeHeader and HTTPStatusConvTab.
  package var grpcStatus: GRPC.Fault {
    let fields = trailers.contains("grpc-status") ? trailers : headers
    if let index = fields.index(of: "grpc-status") {
      guard let code = fields.withValue(at: index, { HTTP1Syntax.decimal($0) }) else {
        return GRPC.Fault(code: 13, message: "transport: malformed grpc-status")
      }
      let message = fields.withValue("grpc-message") { PercentEncoding.lenientlyDecoded(Bytes($0)) } ?? []
      return GRPC.Fault(code: code, message: String(utf8: message))
    }
    if status == 200 {
      let type = headers["content-type"] ?? ""
      if headers.withValue("content-type", { GRPC.isContentType($0) }) == true {
        return GRPC.Fault(code: 13, message: "server closed the stream without sending trailers")
      }
      return GRPC.Fault(
        code: 2,
        message: "OK: HTTP status code 200; transport: received the unexpected content-type \"\(type)\"")
    }
    return GRPC.Fault(
      code: Self.code(of: status), message: "\(HTTP1Writer.reason(status)): HTTP status code \(status)")
  }

  private static func code(of status: Int) -> Int {
    switch status {
    case 400: 13
    case 401: 16
    case 403: 7
    case 404: 12
    case 429, 502, 503, 504: 14
    default: 2
    }
  }
}
