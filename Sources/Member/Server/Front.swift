import Base
import Config
import Event
import Glibc
import HTTP
import TLS

/// The client ports: listeners, their connections, and the flush at the end of each turn.
final class Front: ConnectionOwner {
  private unowned let loop: EventLoop
  private let log: Log
  private let budget: ConnectionBudget
  private var listeners: [Listener] = []
  private var connections: [Connection] = []
  private var dirty: [Connection] = []
  /// Its thread starts with the first certificate whose names must be looked up.
  private lazy var resolver = Resolver(loop)

  init(_ loop: EventLoop, log: Log) {
    self.loop = loop
    self.log = log
    budget = ConnectionBudget(limit: Self.connectionLimit())
  }

  /// What the descriptor limit leaves after files and peers. As etcd 3.4: embed/etcd.go, startClientListeners.
  private static func connectionLimit() -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
    return max(Int(clamping: limit.rlim_cur) - Limits.reservedDescriptors, 1)
  }

  /// Binds one URL; connections are accepted from `start` on.
  func listen(_ url: EndpointURL, context: ServerContext, tls: TLSContext?) throws(FrontError) {
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
      let listener = try Listener(loop, address, budget: budget)
      let tls = url.scheme.isSecure ? tls : nil
      listener.onAccept = { [unowned self] socket in accept(socket, context, tls) }
      listener.onError = { [log] error in log(.warning, "\(error)") }
      listeners.append(listener)
    } catch { throw .cannotListen(error) }
  }

  func start() { for listener in listeners { listener.start() } }

  private func accept(_ socket: Socket, _ context: ServerContext, _ tls: TLSContext?) {
    let connection = Connection(
      socket, context: context, tls: tls?.session(), resolver: tls == nil ? nil : resolver, owner: self,
      log: log)
    connection.place = connections.count
    connections.append(connection)
  }

  // MARK: Connections

  func connectionWantsFlush(_ connection: Connection) { dirty.append(connection) }

  func connectionClosed(_ connection: Connection) {
    let last = connections.removeLast()
    if last !== connection {
      connections[connection.place] = last
      last.place = connection.place
    }
    budget.release()
  }

  /// Sends what this turn produced.
  func flush() {
    while !dirty.isEmpty {
      var batch: [Connection] = []
      swap(&batch, &dirty)
      for connection in batch { connection.flush() }
    }
  }

  /// To be called every second or so: handshakes and heads that take too long, pings.
  func tick(at now: Instant) { for connection in connections { connection.tick(at: now) } }

  /// Stops accepting; what is open is answered and then closed.
  func drain() {
    for listener in listeners { listener.close() }
    listeners = []
    for connection in connections { connection.drain() }
  }

  /// Ends everything at once.
  func close() {
    for listener in listeners { listener.close() }
    listeners = []
    for connection in Array(connections) { connection.close() }
  }
}

/// Why a client port cannot be served.
enum FrontError: Error, CustomStringConvertible {
  case notAnAddress(String)
  case cannotListen(EventError)

  var description: String {
    switch self {
    case .notAnAddress(let url): "expected IP in URL for binding (\(url))"
    case .cannotListen(let error): error.description
    }
  }
}
