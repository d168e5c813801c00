import Base
import Wire

/// Gathers what the records of a log say, one after the other. As etcd 3.4: wal/wal.go, ReadAll.
struct WALReplay {
  private let start: WALSnapshot
  var contents = WALContents()
  private(set) var hasMetadata = false
  /// Index of the last entry seen, also of those before the snapshot.
  private(set) var lastIndex: UInt64 = 0
  /// Every snapshot note, oldest first.
  private(set) var snapshots: [WALSnapshot] = []

  init(from start: WALSnapshot) { self.start = start }

  /// Reads to the end; true where that is torn.
  mutating func run(_ reader: WALReader, takesEntries: Bool) throws(WALError) -> Bool {
    while true {
      switch try reader.next() {
      case .end: return false
      case .torn: return true
      case .record(let record):
        guard let kind = WALRecordKind(rawValue: record.kind) else { throw reader.damaged(.unknownKind) }
        if kind == .entry, !takesEntries { continue }
        let damage: WALDamage?
        do throws(DecodeError) { damage = try take(kind, record.data) } catch { damage = .undecodable }
        if let damage { throw reader.damaged(damage) }
      }
    }
  }

  private mutating func take(
    _ kind: WALRecordKind, _ data: UnsafeRawBufferPointer
  ) throws(DecodeError) -> WALDamage? {
    switch kind {
    case .entry: return add(try Entry(decoding: data))
    case .state: return take(try HardState(decoding: data))
    case .metadata:
      let metadata = Bytes(data)
      if hasMetadata, metadata != contents.metadata { return .metadata }
      contents.metadata = metadata
      hasMetadata = true
    case .snapshot:
      let snapshot = try WALSnapshot(decoding: data)
      snapshots.append(snapshot)
      if snapshot.index == start.index {
        if snapshot.term != start.term { return .snapshotTerm }
        contents.hasSnapshot = true
      }
    case .checksum: break
    }
    return nil
  }

  // The checksum does not cover the kind of a record, and an entry without data has the shape of a state: a changed bit makes
  // the one of the other. Terms tell them apart, since they only grow.

  private mutating func take(_ state: HardState) -> WALDamage? {
    if state.term < contents.state.term { return .undecodable }
    contents.state = state
    return nil
  }

  /// An entry at or before the last one replaces it and what followed: a new leader wrote over the tail.
  private mutating func add(_ entry: Entry) -> WALDamage? {
    lastIndex = entry.index
    if entry.index <= start.index { return nil }
    let position = entry.index - start.index - 1
    if position > UInt64(contents.entries.count) { return .gap }
    let isKnown = entry.type == .normal || entry.type == .confChange || entry.type == .confChangeV2
    // The first one may be older than the snapshot, and be replaced further on.
    let former = position > 0 ? contents.entries[Int(position) - 1].term : 0
    // Where a state has its vote, an id of 64 random bits, an entry has its term.
    if !isKnown || entry.term < former || entry.term - former > UInt64(UInt32.max) { return .undecodable }
    contents.entries.removeSubrange(Int(position)...)
    contents.entries.append(entry)
    return nil
  }
}
