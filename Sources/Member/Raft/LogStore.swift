import Base
import Wire

/// Why a log store cannot do what is asked.
package enum LogStoreError: Error, Equatable, CustomStringConvertible {
  /// The index lies at or below what has been compacted away.
  case compacted
  /// The snapshot is not newer than the one held.
  case snapshotOutOfDate
  /// The index lies beyond the last entry.
  case unavailable
  /// A snapshot is being made; ask again later.
  case snapshotTemporarilyUnavailable

  package var description: String {
    switch self {
    case .compacted: "requested index is unavailable due to compaction"
    case .snapshotOutOfDate: "requested index is older than the existing snapshot"
    case .unavailable: "requested entry at index is unavailable"
    case .snapshotTemporarilyUnavailable: "snapshot is temporarily unavailable"
    }
  }
}

/// The durable part of the log as the core reads it: entries behind the last snapshot, and that snapshot.
///
/// One call per batch. The node itself appends what has become durable; the owner compacts and makes
/// snapshots, between two calls of the node.
package protocol LogStore: AnyObject {
  /// First index whose entry is here.
  var firstIndex: UInt64 { get }
  /// Last index; `firstIndex - 1` when there is no entry.
  var lastIndex: UInt64 { get }
  /// The term at an index from `firstIndex - 1` through `lastIndex`.
  func term(at index: UInt64) throws(LogStoreError) -> UInt64
  /// Entries of `range`, as many as fit into `maxBytes` (encoded) but at least one.
  func entries(_ range: Range<UInt64>, maxBytes: Int) throws(LogStoreError) -> ArraySlice<Entry>
  /// The newest snapshot, to send to a member that is too far behind.
  func snapshot() throws(LogStoreError) -> RaftSnapshot
  /// Adds entries, replacing what is held from the first one's index on.
  func append(_ entries: ArraySlice<Entry>)
  /// Drops everything and begins behind `snapshot`.
  func apply(_ snapshot: RaftSnapshot) throws(LogStoreError)
}

/// Recent entries in memory; the log on disk is only read at the start.
///
/// As etcd 3.4: raft/storage.go, MemoryStorage. Its size is bounded by the owner, who compacts after each
/// snapshot and leaves `Limits.catchUpEntries` for slow followers. Not for use from two threads.
package final class MemoryLog: LogStore {
  /// `entries[0]` stands for the last compacted entry: index and term, no data.
  private var entries: [Entry]
  private var newest = RaftSnapshot()

  package init() { entries = [Entry()] }

  package var firstIndex: UInt64 { entries[0].index + 1 }
  package var lastIndex: UInt64 { entries[0].index + UInt64(entries.count) - 1 }
  /// Entries held.
  package var count: Int { entries.count - 1 }

  package func term(at index: UInt64) throws(LogStoreError) -> UInt64 {
    let offset = entries[0].index
    if index < offset { throw .compacted }
    if index > lastIndex { throw .unavailable }
    return entries[Int(index - offset)].term
  }

  package func entries(
    _ range: Range<UInt64>, maxBytes: Int
  ) throws(LogStoreError) -> ArraySlice<Entry> {
    let offset = entries[0].index
    if range.lowerBound <= offset { throw .compacted }
    if range.upperBound > lastIndex + 1 { throw .unavailable }
    return entries[Int(range.lowerBound - offset)..<Int(range.upperBound - offset)].limited(to: maxBytes)
  }

  package func snapshot() throws(LogStoreError) -> RaftSnapshot { newest }

  package func append(_ new: ArraySlice<Entry>) {
    guard let first = new.first, let last = new.last, last.index >= firstIndex else { return }
    let kept = first.index < firstIndex ? new.dropFirst(Int(firstIndex - first.index)) : new
    let place = Int(kept[kept.startIndex].index - entries[0].index)
    invariant(place <= entries.count, "a gap in the log: last \(lastIndex), appended at \(first.index)")
    entries.removeSubrange(place...)
    entries.append(contentsOf: kept)
  }

  package func apply(_ snapshot: RaftSnapshot) throws(LogStoreError) {
    if newest.metadata.index >= snapshot.metadata.index { throw .snapshotOutOfDate }
    newest = snapshot
    entries = [Entry(term: snapshot.metadata.term, index: snapshot.metadata.index)]
  }

  /// Notes a snapshot made here of everything through `index`; `confState` is the newest applied one.
  @discardableResult
  package func createSnapshot(
    at index: UInt64, confState: ConfState?, data: Bytes?
  ) throws(LogStoreError) -> RaftSnapshot {
    if index <= newest.metadata.index { throw .snapshotOutOfDate }
    newest.metadata.term = try term(at: index)
    newest.metadata.index = index
    if let confState { newest.metadata.confState = confState }
    newest.data = data
    return newest
  }

  /// Forgets entries through `index`, which must have been applied.
  package func compact(through index: UInt64) throws(LogStoreError) {
    if index <= entries[0].index { throw .compacted }
    if index > lastIndex { throw .unavailable }
    entries.removeFirst(Int(index - entries[0].index))
    entries[0].data = nil
    entries[0].type = .normal
  }
}

extension ArraySlice<Entry> {
  /// The longest beginning that fits into `maxBytes` (encoded), but at least one entry.
  func limited(to maxBytes: Int) -> ArraySlice<Entry> {
    if maxBytes == .max || count <= 1 { return self }
    var size = 0
    for i in indices {
      size += self[i].encodedSize
      if size > maxBytes, i > startIndex { return self[..<i] }
    }
    return self
  }
}
