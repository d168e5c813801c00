import Base
import Wire

/// What has been given to the disk and is not known to be durable, and what waits for it.
struct Writes {
  struct UnderWay {
    let batch: UInt64
    /// The last entry of the batch, or 0.
    let index: UInt64
    let term: UInt64
    /// Index of the snapshot in the batch, or 0.
    let snapshot: UInt64
    let hardState: HardState?
    /// To be sent when the batch is durable.
    var held: [RaftMessage] = []
  }

  private(set) var lastBatch: UInt64 = 0
  /// Oldest first.
  private(set) var underWay: [UnderWay] = []
  /// As last given out, to tell what is new.
  private(set) var softState = SoftState(lead: 0, role: .follower)
  private(set) var hardState = HardState()
  /// Term and vote as known to be durable.
  private(set) var durable = HardState()

  mutating func begin(softState: SoftState, hardState: HardState) {
    self.softState = softState
    self.hardState = hardState
    durable = hardState
  }

  /// A new cluster has nothing on disk: the first Ready carries the whole state.
  mutating func forgetHardState() {
    hardState = HardState()
    durable = HardState()
  }

  mutating func tell(_ state: SoftState) -> SoftState? {
    if state == softState { return nil }
    softState = state
    return state
  }

  mutating func tell(_ state: HardState) -> HardState? {
    if state == hardState { return nil }
    hardState = state
    return state
  }

  mutating func begin(_ ready: Ready) -> UInt64 {
    lastBatch += 1
    underWay.append(
      UnderWay(
        batch: lastBatch, index: ready.entries.last?.index ?? 0, term: ready.entries.last?.term ?? 0,
        snapshot: ready.snapshot?.metadata.index ?? 0, hardState: ready.hardState))
    return lastBatch
  }

  /// Keeps a message until the newest write is durable.
  mutating func hold(_ message: RaftMessage) { underWay[underWay.count - 1].held.append(message) }

  mutating func finish(through batch: UInt64) -> ArraySlice<UnderWay> {
    let count = underWay.count { $0.batch <= batch }
    defer { underWay.removeFirst(count) }
    for write in underWay[..<count] {
      if let state = write.hardState { durable = state }
    }
    return underWay[..<count]
  }

  func hasDurable(term: UInt64, vote: UInt64) -> Bool { durable.term == term && durable.vote == vote }
}

extension Node {
  /// Whether it is worth calling `ready()`.
  package var hasReady: Bool {
    !messages.isEmpty || log.unstable.hasUntaken || log.hasCommitted(limit: applyLimit)
      || !readStates.isEmpty || writes.hardState != hardState || writes.softState != softState
  }

  /// How far committed entries may be given out. Writing behind, only what is durable here and not behind
  /// a snapshot that is not installed: on disk the log always reaches at least as far as the state machine.
  private var applyLimit: UInt64 {
    guard writesBehind else { return .max }
    return log.isAwaitingSnapshot ? 0 : log.stableIndex
  }

  /// What there is to do since the last call; nil if nothing. See `Ready` for the owner's duties.
  ///
  /// Each thing is given out once, so the owner may ask again while earlier writes are under way.
  package mutating func ready() -> Ready? {
    guard hasReady else { return nil }
    var ready = Ready()
    let written = writes.hardState
    ready.softState = writes.tell(softState)
    ready.hardState = writes.tell(hardState)
    ready.snapshot = log.unstable.takeSnapshot()
    ready.entries = Array(log.unstable.takeEntries())
    ready.committed = log.takeCommitted(limit: applyLimit)
    release(ready.committed)
    swap(&ready.readStates, &readStates)
    ready.mustSync = !ready.entries.isEmpty || term != written.term || vote != written.vote
    if writesBehind && ready.snapshot != nil { ready.mustSync = true }
    if ready.hardState != nil || !ready.entries.isEmpty || ready.snapshot != nil {
      ready.batch = writes.begin(ready)
    }
    if writesBehind { sort(&ready.messages) } else { swap(&ready.messages, &messages) }
    // All there was may have been messages that have to wait.
    return ready.isEmpty ? nil : ready
  }

  /// Parts the gathered messages into those that may leave now and those that wait for a write.
  private mutating func sort(_ leaving: inout [RaftMessage]) {
    if writes.underWay.isEmpty { return swap(&leaving, &messages) }
    let hasTerm = writes.hasDurable(term: term, vote: vote)
    for message in messages {
      switch message.type {
      case .prop, .readIndex: leaving.append(message)
      // Promises about this member's log or vote: everything given to the disk so far must be there.
      case .appResp, .voteResp, .preVoteResp, .vote: writes.hold(message)
      // The rest says only that this member is in the term it names; but if a crash could make it forget
      // that, it could lead the same term twice.
      default: if hasTerm { leaving.append(message) } else { writes.hold(message) }
      }
    }
    messages.removeAll(keepingCapacity: true)
  }

  /// All writes through `batch` are durable. Held messages come with the next `ready()`; as leader this
  /// member now counts its own log, which may commit.
  package mutating func stable(through batch: UInt64) {
    for write in writes.finish(through: batch) {
      if write.snapshot > 0 { log.stable(snapshotAt: write.snapshot) }
      if write.index > 0 { log.stable(through: write.index, term: write.term) }
      messages.append(contentsOf: write.held)
    }
    guard writesBehind && role == .leader else { return }
    acknowledgeOwn()
    if maybeCommit() { broadcastAppend() }
  }

  /// Everything through `index` is applied (or installed, for a snapshot).
  package mutating func applied(through index: UInt64) {
    if index == 0 { return }
    log.applied(through: index)
    leaveJointIfDue(applied: index)
  }

  /// Reports a whole Ready as carried out, in the synchronous manner.
  package mutating func advance(_ ready: Ready) {
    applied(through: ready.appliedCursor)
    if let batch = ready.batch { stable(through: batch) }
  }

  /// Entries given out for applying no longer count as uncommitted.
  private mutating func release(_ entries: [Entry]) {
    if uncommittedBytes == 0 { return }
    var bytes = 0
    for entry in entries { bytes += entry.data?.count ?? 0 }
    // Entries of earlier leaders were never counted here.
    uncommittedBytes = max(0, uncommittedBytes - bytes)
  }
}
