import Base
import Glibc
import Storage
import Testing

@Suite("The disk")
struct DiskTests {
  let place = TemporaryDirectory()
  let disk = SystemDisk()

  @Test("files are made, written, read, cut and preallocated")
  func files() throws {
    let path = place.path + "/file"
    #expect(throws: DiskError(.open, path, code: ENOENT)) { try disk.open(path, .write) }
    let file = try disk.open(path, .create)
    try file.write("hello".bytes, at: 3)
    #expect(try file.readAll() == [0, 0, 0] + "hello".bytes)
    try file.preallocate(to: 10_000)
    #expect(try file.size() == 10_000)
    try file.preallocate(to: 100)
    #expect(try file.size() == 10_000)
    try file.truncate(to: 5)
    #expect(try file.readAll() == [0, 0, 0] + "he".bytes)
    try file.syncData()
    try file.sync()
    try disk.syncDirectory(place.path)
    #expect(try disk.status(of: path) == DiskStatus(isDirectory: false, size: 5, mode: 0o600))
    file.close()
    #expect(throws: DiskError(.write, path, code: EBADF)) { try file.write([1], at: 0) }
  }

  @Test("a file is locked once, in the process too, and by its openings alone")
  func locks() throws {
    let path = place.path + "/file"
    let first = try disk.open(path, .create)
    try first.lock()
    let second = try disk.open(path, .write)
    let error = #expect(throws: DiskError.self) { try second.lock() }
    #expect(error?.isLocked == true)
    // Closing another opening does not give the first one's lock away, as it would with the older kind.
    second.close()
    #expect(throws: DiskError.self) { try disk.open(path, .write).lock() }
    first.close()
    try disk.open(path, .write).lock()
  }

  @Test("directories are made with those above them, listed in order, moved and removed")
  func directories() throws {
    let path = place.path + "/a/b/c"
    #expect(try disk.makeDirectories(path))
    #expect(try !disk.makeDirectories(path))
    for name in ["z", "10", "9", "é"] { try disk.open(path + "/" + name, .create).close() }
    #expect(try disk.names(in: path) == ["10", "9", "z", "é"])
    try disk.rename(path, to: place.path + "/moved")
    #expect(try disk.status(of: path) == nil)
    try disk.removeTree(place.path + "/moved")
    try disk.removeTree(place.path + "/moved")
    #expect(try disk.names(in: place.path) == ["a"])
    #expect(try disk.freeBytes(at: place.path) > 0)
  }

  @Test("errors say the reason first, then what failed and what to do")
  func texts() {
    #expect(
      DiskError(.write, "/d/f", code: EROFS).description
        == "read-only file system: write /d/f (the file system is mounted read-only; "
        + "look for disk errors in the kernel's log)")
    #expect(DiskError(.open, "/d/f", code: ENOENT).description == "no such file or directory: open /d/f")
  }
}
