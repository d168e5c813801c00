import Base
import Event
import HTTP

/// Someone who waits for a connection to an endpoint.
protocol BackWaiter: AnyObject {
  func connected(_ connection: BackConnection)
  func couldNotConnect(_ reason: String)
  /// All connections that there may be are in use.
  func noConnection(limit: Int)
}

/// One endpoint's connections: of HTTP/1.1 one for each request under way and some that are free, of HTTP/2 as few as do.
///
/// Plain requests share connections of HTTP/2 where the endpoint answers them there, as members of ours do and Go's with TLS; Go's
/// without TLS know gRPC only. Each connection is asked on its own: whoever takes an endpoint's place may be another program.
final class Back: BackConnectionOwner {
  let id: Director.ID
  let url: EndpointURL
  private let dialer: BackDialer
  /// Counts the HTTP/1.1 connections to all endpoints.
  private let budget: BackBudget
  /// Told of connections with output.
  private let onFlush: (BackConnection) -> Void
  private var all: [BackConnection] = []
  /// Free ones of HTTP/1.1, the most recently used last.
  private var idle: [BackConnection] = []
  private var waiting1: [any BackWaiter] = []
  private var waiting2: [any BackWaiter] = []
  /// Connections of HTTP/2.
  private var shared: [BackConnection] = []
  private var question: PageQuestion?
  /// Until then no further connection is asked whether it answers plain requests.
  private var asksAgain = Instant(nanoseconds: 0)
  /// The endpoint is no part of the cluster any more.
  private var isForgotten = false

  init(
    _ id: Director.ID, _ url: EndpointURL, _ dialer: BackDialer, _ budget: BackBudget,
    onFlush: @escaping (BackConnection) -> Void
  ) {
    self.id = id
    self.url = url
    self.dialer = dialer
    self.budget = budget
    self.onFlush = onFlush
  }

  var connectionCount: Int { all.count }

  /// Lends a connection, at once or later: `connected` may be called from here. `isReserved`: also when there are too many.
  func connect(_ waiter: any BackWaiter, _ version: ClientConnection.Version, isReserved: Bool = false) {
    version == .http1 ? connect1(waiter, isReserved) : connect2(waiter)
  }

  private func connect1(_ waiter: any BackWaiter, _ isReserved: Bool) {
    if !isReserved, let connection = sharedForPages() { return waiter.connected(connection) }
    while let connection = idle.popLast() {
      if connection.isAvailable { return waiter.connected(connection) }
    }
    guard budget.take(isReserved) else {
      let limit = budget.limit
      return dialer.loop.post { [weak waiter] in waiter?.noConnection(limit: limit) }
    }
    waiting1.append(waiter)
    add(.http1)
  }

  private func connect2(_ waiter: any BackWaiter) {
    if let connection = shared.first(where: \.hasRoom) { return waiter.connected(connection) }
    waiting2.append(waiter)
    addShared()
  }

  /// One at a time.
  private func addShared() {
    if !shared.contains(where: { !$0.isReady }) { add(.http2) }
  }

  /// A connection that plain requests may share; where there is none, steps are taken that there soon is.
  private func sharedForPages() -> BackConnection? {
    // A time-out for reading is that of one connection's one request.
    guard dialer.readTimeout <= .zero else { return nil }
    if let connection = shared.first(where: { $0.servesPages == true && $0.hasRoom }) { return connection }
    guard !isForgotten, question == nil, dialer.loop.now >= asksAgain else { return nil }
    if let connection = shared.first(where: { $0.servesPages == nil && $0.hasRoom }) {
      ask(connection)
    } else {
      addShared()
    }
    return nil
  }

  private func ask(_ connection: BackConnection) {
    let asked = PageQuestion { [unowned self, unowned connection] answer in
      question = nil
      switch answer {
      case .yes: connection.servesPages = true
      case .lost: asksAgain = dialer.loop.now + Limits.proxySharingPause
      case .no:
        connection.servesPages = false
        asksAgain = dialer.loop.now + Limits.proxySharingRetry
      }
    }
    if asked.start(connection, url) { question = asked }
  }

  private func add(_ version: ClientConnection.Version) {
    let connection = BackConnection(version, url, dialer, owner: self)
    connection.place = all.count
    all.append(connection)
    if version == .http2 { shared.append(connection) }
  }

  /// Takes a waiter off the list, when its client has gone.
  func leave(_ waiter: any BackWaiter) {
    waiting1.removeAll { $0 === waiter }
    waiting2.removeAll { $0 === waiter }
  }

  // MARK: What connections say

  func connectionReady(_ connection: BackConnection) {
    if connection.version == .http1 { return connectionFreed(connection) }
    while !waiting2.isEmpty, connection.hasRoom { waiting2.removeFirst().connected(connection) }
    if !waiting2.isEmpty { add(.http2) }
  }

  func connectionFreed(_ connection: BackConnection) {
    if !waiting1.isEmpty { return waiting1.removeFirst().connected(connection) }
    if isForgotten || idle.count >= Limits.proxyIdleConnections {
      // Not from here: the connection is in the middle of its own work.
      return dialer.loop.post { [weak connection] in connection?.close() }
    }
    idle.append(connection)
  }

  func connectionClosed(_ connection: BackConnection, wasReady: Bool, reason: String) {
    let last = all.removeLast()
    if last !== connection {
      all[connection.place] = last
      last.place = connection.place
    }
    if connection.version == .http2 {
      shared.removeAll { $0 === connection }
      if !wasReady { asksAgain = max(asksAgain, dialer.loop.now + Limits.proxySharingPause) }
    }
    if connection.version == .http1 {
      budget.release()
      if let place = idle.lastIndex(where: { $0 === connection }) { idle.remove(at: place) }
    }
    guard !wasReady else { return }
    // One refused connection speaks for all that wait: each waiter asks the director again.
    var waiters: [any BackWaiter] = []
    if connection.version == .http1 { swap(&waiters, &waiting1) } else { swap(&waiters, &waiting2) }
    for waiter in waiters { waiter.couldNotConnect(reason) }
  }

  func connectionWantsFlush(_ connection: BackConnection) { onFlush(connection) }

  // MARK: Time and end

  func tick(at now: Instant) {
    for connection in Array(all) { connection.tick(at: now) }
    // The least recently used come first.
    while let oldest = idle.first, now - oldest.idleSince >= Limits.proxyIdleTime { oldest.close() }
  }

  /// No further use: free connections end now, the others with their calls.
  func forget() {
    isForgotten = true
    for connection in idle { connection.close() }
    for connection in shared { connection.drain() }
  }

  func close() { for connection in Array(all) { connection.close() } }
}

/// How many HTTP/1.1 connections to the cluster there may be: descriptors are shared with those of clients.
final class BackBudget {
  let limit: Int
  private(set) var used = 0
  init(limit: Int) { self.limit = limit }

  func take(_ isReserved: Bool) -> Bool {
    guard used < limit || isReserved else { return false }
    used += 1
    return true
  }

  func release() { used -= 1 }
}
