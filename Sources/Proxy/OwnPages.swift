import Base
import Doors
import HTTP

/// The pages of a front end's own: `/metrics` and `/health`; everything else is 404, or for another handler to answer.
final class OwnPages: ExchangeHandler {
  /// Makes the page of metrics.
  private let metrics: () -> Bytes
  /// Answers once, now or later, whether the cluster can be reached.
  private let health: (@escaping (Bool) -> Void) -> Void

  /// Takes what is neither.
  private let others: (any ExchangeHandler)?

  init(
    metrics: @escaping () -> Bytes, health: @escaping (@escaping (Bool) -> Void) -> Void,
    others: (any ExchangeHandler)? = nil
  ) {
    self.metrics = metrics
    self.health = health
    self.others = others
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
    default: if let others { others.requestBegan(exchange) } else { PlainText.notFound(exchange) }
    }
  }

  func requestBody(_ exchange: Exchange, _ bytes: UnsafeRawBufferPointer) {
    if let others { others.requestBody(exchange, bytes) } else { exchange.consumed(bytes.count) }
  }
  func requestEnded(_ exchange: Exchange) { others?.requestEnded(exchange) }
  func requestCancelled(_ exchange: Exchange) { others?.requestCancelled(exchange) }
  func exchangeDrained(_ exchange: Exchange) { others?.exchangeDrained(exchange) }
}
