import Base

/// A user of the v2 API, as `/2/users` holds it and as clients send and receive it. As etcd 3.4: api/v2auth/auth.go.
package struct V2User: Sendable, Equatable {
  package var name = ""
  /// A hash where it is kept, clear where a client sends it; empty in replies.
  package var password = ""
  /// Nil and empty are told apart, since Go writes null for the first.
  package var roles: [String]?
  package var grant: [String]?
  package var revoke: [String]?

  package init(name: String) { self.name = name }

  package init(_ json: JSONValue) throws(V2AuthUnreadable) {
    let fields = try V2AuthFields(json)
    name = try fields.text("user")
    password = try fields.text("password")
    roles = try fields.texts("roles")
    grant = try fields.texts("grant")
    revoke = try fields.texts("revoke")
  }

  /// Something is to be granted or revoked.
  package var isChange: Bool { grant?.isEmpty == false || revoke?.isEmpty == false }
  package var hasRoles: Bool { roles?.isEmpty == false }

  /// The root user has the root role, whatever is written.
  package mutating func attachRootRole() {
    if name == "root", roles?.contains(V2Role.root.name) != true { roles = (roles ?? []) + [V2Role.root.name] }
  }

  /// The user after a change. `hash` is that of the password that the change carries, if any.
  package func merged(with change: V2User, hash: String?) throws(V2AuthRefusal) -> V2User {
    var merged = V2User(name: name)
    merged.password = hash ?? password
    var roles = Set((self.roles ?? []).map { V2Name($0) })
    for role in change.grant ?? [] where !roles.insert(V2Name(role)).inserted {
      throw V2AuthRefusal(409, "Granting duplicate role \(role) for user \(change.name)")
    }
    for role in change.revoke ?? [] where roles.remove(V2Name(role)) == nil {
      throw V2AuthRefusal(409, "Revoking ungranted role \(role) for user \(change.name)")
    }
    merged.roles = roles.sorted().map(\.text)
    return merged
  }

  package var json: Bytes {
    var writer = JSONWriter()
    writer.raw("{\"user\":")
    writer.string(name)
    if !password.isEmpty {
      writer.raw(",\"password\":")
      writer.string(password)
    }
    writer.raw(",\"roles\":")
    writer.texts(roles)
    if let grant, !grant.isEmpty {
      writer.raw(",\"grant\":")
      writer.texts(grant)
    }
    if let revoke, !revoke.isEmpty {
      writer.raw(",\"revoke\":")
      writer.texts(revoke)
    }
    writer.raw("}")
    return writer.bytes
  }

  /// The user with its roles written out. As etcd 3.4: v2http/client_auth.go, userWithRoles.
  package static func json(_ name: String, roles: [V2Role]) -> Bytes {
    var writer = JSONWriter()
    writer.raw("{\"user\":")
    writer.string(name)
    if !roles.isEmpty {
      writer.raw(",\"roles\":")
      writer.array(roles) { $1.raw($0.json) }
    }
    writer.raw("}")
    return writer.bytes
  }
}
