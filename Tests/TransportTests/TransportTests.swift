import Base
import Event
import Foundation
import HTTP
import Testing

/// Runs a program while the loop serves it; nil where it is not installed.
private func output(of program: String, _ arguments: [String], serving loop: EventLoop) throws -> String? {
  guard FileManager.default.isExecutableFile(atPath: program) else {
    print("skipped: \(program) is not installed")
    return nil
  }
  let process = Process()
  let pipe = Pipe()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  process.standardOutput = pipe
  process.standardError = FileHandle.nullDevice
  try process.run()
  let tick = Event.Timer(loop) {}
  tick.every(.milliseconds(10))
  while process.isRunning { loop.turn(waits: true) }
  return String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
}

@Suite struct TransportTests {
  @Test(arguments: ["--http1.1", "--http2-prior-knowledge"]) func `curl is served`(version: String) throws {
    let loop = EventLoop()
    let server = try TestServer(loop, Echo())
    let body = String(repeating: "0123456789", count: 200)
    let arguments = ["-s", "--max-time", "5", version, "-d", body, "http://\(server.listener.address)/x"]
    guard let text = try output(of: "/usr/bin/curl", arguments, serving: loop) else { return }
    #expect(text == body)
  }

  @Test func `h2load finds no failed request`() throws {
    let loop = EventLoop()
    let server = try TestServer(loop, Echo())
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("h2load-\(UUID().uuidString)")
    try Data([0, 0, 0, 0, 4, 1, 2, 3, 4]).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let arguments = [
      "-c4", "-m20", "-n2000", "-H", "content-type: application/grpc", "-d", file.path,
      "http://\(server.listener.address)/etcdserverpb.KV/Range",
    ]
    guard let text = try output(of: "/usr/bin/h2load", arguments, serving: loop) else { return }
    #expect(text.contains("2000 succeeded, 0 failed, 0 errored"))
  }
}
