import Base
import Wire

/// The end of the log that is not known to be durable yet, and a snapshot in the same state.
///
/// As etcd 3.4: raft/log_unstable.go, with one more mark: entries below `next` are with the disk already.
struct UnstableLog {
  /// A snapshot received from the leader, until it is durable.
  private(set) var snapshot: RaftSnapshot?
  private var isSnapshotTaken = false
  /// `entries[i]` has index `first + i`.
  private(set) var entries: [Entry] = []
  /// First index that is not durable. May lie below the store's last index: then the log was cut short in
  /// memory, and the store follows with the next write.
  private(set) var first: UInt64
  /// First index not yet given to the disk. Invariant: first <= next <= end.
  /// Entries below it are never edited; when the log is cut short it steps back.
  private(set) var next: UInt64
  private let log: Log

  init(first: UInt64, log: Log) {
    self.first = first
    self.next = first
    self.log = log
  }

  /// One past the last index.
  var end: UInt64 { first + UInt64(entries.count) }
  var hasUntaken: Bool { next < end || (snapshot != nil && !isSnapshotTaken) }

  /// The term at `index`, if it is known here.
  func term(at index: UInt64) -> UInt64? {
    if index >= first { return index < end ? entries[Int(index - first)].term : nil }
    if let snapshot, snapshot.metadata.index == index { return snapshot.metadata.term }
    return nil
  }

  func slice(_ range: Range<UInt64>) -> ArraySlice<Entry> {
    invariant(
      first <= range.lowerBound && range.upperBound <= end,
      "unstable entries \(range) outside \(first)..<\(end)")
    return entries[Int(range.lowerBound - first)..<Int(range.upperBound - first)]
  }

  /// Gives the entries to write next, once.
  mutating func takeEntries() -> ArraySlice<Entry> {
    defer { next = end }
    return slice(next..<end)
  }

  /// Gives the snapshot to write, once.
  mutating func takeSnapshot() -> RaftSnapshot? {
    if isSnapshotTaken { return nil }
    isSnapshotTaken = snapshot != nil
    return snapshot
  }

  /// Drops what is durable through `index` and hands it to `keep`. Nothing happens if the entry has been
  /// replaced since: the write that replaces it will tell.
  mutating func stable(through index: UInt64, term: UInt64, keep: (ArraySlice<Entry>) -> Void) {
    guard index >= first, index < end, self.term(at: index) == term else { return }
    let count = Int(index - first) + 1
    keep(entries[..<count])
    if count == entries.count {
      entries.removeAll(keepingCapacity: entries.capacity <= Limits.raftSpareEntries)
    } else {
      entries.removeFirst(count)
    }
    first = index + 1
    next = max(next, first)
  }

  /// The snapshot at `index` is durable; nil if it has been replaced since.
  mutating func stable(snapshotAt index: UInt64) -> RaftSnapshot? {
    guard let held = snapshot, held.metadata.index == index else { return nil }
    snapshot = nil
    isSnapshotTaken = false
    return held
  }

  mutating func restore(_ snapshot: RaftSnapshot) {
    self.snapshot = snapshot
    isSnapshotTaken = false
    entries.removeAll()
    first = snapshot.metadata.index + 1
    next = first
  }

  mutating func append(_ entry: Entry) { entries.append(entry) }

  /// Adds entries, cutting off what stands in their place.
  mutating func replace(with new: ArraySlice<Entry>) {
    guard let start = new.first?.index else { return }
    if start > first {
      invariant(start <= end, "a gap in the log: end \(end), appended at \(start)")
      if start < end {
        log(.info, "truncate the unstable entries before index \(start)")
        entries.removeSubrange(Int(start - first)...)
      }
      entries.append(contentsOf: new)
    } else if start == end {
      entries.append(contentsOf: new)
    } else {
      log(.info, "replace the unstable entries from index \(start)")
      first = start
      entries = Array(new)
    }
    next = min(next, start)
  }
}
