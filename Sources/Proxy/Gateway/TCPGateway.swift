import Base
import Config
import Doors
import Event

/// Accepts connections and joins each with a member's. It does not know what the bytes mean.
/// As etcd 3.4: proxy/tcpproxy/userspace.go.
final class TCPGateway {
  struct Counts {
    var accepted: UInt64 = 0
    /// Closed at once, because no endpoint was active.
    var refused: UInt64 = 0
    var bytesToBack: UInt64 = 0
    var bytesToFront: UInt64 = 0
    var failures: [String: UInt64] = [:]
  }

  private unowned let loop: EventLoop
  private let log: Log
  private let resolver: Resolver
  private var choice: EndpointChoice
  private var dice: Dice
  private let retryDelay: TimeSpan
  private var monitor: Timer?
  private var probes: [String: Connector] = [:]
  private var listeners: [Listener] = []
  private let budget: ConnectionBudget
  private var sessions: [GatewaySession] = []
  private var drained: (() -> Void)?
  var counts = Counts()

  /// `retryDelay` of zero means five minutes, as in etcd 3.4.
  init(
    _ loop: EventLoop, _ endpoints: [EndpointChoice.Endpoint], retryDelay: TimeSpan, seed: UInt64, log: Log
  ) {
    self.loop = loop
    self.log = log
    self.retryDelay = retryDelay == .zero ? .seconds(300) : retryDelay
    choice = EndpointChoice(endpoints)
    dice = Dice(seed: seed)
    resolver = Resolver(loop)
    // A connection costs two descriptors.
    let limit = Int(clamping: ProcessFacts.descriptorLimit)
    budget = ConnectionBudget(limit: max((limit - Limits.reservedDescriptors) / 2, 1))
    let monitor = Timer(loop) { [unowned self] in probe() }
    monitor.every(self.retryDelay)
    self.monitor = monitor
  }

  func listen(_ address: SocketAddress) throws(EventError) {
    let listener = try Listener(loop, address, budget: budget)
    listener.onAccept = { [unowned self] in accept($0) }
    listener.onError = { [log] in log(.warning, "\($0)") }
    listeners.append(listener)
  }

  func start() {
    for listener in listeners { listener.start() }
    let names = choice.endpoints.map(\.name)
    log(.info, "ready to proxy client requests", LogField("endpoints", .texts(names)))
  }

  private func accept(_ socket: Socket) {
    counts.accepted += 1
    let session = GatewaySession(socket, self)
    session.place = sessions.count
    sessions.append(session)
    session.connect()
  }

  func ended(_ session: GatewaySession) {
    let last = sessions.removeLast()
    if last !== session {
      sessions[session.place] = last
      last.place = session.place
    }
    budget.release()
    if sessions.isEmpty { drained?() }
  }

  // MARK: Endpoints

  /// Another list of endpoints, from DNS. Connections that are open stay where they are: their bytes belong together.
  func replace(_ endpoints: [EndpointChoice.Endpoint]) {
    guard endpoints != choice.endpoints else { return }
    choice.replace(with: endpoints)
    let names = Set(choice.endpoints.map(\.name))
    counts.failures = counts.failures.filter { names.contains($0.key) }
    for name in probes.keys where !names.contains(name) { probes.removeValue(forKey: name)?.cancel() }
    log(.info, "endpoints changed", LogField("endpoints", .texts(choice.endpoints.map(\.name))))
  }

  var endpoints: [(name: String, isActive: Bool)] {
    choice.endpoints.map { ($0.name, choice.isActive($0.name)) }
  }
  var connectionCount: Int { sessions.count }
  var isHealthy: Bool { choice.hasActive }

  func pick() -> EndpointChoice.Endpoint? { choice.pick(&dice) }

  /// The addresses of an endpoint, without those that lead back here.
  func addresses(
    of endpoint: EndpointChoice.Endpoint, _ done: @escaping (Result<[SocketAddress], GatewayFailure>) -> Void
  ) {
    resolver.addresses(of: endpoint.host, port: endpoint.port) { [weak self] result in
      guard let self else { return }
      switch result {
      case .failure(let failure): done(.failure(GatewayFailure("dial tcp: \(failure)")))
      case .success(let found):
        let others = found.filter { !self.isOwn($0) }
        done(
          others.isEmpty
            ? .failure(GatewayFailure("\(endpoint.name) is the gateway's own address")) : .success(others))
      }
    }
  }

  private func isOwn(_ address: SocketAddress) -> Bool {
    listeners.contains { $0.address.leads(to: address) }
  }

  func failed(_ endpoint: EndpointChoice.Endpoint, _ reason: String) {
    guard choice.knows(endpoint.name) else { return }
    counts.failures[endpoint.name, default: 0] += 1
    guard choice.failed(endpoint.name) else { return }
    log(
      .warning, "deactivated endpoint", LogField("address", endpoint.name),
      LogField("interval", retryDelay), LogField("error", reason))
  }

  /// Looks whether those that failed can be reached again.
  private func probe() {
    for endpoint in choice.inactive where probes[endpoint.name] == nil {
      addresses(of: endpoint) { [weak self] result in
        guard let self, choice.knows(endpoint.name) else { return }
        switch result {
        case .failure(let failure): stays(endpoint, failure.text)
        case .success(let found): dial(endpoint, found)
        }
      }
    }
  }

  private func dial(_ endpoint: EndpointChoice.Endpoint, _ addresses: [SocketAddress]) {
    probes[endpoint.name] = Connector(loop, to: addresses, timeout: Limits.gatewayDialTime) {
      [weak self] outcome in
      guard let self else { return }
      probes[endpoint.name] = nil
      switch outcome {
      case .connected(let socket):
        socket.close()
        if choice.recovered(endpoint.name) { log(.info, "activated", LogField("address", endpoint.name)) }
      case .failed(let error): stays(endpoint, error.description)
      }
    }
  }

  private func stays(_ endpoint: EndpointChoice.Endpoint, _ reason: String) {
    log(
      .warning, "failed to activate endpoint (stay inactive for another interval)",
      LogField("address", endpoint.name), LogField("interval", retryDelay), LogField("error", reason))
  }

  // MARK: The end

  /// Accepts no more; `done` when the last connection has ended, or its time has run out.
  func drain(_ done: @escaping () -> Void) {
    for listener in listeners { listener.close() }
    listeners = []
    monitor = nil
    guard !sessions.isEmpty else { return done() }
    let timer = Timer(loop) { [weak self] in self?.closeAll() }
    timer.once(after: Limits.frontDrainTime)
    drained = {
      timer.cancel()
      done()
    }
  }

  private func closeAll() {
    log(.warning, "connections still open at the end were closed", LogField("count", sessions.count))
    for session in Array(sessions) { session.close() }
  }
}

/// Why the gateway cannot do what it should.
struct GatewayFailure: Error {
  let text: String
  init(_ text: String) { self.text = text }
}

extension SocketAddress {
  /// Whether a connection to `target` arrives at a listener that is bound to this address.
  func leads(to target: SocketAddress) -> Bool {
    guard case .ip(let own, let port, _) = kind, case .ip(let other, target.port, _) = target.kind,
      port == target.port
    else { return false }
    return own == other || own.allSatisfy { $0 == 0 } && target.isLoopback
  }
}
