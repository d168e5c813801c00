import Base
import Config
import Doors
import Event
import HTTP
import Machine
import Raft
import Storage
import TLS
import Wire

/// One running member: owner of Raft, the machine, the threads and the client ports. Lives on the loop thread.
///
/// Its life: `Bootstrap` opens what is on disk, `start` brings it up, `stop` takes it down in order. What it does in a turn is in
/// `Member+Turn`, how requests wait in `Member+Requests`, what time brings in `Member+Time`.
final class Member {
  let settings: Settings
  let log: Log
  let loop: EventLoop
  let id: MemberID
  let clusterID: ClusterID

  var node: Node
  let raftLog: MemoryLog
  let machine: Machine
  /// Another one after a snapshot of the leader was installed.
  var backend: LMDBBackend
  let snapshots: SnapStore
  let disk: DiskThread
  var metrics = Metrics()
  /// The most expensive parts of the key space in the window that began then, and in the whole one before it.
  let topPrefixes: TopPrefixes
  var topPrefixesBegan: Instant
  var formerTopPrefixes: [TopPrefixes.Entry] = []

  // Requests that wait.
  var proposals = Proposals()
  var reads = Reads()
  /// Physical compactions that wait for their rows to go, by revision.
  var compactionWaiters: [(revision: Int64, call: Call, reply: CompactionResponse)] = []
  var requestIDs: RequestIDs
  /// Messages that came with a token of a member that is ahead.
  var heldBack: [HeldBack] = []
  /// Work that must not begin before everything written so far is durable in the backend.
  var durabilityWaiters: [() -> Void] = []
  var nextDurabilityWaiters: [() -> Void] = []
  var hashes: [HashWork] = []
  /// Runs between two slices of a compaction; the turn that its end begins does the next one.
  private(set) var compactionRest: Timer!
  /// Large ranges on their way to their readers.
  private(set) var ranges: RangeDesk!
  /// Since when a compaction waits for readers; nil where none does.
  var compactionWaitsSince: Instant?

  /// Letters at the disk thread that are not reported yet, and a state that may wait for the next one.
  var writesUnderWay = 0
  var deferredState: HardState?
  /// The batch of that state, which counts as written once all before it are.
  var deferredBatch: UInt64?
  /// The newest write that Raft asked for.
  var lastBatch: UInt64 = 0

  // The other members.
  private(set) var transport: PeerTransport!
  private(set) var peerDoor: PeerDoor!
  private(set) var clusterVersion: ClusterVersion!
  private(set) var corruption: CorruptionCheck!
  /// When heartbeats left this member.
  var heartbeats: HeartbeatWatch
  /// Since when no leader is known; nil while one is.
  var leaderlessSince: Instant?
  /// Since when the leader that is known has no stream to this member, nor this one to it; nil while one is open.
  var leaderUnlinkedSince: Instant?
  /// Questions to other members that are open.
  var fetches: [PeerFetch] = []
  var appliedWaiters: [(index: UInt64, deadline: Instant, done: (Bool) -> Void)] = []
  /// Snapshots on their way to others, who waits for a state to send, and what was said of it when it was sealed.
  var postings: [SnapshotPosting] = []
  var captures: [(CapturedState) -> Void] = []
  var captured: RaftSnapshot?
  var logHeldUntil: Instant?
  var isReceivingSnapshot = false
  /// A received snapshot that is being written to the log, with its batch.
  var arrived: (snapshot: RaftSnapshot, batch: UInt64)?
  var didAdvanceTicks = false
  /// Leadership is being handed over, and then the member ends.
  var handOver: HandOver?
  var transfers: [LeadershipTransfer] = []

  // Progress.
  var confState: ConfState
  /// Index of the last raft snapshot, on disk or on its way there.
  var snapshotIndex: UInt64
  var isSavingSnapshot = false
  /// What the encoding of the snapshot under way took.
  var snapshotEncoding = TimeSpan.zero
  var logBytesSinceSnapshot = 0
  var isPublished = false
  var isPublishing = false
  var isReady = false
  var isStopping = false
  /// A NOSPACE alarm of ours is on its way through the log.
  var isRaisingAlarm = false
  /// The NOSPACE alarm of this member was raised by the member itself.
  var ownsNoSpaceAlarm = false
  var didWarnOfQuota = false
  /// What ends the process, once `run` has returned.
  var exit: MemberExit?

  // Doors.
  private(set) var front: Front
  /// The peer port, open before the member is ready for clients.
  private(set) var peerFront: Front
  private(set) var watchService: WatchService!
  private(set) var maintenance: MaintenanceService!
  private(set) var concurrency: ConcurrencyDesk!
  private(set) var callDesk: CallDesk!
  /// The v2 API; nil without `--enable-v2`.
  private(set) var v2Desk: V2Desk?
  /// Appends between this member and the others, as the v2 API tells of them.
  var traffic: TrafficStats
  /// An entry that removes what expired of the v2 tree is on its way through the log.
  var isSyncingTree = false
  private var peerDesk: CallDesk!
  var clientContext: ServerContext!
  var metricsContext: ServerContext!
  private var metricsPages: Pages!
  /// What the plain pages log.
  let pagesLog: Log
  var peerContext: ServerContext!
  var compactor: AutoCompactor?

  // Who clients are.
  let tokens: TokenSetup
  var verifier: TokenVerifier?
  let passwords: PasswordDesk
  var wasAuthEnabled = false

  // Letters from other threads.
  let wake: Wake
  let reports: Mailbox<DiskReport>
  let errands: Mailbox<Errand>
  private var wakeWatch: WakeWatch?
  var timers: [Timer] = []
  private let lock: any DiskLock
  let startedWall: Int64
  var scratch = ByteWriter()
  var lastCommitCount: UInt64 = 0
  /// Proposals that wait for a leader.
  var leaderless: [(id: UInt64, data: Bytes)] = []
  /// The same of other members, which took this one for the leader.
  var leaderlessMessages: [(message: RaftMessage, since: Instant)] = []
  var leaderlessBytes = 0
  /// The leader that the log told of last, and the one that was lost last.
  var knownLead: UInt64 = 0
  var lostLead: UInt64 = 0

  init(_ start: MemberStart, settings: Settings, tokens: TokenSetup, loop: EventLoop, log: Log) {
    self.settings = settings
    self.loop = loop
    self.log = log.named("etcdserver")
    pagesLog = log.named("etcdserver/api/etcdhttp")
    topPrefixes = TopPrefixes(seed: start.seed)
    topPrefixesBegan = loop.now
    id = start.id
    clusterID = start.clusterID
    node = start.node
    raftLog = start.raftLog
    machine = start.machine
    backend = start.backend
    confState = start.confState
    snapshotIndex = start.snapshotIndex
    snapshots = start.snapshots
    lock = start.lock
    wake = start.wake
    reports = start.reports
    errands = start.errands
    self.tokens = tokens
    heartbeats = HeartbeatWatch(interval: settings.heartbeatInterval)
    verifier = tokens.key.map { TokenVerifier($0) }
    passwords = PasswordDesk(keys: tokens.signingKeys, errands: start.errands)
    startedWall = loop.wallNanoseconds
    traffic = TrafficStats(wall: loop.wallNanoseconds, clock: loop.clock)
    requestIDs = RequestIDs(member: start.id, unixMilliseconds: loop.wallNanoseconds / 1_000_000)
    // A question of this process must not be taken for one of the last: its answer may still be on the way, with an index
    // that is too old by now.
    reads.context = requestIDs.next()
    front = Front(loop, log: log.named("embed"))
    peerFront = Front(loop, log: log.named("embed"), judgesOrigin: !settings.peerTLS.skipsNameCheck)
    let reports = reports
    disk = DiskThread(
      wal: start.wal, snapshots: start.snapshots, disk: start.disk, log: log.named("wal"),
      report: { reports.post($0) })
    ranges = RangeDesk(self)
    watchService = WatchService(self)
    maintenance = MaintenanceService(self)
    concurrency = ConcurrencyDesk(self)
    let services: [any Service] = [
      KVService(self), watchService, LeaseService(self), ClusterService(self), maintenance, AuthService(self),
      HealthService(), LockService(self), ElectionService(self),
    ]
    let messageLimit = settings.maxRequestBytes + Limits.grpcOverheadBytes
    if settings.enableV2 { v2Desk = V2Desk(self) }
    callDesk = CallDesk(
      self, services: services, pages: Pages.client(self),
      gateway: settings.enableGateway ? Gateway(messageLimit: messageLimit) : nil, messageLimit: messageLimit)
    // As etcd 3.4 and 3.5: the peer port answers the same calls. See embed/etcd.go, servePeers.
    peerDoor = PeerDoor(self, pages: Pages.peers(self))
    peerDesk = CallDesk(
      self, services: services, pages: peerDoor, gateway: nil, messageLimit: messageLimit)
    clusterVersion = ClusterVersion(self)
    corruption = CorruptionCheck(self)
    metricsPages = Pages.metrics(self)
    clientContext = makeContext(callDesk)
    metricsContext = makeContext(metricsPages)
    peerContext = makeContext(peerDesk)
    // What waits for a slow member is bounded by the transport, and clients' bytes shall not end its links.
    peerContext.budget = peerFront.bytes
    compactionRest = Timer(loop) {}
    wakeWatch = wake.watch(on: loop) { [unowned self] in takeLetters() }
    loop.onTurnEnd = { [unowned self] in endTurn() }
  }

  private func makeContext(_ handler: any ExchangeHandler) -> ServerContext {
    let context = ServerContext(handler: handler)
    context.budget = front.bytes
    context.maxConcurrentStreams = min(settings.maxConcurrentStreams, Limits.defaultConcurrentStreams)
    context.pingPolicy = PingPolicy(minTime: settings.keepAliveMinTime)
    context.keepalive = Keepalive(interval: settings.keepAliveInterval, timeout: settings.keepAliveTimeout)
    context.setDate(unixSeconds: loop.wallNanoseconds / 1_000_000_000)
    return context
  }

  /// Binds the ports (so that a taken address is known at once), starts the clock and stands for election.
  func start(tls: TLSContext?, peerTLS: PeerTLS) throws(FrontError) {
    for url in settings.listenClientURLs { try front.listen(url, context: clientContext, tls: tls) }
    for url in settings.listenPeerURLs {
      try peerFront.listen(url, context: peerContext, tls: peerTLS.server, isReserved: true)
    }
    for url in settings.listenMetricsURLs {
      try front.listen(url, context: metricsContext, tls: tls, isReserved: true)
    }
    let dialer = PeerCall.Dialer(
      loop: loop, resolver: Resolver(loop), tls: peerTLS.client,
      dialTimeout: settings.peerDialTimeout)
    let identity = PeerIdentity(id: id, clusterID: clusterID, urls: settings.advertisePeerURLs)
    transport = PeerTransport(identity, dialer, log: log.named("rafthttp"))
    transport.owner = self
    linkPeers()
    peerFront.start()
    startTimers()
    recallNoSpace()
    compactor = AutoCompactor(settings.autoCompaction, log: log.named("compactor"))
  }

  // MARK: Facts

  /// Revision and term as of now.
  func header() -> ResponseHeader {
    ResponseHeader(
      clusterID: clusterID.rawValue, memberID: id.rawValue, revision: machine.store.currentRevision,
      raftTerm: node.term)
  }

  var isLeader: Bool { node.role == .leader }
  /// Whether this member decides alone.
  var isAlone: Bool { node.isOnlyVoter }
  /// This member follows and has no vote.
  var isLearner: Bool { confState.learners.contains(id.rawValue) }

  /// Ends the streams whose clients want a leader behind them.
  func endLeaderBoundCalls() {
    callDesk.endLeaderBoundCalls()
    peerDesk.endLeaderBoundCalls()
  }

  /// Ends the calls whose time is over.
  func expireCalls(now: Instant) {
    callDesk.expire(now: now)
    peerDesk.expire(now: now)
  }

  /// What stops a call at the door. As etcd 3.4: api/v3rpc/interceptor.go. Tokens are looked at by the services.
  func gate(_ exchange: Exchange, _ method: Wire.Method) -> RPCStatus? {
    if isStopping { return .stopped }
    if isLearner, !Self.isServedByLearner(method) { return .notSupportedForLearner }
    if node.lead == 0, exchange.headers.has("hasleader", "true") { return .noLeader }
    return nil
  }

  /// What a member without a vote answers; of ranges the serializable ones.
  /// As etcd 3.4: api/v3rpc/util.go, isRPCSupportedForLearner, and interceptor.go.
  private static func isServedByLearner(_ method: Wire.Method) -> Bool {
    switch (method.service, method.name) {
    case (KVService.name, "Range"), (MaintenanceService.name, "Status"), (MaintenanceService.name, "Snapshot"):
      true
    default: false
    }
  }

  // MARK: End

  /// Ends the member in order: no new calls, waiting ones are told, what is written becomes durable.
  func stop(_ exit: MemberExit) {
    guard !isStopping else { return }
    isStopping = true
    self.exit = exit
    failWaiting(.stopped)
    transport.stop()
    for posting in postings { posting.stop() }
    postings = []
    passwords.stop()
    front.drain()
    front.flush()
    peerFront.drain()
    peerFront.flush()
    loop.stop()
  }

  /// After the loop has ended: threads and files.
  func close() {
    front.close()
    peerFront.close()
    timers = []
    if let state = deferredState { disk.post(.write(batch: 0, entries: [], state: state, mustSync: false)) }
    disk.stop()
    if case .failure? = exit {
      // The log may be ahead of the store or not to be trusted; the next start replays what is there.
    } else {
      backend.close()
    }
    lock.close()
  }
}

/// Why a member ended.
enum MemberExit: Sendable {
  /// SIGINT or SIGTERM: the process dies by the same signal afterwards.
  case signal(String)
  /// The member no longer belongs to its cluster.
  case removed
  /// Something that leaves no way on; the text was logged.
  case failure
}
