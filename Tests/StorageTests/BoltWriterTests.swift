import Base
import Testing

@testable import Storage

struct BoltWriterTests {
  @Test(
    "What was written is read back the same, for every size of store", arguments: [0, 1, 9, 10, 11, 300, 5_000])
  func roundTrip(count: Int) throws {
    let store = count == 0 ? MemoryBackend() : manyRows(count)
    let reader = try BoltReader(BoltFile(copying: try image(of: store)))
    #expect(content(of: try BoltView(reader)) == content(of: store.frozenView()))
  }

  @Test(
    "Random pairs of every length come back, long keys and values over many pages too",
    arguments: [21, 22, 23] as [UInt64])
  func randomPairs(seed: UInt64) throws {
    var dice = Dice(seed: seed)
    for _ in 0..<4 {
      let store = MemoryBackend()
      for bucket in Bucket.allCases where bucket != .key && dice.below(3) > 0 {
        for _ in 0..<dice.below(60) {
          let long = dice.below(6) == 0
          let key = someBytes(&dice, long ? 9_000 : 30)
          store.put(bucket, key, Bytes(repeating: 9, count: dice.below(long ? 20_000 : 100)))
        }
      }
      for main in 0..<dice.below(200) {
        let record = Bytes(repeating: 3, count: dice.below(10) == 0 ? dice.below(30_000) : dice.below(400))
        store.appendRow(Revision(main: Int64(main)), isTombstone: dice.below(4) == 0, record: record)
      }
      store.commitAndWait()
      let reader = try BoltReader(BoltFile(copying: try image(of: store)))
      #expect(content(of: try BoltView(reader)) == content(of: store.frozenView()))
    }
  }

  @Test("The size is known before the first byte, and slices of any size give the same image")
  func slices() throws {
    let store = manyRows(2_000)
    let whole = try image(of: store)
    for (pairs, bytes) in [(1, 100), (7, 5_000), (1_000, 1_000_000)] {
      let writer = SnapshotWriter(store.frozenView())
      while try !writer.count(pairs: pairs) {}
      #expect(writer.imageBytes == Int64(whole.count))
      var sum = Bytes()
      while let chunk = try writer.nextChunk(bytes: bytes) {
        #expect(chunk.count <= bytes)
        sum += chunk
        #expect(writer.remainingBytes == Int64(whole.count - sum.count))
      }
      #expect(sum == whole)
      #expect(writer.digest() == whole.withUnsafeBytes { Digest256.of($0) })
    }
  }

  @Test("Small buckets lie in line, byte for byte as the original writes them")
  func inLine() throws {
    let store = MemoryBackend()
    store.put(.cluster, "clusterVersion".bytes, "3.4.0".bytes)
    store.put(.auth, "authRevision".bytes, [0, 0, 0, 0, 0, 0, 0, 6])
    store.commitAndWait()
    let written = hex(try image(of: store))
    for golden in [
      "00000000000000000000000000000000000000000000000002000100000000000000000010000000"
        + "0e00000005000000636c757374657256657273696f6e332e342e30",
      "00000000000000000000000000000000000000000000000002000100000000000000000010000000"
        + "0c00000008000000617574685265766973696f6e0000000000000006",
    ] { #expect(written.contains(golden)) }
  }

  @Test("The first page is the original's, field by field")
  func metaPage() {
    let meta = BoltMeta(pageBytes: 4096, root: 2, highWater: 7, transaction: 22)
    #expect(meta.page(number: 0) == Bytes(GoSnapshot.bytes.prefix(4096)))
  }

  @Test("Changes are laid over a source in order: set, replaced, removed, emptied")
  func changes() throws {
    let base = MemoryBackend()
    for key in ["b", "d", "f"] { base.put(.auth, key.bytes, key.bytes) }
    base.put(.members, "m".bytes, "m".bytes)
    base.commitAndWait()
    let changed = ChangedSource(
      ViewSource(base.frozenView()),
      setting: [
        "auth".bytes: [
          Key("a"): "1".bytes, Key("d"): "2".bytes, Key("f"): nil, Key("g"): "3".bytes, Key("h"): nil,
        ]
      ], emptying: ["members".bytes])
    func pairs(_ name: String, after: Bytes? = nil, limit: Int = 99) throws -> [String] {
      var seen: [String] = []
      let place = try #require(changed.bucketNames.firstIndex(of: name.bytes))
      try changed.scan(place, after: after) { key, value in
        seen.append(String(utf8: Bytes(key)) + String(utf8: Bytes(value)))
        return seen.count < limit
      }
      return seen
    }
    #expect(try pairs("auth") == ["a1", "bb", "d2", "g3"])
    #expect(try pairs("auth", after: "b".bytes) == ["d2", "g3"])
    for limit in 1...4 { #expect(try pairs("auth", limit: limit).count == limit) }
    #expect(try pairs("members").isEmpty)
  }

  /// Different bytes first, so that keys are in no order; then any number of equal ones.
  private func someBytes(_ dice: inout Dice, _ limit: Int) -> Bytes {
    let count = 1 + dice.below(limit)
    return (0..<min(count, 4)).map { _ in UInt8(dice.below(256)) }
      + Bytes(repeating: 5, count: max(0, count - 4))
  }
}
