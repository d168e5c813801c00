import Base
import Storage
import Wire

/// The key space through time: owner of the key index, user of the backend's rows.
///
/// Every write transaction that changes something makes one revision. Reads name a revision or take the newest.
/// Nothing here knows of the log, of users or of clocks; the same calls in the same order give the same rows on
/// every member. One owner, one thread.
/// Behaviour as etcd 3.4.45: mvcc/{kvstore,kvstore_txn,kvstore_compaction}.go, etcdserver/apply.go.
package final class Store {
  package private(set) var backend: any Backend
  let leases: any LeaseBook
  var index = KeyIndex()

  /// Revision of the last finished transaction; 1 before the first.
  package internal(set) var currentRevision: Int64 = 1
  /// Revision of the newest compaction asked for; reads below it are refused. -1 where there was none.
  package internal(set) var compactRevision: Int64 = -1
  /// Counts how often the whole content was replaced; work begun before is void.
  package private(set) var generation = 0
  package internal(set) var counters = StoreCounters()

  /// Changes of the transaction under way.
  var txnChanges = 0
  /// Operations of the transaction under way, for the counters.
  var txnOperations = 0
  var compaction = CompactionWork()
  /// Revisions that readers under way still need.
  var pins = Slab<Int64>()
  /// The compaction that waits for readers is not to wait any longer.
  var ignoresPins = false
  /// Rows that only readers below this revision need may be gone: the work of the compaction there has begun.
  var removedBelow: Int64 = -1

  /// Takes over what the backend holds.
  package init(backend: any Backend, leases: any LeaseBook) {
    self.backend = backend
    self.leases = leases
    restore()
  }

  /// Replaces the whole content by that of another store, which gets ours: a snapshot of another member was installed.
  func take(over other: Store) {
    backend = other.backend
    generation += 1
    swap(&index, &other.index)
    compaction = other.compaction
    currentRevision = other.currentRevision
    compactRevision = other.compactRevision
  }

  /// Keys that exist now.
  package var keyCount: Int { index.liveCount }
  /// Bytes of memory that the key index occupies; walks all of it.
  package var indexBytes: Int { index.allocatedBytes }
  /// Revision that reads inside the transaction under way see.
  var readRevision: Int64 { txnChanges == 0 ? currentRevision : currentRevision + 1 }
}

// MARK: - Start

/// Keys of the meta bucket. As etcd 3.4: mvcc/kvstore.go.
enum CompactionKey {
  static let scheduled = "scheduledCompactRev".bytes
  static let finished = "finishedCompactRev".bytes
}

extension Store {
  private func restore() {
    let finished = storedRevision(CompactionKey.finished)
    let scheduled = storedRevision(CompactionKey.scheduled)
    compactRevision = finished ?? -1
    restoreRows()
    // Everything up to a compaction may be gone; the revision must not fall behind it.
    // As etcd 3.4.32: mvcc/kvstore.go, restore.
    currentRevision = max(currentRevision, compactRevision, scheduled ?? 0)
    if let scheduled, scheduled > compactRevision {
      compactRevision = scheduled
      compaction.schedule(scheduled)
    }
  }

  private func storedRevision(_ key: Bytes) -> Int64? {
    guard let value = backend.get(.meta, key) else { return nil }
    guard let decoded = value.withUnsafeBytes({ RevisionKey.decode($0) }) else {
      broken("\(String(utf8: key)) holds \(hex(value)), which is no revision")
    }
    return decoded.revision.main
  }

  private func restoreRows() {
    var leased: [Key: LeaseID] = [:]
    backend.scanRows(from: Revision(main: 1), through: Revision(main: .max, sub: .max)) {
      revision, isTombstone, record in
      let row = StoredRecord(record).summary
      index.restore(
        row.key, at: revision, created: row.created, version: row.version, isTombstone: isTombstone,
        isLeased: row.lease != .none)
      if row.lease != .none {
        leased[Key(Bytes(row.key))] = row.lease
      } else if !leased.isEmpty {
        leased[Key(Bytes(row.key))] = nil
      }
      currentRevision = revision.main
      return true
    }
    for (key, lease) in leased where leases.exists(lease) { leases.attach(lease, key: key) }
  }
}
