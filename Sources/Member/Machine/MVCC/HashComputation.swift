import Base
import Storage
import Wire

/// What HashKV answers.
package struct KVHash: Equatable, Sendable {
  package var hash: UInt32
  /// The revision that was hashed.
  package var hashRevision: Int64
  package var currentRevision: Int64
  /// -1 where nothing was ever compacted.
  package var compactRevision: Int64
}

/// The hash of the key space at one revision, computed in slices while the store goes on.
///
/// Two members have the same hash at the same revision and the same compacted revision, however far their
/// compactions have come. Writes between the slices do not matter: they lie above the revision. A compaction between
/// them does: where it passes the revision the answer is *compacted*, otherwise the work begins anew.
/// As etcd 3.4.45: mvcc/kvstore.go, HashByRev.
package final class HashComputation {
  private unowned let store: Store
  private let revision: Int64
  private let generation: Int
  private var compactRevision: Int64
  private var crc = CRC32C()
  /// Rows below have been fed.
  private var next = Revision(main: 0)
  /// Whether any key exists at the revision; nil while unknown. Where none does, nothing is passed over.
  private var keepsAny: Bool?
  private var searched: Bytes = []

  /// Errors: the revision is compacted (the compacted revision itself, too) or in the future. 0 means the current one; before
  /// the first there is nothing, so a negative one has the hash of nothing.
  package init(store: Store, revision: Int64) throws(RPCStatus) {
    if revision > 0, revision <= store.compactRevision { throw .compacted }
    if revision > store.currentRevision { throw .futureRevision }
    self.store = store
    self.revision = revision == 0 ? store.currentRevision : revision
    generation = store.generation
    compactRevision = store.compactRevision
    crc.update(Bucket.key.name.bytes)
  }

  /// Feeds about `budgetRows` further rows; nil while there are more. Errors: a compaction, or the snapshot of
  /// another member, passed the revision.
  package func step(budgetRows: Int) throws(RPCStatus) -> KVHash? {
    try noticeCompaction()
    guard let keepsAny = searchKept(budget: budgetRows) else { return nil }
    guard feed(budgetRows, keepsAny: keepsAny) else { return nil }
    return KVHash(
      hash: crc.value, hashRevision: revision, currentRevision: store.currentRevision,
      compactRevision: compactRevision)
  }

  /// All at once. For tests and tools.
  package func finish() throws(RPCStatus) -> KVHash {
    while true {
      if let hash = try step(budgetRows: 10_000) { return hash }
    }
  }

  private func noticeCompaction() throws(RPCStatus) {
    if generation != store.generation { throw .compacted }
    if compactRevision == store.compactRevision { return }
    compactRevision = store.compactRevision
    if revision <= compactRevision { throw .compacted }
    crc = CRC32C()
    crc.update(Bucket.key.name.bytes)
    next = Revision(main: 0)
  }

  /// Looks for one key that exists at the revision.
  private func searchKept(budget: Int) -> Bool? {
    if let keepsAny { return keepsAny }
    if compactRevision < 0 { return true }  // nothing can be passed over, so it does not matter
    var isFound = false
    let resume = store.index.forEach(KeyRange(searched, [0]), at: revision, keyBudget: budget) { _ in
      isFound = true
      return false
    }
    if isFound {
      keepsAny = true
    } else if let resume {
      searched = resume
    } else {
      keepsAny = false
    }
    return keepsAny
  }

  /// True when all rows are fed.
  private func feed(_ budget: Int, keepsAny: Bool) -> Bool {
    var left = budget
    var isDone = true
    store.backend.scanRows(from: next, through: Revision(main: revision, sub: .max)) {
      row, isTombstone, record in
      if left == 0 {
        next = row
        isDone = false
        return false
      }
      left -= 1
      if isHashed(row, isTombstone: isTombstone, record, keepsAny: keepsAny) {
        crc.update(RevisionKey.encode(row, isTombstone: isTombstone))
        crc.update(record)
      }
      return true
    }
    return isDone
  }

  /// Rows that a compaction has removed or is about to remove are passed over. So is a tombstone exactly at the
  /// compacted revision: older members remove it, newer ones keep it, and both must come to the same hash.
  private func isHashed(
    _ row: Revision, isTombstone: Bool, _ record: UnsafeRawBufferPointer, keepsAny: Bool
  ) -> Bool {
    if row.main > compactRevision { return true }
    if keepsAny {
      let kept = store.index.state(StoredRecord(record).summary.key, at: revision)
      if kept?.modified != row { return false }
    }
    return !(isTombstone && row.main == compactRevision)
  }
}
