import Base
import Wire

/// What a member is in its term.
package enum Role: Equatable, Sendable {
  case follower, candidate, leader, preCandidate
}

/// Who leads and what this member is; of interest to the owner, not stored.
package struct SoftState: Equatable, Sendable {
  /// The leader's id, 0 while none is known.
  package var lead: UInt64
  package var role: Role
  package init(lead: UInt64, role: Role) {
    self.lead = lead
    self.role = role
  }
}

/// The answer to a read request: once everything through `index` is applied, the read is linearizable.
package struct ReadState: Equatable, Sendable {
  package var index: UInt64
  /// The context the request was made with.
  package var context: Bytes
  package init(index: UInt64, context: Bytes) {
    self.index = index
    self.context = context
  }
}

/// What the owner must do now. Nothing in it may be left out, and no two may be swapped.
///
/// With `Node.Config.writing == .behind` (the member):
///
/// 1. **Write** `entries`, then `hardState`, as one batch behind the batches before it; `snapshot`, if there
///    is one, goes to disk before both (the snapshot file, then its record in the log). Sync if `mustSync`.
///    When it is durable call `stable(through: batch)`; batches may be many under way, are durable in
///    order, and one call may tell of several. A Ready with `batch == nil` has nothing to write.
/// 2. **Send** `messages` at once, without waiting for the write. What must not leave before a write is
///    durable is kept by the node and given out by a later `ready()`, after `stable(through:)`.
///    A `snap` message carries the store's snapshot; the owner should put the newest applied state in its
///    place (index, term, members and data of one moment), since the stored one may be older than the
///    membership of who needs it. Every such message must be followed by `reportSnapshot`.
/// 3. **Apply** `committed` in order, calling `applyConfigChange` at each entry that changes members, and
///    report with `applied(through:)`. They are durable here already, so the state machine never runs
///    ahead of this member's log, and a cluster of one never acknowledges what a crash could take back.
/// 4. A `snapshot` is installed in the state machine after its batch is durable, and reported with
///    `applied(through:)`. Until then nothing else is given out for applying.
/// 5. `readStates` are answered when the applied index has reached theirs.
///
/// With `.withReady` (the manner of Go's `RawNode`, for transcripts and simple owners): write, sync, send,
/// apply, then call `advance(_:)` before the next `ready()`. Only a leader's messages may leave before the
/// write, and a single voter must write before it applies. As etcd 3.4: raft/node.go, Ready.
package struct Ready: Sendable {
  /// Set when leader or role changed since the last Ready.
  package var softState: SoftState?
  /// Set when term, vote or commit index changed since the last Ready.
  package var hardState: HardState?
  package var readStates: [ReadState] = []
  /// Entries to write. The first may lie below the disk's last one: it replaces from there on.
  package var entries: [Entry] = []
  /// A snapshot to make durable and then install.
  package var snapshot: RaftSnapshot?
  /// Entries to apply.
  package var committed: [Entry] = []
  package var messages: [RaftMessage] = []
  /// Whether the write must be synced: false when only the commit index moved, which a crash may forget.
  package var mustSync = false
  /// The number of this write, rising by one; nil when there is nothing to write.
  package var batch: UInt64?

  package init() {}

  var isEmpty: Bool {
    batch == nil && softState == nil && readStates.isEmpty && committed.isEmpty && messages.isEmpty
  }

  /// The highest index that is applied once this Ready is carried out, or 0.
  package var appliedCursor: UInt64 { committed.last?.index ?? snapshot?.metadata.index ?? 0 }
}

extension RaftSnapshot {
  package var isEmpty: Bool { metadata.index == 0 }
}
