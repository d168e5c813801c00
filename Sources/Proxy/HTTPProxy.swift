import Base
import Config
import Doors
import Event
import HTTP
import TLS

/// The proxy at work: its front, its back, and the loop between. What to do the `Director` says.
final class HTTPProxy {
  enum Mode: String { case on, readonly }

  let mode: Mode
  let loop: EventLoop
  let log: Log
  let access: AccessControl
  /// Longest message of gRPC that is looked into.
  let messageLimit: Int
  var metrics = ProxyMetrics()
  let heads = PassedHeads()
  private(set) var director: Director
  private(set) var isStopping = false

  private let settings: Settings
  private let file: ClusterFile
  private let tls: ProxyTLS
  private let resolver: Resolver
  private let dialer: BackDialer
  private let front: Front
  private let budget: BackBudget
  private var contexts: [ServerContext] = []
  private var backs: [Director.ID: Back] = [:]
  private var dirty: [BackConnection] = []
  private var errands: [Errand] = []
  private var probes: [Director.ID: Probe] = [:]
  private var search: MemberSearch?
  private var timers: [Timer] = []
  private var alarm: Timer?
  private let pen: ClusterFilePen
  /// Where `--discovery-srv` is given.
  private var seeds: SeedSource?
  private var onFirstAnswer: (() -> Void)?
  private var stopBy: Instant?

  init(
    _ mode: Mode, _ settings: Settings, peers: [EndpointURL], isFromFile: Bool, file: ClusterFile,
    tls: ProxyTLS,
    loop: EventLoop, log: Log
  ) {
    self.mode = mode
    self.settings = settings
    self.file = file
    self.tls = tls
    self.loop = loop
    self.log = log
    access = AccessControl(settings)
    messageLimit = settings.maxRequestBytes + Limits.grpcOverheadBytes
    director = Director(
      Director.Rules(failureWait: settings.proxyFailureWait, refreshInterval: settings.proxyRefreshInterval),
      peers: peers, saved: isFromFile ? peers : nil)
    resolver = Resolver(loop)
    dialer = BackDialer(
      loop: loop, resolver: resolver, tls: tls, dialTimeout: settings.proxyDialTimeout,
      readTimeout: settings.proxyReadTimeout, writeTimeout: settings.proxyWriteTimeout)
    // Each request over HTTP/1.1 has a connection on either side.
    front = Front(
      loop, log: log.named("embed"), judgesOrigin: settings.clientTLS.requiresClientCertificate,
      descriptorsPerConnection: 2)
    budget = BackBudget(limit: front.connectionLimit)
    pen = ClusterFilePen(file, log)
  }

  var now: Instant { loop.now }

  // MARK: Start

  /// Looks for the cluster, and calls `then` after the first answer or the failure to get one.
  func findMembers(_ then: @escaping () -> Void) {
    onFirstAnswer = then
    loop.onTurnEnd = { [unowned self] in endTurn() }
    let alarm = Timer(loop) { [unowned self] in perform(director.tick(at: loop.now)) }
    self.alarm = alarm
    perform(director.start())
    guard !settings.discoveryDomain.isEmpty else { return }
    seeds = SeedSource(
      loop, domain: settings.discoveryDomain, serviceName: settings.discoveryServiceName, log: log
    ) { [unowned self] in
      director.named($0, at: loop.now)
      setAlarm()
    }
  }

  func listen() throws(FrontError) {
    let context = makeContext(self)
    for url in settings.listenClientURLs { try front.listen(url, context: context, tls: tls.front) }
    let metricsContext = makeContext(MetricsDoor(self))
    for url in settings.listenMetricsURLs {
      try front.listen(url, context: metricsContext, tls: tls.front, isReserved: true)
    }
    repeatedly(.seconds(1)) { [unowned self] in everySecond() }
    repeatedly(tickInterval) { [unowned self] in
      let now = loop.now
      for back in backs.values { back.tick(at: now) }
    }
    front.start()
  }

  private func makeContext(_ handler: any ExchangeHandler) -> ServerContext {
    let context = ServerContext(handler: handler)
    context.budget = front.bytes
    context.maxConcurrentStreams = min(settings.maxConcurrentStreams, Limits.defaultConcurrentStreams)
    context.pingPolicy = PingPolicy(minTime: settings.keepAliveMinTime)
    context.keepalive = Keepalive(interval: settings.keepAliveInterval, timeout: settings.keepAliveTimeout)
    context.setDate(unixSeconds: loop.wallNanoseconds / 1_000_000_000)
    contexts.append(context)
    return context
  }

  /// Often enough for the shortest time-out.
  private var tickInterval: TimeSpan {
    let times = [settings.proxyReadTimeout, settings.proxyWriteTimeout].filter { $0 > .zero }
    guard let shortest = times.min() else { return .seconds(1) }
    return max(.milliseconds(50), min(.seconds(1), TimeSpan(nanoseconds: shortest.nanoseconds / 8)))
  }

  private func repeatedly(_ span: TimeSpan, _ work: @escaping () -> Void) {
    let timer = Timer(loop, work)
    timer.every(span)
    timers.append(timer)
  }

  private func everySecond() {
    for context in contexts { context.setDate(unixSeconds: loop.wallNanoseconds / 1_000_000_000) }
    front.tick(at: loop.now)
    for errand in errands { errand.doubt(at: loop.now) }
    perform(director.tick(at: loop.now))
  }

  // MARK: What the director says

  func perform(_ effects: [Director.Effect]) {
    for effect in effects {
      switch effect {
      case .askMembers(let peers): ask(peers)
      case .save(let urls): pen.write(urls)
      case .probe(let id, let url): probe(id, url)
      case .forget(let id): backs.removeValue(forKey: id)?.forget()
      case .cut(let id): backs[id]?.close()
      case .log(let level, let text): log(level, text)
      }
    }
    setAlarm()
  }

  private func setAlarm() {
    guard let deadline = director.nextDeadline else { return alarm?.cancel() ?? () }
    alarm?.once(after: max(.milliseconds(1), deadline - loop.now))
  }

  private func ask(_ peers: [EndpointURL]) {
    let context: TLSContext?
    do throws(TLSError) {
      context = peers.contains(where: \.scheme.isSecure) ? try tls.context(.peers) : nil
    } catch {
      let text = "\(error)"
      return loop.post { [self] in membersAnswered(.failure(MemberList.Failure(description: text))) }
    }
    let dialer = PeerCall.Dialer(
      loop: loop, resolver: resolver, tls: context, dialTimeout: settings.proxyDialTimeout)
    search = MemberSearch(dialer, peers) { [unowned self] result in membersAnswered(result) }
  }

  private func membersAnswered(_ result: Result<MemberList, MemberList.Failure>) {
    search = nil
    switch result {
    case .success(let list):
      // A member that advertises the proxy's own address would have it call itself until nothing is left.
      let clients = list.clientURLs.filter { !settings.listenClientURLs.contains($0) }
      perform(
        director.refreshed(clients: clients, peers: list.peerURLs, cluster: list.clusterID, at: loop.now))
    case .failure(let failure): perform(director.refreshFailed(failure.description, at: loop.now))
    }
    let then = onFirstAnswer
    onFirstAnswer = nil
    then?()
  }

  private func probe(_ id: Director.ID, _ url: EndpointURL) {
    probes[id] = Probe(loop, back(id, url)) { [unowned self] health, reason in
      // Not from inside the probe: it may still be at work.
      loop.post { [self] in
        probes[id] = nil
        perform(director.probed(id, health, reason, at: loop.now))
      }
    }
  }

  private func back(_ id: Director.ID, _ url: EndpointURL) -> Back {
    if let back = backs[id] { return back }
    let made = Back(id, url, dialer, budget) { [unowned self] connection in dirty.append(connection) }
    backs[id] = made
    return made
  }

  // MARK: The turn's end

  /// Sends what this turn produced, on both sides: either may give the other something to do.
  private func endTurn() {
    for _ in 0..<8 {
      front.flush()
      if dirty.isEmpty { break }
      var batch: [BackConnection] = []
      swap(&batch, &dirty)
      for connection in batch { connection.flush() }
    }
    front.flush()
    // Whatever is left belongs to the next turn, which must then come.
    if !dirty.isEmpty { loop.post {} }
    if let stopBy, front.connectionCount == 0 || loop.now >= stopBy { loop.stop() }
  }

  // MARK: Errands

  func keep(_ errand: Errand) {
    errand.place = errands.count
    errands.append(errand)
    errand.exchange.userData = errand
  }

  func drop(_ errand: Errand) {
    guard errand.place >= 0 else { return }
    let last = errands.removeLast()
    if last !== errand {
      errands[errand.place] = last
      last.place = errand.place
    }
    errand.place = -1
  }

  // MARK: End

  /// No further connections; what is under way is answered, what waits for changes is ended.
  func stop() {
    guard !isStopping else { return stopNow() }
    isStopping = true
    stopBy = loop.now + Limits.proxyDrainTime
    for errand in errands where ProxyRequest.waits(errand.exchange) {
      errand.cancel()
      endWait(errand.exchange)
    }
    front.drain()
    repeatedly(.milliseconds(50)) {}
  }

  /// A second signal does not wait.
  private func stopNow() { stopBy = loop.now }

  private func endWait(_ exchange: Exchange) {
    if exchange.isGRPC {
      exchange.replyError(14, "etcdproxy: the proxy is stopping")
    } else if exchange.didSendHead {
      exchange.reset(.cancel)
    } else {
      ProxyReplies.message(exchange, 503, "httpproxy: the proxy is stopping")
    }
  }

  func close() {
    front.close()
    for back in backs.values { back.close() }
    pen.close()
  }

  var facts: ProxyMetrics.Facts {
    ProxyMetrics.Facts(
      endpoints: director.count, available: director.available.count, healthy: director.healthyCount,
      clients: front.connectionCount, connections: backs.values.reduce(0) { $0 + $1.connectionCount },
      outstanding: director.outstanding)
  }
}

extension HTTPProxy: ForwardingOwner {
  func chooseEndpoint(without tried: [Director.ID]) -> Back? {
    guard let id = director.pick(without: tried) else { return nil }
    if let back = backs[id] { return back }
    return director.url(of: id).map { back(id, $0) }
  }

  func endpointFailed(_ id: Director.ID, _ reason: String) {
    perform(director.failed(id, reason, at: loop.now))
  }
  func endpointSuspected(_ id: Director.ID) { director.suspect(id, at: loop.now) }
  func began(_ id: Director.ID) { director.began(id) }
  func ended(_ id: Director.ID) { director.ended(id) }

  func forwardingAnswered(_ forwarding: Forwarding, status: Int) {
    metrics.handled(forwarding.exchange.method, status: status, took: loop.now - forwarding.began)
  }

  func forwardingFailed(_ forwarding: Forwarding, _ reason: String) {
    metrics.dropped(forwarding.exchange.method, .failedSendingRequest)
    log(.info, "failed to direct request to an endpoint: \(reason)")
  }

  func forwardingRefused(_ forwarding: Forwarding, _ reason: Forwarding.Refusal) {
    let exchange = forwarding.exchange
    let text: String
    let status: Int
    switch reason {
    case .noEndpoints:
      metrics.dropped(exchange.method, .zeroEndpoints)
      (status, text) = (503, "zero endpoints currently available")
    case .allTried(let count):
      metrics.dropped(exchange.method, .failedGettingResponse)
      (status, text) = (502, "unable to get response from \(count) endpoint(s)")
    case .noConnection(let limit):
      metrics.dropped(exchange.method, .failedSendingRequest)
      (status, text) = (503, "all \(limit) connections to the cluster are in use")
    }
    log(.info, "httpproxy: \(text)")
    if exchange.isGRPC {
      exchange.replyError(14, "etcdproxy: \(text)")
    } else {
      ProxyReplies.message(exchange, status, "httpproxy: \(text)")
    }
  }

  func forwardingEnded(_ forwarding: Forwarding) { drop(forwarding) }
}

/// Writes `proxy/cluster` on a thread of its own: the disk may take its time.
final class ClusterFilePen {
  private let letters = Mailbox<[EndpointURL]>()
  private var thread: Thread?
  private let file: ClusterFile
  private let log: Log

  init(_ file: ClusterFile, _ log: Log) {
    self.file = file
    self.log = log
  }

  func write(_ urls: [EndpointURL]) {
    letters.post(urls)
    guard thread == nil else { return }
    thread = Thread(name: "cluster-file") { [letters, file, log] in
      while let waiting = letters.waitForAll() {
        guard let newest = waiting.last else { continue }
        do throws(ClusterFile.Failure) { try file.write(newest) } catch {
          log(.warning, "proxy: could not keep the peer URLs for the next start: \(error)")
        }
      }
    }
  }

  /// Waits until the last one is written.
  func close() {
    letters.close()
    thread?.join()
    thread = nil
  }
}
