import Base
import Wire

/// The bound on the store's size and what requests cost against it.
///
/// As etcd 3.4: etcdserver/quota.go; puts in nested transactions count too, as fixed in 3.5.33. The size is the caller's:
/// this is pure arithmetic. A request that exceeds the quota makes the member raise NOSPACE.
package struct Quota: Sendable {
  /// Nil: no bound.
  package let limitBytes: Int64?

  /// `--quota-backend-bytes`: 0 means 2 GiB, a negative number no quota.
  package init(quotaBackendBytes: Int64) {
    limitBytes =
      quotaBackendBytes < 0 ? nil : quotaBackendBytes == 0 ? Limits.defaultQuotaBytes : quotaBackendBytes
  }

  /// A larger quota gets a warning at start.
  package var exceedsSuggestion: Bool { (limitBytes ?? 0) > Limits.suggestedQuotaBytes }

  /// Whether a request of this cost fits. Without cost everything does: deletes and compactions must pass.
  package func admits(cost: Int, sizeBytes: Int64) -> Bool {
    guard let limitBytes, cost > 0 else { return true }
    return sizeBytes + Int64(cost) < limitBytes
  }

  /// Bytes left; nil without a quota.
  package func remaining(sizeBytes: Int64) -> Int64? { limitBytes.map { $0 - sizeBytes } }

  /// Whether so much is used that operators should hear of it before writes are refused.
  package func isNearlyFull(sizeBytes: Int64) -> Bool {
    guard let limitBytes else { return false }
    return sizeBytes >= limitBytes / 100 * Limits.quotaWarningPercent
  }

  /// Whether so little is used again that an alarm for want of space may end by itself: far enough below the quota that it
  /// does not come back at once.
  package func hasRoomAgain(sizeBytes: Int64) -> Bool {
    guard let limitBytes else { return true }
    return sizeBytes < limitBytes / 100 * Limits.quotaRoomPercent
  }

  package static let leaseCost = 64
  private static let pairOverhead = 256

  package static func cost(_ put: PutRequest) -> Int { pairOverhead + put.key.count + put.value.count }

  /// The dearer of the two branches.
  package static func cost(_ txn: TxnRequest) -> Int { max(cost(txn.success), cost(txn.failure)) }

  private static func cost(_ operations: [RequestOp]) -> Int {
    operations.reduce(0) { sum, operation in
      switch operation.request {
      case .requestPut(let put)?: sum + cost(put)
      case .requestTxn(let txn)?: sum + cost(txn)
      case .requestRange?, .requestDeleteRange?, nil: sum
      }
    }
  }
}
