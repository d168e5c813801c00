import Base
import Testing
import Wire

@testable import Machine

/// k1 = d (version 2, created 2), k2 = a, k3 = b: revisions 2 to 5, as the answers below were taken from etcd 3.4.23.
private func filled() -> TestStore {
  let test = TestStore()
  test.put("k1", "c")
  test.put("k2", "a")
  test.put("k3", "b")
  test.put("k1", "d")
  return test
}

private func request(_ change: (inout RangeRequest) -> Void = { _ in }) -> RangeRequest {
  var request = RangeRequest(key: "k".bytes, rangeEnd: "l".bytes)
  change(&request)
  return request
}

private func keys(_ response: RangeResponse) -> [String] { response.kvs.map { String(utf8: $0.key) } }

@Test func `a limit cuts the answer but not the count`() throws {
  let test = filled()
  let page = try test.range(request { $0.limit = 2 })
  #expect(keys(page) == ["k1", "k2"] && page.more && page.count == 3)
  let whole = try test.range(request { $0.limit = 3 })
  #expect(keys(whole) == ["k1", "k2", "k3"] && !whole.more && whole.count == 3)
  let past = try test.range(request { ($0.limit, $0.revision) = (1, 3) })
  #expect(keys(past) == ["k1"] && past.more && past.count == 2 && past.header?.revision == 5)
}

@Test func `a page reads no more rows than it answers`() throws {
  let test = TestStore()
  for number in 0..<500 { test.put("k\(number)", "v") }
  let page = try test.store.plan(request { $0.limit = 10 })
  #expect(page.hits.count == 10 && page.count == 500 && page.more)
  let last = try test.store.plan(request { ($0.limit, $0.sortOrder) = (10, .descend) })
  #expect(last.hits.count == 10 && last.count == 500 && last.more)
}

@Test func `reads name a revision; too old and future ones are refused`() throws {
  let test = filled()
  #expect(try test.get("k1", at: 4)?.value == "c".bytes)
  #expect(try test.get("k1", at: 5)?.value == "d".bytes)
  #expect(try test.get("k1", at: -5)?.value == "d".bytes)
  #expect(try test.get("k1", at: 1) == nil)
  #expect(refusal { () throws(RPCStatus) in _ = try test.get("k1", at: 6) } == .futureRevision)
  try test.compact(4)
  #expect(refusal { () throws(RPCStatus) in _ = try test.get("k1", at: 3) } == .compacted)
  #expect(try test.get("k1", at: 4)?.value == "c".bytes)
}

@Test func `counting and keys alone`() throws {
  let test = filled()
  let count = try test.range(request { ($0.countOnly, $0.limit) = (true, 1) })
  #expect(count.kvs.isEmpty && count.count == 3 && !count.more)
  #expect(try test.range(request { ($0.countOnly, $0.revision) = (true, 2) }).count == 1)
  let blank = try test.range(request { $0.keysOnly = true })
  #expect(keys(blank) == ["k1", "k2", "k3"] && blank.kvs.allSatisfy(\.value.isEmpty))
  #expect(blank.kvs.map(\.modRevision) == [5, 3, 4])
}

@Test func `filters are inclusive, come after the count and before the limit`() throws {
  let test = filled()
  let new = try test.range(request { $0.minModRevision = 4 })
  #expect(keys(new) == ["k1", "k3"] && new.count == 3 && !new.more)
  #expect(keys(try test.range(request { $0.maxModRevision = 4 })) == ["k2", "k3"])
  #expect(keys(try test.range(request { $0.minCreateRevision = 3 })) == ["k2", "k3"])
  #expect(keys(try test.range(request { $0.maxCreateRevision = 3 })) == ["k1", "k2"])
  let cut = try test.range(request { ($0.minModRevision, $0.limit) = (4, 1) })
  #expect(keys(cut) == ["k1"] && cut.more && cut.count == 3)
}

@Test(arguments: [
  (RangeRequest.SortTarget.key, ["k1", "k2", "k3"], ["k3", "k2", "k1"]),
  (.version, ["k2", "k3", "k1"], ["k1", "k2", "k3"]),
  (.create, ["k1", "k2", "k3"], ["k3", "k2", "k1"]),
  (.mod, ["k2", "k3", "k1"], ["k1", "k3", "k2"]),
  (.value, ["k2", "k3", "k1"], ["k1", "k3", "k2"]),
])
func `ranges are sorted by what the request names`(
  target: RangeRequest.SortTarget, ascending: [String], descending: [String]
) throws {
  let test = filled()
  #expect(keys(try test.range(request { ($0.sortOrder, $0.sortTarget) = (.ascend, target) })) == ascending)
  #expect(keys(try test.range(request { ($0.sortOrder, $0.sortTarget) = (.descend, target) })) == descending)
  let cut = try test.range(request { ($0.sortOrder, $0.sortTarget, $0.limit) = (.descend, target, 2) })
  #expect(keys(cut) == Array(descending.prefix(2)) && cut.more && cut.count == 3)
  let past = try test.range(
    request { ($0.sortOrder, $0.sortTarget, $0.limit, $0.revision) = (.descend, .key, 1, 3) })
  #expect(keys(past) == ["k2"] && past.more && past.count == 2)
}

@Test func `without an order the limit comes before the sorting`() throws {
  // As etcd 3.4.23 answers: the first three keys by name, sorted by value, cut to two.
  let test = filled()
  test.put("k4", "0")
  let page = try test.range(request { ($0.sortTarget, $0.limit) = (.value, 2) })
  #expect(keys(page) == ["k2", "k3"] && page.more && page.count == 4)
}

@Test func `unknown sort orders and targets are ignored`() throws {
  let test = filled()
  #expect(keys(try test.range(request { $0.sortOrder = .init(rawValue: 9) })) == ["k1", "k2", "k3"])
  #expect(
    keys(try test.range(request { ($0.sortOrder, $0.sortTarget) = (.ascend, .init(rawValue: 9)) }))
      == ["k1", "k2", "k3"])
}

@Test func `random ranges agree with filtering everything by hand`() throws {
  var dice = Dice(seed: 42)
  let test = TestStore()
  for step in 0..<600 {
    let key = "k\(dice.below(80))"
    if dice.below(4) == 0 { test.delete(key) } else { test.put(key, "\(step % 13)") }
  }
  for _ in 0..<300 {
    let at = dice.below(2) == 0 ? 0 : Int64(2 + dice.below(Int(test.store.currentRevision) - 2))
    let all = try test.range(RangeRequest(key: [0], rangeEnd: [0], revision: at)).kvs
    var asked = RangeRequest(key: "k\(dice.below(80))".bytes, rangeEnd: "k\(dice.below(80))".bytes)
    asked.revision = at
    asked.limit = Int64(dice.below(6))
    asked.sortOrder = [.none, .ascend, .descend][dice.below(3)]
    asked.minModRevision = dice.below(3) == 0 ? Int64(dice.below(500)) : 0
    let inside = all.filter {
      compareBytes($0.key, asked.key) >= 0 && compareBytes($0.key, asked.rangeEnd) < 0
    }
    var expected = inside.filter { asked.minModRevision == 0 || $0.modRevision >= asked.minModRevision }
    if asked.sortOrder == .descend { expected.reverse() }
    let answer = try test.range(asked)
    let limit = asked.limit == 0 ? expected.count : Int(asked.limit)
    #expect(answer.kvs == Array(expected.prefix(limit)))
    #expect(answer.count == inside.count && answer.more == (expected.count > limit))
  }
}

/// Answers a range in small slices, with other work between them.
private func sliced(_ test: TestStore, _ request: RangeRequest, between: () -> Void) throws(RPCStatus) -> Bytes
{
  let work = try RangeComputation(store: test.store, request: request, header: ResponseHeader(memberID: 7))
  var output = ByteWriter()
  var length: Int?
  while length == nil {
    length = try work.measure(rows: 7)
    between()
  }
  while try !work.write(rows: 7, bytes: 100, to: &output) { between() }
  #expect(output.count == length)
  return output.bytes
}

@Test func `a range in slices gives what it would have given at once, whatever happens meanwhile`() throws {
  var dice = Dice(seed: 9)
  let test = TestStore()
  for step in 0..<700 {
    let key = "k\(dice.below(150))"
    if dice.below(4) == 0 { test.delete(key) } else { test.put(key, "\(step)") }
  }
  for round in 0..<60 {
    var asked = request { $0.limit = Int64([0, 1, 20, 1_000][round % 4]) }
    asked.sortOrder = [.none, .ascend, .descend][dice.below(3)]
    asked.sortTarget = [.key, .key, .version, .mod, .value][dice.below(5)]
    asked.revision = dice.below(2) == 0 ? 0 : test.store.currentRevision - Int64(dice.below(100))
    asked.keysOnly = dice.below(4) == 0
    asked.countOnly = dice.below(6) == 0
    asked.maxModRevision = dice.below(3) == 0 ? test.store.currentRevision - 30 : 0
    var expected = ByteWriter()
    try test.store.appendRangeResponse(asked, header: ResponseHeader(memberID: 7), to: &expected)
    let answer = try sliced(test, asked) {
      let key = "k\(dice.below(200))"
      if dice.below(2) == 0 { test.delete(key) } else { test.put(key, "later") }
    }
    #expect(answer == expected.bytes)
  }
}

@Test func `a compaction waits for a range in slices`() throws {
  let test = TestStore()
  for number in 0..<200 { test.put("k\(number)", "v") }
  let asked = request { $0.revision = 150 }
  var expected = ByteWriter()
  try test.store.appendRangeResponse(asked, header: ResponseHeader(memberID: 7), to: &expected)
  var isCompacted = false
  let answer = try sliced(test, asked) {
    if !isCompacted {
      test.put("k1", "new")
      _ = refusal { () throws(RPCStatus) in try test.store.compact(at: 151) }
    }
    isCompacted = true
    #expect(test.store.compactSlice() == .waitingForReaders)
  }
  #expect(answer == expected.bytes)
  #expect(test.store.pinCount == 0 && test.store.compactSlice() == .working)
}

@Test func `a range in slices ends as compacted when the compaction waits no longer`() throws {
  let test = TestStore()
  for number in 0..<200 { test.put("k\(number)", "v") }
  let work = try RangeComputation(
    store: test.store, request: request { $0.revision = 150 }, header: ResponseHeader())
  _ = try work.measure(rows: 7)
  try test.store.compact(at: 170)
  #expect(test.store.compactSlice() == .waitingForReaders)
  test.store.overridePins()
  #expect(test.store.compactSlice() == .working)
  #expect(refusal { () throws(RPCStatus) in _ = try work.measure(rows: 7) } == .compacted)
}

@Test func `a compaction at the revision of a range, or before it, does not wait`() throws {
  let test = TestStore()
  for number in 0..<200 { test.put("k\(number)", "v") }
  let work = try RangeComputation(
    store: test.store, request: request { $0.revision = 180 }, header: ResponseHeader())
  try test.store.compact(at: 180)
  #expect(test.store.compactSlice() == .working)
  test.store.finishCompactions()
  while try work.measure(rows: 7) == nil {}
  var output = ByteWriter()
  while try !work.write(rows: 7, bytes: 100, to: &output) {}
  #expect(try RangeResponse(decoding: output.bytes).kvs.count == 179)
}

@Test func `a range of more bytes than a slice is not answered at once`() throws {
  let test = TestStore()
  for number in 0..<10 { test.put("k\(number)", String(repeating: "v", count: 1_000)) }
  var output = ByteWriter()
  output.append("before")
  let header = ResponseHeader()
  #expect(try !test.store.appendRangeResponse(request(), header: header, byteLimit: 5_000, to: &output))
  #expect(output.bytes == "before".bytes)
  #expect(
    try test.store.appendRangeResponse(
      RangeRequest(key: "k1".bytes), header: header, byteLimit: 10, to: &output))
}

@Test func `values that are too many to sort by are refused`() throws {
  let test = TestStore()
  let large = String(repeating: "v", count: 9 * 1024 * 1024)
  for number in 0..<8 { test.put("k\(number)", large) }
  let asked = request { ($0.sortOrder, $0.sortTarget) = (.descend, .value) }
  let error = refusal { () throws(RPCStatus) in _ = try sliced(test, asked) {} }
  #expect(error?.code == .resourceExhausted)
}

@Test func `a sliced sort gives what sorting at once gives, and keeps equal things in order`() {
  var dice = Dice(seed: 4)
  for count in [0, 1, 255, 256, 257, 1_000, 5_000] {
    let input = (0..<count).map { (dice.below(50), $0) }
    var sort = SlicedSort(input) { $0.0 < $1.0 }
    while !sort.step(100) {}
    let expected = input.sorted { $0.0 != $1.0 ? $0.0 < $1.0 : $0.1 < $1.1 }
    #expect(sort.elements.elementsEqual(expected) { $0 == $1 })
  }
}

@Test func `a range is large when it reads many rows`() {
  let test = TestStore()
  for number in 0...Limits.rangeSliceRows { test.put("k\(number)", "v") }
  #expect(test.store.isLarge(request()))
  #expect(!test.store.isLarge(request { $0.limit = 500 }))
  #expect(!test.store.isLarge(request { $0.countOnly = true }))
  #expect(test.store.isLarge(request { ($0.limit, $0.sortTarget) = (500, .mod) }))
  #expect(!test.store.isLarge(RangeRequest(key: "k1".bytes)))
  #expect(!test.store.isLarge(RangeRequest(key: "x".bytes, rangeEnd: "y".bytes)))
}
