import Base
import HTTP

/// Asks over a connection of HTTP/2 whether it answers what is no gRPC: `GET /version`, which needs neither disk nor quorum.
final class PageQuestion: CallHandler {
  /// `lost`: the connection ended before an answer, which says nothing.
  enum Answer { case yes, no, lost }

  private var call: HTTP.Call?
  private var body = Bytes()
  private var done: ((Answer) -> Void)?

  /// `done` is called once, but not before `start` has returned. Keep the question until then.
  init(_ done: @escaping (Answer) -> Void) { self.done = done }

  /// False where the connection cannot be used; then nobody is called.
  func start(_ connection: BackConnection, _ url: EndpointURL) -> Bool {
    let request = Request(
      "GET", "/version", authority: url.authority, scheme: url.scheme.isSecure ? "https" : "http")
    call = connection.open(request, self)
    return call != nil
  }

  private func finish(_ answer: Answer) {
    let done = done
    self.done = nil
    call = nil
    done?(answer)
  }

  func callBegan(_ call: HTTP.Call) {}

  func callBody(_ call: HTTP.Call, _ bytes: UnsafeRawBufferPointer) {
    if body.count + bytes.count <= Limits.pageBodyBytes { body.append(contentsOf: bytes) }
    call.consumed(bytes.count)
  }

  func callEnded(_ call: HTTP.Call) { finish(Self.isPage(status: call.status, body) ? .yes : .no) }

  func callFailed(_ call: HTTP.Call, _ failure: CallFailure) {
    if case .reset = failure { finish(.no) } else { finish(.lost) }
  }

  func callDrained(_ call: HTTP.Call) {}

  /// As members answer. Go's gRPC server has other words for a request that is none of its own.
  static func isPage(status: Int, _ body: Bytes) -> Bool {
    status == 200 && (try? JSONValue(parsing: body))?["etcdserver"]?.string != nil
  }
}
