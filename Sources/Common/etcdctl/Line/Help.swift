import Base

/// The page that help shows for a command. As etcd 3.4: etcdctl/ctlv3/help.go.
enum Help {
  static func page(for path: CommandPath) -> String {
    TabWriter.format(plain(path))
  }

  private static func plain(_ path: CommandPath) -> String {
    let command = path.command
    let isRoot = path.parents.isEmpty
    let name = isRoot ? command.name : path.commands.dropFirst().map(\.name).joined(separator: " ")
    var text = "NAME:\n\t\(name) - \(command.short)\n\nUSAGE:\n\t\(useLine(path))\n"
    if isRoot { text += "\nVERSION:\n\t\(etcdVersion)\n" }
    if !command.commands.isEmpty {
      text += "\nAPI VERSION:\n\t\(apiVersion)\n\n\nCOMMANDS:\n"
      for (name, short) in runnable(below: command, "") { text += "\t\(name)\t\(short)\n" }
    }
    if !command.long.isEmpty {
      text += "\nDESCRIPTION:\n"
      for line in command.long.split(separator: "\n", omittingEmptySubsequences: false) {
        text += "\t\(line)\n"
      }
    }
    text += "\nOPTIONS:\n" + lines(path.localFlags)
    if !isRoot { text += "\nGLOBAL OPTIONS:\n" + lines(path.inheritedFlags) }
    return text + "\n"
  }

  private static func useLine(_ path: CommandPath) -> String {
    let parents = path.parents.map(\.name)
    let line = (parents + [path.command.use]).joined(separator: " ")
    return line.contains("[flags]") ? line : line + " [flags]"
  }

  private static func runnable(below command: Command, _ prefix: String) -> [(String, String)] {
    command.commands.filter { !$0.isHidden }.sorted { $0.name < $1.name }.flatMap { child in
      (child.run == nil ? [] : [(prefix + child.name, child.short)])
        + runnable(below: child, prefix + child.name + " ")
    }
  }

  private static func lines(_ flags: [Flag]) -> String {
    flags.sorted { $0.name < $1.name }.map { flag in
      let front = flag.shorthand.map { "  -\($0), --" } ?? "      --"
      return "\(front)\(flag.name)\(value(flag))\t\(flag.usage)\n"
    }.joined()
  }

  private static func value(_ flag: Flag) -> String {
    switch flag.kind {
    case .text: "=" + goQuoted(flag.standard)
    case .bool: "[=\(flag.standard)]"
    case .list: "=[\(flag.standard)]"
    case .integer, .duration: "=\(flag.standard)"
    }
  }
}

/// Of the RPCs this tool speaks.
let apiVersion = "3.4"
