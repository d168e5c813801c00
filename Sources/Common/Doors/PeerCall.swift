import Base
import Event
import Glibc
import HTTP
import TLS

/// Hears what becomes of a call to another member.
package protocol PeerCallOwner: AnyObject {
  /// The reply's head is here.
  func peerCallBegan(_ call: PeerCall, status: Int, headers: HeaderList)
  func peerCallBody(_ call: PeerCall, _ bytes: UnsafeRawBufferPointer)
  /// There is room for more of the request's body.
  func peerCallDrained(_ call: PeerCall)
  /// The last event: nil after a whole reply, else what went wrong.
  func peerCallEnded(_ call: PeerCall, failure: String?)
}

extension PeerCallOwner {
  package func peerCallDrained(_ call: PeerCall) {}
}

/// One HTTP/1.1 request to another member: name look-up, TCP, TLS, request, reply.
///
/// Streams and snapshots have a connection of their own; short questions, which may be put twice, use one that rests.
package final class PeerCall {
  /// What calls of one member share.
  package struct Dialer {
    package unowned let loop: EventLoop
    package let resolver: Resolver
    package let tls: TLSContext?
    package let dialTimeout: TimeSpan
    package let resting: RestingConnections

    package init(loop: EventLoop, resolver: Resolver, tls: TLSContext?, dialTimeout: TimeSpan) {
      self.loop = loop
      self.resolver = resolver
      self.tls = tls
      self.dialTimeout = dialTimeout
      resting = RestingConnections(loop)
    }
  }

  package let url: EndpointURL
  private let dialer: Dialer
  private let request: Request
  private weak var owner: (any PeerCallOwner)?
  private var connector: Connector?
  private var socket: Socket?
  private var session: TLSSession?
  private var connection: ClientConnection?
  private var call: HTTP.Call?
  private var deadline: Timer?
  private var watchdog: Timer?
  private var lastHeard: Instant
  private var isFlushPosted = false
  package private(set) var isOver = false
  /// Nobody listens at the address: the host is there, and the other's process is not.
  package private(set) var isRefused = false
  /// The other end took the connection and gave it up before a reply, or showed what is not good: over TLS that is mostly a
  /// certificate that does not suit, which no further attempt mends.
  package private(set) var isRejected = false
  private var hasReply = false
  /// The connection may be one that was used before, and others may use it afterwards.
  private let sharesConnection: Bool
  /// The connection was used before, and nothing of the reply is here yet: should it break, the other end had given it
  /// up already, and the call is worth a new one.
  private var mayBeStale = false

  /// Starts at once; nothing is heard from here.
  ///
  /// - Parameters:
  ///   - timeout: for the whole call; nil for none.
  ///   - silence: longest pause in the reply once its head is here; nil for any.
  ///   - sharesConnection: the request does no harm when it arrives twice, so it may go out on a connection that rests.
  package init(
    _ dialer: Dialer, _ url: EndpointURL, _ request: Request, timeout: TimeSpan?, silence: TimeSpan? = nil,
    sharesConnection: Bool = false, owner: any PeerCallOwner
  ) {
    self.dialer = dialer
    self.url = url
    self.request = request
    self.owner = owner
    self.sharesConnection = sharesConnection
    lastHeard = dialer.loop.now
    if let timeout {
      let timer = Timer(dialer.loop) { [weak self] in self?.end("i/o timeout") }
      timer.once(after: timeout)
      deadline = timer
    }
    if let silence {
      let timer = Timer(dialer.loop) { [weak self] in self?.watch(silence) }
      timer.every(.seconds(1))
      watchdog = timer
    }
    if sharesConnection, let rested = dialer.resting.take(for: url) { take(over: rested) } else { dial() }
  }

  deinit { close() }

  /// Whether more of a streamed request may be produced; if not, `peerCallDrained` comes.
  package var canSend: Bool { call?.canSend ?? false }

  /// A piece of a streamed request's body.
  package func send(_ bytes: Bytes) { call?.send(bytes) }

  /// The end of a streamed request's body.
  package func finish() { call?.finish() }

  /// Ends quietly: the owner hears nothing more.
  package func cancel() {
    owner = nil
    isOver = true
    close()
  }

  // MARK: Connecting

  private func take(over rested: RestingConnection) {
    socket = rested.socket
    session = rested.session
    rested.socket.delegate = self
    connection = rested.connection
    rested.connection.owner = self
    mayBeStale = true
    begin(rested.connection)
  }

  private func dial() {
    if url.scheme.isUnix { return connect([.unix(url.authority)]) }
    guard let port = url.portNumber else {
      return dialer.loop.post { [weak self] in self?.end("\(self?.url.text ?? ""): missing port") }
    }
    dialer.resolver.addresses(of: url.host, port: port) { [weak self] result in
      guard let self, !isOver else { return }
      switch result {
      case .success(let addresses): connect(addresses)
      case .failure(let failure): end("dial tcp: \(failure)")
      }
    }
  }

  private func connect(_ addresses: [SocketAddress]) {
    connector = Connector(dialer.loop, to: addresses, timeout: dialer.dialTimeout) { [weak self] outcome in
      guard let self else { return }
      connector = nil
      switch outcome {
      case .connected(let socket): connected(socket)
      case .failed(let error):
        isRefused = error.errno == ECONNREFUSED
        end(error.description)
      }
    }
  }

  private func connected(_ socket: Socket) {
    self.socket = socket
    socket.delegate = self
    socket.resumeReading()
    guard url.scheme.isSecure else { return speak() }
    guard let tls = dialer.tls else { return end("\(url.text) asks for TLS, and no peer certificate is set") }
    let session = tls.session(host: url.host)
    self.session = session
    do throws(TLSError) { try session.start() } catch { return end("\(error)") }
    flush()
  }

  private func speak() {
    guard connection == nil else { return }
    let made = ClientConnection(.http1, owner: self, now: dialer.loop.now)
    connection = made
    begin(made)
  }

  private func begin(_ connection: ClientConnection) {
    call = connection.open(request, self)
    lastHeard = dialer.loop.now
    // The owner hears nothing before it has this call.
    if mayBeStale { postFlush() } else { flush() }
    if case .streamed = request.body { owner?.peerCallDrained(self) }
  }

  // MARK: Ending

  private func watch(_ silence: TimeSpan) {
    guard connection != nil, dialer.loop.now - lastHeard > silence else { return }
    end("i/o timeout")
  }

  /// The connection broke.
  private func lost(_ failure: String) {
    guard mayBeStale, !isOver else {
      isRejected = session != nil && !hasReply
      return end(failure)
    }
    mayBeStale = false
    hangUp()
    dial()
  }

  private func end(_ failure: String?) {
    guard !isOver else { return }
    isOver = true
    if failure == nil, sharesConnection {
      // Not from here: the connection is in the middle of its work.
      dialer.loop.post { [self] in rest() }
    } else {
      close()
    }
    let owner = owner
    self.owner = nil
    owner?.peerCallEnded(self, failure: failure)
  }

  /// The call is over; its connection waits for the next one.
  private func rest() {
    if let socket, let connection, socket.isOpen, connection.isAvailable, connection.output.isEmpty,
      session?.output.isEmpty ?? true
    {
      call = nil
      self.connection = nil
      self.socket = nil
      dialer.resting.keep(RestingConnection(url, socket, session, connection))
    }
    close()
  }

  private func close() {
    deadline = nil
    watchdog = nil
    hangUp()
  }

  private func hangUp() {
    connector?.cancel()
    connector = nil
    let connection = connection
    self.connection = nil
    call = nil
    session = nil
    socket?.close()
    socket = nil
    connection?.owner = nil
    connection?.connectionLost()
  }

  // MARK: Bytes

  private func postFlush() {
    guard !isFlushPosted, !isOver else { return }
    isFlushPosted = true
    dialer.loop.post { [weak self] in
      self?.isFlushPosted = false
      self?.flush()
    }
  }

  private func flush() {
    guard let socket, socket.isOpen else { return }
    while true {
      connection?.flush()
      let output: OutputBuffer
      if let session {
        if session.output.isEmpty, session.isEstablished, let connection, !connection.output.isEmpty {
          do throws(TLSError) { try session.send(connection.output) } catch { return lost("\(error)") }
        }
        output = session.output
      } else if let connection {
        output = connection.output
      } else {
        return
      }
      guard !output.isEmpty else { break }
      switch socket.send(output) {
      case .all: continue
      case .partly: return
      case .failed(let code): return lost("write: \(systemText(code))")
      }
    }
    if connection?.wantsClose == true { end(nil) }
  }
}

extension PeerCall: SocketDelegate {
  package func socketReceived(_ socket: Socket, _ bytes: UnsafeRawBufferPointer) {
    lastHeard = dialer.loop.now
    guard let session else {
      connection?.receive(bytes, at: dialer.loop.now)
      return postFlush()
    }
    do throws(TLSError) {
      try session.receive(bytes) { plain in
        speak()
        connection?.receive(plain, at: dialer.loop.now)
      }
    } catch {
      _ = socket.send(session.output)  // may hold the alert that tells the other end why
      isRejected = !hasReply
      return end("\(error)")
    }
    if session.isEstablished { speak() }
    if session.isPeerClosed { return lost("EOF") }
    postFlush()
  }

  package func socketWritable(_ socket: Socket) { flush() }

  package func socketEnded(_ socket: Socket, errno: Int32) {
    connection?.connectionLost()
    lost(errno == 0 ? "EOF" : "read: \(systemText(errno))")
  }
}

extension PeerCall: ClientConnectionOwner {
  package func connectionHasOutput(_ connection: ClientConnection) { postFlush() }
  package func connectionChanged(_ connection: ClientConnection) { postFlush() }
}

extension PeerCall: CallHandler {
  package func callBegan(_ call: HTTP.Call) {
    mayBeStale = false
    hasReply = true
    owner?.peerCallBegan(self, status: call.status, headers: call.headers)
  }

  package func callBody(_ call: HTTP.Call, _ bytes: UnsafeRawBufferPointer) {
    owner?.peerCallBody(self, bytes)
    call.consumed(bytes.count)
  }

  package func callEnded(_ call: HTTP.Call) { end(nil) }

  package func callFailed(_ call: HTTP.Call, _ failure: CallFailure) {
    // What the socket says is told by `socketEnded`.
    if case .malformed(let text) = failure { end(text) }
  }

  package func callDrained(_ call: HTTP.Call) { owner?.peerCallDrained(self) }
}
