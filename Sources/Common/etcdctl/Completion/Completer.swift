/// What may stand at the end of a line that is being typed.
struct Completer {
  struct Candidate: Equatable {
    var text: String
    var about = ""
  }
  struct Answer: Equatable {
    var candidates: [Candidate] = []
    var wantsFiles = false
  }

  private let root: Command

  init(_ root: Command) { self.root = root }

  /// `words` follow the program's name; the last one is being typed and may be empty.
  func complete(_ words: [String]) -> Answer {
    guard let typed = words.last else { return Answer() }
    let (path, awaited, hasPlainWords, isLiteral) = place(words.dropLast())
    if isLiteral { return Answer() }
    if let awaited { return values(of: awaited, typed, before: "") }
    if typed.hasPrefix("-") { return flag(typed, path) }
    return command(typed, path, hasPlainWords)
  }

  /// Follows the words that are there: the command they lead to, a flag that waits for its value, whether the command
  /// has words of its own, and whether `--` has ended the flags.
  private func place(
    _ words: ArraySlice<String>
  ) -> (path: CommandPath, awaited: Flag?, hasPlainWords: Bool, isLiteral: Bool) {
    var path = CommandPath(root)
    var awaited: Flag?
    var hasPlainWords = false
    for word in words {
      if awaited != nil {
        awaited = nil
      } else if word == "--" {
        return (path, nil, hasPlainWords, true)
      } else if word.hasPrefix("-") {
        awaited = waiting(word, path)
      } else if !hasPlainWords, path.command.name == "help", path.commands.count == 2 {
        path = CommandPath(root)
        if let child = root.child(word) { path = path.appending(child) }
      } else if !hasPlainWords, let child = path.command.child(word) {
        path = path.appending(child)
      } else {
        hasPlainWords = true
      }
    }
    return (path, awaited, hasPlainWords, false)
  }

  private func waiting(_ word: String, _ path: CommandPath) -> Flag? {
    if word.contains("=") { return nil }
    let flag = path.allFlags.first { "--\($0.name)" == word || $0.shorthand.map { "-\($0)" } == word }
    return flag?.isSwitch == true ? nil : flag
  }

  // MARK: Flags

  private func flag(_ typed: String, _ path: CommandPath) -> Answer {
    if let mark = typed.firstIndex(of: "=") {
      let name = typed[..<mark]
      guard let flag = path.allFlags.first(where: { "--\($0.name)" == name }) else { return Answer() }
      return values(of: flag, String(typed[typed.index(after: mark)...]), before: "\(name)=")
    }
    let found = path.allFlags.filter { "--\($0.name)".hasPrefix(typed) }.sorted { $0.name < $1.name }
    return Answer(candidates: found.map { Candidate(text: "--\($0.name)", about: $0.usage) })
  }

  private static let values = [
    "write-out": ["fields", "json", "protobuf", "simple", "table"], "order": ["ASCEND", "DESCEND"],
    "sort-by": ["CREATE", "KEY", "MODIFY", "VALUE", "VERSION"], "consistency": ["l", "s"],
  ]
  private static let files: Set<String> = [
    "cert", "key", "cacert", "data-dir", "wal-dir", "dest-cert", "dest-key", "dest-cacert",
  ]

  private func values(of flag: Flag, _ typed: String, before: String) -> Answer {
    if Self.files.contains(flag.name) { return Answer(wantsFiles: true) }
    let known = flag.isSwitch ? ["false", "true"] : Self.values[flag.name] ?? []
    return Answer(
      candidates: known.filter { $0.hasPrefix(typed) }.map { Candidate(text: before + $0) })
  }

  // MARK: Commands

  private func command(_ typed: String, _ path: CommandPath, _ hasPlainWords: Bool) -> Answer {
    let isHelp = path.commands.count == 2 && path.command.name == "help"
    let children = (isHelp ? root : path.command).commands
    if children.isEmpty { return Answer(wantsFiles: path.parents.last?.name == "snapshot") }
    if hasPlainWords { return Answer() }
    let found = children.filter { !$0.isHidden && $0.name.hasPrefix(typed) }.sorted { $0.name < $1.name }
    return Answer(candidates: found.map { Candidate(text: $0.name, about: $0.short) })
  }
}
