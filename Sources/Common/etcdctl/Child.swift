import Base
import Glibc

/// Runs other programs.
enum Child {
  /// Runs a command with this process's streams and `environment` on top of its variables; throws where it cannot be
  /// started or does not end well.
  static func run(_ command: [Argument], environment: [String]) throws(Failure) {
    let words = command.map(\.text)
    guard let reason = start(words, variables(environment)) else { return }
    Output.errorLine("command \(goQuoted(words)) error (\(reason))")
    throw .reported
  }

  private static func variables(_ more: [String]) -> [String] {
    let names = more.map { $0.prefix { $0 != "=" } }
    let own = Environment.ofThisProcess().filter { !names.contains(Substring($0.name)) }
    return own.map { "\($0.name)=\($0.value)" } + more
  }

  /// Nil for a good end, else why not.
  private static func start(_ words: [String], _ variables: [String]) -> String? {
    withCStrings(words) { arguments in
      withCStrings(variables) { environment in
        var id: pid_t = 0
        let code = posix_spawnp(&id, words[0], nil, nil, arguments, environment)
        guard code == 0 else {
          if code == ENOENT, !words[0].contains("/") {
            return "exec: \(goQuoted(words[0])): executable file not found in $PATH"
          }
          return "fork/exec \(words[0]): \(String(cString: strerror(code)).lowercased())"
        }
        return wait(id)
      }
    }
  }

  private static func wait(_ id: pid_t) -> String? {
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0 {
      if errno != EINTR { return "wait: \(errno)" }
    }
    let signal = status & 0x7F
    if signal != 0 { return "signal: \(String(cString: strsignal(signal)).lowercased())" }
    let code = status >> 8 & 0xFF
    return code == 0 ? nil : "exit status \(code)"
  }

  private static func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers = texts.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { broken("a list of texts without memory") }
      return body(base)
    }
  }
}
