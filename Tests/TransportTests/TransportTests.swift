import Base
import Event
import Foundation
import HTTP
import TLS
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

  @Test(arguments: ["--http1.1", "--http2", "--no-alpn"]) func `curl is served over TLS`(option: String) throws
  {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: directory) }
    let settings = try SelfSigned.settings(in: directory.path, hosts: ["127.0.0.1"], forClientsToo: false)
    let tls = try TLSContext(.server, settings)
    let loop = EventLoop()
    let context = ServerContext(handler: Echo())
    let listener = try Listener(loop, .ip([127, 0, 0, 1], port: 0))
    var transports: [SecureTransport] = []
    var dirty: [SecureTransport] = []
    listener.onAccept = { transports.append(SecureTransport($0, tls.session(), context) { dirty.append($0) }) }
    loop.onTurnEnd = {
      while let next = dirty.popLast() { next.flush() }
    }
    listener.start()
    let body = String(repeating: "0123456789", count: 20_000)
    let file = directory.appendingPathComponent("body")
    let reply = directory.appendingPathComponent("reply")
    try body.write(to: file, atomically: true, encoding: .utf8)
    let arguments = [
      "-s", "--max-time", "5", option, "--cacert", settings.certFile, "--data-binary", "@\(file.path)", "-o",
      reply.path,
      "https://\(listener.address)/x",
    ]
    guard try output(of: "/usr/bin/curl", arguments, serving: loop) != nil else { return }
    #expect(try String(contentsOf: reply, encoding: .utf8) == body)
    #expect(transports.first?.connection?.isHTTP2 == (option == "--http2"))
  }
}
