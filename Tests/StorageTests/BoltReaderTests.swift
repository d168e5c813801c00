import Base
import Testing

@testable import Storage

struct BoltReaderTests {
  @Test("A snapshot of the original shows its buckets and pairs")
  func readsOriginal() throws {
    let reader = try BoltReader(BoltFile(copying: GoSnapshot.bytes))
    try reader.check()
    #expect(reader.bucketNames.map { String(utf8: $0) } == Bucket.allCases.map(\.name))
    #expect(try reader.value("cluster".bytes, "clusterVersion".bytes) == "3.4.0".bytes)
    #expect(try reader.value("auth".bytes, "authRevision".bytes) == [0, 0, 0, 0, 0, 0, 0, 6])
    #expect(try reader.value("auth".bytes, "none".bytes) == nil)
    #expect(try reader.value("none".bytes, "none".bytes) == nil)
    let record = try reader.value("key".bytes, RevisionKey.encode(Revision(main: 3), isTombstone: false))
    #expect(hex(record ?? []) == "0a03666f6f1002180320022a0462617232")
    let tombstone = try reader.value("key".bytes, RevisionKey.encode(Revision(main: 7), isTombstone: true))
    #expect(hex(tombstone ?? []) == "0a03612f32")
  }

  @Test("A walk may begin behind any key, in trees with branches as well")
  func walksBehind() throws {
    let reader = try BoltReader(BoltFile(copying: try image(of: manyRows(3_000))))
    let place = try #require(reader.bucketNames.firstIndex(of: "key".bytes))
    for main in [0, 1, 2, 57, 1_499, 2_998, 2_999, 3_000] as [Int64] {
      var count = 0
      try reader.scan(place, after: RevisionKey.encode(Revision(main: main), isTombstone: false)) { _, _ in
        count += 1
        return true
      }
      #expect(count == 3_000 - Int(main))
    }
  }

  @Test("The valid meta page with the greater transaction is taken, and one damaged one is lived with")
  func choosesMeta() throws {
    var bytes = GoSnapshot.bytes
    #expect(try BoltReader(BoltFile(copying: bytes)).meta.transaction == 22)
    bytes[40] ^= 1
    #expect(try BoltReader(BoltFile(copying: bytes)).meta.transaction == 21)
    bytes[4096 + 40] ^= 1
    #expect(throws: BoltError.self) { try BoltReader(BoltFile(copying: bytes)) }
  }

  @Test("A cut file is refused by the pages it lacks")
  func cutFile() {
    for count in [0, 1, 20, 80, 4095, 4096, 8192, 12_288, 28_671] {
      #expect(throws: BoltError.self) {
        try BoltReader(BoltFile(copying: Bytes(GoSnapshot.bytes.prefix(count))))
      }
    }
  }

  @Test("A stored list of free pages is read, and a page neither reached nor free is found")
  func storedFreeList() throws {
    for (listed, isRight) in [([6], true), ([], false), ([6, 6], false), ([5, 6], false), ([6, 900], false)] {
      let file = BoltFile(copying: withFreeList(listed.map(UInt64.init)))
      let reader = try BoltReader(file)
      if isRight { try reader.check() } else { #expect(throws: BoltError.self) { try reader.check() } }
    }
  }

  @Test("A page reached twice is named")
  func reachedTwice() throws {
    let rows = try image(of: manyRows(3_000))
    let reader = try BoltReader(BoltFile(copying: rows))
    try reader.check()
    // The first branch's second child becomes its first child again.
    var damaged = rows
    let branch = try #require(
      (2..<Int(reader.meta.highWater)).first { rows[$0 * 4096 + 8] == UInt8(BoltPage.branch) })
    let element = branch * 4096 + 16
    damaged.replaceSubrange(element + 24..<element + 32, with: rows[element + 8..<element + 16])
    let broken = try BoltReader(BoltFile(copying: damaged))
    #expect(throws: BoltError.self) { try broken.check() }
  }

  @Test(
    "Damage anywhere gives an error or other content, never a trap", arguments: [11, 12, 13, 14] as [UInt64])
  func survivesDamage(seed: UInt64) throws {
    var dice = Dice(seed: seed)
    let whole = [GoSnapshot.bytes, try image(of: manyRows(900)), withFreeList([6])]
    var errors = 0
    for round in 0..<250 {
      var bytes = whole[round % whole.count]
      for _ in 0...dice.below(6) {
        // Half of the hits go into the first bytes of a page, where the structure is.
        let page = 4096 * dice.below(bytes.count / 4096)
        let place = dice.below(2) == 0 ? page + dice.below(120) : dice.below(bytes.count)
        bytes[place] = dice.below(3) == 0 ? 0xFF : UInt8(dice.below(256))
      }
      do {
        let reader = try BoltReader(BoltFile(copying: bytes))
        _ = try? reader.check()
        _ = try SnapshotStatus(of: reader)
      } catch { errors += 1 }
    }
    #expect(errors > 25)
  }

  @Test("Numbers at their greatest in every field of every page give errors")
  func extremes() throws {
    let whole = try image(of: manyRows(900))
    for page in stride(from: 0, to: whole.count, by: 4096) {
      for field in stride(from: 0, to: 96, by: 4) {
        var bytes = whole
        for place in page + field..<page + field + 4 { bytes[place] = 0xFF }
        guard let reader = try? BoltReader(BoltFile(copying: bytes)) else { continue }
        _ = try? reader.check()
        _ = try? SnapshotStatus(of: reader)
      }
    }
  }

  /// The original's image where page 2 to 5 are used as they are and page 6 is free; the list lies on page 7.
  private func withFreeList(_ free: [UInt64]) -> Bytes {
    var list = Bytes()
    list.append(u64: 7)
    list.append(u16: BoltPage.freeList)
    list.append(u16: UInt16(free.count))
    list.append(u32: 0)
    for page in [3, 4] + free { list.append(u64: page) }
    list[10] = UInt8(free.count + 2)
    list += Bytes(repeating: 0, count: 4096 - list.count)
    var meta = BoltMeta(pageBytes: 4096, root: 2, highWater: 8, transaction: 30)
    meta.freeList = 7
    return meta.page(number: 0) + GoSnapshot.bytes[4096..<7 * 4096] + list
  }
}

func manyRows(_ count: Int) -> MemoryBackend {
  let store = MemoryBackend()
  for main in 1...count {
    store.appendRow(
      Revision(main: Int64(main)), isTombstone: false,
      record: Bytes("record \(main)".utf8) + Bytes(repeating: 7, count: 90))
  }
  store.put(.cluster, "clusterVersion".bytes, "3.4.0".bytes)
  store.commitAndWait()
  return store
}

func image(of store: any Backend) throws -> Bytes {
  let writer = SnapshotWriter(store.frozenView())
  var image = Bytes()
  while let chunk = try writer.nextChunk() { image += chunk }
  return image
}
