import Base

// What a connection may hold, and how long it may take.
extension ServerConnection {
  /// Bytes that this connection holds: what the greediest is found by.
  package var heldBytes: Int {
    output.count + (h2.map { $0.pendingBytes + $0.otherBytes } ?? gatheredByHTTP1)
  }

  // MARK: Bytes

  /// Notes what the body holds now, and ends the connection where that is too much.
  @inline(__always)
  func bodyChanged(_ exchange: Exchange, _ h2: H2Session) {
    if h2.isDead { return exchange.pending.removeAll() }
    h2.account(exchange)
    if h2.pendingBytes + h2.otherBytes > Limits.connectionDropBytes { judge(exchange, h2) }
  }

  /// Notes `count` more bytes that a stream holds elsewhere: its head, a part of a request, watchers.
  func hold(_ exchange: Exchange, _ count: Int) {
    guard let h2, !h2.isDead else { return }
    h2.hold(exchange, count)
    if h2.pendingBytes + h2.otherBytes > Limits.connectionDropBytes { judge(exchange, h2) }
  }

  /// One reply may be as large as it was asked for; many together may not, nor may requests that never end.
  private func judge(_ exchange: Exchange, _ h2: H2Session) {
    let streams = Limits.streamCostBytes * h2.streamCount
    let held = h2.pendingBytes + h2.otherBytes - streams
    if held > Limits.connectionDropBytes, exchange.pending.count < held / 2 { drop("too_much_held") }
  }

  /// Ends the connection so that others are served: what waits is thrown away, the peer is told why.
  package func drop(_ reason: StaticString) {
    guard !wantsClose else { return }
    context.budget.dropped += 1
    if let h2 { h2.leaveAtOnce(.enhanceYourCalm, debug: reason) } else { end() }
    wantFlush()
  }

  /// Whether a stream with room of its own may be written to: the connection as a whole may hold too much.
  func hasRoomInCrowd(_ exchange: Exchange, _ h2: H2Session) -> Bool {
    let isTight = context.budget.isTight
    if h2.pendingBytes < Limits.connectionPendingBytes, !isTight { return true }
    if isTight { context.budget.hasWaiters = true }
    exchange.isBlocked = true
    hasWaiters = true
    return false
  }

  /// Lets producers go on that waited for the connection as a whole.
  func wakeWaiters(_ h2: H2Session) {
    guard h2.pendingBytes < Limits.connectionPendingBytes / 2 else { return }
    if context.budget.isTight, h2.pendingBytes >= Limits.tightPendingBytes { return }
    hasWaiters = false
    h2.wakeBlocked()
  }

  /// Bytes are not tight any more (see `ByteBudget.takeRelief`).
  package func relieved() { if hasWaiters { wantFlush() } }

  // MARK: Requests that come in pieces

  /// Sets room aside for a request that is larger than its stream's window; false when the connection has none left.
  func takeRequestRoom(_ exchange: Exchange, _ count: Int) -> Bool {
    if requestRoom > 0, requestRoom + count > Limits.connectionRequestBytes {
      if !roomWaiters.contains(where: { $0 === exchange }) { roomWaiters.append(exchange) }
      return false
    }
    requestRoom += count
    exchange.requestRoom = count
    return true
  }

  func giveRequestRoom(_ exchange: Exchange) {
    requestRoom -= exchange.requestRoom
    exchange.requestRoom = 0
    while let next = roomWaiters.first, requestRoom < Limits.connectionRequestBytes {
      roomWaiters.removeFirst()
      if !next.isClosed { context.handler.requestRoomFreed(next) }
      if next.requestRoom == 0, roomWaiters.contains(where: { $0 === next }) { return }
    }
  }

  func noteGathered(_ exchange: Exchange, _ count: Int) {
    guard h2 != nil else {
      exchange.gatheredBytes = count
      return noteOutput()
    }
    hold(exchange, count - exchange.gatheredBytes)
    exchange.gatheredBytes = count
  }

  func noteKept(_ exchange: Exchange, _ count: Int) {
    hold(exchange, count - exchange.keptBytes)
    exchange.keptBytes = count
  }

  // MARK: Time

  /// A head that began, or the first one, is not complete in time.
  func headIsLate() {
    if let h2 {
      h2.leaveAtOnce(.enhanceYourCalm, debug: "header_timeout")
    } else {
      h1?.refuseLate()
    }
    end()
  }

  func tickHTTP1() {
    guard let h1 else { return }
    if let exchange = h1.current {
      // A reply that has begun shows a stream of requests, which may rest.
      let mayRest = exchange.didSendHead && !exchange.didFinish && !h1.isUpgraded
      if h1.awaitsBody, !mayRest, isLate(exchange), exchange.didFinish || context.handler.awaitsBody(exchange) {
        h1.refuseLate()
        end()
      }
    } else if now - keepalive.lastHeard >= Limits.idleHTTP1Time {
      end()
    }
  }

  func tickHTTP2(_ h2: H2Session) {
    if h2.streamCount == 0 {
      movedAt = now
      guard now - keepalive.lastHeard >= Limits.idleHTTP2Time else { return }
      h2.goAway(.noError, debug: "idle")
      return wantFlush()
    }
    endStalledBodies(h2)
    if h2.pendingBytes == 0 || h2.sentDataFrames != seenDataFrames {
      seenDataFrames = h2.sentDataFrames
      movedAt = now
    } else if now - movedAt >= Limits.stalledOutputTime {
      drop("stalled_reader")
    }
  }

  /// Requests whose bodies do not come are ended, a part of all streams at each look.
  private func endStalledBodies(_ h2: H2Session) {
    for stream in h2.nextStreams(Limits.sweptStreams) {
      let exchange = unsafeDowncast(stream, to: Exchange.self)
      guard exchange.didReceiveHead, !exchange.didReceiveAll, !exchange.didSendHead, isLate(exchange),
        context.handler.awaitsBody(exchange)
      else { continue }
      context.handler.requestStalled(exchange)
    }
  }

  /// Whether the body should have come by now, were the client slow but honest.
  private func isLate(_ exchange: Exchange) -> Bool {
    let allowed = Limits.bodyTime + .seconds(Int64(exchange.receivedBytes / Limits.bodyBytesPerSecond))
    return now - exchange.beganAt >= allowed
  }
}
