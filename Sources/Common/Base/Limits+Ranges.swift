// Bounds of large replies.
extension Limits {
  /// Rows, and bytes of them, that a range may answer at once; a larger one is computed in slices as its reader takes it.
  package static let rangeSliceRows = 1_000
  package static let rangeSliceBytes = 1024 * 1024
  /// Time that all large ranges together take of one turn of the loop, and rows and bytes between two looks at the clock.
  package static let rangeTurnTime = TimeSpan.microseconds(300)
  package static let rangeStepRows = 128
  package static let rangeStepBytes = 64 * 1024
  /// Rows held in memory by all ranges in another order than that of their keys (32 bytes each, twice while they are
  /// sorted); a further one waits for its turn.
  package static let sortedRangeRows = 2_000_000
  /// Bytes of values that one range is sorted by; more are refused.
  package static let sortedValueBytes = 64 * 1024 * 1024
  /// Longest message sent. As grpc-go 1.26: server.go, defaultServerMaxSendMessageSize.
  package static let grpcSendBytes = Int(Int32.max)
  /// Time that a compaction waits for large ranges that still read what it removes; then they end with an error.
  package static let compactionPatience = TimeSpan.seconds(60)
  /// Rows that the ranges of one transaction may read together; its reply is built at once.
  package static let txnRangeRows = 100_000
}
