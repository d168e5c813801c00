import Base
import Doors
import HTTP

// What a request meets: the proxy's own pages, the rules of `readonly`, then the way to the cluster.

extension HTTPProxy: ExchangeHandler {
  func requestBegan(_ exchange: Exchange) {
    if exchange.isGRPC { return beginCall(exchange) }
    if ProxyRequest.isPage(exchange, ProxyRequest.metricsPath) { return answerMetrics(exchange) }
    if mode == .readonly, !passesReadOnly(exchange) { return }
    guard access.admits(exchange, log) else { return }
    if ProxyRequest.isPage(exchange, ProxyRequest.configPath) { return answerConfig(exchange) }
    let isSafe =
      exchange.method == .get || exchange.method == .head || exchange.method == .options
      || exchange.method == .post && exchange.target.starts(with: ProxyRequest.gatewayStart)
        && ReadOnlyRules.isSafe(gateway: exchange.path)
    forward(exchange, isSafe: isSafe)
  }

  func requestBody(_ exchange: Exchange, _ bytes: UnsafeRawBufferPointer) {
    guard let errand = errand(of: exchange) else { return exchange.consumed(bytes.count) }
    errand.receive(bytes)
  }

  func requestEnded(_ exchange: Exchange) { errand(of: exchange)?.requestEnded() }

  func requestCancelled(_ exchange: Exchange) {
    guard let errand = errand(of: exchange) else { return }
    errand.cancel()
    drop(errand)
  }

  func exchangeDrained(_ exchange: Exchange) { errand(of: exchange)?.clientDrained() }

  func requestStalled(_ exchange: Exchange) {
    if let errand = errand(of: exchange) {
      errand.cancel()
      drop(errand)
    }
    exchange.isGRPC
      ? exchange.replyError(4, "etcdproxy: the request's body did not come") : exchange.respond(408)
  }

  /// Nothing else is ever put there.
  private func errand(of exchange: Exchange) -> Errand? {
    exchange.userData.map { unsafeDowncast($0, to: Errand.self) }
  }

  // MARK: To the cluster

  private func forward(_ exchange: Exchange, isSafe: Bool, body: Bytes? = nil) {
    metrics.came(exchange.method)
    let forwarding = Forwarding(
      exchange, body: body, version: exchange.isGRPC ? .http2 : .http1, isSafe: isSafe, owner: self)
    keep(forwarding)
    forwarding.start()
  }

  // MARK: gRPC

  private func beginCall(_ exchange: Exchange) {
    let path = exchange.path
    guard mode == .readonly else { return forward(exchange, isSafe: ReadOnlyRules.isSafe(call: path)) }
    switch ReadOnlyRules.verdict(call: path) {
    case .pass: forward(exchange, isSafe: ReadOnlyRules.isSafe(call: path))
    case .passReadingTxn: inspect(exchange, isGRPC: true)
    case .refuse: refuse(exchange)
    }
  }

  private func inspect(_ exchange: Exchange, isGRPC: Bool) {
    let inspection = TxnInspection(exchange, isGRPC: isGRPC, limit: messageLimit) {
      [unowned self] inspection, outcome in
      drop(inspection)
      exchange.userData = nil
      switch outcome {
      case .passes(let body): forward(exchange, isSafe: true, body: body)
      case .refused: refuse(exchange)
      case .fault(let fault): isGRPC ? exchange.replyError(fault) : ProxyReplies.gateway(exchange, fault)
      }
    }
    keep(inspection)
    // A request without a body has ended already, and is heard to end.
  }

  private func refuse(_ exchange: Exchange) {
    metrics.refusedWrite()
    let fault = GRPC.Fault(code: ReadOnlyRules.refusalCode, message: ReadOnlyRules.refusal)
    exchange.isGRPC ? exchange.replyError(fault) : ProxyReplies.gateway(exchange, fault)
  }

  // MARK: Rules

  /// As etcd 3.4: proxy/httpproxy/proxy.go, readonlyHandlerFunc; HEAD and OPTIONS change nothing and pass as well, and so do
  /// the gateway's reading calls, which are POSTs.
  private func passesReadOnly(_ exchange: Exchange) -> Bool {
    if exchange.method == .get || exchange.method == .head || exchange.method == .options { return true }
    guard exchange.method == .post, let verdict = ReadOnlyRules.verdict(gateway: exchange.path) else {
      metrics.refusedWrite()
      exchange.respond(501)
      return false
    }
    switch verdict {
    case .pass: return true
    case .passReadingTxn:
      if access.admits(exchange, log) { inspect(exchange, isGRPC: false) }
      return false
    case .refuse:
      if access.admits(exchange, log) { refuse(exchange) }
      return false
    }
  }

  // MARK: Own pages

  func answerMetrics(_ exchange: Exchange) {
    exchange.respond(
      200, ["content-type": "text/plain; version=0.0.4; charset=utf-8"], body: metrics.page(facts))
  }

  /// As etcd 3.4: proxy/httpproxy/proxy.go, configHandler.
  private func answerConfig(_ exchange: Exchange) {
    guard exchange.method == .get else { return PlainText.methodNotAllowed(exchange, allow: "GET") }
    let urls = JSONValue.array(director.available.map { .string($0.text) })
    let body = JSONValue.object([.init("endpoints", urls)]).serialized()
    exchange.respond(200, ["content-type": "text/plain; charset=utf-8"], body: body + [0x0A])
  }
}

/// The port of `--listen-metrics-urls`: the counters, and nothing else.
final class MetricsDoor: ExchangeHandler {
  private unowned let proxy: HTTPProxy
  init(_ proxy: HTTPProxy) { self.proxy = proxy }

  func requestBegan(_ exchange: Exchange) {
    if ProxyRequest.isPage(exchange, ProxyRequest.metricsPath) {
      proxy.answerMetrics(exchange)
    } else {
      PlainText.notFound(exchange)
    }
  }
  func requestBody(_ exchange: Exchange, _ bytes: UnsafeRawBufferPointer) { exchange.consumed(bytes.count) }
  func requestEnded(_ exchange: Exchange) {}
  func requestCancelled(_ exchange: Exchange) {}
  func exchangeDrained(_ exchange: Exchange) {}
}

/// What the proxy reads of a request.
enum ProxyRequest {
  static let metricsPath = "/metrics".bytes
  static let configPath = "/v2/config/local/proxy".bytes
  static let gatewayStart = "/v3".bytes

  /// Whether the request's path is exactly this one.
  static func isPage(_ exchange: Exchange, _ path: Bytes) -> Bool {
    exchange.target.starts(with: path)
      && (exchange.target.count == path.count || exchange.target[path.count] == UInt8(ascii: "?"))
  }

  /// The client's address, for `X-Forwarded-For`; empty for a unix socket.
  static func client(of exchange: Exchange) -> String {
    (exchange.connection?.owner as? Connection)?.clientAddress ?? ""
  }

  private static let waitingCalls: Set<String> = [
    "/etcdserverpb.Watch/Watch", "/etcdserverpb.Lease/LeaseKeepAlive", "/v3electionpb.Election/Observe",
    "/v3electionpb.Election/Campaign", "/v3lockpb.Lock/Lock", "/grpc.health.v1.Health/Watch", "/v3/watch",
    "/v3beta/watch", "/v3/lease/keepalive", "/v3beta/lease/keepalive", "/v3/election/observe",
    "/v3beta/election/observe",
  ]

  /// Whether a request may wait for changes for as long as it likes.
  static func waits(_ exchange: Exchange) -> Bool {
    if waitingCalls.contains(exchange.path) { return true }
    return exchange.query.map { Query($0.bytes)["wait"] == "true" } ?? false
  }
}

/// Answers of the proxy's own.
enum ProxyReplies {
  /// As etcd 3.4: etcdserver/api/v2http/httptypes/errors.go.
  static func message(_ exchange: Exchange, _ status: Int, _ text: String) {
    let body = JSONValue.object([.init("message", .string(text))]).serialized()
    exchange.respond(status, ["content-type": "application/json"], body: body)
  }

  /// A gRPC error as the gateway words it. As grpc-gateway 1.x: runtime/errors.go.
  static func gateway(_ exchange: Exchange, _ fault: GRPC.Fault) {
    let body = JSONValue.object([
      .init("error", .string(fault.message)), .init("message", .string(fault.message)),
      .init("code", .integer(fault.code)),
    ]).serialized()
    let status =
      switch fault.code {
      case 3: 400
      case 7: 403
      case 8: 429
      case 14: 503
      default: 500
      }
    exchange.respond(status, ["content-type": "application/json"], body: body)
  }
}
