import Base
import Client
import Config
import Event
import HTTP
import Wire

/// A running gRPC proxy: what its calls share.
final class GRPCProxy {
  unowned let loop: EventLoop
  let settings: GRPCProxySettings
  let pool: MemberPool
  let namespace: Namespace
  let limits: MessageLimits
  let log: Log
  var cache = RangeCache()
  private(set) lazy var watches = WatchHub(self)
  private lazy var keeper = CacheKeeper(self)
  /// One for those who want a leader behind it, one for the others.
  private lazy var keepAliveHubs = [
    KeepAliveHub(self, requiresLeader: false), KeepAliveHub(self, requiresLeader: true),
  ]
  /// Ranges that were asked for once and not found in the cache: the second time they are worth a watch.
  private var seenOnce: Set<KeyRange> = []
  /// The newest revision that a reply carried.
  private(set) var newest: Int64 = 0
  private var fronts: [ObjectIdentifier: WatchFront] = [:]
  let registration: Registration?
  /// Nil where no keys are owned.
  private(set) lazy var leasing: LeasingHub? =
    settings.leasingPrefix.isEmpty ? nil : LeasingHub(self, prefix: settings.leasingPrefix.bytes)

  init(
    _ loop: EventLoop, _ settings: GRPCProxySettings, _ pool: MemberPool, registration: Registration?, log: Log
  ) {
    self.loop = loop
    self.settings = settings
    self.pool = pool
    self.registration = registration
    self.log = log
    namespace = Namespace(settings.namespace.bytes)
    limits = MessageLimits(
      send: settings.maxSendBytes > 0 ? settings.maxSendBytes : Limits.clientSendBytes,
      receive: settings.maxReceiveBytes > 0 ? settings.maxReceiveBytes : Limits.clientReceiveBytes)
    pool.onLeft = { [unowned self] channel in
      watches.leave(channel)
      for hub in keepAliveHubs { hub.leave(channel) }
    }
  }

  // MARK: Members

  /// DNS names other members.
  func replaceMembers(_ endpoints: [String]) {
    do throws(ClientError) {
      try pool.replace(endpoints)
      try registration?.replace(endpoints)
    } catch {
      log(
        .error, "the members that DNS names cannot be called", LogField("endpoints", .texts(endpoints)),
        LogField("error", "\(error)"))
    }
  }

  // MARK: Cache

  /// A serializable read was not answered from the cache.
  func missed(_ range: KeyRange) {
    if range.key.bytes.isEmpty { return }
    guard cache.isTracked(range) || seenOnce.remove(range) != nil else {
      if seenOnce.count >= Limits.proxySeenRanges { seenOnce.removeAll() }
      seenOnce.insert(range)
      cache.countMiss()
      return
    }
    keeper.perform(cache.missed(range))
  }

  /// No serializable read may be answered with an older revision; 0 where any may.
  var orderingFloor: Int64 { settings.serializableOrdering ? newest : 0 }

  func saw(_ revision: Int64) { newest = max(newest, revision) }

  // MARK: Watches

  func joined(_ front: WatchFront) { fronts[ObjectIdentifier(front)] = front }
  func left(_ front: WatchFront) { fronts[ObjectIdentifier(front)] = nil }

  /// Finds out whether a client may watch keys, by a read that brings none of them. As etcd 3.4:
  /// proxy/grpcproxy/watch.go, checkPermissionForWatch.
  func checkRight(to keys: KeyRange, _ done: @escaping (RPCStatus?) -> Void) {
    var request = RangeRequest(key: keys.key.bytes, rangeEnd: keys.end.bytes)
    request.serializable = true
    request.countOnly = true
    namespace.into(&request)
    BackUnary(self, "/etcdserverpb.KV/Range", request, timeout: Limits.proxyConnectWait) { result in
      if case .failure(let status) = result { done(status) } else { done(nil) }
    }
  }

  /// Ends every stream that would go on for ever, so that clients go on elsewhere.
  func endStreams() {
    for front in fronts.values { front.watchStreamFailed(.stopped) }
    for hub in keepAliveHubs { hub.endAll(.stopped) }
  }

  // MARK: Leases

  func keepAlives(requiresLeader: Bool) -> KeepAliveHub { keepAliveHubs[requiresLeader ? 1 : 0] }
  var sharedKeepAlives: UInt64 { keepAliveHubs.reduce(0) { $0 + $1.shared } }

  /// A lease was made or revoked through this proxy.
  func doubtLeases() {
    for hub in keepAliveHubs { hub.doubt() }
  }

  // MARK: Health

  /// A linearizable read; that it is not allowed shows a healthy cluster too. As etcd 3.4: proxy/grpcproxy/health.go.
  func health(_ done: @escaping (Bool) -> Void) {
    BackUnary(
      self, "/etcdserverpb.KV/Range", RangeRequest(key: "a".bytes), timeout: Limits.healthProbeTime
    ) { result in
      switch result {
      case .success: done(true)
      case .failure(let status):
        done([RPCStatus.permissionDenied, .userEmpty].contains { $0.message == status.message })
      }
    }
  }
}
