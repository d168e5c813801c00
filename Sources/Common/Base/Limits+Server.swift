// Bounds of the member's own work.
extension Limits {
  /// Deadlines further away than this count as none (a year: clients send the largest number for "never").
  package static let longestDeadline = TimeSpan.seconds(365 * 24 * 3600)
  /// Memory of the reply buffer that is kept between replies; larger replies give theirs back.
  package static let keptReplyBytes = 1024 * 1024
  /// Applied entries that a member alone keeps in memory before it forgets them, so that forgetting is done in bulk.
  package static let appliedEntriesKept: UInt64 = 1_000
  /// Bytes of the log after which a member alone makes a raft snapshot: two segments, which a start reads in a fifth of a second.
  package static let logBytesPerSnapshot = 2 * walSegmentBytes
  /// Rows fed to a HashKV per turn: about half a millisecond.
  package static let hashSliceRows = 2_000
  /// Pairs counted per turn before a snapshot is sent, and chunks of 32 KiB sent per turn.
  package static let snapshotPairsPerTurn = 5_000
  package static let snapshotChunksPerTurn = 16
}
