import Base
import Storage
import Testing
import Wire

@Suite("Writing the log")
struct WALTests {
  let disk = MemoryDisk()
  let directory = "/data/wal"

  @Test("entries, state and snapshot notes come back")
  func roundTrip() throws {
    let wal = try WAL.create(disk, in: directory, metadata: metadataA, options: smallFiles())
    _ = try wal.append([entry(1, "a"), entry(2, "")], state: HardState(term: 1, vote: 3, commit: 1))
    _ = try wal.append([Entry(type: .confChange, term: 1, index: 3, data: nil)])
    _ = try wal.saveSnapshot(WALSnapshot(index: 2, term: 1))
    try wal.close()

    let (_, contents) = try WAL.open(disk, in: directory, at: WALSnapshot(), options: smallFiles())
    #expect(contents.entries == [entry(1, "a"), entry(2, ""), Entry(type: .confChange, term: 1, index: 3)])
    #expect(contents.state == HardState(term: 1, vote: 3, commit: 1))
    #expect(contents.metadata == metadataA)
    #expect(try WAL.validSnapshots(disk, in: directory) == [WALSnapshot()])
  }

  @Test("a turn of a thousand entries is one write and one sync")
  func costs() throws {
    let wal = try WAL.create(disk, in: directory, metadata: metadataA, options: smallFiles(64 * 1024))
    let (writes, syncs) = (disk.writes, disk.syncs)
    let work = try wal.append(
      (1...1000).map { entry($0, "value \($0)") }, state: HardState(term: 1, vote: 1, commit: 1))
    #expect(disk.writes - writes == 1)
    #expect(disk.syncs - syncs == 1)
    #expect(work.writes == 1 && work.syncs == 1 && work.bytes > 10_000 && !work.didCut)
  }

  @Test("a new commit index is written but not synced, a new term or vote is synced")
  func syncRules() throws {
    let wal = try WAL.create(disk, in: directory, metadata: metadataA, options: smallFiles(64 * 1024))
    #expect(try wal.append([], state: HardState(term: 1, vote: 0, commit: 0)).syncs == 1)
    #expect(try wal.append([], state: HardState(term: 1, vote: 2, commit: 0)).syncs == 1)
    #expect(try wal.append([], state: HardState(term: 1, vote: 2, commit: 5)).syncs == 0)
    #expect(try wal.append([], state: HardState(term: 1, vote: 2, commit: 5)).writes == 1)
    #expect(try wal.append([], state: HardState()).writes == 0)
    #expect(try wal.append([], state: nil) == WALWork())
    #expect(try wal.append([], mustSync: true).syncs == 1)
    #expect(try wal.saveSnapshot(WALSnapshot(index: 1, term: 1)).syncs == 1)
  }

  @Test("several turns may share one write and one sync")
  func sharedFlush() throws {
    let wal = try WAL.create(disk, in: directory, metadata: metadataA, options: smallFiles(64 * 1024))
    try wal.add([entry(1, "a")], state: HardState(term: 1, vote: 1, commit: 0))
    try wal.add([entry(2, "b")])
    try wal.add([], state: HardState(term: 1, vote: 1, commit: 1))
    let work = try wal.flush()
    #expect(work.writes == 1 && work.syncs == 1)
    #expect(try WAL.read(disk, in: directory, at: WALSnapshot()).entries.count == 2)
  }

  @Test("without syncs nothing is synced")
  func unsafeNoSync() throws {
    var options = smallFiles()
    options.syncs = false
    let wal = try WAL.create(disk, in: directory, metadata: metadataA, options: options)
    let syncs = disk.syncs
    for index in 1...100 { _ = try wal.append([entry(UInt64(index), String(repeating: "x", count: 200))]) }
    #expect(disk.syncs == syncs)
    #expect(try disk.names(in: directory).count > 3)
  }

  @Test("a full file is ended and the next begins with the chain, the metadata and the state")
  func cut() throws {
    let wal = try WAL.create(disk, in: directory, metadata: metadataA, options: smallFiles())
    let value = String(repeating: "v", count: 300)
    var cuts = 0
    for index in 1...60 {
      let state = HardState(term: 1, vote: 1, commit: UInt64(index - 1))
      let work = try wal.append([entry(UInt64(index), value)], state: state)
      if work.didCut { cuts += 1 }
      if index % 7 == 0 { wal.prepareNextFile() }
    }
    let files = try disk.names(in: directory).filter { $0.hasSuffix(".wal") }
    #expect(cuts == files.count - 1 && cuts > 3)
    // Twelve entries with their states and the head reach 4,096 bytes.
    #expect(files[1] == "0000000000000001-000000000000000d.wal")
    for file in files.dropLast() { #expect(disk.bytes(of: directory + "/" + file).count < 4096 + 400) }
    try wal.close()

    let (again, contents) = try WAL.open(disk, in: directory, at: WALSnapshot(), options: smallFiles())
    #expect(contents.entries.map(\.index) == Array(1...60))
    #expect(contents.state.commit == 59)
    #expect(again.lastIndex == 60)
    // The second file alone tells its metadata and state.
    let later = try WAL.read(disk, in: directory, at: WALSnapshot(index: 12, term: 1))
    #expect(later.metadata == metadataA && later.entries.first?.index == 13)
  }

  @Test("a new leader's entries replace the tail they contradict")
  func overwrite() throws {
    let wal = try WAL.create(disk, in: directory, metadata: metadataA, options: smallFiles(64 * 1024))
    _ = try wal.append([entry(1, "a"), entry(2, "b"), entry(3, "c")])
    _ = try wal.append([entry(2, term: 2, "B")])
    let contents = try WAL.read(disk, in: directory, at: WALSnapshot())
    #expect(contents.entries == [entry(1, "a"), entry(2, term: 2, "B")])
    #expect(wal.lastIndex == 2)
  }

  @Test("files wholly before a snapshot are released, and only those can be purged")
  func purge() throws {
    let wal = try WAL.create(disk, in: directory, metadata: metadataA, options: smallFiles(1024))
    for index in 1...40 {
      _ = try wal.append([entry(UInt64(index), String(repeating: "v", count: 300))])
    }
    let before = try disk.names(in: directory).filter { $0.hasSuffix(".wal") }
    #expect(try WAL.purge(disk, directory: directory, keep: 2).isEmpty)
    wal.releaseFiles(before: 20)
    let purged = try WAL.purge(disk, directory: directory, keep: 2)
    #expect(purged.count > 3)
    let left = try disk.names(in: directory).filter { $0.hasSuffix(".wal") }
    #expect(left == Array(before.dropFirst(purged.count)))
    #expect(try WAL.read(disk, in: directory, at: WALSnapshot(index: 19, term: 1)).entries.first?.index == 20)
    #expect(throws: WALError.fileNotFound(directory: directory)) {
      try WAL.read(disk, in: directory, at: WALSnapshot(index: 1, term: 1))
    }
    // The newest are kept whatever was released.
    wal.releaseFiles(before: 1_000)
    #expect(try WAL.purge(disk, directory: directory, keep: 2).count == left.count - 2)
  }

  @Test("a record that could not be read back is refused before it is written")
  func tooLarge() throws {
    let wal = try WAL.create(disk, in: directory, metadata: metadataA, options: smallFiles(64 * 1024))
    let data = Bytes(repeating: 1, count: Limits.walRecordBytes)
    #expect(throws: WALError.self) {
      try wal.append([entry(1, "a"), Entry(term: 1, index: 2, data: data)])
    }
    _ = try wal.append([entry(1, "a")])
    #expect(try WAL.read(disk, in: directory, at: WALSnapshot()).entries == [entry(1, "a")])
  }

  @Test("a large record is read back")
  func large() throws {
    let wal = try WAL.create(disk, in: directory, metadata: metadataA, options: smallFiles(64 * 1024))
    let data = Bytes(repeating: 7, count: Limits.walRecordBytes - 64)
    _ = try wal.append([Entry(term: 1, index: 1, data: data), entry(2, "b")])
    let entries = try WAL.read(disk, in: directory, at: WALSnapshot()).entries
    #expect(entries.count == 2 && entries[0].data == data)
  }

  @Test("after a failed write every call is refused")
  func unusable() throws {
    let wal = try WAL.create(disk, in: directory, metadata: metadataA, options: smallFiles(64 * 1024))
    disk.failingOperation = disk.operations + 1
    #expect(throws: WALError.self) { try wal.append([entry(1, "a")]) }
    #expect(throws: WALError.unusable) { try wal.append([entry(1, "a")]) }
    #expect(throws: WALError.unusable) { try wal.saveSnapshot(WALSnapshot(index: 1, term: 1)) }
  }

  @Test("an existing log is not overwritten")
  func exists() throws {
    try WAL.create(disk, in: directory, metadata: metadataA, options: smallFiles()).close()
    #expect(throws: WALError.exists(directory: directory)) {
      try WAL.create(disk, in: directory, metadata: metadataA, options: smallFiles(64 * 1024))
    }
  }

  @Test("a second opening is refused while the log is held")
  func locked() throws {
    let wal = try WAL.create(disk, in: directory, metadata: metadataA, options: smallFiles(64 * 1024))
    let error = #expect(throws: WALError.self) {
      try WAL.open(disk, in: directory, at: WALSnapshot(), options: smallFiles())
    }
    #expect(error?.description.contains("another etcd running on this data directory") == true)
    try wal.close()
    _ = try WAL.open(disk, in: directory, at: WALSnapshot(), options: smallFiles())
  }

  @Test("the snapshots to start from are noted and committed; the needed files alone are read")
  func validSnapshots() throws {
    let wal = try WAL.create(disk, in: directory, metadata: metadataA, options: smallFiles(1024))
    for index in 1...20 {
      let state = HardState(term: 1, vote: 1, commit: UInt64(index))
      _ = try wal.append([entry(UInt64(index), String(repeating: "v", count: 300))], state: state)
      if index % 5 == 0 { _ = try wal.saveSnapshot(WALSnapshot(index: UInt64(index), term: 1)) }
    }
    _ = try wal.saveSnapshot(WALSnapshot(index: 30, term: 1))
    let all = try WAL.validSnapshots(disk, in: directory)
    #expect(all.map(\.index) == [0, 5, 10, 15, 20])
    let late = try WAL.validSnapshots(disk, in: directory, from: 15)
    #expect(late.map(\.index).suffix(2) == [15, 20] && late.count < all.count)
  }

  @Test("a file missing in the row is an error")
  func hole() throws {
    let wal = try WAL.create(disk, in: directory, metadata: metadataA, options: smallFiles(1024))
    for index in 1...20 {
      _ = try wal.append([entry(UInt64(index), String(repeating: "v", count: 300))])
    }
    try wal.close()
    let names = try disk.names(in: directory).filter { $0.hasSuffix(".wal") }
    try disk.remove(directory + "/" + names[2])
    #expect(throws: WALError.fileNotFound(directory: directory)) {
      try WAL.open(disk, in: directory, at: WALSnapshot(), options: smallFiles())
    }
    #expect(throws: WALError.fileNotFound(directory: "/data/none")) {
      disk.nodes["/data/none"] = MemoryDisk.Node(isDirectory: true)
      return try WAL.open(disk, in: "/data/none", at: WALSnapshot(), options: smallFiles())
    }
  }
}
