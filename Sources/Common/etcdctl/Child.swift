import Base
import Event
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

  /// Runs a command without input while the loop goes on; nil for a good end, else why not, in Go's words. Variables that this
  /// process has already stay as they are.
  static func run(
    _ command: [Argument], on loop: EventLoop, environment: [(name: String, value: Bytes)]
  ) -> String? {
    // Before the start, so that no end is missed.
    let watch = SignalWatch(loop, SIGCHLD) {}
    defer { withExtendedLifetime(watch) {} }
    Output.flush()
    var id: pid_t = 0
    if let fault = spawn(&id, command, environment) { return fault }
    var status: Int32 = 0
    while true {
      let found = waitpid(id, &status, WNOHANG)
      if found == id { return end(status) }
      if found < 0, errno != EINTR { return "wait: \(errno)" }
      loop.turn(waits: true)
    }
  }

  private static func spawn(
    _ id: inout pid_t, _ command: [Argument], _ more: [(name: String, value: Bytes)]
  ) -> String? {
    let own = Environment.ofThisProcess()
    let missing = more.filter { extra in !own.contains { $0.name == extra.name } }
    let variables =
      missing.map { $0.name.bytes + [0x3D] + $0.value } + own.map { "\($0.name)=\($0.value)".bytes }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    let code = withCStrings(command.map(\.bytes)) { arguments in
      withCStrings(variables) { environment in
        posix_spawnp(&id, command[0].text, &actions, nil, arguments, environment)
      }
    }
    return code == 0 ? nil : failure(command[0].text, code)
  }

  private static func failure(_ program: String, _ code: Int32) -> String {
    if code == ENOENT, !program.contains("/") {
      return "exec: \(goQuoted(program)): executable file not found in $PATH"
    }
    return "fork/exec \(program): \(String(cString: strerror(code)).lowercased())"
  }

  /// Starts a command with this process's streams and `environment` on top of its variables, and does not wait for it;
  /// nil where it runs, else why not.
  static func launch(_ command: [Argument], environment: [String]) -> String? {
    Output.flush()
    let words = command.map(\.text)
    return withCStrings(words) { arguments in
      withCStrings(variables(environment)) { environment in
        var id: pid_t = 0
        let code = posix_spawnp(&id, words[0], nil, nil, arguments, environment)
        return code == 0 ? nil : failure(words[0], code)
      }
    }
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
        return code == 0 ? wait(id) : failure(words[0], code)
      }
    }
  }

  private static func wait(_ id: pid_t) -> String? {
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0 {
      if errno != EINTR { return "wait: \(errno)" }
    }
    return end(status)
  }

  /// Nil for a good end.
  private static func end(_ status: Int32) -> String? {
    let signal = status & 0x7F
    if signal != 0 { return "signal: \(String(cString: strsignal(signal)).lowercased())" }
    let code = status >> 8 & 0xFF
    return code == 0 ? nil : "exit status \(code)"
  }

  private static func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result { withCStrings(texts.map(\.bytes), body) }

  private static func withCStrings<Result>(
    _ texts: [Bytes], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers = texts.map { copy($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { broken("a list of texts without memory") }
      return body(base)
    }
  }

  private static func copy(_ text: Bytes) -> UnsafeMutablePointer<CChar>? {
    guard let memory = malloc(text.count + 1) else { broken("no memory for a word of \(text.count) bytes") }
    text.withUnsafeBytes { if let bytes = $0.baseAddress { memcpy(memory, bytes, text.count) } }
    let word = memory.assumingMemoryBound(to: CChar.self)
    word[text.count] = 0
    return word
  }
}
