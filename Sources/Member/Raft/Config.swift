import Base
import Wire

extension Node {
  /// How the node is set up; etcd's values are the defaults where etcd has one.
  ///
  /// As etcd 3.4: raft/raft.go, Config, and etcdserver/raft.go.
  package struct Config: Sendable {
    /// How a read is made sure to be fresh.
    package enum Reads: Sendable {
      /// A quorum confirms that this member still leads.
      case safe
      /// The leader trusts its lease; only as good as the clocks, and needs `checksQuorum`.
      case leaseBased
    }

    /// When a write counts as done. The page of `Ready` tells what follows.
    package enum Writing: Sendable {
      /// The owner says when, and may have many writes under way.
      case behind
      /// Every Ready is written whole before the next one is asked for.
      case withReady
    }

    /// This member; not 0.
    package var id: UInt64
    /// Ticks without word from the leader until a member campaigns (spread over once to twice this).
    package var electionTicks = 10
    package var heartbeatTicks = 1
    /// Index up to which the state machine has everything; 0 gives out all that follows the last snapshot.
    package var applied: UInt64 = 0
    /// Encoded bytes of entries in one append message; at least one entry is always sent.
    package var maxMessageBytes = Limits.raftMessageBytes
    /// Encoded bytes of entries given out for applying at once; nil: as `maxMessageBytes`.
    package var maxApplyBytes: Int?
    /// Bytes of payload proposed and not committed, above which a leader refuses proposals.
    package var maxUncommittedBytes = Limits.raftUncommittedBytes
    /// Append messages under way to one member.
    package var maxInflightMessages = Limits.raftInflightMessages
    /// Whether a leader steps down when it does not hear of a quorum for an election timeout.
    package var checksQuorum = true
    /// Whether a member asks if it could win before it raises the term (thesis 9.6).
    package var preVotes = false
    package var reads = Reads.safe
    package var writing = Writing.behind
    /// Whether a follower refuses proposals instead of passing them to the leader.
    package var refusesForwarding = false
    /// Draws the spread of the election timeout; the program seeds it.
    package var dice: Dice
    package var log = Log.silent

    package init(id: UInt64, dice: Dice) {
      self.id = id
      self.dice = dice
    }

    /// What is wrong with it, or nil. The texts are etcd's.
    package var problem: String? {
      if id == 0 { return "cannot use none as id" }
      if heartbeatTicks <= 0 { return "heartbeat tick must be greater than 0" }
      if electionTicks <= heartbeatTicks { return "election tick must be greater than heartbeat tick" }
      if maxInflightMessages <= 0 { return "max inflight messages must be greater than 0" }
      if reads == .leaseBased && !checksQuorum {
        return "CheckQuorum must be enabled when ReadOnlyOption is ReadOnlyLeaseBased"
      }
      return nil
    }
  }
}

/// Why a message or proposal was not taken; the texts are etcd's.
package enum RaftError: Error, Equatable, CustomStringConvertible {
  /// No leader, no room, a transfer under way, or no longer a member: the proposer may try again.
  case proposalDropped
  /// A message that a member only sends to itself came from outside.
  case localMessage
  /// An answer from someone who is not a member.
  case unknownPeer
  /// A message that no member sends: without a sender, a proposal of nothing, entries with gaps.
  case malformed
  /// A message meant for another member.
  case notForMe
  /// More reads wait than `Limits.raftPendingReads`; the asker tries again.
  case tooManyReads

  package var description: String {
    switch self {
    case .proposalDropped: "raft proposal dropped"
    case .localMessage: "raft: cannot step raft local message"
    case .unknownPeer: "raft: cannot step as peer not found"
    case .malformed: "raft: cannot step malformed message"
    case .notForMe: "raft: cannot step message meant for another member"
    case .tooManyReads: "raft: too many pending reads"
    }
  }
}
