/// A length of time in nanoseconds.
package struct TimeSpan: Hashable, Comparable, Sendable {
  package var nanoseconds: Int64
  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
  package static func microseconds(_ n: Int64) -> TimeSpan { .init(nanoseconds: n * 1_000) }
  package static func milliseconds(_ n: Int64) -> TimeSpan { .init(nanoseconds: n * 1_000_000) }
  package static func seconds(_ n: Int64) -> TimeSpan { .init(nanoseconds: n * 1_000_000_000) }
  package static let zero = TimeSpan(nanoseconds: 0)
  package var seconds: Double { Double(nanoseconds) / 1e9 }
  package var milliseconds: Double { Double(nanoseconds) / 1e6 }
  package static func < (a: TimeSpan, b: TimeSpan) -> Bool { a.nanoseconds < b.nanoseconds }
  package static func + (a: TimeSpan, b: TimeSpan) -> TimeSpan {
    .init(nanoseconds: a.nanoseconds + b.nanoseconds)
  }
  package static func - (a: TimeSpan, b: TimeSpan) -> TimeSpan {
    .init(nanoseconds: a.nanoseconds - b.nanoseconds)
  }
  package static func * (a: TimeSpan, n: Int64) -> TimeSpan { .init(nanoseconds: a.nanoseconds * n) }
}

/// A reading of the monotonic clock, in nanoseconds from an arbitrary start.
package struct Instant: Hashable, Comparable, Sendable {
  package var nanoseconds: Int64
  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
  package static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }
  package static func - (a: Instant, b: Instant) -> TimeSpan {
    .init(nanoseconds: a.nanoseconds - b.nanoseconds)
  }
  package static func + (a: Instant, b: TimeSpan) -> Instant {
    .init(nanoseconds: a.nanoseconds + b.nanoseconds)
  }
  package static func - (a: Instant, b: TimeSpan) -> Instant {
    .init(nanoseconds: a.nanoseconds - b.nanoseconds)
  }
}
