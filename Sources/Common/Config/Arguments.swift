import Base

/// Flags as Go's `flag` package reads them: `-x v`, `--x v`, `-x=v`; a switch takes its value only behind
/// `=`; the first other word ends the flags. As Go: flag/flag.go, parseOne.
enum Arguments {
  enum Failure: Error {
    /// Printed above the usage; exit code 2.
    case malformed(String)
    /// `--help` or `-h`.
    case help
  }

  /// One flag that was found, with its text.
  struct Setting {
    let flag: Flag
    let text: String
  }

  /// The words behind the flags; settings go to `each` in their order, which may throw `malformed`.
  static func parse(
    _ arguments: [String], each: (Setting) throws(Failure) -> Void
  ) throws(Failure) -> [String] {
    var rest = arguments[...]
    while let word = rest.first {
      guard word.utf8.count >= 2, word.hasPrefix("-") else { break }
      rest.removeFirst()
      if word == "--" { break }
      let body = word.dropFirst(word.hasPrefix("--") ? 2 : 1)
      guard let first = body.first, first != "-", first != "=" else {
        throw .malformed("bad flag syntax: \(word)")
      }
      let parts = body.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard let flag = Flag.named(name) else {
        if name == "help" || name == "h" { throw .help }
        throw .malformed("flag provided but not defined: -\(name)")
      }
      var text = parts.count == 2 ? String(parts[1]) : nil
      if text == nil, flag.isSwitch { text = "true" }
      if text == nil { text = rest.popFirst() }
      guard let text else { throw .malformed("flag needs an argument: -\(name)") }
      try each(Setting(flag: flag, text: text))
    }
    return Array(rest)
  }

  /// The sentence above the usage for a value that does not fit.
  static func badValue(_ setting: Setting, _ failure: ValueFailure) -> Failure {
    if case .flag = setting.flag.slot {
      return .malformed(
        "invalid boolean value \(goQuoted(setting.text)) for -\(setting.flag.name): \(failure.text)")
    }
    return .malformed("invalid value \(goQuoted(setting.text)) for flag -\(setting.flag.name): \(failure.text)")
  }
}
