import Base

/// Why a change of the v2 API's users and roles is refused: a status of HTTP and a text.
/// As etcd 3.4: api/v2auth/auth.go, authErr.
package struct V2AuthRefusal: Error, Sendable, Equatable {
  package var status: Int
  package var message: String
  package init(_ status: Int, _ message: String) {
    self.status = status
    self.message = "auth: " + message
  }
}

/// The JSON of a user, role or flag is no such thing. Members that wrote it are of another kind.
package struct V2AuthUnreadable: Error, Sendable, Equatable {
  package init() {}
}

/// Fields of a record, read as Go's encoding/json does: names in any case, the last of a name counts, null is nothing.
struct V2AuthFields {
  private let members: [JSONValue.Member]

  /// Nil stands for null, which Go reads as a record with nothing in it.
  init(_ json: JSONValue) throws(V2AuthUnreadable) {
    if json.isNull {
      members = []
    } else {
      guard let members = json.members else { throw V2AuthUnreadable() }
      self.members = members
    }
  }

  subscript(name: String) -> JSONValue? {
    let found = members.last { $0.name.utf8.elementsEqual(name.utf8) || $0.name.lowercased() == name }
    return found.flatMap { $0.value.isNull ? nil : $0.value }
  }

  func text(_ name: String) throws(V2AuthUnreadable) -> String {
    guard let value = self[name] else { return "" }
    guard let text = value.string else { throw V2AuthUnreadable() }
    return text
  }

  /// Nil where there is no list, which Go tells apart from an empty one.
  func texts(_ name: String) throws(V2AuthUnreadable) -> [String]? {
    guard let value = self[name] else { return nil }
    guard let values = value.array else { throw V2AuthUnreadable() }
    var texts: [String] = []
    for value in values {
      guard let text = value.isNull ? "" : value.string else { throw V2AuthUnreadable() }
      texts.append(text)
    }
    return texts
  }
}

extension JSONWriter {
  /// A list of texts; null where there is none.
  mutating func texts(_ texts: [String]?) {
    guard let texts else { return null() }
    array(texts) { $1.string($0) }
  }
}
