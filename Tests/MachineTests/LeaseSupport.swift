import Base
import Storage

/// A backend that holds the small buckets only.
final class TableBackend: Backend {
  struct RowKey: Hashable {
    var bucket: Bucket
    var key: Bytes
  }
  var rows: [RowKey: Bytes] = [:]
  var consistentIndex: UInt64 = 0
  var pendingOperations = 0
  let isCommitting = false
  let sizeBytes: Int64 = 0
  let sizeInUseBytes: Int64 = 0

  func put(_ bucket: Bucket, _ key: Bytes, _ value: Bytes) { rows[RowKey(bucket: bucket, key: key)] = value }
  func delete(_ bucket: Bucket, _ key: Bytes) { rows[RowKey(bucket: bucket, key: key)] = nil }
  func get(_ bucket: Bucket, _ key: Bytes) -> Bytes? { rows[RowKey(bucket: bucket, key: key)] }
  func pairs(_ bucket: Bucket) -> [(key: Bytes, value: Bytes)] {
    rows.filter { $0.key.bucket == bucket }.map { ($0.key.key, $0.value) }
      .sorted { compareBytes($0.0, $1.0) < 0 }
  }

  func appendRow(_ revision: Revision, isTombstone: Bool, record: Bytes) { fatalError("no key rows here") }
  func row(at revision: Revision, _ body: (UnsafeRawBufferPointer, Bool) -> Void) -> Bool { false }
  func scanRows(
    from: Revision, through: Revision, _ visit: (Revision, Bool, UnsafeRawBufferPointer) -> Bool
  ) {}
  func deleteRow(_ revision: Revision, isTombstone: Bool) {}
  func seal() -> Bool { true }
  func commitAndWait() {}
  func reapCommit() {}
  func endTurn() {}
  func frozenView() -> any FrozenView { fatalError("no view here") }
}
