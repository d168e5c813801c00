import Base

/// What `--help`, `--version` and `--check-config` print, made from the table.
enum Help {
  /// Above the flags, and alone below an error.
  static let usage = """
    Usage:

      etcd [flags]
        Start a member.

      etcd discovery-token [--size 3] [--endpoints http://127.0.0.1:2379]
        Make a token by which the members of a new cluster find each other, and print its URL.

      etcd --version
        Print the version.

      etcd -h | --help
        Print this help.

      etcd --config-file
        Path of a file with all settings. Other flags and variables are then ignored.

      etcd --check-config
        Print every setting and where it came from, without starting.

      etcd gateway start | etcd grpc-proxy start
        Forward clients to a cluster, by TCP or by gRPC; flags of their own, see --help behind them.

    """

  /// The first line is what clients parse. As etcd 3.4: etcdmain/config.go; where Go tells of itself, we
  /// tell what comes nearest.
  static let version = """
    etcd Version: \(etcdVersion)
    Git SHA: Not provided (use ./build instead of go build)
    Go Version: none (written in Swift)
    Go OS/Arch: linux/\(architecture)
    etcd-swift Version: \(projectVersion)

    """

  static var architecture: String {
    #if arch(x86_64)
      "amd64"
    #elseif arch(arm64)
      "arm64"
    #else
      "unknown"
    #endif
  }

  /// Every flag with its default and sentence, by group.
  static let flags: String = {
    var out = ""
    for group in Flag.Group.allCases {
      let flags = Flag.all.filter { $0.group == group }
      out += "\n\(group.rawValue):\n"
      if group == .ignored {
        out += flags.map { "  --\($0.name)\n" }.joined()
        continue
      }
      for flag in flags {
        out += "  --\(flag.name) '\(shownDefault(flag))'\n"
        for line in wrapped(flag.help, width: 96) { out += "    \(line)\n" }
        if let note = flag.fateNote { out += "    \(note)\n" }
      }
    }
    return out + "\n"
  }()

  static func shownDefault(_ flag: Flag) -> String { flag.name == "data-dir" ? "${name}.etcd" : flag.standard }

  /// Every setting in the order of the table: `name = value  # origin`.
  static func page(of settings: Settings) -> String {
    var out = ""
    for flag in Flag.all where flag.group != .ignored && flag.name != "version" && flag.name != "check-config" {
      if case .alias = flag.fate { continue }
      if case .oldCA = flag.slot { continue }
      out += "\(flag.name) = \(goQuoted(flag.text(of: settings)))  # \(settings.origin(of: flag.name).text)\n"
    }
    return out
  }

  /// Lines of at most `width` characters, broken at blanks.
  static func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return line.isEmpty ? lines : lines + [line]
  }
}

extension Flag {
  /// What is special about it, for help and sample file.
  var fateNote: String? {
    switch fate {
    case .supported, .ignoredLegacy: nil
    case .alias(let meaning): "Deprecated; use \(meaning)."
    case .meaningless(let reason): "Without effect: \(reason)."
    case .notYet(let reason): "Refused for now: \(reason)."
    }
  }
}
