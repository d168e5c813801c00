extension Limits {
  /// Encoded bytes of entries in one append message, and given out for applying at once: large enough for
  /// a busy turn, small enough that a slow link shows life. As etcd 3.4: etcdserver/raft.go, maxSizePerMsg.
  package static let raftMessageBytes = 1024 * 1024
  /// Append messages under way to one follower; beyond, it is fed again as acknowledgements come.
  /// As etcd 3.4: etcdserver/raft.go, maxInflightMsgs.
  package static let raftInflightMessages = 512
  /// Reads that wait on the leader for a quorum; a further one is refused and its asker tries again. A
  /// member has one under way at a time, so this is only reached by someone who does not keep to that.
  package static let raftPendingReads = 4_096
  /// Entries for which the unwritten end of the log keeps its room once they are durable; a burst's room
  /// is given back.
  package static let raftSpareEntries = 16_384
  /// Payload a leader takes in before any of it is committed; beyond, proposals are refused and the client
  /// tries again. A stalled disk or a lost quorum then costs this much memory, not all. (etcd 3.4 has none.)
  package static let raftUncommittedBytes = 256 * 1024 * 1024
}
