import Base

/// Writes that are not durable yet: what the loop gathers until it hands them to the commit thread.
///
/// Rows lie in ascending order of revision with their records in chunks that never move, so a pointer to a
/// record stays good as long as the batch lives. One batch is owned by the loop until it is sealed; from then
/// on both threads only read it.
final class Batch: @unchecked Sendable {
  // `@unchecked` is right here: nothing is changed after the batch was posted to the commit thread, until the
  // loop has taken the report that this thread is done with it.

  struct Row {
    let revision: Revision
    let isTombstone: Bool
    let record: UnsafeRawBufferPointer
  }
  struct DeletedRow {
    let revision: Revision
    let isTombstone: Bool
  }
  enum Change {
    case put(Bytes)
    case delete
  }

  private(set) var rows: [Row] = []
  /// Ascending by revision. Rows in here are hidden, also where they lie in this batch.
  private(set) var deletions: [DeletedRow] = []
  /// By `Bucket.rawValue`; `.key` stays empty.
  private(set) var changes: [[Key: Change]] = Array(repeating: [:], count: Bucket.allCases.count)
  private(set) var operations = 0
  /// What the rows will roughly take in the file.
  private(set) var estimatedBytes = 0
  private var arena = Arena()

  var isEmpty: Bool { operations == 0 }

  func appendRow(_ revision: Revision, isTombstone: Bool, record: Bytes) {
    rows.append(Row(revision: revision, isTombstone: isTombstone, record: arena.copy(record)))
    operations += 1
    estimatedBytes += record.count + Self.rowOverhead
  }

  func deleteRow(_ revision: Revision, isTombstone: Bool) {
    let deleted = DeletedRow(revision: revision, isTombstone: isTombstone)
    operations += 1
    // Compaction goes upward, so this is an append but for the rarest cases.
    guard let last = deletions.last, revision <= last.revision else { return deletions.append(deleted) }
    let place = deletions.firstIndex { $0.revision >= revision } ?? deletions.count
    if deletions[place].revision != revision { deletions.insert(deleted, at: place) }
  }

  func change(_ bucket: Bucket, _ key: Bytes, _ change: Change) {
    changes[Int(bucket.rawValue)][Key(key)] = change
    operations += 1
    if case .put(let value) = change { estimatedBytes += key.count + value.count + Self.rowOverhead }
  }

  func change(_ bucket: Bucket, _ key: Bytes) -> Change? {
    let bucketChanges = changes[Int(bucket.rawValue)]
    return bucketChanges.isEmpty ? nil : bucketChanges[Key(key)]
  }

  func hides(_ revision: Revision) -> Bool {
    guard let last = deletions.last, revision <= last.revision else { return false }
    let place = deletions.lowerBound { $0.revision < revision }
    return deletions[place].revision == revision
  }

  func row(at revision: Revision) -> Row? {
    guard let first = rows.first, revision >= first.revision else { return nil }
    // Most transactions change one key: then the row's place is the distance from the first.
    let guess = Int(revision.main &- first.revision.main)
    if guess < rows.count, rows[guess].revision == revision { return rows[guess] }
    let place = index(of: revision)
    return place < rows.count && rows[place].revision == revision ? rows[place] : nil
  }

  /// Place of the first row not below `revision`.
  func index(of revision: Revision) -> Int { rows.lowerBound { $0.revision < revision } }

  /// Empties the batch for another use and keeps a bounded part of its memory.
  func reset() {
    rows.removeAll(keepingCapacity: rows.count <= Limits.spareBatchRows)
    deletions.removeAll(keepingCapacity: deletions.count <= Limits.spareBatchRows)
    for place in changes.indices where !changes[place].isEmpty { changes[place] = [:] }
    operations = 0
    estimatedBytes = 0
    arena.reset()
  }

  /// Key, node header and index entry of a row in the file.
  private static let rowOverhead = 18 + 8 + 2
}

/// Memory for records: chunks that never move, freed or reused as a whole.
private struct Arena: ~Copyable {
  private var chunks: [UnsafeMutableRawBufferPointer] = []
  private var current = 0
  private var used = 0

  mutating func copy(_ bytes: Bytes) -> UnsafeRawBufferPointer {
    let place = room(for: bytes.count)
    bytes.withUnsafeBytes { place.copyMemory(from: $0) }
    return UnsafeRawBufferPointer(place)
  }

  private mutating func room(for count: Int) -> UnsafeMutableRawBufferPointer {
    while current < chunks.count {
      if chunks[current].count - used >= count {
        defer { used += count }
        return UnsafeMutableRawBufferPointer(rebasing: chunks[current][used..<used + count])
      }
      current += 1
      used = 0
    }
    chunks.append(.allocate(byteCount: max(count, Self.chunkBytes), alignment: 16))
    used = count
    return UnsafeMutableRawBufferPointer(rebasing: chunks[current][..<count])
  }

  mutating func reset() {
    while chunks.count > Limits.spareBatchChunks, let last = chunks.popLast() { last.deallocate() }
    // One huge record would otherwise keep its chunk for ever.
    for place in chunks.indices.reversed() where chunks[place].count > Self.chunkBytes {
      chunks.remove(at: place).deallocate()
    }
    current = 0
    used = 0
  }

  deinit { for chunk in chunks { chunk.deallocate() } }

  private static let chunkBytes = 256 * 1024
}

extension Array {
  /// Place of the first element for which `isBelow` is false; the elements must be ordered so.
  func lowerBound(_ isBelow: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if isBelow(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
