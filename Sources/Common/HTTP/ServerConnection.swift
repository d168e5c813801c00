import Base

/// Told once when a connection has something to flush; again only after its next `flush`.
package protocol ServerConnectionOwner: AnyObject {
  func connectionHasOutput(_ connection: ServerConnection)
}

/// One accepted connection: finds out which protocol it speaks and runs it.
///
/// The owner feeds `receive`, calls `flush` at the end of a turn, sends `output`, stops reading while `wantsRead`
/// is false, closes when `wantsClose` and `output` is empty, and calls `connectionLost` exactly once at the end.
package final class ServerConnection {
  /// What is known of the protocol before the first byte.
  package enum Start { case sniff, http1, http2 }

  package let context: ServerContext
  /// Not counted (see `Socket.delegate`): who ends before this connection clears it first.
  package unowned(unsafe) var owner: (any ServerConnectionOwner)?
  /// The owner's own: peer address, certificate, listener.
  package var userData: AnyObject?
  /// Whether the bytes travel encrypted; the owner says so.
  package var isSecure = false
  /// Bytes to send.
  package let output = OutputBuffer()

  private(set) var h2: H2Session?
  private(set) var h1: HTTP1Server?
  /// First bytes that may still become the HTTP/2 preface.
  private var sniffed = Bytes()
  private var isFlushWanted = false
  var isLost = false
  var now: Instant
  /// When the head that is now arriving must be complete; nil while none is awaited.
  private var headDeadline: Instant?
  private var pings: PingPolicy
  var keepalive: Keepalive
  /// Ends as soon as what is in `output` has left.
  private var isTimedOut = false
  /// Input that waits for its owner's next turn, since this one has begun enough requests (see `sharesTurns`).
  private var laterInput = Bytes()
  /// Requests begun, and further messages of those begun before, since the last flush.
  var begunCount = 0
  /// Whether one read of this connection is dealt with over several turns where it brings very many requests: `receiveLater`
  /// must then be called in the turn after each flush that leaves `hasLaterInput`.
  package var sharesTurns = false
  /// What the budget knows of `output`, and of a request that HTTP/1.1 gathers.
  private var accountedOutput = 0
  /// Producers of this connection were told to wait although their own streams had room.
  var hasWaiters = false
  /// DATA frames sent when a look at the clock last saw more of them, and when that was.
  var seenDataFrames: UInt64 = 0
  var movedAt: Instant
  /// Room of the connection that requests have taken, and those that wait for some.
  var requestRoom = 0
  var roomWaiters: [Exchange] = []

  package init(
    _ context: ServerContext, start: Start = .sniff, owner: (any ServerConnectionOwner)? = nil, now: Instant
  ) {
    self.context = context
    self.owner = owner
    self.now = now
    movedAt = now
    headDeadline = now + context.headTime
    pings = context.pingPolicy
    keepalive = context.keepalive
    keepalive.heard(at: now)
    switch start {
    case .sniff: break
    case .http1: h1 = HTTP1Server(self)
    case .http2: startHTTP2()
    }
  }

  deinit { connectionLost() }

  private func startHTTP2() {
    h2 = H2Session(
      role: .server, output: output, owner: self, maxStreams: context.maxConcurrentStreams,
      budget: context.budget, now: now)
    wantFlush()
  }

  // MARK: The owner's side

  package var isHTTP2: Bool { h2 != nil }

  /// Feeds bytes as they arrived. Handlers are called from here.
  package func receive(_ bytes: UnsafeRawBufferPointer, at now: Instant) {
    guard !isLost, !isTimedOut, bytes.count > 0 else { return }
    self.now = now
    keepalive.heard(at: now)
    if !laterInput.isEmpty || (sharesTurns && begunCount >= Limits.turnRequests) {
      laterInput.append(contentsOf: bytes)
    } else if sharesTurns {
      receiveInPieces(bytes)
    } else {
      take(bytes)
    }
  }

  package var hasLaterInput: Bool { !laterInput.isEmpty }

  /// Goes on with input that an earlier turn left.
  package func receiveLater(at now: Instant) {
    guard !isLost, !isTimedOut else { return laterInput = [] }
    self.now = now
    var input = Bytes()
    swap(&input, &laterInput)
    input.withUnsafeBytes { receiveInPieces($0) }
  }

  private func receiveInPieces(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes
    while rest.count > 0 {
      let count = min(rest.count, Limits.turnPieceBytes)
      take(UnsafeRawBufferPointer(rebasing: rest[..<count]))
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      if begunCount >= Limits.turnRequests, rest.count > 0 {
        laterInput = Bytes(rest)
        return
      }
    }
  }

  private func take(_ bytes: UnsafeRawBufferPointer) {
    withExtendedLifetime(self) {
      if let h2 {
        h2.receive(bytes, at: now)
        if h2.didGreet, !h2.isInFields {
          headDeadline = nil
        } else if headDeadline == nil {
          headDeadline = now + context.headTime
        }
      } else if let h1 {
        h1.receive(bytes)
        watchHead(h1)
      } else {
        sniff(bytes)
      }
      wantFlush()
    }
  }

  private static let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".bytes

  /// Waits until the bytes differ from HTTP/2's preface or are all of it.
  private func sniff(_ bytes: UnsafeRawBufferPointer) {
    sniffed.append(contentsOf: bytes)
    let shared = min(sniffed.count, Self.preface.count)
    let isPreface = sniffed[..<shared].elementsEqual(Self.preface[..<shared])
    if isPreface, shared < Self.preface.count { return }
    let first = sniffed
    sniffed = []
    if isPreface {
      startHTTP2()
    } else {
      h1 = HTTP1Server(self)
    }
    first.withUnsafeBytes { take($0) }
  }

  /// Produces what may leave now. True when `output` holds bytes.
  @discardableResult
  package func flush() -> Bool {
    isFlushWanted = false
    begunCount = 0
    withExtendedLifetime(self) {
      if let h2 {
        h2.flush()
        if hasWaiters { wakeWaiters(h2) }
      } else if let h1 {
        h1.flush()
        watchHead(h1)
      }
    }
    noteOutput()
    return !output.isEmpty
  }

  var gatheredByHTTP1: Int { h1?.current?.gatheredBytes ?? 0 }

  /// Brings the budget up to date; to be called after output was taken.
  package func noteOutput() {
    let count = output.count + gatheredByHTTP1
    if count == accountedOutput { return }
    let change = count - accountedOutput
    accountedOutput = count
    context.budget.change(by: change)
  }

  /// A producer was told to wait and there is room: `flush` tells it to go on. (HTTP/2 learns of room from the peer.)
  package var owesRoom: Bool { h2?.isCutShort ?? h1?.owesRoom ?? false }

  /// Whether the owner should read on. False while the peer does not take its output, or a handler its body.
  package var wantsRead: Bool {
    if wantsClose || output.count >= Limits.outputHighWaterBytes || !laterInput.isEmpty { return false }
    return h1?.wantsRead ?? true
  }

  /// Close once `output` is sent.
  package var wantsClose: Bool {
    if isLost || isTimedOut { return true }
    return h2?.isOver ?? h1?.isOver ?? false
  }

  /// Requests that are open now.
  package var activeCount: Int { h2?.streamCount ?? (h1?.isBusy == true ? 1 : 0) }

  /// The socket is gone or will be: ends every exchange. Harmless when called again.
  package func connectionLost() {
    guard !isLost else { return }
    isLost = true
    h2?.close()
    h1?.close()
    roomWaiters = []
    laterInput = []
    context.budget.change(by: -accountedOutput)
    accountedOutput = 0
  }

  /// Ends gracefully: no further requests, open ones are answered. Then `wantsClose` is true.
  package func drain() {
    h2?.drain()
    h1?.drain()
    if h2 == nil, h1 == nil { isTimedOut = true }
    wantFlush()
  }

  /// Lets time act: waiting for a head, and pings. Call at `nextDeadline`, or every so often.
  package func tick(at now: Instant) {
    self.now = now
    if wantsClose { return }
    if let headDeadline, now >= headDeadline { return headIsLate() }
    guard let h2 else { return tickHTTP1() }
    tickHTTP2(h2)
    switch keepalive.step(at: now, hasStreams: h2.streamCount > 0) {
    case .nothing: break
    case .ping:
      h2.ping()
      wantFlush()
    case .giveUp: end()
    }
  }

  /// Closes once what is in `output` has left.
  func end() {
    isTimedOut = true
    headDeadline = nil
    wantFlush()
  }

  package var nextDeadline: Instant? {
    let pinging = h2 == nil ? nil : keepalive.nextDeadline
    guard let headDeadline else { return pinging }
    return min(headDeadline, pinging ?? headDeadline)
  }

  private func watchHead(_ h1: HTTP1Server) {
    if !h1.awaitsHead {
      headDeadline = nil
    } else if headDeadline == nil {
      headDeadline = now + context.headTime
    }
  }

  func wantFlush() {
    guard !isFlushWanted, !isLost else { return }
    isFlushWanted = true
    owner?.connectionHasOutput(self)
  }

  // MARK: What exchanges ask

  func hasRoom(for exchange: Exchange) -> Bool {
    if let h2 {
      guard exchange.hasRoom else { return false }
      if h2.pendingBytes < Limits.tightPendingBytes { return true }
      return hasRoomInCrowd(exchange, h2)
    }
    if output.count < Limits.outputHighWaterBytes { return true }
    exchange.isBlocked = true
    return false
  }

  func respond(_ exchange: Exchange, _ status: Int, _ headers: HeaderList, body: UnsafeRawBufferPointer) {
    if let h1 { return h1.respond(status, headers, body: body) }
    var headers = headers
    let hasBody = status >= 200 && status != 204 && status != 304
    if hasBody, !headers.contains("content-length") { headers.add("content-length", String(body.count)) }
    guard hasBody, body.count > 0, exchange.method != .head else {
      return respondHeadOnly(exchange, status, headers)
    }
    sendHead(exchange, status, headers)
    exchange.pending.append(body)
    finish(exchange, .none)
  }

  /// A reply whose body lies in `pending` already.
  func respondWithPending(_ exchange: Exchange, _ status: Int, _ headers: HeaderList) {
    if let h1 {
      h1.respond(status, headers, body: exchange.pending.unsent)
      return exchange.pending.removeAll()
    }
    var headers = headers
    headers.add("content-length", String(exchange.pending.count))
    sendHead(exchange, status, headers)
    finish(exchange, .none)
  }

  /// A reply without a body, in one frame under HTTP/2.
  func respondHeadOnly(_ exchange: Exchange, _ status: Int, _ headers: HeaderList) {
    guard let h2 else {
      h1?.respond(status, headers, body: UnsafeRawBufferPointer(start: nil, count: 0))
      return
    }
    exchange.didSendHead = true
    exchange.didFinish = true
    h2.submitResponse(exchange, status, headers, date: dateFor(headers), body: false)
    wantFlush()
  }

  func sendHead(_ exchange: Exchange, _ status: Int, _ headers: HeaderList) {
    guard let h2 else {
      h1?.sendHead(status, headers)
      return
    }
    exchange.didSendHead = true
    h2.submitResponse(exchange, status, headers, date: dateFor(headers), body: true)
    wantFlush()
  }

  /// gRPC replies carry no date, as grpc-go's.
  private func dateFor(_ headers: HeaderList) -> Bytes? {
    if context.date.isEmpty || headers.contains("date") { return nil }
    let isGRPC = headers.withValue("content-type") { GRPC.isContentType($0) } ?? false
    return isGRPC ? nil : context.date
  }

  func startGRPC(_ exchange: Exchange) {
    guard let h2 else {
      h1?.sendHead(200, ["content-type": "application/grpc"])
      return
    }
    exchange.didSendHead = true
    h2.submitGRPCResponse(exchange)
    wantFlush()
  }

  func send(_ exchange: Exchange, _ body: UnsafeRawBufferPointer) {
    guard h2 != nil else {
      h1?.send(body)
      return
    }
    if exchange.method != .head { exchange.pending.append(body) }
    bodyGrew(exchange)
  }

  /// Bytes were appended to `exchange.pending`.
  func bodyGrew(_ exchange: Exchange) {
    if let h2 {
      bodyChanged(exchange, h2)
      h2.resume(exchange)
      wantFlush()
    } else if let h1 {
      h1.send(exchange.pending.unsent)
      exchange.pending.removeAll()
    }
  }

  func finish(_ exchange: Exchange, _ trailers: MessageStream.TrailersOut) {
    guard let h2 else {
      if !exchange.pending.isEmpty { bodyGrew(exchange) }
      h1?.finish(trailers)
      return
    }
    exchange.didFinish = true
    exchange.trailersOut = trailers
    bodyChanged(exchange, h2)
    h2.resume(exchange)
    wantFlush()
  }

  func reset(_ exchange: Exchange, _ code: H2Error) {
    exchange.didFinish = true
    if let h2 {
      h2.reset(exchange, code)
      wantFlush()
    } else {
      h1?.abort()
    }
  }

  func consumed(_ exchange: Exchange, _ count: Int) {
    if let h2 {
      h2.consumed(exchange, count)
      wantFlush()
    } else {
      exchange.unconsumed = max(0, exchange.unconsumed - count)
      wantFlush()
    }
  }
}

extension ServerConnection: H2Owner {
  func h2NewStream() -> MessageStream {
    begunCount &+= 1
    let exchange = context.takeExchange(self)
    exchange.isHTTP2 = true
    return exchange
  }

  func h2Pseudo(_ stream: MessageStream, name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    let exchange = unsafeDowncast(stream, to: Exchange.self)
    // `H2FieldRules` let through no others than these and :scheme; their second letters tell them apart.
    switch name[1] {
    case 0x6D:  // :method
      exchange.methodText.append(contentsOf: value)
      exchange.method = Method(value)
    case 0x70: exchange.target.append(contentsOf: value)  // :path
    case 0x61: exchange.authority.append(contentsOf: value)  // :authority
    default: break
    }
  }

  func h2HeadArrived(_ stream: MessageStream) {
    let exchange = unsafeDowncast(stream, to: Exchange.self)
    exchange.didReceiveHead = true
    exchange.beganAt = now
    headDeadline = nil
    if exchange.headersOverflowed {
      respondHeadOnly(exchange, 431, HeaderList())
      h2?.noteIdleFrame()
      return
    }
    // A short head is part of what every stream counts for; a long one's memory was grown by doubling.
    let headBytes = exchange.headers.listBytes
    if headBytes > Limits.streamCostBytes { hold(exchange, headBytes + headBytes / 2) }
    if exchange.authority.isEmpty, let index = exchange.headers.index(of: "host") {
      exchange.authority = exchange.headers.withValue(at: index) { Bytes($0) }
    }
    context.handler.requestBegan(exchange)
  }

  func h2Data(_ stream: MessageStream, _ bytes: UnsafeRawBufferPointer) {
    let exchange = unsafeDowncast(stream, to: Exchange.self)
    if exchange.didFinish {
      consumed(exchange, bytes.count)  // answered already: what still comes is thrown away
    } else {
      context.handler.requestBody(exchange, bytes)
    }
  }

  func h2Ended(_ stream: MessageStream) {
    if !stream.didFinish { context.handler.requestEnded(unsafeDowncast(stream, to: Exchange.self)) }
  }

  func h2Closed(_ stream: MessageStream, _ code: H2Error) {
    let exchange = unsafeDowncast(stream, to: Exchange.self)
    let isKnown = exchange.didReceiveHead
    if exchange.requestRoom > 0 { giveRequestRoom(exchange) }
    if isKnown, !exchange.didFinish { context.handler.requestCancelled(exchange) }
    context.close(exchange)
  }

  func h2Drained(_ stream: MessageStream) {
    context.handler.exchangeDrained(unsafeDowncast(stream, to: Exchange.self))
  }

  func h2AcceptsPing() -> Bool { pings.accepts(at: now, hasStreams: activeCount > 0) }
  func h2GoAway(lastStream: Int32, _ code: H2Error, debug: UnsafeRawBufferPointer) {}
  func h2DidSend() { pings.forgive() }
}
