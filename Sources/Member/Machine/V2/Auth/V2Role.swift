import Base

/// A role of the v2 API: paths that may be read and written; one that ends with `*` stands for all that begin so.
/// As etcd 3.4: api/v2auth/auth.go.
package struct V2Role: Sendable, Equatable {
  package struct Permissions: Sendable, Equatable {
    package var read: [String]?
    package var write: [String]?
    package init(read: [String]? = nil, write: [String]? = nil) {
      self.read = read
      self.write = write
    }
    package var isEmpty: Bool { (read ?? []).isEmpty && (write ?? []).isEmpty }
  }

  package var name = ""
  package var permissions = Permissions()
  package var grant: Permissions?
  package var revoke: Permissions?

  /// Who has it may everything; it is written nowhere.
  package static let root = V2Role(name: "root", permissions: Permissions(read: ["/*"], write: ["/*"]))
  /// What who names nobody may, unless it was made beforehand.
  package static let guest = V2Role(name: "guest", permissions: Permissions(read: ["/*"], write: ["/*"]))

  package init(name: String, permissions: Permissions = Permissions()) {
    self.name = name
    self.permissions = permissions
  }

  package init(_ json: JSONValue) throws(V2AuthUnreadable) {
    let fields = try V2AuthFields(json)
    name = try fields.text("role")
    permissions =
      try fields["permissions"].map { json throws(V2AuthUnreadable) in try Permissions(json) }
      ?? Permissions()
    grant = try fields["grant"].map { json throws(V2AuthUnreadable) in try Permissions(json) }
    revoke = try fields["revoke"].map { json throws(V2AuthUnreadable) in try Permissions(json) }
  }

  /// Something is to be granted or revoked.
  package var isChange: Bool { grant.map { !$0.isEmpty } ?? false || revoke.map { !$0.isEmpty } ?? false }

  package func merged(with change: V2Role) throws(V2AuthRefusal) -> V2Role {
    var merged = V2Role(name: name, permissions: permissions)
    if let grant = change.grant {
      merged.permissions.read = try Self.adding(grant.read, to: merged.permissions.read, "read")
      merged.permissions.write = try Self.adding(grant.write, to: merged.permissions.write, "write")
    }
    if let revoke = change.revoke {
      merged.permissions.read = Self.removing(revoke.read, from: merged.permissions.read)
      merged.permissions.write = Self.removing(revoke.write, from: merged.permissions.write)
    }
    return merged
  }

  private static func adding(
    _ more: [String]?, to list: [String]?, _ kind: String
  ) throws(V2AuthRefusal) -> [String] {
    var all = Set((list ?? []).map { V2Name($0) })
    for path in more ?? [] where !all.insert(V2Name(path)).inserted {
      throw V2AuthRefusal(409, "Granting duplicate \(kind) permission \(path)")
    }
    return all.sorted().map(\.text)
  }

  private static func removing(_ less: [String]?, from list: [String]?) -> [String] {
    Set((list ?? []).map { V2Name($0) }).subtracting((less ?? []).map { V2Name($0) }).sorted().map(\.text)
  }

  // MARK: Who may what

  /// Whether a key may be read or written; `recursive`, also all below it, which a single path does not allow.
  package func allows(_ key: String, isWrite: Bool, recursive: Bool) -> Bool {
    if name == Self.root.name { return true }
    return ((isWrite ? permissions.write : permissions.read) ?? []).contains { pattern in
      guard pattern.utf8.last == UInt8(ascii: "*") else { return !recursive && key.hasBytes(of: pattern) }
      return key.utf8.starts(with: pattern.utf8.dropLast())
    }
  }

  // MARK: JSON

  package var json: Bytes {
    var writer = JSONWriter()
    writer.raw("{\"role\":")
    writer.string(name)
    writer.raw(",\"permissions\":")
    permissions.write(to: &writer)
    if let grant {
      writer.raw(",\"grant\":")
      grant.write(to: &writer)
    }
    if let revoke {
      writer.raw(",\"revoke\":")
      revoke.write(to: &writer)
    }
    writer.raw("}")
    return writer.bytes
  }
}

extension V2Role.Permissions {
  init(_ json: JSONValue) throws(V2AuthUnreadable) {
    let fields = try V2AuthFields(try V2AuthFields(json)["kv"] ?? .null)
    self.init(read: try fields.texts("read"), write: try fields.texts("write"))
  }

  fileprivate func write(to writer: inout JSONWriter) {
    writer.raw("{\"kv\":{\"read\":")
    writer.texts(read)
    writer.raw(",\"write\":")
    writer.texts(write)
    writer.raw("}}")
  }
}
