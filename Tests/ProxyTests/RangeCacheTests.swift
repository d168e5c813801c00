import Base
import Testing

@testable import Proxy

@Suite struct RangeCacheTests {
  private let now = Instant(nanoseconds: 1_000_000_000)
  private func single(_ key: String) -> KeyRange { KeyRange(key.bytes, []) }
  private func span(_ key: String, _ end: String) -> KeyRange { KeyRange(key.bytes, end.bytes) }

  private func tracked(_ ranges: KeyRange...) -> RangeCache {
    var cache = RangeCache()
    for range in ranges {
      #expect(cache.missed(range) == [.watch(range)])
      cache.live(range, from: 10)
    }
    return cache
  }

  @Test("A reply is kept only while its range is watched")
  func tracking() {
    var cache = RangeCache()
    cache.keep([1], to: Key("q"), single("k"), revision: 10, at: now)
    #expect(cache.reply(to: Key("q"), at: now) == nil)
    #expect(cache.missed(single("k")) == [.watch(single("k"))])
    cache.keep([1], to: Key("q"), single("k"), revision: 10, at: now)
    #expect(cache.reply(to: Key("q"), at: now) == nil)
    cache.live(single("k"), from: 10)
    cache.keep([1], to: Key("q"), single("k"), revision: 10, at: now)
    #expect(cache.reply(to: Key("q"), at: now) == [1])
    #expect(cache.missed(single("k")) == [])
    cache.lost(single("k"))
    #expect(cache.reply(to: Key("q"), at: now) == nil)
  }

  @Test("A reply of a member that lags behind is not kept")
  func lagging() {
    var cache = tracked(single("k"))
    cache.keep([1], to: Key("q"), single("k"), revision: 9, at: now)
    #expect(cache.reply(to: Key("q"), at: now) == nil)
    cache.changed(single("k"), at: 20)
    cache.keep([1], to: Key("q"), single("k"), revision: 19, at: now)
    #expect(cache.reply(to: Key("q"), at: now) == nil)
    cache.keep([2], to: Key("q"), single("k"), revision: 20, at: now)
    #expect(cache.reply(to: Key("q"), at: now) == [2])
    // An event that the reply holds already, told late.
    cache.changed(single("k"), at: 20)
    #expect(cache.reply(to: Key("q"), at: now) == [2])
    cache.changed(single("k"), at: 21)
    #expect(cache.reply(to: Key("q"), at: now) == nil)
  }

  @Test("A write removes what it touches, and nothing else")
  func writes() {
    let ranges = [single("a"), single("b"), span("a", "b"), span("b", "c"), span("a", "\0")]
    func fresh() -> RangeCache {
      var cache = RangeCache()
      for (number, range) in ranges.enumerated() {
        _ = cache.missed(range)
        cache.live(range, from: 10)
        cache.keep([UInt8(number)], to: Key([UInt8(number)]), range, revision: 10, at: now)
      }
      return cache
    }
    func kept(_ cache: inout RangeCache) -> [Int] {
      ranges.indices.filter { cache.reply(to: Key([UInt8($0)]), at: now) != nil }
    }
    for (write, expected) in [
      (single("a"), [1, 3]), (single("b"), [0, 2]), (single("aa"), [0, 1, 3]), (span("a", "b"), [1, 3]),
      (span("aa", "b"), [0, 1, 3]), (span("b", "\0"), [0, 2]), (single("A"), [0, 1, 2, 3, 4]),
    ] {
      var cache = fresh()
      cache.wrote(write, at: 11)
      #expect(kept(&cache) == expected, "\(write)")
    }
    var cache = fresh()
    cache.wrote(single("a"), at: 10)
    #expect(kept(&cache) == [0, 1, 2, 3, 4])
  }

  @Test("Replies end with their time, and older ones are not given where newer were seen")
  func time() {
    var cache = tracked(single("k"))
    cache.keep([1], to: Key("q"), single("k"), revision: 12, at: now)
    #expect(cache.reply(to: Key("q"), at: now, floor: 12) == [1])
    #expect(cache.reply(to: Key("q"), at: now, floor: 13) == nil)
    #expect(cache.reply(to: Key("q"), at: now + Limits.proxyCacheLife) == nil)
    cache.clear()
    #expect(cache.reply(to: Key("q"), at: now) == nil && cache.rangeCount == 1)
  }

  @Test("Ranges and replies are bounded, the least used go first")
  func bounds() {
    var cache = RangeCache()
    for number in 0..<Limits.proxyCacheRanges { _ = cache.missed(single("\(number)")) }
    _ = cache.missed(single("0"))
    #expect(cache.missed(single("x")) == [.forget(single("1")), .watch(single("x"))])
    #expect(cache.rangeCount == Limits.proxyCacheRanges)
    cache.live(single("0"), from: 1)
    for number in 0...Limits.proxyCacheEntries {
      cache.keep([0], to: Key("q\(number)"), single("0"), revision: 1, at: now)
    }
    #expect(cache.count <= Limits.proxyCacheEntries)
    #expect(cache.reply(to: Key("q\(Limits.proxyCacheEntries)"), at: now) != nil)
    #expect(cache.reply(to: Key("q0"), at: now) == nil)
    cache.keep(
      Bytes(repeating: 0, count: Limits.proxyCacheEntryBytes + 1), to: Key("big"), single("0"), revision: 1,
      at: now)
    #expect(cache.reply(to: Key("big"), at: now) == nil)
  }
}
