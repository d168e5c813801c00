import Base
import Storage
import Wire

// Writing. A caller outside gives whole requests, each a transaction of its own; `Store+Txn` runs several operations
// in one. Every operation appends what it changed to `changes`, ready for the watchers.

/// What a put answers.
package struct PutResult: Equatable, Sendable {
  /// The header's revision.
  package var revision: Int64
  /// The replaced record, encoded, where the request asked for it and there was one.
  package var previous: Bytes?
}

/// What a deletion answers.
package struct DeleteResult: Equatable, Sendable {
  package var revision: Int64
  package var deleted: Int64
  /// The deleted records, encoded, in order of their keys, where the request asked for them.
  package var previous: [Bytes]
}

extension Store {
  /// Puts one key. Errors: the lease does not exist; a previous value or lease is to be kept and there is none.
  package func put(_ request: PutRequest, into changes: inout [Change]) throws(RPCStatus) -> PutResult {
    try checkPut(request)
    let previous = putInTxn(request, into: &changes)
    endTxn()
    return PutResult(revision: currentRevision, previous: previous)
  }

  /// Deletes a range. The revision stays where nothing was there.
  package func deleteRange(_ request: DeleteRangeRequest, into changes: inout [Change]) -> DeleteResult {
    let result = deleteInTxn(request, into: &changes)
    endTxn()
    return result
  }

  /// Deletes these keys in bytewise order in one transaction, as the end of a lease does. Missing keys are passed over.
  /// As etcd 3.4: lease/lessor.go, Revoke.
  @discardableResult
  package func delete(keys: [Key], into changes: inout [Change]) -> Int64 {
    for key in keys.sorted() {
      txnOperations += 1
      counters.deletes += 1
      deleteKey(key.bytes, into: &changes)
    }
    endTxn()
    return currentRevision
  }

  /// Ends the transaction under way: its changes, if any, become the newest revision.
  func endTxn() {
    if txnChanges > 0 { currentRevision += 1 }
    if txnOperations > 1 { counters.txns += 1 }
    txnChanges = 0
    txnOperations = 0
  }

  /// What must hold before a put is applied. As etcd 3.4: etcdserver/apply.go, Put and checkRequestPut.
  func checkPut(_ request: PutRequest) throws(RPCStatus) {
    if request.lease != 0, !leases.exists(LeaseID(request.lease)) { throw .leaseNotFound }
    guard request.ignoreValue || request.ignoreLease else { return }
    if request.key.withUnsafeBytes({ index.current($0) }) == nil { throw .keyNotFound }
  }

  /// Puts one key inside the transaction under way; answers the replaced record where the request asks for it.
  func putInTxn(_ request: PutRequest, into changes: inout [Change]) -> Bytes? {
    var value = request.value
    var lease = LeaseID(request.lease)
    var previousRecord: Bytes?
    if request.ignoreValue || request.ignoreLease || request.prevKv {
      previousRecord = currentRecord(request.key)
      if request.ignoreValue || request.ignoreLease {
        let previous = previousRecord.map { $0.withUnsafeBytes { StoredRecord($0).decoded } }
        if request.ignoreValue { value = previous?.value ?? [] }
        if request.ignoreLease { lease = LeaseID(previous?.lease ?? 0) }
      }
    }
    put(request.key, value, lease, into: &changes)
    counters.puts += 1
    txnOperations += 1
    return request.prevKv ? previousRecord : nil
  }

  private func put(_ key: Bytes, _ value: Bytes, _ lease: LeaseID, into changes: inout [Change]) {
    let revision = Revision(main: currentRevision + 1, sub: Int64(txnChanges))
    let outcome = key.withUnsafeBytes { index.put($0, at: revision, isLeased: lease != .none) }
    let record = KeyValue(
      key: key, createRevision: outcome.created, modRevision: revision.main, version: outcome.version,
      value: value, lease: lease.rawValue
    ).encoded()
    if outcome.wasLeased, let previous = outcome.previous { detach(key, recordAt: previous) }
    if lease != .none { leases.attach(lease, key: Key(key)) }
    backend.appendRow(revision, isTombstone: false, record: record)
    changes.append(
      Change(
        revision: revision, isDelete: false, isCreate: outcome.created == revision.main, key: key,
        record: record))
    counters.putBytes += UInt64(key.count + value.count)
    txnChanges += 1
  }

  /// Deletes a range inside the transaction under way.
  func deleteInTxn(_ request: DeleteRangeRequest, into changes: inout [Change]) -> DeleteResult {
    var keys: [Bytes] = []
    index.forEach(KeyRange(request.key, request.rangeEnd), at: nil) { found in
      keys.append(Bytes(found.key))
      return true
    }
    var previous: [Bytes] = []
    if request.prevKv { previous = keys.compactMap { currentRecord($0) } }
    for key in keys { deleteKey(key, into: &changes) }
    counters.deletes += 1
    txnOperations += 1
    return DeleteResult(revision: readRevision, deleted: Int64(keys.count), previous: previous)
  }

  private func deleteKey(_ key: Bytes, into changes: inout [Change]) {
    let revision = Revision(main: currentRevision + 1, sub: Int64(txnChanges))
    guard let ended = key.withUnsafeBytes({ index.tombstone($0, at: revision) }) else { return }
    if ended.wasLeased { detach(key, recordAt: ended.previous) }
    backend.appendRow(revision, isTombstone: true, record: KeyValue(key: key).encoded())
    changes.append(Self.deletion(of: key, at: revision))
    txnChanges += 1
  }

  /// A deletion as watchers see it: the row holds the key alone, the event its revision too.
  /// As etcd 3.4: mvcc/watchable_store.go, kvsToEvents.
  static func deletion(of key: Bytes, at revision: Revision) -> Change {
    let record = KeyValue(key: key, modRevision: revision.main).encoded()
    return Change(revision: revision, isDelete: true, isCreate: false, key: key, record: record)
  }

  private func detach(_ key: Bytes, recordAt revision: Revision) {
    var lease = LeaseID.none
    withRow(at: revision) { lease = StoredRecord($0).lease }
    invariant(lease != .none, "the record at \(revision) is indexed with a lease and has none")
    leases.detach(lease, key: Key(key))
  }

  /// The key's newest record; nil where the key does not exist.
  func currentRecord(_ key: Bytes) -> Bytes? {
    guard let state = key.withUnsafeBytes({ index.current($0) }) else { return nil }
    return record(at: state.modified)
  }

  func record(at revision: Revision) -> Bytes {
    var record: Bytes = []
    withRow(at: revision) { record = Bytes($0) }
    return record
  }

  /// A row that the index names; it must be there.
  @inline(__always)
  func withRow(at revision: Revision, _ body: (UnsafeRawBufferPointer) -> Void) {
    let isThere = backend.row(at: revision) { record, _ in body(record) }
    invariant(isThere, "the index names \(revision), the backend has no such row")
  }
}
