import Base
import Machine
import Wire

/// The way back from a lost majority: what a member holds becomes a cluster of that member alone.
///
/// What was not known to be committed is dropped, and the log is given the removal of all others, as if it had been agreed
/// on. Only to be asked for (`--force-new-cluster`) when the others are gone for good: one that comes back would found a second
/// cluster of the same name. As etcd 3.4: etcdserver/raft.go, restartAsStandaloneNode and createConfigChangeEnts.
struct ForcedCluster {
  /// What the log holds afterwards, and how far it is committed.
  private(set) var entries: [Entry]
  private(set) var state: HardState
  /// Entries to be written behind what the log holds.
  private(set) var appended: [Entry] = []
  /// Entries that were dropped because nobody knows whether they were agreed on.
  private(set) var dropped = 0

  /// - Parameter confState: the members as of the snapshot that `entries` follow.
  init(of id: MemberID, _ confState: ConfState, _ entries: [Entry], _ state: HardState) {
    let kept = entries.prefix { $0.index <= state.commit }
    self.entries = Array(kept)
    self.state = state
    dropped = entries.count - kept.count
    var voters = Set(confState.voters)
    var learners = Set(confState.learners)
    for entry in kept {
      guard entry.type == .confChange, let change = try? ConfChange(decoding: entry.data ?? []) else {
        continue
      }
      Self.follow(change, &voters, &learners)
    }
    // First, so that there is always a voter.
    if learners.contains(id.rawValue) { promote(id) }
    for other in voters.union(learners).sorted() where other != id.rawValue {
      var change = ConfChange()
      change.type = .removeNode
      change.nodeID = other
      append(change)
    }
  }

  private mutating func promote(_ id: MemberID) {
    var change = ConfChange()
    change.type = .addNode
    change.nodeID = id.rawValue
    change.context = MemberRecord(id: id, peerURLs: []).changeContext(isPromotion: true)
    append(change)
  }

  private static func follow(_ change: ConfChange, _ voters: inout Set<UInt64>, _ learners: inout Set<UInt64>) {
    switch change.type {
    case .addNode:
      voters.insert(change.nodeID)
      learners.remove(change.nodeID)
    case .addLearnerNode: learners.insert(change.nodeID)
    case .removeNode:
      voters.remove(change.nodeID)
      learners.remove(change.nodeID)
    default: break
    }
  }

  private mutating func append(_ change: ConfChange) {
    let index = max(state.commit, entries.last?.index ?? 0) + 1
    let entry = Entry(type: .confChange, term: state.term, index: index, data: change.encoded())
    entries.append(entry)
    appended.append(entry)
    state.commit = index
  }
}
