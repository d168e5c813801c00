import Base
import Machine
import Raft
import Storage
import Wire

struct LifeStart {
  let process: UInt32
  let disk: ProcessDisk
  let snapshots: SnapStore
  let wal: WAL
  let raftLog: MemoryLog
  let backend: MemoryBackend
  let machine: Machine
  let node: Node
  let confState: ConfState
  let snapshotIndex: UInt64
}

/// Opens what a host has on disk, as `Server/Bootstrap` does: founds, joins, or takes up where the last process ended.
struct Starter {
  let world: World
  let host: Host
  private let directory = DataDirectory("/data")

  init(world: World, host: Host) {
    self.world = world
    self.host = host
  }

  func start() throws -> Life {
    host.processes += 1
    let disk = ProcessDisk(host.disk, process: host.processes)
    disk.failure = host.diskFailure
    host.diskFailure = nil
    do {
      let isUsed = WAL.exists(disk, in: directory.wal)
      try directory.prepare(disk)
      let snapshots = SnapStore(disk, directory: directory.snap)
      try snapshots.removeLeftovers()
      let start = try isUsed ? restart(disk, snapshots) : found(disk, snapshots)
      return Life(start, world: world, host: host)
    } catch {
      let isOwnFault = disk.hasFailed
      disk.kill()
      host.disk.releaseLocks()
      if isOwnFault { throw StartFailure(reason: "\(error)") }
      finding("\(host.name) cannot start from what a crash left: \(error)")
    }
  }

  private func found(_ disk: ProcessDisk, _ snapshots: SnapStore) throws -> LifeStart {
    expect(host.promise.acknowledged == 0, "\(host.name) finds no log and has acknowledged entries")
    let metadata = WALMetadata(nodeID: host.record.id.rawValue, clusterID: world.clusterID.rawValue)
    let wal = try WAL.create(disk, in: directory.wal, metadata: metadata.encoded(), options: options)
    let raftLog = MemoryLog()
    var node = Node(config(applied: 0), store: raftLog)
    bootstrap(&node)
    return try assemble(disk, snapshots, wal, raftLog, node, snapshot: nil)
  }

  private func bootstrap(_ node: inout Node) {
    guard let founders = host.founders else { return }
    node.bootstrap(founders.sorted { $0.id < $1.id }.map { (id: $0.id.rawValue, context: $0.json) })
  }

  private func restart(_ disk: ProcessDisk, _ snapshots: SnapStore) throws -> LifeStart {
    let snapshot = try snapshots.newest(knownToLogIn: directory.wal)
    let position = snapshot?.metadata ?? SnapshotMetadata()
    let (wal, contents) = try WAL.open(
      disk, in: directory.wal, at: WALSnapshot(index: position.index, term: position.term), options: options)
    if contents.brokenCopy != nil { world.count(.tornEnd) }
    let raftLog = MemoryLog()
    if let snapshot { try raftLog.apply(snapshot) }
    raftLog.append(contents.entries[...])
    checkPromise(contents.state, raftLog)
    var state = contents.state
    state.commit = max(state.commit, position.index)
    var node = Node(
      config(applied: position.index), store: raftLog, hardState: state, confState: position.confState)
    if snapshot == nil, contents.entries.isEmpty { bootstrap(&node) }
    return try assemble(disk, snapshots, wal, raftLog, node, snapshot: snapshot)
  }

  /// What was promised is kept, whatever the disk forgot.
  private func checkPromise(_ state: HardState, _ log: MemoryLog) {
    let promise = host.promise
    expect(
      state.term >= promise.term, "\(host.name) spoke of term \(promise.term) and comes back in \(state.term)")
    guard state.term == promise.term else { return }
    if promise.vote != 0 {
      expect(
        state.vote == promise.vote,
        "\(host.name) voted for \(promise.vote) in term \(promise.term) and comes back with \(state.vote)")
    }
    expect(
      log.lastIndex >= promise.acknowledged,
      "\(host.name) acknowledged entry \(promise.acknowledged) and comes back with \(log.lastIndex)")
  }

  private func assemble(
    _ disk: ProcessDisk, _ snapshots: SnapStore, _ wal: WAL, _ raftLog: MemoryLog, _ node: Node,
    snapshot: RaftSnapshot?
  ) throws -> LifeStart {
    let index = snapshot?.metadata.index ?? 0
    let backend = host.backend
    if backend.consistentIndex < index {
      // The process ended between the snapshot's note in the log and the store's replacement.
      guard let store = host.disk.receivedStores[index] else {
        finding("\(host.name): the store ends at \(backend.consistentIndex), the snapshot at \(index)")
      }
      backend.load(store)
      world.count(.storeFromSnapshotFile)
    }
    expect(
      raftLog.lastIndex >= backend.consistentIndex,
      "\(host.name): the store is at \(backend.consistentIndex), the log ends at \(raftLog.lastIndex)")
    let v2 = V2Store()
    let roster = Roster(clusterID: world.clusterID, tree: v2, backend: backend)
    if let data = snapshot?.data, !data.isEmpty {
      try v2.recover(data)
      try roster.recover()
    }
    var options = Machine.Options(quota: Quota(quotaBackendBytes: -1), seed: world.dice.next())
    options.lessor = LessorOptions(minimumTTL: World.minimumTTL)
    options.watchProgressInterval = .seconds(10)
    let machine = Machine(backend: backend, v2: v2, roster: roster, options: options)
    let expected = world.truth.revision(afterIndex: backend.consistentIndex)
    expect(
      machine.store.currentRevision == expected,
      "\(host.name) starts at revision \(machine.store.currentRevision) with the store of entry "
        + "\(backend.consistentIndex), which made \(expected)")
    return LifeStart(
      process: host.processes, disk: disk, snapshots: snapshots, wal: wal, raftLog: raftLog, backend: backend,
      machine: machine, node: node, confState: snapshot?.metadata.confState ?? ConfState(), snapshotIndex: index
    )
  }

  private var options: WALOptions {
    var options = WALOptions()
    options.segmentBytes = world.plan.segmentBytes
    return options
  }

  private func config(applied: UInt64) -> Node.Config {
    var config = Node.Config(id: host.record.id.rawValue, dice: Dice(seed: world.dice.next()))
    config.electionTicks = World.electionTicks
    config.preVotes = world.plan.preVotes
    config.applied = applied
    config.maxInflightMessages = world.plan.inflights
    config.maxMessageBytes = world.plan.messageBytes
    config.maxApplyBytes = world.plan.messageBytes * 4
    return config
  }
}

/// A start that met a fault of the disk; another may succeed.
struct StartFailure: Error {
  var reason: String
}
