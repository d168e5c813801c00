import Base
import Storage
import Wire

/// What the member counts while it works. Plain fields on the loop thread; the page is made when it is asked for.
///
/// Names and buckets as etcd 3.4 (its `metrics.go` files), so that boards and alerts find them.
struct Metrics {
  // Raft and proposals.
  var leaderChanges: UInt64 = 0
  var proposalsFailed: UInt64 = 0
  var slowApplies: UInt64 = 0
  var slowReadIndexes: UInt64 = 0
  var readIndexesFailed: UInt64 = 0
  // Health page.
  var healthSuccesses: UInt64 = 0
  var healthFailures: UInt64 = 0
  /// By `livez` or `readyz` and the check's name.
  var healthChecks: [HealthCheck: HealthCheckCounts] = [:]
  /// Times that the metrics page was asked for.
  var scrapes: UInt64 = 0
  // Disk.
  var walSync = Histogram(start: 0.001, factor: 2, buckets: 14)
  var walBytes: UInt64 = 0
  var backendCommit = Histogram(start: 0.001, factor: 2, buckets: 14)
  var backendSnapshot = Histogram(start: 0.01, factor: 2, buckets: 17)
  var backendDefragment = Histogram(start: 0.1, factor: 2, buckets: 13)
  var defragmentsUnderWay = 0
  var snapSave = Histogram(start: 0.001, factor: 2, buckets: 14)
  // Key space.
  var hash = Histogram(start: 0.01, factor: 2, buckets: 15)
  var hashAtRevision = Histogram(start: 0.01, factor: 2, buckets: 15)
  // Leases.
  var leasesExpired: UInt64 = 0
  // Clients.
  var clientBytesReceived: UInt64 = 0
  var clientBytesSent: UInt64 = 0
  var calls = CallCounters()
  /// Requests by the client's own API version: "unknown" when it sent none.
  var requestsByVersion: [RequestOrigin: UInt64] = [:]

  struct RequestOrigin: Hashable {
    /// "unary" or "stream".
    var kind: String
    var version: String
  }

  struct HealthCheck: Hashable {
    var type: String
    var name: String
  }
  struct HealthCheckCounts {
    var successes: UInt64 = 0
    var errors: UInt64 = 0
    var isHealthy = true
  }

  mutating func count(check name: String, of type: String, isHealthy: Bool) {
    let check = HealthCheck(type: type, name: name)
    healthChecks[check, default: HealthCheckCounts()].isHealthy = isHealthy
    if isHealthy {
      healthChecks[check]?.successes += 1
    } else {
      healthChecks[check]?.errors += 1
    }
  }

  /// Distinct `client-api-version` values that get a line of their own; further ones count as "other".
  static let originsBound = 32

  mutating func countOrigin(_ kind: String, version: String) {
    let origin = RequestOrigin(kind: kind, version: version)
    if requestsByVersion[origin] == nil, requestsByVersion.count >= Self.originsBound {
      requestsByVersion[RequestOrigin(kind: kind, version: "other"), default: 0] += 1
    } else {
      requestsByVersion[origin, default: 0] += 1
    }
  }
}

/// The `grpc_server_*` family: per method, zero-filled from the start.
struct CallCounters {
  struct Line {
    var started: UInt64 = 0
    var received: UInt64 = 0
    var sent: UInt64 = 0
    /// By status code, 0 through 16.
    var handled = [UInt64](repeating: 0, count: 17)
    var handling = Histogram(start: 0.005, factor: 2, buckets: 11)
  }
  /// By the method's place in the table of methods.
  var lines = [Line](repeating: Line(), count: Wire.Method.all.count)
}
