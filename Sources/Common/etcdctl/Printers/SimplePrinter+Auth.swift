import Base
import Wire

// Users and roles.
extension SimplePrinter {
  func userAdd(_ user: String, _ reply: AuthUserAddResponse) { Output.line("User \(user) created") }
  func userGet(_ user: String, _ reply: AuthUserGetResponse) {
    Output.line("User: \(user)")
    Output.line("Roles:" + reply.roles.map { " \($0)" }.joined())
  }
  func userList(_ reply: AuthUserListResponse) { for user in reply.users { Output.line(user) } }
  func userDelete(_ user: String, _ reply: AuthUserDeleteResponse) { Output.line("User \(user) deleted") }
  func userChangePassword(_ reply: AuthUserChangePasswordResponse) { Output.line("Password updated") }
  func userGrantRole(_ user: String, _ role: String, _ reply: AuthUserGrantRoleResponse) {
    Output.line("Role \(role) is granted to user \(user)")
  }
  func userRevokeRole(_ user: String, _ role: String, _ reply: AuthUserRevokeRoleResponse) {
    Output.line("Role \(role) is revoked from user \(user)")
  }

  func roleAdd(_ role: String, _ reply: AuthRoleAddResponse) { Output.line("Role \(role) created") }
  func roleList(_ reply: AuthRoleListResponse) { for role in reply.roles { Output.line(role) } }
  func roleDelete(_ role: String, _ reply: AuthRoleDeleteResponse) { Output.line("Role \(role) deleted") }
  func roleGrantPermission(_ role: String, _ reply: AuthRoleGrantPermissionResponse) {
    Output.line("Role \(role) updated")
  }

  func roleRevokePermission(
    _ role: String, _ key: Bytes, _ end: Bytes, _ reply: AuthRoleRevokePermissionResponse
  ) {
    Output.write("Permission of ")
    if end.isEmpty {
      Output.write("key ".bytes + key)
    } else {
      Output.write("range [".bytes + key + ", ".bytes + Self.text(ofEnd: end))
    }
    Output.line(" is revoked from role \(role)")
  }

  func roleGet(_ role: String, _ reply: AuthRoleGetResponse) {
    Output.line("Role \(role)")
    Output.line("KV Read:")
    for permission in reply.perm where permission.permType != .write { show(permission) }
    Output.line("KV Write:")
    for permission in reply.perm where permission.permType != .read { show(permission) }
  }

  private func show(_ permission: Permission) {
    let (key, end) = (permission.key, permission.rangeEnd)
    if end.isEmpty { return Output.line("\t".bytes + key) }
    var line = "\t[".bytes + key + ", ".bytes + Self.text(ofEnd: end)
    if KeyRange.end(ofPrefix: key) == end { line += " (prefix ".bytes + key + ")".bytes }
    Output.line(line)
  }

  /// A range's end with the bracket behind it; the original has none behind an open one.
  private static func text(ofEnd end: Bytes) -> Bytes { end == [0] ? "<open ended>".bytes : end + ")".bytes }
}
