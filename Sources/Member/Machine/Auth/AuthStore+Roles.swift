import Base
import Storage
import Wire

// Changes of roles. As etcd 3.4: auth/store.go.

extension AuthStore {
  func addRole(_ request: AuthRoleAddRequest) throws(RPCStatus) -> AuthRoleAddResponse {
    if request.name.isEmpty { throw .roleEmpty }
    if roles[Key(request.name)] != nil { throw .roleExists }
    put(AuthRole(name: request.name.bytes))
    advance()
    return AuthRoleAddResponse()
  }

  /// Users lose the role with it.
  func deleteRole(_ request: AuthRoleDeleteRequest) throws(RPCStatus) -> AuthRoleDeleteResponse {
    if isEnabled, request.role == Self.root { throw .invalidAuthManagement }
    let key = Key(request.role)
    guard roles.removeValue(forKey: key) != nil else { throw .roleNotFound }
    backend.delete(.authRoles, key.bytes)
    for user in users.values {
      var record = user.record
      if record.removeRole(request.role) { put(record) }
    }
    advance()
    return AuthRoleDeleteResponse()
  }

  func role(_ request: AuthRoleGetRequest) throws(RPCStatus) -> AuthRoleGetResponse {
    guard let role = roles[Key(request.role)] else { throw .roleNotFound }
    return AuthRoleGetResponse(perm: role.keyPermission)
  }

  func listRoles() -> AuthRoleListResponse {
    AuthRoleListResponse(roles: roles.keys.sorted().map { String(utf8: $0.bytes) })
  }

  // MARK: Their permissions

  /// Adds a permission, or changes the kind of the one with the same range. Ranges without a key are refused, as since
  /// 3.4.25. As the original, only the first permission of a key is looked at: members must store alike.
  func grantPermission(
    _ request: AuthRoleGrantPermissionRequest
  ) throws(RPCStatus) -> AuthRoleGrantPermissionResponse {
    guard let permission = request.perm else { throw .permissionNotGiven }
    guard KeyIntervals.Interval(key: permission.key, rangeEnd: permission.rangeEnd) != nil else {
      throw .invalidAuthManagement
    }
    guard var role = roles[Key(request.name)] else { throw .roleNotFound }
    let first = role.keyPermission.firstIndex { $0.key == permission.key }
    if let first, role.keyPermission[first].rangeEnd == permission.rangeEnd {
      role.keyPermission[first].permType = permission.permType
    } else {
      // Behind those with the same key.
      let place = role.keyPermission.firstIndex { compareBytes($0.key, permission.key) > 0 }
      role.keyPermission.insert(permission, at: place ?? role.keyPermission.count)
    }
    put(role)
    advance()
    return AuthRoleGrantPermissionResponse()
  }

  func revokePermission(
    _ request: AuthRoleRevokePermissionRequest
  ) throws(RPCStatus) -> AuthRoleRevokePermissionResponse {
    guard var role = roles[Key(request.role)] else { throw .roleNotFound }
    let before = role.keyPermission.count
    role.keyPermission.removeAll { $0.key == request.key && $0.rangeEnd == request.rangeEnd }
    if role.keyPermission.count == before { throw .permissionNotGranted }
    put(role)
    advance()
    return AuthRoleRevokePermissionResponse()
  }
}
