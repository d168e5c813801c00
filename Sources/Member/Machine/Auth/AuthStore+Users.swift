import Base
import Storage
import Wire

// Changes of users. As etcd 3.4: auth/store.go.

extension AuthStore {
  func addUser(_ request: AuthUserAddRequest) throws(RPCStatus) -> AuthUserAddResponse {
    if request.name.isEmpty { throw .userEmpty }
    let key = Key(request.name)
    if users[key] != nil { throw .userExists }
    // As the original, there are options even where none were given.
    let options = request.options ?? UserAddOptions()
    var record = AuthUser(name: key.bytes, options: options)
    if !options.noPassword { record.password = try hash(request.password, request.hashedPassword) }
    put(record)
    advance()
    return AuthUserAddResponse()
  }

  func deleteUser(_ request: AuthUserDeleteRequest) throws(RPCStatus) -> AuthUserDeleteResponse {
    if isEnabled, request.name == Self.root { throw .invalidAuthManagement }
    let key = Key(request.name)
    guard users.removeValue(forKey: key) != nil else { throw .userNotFound }
    backend.delete(.authUsers, key.bytes)
    advance()
    tokens.forget(user: request.name)
    return AuthUserDeleteResponse()
  }

  func changePassword(_ request: AuthUserChangePasswordRequest) throws(RPCStatus)
    -> AuthUserChangePasswordResponse
  {
    guard var record = users[Key(request.name)]?.record else { throw .userNotFound }
    record.password = try hash(request.password, request.hashedPassword)
    put(record)
    advance()
    tokens.forget(user: request.name)
    return AuthUserChangePasswordResponse()
  }

  /// The hash that came with the request. Members of 3.4 send the password itself, as clear text in the log, and each
  /// hashes for itself with a salt of its own.
  private func hash(_ password: String, _ ready: String) throws(RPCStatus) -> Bytes {
    if !ready.isEmpty { return ready.bytes }
    guard let hash = hashPassword(password) else { throw .unmapped("auth: the password cannot be hashed") }
    return hash
  }

  func user(_ request: AuthUserGetRequest) throws(RPCStatus) -> AuthUserGetResponse {
    guard let user = users[Key(request.name)] else { throw .userNotFound }
    return AuthUserGetResponse(roles: user.record.roles)
  }

  func listUsers() -> AuthUserListResponse {
    AuthUserListResponse(users: users.keys.sorted().map { String(utf8: $0.bytes) })
  }

  // MARK: Their roles

  /// The role `root` need not exist to be granted.
  func grantRole(_ request: AuthUserGrantRoleRequest) throws(RPCStatus) -> AuthUserGrantRoleResponse {
    guard var record = users[Key(request.user)]?.record else { throw .userNotFound }
    if request.role != Self.root, roles[Key(request.role)] == nil { throw .roleNotFound }
    if record.roles.contains(where: { $0.utf8.elementsEqual(request.role.utf8) }) {
      return AuthUserGrantRoleResponse()
    }
    record.roles.append(request.role)
    record.roles.sort(by: precedes)
    put(record)
    advance()
    return AuthUserGrantRoleResponse()
  }

  func revokeRole(_ request: AuthUserRevokeRoleRequest) throws(RPCStatus) -> AuthUserRevokeRoleResponse {
    if isEnabled, request.name == Self.root, request.role == Self.root { throw .invalidAuthManagement }
    guard var record = users[Key(request.name)]?.record else { throw .userNotFound }
    guard record.removeRole(request.role) else { throw .roleNotGranted }
    put(record)
    advance()
    return AuthUserRevokeRoleResponse()
  }
}

extension AuthUser {
  /// False where the user had it not.
  mutating func removeRole(_ role: String) -> Bool {
    let before = roles.count
    roles.removeAll { $0.utf8.elementsEqual(role.utf8) }
    return roles.count != before
  }
}
