// Bounds of the key space: its index, its compactions.
extension Limits {
  /// Keys of the index that one slice of a compaction walks, and rows that one removes: a tenth of a millisecond, so that a
  /// request that comes meanwhile hardly waits.
  package static let compactionSliceKeys = 128
  package static let compactionSliceRows = 128
  /// Rest between two slices while requests wait: the commits of what is removed then come at the usual pace, and do
  /// not crowd the log's syncs. About 100,000 rows a second; etcd 3.4 removes 1,000 and waits for a commit and 10 ms.
  package static let compactionPause = TimeSpan.milliseconds(1)
  /// Removable rows held in memory (24 bytes each) before they are removed; more at once are removed in fewer, fuller
  /// pages.
  package static let compactionPendingRows = 1_000_000
  /// Writes waiting for a commit above which a compaction pauses.
  package static let compactionBackendOperations = 20_000
}
