/// A moment as date and time of day, by the proleptic Gregorian calendar: what logs, HTTP and the v2 API write.
package struct CivilTime: Hashable, Sendable {
  package let year: Int
  /// 1 to 12.
  package let month: Int
  /// 1 to 31.
  package let day: Int
  /// 0 is Sunday.
  package let weekday: Int
  package let hour: Int
  package let minute: Int
  package let second: Int
  package let nanosecond: Int

  /// - Parameter offsetSeconds: what the zone is ahead of UTC.
  package init(nanoseconds: Int64, offsetSeconds: Int = 0) {
    let seconds = floored(Int(nanoseconds), by: 1_000_000_000)
    // Not `nanoseconds - seconds * 1_000_000_000`: for the earliest times the product leaves 64 bits.
    let rest = Int(nanoseconds % 1_000_000_000)
    self.init(unixSeconds: seconds + offsetSeconds, nanosecond: rest < 0 ? rest + 1_000_000_000 : rest)
  }

  package init(unixSeconds: Int, nanosecond: Int = 0) {
    let days = floored(unixSeconds, by: 86_400)
    let rest = unixSeconds - days * 86_400
    // Years counted from March, in eras of 400 years, make leap days the last of a year (H. Hinnant's algorithm).
    let shifted = days + 719_468
    let era = floored(shifted, by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    // The first of January 1970 was a Thursday.
    weekday = days + 4 - floored(days + 4, by: 7) * 7
    hour = rest / 3_600
    minute = rest / 60 % 60
    second = rest % 60
    self.nanosecond = nanosecond
  }

  /// Days from the first of January 1970 to this date. Dates that do not exist count on: 31 April is 1 May.
  package static func days(year: Int, month: Int, day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = floored(year, by: 400)
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// Appends `2026-11-23`.
  package func appendDate(to out: inout Bytes) {
    appendDigits(year, 4, to: &out)
    out.append(0x2D)
    appendDigits(month, 2, to: &out)
    out.append(0x2D)
    appendDigits(day, 2, to: &out)
  }

  /// Appends `09:25:40`.
  package func appendClock(to out: inout Bytes) {
    appendDigits(hour, 2, to: &out)
    out.append(0x3A)
    appendDigits(minute, 2, to: &out)
    out.append(0x3A)
    appendDigits(second, 2, to: &out)
  }
}

extension Bytes {
  /// Appends a number that is not negative with zeros in front, `width` digits or as many as it has.
  package mutating func append(digits value: Int, width: Int) { appendDigits(value, width, to: &self) }
}

/// Rounded towards the past.
private func floored(_ value: Int, by unit: Int) -> Int {
  value >= 0 ? value / unit : -((-(value + 1)) / unit) - 1
}

private func appendDigits(_ value: Int, _ width: Int, to out: inout Bytes) {
  var divisor = 1
  for _ in 1..<width { divisor *= 10 }
  while divisor <= value / 10 { divisor *= 10 }
  while divisor > 0 {
    out.append(0x30 + UInt8(value / divisor % 10))
    divisor /= 10
  }
}
