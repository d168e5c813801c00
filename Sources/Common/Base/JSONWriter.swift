/// Writes JSON as Go's encoding/json does, without spaces.
package struct JSONWriter {
  /// What was written so far.
  package private(set) var bytes = Bytes()
  private let escapesHTML: Bool

  /// `escapesHTML` writes `<`, `>` and `&` as `\u003c`, `\u003e` and `\u0026`; Go's default.
  package init(escapesHTML: Bool = true) { self.escapesHTML = escapesHTML }

  package mutating func raw(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
  package mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }
  package mutating func raw(_ more: Bytes) { bytes.append(contentsOf: more) }
  package mutating func raw(_ byte: UInt8) { bytes.append(byte) }

  package mutating func integer(_ value: Int64) { raw(String(value)) }
  package mutating func integer(_ value: UInt64) { raw(String(value)) }
  package mutating func bool(_ value: Bool) {
    value ? raw("true" as StaticString) : raw("false" as StaticString)
  }
  package mutating func null() { raw("null" as StaticString) }

  package mutating func string(_ text: String) {
    raw(0x22)
    var copy = text
    copy.withUTF8 { escape($0) }
    raw(0x22)
  }

  private mutating func escape(_ text: UnsafeBufferPointer<UInt8>) {
    var start = 0
    var index = 0
    while index < text.count {
      let length = escapedLength(text, at: index)
      if length == 0 {
        index += 1
        continue
      }
      bytes.append(contentsOf: text[start..<index])
      escape(text, at: index, length: length)
      index += length
      start = index
    }
    bytes.append(contentsOf: text[start..<index])
  }

  /// How many bytes at `index` must be escaped together; 0 where none.
  private func escapedLength(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
    switch text[index] {
    case 0..<0x20, 0x22, 0x5c: 1
    case 0x3c, 0x3e, 0x26: escapesHTML ? 1 : 0
    // U+2028 and U+2029 end a line in JavaScript.
    case 0xe2 where index + 2 < text.count && text[index + 1] == 0x80 && text[index + 2] & 0xfe == 0xa8: 3
    default: 0
    }
  }

  private mutating func escape(_ text: UnsafeBufferPointer<UInt8>, at index: Int, length: Int) {
    if length == 3 {
      return text[index + 2] == 0xa8 ? raw("\\u2028" as StaticString) : raw("\\u2029" as StaticString)
    }
    switch text[index] {
    case 0x22: raw("\\\"" as StaticString)
    case 0x5c: raw("\\\\" as StaticString)
    case 0x0a: raw("\\n" as StaticString)
    case 0x0d: raw("\\r" as StaticString)
    case 0x09: raw("\\t" as StaticString)
    case let byte:
      raw("\\u00" as StaticString)
      raw(hex(CollectionOfOne(byte)))
    }
  }

  package mutating func value(_ value: JSONValue) {
    switch value {
    case .null: null()
    case .bool(let flag): bool(flag)
    case .number(let text): raw(text)
    case .string(let text): string(text)
    case .array(let values):
      raw(0x5b)
      for (position, element) in values.enumerated() {
        if position > 0 { raw(0x2c) }
        self.value(element)
      }
      raw(0x5d)
    case .object(let members):
      raw(0x7b)
      for (position, member) in members.enumerated() {
        if position > 0 { raw(0x2c) }
        string(member.name)
        raw(0x3a)
        self.value(member.value)
      }
      raw(0x7d)
    }
  }

  /// Bytes as a text in base64.
  package mutating func base64(_ content: Bytes) {
    raw(0x22)
    Base64.encode(content, into: &bytes)
    raw(0x22)
  }
}
