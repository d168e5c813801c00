import Base
import Event
import HTTP
import TLS

/// Hears what becomes of a channel.
package protocol ChannelOwner: AnyObject {
  /// Calls may be opened.
  func channelReady(_ channel: Channel)
  /// The attempt to connect failed, or a connection that was ready has ended; `reason` is grpc's wording.
  func channelEnded(_ channel: Channel, wasReady: Bool, reason: String)
}

/// The connection to one endpoint: name look-up, TCP, TLS, HTTP/2. It makes one attempt per `connect`.
///
/// It counts as ready when the server has said its first words, as grpc-go waits for the server's settings: a
/// port that speaks something else never becomes ready. With HTTP/1.1 it is ready at once.
package final class Channel {
  /// Its place among its owner's endpoints.
  package var index: Int
  package let endpoint: ClientEndpoint
  private unowned let loop: EventLoop
  private unowned let resolver: Resolver
  private weak var owner: (any ChannelOwner)?
  private lazy var tether = Tether(self)
  /// What `postFlush` posts, made once.
  private lazy var flushLater: () -> Void = { [tether] in
    tether.target?.isFlushPosted = false
    tether.target?.flush()
  }
  private let tls: TLSContext?
  private let keepalive: Keepalive
  private let version: ClientConnection.Version

  package private(set) var isReady = false
  private var isConnecting = false
  private var connector: Connector?
  private var socket: Socket?
  private var session: TLSSession?
  private var connection: ClientConnection?
  private var timer: Timer?
  private var ticker: Timer?
  private var isFlushPosted = false
  /// Told apart from look-ups of an earlier attempt.
  private var attempt = 0

  package init(
    _ index: Int, _ endpoint: ClientEndpoint, _ loop: EventLoop, _ resolver: Resolver, tls: TLSContext?,
    keepalive: Keepalive, version: ClientConnection.Version = .http2, owner: any ChannelOwner
  ) {
    self.index = index
    self.endpoint = endpoint
    self.loop = loop
    self.resolver = resolver
    self.tls = tls
    self.keepalive = keepalive
    self.version = version
    self.owner = owner
  }

  package var isSecure: Bool { tls != nil }
  package var scheme: String { isSecure ? "https" : "http" }

  /// A call of `/package.Service/Method` to this endpoint.
  package func request(
    _ method: String, timeout: TimeSpan? = nil, metadata: HeaderList = HeaderList()
  ) -> Request {
    .grpc(method, authority: endpoint.requestAuthority, scheme: scheme, timeout: timeout, metadata: metadata)
  }
  /// Calls that are open.
  package var callCount: Int { connection?.activeCount ?? 0 }

  package func open(_ request: Request, _ handler: any CallHandler) -> Call? {
    guard isReady else { return nil }
    return connection?.open(request, handler)
  }

  // MARK: Connecting

  package func connect() {
    guard !isConnecting, !isReady else { return }
    isConnecting = true
    attempt += 1
    let timer = Timer(loop) { [tether] in
      tether.target?.fail("connection error: desc = \"transport: timed out\"")
    }
    timer.once(after: Limits.clientConnectTimeout)
    self.timer = timer
    if endpoint.isUnixSocket { return dial([.unix(endpoint.authority)]) }
    guard let port = endpoint.port else {
      let reason = dialing("dial tcp: address \(endpoint.authority): missing port in address")
      return loop.post { [tether] in tether.target?.fail(reason) }
    }
    lookUp(port)
  }

  private func lookUp(_ port: UInt16) {
    let current = attempt
    resolver.addresses(of: endpoint.host, port: port) { [tether] result in
      guard let channel = tether.target, channel.isConnecting, channel.attempt == current else { return }
      switch result {
      case .success(let addresses): channel.dial(addresses)
      case .failure(let failure): channel.fail(channel.dialing("dial tcp: \(failure)"))
      }
    }
  }

  private func dial(_ addresses: [SocketAddress]) {
    connector = Connector(loop, to: addresses, timeout: Limits.clientConnectTimeout) { [tether] outcome in
      guard let channel = tether.target else { return }
      channel.connector = nil
      switch outcome {
      case .connected(let socket): channel.connected(socket)
      case .failed(let error): channel.fail(channel.dialing(error.description))
      }
    }
  }

  private func dialing(_ reason: String) -> String {
    "connection error: desc = \"transport: Error while dialing \(reason)\""
  }

  private func connected(_ socket: Socket) {
    self.socket = socket
    socket.delegate = self
    socket.resumeReading()
    guard let tls else { return speak() }
    let session = tls.session(host: endpoint.host)
    self.session = session
    do throws(TLSError) { try session.start() } catch { return failHandshake(error) }
    flush()
  }

  private func speak() {
    connection = ClientConnection(version, owner: self, keepalive: keepalive, now: loop.now)
    // A server of HTTP/1.1 speaks only when it is asked.
    if version == .http1 { becomeReady() }
    flush()
  }

  private func failHandshake(_ error: TLSError) {
    flushTLS()  // may hold the alert that tells the server why
    fail("connection error: desc = \"transport: authentication handshake failed: \(error)\"")
  }

  private func becomeReady() {
    isReady = true
    isConnecting = false
    timer = nil
    let ticker = Timer(loop) { [tether] in tether.target?.tick() }
    ticker.every(.seconds(1))
    self.ticker = ticker
    owner?.channelReady(self)
  }

  // MARK: Ending

  private func fail(_ reason: String) {
    guard isConnecting || isReady else { return }
    let wasReady = isReady
    close()
    owner?.channelEnded(self, wasReady: wasReady, reason: reason)
  }

  /// Ends quietly; calls that are open fail.
  package func close() {
    isReady = false
    isConnecting = false
    timer = nil
    ticker = nil
    connector?.cancel()
    connector = nil
    let connection = connection
    self.connection = nil
    session = nil
    socket?.close()
    socket = nil
    connection?.owner = nil
    connection?.connectionLost()
  }

  deinit {
    tether.cut()
    close()
  }

  // MARK: Bytes

  private func tick() {
    connection?.tick(at: loop.now)
    if connection?.wantsClose == true { flush() }
  }

  private func received(_ bytes: UnsafeRawBufferPointer) {
    guard let connection else { return }
    connection.receive(bytes, at: loop.now)
    if isConnecting, connection.isAvailable { becomeReady() }
  }

  private func postFlush() {
    guard !isFlushPosted else { return }
    isFlushPosted = true
    loop.post(flushLater)
  }

  private func flush() {
    guard let socket, socket.isOpen else { return }
    for _ in 0..<4 {
      connection?.flush()
      guard let output = takeOutput(), !output.isEmpty else { break }
      switch socket.send(output) {
      case .all: continue
      case .partly: return
      case .failed(let code): return fail("connection error: desc = \"transport: write: \(systemText(code))\"")
      }
    }
    guard let connection else { return }
    if connection.wantsClose { return fail("transport is closing") }
    if connection.wantsRead { socket.resumeReading() } else { socket.pauseReading() }
  }

  /// What goes to the socket: ciphertext where there is TLS.
  private func takeOutput() -> OutputBuffer? {
    guard let session else { return connection?.output }
    if session.output.isEmpty, let connection {
      do throws(TLSError) { try session.send(connection.output) } catch {
        fail("connection error: desc = \"transport: \(error)\"")
        return nil
      }
    }
    return session.output
  }

  private func flushTLS() {
    if let session, let socket { _ = socket.send(session.output) }
  }
}

extension Channel: SocketDelegate {
  package func socketReceived(_ socket: Socket, _ bytes: UnsafeRawBufferPointer) {
    guard let session else {
      received(bytes)
      return postFlush()
    }
    do throws(TLSError) {
      try session.receive(bytes) { plain in
        if connection == nil { speak() }
        received(plain)
      }
    } catch { return failHandshake(error) }
    if session.isEstablished, connection == nil { speak() }
    if session.isPeerClosed { return fail("transport is closing") }
    postFlush()
  }

  package func socketWritable(_ socket: Socket) { flush() }

  package func socketEnded(_ socket: Socket, errno: Int32) {
    fail(
      isReady
        ? "transport is closing"
        : "connection error: desc = \"transport: \(errno == 0 ? "EOF" : systemText(errno))\"")
  }
}

extension Channel: ClientConnectionOwner {
  package func connectionHasOutput(_ connection: ClientConnection) { postFlush() }
  package func connectionChanged(_ connection: ClientConnection) { postFlush() }
}
