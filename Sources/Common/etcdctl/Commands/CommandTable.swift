import Base

/// Every command there is, in the original's order (which suggestions follow).
enum CommandTable {
  static let root: Command = Command(
    use: "etcdctl", short: "A simple command line client for etcd3.", persistentFlags: globalFlags,
    commands: [
      .get, .put, .del, .txn, .compaction, .alarm, .defrag, .endpoint, .moveLeader, .watch, .version,
      .lease,
      .member, .snapshot, .auth, .user, .role, .makeMirror, .migrate, .lock, .elect, .check, .space, .help,
      .completion,
    ])

  /// As etcd 3.4: etcdctl/ctlv3/ctl.go.
  static let globalFlags: [Flag] = [
    Flag("endpoints", .list, "127.0.0.1:2379", "gRPC endpoints"),
    .bool("debug", "enable client-side debug logging"),
    .text(
      "write-out", "set the output format (fields, json, protobuf, simple, table)", standard: "simple",
      shorthand: "w"),
    .bool("hex", "print byte strings as hex encoded strings"),
    Flag("dial-timeout", .duration, "2s", "dial timeout for client connections"),
    Flag("command-timeout", .duration, "5s", "timeout for short running command (excluding dial timeout)"),
    Flag("keepalive-time", .duration, "2s", "keepalive time for client connections"),
    Flag("keepalive-timeout", .duration, "6s", "keepalive timeout for client connections"),
    .bool("insecure-transport", "disable transport security for client connections", standard: true),
    .bool("insecure-discovery", "accept insecure SRV records describing cluster endpoints", standard: true),
    .bool(
      "insecure-skip-tls-verify",
      "skip server certificate verification (CAUTION: this option should be enabled only for testing purposes)"),
    .text("cert", "identify secure client using this TLS certificate file"),
    .text("key", "identify secure client using this TLS key file"),
    .text("cacert", "verify certificates of TLS-enabled secure servers using this CA bundle"),
    .text("user", "username[:password] for authentication (prompt if password is not supplied)"),
    .text(
      "password",
      "password for authentication (if this option is used, --user option shouldn't include password)"),
    .text(
      "discovery-srv", "domain name to query for SRV records describing cluster endpoints", shorthand: "d"),
    .text("discovery-srv-name", "service name to query when using DNS discovery"),
  ]
}

extension Command {
  /// A command of the original that is not there; it refuses plainly.
  static func absent(_ name: String) -> Command {
    Command(use: name, short: "", isHidden: true) { _ throws(Failure) in
      throw Failure(.error, "\(name) is not available in this version")
    }
  }

  /// Its work is done by the original, on a directory that either program may then start from.
  static let migrate: Command = Command(
    use: "migrate", short: "Migrates keys in a v2 store to a mvcc store", isHidden: true
  ) { _ throws(Failure) in
    throw Failure(
      .error,
      "migrate is not available in this version: stop the member, run `etcdctl migrate --data-dir DIR` of etcd 3.4 on its "
        + "data directory, then start etcd there")
  }

  static let version: Command = Command(use: "version", short: "Prints the version of etcdctl") {
    _ throws(Failure) in
    Output.line("etcdctl version: \(etcdVersion)")
    Output.line("API version: \(apiVersion)")
  }

  static let help: Command = Command(
    use: "help [command]", short: "Help about any command",
    long: "Help provides help for any command in the application.\n"
      + "Simply type etcdctl help [path to command] for full details.",
    run: { invocation throws(Failure) in
      let (path, rest) = CommandLineParser.find(invocation.arguments, CommandPath(CommandTable.root))
      if path.parents.isEmpty, !rest.isEmpty {
        let words = rest.map { "`\($0.text)`" }.joined(separator: " ")
        Output.errorLine("Unknown help topic [\(words)]")
      }
      Output.write(Help.page(for: path))
    })
}
