import Base
import Config
import Event
import Glibc
import HTTP
import TLS

/// The client ports: listeners, their connections, and the flush at the end of each turn.
package final class Front: ConnectionOwner {
  private unowned let loop: EventLoop
  private let log: Log
  private let budget: ConnectionBudget
  /// For ports that clients must not be able to fill.
  private let reserve = ConnectionBudget(limit: Limits.reservedConnections)
  /// What all connections hold; the contexts of all ports share it.
  package let bytes = ByteBudget()
  private var didWarn = false
  private var listeners: [Listener] = []
  private var connections: [Connection] = []
  private var dirty: [Connection] = []
  private var certificate: TLSContext?
  /// Its thread starts with the first certificate whose names must be looked up.
  private lazy var names = NameBook(loop)
  /// Whether those who show a certificate must call from where it says.
  private let judgesOrigin: Bool

  /// - Parameter descriptorsPerConnection: 2 where each client needs a connection of its own to somewhere else.
  package init(
    _ loop: EventLoop, log: Log, judgesOrigin: Bool = false, descriptorsPerConnection: Int = 1
  ) {
    self.judgesOrigin = judgesOrigin
    self.loop = loop
    self.log = log
    budget = ConnectionBudget(limit: max(1, Self.descriptorsForClients() / descriptorsPerConnection))
    bytes.relieve = { [unowned self] in dropGreediest() }
  }

  /// What the descriptor limit leaves after files and peers. As etcd 3.4: embed/etcd.go, startClientListeners.
  private static func descriptorsForClients() -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
    return max(Int(clamping: limit.rlim_cur) - Limits.reservedDescriptors, 1)
  }

  /// Why the system's limit on descriptors leaves nothing to serve with; nil where it does.
  /// As etcd 3.4: embed/etcd.go, configureClientListeners.
  package static func tooFewDescriptors() -> String? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
      limit.rlim_cur <= UInt64(Limits.reservedDescriptors)
    else { return nil }
    return "file descriptor limit[\(limit.rlim_cur)] of etcd process is too low, and should be set higher than "
      + "\(Limits.reservedDescriptors) to ensure internal usage"
  }

  /// Binds one URL; connections are accepted from `start` on.
  /// `isReserved`: not for clients, so their number does not count here.
  package func listen(
    _ url: EndpointURL, context: ServerContext, tls: TLSContext?, isReserved: Bool = false
  ) throws(FrontError) {
    let address: SocketAddress
    if url.scheme.isUnix {
      address = .unix(url.authority)
    } else if let port = url.portNumber,
      let literal = SocketAddress(literal: url.host == "localhost" ? "127.0.0.1" : url.host, port: port)
    {
      address = literal
    } else {
      throw .notAnAddress(url.text)
    }
    do throws(EventError) {
      let budget = isReserved ? reserve : self.budget
      let listener = try Listener(loop, address, budget: budget)
      let tls = url.scheme.isSecure ? tls : nil
      certificate = certificate ?? tls
      listener.onAccept = { [unowned self] socket in accept(socket, context, tls, budget) }
      listener.onError = { [log] error in log(.warning, "\(error)") }
      listeners.append(listener)
    } catch { throw .cannotListen(error) }
  }

  package func start() { for listener in listeners { listener.start() } }

  private func accept(
    _ socket: Socket, _ context: ServerContext, _ tls: TLSContext?, _ budget: ConnectionBudget
  ) {
    let connection = Connection(
      socket, context: context, tls: tls?.session(), names: tls != nil && judgesOrigin ? names : nil,
      owner: self,
      budget: budget, log: log)
    connection.place = connections.count
    connections.append(connection)
  }

  // MARK: Facts

  package var connectionCount: Int { connections.count }
  /// How many there may be; further ones wait in the kernel's backlog.
  package var connectionLimit: Int { budget.limit }
  /// What waits in the buffers of connections.
  package var bufferedBytes: Int { connections.reduce(0) { $0 + $1.server.output.count } }
  /// When the certificate that clients are shown ends, in seconds since 1970; nil without TLS.
  package var certificateEnd: Int64? { certificate?.certificateEnd }

  // MARK: Connections

  package func connectionWantsFlush(_ connection: Connection) { dirty.append(connection) }

  package func connectionClosed(_ connection: Connection) {
    let last = connections.removeLast()
    if last !== connection {
      connections[connection.place] = last
      last.place = connection.place
    }
    connection.budget.release()
  }

  /// Bytes are over their bound: whoever holds most has to go.
  private func dropGreediest() {
    let open = connections.filter { !$0.server.wantsClose }
    guard let greediest = open.max(by: { $0.heldBytes < $1.heldBytes }) else { return }
    log(
      .warning,
      "dropped the connection of \(greediest.socket.peer), which held most of \(bytes.used) bytes: \(greediest.heldBytes)"
    )
    greediest.server.drop("too_much_held")
  }

  /// Says once that most connections are in use, and again after they were fewer.
  private func watchConnections() {
    let isHigh = budget.used >= budget.limit / 100 * Limits.connectionsWarningPercent
    if isHigh, !didWarn {
      log(
        .warning,
        "\(Limits.connectionsWarningPercent)% of the file descriptor limit is used [used = \(budget.used), limit = \(budget.limit)]"
      )
      didWarn = true
    } else if budget.used < budget.limit / 100 * (Limits.connectionsWarningPercent - 10) {
      didWarn = false
    }
  }

  /// Sends what this turn produced.
  package func flush() {
    if bytes.takeRelief() { for connection in connections { connection.server.relieved() } }
    while !dirty.isEmpty {
      var batch: [Connection] = []
      swap(&batch, &dirty)
      for connection in batch { connection.flush() }
    }
  }

  /// To be called every second or so: handshakes and heads that take too long, pings.
  package func tick(at now: Instant) {
    watchConnections()
    // Those that end meanwhile change the list.
    for connection in Array(connections) { connection.tick(at: now) }
  }

  /// Stops accepting; what is open is answered and then closed.
  package func drain() {
    for listener in listeners { listener.close() }
    listeners = []
    for connection in connections { connection.drain() }
  }

  /// Ends everything at once.
  package func close() {
    for listener in listeners { listener.close() }
    listeners = []
    for connection in Array(connections) { connection.close() }
  }
}

/// Why a client port cannot be served.
package enum FrontError: Error, CustomStringConvertible {
  case notAnAddress(String)
  case cannotListen(EventError)

  package var description: String {
    switch self {
    case .notAnAddress(let url): "expected IP in URL for binding (\(url))"
    case .cannotListen(let error): error.description
    }
  }
}
