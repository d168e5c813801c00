import Base

/// What a load came to. As etcd 3.4: pkg/report/report.go.
struct LoadStats: Equatable {
  /// Requests that succeeded, per second of the whole run.
  var rate = 0.0
  var slowest = 0.0
  var deviation = 0.0
  /// By text, the number of requests that failed so.
  var errors: [String: Int] = [:]

  init(seconds latencies: [Double], errors: [String: Int], total: Double) {
    self.errors = errors
    let count = Double(latencies.count)
    rate = count / total
    slowest = latencies.max() ?? 0
    let average = latencies.reduce(0, +) / count
    deviation = (latencies.reduce(0) { $0 + ($1 - average) * ($1 - average) } / count).squareRoot()
  }
}

/// What `check perf` says of a run, line by line. As etcd 3.4: etcdctl/ctlv3/command/check.go.
struct PerfVerdict: Equatable {
  private(set) var lines: [String] = []
  private(set) var isPassed = true

  /// `limit` is the rate that was aimed at: nine tenths of it must be reached, no request may take longer than half a second,
  /// and they may not differ by more than a tenth of one.
  init(_ stats: LoadStats, limit: Int) {
    if !stats.errors.isEmpty {
      fail("FAIL: too many errors")
      lines += PerfVerdict.errorLines(stats.errors)
    }
    let rate = stats.rate.isFinite ? Int(stats.rate) + 1 : 0
    if stats.rate / Double(limit) > 0.9 {
      lines.append("PASS: Throughput is \(rate) writes/s")
    } else {
      fail("FAIL: Throughput too low: \(rate) writes/s")
    }
    let slowest = DecimalText.fixed(stats.slowest, digits: 6)
    if stats.slowest > 0.5 {
      fail("Slowest request took too long: \(slowest)s")
    } else {
      lines.append("PASS: Slowest request took \(slowest)s")
    }
    let deviation = DecimalText.fixed(stats.deviation, digits: 6)
    if stats.deviation > 0.1 {
      fail("Stddev too high: \(deviation)s")
    } else {
      lines.append("PASS: Stddev is \(deviation)s")
    }
    lines.append(isPassed ? "PASS" : "FAIL")
  }

  static func errorLines(_ errors: [String: Int]) -> [String] {
    errors.sorted { $0.key < $1.key }.map { "FAIL: ERROR(\($0.key)) -> \($0.value)" }
  }

  private mutating func fail(_ line: String) {
    lines.append(line)
    isPassed = false
  }
}
