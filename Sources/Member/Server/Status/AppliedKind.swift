import Base
import Doors
import Machine

/// What kind of entry was applied, as the histogram of applies names it.
enum AppliedKind: Int, CaseIterable {
  case put, deleteRange, txn, compaction, leaseGrant, leaseRevoke, alarm, other, failed, v2

  init(_ answer: Answer) {
    switch answer {
    case .put: self = .put
    case .deleteRange: self = .deleteRange
    case .txn: self = .txn
    case .compaction: self = .compaction
    case .leaseGrant: self = .leaseGrant
    case .leaseRevoke: self = .leaseRevoke
    case .alarm: self = .alarm
    case .v2: self = .v2
    case .failed: self = .failed
    default: self = .other
    }
  }

  /// The words of etcd 3.5: etcdserver/apply.go, Apply. What a failed request was is not told apart.
  var labels: String {
    let (version, operation) =
      switch self {
      case .put: ("v3", "Put")
      case .deleteRange: ("v3", "DeleteRange")
      case .txn: ("v3", "Txn")
      case .compaction: ("v3", "Compaction")
      case .leaseGrant: ("v3", "LeaseGrant")
      case .leaseRevoke: ("v3", "LeaseRevoke")
      case .alarm: ("v3", "Alarm")
      case .other, .failed: ("v3", "unknown")
      case .v2: ("v2", "unknown")
      }
    return "op=\"\(operation)\",success=\"\(self != .failed)\",version=\"\(version)\""
  }
}

/// Times of applied entries by kind.
struct ApplyDurations {
  private var histograms = AppliedKind.allCases.map { _ in Histogram(.apply) }

  subscript(kind: AppliedKind) -> Histogram { histograms[kind.rawValue] }

  mutating func observe(_ kind: AppliedKind, _ took: TimeSpan) { histograms[kind.rawValue].observe(took) }
}
