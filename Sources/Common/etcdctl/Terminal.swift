import Base
import Glibc

/// Asks at the terminal.
enum Terminal {
  /// A password, not shown while it is typed. Scripts may give it as a line of standard input.
  static func password(_ prompt: String) -> String {
    Output.write(prompt)
    Output.flush()
    defer { Output.line("") }
    var old = termios()
    guard tcgetattr(0, &old) == 0 else { return readLine() ?? "" }
    var silent = old
    silent.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(0, TCSAFLUSH, &silent)
    defer { tcsetattr(0, TCSAFLUSH, &old) }
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
