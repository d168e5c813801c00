import Base
import Storage
import Testing
import Wire

@testable import Machine

/// The history whose hashes were taken from etcd 3.4.23.
private func goldenStore() throws -> TestStore {
  let test = TestStore()
  test.put("a", "1")
  test.put("b", "2")
  test.put("a", "3")
  test.put("c", "4")
  test.delete("b")
  try test.txn(TxnRequest(success: [op(put: "a", "9"), op(put: "d", "10"), op(delete: "c")]))
  test.put("b", "again")
  return test
}

@Test func `hashes are those of etcd`() throws {
  #expect(try TestStore().hash() == 1_084_519_789)
  let test = try goldenStore()
  #expect(test.store.currentRevision == 8)
  #expect(try test.hash(5) == 537_724_440)
  #expect(try test.hash(6) == 1_227_893_474)
  #expect(try test.hash(7) == 3_556_727_935)
  #expect(try test.hash() == 4_218_292_806)
}

@Test func `hashes after a compaction are those of etcd, before and after its rows are gone`() throws {
  let test = try goldenStore()
  try test.store.compact(at: 6)
  for _ in 0..<2 {
    #expect(try test.hash() == 331_715_755)
    #expect(try test.hash(7) == 1_235_633_351)
    #expect(refusal { () throws(RPCStatus) in _ = try test.hash(6) } == .compacted)
    #expect(refusal { () throws(RPCStatus) in _ = try test.hash(9) } == .futureRevision)
    test.store.finishCompactions()
  }
  #expect(test.delete("", [0]) == 3)
  #expect(try test.hash() == 1_100_338_470)
}

@Test func `tombstones at the compacted revision do not count, though we keep them and older members do not`()
  throws
{
  let test = try goldenStore()
  try test.compact(6)
  test.delete("", [0])
  try test.compact(9)
  #expect(!test.rows.isEmpty)
  // The hash of a compacted revision cannot be asked for by number, only as the current one.
  #expect(try test.hash() == 1_084_519_789)
  test.put("z", "1")
  #expect(try test.hash() == 3_221_892_700)
}

@Test func `a hash is the same in slices, with writes between them, and after a restart`() throws {
  var dice = Dice(seed: 5)
  let test = TestStore()
  for step in 0..<1_500 {
    let key = "k\(dice.below(90))"
    if dice.below(3) == 0 { test.delete(key) } else { test.put(key, "\(step)") }
  }
  try test.store.compact(at: 700)
  let revision = test.store.currentRevision - 100
  let whole = try HashComputation(store: test.store, revision: revision).finish()
  let sliced = try HashComputation(store: test.store, revision: revision)
  var result: KVHash?
  while result == nil {
    result = try sliced.step(budgetRows: 37)
    test.put("k\(dice.below(90))", "later")
    _ = test.store.compactSlice(batchRows: 20)
  }
  #expect(result?.hash == whole.hash && result?.compactRevision == 700 && result?.hashRevision == revision)
  test.store.finishCompactions()
  test.backend.commitAndWait()
  test.restart()
  #expect(try test.hash(revision) == whole.hash)
}

@Test func `a compaction between two slices begins the hash anew or ends it`() throws {
  let test = TestStore()
  for step in 0..<100 { test.put("k\(step % 10)", "\(step)") }
  let early = try HashComputation(store: test.store, revision: 50)
  let late = try HashComputation(store: test.store, revision: 90)
  #expect(try early.step(budgetRows: 20) == nil)
  #expect(try late.step(budgetRows: 20) == nil)
  try test.compact(60)
  #expect(refusal { () throws(RPCStatus) in _ = try early.step(budgetRows: 20) } == .compacted)
  let hash = try late.finish()
  #expect(hash.compactRevision == 60)
  #expect(try hash.hash == test.hash(90))
}
