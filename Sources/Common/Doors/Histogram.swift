import Base

/// The bounds of a histogram's buckets, and how they are printed; many histograms share one.
package final class Buckets: Sendable {
  package let bounds: [Double]
  /// Bounds as labels with what follows them in a sample's line: `le="0.001"} `; the last one is infinity.
  package let labels: [Bytes]

  package init(_ bounds: [Double]) {
    self.bounds = bounds
    labels = (bounds.map(GoNumber.text) + ["+Inf"]).map { "le=\"\($0)\"} ".bytes }
  }

  /// Bounds `start`, `start * factor`, ... (`count` of them).
  package convenience init(start: Double, factor: Double, count: Int) {
    var bounds: [Double] = []
    var bound = start
    for _ in 0..<count {
      bounds.append(bound)
      bound *= factor
    }
    self.init(bounds)
  }
}

/// Counts of observations below rising bounds, as Prometheus wants them: cumulative only when printed.
package struct Histogram {
  package let buckets: Buckets
  package private(set) var counts: [UInt64]
  package private(set) var sum = 0.0
  package private(set) var count: UInt64 = 0

  package init(_ buckets: Buckets) {
    self.buckets = buckets
    counts = Array(repeating: 0, count: buckets.bounds.count)
  }

  package mutating func observe(_ value: Double) {
    sum += value
    count += 1
    let bounds = buckets.bounds
    var place = 0
    while place < bounds.count, value > bounds[place] { place += 1 }
    if place < bounds.count { counts[place] += 1 }
  }

  package mutating func observe(_ span: TimeSpan) { observe(span.seconds) }
}
