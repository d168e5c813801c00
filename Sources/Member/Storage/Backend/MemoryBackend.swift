import Base

/// The backend in plain memory, for tests and the simulator: the same behaviour, and a disk that forgets.
///
/// It shares no code with the durable one, so that the two can be held against each other.
package final class MemoryBackend: Backend {
  package enum Commits: Sendable {
    /// `seal` makes durable at once.
    case immediately
    /// `seal` only begins a commit; `completeCommit` ends it.
    case onDemand
  }

  private var state = MemoryState()
  private let commits: Commits
  private let onCommitted: @Sendable () -> Void
  /// How many undo steps belong to the commit under way.
  private var sealedSteps: Int?
  private var isReported = false

  package init(commits: Commits = .immediately, onCommitted: @escaping @Sendable () -> Void = {}) {
    self.commits = commits
    self.onCommitted = onCommitted
  }

  package func appendRow(_ revision: Revision, isTombstone: Bool, record: Bytes) {
    state.append(revision, isTombstone: isTombstone, record: record)
  }

  package func row(
    at revision: Revision, _ body: (_ record: UnsafeRawBufferPointer, _ isTombstone: Bool) -> Void
  ) -> Bool {
    guard let row = state.row(at: revision) else { return false }
    row.record.withUnsafeBytes { body($0, row.isTombstone) }
    return true
  }

  package func scanRows(
    from: Revision, through: Revision,
    _ visit: (_ revision: Revision, _ isTombstone: Bool, _ record: UnsafeRawBufferPointer) -> Bool
  ) {
    let rows = state.rows
    var place = rows.lowerBound { $0.revision < from }
    while place < rows.count, rows[place].revision <= through {
      let row = rows[place]
      place += 1
      if row.isDeleted { continue }
      if !row.record.withUnsafeBytes({ visit(row.revision, row.isTombstone, $0) }) { return }
    }
  }

  package func deleteRow(_ revision: Revision, isTombstone: Bool) { state.delete(revision) }

  package func put(_ bucket: Bucket, _ key: Bytes, _ value: Bytes) { state.set(bucket, Key(key), value) }
  package func delete(_ bucket: Bucket, _ key: Bytes) { state.set(bucket, Key(key), nil) }
  package func get(_ bucket: Bucket, _ key: Bytes) -> Bytes? { state.table(bucket)[Key(key)] }

  package func pairs(_ bucket: Bucket) -> [(key: Bytes, value: Bytes)] {
    state.table(bucket).sorted { $0.key < $1.key }.map { ($0.key.bytes, $0.value) }
  }

  package var consistentIndex: UInt64 {
    get { state.consistentIndex }
    set { state.setConsistentIndex(newValue) }
  }

  package var pendingOperations: Int { state.undo.count - (sealedSteps ?? 0) }
  package var isCommitting: Bool { sealedSteps != nil }

  @discardableResult package func seal() -> Bool {
    if isCommitting { return false }
    if state.undo.isEmpty { return true }
    sealedSteps = state.undo.count
    if commits == .immediately { completeCommit() }
    return true
  }

  /// The commit under way becomes durable, as the commit thread of the durable backend would report.
  package func completeCommit() {
    guard let steps = sealedSteps, !isReported else { return }
    state.undo.removeFirst(steps)
    sealedSteps = 0
    isReported = true
    onCommitted()
  }

  package func reapCommit() {
    guard isReported else { return }
    isReported = false
    sealedSteps = nil
  }

  package func commitAndWait() {
    completeCommit()
    reapCommit()
    seal()
    completeCommit()
    reapCommit()
  }

  package func endTurn() {}

  package var sizeBytes: Int64 { state.bytes + 4 * 4096 }
  package var sizeInUseBytes: Int64 { state.bytes + 4 * 4096 }

  package func frozenView() -> any FrozenView { MemoryView(state.durable) }

  /// Forgets everything that was not durable, as a crash does.
  package func crash() {
    state.rollBack()
    sealedSteps = nil
    isReported = false
  }

  /// What another start would find: a backend of its own with the durable state.
  package func reopened(commits: Commits? = nil, onCommitted: @escaping @Sendable () -> Void = {})
    -> MemoryBackend
  {
    let other = MemoryBackend(commits: commits ?? self.commits, onCommitted: onCommitted)
    other.state = state.durable
    return other
  }

  /// Takes the content of `view` in place of its own, durable at once: a received snapshot.
  package func load(_ view: any FrozenView) {
    var loaded = MemoryState()
    for bucket in Bucket.allCases {
      view.scan(bucket) { key, value in
        if bucket != .key {
          loaded.set(bucket, Key(Bytes(key)), Bytes(value))
        } else if let (revision, isTombstone) = RevisionKey.decode(key) {
          loaded.append(revision, isTombstone: isTombstone, record: Bytes(value))
        }
        return true
      }
    }
    loaded.undo = []
    state = loaded
    sealedSteps = nil
    isReported = false
  }
}
