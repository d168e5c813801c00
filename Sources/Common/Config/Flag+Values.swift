import Base

/// Why a text is no value of a flag; `text` is Go's wording.
struct ValueFailure: Error {
  let text: String
  static let parse = ValueFailure(text: "parse error")
  static let range = ValueFailure(text: "value out of range")
}

extension Flag.Slot {
  /// Reads a value as the command line and the environment write it.
  func set(_ text: String, on settings: inout Settings) throws(ValueFailure) {
    switch self {
    case .text(let path): settings[keyPath: path] = text
    case .choice(let path, let words):
      guard words.contains(text) else { throw ValueFailure(text: "invalid value") }
      settings[keyPath: path] = text
    case .flag(let path):
      guard let value = GoNumber.bool(text) else { throw .parse }
      settings[keyPath: path] = value
    case .count(let path, _): settings[keyPath: path] = Int(clamping: try unsigned(text))
    case .count32(let path): settings[keyPath: path] = try unsigned32(text)
    case .integer(let path): settings[keyPath: path] = Int(try signed(text))
    case .integer64(let path): settings[keyPath: path] = try signed(text)
    case .span(let path, let unit): settings[keyPath: path] = try readSpan(unsigned(text), unit)
    case .duration(let path):
      do { settings[keyPath: path] = try GoDuration.parse(text) } catch { throw .parse }
    case .urls(let path):
      // An empty list leaves what was there. As etcd 3.4: pkg/flags/unique_urls.go.
      if !text.isEmpty { settings[keyPath: path] = try readURLs(text) }
    case .origins(let path): settings[keyPath: path] = try readOrigins(text)
    case .words(let path), .names(let path): settings[keyPath: path] = Set(parts(text)).sorted()
    case .sequence(let path): settings[keyPath: path] = text.isEmpty ? [] : parts(text)
    case .oldCA(let path):
      if text.isEmpty { return }
      settings[keyPath: path].trustedCAFile = text
      settings[keyPath: path].requiresClientCertificate = true
    case .nothing: break
    }
  }

  /// The value in the same form.
  func text(of settings: Settings) -> String {
    switch self {
    case .text(let path), .choice(let path, _): settings[keyPath: path]
    case .flag(let path): String(settings[keyPath: path])
    case .count(let path, _), .integer(let path): String(settings[keyPath: path])
    case .count32(let path): String(settings[keyPath: path])
    case .integer64(let path): String(settings[keyPath: path])
    case .span(let path, let unit): String(settings[keyPath: path].nanoseconds / unit.nanoseconds)
    case .duration(let path): GoDuration.text(settings[keyPath: path])
    case .urls(let path): settings[keyPath: path].text
    case .origins(let path), .words(let path), .names(let path), .sequence(let path):
      settings[keyPath: path].joined(separator: ",")
    case .oldCA, .nothing: ""
    }
  }

  /// The Go type, as errors about a file name it.
  var goType: String {
    switch self {
    case .text, .choice, .urls, .origins, .names, .oldCA, .nothing: "string"
    case .flag: "bool"
    case .count(_, let goType): goType
    case .count32: "uint32"
    case .integer: "int"
    case .integer64: "int64"
    case .span: "uint"
    case .duration: "time.Duration"
    case .words, .sequence: "[]string"
    }
  }
}

private func parts(_ text: String) -> [String] {
  text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
}

private func unsigned(_ text: String) throws(ValueFailure) -> UInt64 {
  switch GoNumber.unsigned(text) {
  case .value(let value): return value
  case .syntax: throw .parse
  case .range: throw .range
  }
}

/// This kind tells the whole of Go's error, the others only its end. As etcd 3.4: pkg/flags/uint32.go.
private func unsigned32(_ text: String) throws(ValueFailure) -> UInt32 {
  let reason: String
  switch GoNumber.unsigned(text) {
  case .value(let value):
    if let fitting = UInt32(exactly: value) { return fitting }
    reason = "value out of range"
  case .syntax: reason = "invalid syntax"
  case .range: reason = "value out of range"
  }
  throw ValueFailure(text: "strconv.ParseUint: parsing \(goQuoted(text)): \(reason)")
}

private func signed(_ text: String) throws(ValueFailure) -> Int64 {
  switch GoNumber.signed(text) {
  case .value(let value): return value
  case .syntax: throw .parse
  case .range: throw .range
  }
}

private func readSpan(_ count: UInt64, _ unit: TimeSpan) throws(ValueFailure) -> TimeSpan {
  guard let signed = Int64(exactly: count) else { throw .range }
  let (nanoseconds, overflow) = signed.multipliedReportingOverflow(by: unit.nanoseconds)
  guard !overflow else { throw .range }
  return TimeSpan(nanoseconds: nanoseconds)
}

private func readURLs(_ text: String) throws(ValueFailure) -> [EndpointURL] {
  do { return try EndpointURL.uniqueList(parsing: text) } catch { throw ValueFailure(text: error.text) }
}

private func readOrigins(_ text: String) throws(ValueFailure) -> [String] {
  text == "*" || text.isEmpty ? ["*"] : try readURLs(text).map(\.text)
}

/// Numbers and truth values as Go's `strconv` reads them with base 0: `0x1F`, `0o17`, `017`, `0b11`, `1_000`.
enum GoNumber {
  enum Outcome<Value> {
    case value(Value)
    case syntax, range
  }

  static func bool(_ text: String) -> Bool? {
    switch text {
    case "1", "t", "T", "TRUE", "true", "True": true
    case "0", "f", "F", "FALSE", "false", "False": false
    default: nil
    }
  }

  static func unsigned(_ text: String) -> Outcome<UInt64> {
    var digits = Substring(text).utf8
    var base: UInt64 = 10
    if digits.count > 1, digits.first == 0x30, let mark = digits.dropFirst().first {
      switch mark | 0x20 {
      case UInt8(ascii: "x"): base = 16
      case UInt8(ascii: "o"): base = 8
      case UInt8(ascii: "b"): base = 2
      default: base = 8
      }
      digits = mark >= 0x30 && mark <= 0x39 || mark == 0x5F ? digits.dropFirst() : digits.dropFirst(2)
    }
    let hasPrefix = base != 10
    guard !digits.isEmpty, digits.last != 0x5F, hasPrefix || digits.first != 0x5F else { return .syntax }
    return value(of: digits, base: base)
  }

  private static func value(of digits: Substring.UTF8View, base: UInt64) -> Outcome<UInt64> {
    var total: UInt64 = 0
    var isOver = false
    var wasUnderscore = false
    for byte in digits {
      if byte == 0x5F {
        if wasUnderscore { return .syntax }
        wasUnderscore = true
        continue
      }
      wasUnderscore = false
      let digit: UInt64
      switch byte {
      case 0x30...0x39: digit = UInt64(byte - 0x30)
      case 0x41...0x46: digit = UInt64(byte - 0x41 + 10)
      case 0x61...0x66: digit = UInt64(byte - 0x61 + 10)
      default: return .syntax
      }
      guard digit < base else { return .syntax }
      let (product, over) = total.multipliedReportingOverflow(by: base)
      let (sum, overSum) = product.addingReportingOverflow(digit)
      if over || overSum { isOver = true }
      total = sum
    }
    return isOver ? .range : .value(total)
  }

  static func signed(_ text: String) -> Outcome<Int64> {
    let isNegative = text.hasPrefix("-")
    let digits = isNegative || text.hasPrefix("+") ? String(text.dropFirst()) : text
    switch unsigned(digits) {
    case .syntax: return .syntax
    case .range: return .range
    case .value(let magnitude):
      if isNegative {
        return magnitude > 1 << 63 ? .range : .value(Int64(truncatingIfNeeded: 0 &- magnitude))
      }
      return Int64(exactly: magnitude).map { .value($0) } ?? .range
    }
  }
}
