import Base
import Testing

@testable import Machine

private let second: Int64 = 1_000_000_000

@Suite struct V2StoreTests {
  private let store = V2Store()

  private func refusal(_ body: () throws(V2Error) -> V2Event) -> String {
    do throws(V2Error) {
      _ = try body()
      return "none"
    } catch {
      return "\(error.code.rawValue) \(error.cause) \(error.index)"
    }
  }

  private func json(_ event: V2Event) -> String {
    var writer = JSONWriter()
    event.write(to: &writer)
    return String(utf8: writer.bytes)
  }

  @Test func aSnapshotOfGoIsReadAndWrittenBackByteForByte() throws {
    try store.recover(V2Golden.snapshot.bytes)
    #expect(store.index == 11)
    #expect(String(utf8: store.save()) == V2Golden.snapshot)
    #expect(try store.get("/0/version").node.value == "3.4.0")
    #expect(store.hasExpiringKeys)
    #expect(store.history.startIndex == 1 && store.history.lastIndex == 11 && store.history.count == 11)
    let next = try store.set("/1/more", value: "x")
    #expect(next.node.modifiedIndex == 12)
  }

  @Test func damagedSnapshotsChangeNothing() throws {
    _ = try store.set("/1/a", value: "x")
    let before = store.save()
    for text in [
      "", "{", "{}", "{\"Root\":{},\"CurrentIndex\":1}",
      V2Golden.snapshot.replacing("2026-11", with: "2026-99"),
    ] {
      #expect(throws: V2RecoveryError.self) { try store.recover(text.bytes) }
    }
    #expect(store.save() == before)
  }

  @Test func setAnswers201OnceAndThePreviousNodeAfterwards() throws {
    let first = try store.set("/1/foo", value: "a")
    #expect(
      first.isCreation
        && json(first)
          == #"{"action":"set","node":{"key":"/1/foo","value":"a","modifiedIndex":1,"createdIndex":1}}"#
    )
    let again = try store.set("/1/foo", value: "b")
    #expect(!again.isCreation)
    #expect(
      json(again)
        == #"{"action":"set","node":{"key":"/1/foo","value":"b","modifiedIndex":2,"createdIndex":2},"prevNode":{"key":"/1/foo","value":"a","modifiedIndex":1,"createdIndex":1}}"#
    )
    #expect(again.etcdIndex == 2)
  }

  @Test func readingListsOneLevelSortedAndHidesUnderscores() throws {
    for path in ["/1/d/b/x", "/1/d/a", "/1/d/_h", "/1/d/c"] { _ = try store.set(path, value: path) }
    let flat = try store.get("/1/d")
    #expect(flat.node.nodes.map(\.key) == ["/1/d/a", "/1/d/b", "/1/d/c"])
    #expect(flat.node.nodes[1].nodes.isEmpty && flat.node.nodes[1].isDirectory)
    #expect(try store.get("/1/d", recursive: true).node.nodes[1].nodes.map(\.key) == ["/1/d/b/x"])
    #expect(try store.get("/1/d/_h").node.value == "/1/d/_h")
    #expect(refusal { () throws(V2Error) in try store.get("/1/nope/x") } == "100 /1/nope 4")
    #expect(refusal { () throws(V2Error) in try store.get("/1/d/a/x") } == "104 /1/d/a 4")
  }

  @Test func creatingWhereSomethingStandsIsRefused() throws {
    _ = try store.create("/1/a", value: "x")
    #expect(refusal { () throws(V2Error) in try store.create("/1/a", value: "y") } == "105 /1/a 1")
    #expect(refusal { () throws(V2Error) in try store.set("/1/a/b", value: "y") } == "104 /1/a 1")
    #expect(refusal { () throws(V2Error) in try store.set("/1", value: "y") } == "107 / 1")
    #expect(
      refusal { () throws(V2Error) in try store.delete("/", isDirectory: true, recursive: true) } == "107 / 1")
    _ = try store.create("/1/dir", isDirectory: true)
    #expect(refusal { () throws(V2Error) in try store.set("/1/dir", value: "y") } == "102 /1/dir 2")
  }

  @Test func inOrderKeysHaveTwentyDigits() throws {
    let first = try store.create("/1/queue", value: "a", unique: true)
    #expect(first.node.key == "/1/queue/00000000000000000001")
    let second = try store.create("/1/queue/", value: "b", unique: true)
    #expect(second.node.key == "/1/queue/00000000000000000002")
  }

  @Test func comparingSwapsOnlyOnEqualValueAndIndex() throws {
    _ = try store.set("/1/a", value: "x")
    func swap(_ value: String, _ index: UInt64) -> String {
      refusal { () throws(V2Error) in
        try store.compareAndSwap("/1/a", previousValue: value, previousIndex: index, value: "y")
      }
    }
    #expect(swap("nope", 0) == "101 [nope != x] 1")
    #expect(swap("x", 9) == "101 [9 != 1] 1")
    #expect(swap("nope", 9) == "101 [nope != x] [9 != 1] 1")
    #expect(swap("x", 1) == "none")
    let node = try store.get("/1/a").node
    #expect(node.value == "y" && node.modifiedIndex == 2 && node.createdIndex == 1)
    #expect(
      refusal { () throws(V2Error) in
        try store.compareAndSwap("/1", previousValue: "x", previousIndex: 0, value: "y")
      } == "107 / 2")
  }

  @Test func comparingDeletesOnlyOnEqualValueAndIndex() throws {
    _ = try store.set("/1/d/a", value: "x")
    func delete(_ path: String, _ value: String, _ index: UInt64) -> String {
      refusal { () throws(V2Error) in
        try store.compareAndDelete(path, previousValue: value, previousIndex: index)
      }
    }
    #expect(delete("/1/d", "x", 0) == "102 /1/d 1")
    #expect(delete("/1/d/a", "z", 0) == "101 [z != x] 1")
    #expect(delete("/1/d/a", "x", 1) == "none")
    #expect(store.index == 2)
  }

  @Test func directoriesAreRemovedOnlyWhenAskedFor() throws {
    _ = try store.set("/1/d/a", value: "x")
    #expect(refusal { () throws(V2Error) in try store.delete("/1/d") } == "102 /1/d 1")
    #expect(refusal { () throws(V2Error) in try store.delete("/1/d", isDirectory: true) } == "108 /1/d 1")
    let gone = try store.delete("/1/d", recursive: true)
    #expect(
      json(gone)
        == #"{"action":"delete","node":{"key":"/1/d","dir":true,"modifiedIndex":2,"createdIndex":1},"prevNode":{"key":"/1/d","dir":true,"modifiedIndex":1,"createdIndex":1}}"#
    )
    #expect(refusal { () throws(V2Error) in try store.get("/1/d/a") } == "100 /1/d 2")
  }

  @Test func updatingKeepsTheCreationAndRefusesAValueForADirectory() throws {
    _ = try store.create("/1/d", isDirectory: true)
    _ = try store.set("/1/a", value: "x")
    #expect(refusal { () throws(V2Error) in try store.update("/1/d", value: "v") } == "102 /1/d 2")
    #expect(refusal { () throws(V2Error) in try store.update("/1/zz", value: "v") } == "100 /1/zz 2")
    let updated = try store.update("/1/a", value: "y")
    #expect(updated.node.createdIndex == 2 && updated.node.modifiedIndex == 3 && updated.previous?.value == "x")
    _ = try store.update("/1/d", lifetime: V2Lifetime(expiry: 2_000_000_000 * second))
    #expect(store.hasExpiringKeys)
  }

  @Test func nodesExpireByTheReplicatedTimeAndNotBefore() throws {
    let now = 1_800_000_000 * second
    store.unixNow = now
    let set = try store.set("/1/a", value: "x", lifetime: V2Lifetime(expiry: now + 5 * second + 1))
    #expect(set.node.ttl == 6)
    #expect(json(set).contains(#""expiration":"2027-01-15T08:00:05.000000001Z","ttl":6"#))
    _ = try store.create("/1/d", isDirectory: true, lifetime: V2Lifetime(expiry: now + 3 * second))
    _ = try store.set("/1/d/b", value: "y")
    store.deleteExpired(cutoff: now + 3 * second - 1)
    #expect(store.index == 3)
    store.deleteExpired(cutoff: now + 3 * second)
    #expect(store.index == 4 && refusal { () throws(V2Error) in try store.get("/1/d") } == "100 /1/d 4")
    store.deleteExpired(cutoff: now + 100 * second)
    #expect(store.index == 5 && !store.hasExpiringKeys && store.stats.expireCount == 2)
  }

  @Test func replacingOrUpdatingANodeMovesItsEnd() throws {
    let now = 1_800_000_000 * second
    func until(_ seconds: Int64) -> V2Lifetime { V2Lifetime(expiry: now + seconds * second) }
    for name in ["longer", "shorter", "forever", "replaced"] {
      _ = try store.set("/1/" + name, value: "x", lifetime: until(10))
    }
    _ = try store.update("/1/longer", value: "x", lifetime: until(20))
    _ = try store.update("/1/shorter", value: "x", lifetime: until(5))
    _ = try store.update("/1/forever", value: "x")
    _ = try store.set("/1/replaced", value: "x")
    func alive() throws -> [String] { try store.get("/1").node.nodes.map(\.key) }
    store.deleteExpired(cutoff: now + 9 * second)
    #expect(try alive() == ["/1/forever", "/1/longer", "/1/replaced"])
    store.deleteExpired(cutoff: now + 19 * second)
    #expect(try alive() == ["/1/forever", "/1/longer", "/1/replaced"])
    store.deleteExpired(cutoff: now + 20 * second)
    #expect(try alive() == ["/1/forever", "/1/replaced"])
    #expect(store.expiringNodes == 0)
    let old = try store.set("/1/old", value: "x", lifetime: V2Lifetime(expiry: 5))
    #expect(old.node.expiration == nil, "times before 2000 mean no end")
  }

  @Test func refreshedKeysLeaveNoPileOfOldDeadlines() throws {
    let now = 1_800_000_000 * second
    for round in 1...2_000 as ClosedRange<Int64> {
      _ = try store.set("/1/a", value: "x", lifetime: V2Lifetime(expiry: now + round * second))
    }
    #expect(store.expiries.count < 200)
    store.deleteExpired(cutoff: now + 2_000 * second)
    #expect(store.index == 2_001)
  }

  @Test func theErrorTableHasGoTextsAndStatuses() {
    let table = V2Error.Code.allCases.map { code in
      "\(code.rawValue) \(V2Error(code).status) \(code.message)"
    }
    #expect(table.count == 32)
    #expect(table.contains("100 404 Key not found") && table.contains("101 412 Compare failed"))
    #expect(
      table.contains("108 403 Directory not empty")
        && table.contains("110 401 The request requires user authentication"))
    #expect(table.contains("300 500 Raft Internal Error") && table.contains("209 400 Invalid field"))
    let error = V2Error(.keyNotFound, cause: "/nope", index: 4)
    #expect(
      String(utf8: error.json) == #"{"errorCode":100,"message":"Key not found","cause":"/nope","index":4}"#)
  }

  @Test func timesAreWrittenAndReadAsGoDoes() {
    #expect(V2Time.text(0) == "1970-01-01T00:00:00Z")
    #expect(V2Time.text(-1) == "1969-12-31T23:59:59.999999999Z")
    #expect(V2Time.text(951_782_400 * second + 120_000_000) == "2000-02-29T00:00:00.12Z")
    for text in ["2026-11-23T09:34:34.452084115Z", "1999-12-31T23:59:59Z", "2262-04-11T23:47:16.854775807Z"] {
      guard case .at(let time)? = V2Time.parse(text) else {
        Issue.record("\(text) was not read")
        continue
      }
      #expect(V2Time.text(time) == text)
    }
    #expect(V2Time.parse("2026-11-23T10:34:34+01:00") == V2Time.parse("2026-11-23T09:34:34Z"))
    #expect(V2Time.parse("0001-01-01T00:00:00Z") == .permanent)
    #expect(V2Time.parse("9999-12-31T00:00:00Z") == .at(.max))
    for text in ["", "2026-11-23", "2026-13-01T00:00:00Z", "2026-11-23T09:34:34", "2026-11-23T09:34:34.Z"] {
      #expect(V2Time.parse(text) == nil)
    }
  }

  @Test func pathsAreCleanedAsGoDoes() {
    for (text, clean) in [("", "/"), ("a//b/", "/a/b"), ("/a/./b/../c", "/a/c"), ("/../x", "/x"), ("//", "/")] {
      #expect(V2Path.clean(text) == clean)
    }
    #expect(V2Path.ancestry("/a/b") == ["/", "/a", "/a/b"])
    #expect(V2Path.isHidden("/a/_b/c", from: "/a") && !V2Path.isHidden("/a/_b/c", from: "/a/_b"))
  }

  /// `String` takes both for equal; Go does not.
  @Test func `letters written in two ways are two keys`() throws {
    let store = V2Store()
    _ = try store.set("/1/\u{e9}", value: "one")
    _ = try store.set("/1/e\u{301}", value: "two")
    _ = try store.set("/1/a/\u{301}b", value: "behind a slash")
    #expect(try store.get("/1/\u{e9}").node.value == "one")
    #expect(try store.get("/1").node.nodes.count == 3)
    #expect(try store.get("/1/a").node.nodes.map(\.key) == ["/1/a/\u{301}b"])
    #expect(throws: V2Error(.testFailed, cause: "[e\u{301} != \u{e9}]", index: 4)) {
      _ = try store.set("/1/v", value: "\u{e9}")
      _ = try store.compareAndSwap("/1/v", previousValue: "e\u{301}", previousIndex: 0, value: "x")
    }
    let copy = V2Store()
    try copy.recover(store.save())
    #expect(copy.save() == store.save())
  }
}
