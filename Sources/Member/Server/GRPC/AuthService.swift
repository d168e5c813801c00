import Base
import Wire

/// Auth RPCs of a member whose authentication is off.
///
/// What can be answered without users is answered as etcd 3.4 does; what would make users, roles or turn authentication on is
/// refused plainly until it is built.
final class AuthService: Service {
  static let name = "etcdserverpb.Auth"
  private unowned let member: Member
  init(_ member: Member) { self.member = member }

  func message(_ bytes: UnsafeRawBufferPointer, for call: Call) throws(RPCStatus) {
    switch call.method.name {
    case "AuthDisable":
      var reply = AuthDisableResponse()
      reply.header = member.header()
      call.reply(reply)
    case "Authenticate": throw .authNotEnabled
    case "UserList":
      var reply = AuthUserListResponse()
      reply.header = member.header()
      call.reply(reply)
    case "RoleList":
      var reply = AuthRoleListResponse()
      reply.header = member.header()
      call.reply(reply)
    case "UserGet", "UserDelete", "UserChangePassword", "UserGrantRole", "UserRevokeRole": throw .userNotFound
    case "RoleGet", "RoleDelete", "RoleGrantPermission", "RoleRevokePermission": throw .roleNotFound
    default:
      throw RPCStatus(
        .unimplemented,
        "etcdserver: authentication is not built yet (\(call.method.name)); no user, role or setting was changed"
      )
    }
  }
}
