import Base
import Event
import HTTP
import TLS

/// Hears what becomes of a connection to an endpoint.
protocol BackConnectionOwner: AnyObject {
  /// It can be used.
  func connectionReady(_ connection: BackConnection)
  /// Its call has ended and the next one may come (HTTP/1.1).
  func connectionFreed(_ connection: BackConnection)
  /// It is closed. `reason` says why where it never was ready.
  func connectionClosed(_ connection: BackConnection, wasReady: Bool, reason: String)
  /// It has output; told once until `flush`.
  func connectionWantsFlush(_ connection: BackConnection)
}

/// What connections to all endpoints share.
struct BackDialer {
  unowned(unsafe) let loop: EventLoop
  let resolver: Resolver
  let tls: ProxyTLS
  let dialTimeout: TimeSpan
  let readTimeout: TimeSpan
  let writeTimeout: TimeSpan
}

/// One connection to an endpoint of the cluster: name look-up, TCP, TLS, and HTTP of one version.
final class BackConnection {
  let version: ClientConnection.Version
  /// Bytes of replies that clients have not taken yet.
  var owedBytes = 0
  /// Place in its owner's list of all connections.
  var place = -1
  /// Over HTTP/2: whether what is no gRPC is answered here too; nil while `Back` has not asked.
  var servesPages: Bool?
  /// Calls were made on it before.
  private(set) var isUsed = false
  private(set) var isReady = false
  private(set) var idleSince: Instant
  private let url: EndpointURL
  private let dialer: BackDialer
  /// Held, since a connection may still have news for an owner that nobody else needs any more; it ends with the connection.
  private let owner: any BackConnectionOwner
  private lazy var tether = Tether(self)
  private var connector: Connector?
  private var socket: Socket?
  private var session: TLSSession?
  private var http: ClientConnection?
  private var isFlushWanted = false
  private var isClosed = false
  /// What the owner is told at the next flush: a call that is opened while a reply is being read would be given the rest
  /// of it.
  private var news = News.none
  private enum News { case none, ready, freed }
  private var handshakeSince: Instant?
  private var heardAt: Instant
  /// Bytes sent when a look at the clock last saw more of them, and when that was; nil while nothing waits.
  private var seenSent: UInt64 = 0
  private var stuckSince: Instant?

  init(
    _ version: ClientConnection.Version, _ url: EndpointURL, _ dialer: BackDialer,
    owner: any BackConnectionOwner
  ) {
    self.version = version
    self.url = url
    self.dialer = dialer
    self.owner = owner
    idleSince = dialer.loop.now
    heardAt = dialer.loop.now
    dial()
  }

  /// Bytes that have left so far: the same number before and after says that nothing did.
  var sentBytes: UInt64 { socket?.sentBytes ?? 0 }
  var isAvailable: Bool { isReady && http?.isAvailable == true }
  var activeCount: Int { http?.activeCount ?? 0 }
  /// It takes another call, and whoever reads the replies keeps up.
  var hasRoom: Bool {
    guard isAvailable, let http else { return false }
    return http.activeCount < min(Limits.proxyStreams, http.callLimit) && owedBytes < Limits.proxyOwedBytes
  }

  func open(_ request: Request, _ handler: any CallHandler) -> Call? {
    guard isAvailable, let call = http?.open(request, handler) else { return nil }
    isUsed = true
    heardAt = dialer.loop.now
    return call
  }

  // MARK: Connecting

  private func dial() {
    if url.scheme.isUnix { return connect([.unix(url.authority)]) }
    guard let port = url.portNumber else {
      return dialer.loop.post { [tether, url] in tether.target?.end("\(url.text) has no port") }
    }
    dialer.resolver.addresses(of: url.host, port: port) { [tether] result in
      tether.target?.resolved(result)
    }
  }

  private func resolved(_ result: Result<[SocketAddress], Resolver.Failure>) {
    guard !isClosed else { return }
    switch result {
    case .success(let addresses): connect(addresses)
    case .failure(let failure): end("dial tcp: \(failure)")
    }
  }

  private func connect(_ addresses: [SocketAddress]) {
    let timeout = dialer.dialTimeout > .zero ? dialer.dialTimeout : .seconds(3600)
    connector = Connector(dialer.loop, to: addresses, timeout: timeout) { [tether] outcome in
      tether.target?.connectorEnded(outcome)
    }
  }

  private func connectorEnded(_ outcome: Connector.Outcome) {
    connector = nil
    switch outcome {
    case .connected(let socket): connected(socket)
    case .failed(let error): end(error.description)
    }
  }

  private func connected(_ socket: Socket) {
    self.socket = socket
    socket.delegate = self
    socket.resumeReading()
    guard url.scheme.isSecure else { return speak() }
    let session: TLSSession
    do throws(TLSError) {
      session = try dialer.tls.context(version == .http1 ? .back1 : .back2).session(host: url.host)
    } catch { return end("\(error)") }
    self.session = session
    handshakeSince = dialer.loop.now
    do throws(TLSError) { try session.start() } catch { return end("\(error)") }
    wantFlush()
  }

  private func speak() {
    guard http == nil, !isClosed else { return }
    if let session, version == .http2, session.alpn != "h2" {
      return end("\(url.text) does not speak HTTP/2 over TLS")
    }
    handshakeSince = nil
    heardAt = dialer.loop.now
    http = ClientConnection(
      version, owner: self,
      keepalive: Keepalive(
        interval: version == .http2 ? Limits.proxyPingInterval : .zero, timeout: Limits.proxyPingTimeout,
        onlyWithStreams: true), now: dialer.loop.now)
    isReady = true
    news = .ready
    wantFlush()
  }

  deinit {
    tether.cut()
    http?.owner = nil
    socket?.delegate = nil
  }

  // MARK: Ending

  /// Closes; calls that are open fail.
  func close() { end("closed") }

  /// No further calls; closes when the open ones have ended.
  func drain() {
    guard let http else { return close() }
    http.drain()
  }

  private func end(_ reason: String) {
    guard !isClosed else { return }
    isClosed = true
    let wasReady = isReady
    isReady = false
    connector?.cancel()
    connector = nil
    let http = http
    withExtendedLifetime(self) {
      socket?.close()
      // Calls look at what was sent, so the socket stays until they have ended.
      http?.connectionLost()
      socket = nil
      session = nil
      self.http = nil
      owner.connectionClosed(self, wasReady: wasReady, reason: reason)
    }
  }

  func tick(at now: Instant) {
    if let since = handshakeSince, now - since > Limits.proxyHandshakeTime {
      return end("TLS handshake timeout")
    }
    guard let http else { return }
    http.tick(at: now)
    if http.wantsClose { return wantFlush() }
    if dialer.readTimeout > .zero, version == .http1, http.activeCount > 0, now - heardAt >= dialer.readTimeout
    {
      return end("i/o timeout")
    }
    if dialer.writeTimeout > .zero, isStuck(at: now) { return end("write: i/o timeout") }
  }

  private func isStuck(at now: Instant) -> Bool {
    let waits = http?.output.isEmpty == false || session?.output.isEmpty == false
    guard waits, sentBytes == seenSent, let since = stuckSince else {
      seenSent = sentBytes
      stuckSince = waits ? now : nil
      return false
    }
    return now - since >= dialer.writeTimeout
  }

  // MARK: Bytes

  private func wantFlush() {
    guard !isFlushWanted, !isClosed else { return }
    isFlushWanted = true
    owner.connectionWantsFlush(self)
  }

  func flush() {
    isFlushWanted = false
    tellNews()
    guard let socket, socket.isOpen else { return }
    while true {
      http?.flush()
      guard let output = takeOutput() else { return }
      if output.isEmpty { break }
      switch socket.send(output) {
      case .all: continue
      case .partly: return setReading(socket)
      case .failed(let code): return end("write: \(systemText(code))")
      }
    }
    if http?.wantsClose == true { return end("transport is closing") }
    setReading(socket)
  }

  private func tellNews() {
    let told = news
    news = .none
    guard told != .none, isAvailable else { return }
    told == .ready ? owner.connectionReady(self) : owner.connectionFreed(self)
  }

  /// What goes to the socket: ciphertext where there is TLS.
  private func takeOutput() -> OutputBuffer? {
    guard let session else { return http?.output }
    if session.output.isEmpty, session.isEstablished, let http, !http.output.isEmpty {
      do throws(TLSError) { try session.send(http.output) } catch {
        end("\(error)")
        return nil
      }
    }
    return session.output
  }

  private func setReading(_ socket: Socket) {
    guard let http else { return }
    if http.wantsRead {
      if !socket.isReading { socket.resumeReading() }
    } else {
      socket.pauseReading()
    }
  }
}

extension BackConnection: SocketDelegate {
  func socketReceived(_ socket: Socket, _ bytes: UnsafeRawBufferPointer) {
    heardAt = dialer.loop.now
    guard let session else {
      http?.receive(bytes, at: dialer.loop.now)
      return wantFlush()
    }
    do throws(TLSError) {
      try session.receive(bytes) { plain in
        speak()
        http?.receive(plain, at: dialer.loop.now)
      }
    } catch {
      _ = socket.send(session.output)  // may hold the alert that tells the other end why
      return end("\(error)")
    }
    if session.isEstablished { speak() }
    if session.isPeerClosed { return end("EOF") }
    wantFlush()
  }

  func socketWritable(_ socket: Socket) { flush() }

  func socketEnded(_ socket: Socket, errno: Int32) { end(errno == 0 ? "EOF" : "read: \(systemText(errno))") }
}

extension BackConnection: ClientConnectionOwner {
  func connectionHasOutput(_ connection: ClientConnection) { wantFlush() }

  func connectionChanged(_ connection: ClientConnection) {
    guard !isClosed else { return }
    if version == .http1 {
      idleSince = dialer.loop.now
      if news == .none { news = .freed }
    }
    wantFlush()
  }
}
