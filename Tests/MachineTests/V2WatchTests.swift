import Base
import Testing

@testable import Machine

@Suite struct V2WatchTests {
  private let store = V2Store()

  private func told() -> [String] {
    store.takeNotices().map {
      "\($0.watcher):\($0.event.action) \($0.event.node.key)\($0.isLast ? " last" : "")"
    }
  }

  private func watch(_ path: String, recursive: Bool = false, stream: Bool = false, since: UInt64 = 0) throws
    -> Int
  {
    try #require(try store.watch(path, recursive: recursive, stream: stream, since: since).watcher)
  }

  @Test func aLongPollGetsOneEventAndAStreamGoesOn() throws {
    let poll = try watch("/1/a")
    let stream = try watch("/1/a", stream: true)
    _ = try store.set("/1/a", value: "x")
    #expect(told() == ["\(poll):set /1/a last", "\(stream):set /1/a"])
    _ = try store.delete("/1/a")
    #expect(told() == ["\(stream):delete /1/a"])
    #expect(store.watcherCount == 1)
    store.removeWatcher(stream)
    store.removeWatcher(stream)
    #expect(store.watcherCount == 0 && store.watchersByPath.isEmpty)
  }

  @Test func recursiveWatchersSeeWhatIsBelowExceptHiddenKeys() throws {
    _ = try watch("/1/d")
    let all = try watch("/1/d", recursive: true, stream: true)
    let hidden = try watch("/1/d/_h", recursive: true, stream: true)
    _ = try store.set("/1/d/x", value: "x")
    _ = try store.set("/1/d/_h/y", value: "x")
    #expect(told() == ["\(all):set /1/d/x", "\(hidden):set /1/d/_h/y"])
  }

  @Test func removingADirectoryReachesWatchersBelowIt() throws {
    _ = try store.set("/1/d/a/b", value: "x")
    let below = try watch("/1/d/a/b")
    let absent = try watch("/1/d/zz")
    let above = try watch("/1", recursive: true, stream: true)
    _ = try store.delete("/1/d", recursive: true)
    #expect(told() == ["\(below):delete /1/d last", "\(above):delete /1/d"])
    #expect(store.watchers.contains(absent))
  }

  @Test func expiryIsAnEventToo() throws {
    let poll = try watch("/1/a")
    store.unixNow = 1_800_000_000_000_000_000
    _ = try store.create("/1", value: "ignored", unique: true)
    _ = try store.set("/1/a", value: "x", lifetime: V2Lifetime(expiry: store.unixNow))
    let next = try watch("/1/a")
    store.deleteExpired(cutoff: store.unixNow)
    #expect(told() == ["\(poll):set /1/a last", "\(next):expire /1/a last"])
  }

  @Test func aRefreshIsNotAnnounced() throws {
    let end = V2Lifetime(expiry: 2_000_000_000_000_000_000, isRefresh: true)
    _ = try store.set("/1/a", value: "x")
    _ = try watch("/1/a")
    let refreshed = try store.update("/1/a", lifetime: end)
    #expect(refreshed.isRefresh && refreshed.node.value == "x")
    #expect(told().isEmpty)
    #expect(throws: V2Error.self) { try store.set("/1/none", lifetime: end) }
    let past = try store.watch("/1/a", recursive: false, stream: false, since: 2)
    #expect(past.past.isEmpty && past.watcher != nil)
  }

  @Test func thePastIsAnsweredFromHistoryAndAStreamGetsAllOfIt() throws {
    for value in ["1", "2", "3"] { _ = try store.set("/1/a", value: value) }
    let poll = try store.watch("/1/a", recursive: false, stream: false, since: 2)
    #expect(poll.watcher == nil && poll.past.map(\.node.value) == ["2"] && poll.startIndex == 3)
    let stream = try store.watch("/1", recursive: true, stream: true, since: 2)
    #expect(stream.past.map(\.node.value) == ["2", "3"] && stream.watcher != nil)
    _ = try store.delete("/1/a")
    #expect(told().count == 1)
  }

  @Test func historyKeepsAThousandEventsAlsoOverASnapshot() throws {
    for value in 1...1_005 { _ = try store.set("/1/a", value: "\(value)") }
    func cause(_ store: V2Store) -> V2Error? {
      do throws(V2Error) {
        _ = try store.watch("/1/a", recursive: false, stream: false, since: 5)
        return nil
      } catch {
        return error
      }
    }
    let expected = V2Error(
      .eventIndexCleared, cause: "the requested history has been cleared [6/5]", index: 1_005)
    #expect(cause(store) == expected)
    #expect(try store.watch("/1/a", recursive: false, stream: false, since: 6).past.first?.node.value == "6")
    let other = V2Store()
    try other.recover(store.save())
    #expect(cause(other) == expected)
    #expect(other.save() == store.save())
  }

  /// A long poll that was told its last keeps its number until the notice was taken: another must not get it.
  @Test func `a watcher's number is not given away while notices for it wait`() throws {
    let poll = try watch("/1/a")
    _ = try store.set("/1/a", value: "x")
    let other = try watch("/1/b")
    #expect(other != poll)
    store.removeWatcher(poll)
    let third = try watch("/1/c")
    #expect(third != poll && store.watcherCount == 2)
    #expect(told().isEmpty)
    #expect(try watch("/1/d") == poll)
  }

  @Test func `watchers of one path leave in any order`() throws {
    let all = try (0..<5).map { _ in try watch("/1/a", stream: true) }
    for leaver in [2, 0, 4] { store.removeWatcher(all[leaver]) }
    _ = try store.set("/1/a", value: "x")
    #expect(told() == ["\(all[1]):set /1/a", "\(all[3]):set /1/a"])
    store.removeWatcher(all[3])
    store.removeWatcher(all[1])
    #expect(store.watchersByPath.isEmpty && store.watcherCount == 0)
  }

  @Test func `notices are taken in pieces, and a watcher too far behind ends`() throws {
    let stream = try watch("/1", recursive: true, stream: true)
    for number in 0..<(Limits.v2WaitingEvents + 5) { _ = try store.set("/1/a", value: "\(number)") }
    #expect(store.watcherCount == 0)
    let first = store.takeNotices(limit: 3)
    #expect(first.map(\.event.node.value) == ["0", "1", "2"] && store.hasNotices)
    let rest = store.takeNotices()
    #expect(rest.count == Limits.v2WaitingEvents - 2)
    #expect(
      rest.last?.isMissed == true && rest.last?.isLast == true && rest.dropLast().allSatisfy { !$0.isLast })
    #expect(!store.hasNotices && !store.watchers.contains(stream))
  }

  @Test func `watchers hear what a snapshot tells of the time between, or end`() throws {
    let ahead = V2Store()
    for number in 0..<3 {
      _ = try store.set("/1/d/k\(number)", value: "x")
      _ = try ahead.set("/1/d/k\(number)", value: "x")
    }
    let below = try watch("/1/d/k1")
    let above = try watch("/1", recursive: true, stream: true)
    _ = try ahead.set("/1/e", value: "y")
    _ = try ahead.delete("/1/d", recursive: true)
    try store.recover(ahead.save())
    #expect(told() == ["\(above):set /1/e", "\(above):delete /1/d", "\(below):delete /1/d last"])
    for number in 0..<(Limits.v2HistoryEvents + 5) { _ = try ahead.set("/1/f", value: "\(number)") }
    try store.recover(ahead.save())
    #expect(store.takeNotices().map(\.isMissed) == [true])
    #expect(store.watcherCount == 0 && store.watchersByPath.isEmpty)
  }
}
