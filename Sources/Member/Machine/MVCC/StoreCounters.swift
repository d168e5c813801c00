/// Figures of the store for metrics. As etcd 3.4: mvcc/metrics.go and metrics_txn.go.
package struct StoreCounters: Equatable, Sendable {
  /// Single operations, those inside transactions counted too.
  package var puts: UInt64 = 0
  package var deletes: UInt64 = 0
  package var ranges: UInt64 = 0
  /// Transactions of more than one operation.
  package var txns: UInt64 = 0
  /// Bytes of all keys and values put so far.
  package var putBytes: UInt64 = 0
  /// Rows removed by compactions.
  package var compactedRows: UInt64 = 0
  package init() {}
}
