import Base
import Config
import Glibc
import Testing

@testable import Doors
@testable import Server

/// A fresh directory that is gone when the test is.
private final class TemporaryDirectory {
  let path: String
  init() throws {
    var template = Array("/tmp/etcd-log-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    path = String(utf8: template.dropLast().map { UInt8(bitPattern: $0) })
  }
  deinit {
    for name in ["a.log", "b.log"] { unlink(path + "/" + name) }
    rmdir(path)
  }
  func read(_ name: String) throws -> String {
    let descriptor = open(path + "/" + name, O_RDONLY)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    var bytes = Bytes(repeating: 0, count: 1 << 20)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    return String(utf8: bytes[..<max(0, count)])
  }
}

private func zapSettings(_ outputs: [String]) -> Settings {
  var settings = Settings.defaults
  settings.logger = "zap"
  settings.logOutputs = outputs
  return settings
}

@Suite struct LogSinkTests {
  @Test("A line goes to every file, and files are appended to")
  func files() throws {
    let directory = try TemporaryDirectory()
    let paths = ["a.log", "b.log"].map { directory.path + "/" + $0 }
    for round in 1...2 {
      let sink = try DescriptorLogSink(zapSettings(paths))
      sink.write(
        .info, package: "p", message: "m\(round)", fields: [], at: WallTime(nanoseconds: 0))
    }
    func line(_ round: Int) -> String {
      "{\"level\":\"info\",\"ts\":\"1970-01-01T00:00:00.000000Z\",\"caller\":\"p\",\"msg\":\"m\(round)\"}\n"
    }
    for name in ["a.log", "b.log"] { #expect(try directory.read(name) == line(1) + line(2)) }
  }

  @Test("The level can be changed while the log runs")
  func level() throws {
    let directory = try TemporaryDirectory()
    let sink = try DescriptorLogSink(zapSettings([directory.path + "/a.log"]))
    #expect(!sink.accepts(.debug, package: "p"))
    sink.level = .debug
    #expect(sink.accepts(.debug, package: "p"))
    sink.level = .critical
    Log(sink, package: "p")(.error, "unseen")
    #expect(try directory.read("a.log").isEmpty)
  }

  @Test("Packages may have levels of their own")
  func packageLevels() throws {
    var settings = Settings.defaults
    settings.logPackageLevels = "raft=ERROR"
    let sink = try DescriptorLogSink(settings)
    #expect(!sink.accepts(.info, package: "raft"))
    #expect(sink.accepts(.info, package: "etcdserver"))
  }

  @Test("A file that cannot be opened is refused with its name")
  func unopenable() throws {
    let name = "/nonexistent-directory/a.log"
    #expect(
      throws: LogSinkFailure(
        text: "couldn't open sink \"\(name)\": open \(name): no such file or directory")
    ) { try DescriptorLogSink(zapSettings([name])) }
  }

  @Test("Lines of several threads do not mix")
  func threads() throws {
    let directory = try TemporaryDirectory()
    let sink = try DescriptorLogSink(zapSettings([directory.path + "/a.log"]))
    let threads = (0..<4).map { number in
      Thread(name: "writer") {
        for _ in 0..<200 { sink.write(.info, package: "p", message: "\(number)", fields: []) }
      }
    }
    for thread in threads { thread.join() }
    let lines = try directory.read("a.log").split(separator: "\n")
    #expect(lines.count == 800)
    #expect(lines.allSatisfy { $0.hasPrefix("{\"level\":\"info\"") && $0.hasSuffix("}") })
  }
}
