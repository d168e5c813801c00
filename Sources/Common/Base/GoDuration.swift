/// Lengths of time as Go writes them: `1h30m`, `100ms`, `1.5s`.
///
/// As Go: time/format.go, ParseDuration and Duration.String; flags, the configuration's retention and
/// `etcdctl` all speak this form.
package enum GoDuration {
  /// Why a text is no duration; `text` is Go's own wording.
  package struct Failure: Error, Hashable, Sendable {
    package let text: String
  }

  /// The length a text names; throws with Go's wording where it names none or one beyond 292 years.
  package static func parse(_ text: String) throws(Failure) -> TimeSpan {
    var rest = Substring(text).utf8
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    if rest.elementsEqual("0".utf8) { return .zero }
    guard !rest.isEmpty else { throw invalid(text) }
    var total: UInt64 = 0
    while !rest.isEmpty {
      let part = try nextPart(&rest, of: text)
      let (sum, overflow) = total.addingReportingOverflow(part)
      guard !overflow, sum <= 1 << 63 else { throw invalid(text) }
      total = sum
    }
    if isNegative { return TimeSpan(nanoseconds: Int64(truncatingIfNeeded: 0 &- total)) }
    guard total <= UInt64(Int64.max) else { throw invalid(text) }
    return TimeSpan(nanoseconds: Int64(total))
  }

  /// Go's shortest exact form: `0s`, `1.5µs`, `2h0m0s`.
  package static func text(_ span: TimeSpan) -> String {
    let value = span.nanoseconds.magnitude
    let sign = span.nanoseconds < 0 ? "-" : ""
    switch value {
    case 0: return "0s"
    case ..<1_000: return "\(sign)\(value)ns"
    case ..<1_000_000: return sign + decimal(value, unit: 1_000) + "µs"
    case ..<1_000_000_000: return sign + decimal(value, unit: 1_000_000) + "ms"
    default: break
    }
    let minutes = value / 60_000_000_000
    let seconds = decimal(value % 60_000_000_000, unit: 1_000_000_000) + "s"
    if minutes == 0 { return sign + seconds }
    if minutes < 60 { return "\(sign)\(minutes)m\(seconds)" }
    return "\(sign)\(minutes / 60)h\(minutes % 60)m\(seconds)"
  }

  private static func nextPart(
    _ rest: inout Substring.UTF8View, of text: String
  ) throws(Failure) -> UInt64 {
    let (whole, wholeDigits) = try leadingNumber(&rest, of: text)
    var fraction = 0.0
    var scale = 1.0
    var fractionDigits = 0
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      while let digit = rest.first, isDigit(digit) {
        // Digits beyond what a nanosecond can show change nothing, as in Go.
        if fractionDigits < 18 {
          fraction = fraction * 10 + Double(digit - 0x30)
          scale *= 10
        }
        fractionDigits += 1
        rest.removeFirst()
      }
    }
    guard wholeDigits + fractionDigits > 0 else { throw invalid(text) }
    let nanoseconds = try unit(&rest, of: text)
    let (product, overflow) = whole.multipliedReportingOverflow(by: nanoseconds)
    guard !overflow, product <= 1 << 63 else { throw invalid(text) }
    let parts = fraction > 0 ? UInt64(fraction * (Double(nanoseconds) / scale)) : 0
    guard product + parts <= 1 << 63 else { throw invalid(text) }
    return product + parts
  }

  private static func leadingNumber(
    _ rest: inout Substring.UTF8View, of text: String
  ) throws(Failure) -> (UInt64, digits: Int) {
    var value: UInt64 = 0
    var digits = 0
    while let digit = rest.first, isDigit(digit) {
      guard value <= (1 << 63) / 10 else { throw invalid(text) }
      value = value * 10 + UInt64(digit - 0x30)
      guard value <= 1 << 63 else { throw invalid(text) }
      digits += 1
      rest.removeFirst()
    }
    return (value, digits)
  }

  private static func unit(_ rest: inout Substring.UTF8View, of text: String) throws(Failure) -> UInt64 {
    let name = rest.prefix { $0 != UInt8(ascii: ".") && !isDigit($0) }
    let word = String(Substring(name))
    rest = rest.dropFirst(name.count)
    switch word {
    case "": throw Failure(text: "time: missing unit in duration \(goQuoted(text))")
    case "ns": return 1
    case "us", "\u{B5}s", "\u{3BC}s": return 1_000
    case "ms": return 1_000_000
    case "s": return 1_000_000_000
    case "m": return 60_000_000_000
    case "h": return 3_600_000_000_000
    default: throw Failure(text: "time: unknown unit \(goQuoted(word)) in duration \(goQuoted(text))")
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  private static func invalid(_ text: String) -> Failure {
    Failure(text: "time: invalid duration \(goQuoted(text))")
  }

  private static func decimal(_ value: UInt64, unit: UInt64) -> String {
    let whole = value / unit
    var rest = value % unit
    if rest == 0 { return String(whole) }
    var width = String(unit).utf8.count - 1
    while rest % 10 == 0 {
      rest /= 10
      width -= 1
    }
    let digits = String(rest)
    return "\(whole)." + String(repeating: "0", count: width - digits.utf8.count) + digits
  }
}

/// Text in quotes as Go's `%q` prints it: backslashes, quotes and control characters escaped.
package func goQuoted(_ text: String) -> String {
  var out = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": out += "\\\""
    case "\\": out += "\\\\"
    case "\n": out += "\\n"
    case "\r": out += "\\r"
    case "\t": out += "\\t"
    case "\u{07}": out += "\\a"
    case "\u{08}": out += "\\b"
    case "\u{0B}": out += "\\v"
    case "\u{0C}": out += "\\f"
    case _ where scalar.value < 0x20 || scalar.value == 0x7F: out += "\\x" + hex([UInt8(scalar.value)])
    default: out.unicodeScalars.append(scalar)
    }
  }
  return out + "\""
}

/// A list as Go's `%q` prints a slice of strings: `["a" "b"]`.
package func goQuoted(_ texts: [String]) -> String {
  "[" + texts.map { goQuoted($0) }.joined(separator: " ") + "]"
}
