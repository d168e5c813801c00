import Base
import Client
import Wire

// role. As etcd 3.4: etcdctl/ctlv3/command/role_command.go.

extension Command {
  static let role: Command = Command(
    use: "role <subcommand>", short: "Role related commands",
    commands: [
      Command(use: "add <role name>", short: "Adds a new role", run: add),
      Command(use: "delete <role name>", short: "Deletes a role", run: delete),
      Command(use: "get <role name>", short: "Gets detailed information of a role", run: show),
      Command(use: "list", short: "Lists all roles", run: list),
      Command(
        use: "grant-permission [options] <role name> <permission type> <key> [endkey]",
        short: "Grants a key to a role",
        flags: [
          .bool("prefix", "grant a prefix permission"),
          .bool(
            "from-key",
            "grant a permission of keys that are greater than or equal to the given key using byte compare"),
        ], run: grant),
      Command(
        use: "revoke-permission <role name> <key> [endkey]", short: "Revokes a key from a role",
        flags: [
          .bool("prefix", "revoke a prefix permission"),
          .bool(
            "from-key",
            "revoke a permission of keys that are greater than or equal to the given key using byte compare"),
        ], run: revoke),
    ])
}

private func add(_ invocation: Invocation) throws(Failure) {
  let role = try words(invocation, 1, "role add command requires role name as its argument")[0]
  let reply = try invocation.reply(EtcdRPC.roleAdd, AuthRoleAddRequest(name: role), isTimed: false)
  try invocation.printer().roleAdd(role, reply)
}

private func delete(_ invocation: Invocation) throws(Failure) {
  let role = try words(invocation, 1, "role delete command requires role name as its argument")[0]
  let reply = try invocation.reply(EtcdRPC.roleDelete, AuthRoleDeleteRequest(role: role), isTimed: false)
  try invocation.printer().roleDelete(role, reply)
}

private func show(_ invocation: Invocation) throws(Failure) {
  let role = try words(invocation, 1, "role get command requires role name as its argument")[0]
  let reply = try invocation.reply(EtcdRPC.roleGet, AuthRoleGetRequest(role: role), isTimed: false)
  try invocation.printer().roleGet(role, reply)
}

private func list(_ invocation: Invocation) throws(Failure) {
  _ = try words(invocation, 0, "role list command requires no arguments")
  let reply = try invocation.reply(EtcdRPC.roleList, AuthRoleListRequest(), isTimed: false)
  try invocation.printer().roleList(reply)
}

private func grant(_ invocation: Invocation) throws(Failure) {
  guard invocation.arguments.count >= 3 else {
    throw .badArguments(
      "role grant command requires role name, permission type, and key [endkey] as its argument")
  }
  let role = invocation.arguments[0].text
  let kind = invocation.arguments[1].text
  // As the original: the names of the protocol in any case.
  guard let known = Permission.Kind.jsonNames.first(where: { $0.name == kind.uppercased() }) else {
    throw .badArguments("invalid permission type: \(kind)")
  }
  let (key, end) = try range(invocation, from: 2)
  let permission = Permission(permType: Permission.Kind(rawValue: known.number), key: key, rangeEnd: end)
  let query = AuthRoleGrantPermissionRequest(name: role, perm: permission)
  let reply = try invocation.reply(EtcdRPC.roleGrantPermission, query, isTimed: false)
  try invocation.printer().roleGrantPermission(role, reply)
}

private func revoke(_ invocation: Invocation) throws(Failure) {
  guard invocation.arguments.count >= 2 else {
    throw .badArguments(
      "role revoke-permission command requires role name and key [endkey] as its argument")
  }
  let role = invocation.arguments[0].text
  let (key, end) = try range(invocation, from: 1)
  let query = AuthRoleRevokePermissionRequest(role: role, key: key, rangeEnd: end)
  let reply = try invocation.reply(EtcdRPC.roleRevokePermission, query, isTimed: false)
  try invocation.printer().roleRevokePermission(role, invocation.arguments[1].bytes, end, reply)
}

/// The keys that the words from `first` on and the flags name.
private func range(_ invocation: Invocation, from first: Int) throws(Failure) -> (key: Bytes, end: Bytes) {
  let key = invocation.arguments[first].bytes
  let isPrefix = invocation.flags.bool("prefix")
  let isOpen = invocation.flags.bool("from-key")
  let isAlone = invocation.arguments.count == first + 1
  if isPrefix, isOpen, isAlone || key.isEmpty {
    throw .badArguments("--from-key and --prefix flags are mutually exclusive")
  }
  if key.isEmpty { return ([0], isPrefix || isOpen ? KeyRange.open : []) }
  if isAlone { return (key, isPrefix ? KeyRange.end(ofPrefix: key) : isOpen ? KeyRange.open : []) }
  if isPrefix { throw .badArguments("unexpected endkey argument with --prefix flag") }
  if isOpen { throw .badArguments("unexpected endkey argument with --from-key flag") }
  return (key, invocation.arguments[first + 1].bytes)
}
