import Base

@testable import Config

/// 2026-11-23 09:25:40.117796 UTC, the time that stands in etcd's own example.
let exampleTime = WallTime(nanoseconds: 1_795_425_940_117_796_000)

struct Started: Error {}
struct Ended: Error {
  let code: Int32
  let output: String
  let errors: String
}

func outcome(
  _ arguments: [String], environment: [String] = [], file: String? = nil,
  host: ConfigInput.DefaultHost = .none(reason: "none")
) -> ConfigOutcome {
  configure(
    ConfigInput(
      arguments: arguments, environment: environment, now: exampleTime,
      readFile: { path in
        file.map { .success($0.bytes) } ?? .failure(.init("open \(path): no such file or directory"))
      },
      defaultHost: { host }))
}

/// Settings of a start; throws what was printed instead.
func settings(
  _ arguments: [String], environment: [String] = [], file: String? = nil,
  host: ConfigInput.DefaultHost = .none(reason: "none")
) throws -> Settings {
  switch outcome(arguments, environment: environment, file: file, host: host) {
  case .run(let settings, _): return settings
  case .gateway, .grpcProxy, .token: throw Started()
  case .exit(let code, let output, let errors): throw Ended(code: code, output: output, errors: errors)
  }
}

func notes(_ arguments: [String], environment: [String] = [], file: String? = nil) throws -> [String] {
  switch outcome(arguments, environment: environment, file: file) {
  case .run(_, let notes): return notes.map(\.message)
  case .gateway, .grpcProxy, .token: throw Started()
  case .exit(let code, let output, let errors): throw Ended(code: code, output: output, errors: errors)
  }
}

/// What is printed instead of a start; throws when there is a start.
func ending(
  _ arguments: [String], environment: [String] = [], file: String? = nil
) throws -> Ended {
  switch outcome(arguments, environment: environment, file: file) {
  case .run, .gateway, .grpcProxy, .token: throw Started()
  case .exit(let code, let output, let errors): return Ended(code: code, output: output, errors: errors)
  }
}

extension Ended {
  /// The lines on standard error without time stamps and without the standing warning of the old logger.
  var lines: [String] {
    errors.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("[WARNING] Deprecated '--logger") }
      .map { $0.hasPrefix("2026-") ? String($0.dropFirst(27)) : $0 }
  }
}
