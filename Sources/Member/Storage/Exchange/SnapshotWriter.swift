import Base
import CShim
import Glibc

/// Makes the bbolt image of a store in chunks, with its SHA-256: what `etcdctl snapshot save` receives, and a peer.
///
/// Nothing is held but a page or so, and nothing waits: the caller takes a chunk when it can send one. Used by
/// one thread at a time.
package final class SnapshotWriter {
  private let writer: BoltWriter
  private let digestInProgress = Digest256()
  /// Made but not yet taken, from `taken` on.
  private var part = Bytes()
  private var taken = 0
  private var remaining: Int64 = 0
  private var isCounted = false
  private var isDone = false

  package init(_ source: any BoltSource) { writer = BoltWriter(source) }
  package convenience init(_ view: any FrozenView) { self.init(ViewSource(view)) }

  /// Counts on, by about `pairs` pairs; true when the size is known. A million rows take about a tenth of a second.
  package func count(pairs: Int = .max) throws(BoltError) -> Bool {
    if !isCounted, try writer.count(pairs: pairs) {
      isCounted = true
      remaining = writer.imageBytes
    }
    return isCounted
  }

  /// Size of the image without the digest. Only after `count` has answered true.
  package var imageBytes: Int64 { writer.imageBytes }
  /// Bytes of the image not taken yet.
  package var remainingBytes: Int64 { remaining }

  /// The next bytes of the image, at most `bytes`; nil at the end.
  /// As etcd 3.4: v3rpc/maintenance.go sends 32 KiB at a time.
  package func nextChunk(bytes: Int = Limits.snapshotChunkBytes) throws(BoltError) -> Bytes? {
    _ = try count()
    while part.count - taken < bytes, !isDone {
      part.removeFirst(taken)
      taken = 0
      guard let more = try writer.next(bytes: bytes) else {
        isDone = true
        break
      }
      more.withUnsafeBytes { digestInProgress.update($0) }
      part += more
    }
    guard taken < part.count else { return nil }
    let chunk = Bytes(part[taken..<min(part.count, taken + bytes)])
    taken += chunk.count
    remaining -= Int64(chunk.count)
    return chunk
  }

  /// SHA-256 of the image, 32 bytes. Once, after `nextChunk` has answered nil.
  package func digest() -> Bytes {
    invariant(isDone && taken == part.count, "digest of an image that was not taken to its end")
    return digestInProgress.finish()
  }

  /// Writes the whole image to a new file and makes it durable; a file at `path` is replaced.
  package func write(to path: String, withDigest: Bool) throws(SnapshotError) {
    let descriptor = cshim_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard descriptor >= 0 else { throw .failed(call: "create", path: path, code: errno) }
    defer { close(descriptor) }
    while true {
      let chunk: Bytes?
      do throws(BoltError) { chunk = try nextChunk(bytes: Limits.snapshotFileChunkBytes) } catch {
        throw .damaged(path: path, error)
      }
      guard let chunk else { break }
      try append(chunk, to: descriptor, path)
    }
    if withDigest { try append(digest(), to: descriptor, path) }
    if fsync(descriptor) != 0 { throw .failed(call: "sync", path: path, code: errno) }
  }

  private func append(_ bytes: Bytes, to descriptor: Int32, _ path: String) throws(SnapshotError) {
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .failed(call: "write", path: path, code: errno) }
      written += count
    }
  }
}
