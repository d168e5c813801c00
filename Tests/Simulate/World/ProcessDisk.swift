import Base
import Glibc
import Storage

/// The disk as one process sees it. When the process is gone nothing it still holds can reach the disk, and it can be
/// told to die, or to meet an error, in the middle of its work.
final class ProcessDisk: Disk {
  let disk: FalseDisk
  let process: UInt32
  /// Changes until the process dies; nil while it lives on.
  var changesLeft: Int?
  /// Changes until one fails, and with what.
  var failure: (after: Int, code: Int32)?
  private(set) var isDead = false
  private(set) var hasFailed = false
  /// Changes made, to place a death among those of one piece of work.
  private(set) var changes = 0
  /// Syncs since it was last asked, for the time they take.
  var syncs = 0

  init(_ disk: FalseDisk, process: UInt32) {
    self.disk = disk
    self.process = process
  }

  func kill() { isDead = true }

  /// Counts a change. Throws where it must not happen; answers whether it is the one at which the process dies.
  private func step(_ operation: DiskError.Operation, _ path: String) throws(DiskError) {
    changes += 1
    if isDead { throw DiskError(operation, path, code: EIO) }
    if let left = changesLeft {
      if left <= 0 {
        isDead = true
        throw DiskError(operation, path, code: EIO)
      }
      changesLeft = left - 1
    }
    guard let coming = failure else { return }
    if coming.after > 0 {
      failure = (coming.after - 1, coming.code)
      return
    }
    failure = nil
    hasFailed = true
    throw DiskError(operation, path, code: coming.code)
  }

  func open(_ path: String, _ access: DiskAccess) throws(DiskError) -> any DiskFile {
    if isDead { throw DiskError(.open, path, code: EIO) }
    if let inode = disk.inodes[path] { return File(self, inode, path) }
    guard case .create = access, disk.inodes[parentPath(of: path)] != nil else {
      throw DiskError(.open, path, code: ENOENT)
    }
    try step(.open, path)
    let inode = FalseDisk.Inode(isDirectory: false)
    disk.link(path, inode)
    return File(self, inode, path)
  }

  func status(of path: String) throws(DiskError) -> DiskStatus? {
    disk.inodes[path].map {
      DiskStatus(isDirectory: $0.isDirectory, size: $0.content.count, mode: $0.isDirectory ? 0o700 : 0o600)
    }
  }

  func names(in directory: String) throws(DiskError) -> [String] {
    if disk.inodes[directory] == nil { throw DiskError(.list, directory, code: ENOENT) }
    return disk.children(of: directory)
  }

  func rename(_ path: String, to newPath: String) throws(DiskError) {
    if disk.inodes[path] == nil { throw DiskError(.rename, path, code: ENOENT) }
    try step(.rename, path)
    disk.move(path, to: newPath)
  }

  func remove(_ path: String) throws(DiskError) {
    guard let inode = disk.inodes[path] else { throw DiskError(.remove, path, code: ENOENT) }
    if inode.isDirectory, !disk.children(of: path).isEmpty { throw DiskError(.remove, path, code: ENOTEMPTY) }
    try step(.remove, path)
    disk.unlink(path)
  }

  func makeDirectory(_ path: String) throws(DiskError) {
    if disk.inodes[path] != nil { throw DiskError(.mkdir, path, code: EEXIST) }
    try step(.mkdir, path)
    disk.link(path, FalseDisk.Inode(isDirectory: true))
  }

  func syncDirectory(_ path: String) throws(DiskError) {
    if disk.inodes[path] == nil { throw DiskError(.open, path, code: ENOENT) }
    try step(.fsync, path)
    syncs += 1
    disk.syncDirectory(path)
  }

  func freeBytes(at path: String) throws(DiskError) -> Int64 { 1 << 40 }

  func lockDirectory(_ path: String) throws(DiskError) -> any DiskLock {
    let file = try open(path, .write)
    try file.lock()
    return Lock(file)
  }

  private final class Lock: DiskLock {
    let file: any DiskFile
    init(_ file: any DiskFile) { self.file = file }
    func close() { file.close() }
  }

  private final class File: DiskFile {
    let owner: ProcessDisk
    let inode: FalseDisk.Inode
    var path: String

    init(_ owner: ProcessDisk, _ inode: FalseDisk.Inode, _ path: String) {
      self.owner = owner
      self.inode = inode
      self.path = path
    }

    func size() throws(DiskError) -> Int { inode.content.count }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(DiskError) {
      var failure: DiskError?
      let wasDead = owner.isDead
      do throws(DiskError) { try owner.step(.write, path) } catch { failure = error }
      if wasDead, let failure { throw failure }
      // The system copies by pages, so a write that ends half-way ends at a border of sectors.
      let half = max(0, (offset + bytes.count / 2) / 512 * 512 - offset)
      let data = Bytes(bytes.prefix(failure == nil ? bytes.count : half))
      FalseDisk.overwrite(&inode.content, at: offset, data[...])
      inode.unsynced.append(.write(offset: offset, data))
      if let failure { throw failure }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(DiskError) -> Int {
      let end = min(offset + buffer.count, inode.content.count)
      guard offset < end else { return 0 }
      inode.content.withUnsafeBytes {
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<end]))
      }
      return end - offset
    }

    func truncate(to size: Int) throws(DiskError) {
      try owner.step(.truncate, path)
      resize(size)
    }

    func preallocate(to size: Int) throws(DiskError) {
      try owner.step(.preallocate, path)
      if size > inode.content.count { resize(size) }
    }

    private func resize(_ size: Int) {
      FalseDisk.apply(.resize(size), to: &inode.content)
      inode.unsynced.append(.resize(size))
    }

    func syncData() throws(DiskError) {
      do throws(DiskError) { try owner.step(.fdatasync, path) } catch {
        // As Linux does it: the pages are marked clean all the same, and the next sync has nothing to write.
        // Until the power goes they read as if they had been written.
        if owner.hasFailed, !owner.isDead { inode.unsynced.removeAll() }
        throw error
      }
      owner.syncs += 1
      inode.syncNow()
    }

    func sync() throws(DiskError) { try syncData() }

    func lock() throws(DiskError) {
      if inode.lockedBy != 0 { throw DiskError(.lock, path, code: EWOULDBLOCK) }
      inode.lockedBy = owner.process
    }

    func close() {
      if inode.lockedBy == owner.process { inode.lockedBy = 0 }
    }
  }
}
