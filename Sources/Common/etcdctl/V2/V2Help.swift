import Base

/// Help pages of the v2 mode, laid out as its users know them.
enum V2Help {
  static func program() -> String {
    var page = """
      NAME:
         etcdctl - A simple command line client for etcd.

      USAGE:
         etcdctl [global options] command [command options] [arguments...]

      VERSION:
         \(etcdVersion)

      COMMANDS:

      """
    page += rows(
      V2CommandTable.all.map { ($0.name, $0.usage) } + [
        ("help, h", "Shows a list of commands or help for one command")
      ])
    page += "\nGLOBAL OPTIONS:\n"
    return page + rows((V2CommandTable.globalFlags.dropLast() + [help, version]).map(row))
  }

  /// - Parameter isTopic: asked for as `help NAME`, which passes over what is below a command.
  static func page(of command: V2Command, _ path: [String], isTopic: Bool = false) -> String {
    let words = path.joined(separator: " ")
    var page = "NAME:\n   \(words) - \(command.usage)\n\nUSAGE:\n   \(words)"
    if !command.subcommands.isEmpty, !isTopic {
      page += " command [command options] [arguments...]\n\nCOMMANDS:\n"
      page += rows(command.subcommands.map { ($0.name, $0.usage) })
      return page + "\nOPTIONS:\n" + rows([row(help)]) + "   \n"
    }
    if !command.flags.isEmpty { page += " [command options]" }
    page += " " + (command.arguments.isEmpty ? "[arguments...]" : command.arguments) + "\n"
    if !command.description.isEmpty { page += "\nDESCRIPTION:\n   \(command.description)\n" }
    if !command.flags.isEmpty { page += "\nOPTIONS:\n" + rows(command.flags.map(row)) + "   \n" }
    return page
  }

  private static let help = V2Flag.bool("help", "h", usage: "show help")
  private static let version = V2Flag.bool("version", "v", usage: "print the version")

  private static func row(_ flag: V2Flag) -> (String, String) {
    let value = flag.kind == .bool ? "" : " \(flag.placeholder)"
    let names = flag.names.map { ($0.count == 1 ? "-" : "--") + $0 + value }.joined(separator: ", ")
    guard !flag.standard.isEmpty else { return (names, flag.usage) }
    let standard = flag.kind == .text ? goQuoted(flag.standard) : flag.standard
    return (names, "\(flag.usage) (default: \(standard))")
  }

  private static func rows(_ rows: [(String, String)]) -> String {
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { left, right in
      "   \(left)\(String(repeating: " ", count: width - left.count + 2))\(right)\n"
    }.joined()
  }
}
