import Base

/// Times of the v2 store: nanoseconds since 1970, written as Go writes time.Time in JSON (RFC 3339, nanoseconds).
package enum V2Time {
  /// Go's zero time, which means "permanent".
  static let permanentText = "0001-01-01T00:00:00Z"

  package static func text(_ nanoseconds: Int64) -> String {
    let time = CivilTime(nanoseconds: nanoseconds)
    var out = Bytes()
    time.appendDate(to: &out)
    out.append(UInt8(ascii: "T"))
    time.appendClock(to: &out)
    appendFraction(time.nanosecond, to: &out)
    out.append(UInt8(ascii: "Z"))
    return String(utf8: out)
  }

  /// The same as nanoseconds since 1970; nil where the text is no time, or stands for none.
  package static func nanoseconds(_ text: String) -> Int64? {
    if case .at(let nanoseconds)? = parse(text) { return nanoseconds }
    return nil
  }

  /// Nil where the text is no time; times out of range of 64 bits are cut to it. The zero time is `.permanent`.
  enum Parsed: Equatable {
    case permanent
    case at(Int64)
  }

  static func parse(_ text: String) -> Parsed? {
    var scanner = Scanner(bytes: Bytes(text.utf8))
    guard let year = scanner.number(4), scanner.take("-"), let month = scanner.number(2), scanner.take("-"),
      let date = scanner.number(2), scanner.take("T"), let hour = scanner.number(2), scanner.take(":"),
      let minute = scanner.number(2), scanner.take(":"), let second = scanner.number(2),
      let nanoseconds = scanner.fraction(), let offset = scanner.zone(), scanner.isAtEnd,
      (1...12).contains(month), (1...31).contains(date), hour < 24, minute < 60, second < 61
    else { return nil }
    let days = CivilTime.days(year: Int(year), month: Int(month), day: Int(date))
    let seconds = Int64(days) * 86_400 + hour * 3_600 + minute * 60 + second - offset
    if seconds == -62_135_596_800, nanoseconds == 0 { return .permanent }
    let (scaled, isLarge) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if isLarge { return .at(seconds < 0 ? .min : .max) }
    let (sum, isLarger) = scaled.addingReportingOverflow(nanoseconds)
    return .at(isLarger ? .max : sum)
  }

  private struct Scanner {
    let bytes: Bytes
    var offset = 0
    init(bytes: Bytes) { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.count }
    var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard current == UInt8(ascii: character) else { return false }
      offset += 1
      return true
    }

    mutating func digit() -> Int64? {
      guard let byte = current, byte >= 0x30, byte <= 0x39 else { return nil }
      offset += 1
      return Int64(byte - 0x30)
    }

    mutating func number(_ digits: Int) -> Int64? {
      var value: Int64 = 0
      for _ in 0..<digits {
        guard let next = digit() else { return nil }
        value = value * 10 + next
      }
      return value
    }

    /// Nanoseconds behind a point; 0 where there is none.
    mutating func fraction() -> Int64? {
      guard take(".") else { return 0 }
      var value: Int64 = 0
      var scale: Int64 = 100_000_000
      guard var next = digit() else { return nil }
      while true {
        value += next * scale
        scale /= 10
        guard let more = digit() else { return value }
        next = more
      }
    }

    /// Seconds east of Greenwich.
    mutating func zone() -> Int64? {
      if take("Z") { return 0 }
      let isEast = take("+")
      guard isEast || take("-"), let hours = number(2), take(":"), let minutes = number(2) else { return nil }
      return (isEast ? 1 : -1) * (hours * 3_600 + minutes * 60)
    }
  }

  /// A point and the digits without zeros at the end, as RFC3339Nano.
  private static func appendFraction(_ nanoseconds: Int, to out: inout Bytes) {
    if nanoseconds == 0 { return }
    out.append(UInt8(ascii: "."))
    out.append(digits: nanoseconds, width: 9)
    while out.last == 0x30 { out.removeLast() }
  }
}
