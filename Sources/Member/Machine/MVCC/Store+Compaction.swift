import Base
import Storage
import Wire

// Compaction: asked for by an entry of the log, done in slices between other work.
//
// The index is walked first and gives up what no reader at or above the revision can reach; the rows of that are then
// removed in ascending order. The order matters: a crash may leave any prefix of the removals, and a row must never
// outlive the tombstone behind it, or the key would be back after the restart. All rows of a key are found in one
// slice and so removed in one sweep.

/// What a slice of compaction work left.
package enum CompactionProgress: Equatable, Sendable {
  /// Nothing to do.
  case idle
  /// More to do; call again.
  case working
  /// The backend has to commit first; call again later.
  case waitingForBackend
  /// Readers still need what would be removed; call again later, or `overridePins` first.
  case waitingForReaders
  /// This revision is done: who waited for it (a *physical* compaction) may be answered once the backend is durable.
  case finished(Int64)
}

extension Store {
  /// Notes a compaction; the work is done by `compactSlice`. Reads below the revision are refused from now on.
  /// Errors: the revision is compacted already (the same one twice, too) or in the future.
  /// As etcd 3.4: mvcc/kvstore.go, updateCompactRev.
  package func compact(at revision: Int64) throws(RPCStatus) {
    if revision <= compactRevision { throw .compacted }
    if revision > currentRevision { throw .futureRevision }
    compactRevision = revision
    backend.put(
      .meta, CompactionKey.scheduled, RevisionKey.encode(Revision(main: revision), isTombstone: false))
    backend.seal()
    compaction.schedule(revision)
  }

  package var isCompacting: Bool { !compaction.isIdle }

  /// One slice of compaction work, a small fraction of a millisecond: about `Limits.compactionSliceKeys` keys of the index,
  /// or `batchRows` rows.
  package func compactSlice(batchRows: Int = Limits.compactionSliceRows) -> CompactionProgress {
    if let next = compaction.next {
      if !ignoresPins, isPinned(below: next) { return .waitingForReaders }
      ignoresPins = false
      removedBelow = next
    }
    compaction.begin()
    guard let cursor = compaction.cursor else { return .idle }
    if compaction.isRemoving { return removeRows(batchRows) }
    if cursor.isFinished { return finishCompaction(cursor.revision) }
    compactIndex(cursor)
    return .working
  }

  /// Runs all compaction work to its end. For tests and tools.
  package func finishCompactions() {
    while isCompacting {
      overridePins()
      if compactSlice() == .waitingForBackend { backend.commitAndWait() }
    }
  }

  private func compactIndex(_ from: KeyIndex.CompactionCursor) {
    var cursor = from
    var found: [CompactionWork.Row] = []
    index.compact(&cursor, keyBudget: Limits.compactionSliceKeys) { revision, isTombstone in
      found.append(CompactionWork.Row(revision: revision, isTombstone: isTombstone))
    }
    compaction.cursor = cursor
    compaction.add(found)
    if cursor.isFinished || compaction.pendingRows >= Limits.compactionPendingRows {
      compaction.beginRemoving()
    }
  }

  private func removeRows(_ batch: Int) -> CompactionProgress {
    if backend.pendingOperations >= Limits.compactionBackendOperations {
      backend.seal()
      if backend.pendingOperations >= Limits.compactionBackendOperations { return .waitingForBackend }
    }
    for _ in 0..<max(batch, 1) {
      guard let row = compaction.nextRow() else { break }
      backend.deleteRow(row.revision, isTombstone: row.isTombstone)
      counters.compactedRows += 1
    }
    return .working
  }

  private func finishCompaction(_ revision: Int64) -> CompactionProgress {
    backend.put(.meta, CompactionKey.finished, RevisionKey.encode(Revision(main: revision), isTombstone: false))
    compaction.cursor = nil
    return .finished(revision)
  }
}
