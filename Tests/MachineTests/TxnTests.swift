import Base
import Testing
import Wire

@testable import Machine

private func compare(
  _ key: String, _ target: Compare.CompareTarget, _ result: Compare.CompareResult,
  _ union: Compare.TargetUnion? = nil, end: Bytes = []
) -> Compare {
  Compare(result: result, target: target, key: key.bytes, targetUnion: union, rangeEnd: end)
}

private let strict = TxnRules(passesOverTopLevelRanges: false, isAnswered: true)

/// a = "1" at revision 2, b = "2" with lease 7 at revision 3, a = "3" at revision 4.
private func filled() -> TestStore {
  let test = TestStore()
  test.leases.known = [7]
  test.put("a", "1")
  test.put("b", "2", lease: 7)
  test.put("a", "3")
  return test
}

@Test func `comparisons look at version, revisions, value and lease`() {
  let store = filled().store
  #expect(store.holds(compare("a", .version, .equal, .version(2))))
  #expect(store.holds(compare("a", .create, .less, .createRevision(3))))
  #expect(store.holds(compare("a", .mod, .greater, .modRevision(3))))
  #expect(store.holds(compare("a", .value, .equal, .value("3".bytes))))
  #expect(store.holds(compare("a", .value, .notEqual, .value("1".bytes))))
  #expect(store.holds(compare("a", .value, .greater, .value("2".bytes))))
  #expect(store.holds(compare("b", .lease, .equal, .lease(7))))
  #expect(store.holds(compare("a", .lease, .equal)))
  #expect(!store.holds(compare("a", .version, .equal, .version(3))))
  // A union that does not fit the target counts as zero.
  #expect(!store.holds(compare("a", .version, .equal, .modRevision(2))))
}

@Test func `a missing key compares as zeros, but never by value`() {
  let store = filled().store
  #expect(store.holds(compare("x", .version, .equal, .version(0))))
  #expect(store.holds(compare("x", .mod, .less, .modRevision(1))))
  #expect(!store.holds(compare("x", .value, .equal, .value([]))))
  #expect(!store.holds(compare("x", .value, .notEqual, .value("1".bytes))))
}

@Test func `a comparison of a range holds when every key does`() {
  let store = filled().store
  #expect(store.holds(compare("a", .create, .greater, .createRevision(1), end: "z".bytes)))
  #expect(!store.holds(compare("a", .version, .equal, .version(2), end: "z".bytes)))
  #expect(store.holds(compare("x", .version, .equal, end: [0])))
  #expect(!store.holds(compare("x", .value, .equal, .value([]), end: [0])))
}

@Test func `writes of a transaction share a revision and later operations see them`() throws {
  let test = filled()
  test.changes = []
  let response = try test.txn(
    TxnRequest(
      compare: [compare("a", .mod, .equal, .modRevision(4))],
      success: [
        op(get: "c"), op(put: "c", "4"), op(get: "c"), op(delete: "a", "c".bytes), op(get: "a", [0]),
      ], failure: [op(put: "never", "")]))
  #expect(response.succeeded && response.header?.revision == 5)
  #expect(test.changes.map(\.revision.sub) == [0, 1, 2])
  guard case .responseRange(let before) = response.responses[0].response,
    case .responsePut(let put) = response.responses[1].response,
    case .responseRange(let after) = response.responses[2].response,
    case .responseDeleteRange(let delete) = response.responses[3].response,
    case .responseRange(let rest) = response.responses[4].response
  else {
    Issue.record("answers of the wrong kind")
    return
  }
  #expect(before.kvs.isEmpty && before.header == ResponseHeader(revision: 4))
  #expect(put.header == ResponseHeader(revision: 5))
  #expect(after.kvs.first?.value == "4".bytes && after.header == ResponseHeader(revision: 5))
  #expect(delete.deleted == 2 && delete.header == ResponseHeader(revision: 5))
  #expect(rest.kvs.map(\.key) == ["c".bytes] && rest.count == 1)
}

@Test func `a transaction without changes makes no revision`() throws {
  let test = filled()
  let response = try test.txn(TxnRequest(success: [op(get: "a"), op(delete: "missing")]))
  #expect(response.header?.revision == 4 && test.store.currentRevision == 4)
}

@Test func `nested branches are chosen before anything is written`() throws {
  let test = filled()
  let inner = TxnRequest(
    compare: [compare("n", .version, .equal, .version(0))], success: [op(put: "m", "then")],
    failure: [op(put: "m", "else")])
  let response = try test.txn(TxnRequest(success: [op(put: "n", "1"), op(txn: inner), op(get: "m")]))
  guard case .responseTxn(let nested) = response.responses[1].response else {
    Issue.record("no nested answer")
    return
  }
  #expect(nested.succeeded && nested.header == ResponseHeader())
  #expect(try test.get("m")?.value == "then".bytes)
  #expect(test.store.currentRevision == 5)
}

@Test func `what may fail is checked on the chosen way before anything is applied`() throws {
  let test = filled()
  let hash = try test.hash()
  func refused(_ operations: [RequestOp]) -> RPCStatus? {
    refusal { () throws(RPCStatus) in try test.txn(TxnRequest(success: operations)) }
  }
  let put = op(put: "x", "1")
  #expect(refused([put, op(get: "a", at: 5)]) == .futureRevision)
  #expect(refused([put, op(get: "a", at: -2)]) == .compacted)
  let keep = PutRequest(key: "missing".bytes, ignoreValue: true)
  #expect(refused([put, RequestOp(request: .requestPut(keep))]) == .keyNotFound)
  let leased = PutRequest(key: "y".bytes, lease: 9)
  #expect(refused([put, RequestOp(request: .requestPut(leased))]) == .leaseNotFound)
  let nested = TxnRequest(success: [op(get: "a", at: 1000)])
  #expect(refused([put, op(txn: nested)]) == .futureRevision)
  try test.compact(3)
  #expect(refused([put, op(get: "a", at: 2)]) == .compacted)
  #expect(test.store.currentRevision == 4 && test.changes.count == 3)
  #expect(try test.get("x") == nil)
  #expect(try test.hash() != hash || test.store.compactRevision == 3)
  // The other branch may hold anything.
  try test.txn(TxnRequest(success: [put], failure: [op(get: "a", at: 1000)]))
}

@Test func `in a mixed cluster a failing range on the top level does not stop the writes`() throws {
  let rules = TxnRules(passesOverTopLevelRanges: true, isAnswered: true)
  let test = filled()
  let request = TxnRequest(success: [op(put: "x", "1"), op(get: "a", at: 1000)])
  #expect(refusal { () throws(RPCStatus) in try test.store.checkRanges(of: request) } == .futureRevision)
  let result = try test.store.txn(request, rules: rules, into: &test.changes)
  #expect(result.rangeError == .futureRevision)
  #expect(try test.get("x")?.value == "1".bytes)
  // A nested range is checked by every member.
  let nested = TxnRequest(success: [op(put: "y", "1"), op(txn: TxnRequest(success: [op(get: "a", at: 1000)]))])
  #expect(
    refusal { () throws(RPCStatus) in _ = try test.store.txn(nested, rules: rules, into: &test.changes) }
      == .futureRevision)
}

@Test func `whether ranges are run for an answer does not change the state`() throws {
  let request = TxnRequest(success: [op(put: "x", "1"), op(get: "a"), op(delete: "b")])
  let asked = filled()
  let unasked = filled()
  try asked.txn(request, rules: strict)
  let response = try unasked.txn(
    request, rules: TxnRules(passesOverTopLevelRanges: false, isAnswered: false))
  #expect(response.responses[1].response == .responseRange(RangeResponse()))
  #expect(try asked.hash() == unasked.hash())
  #expect(asked.changes.map(\.record) == unasked.changes.map(\.record))
}

@Test func `a deletion from a key on and a put behind it may share a transaction`() throws {
  // As etcd 3.4.23 answers: deleted 2, then a new life of the key at the same revision.
  let test = filled()
  let request = TxnRequest(success: [op(delete: "a", [0]), op(put: "b", "x")])
  try RequestChecks.check(request, operationLimit: 128)
  try test.txn(request)
  #expect(
    try test.get("b")
      == KeyValue(key: "b".bytes, createRevision: 5, modRevision: 5, version: 1, value: "x".bytes))
  test.restart()
  #expect(try test.get("b")?.version == 1)
}

@Test func `read-only transactions are told from writing ones`() {
  #expect(TxnRequest(success: [op(get: "a")]).isReadOnly)
  #expect(TxnRequest().isReadOnly && TxnRequest().isSerializable)
  #expect(!TxnRequest(success: [op(get: "a")], failure: [op(put: "a", "")]).isReadOnly)
  #expect(!TxnRequest(success: [op(txn: TxnRequest(failure: [op(delete: "a")]))]).isReadOnly)
  #expect(!TxnRequest(success: [op(get: "a")]).isSerializable)
  let local = RequestOp(request: .requestRange(RangeRequest(key: "a".bytes, serializable: true)))
  #expect(TxnRequest(success: [local]).isSerializable)
}

// MARK: - Checks of requests by themselves

private func refused(_ request: TxnRequest, limit: Int = 128) -> RPCStatus? {
  refusal { () throws(RPCStatus) in try RequestChecks.check(request, operationLimit: limit) }
}

@Test func `requests that break a rule by themselves are refused`() {
  #expect(
    refusal { () throws(RPCStatus) in try RequestChecks.check(RangeRequest()) } == .keyNotProvided)
  #expect(
    refusal { () throws(RPCStatus) in try RequestChecks.check(DeleteRangeRequest()) } == .keyNotProvided)
  #expect(
    refusal { () throws(RPCStatus) in
      try RequestChecks.check(PutRequest(key: [1], value: [1], ignoreValue: true))
    } == .valueProvided)
  #expect(
    refusal { () throws(RPCStatus) in
      try RequestChecks.check(PutRequest(key: [1], lease: 1, ignoreLease: true))
    } == .leaseProvided)
  #expect(refused(TxnRequest(compare: [Compare()])) == .keyNotProvided)
  #expect(refused(TxnRequest(success: [RequestOp()])) == .keyNotFound)
  #expect(refused(TxnRequest(success: [op(put: "", "1")])) == .keyNotProvided)
}

@Test func `a transaction has at most so many operations, nested ones what is left over`() {
  func puts(_ count: Int) -> [RequestOp] { (0..<count).map { op(put: "k\($0)", "") } }
  #expect(refused(TxnRequest(success: puts(128))) == nil)
  #expect(refused(TxnRequest(success: puts(129))) == .tooManyOperations)
  #expect(refused(TxnRequest(failure: puts(129))) == .tooManyOperations)
  #expect(
    refused(TxnRequest(compare: Array(repeating: compare("a", .mod, .equal), count: 129))) == .tooManyOperations
  )
  #expect(refused(TxnRequest(success: [op(txn: TxnRequest(success: puts(127)))])) == nil)
  #expect(refused(TxnRequest(success: [op(txn: TxnRequest(success: puts(128)))])) == .tooManyOperations)
}

@Test func `a key may be written once on each way`() {
  #expect(refused(TxnRequest(success: [op(put: "a", "1"), op(put: "a", "2")])) == .duplicateKey)
  #expect(refused(TxnRequest(success: [op(put: "b", "1"), op(delete: "a", "c".bytes)])) == .duplicateKey)
  #expect(refused(TxnRequest(success: [op(put: "c", "1"), op(delete: "a", "c".bytes)])) == nil)
  #expect(refused(TxnRequest(success: [op(put: "a", "1"), op(delete: "a")])) == .duplicateKey)
  #expect(refused(TxnRequest(success: [op(delete: "a"), op(delete: "a", "c".bytes)])) == nil)
  #expect(refused(TxnRequest(success: [op(put: "a", "1")], failure: [op(put: "a", "2")])) == nil)
  let both = TxnRequest(success: [op(put: "a", "1")], failure: [op(put: "a", "2")])
  #expect(refused(TxnRequest(success: [op(txn: both)])) == nil)
  #expect(refused(TxnRequest(success: [op(txn: both), op(put: "a", "3")])) == .duplicateKey)
  #expect(refused(TxnRequest(success: [op(txn: both), op(txn: both)])) == .duplicateKey)
  #expect(refused(TxnRequest(success: [op(txn: both), op(delete: "a")])) == .duplicateKey)
  let deletes = TxnRequest(failure: [op(delete: "a", "m".bytes), op(delete: "x")])
  #expect(refused(TxnRequest(success: [op(txn: deletes), op(put: "c", "3")])) == .duplicateKey)
  #expect(refused(TxnRequest(success: [op(txn: deletes), op(put: "n", "3"), op(put: "y", "3")])) == nil)
}
