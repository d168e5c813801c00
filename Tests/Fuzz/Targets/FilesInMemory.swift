import Base
import Glibc
import Storage

/// The least disk that a log or a snapshot can be read from and written to.
final class FilesInMemory: Disk {
  final class Content { var bytes = Bytes() }
  private var files: [String: Content] = [:]
  private var directories: Set<String> = ["/d"]

  func put(_ path: String, _ bytes: Bytes) { content(path).bytes = bytes }
  func bytes(of path: String) -> Bytes { files[path]?.bytes ?? [] }

  private func content(_ path: String) -> Content {
    if let content = files[path] { return content }
    let content = Content()
    files[path] = content
    return content
  }

  func open(_ path: String, _ access: DiskAccess) throws(DiskError) -> any DiskFile {
    guard files[path] != nil || access == .create else { throw DiskError(.open, path, code: ENOENT) }
    return File(path, content(path))
  }
  func status(of path: String) throws(DiskError) -> DiskStatus? {
    if directories.contains(path) { return DiskStatus(isDirectory: true, size: 0, mode: 0o700) }
    return files[path].map { DiskStatus(isDirectory: false, size: $0.bytes.count, mode: 0o600) }
  }
  func names(in directory: String) throws(DiskError) -> [String] {
    files.keys.filter { parentPath(of: $0) == directory }.map { lastPart(of: $0) }.sorted()
  }
  func rename(_ path: String, to newPath: String) throws(DiskError) {
    for (name, content) in files where name == path || name.hasPrefix(path + "/") {
      files[name] = nil
      files[newPath + name.dropFirst(path.count)] = content
    }
    if directories.remove(path) != nil { directories.insert(newPath) }
  }
  func remove(_ path: String) throws(DiskError) {
    files[path] = nil
    directories.remove(path)
  }
  func makeDirectory(_ path: String) throws(DiskError) { directories.insert(path) }
  func syncDirectory(_ path: String) throws(DiskError) {}
  func freeBytes(at path: String) throws(DiskError) -> Int64 { 1 << 40 }
  func lockDirectory(_ path: String) throws(DiskError) -> any DiskLock { Lock() }

  private final class Lock: DiskLock {
    func close() {}
  }

  private final class File: DiskFile {
    var path: String
    private let content: Content
    init(_ path: String, _ content: Content) {
      self.path = path
      self.content = content
    }
    func size() throws(DiskError) -> Int { content.bytes.count }
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(DiskError) {
      grow(to: offset + bytes.count)
      content.bytes.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    }
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(DiskError) -> Int {
      let count = max(0, min(buffer.count, content.bytes.count - offset))
      if count > 0 {
        content.bytes.withUnsafeBytes {
          buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + count]))
        }
      }
      return count
    }
    func truncate(to size: Int) throws(DiskError) {
      grow(to: size)
      content.bytes.removeSubrange(size...)
    }
    func preallocate(to size: Int) throws(DiskError) { grow(to: size) }
    func syncData() throws(DiskError) {}
    func sync() throws(DiskError) {}
    func lock() throws(DiskError) {}
    func close() {}

    private func grow(to size: Int) {
      if size > content.bytes.count {
        content.bytes += Bytes(repeating: 0, count: size - content.bytes.count)
      }
    }
  }
}
