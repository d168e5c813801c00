/// How much a line of the log matters. The names of zap; capnslog's letters are derived from them.
package enum LogLevel: Int, Comparable, Sendable, CaseIterable {
  case debug, info, notice, warning, error, critical
  package static func < (a: LogLevel, b: LogLevel) -> Bool { a.rawValue < b.rawValue }
}

/// A named value of a log line; zap prints it as JSON, capnslog leaves it out or words it.
package struct LogField: Sendable {
  package enum Value: Sendable {
    case text(String), integer(Int64), unsigned(UInt64), number(Double), flag(Bool), texts([String])
    case span(TimeSpan)
  }
  package var name: String
  package var value: Value
  package init(_ name: String, _ value: Value) {
    self.name = name
    self.value = value
  }
  package init(_ name: String, _ value: String) { self.init(name, .text(value)) }
  package init(_ name: String, _ value: Int) { self.init(name, .integer(Int64(value))) }
  package init(_ name: String, _ value: UInt64) { self.init(name, .unsigned(value)) }
  package init(_ name: String, _ value: Bool) { self.init(name, .flag(value)) }
  package init(_ name: String, _ value: TimeSpan) { self.init(name, .span(value)) }
}

/// A line as zap has it.
package struct ZapLine: Sendable {
  package var level: LogLevel
  package var message: String
  package var fields: [LogField]
  package init(_ level: LogLevel, _ message: String, _ fields: LogField...) {
    self.level = level
    self.message = message
    self.fields = fields
  }
}

/// Where lines go. The program's outermost layer makes one (it owns the clock and the descriptors).
package protocol LogSink: Sendable {
  /// Cheap answer whether a line of this level from this package would be written at all.
  func accepts(_ level: LogLevel, package: String) -> Bool
  func write(_ level: LogLevel, package: String, message: String, fields: [LogField])
  /// How lines look.
  var format: LogFormat { get }
}

extension LogSink {
  package var format: LogFormat { .capnslog }
}

/// A room's handle on the log: the sink and the package name that capnslog prints ("etcdserver", "raft").
package struct Log: Sendable {
  package let sink: any LogSink
  package let package: String
  package init(_ sink: any LogSink, package: String) {
    self.sink = sink
    self.package = package
  }

  package func callAsFunction(_ level: LogLevel, _ message: @autoclosure () -> String, _ fields: LogField...) {
    guard sink.accepts(level, package: package) else { return }
    sink.write(level, package: package, message: message(), fields: fields)
  }
  /// A line that the original words differently for the two formats.
  package func callAsFunction(
    _ level: LogLevel, _ message: @autoclosure () -> String, zap: @autoclosure () -> ZapLine
  ) {
    guard sink.format == .zap else { return self(level, message()) }
    let line = zap()
    guard sink.accepts(line.level, package: package) else { return }
    sink.write(line.level, package: package, message: line.message, fields: line.fields)
  }
  /// The same sink under another package name.
  package func named(_ package: String) -> Log { Log(sink, package: package) }
  /// A log that goes nowhere, for tests and tools.
  package static let silent = Log(SilentSink(), package: "")
}

private struct SilentSink: LogSink {
  func accepts(_ level: LogLevel, package: String) -> Bool { false }
  func write(_ level: LogLevel, package: String, message: String, fields: [LogField]) {}
}
