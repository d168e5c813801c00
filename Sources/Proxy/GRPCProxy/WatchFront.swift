import Base
import HTTP
import Wire

/// One client's stream of watches. Its watchers share watches at members with those of other clients; what it is told is
/// what it asked for: its own numbers, filters, previous pairs, progress notices and fragments.
///
/// When the client does not read, its watchers stop where they stand and go on later from there: what waits for a client is
/// bounded by its window, and nobody waits for it.
final class WatchFront: Conversation, WatchOwner {
  private struct Watch {
    let id: Int64
    let wish: WatchDelivery.Wish
    let wantsFragments: Bool
  }

  private let exchange: Exchange
  private unowned let proxy: GRPCProxy
  private let requiresLeader: Bool
  private var requests: GRPCDeframer
  /// By the client's number, and by the hub's.
  private var ids: [Int64: WatchTable.WatcherID] = [:]
  private var watches: [WatchTable.WatcherID: Watch] = [:]
  /// Requests that wait for those before them, from `queueHead` on: a client may count on answers in its order.
  private var queue: [WatchRequest] = []
  private var queueHead = 0
  private var isPumping = false
  /// Watches that were asked for and not answered; members answer in order, so several may be under way.
  private var unanswered = 0
  /// A right is being looked at.
  private var isChecking = false
  private var nextID: Int64 = 0
  private var paused: [WatchTable.WatcherID] = []
  private var isOver = false

  init(_ exchange: Exchange, _ proxy: GRPCProxy) {
    self.exchange = exchange
    self.proxy = proxy
    requiresLeader = exchange.headers.has("hasleader", "true")
    requests = GRPCDeframer(limit: proxy.limits.send)
    proxy.joined(self)
  }

  // MARK: What the client asks

  func received(_ bytes: UnsafeRawBufferPointer) {
    defer { exchange.consumed(bytes.count) }
    guard !isOver else { return }
    do throws(GRPC.Fault) {
      var refusal: RPCStatus?
      try requests.receive(bytes) { message in
        guard !isOver, refusal == nil else { return }
        do throws(RPCStatus) { handle(try message.decoded(WatchRequest.self)) } catch { refusal = error }
      }
      if let refusal { fail(refusal) }
    } catch { fail(RPCStatus(error)) }
    exchange.noteGathered(requests.partialCount)
  }

  private func handle(_ request: WatchRequest) {
    guard queue.count - queueHead < Limits.proxyStreamWatches else { return fail(.tooManyRequests) }
    queue.append(request)
    pump()
  }

  /// Deals with what may be dealt with now.
  private func pump() {
    guard !isPumping else { return }
    isPumping = true
    defer { isPumping = false }
    while !isOver, !isChecking, queueHead < queue.count, begin(queue[queueHead]) { queueHead += 1 }
    if queueHead == queue.count || queueHead > 1_024 {
      queue.removeFirst(min(queueHead, queue.count))
      queueHead = 0
    }
  }

  /// False when the request has to wait for an answer before it.
  private func begin(_ request: WatchRequest) -> Bool {
    if case .createRequest(var create)? = request.requestUnion {
      // As etcd 3.4: etcdserver/api/v3rpc/watch.go, recvLoop.
      if create.key.isEmpty { create.key = [0] }
      return begin(create)
    }
    guard unanswered == 0 else { return false }
    switch request.requestUnion {
    case .cancelRequest(let cancel)?: self.cancel(cancel.watchID)
    case .progressRequest?: requestProgress()
    case .createRequest?, nil: break
    }
    return true
  }

  private func begin(_ create: WatchCreateRequest) -> Bool {
    let range = WatchTable.Range(
      keys: KeyRange(create.key, create.rangeEnd), requiresLeader: requiresLeader)
    let isTaken = create.watchID != 0 && ids[create.watchID] != nil
    let isTooMany = watches.count >= Limits.proxyStreamWatches
    let isJoin = proxy.watches.isJoin(range, start: create.startRevision)
    // What is answered at once must not overtake what a member has yet to answer.
    if unanswered > 0, isTaken || isTooMany || isJoin { return false }
    if isTaken {
      refuse("mvcc: duplicate watch ID provided on the WatchStream")
    } else if isTooMany {
      refuse("etcdserver: too many requests")
    } else if isJoin {
      check(create, range)
    } else {
      watch(create, number(for: create.watchID), range)
    }
    return true
  }

  /// To share a watch one must have the right to make it.
  private func check(_ create: WatchCreateRequest, _ range: WatchTable.Range) {
    isChecking = true
    proxy.checkRight(to: range.keys) { [weak self] refusal in
      guard let self, !isOver else { return }
      isChecking = false
      if let refusal { refuse(refusal.message) } else { watch(create, number(for: create.watchID), range) }
      pump()
    }
  }

  private func number(for wanted: Int64) -> Int64 {
    if wanted != 0 { return wanted }
    while ids[nextID] != nil { nextID += 1 }
    defer { nextID += 1 }
    return nextID
  }

  private func watch(_ create: WatchCreateRequest, _ id: Int64, _ range: WatchTable.Range) {
    var wish: WatchDelivery.Wish = []
    if create.filters.contains(.noput) { wish.insert(.noPuts) }
    if create.filters.contains(.nodelete) { wish.insert(.noDeletes) }
    if create.prevKv { wish.insert(.previousPair) }
    unanswered += 1
    let watch = Watch(id: id, wish: wish, wantsFragments: create.fragment)
    proxy.watches.watch(self, range, start: create.startRevision, wantsProgress: create.progressNotify) {
      watcher in
      ids[id] = watcher
      watches[watcher] = watch
    }
    exchange.noteKept(watches.count * 256)
  }

  private func refuse(_ reason: String) {
    var reply = WatchResponse()
    reply.header = proxy.watches.header
    reply.watchID = -1
    reply.created = true
    reply.canceled = true
    reply.cancelReason = reason
    send(reply)
  }

  private func cancel(_ id: Int64) {
    guard let watcher = ids.removeValue(forKey: id) else { return }
    watches[watcher] = nil
    paused.removeAll { $0 == watcher }
    proxy.watches.cancel(watcher)
    exchange.noteKept(watches.count * 256)
    var reply = WatchResponse()
    reply.header = proxy.watches.header
    reply.watchID = id
    reply.canceled = true
    send(reply)
  }

  var awaitsBody: Bool { requests.isMidMessage }

  private func requestProgress() {
    proxy.watches.requestProgress(requiresLeader: requiresLeader) { [weak self] header in
      // One that is behind is not where the header says.
      guard let self, paused.isEmpty else { return }
      var reply = WatchResponse()
      reply.header = header
      reply.watchID = -1
      send(reply)
    }
  }

  // MARK: The stream

  /// As etcd 3.4: a client that will ask for nothing more still hears of what it watches.
  func ended() {}

  func cancelled() { leave() }

  private func leave() {
    guard !isOver else { return }
    isOver = true
    let watchers = watches.keys.sorted()
    watches = [:]
    ids = [:]
    paused = []
    for watcher in watchers { proxy.watches.cancel(watcher) }
    proxy.left(self)
  }

  private func fail(_ status: RPCStatus) {
    guard !isOver else { return }
    leave()
    exchange.fail(status)
  }

  func drained() {
    let waiting = paused
    paused = []
    for watcher in waiting where watches[watcher] != nil { proxy.watches.resume(watcher) }
  }

  private func send(_ reply: WatchResponse) {
    guard !isOver else { return }
    exchange.sendMessage(reply.encoded())
  }

  // MARK: What the hub tells

  func watchCreated(_ id: WatchTable.WatcherID, _ header: ResponseHeader) {
    guard let watch = watches[id] else { return }
    var reply = WatchResponse()
    reply.header = header
    reply.watchID = watch.id
    reply.created = true
    send(reply)
    answered()
  }

  private func answered() {
    unanswered -= 1
    pump()
  }

  func watchEnded(_ id: WatchTable.WatcherID, _ reply: WatchResponse, wasAnnounced: Bool) {
    guard let watch = watches.removeValue(forKey: id) else { return }
    ids[watch.id] = nil
    guard wasAnnounced else {
      refuse(reply.cancelReason)
      return answered()
    }
    var own = WatchResponse()
    own.header = reply.header ?? proxy.watches.header
    own.watchID = watch.id
    own.canceled = true
    own.compactRevision = reply.compactRevision
    own.cancelReason = reply.cancelReason
    send(own)
  }

  func watchDelivered(_ id: WatchTable.WatcherID, _ delivery: WatchDelivery, first: Int) {
    guard !isOver, let watch = watches[id] else { return }
    let events = delivery.encoded(watch.wish, from: first)
    if !events.ends.isEmpty { send(events, of: delivery, to: watch) }
    if !exchange.canSend {
      paused.append(id)
      proxy.watches.pause(id)
    }
  }

  private func send(_ events: WatchDelivery.Encoded, of delivery: WatchDelivery, to watch: Watch) {
    var head = WatchResponse()
    head.header = delivery.reply.header
    head.watchID = watch.id
    let pieces =
      watch.wantsFragments ? events.pieces(limit: Limits.proxyFragmentBytes) : [0..<events.bytes.count]
    for (number, piece) in pieces.enumerated() {
      head.fragment = number + 1 < pieces.count
      exchange.sendMessage { out in
        head.append(to: &out)
        out.append(events.bytes[piece])
      }
    }
  }

  func watchProgressed(_ id: WatchTable.WatcherID, _ header: ResponseHeader) {
    guard let watch = watches[id] else { return }
    var reply = WatchResponse()
    reply.header = header
    reply.watchID = watch.id
    send(reply)
  }

  func watchInterrupted() {}

  func watchStreamFailed(_ status: RPCStatus) { fail(status) }
}
