import Base
import CLMDB
import Glibc

/// One write transaction. It belongs to the thread that began it and ends in `commit` or by being dropped.
struct LMDBWriter: ~Copyable {
  private let environment: LMDBEnvironment
  private let handle: OpaquePointer
  private let rows: OpaquePointer
  private var isOpen = true

  init(_ environment: LMDBEnvironment) throws(BackendError) {
    self.environment = environment
    var begun: OpaquePointer?
    try check(mdb_txn_begin(environment.handle, nil, 0, &begun), "write", environment.path)
    guard let handle = begun else { throw .failed(call: "write", path: environment.path, code: MDB_BAD_TXN) }
    var opened: OpaquePointer?
    let code = mdb_cursor_open(handle, environment.table(.key), &opened)
    guard code == 0, let rows = opened else {
      mdb_txn_abort(handle)
      throw .failed(call: "write", path: environment.path, code: code)
    }
    self.handle = handle
    self.rows = rows
  }

  deinit { if isOpen { mdb_txn_abort(handle) } }

  consuming func commit() throws(BackendError) {
    isOpen = false
    // A cursor of a write transaction must be closed before the transaction ends.
    mdb_cursor_close(rows)
    var code = mdb_txn_commit(handle)
    // A write that the disk took in part only is EIO to LMDB; it is a full disk where there is no room.
    if code == EIO, Self.isFull(environment.path) { code = ENOSPC }
    try check(code, "commit", environment.path)
  }

  /// Whether the file system of `path` has less room than the smallest write takes.
  private static func isFull(_ path: String) -> Bool {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return false }
    return status.f_bavail * status.f_frsize < 64 * 1024
  }

  /// Rows must come in ascending order, above every row of the table.
  func append(_ revision: Revision, isTombstone: Bool, _ record: UnsafeRawBufferPointer) throws(BackendError) {
    var name = RowName(revision, isTombstone: isTombstone)
    let code = withUnsafeBytes(of: &name.bytes) { bytes in
      let count = isTombstone ? RevisionKey.tombstoneLength : RevisionKey.plainLength
      var key = MDB_val(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
      var value = MDB_val(record)
      return mdb_cursor_put(rows, &key, &value, UInt32(MDB_APPEND))
    }
    invariant(code != MDB_KEYEXIST, "row \(revision) is not above the rows of the store")
    try check(code, "write", environment.path)
  }

  /// Rows that are not there are ignored.
  func deleteRow(_ revision: Revision, isTombstone: Bool) throws(BackendError) {
    var name = RowName(revision, isTombstone: isTombstone)
    let code = withUnsafeBytes(of: &name.bytes) { bytes in
      let count = isTombstone ? RevisionKey.tombstoneLength : RevisionKey.plainLength
      var key = MDB_val(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
      return mdb_del(handle, environment.table(.key), &key, nil)
    }
    if code != MDB_NOTFOUND { try check(code, "write", environment.path) }
  }

  func put(_ bucket: Bucket, _ key: Bytes, _ value: Bytes) throws(BackendError) {
    if LongKey.isLong(key) {
      return try put(environment.longTable, LongKey.name(bucket, key), LongKey.pack(key, value))
    }
    try put(environment.table(bucket), key, value)
  }

  private func put(_ table: MDB_dbi, _ key: Bytes, _ value: Bytes) throws(BackendError) {
    let code = key.withValue { k in value.withValue { v in mdb_put(handle, table, &k, &v, 0) } }
    try check(code, "write", environment.path)
  }

  func delete(_ bucket: Bucket, _ key: Bytes) throws(BackendError) {
    let isLong = LongKey.isLong(key)
    let table = isLong ? environment.longTable : environment.table(bucket)
    let code = (isLong ? LongKey.name(bucket, key) : key).withValue { mdb_del(handle, table, &$0, nil) }
    if code != MDB_NOTFOUND { try check(code, "write", environment.path) }
  }

  /// Everything a batch holds.
  func write(_ batch: Batch) throws(BackendError) {
    for row in batch.deletions { try deleteRow(row.revision, isTombstone: row.isTombstone) }
    for row in batch.rows where !batch.hides(row.revision) {
      try append(row.revision, isTombstone: row.isTombstone, row.record)
    }
    for bucket in Bucket.allCases {
      for (key, change) in batch.changes[Int(bucket.rawValue)] {
        switch change {
        case .put(let value): try put(bucket, key.bytes, value)
        case .delete: try delete(bucket, key.bytes)
        }
      }
    }
  }

  /// A pair of a bucket that is filled in ascending order.
  func load(_ bucket: Bucket, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer)
    throws(BackendError)
  {
    if bucket != .key { return try put(bucket, Bytes(key), Bytes(value)) }
    guard let (revision, isTombstone) = RevisionKey.decode(key) else {
      throw .damaged(path: environment.path, rule: "the key \(hex(key)) of a row is no revision")
    }
    try append(revision, isTombstone: isTombstone, value)
  }
}
