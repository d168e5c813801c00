import Base

/// The explained sample file, made from the table: what `configs/etcd.conf.yml` holds.
enum SampleFile {
  /// Every key with its sentence; each stands at its default, those that are refused for now as comments.
  static let text: String = {
    var out = """
      # All settings of a member, each at its default.
      #
      #   etcd --config-file etcd.conf.yml                  starts with them
      #   etcd --config-file etcd.conf.yml --check-config   shows what they come to
      #
      # With a file, flags and ETCD_ variables are ignored. Times are nanoseconds where the flag takes a
      # duration, and milliseconds or seconds where the sentence says so. Leave out what you do not need.

      """
    for group in Flag.Group.allCases where group != .ignored && group != .front && group != .security {
      out += section(group, Flag.all.filter { $0.group == group && isOfTheFile($0.file) }, indent: "")
    }
    out += section(.security, Flag.all.filter { $0.group == .security && isOfTheFile($0.file) }, indent: "")
    out += transport("client") { if case .client = $0 { true } else { false } }
    out += transport("peer") { if case .peer = $0 { true } else { false } }
    return out
  }()

  private static func isOfTheFile(_ key: Flag.FileKey) -> Bool { key == .top || key == .proxy }

  private static func section(_ group: Flag.Group, _ flags: [Flag], indent: String) -> String {
    flags.isEmpty ? "" : "\n# ---- \(group.rawValue) ----\n" + flags.map { entry($0, indent: indent) }.joined()
  }

  private static func transport(_ side: String, _ belongs: (Flag.FileKey) -> Bool) -> String {
    let flags = Flag.all.filter { belongs($0.file) }
    let head = side == "client" ? "TLS toward clients." : "TLS between members."
    return "\n# \(head)\n\(side)-transport-security:\n" + flags.map { entry($0, indent: "  ") }.joined()
  }

  private static func entry(_ flag: Flag, indent: String) -> String {
    var out = "\n"
    for line in Help.wrapped(flag.help, width: 96 - indent.count) { out += "\(indent)# \(line)\n" }
    if let note = flag.fateNote { out += "\(indent)# \(note)\n" }
    let isOld = if case .alias = flag.fate { true } else { flag.group == .old }
    let value = value(flag)
    return out + "\(indent)\(isOld ? "#" : "")\(key(flag)):\(value.isEmpty ? "" : " " + value)\n"
  }

  private static func key(_ flag: Flag) -> String {
    switch flag.file {
    case .client(let inner), .peer(let inner): inner
    case .top, .proxy, .none: flag.name
    }
  }

  /// The default as the file writes it; an empty text stands as nothing, which leaves the default.
  private static func value(_ flag: Flag) -> String {
    switch flag.goType {
    case "string": flag.standard.isEmpty ? "" : "'\(flag.standard)'"
    case "[]string": flag.standard.isEmpty ? "[]" : "[\(flag.standard)]"
    case "time.Duration": duration(flag.standard)
    default: flag.standard
    }
  }

  private static func duration(_ text: String) -> String {
    do { return String(try GoDuration.parse(text).nanoseconds) } catch {
      broken("default \(text): \(error.text)")
    }
  }
}
