import Base

/// The type that a `content-type` field names, without its parameters. As Go: mime/mediatype.go, ParseMediaType.
package struct MediaType: Equatable, Sendable {
  /// In lower case; empty where the field names none.
  package private(set) var name = ""
  /// What is wrong with the field, in Go's words; the name may be known all the same.
  package private(set) var fault: String?

  package init(_ field: String) {
    let bytes = Bytes(field.utf8)
    let end = bytes.firstIndex(of: UInt8(ascii: ";")) ?? bytes.count
    let type = Self.trimmed(bytes[..<end]).map(Self.lowercased)
    if let fault = Self.fault(ofType: type[...]) {
      self.fault = fault
      return
    }
    name = String(utf8: type)
    fault = Self.fault(ofParameters: bytes[end...])
    if fault == Self.duplicate { name = "" }
  }

  private static let duplicate = "mime: duplicate parameter name"

  private static func fault(ofType type: ArraySlice<UInt8>) -> String? {
    var rest = type
    if takeToken(&rest).isEmpty { return "mime: no media type" }
    if rest.isEmpty { return nil }
    if rest.popFirst() != UInt8(ascii: "/") { return "mime: expected slash after first token" }
    if takeToken(&rest).isEmpty { return "mime: expected token after slash" }
    return rest.isEmpty ? nil : "mime: unexpected content after media subtype"
  }

  private static func fault(ofParameters text: ArraySlice<UInt8>) -> String? {
    var rest = text
    var names: Set<Bytes> = []
    while true {
      rest = trimmed(rest)
      if rest.isEmpty || rest.elementsEqual(";".utf8) { return nil }
      guard rest.popFirst() == UInt8(ascii: ";"), let name = takeParameter(&rest) else {
        return "mime: invalid media parameter"
      }
      if !names.insert(name).inserted { return duplicate }
    }
  }

  /// `name=value` or `name="value"`; nil where there is none.
  private static func takeParameter(_ rest: inout ArraySlice<UInt8>) -> Bytes? {
    rest = rest.drop { isSpace($0) }
    let name = takeToken(&rest).map(lowercased)
    rest = rest.drop { isSpace($0) }
    guard !name.isEmpty, rest.popFirst() == UInt8(ascii: "=") else { return nil }
    rest = rest.drop { isSpace($0) }
    guard rest.first == UInt8(ascii: "\"") else { return takeToken(&rest).isEmpty ? nil : name }
    rest.removeFirst()
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\"") { return name }
      if byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") { return nil }
      if byte == UInt8(ascii: "\\") { rest = rest.dropFirst() }
    }
    return nil
  }

  private static func takeToken(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let token = rest.prefix { HTTP1Syntax.isTokenCharacter($0) }
    rest = rest[token.endIndex...]
    return token
  }

  private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var text = text.drop { isSpace($0) }
    while let last = text.last, isSpace(last) { text.removeLast() }
    return text
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
  private static func lowercased(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}
