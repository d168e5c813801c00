import Wire

/// Who takes part: voters, learners, and how far a change of members has come.
///
/// As etcd 3.4: raft/tracker/tracker.go. Invariants are those of `Changer.check`.
package struct Membership: Equatable, Sendable {
  package var voters = JointQuorum()
  /// Members that receive entries and do not count. Never in either half of `voters`.
  package var learners = Majority()
  /// Voters of the outgoing half that become learners once it is left.
  package var learnersNext = Majority()
  /// Whether the leader leaves the joint state by itself.
  package var leavesJointByItself = false

  package init() {}

  package var confState: ConfState {
    var state = ConfState()
    state.voters = voters.incoming.ids
    state.votersOutgoing = voters.outgoing.ids
    state.learners = learners.ids
    state.learnersNext = learnersNext.ids
    state.autoLeave = leavesJointByItself
    return state
  }
}

/// The members, the leader's knowledge of each, and the votes of an election.
package struct Tracker: Sendable {
  package var membership = Membership()
  /// Ascending by id; a handful, so looked up by walking.
  package var members: [Progress] = []
  private var votes: [(id: UInt64, granted: Bool)] = []
  package let inflightMessages: Int

  package init(inflightMessages: Int) { self.inflightMessages = inflightMessages }

  package func place(of id: UInt64) -> Int? {
    for i in members.indices where members[i].id == id { return i }
    return nil
  }

  package subscript(_ id: UInt64) -> Progress? {
    place(of: id).map { members[$0] }
  }

  /// The largest index the voters have acknowledged, by what each `match` says.
  package var committed: UInt64 {
    membership.voters.committedIndex { id in place(of: id).map { members[$0].match } }
  }

  /// Whether enough voters have been heard of lately.
  package var isQuorumActive: Bool {
    membership.voters.result { id in
      guard let place = place(of: id), !members[place].isLearner else { return nil }
      return members[place].isRecentlyActive
    } == .won
  }

  package mutating func resetVotes() { votes.removeAll(keepingCapacity: true) }

  /// Notes a vote; a member's first word counts.
  package mutating func record(vote granted: Bool, from id: UInt64) {
    if !votes.contains(where: { $0.id == id }) { votes.append((id, granted)) }
  }

  package func tally() -> (granted: Int, rejected: Int, result: VoteResult) {
    var granted = 0
    var rejected = 0
    for vote in votes {
      guard let place = place(of: vote.id), !members[place].isLearner else { continue }
      if vote.granted { granted += 1 } else { rejected += 1 }
    }
    let result = membership.voters.result { id in votes.first { $0.id == id }?.granted }
    return (granted, rejected, result)
  }
}
