import Base
import Storage
import Wire

// The past, for watchers that are behind.

extension Store: ChangeHistory {
  /// Visits every change with `from <= revision.main <= through` in order until `visit` answers false.
  /// Rows below the compacted revision may be missing; who starts there must be told so before.
  /// As etcd 3.4: mvcc/watchable_store.go, kvsToEvents.
  package func scan(from: Int64, through: Int64, _ visit: (Change) -> Bool) {
    backend.scanRows(from: Revision(main: from), through: Revision(main: through, sub: .max)) {
      revision, isTombstone, record in
      let row = StoredRecord(record).summary
      let key = Bytes(row.key)
      if isTombstone { return visit(Self.deletion(of: key, at: revision)) }
      return visit(
        Change(
          revision: revision, isDelete: false, isCreate: row.created == revision.main, key: key,
          record: Bytes(record)))
    }
  }

  /// The key's record just before `revision`, for events with their previous pair; nil where the key did not exist
  /// or the record was compacted. As etcd 3.4: etcdserver/api/v3rpc/watch.go, sendLoop.
  package func previousRecord(of key: Bytes, before revision: Revision) -> Bytes? {
    let at = revision.main - 1
    guard at >= 1, at >= compactRevision else { return nil }
    guard let state = key.withUnsafeBytes({ index.state($0, at: at) }) else { return nil }
    return record(at: state.modified)
  }
}
