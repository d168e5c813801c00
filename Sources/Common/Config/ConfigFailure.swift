import Base

/// Why there is nothing to start, and where in the course of a start 3.4 says so.
package enum ConfigFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// While the settings are checked: "error verifying flags, …".
  case verifying(String)
  /// When the member would start: the text alone, at the level that ends the program.
  case fatal(String)
  /// A conflict of flag and variable.
  case conflict(String)
  /// Bare on standard error.
  case bare(String)
  /// A line of Go's own log without a package.
  case unnamed(String)
  /// A text for the second line of `verifying`.
  case unadvertised

  static let advertiseRequired =
    "--advertise-client-urls is required when --listen-client-urls is set explicitly"

  /// The reason alone.
  package var text: String {
    switch self {
    case .verifying(let text), .fatal(let text), .conflict(let text), .bare(let text), .unnamed(let text):
      text
    case .unadvertised: Self.advertiseRequired
    }
  }

  package var description: String { text }

  /// What is printed on standard error. As etcd 3.4: etcdmain/etcd.go, startEtcdOrProxyV2.
  func lines(_ format: LogFormat, at time: WallTime) -> String {
    func line(_ level: LogLevel, _ package: String, _ message: String, _ fields: [LogField] = []) -> String {
      format.line(level, package: package, message: message, fields: fields, at: time)
    }
    let cause = [LogField("error", text)]
    switch (self, format) {
    case (.bare(let text), _): return text + "\n"
    case (.unnamed(let text), _):
      return LogFormat.capnslog.line(.info, package: "", message: text, at: time)
    case (.conflict(let text), _):
      return LogFormat.capnslog.line(.critical, package: "pkg/flags", message: text, at: time)
    case (.verifying, .zap): return line(.warning, "etcdmain", "failed to verify flags", cause)
    case (.unadvertised, .zap):
      return line(.warning, "etcdmain", "failed to verify flags", cause)
        + line(.warning, "etcdmain", "advertise client URLs are not set", cause)
    case (.fatal, .zap):
      return line(.critical, "etcdmain", "failed to start", cause)
    case (.verifying(let text), .capnslog):
      return line(.error, "etcdmain", "error verifying flags, \(text). See 'etcd --help'.")
    case (.unadvertised, .capnslog):
      return line(.error, "etcdmain", "error verifying flags, \(text). See 'etcd --help'.")
        + line(
          .error, "etcdmain",
          "When listening on specific address(es), this etcd process must advertise accessible url(s) to each connected client."
        )
    case (.fatal(let text), .capnslog): return line(.critical, "etcdmain", text)
    }
  }
}
