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
