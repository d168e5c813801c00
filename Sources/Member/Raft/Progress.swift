/// What the leader knows of one member's log, and how it feeds it.
///
/// As etcd 3.4: raft/tracker/progress.go.
package struct Progress: Equatable, Sendable {
  package enum State: Equatable, Sendable {
    /// The end of the member's log is unknown: one append at a time, to find it.
    case probe
    /// The member follows: appends are sent ahead of the acknowledgements, within the window.
    case replicate
    /// The member needs a snapshot: nothing else is sent until it has it or the transfer has failed.
    case snapshot
  }

  package let id: UInt64
  /// Last index known to be durable there. Invariant: match < next.
  package var match: UInt64
  /// First index to send next. In `replicate` it runs ahead of `match`.
  package var next: UInt64
  package var state = State.probe
  /// Index of the snapshot under way in `snapshot`, else 0.
  package var pendingSnapshot: UInt64 = 0
  /// Whether anything was heard since the last check of the quorum.
  package var isRecentlyActive = false
  /// In `probe`: an append is out, wait for its answer or the next heartbeat's.
  package var isProbeSent = false
  package var inflights: Inflights
  package var isLearner: Bool

  package init(
    id: UInt64, match: UInt64 = 0, next: UInt64, inflightMessages: Int, isLearner: Bool = false,
    isRecentlyActive: Bool = false
  ) {
    self.id = id
    self.match = match
    self.next = next
    self.inflights = Inflights(size: inflightMessages)
    self.isLearner = isLearner
    self.isRecentlyActive = isRecentlyActive
  }

  /// Whether entries may not be sent now.
  package var isPaused: Bool {
    switch state {
    case .probe: isProbeSent
    case .replicate: inflights.isFull
    case .snapshot: true
    }
  }

  private mutating func enter(_ state: State) {
    isProbeSent = false
    pendingSnapshot = 0
    self.state = state
    inflights.reset()
  }

  /// Back to probing, after the pending snapshot if one was sent and not reported as failed.
  package mutating func becomeProbe() {
    let sent = state == .snapshot ? pendingSnapshot : 0
    enter(.probe)
    next = max(match + 1, sent + 1)
  }

  package mutating func becomeReplicate() {
    enter(.replicate)
    next = match + 1
  }

  package mutating func becomeSnapshot(at index: UInt64) {
    enter(.snapshot)
    pendingSnapshot = index
  }

  /// Takes an acknowledgement; false if it tells nothing new.
  package mutating func acknowledge(_ index: UInt64) -> Bool {
    let isNews = match < index
    if isNews {
      match = index
      isProbeSent = false
    }
    next = max(next, index + 1)
    return isNews
  }

  /// Takes the refusal of an append after `refused` by a member whose last index is `last`; false if it is
  /// an old message and nothing changed.
  package mutating func refuse(_ refused: UInt64, last: UInt64) -> Bool {
    if state == .replicate {
      if refused <= match { return false }
      next = match + 1
      return true
    }
    // A probe goes one at a time, so a refusal of anything else is stale.
    if next &- 1 != refused { return false }
    // Not below what is known to be there, whatever a late refusal says. (3.4 lacks this bound, which
    // costs it a needless round; as in etcd from 3.6 on.)
    next = max(match + 1, min(refused, last &+ 1))
    isProbeSent = false
    return true
  }
}
