/// `docs/flags.md`: the table of flags as a page to read, made from the table itself.
enum ReferencePage {
  static let text: String = {
    var out = """
      # Flags

      Made from the table in `Sources/Common/Config`; a test keeps this page equal to it. Each flag has a
      variable, and most have a key in the file that `--config-file` names. What is given twice, as flag and
      as variable, is refused. With a file, flags and variables are ignored, and each is named in a warning.
      `--check-config` shows what everything comes to and where it came from.

      """
    for group in Flag.Group.allCases {
      let flags = Flag.all.filter { $0.group == group }
      out += "\n## \(group.rawValue)\n\n"
      if group == .ignored {
        out += flags.map { "`--\($0.name)`" }.joined(separator: ", ") + "\n"
        continue
      }
      out += "| Flag | Variable | Key in the file | Default | |\n|---|---|---|---|---|\n"
      out += flags.map(row).joined()
    }
    return out + GatewaySettings.command.page + GRPCProxySettings.command.page
  }()

  private static func row(_ flag: Flag) -> String {
    let key =
      switch flag.file {
      case .none: "–"
      case .top, .proxy: "`\(flag.name)`"
      case .client(let inner): "`client-transport-security.\(inner)`"
      case .peer(let inner): "`peer-transport-security.\(inner)`"
      }
    let standard = Help.shownDefault(flag)
    let remark = flag.fateNote.map { " \($0)" } ?? ""
    return
      "| `--\(flag.name)` | `\(flag.variable)` | \(key) | \(standard.isEmpty ? "" : "`\(standard)`") | \(flag.help)\(remark) |\n"
  }
}
