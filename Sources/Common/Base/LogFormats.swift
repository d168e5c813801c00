/// A reading of the wall clock and the zone it is shown in.
package struct WallTime: Hashable, Sendable {
  /// Nanoseconds since 1970-01-01 00:00 UTC.
  package var nanoseconds: Int64
  /// Seconds that the zone is ahead of UTC.
  package var offsetSeconds: Int
  package init(nanoseconds: Int64, offsetSeconds: Int = 0) {
    self.nanoseconds = nanoseconds
    self.offsetSeconds = offsetSeconds
  }
}

/// The two ways a line of the log is written; bytes only, no clock and no descriptor.
///
/// As etcd 3.4: coreos/pkg/capnslog (formatters.go) and pkg/logutil/zap.go. Lines end with a newline.
package enum LogFormat: String, Sendable, CaseIterable {
  case capnslog, zap

  /// Appends one line. capnslog has no place for `fields`; zap prints them behind the message.
  package func append(
    to out: inout Bytes, _ level: LogLevel, package: String, message: String, fields: [LogField],
    at time: WallTime
  ) {
    switch self {
    case .capnslog: Self.appendCapnslog(to: &out, level, package: package, message: message, at: time)
    case .zap:
      Self.appendZap(to: &out, level, package: package, message: message, fields: fields, at: time)
    }
  }

  /// The line as text, for what is printed before a sink exists.
  package func line(
    _ level: LogLevel, package: String, message: String, fields: [LogField] = [], at time: WallTime
  ) -> String {
    var out = Bytes()
    append(to: &out, level, package: package, message: message, fields: fields, at: time)
    return String(utf8: out)
  }

  /// `2026-11-23 09:25:40.117796 I | etcdmain: text`.
  private static func appendCapnslog(
    to out: inout Bytes, _ level: LogLevel, package: String, message: String, at time: WallTime
  ) {
    appendTime(time, between: 0x20, to: &out)
    out.append(0x20)
    out.append(level.letter)
    out.append(contentsOf: " | ".utf8)
    if !package.isEmpty {
      out.append(contentsOf: package.utf8)
      out.append(contentsOf: ": ".utf8)
    }
    out.append(contentsOf: message.utf8)
    if out.last != 0x0A { out.append(0x0A) }
  }

  /// `{"level":"info","ts":"2026-11-23T09:25:40.117796Z","caller":"etcdmain","msg":"text","name":"m1"}`.
  /// Where Go prints a source file and line we print the package.
  private static func appendZap(
    to out: inout Bytes, _ level: LogLevel, package: String, message: String, fields: [LogField],
    at time: WallTime
  ) {
    out.append(contentsOf: "{\"level\":\"".utf8)
    out.append(contentsOf: level.zapName.utf8)
    out.append(contentsOf: "\",\"ts\":\"".utf8)
    appendTime(time, between: UInt8(ascii: "T"), to: &out)
    appendZone(time.offsetSeconds, to: &out)
    out.append(contentsOf: "\",\"caller\":".utf8)
    appendJSON(package, to: &out)
    out.append(contentsOf: ",\"msg\":".utf8)
    appendJSON(message, to: &out)
    for field in fields {
      out.append(0x2C)
      appendJSON(field.name, to: &out)
      out.append(0x3A)
      appendValue(field.value, to: &out)
    }
    out.append(contentsOf: "}\n".utf8)
  }

  /// `2026-11-23 09:25:40.117796`, with `separator` between date and time.
  private static func appendTime(_ time: WallTime, between separator: UInt8, to out: inout Bytes) {
    let shown = CivilTime(nanoseconds: time.nanoseconds, offsetSeconds: time.offsetSeconds)
    shown.appendDate(to: &out)
    out.append(separator)
    shown.appendClock(to: &out)
    out.append(0x2E)
    out.append(digits: shown.nanosecond / 1_000, width: 6)
  }

  private static func appendZone(_ offset: Int, to out: inout Bytes) {
    if offset == 0 {
      out.append(UInt8(ascii: "Z"))
      return
    }
    out.append(UInt8(ascii: offset < 0 ? "-" : "+"))
    let minutes = abs(offset) / 60
    out.append(digits: minutes / 60, width: 2)
    out.append(digits: minutes % 60, width: 2)
  }

  private static func appendValue(_ value: LogField.Value, to out: inout Bytes) {
    switch value {
    case .text(let text): appendJSON(text, to: &out)
    case .integer(let number): out.append(contentsOf: String(number).utf8)
    case .unsigned(let number): out.append(contentsOf: String(number).utf8)
    case .number(let number): appendNumber(number, to: &out)
    case .flag(let flag): out.append(contentsOf: (flag ? "true" : "false").utf8)
    case .span(let span): appendJSON(GoDuration.text(span), to: &out)
    case .texts(let texts):
      out.append(UInt8(ascii: "["))
      for (index, text) in texts.enumerated() {
        if index > 0 { out.append(0x2C) }
        appendJSON(text, to: &out)
      }
      out.append(UInt8(ascii: "]"))
    }
  }

  /// JSON has no infinity; zap prints the names as strings.
  private static func appendNumber(_ number: Double, to out: inout Bytes) {
    guard number.isFinite else {
      appendJSON(number.isNaN ? "NaN" : number < 0 ? "-Inf" : "+Inf", to: &out)
      return
    }
    let isWhole = number == number.rounded() && abs(number) < 1e15
    out.append(contentsOf: (isWhole ? String(Int64(number)) : String(number)).utf8)
  }

  private static func appendJSON(_ text: String, to out: inout Bytes) {
    out.append(0x22)
    for byte in text.utf8 {
      switch byte {
      case 0x22, 0x5C: out.append(contentsOf: [0x5C, byte])
      case 0x0A: out.append(contentsOf: "\\n".utf8)
      case 0x0D: out.append(contentsOf: "\\r".utf8)
      case 0x09: out.append(contentsOf: "\\t".utf8)
      case 0..<0x20: out.append(contentsOf: "\\u00\(hex([byte]))".utf8)
      default: out.append(byte)
      }
    }
    out.append(0x22)
  }
}

extension LogLevel {
  /// The letter of a capnslog line.
  package var letter: UInt8 {
    switch self {
    case .debug: UInt8(ascii: "D")
    case .info: UInt8(ascii: "I")
    case .notice: UInt8(ascii: "N")
    case .warning: UInt8(ascii: "W")
    case .error: UInt8(ascii: "E")
    case .critical: UInt8(ascii: "C")
    }
  }

  /// The name in a zap line; zap has no notice, and what ends the program is fatal there.
  package var zapName: String {
    switch self {
    case .debug: "debug"
    case .info, .notice: "info"
    case .warning: "warn"
    case .error: "error"
    case .critical: "fatal"
    }
  }

  /// The level that `--log-level` and `/config/local/log` name: debug, info, warn, error, dpanic, panic
  /// or fatal. As etcd 3.4: pkg/logutil/log_level.go.
  package init?(flagValue: String) {
    switch flagValue {
    case "debug": self = .debug
    case "info": self = .info
    case "warn": self = .warning
    case "error": self = .error
    case "dpanic", "panic", "fatal": self = .critical
    default: return nil
    }
  }

  /// The level by a capnslog name, letter or number ("WARNING", "W", "1"). Tracing counts as debugging.
  package init?(capnslogName: String) {
    switch capnslogName {
    case "CRITICAL", "C": self = .critical
    case "ERROR", "0", "E": self = .error
    case "WARNING", "1", "W": self = .warning
    case "NOTICE", "2", "N": self = .notice
    case "INFO", "3", "I": self = .info
    case "DEBUG", "4", "D", "TRACE", "5", "T": self = .debug
    default: return nil
    }
  }

  /// The priority of syslog and of systemd's `<n>` line prefix.
  package var syslogPriority: Int {
    switch self {
    case .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }
}

/// Levels per package, as `--log-package-levels` sets them; `*` stands for every package.
package struct PackageLogLevels: Hashable, Sendable {
  package struct Failure: Error, Hashable, Sendable {
    package let text: String
  }
  package private(set) var levels: [String: LogLevel] = [:]
  package init() {}

  /// `etcdmain=CRITICAL,etcdserver=DEBUG`. As etcd 3.4: capnslog, ParseLogLevelConfig.
  package init(parsing text: String) throws(Failure) {
    for setting in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = setting.split(separator: "=", omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        throw Failure(text: "oddly structured `pkg=level` option: \(setting)")
      }
      guard let level = LogLevel(capnslogName: String(parts[1])) else {
        throw Failure(text: "couldn't parse log level \(parts[1])")
      }
      levels[String(parts[0])] = level
    }
  }

  /// The package's own level, that of `*`, or the general one.
  package func level(of package: String, general: LogLevel) -> LogLevel {
    levels.isEmpty ? general : levels[package] ?? levels["*"] ?? general
  }
}
