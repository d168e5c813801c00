import Base

/// The content of a `MemoryBackend` and how to take back what is not durable.
struct MemoryState {
  struct Row {
    var revision: Revision
    var isTombstone: Bool
    var record: Bytes
    /// Deleted rows stay in place until half of all are, so that a compaction is not quadratic.
    var isDeleted = false
  }
  enum Undo {
    case append
    case delete(Row)
    case set(Bucket, Key, Bytes?)
  }

  private(set) var rows: [Row] = []
  private var deletedCount = 0
  private var tables: [[Key: Bytes]] = Array(repeating: [:], count: Bucket.allCases.count)
  /// One step for each write that is not durable, in the order of the writes.
  var undo: [Undo] = []
  private(set) var bytes: Int64 = 0
  private var lastRevision = Revision(main: -1)

  func table(_ bucket: Bucket) -> [Key: Bytes] { tables[Int(bucket.rawValue)] }

  func row(at revision: Revision) -> Row? {
    let place = rows.lowerBound { $0.revision < revision }
    guard place < rows.count, rows[place].revision == revision, !rows[place].isDeleted else { return nil }
    return rows[place]
  }

  mutating func append(_ revision: Revision, isTombstone: Bool, record: Bytes) {
    invariant(revision > lastRevision, "row \(revision) appended after \(lastRevision)")
    lastRevision = revision
    rows.append(Row(revision: revision, isTombstone: isTombstone, record: record))
    bytes += Int64(record.count + 28)
    undo.append(.append)
  }

  mutating func delete(_ revision: Revision) {
    let place = rows.lowerBound { $0.revision < revision }
    guard place < rows.count, rows[place].revision == revision, !rows[place].isDeleted else { return }
    undo.append(.delete(rows[place]))
    rows[place].isDeleted = true
    bytes -= Int64(rows[place].record.count + 28)
    rows[place].record = []
    deletedCount += 1
    // An append may be undone only while its row is the last one, so nothing is purged under open appends.
    if deletedCount > 1024, deletedCount > rows.count / 2, rows.last?.isDeleted == false { purge() }
  }

  private mutating func purge() {
    rows.removeAll { $0.isDeleted }
    deletedCount = 0
  }

  mutating func set(_ bucket: Bucket, _ key: Key, _ value: Bytes?) {
    let place = Int(bucket.rawValue)
    let old = tables[place][key]
    undo.append(.set(bucket, key, old))
    tables[place][key] = value
    bytes += Int64((value?.count ?? 0) - (old?.count ?? 0))
  }

  /// Kept in its row of the meta table, big-endian, as in the file.
  var consistentIndex: UInt64 {
    guard let stored = table(.meta)[MetaKey.consistentIndex], stored.count == 8 else { return 0 }
    return stored.reduce(0) { $0 << 8 | UInt64($1) }
  }

  mutating func setConsistentIndex(_ index: UInt64) {
    let old = consistentIndex
    invariant(index >= old, "consistent index \(index) below \(old)")
    if index != old { set(.meta, MetaKey.consistentIndex, MetaKey.encode(index)) }
  }

  /// Takes back, newest first, everything that is not durable.
  mutating func rollBack() {
    while let step = undo.popLast() {
      switch step {
      case .append: undoAppend()
      case .delete(let row): restore(row)
      case .set(let bucket, let key, let old): tables[Int(bucket.rawValue)][key] = old
      }
    }
    lastRevision = rows.last?.revision ?? Revision(main: -1)
  }

  private mutating func undoAppend() {
    guard let row = rows.popLast() else { return }
    bytes -= Int64(row.record.count + 28)
  }

  private mutating func restore(_ row: Row) {
    let place = rows.lowerBound { $0.revision < row.revision }
    bytes += Int64(row.record.count + 28)
    if place < rows.count, rows[place].revision == row.revision {
      rows[place] = row
      deletedCount -= 1
    } else {
      rows.insert(row, at: place)
    }
  }

  /// The state as a crash would leave it.
  var durable: MemoryState {
    var copy = self
    copy.rollBack()
    return copy
  }
}

final class MemoryView: FrozenView {
  private let state: MemoryState
  init(_ state: MemoryState) { self.state = state }

  func scan(
    _ bucket: Bucket, after: Bytes?,
    _ visit: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
  ) {
    if bucket == .key { return scanRows(after: after, visit) }
    for (key, value) in state.table(bucket).sorted(by: { $0.key < $1.key }) {
      if let after, key <= Key(after) { continue }
      let goesOn = key.bytes.withUnsafeBytes { k in value.withUnsafeBytes { v in visit(k, v) } }
      if !goesOn { return }
    }
  }

  private func scanRows(
    after: Bytes?, _ visit: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
  ) {
    let start = after.flatMap { $0.withUnsafeBytes(RevisionKey.decode) }?.revision ?? Revision(main: -1)
    for row in state.rows[state.rows.lowerBound { $0.revision <= start }...] where !row.isDeleted {
      let key = RevisionKey.encode(row.revision, isTombstone: row.isTombstone)
      if !key.withUnsafeBytes({ k in row.record.withUnsafeBytes { v in visit(k, v) } }) { return }
    }
  }
}
