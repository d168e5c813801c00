import Base

/// Told once when a connection has something to flush; again only after its next `flush`.
package protocol ClientConnectionOwner: AnyObject {
  func connectionHasOutput(_ connection: ClientConnection)
  /// The peer takes no further calls, or the number of free places changed; see `isAvailable`.
  func connectionChanged(_ connection: ClientConnection)
}

/// One connection to a server, of either version. Driven like a `ServerConnection`.
package final class ClientConnection {
  package enum Version { case http1, http2 }

  /// Not counted (see `Socket.delegate`): who ends before this connection clears it first.
  package unowned(unsafe) var owner: (any ClientConnectionOwner)?
  package var userData: AnyObject?
  package let output = OutputBuffer()
  /// What the peer said when it took leave.
  package private(set) var farewell: (code: H2Error, debug: String)?

  /// Calls that are over; somebody may still hold one, so each is looked at again before it is used.
  private var spares: [Call] = []
  private var h2: H2Session?
  private(set) var h1: HTTP1Client?
  private var keepalive: Keepalive
  private var lastStream = Int32.max
  private var isFlushWanted = false
  private var isLost = false
  private var isTimedOut = false
  private var isDraining = false

  package init(
    _ version: Version, owner: (any ClientConnectionOwner)? = nil,
    keepalive: Keepalive = Keepalive(interval: .zero, timeout: .seconds(20), onlyWithStreams: true),
    now: Instant
  ) {
    self.owner = owner
    self.keepalive = keepalive
    self.keepalive.heard(at: now)
    switch version {
    case .http1: h1 = HTTP1Client(self)
    case .http2:
      h2 = H2Session(
        role: .client, output: output, owner: self, maxStreams: 0, budget: ByteBudget(limit: .max), now: now)
      wantFlush()
    }
  }

  deinit { connectionLost() }

  package var isHTTP2: Bool { h2 != nil }
  package var activeCount: Int { h2?.streamCount ?? (h1?.isBusy == true ? 1 : 0) }
  /// Calls that the server takes at a time; what is opened beyond that waits.
  package var callLimit: Int { h2?.peerStreamLimit ?? 1 }

  /// Whether another call can be opened here now. HTTP/1.1 takes one at a time.
  package var isAvailable: Bool {
    if isLost || isTimedOut || isDraining || farewell != nil { return false }
    if let h2 { return !h2.isOver }
    return h1?.isFree ?? false
  }

  /// Opens a call; nil when the connection is not available. Over the peer's stream limit it waits its turn.
  package func open(_ request: Request, _ handler: any CallHandler) -> Call? {
    guard isAvailable else { return nil }
    let call = spareCall() ?? Call()
    call.reset()
    call.handler = handler
    call.client = self
    call.didSendHead = true
    guard start(request, call) else { return nil }
    wantFlush()
    return call
  }

  /// A call that is over and that nobody holds any more, with its memory.
  private func spareCall() -> Call? {
    while var call = spares.popLast() {
      if isKnownUniquelyReferenced(&call) { return call }
    }
    return nil
  }

  private func keepSpare(_ call: Call) {
    if call.headers.listBytes > Limits.pooledHeaderBytes { return }
    call.pending.removeAll()
    if spares.count < Limits.pooledCalls { spares.append(call) }
  }

  private func start(_ request: Request, _ call: Call) -> Bool {
    guard let h2 else { return h1?.start(request, call) ?? false }
    var hasBody = true
    switch request.body {
    case .none:
      hasBody = false
      call.didFinish = true
    case .bytes(let bytes):
      call.pending.append(bytes)
      call.didFinish = true
    case .streamed: break
    }
    return h2.submitRequest(call, request, body: hasBody)
  }

  // MARK: The owner's side

  package func receive(_ bytes: UnsafeRawBufferPointer, at now: Instant) {
    guard !isLost, !isTimedOut else { return }
    keepalive.heard(at: now)
    withExtendedLifetime(self) {
      if let h2 { h2.receive(bytes, at: now) } else { h1?.receive(bytes) }
      wantFlush()
    }
  }

  /// Produces what may leave now. True when `output` holds bytes.
  @discardableResult
  package func flush() -> Bool {
    isFlushWanted = false
    withExtendedLifetime(self) {
      if let h2 { h2.flush() } else { h1?.flush() }
    }
    return !output.isEmpty
  }

  package var wantsRead: Bool {
    if wantsClose || output.count >= Limits.outputHighWaterBytes { return false }
    return h1?.wantsRead ?? true
  }

  package var wantsClose: Bool {
    if isLost || isTimedOut { return true }
    if let h2 { return h2.isOver || (isDraining || farewell != nil) && h2.streamCount == 0 }
    guard let h1 else { return true }
    return h1.isOver || isDraining && !h1.isBusy
  }

  /// The peer ended its direction or the socket broke. A reply that only the end delimits is complete now.
  package func connectionLost() {
    guard !isLost else { return }
    isLost = true
    h2?.close()
    h1?.close(.connectionLost, atEnd: true)
  }

  /// No further calls; closes when the open ones have ended.
  package func drain() {
    isDraining = true
    wantFlush()
  }

  package func tick(at now: Instant) {
    guard let h2 else { return }
    switch keepalive.step(at: now, hasStreams: h2.streamCount > 0) {
    case .nothing: break
    case .ping:
      h2.ping()
      wantFlush()
    case .giveUp:
      isTimedOut = true
      wantFlush()
    }
  }

  package var nextDeadline: Instant? { h2 == nil ? nil : keepalive.nextDeadline }

  func wantFlush() {
    guard !isFlushWanted, !isLost else { return }
    isFlushWanted = true
    owner?.connectionHasOutput(self)
  }

  func changed() { owner?.connectionChanged(self) }

  // MARK: What calls ask

  func hasRoom(for call: Call) -> Bool {
    if h2 != nil { return call.hasRoom }
    if output.count < Limits.outputHighWaterBytes { return true }
    call.isBlocked = true
    return false
  }

  func bodyGrew(_ call: Call) {
    if let h2 { h2.resume(call) } else { h1?.bodyGrew(call) }
    wantFlush()
  }

  func bodyEnded(_ call: Call) {
    if let h2 { h2.resume(call) } else { h1?.bodyEnded(call) }
    wantFlush()
  }

  func consumed(_ call: Call, _ count: Int) {
    if let h2 { h2.consumed(call, count) } else { call.unconsumed = max(0, call.unconsumed - count) }
    wantFlush()
  }

  func cancel(_ call: Call) {
    if let h2 {
      h2.reset(call, .cancel)
      fail(call, .cancelled)
    } else {
      h1?.close(.cancelled, atEnd: false)
    }
    wantFlush()
  }

  func fail(_ call: Call, _ failure: CallFailure) {
    guard !call.isClosed else { return }
    call.isClosed = true
    call.didFinish = true
    call.client = nil
    let handler = call.handler
    call.handler = nil
    handler?.callFailed(call, failure)
    call.userData = nil
    keepSpare(call)
  }

  func end(_ call: Call) {
    guard !call.isClosed else { return }
    call.isClosed = true
    call.didFinish = true
    call.client = nil
    let handler = call.handler
    call.handler = nil
    handler?.callEnded(call)
    call.userData = nil
    keepSpare(call)
  }
}

extension ClientConnection: H2Owner {
  func h2NewStream() -> MessageStream { Call() }

  func h2Pseudo(_ stream: MessageStream, name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    let call = unsafeDowncast(stream, to: Call.self)
    if name.count == 7 { call.status = HTTP1Syntax.decimal(value) ?? 0 }  // :status
  }

  func h2HeadArrived(_ stream: MessageStream) {
    let call = unsafeDowncast(stream, to: Call.self)
    if call.status < 200 {
      call.headers.removeAll()  // an interim reply; the real one follows
      return
    }
    call.didReceiveHead = true
    if call.headersOverflowed {
      h2?.reset(call, .cancel)
      return fail(call, .malformed("header list too large"))
    }
    call.handler?.callBegan(call)
  }

  func h2Data(_ stream: MessageStream, _ bytes: UnsafeRawBufferPointer) {
    let call = unsafeDowncast(stream, to: Call.self)
    if let handler = call.handler {
      handler.callBody(call, bytes)
    } else {
      h2?.consumed(call, bytes.count)
    }
  }

  func h2Ended(_ stream: MessageStream) {
    let call = unsafeDowncast(stream, to: Call.self)
    guard !call.isClosed else { return }
    let isUnfinished = !call.didFinish
    end(call)
    // The reply came before our request was over: nothing more of it is wanted.
    if isUnfinished { h2?.reset(call, .cancel) }
    wantFlush()
  }

  func h2Closed(_ stream: MessageStream, _ code: H2Error) {
    let call = unsafeDowncast(stream, to: Call.self)
    if isLost {
      fail(call, .connectionLost)
    } else if code == .refusedStream || call.id > lastStream {
      fail(call, .notProcessed)
    } else {
      fail(call, .reset(code))
    }
    changed()
  }

  func h2Drained(_ stream: MessageStream) {
    let call = unsafeDowncast(stream, to: Call.self)
    call.handler?.callDrained(call)
  }

  func h2AcceptsPing() -> Bool { true }

  func h2GoAway(lastStream: Int32, _ code: H2Error, debug: UnsafeRawBufferPointer) {
    self.lastStream = lastStream
    farewell = (code, String(utf8: debug))
    changed()
  }

  func h2DidSend() {}
}
