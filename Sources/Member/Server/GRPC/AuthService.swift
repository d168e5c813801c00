import Base
import Config
import Machine
import TLS
import Wire

/// Auth RPCs. As etcd 3.4: etcdserver/api/v3rpc/auth.go and etcdserver/v3_server.go.
///
/// All but Authenticate go through the log, the questions too, and are judged where they are applied.
final class AuthService: Service {
  static let name = "etcdserverpb.Auth"
  private unowned let member: Member
  init(_ member: Member) { self.member = member }

  func message(_ bytes: UnsafeRawBufferPointer, for call: Call) throws(RPCStatus) {
    switch call.method.name {
    case "Authenticate": try SignIn(member, call, decode(AuthenticateRequest.self, bytes)).begin()
    case "UserAdd": try addUser(decode(AuthUserAddRequest.self, bytes), call)
    case "UserChangePassword": try changePassword(decode(AuthUserChangePasswordRequest.self, bytes), call)
    default: try member.propose(body(bytes, call), for: call)
    }
  }

  private func body(_ bytes: UnsafeRawBufferPointer, _ call: Call) throws(RPCStatus) -> InternalRaftRequest.Body
  {
    switch call.method.name {
    case "AuthEnable": .authEnable(try decode(AuthEnableRequest.self, bytes))
    case "AuthDisable": .authDisable(try decode(AuthDisableRequest.self, bytes))
    case "UserGet": .authUserGet(try decode(AuthUserGetRequest.self, bytes))
    case "UserList": .authUserList(try decode(AuthUserListRequest.self, bytes))
    case "UserDelete": .authUserDelete(try decode(AuthUserDeleteRequest.self, bytes))
    case "UserGrantRole": .authUserGrantRole(try decode(AuthUserGrantRoleRequest.self, bytes))
    case "UserRevokeRole": .authUserRevokeRole(try decode(AuthUserRevokeRoleRequest.self, bytes))
    case "RoleAdd": .authRoleAdd(try decode(AuthRoleAddRequest.self, bytes))
    case "RoleGet": .authRoleGet(try decode(AuthRoleGetRequest.self, bytes))
    case "RoleList": .authRoleList(try decode(AuthRoleListRequest.self, bytes))
    case "RoleDelete": .authRoleDelete(try decode(AuthRoleDeleteRequest.self, bytes))
    case "RoleGrantPermission": .authRoleGrantPermission(try decode(AuthRoleGrantPermissionRequest.self, bytes))
    case "RoleRevokePermission":
      .authRoleRevokePermission(try decode(AuthRoleRevokePermissionRequest.self, bytes))
    default: throw .unknownMethod(call.method.name, of: Self.name)
    }
  }

  // MARK: New passwords

  private func addUser(_ request: AuthUserAddRequest, _ call: Call) throws(RPCStatus) {
    // Judged before the work of a hash, and again where it is applied.
    try member.requireAdmin(call)
    if request.name.isEmpty { throw .userEmpty }
    var request = request
    request.hashedPassword = ""
    if request.options?.noPassword == true {
      request.password = ""
      return try member.propose(.authUserAdd(request), for: call)
    }
    let password = request.password
    request.password = inLog(password)
    try hash(password, call) { [unowned member] hash throws(RPCStatus) in
      request.hashedPassword = hash
      try member.propose(.authUserAdd(request), for: call)
    }
  }

  private func changePassword(_ request: AuthUserChangePasswordRequest, _ call: Call) throws(RPCStatus) {
    try member.requireAdmin(call)
    var request = request
    let password = request.password
    request.password = inLog(password)
    try hash(password, call) { [unowned member] hash throws(RPCStatus) in
      request.hashedPassword = hash
      try member.propose(.authUserChangePassword(request), for: call)
    }
  }

  private func hash(
    _ password: String, _ call: Call, _ next: @escaping (String) throws(RPCStatus) -> Void
  ) throws(RPCStatus) {
    let work = PasswordDesk.Work.hash(password: password, cost: member.settings.bcryptCost)
    try member.passwords.begin(work) { outcome in
      guard !call.isAnswered, case .hashed(let result) = outcome else { return }
      do throws(RPCStatus) {
        switch result {
        case .success(let hash): try next(String(utf8: hash))
        case .failure(let failure): throw RPCStatus(failure)
        }
      } catch { call.fail(error) }
    }
  }

  /// What stands for the password in the log. Beside others, who may be of 3.4 and hash for themselves, it must be the
  /// password. A member alone puts in something that nobody knows: a member of 3.4 that reads this entry later cannot
  /// use the hash beside it, and from an empty password would make a user whom anybody may be.
  private func inLog(_ password: String) -> String {
    let isAlone = member.confState.voters.count <= 1 && member.confState.learners.isEmpty
    return isAlone ? secureRandomLetters(43) : password
  }
}
