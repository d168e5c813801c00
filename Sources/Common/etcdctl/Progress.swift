import Base
import Glibc

/// A line at the foot of a terminal about work that takes long: shown after half a second, five times a second, and
/// gone at the end. Never in a file or a pipe.
final class Progress {
  private static let delay = TimeSpan.milliseconds(500)
  private static let interval = TimeSpan.milliseconds(200)

  private let isShown: Bool
  private let write: (String) -> Void
  private var nextTime: Instant?
  private var isThere = false

  init(isShown: Bool, write: @escaping (String) -> Void = { Output.error($0) }) {
    self.isShown = isShown
    self.write = write
  }

  deinit { clear() }

  /// `besideOutput` for work that fills standard output: on one and the same terminal the two would mix.
  static func isWanted(besideOutput: Bool = false) -> Bool {
    isatty(2) == 1 && !(besideOutput && isatty(1) == 1)
  }

  func show(at now: Instant, _ text: () -> String) {
    guard isShown else { return }
    guard let next = nextTime else {
      nextTime = now + Self.delay
      return
    }
    guard now >= next else { return }
    nextTime = now + Self.interval
    isThere = true
    write("\r\u{1B}[K" + text())
  }

  func clear() {
    if isThere { write("\r\u{1B}[K") }
    isThere = false
  }
}
