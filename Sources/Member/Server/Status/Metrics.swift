import Base
import CShim
import Doors
import Storage
import Wire

/// What the member counts while it works. Plain fields on the loop thread; the page is made when it is asked for.
///
/// Names and buckets are in the tables of `MetricFamily`.
struct Metrics {
  // Raft and proposals.
  var leaderChanges: UInt64 = 0
  var heartbeatSendFailures: UInt64 = 0
  var proposalsFailed: UInt64 = 0
  var slowApplies: UInt64 = 0
  var slowReadIndexes: UInt64 = 0
  var readIndexesFailed: UInt64 = 0
  var learnerPromotions: UInt64 = 0
  var learnerPromotionFailures: [String: UInt64] = [:]
  var isApplyingSnapshot = false
  // What requests cost the loop.
  var applies = ApplyDurations()
  var ranges = Histogram(.apply)
  // Health pages.
  var healthSuccesses: UInt64 = 0
  var healthFailures: UInt64 = 0
  /// By `livez` or `readyz` and the check's name.
  var healthChecks: [HealthCheck: HealthCheckCounts] = [:]
  /// Times that the metrics page was asked for.
  var scrapes: UInt64 = 0
  /// The allocator's figures, as of then.
  var heap = cshim_heap()
  var heapAskedAt: Instant?
  // Disk.
  var walSync = Histogram(.sync)
  var walWrite = Histogram(.sync)
  var walBytes: UInt64 = 0
  var backendCommit = Histogram(.sync)
  var backendSnapshot = Histogram(.snapshot)
  var backendDefragment = Histogram(.defragmentation)
  var defragmentsUnderWay = 0
  /// A raft snapshot: its encoding on the loop, its file on the disk's thread, and both.
  var snapMarshalling = Histogram(.sync)
  var snapWrite = Histogram(.sync)
  var snapSave = Histogram(.sync)
  /// A whole store received from a leader.
  var snapStoreSync = Histogram(.sync)
  var snapStoreSave = Histogram(.snapshotFile)
  // Key space.
  var hash = Histogram(.hash)
  var hashAtRevision = Histogram(.hash)
  /// Milliseconds that a slice of compaction holds the loop, for rows and for the index, and that all of it takes.
  var compactionPause = Histogram(.compactionPause)
  var indexCompactionPause = Histogram(.indexPause)
  var compactionTotal = Histogram(.compaction)
  var compactionBegan: Instant?
  var lastCompactionSeconds: Int64 = 0
  /// Watches of the v2 API that were asked for.
  var treeWatches: UInt64 = 0
  // Leases.
  var leasesExpired: UInt64 = 0
  var leaseTTLs = Histogram(.leaseTTL)
  // Clients.
  var clientBytesReceived: UInt64 = 0
  var clientBytesSent: UInt64 = 0
  var calls = CallCounters()
  /// Streams whose client broke off, by service.
  var streamFailures: [String: UInt64] = [:]
  /// Requests by the client's own API version: "unknown" when it sent none.
  var requestsByVersion: [RequestOrigin: UInt64] = [:]
  /// The v2 API, by method.
  var pages: [String: PageFigures] = [:]

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

  var sortedHealthChecks: [(key: HealthCheck, value: HealthCheckCounts)] {
    healthChecks.sorted { ($0.key.type, $0.key.name) < ($1.key.type, $1.key.name) }
  }
  var sortedPages: [(key: String, value: PageFigures)] { pages.sorted { $0.key < $1.key } }

  /// A stream ended because what the client sent could not be read. As etcd 3.4: api/v3rpc/watch.go and lease.go.
  mutating func countStreamFailure(_ method: Wire.Method) {
    streamFailures[
      method.name == "LeaseKeepAlive" ? "lease-keepalive" : method.name.lowercased(), default: 0] += 1
  }

  mutating func countOrigin(_ kind: String, version: String) {
    let origin = RequestOrigin(kind: kind, version: version)
    if requestsByVersion[origin] == nil, requestsByVersion.count >= Limits.clientVersions {
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
    var handling = Histogram(.standard)
  }
  /// By the method's place in the table of methods.
  var lines = [Line](repeating: Line(), count: Wire.Method.all.count)
}

/// What is counted of the traffic with one other member.
struct PeerFigures {
  var sentBytes: UInt64 = 0
  var receivedBytes: UInt64 = 0
  var sendFailures: UInt64 = 0
  var receiveFailures: UInt64 = 0
  var roundTrip = Histogram(.roundTrip)
  var isActive = false
  var disconnects: UInt64 = 0
  var snapshotsSent = Transfers()
  var snapshotsReceived = Transfers()

  struct Transfers {
    var successes: UInt64 = 0
    var failures: UInt64 = 0
    var underWay: UInt64 = 0
    var durations = Histogram(.snapshotFile)

    mutating func ended(hasFailed: Bool, took: TimeSpan) {
      underWay = underWay > 0 ? underWay - 1 : 0
      if hasFailed { return failures += 1 }
      successes += 1
      durations.observe(took)
    }
  }
}

/// What is counted of one method of the v2 API.
struct PageFigures {
  var received: UInt64 = 0
  /// By status.
  var failed: [Int: UInt64] = [:]
  var durations = Histogram(.pages)
}
