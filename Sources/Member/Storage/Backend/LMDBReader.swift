import Base
import CLMDB
import Synchronization

/// A read transaction with a cursor on the key table. It can be put to rest and woken again, which costs
/// a sixth of a microsecond. Used by one thread at a time.
///
/// What LMDB cannot answer at all (a damaged page, say) breaks an invariant: nothing true could be said.
final class LMDBReader {
  let environment: LMDBEnvironment
  let handle: OpaquePointer
  private let rows: OpaquePointer
  private var isResting = false
  /// The row that the cursor stands on, when `row(at:)` put it there.
  private var standsOn: Revision?

  init(_ environment: LMDBEnvironment) throws(BackendError) {
    self.environment = environment
    var begun: OpaquePointer?
    try check(mdb_txn_begin(environment.handle, nil, UInt32(MDB_RDONLY), &begun), "read", environment.path)
    guard let handle = begun else { throw .failed(call: "read", path: environment.path, code: MDB_BAD_TXN) }
    var opened: OpaquePointer?
    let code = mdb_cursor_open(handle, environment.table(.key), &opened)
    guard code == 0, let rows = opened else {
      mdb_txn_abort(handle)
      throw .failed(call: "read", path: environment.path, code: code)
    }
    self.handle = handle
    self.rows = rows
    Self.count.add(1, ordering: .relaxed)
  }

  /// Readers of this process that exist; for metrics.
  static let count = Atomic(0)

  deinit {
    Self.count.subtract(1, ordering: .relaxed)
    mdb_cursor_close(rows)
    mdb_txn_abort(handle)
  }

  /// Lets go of the frozen state, so that its pages can be used again.
  func rest() {
    if isResting { return }
    mdb_txn_reset(handle)
    isResting = true
    standsOn = nil
  }

  private func wake() {
    if !isResting { return }
    expect(mdb_txn_renew(handle))
    expect(mdb_cursor_renew(handle, rows))
    isResting = false
  }

  /// The row at `revision`. A plain key and a tombstone's differ by a last letter, so the first key not below
  /// the plain one is the one or the other.
  func row(at revision: Revision) -> (record: UnsafeRawBufferPointer, isTombstone: Bool)? {
    if let next = nextRow(ifAt: revision) { return next }
    var found: (UnsafeRawBufferPointer, Bool)?
    seek(from: revision) { key, value in
      if key.revision == revision { found = (value, key.isTombstone) }
      return false
    }
    standsOn = found == nil ? nil : revision
    return found
  }

  /// Keys that were written one after another are often read so: then their rows are neighbours, and a step costs a small
  /// part of a search.
  private func nextRow(ifAt revision: Revision) -> (record: UnsafeRawBufferPointer, isTombstone: Bool)? {
    guard let last = standsOn, revision.follows(last), !isResting else { return nil }
    var key = MDB_val()
    var value = MDB_val()
    standsOn = nil
    guard mdb_cursor_get(rows, &key, &value, MDB_NEXT) == 0, let found = RevisionKey.decode(key.bytes),
      found.revision == revision
    else { return nil }
    standsOn = revision
    return (value.bytes, found.isTombstone)
  }

  /// Visits rows with `from <= revision`, ascending, until `visit` answers false.
  func seek(
    from: Revision,
    _ visit: (
      _ key: (revision: Revision, isTombstone: Bool), _ record: UnsafeRawBufferPointer
    ) -> Bool
  ) {
    wake()
    standsOn = nil
    var name = RowName(from)
    withUnsafeBytes(of: &name.bytes) { bytes in
      var key = MDB_val(UnsafeRawBufferPointer(rebasing: bytes[..<RevisionKey.plainLength]))
      var value = MDB_val()
      var code = mdb_cursor_get(rows, &key, &value, MDB_SET_RANGE)
      while code == 0 {
        guard let decoded = RevisionKey.decode(key.bytes) else {
          broken("a row's key is no revision: \(hex(key.bytes))")
        }
        if !visit(decoded, value.bytes) { return }
        code = mdb_cursor_get(rows, &key, &value, MDB_NEXT)
      }
      invariant(code == MDB_NOTFOUND, "the store cannot be read: \(BackendError.text(of: code))")
    }
  }

  /// The greatest revision stored.
  var lastRevision: Revision? {
    wake()
    standsOn = nil
    var key = MDB_val()
    var value = MDB_val()
    let code = mdb_cursor_get(rows, &key, &value, MDB_LAST)
    if code == MDB_NOTFOUND { return nil }
    expect(code)
    return RevisionKey.decode(key.bytes)?.revision
  }

  func get(_ bucket: Bucket, _ key: Bytes) -> Bytes? {
    wake()
    if LongKey.isLong(key) {
      return value(environment.longTable, LongKey.name(bucket, key)).map { LongKey.unpack($0).value }
    }
    return value(environment.table(bucket), key).map { Bytes($0) }
  }

  private func value(_ table: MDB_dbi, _ key: Bytes) -> UnsafeRawBufferPointer? {
    if key.isEmpty { return nil }
    var value = MDB_val()
    let code = key.withValue { mdb_get(handle, table, &$0, &value) }
    if code == MDB_NOTFOUND { return nil }
    expect(code)
    return value.bytes
  }

  /// Visits the pairs of a bucket behind `after`, ascending, until `visit` answers false.
  func scan(
    _ bucket: Bucket, after: Bytes?,
    _ visit: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
  ) {
    wake()
    let long = bucket == .key ? [] : longPairs(bucket)
    if long.isEmpty { return scanTable(environment.table(bucket), after: after, visit) }
    var pairs = long
    scanTable(environment.table(bucket), after: nil) { key, value in
      pairs.append((Bytes(key), Bytes(value)))
      return true
    }
    for (key, value) in pairs.sorted(by: { compareBytes($0.key, $1.key) < 0 }) {
      if let after, compareBytes(key, after) <= 0 { continue }
      if !key.withUnsafeBytes({ k in value.withUnsafeBytes { v in visit(k, v) } }) { return }
    }
  }

  private func longPairs(_ bucket: Bucket) -> [(key: Bytes, value: Bytes)] {
    var pairs: [(Bytes, Bytes)] = []
    scanTable(environment.longTable, after: [bucket.rawValue]) { name, packed in
      guard name[0] == bucket.rawValue else { return false }
      pairs.append(LongKey.unpack(packed))
      return true
    }
    return pairs
  }

  private func scanTable(
    _ table: MDB_dbi, after: Bytes?,
    _ visit: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
  ) {
    var opened: OpaquePointer?
    expect(mdb_cursor_open(handle, table, &opened))
    guard let cursor = opened else { return }
    defer { mdb_cursor_close(cursor) }
    var key = MDB_val()
    var value = MDB_val()
    var code: Int32
    if let after, !after.isEmpty {
      code = after.withValue { sought in
        let code = mdb_cursor_get(cursor, &sought, &value, MDB_SET_RANGE)
        key = sought
        return code
      }
      if code == 0, compareBytes(key.bytes, after) == 0 {
        code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)
      }
    } else {
      code = mdb_cursor_get(cursor, &key, &value, MDB_FIRST)
    }
    while code == 0 {
      if !visit(key.bytes, value.bytes) { return }
      code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)
    }
    invariant(code == MDB_NOTFOUND, "the store cannot be read: \(BackendError.text(of: code))")
  }

  private func expect(_ code: Int32) {
    invariant(code == 0, "the store cannot be read: \(BackendError.text(of: code))")
  }
}

private func compareBytes(_ a: UnsafeRawBufferPointer, _ b: Bytes) -> Int {
  b.withUnsafeBytes { Base.compareBytes(a, $0) }
}

/// A row's key without an allocation.
struct RowName {
  var bytes: (UInt64, UInt64, UInt64) = (0, 0, 0)

  init(_ revision: Revision, isTombstone: Bool = false) {
    withUnsafeMutableBytes(of: &bytes) { RevisionKey.store(revision, isTombstone: isTombstone, in: $0) }
  }
}

/// A frozen view for another thread: a read transaction of its own.
final class LMDBView: FrozenView, @unchecked Sendable {
  // `@unchecked` is right here: the door says that one thread reads at a time, and a transaction of an
  // environment opened with MDB_NOTLS is bound to none.
  private let reader: LMDBReader
  init(_ environment: LMDBEnvironment) throws(BackendError) { reader = try LMDBReader(environment) }

  func scan(
    _ bucket: Bucket, after: Bytes?,
    _ visit: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
  ) { reader.scan(bucket, after: after, visit) }
}

extension Revision {
  /// Whether this may be the very next change behind `other`: of the same transaction, or the first of the next one.
  fileprivate func follows(_ other: Revision) -> Bool {
    main == other.main ? sub == other.sub + 1 : main == other.main + 1 && sub == 0
  }
}
