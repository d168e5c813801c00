import Base

/// Texts as Go's fmt prints and reads them.
enum GoText {
  /// `%q`: what is printable stays, the rest is escaped, bytes that are no UTF-8 as `\xNN`. As Go: strconv.Quote.
  static func quoted(_ bytes: Bytes) -> String {
    var out = "\""
    var rest = bytes[...]
    while let first = rest.first {
      let count = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
      if let text = String(validating: rest.prefix(count), as: UTF8.self),
        let scalar = text.unicodeScalars.first,
        text.unicodeScalars.count == 1
      {
        out += escaped(scalar)
        rest = rest.dropFirst(count)
      } else {
        out += "\\x" + hex([first])
        rest = rest.dropFirst()
      }
    }
    return out + "\""
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": return "\\\""
    case "\\": return "\\\\"
    case "\u{07}": return "\\a"
    case "\u{08}": return "\\b"
    case "\u{0C}": return "\\f"
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\t": return "\\t"
    case "\u{0B}": return "\\v"
    default: break
    }
    if isPrintable(scalar) { return String(scalar) }
    let digits = String(scalar.value, radix: 16)
    if scalar.value < 0x80 { return "\\x" + padded(digits, 2) }
    return scalar.value < 0x10000 ? "\\u" + padded(digits, 4) : "\\U" + padded(digits, 8)
  }

  private static func padded(_ digits: String, _ count: Int) -> String {
    String(repeating: "0", count: max(0, count - digits.count)) + digits
  }

  /// As Go: unicode.IsPrint.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
    case .spaceSeparator: scalar == " "
    default: true
    }
  }

  /// Reads one `%q` at the front of `text`: in double quotes with escapes, or in back quotes; nil where there is none.
  static func readQuoted(_ text: inout Substring) -> Bytes? {
    guard let quote = text.first, quote == "\"" || quote == "`" else { return nil }
    var rest = text.dropFirst()
    var out = Bytes()
    while let character = rest.unicodeScalars.first {
      rest = Substring(rest.unicodeScalars.dropFirst())
      if Character(character) == quote {
        text = rest
        return out
      }
      if character == "\\", quote == "\"" {
        guard let bytes = readEscape(&rest) else { return nil }
        out += bytes
      } else {
        out += String(character).bytes
      }
    }
    return nil
  }

  private static func readEscape(_ rest: inout Substring) -> Bytes? {
    guard let letter = rest.unicodeScalars.first else { return nil }
    rest = Substring(rest.unicodeScalars.dropFirst())
    switch letter {
    case "a": return [7]
    case "b": return [8]
    case "f": return [12]
    case "n": return [10]
    case "r": return [13]
    case "t": return [9]
    case "v": return [11]
    case "\\", "\"": return String(letter).bytes
    case "x": return digits(&rest, 2, 16).map { [UInt8($0)] }
    case "u", "U":
      return digits(&rest, letter == "u" ? 4 : 8, 16).flatMap { Unicode.Scalar($0) }.map { String($0).bytes }
    case "0"..."7":
      rest = Substring(String(letter) + rest)
      return digits(&rest, 3, 8).flatMap { UInt8(exactly: $0) }.map { [$0] }
    default: return nil
    }
  }

  private static func digits(_ rest: inout Substring, _ count: Int, _ radix: Int) -> UInt32? {
    let text = rest.prefix(count)
    guard text.count == count, let value = UInt32(text, radix: radix), text.first != "+", text.first != "-"
    else {
      return nil
    }
    rest = rest.dropFirst(count)
    return value
  }
}
