import Base
import Testing
import Wire

@testable import Raft

/// A disk that forgets: writes are durable when they are completed and synced, in order; a crash keeps the
/// synced ones and any number of those behind them.
struct ForgetfulDisk {
  struct Write {
    var batch: UInt64
    var hardState: HardState?
    var snapshot: RaftSnapshot?
    var entries: [Entry]
    var mustSync: Bool
  }

  /// Survives a crash.
  private(set) var hardState = HardState()
  private(set) var snapshot = RaftSnapshot()
  private(set) var entries: [Entry] = []
  /// Told as written, lost in a crash unless a later sync comes first. Only commit indexes travel so.
  private var unsynced: [Write] = []
  /// Not written yet.
  private(set) var queue: [Write] = []

  var lastIndex: UInt64 { entries.last?.index ?? snapshot.metadata.index }

  mutating func write(_ ready: Ready) {
    guard let batch = ready.batch else { return }
    queue.append(
      Write(
        batch: batch, hardState: ready.hardState, snapshot: ready.snapshot, entries: ready.entries,
        mustSync: ready.mustSync))
  }

  /// Completes the oldest `count` writes; returns the last of their numbers.
  mutating func complete(_ count: Int) -> [Write] {
    let done = Array(queue.prefix(count))
    queue.removeFirst(done.count)
    for write in done {
      unsynced.append(write)
      if write.mustSync { sync() }
    }
    return done
  }

  mutating func crash(_ dice: inout Dice) {
    let lucky = unsynced + queue
    for write in lucky.prefix(dice.below(lucky.count + 1)) { keep(write) }
    unsynced = []
    queue = []
  }

  /// A snapshot the member made itself, synced at once.
  mutating func store(_ made: RaftSnapshot) {
    sync()
    if made.metadata.index > snapshot.metadata.index { snapshot = made }
  }

  private mutating func sync() {
    for write in unsynced { keep(write) }
    unsynced = []
  }

  private mutating func keep(_ write: Write) {
    if let new = write.snapshot {
      snapshot = new
      entries = []
    }
    if let first = write.entries.first {
      entries.removeAll { $0.index >= first.index }
      entries += write.entries
    }
    if let state = write.hardState { hardState = state }
  }

  /// The log as a starting member reads it.
  func load() -> MemoryLog {
    let log = MemoryLog()
    if !snapshot.isEmpty { try? log.apply(snapshot) }
    log.append(entries[...].drop { $0.index <= snapshot.metadata.index })
    return log
  }
}

/// A member as its owner runs it: writing behind, applying in order, crashing now and then.
final class SimulatedMember {
  let id: UInt64
  private(set) var node: Node
  private(set) var isUp = true
  var disk: ForgetfulDisk
  private var store: MemoryLog
  private let settings: (inout Node.Config) -> Void
  private var generation: UInt64 = 1

  /// The state machine: a digest of everything applied.
  private(set) var applied: UInt64 = 0
  private(set) var digest: UInt64 = 0
  /// Snapshots handed out for writing and not installed.
  private var arriving: [UInt64: RaftSnapshot] = [:]

  /// Told of each entry as it is applied, with the digest after it.
  var didApply: (SimulatedMember, Entry, UInt64) -> Void = { _, _, _ in }
  var didRead: (SimulatedMember, ReadState) -> Void = { _, _ in }
  var outbox: [RaftMessage] = []

  init(
    id: UInt64, voters: [UInt64], learners: [UInt64] = [],
    settings: @escaping (inout Node.Config) -> Void = { _ in }
  ) {
    self.id = id
    self.settings = settings
    disk = ForgetfulDisk()
    if !voters.isEmpty {
      // A common beginning: as if a snapshot at 1 had been restored everywhere.
      var start = Ready()
      start.snapshot = RaftSnapshot(
        metadata: SnapshotMetadata(
          confState: ConfState(voters: voters, learners: learners), index: 1, term: 1))
      start.snapshot?.data = Bytes(repeating: 0, count: 8)
      start.hardState = HardState(term: 1, vote: 0, commit: 1)
      start.mustSync = true
      start.batch = 0
      disk.write(start)
      _ = disk.complete(1)
    }
    store = disk.load()
    node = Self.start(id, disk, store, settings, 1)
    loadMachine()
  }

  private static func start(
    _ id: UInt64, _ disk: ForgetfulDisk, _ store: MemoryLog,
    _ settings: (inout Node.Config) -> Void, _ generation: UInt64
  ) -> Node {
    var config = Node.Config(id: id, dice: Dice(seed: id &* 1000 &+ generation))
    settings(&config)
    var state = disk.hardState
    // As Go's server does on restart with a snapshot newer than the last stored commit index.
    state.commit = max(state.commit, disk.snapshot.metadata.index)
    return Node(config, store: store, hardState: state, confState: disk.snapshot.metadata.confState)
  }

  private func loadMachine() {
    applied = disk.snapshot.metadata.index
    digest = (disk.snapshot.data ?? []).reduce(0) { $0 << 8 | UInt64($1) }
    arriving = [:]
  }

  func edit<T>(_ body: (inout Node) throws -> T) rethrows -> T { try body(&node) }

  func crash(_ dice: inout Dice) {
    isUp = false
    outbox = []
    disk.crash(&dice)
    // The state machine may be durable of itself; the log must reach at least as far.
    #expect(disk.lastIndex >= applied, "the state machine outran the log of \(id)")
  }

  func restart() {
    generation += 1
    store = disk.load()
    node = Self.start(id, disk, store, settings, generation)
    loadMachine()
    isUp = true
  }

  /// Carries out what is ready, as the page of `Ready` tells.
  func turn() {
    while let ready = node.ready() {
      disk.write(ready)
      if let snapshot = ready.snapshot, let batch = ready.batch { arriving[batch] = snapshot }
      for message in ready.messages { checkPromise(message) }
      outbox += ready.messages.map { $0.type == .snap ? renewed($0) : $0 }
      for entry in ready.committed { apply(entry) }
      if let last = ready.committed.last { node.applied(through: last.index) }
      for state in ready.readStates { didRead(self, state) }
    }
  }

  /// Nothing may be sent that a crash could make untrue.
  private func checkPromise(_ message: RaftMessage) {
    let durable = disk.hardState
    switch message.type {
    // Of a term to come, or of none.
    case .prop, .readIndex, .preVote, .preVoteResp: return
    case .vote where durable.term == message.term: #expect(durable.vote == id)
    case .voteResp where !message.reject && durable.term == message.term:
      #expect(durable.vote == message.to)
    // Of an older term: it was true when it was promised, which is what counts.
    case .appResp where !message.reject && message.term == durable.term:
      #expect(disk.lastIndex >= message.index, "\(id) acknowledged \(message.index) before it was durable")
    default: break
    }
    #expect(durable.term >= message.term, "\(id) spoke of term \(message.term) before it was durable")
  }

  /// A snapshot leaves with the newest applied state, as Go's server does it: the stored one may be older
  /// than the membership of who needs it.
  private func renewed(_ message: RaftMessage) -> RaftMessage {
    guard applied > message.snapshot.metadata.index else { return message }
    var message = message
    message.snapshot = RaftSnapshot(
      data: withUnsafeBytes(of: digest.bigEndian) { Bytes($0) },
      metadata: SnapshotMetadata(
        confState: node.confState, index: applied, term: node.log.term(at: applied)))
    return message
  }

  private func apply(_ entry: Entry) {
    #expect(entry.index == applied + 1, "\(id) applies \(entry.index) after \(applied)")
    applied = entry.index
    for byte in entry.data ?? [] { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3 }
    digest = (digest ^ entry.index) &* 0x100_0000_01B3
    if let change = MemberChange(entry) { _ = node.applyConfigChange(change) }
    didApply(self, entry, digest)
  }

  /// Lets the disk complete some writes, and reports them.
  func completeWrites(_ count: Int) {
    let done = disk.complete(count)
    guard let last = done.last else { return }
    node.stable(through: last.batch)
    for write in done {
      guard let snapshot = arriving.removeValue(forKey: write.batch) else { continue }
      if snapshot.metadata.index > applied {
        applied = snapshot.metadata.index
        digest = (snapshot.data ?? []).reduce(0) { $0 << 8 | UInt64($1) }
        node.applied(through: applied)
      }
    }
  }

  /// Makes a snapshot of everything applied and forgets entries, keeping `behind` of them.
  func compact(keeping behind: UInt64) {
    guard applied > store.firstIndex, applied <= store.lastIndex, node.stableIndex >= applied else { return }
    let data = withUnsafeBytes(of: digest.bigEndian) { Bytes($0) }
    guard
      let made = try? store.createSnapshot(at: applied, confState: node.confState, data: data)
    else { return }
    disk.store(made)
    if applied > behind { try? store.compact(through: applied - behind) }
  }
}
