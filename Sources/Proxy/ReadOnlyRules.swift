import Base
import HTTP
import Wire

/// What a readonly proxy lets through: what only reads.
package enum ReadOnlyRules {
  package enum Verdict: Equatable, Sendable {
    case pass
    /// Only if the transaction in its body does nothing but read.
    case passReadingTxn
    case refuse
  }

  /// gRPC's words for a refusal; the code is PERMISSION_DENIED.
  package static let refusal = "etcdproxy: readonly"
  package static let refusalCode = 7

  private static let readers: Set<String> = [
    "/etcdserverpb.KV/Range", "/etcdserverpb.Watch/Watch", "/etcdserverpb.Lease/LeaseTimeToLive",
    "/etcdserverpb.Lease/LeaseLeases", "/etcdserverpb.Cluster/MemberList", "/etcdserverpb.Maintenance/Status",
    "/etcdserverpb.Maintenance/Hash", "/etcdserverpb.Maintenance/HashKV",
  ]
  private static let txn = "/etcdserverpb.KV/Txn"

  /// A call of gRPC by its path.
  package static func verdict(call path: String) -> Verdict {
    readers.contains(path) ? .pass : path == txn ? .passReadingTxn : .refuse
  }

  /// Whether doing this call twice is as good as once: one message in, one out, and nothing changed.
  package static func isSafe(call path: String) -> Bool {
    readers.contains(path) && path != "/etcdserverpb.Watch/Watch"
  }

  /// A path of the JSON gateway; nil where it is none. The path is compared as it was sent: what is encoded in an odd way
  /// is not let through.
  package static func verdict(gateway path: String) -> Verdict? {
    guard path.hasPrefix("/v3/") || path.hasPrefix("/v3beta/") else { return nil }
    return method(gateway: path).map { verdict(call: $0.path) } ?? .refuse
  }

  package static func isSafe(gateway path: String) -> Bool {
    method(gateway: path).map { isSafe(call: $0.path) } ?? false
  }

  private static func method(gateway path: String) -> Wire.Method? {
    Wire.Method.atGateway(path.hasPrefix("/v3beta/") ? "/v3/" + path.dropFirst("/v3beta/".count) : path)
  }

  /// Whether a transaction does nothing but read, in whichever branch.
  package static func onlyReads(_ txn: TxnRequest) -> Bool {
    (txn.success + txn.failure).allSatisfy { operation in
      switch operation.request {
      case .requestRange: true
      case .requestTxn(let inner): onlyReads(inner)
      case .requestPut, .requestDeleteRange, nil: false
      }
    }
  }
}
