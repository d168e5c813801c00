/// A command with its flags and subcommands. Help, completion and the finding of commands all come from here.
struct Command: Sendable {
  /// As in `USAGE`; its first word is the name.
  let use: String
  let short: String
  var long = ""
  /// Names it also answers to.
  var aliases: [String] = []
  var flags: [Flag] = []
  /// Flags of its subcommands, too.
  var persistentFlags: [Flag] = []
  var commands: [Command] = []
  /// Left out of help: it only says that it is not there.
  var isHidden = false
  /// The original has no such command: a shortened name that means one of the original's goes on meaning it.
  var isOurs = false
  /// Nil for a command that only groups others.
  var run: (@Sendable (Invocation) throws(Failure) -> Void)?

  var name: String { String(use.prefix { $0 != " " }) }

  /// The subcommand a word means: its name, or the only name that begins so.
  func child(_ word: String) -> Command? {
    if let exact = commands.first(where: { $0.name == word || $0.aliases.contains(word) }) { return exact }
    let matches = commands.filter { !$0.isHidden && $0.name.hasPrefix(word) }
    let originals = matches.filter { !$0.isOurs }
    if originals.count == 1 { return originals[0] }
    return matches.count == 1 ? matches[0] : nil
  }

  /// What may have been meant by a word that names nothing. As cobra: SuggestionsFor.
  func suggestions(for word: String) -> [String] {
    commands.filter { command in
      !command.isHidden
        && (editDistance(word.lowercased(), command.name.lowercased()) <= 2
          || command.name.lowercased().hasPrefix(word.lowercased()))
    }.map(\.name)
  }
}

/// A command with the way that led to it.
struct CommandPath: Sendable {
  /// From the root on; never empty.
  private(set) var commands: [Command]

  init(_ root: Command) { commands = [root] }

  var command: Command { commands[commands.count - 1] }
  var parents: ArraySlice<Command> { commands.dropLast() }
  /// `etcdctl endpoint status`.
  var name: String { commands.map(\.name).joined(separator: " ") }
  var localFlags: [Flag] {
    command.flags + command.persistentFlags + [.bool("help", "help for \(command.name)", shorthand: "h")]
  }
  var inheritedFlags: [Flag] { parents.flatMap(\.persistentFlags) }
  var allFlags: [Flag] { localFlags + inheritedFlags }

  func appending(_ child: Command) -> CommandPath {
    var longer = self
    longer.commands.append(child)
    return longer
  }
}

/// Letters to change, add or take away until one word is the other.
func editDistance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a), Array(b))
  var row = Array(0...b.count)
  for i in 0..<a.count {
    var diagonal = row[0]
    row[0] = i + 1
    for j in 0..<b.count {
      let change = diagonal + (a[i] == b[j] ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(change, row[j] + 1, diagonal + 1)
    }
  }
  return row[b.count]
}
