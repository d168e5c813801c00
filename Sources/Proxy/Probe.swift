import Base
import Event
import HTTP

/// Asks an endpoint whether it is healthy: `GET /health` on one of the proxy's own connections.
///
/// Whatever answers is there; a member is unhealthy that says so itself, or that does not say in time. Then it is asked
/// for its version, which needs neither disk nor quorum: only who does not answer that either is not there.
final class Probe: BackWaiter, CallHandler {
  private let back: Back
  private var call: HTTP.Call?
  private var body = Bytes()
  private var timer: Timer?
  private var path = "/health"
  private var done: ((Director.Health, String) -> Void)?

  /// `done` is called once. Keep the probe until then.
  init(_ loop: EventLoop, _ back: Back, _ done: @escaping (Director.Health, String) -> Void) {
    self.back = back
    self.done = done
    let timer = Timer(loop) { [weak self] in self?.giveUp() }
    timer.once(after: Limits.proxyProbePatience)
    self.timer = timer
    back.connect(self, .http1, isReserved: true)
  }

  private func giveUp() {
    back.leave(self)
    let late = call
    call = nil
    guard path == "/health" else {
      late?.cancel()
      return finish(.silent, "it answers nothing any more")
    }
    path = "/version"
    late?.cancel()
    timer?.once(after: Limits.proxyProbePatience)
    back.connect(self, .http1, isReserved: true)
  }

  private func finish(_ health: Director.Health, _ reason: String) {
    guard let done else { return }
    self.done = nil
    timer = nil
    let call = call
    self.call = nil
    call?.cancel()
    done(health, reason)
  }

  func connected(_ connection: BackConnection) {
    guard done != nil else { return }
    let request = Request(
      "GET", path, authority: back.url.authority, scheme: back.url.scheme.isSecure ? "https" : "http")
    call = connection.open(request, self)
    if call == nil { finish(.silent, "the connection cannot be used") }
  }

  func couldNotConnect(_ reason: String) { finish(.silent, reason) }
  func noConnection(limit: Int) { finish(.silent, "all \(limit) connections are in use") }

  func callBegan(_ call: HTTP.Call) {}

  func callBody(_ call: HTTP.Call, _ bytes: UnsafeRawBufferPointer) {
    guard call === self.call else { return }
    if body.count + bytes.count <= Limits.pageBodyBytes { body.append(contentsOf: bytes) }
    call.consumed(bytes.count)
  }

  func callEnded(_ call: HTTP.Call) {
    guard call === self.call else { return }
    self.call = nil
    if path == "/version" { return finish(.unhealthy, "no answer to GET /health in time") }
    Self.isUnhealthy(status: call.status, body) ? finish(.unhealthy, "it says so itself") : finish(.healthy, "")
  }

  func callFailed(_ call: HTTP.Call, _ failure: CallFailure) {
    guard call === self.call else { return }
    self.call = nil
    finish(.silent, "the connection was lost before a reply came")
  }

  func callDrained(_ call: HTTP.Call) {}

  /// As members answer: 503 and `{"health":"false"}`; proxies in between may answer 503 alone.
  static func isUnhealthy(status: Int, _ body: Bytes) -> Bool {
    if status == 503 { return true }
    return (try? JSONValue(parsing: body))?["health"]?.string == "false"
  }
}
