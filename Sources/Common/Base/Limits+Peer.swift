// Bounds of the links between members.
extension Limits {
  /// Longest message on a stream between members. As etcd 3.4: rafthttp/msgappv2_codec.go (512 MB).
  package static let peerFrameBytes: UInt64 = 512 * 1024 * 1024
  /// Output waiting for one peer above which messages are dropped and the peer counts as unreachable: a link that does
  /// not drain may not eat the memory. Raft sends again what is missing.
  package static let peerOutputBytes = 64 * 1024 * 1024
  /// Pause between two attempts to open a stream. As etcd 3.4: rafthttp/transport.go, DialRetryFrequency.
  package static let peerDialPause = TimeSpan.milliseconds(100)
  /// The longest such pause where certificates do not suit each other: it doubles up to this. Each attempt costs both sides a
  /// handshake, and it takes somebody's hand to change that.
  package static let peerRefusedPause = TimeSpan.seconds(2)
  /// A link that brings nothing for so long is dropped, and its other end writes a sign of life three times as often.
  /// As etcd 3.4: rafthttp/peer.go, ConnReadTimeout, and rafthttp/stream.go, linkHeartbeatMessage.
  package static let peerSilence = TimeSpan.seconds(5)
  package static let peerHeartbeat = TimeSpan.milliseconds(1_666)
  /// Messages that are posted one by one, while no stream is there: at once, and waiting. As etcd 3.4:
  /// rafthttp/pipeline.go, connPerPipeline and pipelineBufSize.
  package static let peerPosts = 4
  package static let peerWaitingPosts = 64
  /// The reply to one of them, and to a question, may take this long.
  package static let peerReply = TimeSpan.seconds(5)
  /// Connections to one address that wait for their next call, and how long each may: shorter than a member of 3.4 keeps a
  /// silent one, five seconds, and longer than the pause between two probes.
  package static let peerRestingConnections = 16
  package static let peerRest = TimeSpan.milliseconds(4_500)
  /// Between two probes of a link, as etcd 3.4: rafthttp/probing_status.go, proberInterval; between two looks at what they
  /// found, when all is well and when not; difference of clocks that is worth a warning.
  package static let peerProbe = TimeSpan.seconds(4)
  package static let peerProbeLook = TimeSpan.seconds(30)
  package static let peerProbeLookAtTrouble = TimeSpan.seconds(5)
  package static let peerClockDifference = TimeSpan.seconds(1)
  /// Questions of clients that the leader is being asked at one time.
  package static let peerQuestions = 1_024
  /// Bytes of a page that another member answers: a list of members, a version.
  package static let peerPageBytes = 4 * 1024 * 1024
  /// One posted message: an append is at most a megabyte, or one entry.
  package static let peerPostBytes = 64 * 1024 * 1024
  /// A request that another member passes on: a lease to renew, a hash to compare.
  package static let peerRequestBytes = 64 * 1024
  /// Message in front of a received store: the v2 tree, as JSON.
  package static let peerSnapshotMessageBytes: UInt64 = 512 * 1024 * 1024
  /// Snapshots on their way to other members at one time; each pins the store's pages. As etcd 3.4:
  /// etcdserver/raft.go, maxInFlightMsgSnap.
  package static let peerSnapshots = 16
  /// The log is not shortened for this long after a snapshot was sent, so that its receiver can go on from there.
  /// As etcd 3.4: etcdserver/server.go, releaseDelayAfterSnapshot.
  package static let peerSnapshotGrace = TimeSpan.seconds(30)
  /// A leader that hands over and ends stays for so long after another leads: several ways between members, for what is on
  /// its way to it.
  package static let handOverRest = TimeSpan.milliseconds(100)
  /// Between two looks at the versions of all members. As etcd 3.4: etcdserver/server.go, monitorVersionInterval.
  package static let versionInterval = TimeSpan.seconds(4)
}
