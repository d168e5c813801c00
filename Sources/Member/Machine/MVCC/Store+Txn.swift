import Base
import Wire

// Transactions. Comparisons choose a branch, recursively and before anything is written; then what could fail is
// checked on the chosen way; then the operations run in order and see what earlier ones did.
// As etcd 3.4: etcdserver/apply.go, Txn.

/// How a transaction is to be run.
package struct TxnRules: Equatable, Sendable {
  /// Ranges on the top level are neither checked before writing nor able to stop the writes. This is what members of
  /// 3.1 to 3.6 do that did not propose the transaction (issue 18667); in a cluster with such members every member of
  /// ours must do the same. Without them all members check, and a range that fails fails the whole.
  package var passesOverTopLevelRanges: Bool
  /// Whether somebody waits for the answer; where not, ranges are not run and their answers are left empty.
  package var isAnswered: Bool

  package init(passesOverTopLevelRanges: Bool, isAnswered: Bool) {
    self.passesOverTopLevelRanges = passesOverTopLevelRanges
    self.isAnswered = isAnswered
  }
}

/// What a transaction answers.
package struct TxnResult: Sendable {
  /// Headers carry the revision alone.
  package var response: TxnResponse
  /// Set where the writes were made but a range that nobody was allowed to check before (see `TxnRules`) could not be
  /// answered: the caller gets this error.
  package var rangeError: RPCStatus?
}

extension TxnRequest {
  /// True where no branch, however nested, can write. As etcd 3.4: etcdserver/v3_server.go, isTxnReadonly.
  package var isReadOnly: Bool { (success + failure).allSatisfy(\.isReadOnly) }

  /// True where every operation is a range that may be served locally.
  /// As etcd 3.4: etcdserver/v3_server.go, isTxnSerializable.
  package var isSerializable: Bool {
    (success + failure).allSatisfy {
      guard case .requestRange(let range) = $0.request else { return false }
      return range.serializable
    }
  }
}

extension RequestOp {
  fileprivate var isReadOnly: Bool {
    switch request {
    case .requestRange, nil: true
    case .requestPut, .requestDeleteRange: false
    case .requestTxn(let txn): txn.isReadOnly
    }
  }
}

/// The branches that the comparisons chose.
private struct Way {
  var succeeded: Bool
  /// One for each nested transaction of the branch, in order.
  var nested: [Way]
}

extension Store {
  /// Runs a transaction. Throws with nothing changed.
  package func txn(_ request: TxnRequest, rules: TxnRules, into changes: inout [Change]) throws(RPCStatus)
    -> TxnResult
  {
    let way = way(through: request)
    try check(request, way, passesOverRanges: rules.passesOverTopLevelRanges)
    var run = TxnRun(rules: rules)
    var response = perform(request, way, &run, into: &changes)
    response.header = ResponseHeader(revision: readRevision)
    endTxn()
    return TxnResult(response: response, rangeError: run.rangeError)
  }

  /// The check before a transaction is proposed in a cluster: a range that fails would be noticed by some members of a
  /// mixed cluster only, so it must never get into the log. Puts are left to the application: what they rely on, a lease
  /// granted a moment ago, may not be known here yet.
  package func checkRanges(of request: TxnRequest) throws(RPCStatus) {
    try walk(request, way(through: request)) { (operation: RequestOp, _) throws(RPCStatus) in
      if case .requestRange(let range) = operation.request { try checkRange(range) }
    }
  }

  private func check(_ request: TxnRequest, _ way: Way, passesOverRanges: Bool) throws(RPCStatus) {
    try walk(request, way) { (operation: RequestOp, _) throws(RPCStatus) in
      if case .requestPut(let put) = operation.request { try checkPutInTxn(put) }
    }
    try walk(request, way) { (operation: RequestOp, depth: Int) throws(RPCStatus) in
      guard case .requestRange(let range) = operation.request, depth > 0 || !passesOverRanges else { return }
      try checkRange(range)
    }
  }

  /// The chosen operations that are not transactions themselves, in order.
  private func walk(
    _ request: TxnRequest, _ way: Way, depth: Int = 0, _ visit: (RequestOp, Int) throws(RPCStatus) -> Void
  ) throws(RPCStatus) {
    var nested = way.nested[...]
    for operation in way.succeeded ? request.success : request.failure {
      if case .requestTxn(let inner) = operation.request, let innerWay = nested.popFirst() {
        try walk(inner, innerWay, depth: depth + 1, visit)
      } else {
        try visit(operation, depth)
      }
    }
  }

  /// As etcd 3.4: checkRequestPut. In this order; outside transactions it is the other one.
  private func checkPutInTxn(_ request: PutRequest) throws(RPCStatus) {
    if request.ignoreValue || request.ignoreLease,
      request.key.withUnsafeBytes({ index.current($0) }) == nil
    {
      throw .keyNotFound
    }
    if request.lease != 0, !leases.exists(LeaseID(request.lease)) { throw .leaseNotFound }
  }

  /// As etcd 3.4: checkRequestRange.
  private func checkRange(_ request: RangeRequest) throws(RPCStatus) {
    if request.revision == 0 { return }
    if request.revision > currentRevision { throw .futureRevision }
    if request.revision < compactRevision { throw .compacted }
  }
}

// MARK: - Comparing

extension Store {
  private func way(through request: TxnRequest) -> Way {
    let succeeded = request.compare.allSatisfy { holds($0) }
    var nested: [Way] = []
    for operation in succeeded ? request.success : request.failure {
      if case .requestTxn(let inner) = operation.request { nested.append(way(through: inner)) }
    }
    return Way(succeeded: succeeded, nested: nested)
  }

  /// True where every key of the range holds; a range without keys is compared as a key of zeros, except that no
  /// value compares with a missing one.
  func holds(_ compare: Compare) -> Bool {
    var isEmpty = true
    var holds = true
    counters.ranges += 1
    index.forEach(KeyRange(compare.key, compare.rangeEnd), at: nil) { found in
      isEmpty = false
      holds = self.holds(compare, found.state, isLeased: found.isLeased)
      return holds
    }
    if !isEmpty { return holds }
    if compare.target == .value { return false }
    return Self.holds(compare.result, Self.order(0, compare.number))
  }

  private func holds(_ compare: Compare, _ state: KeyState, isLeased: Bool) -> Bool {
    let order: Int
    switch compare.target {
    case .version: order = Self.order(state.version, compare.number)
    case .create: order = Self.order(state.created, compare.number)
    case .mod: order = Self.order(state.modified.main, compare.number)
    case .value: order = valueOrder(state.modified, compare.bytes)
    case .lease: order = Self.order(isLeased ? lease(at: state.modified) : 0, compare.number)
    case .unrecognized: order = 0
    }
    return Self.holds(compare.result, order)
  }

  private func valueOrder(_ revision: Revision, _ other: Bytes) -> Int {
    var order = 0
    withRow(at: revision) { record in
      order = other.withUnsafeBytes { compareBytes(StoredRecord(record).value, $0) }
    }
    return order
  }

  private func lease(at revision: Revision) -> Int64 {
    var lease: Int64 = 0
    withRow(at: revision) { lease = StoredRecord($0).lease.rawValue }
    return lease
  }

  private static func order(_ a: Int64, _ b: Int64) -> Int { a == b ? 0 : a < b ? -1 : 1 }

  private static func holds(_ result: Compare.CompareResult, _ order: Int) -> Bool {
    switch result {
    case .equal: order == 0
    case .notEqual: order != 0
    case .greater: order > 0
    case .less: order < 0
    case .unrecognized: true
    }
  }
}

extension Compare {
  /// The number to compare with; 0 where the union holds something else than the target says.
  fileprivate var number: Int64 {
    switch (target, targetUnion) {
    case (.version, .version(let number)), (.create, .createRevision(let number)),
      (.mod, .modRevision(let number)), (.lease, .lease(let number)):
      number
    default: 0
    }
  }

  fileprivate var bytes: Bytes {
    if case .value(let bytes) = targetUnion { return bytes }
    return []
  }
}

// MARK: - Performing

private struct TxnRun {
  var rules: TxnRules
  var rangeError: RPCStatus?
}

extension Store {
  private func perform(
    _ request: TxnRequest, _ way: Way, _ run: inout TxnRun, into changes: inout [Change]
  ) -> TxnResponse {
    var nested = way.nested[...]
    var responses: [ResponseOp] = []
    let operations = way.succeeded ? request.success : request.failure
    responses.reserveCapacity(operations.count)
    for operation in operations {
      var response = ResponseOp()
      switch operation.request {
      case .requestRange(let range): response.response = .responseRange(performRange(range, &run))
      case .requestPut(let put): response.response = .responsePut(performPut(put, into: &changes))
      case .requestDeleteRange(let delete):
        response.response = .responseDeleteRange(performDelete(delete, into: &changes))
      case .requestTxn(let inner):
        guard let innerWay = nested.popFirst() else { broken("a nested transaction without its way") }
        var answer = perform(inner, innerWay, &run, into: &changes)
        answer.header = ResponseHeader()
        response.response = .responseTxn(answer)
      case nil: break
      }
      responses.append(response)
    }
    return TxnResponse(succeeded: way.succeeded, responses: responses)
  }

  private func performRange(_ request: RangeRequest, _ run: inout TxnRun) -> RangeResponse {
    guard run.rules.isAnswered else { return RangeResponse() }
    do throws(RPCStatus) {
      return try range(request)
    } catch {
      run.rangeError = run.rangeError ?? error
      return RangeResponse()
    }
  }

  private func performPut(_ request: PutRequest, into changes: inout [Change]) -> PutResponse {
    let previous = putInTxn(request, into: &changes)
    return PutResponse(
      header: ResponseHeader(revision: readRevision),
      prevKv: previous.map { $0.withUnsafeBytes { StoredRecord($0).decoded } })
  }

  private func performDelete(_ request: DeleteRangeRequest, into changes: inout [Change]) -> DeleteRangeResponse
  {
    let result = deleteInTxn(request, into: &changes)
    return DeleteRangeResponse(
      header: ResponseHeader(revision: result.revision), deleted: result.deleted,
      prevKvs: result.previous.map { $0.withUnsafeBytes { StoredRecord($0).decoded } })
  }
}
