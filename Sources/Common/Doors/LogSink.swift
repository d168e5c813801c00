import Base
import Config
import Glibc
import Synchronization

/// Why an output of the log could not be opened.
package struct LogSinkFailure: Error, Hashable, Sendable {
  package let text: String
}

/// The log of a running program: lines to standard error, standard output, files or systemd's journal.
///
/// Any thread may write; a line is one `write`, so lines of several threads do not mix. As etcd 3.4:
/// embed/config_logging.go, but nothing is sampled away.
package final class DescriptorLogSink: LogSink {
  /// One place where lines go.
  private enum Output: Sendable {
    case descriptor(Int32)
    /// systemd's socket, which takes records with fields instead of lines.
    case journal(JournalSocket)
  }

  package let format: LogFormat
  private let outputs: [Output]
  private let packageLevels: PackageLogLevels
  private let general: Atomic<Int>
  /// A level was set for all packages while running: what the settings said of single ones is over.
  private let isOneForAll = Atomic(false)

  /// Opens what the settings name. Files are appended to and made with mode 0644.
  package init(_ settings: Settings) throws(LogSinkFailure) {
    format = settings.logFormat
    packageLevels = settings.packageLogLevels
    general = Atomic(settings.logLevel.rawValue)
    outputs = try Self.open(settings)
  }

  /// The level of packages that have none of their own; may be changed while lines are written.
  package var level: LogLevel {
    get { LogLevel(rawValue: general.load(ordering: .relaxed)) ?? .info }
    set { general.store(newValue.rawValue, ordering: .relaxed) }
  }

  /// Sets the level of every package, those with one of their own too. As etcd 3.4: capnslog, SetGlobalLogLevel.
  package func setLevelOfAll(_ level: LogLevel) {
    self.level = level
    isOneForAll.store(true, ordering: .relaxed)
  }

  package func accepts(_ level: LogLevel, package: String) -> Bool {
    let general = self.level
    if isOneForAll.load(ordering: .relaxed) { return level >= general }
    return level >= packageLevels.level(of: package, general: general)
  }

  package func write(_ level: LogLevel, package: String, message: String, fields: [LogField]) {
    write(level, package: package, message: message, fields: fields, at: WallTime.now())
  }

  package func write(
    _ level: LogLevel, package: String, message: String, fields: [LogField], at time: WallTime
  ) {
    guard accepts(level, package: package) else { return }
    var line = Bytes()
    line.reserveCapacity(128 + message.utf8.count)
    format.append(to: &line, level, package: package, message: message, fields: fields, at: time)
    for output in outputs {
      switch output {
      case .descriptor(let descriptor): Self.writeAll(line, to: descriptor)
      case .journal(let socket):
        let text = format == .zap ? Bytes(line.dropLast()) : message.bytes
        if !socket.send(text, priority: level.syslogPriority, package: package) {
          Self.writeAll(line, to: STDERR_FILENO)
        }
      }
    }
  }

  /// What the configuration had to say before there was a log; bare lines go to standard error.
  package func write(_ notes: [ConfigNote]) {
    for note in notes {
      if let level = note.level {
        write(level, package: note.package, message: note.message, fields: note.fields)
      } else {
        Self.writeAll((note.message + "\n").bytes, to: STDERR_FILENO)
      }
    }
  }

  // MARK: Outputs

  private static func open(_ settings: Settings) throws(LogSinkFailure) -> [Output] {
    let names = Set(settings.logOutputs)
    // As zap's outputs in 3.4: the null device among them silences all.
    if names.contains("/dev/null") { return [] }
    var outputs: [Output] = []
    var descriptors: Set<Int32> = []
    for name in names.sorted() {
      switch name {
      case "default": outputs.append(standard(settings.logFormat, &descriptors))
      case "systemd/journal":
        if let socket = JournalSocket() {
          outputs.append(.journal(socket))
        } else if descriptors.insert(STDERR_FILENO).inserted {
          outputs.append(.descriptor(STDERR_FILENO))
        }
      case "stderr":
        if descriptors.insert(STDERR_FILENO).inserted { outputs.append(.descriptor(STDERR_FILENO)) }
      case "stdout":
        if descriptors.insert(STDOUT_FILENO).inserted { outputs.append(.descriptor(STDOUT_FILENO)) }
      default: outputs.append(.descriptor(try openFile(name)))
      }
    }
    return outputs
  }

  /// The plain log goes to the journal when systemd itself started us, as capnslog does.
  private static func standard(_ format: LogFormat, _ descriptors: inout Set<Int32>) -> Output {
    if format == .capnslog, getppid() == 1, let socket = JournalSocket() { return .journal(socket) }
    descriptors.insert(STDERR_FILENO)
    return .descriptor(STDERR_FILENO)
  }

  private static func openFile(_ name: String) throws(LogSinkFailure) -> Int32 {
    let path = name.hasPrefix("file://") ? String(name.dropFirst(7)) : name
    let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    if descriptor < 0 {
      let reason = String(cString: strerror(errno))
      throw LogSinkFailure(text: "couldn't open sink \(goQuoted(name)): open \(path): \(reason.lowercased())")
    }
    return descriptor
  }

  deinit {
    for case .descriptor(let descriptor) in outputs where descriptor > STDERR_FILENO { close(descriptor) }
  }

  /// A line that cannot be written is dropped: a log must not stop the member.
  private static func writeAll(_ line: Bytes, to descriptor: Int32) {
    line.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count >= 0 {
          rest = rest.dropFirst(count)
        } else if errno == EAGAIN {
          var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          guard poll(&waiting, 1, Limits.logWaitMilliseconds) > 0 else { return }
        } else if errno != EINTR {
          return
        }
      }
    }
  }
}

/// systemd's journal by its native protocol: one datagram a record.
private final class JournalSocket: Sendable {
  private static let path = "/run/systemd/journal/socket"
  private let descriptor: Int32
  private let program: String

  /// Nil where there is no journal.
  init?() {
    var info = stat()
    guard stat(Self.path, &info) == 0, info.st_mode & S_IFMT == S_IFSOCK else { return nil }
    let opened = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard opened >= 0 else { return nil }
    guard Self.connect(opened) else {
      close(opened)
      return nil
    }
    descriptor = opened
    program = CommandLine.arguments.first?.split(separator: "/").last.map(String.init) ?? "etcd"
  }

  deinit { close(descriptor) }

  private static func connect(_ descriptor: Int32) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { room in room.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
  }

  /// Whether the journal took the record.
  func send(_ message: Bytes, priority: Int, package: String) -> Bool {
    var record = Bytes()
    Self.append("PRIORITY", String(priority).bytes, to: &record)
    Self.append("PACKAGE", package.bytes, to: &record)
    Self.append("SYSLOG_IDENTIFIER", program.bytes, to: &record)
    Self.append("MESSAGE", message, to: &record)
    return record.withUnsafeBytes {
      Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) == $0.count
    }
  }

  /// `NAME=value`, or name, length and bytes where the value has several lines.
  private static func append(_ name: String, _ value: Bytes, to record: inout Bytes) {
    record += name.utf8
    if value.contains(0x0A) {
      record.append(0x0A)
      withUnsafeBytes(of: UInt64(value.count).littleEndian) { record += $0 }
    } else {
      record.append(UInt8(ascii: "="))
    }
    record += value
    record.append(0x0A)
  }
}
