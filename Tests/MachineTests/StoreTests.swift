import Base
import Storage
import Testing
import Wire

@testable import Machine

@Test func `an empty store is at revision 1 and its first write makes 2`() throws {
  let test = TestStore()
  #expect(test.store.currentRevision == 1 && test.store.compactRevision == -1)
  #expect(try test.range(RangeRequest(key: "a".bytes)).header?.revision == 1)
  #expect(test.put("a", "1") == 2)
}

@Test func `a put keeps the created revision and counts the version until the key is deleted`() throws {
  let test = TestStore()
  test.put("foo", "bar")
  test.put("foo", "bar2")
  #expect(
    try test.get("foo")
      == KeyValue(key: "foo".bytes, createRevision: 2, modRevision: 3, version: 2, value: "bar2".bytes))
  #expect(test.delete("foo") == 1)
  #expect(try test.get("foo") == nil)
  test.put("foo", "again")
  #expect(
    try test.get("foo")
      == KeyValue(key: "foo".bytes, createRevision: 5, modRevision: 5, version: 1, value: "again".bytes))
  #expect(test.store.keyCount == 1)
}

@Test func `rows have the bytes that etcd writes`() {
  let test = TestStore()
  test.put("foo", "bar")
  test.delete("foo")
  var rows: [String] = []
  test.backend.scanRows(from: Revision(main: 0), through: Revision(main: .max, sub: .max)) {
    revision, isTombstone, record in
    rows.append(hex(RevisionKey.encode(revision, isTombstone: isTombstone)) + " " + hex(record))
    return true
  }
  #expect(
    rows == [
      "00000000000000025f0000000000000000 0a03666f6f1002180220012a03626172",
      "00000000000000035f000000000000000074 0a03666f6f",
    ])
}

@Test func `a deletion of a range makes one revision and counts what it deleted`() throws {
  let test = TestStore()
  for key in ["a", "b", "c", "d"] { test.put(key, key) }
  test.changes = []
  let result = test.store.deleteRange(
    DeleteRangeRequest(key: "a".bytes, rangeEnd: "c".bytes, prevKv: true), into: &test.changes)
  #expect(result.deleted == 2 && result.revision == 6)
  #expect(try result.previous.map { try KeyValue(decoding: $0).key } == ["a".bytes, "b".bytes])
  #expect(test.changes.map(\.revision) == [Revision(main: 6, sub: 0), Revision(main: 6, sub: 1)])
  #expect(test.delete("x") == 0)
  #expect(test.store.currentRevision == 6)
  #expect(test.delete("c", [0]) == 2)
  #expect(test.store.currentRevision == 7 && test.store.keyCount == 0)
}

@Test func `changes carry what watchers are sent`() throws {
  let test = TestStore()
  test.put("a", "1")
  test.put("a", "2")
  test.delete("a")
  #expect(test.changes.map(\.isCreate) == [true, false, false])
  #expect(test.changes.map(\.isDelete) == [false, false, true])
  #expect(
    try KeyValue(decoding: test.changes[1].record)
      == KeyValue(key: "a".bytes, createRevision: 2, modRevision: 3, version: 2, value: "2".bytes))
  #expect(try KeyValue(decoding: test.changes[2].record) == KeyValue(key: "a".bytes, modRevision: 4))
  var again: [Change] = []
  test.store.scan(from: 1, through: 10) {
    again.append($0)
    return true
  }
  #expect(again.map(\.record) == test.changes.map(\.record))
  #expect(again.map(\.isCreate) == test.changes.map(\.isCreate))
  #expect(again.map(\.isDelete) == test.changes.map(\.isDelete))
  #expect(again.map(\.revision) == test.changes.map(\.revision))
}

@Test func `the previous record is the one just before a revision, unless compacted`() throws {
  let test = TestStore()
  test.put("a", "1")
  test.put("a", "2")
  test.delete("a")
  func previous(_ main: Int64) throws -> Bytes? {
    try test.store.previousRecord(of: "a".bytes, before: Revision(main: main)).map {
      try KeyValue(decoding: $0).value
    }
  }
  #expect(try previous(2) == nil)
  #expect(try previous(3) == "1".bytes)
  #expect(try previous(4) == "2".bytes)
  #expect(try previous(5) == nil)
  try test.compact(3)
  #expect(try previous(3) == nil)
  #expect(try previous(4) == "2".bytes)
}

@Test func `a put returns the previous pair and keeps value or lease where asked`() throws {
  let test = TestStore()
  test.leases.known = [7]
  test.put("a", "1", lease: 7)
  let first = try test.store.put(
    PutRequest(key: "a".bytes, lease: 7, prevKv: true, ignoreValue: true), into: &test.changes)
  #expect(try first.previous.map { try KeyValue(decoding: $0).modRevision } == 2)
  #expect(try test.get("a")?.value == "1".bytes)
  _ = try test.store.put(
    PutRequest(key: "a".bytes, value: "2".bytes, ignoreLease: true), into: &test.changes)
  #expect(
    try test.get("a")
      == KeyValue(
        key: "a".bytes, createRevision: 2, modRevision: 4, version: 3, value: "2".bytes, lease: 7))
  #expect(
    refusal { () throws(RPCStatus) in
      _ = try test.store.put(PutRequest(key: "b".bytes, ignoreValue: true), into: &test.changes)
    } == .keyNotFound)
  #expect(
    refusal { () throws(RPCStatus) in
      _ = try test.store.put(PutRequest(key: "b".bytes, lease: 9), into: &test.changes)
    } == .leaseNotFound)
  #expect(test.store.currentRevision == 4)
}

@Test func `leases follow the newest record of a key, through a restart too`() {
  let test = TestStore()
  test.leases.known = [7, 8]
  test.put("a", "1", lease: 7)
  test.put("b", "1", lease: 7)
  test.put("c", "1", lease: 8)
  test.put("d", "1", lease: 8)
  #expect(test.leases.attached[Key("a")] == LeaseID(7))
  test.put("a", "2")
  test.put("b", "2", lease: 8)
  test.delete("c")
  let expected = [Key("b"): LeaseID(8), Key("d"): LeaseID(8)]
  #expect(test.leases.attached == expected)
  test.restart()
  #expect(test.leases.attached == expected)
}

@Test func `the end of a lease deletes its keys in order in one revision`() {
  let test = TestStore()
  test.leases.known = [7]
  for key in ["c", "a", "b"] { test.put(key, "1", lease: 7) }
  test.changes = []
  let revision = test.store.delete(keys: ["b", "missing", "c", "a"].map { Key($0) }, into: &test.changes)
  #expect(revision == 5)
  #expect(test.changes.map(\.key) == ["a", "b", "c"].map(\.bytes))
  #expect(test.changes.map(\.revision.sub) == [0, 1, 2])
  #expect(test.leases.attached.isEmpty)
  #expect(test.store.delete(keys: [Key("a")], into: &test.changes) == 5)
}

@Test func `a restart finds the same keys, revisions and versions`() throws {
  let test = TestStore()
  for step in 0..<50 { test.put("key\(step % 7)", "\(step)") }
  test.delete("key3")
  let before = try test.range(RangeRequest(key: [0], rangeEnd: [0]))
  let old = try test.range(RangeRequest(key: [0], rangeEnd: [0], revision: 20))
  test.restart()
  #expect(try test.range(RangeRequest(key: [0], rangeEnd: [0])) == before)
  #expect(try test.range(RangeRequest(key: [0], rangeEnd: [0], revision: 20)) == old)
  #expect(test.put("key0", "x") == 53)
}

@Test func `counters tell puts, deletes, ranges and transactions apart`() throws {
  let test = TestStore()
  test.put("a", "1")
  test.delete("a")
  try test.txn(TxnRequest(success: [op(put: "a", "1"), op(put: "b", "2"), op(get: "a")]))
  _ = try test.store.range(RangeRequest(key: "a".bytes))
  let counters = test.store.counters
  #expect(counters.puts == 3 && counters.deletes == 1 && counters.txns == 1 && counters.ranges == 2)
}
