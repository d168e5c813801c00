import Base

/// Numbers from text as Go's strconv reads them, with its errors.
enum GoNumber {
  struct Failure: Error, Equatable {
    var text: String
  }

  static func syntax(_ function: String, _ text: String) -> String {
    "strconv.\(function): parsing \(goQuoted(text)): invalid syntax"
  }

  static func bool(_ text: String) -> Bool? {
    switch text {
    case "1", "t", "T", "TRUE", "true", "True": true
    case "0", "f", "F", "FALSE", "false", "False": false
    default: nil
    }
  }

  /// `base` 0 takes `0x`, `0o`, `0b` and a leading `0` at their word.
  static func int64(_ text: String, base: Int) throws(Failure) -> Int64 {
    try number(text, base, "ParseInt")
  }

  static func uint64(_ text: String, base: Int) throws(Failure) -> UInt64 {
    if text.hasPrefix("+") || text.hasPrefix("-") { throw Failure(text: syntax("ParseUint", text)) }
    return try number(text, base, "ParseUint")
  }

  private static func number<T: FixedWidthInteger>(
    _ text: String, _ base: Int, _ function: String
  ) throws(Failure) -> T {
    var digits = text
    var sign = ""
    if let first = digits.first, first == "-" || first == "+" { sign = String(digits.removeFirst()) }
    var radix = base
    if base == 0 {
      radix = 10
      let lower = digits.lowercased()
      for (prefix, value) in [("0x", 16), ("0o", 8), ("0b", 2), ("0", 8)]
      where lower.hasPrefix(prefix) && digits.count > prefix.count {
        radix = value
        digits.removeFirst(prefix.count)
        break
      }
    }
    guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && Int(String($0), radix: radix) != nil }) else {
      throw Failure(text: syntax(function, text))
    }
    guard let value = T(sign + digits, radix: radix) else {
      throw Failure(text: "strconv.\(function): parsing \(goQuoted(text)): value out of range")
    }
    return value
  }
}
