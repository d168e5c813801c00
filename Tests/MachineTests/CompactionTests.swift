import Base
import Storage
import Testing
import Wire

@testable import Machine

@Test func `compactions of the past and the future are refused`() throws {
  let test = TestStore()
  test.put("a", "1")
  test.put("a", "2")
  func refused(_ revision: Int64) -> RPCStatus? {
    refusal { () throws(RPCStatus) in try test.store.compact(at: revision) }
  }
  #expect(refused(4) == .futureRevision)
  try test.compact(2)
  #expect(refused(2) == .compacted && refused(1) == .compacted && refused(0) == .compacted)
  #expect(test.store.compactRevision == 2)
}

@Test func `a compaction keeps the newest record of each key and a tombstone at its own revision`() throws {
  let test = TestStore()
  test.put("a", "1")  // 2
  test.put("b", "1")  // 3
  test.put("a", "2")  // 4
  test.delete("b")  // 5
  test.delete("a")  // 6
  test.put("c", "1")  // 7
  try test.compact(6)
  #expect(test.rows.map(\.main) == [6, 7])
  // A watcher may start at the compacted revision and must see the deletion there.
  var seen: [Change] = []
  test.store.scan(from: 6, through: 7) {
    seen.append($0)
    return true
  }
  #expect(seen.map(\.isDelete) == [true, false])
  try test.compact(7)
  #expect(test.rows.map(\.main) == [7])
  #expect(test.store.counters.compactedRows == 5)
}

@Test func `compactions are done in slices, one after the other, and tell when they are done`() throws {
  let test = TestStore()
  for number in 0..<6_000 { test.put("key\(number % 3_000)", "\(number)") }
  test.put("last", "")
  try test.store.compact(at: 5_001)
  try test.store.compact(at: 6_001)
  var finished: [Int64] = []
  var slices = 0
  while test.store.isCompacting {
    slices += 1
    if case .finished(let revision) = test.store.compactSlice(batchRows: 100) { finished.append(revision) }
    test.put("other\(slices)", "x")  // life goes on
  }
  #expect(finished == [5_001, 6_001])
  #expect(slices > 30)
  #expect(test.store.compactSlice() == .idle)
  #expect(test.rows.prefix { $0.main <= 6_001 }.count == 3_000)
  test.store.index.checkStructure()
}

@Test func `rows of several runs are removed in ascending order`() {
  var work = CompactionWork()
  var dice = Dice(seed: 3)
  var all: [Int64] = []
  for _ in 0..<9 {
    let run = (0..<dice.below(40)).map { _ in Int64(dice.below(10_000)) }
    all += run
    work.add(run.map { CompactionWork.Row(revision: Revision(main: $0), isTombstone: false) })
  }
  #expect(work.pendingRows == all.count)
  work.beginRemoving()
  var removed: [Int64] = []
  while let row = work.nextRow() { removed.append(row.revision.main) }
  #expect(removed == all.sorted())
  #expect(!work.isRemoving && work.pendingRows == 0)
}

@Test func `a compaction waits while the backend has much to commit`() throws {
  let leases = TestLeases()
  let backend = MemoryBackend(commits: .onDemand)
  let store = Store(backend: backend, leases: leases)
  var changes: [Change] = []
  for _ in 0...Limits.compactionBackendOperations {
    _ = try store.put(PutRequest(key: "a".bytes), into: &changes)
  }
  try store.compact(at: store.currentRevision)
  for _ in 0...Limits.compactionBackendOperations {
    _ = try store.put(PutRequest(key: "b".bytes), into: &changes)
  }
  var progress = store.compactSlice()
  while progress == .working { progress = store.compactSlice() }
  #expect(progress == .waitingForBackend)
  backend.commitAndWait()
  #expect(store.compactSlice() == .working)
}

@Test func `an unfinished compaction goes on after a restart`() throws {
  let test = TestStore()
  for number in 0..<3_000 { test.put("key\(number % 10)", "\(number)") }
  let all = RangeRequest(key: [0], rangeEnd: [0])
  let before = try test.range(all)
  try test.store.compact(at: 2_900)
  for _ in 0..<3 { _ = test.store.compactSlice(batchRows: 700) }
  test.backend.commitAndWait()
  test.restart()
  #expect(test.store.compactRevision == 2_900 && test.store.isCompacting)
  #expect(refusal { () throws(RPCStatus) in _ = try test.get("key1", at: 2_899) } == .compacted)
  #expect(try test.range(all) == before)
  test.store.finishCompactions()
  #expect(test.rows.prefix { $0.main <= 2_900 }.count == 10)
  test.backend.commitAndWait()
  test.restart()
  #expect(!test.store.isCompacting && test.store.compactRevision == 2_900)
  #expect(try test.range(all) == before)
}

@Test func `the revision does not go back when everything up to it was compacted`() throws {
  let test = TestStore()
  test.put("a", "1")
  test.delete("a")
  test.put("b", "1")
  test.delete("b")  // 5
  try test.store.compact(at: 5)
  // Died after the removals, before the end was noted: only what was scheduled tells the revision.
  for row in test.rows { test.backend.deleteRow(row, isTombstone: row.main % 2 == 1) }
  test.backend.commitAndWait()
  test.restart()
  #expect(test.store.currentRevision == 5)
  test.store.finishCompactions()
  test.backend.commitAndWait()
  test.restart()
  #expect(test.store.currentRevision == 5 && test.store.compactRevision == 5)
}

@Test func `a crash at any point of a compaction brings no key back`() throws {
  let original = TestStore()
  for number in 0..<300 {
    if number % 3 == 2 {
      original.delete("key\(number % 20)")
    } else {
      original.put("key\(number % 20)", "\(number)")
    }
  }
  let all = RangeRequest(key: [0], rangeEnd: [0])
  let before = try original.range(all)
  try original.store.compact(at: 250)
  for slices in 0..<60 {
    let test = TestStore()
    test.backend.load(original.backend.frozenView())
    test.restart()
    for _ in 0..<slices { _ = test.store.compactSlice(batchRows: 5) }
    test.backend.commitAndWait()
    test.restart()
    #expect(try test.range(all).kvs == before.kvs)
    test.store.finishCompactions()
    #expect(try test.range(all).kvs == before.kvs)
  }
}

@Test func `random histories read the same after any compaction`() throws {
  var dice = Dice(seed: 11)
  let whole = TestStore()
  let compacted = TestStore()
  for step in 0..<2_000 {
    let key = "k\(dice.below(60))"
    let isDelete = dice.below(3) == 0
    for test in [whole, compacted] {
      if isDelete { test.delete(key) } else { test.put(key, "\(step)") }
    }
    if step % 200 == 199 {
      let at = compacted.store.currentRevision - Int64(dice.below(50))
      try compacted.compact(at)
      if dice.below(2) == 0 {
        compacted.backend.commitAndWait()
        compacted.restart()
      }
    }
    guard step % 20 == 0 else { continue }
    let oldest = max(compacted.store.compactRevision, 1)
    let at = oldest + Int64(dice.below(Int(compacted.store.currentRevision - oldest) + 1))
    let request = RangeRequest(key: [0], rangeEnd: [0], revision: at)
    #expect(try whole.range(request) == compacted.range(request))
  }
}
