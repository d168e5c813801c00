import Base
import Client
import Event
import Glibc
import Wire

/// Lines on standard error beside `Error:`, for operators and for scripts that look for them.
enum Notices {
  /// A call that failed and may be tried again; one line of JSON as the original writes it.
  static func failedAttempt(_ target: String, _ attempt: Int, _ failure: RPCFailure, at wall: Int64) {
    var json = JSONWriter()
    json.raw("{\"level\":\"warn\",\"ts\":\"\(timestamp(wall))\",\"caller\":\"client/retry\",")
    json.raw("\"msg\":\"retrying of unary invoker failed\",\"target\":")
    json.string(target)
    json.raw(",\"attempt\":\(attempt),\"error\":")
    json.string(failure.status.description)
    json.raw("}")
    Output.errorLine(String(utf8: json.bytes))
  }

  /// Progress of work on snapshots; `details` is JSON members without braces.
  static func info(_ caller: String, _ message: String, _ details: [(String, String)], at wall: Int64) {
    var json = JSONWriter()
    json.raw(
      "{\"level\":\"info\",\"ts\":\(wall / 1_000_000_000).\(sixDigits(wall / 1_000 % 1_000_000)),\"caller\":")
    json.string(caller)
    json.raw(",\"msg\":")
    json.string(message)
    for (name, value) in details {
      json.raw(",")
      json.string(name)
      json.raw(":")
      json.string(value)
    }
    json.raw("}")
    Output.errorLine(String(utf8: json.bytes))
  }

  /// A line in the form of the older log: `2026-01-02 03:04:05.000006 W | pkg/flags: …`.
  static func plain(_ level: String, _ text: String) {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts = tm()
    localtime_r(&now.tv_sec, &parts)
    let time = "\(date(parts, " ")).\(sixDigits(Int64(now.tv_nsec / 1_000)))"
    Output.errorLine("\(time) \(level) | pkg/flags: \(text)")
  }

  private static func timestamp(_ wall: Int64) -> String {
    var seconds = time_t(wall / 1_000_000_000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    return "\(date(parts, "T")).\(sixDigits(wall / 1_000_000 % 1_000).suffix(3))Z"
  }

  private static func date(_ parts: tm, _ between: String) -> String {
    let two = { (number: Int32) in number < 10 ? "0\(number)" : "\(number)" }
    let day = "\(1900 + parts.tm_year)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    return day + between + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
  }

  private static func sixDigits(_ number: Int64) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }
}
