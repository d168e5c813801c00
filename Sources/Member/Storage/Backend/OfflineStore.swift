import Base
import CShim
import Glibc

/// Work on a store that no member has open.
package enum OfflineStore {
  /// Rewrites the store at `path` densely, in its own format: ours, or a bbolt file that Go's etcd goes on with. A
  /// crash leaves the old store or the new one. Refused while another process has it open.
  package static func defragment(_ path: String) throws(BackendError) {
    switch try StoreFile.kind(of: path) {
    case .missing: throw .failed(call: "open", path: path, code: ENOENT)
    case .foreign: throw .foreign(path: path)
    case .ours:
      let store = try LMDBEnvironment(path: path, unsafeNoSync: false)
      let view = try LMDBView(store)
      let copy = try StoreFile.copy(view, path: path, unsafeNoSync: false, unless: Flag()).get()
      try StoreFile.replace(with: copy)
    case .bolt: try defragmentBolt(path)
    }
  }

  /// Writes a backup of the store at `path` to `target`, as a bbolt image without the cluster's members.
  ///
  /// Without `index` all keys go with it; with one the image is empty but for that consistent index. A store that
  /// another process has open is refused. As etcd 3.4: etcdctl/ctlv2/command/backup_command.go, saveDB.
  package static func backUp(_ path: String, to target: String, emptyAt index: UInt64?) throws(BackendError) {
    if let index {
      return try write(
        ChangedSource(
          NoSource(), setting: [Bucket.meta.name.bytes: [MetaKey.consistentIndex: MetaKey.encode(index)]]),
        target)
    }
    let cluster: Set<Bytes> = [
      Bucket.members.name.bytes, Bucket.membersRemoved.name.bytes, Bucket.cluster.name.bytes,
    ]
    switch try StoreFile.kind(of: path) {
    case .missing: throw .failed(call: "open", path: path, code: ENOENT)
    case .foreign: throw .foreign(path: path)
    case .ours:
      let view = try LMDBView(try LMDBEnvironment(path: path, unsafeNoSync: false))
      try write(ChangedSource(ViewSource(view), setting: [:], emptying: cluster), target)
    case .bolt:
      let lock = try lockFile(at: path)
      defer { close(lock) }
      let reader: BoltReader
      do {
        reader = try BoltReader(BoltFile(path: path))
        try reader.check()
      } catch { throw .damaged(path: path, rule: "\(error)") }
      try write(ChangedSource(reader, setting: [:], emptying: cluster), target)
    }
  }

  private static func write(_ source: any BoltSource, _ target: String) throws(BackendError) {
    do throws(SnapshotError) { try SnapshotWriter(source).write(to: target, withDigest: false) } catch {
      throw .damaged(path: target, rule: error.description)
    }
    try StoreFile.syncDirectory(of: target)
  }

  /// No buckets at all.
  private final class NoSource: BoltSource {
    let bucketNames: [Bytes] = []
    func scan(
      _ bucket: Int, after: Bytes?,
      _ visit: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
    ) {}
  }

  private static func defragmentBolt(_ path: String) throws(BackendError) {
    let lock = try lockFile(at: path)
    defer { close(lock) }
    let copy = path + StoreFile.copySuffix
    do {
      let reader = try BoltReader(BoltFile(path: path))
      try reader.check()
      try SnapshotWriter(reader).write(to: copy, withDigest: false)
    } catch {
      unlink(copy)
      if let known = error as? BackendError { throw known }
      throw .damaged(path: path, rule: "\(error)")
    }
    guard rename(copy, path) == 0 else { throw .failed(call: "rename", path: copy, code: errno) }
    try StoreFile.syncDirectory(of: path)
  }
}
