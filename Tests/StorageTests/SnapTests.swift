import Base
import Storage
import Testing
import Wire

@Suite("Snapshot files")
struct SnapTests {
  let disk = MemoryDisk(directories: ["/data", "/data/snap"])
  let store: SnapStore
  init() { store = SnapStore(disk, directory: "/data/snap") }

  func snapshot(_ index: UInt64, term: UInt64 = 1) -> RaftSnapshot {
    RaftSnapshot(
      data: "state at \(index)".bytes,
      metadata: SnapshotMetadata(confState: ConfState(voters: [1, 2]), index: index, term: term))
  }

  func name(_ index: UInt64, term: UInt64 = 1) -> String {
    "/data/snap/" + SnapName(term: term, index: index).text
  }

  @Test("a snapshot comes back from a file with etcd's name and form")
  func roundTrip() throws {
    try store.save(snapshot(0x18ce, term: 2))
    let path = "/data/snap/0000000000000002-00000000000018ce.snap"
    #expect(try disk.names(in: "/data/snap") == [lastPart(of: path)])
    let data = snapshot(0x18ce, term: 2).encoded()
    let crc = CRC32C.of(data)
    #expect(disk.bytes(of: path) == SnapRecord(crc: crc, data: data).encoded())
    #expect(try store.newest { _ in true } == snapshot(0x18ce, term: 2))
  }

  @Test("Go's bytes are read")
  func golden() throws {
    // {1 checksum, 2 {1 data, 2 {1 {1 voter}, 2 index, 3 term}}} as its encoder writes it.
    let data = unhex("0a0378797a120a0a040801280010051802")
    #expect(try RaftSnapshot(decoding: data).encoded() == data)
    disk.put(name(5, term: 2), SnapRecord(crc: CRC32C.of(data), data: data).encoded())
    #expect(try store.load(SnapName(term: 2, index: 5)).metadata.index == 5)
  }

  @Test("an empty snapshot is not saved")
  func empty() throws {
    #expect(try store.save(snapshot(0)) == 0)
    #expect(try disk.names(in: "/data/snap").isEmpty)
  }

  @Test("the newest readable one is taken, unreadable ones are set aside")
  func broken() throws {
    for index in [5, 10, 15, 20] { try store.save(snapshot(UInt64(index))) }
    try store.save(snapshot(12, term: 2))
    var bytes = disk.bytes(of: name(12, term: 2))
    bytes[bytes.count - 9] ^= 4
    disk.put(name(12, term: 2), bytes)
    disk.put(name(20), [])
    disk.put(name(15), [0xff, 0xff])
    #expect(throws: SnapError.checksum(path: name(12, term: 2))) {
      try store.load(SnapName(term: 2, index: 12))
    }
    #expect(throws: SnapError.empty(path: name(20))) { try store.load(SnapName(term: 1, index: 20)) }
    #expect(throws: SnapError.undecodable(path: name(15))) { try store.load(SnapName(term: 1, index: 15)) }
    #expect(try store.newest { _ in true } == snapshot(10))
    let left = try disk.names(in: "/data/snap")
    #expect(left.filter { $0.hasSuffix(".broken") }.count == 3)
    #expect(try store.files().map(\.index) == [10, 5])
  }

  @Test("a snapshot the log does not know is passed over and stays")
  func unknown() throws {
    let wal = try WAL.create(disk, in: "/data/wal", metadata: metadataA, options: smallFiles())
    _ = try wal.append(
      (1...20).map { entry($0, "v") }, state: HardState(term: 1, vote: 1, commit: 20))
    try store.save(snapshot(5))
    _ = try wal.saveSnapshot(WALSnapshot(index: 5, term: 1))
    try store.save(snapshot(15))
    #expect(try store.newest(knownToLogIn: "/data/wal") == snapshot(5))
    _ = try wal.saveSnapshot(WALSnapshot(index: 15, term: 1))
    #expect(try store.newest(knownToLogIn: "/data/wal") == snapshot(15))
    #expect(try store.files().count == 2)
  }

  @Test("what a crash left half made goes at start")
  func leftovers() throws {
    for name in ["tmp123", "db.tmp.1", "db", "0000000000000005.snap.db"] { disk.put("/data/snap/" + name, [1]) }
    try store.save(snapshot(5))
    #expect(try store.removeLeftovers() == ["db.tmp.1", "tmp123"])
    #expect(try disk.names(in: "/data/snap").count == 3)
  }

  @Test("the oldest are purged")
  func purge() throws {
    for index in 1...8 { try store.save(snapshot(UInt64(index))) }
    for index in 1...3 { disk.put(store.databasePath(index: UInt64(index)), [1]) }
    #expect(try store.purge(keep: 5) == [name(1), name(2), name(3)])
    #expect(try store.files().map(\.index) == [8, 7, 6, 5, 4])
  }

  @Test("a received store is adopted under its index and released when overtaken")
  func databases() throws {
    disk.put(store.databasePartPath(index: 0x1f), [1, 2])
    try store.adoptDatabase(index: 0x1f)
    #expect(store.databasePath(index: 0x1f) == "/data/snap/000000000000001f.snap.db")
    #expect(disk.bytes(of: "/data/snap/000000000000001f.snap.db") == [1, 2])
    disk.put(store.databasePartPath(index: 0x1f), [3])
    try store.adoptDatabase(index: 0x1f)
    #expect(disk.bytes(of: "/data/snap/000000000000001f.snap.db") == [1, 2])
    try store.releaseDatabases(before: 0x1f)
    #expect(try disk.exists(store.databasePath(index: 0x1f)))
    try store.releaseDatabases(before: 0x20)
    #expect(try disk.names(in: "/data/snap").isEmpty)
  }

  @Test("no failure leaves half a file under a proper name")
  func everyOperation() throws {
    var number = 0
    var dice = Dice(seed: 4)
    while true {
      number += 1
      let disk = MemoryDisk(directories: ["/data", "/data/snap"])
      let store = SnapStore(disk, directory: "/data/snap")
      try store.save(snapshot(1))
      disk.failingOperation = disk.operations + number
      let isSaved = (try? store.save(snapshot(2))) != nil
      let cut = disk.afterPowerCut(&dice)
      let found = try SnapStore(cut, directory: "/data/snap").newest { _ in true }
      #expect(isSaved ? found == snapshot(2) : found != nil)
      #expect(try cut.names(in: "/data/snap").allSatisfy { !$0.hasSuffix(".broken") })
      if !disk.hasFailed { break }
    }
    #expect(number > 5)
  }
}
