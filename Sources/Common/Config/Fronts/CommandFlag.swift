import Base

/// One flag of a sub-command, of `etcd gateway start` say: what its value looks like and where it goes.
///
/// Sub-commands read neither variables nor files, as in etcd 3.4.
struct CommandFlag<Target: Sendable>: Sendable {
  typealias Path<Value> = WritableKeyPath<Target, Value> & Sendable

  enum Slot: Sendable {
    case text(any Path<String>)
    case flag(any Path<Bool>)
    /// Words with commas between; the flag may come several times, and then adds to what it said before.
    case words(any Path<[String]>)
    case duration(any Path<TimeSpan>)
    case integer(any Path<Int>)
    case count32(any Path<UInt32>)
  }

  let name: String
  let slot: Slot
  /// As text, in the form of the command line.
  let standard: String
  let help: String

  init(_ name: String, _ slot: Slot, _ standard: String, _ help: String) {
    self.name = name
    self.slot = slot
    self.standard = standard
    self.help = help
  }

  var isSwitch: Bool {
    if case .flag = slot { return true }
    return false
  }

  /// Reads a value; `isFirst` when the command line has not named this flag before.
  func set(_ text: String, on target: inout Target, isFirst: Bool = true) throws(ValueFailure) {
    switch slot {
    case .text(let path): target[keyPath: path] = text
    case .flag(let path):
      guard let value = GoNumber.bool(text) else { throw Self.failure("ParseBool", text, "invalid syntax") }
      target[keyPath: path] = value
    case .words(let path):
      let words =
        text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      if isFirst { target[keyPath: path] = words } else { target[keyPath: path] += words }
    case .duration(let path):
      do { target[keyPath: path] = try GoDuration.parse(text) } catch { throw ValueFailure(text: error.text) }
    case .integer(let path):
      switch GoNumber.signed(text) {
      case .value(let value): target[keyPath: path] = Int(value)
      case .syntax: throw Self.failure("ParseInt", text, "invalid syntax")
      case .range: throw Self.failure("ParseInt", text, "value out of range")
      }
    case .count32(let path):
      switch GoNumber.unsigned(text) {
      case .value(let value):
        guard let fitting = UInt32(exactly: value) else { fallthrough }
        target[keyPath: path] = fitting
      case .range: throw Self.failure("ParseUint", text, "value out of range")
      case .syntax: throw Self.failure("ParseUint", text, "invalid syntax")
      }
    }
  }

  private static func failure(_ function: String, _ text: String, _ reason: String) -> ValueFailure {
    ValueFailure(text: "strconv.\(function): parsing \(goQuoted(text)): \(reason)")
  }
}

/// A sub-command with one verb, `start`, and its flags. As etcd 3.4: etcdmain/gateway.go, etcdmain/grpc_proxy.go.
struct FrontCommand<Target: Sendable>: Sendable {
  /// `gateway`.
  let name: String
  /// What it does, in a sentence.
  let purpose: String
  let flags: [CommandFlag<Target>]
  /// No values at all; the flags' defaults are put on top.
  let blank: Target
  /// What is wrong with the values together; nil for nothing. Printed as it is, exit code 1.
  let verify: @Sendable (Target) -> String?

  init(
    _ name: String, _ purpose: String, _ blank: Target, _ flags: [CommandFlag<Target>],
    verify: @escaping @Sendable (Target) -> String?
  ) {
    self.name = name
    self.purpose = purpose
    self.blank = blank
    self.flags = flags
    self.verify = verify
  }

  /// What a start without flags is told.
  var defaults: Target {
    var target = blank
    for flag in flags {
      do throws(ValueFailure) { try flag.set(flag.standard, on: &target) } catch {
        broken("default \(flag.standard) of --\(flag.name): \(error.text)")
      }
    }
    return target
  }

  /// Reads what stands behind the command's name. As etcd 3.4, whose parser is pflag: flags and words may be mixed, words
  /// behind `start` are not looked at.
  func outcome(_ arguments: [String], start: (Target) -> ConfigOutcome) -> ConfigOutcome {
    guard arguments.first == "start" else {
      return .exit(code: 0, standardOutput: overview, standardError: "")
    }
    var target = defaults
    var seen: Set<String> = []
    var rest = arguments.dropFirst()
    while let word = rest.popFirst() {
      if word == "--" { break }
      guard word.hasPrefix("-"), word.utf8.count > 1 else { continue }
      if word == "-h" || word == "--help" { return .exit(code: 0, standardOutput: help, standardError: "") }
      guard word.hasPrefix("--") else {
        return malformed("unknown shorthand flag: '\(word.dropFirst().prefix(1))' in \(word)")
      }
      let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = parts.first.map(String.init), !name.isEmpty else {
        return malformed("bad flag syntax: \(word)")
      }
      guard let flag = flags.first(where: { $0.name == name }) else {
        return malformed("unknown flag: --\(name)")
      }
      var text = parts.count == 2 ? String(parts[1]) : nil
      if text == nil { text = flag.isSwitch ? "true" : rest.popFirst() }
      guard let text else { return malformed("flag needs an argument: --\(name)") }
      do throws(ValueFailure) {
        try flag.set(text, on: &target, isFirst: seen.insert(name).inserted)
      } catch { return malformed("invalid argument \(goQuoted(text)) for \"--\(name)\" flag: \(error.text)") }
    }
    if let problem = verify(target) {
      return .exit(code: 1, standardOutput: "", standardError: problem + "\n")
    }
    return start(target)
  }

  private func malformed(_ text: String) -> ConfigOutcome {
    .exit(code: 1, standardOutput: "", standardError: "Error: \(text)\n\(usage)")
  }

  private var usage: String {
    """
    Usage:

      etcd \(name) start [flags]
        \(purpose)

      etcd \(name) start -h | --help
        Print every flag with its default.

    """
  }

  private var overview: String { "\(name) related command\n\n\(usage)" }

  var help: String {
    var out = usage + "\nFlags:\n"
    for flag in flags {
      out += "  --\(flag.name) '\(flag.standard)'\n"
      for line in Help.wrapped(flag.help, width: 96) { out += "    \(line)\n" }
    }
    return out
  }

  /// Its part of `docs/flags.md`.
  var page: String {
    var out = "\n## `etcd \(name) start`\n\n\(purpose) Reads no variables and no file.\n\n"
    out += "| Flag | Default | |\n|---|---|---|\n"
    for flag in flags {
      out += "| `--\(flag.name)` | \(flag.standard.isEmpty ? "" : "`\(flag.standard)`") | \(flag.help) |\n"
    }
    return out
  }
}
