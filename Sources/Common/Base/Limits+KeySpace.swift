// Bounds of the key space: its index, its compactions.
extension Limits {
  /// Keys of the index that one slice of a compaction walks: a fraction of a millisecond.
  package static let compactionSliceKeys = 1_024
  /// Rows that one slice of a compaction removes. As etcd 3.4: mvcc/kvstore.go, defaultCompactBatchLimit.
  package static let compactionBatchRows = 1_000
  /// Removable rows held in memory (24 bytes each) before they are removed; more at once are removed in fewer, fuller
  /// pages.
  package static let compactionPendingRows = 1_000_000
  /// Writes waiting for a commit above which a compaction pauses.
  package static let compactionBackendOperations = 20_000
  /// Rows, and bytes of them, that one slice of a large range reads; a smaller range is answered at once.
  package static let rangeSliceRows = 1_000
  package static let rangeSliceBytes = 1024 * 1024
}
