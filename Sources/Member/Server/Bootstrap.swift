import Base
import Config
import Event
import Machine
import Raft
import Storage
import Wire

/// Everything a member needs to come up, opened and consistent.
struct MemberStart {
  let id: MemberID
  let clusterID: ClusterID
  let node: Node
  let raftLog: MemoryLog
  let machine: Machine
  let backend: LMDBBackend
  let confState: ConfState
  let snapshotIndex: UInt64
  let wal: WAL
  let snapshots: SnapStore
  let disk: any Disk
  let lock: any DiskLock
  let wake: Wake
  let reports: Mailbox<DiskReport>
  let errands: Mailbox<Errand>
}

/// Opens a data directory: a new one is founded, a used one (ours or Go's) is taken up where it ended.
///
/// As etcd 3.4: etcdserver/server.go, NewServer, and etcdserver/raft.go, startNode and restartNode.
struct Bootstrap {
  let settings: Settings
  let log: Log
  let seed: UInt64
  let now: () -> Instant

  func open() throws -> MemberStart {
    let disk = SystemDisk()
    let directory = DataDirectory(settings.dataDirectory, wal: settings.walDirectory)
    let use = try directory.use(disk, log: log.named("etcdmain"))
    if use == .proxy {
      throw BootstrapError.refused(
        "the directory \(directory.path) belongs to a proxy; this member needs one of its own")
    }
    let isUsed = WAL.exists(disk, in: directory.wal)
    if !isUsed { try checkFounding() }
    try directory.prepare(disk, log: log.named("pkg/fileutil"))
    let lock = try directory.lock(disk)
    let snapshots = SnapStore(disk, directory: directory.snap, log: log.named("snap"))
    try snapshots.removeLeftovers()
    return isUsed
      ? try restart(disk, directory, snapshots, lock) : try found(disk, directory, snapshots, lock)
  }

  // MARK: A new cluster

  private func checkFounding() throws {
    if let url = (settings.listenPeerURLs + settings.advertisePeerURLs).first(where: \.scheme.isSecure) {
      throw BootstrapError.notBuilt("peer URL \(url.text): TLS between members is not built yet")
    }
    guard settings.isNewCluster else {
      throw BootstrapError.notBuilt(
        "--initial-cluster-state=existing: joining a running cluster is not built yet")
    }
    let cluster = try InitialCluster(parsing: settings.initialCluster)
    _ = try cluster.own(settings.name)
    try cluster.checkDuplicates()
    try cluster.checkAdvertised(settings.advertisePeerURLs, name: settings.name) { $0 }
    guard cluster.members.count == 1 else {
      throw BootstrapError.notBuilt(
        "--initial-cluster names \(cluster.members.count) members: clusters of more than one are not built yet")
    }
  }

  private func found(
    _ disk: SystemDisk, _ directory: DataDirectory, _ snapshots: SnapStore, _ lock: any DiskLock
  ) throws -> MemberStart {
    let record = try foundingRecord()
    let clusterID = MemberRecord.clusterID(of: [record.id])
    let metadata = WALMetadata(nodeID: record.id.rawValue, clusterID: clusterID.rawValue)
    let wal = try WAL.create(disk, in: directory.wal, metadata: metadata.encoded(), options: walOptions)
    announce(record.id, clusterID)
    let raftLog = MemoryLog()
    var node = Node(raftConfig(record.id), store: raftLog)
    node.bootstrap([(id: record.id.rawValue, context: record.json)])
    let parts = try openMachine(directory, id: record.id, clusterID: clusterID, snapshot: nil)
    return MemberStart(
      id: record.id, clusterID: clusterID, node: node, raftLog: raftLog, machine: parts.machine,
      backend: parts.backend, confState: ConfState(), snapshotIndex: 0, wal: wal, snapshots: snapshots,
      disk: disk,
      lock: lock, wake: parts.wake, reports: parts.reports, errands: parts.errands)
  }

  private func foundingRecord() throws -> MemberRecord {
    let cluster = try InitialCluster(parsing: settings.initialCluster)
    let urls = try cluster.own(settings.name).map(\.text)
    return MemberRecord(name: settings.name, peerURLs: urls, clusterToken: settings.initialClusterToken)
  }

  // MARK: A used directory

  private func restart(
    _ disk: SystemDisk, _ directory: DataDirectory, _ snapshots: SnapStore, _ lock: any DiskLock
  ) throws -> MemberStart {
    let snapshot = try snapshots.newest(knownToLogIn: directory.wal)
    let position = snapshot?.metadata ?? SnapshotMetadata()
    let (wal, contents) = try WAL.open(
      disk, in: directory.wal, at: WALSnapshot(index: position.index, term: position.term), options: walOptions)
    if let copy = contents.brokenCopy {
      log(.warning, "the end of the log was torn and has been cut off; a copy of the file is \(copy)")
    }
    let metadata = try WALMetadata(decoding: contents.metadata)
    let id = MemberID(metadata.nodeID)
    let clusterID = ClusterID(metadata.clusterID)
    log(
      .info, "restarting member \(id.hex) in cluster \(clusterID.hex) at commit index \(contents.state.commit)")
    let raftLog = MemoryLog()
    if let snapshot { try raftLog.apply(snapshot) }
    raftLog.append(contents.entries[...])
    var state = contents.state
    state.commit = max(state.commit, position.index)
    var config = raftConfig(id)
    config.applied = position.index
    var node = Node(config, store: raftLog, hardState: state, confState: position.confState)
    if snapshot == nil, contents.entries.isEmpty { try foundAgain(&node, id) }
    let parts = try openMachine(directory, id: id, clusterID: clusterID, snapshot: snapshot)
    if parts.backend.consistentIndex < position.index {
      throw BootstrapError.refused(
        "the store in \(directory.snap)/db ends at log index \(parts.backend.consistentIndex), before the snapshot at "
          + "\(position.index) that the log begins with: it is not the store of this log. Restore a snapshot with "
          + "`etcdctl snapshot restore`, or put the right db file back")
    }
    return MemberStart(
      id: id, clusterID: clusterID, node: node, raftLog: raftLog, machine: parts.machine,
      backend: parts.backend,
      confState: position.confState, snapshotIndex: position.index, wal: wal, snapshots: snapshots, disk: disk,
      lock: lock, wake: parts.wake, reports: parts.reports, errands: parts.errands)
  }

  /// The log was made, but the process ended before its first entries were written: the founding is repeated.
  private func foundAgain(_ node: inout Node, _ id: MemberID) throws {
    try checkFounding()
    let record = try foundingRecord()
    guard record.id == id else {
      throw BootstrapError.refused(
        "the log in \(settings.dataDirectory) is empty and was made for member \(id.hex), but the settings name member "
          + "\(record.id.hex); remove the directory, or start with the settings it was made with")
    }
    node.bootstrap([(id: id.rawValue, context: record.json)])
  }

  // MARK: Parts

  private struct Parts {
    var backend: LMDBBackend
    var machine: Machine
    var wake: Wake
    var reports: Mailbox<DiskReport>
    var errands: Mailbox<Errand>
  }

  private func openMachine(
    _ directory: DataDirectory, id: MemberID, clusterID: ClusterID, snapshot: RaftSnapshot?
  ) throws -> Parts {
    let wake = Wake()
    let backend = try LMDBBackend(
      path: directory.snap + "/db", unsafeNoSync: settings.skipsSync, log: log.named("mvcc/backend"),
      onCommitted: { wake.signal() })
    let v2 = V2Store()
    let roster = Roster(clusterID: clusterID, tree: v2, backend: backend)
    if let data = snapshot?.data, !data.isEmpty {
      try v2.recover(data)
      try roster.recover()
    }
    var options = Machine.Options(quota: Quota(quotaBackendBytes: settings.quotaBackendBytes), seed: seed)
    options.lessor = LessorOptions(
      minimumTTL: minimumLeaseTTL, checkpoints: settings.leaseCheckpoint,
      persistsCheckpoints: settings.leaseCheckpointPersist)
    if settings.watchProgressInterval > .zero {
      options.watchProgressInterval = max(settings.watchProgressInterval, .milliseconds(100))
    }
    let machine = Machine(backend: backend, v2: v2, roster: roster, options: options)
    return Parts(
      backend: backend, machine: machine, wake: wake, reports: Mailbox(onFirst: { wake.signal() }),
      errands: Mailbox(onFirst: { wake.signal() }))
  }

  /// Three halves of an election, in whole seconds: a lease must outlive a change of leader.
  /// As etcd 3.4: etcdserver/server.go, minTTL.
  private var minimumLeaseTTL: Int64 {
    let nanoseconds = settings.electionTicks * Int(settings.heartbeatInterval.nanoseconds) * 3 / 2
    return Int64((nanoseconds + 999_999_999) / 1_000_000_000)
  }

  private var walOptions: WALOptions {
    var options = WALOptions()
    options.syncs = !settings.skipsSync
    options.log = log.named("wal")
    options.now = now
    return options
  }

  private func raftConfig(_ id: MemberID) -> Node.Config {
    var config = Node.Config(id: id.rawValue, dice: Dice(seed: seed ^ id.rawValue))
    config.electionTicks = settings.electionTicks
    config.preVotes = settings.preVote
    config.log = log.named("raft")
    return config
  }

  private func announce(_ id: MemberID, _ clusterID: ClusterID) {
    log(.info, "starting member \(id.hex) in cluster \(clusterID.hex)")
  }
}

/// Why a member cannot start from what it was given.
enum BootstrapError: Error, CustomStringConvertible {
  case refused(String)
  /// A wish that is understood and cannot be fulfilled yet.
  case notBuilt(String)

  var description: String {
    switch self {
    case .refused(let text), .notBuilt(let text): text
    }
  }
}
