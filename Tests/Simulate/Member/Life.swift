import Base
import Machine
import Raft
import Storage
import Wire

/// One process of a member, from its start to its end: the real Raft, log, snapshots and machine, driven as
/// `Server/Member` drives them, by the contract of `Raft/Ready.swift`. What happens in a turn is in `Life+Turn`, how requests
/// wait in `Life+Requests`, its disk and commit threads in `Life+Disk`, its beginning in `Life+Start`.
final class Life {
  unowned let world: World
  unowned let host: Host
  let process: UInt32
  let id: MemberID
  let disk: ProcessDisk
  let snapshots: SnapStore
  let wal: WAL
  let raftLog: MemoryLog
  let backend: MemoryBackend
  let machine: Machine
  var node: Node

  var confState: ConfState
  var snapshotIndex: UInt64
  var isSavingSnapshot = false
  /// Its own removal was applied, or others told it of it.
  var isRemoved = false
  var ticks = 0

  // The disk thread.
  var letters: [Letter] = []
  var working: [Letter] = []
  var writesUnderWay = 0
  var deferredState: HardState?
  var deferredBatch: UInt64?
  var lastBatch: UInt64 = 0
  /// Received snapshots on their way to the disk, by batch.
  var arriving: [UInt64: RaftSnapshot] = [:]

  // The commit thread.
  var isCommitScheduled = false
  var isSealScheduled = false
  var durabilityWaiters: [() -> Void] = []
  var nextDurabilityWaiters: [() -> Void] = []

  // Requests.
  var proposals: [UInt64: Asker] = [:]
  var nextRequest: UInt64
  var reads = ReadQueue()
  var isPublishing = false
  var isPublished = false
  var isSettingVersion = false

  // Watch streams, by the hub's index.
  var streams: [Int: WatchLine] = [:]
  var isTurnScheduled = false

  init(_ start: LifeStart, world: World, host: Host) {
    self.world = world
    self.host = host
    process = start.process
    id = host.record.id
    disk = start.disk
    snapshots = start.snapshots
    wal = start.wal
    raftLog = start.raftLog
    backend = start.backend
    machine = start.machine
    node = start.node
    confState = start.confState
    snapshotIndex = start.snapshotIndex
    // As Server/RequestIDs: the member, then the time of the start, then a count.
    nextRequest = id.rawValue << 48 | (UInt64(world.wall(host) / 1_000_000) & (1 << 40 - 1)) << 8
    // Questions of an earlier life must not be taken for ours when their answers come late.
    reads.context = nextRequest
  }

  var now: Instant { host.clock(world.now) }
  var isLeader: Bool { node.isLeader }
  var name: String { host.name }

  func header() -> ResponseHeader {
    ResponseHeader(
      clusterID: world.clusterID.rawValue, memberID: id.rawValue, revision: machine.store.currentRevision,
      raftTerm: node.hardState.term)
  }

  /// Asks for a turn; most come at once, some gather what happens in the next moment.
  func stir() {
    if isTurnScheduled { return }
    if world.dice.below(8) > 0 { return turn() }
    isTurnScheduled = true
    world.agenda.add(
      .turn(host: host.place, process: process), at: world.now + Int64(world.dice.below(400_000)))
  }

  func tick() {
    ticks += 1
    node.tick()
    expireRequests()
    repeatReadIndex()
    if ticks % 8 == 0 { machine.hub.tick(now: now, into: &machine.watchOutput) }
    publishIfDue()
    turn()
  }

  /// The process ends where it stands. What its threads were doing may have come to any point.
  func die(_ dice: inout Dice) {
    if !disk.isDead, !(working + letters).isEmpty, dice.below(4) > 0 {
      disk.changesLeft = dice.below(10)
      var sink = DiskOutcome()
      try? perform(working + letters, &sink)
    }
    disk.kill()
    if backend.isCommitting, dice.below(2) == 0 { backend.completeCommit() }
    world.ended(self)
  }
}

/// Who waits for an applied entry.
enum Asker {
  case operation(Int, deadline: Instant)
  case lease(LeaseID)
  case publishing
  case version
  case quiet

  var deadline: Instant? {
    if case .operation(_, let deadline) = self { return deadline }
    return nil
  }
}

/// As Server/Reads: all reads of a turn share one question.
struct ReadQueue {
  var gathering: [Int] = []
  var asked: [Int] = []
  var context: UInt64 = 0
  var askedAt = Instant(nanoseconds: 0)
  var confirmedIndex: UInt64?
  var isAsking: Bool { !asked.isEmpty }

  mutating func beginAsking() { swap(&asked, &gathering) }

  mutating func takeAll() -> [Int] {
    defer {
      gathering = []
      asked = []
      confirmedIndex = nil
    }
    return asked + gathering
  }
}

/// One watcher's stream on a member.
struct WatchLine {
  var watcher: Int
  var number: Int
}
