import Base

/// A word of the command line: bytes, since keys and values need not be text.
struct Argument: Equatable, Sendable, ExpressibleByStringLiteral {
  let bytes: Bytes

  init(_ bytes: Bytes) { self.bytes = bytes }
  init(_ text: String) { bytes = text.bytes }
  init(stringLiteral text: String) { self.init(text) }

  var text: String { String(utf8: bytes) }

  /// The words of this process, the program's name left out.
  static func ofThisProcess() -> [Argument] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      CommandLine.unsafeArgv[index].map { word in
        Argument(Bytes(UnsafeRawBufferPointer(start: word, count: length(word))))
      }
    }
  }

  private static func length(_ word: UnsafeMutablePointer<CChar>) -> Int {
    var count = 0
    while word[count] != 0 { count += 1 }
    return count
  }
}
