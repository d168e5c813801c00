import Base
import Config
import Discovery
import Event
import Machine
import Raft
import Storage
import TLS
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
  /// Chance for what is not replicated.
  let seed: UInt64
}

/// Opens a data directory: a new one is founded, a used one (ours or Go's) is taken up where it ended.
///
/// As etcd 3.4: etcdserver/server.go, NewServer, and etcdserver/raft.go, startNode and restartNode.
struct Bootstrap {
  let settings: Settings
  /// How to speak to the peer ports of others; nil without TLS.
  let peerTLS: TLSContext?
  let tokens: TokenKind
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
    let membership = isUsed ? nil : try membership()
    try directory.prepare(disk, log: log.named("pkg/fileutil"))
    let lock = try directory.lock(disk)
    let snapshots = SnapStore(disk, directory: directory.snap, log: log.named("snap"))
    try snapshots.removeLeftovers()
    if let membership { return try found(disk, directory, snapshots, lock, membership) }
    return try restart(disk, directory, snapshots, lock)
  }

  // MARK: A new cluster

  /// Checks what was said of the first members, before anything is written.
  private func checkFounding() throws -> InitialCluster {
    // With a token the member knows only itself at first.
    let text =
      settings.discoveryURL.isEmpty
      ? settings.initialCluster : InitialCluster.text(name: settings.name, urls: settings.advertisePeerURLs)
    let cluster = try InitialCluster(parsing: text)
    _ = try cluster.own(settings.name)
    try cluster.checkDuplicates()
    try cluster.checkAdvertised(settings.advertisePeerURLs, name: settings.name, resolve: \.resolved)
    if !settings.isNewCluster, !settings.discoveryURL.isEmpty {
      throw BootstrapError.refused("discovery URL should not be set when joining existing initial cluster")
    }
    return cluster
  }

  /// Who this member is in which cluster, and who else belongs to it.
  private struct Membership {
    var own: MemberRecord
    var members: [MemberRecord]
    var clusterID: ClusterID
    /// The log begins with the additions of all members; one that joins gets them from the others.
    var isFounding: Bool
  }

  /// `isRepeated`: this member was founded before, as far as others can tell.
  private func membership(isRepeated: Bool = false) throws -> Membership {
    let cluster = try checkFounding()
    if !settings.isNewCluster { return try joining(cluster) }
    if settings.discoveryURL.isEmpty { return try founding(cluster) }
    if isRepeated { return try founding(try discoveredAgain()) }
    return try founding(try discovered(try own(of: records(cluster))))
  }

  private func records(_ cluster: InitialCluster) -> [MemberRecord] {
    // The URL of the token is the token of the cluster, so that two clusters of the same hosts are not mixed up.
    let token = settings.discoveryURL.isEmpty ? settings.initialClusterToken : settings.discoveryURL
    return cluster.members.map { name, urls in
      MemberRecord(name: name, peerURLs: urls.map(\.text), clusterToken: token)
    }.sorted { $0.id < $1.id }
  }

  private func own(of records: [MemberRecord]) throws -> MemberRecord {
    guard let own = records.first(where: { $0.name == settings.name }) else {
      throw BootstrapError.refused("member \(settings.name) is missing in --initial-cluster")
    }
    return own
  }

  private func founding(_ cluster: InitialCluster) throws -> Membership {
    let records = records(cluster)
    let own = try own(of: records)
    // A token knows itself who has registered before.
    if records.count > 1, settings.discoveryURL.isEmpty { try refuseSecondFounding(own, cluster) }
    return Membership(
      own: own, members: records, clusterID: MemberRecord.clusterID(of: records.map(\.id)), isFounding: true)
  }

  /// A member that was founded once and lost its data must not vote anew: it could forget what it promised.
  /// As etcd 3.4: etcdserver/cluster_util.go, isMemberBootstrapped.
  private func refuseSecondFounding(_ own: MemberRecord, _ cluster: InitialCluster) throws {
    guard let found = scout.members(askedOf: otherURLs(cluster), timeout: settings.peerDialTimeout),
      let known = found.members.first(where: { $0.id == own.id }), !known.clientURLs.isEmpty
    else { return }
    throw BootstrapError.refused("member \(own.id.hex) has already been bootstrapped")
  }

  /// The cluster is running, and this member was added to it: the others say who is who.
  /// As etcd 3.4: etcdserver/server.go, NewServer, and membership/cluster.go, ValidateClusterAndAssignIDs.
  private func joining(_ cluster: InitialCluster) throws -> Membership {
    let others = otherURLs(cluster)
    guard let found = scout.members(askedOf: others, timeout: settings.peerDialTimeout) else {
      throw BootstrapError.refused(
        "cannot fetch cluster info from peer urls: could not retrieve cluster information from the given URLs "
          + "(\(others.map(\.text).joined(separator: ",")))")
    }
    guard found.members.count == cluster.members.count else {
      throw BootstrapError.refused(
        "error validating peerURLs \(settings.initialCluster): member count is unequal "
          + "(\(cluster.members.count) in --initial-cluster, \(found.members.count) in the cluster)")
    }
    var members = found.members
    var own: MemberRecord?
    for (name, urls) in cluster.members {
      let texts = urls.map(\.text).sorted()
      guard let place = members.firstIndex(where: { $0.peerURLs.sorted() == texts }) else {
        throw BootstrapError.refused(
          "error validating peerURLs \(settings.initialCluster): unmatched member while checking PeerURLs "
            + "(\(name)=\(texts.joined(separator: ",")) is not a member of the running cluster)")
      }
      if name == settings.name { own = members[place] }
    }
    guard var own else {
      throw BootstrapError.refused("member \(settings.name) is missing in --initial-cluster")
    }
    try checkVersions(members.filter { $0.id != own.id })
    own.name = settings.name
    members.sort { $0.id < $1.id }
    return Membership(own: own, members: members, clusterID: found.clusterID, isFounding: false)
  }

  /// As etcd 3.4: etcdserver/cluster_util.go, isCompatibleWithCluster.
  private func checkVersions(_ others: [MemberRecord]) throws {
    let versions = scout.clusterVersions(of: others, timeout: settings.peerDialTimeout)
    let known = versions.compactMap { $0 }
    if known.isEmpty {
      throw BootstrapError.refused(
        "incompatible with current running cluster: none of its members tells the cluster's version yet; "
          + "start again once they have agreed on one")
    }
    guard
      known.allSatisfy({ PeerIdentity.oldest <= $0 && $0.clusterVersion <= PeerIdentity.version.clusterVersion }
      )
    else {
      throw BootstrapError.refused(
        "incompatible with current running cluster (its version: "
          + "\(known.map(\.text).joined(separator: ", ")); this member takes part in 3.0 to 3.4)")
    }
  }

  var scout: ClusterScout { ClusterScout(tls: peerTLS, log: log) }

  private func otherURLs(_ cluster: InitialCluster) -> [EndpointURL] {
    cluster.members.filter { $0.key != settings.name }.sorted { $0.key < $1.key }.flatMap(\.value)
  }

  private func found(
    _ disk: SystemDisk, _ directory: DataDirectory, _ snapshots: SnapStore, _ lock: any DiskLock,
    _ membership: Membership
  ) throws -> MemberStart {
    let id = membership.own.id
    let metadata = WALMetadata(nodeID: id.rawValue, clusterID: membership.clusterID.rawValue)
    let wal = try WAL.create(disk, in: directory.wal, metadata: metadata.encoded(), options: walOptions)
    announce(id, membership.clusterID)
    let raftLog = MemoryLog()
    var node = Node(raftConfig(id), store: raftLog)
    if membership.isFounding {
      node.bootstrap(membership.members.map { (id: $0.id.rawValue, context: $0.json) })
    }
    let parts = try openMachine(directory, id: id, clusterID: membership.clusterID, snapshot: nil)
    parts.machine.roster.adopt(membership.members, clusterID: membership.clusterID)
    return MemberStart(
      id: id, clusterID: membership.clusterID, node: node, raftLog: raftLog, machine: parts.machine,
      backend: parts.backend, confState: node.confState, snapshotIndex: 0, wal: wal, snapshots: snapshots,
      disk: disk,
      lock: lock, wake: parts.wake, reports: parts.reports, errands: parts.errands,
      seed: seed)
  }

  // MARK: A used directory

  private func restart(
    _ disk: SystemDisk, _ directory: DataDirectory, _ snapshots: SnapStore, _ lock: any DiskLock
  ) throws -> MemberStart {
    if !settings.discoveryURL.isEmpty { warnOfIgnoredToken(directory.wal) }
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
    var entries = contents.entries
    var state = contents.state
    state.commit = max(state.commit, position.index)
    if settings.forceNewCluster { try force(id, position.confState, &entries, &state, wal, directory) }
    raftLog.append(entries[...])
    var config = raftConfig(id)
    config.applied = position.index
    var node = Node(config, store: raftLog, hardState: state, confState: position.confState)
    let membership = snapshot == nil && contents.entries.isEmpty ? try foundAgain(&node, id) : nil
    try takeReceivedStore(snapshots, directory, position)
    let parts = try openMachine(directory, id: id, clusterID: clusterID, snapshot: snapshot)
    if let membership { parts.machine.roster.adopt(membership.members, clusterID: clusterID) }
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
      lock: lock, wake: parts.wake, reports: parts.reports, errands: parts.errands,
      seed: seed)
  }

  private func warnOfIgnoredToken(_ wal: String) {
    switch settings.logFormat {
    case .capnslog:
      log(
        .warning,
        "discovery token ignored since a cluster has already been initialized. Valid log found at \(goQuoted(wal))"
      )
    case .zap:
      log(
        .warning, "discovery token is ignored since cluster already initialized; valid logs are found",
        LogField("wal-dir", wal))
    }
  }

  private func force(
    _ id: MemberID, _ confState: ConfState, _ entries: inout [Entry], _ state: inout HardState, _ wal: WAL,
    _ directory: DataDirectory
  ) throws {
    // What the store holds was committed, also where the log was not told before the process ended. 3.4 drops such entries
    // from the log and keeps what they did.
    let store = try LMDBBackend(
      path: directory.snap + "/db", unsafeNoSync: settings.skipsSync, log: log.named("mvcc/backend")
    ) {}
    state.commit = max(state.commit, min(store.consistentIndex, entries.last?.index ?? 0))
    store.close()
    let forced = ForcedCluster(of: id, confState, entries, state)
    if forced.dropped > 0 {
      log(.info, "discarding \(forced.dropped) uncommitted WAL entries")
    }
    log(
      .warning,
      "forcing restart of member \(id.hex) as a cluster of its own at commit index \(forced.state.commit)")
    try wal.add(forced.appended, state: forced.state)
    _ = try wal.flush(mustSync: true)
    entries = forced.entries
    state = forced.state
  }

  /// The log was made, but the process ended before its first entries were written: the founding is repeated. A member
  /// that was about to join only has to know the others again.
  private func foundAgain(_ node: inout Node, _ id: MemberID) throws -> Membership {
    let membership = try membership(isRepeated: true)
    guard membership.own.id == id else {
      throw BootstrapError.refused(
        "the log in \(settings.dataDirectory) is empty and was made for member \(id.hex), but the settings name member "
          + "\(membership.own.id.hex); remove the directory, or start with the settings it was made with")
    }
    if membership.isFounding {
      node.bootstrap(membership.members.map { (id: $0.id.rawValue, context: $0.json) })
    }
    return membership
  }

  /// The process ended after a leader's snapshot was noted in the log and before its store took the place of ours.
  /// As etcd 3.4: etcdserver/backend.go, recoverSnapshotBackend.
  private func takeReceivedStore(
    _ snapshots: SnapStore, _ directory: DataDirectory, _ position: SnapshotMetadata
  ) throws {
    let received = snapshots.databasePath(index: position.index)
    guard position.index > 0, try SystemDisk().exists(received) else { return }
    let path = directory.snap + "/db"
    let own = try LMDBBackend(path: path, unsafeNoSync: settings.skipsSync, log: log) {}
    let index = own.consistentIndex
    own.close()
    if index < position.index {
      log(
        .info,
        "the store of the snapshot at index \(position.index) takes the place of ours, which ends at \(index)")
      let imported = try ImportedStore(image: received, path: path, unsafeNoSync: settings.skipsSync)
      try imported.install()
      let backend = try LMDBBackend(of: imported, onCommitted: {})
      backend.consistentIndex = max(backend.consistentIndex, position.index)
      backend.close()
    }
    try snapshots.releaseDatabases(before: position.index + 1)
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
    options.tokens = tokens
    let cost = settings.bcryptCost
    options.hashPassword = { try? Passwords.hash($0, cost: cost) }
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
  case discovery(DiscoveryFailure)

  var description: String {
    switch self {
    case .refused(let text), .notBuilt(let text): text
    case .discovery(let failure): "failed to join discovery cluster (\(failure))"
    }
  }
}
