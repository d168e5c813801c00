import Base
import Storage
import Wire

@testable import Machine

/// Leases as the store sees them, and what it told them.
final class TestLeases: LeaseBook {
  var known: Set<Int64> = []
  var attached: [Key: LeaseID] = [:]
  func exists(_ id: LeaseID) -> Bool { known.contains(id.rawValue) }
  func attach(_ id: LeaseID, key: Key) { attached[key] = id }
  func detach(_ id: LeaseID, key: Key) { if attached[key] == id { attached[key] = nil } }
}

/// A store in memory with short ways to use it.
final class TestStore {
  let leases = TestLeases()
  private(set) var backend: MemoryBackend
  private(set) var store: Store
  var changes: [Change] = []

  init() {
    backend = MemoryBackend()
    store = Store(backend: backend, leases: leases)
  }

  /// Another start over what is durable.
  func restart() {
    leases.attached = [:]
    backend.commitAndWait()
    backend = backend.reopened()
    store = Store(backend: backend, leases: leases)
  }

  @discardableResult
  func put(_ key: String, _ value: String, lease: Int64 = 0) -> Int64 {
    guard
      let result = try? store.put(
        PutRequest(key: key.bytes, value: value.bytes, lease: lease), into: &changes)
    else { return -1 }
    return result.revision
  }

  @discardableResult
  func delete(_ key: String, _ end: Bytes = []) -> Int64 {
    store.deleteRange(DeleteRangeRequest(key: key.bytes, rangeEnd: end), into: &changes).deleted
  }

  @discardableResult
  func txn(_ request: TxnRequest, rules: TxnRules = .init(passesOverTopLevelRanges: false, isAnswered: true))
    throws(RPCStatus) -> TxnResponse
  {
    try store.txn(request, rules: rules, into: &changes).response
  }

  /// The answer through both ways out, which must agree.
  func range(_ request: RangeRequest) throws(RPCStatus) -> RangeResponse {
    let response = try store.range(request)
    var output = ByteWriter()
    try store.appendRangeResponse(request, header: ResponseHeader(), to: &output)
    invariant(output.bytes == response.encoded(), "the two answers to a range differ")
    return response
  }

  func get(_ key: String, at revision: Int64 = 0) throws(RPCStatus) -> KeyValue? {
    try range(RangeRequest(key: key.bytes, revision: revision)).kvs.first
  }

  func hash(_ revision: Int64 = 0) throws(RPCStatus) -> UInt32 {
    try HashComputation(store: store, revision: revision).finish().hash
  }

  /// Compacts and finishes the work.
  func compact(_ revision: Int64) throws(RPCStatus) {
    try store.compact(at: revision)
    store.finishCompactions()
  }

  /// The revisions of all rows in the backend.
  var rows: [Revision] {
    var rows: [Revision] = []
    backend.scanRows(from: Revision(main: 0), through: Revision(main: .max, sub: .max)) { revision, _, _ in
      rows.append(revision)
      return true
    }
    return rows
  }
}

/// The error that `body` throws.
func refusal(_ body: () throws(RPCStatus) -> Void) -> RPCStatus? {
  do throws(RPCStatus) {
    try body()
    return nil
  } catch { return error }
}

func op(put key: String, _ value: String) -> RequestOp {
  RequestOp(request: .requestPut(PutRequest(key: key.bytes, value: value.bytes)))
}
func op(delete key: String, _ end: Bytes = []) -> RequestOp {
  RequestOp(request: .requestDeleteRange(DeleteRangeRequest(key: key.bytes, rangeEnd: end)))
}
func op(get key: String, _ end: Bytes = [], at revision: Int64 = 0) -> RequestOp {
  RequestOp(request: .requestRange(RangeRequest(key: key.bytes, rangeEnd: end, revision: revision)))
}
func op(txn request: TxnRequest) -> RequestOp { RequestOp(request: .requestTxn(request)) }
