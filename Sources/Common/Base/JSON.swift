/// A value of JSON. Numbers keep their text, so that no digit of a 64-bit id is lost; members keep their order.
package enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([Member])

  package struct Member: Hashable, Sendable {
    package var name: String
    package var value: JSONValue
    package init(_ name: String, _ value: JSONValue) {
      self.name = name
      self.value = value
    }
  }
}

/// Why bytes are no JSON; the text is the one of Go's encoding/json.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  package var text: String
  /// Bytes before the place where reading failed.
  package var offset: Int
  package var description: String { text }
  init(_ text: String, at offset: Int) {
    self.text = text
    self.offset = offset
  }
  /// What Go answers when the bytes end inside a value.
  package static let truncatedText = "unexpected end of JSON input"
}

extension JSONValue {
  /// The one value that `bytes` hold; anything behind it but space is an error.
  package init(parsing bytes: Bytes) throws(JSONError) {
    self = try JSONValue.parse(bytes.span.bytes)
  }

  package init(parsing text: String) throws(JSONError) { try self.init(parsing: Bytes(text.utf8)) }

  package static func parse(_ span: RawSpan) throws(JSONError) -> JSONValue {
    try span.withUnsafeBytes { buffer throws(JSONError) in
      var parser = JSONParser(buffer)
      guard let value = try parser.next() else { throw JSONError(JSONError.truncatedText, at: buffer.count) }
      try parser.expectEnd()
      return value
    }
  }

  package static func integer(_ value: some BinaryInteger) -> JSONValue { .number(String(value)) }

  // MARK: Looking inside

  /// The last member of that name, as Go reads objects; nil where there is none or this is no object.
  package subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.name == name }?.value
  }

  package var isNull: Bool { self == .null }
  package var bool: Bool? {
    if case .bool(let value) = self { return value }
    return nil
  }
  package var string: String? {
    if case .string(let value) = self { return value }
    return nil
  }
  package var array: [JSONValue]? {
    if case .array(let values) = self { return values }
    return nil
  }
  package var members: [Member]? {
    if case .object(let members) = self { return members }
    return nil
  }
  /// The number as an integer of the wanted type; nil where it has a fraction, an exponent or too many digits.
  package func integer<T: FixedWidthInteger>(_ type: T.Type = T.self) -> T? {
    if case .number(let text) = self { return T(text) }
    return nil
  }
  package var int64: Int64? { integer() }
  package var uint64: UInt64? { integer() }
  package var double: Double? {
    if case .number(let text) = self { return Double(text) }
    return nil
  }
  /// The texts of an array of texts.
  package var strings: [String]? {
    guard let values = array else { return nil }
    let texts = values.compactMap(\.string)
    return texts.count == values.count ? texts : nil
  }

  // MARK: Writing

  /// The value without spaces. `escapesHTML` writes `<`, `>` and `&` as Go's encoding/json does by default.
  package func serialized(escapesHTML: Bool = true) -> Bytes {
    var writer = JSONWriter(escapesHTML: escapesHTML)
    writer.value(self)
    return writer.bytes
  }
}
