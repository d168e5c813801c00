import Base
import Wire

/// What the application of one entry answers to whoever proposed it.
package enum Answer: Sendable {
  case put(PutResult)
  case deleteRange(DeleteResult)
  case txn(TxnResponse)
  /// The compaction is scheduled; a *physical* one is answered when its rows are gone.
  case compaction(CompactionResponse)
  case leaseGrant(LeaseGrantResponse)
  case leaseRevoke(LeaseRevokeResponse)
  case alarm(AlarmResponse)
  /// A request of the v2 API, or of a member about itself.
  case v2(V2Outcome)
  /// Users, roles or their use; the owner fills the header.
  case auth(any AuthReply)
  /// A user signed in. The token is empty where the proposer signs one.
  case signedIn(Credential, token: String)
  /// Nothing to say: the leader's empty entry, a checkpoint, a version.
  case nothing
  case failed(RPCStatus)
}

/// One applied entry.
package struct Applied: Sendable {
  /// The number its proposer waits for; 0 where nobody does.
  package var requestID: UInt64
  package var answer: Answer
  /// A change of members that passed or failed its checks; the owner tells Raft.
  package var change: ConfigChangeVerdict?

  package init(requestID: UInt64, answer: Answer, change: ConfigChangeVerdict? = nil) {
    self.requestID = requestID
    self.answer = answer
    self.change = change
  }
}

/// A change of members as Raft must see it: as it is, or with node 0 where the roster refused it, on every member alike.
package struct ConfigChangeVerdict: Sendable {
  package var change: ConfChange
  package var isAccepted: Bool
}
