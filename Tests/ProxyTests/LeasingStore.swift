import Base
import Wire

@testable import Proxy

/// A store as far as leasing needs one: transactions, leases that end, and every change in order.
final class LeasingStore {
  private(set) var revision: Int64 = 1
  private(set) var pairs: [Key: KeyValue] = [:]
  /// Every change: the key, what it holds since, and the revision.
  private(set) var changes: [(key: Key, pair: KeyValue?, revision: Int64)] = []
  private var leases: Set<Int64> = []

  func grant(_ lease: Int64) { leases.insert(lease) }

  func expire(_ lease: Int64) {
    leases.remove(lease)
    let attached = pairs.values.filter { $0.lease == lease }.map { Key($0.key) }
    guard !attached.isEmpty else { return }
    revision += 1
    for key in attached.sorted() { change(key, nil, revision) }
  }

  private func change(_ key: Key, _ pair: KeyValue?, _ revision: Int64) {
    pairs[key] = pair
    changes.append((key, pair, revision))
  }

  /// Nil where a lease is not there, or an operation is not allowed.
  func apply(_ txn: TxnRequest) -> TxnResponse? {
    guard isAllowed(txn) else { return nil }
    let next = revision + 1
    var wrote = false
    var reply = run(txn, next, &wrote)
    if wrote { revision = next }
    reply.header = ResponseHeader(revision: revision)
    return reply
  }

  private func isAllowed(_ txn: TxnRequest) -> Bool {
    guard txn.operationCost <= Limits.leasingTxnOperations else { return false }
    return (txn.success + txn.failure).allSatisfy { operation in
      switch operation.request {
      case .requestPut(let put)?: put.lease == 0 || leases.contains(put.lease)
      case .requestTxn(let inner)?: isAllowed(inner)
      default: true
      }
    }
  }

  private func run(_ txn: TxnRequest, _ next: Int64, _ wrote: inout Bool) -> TxnResponse {
    let holds = txn.compare.allSatisfy { compare in
      let range = KeyRange(compare.key, compare.rangeEnd)
      let found = matching(range)
      return found.isEmpty
        ? compare.holds(for: nil) == true : found.allSatisfy { compare.holds(for: $0) == true }
    }
    var reply = TxnResponse(succeeded: holds)
    for operation in holds ? txn.success : txn.failure {
      switch operation.request {
      case .requestRange(let range)?:
        let found = matching(KeyRange(range.key, range.rangeEnd))
        reply.responses.append(
          ResponseOp(response: .responseRange(RangeResponse(kvs: found, count: Int64(found.count)))))
      case .requestPut(let put)?:
        wrote = true
        let old = pairs[Key(put.key)]
        change(Key(put.key), LeasingChange.put(put).applied(to: old, at: next), next)
        reply.responses.append(ResponseOp(response: .responsePut(PutResponse(prevKv: old))))
      case .requestDeleteRange(let delete)?:
        let found = matching(KeyRange(delete.key, delete.rangeEnd))
        if !found.isEmpty { wrote = true }
        for pair in found { change(Key(pair.key), nil, next) }
        let deleted = DeleteRangeResponse(deleted: Int64(found.count), prevKvs: found)
        reply.responses.append(ResponseOp(response: .responseDeleteRange(deleted)))
      case .requestTxn(let inner)?:
        reply.responses.append(ResponseOp(response: .responseTxn(run(inner, next, &wrote))))
      case nil: break
      }
    }
    return reply
  }

  func matching(_ range: KeyRange) -> [KeyValue] {
    pairs.filter { range.overlaps(KeyRange($0.key.bytes, [])) }.sorted { $0.key < $1.key }.map { $0.value }
  }
}
