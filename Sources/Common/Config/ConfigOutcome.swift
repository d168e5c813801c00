import Base

/// What came of the arguments, the variables and the file.
package enum ConfigOutcome: Sendable {
  /// Start with these settings; the notes go to the log first, in their order.
  case run(Settings, notes: [ConfigNote])
  /// `etcd gateway start`.
  case gateway(GatewaySettings)
  /// `etcd grpc-proxy start`.
  case grpcProxy(GRPCProxySettings)
  /// `etcd discovery-token`.
  case token(TokenWish)
  /// Print and end. Exit codes as etcd 3.4: 0 done, 1 refused, 2 no such flag or value.
  case exit(code: Int32, standardOutput: String, standardError: String)
}

/// Something worth saying before there is a log.
package struct ConfigNote: Sendable {
  /// Nil for a bare line on standard error, which is how 3.4 warns of old flags.
  package let level: LogLevel?
  /// The package that a log line names.
  package let package: String
  package let message: String
  /// What zap prints behind the message.
  package let fields: [LogField]

  init(_ level: LogLevel, _ package: String, _ message: String, _ fields: LogField...) {
    self.level = level
    self.package = package
    self.message = message
    self.fields = fields
  }
  /// A bare line.
  init(bare message: String) {
    level = nil
    package = ""
    fields = []
    self.message = message
  }

  /// The line as it is printed, newline included.
  package func line(_ format: LogFormat, at time: WallTime) -> String {
    guard let level else { return message + "\n" }
    return format.line(level, package: package, message: message, fields: fields, at: time)
  }
}

/// Everything that `configure` looks at.
package struct ConfigInput: Sendable {
  /// Why a file could not be read, as Go says it: "open f.yml: no such file or directory".
  package struct FileFailure: Error, Sendable {
    package let text: String
    package init(_ text: String) { self.text = text }
  }
  /// The address that the machine's default route leaves by, or why there is none.
  package enum DefaultHost: Sendable {
    case address(String)
    case none(reason: String)
  }

  /// Without the program's name.
  package var arguments: [String]
  /// `NAME=value`, in the system's order.
  package var environment: [String]
  package var now: WallTime
  package var readFile: @Sendable (String) -> Result<Bytes, FileFailure>
  /// Asked only where a listener is bound to every address and nothing was advertised.
  package var defaultHost: @Sendable () -> DefaultHost

  package init(
    arguments: [String], environment: [String] = [], now: WallTime = WallTime(nanoseconds: 0),
    readFile: @escaping @Sendable (String) -> Result<Bytes, FileFailure> = {
      .failure(FileFailure("open \($0): no such file or directory"))
    },
    defaultHost: @escaping @Sendable () -> DefaultHost = { .none(reason: "no default route") }
  ) {
    self.arguments = arguments
    self.environment = environment
    self.now = now
    self.readFile = readFile
    self.defaultHost = defaultHost
  }

  func variable(_ name: String) -> String? {
    for entry in environment {
      let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2, parts[0] == name { return String(parts[1]) }
    }
    return nil
  }
}
