import Base
import Storage
import Testing
import Wire

/// The damage that was tried on Go's etcd, and its verdicts.
@Suite("A damaged log")
struct WALDamageTests {
  let path = "/data/wal/0000000000000000-0000000000000000.wal"
  let good = unhex(goldenLog)

  func disk(_ bytes: Bytes) -> MemoryDisk {
    let disk = MemoryDisk()
    disk.put(path, bytes)
    return disk
  }

  func open(_ disk: MemoryDisk) throws -> (WAL, WALContents) {
    try WAL.open(disk, in: "/data/wal", at: WALSnapshot(), options: smallFiles())
  }

  /// Checks that the end at `end` was cut off, the original kept, and that the log goes on from there.
  func expectRepaired(_ bytes: Bytes, end: Int) throws {
    let disk = disk(bytes)
    let (wal, contents) = try open(disk)
    #expect(contents.brokenCopy == path + ".broken")
    #expect(disk.bytes(of: path + ".broken") == bytes)
    #expect(Bytes(disk.bytes(of: path).prefix(end)) == Bytes(good.prefix(end)))
    #expect(disk.bytes(of: path).dropFirst(end).allSatisfy { $0 == 0 })
    _ = try wal.append(
      [entry(wal.lastIndex + 1, term: 3, "after")], state: HardState(term: 3, vote: 1, commit: 4))
    try wal.close()
    let (_, again) = try open(disk)
    #expect(again.brokenCopy == nil)
    #expect(again.entries.last == entry(wal.lastIndex, term: 3, "after"))
    #expect(again.entries.count == contents.entries.count + 1)
  }

  @Test("an end inside a record is cut off", arguments: [1441, 1444, 1448, 1449, 1467, 1471])
  func shortEnd(count: Int) throws { try expectRepaired(Bytes(good.prefix(count)), end: 1440) }

  @Test("a sector that was never written is cut off with its record")
  func missingSector() throws {
    var bytes = Bytes(good.prefix(512))
    bytes += Bytes(repeating: 0, count: 4096)
    try expectRepaired(bytes, end: 496)
  }

  @Test("a sector missing in the middle of a long record is seen")
  func missingMiddle() throws {
    let disk = MemoryDisk()
    let wal = try WAL.create(disk, in: "/data/wal", metadata: metadataA, options: smallFiles(16_384))
    _ = try wal.append([entry(1, "kept")])
    _ = try wal.append([Entry(term: 1, index: 2, data: Bytes(repeating: 0x55, count: 3000))])
    try wal.close()
    var bytes = disk.bytes(of: path)
    bytes.replaceSubrange(1024..<1536, with: Bytes(repeating: 0, count: 512))
    let (_, contents) = try open(self.disk(bytes))
    #expect(contents.entries == [entry(1, "kept")])
    #expect(contents.brokenCopy != nil)
  }

  @Test("a changed bit is never repaired", arguments: [1440 + 12, 1440 + 20, 1384 + 30, 80 + 14, 56 + 12])
  func flippedBit(offset: Int) {
    var bytes = good
    bytes[offset] ^= 1
    let disk = disk(bytes)
    let error = #expect(throws: WALError.self) { try open(disk) }
    let start = [56, 80, 1384, 1440].last { $0 <= offset } ?? 0
    #expect(error == .damaged(.checksum, path: path, offset: start))
    #expect(error?.description.hasPrefix("walpb: crc mismatch at offset \(start) of \(path)") == true)
    #expect(disk.bytes(of: path) == bytes)
    #expect(disk.nodes[path + ".broken"] == nil)
  }

  @Test("a changed bit of a length is never taken for a torn end")
  func flippedLength() throws {
    let starts = try recordStarts()
    #expect(starts.count > 15)
    for start in starts {
      for bit in 0..<64 where (24..<56).contains(bit) == false {
        var bytes = good + Bytes(repeating: 0, count: 4096)
        bytes[start + bit / 8] ^= 1 << UInt8(bit % 8)
        guard let (_, contents) = try? open(disk(bytes)) else { continue }
        #expect(contents.brokenCopy == nil, "record at \(start), bit \(bit)")
        #expect(contents.entries.count == 11, "record at \(start), bit \(bit)")
      }
    }
  }

  @Test("a changed kind of a record is noticed, or changes nothing")
  func changedKind() throws {
    for start in try recordStarts() {
      for bit in 0..<3 {
        var bytes = good + Bytes(repeating: 0, count: 64)
        // Behind the length: the tag of the kind, and the kind.
        bytes[start + 9] ^= 1 << UInt8(bit)
        guard let (_, contents) = try? open(disk(bytes)) else { continue }
        let expected = try open(disk(good)).1
        #expect(contents.entries == expected.entries, "record at \(start), bit \(bit)")
        #expect(contents.state == expected.state, "record at \(start), bit \(bit)")
      }
    }
  }

  /// Where the records of the golden log begin.
  private func recordStarts() throws -> [Int] {
    var starts: [Int] = []
    var offset = 0
    while offset + 8 <= good.count {
      let word = good[offset..<offset + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      if word == 0 { break }
      starts.append(offset)
      let length = Int(word & 0x00ff_ffff_ffff_ffff)
      offset += 8 + length + (word >> 63 == 1 ? Int(word >> 56 & 7) : 0)
    }
    return starts
  }

  @Test("bytes behind the end are cleared")
  func garbage() throws {
    let disk = disk(good + Bytes(repeating: 0, count: 64) + Bytes(repeating: 0x55, count: 64))
    let (wal, contents) = try open(disk)
    #expect(contents.entries.count == 11 && contents.brokenCopy == nil)
    #expect(disk.bytes(of: path).dropFirst(good.count).allSatisfy { $0 == 0 })
    _ = try wal.append([entry(12, term: 2, "x")])
    try wal.close()
    #expect(try open(disk).1.entries.count == 12)
  }

  @Test("lengths from outside are refused before they are used")
  func lengths() {
    for word in [
      "ffffffffffffff00", "ffffffffffffff7f", "0000a00000000000", "fdff9f0000000083", "ffffffffffffffff",
    ] {
      #expect(throws: WALError.damaged(.oversized, path: path, offset: good.count)) {
        try open(disk(good + unhex(word) + Bytes(repeating: 1, count: 32)))
      }
    }
    // Below the limit it is simply more than the file has.
    #expect(throws: Never.self) { try open(disk(good + unhex("f8ff9f0000000000"))) }
  }

  @Test("an entry that leaves a gap is an error", arguments: [3, 1 << 40, UInt64.max])
  func gap(index: UInt64) throws {
    let disk = MemoryDisk()
    let wal = try WAL.create(disk, in: "/data/wal", metadata: metadataA, options: smallFiles())
    _ = try wal.append([entry(1, "a"), entry(index, "b")])
    try wal.close()
    let error = #expect(throws: WALError.self) { try open(disk) }
    guard case .damaged(.gap, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("a file that is not the last must be whole")
  func earlierFile() throws {
    let disk = MemoryDisk()
    let wal = try WAL.create(disk, in: "/data/wal", metadata: metadataA, options: smallFiles(2048))
    for index in 1...30 { _ = try wal.append([entry(UInt64(index), String(repeating: "v", count: 300))]) }
    try wal.close()
    let whole = disk.bytes(of: path)

    disk.put(path, Bytes(whole.dropLast(5)))
    var error = #expect(throws: WALError.self) { try open(disk) }
    #expect(error?.description.hasPrefix("unexpected EOF at offset") == true)

    var bytes = whole
    bytes.replaceSubrange(1024..<1536, with: Bytes(repeating: 0, count: 512))
    disk.put(path, bytes)
    error = #expect(throws: WALError.self) { try open(disk) }
    #expect(error?.description.hasPrefix("walpb: crc mismatch at offset") == true)

    // A row that lost whole records at the end of a file breaks the chain.
    bytes = whole
    bytes.replaceSubrange(80..<bytes.count, with: Bytes(repeating: 0, count: bytes.count - 80))
    disk.put(path, bytes)
    error = #expect(throws: WALError.self) { try open(disk) }
    #expect(error?.description.hasPrefix("wal: crc mismatch at offset 0") == true)
  }

  @Test("files of two logs in one row are told apart by their metadata")
  func metadata() throws {
    let disk = MemoryDisk()
    let second = "/data/wal/0000000000000001-000000000000000c.wal"
    disk.put(path, good)
    // The same head with another member's id; the chain is made to fit.
    let other = try WAL.create(
      disk, in: "/data/other", metadata: WALMetadata(nodeID: 1, clusterID: 2).encoded(), options: smallFiles())
    try other.close()
    disk.put(second, disk.bytes(of: "/data/other/0000000000000000-0000000000000000.wal"))
    #expect(throws: WALError.self) { try open(disk) }
  }

  @Test("a log without a readable head is an error, not an empty log")
  func headless() throws {
    #expect(throws: WALError.damaged(.noMetadata, path: path, offset: 0)) { try open(disk([])) }
    #expect(throws: WALError.damaged(.noMetadata, path: path, offset: 0)) {
      try open(disk(Bytes(repeating: 0, count: 4096)))
    }
  }

  @Test("no bytes make the reader trap")
  func noise() throws {
    var dice = Dice(seed: 11)
    for _ in 0..<400 {
      var bytes = good
      for _ in 0..<1 + dice.below(4) {
        switch dice.below(3) {
        case 0: bytes[dice.below(bytes.count)] = UInt8(dice.below(256))
        case 1: bytes.removeLast(dice.below(64))
        default: bytes.insert(UInt8(dice.below(256)), at: dice.below(bytes.count))
        }
      }
      _ = try? open(disk(bytes))
      _ = try? WAL.validSnapshots(disk(bytes), in: "/data/wal")
    }
  }
}
