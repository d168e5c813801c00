import Base
import Testing

@testable import Machine

/// Ranges against a model that knows each key of a small world by itself.
@Suite struct KeyIntervalTests {
  /// All keys of up to three letters from a small alphabet, and what lies behind the last of them.
  private static let world: [Bytes] = {
    let letters: [UInt8] = [0, 1, 0x61, 0xFF]
    var keys = letters.map { [$0] }
    for length in 1...2 {
      keys += keys.filter { $0.count == length }.flatMap { key in letters.map { key + [$0] } }
    }
    return keys
  }()

  private struct Range {
    var key: Bytes
    var end: Bytes

    func holds(_ other: Bytes) -> Bool {
      if end.isEmpty { return key == other }
      if compareBytes(other, key) < 0 { return false }
      return end == [0] || compareBytes(other, end) < 0
    }
  }

  private static func draw(_ dice: inout Dice) -> Range {
    let key = world[dice.below(world.count)]
    switch dice.below(4) {
    case 0: return Range(key: key, end: [])
    case 1: return Range(key: key, end: [0])
    default: return Range(key: key, end: world[dice.below(world.count)])
    }
  }

  @Test("a range is allowed exactly when each of its keys is", arguments: 0..<40)
  func againstModel(seed: Int) {
    var dice = Dice(seed: UInt64(seed))
    for _ in 0..<50 {
      let granted = (0..<dice.below(7)).map { _ in Self.draw(&dice) }
      let intervals = KeyIntervals(granted.compactMap { KeyIntervals.Interval(key: $0.key, rangeEnd: $0.end) })
      for key in Self.world {
        let expected = granted.contains { $0.holds(key) && Self.isProper($0) }
        #expect(intervals.contains(key) == expected, "\(granted) \(key)")
      }
      for _ in 0..<40 {
        let asked = Self.draw(&dice)
        guard Self.isProper(asked) else { continue }
        #expect(
          intervals.contains(key: asked.key, rangeEnd: asked.end) == Self.covers(granted, asked),
          "\(granted) for \(asked)")
      }
    }
  }

  private static func isProper(_ range: Range) -> Bool {
    range.end.isEmpty || range.end == [0] || compareBytes(range.key, range.end) < 0
  }

  /// Walks from the first key of the range from one grant to the next.
  private static func covers(_ granted: [Range], _ asked: Range) -> Bool {
    var place = asked.key
    let end: Bytes? = asked.end.isEmpty ? asked.key + [0] : asked.end == [0] ? nil : asked.end
    while true {
      if let end, compareBytes(place, end) >= 0 { return true }
      let here = granted.filter { isProper($0) && $0.holds(place) }
      if here.contains(where: { $0.end == [0] }) { return true }
      guard
        let next = here.map({ $0.end.isEmpty ? $0.key + [0] : $0.end }).max(by: { compareBytes($0, $1) < 0 })
      else {
        return false
      }
      place = next
    }
  }

  @Test("ranges that touch are one")
  func adjacent() {
    let intervals = KeyIntervals(
      [("a", "b"), ("c", "d"), ("b", "c")].compactMap {
        KeyIntervals.Interval(key: $0.0.bytes, rangeEnd: $0.1.bytes)
      })
    #expect(intervals.contains(key: "a".bytes, rangeEnd: "d".bytes))
    #expect(!intervals.contains(key: "a".bytes, rangeEnd: "d\0".bytes))
    #expect(!intervals.contains(key: "a".bytes, rangeEnd: [0]))
  }

  @Test("a range that ends before it begins is judged by its first key, as the original does")
  func turned() {
    let intervals = KeyIntervals([KeyIntervals.Interval(key: "f".bytes, rangeEnd: "h".bytes)].compactMap { $0 })
    #expect(intervals.contains(key: "g".bytes, rangeEnd: "a".bytes))
    #expect(intervals.contains(key: "f".bytes, rangeEnd: "f".bytes))
    #expect(!intervals.contains(key: "h".bytes, rangeEnd: "a".bytes))
  }

  @Test("everything is held from the smallest key on without end")
  func everything() {
    #expect(KeyIntervals([KeyIntervals.Interval(key: [0], rangeEnd: [0])].compactMap { $0 }).holdsEverything)
    #expect(
      !KeyIntervals([KeyIntervals.Interval(key: [0], rangeEnd: [0xFF])].compactMap { $0 }).holdsEverything)
    #expect(KeyIntervals.Interval(key: [], rangeEnd: [0]) == nil)
    #expect(KeyIntervals.Interval(key: "b".bytes, rangeEnd: "a".bytes) == nil)
  }
}
