/// Reads values of JSON one after the other from bytes that stay in place. Strict, as Go's encoding/json:
/// no comments, no trailing commas, no bare words. Texts that are no UTF-8 and single surrogates give U+FFFD.
package struct JSONParser {
  private let buffer: UnsafeRawBufferPointer
  /// Bytes read so far.
  package private(set) var offset = 0
  private var depth = 0

  package init(_ buffer: UnsafeRawBufferPointer) { self.buffer = buffer }

  /// The next value, or nil when only space is left.
  package mutating func next() throws(JSONError) -> JSONValue? {
    skipSpace()
    if offset == buffer.count { return nil }
    return try value()
  }

  /// Fails when anything but space is left.
  package mutating func expectEnd() throws(JSONError) {
    skipSpace()
    if offset < buffer.count { throw unexpected("after top-level value") }
  }

  // MARK: Bytes

  private var current: UInt8? { offset < buffer.count ? buffer[offset] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { offset += 1 }
  }

  private func failure(_ text: String) -> JSONError { JSONError(text, at: offset) }

  /// The error for the byte at `offset`, or for the end of the bytes.
  private func unexpected(_ context: String) -> JSONError {
    guard let byte = current else { return failure(JSONError.truncatedText) }
    return failure("invalid character \(quoted(byte)) \(context)")
  }

  private func quoted(_ byte: UInt8) -> String {
    switch byte {
    case 0x27: #"'\''"#
    case 0x22: #"'"'"#
    case 0x5c: #"'\\'"#
    case 0x0a: #"'\n'"#
    case 0x0d: #"'\r'"#
    case 0x09: #"'\t'"#
    case 0..<0x20, 0x7f: "'\\x" + hex(CollectionOfOne(byte)) + "'"
    default: "'" + String(Character(Unicode.Scalar(byte))) + "'"
    }
  }

  // MARK: Values

  private mutating func value() throws(JSONError) -> JSONValue {
    switch current {
    case 0x7b: try nested { parser throws(JSONError) in try parser.object() }
    case 0x5b: try nested { parser throws(JSONError) in try parser.array() }
    case 0x22: .string(try string())
    case 0x74: try word("true", .bool(true))
    case 0x66: try word("false", .bool(false))
    case 0x6e: try word("null", .null)
    case 0x2d, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39: .number(try number())
    default: throw unexpected("looking for beginning of value")
    }
  }

  private mutating func nested(
    _ body: (inout JSONParser) throws(JSONError) -> JSONValue
  ) throws(JSONError) -> JSONValue {
    guard depth < Limits.jsonNesting else { throw failure("exceeded max depth") }
    depth += 1
    offset += 1
    let value = try body(&self)
    depth -= 1
    return value
  }

  private mutating func object() throws(JSONError) -> JSONValue {
    var members: [JSONValue.Member] = []
    skipSpace()
    if current == 0x7d {
      offset += 1
      return .object([])
    }
    while true {
      skipSpace()
      guard current == 0x22 else { throw unexpected("looking for beginning of object key string") }
      let name = try string()
      skipSpace()
      guard current == 0x3a else { throw unexpected("after object key") }
      offset += 1
      skipSpace()
      members.append(JSONValue.Member(name, try value()))
      skipSpace()
      switch current {
      case 0x2c: offset += 1
      case 0x7d:
        offset += 1
        return .object(members)
      default: throw unexpected("after object key:value pair")
      }
    }
  }

  private mutating func array() throws(JSONError) -> JSONValue {
    var values: [JSONValue] = []
    skipSpace()
    if current == 0x5d {
      offset += 1
      return .array([])
    }
    while true {
      skipSpace()
      values.append(try value())
      skipSpace()
      switch current {
      case 0x2c: offset += 1
      case 0x5d:
        offset += 1
        return .array(values)
      default: throw unexpected("after array element")
      }
    }
  }

  private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
    let start = offset
    while offset - start < text.utf8CodeUnitCount {
      let wanted = text.utf8Start[offset - start]
      guard current == wanted else {
        throw unexpected("in literal \(text) (expecting \(quoted(wanted)))")
      }
      offset += 1
    }
    return value
  }

  private mutating func number() throws(JSONError) -> String {
    let start = offset
    if current == 0x2d { offset += 1 }
    if current == 0x30 {
      offset += 1
    } else {
      try digits("in numeric literal")
    }
    if current == 0x2e {
      offset += 1
      try digits("after decimal point in numeric literal")
    }
    if current == 0x65 || current == 0x45 {
      offset += 1
      if current == 0x2b || current == 0x2d { offset += 1 }
      try digits("in exponent of numeric literal")
    }
    return String(decoding: buffer[start..<offset], as: UTF8.self)
  }

  /// At least one digit.
  private mutating func digits(_ context: String) throws(JSONError) {
    guard let first = current, first >= 0x30, first <= 0x39 else { throw unexpected(context) }
    while let byte = current, byte >= 0x30, byte <= 0x39 { offset += 1 }
  }

  // MARK: Texts

  private mutating func string() throws(JSONError) -> String {
    offset += 1
    let start = offset
    while let byte = current, byte != 0x22, byte != 0x5c, byte >= 0x20 { offset += 1 }
    if current == 0x22 {
      defer { offset += 1 }
      return String(decoding: buffer[start..<offset], as: UTF8.self)
    }
    var out = Bytes(buffer[start..<offset])
    while true {
      guard let byte = current else { throw failure(JSONError.truncatedText) }
      switch byte {
      case 0x22:
        offset += 1
        return String(utf8: out)
      case 0x5c:
        offset += 1
        try escape(into: &out)
      case 0..<0x20: throw unexpected("in string literal")
      default:
        out.append(byte)
        offset += 1
      }
    }
  }

  private mutating func escape(into out: inout Bytes) throws(JSONError) {
    let byte: UInt8
    switch current {
    case 0x22, 0x5c, 0x2f: byte = buffer[offset]
    case 0x62: byte = 0x08
    case 0x66: byte = 0x0c
    case 0x6e: byte = 0x0a
    case 0x72: byte = 0x0d
    case 0x74: byte = 0x09
    case 0x75:
      offset += 1
      out.append(contentsOf: String(Character(try unicodeEscape())).utf8)
      return
    default: throw unexpected("in string escape code")
    }
    out.append(byte)
    offset += 1
  }

  /// The scalar behind `\u`, with the second half of a pair when it follows.
  private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
    let first = try fourDigits()
    if first & 0xfc00 == 0xd800, current == 0x5c, offset + 1 < buffer.count, buffer[offset + 1] == 0x75 {
      let here = offset
      offset += 2
      let second = try fourDigits()
      if second & 0xfc00 == 0xdc00,
        let pair = Unicode.Scalar(0x10000 + (first & 0x3ff) << 10 + (second & 0x3ff))
      {
        return pair
      }
      offset = here
    }
    return Unicode.Scalar(first) ?? "\u{fffd}"
  }

  private mutating func fourDigits() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      switch current {
      case .some(let byte) where byte >= 0x30 && byte <= 0x39: value = value << 4 | UInt32(byte - 0x30)
      case .some(let byte) where byte >= 0x41 && byte <= 0x46: value = value << 4 | UInt32(byte - 0x41 + 10)
      case .some(let byte) where byte >= 0x61 && byte <= 0x66: value = value << 4 | UInt32(byte - 0x61 + 10)
      default: throw unexpected("in \\u hexadecimal character escape")
      }
      offset += 1
    }
    return value
  }
}
