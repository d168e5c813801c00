import Base

/// One change of one key, as a write transaction made it and as watchers receive it.
package struct Change: Sendable {
  package var revision: Revision
  package var isDelete: Bool
  package var isCreate: Bool
  package var key: Bytes
  /// The encoded mvccpb.KeyValue sent to watchers.
  package var record: Bytes

  package init(revision: Revision, isDelete: Bool, isCreate: Bool, key: Bytes, record: Bytes) {
    self.revision = revision
    self.isDelete = isDelete
    self.isCreate = isCreate
    self.key = key
    self.record = record
  }
}
