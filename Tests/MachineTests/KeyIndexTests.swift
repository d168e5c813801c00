import Base
import Testing

@testable import Machine

/// One key's history as in the table of mvcc/key_index.go: put 1, put 2, tombstone 5, put 6, put 8, tombstone 10.
private func exampleIndex() -> KeyIndex {
  var index = KeyIndex()
  let key = "foo".bytes
  _ = index.put(key, at: Revision(main: 1))
  _ = index.put(key, at: Revision(main: 2))
  _ = index.tombstone(key, at: Revision(main: 5))
  _ = index.put(key, at: Revision(main: 6))
  _ = index.put(key, at: Revision(main: 8))
  _ = index.tombstone(key, at: Revision(main: 10))
  return index
}

@Test func `a key's state follows its lives`() {
  let index = exampleIndex()
  let key = "foo".bytes
  #expect(index.state(key, at: 0) == nil)
  #expect(index.state(key, at: 1) == KeyState(modified: Revision(main: 1), created: 1, version: 1))
  #expect(index.state(key, at: 4) == KeyState(modified: Revision(main: 2), created: 1, version: 2))
  #expect(index.state(key, at: 5) == nil)
  #expect(index.state(key, at: 6) == KeyState(modified: Revision(main: 6), created: 6, version: 1))
  #expect(index.state(key, at: 9) == KeyState(modified: Revision(main: 8), created: 6, version: 2))
  #expect(index.state(key, at: 10) == nil)
  #expect(index.current(key) == nil)
  #expect(index.liveCount == 0)
  #expect(index.keyCount == 1)
  #expect(index.revisions(key, since: 5).map(\.main) == [5, 6, 8, 10])
}

@Test(
  arguments: [
    (1, []), (2, [1]), (4, [1]), (5, [1, 2]), (6, [1, 2, 5]), (7, [1, 2, 5]), (8, [1, 2, 5, 6]),
    (10, [1, 2, 5, 6, 8]), (11, [1, 2, 5, 6, 8, 10]),
  ] as [(Int64, [Int64])])
func `a compaction drops what no later reader can reach and keeps a tombstone at its own revision`(
  at: Int64, dropped: [Int64]
) {
  var index = exampleIndex()
  #expect(index.compactAll(at: at).map(\.main) == dropped)
  let rest = [1, 2, 5, 6, 8, 10].filter { !dropped.contains($0) }
  #expect(index.revisions("foo".bytes, since: 0).map(\.main) == rest)
  #expect(index.keyCount == (rest.isEmpty ? 0 : 1))
  index.checkStructure()
}

@Test func `versions and created revisions survive a compaction`() {
  var index = exampleIndex()
  _ = index.compactAll(at: 9)
  #expect(
    index.state("foo".bytes, at: 9) == KeyState(modified: Revision(main: 8), created: 6, version: 2))
}

@Test func `a put after a tombstone begins a new life`() {
  var index = exampleIndex()
  let outcome = index.put("foo".bytes, at: Revision(main: 12, sub: 3))
  #expect(outcome.created == 12 && outcome.version == 1 && outcome.previous == nil)
  let again = index.put("foo".bytes, at: Revision(main: 13), isLeased: true)
  #expect(again.created == 12 && again.version == 2 && again.previous == Revision(main: 12, sub: 3))
  #expect(!again.wasLeased)
  #expect(index.put("foo".bytes, at: Revision(main: 14)).wasLeased)
}

@Test func `restored rows give the index that the changes gave`() {
  var index = KeyIndex()
  func restore(_ main: Int64, _ created: Int64, _ version: Int64, dead: Bool) {
    "foo".bytes.withUnsafeBytes {
      index.restore(
        $0, at: Revision(main: main), created: created, version: version, isTombstone: dead, isLeased: false)
    }
  }
  restore(8, 6, 2, dead: false)
  restore(10, 0, 0, dead: true)
  restore(12, 12, 1, dead: false)
  #expect(
    index.state("foo".bytes, at: 9) == KeyState(modified: Revision(main: 8), created: 6, version: 2))
  #expect(index.state("foo".bytes, at: 10) == nil)
  #expect(index.current("foo".bytes) == KeyState(modified: Revision(main: 12), created: 12, version: 1))
  index.checkStructure()
}

@Test func `a tombstone whose put was compacted is restored and goes with the next compaction`() {
  var index = KeyIndex()
  "foo".bytes.withUnsafeBytes {
    index.restore($0, at: Revision(main: 5), created: 0, version: 0, isTombstone: true, isLeased: false)
  }
  #expect(index.liveCount == 0 && index.keyCount == 1)
  #expect(index.revisions("foo".bytes, since: 1) == [Revision(main: 5)])
  #expect(index.compactAll(at: 5).isEmpty)
  #expect(index.compactAll(at: 6) == [Revision(main: 5)])
  #expect(index.keyCount == 0)
}

@Test func `ranges follow etcd's rules for their end`() {
  var index = KeyIndex()
  for (offset, key) in ["a", "b", "ba", "c", "d"].enumerated() {
    _ = index.put(key.bytes, at: Revision(main: Int64(offset) + 2))
  }
  func keys(_ key: String, _ end: Bytes) -> [String] {
    index.collect(KeyRange(key.bytes, end), at: nil).map { String(utf8: $0.key) }
  }
  #expect(keys("b", []) == ["b"])
  #expect(keys("b", "c".bytes) == ["b", "ba"])
  #expect(keys("b", [0]) == ["b", "ba", "c", "d"])
  #expect(keys("", [0]) == ["a", "b", "ba", "c", "d"])
  #expect(keys("c", "a".bytes) == [])
  #expect(keys("b", "b".bytes) == [])
  #expect(index.countLive(KeyRange("b".bytes, "d".bytes)) == 3)
  #expect(index.countLive(KeyRange("c".bytes, "a".bytes)) == 0)
  #expect(index.liveKey(rank: 2) == "ba".bytes)
  #expect(index.liveKey(rank: 5) == nil)
}

@Test func `keys with zeros, long prefixes and huge lengths keep their order`() {
  var index = KeyIndex()
  var keys: [Bytes] = [
    [0], [0, 0], [0, 0, 0], [255], [255, 255], "a".bytes, [97, 0], [97, 0, 0, 0, 0, 0, 0, 0, 0],
  ]
  let long = Bytes(repeating: 0x70, count: 300)
  for last in 0..<200 { keys.append(long + [UInt8(last)] + Bytes(repeating: 7, count: last)) }
  keys.append(Bytes(repeating: 0x71, count: 1_500_000))
  for (offset, key) in keys.enumerated() { _ = index.put(key, at: Revision(main: Int64(offset) + 2)) }
  index.checkStructure()
  let sorted = keys.map { Key($0) }.sorted().map(\.bytes)
  #expect(index.collect(.everything, at: nil).map(\.key) == sorted)
  for (rank, key) in sorted.enumerated() {
    #expect(index.rank(key) == rank)
    #expect(index.current(key) != nil)
  }
}
