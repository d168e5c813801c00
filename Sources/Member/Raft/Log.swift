import Base
import Wire

/// The log as the node sees it: the durable part in the store, the rest in memory, and how far it is
/// committed and applied.
///
/// As etcd 3.4: raft/log.go.
package struct RaftLog {
  let store: any LogStore
  var unstable: UnstableLog
  /// Highest index known to be durable on a quorum. Never falls.
  package private(set) var committed: UInt64
  /// Highest index given out for applying. Invariant: applied <= handed <= committed.
  private(set) var handed: UInt64
  /// Highest index the owner has reported as applied.
  package private(set) var applied: UInt64
  /// The last index, kept here because every message asks for it.
  private(set) var lastIndex: UInt64
  /// Bytes of committed entries given out at once.
  let maxApplyBytes: Int
  let log: Log

  init(store: any LogStore, maxApplyBytes: Int, log: Log) {
    self.store = store
    self.maxApplyBytes = maxApplyBytes
    self.log = log
    lastIndex = store.lastIndex
    unstable = UnstableLog(first: lastIndex + 1, log: log)
    committed = store.firstIndex - 1
    handed = committed
    applied = committed
  }

  var firstIndex: UInt64 { unstable.snapshot.map { $0.metadata.index + 1 } ?? store.firstIndex }
  var lastTerm: UInt64 { term(at: lastIndex) }
  /// Highest index known to be durable here.
  var stableIndex: UInt64 { unstable.first - 1 }
  /// Whether a snapshot was received that the owner has not reported as applied.
  var isAwaitingSnapshot: Bool { unstable.snapshot != nil || applied + 1 < firstIndex }

  /// The term at `index`; 0 outside the log and where it has been compacted away.
  func term(at index: UInt64) -> UInt64 {
    if index > lastIndex { return 0 }
    if let term = unstable.term(at: index) { return term }
    if index &+ 1 < firstIndex { return 0 }
    return (try? store.term(at: index)) ?? 0
  }

  /// Whether this log has an entry (or its beginning) at `index`, of `term`.
  func matches(index: UInt64, term: UInt64) -> Bool {
    index <= lastIndex && self.term(at: index) == term
  }

  /// Whether a log that ends with (`term`, `index`) holds everything this one may have committed.
  func isUpToDate(index: UInt64, term: UInt64) -> Bool {
    let lastTerm = lastTerm
    return term > lastTerm || (term == lastTerm && index >= lastIndex)
  }

  /// Entries of `range` up to `maxBytes`; nil where they begin before what is still held.
  func entries(_ range: Range<UInt64>, maxBytes: Int) -> [Entry]? {
    if range.lowerBound < firstIndex { return nil }
    invariant(range.upperBound <= lastIndex + 1, "entries \(range) beyond last \(lastIndex)")
    if range.isEmpty { return [] }
    if range.lowerBound >= unstable.first {
      return Array(unstable.slice(range).limited(to: maxBytes))
    }
    let storedEnd = min(range.upperBound, unstable.first)
    guard let stored = try? store.entries(range.lowerBound..<storedEnd, maxBytes: maxBytes) else { return nil }
    if stored.count < Int(storedEnd - range.lowerBound) || storedEnd == range.upperBound {
      return Array(stored)
    }
    return Array((stored + unstable.slice(unstable.first..<range.upperBound)).limited(to: maxBytes))
  }

  /// The newest snapshot, to send to others.
  func newestSnapshot() throws(LogStoreError) -> RaftSnapshot {
    if let snapshot = unstable.snapshot { return snapshot }
    return try store.snapshot()
  }

  /// Entries from `index` to the end.
  func entries(from index: UInt64, maxBytes: Int) -> [Entry]? {
    index > lastIndex ? [] : entries(index..<lastIndex + 1, maxBytes: maxBytes)
  }

  /// Whether a change of members is committed and not yet applied. A member may not campaign then: it
  /// would count the votes by yesterday's members.
  func pendingChanges() -> Int {
    var count = 0
    var index = max(applied + 1, firstIndex)
    while index <= committed {
      guard let some = entries(index..<committed + 1, maxBytes: maxApplyBytes), !some.isEmpty else { break }
      for entry in some where entry.type != .normal { count += 1 }
      index += UInt64(some.count)
    }
    return count
  }

  // MARK: - Growing

  /// Adds one entry at the end; its index is `lastIndex + 1`.
  mutating func append(_ entry: Entry) {
    unstable.append(entry)
    lastIndex = entry.index
  }

  /// Adds a leader's entries behind (`term`, `index`), cutting off what contradicts them.
  /// - Returns: the index of the last of them, or nil if the log does not hold that place.
  mutating func append(
    _ entries: [Entry], after index: UInt64, term: UInt64, committed: UInt64
  ) -> UInt64? {
    guard matches(index: index, term: term) else { return nil }
    let last = index + UInt64(entries.count)
    if let place = firstNew(in: entries) {
      let start = entries[place].index
      invariant(
        start > self.committed, "entry \(start) conflicts with a committed one (\(self.committed))")
      unstable.replace(with: entries[place...])
      lastIndex = last
      invariant(unstable.end == last + 1, "entries of one append are not in a row")
    }
    commit(through: min(committed, last))
    return last
  }

  /// Adds entries at a place the caller is sure of.
  mutating func replace(with entries: [Entry]) {
    guard let first = entries.first, let last = entries.last else { return }
    invariant(first.index > committed, "entry \(first.index) replaces a committed one (\(committed))")
    unstable.replace(with: entries[...])
    lastIndex = last.index
  }

  /// The place of the first entry that this log does not have.
  private func firstNew(in entries: [Entry]) -> Int? {
    for place in entries.indices {
      let entry = entries[place]
      if matches(index: entry.index, term: entry.term) { continue }
      if entry.index <= lastIndex {
        log(
          .info,
          "found conflict at index \(entry.index) [existing term: \(term(at: entry.index)), "
            + "conflicting term: \(entry.term)]")
      }
      return place
    }
    return nil
  }

  // MARK: - Marks

  mutating func commit(through index: UInt64) {
    if index <= committed { return }
    invariant(
      index <= lastIndex,
      "commit \(index) is beyond the log's end \(lastIndex): the log was damaged, cut short or lost. Remove this member from "
        + "the cluster and add it again as a new one, with an empty data directory")
    committed = index
  }

  /// Commits through `index` if its entry is of `term`: a leader may count only entries of its own term
  /// (section 5.4.2 of the paper).
  mutating func commit(through index: UInt64, ofTerm term: UInt64) -> Bool {
    guard index > committed, self.term(at: index) == term else { return false }
    commit(through: index)
    return true
  }

  mutating func applied(through index: UInt64) {
    if index == 0 { return }
    invariant(
      applied <= index && index <= committed,
      "applied \(index) outside \(applied)...\(committed)")
    applied = index
    handed = max(handed, index)
  }

  /// Whether committed entries wait to be given out, at most through `limit`.
  func hasCommitted(limit: UInt64) -> Bool {
    max(handed + 1, firstIndex) <= min(committed, limit)
  }

  /// Gives out committed entries through `limit`, once.
  mutating func takeCommitted(limit: UInt64) -> [Entry] {
    let from = max(handed + 1, firstIndex)
    let to = min(committed, limit)
    guard from <= to, let next = entries(from..<to + 1, maxBytes: maxApplyBytes) else { return [] }
    handed = from + UInt64(next.count) - 1
    return next
  }

  /// The log is durable through `index`, if that entry is still of `term`.
  mutating func stable(through index: UInt64, term: UInt64) {
    let store = store
    unstable.stable(through: index, term: term) { store.append($0) }
  }

  mutating func stable(snapshotAt index: UInt64) {
    guard let snapshot = unstable.stable(snapshotAt: index) else { return }
    // A store that already holds it (or a newer one) was told by the owner.
    try? store.apply(snapshot)
  }

  mutating func restore(_ snapshot: RaftSnapshot) {
    let metadata = snapshot.metadata
    log(
      .info,
      "log [\(self)] starts to restore snapshot [index: \(metadata.index), term: \(metadata.term)]")
    committed = metadata.index
    handed = metadata.index
    lastIndex = metadata.index
    unstable.restore(snapshot)
  }
}

extension RaftLog: CustomStringConvertible {
  package var description: String {
    "committed=\(committed), applied=\(applied), unstable.offset=\(unstable.first), "
      + "len(unstable.Entries)=\(unstable.entries.count)"
  }
}
