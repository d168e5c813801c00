import Base

/// The fields that a request to the v2 API may carry in its query or in a form body.
///
/// Read as Go reads them: net/url, parseQuery; of a field given twice the first counts; what is in the body comes before
/// what is in the query. Nothing is kept of fields that the API does not know, so that a form of any size costs its length.
package struct V2Form: Sendable {
  package enum Field: String, Sendable, CaseIterable {
    case prevIndex, waitIndex, recursive, sorted, wait, dir, quorum, stream, prevValue, noValueOnSuccess, ttl,
      prevExist,
      refresh, value
  }

  /// What was given; a handful at most.
  private var values: [(field: Field, value: String)] = []
  /// Why the first field that could not be read could not, in Go's words; nil where all could.
  package private(set) var fault: String?

  package init() {}

  /// The first value of a field; nil where it was not given.
  package subscript(field: Field) -> String? { values.first { $0.field == field }?.value }

  /// Adds the fields of a query or body.
  package mutating func read(_ text: Bytes) {
    var mine: String?
    for part in text.split(separator: UInt8(ascii: "&")) {
      if part.contains(UInt8(ascii: ";")) {
        mine = "invalid semicolon separator in query"
        continue
      }
      let mark = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
      if let error = add(part[..<mark], part[mark...].dropFirst()) { mine = mine ?? error }
    }
    fault = fault ?? mine
  }

  /// A body that could not be read at all.
  package mutating func refuse(_ reason: String) { fault = fault ?? reason }

  private mutating func add(_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> String? {
    guard let decodedName = PercentEncoding.decoded(name, plusIsSpace: true) else {
      return Self.fault(in: name)
    }
    guard let field = Field(rawValue: String(utf8: decodedName)) else {
      return PercentEncoding.decoded(value, plusIsSpace: true) == nil ? Self.fault(in: value) : nil
    }
    guard let decoded = PercentEncoding.decoded(value, plusIsSpace: true) else { return Self.fault(in: value) }
    if self[field] == nil { values.append((field, String(utf8: decoded))) }
    return nil
  }

  /// As Go: net/url, EscapeError.
  private static func fault(in text: ArraySlice<UInt8>) -> String {
    var rest = text[...]
    while let percent = rest.firstIndex(of: UInt8(ascii: "%")) {
      let escape = rest[percent...].prefix(3)
      if PercentEncoding.decoded(escape) == nil {
        return "invalid URL escape \(goQuoted(String(utf8: escape)))"
      }
      rest = rest[percent...].dropFirst(3)
    }
    return "invalid URL escape"
  }
}
