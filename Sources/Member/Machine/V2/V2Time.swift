import Base

/// Times of the v2 store: nanoseconds since 1970, written as Go writes time.Time in JSON (RFC 3339, nanoseconds).
package enum V2Time {
  /// Go's zero time, which means "permanent".
  static let permanentText = "0001-01-01T00:00:00Z"

  package static func text(_ nanoseconds: Int64) -> String {
    let second: Int64 = 1_000_000_000
    let day: Int64 = 86_400
    let seconds = floored(nanoseconds, by: second)
    let days = floored(seconds, by: day)
    let (year, month, date) = civil(fromDays: days)
    let rest = seconds - days * day
    let clock = "\(two(rest / 3_600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
    // Not `nanoseconds - seconds * second`: for the earliest times the product leaves 64 bits.
    let left = nanoseconds % second
    let part = fraction(left < 0 ? left + second : left)
    return "\(four(year))-\(two(month))-\(two(date))T\(clock)\(part)Z"
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
    let days = days(fromCivil: year, month, date)
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
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

  private static func floored(_ value: Int64, by unit: Int64) -> Int64 {
    value >= 0 ? value / unit : -((-(value + 1)) / unit) - 1
  }

  private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }

  private static func four(_ value: Int64) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, 4 - text.utf8.count)) + text
  }

  /// A point and the digits without zeros at the end, as RFC3339Nano.
  private static func fraction(_ nanoseconds: Int64) -> String {
    if nanoseconds == 0 { return "" }
    var digits = Bytes(String(nanoseconds + 1_000_000_000).utf8.dropFirst())
    while digits.last == 0x30 { digits.removeLast() }
    return "." + String(utf8: digits)
  }

  // Days since 1970 in the Gregorian calendar, by eras of 400 years that begin in March.

  private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = floored(shifted, by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  private static func days(fromCivil year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let year = month <= 2 ? year - 1 : year
    let era = floored(year, by: 400)
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
