import Base
import Event
import HTTP
import TLS

/// Tells the front what became of its connections.
package protocol ConnectionOwner: AnyObject {
  /// The connection has output to flush; told once per turn.
  func connectionWantsFlush(_ connection: Connection)
  func connectionClosed(_ connection: Connection)
}

/// One accepted client: the socket, TLS if the port asks for it, and the HTTP connection, joined.
///
/// Output is gathered during the turn and leaves with one `flush` at its end.
package final class Connection: SocketDelegate, ServerConnectionOwner {
  package let socket: Socket
  package let server: ServerConnection
  /// Place in the front's list.
  package var place = -1
  package private(set) var tls: TLSSession?
  private unowned let owner: any ConnectionOwner
  private var isFlushWanted = false
  private var isClosed = false
  /// The rest of a read is to be dealt with in the next turn.
  private var goesOn = false
  /// The client's address as text; empty for a unix socket.
  package private(set) lazy var clientAddress =
    if case .unix = socket.peer.kind { "" } else { socket.peer.host }
  /// Where this connection is counted.
  package let budget: ConnectionBudget
  /// Bytes sent when a look at the clock last saw more of them, and when that was; nil while nothing waits.
  private var seenSent: UInt64 = 0
  private var stuckSince: Instant?
  private var acceptedAt: Instant
  private let log: Log
  private let names: NameBook?
  private var origin = Origin.unknown
  /// Plaintext that came before the origin was judged; bounded by one read, since reading pauses meanwhile.
  private var held = Bytes()

  /// Whether the client calls from where its certificate says.
  private enum Origin { case unknown, asking, accepted }

  package init(
    _ socket: Socket, context: ServerContext, tls: TLSSession?, names: NameBook?, owner: any ConnectionOwner,
    budget: ConnectionBudget, log: Log
  ) {
    self.budget = budget
    self.names = names
    self.socket = socket
    self.tls = tls
    self.owner = owner
    self.log = log
    acceptedAt = socket.loop.now
    server = ServerConnection(context, now: socket.loop.now)
    server.owner = self
    server.sharesTurns = true
    server.isSecure = tls != nil
    socket.delegate = self
    socket.resumeReading()
  }

  deinit {
    server.owner = nil
    socket.delegate = nil
  }

  // MARK: Input

  package func socketReceived(_ socket: Socket, _ bytes: UnsafeRawBufferPointer) {
    guard tls != nil else { return server.receive(bytes, at: socket.loop.now) }
    decrypt(bytes)
  }

  private func decrypt(_ bytes: UnsafeRawBufferPointer) {
    guard let tls else { return }
    do throws(TLSError) {
      try tls.receive(bytes) { plain in
        if origin == .accepted {
          server.receive(plain, at: socket.loop.now)
        } else {
          held.append(contentsOf: plain)
        }
      }
      if tls.isEstablished, origin == .unknown { try judgeOrigin(tls) }
    } catch {
      // What the handshake has to say (an alert) still leaves.
      _ = socket.send(tls.output)
      return reject(error)
    }
    tls.isPeerClosed ? close() : wantFlush()
  }

  /// With a book of names, the address must be one of the certificate's, or lead to one of its names: of members, that is; a
  /// client may come from anywhere. As etcd 3.4: pkg/transport/listener_tls.go; embed/serve.go has no such check.
  private func judgeOrigin(_ tls: TLSSession) throws(TLSError) {
    guard let book = names, let peer = tls.peer, case .ip(let address, _, _) = socket.peer.kind else {
      return acceptOrigin()
    }
    switch peer.check(address: address, text: socket.peer.host) {
    case .accepted: acceptOrigin()
    case .refused(let reason): throw TLSError(reason)
    case .lookUp(let names):
      origin = .asking
      socket.pauseReading()
      book.doNames(of: socket.peer, suit: peer.accepts) { [weak self] isSuited in
        if isSuited { self?.acceptOrigin() } else { self?.lookUp(names[...], peer, book) }
      }
    }
  }

  /// Asks for the addresses of each name in turn until one is the client's.
  private func lookUp(_ names: ArraySlice<String>, _ peer: PeerCertificate, _ book: NameBook) {
    guard !isClosed else { return }
    guard let name = names.first else {
      return reject(TLSError(peer.refusal(of: socket.peer.host)))
    }
    book.doesName(name, leadTo: socket.peer.host) { [weak self] isTrue in
      if isTrue { self?.acceptOrigin() } else { self?.lookUp(names.dropFirst(), peer, book) }
    }
  }

  private func acceptOrigin() {
    guard !isClosed else { return }
    origin = .accepted
    if let peer = tls?.peer { server.userData = ClientIdentity(peer) }
    if !held.isEmpty {
      let first = held
      held = []
      first.withUnsafeBytes { server.receive($0, at: socket.loop.now) }
    }
    socket.resumeReading()
    wantFlush()
  }

  private func reject(_ error: TLSError) {
    let name = tls?.serverName ?? ""
    log(.info, "rejected connection from \"\(socket.peer)\" (error \"\(error)\", ServerName \"\(name)\")")
    close()
  }

  package func socketEnded(_ socket: Socket, errno: Int32) { close() }

  // MARK: Output

  package func connectionHasOutput(_ connection: ServerConnection) { wantFlush() }

  private func wantFlush() {
    guard !isFlushWanted, !isClosed else { return }
    isFlushWanted = true
    owner.connectionWantsFlush(self)
  }

  package func socketWritable(_ socket: Socket) { flush() }

  /// Sends what there is; at the end of a turn, or when the socket has room again.
  package func flush() {
    isFlushWanted = false
    guard !isClosed else { return }
    while true {
      server.flush()
      let sent = send()
      server.noteOutput()
      if case .failed = sent { return close() }
      if sent == .partly { break }
      if server.wantsClose { return close() }
      // More may have become possible: a producer that was told to wait.
      guard isFlushWanted || server.owesRoom else { break }
      isFlushWanted = false
    }
    if origin == .asking { return }
    if server.hasLaterInput { goOnNextTurn() }
    if server.wantsRead, (tls?.output.count ?? 0) < Limits.outputHighWaterBytes {
      if !socket.isReading { socket.resumeReading() }
    } else {
      socket.pauseReading()
    }
  }

  private func goOnNextTurn() {
    guard !goesOn else { return }
    goesOn = true
    socket.loop.post { [self] in
      goesOn = false
      if !isClosed { server.receiveLater(at: socket.loop.now) }
    }
  }

  private func send() -> Socket.Sent {
    guard let tls else { return socket.send(server.output) }
    // What is encrypted counts like what is not: a slow reader would otherwise make producers go on for ever.
    if !server.output.isEmpty, tls.isEstablished, tls.output.count < Limits.outputHighWaterBytes {
      do throws(TLSError) { try tls.send(server.output) } catch { return .failed(errno: 0) }
    }
    return socket.send(tls.output)
  }

  // MARK: Time and end

  package func tick(at now: Instant) {
    if let tls, !tls.isEstablished, now - acceptedAt > Limits.handshakeTime { return close() }
    server.tick(at: now)
    if isStuck(at: now) { return close() }
    if server.wantsClose { wantFlush() }
  }

  /// Whether output has waited too long for a peer that takes none of it: a short while once the connection is to end.
  private func isStuck(at now: Instant) -> Bool {
    let waits = !server.output.isEmpty || tls?.output.isEmpty == false
    guard waits, socket.sentBytes == seenSent, let since = stuckSince else {
      seenSent = socket.sentBytes
      stuckSince = waits ? now : nil
      return false
    }
    return now - since >= (server.wantsClose ? Limits.farewellTime : Limits.stalledOutputTime)
  }

  /// Bytes held for this client, encrypted ones too.
  package var heldBytes: Int { server.heldBytes + (tls?.output.count ?? 0) }

  /// No further requests; open ones are answered, then the connection ends.
  package func drain() {
    server.drain()
    wantFlush()
  }

  package func close() {
    guard !isClosed else { return }
    isClosed = true
    server.connectionLost()
    socket.close()
    owner.connectionClosed(self)
  }
}
