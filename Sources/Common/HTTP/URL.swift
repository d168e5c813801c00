import Base

/// A request target taken apart: a decoded path and its query.
package struct RequestTarget: Equatable, Sendable {
  /// The path with its escapes decoded.
  package var path: Bytes
  /// The path as it was sent.
  package var rawPath: Bytes
  /// What follows `?`, as it was sent; empty without one.
  package var rawQuery: Bytes

  /// nil where an escape in the path is malformed, which Go's server answers with 400.
  package init?(_ target: Bytes) {
    let mark = target.firstIndex(of: 0x3F)
    rawPath = mark.map { Bytes(target[..<$0]) } ?? target
    guard let decoded = PercentEncoding.decoded(rawPath) else { return nil }
    path = decoded
    rawQuery = mark.map { Bytes(target[($0 + 1)...]) } ?? []
  }

  /// Fields of the query, read anew each time; empty without one.
  package var query: Query { Query(rawQuery) }

  package var text: String { String(utf8: path) }
}

/// Fields of a query or of a form body, read as Go's url.ParseQuery does.
package struct Query: Equatable, Sendable {
  /// Fields in order; names may repeat.
  package private(set) var fields: [(name: String, value: String)] = []
  /// False when a field had a malformed escape or a semicolon; such fields are left out.
  package private(set) var isWellFormed = true

  package init(_ text: Bytes) {
    for field in text.split(separator: 0x26) {
      let parts = field.split(separator: 0x3D, maxSplits: 1, omittingEmptySubsequences: false)
      guard !field.contains(0x3B), let name = parts.first,
        let decodedName = PercentEncoding.decoded(name, plusIsSpace: true),
        let value = PercentEncoding.decoded(parts.count > 1 ? parts[1] : [], plusIsSpace: true)
      else {
        isWellFormed = false
        continue
      }
      fields.append((String(utf8: decodedName), String(utf8: value)))
    }
  }

  package var isEmpty: Bool { fields.isEmpty }
  /// The first value of this name; nil when there is none.
  package subscript(name: String) -> String? { fields.first { $0.name == name }?.value }
  package func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }
  package func contains(_ name: String) -> Bool { self[name] != nil }

  package static func == (a: Query, b: Query) -> Bool {
    a.isWellFormed == b.isWellFormed && a.fields.elementsEqual(b.fields) { $0 == $1 }
  }
}
