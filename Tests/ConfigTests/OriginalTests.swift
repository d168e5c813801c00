import Base
import Foundation
import Testing

@testable import Config

/// The same mistakes made to etcd 3.4 itself, where it is installed: exit code and sentence must agree.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: original), "needs etcd 3.4"))
struct OriginalTests {
  struct Mistake: CustomTestStringConvertible, Sendable {
    var arguments: [String] = []
    var environment: [String] = []
    var file: String?
    var testDescription: String {
      (environment + arguments).joined(separator: " ") + (file.map { " (\($0))" } ?? "")
    }
  }

  @Test(
    "Mistakes on the command line",
    arguments: [
      ["--nosuch"], ["--nosuch=1"], ["-="], ["---x"], ["foo"], ["--name", "a", "foo"], ["-"],
      ["--name"],
      ["--heartbeat-interval=zz"], ["--heartbeat-interval", ""], ["--heartbeat-interval=1.5"],
      ["--heartbeat-interval=0x"], ["--heartbeat-interval=1__0"], ["--heartbeat-interval=08"],
      ["--heartbeat-interval=+1"], ["--heartbeat-interval=99999999999999999999"],
      ["--backend-batch-limit=9223372036854775808"], ["--backend-batch-limit=-"], ["--backend-batch-limit=--1"],
      ["--quota-backend-bytes=1e3"], ["--max-concurrent-streams=-1"], ["--max-concurrent-streams=4294967296"],
      ["--backend-batch-interval=5"], ["--backend-batch-interval=s"], ["--pre-vote=maybe"], ["--pre-vote="],
      ["--proxy=foo"], ["--discovery-fallback=foo"], ["--initial-cluster-state=foo"], ["--cors=foo"],
      ["--cors=http://a:1,*"], ["--listen-peer-urls=http://a:b"], ["--listen-peer-urls=http://[::1:80"],
      ["--listen-peer-urls=http://[::1]80"], ["--listen-peer-urls=127.0.0.1:80"], ["--listen-peer-urls=:80"],
      ["--listen-peer-urls=http://a b:80"], ["--listen-peer-urls=http://%zz:80"],
      ["--listen-peer-urls=http://a:1,,"],
      ["--listen-peer-urls=http://1.1.1.1:80/"], ["--listen-peer-urls=unix:///tmp/x:1"],
      ["--listen-peer-urls=http:1.1.1.1:80"], ["--listen-peer-urls=http://"],
      ["--listen-peer-urls=//1.1.1.1:80"],
      ["--listen-peer-urls=http://1.1.1.1:80:90"], ["--listen-peer-urls=http://a<b:80"],
      ["--listen-peer-urls=http://a\tb:80"], ["--listen-peer-urls=HTTP://EXAMPLE.com:80"],
      ["--listen-peer-urls=http://example.com:80"], ["--listen-peer-urls=http://:80"],
      ["--listen-metrics-urls=http://metrics.example:80"], ["--initial-advertise-peer-urls=http://:2380"],
      ["--initial-advertise-peer-urls=http://b:2,http://:2380"], ["--advertise-client-urls=http://:1"],
      ["--listen-client-urls=http://127.0.0.1:3"], ["--listen-client-urls="], ["--heartbeat-interval=0"],
      ["--election-timeout=0"], ["--heartbeat-interval=500"], ["--election-timeout=60000"],
      ["--auto-compaction-mode=foo"], ["--auto-compaction-retention=foo"] + harmless,
      ["--auto-compaction-retention=-1"] + harmless,
      ["--auto-compaction-retention=5x"] + harmless, ["--logger=foo"], ["--log-outputs=a.log"],
      ["--log-outputs=stdout,stderr"],
      ["--log-outputs="], ["--logger=zap", "--log-outputs=default,stderr"],
      ["--logger=zap", "--log-outputs=systemd/journal,stderr"],
      ["--log-output=stdout", "--log-outputs=stdout"],
      ["--log-output=stdout,stderr", "--log-outputs=stdout,stderr"], ["--cipher-suites=foo"],
      ["--experimental-enable-lease-checkpoint-persist"],
      ["--discovery=http://x", "--initial-cluster=a=http://1.1.1.1:1"], ["--config-file=nofile"],

      [
        "--listen-peer-urls=http://127.0.0.1:0", "--listen-client-urls=https://127.0.0.1:0",
        "--advertise-client-urls=https://127.0.0.1:1",
      ],
      ["-v", "--snapshot", "--nosuch"],
    ] as [[String]])
  func arguments(words: [String]) throws { try compare(Mistake(arguments: words)) }

  @Test(
    "Mistakes in variables",
    arguments: [
      ["ETCD_HEARTBEAT_INTERVAL=zz"], ["ETCD_LISTEN_CLIENT_URLS=foo"], ["ETCD_PRE_VOTE=x"],
      ["ETCD_PROXY=x"], ["ETCD_HEARTBEAT_INTERVAL=0"],
      ["ETCD_FOO=1", "ETCD_ELECTION_TIMEOUT=yy", "ETCD_HEARTBEAT_INTERVAL=zz"],
      ["ETCD_MAX_CONCURRENT_STREAMS=z"], ["ETCD_CONFIG_FILE=nofile"],
      ["ETCD_LISTEN_CLIENT_URLS=http://127.0.0.1:3"],
    ] as [[String]])
  func variables(environment: [String]) throws { try compare(Mistake(environment: environment)) }

  @Test("Flag and variable together", arguments: ["ETCD_NAME=a", "ETCD_NAME="])
  func conflict(variable: String) throws {
    try compare(Mistake(arguments: ["--name=b"], environment: [variable]))
  }

  @Test(
    "Mistakes in a file",
    arguments: [
      "heartbeat-interval: zz", "heartbeat-interval: 1.5", "heartbeat-interval: -5", "heartbeat-interval: [1]",
      "heartbeat-interval: 1e30", "heartbeat-interval: 0", "heartbeat-interval: 0b11\nelection-timeout: 1",
      "heartbeat-interval: '5'",
      "grpc-keepalive-timeout: 5s", "grpc-keepalive-timeout: 1.5", "auto-compaction-retention: 1", "name: [a]",
      "name: {a: b}", "name: 1.50", "name: 2001-01-01T", "name: on", "name: .5", "log-outputs: stderr",
      "log-outputs: [1]",
      "log-outputs: [a.log]", "client-transport-security: 5",
      "client-transport-security: [a]",
      "client-transport-security:\n  client-cert-auth: zz", "client-transport-security:\n  cert-file: 5",
      "peer-transport-security:\n  auto-tls: 1", "proxy-failure-wait: zz", "proxy: zz", "proxy: 5",
      "discovery-fallback: foo", "initial-cluster-state: foo", "cipher-suites: a", "cipher-suites: [a]",
      "max-concurrent-streams: 5000000000", "quota-backend-bytes: 99999999999999999999", "pre-vote: 1",
      "listen-client-urls: foo", "listen-peer-urls: foo", "advertise-client-urls: foo",
      "listen-metrics-urls: foo",
      "initial-advertise-peer-urls: foo", "a: [b\n", "name: a\n b: c\n", "\tname: a\n", "{\"name\": 3",
      "{\"name\": 3}",
      "name: \"a", "name: *x\n", "foo\n", "5\n", "name: 'a\nb: c\n", "a:\n  b\n c: d\n", "%YAML 9\n---\na: b\n",
      "name: [a\nfoo: b\n",
      "name: !!str 5\nheartbeat-interval: 0", "name: !!int a", "name: a: b", "- a\n- b: c\n d",
      "cors: 5\nname: [a]", "Name: [a]", "NAME: [a]",
      "listen-client-urls: http://example.com:1", "discovery: http://x\ninitial-cluster: a=http://b:1",
      "auto-compaction-mode: foo", "logger: foo", "log-level: 5", "election-timeout: 60000", "a: &a [*a]",
      "name: |\n  a\n b", "name: @a", "name: `a", "\"name: a", "? a\n: b\n: c", "name: [}",
    ])
  func files(file: String) throws {
    try compare(Mistake(arguments: ["--config-file", "f.yml"], file: file))
  }

  @Test("The shipped sample file decodes in the original too")
  func sample() throws {
    let file = SampleFile.text.replacing("heartbeat-interval: 100", with: "heartbeat-interval: 0")
    try compare(Mistake(arguments: ["--config-file", "f.yml"], file: file))
  }

  private func compare(_ mistake: Mistake) throws {
    let theirs = try run(mistake)
    let ours: Ended
    switch outcome(mistake.arguments, environment: mistake.environment, file: mistake.file) {
    case .run, .gateway, .grpcProxy, .token: ours = Ended(code: -1, output: "", errors: "started")
    case .exit(let code, let output, let errors): ours = Ended(code: code, output: output, errors: errors)
    }
    #expect(ours.code == theirs.code, "\(mistake.testDescription): \(ours.errors) against \(theirs.errors)")
    #expect(verdict(ours) == verdict(theirs), "\(mistake.testDescription)")
  }

  /// The sentence that matters: above the usage, or the last line, without time and source.
  private func verdict(_ ended: Ended) -> String {
    let lines = ended.errors.split(separator: "\n").map(String.init)
    let usage = lines.firstIndex(of: "Usage:") ?? lines.endIndex
    guard let line = lines[..<usage].last else { return "" }
    if line.hasPrefix("{"), let data = line.data(using: .utf8),
      let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
    {
      return "\(object["level"] ?? "") \(object["msg"] ?? "") \(object["error"] ?? "")"
    }
    return line.hasPrefix("20") ? String(line.dropFirst(27)) : line
  }

  private func run(_ mistake: Mistake) throws -> Ended {
    let directory = FileManager.default.temporaryDirectory.appending(path: "etcd-config-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: directory) }
    if let file = mistake.file { try Data(file.utf8).write(to: directory.appending(path: "f.yml")) }
    let errors = directory.appending(path: "errors")
    _ = FileManager.default.createFile(atPath: errors.path(), contents: nil)
    let process = Process()
    process.executableURL = URL(filePath: original)
    process.arguments = mistake.arguments
    process.currentDirectoryURL = directory
    process.environment = Dictionary(
      mistake.environment.map { entry in
        let name = String(entry.prefix { $0 != "=" })
        return (name, String(entry.dropFirst(name.count + 1)))
      }, uniquingKeysWith: { $1 })
    process.standardError = try FileHandle(forWritingTo: errors)
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    // A mistake that is none for the original would leave it running.
    let patience = Date.now.addingTimeInterval(3)
    while process.isRunning, Date.now < patience { usleep(2_000) }
    if process.isRunning {
      process.terminate()
      process.waitUntilExit()
      return Ended(code: -1, output: "", errors: "started")
    }
    return Ended(
      code: process.terminationStatus, output: "",
      errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
  }
}

private let original = "/usr/bin/etcd"

/// Ports of the system's choice, for mistakes that are only seen after listening.
private let harmless = [
  "--listen-peer-urls=http://127.0.0.1:0", "--listen-client-urls=http://127.0.0.1:0",
  "--advertise-client-urls=http://127.0.0.1:1",
]
