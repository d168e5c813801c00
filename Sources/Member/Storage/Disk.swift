/// The seam to the file system: what the log, the snapshots and the data directory need of a disk.
///
/// One call does one batch, so the indirection costs nothing beside the system call. Tests and the simulator
/// put a disk behind it that fails on demand and forgets what was not synced. Paths are absolute or relative to
/// the working directory, without a trailing slash.
package protocol Disk: AnyObject {
  /// Opens a file; `create` makes it with mode 0600 where it is missing.
  func open(_ path: String, _ access: DiskAccess) throws(DiskError) -> any DiskFile
  /// What is at `path`; nil where nothing is.
  func status(of path: String) throws(DiskError) -> DiskStatus?
  /// The names in a directory, sorted bytewise, without `.` and `..`.
  func names(in directory: String) throws(DiskError) -> [String]
  /// Moves a file or directory, replacing a file that stands there. Durable after both parents are synced.
  func rename(_ path: String, to newPath: String) throws(DiskError)
  /// Removes a file or an empty directory.
  func remove(_ path: String) throws(DiskError)
  /// Makes one directory with mode 0700.
  func makeDirectory(_ path: String) throws(DiskError)
  /// Makes what happened to the names in a directory durable.
  func syncDirectory(_ path: String) throws(DiskError)
  /// Bytes an unprivileged process may still write below `path`.
  func freeBytes(at path: String) throws(DiskError) -> Int64
  /// Keeps other processes out of a directory until the answer is closed. Fails with `isLocked` where one is in.
  func lockDirectory(_ path: String) throws(DiskError) -> any DiskLock
}

/// How a file is opened.
package enum DiskAccess: Sendable {
  case read
  /// For reading and writing; the file must exist.
  case write
  /// For reading and writing; made where it is missing, its content kept where not.
  case create
}

/// What is known of a path without opening it.
package struct DiskStatus: Sendable, Equatable {
  package var isDirectory: Bool
  package var size: Int
  /// The nine permission bits.
  package var mode: UInt32
  package init(isDirectory: Bool, size: Int, mode: UInt32) {
    self.isDirectory = isDirectory
    self.size = size
    self.mode = mode
  }
}

/// An open file. Its position is the caller's business: every call names an offset.
package protocol DiskFile: AnyObject {
  /// The name errors give it; to be set after the file was renamed.
  var path: String { get set }
  func size() throws(DiskError) -> Int
  /// Writes all of `bytes`; a file that is too short grows.
  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(DiskError)
  /// Fills as much of `buffer` as the file has from `offset` on; less than its size only at the end of the file.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(DiskError) -> Int
  func truncate(to size: Int) throws(DiskError)
  /// Makes the file `size` bytes long with real blocks behind them that read as zeros; never shortens it.
  /// Where the file system cannot, the file only becomes longer.
  func preallocate(to size: Int) throws(DiskError)
  /// Makes the content durable, and of the rest what is needed to read it back (`fdatasync`).
  func syncData() throws(DiskError)
  /// Makes content and description durable (`fsync`).
  func sync() throws(DiskError)
  /// Keeps every other opening of the file from locking it, until `close`. Fails with `isLocked` at once where it is held.
  func lock() throws(DiskError)
  /// Ends the use and any lock; further calls do nothing.
  func close()
}

/// A held lock.
package protocol DiskLock: AnyObject {
  func close()
}

extension Disk {
  package func exists(_ path: String) throws(DiskError) -> Bool { try status(of: path) != nil }

  /// Makes a directory and those above it, where they are missing; says whether it made `path` itself.
  /// Each new one is durable in its parent before the next step relies on it.
  @discardableResult
  package func makeDirectories(_ path: String) throws(DiskError) -> Bool {
    if try exists(path) { return false }
    let parent = parentPath(of: path)
    if parent != path { try makeDirectories(parent) }
    try makeDirectory(path)
    try syncDirectory(parent)
    return true
  }

  /// Removes a directory and everything below it; nothing where it is missing.
  package func removeTree(_ path: String) throws(DiskError) {
    guard let found = try status(of: path) else { return }
    if found.isDirectory {
      for name in try names(in: path) { try removeTree(path + "/" + name) }
    }
    try remove(path)
  }
}

extension DiskFile {
  package func write(_ bytes: [UInt8], at offset: Int) throws(DiskError) {
    try bytes.withUnsafeBufferPointer { buffer throws(DiskError) in
      try write(UnsafeRawBufferPointer(buffer), at: offset)
    }
  }

  /// The whole content.
  package func readAll() throws(DiskError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: try size())
    let count = try bytes.withUnsafeMutableBufferPointer { buffer throws(DiskError) in
      try read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)
    }
    bytes.removeSubrange(count...)
    return bytes
  }
}

/// The directory a path stands in.
package func parentPath(of path: String) -> String {
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
  let parent = String(path[..<slash])
  return parent.isEmpty ? "/" : parent
}

/// The last part of a path.
package func lastPart(of path: String) -> String {
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
  return String(path[path.utf8.index(after: slash)...])
}
