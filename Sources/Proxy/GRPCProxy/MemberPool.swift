import Base
import Client
import Event
import HTTP
import TLS
import Wire

/// A call that is to be opened at a member as soon as one can be reached.
protocol PoolCaller: AnyObject {
  /// Opens the call on `channel` with the metadata of its own; false when the channel takes none.
  func open(on channel: Channel) -> Bool
  /// No member could be reached in time.
  func unreachable(_ status: RPCStatus)
}

/// The members: one connection to each endpoint, kept open; calls go round those that are ready.
final class MemberPool {
  private unowned let loop: EventLoop
  private let resolver: Resolver
  private let settings: ClientSettings
  private var tls: EndpointTLS
  private var addresses: [String]
  private var channels: [Channel] = []
  /// Connections that said goodbye and still have calls.
  private var retiring: [Channel] = []
  /// Connections to members that are none any more.
  private let leaving: LeavingChannels
  /// Hears of such a connection that still has calls, as soon as another member can be called in its place.
  var onLeft: ((Channel) -> Void)?
  private var ring: EndpointRing
  private var dice: Dice
  private var retryTimer: Timer?
  private var lastReason = "no endpoint was tried"
  private let log: Log
  private var isClosed = false
  /// Endpoints whose outage was told.
  private var silent: Set<String> = []

  /// Oldest first, each with the moment at which it came.
  private var waiting: [(caller: any PoolCaller, since: Instant)] = []
  private var patience: Timer?

  init(_ loop: EventLoop, _ settings: ClientSettings, seed: UInt64, log: Log) throws(ClientError) {
    tls = try EndpointTLS(settings)
    self.loop = loop
    self.settings = settings
    addresses = settings.endpoints
    leaving = LeavingChannels(loop)
    self.log = log
    resolver = Resolver(loop)
    ring = EndpointRing(
      count: settings.endpoints.count, firstWaitSeconds: Limits.proxyFirstBackoffSeconds,
      longestWaitSeconds: Limits.proxyBackoffSeconds)
    dice = Dice(seed: seed)
    channels = addresses.indices.map { channel($0) }
    connectDue()
  }

  deinit { close() }

  var endpointCount: Int { channels.count }
  var endpoints: [(name: String, isReady: Bool)] { channels.map { ($0.endpoint.text, $0.isReady) } }
  var hasReady: Bool { ring.hasReady }

  private func channel(_ index: Int) -> Channel {
    // A member that is silent for 10 s while calls wait is asked for a sign of life.
    let keepalive = Keepalive(
      interval: Limits.clientPingInterval, timeout: settings.keepaliveTimeout, onlyWithStreams: true)
    let endpoint = ClientEndpoint(addresses[index])
    return Channel(
      index, endpoint, loop, resolver, tls: tls.context(for: endpoint), keepalive: keepalive, owner: self)
  }

  /// Opens a call now, or when a connection is there, or tells the caller that there is none.
  func open(_ caller: any PoolCaller) {
    if waiting.isEmpty, begin(caller) { return }
    guard !isClosed else { return loop.post { [weak self] in self?.refuse(caller) } }
    guard waiting.count < Limits.proxyWaitingCalls else {
      return loop.post {
        caller.unreachable(RPCStatus(.resourceExhausted, "too many calls wait for a connection to a member"))
      }
    }
    waiting.append((caller, loop.now))
    watchPatience()
    connectDue()
  }

  /// A caller that lost interest.
  func forget(_ caller: any PoolCaller) {
    if let place = waiting.firstIndex(where: { $0.caller === caller }) { waiting.remove(at: place) }
  }

  private func begin(_ caller: any PoolCaller) -> Bool {
    while let index = ring.next() {
      if caller.open(on: channels[index]) { return true }
      retire(index)
    }
    return false
  }

  private func refuse(_ caller: any PoolCaller) {
    let reason =
      channels.count > 1
      ? "all SubConns are in TransientFailure, latest connection error: \(lastReason)" : lastReason
    caller.unreachable(RPCStatus(.unavailable, reason))
  }

  private func pump() {
    while let first = waiting.first, begin(first.caller) { waiting.removeFirst() }
  }

  /// Calls wait in the order in which they came; those whose time is over are told so.
  private func watchPatience() {
    guard patience == nil else { return }
    let timer = Timer(loop) { [weak self] in
      guard let self else { return }
      patience = nil
      let bound = loop.now - (ring.hasFailed ? Limits.proxyOutageWait : Limits.proxyConnectWait)
      let late = waiting.filter { $0.since <= bound }
      waiting.removeAll { $0.since <= bound }
      for each in late { refuse(each.caller) }
      if !waiting.isEmpty { watchPatience() }
    }
    timer.once(after: Limits.proxyStreamWait)
    patience = timer
  }

  // MARK: Connections

  /// A connection that said goodbye: its calls run out, new ones go over another.
  private func retire(_ index: Int) {
    retiring.append(channels[index])
    channels[index] = channel(index)
    ring.disconnected(index)
    connectDue()
  }

  private func connectDue() {
    guard !isClosed else { return }
    for index in ring.takeDue(at: loop.now) { channels[index].connect() }
    guard let next = ring.nextDeadline else { return }
    let timer = Timer(loop) { [weak self] in self?.connectDue() }
    timer.once(after: max(.zero, next - loop.now))
    retryTimer = timer
  }

  /// Other members, from DNS: new calls go to them alone. What is under way where it was may go on for a while
  /// (`Limits.leavingCallTime`), as long as the member is there; then it ends, and clients open it elsewhere.
  func replace(_ endpoints: [String]) throws(ClientError) {
    guard !endpoints.isEmpty else { throw .noEndpoints }
    guard endpoints != addresses, !isClosed else { return }
    try tls.prepare(for: endpoints)
    addresses = endpoints
    let former = channels
    channels = leaving.channels(of: endpoints, after: former, &ring) { channel($0) }
    leaving.add(former, without: channels)
    silent.formIntersection(endpoints)
    log(.info, "members changed", LogField("endpoints", .texts(endpoints)))
    connectDue()
    loop.post { [weak self] in
      self?.tellOfLeft()
      self?.pump()
    }
  }

  private func tellOfLeft() {
    guard hasReady else { return }
    for channel in leaving.channels { onLeft?(channel) }
  }

  /// Ends every connection; open calls fail.
  func close() {
    isClosed = true
    retryTimer = nil
    for channel in channels + retiring { channel.close() }
    retiring = []
    leaving.close()
  }
}

extension MemberPool: ChannelOwner {
  func channelReady(_ channel: Channel) {
    ring.connected(channel.index)
    silent.remove(channel.endpoint.text)
    log(.info, "connected to a member", LogField("endpoint", channel.endpoint.text))
    pump()
    tellOfLeft()
  }

  func channelEnded(_ channel: Channel, wasReady: Bool, reason: String) {
    if leaving.remove(channel) { return }
    if let place = retiring.firstIndex(where: { $0 === channel }) {
      retiring.remove(at: place)
      return
    }
    lastReason = reason
    // Once for each outage, however often it is tried.
    if silent.insert(channel.endpoint.text).inserted {
      log(
        .warning, "no connection to a member", LogField("endpoint", channel.endpoint.text),
        LogField("error", reason))
    }
    if wasReady { ring.disconnected(channel.index) } else { ring.failed(channel.index, at: loop.now, &dice) }
    loop.post { [weak self] in
      self?.connectDue()
      self?.pump()
    }
  }
}

extension RPCStatus {
  init(_ fault: GRPC.Fault) {
    self.init(StatusCode(rawValue: UInt32(max(0, fault.code))), fault.message)
  }

  /// How a call that a member did not answer ends for its client. As grpc-go: a proxy's client sees what the proxy saw.
  init(_ failure: CallFailure) {
    switch failure {
    case .notProcessed, .connectionLost: self.init(.unavailable, "transport is closing")
    case .cancelled: self = .contextCanceled
    case .malformed(let reason): self.init(.internalError, "transport: \(reason)")
    case .reset(let code):
      self.init(
        code == .cancel ? .cancelled : code == .refusedStream ? .unavailable : .internalError,
        "stream terminated by RST_STREAM with error code: \(code)")
    }
  }
}

extension Exchange {
  func fail(_ status: RPCStatus) { replyError(Int(status.code.rawValue), status.message) }
}
