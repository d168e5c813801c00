import Base
import Event
import Glibc

/// A bar on standard output, drawn again five times a second. As gopkg.in/cheggaaa/pb.v1 with the format "Bom !", which the
/// original's `check` uses.
final class ProgressBar {
  private let total: Int
  private(set) var current = 0
  private let loop: EventLoop
  private let began: Instant
  private var changedAt: Instant
  private var timer: Timer?

  init(_ loop: EventLoop, total: Int) {
    self.loop = loop
    self.total = total
    began = loop.now
    changedAt = loop.now
    draw()
    let timer = Timer(loop) { [unowned self] in draw() }
    timer.every(.milliseconds(200))
    self.timer = timer
  }

  func add(_ count: Int) {
    current += count
    changedAt = loop.now
  }

  func finish() {
    timer = nil
    let spent = TimeSpan.seconds((loop.now - began).nanoseconds / 1_000_000_000)
    write(Self.line(current, of: total, time: GoDuration.text(spent), width: Self.terminalWidth()))
    Output.write("\n")
    Output.flush()
  }

  private func draw() {
    let left = Self.timeLeft(
      current, of: total, fromStart: changedAt - began, sinceChange: loop.now - changedAt)
    write(Self.line(current, of: total, time: left, width: Self.terminalWidth()))
  }

  private func write(_ line: String) {
    Output.write("\r" + line)
    Output.flush()
  }

  // MARK: Text

  /// One state of the bar; `time` is empty or what stands at its end. Without a known width there is no bar, only numbers.
  static func line(_ current: Int, of total: Int, time: String, width: Int) -> String {
    let counters = " \(current) / \(total) "
    let percent = " " + percentText(current, of: total) + "%"
    let end = time.isEmpty ? "" : " " + time
    var line = counters
    let size = width - (counters.count + 2 + percent.count + end.count)
    if size > 0 { line += bar(current, of: total, size: size) }
    line += percent + end
    return line + String(repeating: " ", count: max(0, width - line.count))
  }

  private static func bar(_ current: Int, of total: Int, size: Int) -> String {
    // The part that is done, rounded up.
    let filled = min(size, (current * size + total - 1) / total)
    let empty = size - filled
    let done =
      empty == 0
      ? String(repeating: "o", count: filled)
      : filled == 0 ? "" : String(repeating: "o", count: filled - 1) + "m"
    return "B" + done + String(repeating: " ", count: empty) + "!"
  }

  private static func percentText(_ current: Int, of total: Int) -> String {
    let hundredths = (Double(current) / Double(total) * 10_000).rounded()
    return DecimalText.fixed(hundredths / 100, digits: 2, width: 6)
  }

  /// As pb.v1: what each step took up to the last change, times the steps that are left; empty where nothing is known yet.
  static func timeLeft(_ current: Int, of total: Int, fromStart: TimeSpan, sinceChange: TimeSpan) -> String {
    guard current > 0 else { return "" }
    let each = fromStart.nanoseconds / Int64(current)
    let seconds = (Int64(total - current) * each - sinceChange.nanoseconds) / 1_000_000_000
    guard seconds > 0 else { return "" }
    let hours = seconds / 3600
    let minutes = seconds / 60 % 60
    let two = { (number: Int64) in number < 10 ? "0\(number)" : "\(number)" }
    return (seconds > 3600 ? "\(hours)h" : "")
      + "\(two(seconds > 3600 ? minutes : seconds / 60))m\(two(seconds % 60))s"
  }

  /// 0 where there is no terminal.
  private static func terminalWidth() -> Int {
    let terminal = open("/dev/tty", O_RDONLY)
    defer { if terminal >= 0 { close(terminal) } }
    var size = winsize()
    guard ioctl(terminal >= 0 ? terminal : 0, UInt(TIOCGWINSZ), &size) == 0 else { return 0 }
    return Int(size.ws_col)
  }
}

/// Numbers as C's `%W.Df` prints them.
enum DecimalText {
  static func fixed(_ value: Double, digits: Int, width: Int = 0) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let units = Int64((value.magnitude * scale).rounded(.toNearestOrEven))
    let whole = units / Int64(scale)
    let rest = String(units % Int64(scale))
    var text = "\(value < 0 && units > 0 ? "-" : "")\(whole)"
    if digits > 0 { text += "." + String(repeating: "0", count: digits - rest.count) + rest }
    return String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
