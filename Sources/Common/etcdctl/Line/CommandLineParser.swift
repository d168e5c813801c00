import Base

/// Finds the command that a line means and reads its flags. As spf13/cobra and spf13/pflag: flags may stand anywhere,
/// `--` ends them.
enum CommandLineParser {
  enum Outcome {
    case run(CommandPath, FlagValues, [Argument])
    case help(CommandPath)
    /// No such command: cobra's text.
    case unknown(String)
    /// A flag was wrong: cobra's text, and whose usage to show.
    case misused(CommandPath, String)
  }

  static func parse(_ words: [Argument], root: Command) -> Outcome {
    let (path, rest) = find(words, CommandPath(root))
    let plain = withoutFlags(rest, path)
    if path.parents.isEmpty, let word = plain.first { return .unknown(unknown(word.text, root)) }
    var values = FlagValues(path.allFlags)
    // A command that is not there knows none of its flags; it has one answer to all.
    if path.command.isHidden { return .run(path, values, rest) }
    let arguments: [Argument]
    do throws(Failure) { arguments = try readFlags(rest, &values) } catch {
      return .misused(path, error.text)
    }
    if values.bool("help") || path.command.run == nil { return .help(path) }
    return .run(path, values, arguments)
  }

  private static func unknown(_ word: String, _ root: Command) -> String {
    let text = "unknown command \(goQuoted(word)) for \(goQuoted(root.name))"
    let suggestions = root.suggestions(for: word)
    if suggestions.isEmpty { return text }
    return text + "\n\nDid you mean this?\n" + suggestions.map { "\t\($0)\n" }.joined()
  }

  // MARK: Finding

  /// Goes down as far as words name commands; answers the words without those names.
  static func find(_ words: [Argument], _ path: CommandPath) -> (CommandPath, [Argument]) {
    guard let word = withoutFlags(words, path).first, let child = path.command.child(word.text) else {
      return (path, words)
    }
    return find(removing(word, from: words, path), path.appending(child))
  }

  /// How many words a flag takes, itself included; 0 for a word that is no flag. Flags of commands further down are
  /// not known yet: they are taken to have a value.
  private static func width(_ word: String, _ flags: [Flag]) -> Int {
    guard word.hasPrefix("-"), word.count > 1 else { return 0 }
    if word.contains("=") { return 1 }
    if word.hasPrefix("--") {
      return flags.first { $0.name == word.dropFirst(2) }?.isSwitch == true ? 1 : 2
    }
    guard word.count == 2 else { return 1 }
    return flags.first { $0.shorthand == String(word.dropFirst()) }?.isSwitch == true ? 1 : 2
  }

  private static func withoutFlags(_ words: [Argument], _ path: CommandPath) -> [Argument] {
    let flags = path.allFlags
    var plain: [Argument] = []
    var index = 0
    while index < words.count {
      let word = words[index].text
      if word == "--" { break }
      let width = width(word, flags)
      if width == 0, !word.isEmpty, word != "-" { plain.append(words[index]) }
      index += max(1, width)
    }
    return plain
  }

  private static func removing(_ word: Argument, from words: [Argument], _ path: CommandPath) -> [Argument] {
    let flags = path.allFlags
    var index = 0
    while index < words.count, words[index].text != "--" {
      let width = width(words[index].text, flags)
      if width == 0, words[index] == word {
        var rest = words
        rest.remove(at: index)
        return rest
      }
      index += max(1, width)
    }
    return words
  }

  // MARK: Flags

  /// Reads flags into `values` and answers the other words. As pflag: FlagSet.parseArgs.
  static func readFlags(_ words: [Argument], _ values: inout FlagValues) throws(Failure) -> [Argument] {
    var plain: [Argument] = []
    var rest = words[...]
    while let argument = rest.popFirst() {
      let word = argument.text
      if word == "--" { return plain + rest }
      if word.hasPrefix("--") {
        try readLong(word, &rest, &values)
      } else if word.hasPrefix("-"), word.count > 1 {
        try readShort(word, &rest, &values)
      } else {
        plain.append(argument)
      }
    }
    return plain
  }

  private static func readLong(
    _ word: String, _ rest: inout ArraySlice<Argument>, _ values: inout FlagValues
  ) throws(Failure) {
    let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard let first = name.first, first != "-" else { throw Failure(.error, "bad flag syntax: \(word)") }
    guard let flag = values.flag(named: name) else { throw Failure(.error, "unknown flag: --\(name)") }
    var value = parts.count == 2 ? String(parts[1]) : nil
    if value == nil { value = flag.isSwitch ? "true" : rest.popFirst()?.text }
    guard let value else { throw Failure(.error, "flag needs an argument: --\(name)") }
    try set(flag, value, &values)
  }

  private static func readShort(
    _ word: String, _ rest: inout ArraySlice<Argument>, _ values: inout FlagValues
  ) throws(Failure) {
    var letters = word.dropFirst()
    while let letter = letters.popFirst() {
      guard let flag = values.flag(shorthand: String(letter)) else {
        throw Failure(.error, "unknown shorthand flag: '\(letter)' in \(word)")
      }
      if letters.first == "=", letters.count > 1 {
        return try set(flag, String(letters.dropFirst()), &values)
      }
      if flag.isSwitch {
        try set(flag, "true", &values)
        continue
      }
      let value = letters.isEmpty ? rest.popFirst()?.text : String(letters)
      guard let value else { throw Failure(.error, "flag needs an argument: '\(letter)' in \(word)") }
      return try set(flag, value, &values)
    }
  }

  private static func set(_ flag: Flag, _ value: String, _ values: inout FlagValues) throws(Failure) {
    guard let objection = values.set(flag, value) else { return }
    throw Failure(.error, "invalid argument \(goQuoted(value)) for \"\(flag.display)\" flag: \(objection)")
  }
}
