import Base

/// Counts of observations below rising bounds, as Prometheus wants them: cumulative only when printed.
struct Histogram {
  let bounds: [Double]
  private(set) var counts: [UInt64]
  private(set) var sum = 0.0
  private(set) var count: UInt64 = 0

  /// Bounds `start`, `start * factor`, ... (`buckets` of them). As etcd's own: see MET rows for each metric.
  init(start: Double, factor: Double, buckets: Int) {
    var bounds: [Double] = []
    var bound = start
    for _ in 0..<buckets {
      bounds.append(bound)
      bound *= factor
    }
    self.bounds = bounds
    counts = Array(repeating: 0, count: buckets)
  }

  mutating func observe(_ value: Double) {
    sum += value
    count += 1
    if let place = bounds.firstIndex(where: { value <= $0 }) { counts[place] += 1 }
  }

  mutating func observe(_ span: TimeSpan) { observe(span.seconds) }
}
