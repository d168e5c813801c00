import Base
import HTTP
import Machine
import Raft
import Wire

/// The plain HTTP pages of the client port: version, health, metrics. As etcd 3.4: etcdserver/api/etcdhttp.
final class Pages: ExchangeHandler {
  private unowned let member: Member
  /// Only metrics and health, as on `--listen-metrics-urls`.
  private let isMetricsOnly: Bool

  init(_ member: Member, isMetricsOnly: Bool = false) {
    self.member = member
    self.isMetricsOnly = isMetricsOnly
  }

  func requestBegan(_ exchange: Exchange) {
    // Bodies are of no interest to any page; their window is given back as they come.
    switch exchange.path {
    case "/version" where !isMetricsOnly: get(exchange) { version($0) }
    case "/health": get(exchange) { health($0) }
    case "/metrics": metrics(exchange)
    default: text(exchange, 404, "404 page not found\n")
    }
  }

  func requestBody(_ exchange: Exchange, _ bytes: UnsafeRawBufferPointer) { exchange.consumed(bytes.count) }
  func requestEnded(_ exchange: Exchange) {}
  func requestCancelled(_ exchange: Exchange) {}
  func exchangeDrained(_ exchange: Exchange) {}

  private func get(_ exchange: Exchange, _ page: (Exchange) -> Void) {
    if exchange.method == .options { return reply(exchange, 200, [:], []) }
    guard exchange.method == .get else {
      return reply(
        exchange, 405,
        [
          "allow": "GET", "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff",
        ], "Method Not Allowed\n".bytes)
    }
    page(exchange)
  }

  private func version(_ exchange: Exchange) {
    let cluster = member.machine.roster.version?.text ?? "not_decided"
    let body = "{\"etcdserver\":\"\(etcdVersion)\",\"etcdcluster\":\"\(cluster)\"}"
    reply(exchange, 200, ["content-type": "application/json"], body.bytes)
  }

  /// Healthy with a leader, without alarms (but those left out by `?exclude=`), and when a read goes through.
  private func health(_ exchange: Exchange) {
    let excluded = Self.exclusions(exchange.query)
    let alarms = member.machine.alarms.active().map { $0.alarm == .nospace ? "NOSPACE" : "CORRUPT" }
    guard member.node.lead != 0, !alarms.contains(where: { !excluded.contains($0) }) else {
      return healthReply(exchange, isHealthy: false)
    }
    member.confirmHealth { [self] isHealthy in healthReply(exchange, isHealthy: isHealthy) }
  }

  private func healthReply(_ exchange: Exchange, isHealthy: Bool) {
    if isHealthy { member.metrics.healthSuccesses += 1 } else { member.metrics.healthFailures += 1 }
    let body = "{\"health\":\"\(isHealthy)\"}"
    reply(exchange, isHealthy ? 200 : 503, ["content-type": "text/plain; charset=utf-8"], body.bytes)
  }

  private static func exclusions(_ query: String?) -> Set<String> {
    var names: Set<String> = []
    for part in (query ?? "").split(separator: "&") where part.hasPrefix("exclude=") {
      names.insert(String(part.dropFirst("exclude=".count)))
    }
    return names
  }

  private func metrics(_ exchange: Exchange) {
    guard exchange.method == .get || exchange.method == .head else {
      return text(exchange, 405, "Method Not Allowed\n")
    }
    reply(exchange, 200, ["content-type": "text/plain; version=0.0.4; charset=utf-8"], member.metricsPage())
  }

  private func text(_ exchange: Exchange, _ status: Int, _ body: String) {
    reply(
      exchange, status, ["content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff"],
      body.bytes)
  }

  private func reply(_ exchange: Exchange, _ status: Int, _ headers: HeaderList, _ body: Bytes) {
    var headers = headers
    if let origin = member.allowedOrigin(exchange.headers["origin"]) {
      headers.add("access-control-allow-methods", "POST, GET, OPTIONS, PUT, DELETE")
      headers.add("access-control-allow-origin", origin)
      headers.add("access-control-allow-headers", "accept, content-type, authorization")
    }
    exchange.respond(status, headers, body: body)
  }
}
