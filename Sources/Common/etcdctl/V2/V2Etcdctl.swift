import Base

/// `etcdctl` in v2 mode (`ETCDCTL_API=2`): the tool of etcd's first clients, over HTTP and JSON.
///
/// Commands, flags, output and exit codes are those of etcd 3.4: etcdctl/ctlv2; help pages are its parser's
/// (urfave/cli), which many scripts never see and people do.
enum V2Etcdctl {
  static func run(_ words: [Argument]) -> Int32 {
    let code = execute(words)
    Output.flush()
    return code
  }

  private static func execute(_ words: [Argument]) -> Int32 {
    var global = V2Flags(V2CommandTable.globalFlags)
    var rest = words[...]
    if let fault = global.take(&rest) {
      Output.line("Incorrect Usage. \(fault)\n")
      Output.write(V2Help.program())
      return said(fault)
    }
    if global.isHelp { return show(V2Help.program()) }
    if global.bool("version") { return show("etcdctl version: \(etcdVersion)\nAPI version: 2\n") }
    guard let name = rest.popFirst() else { return show(V2Help.program()) }
    return execute(name, rest, in: V2CommandTable.all, path: ["etcdctl"], global, V2Help.program)
  }

  private static func execute(
    _ name: Argument, _ words: ArraySlice<Argument>, in commands: [V2Command], path: [String],
    _ global: V2Flags,
    _ page: () -> String
  ) -> Int32 {
    if name.text == "help" || name.text == "h" { return help(words.first, in: commands, path, page) }
    guard let command = commands.first(where: { $0.name == name.text }) else { return unknown(name.text) }
    let path = path + [command.name]
    var flags = V2Flags(command.flags)
    var rest = command.subcommands.isEmpty ? command.reordered(words)[...] : words
    if let fault = flags.take(&rest) {
      Output.line("Incorrect Usage: \(fault)\n")
      Output.write(V2Help.page(of: command, path))
      return said(fault)
    }
    if flags.isHelp { return show(V2Help.page(of: command, path)) }
    if !command.subcommands.isEmpty {
      guard let next = rest.popFirst() else { return show(V2Help.page(of: command, path)) }
      return execute(next, rest, in: command.subcommands, path: path, global) { V2Help.page(of: command, path) }
    }
    do throws(V2Failure) {
      try command.run(V2Invocation(global: global, flags: flags, arguments: Array(rest)))
      return 0
    } catch {
      Output.error(error.text)
      return error.code.rawValue
    }
  }

  private static func help(
    _ topic: Argument?, in commands: [V2Command], _ path: [String], _ page: () -> String
  ) -> Int32 {
    guard let topic else { return show(page()) }
    guard let command = commands.first(where: { $0.name == topic.text }) else { return unknown(topic.text) }
    return show(V2Help.page(of: command, path + [command.name], isTopic: true))
  }

  private static func show(_ page: String) -> Int32 {
    Output.write(page)
    return 0
  }

  private static func unknown(_ topic: String) -> Int32 {
    Output.errorLine("No help topic for '\(topic)'")
    return 3
  }

  private static func said(_ fault: String) -> Int32 {
    Output.errorLine(fault)
    return 1
  }
}
