import Base
import Glibc

/// Asks at the terminal.
enum Terminal {
  /// A password, not shown while it is typed. Needs a terminal.
  static func password(
    _ prompt: String, _ code: ExitCode, _ wording: (String) -> String
  ) throws(Failure) -> String {
    var old = termios()
    guard tcgetattr(0, &old) == 0 else {
      let reason = strerror(errno).map { String(cString: $0).lowercased() } ?? "no terminal"
      throw Failure(code, wording(reason))
    }
    Output.write(prompt)
    Output.flush()
    var silent = old
    silent.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(0, TCSAFLUSH, &silent)
    defer {
      tcsetattr(0, TCSAFLUSH, &old)
      Output.line("")
    }
    return readLine() ?? ""
  }

  /// Everything from standard input.
  static func readAll() -> Bytes {
    var content = Bytes()
    var chunk = Bytes(repeating: 0, count: 64 * 1024)
    while true {
      let count = read(0, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return content }
      content += chunk[..<count]
    }
  }

  /// A line of standard input with its end taken off; nil when the input ends before the line does.
  static func line() -> String? {
    guard let line = readLine(strippingNewline: false), line.hasSuffix("\n") else { return nil }
    return String(line.dropLast())
  }
}
