import Base

/// The checks of `--strict-reconfig-check`: would the change leave the cluster without a working quorum?
///
/// `isConnected` says whether a member has been connected for five seconds without a break; the local one always is.
/// As etcd 3.4: etcdserver/server.go, mayAddMember, mayPromote, mayRemoveMember.
package struct StrictReconfiguration {
  private let voters: [MemberRecord]
  private let members: [MemberRecord]
  private let isConnected: (MemberID) -> Bool

  package init(members: [MemberRecord], isConnected: @escaping (MemberID) -> Bool) {
    self.members = members
    voters = members.filter { !$0.isLearner }
    self.isConnected = isConnected
  }

  package func checkAdd(isLearner: Bool) throws(ReconfigurationRefusal) {
    if !isLearner, !canAddVoter { throw .notEnoughStartedMembers }
    if !voters.allSatisfy({ isConnected($0.id) }) { throw .unhealthyCluster }
  }

  /// The caller also compares the learner's log with the leader's. One that never started cannot be ready
  /// (as etcd 3.4.24).
  package func checkPromote(_ id: MemberID) throws(ReconfigurationRefusal) {
    if let learner = members.first(where: { $0.id == id }), !learner.isStarted { throw .learnerNotReady }
    if startedVoters + 1 < quorum(voters.count + 1) { throw .notEnoughStartedMembers }
  }

  /// `isActive`: whether the member to be removed is connected at all, or is the local one.
  package func checkRemove(_ id: MemberID, isActive: Bool) throws(ReconfigurationRefusal) {
    if members.first(where: { $0.id == id })?.isLearner == true { return }
    let rest = voters.filter { $0.id != id }
    if rest.count(where: \.isStarted) < quorum(rest.count) { throw .notEnoughStartedMembers }
    // One that is down is no part of the active quorum.
    if !isActive { return }
    let active = voters.count { isConnected($0.id) }
    if active - 1 < 1 + (voters.count - 1) / 2 { throw .unhealthyCluster }
  }

  private var startedVoters: Int { voters.count(where: \.isStarted) }

  private func quorum(_ count: Int) -> Int { count / 2 + 1 }

  private var canAddVoter: Bool {
    // A one-member cluster may grow, so that it can be restored from one copy.
    if startedVoters == 1, voters.count == 1 { return true }
    return startedVoters >= quorum(voters.count + 1)
  }
}
