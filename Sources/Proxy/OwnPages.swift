import Base
import Doors
import HTTP

/// The pages of a front end's own: `/metrics` and `/health`; everything else is 404.
final class OwnPages: ExchangeHandler {
  /// Makes the page of metrics.
  private let metrics: () -> Bytes
  /// Answers once, now or later, whether the cluster can be reached.
  private let health: (@escaping (Bool) -> Void) -> Void

  init(metrics: @escaping () -> Bytes, health: @escaping (@escaping (Bool) -> Void) -> Void) {
    self.metrics = metrics
    self.health = health
  }

  func requestBegan(_ exchange: Exchange) {
    let isRead = exchange.method == .get || exchange.method == .head
    switch exchange.path {
    case "/metrics" where isRead:
      exchange.respond(200, ["content-type": "text/plain; version=0.0.4; charset=utf-8"], body: metrics())
    case "/health" where isRead:
      // As etcd 3.4: etcdserver/api/etcdhttp/metrics.go, NewHealthHandler. The exchange may be gone when the answer comes;
      // it does nothing then.
      health { isHealthy in
        if isHealthy {
          exchange.respond(200, body: "{\"health\":\"true\"}".bytes)
        } else {
          PlainText.reply(exchange, 503, "{\"health\":\"false\"}\n")
        }
      }
    case "/metrics", "/health": PlainText.methodNotAllowed(exchange, allow: "GET")
    default: PlainText.notFound(exchange)
    }
  }

  func requestBody(_ exchange: Exchange, _ bytes: UnsafeRawBufferPointer) { exchange.consumed(bytes.count) }
  func requestEnded(_ exchange: Exchange) {}
  func requestCancelled(_ exchange: Exchange) {}
  func exchangeDrained(_ exchange: Exchange) {}
}
