import Base
import Testing

@testable import Config

@Suite struct ArgumentTests {
  @Test("Every form of a flag that Go accepts sets the value")
  func forms() throws {
    for words in [["-name", "a"], ["--name", "a"], ["-name=a"], ["--name=a"], ["--name", "b", "--name=a"]] {
      #expect(try settings(words).name == "a")
    }
    #expect(try settings(["--pre-vote=false"]).preVote == false)
    #expect(try settings(["--strict-reconfig-check=0", "--unsafe-no-fsync"]).skipsSync)
    #expect(try settings(["--name", "x=y"]).name == "x=y")
    #expect(try settings(["--name", "x", "--"]).name == "x")
  }

  @Test(
    "A flag that is unknown or malformed ends with code 2, Go's sentence and the usage",
    arguments: [
      (["--nosuch"], "flag provided but not defined: -nosuch"),
      (["--heartbeat-interval=zz"], "invalid value \"zz\" for flag -heartbeat-interval: parse error"),
      (["--heartbeat-interval"], "flag needs an argument: -heartbeat-interval"),
      (
        ["--listen-client-urls", "foo"],
        "invalid value \"foo\" for flag -listen-client-urls: URL scheme must be http, https, unix, or unixs: foo"
      ),
      (["--proxy", "foo"], "invalid value \"foo\" for flag -proxy: invalid value"),
      (
        ["--initial-cluster-state", "foo"],
        "invalid value \"foo\" for flag -initial-cluster-state: invalid value"
      ),
      (["--pre-vote=zz"], "invalid boolean value \"zz\" for -pre-vote: parse error"),
      (["--snapshot-count", "-1"], "invalid value \"-1\" for flag -snapshot-count: parse error"),
      (["--backend-batch-interval", "5"], "invalid value \"5\" for flag -backend-batch-interval: parse error"),
      (["-="], "bad flag syntax: -="), (["---x"], "bad flag syntax: ---x"),
      (
        ["--quota-backend-bytes=99999999999999999999"],
        "invalid value \"99999999999999999999\" for flag -quota-backend-bytes: value out of range"
      ),
      (
        ["--max-concurrent-streams=5000000000"],
        "invalid value \"5000000000\" for flag -max-concurrent-streams: strconv.ParseUint: parsing \"5000000000\": value out of range"
      ),
      (
        ["--listen-peer-urls", "http://1.1.1.1"],
        "invalid value \"http://1.1.1.1\" for flag -listen-peer-urls: URL address does not have the form \"host:port\": http://1.1.1.1"
      ),
      (
        ["--cors", "foo"],
        "invalid value \"foo\" for flag -cors: URL scheme must be http, https, unix, or unixs: foo"
      ),
    ])
  func malformed(words: [String], sentence: String) throws {
    let end = try ending(words)
    #expect(end.code == 2)
    #expect(end.errors.hasPrefix(sentence + "\nUsage:\n"))
    #expect(end.output.isEmpty)
  }

  @Test("A stray word ends with code 1")
  func stray() throws {
    for word in ["foo", "-"] {
      let end = try ending([word])
      #expect(end.code == 1)
      #expect(
        end.errors
          == "2026-11-23 09:25:40.117796 E | etcdmain: error verifying flags, '\(word)' is not a valid flag. See 'etcd --help'.\n"
      )
    }
  }

  @Test("Help goes to both outputs and names every flag")
  func help() throws {
    for word in ["--help", "-h", "-help"] {
      let end = try ending([word])
      #expect(end.code == 0)
      #expect(end.errors.hasPrefix("Usage:\n\n  etcd [flags]\n"))
      for flag in Flag.all { #expect(end.output.contains("  --\(flag.name)")) }
    }
  }

  @Test("The version's first four lines are those clients parse, ours follows")
  func version() throws {
    let end = try ending(["--name=a", "--version"])
    let lines = end.output.split(separator: "\n")
    #expect(end.code == 0)
    #expect(lines.count == 5)
    #expect(lines[0] == "etcd Version: 3.4.45")
    #expect(lines[1].hasPrefix("Git SHA: "))
    #expect(lines[2].hasPrefix("Go Version: "))
    #expect(lines[3].hasPrefix("Go OS/Arch: linux/"))
    #expect(lines[4] == "etcd-swift Version: \(projectVersion)")
  }

  @Test("Legacy flags are taken with a warning, with or without a value")
  func legacy() throws {
    for flag in Flag.ignoredFlags {
      #expect(
        try notes(["-\(flag.name)"]).contains("flag \"-\(flag.name)\" is no longer supported - ignoring."))
      #expect(try settings(["--\(flag.name)=7"]).name == "default")
    }
  }

  @Test("The old --ca-file means a trusted CA that asks for certificates")
  func oldCA() throws {
    let words = ["--ca-file", "ca.pem"]
    let settings = try settings(words)
    #expect(settings.clientTLS.trustedCAFile == "ca.pem")
    #expect(settings.clientTLS.requiresClientCertificate)
    #expect(try notes(words).contains { $0.contains("\"-ca-file\" is deprecated") })
  }

  @Test("A flag whose function is not built stops the start and says why", arguments: Flag.all)
  func notBuilt(flag: Flag) throws {
    guard case .notYet(let reason) = flag.fate else { return }
    let value =
      switch flag.slot {
      case .flag: "true"
      case .choice(_, let words): words.first { $0 != flag.standard } ?? ""
      case .urls: "http://127.0.0.1:1"
      case .duration: "7s"
      case .span, .integer: "7"
      default: "x"
      }
    var words = ["--\(flag.name)=\(value)"]
    if flag.name == "peer-cert-allowed-hostname" { words = ["--\(flag.name)", value] }
    let end = try ending(words)
    #expect(end.code == 1)
    #expect(end.errors.contains("--\(flag.name) cannot be used: \(reason)"))
    #expect(try settings(["--\(flag.name)=\(flag.standard)"]).name == "default")
  }

  @Test("The sub-commands have flags of their own, read as pflag reads them")
  func commands() throws {
    func gateway(_ words: String...) -> GatewaySettings? {
      if case .gateway(let settings) = configure(ConfigInput(arguments: ["gateway", "start"] + words)) {
        return settings
      }
      return nil
    }
    let standard = try #require(gateway())
    #expect(standard.listenAddress == "127.0.0.1:23790" && standard.endpoints == ["127.0.0.1:2379"])
    #expect(standard.retryDelay == .seconds(60) && !standard.insecureDiscovery)
    let given = try #require(
      gateway("--endpoints", "a:1,b:2", "word", "--endpoints=c:3", "--retry-delay=0", "--insecure-discovery"))
    #expect(given.endpoints == ["a:1", "b:2", "c:3"] && given.retryDelay == .zero && given.insecureDiscovery)
    #expect(try ending(["gateway", "start", "--retry-delay=-1s"]).code == 1)
    #expect(try ending(["gateway", "start", "--foo"]).errors.hasPrefix("Error: unknown flag: --foo\n"))
    #expect(
      try ending(["gateway", "start", "-x"]).errors.hasPrefix("Error: unknown shorthand flag: 'x' in -x\n"))
    #expect(try ending(["gateway"]).code == 0)
    guard
      case .grpcProxy(let proxy) = configure(
        ConfigInput(arguments: ["grpc-proxy", "start", "--namespace", "n"]))
    else {
      Issue.record("no proxy")
      return
    }
    #expect(proxy.namespace == "n" && proxy.maxSendBytes == 1_572_864 && proxy.maxConcurrentStreams == .max)
    for (words, text) in [
      (["--resolver-prefix", "p"], "invalid resolver-ttl 0\n"),
      (["--resolver-ttl", "1"], "invalid resolver-prefix \"\"\n"),
    ] {
      let end = try ending(["grpc-proxy", "start"] + words)
      #expect(end.code == 1 && end.errors == text)
    }
    #expect(
      try ending(["grpc-proxy", "start", "--max-concurrent-streams=4294967296"]).errors.hasPrefix(
        "Error: invalid argument \"4294967296\" for \"--max-concurrent-streams\" flag: strconv.ParseUint: parsing "
          + "\"4294967296\": value out of range\n"))
  }

  @Test("Numbers are read as Go reads them with base 0")
  func numbers() throws {
    for (text, value) in [("0x10", 16), ("010", 8), ("0o10", 8), ("0b11", 3), ("1_000", 1000), ("0", 0)] {
      #expect(try settings(["--max-wals=\(text)"]).maxWALs == value)
    }
    for text in ["", "_1", "1__0", "0x", "1.5", "+5", " 5"] {
      #expect(try ending(["--max-wals", text]).code == 2)
    }
    #expect(try settings(["--quota-backend-bytes=-1"]).quotaBytes == nil)
    #expect(try settings(["--quota-backend-bytes=0"]).quotaBytes == 2 * 1024 * 1024 * 1024)
    #expect(try settings(["--snapshot-count=18446744073709551615"]).snapshotCount == Int.max)
  }
}
