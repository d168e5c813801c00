import Base
import Client
import Wire

// auth, user. As etcd 3.4: etcdctl/ctlv3/command/{auth,user}_command.go.

extension Command {
  static let auth: Command = Command(
    use: "auth <enable or disable>", short: "Enable or disable authentication",
    commands: [
      Command(use: "enable", short: "Enables authentication", run: enable),
      Command(use: "disable", short: "Disables authentication", run: disable),
    ])

  static let user: Command = Command(
    use: "user <subcommand>", short: "User related commands",
    commands: [
      Command(
        use: "add <user name or user:password> [options]", short: "Adds a new user",
        flags: [
          .bool(
            "interactive", "Read password from stdin instead of interactive terminal", standard: true),
          .text("new-user-password", "Supply password from the command line flag"),
          .bool("no-password", "Create a user without password (CN based auth only)"),
        ], run: addUser),
      Command(use: "delete <user name>", short: "Deletes a user", run: deleteUser),
      Command(
        use: "get <user name> [options]", short: "Gets detailed information of a user",
        flags: [.bool("detail", "Show permissions of roles granted to the user")], run: getUser),
      Command(use: "list", short: "Lists all users", run: listUsers),
      Command(
        use: "passwd <user name> [options]", short: "Changes password of user",
        flags: [
          .bool(
            "interactive", "If true, read password from stdin instead of interactive terminal",
            standard: true)
        ], run: changePassword),
      Command(
        use: "grant-role <user name> <role name>", short: "Grants a role to a user", run: grantRole),
      Command(
        use: "revoke-role <user name> <role name>", short: "Revokes a role from a user", run: revokeRole),
    ])
}

/// Exactly `count` words, or `usage`.
func words(_ invocation: Invocation, _ count: Int, _ usage: String) throws(Failure) -> [String] {
  guard invocation.arguments.count == count else { throw .badArguments(usage) }
  return invocation.arguments.map(\.text)
}

/// Makes the role `root` and grants it to the user `root` where that is all that is missing.
private func enable(_ invocation: Invocation) throws(Failure) {
  _ = try words(invocation, 0, "auth enable command does not accept any arguments")
  _ = try invocation.client()
  let deadline = invocation.deadline
  let result = try invocation.call(EtcdRPC.authEnable, AuthEnableRequest(), deadline: deadline)
  if case .failure(let failure) = result {
    guard failure.means(.rootRoleNotGranted) else { throw Failure(.error, failure.description) }
    _ = try invocation.reply(EtcdRPC.roleAdd, AuthRoleAddRequest(name: "root"))
    _ = try invocation.reply(EtcdRPC.userGrantRole, AuthUserGrantRoleRequest(user: "root", role: "root"))
    _ = try invocation.reply(EtcdRPC.authEnable, AuthEnableRequest())
  }
  Output.line("Authentication Enabled")
}

private func disable(_ invocation: Invocation) throws(Failure) {
  _ = try words(invocation, 0, "auth disable command does not accept any arguments")
  _ = try invocation.reply(EtcdRPC.authDisable, AuthDisableRequest())
  Output.line("Authentication Disabled")
}

private func addUser(_ invocation: Invocation) throws(Failure) {
  var user = try words(invocation, 1, "user add command requires user name as its argument")[0]
  var query = AuthUserAddRequest(options: UserAddOptions())
  if invocation.flags.bool("no-password") {
    query.options?.noPassword = true
  } else if !invocation.flags.text("new-user-password").isEmpty {
    query.password = invocation.flags.text("new-user-password")
  } else if let colon = user.firstIndex(of: ":") {
    query.password = String(user[user.index(after: colon)...])
    user = String(user[..<colon])
    if user.isEmpty { throw .badArguments("empty user name is not allowed") }
  } else {
    query.password = try newPassword(invocation, user)
  }
  query.name = user
  let reply = try invocation.reply(EtcdRPC.userAdd, query, isTimed: false)
  try invocation.printer().userAdd(user, reply)
}

/// Asked for twice at the terminal, or with `--interactive=false` a word of standard input.
private func newPassword(_ invocation: Invocation, _ user: String) throws(Failure) -> String {
  guard invocation.flags.bool("interactive") else {
    return String((Terminal.line() ?? "").split(separator: " ").first ?? "")
  }
  let first = Terminal.password("Password of \(user): ")
  if first.isEmpty { throw .badArguments("empty password") }
  let second = Terminal.password("Type password of \(user) again for confirmation: ")
  if first != second { throw .badArguments("given passwords are different") }
  return first
}

private func changePassword(_ invocation: Invocation) throws(Failure) {
  let user = try words(invocation, 1, "user passwd command requires user name as its argument")[0]
  let query = AuthUserChangePasswordRequest(name: user, password: try newPassword(invocation, user))
  let reply = try invocation.reply(EtcdRPC.userChangePassword, query, isTimed: false)
  try invocation.printer().userChangePassword(reply)
}

private func deleteUser(_ invocation: Invocation) throws(Failure) {
  let user = try words(invocation, 1, "user delete command requires user name as its argument")[0]
  let reply = try invocation.reply(EtcdRPC.userDelete, AuthUserDeleteRequest(name: user), isTimed: false)
  try invocation.printer().userDelete(user, reply)
}

private func getUser(_ invocation: Invocation) throws(Failure) {
  let user = try words(invocation, 1, "user get command requires user name as its argument")[0]
  let reply = try invocation.reply(EtcdRPC.userGet, AuthUserGetRequest(name: user), isTimed: false)
  let printer = try invocation.printer()
  guard invocation.flags.bool("detail") else { return try printer.userGet(user, reply) }
  Output.line("User: \(user)")
  for role in reply.roles {
    Output.line("")
    let detail = try invocation.reply(EtcdRPC.roleGet, AuthRoleGetRequest(role: role), isTimed: false)
    try printer.roleGet(role, detail)
  }
}

private func listUsers(_ invocation: Invocation) throws(Failure) {
  _ = try words(invocation, 0, "user list command requires no arguments")
  let reply = try invocation.reply(EtcdRPC.userList, AuthUserListRequest(), isTimed: false)
  try invocation.printer().userList(reply)
}

private func grantRole(_ invocation: Invocation) throws(Failure) {
  let names = try words(
    invocation, 2, "user grant command requires user name and role name as its argument")
  let query = AuthUserGrantRoleRequest(user: names[0], role: names[1])
  let reply = try invocation.reply(EtcdRPC.userGrantRole, query, isTimed: false)
  try invocation.printer().userGrantRole(names[0], names[1], reply)
}

private func revokeRole(_ invocation: Invocation) throws(Failure) {
  let names = try words(invocation, 2, "user revoke-role requires user name and role name as its argument")
  let query = AuthUserRevokeRoleRequest(name: names[0], role: names[1])
  let reply = try invocation.reply(EtcdRPC.userRevokeRole, query, isTimed: false)
  try invocation.printer().userRevokeRole(names[0], names[1], reply)
}
