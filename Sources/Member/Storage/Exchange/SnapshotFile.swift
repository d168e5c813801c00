import Base
import Glibc

/// Why a snapshot file was not read, restored or written.
package enum SnapshotError: Error, Equatable, CustomStringConvertible {
  /// The file does not end in a digest (its size is not 32 more than a multiple of 512).
  case noDigest(path: String)
  case wrongDigest(path: String, expected: Bytes, found: Bytes)
  case damaged(path: String, BoltError)
  case failed(call: String, path: String, code: Int32)

  package var description: String {
    switch self {
    case .noDigest(let path): "\(path) has no SHA-256 at its end"
    case .wrongDigest(let path, let expected, let found):
      "\(path) should have SHA-256 \(hex(expected)) but has \(hex(found))"
    case .damaged(let path, let error): "\(path) is damaged: \(error)"
    case .failed(let call, let path, let code): "\(call) of \(path) failed: \(BackendError.text(of: code))"
    }
  }
}

/// A snapshot file as `etcdctl snapshot save` makes it: a bbolt image and its SHA-256; or a member's bbolt file, which has none.
package final class SnapshotFile {
  package let path: String
  package let reader: BoltReader
  private let file: BoltFile
  /// The image is a multiple of the page size; 32 more bytes are the digest. As etcd 3.4: v3_snapshot.go, hasChecksum.
  package var hasDigest: Bool { file.bytes.count % 512 == Digest256.length }

  /// Maps the file and finds its buckets; neither digest nor pages are checked yet.
  package init(path: String) throws(SnapshotError) {
    self.path = path
    do throws(BackendError) { file = try BoltFile(path: path) } catch {
      if case .failed(let call, let path, let code) = error {
        throw .failed(call: call, path: path, code: code)
      }
      throw .damaged(path: path, BoltError(page: 0, "the file is empty"))
    }
    do throws(BoltError) { reader = try BoltReader(file) } catch { throw .damaged(path: path, error) }
  }

  /// Holds the image against the digest at its end.
  package func checkDigest() throws(SnapshotError) {
    guard hasDigest else { throw .noDigest(path: path) }
    let end = file.bytes.count - Digest256.length
    let expected = Bytes(file.bytes[end...])
    let found = Digest256.of(UnsafeRawBufferPointer(rebasing: file.bytes[..<end]))
    if found != expected { throw .wrongDigest(path: path, expected: expected, found: found) }
  }

  /// Checks every page, then sums up.
  package func status() throws(SnapshotError) -> SnapshotStatus {
    do throws(BoltError) {
      try reader.check()
      return try SnapshotStatus(of: reader)
    } catch { throw .damaged(path: path, error) }
  }

  /// Writes the store of a restored member to `target`, as a bbolt image: both Go's etcd and this one start from
  /// it. The consistent index is set to `consistentIndex` (the number of first members: their conf changes are
  /// the entries the new log begins with), and the old cluster's members are left out.
  ///
  /// Digest and pages are to be checked before. As etcd 3.4: v3_snapshot.go, saveDB; it means to drop the members
  /// too, but looks for them among the keys.
  ///
  /// `compactedAt`, a revision behind the newest, makes the restored store go on from there with all before it
  /// compacted: watchers and caches of the time before notice that history was lost. As etcd 3.4.27: v3_snapshot.go,
  /// unsafeBumpRevision; the row that carries the revision is a tombstone here, so that no key comes into being.
  package func restore(to target: String, consistentIndex: UInt64, compactedAt: Int64? = nil)
    throws(SnapshotError)
  {
    var meta: [Key: Bytes?] = [MetaKey.consistentIndex: MetaKey.encode(consistentIndex)]
    var rows: [Key: Bytes?] = [:]
    if let compactedAt {
      let revision = Revision(main: compactedAt)
      meta[MetaKey.scheduledCompaction] = RevisionKey.encode(revision, isTombstone: false)
      rows[Key(RevisionKey.encode(revision, isTombstone: true))] = Bytes()
    }
    let changed = ChangedSource(
      reader, setting: [Bucket.meta.name.bytes: meta, Bucket.key.name.bytes: rows],
      emptying: [Bucket.members.name.bytes, Bucket.membersRemoved.name.bytes])
    try SnapshotWriter(changed).write(to: target, withDigest: false)
    do throws(BackendError) { try StoreFile.syncDirectory(of: target) } catch {
      throw .failed(call: "sync", path: target, code: EIO)
    }
  }
}

/// A bbolt file whose pages were checked, as a view: how a snapshot gets into the plain backend.
package final class BoltView: FrozenView {
  private let reader: BoltReader

  package init(_ reader: BoltReader) throws(BoltError) {
    try reader.check()
    self.reader = reader
  }

  package func scan(
    _ bucket: Bucket, after: Bytes?,
    _ visit: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
  ) {
    guard let place = reader.bucketNames.firstIndex(of: bucket.name.bytes) else { return }
    do throws(BoltError) { try reader.scan(place, after: after, visit) } catch {
      broken("a checked bbolt file changed under its reader: \(error)")
    }
  }
}
