import Base
import Glibc
import Storage
import Synchronization
import Testing
import Wire

private final class Lines: LogSink {
  let lines = Mutex<[String]>([])
  func accepts(_ level: LogLevel, package: String) -> Bool { true }
  func write(_ level: LogLevel, package: String, message: String, fields: [LogField]) {
    lines.withLock { $0.append(message) }
  }
}

@Suite("The data directory")
struct DataDirectoryTests {
  let place = TemporaryDirectory()
  let disk = SystemDisk()
  var data: DataDirectory { DataDirectory(place.path + "/data/") }

  func mode(_ path: String) throws -> UInt32? { try disk.status(of: path)?.mode }

  @Test("the places of things")
  func layout() {
    let usual = DataDirectory("/var/lib/etcd//")
    #expect(usual.path == "/var/lib/etcd" && usual.wal == "/var/lib/etcd/member/wal")
    #expect(usual.snap == "/var/lib/etcd/member/snap" && usual.proxy == "/var/lib/etcd/proxy")
    #expect(DataDirectory("d", wal: "/fast/wal").wal == "/fast/wal")
    #expect(DataDirectory("d", wal: "").wal == "d/member/wal")
  }

  @Test("what is missing is made for the owner alone")
  func prepare() throws {
    try data.prepare(disk)
    for path in [data.path, data.member, data.snap] { #expect(try mode(path) == 0o700) }
    #expect(try disk.names(in: data.member) == ["snap"])
    let wal = try WAL.create(disk, in: data.wal, metadata: metadataA)
    let files = try disk.names(in: data.wal)
    #expect(files == ["0000000000000000-0000000000000000.wal"])
    #expect(try mode(data.wal) == 0o700)
    let status = try disk.status(of: data.wal + "/" + files[0])
    #expect(status == DiskStatus(isDirectory: false, size: 64_000_000, mode: 0o600))
    try wal.close()
    try data.prepare(disk)
    #expect(try data.use(disk) == .member)
  }

  @Test("a directory open to others is warned of in etcd's words")
  func modes() throws {
    let sink = Lines()
    try disk.makeDirectory(data.path)
    chmod(data.path, 0o755)
    try data.prepare(disk, log: Log(sink, package: "etcdserver"))
    #expect(
      sink.lines.withLock { $0 } == [
        "check file permission: directory \"\(data.path)\" exist, but the permission is \"drwxr-xr-x\". "
          + "The recommended permission is \"drwx------\" to prevent possible unprivileged access to the data."
      ])
  }

  @Test("member and proxy directories are told apart; both at once are refused")
  func use() throws {
    #expect(try data.use(disk) == .nothing)
    try disk.makeDirectories(data.proxy)
    #expect(try data.use(disk) == .proxy)
    let sink = Lines()
    try disk.makeDirectory(data.path + "/lost+found")
    #expect(try data.use(disk, log: Log(sink, package: "etcdmain")) == .proxy)
    #expect(
      sink.lines.withLock { $0.first }?.hasPrefix("found invalid file/dir lost+found under data dir") == true)
    try disk.makeDirectories(data.member)
    let error = #expect(throws: DataDirectoryError.both) { try data.use(disk) }
    #expect(error?.description == "invalid datadir. Both member and proxy directories exist.")
  }

  @Test("a second process is kept out")
  func lock() throws {
    try data.prepare(disk)
    let lock = try data.lock(disk)
    let error = #expect(throws: DataDirectoryError.inUse(path: data.path)) { try data.lock(disk) }
    #expect(error?.description.hasPrefix("another etcd process is using \"\(data.path)\"") == true)
    lock.close()
    try data.lock(disk).close()
  }

  @Test("a place that cannot be written is named")
  func readOnly() throws {
    let error = #expect(throws: DataDirectoryError.self) { try DataDirectory("/proc/etcd").prepare(disk) }
    #expect(error?.description.hasPrefix("cannot write to directory /proc/etcd: ") == true)
    let file = place.path + "/file"
    try disk.open(file, .create).close()
    #expect(throws: DataDirectoryError.self) { try DataDirectory(file).prepare(disk) }
  }
}
