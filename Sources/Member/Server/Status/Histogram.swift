import Base

/// The bounds of a histogram's buckets, and how they are printed; many histograms share one.
final class Buckets: Sendable {
  let bounds: [Double]
  /// Bounds as labels with what follows them in a sample's line: `le="0.001"} `; the last one is infinity.
  let labels: [Bytes]

  init(_ bounds: [Double]) {
    self.bounds = bounds
    labels = (bounds.map(GoNumber.text) + ["+Inf"]).map { "le=\"\($0)\"} ".bytes }
  }

  /// Bounds `start`, `start * factor`, ... (`count` of them).
  convenience init(start: Double, factor: Double, count: Int) {
    var bounds: [Double] = []
    var bound = start
    for _ in 0..<count {
      bounds.append(bound)
      bound *= factor
    }
    self.init(bounds)
  }

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

/// Counts of observations below rising bounds, as Prometheus wants them: cumulative only when printed.
struct Histogram {
  let buckets: Buckets
  private(set) var counts: [UInt64]
  private(set) var sum = 0.0
  private(set) var count: UInt64 = 0

  init(_ buckets: Buckets) {
    self.buckets = buckets
    counts = Array(repeating: 0, count: buckets.bounds.count)
  }

  mutating func observe(_ value: Double) {
    sum += value
    count += 1
    let bounds = buckets.bounds
    var place = 0
    while place < bounds.count, value > bounds[place] { place += 1 }
    if place < bounds.count { counts[place] += 1 }
  }

  mutating func observe(_ span: TimeSpan) { observe(span.seconds) }
}
