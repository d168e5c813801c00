import CShim
import Glibc

/// The real file system. It has no state; any number of threads may share it.
package final class SystemDisk: Disk, Sendable {
  package init() {}

  package func open(_ path: String, _ access: DiskAccess) throws(DiskError) -> any DiskFile {
    let flags =
      switch access {
      case .read: O_RDONLY
      case .write: O_RDWR
      case .create: O_RDWR | O_CREAT
      }
    let descriptor = untilDone { cshim_open(path, flags, 0o600) }
    if descriptor < 0 { throw DiskError(.open, path, code: errno) }
    return SystemFile(descriptor, path: path)
  }

  package func status(of path: String) throws(DiskError) -> DiskStatus? {
    var found = stat()
    if stat(path, &found) != 0 {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw DiskError(.stat, path, code: errno)
    }
    return DiskStatus(
      isDirectory: found.st_mode & S_IFMT == S_IFDIR, size: Int(found.st_size), mode: found.st_mode & 0o777)
  }

  package func names(in directory: String) throws(DiskError) -> [String] {
    guard let stream = opendir(directory) else { throw DiskError(.list, directory, code: errno) }
    defer { closedir(stream) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
      errno = 0
    }
    if errno != 0 { throw DiskError(.list, directory, code: errno) }
    return names.sorted()
  }

  package func rename(_ path: String, to newPath: String) throws(DiskError) {
    if Glibc.rename(path, newPath) != 0 { throw DiskError(.rename, path, code: errno) }
  }

  package func remove(_ path: String) throws(DiskError) {
    if Glibc.remove(path) != 0 { throw DiskError(.remove, path, code: errno) }
  }

  package func makeDirectory(_ path: String) throws(DiskError) {
    if mkdir(path, 0o700) != 0 { throw DiskError(.mkdir, path, code: errno) }
  }

  package func syncDirectory(_ path: String) throws(DiskError) {
    let file = SystemFile(try directory(path), path: path)
    defer { file.close() }
    try file.sync()
  }

  package func freeBytes(at path: String) throws(DiskError) -> Int64 {
    var found = statvfs()
    if statvfs(path, &found) != 0 { throw DiskError(.statfs, path, code: errno) }
    return Int64(clamping: found.f_bavail) * Int64(clamping: found.f_frsize)
  }

  package func lockDirectory(_ path: String) throws(DiskError) -> any DiskLock {
    let lock = SystemDirectoryLock(try directory(path))
    if cshim_flock_exclusive(lock.descriptor) == 0 { return lock }
    let code = errno
    if code == EWOULDBLOCK {
      lock.close()
      throw DiskError(.lock, path, code: code)
    }
    // Network file systems cannot lock directories; the locks on the log's files still keep others out.
    return lock
  }

  private func directory(_ path: String) throws(DiskError) -> Int32 {
    let descriptor = untilDone { cshim_open(path, O_RDONLY | O_DIRECTORY, 0) }
    if descriptor < 0 { throw DiskError(.open, path, code: errno) }
    return descriptor
  }
}

private final class SystemDirectoryLock: DiskLock {
  var descriptor: Int32
  init(_ descriptor: Int32) { self.descriptor = descriptor }
  deinit { close() }
  func close() {
    if descriptor >= 0 { _ = Glibc.close(descriptor) }
    descriptor = -1
  }
}

/// A file of the real file system; owns its descriptor.
private final class SystemFile: DiskFile {
  private var descriptor: Int32
  var path: String

  init(_ descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }
  deinit { close() }

  func size() throws(DiskError) -> Int {
    var found = stat()
    if fstat(descriptor, &found) != 0 { throw DiskError(.stat, path, code: errno) }
    return Int(found.st_size)
  }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(DiskError) {
    var done = 0
    while done < bytes.count {
      let written = untilDone {
        pwrite(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, offset + done)
      }
      if written < 0 { throw DiskError(.write, path, code: errno) }
      if written == 0 { throw DiskError(.write, path, code: EIO) }
      done += written
    }
  }

  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(DiskError) -> Int {
    var done = 0
    while done < buffer.count {
      let got = untilDone {
        pread(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, offset + done)
      }
      if got < 0 { throw DiskError(.read, path, code: errno) }
      if got == 0 { break }
      done += got
    }
    return done
  }

  func truncate(to size: Int) throws(DiskError) {
    if untilDone({ Int(ftruncate(descriptor, size)) }) < 0 { throw DiskError(.truncate, path, code: errno) }
  }

  func preallocate(to size: Int) throws(DiskError) {
    if size == 0 || cshim_fallocate(descriptor, 0, size) == 0 { return }
    guard errno == EOPNOTSUPP || errno == ENOSYS else { throw DiskError(.preallocate, path, code: errno) }
    if try self.size() < size { try truncate(to: size) }
  }

  func syncData() throws(DiskError) {
    if fdatasync(descriptor) != 0 { throw DiskError(.fdatasync, path, code: errno) }
  }

  func sync() throws(DiskError) {
    if fsync(descriptor) != 0 { throw DiskError(.fsync, path, code: errno) }
  }

  /// The kind of lock Go's etcd takes (an open file description lock), so that each keeps the other out.
  /// As etcd 3.4: pkg/fileutil/lock_linux.go.
  func lock() throws(DiskError) {
    var wanted = flock()
    wanted.l_type = Int16(F_WRLCK)
    wanted.l_whence = Int16(SEEK_SET)
    if fcntl(descriptor, setOpenFileLock, &wanted) == 0 { return }
    if errno == EINVAL, cshim_flock_exclusive(descriptor) == 0 { return }
    throw DiskError(.lock, path, code: errno)
  }

  func close() {
    if descriptor >= 0 { _ = Glibc.close(descriptor) }
    descriptor = -1
  }
}

/// `F_OFD_SETLK`, which Glibc's headers show to GNU sources only.
private let setOpenFileLock: Int32 = 37

/// Repeats a call that a signal interrupted.
private func untilDone<Result: SignedInteger>(_ call: () -> Result) -> Result {
  while true {
    let result = call()
    if result != -1 || errno != EINTR { return result }
  }
}
