import Base
import Config
import Discovery
import Doors
import Event
import Glibc
import HTTP
import TLS

/// Runs `etcd gateway start` until it is told to stop. As etcd 3.4: etcdmain/gateway.go, startGateway.
///
/// - Parameter seed: chance for the choice of endpoints; drawn by the program.
/// - Parameter complain: prints a line about a start that cannot be.
package func runGateway(
  _ settings: GatewaySettings, log: Log, seed: UInt64, complain: (String) -> Void
) -> ProgramEnd {
  signal(SIGPIPE, SIG_IGN)
  let loop = EventLoop()
  do {
    let source = try discovered(settings, loop, log)
    let plan = try GatewayPlan(settings, try source?.waitForFirst(serviceName: settings.discoveryServiceName))
    let gateway = TCPGateway(loop, plan.endpoints, retryDelay: settings.retryDelay, seed: seed, log: log)
    for address in plan.listeners {
      do throws(EventError) { try gateway.listen(address) } catch { throw GatewayFailure(error.description) }
    }
    let pages =
      try settings.metricsAddress.isEmpty ? nil : GatewayPages(loop, gateway, settings.metricsAddress, log)
    gateway.start()
    source?.onChange = { gateway.replace($0.map { EndpointChoice.Endpoint($0) }) }
    Notify.ready()
    ProgramPages.release()
    return withExtendedLifetime((pages, source)) {
      runUntilTold(loop) { signal in
        log(.notice, "received signal; shutting down", LogField("signal", signal))
        gateway.drain { loop.stop() }
      }
    }
  } catch {
    complain((error as? GatewayFailure)?.text ?? "\(error)")
    return .code(1)
  }
}

/// Where endpoints come from when DNS names them.
private func discovered(
  _ settings: GatewaySettings, _ loop: EventLoop, _ log: Log
) throws -> DiscoveredSource? {
  guard !settings.discoveryDomain.isEmpty else { return nil }
  let files = TLSSettings(certFile: "", keyFile: "", trustedCAFile: settings.trustedCAFile)
  return try DiscoveredSource(
    loop, domain: settings.discoveryDomain,
    tls: settings.insecureDiscovery
      ? nil : DiscoveredSource.settings(files, domain: settings.discoveryDomain), log: log)
}

extension EndpointChoice.Endpoint {
  fileprivate init(_ found: SRVEndpoints.Endpoint) {
    self.init(host: found.host, port: found.port, priority: found.priority, weight: found.weight)
  }
}

/// What a start comes to, once its names are resolved.
private struct GatewayPlan {
  var endpoints: [EndpointChoice.Endpoint]
  var listeners: [SocketAddress]

  /// Checks as etcd 3.4 does, with its texts. Looks names up, and waits for that.
  ///
  /// - Parameter discovered: what DNS named; nil where endpoints were given.
  init(_ settings: GatewaySettings, _ discovered: [SRVEndpoints.Endpoint]?) throws {
    endpoints =
      try discovered?.map { EndpointChoice.Endpoint($0) }
      ?? settings.endpoints.filter { !$0.isEmpty }.map(Self.endpoint)
    guard let (host, portText) = splitHostPort(settings.listenAddress), let port = UInt16(portText) else {
      throw GatewayFailure("failed to validate listen address: \(settings.listenAddress)")
    }
    listeners = Resolver.addressesNow(of: host, port: port)
    guard let first = listeners.first else { throw GatewayFailure("failed to resolve listen host: \(host)") }
    // A name with several addresses is listened to on the first, as by Go.
    let own = listeners
    listeners = [first]
    var unknown: [String] = []
    for endpoint in endpoints {
      let found = Resolver.addressesNow(of: endpoint.host, port: endpoint.port)
      if found.isEmpty { unknown.append(endpoint.host) }
      if let itself = found.first(where: { address in own.contains { $0.leads(to: address) } }) {
        throw GatewayFailure(
          "SRV or endpoint (\(endpoint.name)->\(itself)) should not resolve to the gateway listen addr "
            + "(\(settings.listenAddress))")
      }
    }
    // A record whose host is not there yet must not keep the others from serving; a slip of the pen must.
    if let host = unknown.first, discovered == nil || unknown.count == endpoints.count {
      throw GatewayFailure("failed to resolve endpoint host: \(host)")
    }
    if endpoints.isEmpty { throw GatewayFailure("no endpoints found") }
  }

  private static func endpoint(_ text: String) throws -> EndpointChoice.Endpoint {
    var rest = Substring(text)
    if let mark = rest.firstRange(of: "://") { rest = rest[mark.upperBound...].prefix { $0 != "/" } }
    guard let (host, port) = splitHostPort(String(rest)), let number = UInt16(port) else {
      throw GatewayFailure("error parsing endpoint \(goQuoted(text))")
    }
    return EndpointChoice.Endpoint(host: host, port: number)
  }
}

/// `--metrics-addr`: the gateway's own figures.
private final class GatewayPages {
  private let front: Front
  private let context: ServerContext
  private let ticker: Timer

  init(_ loop: EventLoop, _ gateway: TCPGateway, _ address: String, _ log: Log) throws {
    let began = Double(loop.wallNanoseconds) / 1e9
    front = Front(loop, log: log)
    context = ServerContext(
      handler: OwnPages(
        metrics: { gateway.metrics(startSeconds: began) }, health: { $0(gateway.isHealthy) }))
    let front = front
    ticker = Timer(loop) { front.tick(at: loop.now) }
    let url: EndpointURL
    do { url = try EndpointURL(parsing: "http://" + address) } catch {
      throw GatewayFailure("failed to validate metrics address \(goQuoted(address)): it must be host:port")
    }
    try front.listen(url, context: context, tls: nil, isReserved: true)
    loop.onTurnEnd = { front.flush() }
    ticker.every(.seconds(1))
    front.start()
  }
}

extension TCPGateway {
  fileprivate func metrics(startSeconds: Double) -> Bytes {
    var text = MetricsText(capacity: 4096)
    text.begin("etcd_gateway_connections", .gauge, "Connections that are open now.")
    text.sample(UInt64(connectionCount))
    text.begin("etcd_gateway_accepted_connections_total", .counter, "Connections accepted from clients.")
    text.sample(counts.accepted)
    text.begin(
      "etcd_gateway_refused_connections_total", .counter, "Connections closed because no endpoint was active.")
    text.sample(counts.refused)
    text.begin("etcd_gateway_bytes_total", .counter, "Bytes copied, by direction.")
    text.sample("direction=\"to_member\"", counts.bytesToBack)
    text.sample("direction=\"to_client\"", counts.bytesToFront)
    text.begin(
      "etcd_gateway_endpoint_active", .gauge, "Whether an endpoint is given connections. 1 is yes, 0 is no.")
    for (name, isActive) in endpoints {
      text.sample("endpoint=\(MetricsText.quoted(name))", isActive ? 1 : UInt64(0))
    }
    text.begin(
      "etcd_gateway_dial_failures_total", .counter, "Connections to an endpoint that could not be made.")
    for (name, _) in endpoints {
      text.sample("endpoint=\(MetricsText.quoted(name))", counts.failures[name] ?? 0)
    }
    text.appendProcess(startSeconds: startSeconds)
    return text.bytes
  }
}
