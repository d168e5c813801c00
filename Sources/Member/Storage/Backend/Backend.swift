import Base

/// The tables of the store, by etcd's names; all ten exist from the first start.
/// As etcd 3.4: the buckets of `snap/db`.
package enum Bucket: UInt8, CaseIterable, Sendable {
  case alarm, auth, authRoles, authUsers, cluster, key, lease, members, membersRemoved, meta

  /// The name in exchange files. The cases are declared in the order of these names, as files need them.
  package var name: String {
    switch self {
    case .alarm: "alarm"
    case .auth: "auth"
    case .authRoles: "authRoles"
    case .authUsers: "authUsers"
    case .cluster: "cluster"
    case .key: "key"
    case .lease: "lease"
    case .members: "members"
    case .membersRemoved: "members_removed"
    case .meta: "meta"
    }
  }
}

/// Where the machine keeps its rows: a running batch in memory above a durable table store.
///
/// Everything here is called on the loop thread. Writes go to the running batch and are visible to reads at once;
/// `seal` hands the batch to the commit thread. Reads look into the running batch, the batch being committed,
/// then the durable rows. No reader copies a batch.
///
/// Rows of `Bucket.key` are written in ascending order of revision and never rewritten, only deleted (by compaction).
/// A pointer given to a closure is valid inside the closure only.
package protocol Backend: AnyObject {
  // Rows of the key bucket: one change of one key each; the value is an encoded mvccpb.KeyValue.

  /// Adds a change. `revision` must be above every revision appended before.
  func appendRow(_ revision: Revision, isTombstone: Bool, record: Bytes)
  /// Gives the record at `revision` to `body`; false (and no call) where there is none.
  func row(at revision: Revision, _ body: (_ record: UnsafeRawBufferPointer, _ isTombstone: Bool) -> Void)
    -> Bool
  /// Visits rows with `from <= revision <= through` in ascending order until `visit` answers false.
  func scanRows(
    from: Revision, through: Revision,
    _ visit: (_ revision: Revision, _ isTombstone: Bool, _ record: UnsafeRawBufferPointer) -> Bool)
  /// Removes a row (compaction). Unknown rows are ignored.
  func deleteRow(_ revision: Revision, isTombstone: Bool)

  // The small buckets (all but `.key`).

  func put(_ bucket: Bucket, _ key: Bytes, _ value: Bytes)
  func delete(_ bucket: Bucket, _ key: Bytes)
  func get(_ bucket: Bucket, _ key: Bytes) -> Bytes?
  /// Every pair of the bucket, ascending by key.
  func pairs(_ bucket: Bucket) -> [(key: Bytes, value: Bytes)]

  /// Index of the last log entry whose effects are in the rows written so far. It is stored (meta/consistent_index)
  /// in the same durable transaction as those rows. Setting it to a smaller value is a broken invariant.
  var consistentIndex: UInt64 { get set }

  /// Writes not yet sealed.
  var pendingOperations: Int { get }
  /// True while a sealed batch is not durable yet. Only one may be under way: `seal` then does nothing and answers false.
  var isCommitting: Bool { get }
  /// Hands the running batch to the commit thread, if none is under way; answers whether it did (or had nothing to do).
  @discardableResult func seal() -> Bool
  /// Seals and waits until everything written so far is durable. For start, stop and snapshots, not for the hot path.
  func commitAndWait()
  /// To be called by the loop when the commit thread reported (see the constructor's `onCommitted`); frees the batch.
  /// Ends the process when the commit failed: nothing may be believed after that.
  func reapCommit()
  /// Ends the turn's read transaction, so that pages freed by later commits can be reused. Call once per turn of the loop.
  func endTurn()

  /// Allocated bytes of the store, as Go's `dbSize`; and those holding live pages.
  var sizeBytes: Int64 { get }
  var sizeInUseBytes: Int64 { get }

  /// A frozen view of everything durable; call after `commitAndWait`. May be read on another thread and outlive later writes.
  func frozenView() -> any FrozenView
}

/// A frozen, consistent view of all buckets, for hashes and exchange files. Read from one thread at a time.
package protocol FrozenView: AnyObject, Sendable {
  /// Visits the pairs of the bucket in key order, beginning behind `after` (with the first where nil), until
  /// `visit` answers false. Keys of `.key` are in etcd's 17 or 18 byte form.
  func scan(
    _ bucket: Bucket, after: Bytes?,
    _ visit: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool)
}

extension FrozenView {
  /// Visits every pair of the bucket in key order until `visit` answers false.
  package func scan(
    _ bucket: Bucket, _ visit: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
  ) { scan(bucket, after: nil, visit) }
}
