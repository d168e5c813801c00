import Wire

/// A change of members that the rules forbid; the texts are etcd's.
package struct ConfigChangeError: Error, Equatable, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}

/// Works out what a change of members leads to, without making it so.
///
/// As etcd 3.4: raft/confchange/confchange.go; joint consensus as in chapter 4.3 of the Raft thesis.
package struct Changer {
  package typealias Outcome = (membership: Membership, members: [Progress])

  private var membership: Membership
  private var members: [Progress]
  private let inflightMessages: Int
  private let lastIndex: UInt64

  /// - Parameter lastIndex: where probing of a new member begins.
  package init(_ tracker: Tracker, lastIndex: UInt64) {
    membership = tracker.membership
    members = tracker.members
    inflightMessages = tracker.inflightMessages
    self.lastIndex = lastIndex
  }

  /// Carries out changes that alter the voters by at most one.
  package func simple(_ changes: [ConfChangeSingle]) throws(ConfigChangeError) -> Outcome {
    try check()
    if membership.voters.isJoint {
      throw ConfigChangeError("can't apply simple config change in joint config")
    }
    var changed = self
    try changed.apply(changes)
    let (old, new) = (membership.voters.incoming, changed.membership.voters.incoming)
    let gone = old.ids.count { !new.contains($0) }
    let added = new.ids.count { !old.contains($0) }
    if gone + added > 1 {
      throw ConfigChangeError("more than one voter changed without entering joint config")
    }
    return try changed.outcome()
  }

  /// Copies the voters to the outgoing half and applies the changes to the incoming one.
  package func enterJoint(
    leavesByItself: Bool, _ changes: [ConfChangeSingle]
  ) throws(ConfigChangeError) -> Outcome {
    try check()
    if membership.voters.isJoint { throw ConfigChangeError("config is already joint") }
    if membership.voters.incoming.isEmpty {
      throw ConfigChangeError("can't make a zero-voter config joint")
    }
    var changed = self
    changed.membership.voters.outgoing = membership.voters.incoming
    try changed.apply(changes)
    changed.membership.leavesJointByItself = leavesByItself
    return try changed.outcome()
  }

  /// Drops the outgoing half; the incoming one decides alone from here on.
  package func leaveJoint() throws(ConfigChangeError) -> Outcome {
    try check()
    if !membership.voters.isJoint { throw ConfigChangeError("can't leave a non-joint config") }
    var changed = self
    for id in membership.learnersNext.ids {
      changed.membership.learners.insert(id)
      changed.setLearner(id, true)
    }
    changed.membership.learnersNext = Majority()
    for id in membership.voters.outgoing.ids
    where !changed.membership.voters.incoming.contains(id) && !changed.membership.learners.contains(id) {
      changed.members.removeAll { $0.id == id }
    }
    changed.membership.voters.outgoing = Majority()
    changed.membership.leavesJointByItself = false
    return try changed.outcome()
  }

  private func outcome() throws(ConfigChangeError) -> Outcome {
    try check()
    return (membership, members)
  }

  // MARK: - Single changes, always made to the incoming half

  private mutating func apply(_ changes: [ConfChangeSingle]) throws(ConfigChangeError) {
    // A server that decides not to make a committed change applies it with id 0.
    for change in changes where change.nodeID != 0 {
      switch change.type {
      case .addNode: makeVoter(change.nodeID)
      case .addLearnerNode: makeLearner(change.nodeID)
      case .removeNode: remove(change.nodeID)
      case .updateNode: break
      default: throw ConfigChangeError("unexpected conf type \(change.type.rawValue)")
      }
    }
    if membership.voters.incoming.isEmpty { throw ConfigChangeError("removed all voters") }
  }

  private func has(_ id: UInt64) -> Bool { members.contains { $0.id == id } }

  private mutating func setLearner(_ id: UInt64, _ isLearner: Bool) {
    if let place = members.firstIndex(where: { $0.id == id }) { members[place].isLearner = isLearner }
  }

  private mutating func makeVoter(_ id: UInt64) {
    if !has(id) { return track(id, isLearner: false) }
    setLearner(id, false)
    membership.learners.remove(id)
    membership.learnersNext.remove(id)
    membership.voters.incoming.insert(id)
  }

  private mutating func makeLearner(_ id: UInt64) {
    guard let known = members.first(where: { $0.id == id }) else { return track(id, isLearner: true) }
    if known.isLearner { return }
    remove(id)
    if !has(id) { insert(known) }
    if membership.voters.outgoing.contains(id) {
      // Still a voter of the outgoing half, so it may not be a learner as well: staged until that is left.
      membership.learnersNext.insert(id)
    } else {
      setLearner(id, true)
      membership.learners.insert(id)
    }
  }

  private mutating func remove(_ id: UInt64) {
    if !has(id) { return }
    membership.voters.incoming.remove(id)
    membership.learners.remove(id)
    membership.learnersNext.remove(id)
    if !membership.voters.outgoing.contains(id) { members.removeAll { $0.id == id } }
  }

  private mutating func track(_ id: UInt64, isLearner: Bool) {
    if isLearner { membership.learners.insert(id) } else { membership.voters.incoming.insert(id) }
    // Counted as active, or the next check of the quorum might unseat the leader before the newcomer spoke.
    insert(
      Progress(
        id: id, next: lastIndex, inflightMessages: inflightMessages, isLearner: isLearner,
        isRecentlyActive: true))
  }

  private mutating func insert(_ progress: Progress) {
    let place = members.firstIndex { $0.id > progress.id } ?? members.endIndex
    members.insert(progress, at: place)
  }

  /// The rules between the sets, before and after every change.
  private func check() throws(ConfigChangeError) {
    let voters = membership.voters
    for id in voters.ids + membership.learners.ids + membership.learnersNext.ids where !has(id) {
      throw ConfigChangeError("no progress for \(id)")
    }
    for progress in members {
      let id = progress.id
      if membership.learnersNext.contains(id) {
        if !voters.outgoing.contains(id) {
          throw ConfigChangeError("\(id) is in LearnersNext, but not Voters[1]")
        }
        if progress.isLearner {
          throw ConfigChangeError("\(id) is in LearnersNext, but is already marked as learner")
        }
      }
      if membership.learners.contains(id) {
        if voters.outgoing.contains(id) { throw ConfigChangeError("\(id) is in Learners and Voters[1]") }
        if voters.incoming.contains(id) { throw ConfigChangeError("\(id) is in Learners and Voters[0]") }
        if !progress.isLearner {
          throw ConfigChangeError("\(id) is in Learners, but is not marked as learner")
        }
      }
    }
    if voters.isJoint { return }
    if !membership.learnersNext.isEmpty {
      throw ConfigChangeError("LearnersNext must be nil when not joint")
    }
    if membership.leavesJointByItself { throw ConfigChangeError("AutoLeave must be false when not joint") }
  }
}

extension Changer {
  /// Builds the members that a stored `ConfState` describes, starting from none.
  ///
  /// As etcd 3.4: raft/confchange/restore.go. A joint state is reached as it once was: first the outgoing
  /// voters one by one, then one step that removes them from the incoming half and adds the rest.
  package static func restore(
    _ state: ConfState, inflightMessages: Int, lastIndex: UInt64
  ) throws(ConfigChangeError) -> Outcome {
    var tracker = Tracker(inflightMessages: inflightMessages)
    func change(_ type: ConfChangeType) -> (UInt64) -> ConfChangeSingle {
      { id in
        var change = ConfChangeSingle()
        change.type = type
        change.nodeID = id
        return change
      }
    }
    let incoming =
      state.votersOutgoing.map(change(.removeNode)) + state.voters.map(change(.addNode))
      + (state.learners + state.learnersNext).map(change(.addLearnerNode))
    let oneByOne = state.votersOutgoing.isEmpty ? incoming : state.votersOutgoing.map(change(.addNode))
    for single in oneByOne {
      (tracker.membership, tracker.members) = try Changer(tracker, lastIndex: lastIndex).simple([single])
    }
    if !state.votersOutgoing.isEmpty {
      (tracker.membership, tracker.members) = try Changer(tracker, lastIndex: lastIndex)
        .enterJoint(leavesByItself: state.autoLeave, incoming)
    }
    return (tracker.membership, tracker.members)
  }
}

/// A change of members in either of its two encodings.
package enum MemberChange: Sendable {
  case single(ConfChange)
  case several(ConfChangeV2)

  /// The general form; what a member applies.
  package var asV2: ConfChangeV2 {
    switch self {
    case .several(let change): return change
    case .single(let change):
      var single = ConfChangeSingle()
      single.type = change.type
      single.nodeID = change.nodeID
      var several = ConfChangeV2()
      several.changes = [single]
      several.context = change.context
      return several
    }
  }
}

extension ConfChangeV2 {
  /// An empty change: leave the joint state.
  package var leavesJoint: Bool { transition == .auto && changes.isEmpty }

  /// Whether joint consensus is used, and if so whether it ends by itself. nil: one simple step.
  package var entersJoint: (leavesByItself: Bool, Void)? {
    if transition == .auto && changes.count <= 1 { return nil }
    return (transition != .jointExplicit, ())
  }
}
