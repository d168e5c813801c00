/// Every command of the v2 mode and every flag, in the order of its help. As etcd 3.4: etcdctl/ctlv2/ctl.go.
enum V2CommandTable {
  static let globalFlags: [V2Flag] = [
    .bool("debug", usage: "output cURL commands which can be used to reproduce the request"),
    .bool("no-sync", usage: "don't synchronize cluster information before sending request"),
    V2Flag(
      names: ["output", "o"], kind: .text,
      usage: "output response in the given format (simple, `extended` or `json`)", placeholder: "simple",
      standard: "simple"),
    .text("discovery-srv", "D", usage: "domain name to query for SRV records describing cluster endpoints"),
    .bool("insecure-discovery", usage: "accept insecure SRV records describing cluster endpoints"),
    .text("peers", "C", usage: "DEPRECATED - \"--endpoints\" should be used instead"),
    .text("endpoint", usage: "DEPRECATED - \"--endpoints\" should be used instead"),
    .text(
      "endpoints",
      usage: "a comma-delimited list of machine addresses in the cluster "
        + "(default: \"http://127.0.0.1:2379,http://127.0.0.1:4001\")"),
    .text("cert-file", usage: "identify HTTPS client using this SSL certificate file"),
    .text("key-file", usage: "identify HTTPS client using this SSL key file"),
    .text("ca-file", usage: "verify certificates of HTTPS-enabled servers using this CA bundle"),
    .text("username", "u", usage: "provide username[:password] and prompt if password is not supplied."),
    V2Flag(names: ["timeout"], kind: .duration, usage: "connection timeout per request", standard: "2s"),
    V2Flag(
      names: ["total-timeout"], kind: .duration, usage: "timeout for the command execution (except watch)",
      standard: "5s"),
    .bool("version", "v", usage: "print the version"),
  ]

  static let all: [V2Command] = [
    V2Command(
      name: "backup", usage: "backup an etcd directory", arguments: " ",
      flags: [
        .text("data-dir", usage: "Path to the etcd data dir"),
        .text("wal-dir", usage: "Path to the etcd wal dir"),
        .text("backup-dir", usage: "Path to the backup dir"),
        .text("backup-wal-dir", usage: "Path to the backup wal dir"),
        .bool("with-v3", usage: "Backup v3 backend data"),
      ], run: V2Backup.run),
    V2Command(
      name: "cluster-health", usage: "check the health of the etcd cluster", arguments: " ",
      flags: [.bool("forever", "f", usage: "forever check the health every 10 second until CTRL+C")],
      run: V2ClusterHealth.run),
    V2Command(
      name: "mk", usage: "make a new key with a given value", arguments: "<key> <value>",
      flags: [.bool("in-order", usage: "create in-order key under directory <key>"), ttl], run: V2Keys.make),
    V2Command(
      name: "mkdir", usage: "make a new directory", arguments: "<key>", flags: [ttl], run: V2Keys.makeDirectory),
    V2Command(
      name: "rm", usage: "remove a key or a directory", arguments: "<key>",
      flags: [
        .bool("dir", usage: "removes the key if it is an empty directory or a key-value pair"),
        .bool("recursive", "r", usage: "removes the key and all child keys(if it is a directory)"),
        .text("with-value", usage: "previous value"), .integer("with-index", usage: "previous index"),
      ], run: V2Keys.remove),
    V2Command(
      name: "rmdir", usage: "removes the key if it is an empty directory or a key-value pair",
      arguments: "<key>", run: V2Keys.removeDirectory),
    V2Command(
      name: "get", usage: "retrieve the value of a key", arguments: "<key>", flags: [sort, quorum],
      run: V2Keys.get),
    V2Command(
      name: "ls", usage: "retrieve a directory", arguments: "[key]",
      flags: [
        sort, .bool("recursive", "r", usage: "returns all key names recursively for the given path"),
        .bool("p", usage: "append slash (/) to directories"), quorum,
      ], run: V2Keys.list),
    V2Command(
      name: "set", usage: "set the value of a key", arguments: "<key> <value>",
      description: """
        Set sets the value of a key.

           When <value> begins with '-', <value> is interpreted as a flag.
           Insert '--' for workaround:

           $ set -- <key> <value>
        """,
      flags: [
        ttl, .text("swap-with-value", usage: "previous value"),
        .integer("swap-with-index", usage: "previous index"),
      ], run: V2Keys.set),
    V2Command(
      name: "setdir", usage: "create a new directory or update an existing directory TTL", arguments: "<key>",
      flags: [ttl], run: V2Keys.setDirectory),
    V2Command(
      name: "update", usage: "update an existing key with a given value", arguments: "<key> <value>",
      flags: [ttl],
      run: V2Keys.update),
    V2Command(
      name: "updatedir", usage: "update an existing directory", arguments: "<key> <value>", flags: [ttl],
      run: V2Keys.updateDirectory),
    V2Command(
      name: "watch", usage: "watch a key for changes", arguments: "<key>",
      flags: [
        .bool("forever", "f", usage: "forever watch a key until CTRL+C"),
        .integer("after-index", usage: "watch after the given index"),
        .bool("recursive", "r", usage: "returns all values for key and child keys"),
      ], run: V2Watch.run),
    V2Command(
      name: "exec-watch", usage: "watch a key for changes and exec an executable",
      arguments: "<key> <command> [args...]",
      flags: [
        .integer("after-index", usage: "watch after the given index"),
        .bool("recursive", "r", usage: "watch all values for key and child keys"),
      ], run: V2Watch.runCommands),
    V2Command(
      name: "member", usage: "member add, remove and list subcommands",
      subcommands: [
        V2Command(
          name: "list", usage: "enumerate existing cluster members", arguments: " ", run: V2Members.list),
        V2Command(
          name: "add", usage: "add a new member to the etcd cluster", arguments: "<name> <peerURL>",
          run: V2Members.add),
        V2Command(
          name: "remove", usage: "remove an existing member from the etcd cluster", arguments: "<memberID>",
          run: V2Members.remove),
        V2Command(
          name: "update", usage: "update an existing member in the etcd cluster",
          arguments: "<memberID> <peerURLs>", run: V2Members.update),
      ]),
    V2Command(name: "user", usage: "user add, grant and revoke subcommands", subcommands: users),
    V2Command(name: "role", usage: "role add, grant and revoke subcommands", subcommands: roles),
    V2Command(
      name: "auth", usage: "overall auth controls",
      subcommands: [
        V2Command(name: "enable", usage: "enable auth access controls", arguments: " ", run: V2Auth.enable),
        V2Command(name: "disable", usage: "disable auth access controls", arguments: " ", run: V2Auth.disable),
      ]),
  ]

  private static let users: [V2Command] = [
    V2Command(name: "add", usage: "add a new user for the etcd cluster", arguments: "<user>", run: V2Users.add),
    V2Command(name: "get", usage: "get details for a user", arguments: "<user>", run: V2Users.get),
    V2Command(name: "list", usage: "list all current users", arguments: "<user>", run: V2Users.list),
    V2Command(
      name: "remove", usage: "remove a user for the etcd cluster", arguments: "<user>", run: V2Users.remove),
    V2Command(
      name: "grant", usage: "grant roles to an etcd user", arguments: "<user>", flags: [rolesFlag],
      run: V2Users.grant),
    V2Command(
      name: "revoke", usage: "revoke roles for an etcd user", arguments: "<user>", flags: [rolesFlag],
      run: V2Users.revoke),
    V2Command(
      name: "passwd", usage: "change password for a user", arguments: "<user>", run: V2Users.changePassword),
  ]

  private static let roles: [V2Command] = [
    V2Command(
      name: "add", usage: "add a new role for the etcd cluster", arguments: "<role> ", run: V2Roles.add),
    V2Command(name: "get", usage: "get details for a role", arguments: "<role>", run: V2Roles.get),
    V2Command(name: "list", usage: "list all roles", arguments: " ", run: V2Roles.list),
    V2Command(
      name: "remove", usage: "remove a role from the etcd cluster", arguments: "<role>", run: V2Roles.remove),
    V2Command(
      name: "grant", usage: "grant path matches to an etcd role", arguments: "<role>",
      flags: [
        .text("path", usage: "Path granted for the role to access"),
        .bool("read", usage: "Grant read-only access"),
        .bool("write", usage: "Grant write-only access"),
        .bool("readwrite", "rw", usage: "Grant read-write access"),
      ], run: V2Roles.grant),
    V2Command(
      name: "revoke", usage: "revoke path matches for an etcd role", arguments: "<role>",
      flags: [
        .text("path", usage: "Path revoked for the role to access"), .bool("read", usage: "Revoke read access"),
        .bool("write", usage: "Revoke write access"),
        .bool("readwrite", "rw", usage: "Revoke read-write access"),
      ], run: V2Roles.revoke),
  ]

  private static let ttl = V2Flag.integer("ttl", usage: "key time-to-live in seconds")
  private static let sort = V2Flag.bool("sort", usage: "returns result in sorted order")
  private static let quorum = V2Flag.bool("quorum", "q", usage: "require quorum for get request")
  private static let rolesFlag = V2Flag(
    names: ["roles"], kind: .list, usage: "List of roles to grant or revoke")
}
