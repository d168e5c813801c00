import Base

/// One command of the v2 mode, and what its help page says.
struct V2Command: Sendable {
  let name: String
  let usage: String
  var arguments = ""
  var description = ""
  var flags: [V2Flag] = []
  var subcommands: [V2Command] = []
  var run: @Sendable (V2Invocation) throws(V2Failure) -> Void = { _ throws(V2Failure) in }

  /// The words with this command's own flags, and their values, brought to the front; what follows `--` stays.
  /// As urfave/cli 1.22: command.go, reorderArgs.
  func reordered(_ words: ArraySlice<Argument>) -> [Argument] {
    var front: [Argument] = []
    var rest: [Argument] = []
    var mayBeValue = false
    for (place, word) in zip(words.indices, words) {
      let text = word.text
      if text == "--" {
        rest += words[place...]
        break
      }
      if mayBeValue, !text.hasPrefix("-") {
        mayBeValue = false
        front.append(word)
      } else if V2Flag.name(in: text).map({ name in V2Flags.known(flags, name) != nil }) == true {
        front.append(word)
        mayBeValue = !text.contains("=")
      } else {
        rest.append(word)
      }
    }
    return front + rest
  }
}

/// A flag of the v2 mode.
struct V2Flag: Sendable {
  enum Kind: Sendable { case bool, text, integer, duration, list }

  /// All its names, the one it is asked by first.
  let names: [String]
  let kind: Kind
  let usage: String
  /// What its value is called in the help.
  var placeholder = "value"
  var standard = ""

  static func bool(_ names: String..., usage: String) -> V2Flag {
    V2Flag(names: names, kind: .bool, usage: usage)
  }
  static func text(_ names: String..., usage: String) -> V2Flag {
    V2Flag(names: names, kind: .text, usage: usage)
  }
  static func integer(_ names: String..., usage: String) -> V2Flag {
    V2Flag(names: names, kind: .integer, usage: usage, standard: "0")
  }

  /// The name that a word names a flag by, without dashes and value; nil where it is none.
  static func name(in word: String) -> String? {
    guard word.hasPrefix("-"), word.count > 1 else { return nil }
    let body = word.drop { $0 == "-" }
    return String(body.prefix { $0 != "=" })
  }
}

/// The values of a command's flags. Read as Go's package flag does.
struct V2Flags {
  private let flags: [V2Flag]
  private var values: [String: [String]] = [:]
  private(set) var isHelp = false

  init(_ flags: [V2Flag]) { self.flags = flags }

  static func known(_ flags: [V2Flag], _ name: String) -> V2Flag? { flags.first { $0.names.contains(name) } }

  /// Takes the flags in front; what is wrong with them, in Go's words.
  mutating func take(_ words: inout ArraySlice<Argument>) -> String? {
    while let word = words.first?.text, word.hasPrefix("-"), word.count > 1 {
      words.removeFirst()
      if word == "--" { return nil }
      let body = word.dropFirst(word.hasPrefix("--") ? 2 : 1)
      guard let first = body.first, first != "-", first != "=" else { return "bad flag syntax: \(word)" }
      let parts = body.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      if let fault = take(parts[0], parts.count > 1 ? parts[1] : nil, &words) { return fault }
    }
    return nil
  }

  private mutating func take(_ name: String, _ given: String?, _ words: inout ArraySlice<Argument>) -> String? {
    guard let flag = Self.known(flags, name) else {
      if name == "help" || name == "h" {
        isHelp = true
        return nil
      }
      return "flag provided but not defined: -\(name)"
    }
    var value = given
    if value == nil { value = flag.kind == .bool ? "true" : words.popFirst()?.text }
    guard let value else { return "flag needs an argument: -\(name)" }
    guard flag.kind.accepts(value) else {
      return flag.kind == .bool
        ? "invalid boolean value \(goQuoted(value)) for -\(name): parse error"
        : "invalid value \(goQuoted(value)) for flag -\(name): \(flag.kind.fault(of: value))"
    }
    if flag.kind == .list {
      values[flag.names[0], default: []].append(value)
    } else {
      values[flag.names[0]] = [value]
    }
    return nil
  }

  func text(_ name: String) -> String { values[name]?.last ?? Self.known(flags, name)?.standard ?? "" }
  func list(_ name: String) -> [String] { values[name] ?? [] }
  func bool(_ name: String) -> Bool { V2Flag.Kind.truth(text(name)) ?? false }
  func integer(_ name: String) -> Int64 { Int64(text(name)) ?? 0 }
  func duration(_ name: String) -> TimeSpan { (try? GoDuration.parse(text(name))) ?? .zero }
}

extension V2Flag.Kind {
  fileprivate func accepts(_ value: String) -> Bool {
    switch self {
    case .bool: Self.truth(value) != nil
    case .text, .list: true
    case .integer: Int64(value) != nil
    case .duration: (try? GoDuration.parse(value)) != nil
    }
  }

  /// What is wrong with a value that is not accepted.
  fileprivate func fault(of value: String) -> String {
    let digits = value.drop { $0 == "-" || $0 == "+" }
    return self == .integer && !digits.isEmpty && digits.allSatisfy(\.isNumber)
      ? "value out of range" : "parse error"
  }

  /// As Go: strconv.ParseBool.
  fileprivate static func truth(_ text: String) -> Bool? {
    switch text {
    case "1", "t", "T", "true", "TRUE", "True": true
    case "0", "f", "F", "false", "FALSE", "False": false
    default: nil
    }
  }
}
