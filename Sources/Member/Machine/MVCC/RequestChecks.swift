import Base
import Wire

/// What is refused before it gets anywhere: rules that a request breaks by itself, whatever the store holds.
/// As etcd 3.4: etcdserver/api/v3rpc/key.go.
package enum RequestChecks {
  package static func check(_ request: RangeRequest) throws(RPCStatus) {
    if request.key.isEmpty { throw .keyNotProvided }
  }

  package static func check(_ request: PutRequest) throws(RPCStatus) {
    if request.key.isEmpty { throw .keyNotProvided }
    if request.ignoreValue, !request.value.isEmpty { throw .valueProvided }
    if request.ignoreLease, request.lease != 0 { throw .leaseProvided }
  }

  package static func check(_ request: DeleteRangeRequest) throws(RPCStatus) {
    if request.key.isEmpty { throw .keyNotProvided }
  }

  /// A transaction with everything nested in it. A nested one may have as many operations as the outer left over.
  package static func check(_ request: TxnRequest, operationLimit: Int) throws(RPCStatus) {
    try checkOperations(request, limit: operationLimit)
    // After the limits, so that the work here is bounded.
    _ = try writes(of: request.success)
    _ = try writes(of: request.failure)
  }

  private static func checkOperations(_ request: TxnRequest, limit: Int) throws(RPCStatus) {
    let operations = max(request.compare.count, request.success.count, request.failure.count)
    if operations > limit { throw .tooManyOperations }
    for compare in request.compare where compare.key.isEmpty { throw .keyNotProvided }
    for operation in request.success { try check(operation, limit: limit - operations) }
    for operation in request.failure { try check(operation, limit: limit - operations) }
  }

  private static func check(_ operation: RequestOp, limit: Int) throws(RPCStatus) {
    switch operation.request {
    case .requestRange(let range): try check(range)
    case .requestPut(let put): try check(put)
    case .requestDeleteRange(let delete): try check(delete)
    case .requestTxn(let txn): try checkOperations(txn, limit: limit)
    case nil: throw .keyNotFound
    }
  }

  // MARK: Duplicate keys

  /// What one list of operations may write.
  private struct Writes {
    var puts: Set<Key> = []
    var deletes = DeletedRanges()
  }

  /// Refuses a list in which a key is put twice, or put and deleted. Deletes may overlap; the two branches of a nested
  /// transaction exclude each other and may write the same. As etcd 3.4: checkIntervals.
  private static func writes(of operations: [RequestOp]) throws(RPCStatus) -> Writes {
    var all = Writes()
    for case .requestDeleteRange(let delete)? in operations.map(\.request) {
      all.deletes.insert(delete.key, delete.rangeEnd)
    }
    for case .requestTxn(let txn)? in operations.map(\.request) {
      let success = try writes(of: txn.success)
      let failure = try writes(of: txn.failure)
      for key in success.puts { try add(key, to: &all) }
      for key in failure.puts where !success.puts.contains(key) { try add(key, to: &all) }
      all.deletes.insert(success.deletes)
      all.deletes.insert(failure.deletes)
    }
    for case .requestPut(let put)? in operations.map(\.request) { try add(Key(put.key), to: &all) }
    return all
  }

  private static func add(_ key: Key, to writes: inout Writes) throws(RPCStatus) {
    if writes.deletes.contains(key) { throw .duplicateKey }
    if !writes.puts.insert(key).inserted { throw .duplicateKey }
  }
}

/// The ranges that a list of operations deletes, merged when somebody asks.
private struct DeletedRanges {
  private struct Stretch {
    var from: Key
    var before: Key
  }
  private var stretches: [Stretch] = []
  private var isMerged = true

  /// A range end of one zero byte is taken as it is, so that the range is empty: etcd 3.4 does not see that a deletion
  /// "from key on" overlaps a put, and neither may we, since clients rely on such a transaction being accepted.
  mutating func insert(_ key: Bytes, _ rangeEnd: Bytes) {
    let before = rangeEnd.isEmpty ? Key(key + [0]) : Key(rangeEnd)
    if Key(key) < before { add(Stretch(from: Key(key), before: before)) }
  }

  mutating func insert(_ other: DeletedRanges) { for stretch in other.stretches { add(stretch) } }

  private mutating func add(_ stretch: Stretch) {
    stretches.append(stretch)
    isMerged = false
  }

  mutating func contains(_ key: Key) -> Bool {
    merge()
    var low = 0
    var high = stretches.count
    while low < high {
      let middle = (low + high) / 2
      if stretches[middle].from <= key { low = middle + 1 } else { high = middle }
    }
    return low > 0 && key < stretches[low - 1].before
  }

  private mutating func merge() {
    if isMerged { return }
    isMerged = true
    stretches.sort { $0.from < $1.from }
    var merged: [Stretch] = []
    for stretch in stretches {
      if let last = merged.last, stretch.from <= last.before {
        merged[merged.count - 1].before = max(last.before, stretch.before)
      } else {
        merged.append(stretch)
      }
    }
    stretches = merged
  }
}
