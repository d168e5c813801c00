import Base
import Wire

extension Node {
  /// Takes the members from a stored state.
  mutating func restoreMembership(_ state: ConfState) {
    do {
      let outcome = try Changer.restore(
        state, inflightMessages: config.maxInflightMessages, lastIndex: log.lastIndex)
      let restored = become(outcome)
      invariant(restored.isEquivalent(to: state), "restored \(restored), stored \(state)")
    } catch {
      broken("unable to restore config \(state): \(error)")
    }
  }

  /// Carries out a committed change of members and returns the members that follow from it. Every such
  /// entry must be passed here, in order, before `applied(through:)` reaches it; one the owner rejects is
  /// passed with node id 0, which changes nothing.
  package mutating func applyConfigChange(_ change: MemberChange) -> ConfState {
    let change = change.asV2
    let changer = Changer(tracker, lastIndex: log.lastIndex)
    do {
      if change.leavesJoint {
        // The leader's own proposal to leave and an operator's may both be in the log, as 3.4's rules allow;
        // its core stops at the second. To leave what is left already changes nothing.
        if !tracker.membership.voters.isJoint { return tracker.membership.confState }
        return become(try changer.leaveJoint())
      }
      if let joint = change.entersJoint {
        return become(try changer.enterJoint(leavesByItself: joint.leavesByItself, change.changes))
      }
      return become(try changer.simple(change.changes))
    } catch {
      // Committed, so all members would have to refuse it alike; they cannot, they stop.
      broken("\(hexID) cannot apply conf change: \(error)")
    }
  }

  /// Makes `outcome` the members, and as leader does what follows: a smaller quorum may commit more, a
  /// newcomer wants entries.
  private mutating func become(_ outcome: Changer.Outcome) -> ConfState {
    tracker.membership = outcome.membership
    tracker.members = outcome.members
    logger(.info, "\(hexID) switched to configuration \(tracker.membership.described)")
    let state = tracker.membership.confState
    guard role == .leader, let place = tracker.place(of: id), !tracker.members[place].isLearner,
      !state.voters.isEmpty
    else { return state }
    if maybeCommit() {
      broadcastAppend()
    } else {
      for place in tracker.members.indices where tracker.members[place].id != id {
        sendAppend(at: place, evenIfEmpty: false)
      }
    }
    if transferee != 0 && tracker.place(of: transferee) == nil { transferee = 0 }
    return state
  }

  /// As leader, proposes to leave a joint state that ends by itself, once its entry is applied.
  mutating func leaveJointIfDue(applied index: UInt64) {
    guard role == .leader, tracker.membership.leavesJointByItself, index >= pendingChangeIndex,
      index >= leaveIndex
    else { return }
    if append([Entry(type: .confChangeV2, data: ConfChangeV2().encoded())]) {
      leaveIndex = log.lastIndex
      logger(
        .info,
        "initiating automatic transition out of joint configuration \(tracker.membership.described)")
    } else {
      // No room: try again when more has been applied.
      pendingChangeIndex = log.lastIndex
    }
  }
}

extension MemberChange {
  /// The change an entry carries; nil if it carries none or its bytes are no change.
  package init?(_ entry: Entry) {
    let data = entry.data ?? []
    switch entry.type {
    case .confChange:
      guard let change = try? ConfChange(decoding: data) else { return nil }
      self = .single(change)
    case .confChangeV2:
      guard let change = try? ConfChangeV2(decoding: data) else { return nil }
      self = .several(change)
    default: return nil
    }
  }
}

extension ConfState {
  /// Whether both name the same members, in whatever order.
  func isEquivalent(to other: ConfState) -> Bool {
    voters.sorted() == other.voters.sorted() && learners.sorted() == other.learners.sorted()
      && votersOutgoing.sorted() == other.votersOutgoing.sorted()
      && learnersNext.sorted() == other.learnersNext.sorted() && autoLeave == other.autoLeave
  }
}
