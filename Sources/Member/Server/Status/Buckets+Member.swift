import Base
import Doors

// The buckets of a member's histograms, as boards and alerts know them.

extension Buckets {
  // As etcd 3.4: the metrics.go files of wal, mvcc, mvcc/backend, snap, lease, rafthttp and v2http.
  static let sync = Buckets(start: 0.001, factor: 2, count: 14)
  static let snapshot = Buckets(start: 0.01, factor: 2, count: 17)
  static let defragmentation = Buckets(start: 0.1, factor: 2, count: 13)
  static let snapshotFile = Buckets(start: 0.1, factor: 2, count: 10)
  static let hash = Buckets(start: 0.01, factor: 2, count: 15)
  static let roundTrip = Buckets(start: 0.0001, factor: 2, count: 16)
  static let leaseTTL = Buckets(start: 1, factor: 2, count: 24)
  static let indexPause = Buckets(start: 0.5, factor: 2, count: 14)
  static let compactionPause = Buckets(start: 1, factor: 2, count: 13)
  static let compaction = Buckets(start: 100, factor: 2, count: 14)
  static let pages = Buckets(start: 0.0005, factor: 2, count: 13)
  /// As etcd 3.5: etcdserver/metrics.go, applySec.
  static let apply = Buckets(start: 0.0001, factor: 2, count: 20)
  /// As Prometheus: DefBuckets, which grpc_prometheus takes.
  static let standard = Buckets([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10])
}
