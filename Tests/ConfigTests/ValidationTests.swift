import Base
import Testing

@testable import Config

private func verifying(_ text: String) -> String {
  "E | etcdmain: error verifying flags, \(text). See 'etcd --help'."
}

@Suite struct ValidationTests {
  @Test(
    "What does not fit together is refused in the original's words",
    arguments: [
      (
        ["--listen-client-urls", "http://example.com:2379"],
        "expected IP in URL for binding (http://example.com:2379)"
      ),
      (
        ["--initial-advertise-peer-urls", "http://:2380"],
        "--initial-advertise-peer-urls \"http://:2380\" must be \"host:port\" (unexpected empty host (http://:2380))"
      ),
      (["--heartbeat-interval", "0"], "--heartbeat-interval must be >0 (set to 0ms)"),
      (["--election-timeout", "0"], "--election-timeout must be >0 (set to 0ms)"),
      (
        ["--heartbeat-interval", "500"],
        "--election-timeout[1000ms] should be at least as 5 times as --heartbeat-interval[500ms]"
      ),
      (
        ["--election-timeout", "60000"],
        "--election-timeout[60000ms] is too long, and should be set less than 50000ms"
      ),
      (["--auto-compaction-mode", "foo"], "unknown auto-compaction-mode \"foo\""),
      (["--logger", "foo"], "unknown logger option \"foo\""),
      (
        ["--log-outputs", "a.log"],
        "unknown log-output \"a.log\" (only supports \"default\", \"stderr\", \"stdout\")"
      ),
      (
        ["--log-outputs", "stdout,stderr"],
        "--logger=capnslog supports only 1 value in '--log-outputs', got [\"stderr\" \"stdout\"]"
      ),
      (
        ["--logger", "zap", "--log-outputs", "default,stderr"],
        "multi logoutput for \"default\" is not supported yet"
      ),
      (
        ["--logger", "zap", "--log-outputs", "systemd/journal,stderr"],
        "running with systemd/journal but other '--log-outputs' values ([\"stderr\" \"systemd/journal\"]) are configured with 'default'; override 'default' value with something else"
      ),
      (
        ["--log-output", "stdout", "--log-outputs", "stdout"],
        "'--log-output=[\"stdout\"]' and '--log-outputs=[\"stdout\"]' are incompatible; only set --log-outputs"
      ),
      (
        ["--experimental-enable-lease-checkpoint-persist"],
        "setting experimental-enable-lease-checkpoint-persist requires experimental-enable-lease-checkpoint"
      ),
      (
        ["--discovery", "http://x", "--initial-cluster", "a=http://1.1.1.1:1"],
        "multiple discovery or bootstrap flags are set. Choose one of \"initial-cluster\", \"discovery\" or \"discovery-srv\""
      ),
      (["--config-file", "nofile"], "open nofile: no such file or directory"),
    ])
  func verified(words: [String], text: String) throws {
    let end = try ending(words)
    #expect(end.code == 1)
    if words.contains("zap"), !text.contains("logoutput"), !text.contains("journal") { return }
    #expect(end.lines.last == verifying(text))
  }

  @Test("A client listener of one's own needs an advertised URL")
  func unadvertised() throws {
    let end = try ending(["--listen-client-urls", "http://127.0.0.1:3"])
    #expect(
      end.lines == [
        verifying("--advertise-client-urls is required when --listen-client-urls is set explicitly"),
        "E | etcdmain: When listening on specific address(es), this etcd process must advertise accessible url(s) to each connected client.",
      ])
    #expect(throws: Never.self) { try settings([], file: "listen-client-urls: http://127.0.0.1:3") }
  }

  @Test(
    "What a start would trip over is refused at once",
    arguments: [
      (["--cipher-suites", "foo"], "unexpected TLS cipher suite \"foo\""),
      (
        ["--auto-compaction-retention", "foo"],
        "error parsing CompactionRetention: time: invalid duration \"foo\""
      ),
      (
        ["--auto-compaction-retention", "-1"],
        "error parsing CompactionRetention: time: missing unit in duration \"-1\""
      ),
      (["--auth-token", "foo"], "auth: invalid auth options"),
      (
        ["--listen-client-urls", "https://127.0.0.1:4", "--advertise-client-urls", "https://127.0.0.1:4"],
        "TLS key/cert (--cert-file, --key-file) must be provided for client url https://127.0.0.1:4 with HTTPS scheme"
      ),
    ])
  func started(words: [String], text: String) throws {
    let end = try ending(words)
    #expect(end.code == 1)
    #expect(end.lines.last == "C | etcdmain: \(text)")
  }

  @Test("An unknown level ends with code 2, as the original's panic does")
  func level() throws {
    let end = try ending(["--log-level=foo"])
    #expect(end.code == 2)
    #expect(end.errors.contains("unknown level \"foo\""))
    #expect(try settings(["--log-level=foo", "--debug"]).logLevel == .debug)
  }

  @Test("With zap a refusal is one object on a line")
  func zap() throws {
    let end = try ending(["--logger", "zap", "--heartbeat-interval", "0"])
    #expect(
      end.errors
        == "{\"level\":\"warn\",\"ts\":\"2026-11-23T09:25:40.117796Z\",\"caller\":\"etcdmain\",\"msg\":\"failed to verify flags\",\"error\":\"--heartbeat-interval must be >0 (set to 0ms)\"}\n"
    )
  }

  @Test("Retention is hours, a time or a count of revisions")
  func retention() throws {
    func compaction(_ mode: String, _ text: String) throws -> AutoCompaction {
      try settings(["--auto-compaction-mode", mode, "--auto-compaction-retention", text]).autoCompaction
    }
    #expect(try compaction("periodic", "0") == .off)
    #expect(try compaction("periodic", "1") == .periodic(.seconds(3600)))
    #expect(try compaction("periodic", "5m") == .periodic(.seconds(300)))
    #expect(try compaction("revision", "1000") == .revision(1000))
    #expect(throws: Ended.self) { try compaction("revision", "1h") }
  }

  @Test("A name alone names the first member, and its data directory")
  func nameAlone() throws {
    let settings = try settings(["--name", "abc"])
    #expect(settings.initialCluster == "abc=http://localhost:2380")
    #expect(settings.dataDirectory == "abc.etcd")
    #expect(settings.origin(of: "data-dir") == .derived("--name"))
    let given = try ConfigTests.settings(["--name", "abc", "--initial-cluster", "x=http://a:1"])
    #expect(given.initialCluster == "x=http://a:1")
  }

  @Test("Bound to every address, the default route's address is advertised")
  func defaultHost() throws {
    let words = ["--listen-peer-urls", "http://0.0.0.0:12380"]
    let found = try settings(words, host: .address("10.1.2.3"))
    #expect(found.advertisePeerURLs.text == "http://10.1.2.3:12380")
    #expect(found.advertiseClientURLs.text == "http://localhost:2379")
    #expect(try settings(words).advertisePeerURLs.text == "http://localhost:2380")
  }

  @Test("A bcrypt cost out of range becomes 10")
  func bcrypt() throws {
    #expect(try settings(["--bcrypt-cost", "3"]).bcryptCost == 10)
    #expect(try settings(["--bcrypt-cost", "31"]).bcryptCost == 31)
  }

  @Test("Defaults are those of the guide and of 3.4")
  func defaults() throws {
    let settings = try settings([])
    #expect(settings.enableV2)
    #expect(settings.preVote)
    #expect(settings.corsOrigins == ["*"])
    #expect(settings.hostWhitelist == ["*"])
    #expect(settings.electionTicks == 10)
    #expect(settings.keepAliveInterval == .seconds(7200))
    #expect(settings.maxRequestBytes == 1_572_864)
    #expect(settings.maxConcurrentStreams == UInt32.max)
    #expect(settings.authTokenTTL == .seconds(300))
    #expect(settings.logLevel == .info)
    #expect(settings.logFormat == .capnslog)
    #expect(settings.initialCluster == "default=http://localhost:2380")
    #expect(settings.advertiseClientURLs.text == "http://localhost:2379")
    #expect(settings.backendBatch.limit == 10_000)
    #expect(settings.enableGateway)
  }

  @Test("The page of --check-config shows values and where they came from")
  func page() throws {
    let end = try ending(["--check-config", "--name=a"], environment: ["ETCD_MAX_WALS=9"])
    #expect(end.code == 0)
    #expect(end.output.contains("name = \"a\"  # flag\n"))
    #expect(end.output.contains("max-wals = \"9\"  # environment ETCD_MAX_WALS\n"))
    #expect(end.output.contains("data-dir = \"a.etcd\"  # derived from --name\n"))
    #expect(end.output.contains("election-timeout = \"1000\"  # default\n"))
    #expect(try ending(["--check-config", "--heartbeat-interval=0"]).code == 1)
  }

  @Test("With zap, notes carry their values as fields")
  func fields() throws {
    guard case .run(let settings, let notes) = outcome(["--logger=zap", "--name=a"]) else { throw Started() }
    let lines = notes.map { $0.line(.zap, at: exampleTime) }
    #expect(
      lines.last?.hasSuffix("\"msg\":\"'data-dir' was empty; using default\",\"data-dir\":\"a.etcd\"}\n")
        == true)
    let line = LogFormat.zap.line(
      .info, package: "embed", message: "starting an etcd server",
      fields: settings.startFields(memberInitialized: false, processors: 2), at: exampleTime)
    #expect(
      line.contains(
        "\"heartbeat-interval\":\"100ms\",\"election-timeout\":\"1s\",\"initial-election-tick-advance\":true"))
    #expect(
      line.contains(
        "\"listen-metrics-urls\":[],\"cors\":[\"*\"],\"host-whitelist\":[\"*\"],\"initial-cluster\":\"a=http://localhost:2380\""
      ))
  }
}
