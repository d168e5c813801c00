import Base
import Client
import Config
import Discovery
import Doors
import Event
import Glibc
import HTTP
import TLS
import Wire

/// Runs `etcd grpc-proxy start` until it is told to stop. As etcd 3.4: etcdmain/grpc_proxy.go, startGRPCProxy.
///
/// - Parameter seed: chance for waits; drawn by the program.
/// - Parameter complain: prints a line about a start that cannot be.
package func runGRPCProxy(
  _ settings: GRPCProxySettings, log: Log, seed: UInt64, complain: (String) -> Void
) -> ProgramEnd {
  signal(SIGPIPE, SIG_IGN)
  let loop = EventLoop()
  do {
    let doors = try GRPCProxyDoors(loop, settings, seed: seed, log: log)
    if settings.serializableOrdering { doors.recoverOrdering() } else { doors.start() }
    return runUntilTold(loop) { signal in
      log(.notice, "received signal; shutting down", LogField("signal", signal))
      doors.leave { loop.stop() }
    }
  } catch {
    complain((error as? GatewayFailure)?.text ?? "\(error)")
    return .code(1)
  }
}

/// The proxy's ports and everything behind them.
private final class GRPCProxyDoors {
  private let loop: EventLoop
  private let settings: GRPCProxySettings
  private let log: Log
  private let proxy: GRPCProxy
  private let front: Front
  private let context: ServerContext
  private let pagesContext: ServerContext
  private let desk: ServiceDesk
  private let pages: OwnPages
  private let ticker: Timer
  private let source: DiscoveredSource?
  private var leaving: Timer?

  init(_ loop: EventLoop, _ settings: GRPCProxySettings, seed: UInt64, log: Log) throws {
    self.loop = loop
    self.settings = settings
    self.log = log
    let files = Self.tls(settings, log: log)
    source = try Self.discovered(settings, files, loop, log)
    let members = try Self.members(
      settings, files, try source?.waitForFirst(serviceName: settings.discoveryServiceName), seed: seed)
    let pool = try MemberPool(loop, members, seed: seed, log: log)
    let proxy = GRPCProxy(
      loop, settings, pool, registration: try Self.registration(loop, settings, members, log), log: log)
    self.proxy = proxy
    let began = Double(loop.wallNanoseconds) / 1e9
    let counts = Counts()
    func pages(others: Pages?) -> OwnPages {
      OwnPages(
        metrics: { proxy.metrics(calls: counts.read(), startSeconds: began) }, health: { proxy.health($0) },
        others: others)
    }
    self.pages = pages(others: nil)
    desk = ServiceDesk(proxy, pages: pages(others: Self.profiles(loop, settings, log: log)))
    counts.desk = desk
    context = ServerContext(handler: desk)
    pagesContext = ServerContext(handler: self.pages)
    let streams = settings.maxConcurrentStreams
    context.maxConcurrentStreams = streams == .max || streams == 0 ? Limits.defaultConcurrentStreams : streams
    front = Front(loop, log: log)
    let front = front
    ticker = Timer(loop) { front.tick(at: loop.now) }
    context.budget = front.bytes
    pagesContext.budget = front.bytes
    source?.onChange = { proxy.replaceMembers($0.map(\.url)) }
    try listen()
  }

  /// Where the page of metrics finds the counts of calls: the desk is made after the pages.
  private final class Counts {
    weak var desk: ServiceDesk?
    func read() -> [(method: Wire.Method, count: UInt64)] {
      guard let desk else { return [] }
      return desk.methods.map { ($0, desk.counts[$0.id]) }
    }
  }

  // MARK: Toward the members

  private static func tls(_ settings: GRPCProxySettings, log: Log) -> TLSSettings? {
    guard
      !(settings.caFile + settings.certificateFile + settings.keyFile).isEmpty || settings.skipsVerification
    else { return nil }
    var tls = TLSSettings(
      certFile: settings.certificateFile, keyFile: settings.keyFile, trustedCAFile: settings.caFile)
    // A name in it would give every client the rights of the user of that name.
    tls.requiresEmptyCN = true
    tls.insecureSkipVerify = settings.skipsVerification
    if settings.skipsVerification {
      log(
        .warning,
        "--insecure-skip-tls-verify was given, this grpc proxy process skips authentication of etcd server TLS "
          + "certificates. This option should be enabled only for testing purposes.")
    }
    return tls
  }

  /// Where members come from when DNS names them.
  private static func discovered(
    _ settings: GRPCProxySettings, _ files: TLSSettings?, _ loop: EventLoop, _ log: Log
  ) throws -> DiscoveredSource? {
    guard !settings.discoveryDomain.isEmpty else { return nil }
    let files = DiscoveredSource.settings(files ?? TLSSettings(), domain: settings.discoveryDomain)
    return try DiscoveredSource(
      loop, domain: settings.discoveryDomain, tls: settings.insecureDiscovery ? nil : files, log: log)
  }

  private static func members(
    _ settings: GRPCProxySettings, _ files: TLSSettings?, _ discovered: [SRVEndpoints.Endpoint]?,
    seed: UInt64
  ) throws -> ClientSettings {
    let endpoints = discovered?.map(\.url) ?? settings.endpoints.filter { !$0.isEmpty }
    guard !endpoints.isEmpty else { throw GatewayFailure("no endpoints found") }
    var members = ClientSettings(endpoints: endpoints)
    members.seed = seed
    members.tls = files
    if discovered != nil {
      members.mixesSchemes = true
      // What was checked is what is called: by the same names.
      if !settings.insecureDiscovery {
        members.tls = DiscoveredSource.settings(files ?? TLSSettings(), domain: settings.discoveryDomain)
      }
    }
    for endpoint in endpoints {
      let parsed = ClientEndpoint(endpoint)
      if !parsed.isUnixSocket, parsed.port == nil {
        throw GatewayFailure(
          "error parsing endpoint \(goQuoted(endpoint)): it must be host:port or a URL of that")
      }
    }
    return members
  }

  private static func registration(
    _ loop: EventLoop, _ settings: GRPCProxySettings, _ members: ClientSettings, _ log: Log
  ) throws -> Registration? {
    guard !settings.resolverPrefix.isEmpty else { return nil }
    return Registration(
      try Client(loop, members), prefix: (settings.namespace + settings.resolverPrefix).bytes,
      address: settings.advertiseClientURL, ttl: settings.resolverTTLSeconds, log: log)
  }

  // MARK: Toward the clients

  /// As etcd 3.4: etcdmain/grpc_proxy.go, mustHTTPListener: on the clients' port, not on that of `--metrics-addr`.
  private static func profiles(_ loop: EventLoop, _ settings: GRPCProxySettings, log: Log) -> Pages? {
    guard settings.enableProfiling else { return nil }
    var table = PageTable()
    ProfilePages(loop).install(in: &table)
    log(.info, "gRPC proxy enabled pprof", LogField("path", "/debug/pprof"))
    return Pages(table, access: nil, log: log)
  }

  private func listen() throws {
    let tls = try settings.listensSecurely ? TLSContext(.server, listenTLS()) : nil
    tls?.onReloadFailure = { [log] error in
      log(.warning, "the changed key pair cannot be used, the former stays in use: \(error)")
    }
    try front.listen(try url(of: settings.listenAddress, isSecure: tls != nil), context: context, tls: tls)
    log(.info, "listening for gRPC proxy client requests", LogField("address", settings.listenAddress))
    guard !settings.metricsURL.isEmpty else { return }
    let url: EndpointURL
    do { url = try EndpointURL(parsing: settings.metricsURL) } catch {
      throw GatewayFailure("cannot parse \(goQuoted(settings.metricsURL)): \(error)")
    }
    if url.scheme.isSecure, tls == nil {
      throw GatewayFailure(
        "--metrics-addr \(settings.metricsURL) needs --cert-file and --key-file, or --auto-tls")
    }
    try front.listen(url, context: pagesContext, tls: tls, isReserved: true)
    log(.info, "gRPC proxy listening for metrics", LogField("address", url.text))
  }

  private func listenTLS() throws -> TLSSettings {
    var tls = TLSSettings(
      certFile: settings.listenCertificateFile, keyFile: settings.listenKeyFile,
      trustedCAFile: settings.listenCAFile)
    if tls.isEmpty, settings.automaticTLS {
      let host = splitHostPort(settings.listenAddress)?.host ?? "127.0.0.1"
      tls = try SelfSigned.settings(
        in: settings.dataDirectory + "/fixtures/proxy", hosts: [host], forClientsToo: false)
    }
    tls.trustedCAFile = settings.listenCAFile
    tls.crlFile = settings.listenRevocationFile
    tls.cipherSuites = settings.listenCipherSuites
    return tls
  }

  private func url(of address: String, isSecure: Bool) throws -> EndpointURL {
    guard let (host, text) = splitHostPort(address), let port = UInt16(text) else {
      throw GatewayFailure("failed to validate listen address: \(address)")
    }
    guard let first = Resolver.addressesNow(of: host, port: port).first else {
      throw GatewayFailure("failed to resolve listen host: \(host)")
    }
    return EndpointURL(scheme: isSecure ? .https : .http, host: first.host, port: text)
  }

  // MARK: Course

  /// Serves only once it is known how far the cluster is, so that no answer can be older than one of an earlier life.
  func recoverOrdering() {
    log(.info, "waiting for linearized read from cluster to recover ordering")
    BackUnary(
      proxy, "/etcdserverpb.KV/Range", RangeRequest(key: "_".bytes, keysOnly: true),
      timeout: Limits.proxyConnectWait
    ) { [self] result in
      switch result {
      case .success(let reply):
        proxy.saw(ReplyHeader.revision(in: reply[...]) ?? 0)
        start()
      case .failure(let status):
        log(.warning, "ordering recovery failed, retrying in 1s", LogField("error", status.message))
        let timer = Timer(loop) { [self] in recoverOrdering() }
        timer.once(after: .seconds(1))
        leaving = timer
      }
    }
  }

  func start() {
    loop.onTurnEnd = { [front] in front.flush() }
    ticker.every(.seconds(1))
    front.start()
    proxy.registration?.start()
    proxy.leasing?.start()
    log(.info, "started gRPC proxy", LogField("address", settings.listenAddress))
    Notify.ready()
    ProgramPages.release()
  }

  /// Says goodbye in order: its entry goes first, so that nobody new comes; what it owns it gives back; calls under way are answered; streams of watches
  /// and keep-alives end, so that clients go on elsewhere.
  func leave(_ done: @escaping () -> Void) {
    let finish = { [self] in
      front.close()
      proxy.pool.close()
      done()
    }
    let drain: () -> Void = { [self] in
      front.drain()
      proxy.endStreams()
      let until = loop.now + Limits.frontDrainTime
      let timer = Timer(loop) { [self] in
        if front.connectionCount == 0 || loop.now >= until {
          leaving = nil
          finish()
        }
      }
      timer.every(.milliseconds(20))
      leaving = timer
    }
    let giveBack: () -> Void = { [proxy] in
      if let leasing = proxy.leasing { leasing.leave(drain) } else { drain() }
    }
    if let registration = proxy.registration { registration.revoke(giveBack) } else { giveBack() }
  }
}

extension GRPCProxy {
  func metrics(calls: [(method: Wire.Method, count: UInt64)], startSeconds: Double) -> Bytes {
    var text = MetricsText(capacity: 8192)
    // As etcd 3.4: proxy/grpcproxy/metrics.go.
    text.begin("etcd_grpc_proxy_cache_hits_total", .gauge, "Total number of cache hits")
    text.sample(cache.hits)
    text.begin("etcd_grpc_proxy_cache_keys_total", .gauge, "Total number of keys/ranges cached")
    text.sample(UInt64(cache.count))
    text.begin("etcd_grpc_proxy_cache_misses_total", .gauge, "Total number of cache misses")
    text.sample(cache.misses)
    text.begin("etcd_grpc_proxy_events_coalescing_total", .counter, "Total number of events coalescing")
    text.sample(watches.coalescedEvents)
    text.begin(
      "etcd_grpc_proxy_watchers_coalescing_total", .gauge, "Total number of current watchers coalescing")
    text.sample(UInt64(max(0, watches.watcherCount - watches.groupCount)))
    // Ours.
    text.begin("etcd_grpc_proxy_watchers", .gauge, "Watches of clients, and of ranges whose replies are kept.")
    text.sample(UInt64(watches.watcherCount))
    text.begin("etcd_grpc_proxy_member_watches", .gauge, "Watches at members that they share.")
    text.sample(UInt64(watches.groupCount))
    text.begin(
      "etcd_grpc_proxy_keepalives_coalescing_total", .counter,
      "Keep-alives of leases that cost the members nothing.")
    text.sample(sharedKeepAlives)
    if let leasing = leasing?.figures { append(leasing, to: &text) }
    text.begin(
      "etcd_grpc_proxy_member_connected", .gauge, "Whether an endpoint is connected. 1 is yes, 0 is no.")
    for (name, isReady) in pool.endpoints {
      text.sample("endpoint=\(MetricsText.quoted(name))", isReady ? 1 : UInt64(0))
    }
    text.begin("etcd_grpc_proxy_calls_total", .counter, "Calls received, by service and method.")
    for (method, count) in calls {
      text.sample("grpc_service=\"\(method.service)\",grpc_method=\"\(method.name)\"", count)
    }
    text.appendProcess(startSeconds: startSeconds)
    return text.bytes
  }

  private func append(_ leasing: LeasingHub.Figures, to text: inout MetricsText) {
    text.begin(
      "etcd_grpc_proxy_leasing_session", .gauge, "Whether keys may be owned. 1 is yes, 0 is no.")
    text.sample(leasing.hasSession ? 1 : UInt64(0))
    text.begin("etcd_grpc_proxy_leasing_keys", .gauge, "Keys that this proxy owns.")
    text.sample(leasing.keys)
    text.begin(
      "etcd_grpc_proxy_leasing_hits_total", .counter, "Reads answered without a member, from what is owned.")
    text.sample(leasing.hits)
    text.begin(
      "etcd_grpc_proxy_leasing_revoked_total", .counter, "Keys that others asked this proxy to give back.")
    text.sample(leasing.revoked)
  }
}
