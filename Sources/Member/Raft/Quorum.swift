/// The state of a vote.
package enum VoteResult: Sendable {
  /// Later votes decide.
  case pending
  /// A majority can no longer be reached.
  case lost
  case won
}

/// A set of members that decides by majority.
package struct Majority: Equatable, Sendable {
  /// Ascending, without repetition: everything that visits members does so in this order.
  package private(set) var ids: [UInt64]

  package init(_ ids: some Sequence<UInt64> = []) {
    self.ids = []
    for id in ids { insert(id) }
  }

  package var isEmpty: Bool { ids.isEmpty }
  package var count: Int { ids.count }
  package func contains(_ id: UInt64) -> Bool { ids.contains(id) }

  package mutating func insert(_ id: UInt64) {
    let place = ids.firstIndex { $0 >= id } ?? ids.endIndex
    if place < ids.endIndex, ids[place] == id { return }
    ids.insert(id, at: place)
  }

  package mutating func remove(_ id: UInt64) {
    if let place = ids.firstIndex(of: id) { ids.remove(at: place) }
  }

  /// The largest index that a majority has acknowledged; `acknowledged` gives nil for a silent member.
  ///
  /// An empty set agrees to everything, so that a joint quorum with one empty half is as good as the other.
  package func committedIndex(_ acknowledged: (UInt64) -> UInt64?) -> UInt64 {
    if ids.isEmpty { return .max }
    if ids.count == 1 { return acknowledged(ids[0]) ?? 0 }
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: ids.count) { sorted in
      for i in 0..<ids.count {
        // Insertion sort: the sets are small, and nothing is allocated.
        let index = acknowledged(ids[i]) ?? 0
        var place = i
        while place > 0, sorted[place - 1] > index {
          sorted[place] = sorted[place - 1]
          place -= 1
        }
        sorted[place] = index
      }
      return sorted[ids.count - (ids.count / 2 + 1)]
    }
  }

  /// What the votes so far amount to; `vote` gives nil for a member that has not voted.
  package func result(_ vote: (UInt64) -> Bool?) -> VoteResult {
    if ids.isEmpty { return .won }
    var granted = 0
    var missing = 0
    for id in ids {
      switch vote(id) {
      case true?: granted += 1
      case false?: break
      case nil: missing += 1
      }
    }
    let needed = ids.count / 2 + 1
    if granted >= needed { return .won }
    return granted + missing >= needed ? .pending : .lost
  }
}

/// Two majorities that must agree; the second is empty unless a change of members is under way.
///
/// As etcd 3.4: raft/quorum/joint.go.
package struct JointQuorum: Equatable, Sendable {
  package var incoming: Majority
  package var outgoing: Majority

  package init(incoming: Majority = Majority(), outgoing: Majority = Majority()) {
    self.incoming = incoming
    self.outgoing = outgoing
  }

  package var isJoint: Bool { !outgoing.isEmpty }

  /// Members of either half, ascending.
  package var ids: [UInt64] {
    outgoing.isEmpty ? incoming.ids : Majority(incoming.ids + outgoing.ids).ids
  }

  package func committedIndex(_ acknowledged: (UInt64) -> UInt64?) -> UInt64 {
    min(incoming.committedIndex(acknowledged), outgoing.committedIndex(acknowledged))
  }

  package func result(_ vote: (UInt64) -> Bool?) -> VoteResult {
    let (a, b) = (incoming.result(vote), outgoing.result(vote))
    if a == b { return a }
    return a == .lost || b == .lost ? .lost : .pending
  }
}
