import Base
import Testing

@testable import Config

private let unmarshal = "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "

@Suite struct FileTests {
  @Test(
    "A value of the wrong kind is refused in the words of Go's decoder",
    arguments: [
      ("heartbeat-interval: zz", "string into Go struct field configYAML.heartbeat-interval of type uint"),
      ("heartbeat-interval: 1.5", "number 1.5 into Go struct field configYAML.heartbeat-interval of type uint"),
      ("heartbeat-interval: -5", "number -5 into Go struct field configYAML.heartbeat-interval of type uint"),
      ("heartbeat-interval: true", "bool into Go struct field configYAML.heartbeat-interval of type uint"),
      (
        "grpc-keepalive-timeout: 5s",
        "string into Go struct field configYAML.grpc-keepalive-timeout of type time.Duration"
      ),
      (
        "auto-compaction-retention: 1",
        "number into Go struct field configYAML.auto-compaction-retention of type string"
      ),
      ("name: [a]", "array into Go struct field configYAML.name of type string"),
      ("name: {a: b}", "object into Go struct field configYAML.name of type string"),
      ("name: on", "bool into Go struct field configYAML.name of type string"),
      ("log-outputs: stderr", "string into Go struct field configYAML.log-outputs of type []string"),
      (
        "client-transport-security: 5",
        "number into Go struct field configYAML.client-transport-security of type embed.securityConfig"
      ),
      (
        "client-transport-security:\n  client-cert-auth: zz",
        "string into Go struct field securityConfig.client-transport-security.client-cert-auth of type bool"
      ),
      (
        "client-transport-security:\n  cert-file: 5",
        "number into Go struct field securityConfig.client-transport-security.cert-file of type string"
      ),
      ("proxy-failure-wait: zz", "string into Go struct field configProxy.proxy-failure-wait of type uint"),
      (
        "max-concurrent-streams: 5000000000",
        "number 5000000000 into Go struct field configYAML.max-concurrent-streams of type uint32"
      ),
      (
        "quota-backend-bytes: 99999999999999999999",
        "number 100000000000000000000 into Go struct field configYAML.quota-backend-bytes of type int64"
      ),
      ("foo", "string into Go value of type embed.configYAML"),
      ("name: [a]\ncors: 5", "number into Go struct field configYAML.cors of type string"),
    ])
  func types(file: String, text: String) throws {
    let end = try ending(["--config-file", "f.yml"], file: file)
    #expect(end.code == 1)
    #expect(
      end.lines == [
        "I | etcdmain: Loading server configuration from \"f.yml\". Other configuration command line flags and environment variables will be ignored if provided.",
        "E | etcdmain: error verifying flags, \(unmarshal)\(text). See 'etcd --help'.",
      ])
  }

  @Test(
    "Broken YAML is told with libyaml's words and Go's line numbers",
    arguments: [
      ("a: [b\n", "line 1: did not find expected ',' or ']'"),
      ("name: a\n b: c\n", "line 2: mapping values are not allowed in this context"),
      ("\tname: a\n", "found character that cannot start any token"),
      ("{\"name\": 3", "line 1: did not find expected ',' or '}'"),
      ("name: \"a", "found unexpected end of stream"),
      ("name: *x\n", "unknown anchor 'x' referenced"),
    ])
  func syntax(file: String, text: String) throws {
    let end = try ending(["--config-file", "f.yml"], file: file)
    #expect(
      end.lines.last
        == "E | etcdmain: error verifying flags, error converting YAML to JSON: yaml: \(text). See 'etcd --help'."
    )
  }

  @Test(
    "Bad URLs and choices are told as the original tells them",
    arguments: [
      (
        "listen-client-urls: foo",
        "unexpected error setting up listen-client-urls: URL scheme must be http, https, unix, or unixs: foo"
      ),
      (
        "advertise-client-urls: foo",
        "unexpected error setting up advertise-peer-urls: URL scheme must be http, https, unix, or unixs: foo"
      ),
      ("proxy: zz", "I | unexpected error setting up proxyFlag: invalid value"),
      ("discovery-fallback: foo", "I | unexpected error setting up discovery-fallback flag: invalid value"),
    ])
  func choices(file: String, text: String) throws {
    let end = try ending(["--config-file", "f.yml"], file: file)
    #expect(end.code == 1)
    #expect(end.lines == [text])
  }

  @Test("Keys match whatever their case, null keeps the default, the last of equal keys counts")
  func keys() throws {
    let read = try settings(
      ["--config-file", "f"],
      file: "NAME: a\nname: b\nheartbeat-interval: null\ndata-dir:\nPre-Vote: no\nbackend-batch-limit: 1e3\n")
    #expect(read.name == "b")
    #expect(read.heartbeatInterval == .milliseconds(100))
    #expect(read.dataDirectory == "b.etcd")
    #expect(!read.preVote)
    #expect(read.backendBatchLimit == 1000)
    #expect(read.origin(of: "name") == .file(key: "name"))
    #expect(read.enableGateway)
  }

  @Test("JSON is YAML; an empty file leaves every default")
  func json() throws {
    #expect(try settings(["--config-file", "f"], file: "{\"name\":\"x\",\"max-wals\":3}").maxWALs == 3)
    #expect(try settings(["--config-file", "f"], file: "").name == "default")
    #expect(try settings(["--config-file", "f"], file: "log-outputs: []").logOutputs == ["default"])
    #expect(try settings(["--config-file", "f"], file: "# nothing\n").name == "default")
  }

  @Test("With a file, flags and variables are ignored, and each is named")
  func fileWins() throws {
    let said = try notes(
      ["--config-file", "f", "--name", "x"], environment: ["ETCD_NAME=y", "ETCD_MAX_WALS=7"],
      file: "name: z")
    #expect(said.contains("flag \"--name\" is ignored because a configuration file is used"))
    #expect(said.contains("environment variable ETCD_MAX_WALS is ignored because a configuration file is used"))
    let read = try settings([], environment: ["ETCD_CONFIG_FILE=f", "ETCD_MAX_WALS=7"], file: "name: z")
    #expect(read.name == "z")
    #expect(read.maxWALs == 5)
    #expect(read.origin(of: "config-file") == .environment("ETCD_CONFIG_FILE"))
  }

  @Test("Unknown keys and TLS keys at the top are named in a warning")
  func strangers() throws {
    let said = try notes(
      ["--config-file", "f"],
      file: "foo: 1\ncert-file: a\nconfig-file: b\nclient-transport-security:\n  bar: 2\n")
    #expect(said.contains("unknown key \"foo\" in the configuration file is ignored"))
    #expect(said.contains("unknown key \"config-file\" in the configuration file is ignored"))
    #expect(
      said.contains(
        "key \"cert-file\" in the configuration file is ignored; write cert-file under client-transport-security"
      ))
    #expect(
      said.contains("unknown key \"bar\" under client-transport-security in the configuration file is ignored"))
  }

  @Test("Both TLS maps reach their files")
  func tls() throws {
    let read = try settings(
      ["--config-file", "f"],
      file: """
        client-transport-security:
          cert-file: c.pem
          key-file: k.pem
          client-cert-auth: true
          trusted-ca-file: ca.pem
          auto-tls: false
        """)
    #expect(read.clientTLS.certificateFile == "c.pem")
    #expect(read.clientTLS.keyFile == "k.pem")
    #expect(read.clientTLS.verifiesClients)
    let peers = try settings(
      ["--config-file", "f"],
      file: "peer-transport-security: {cert-file: p.pem, key-file: q.pem, auto-tls: true}")
    #expect(peers.peerTLS.certificateFile == "p.pem")
    #expect(peers.peerTLS.keyFile == "q.pem")
    #expect(peers.peerTLS.isAutomatic)
  }

  @Test("A file with every key of etcd's own sample loads")
  func sample() throws {
    let read = try settings(["--config-file", "etcd.conf.yml"], file: upstreamKeys)
    #expect(read.logFormat == .zap)
    #expect(read.logLevel == .debug)
    #expect(read.logOutputs == ["stderr"])
    #expect(!read.strictReconfigCheck)
    #expect(read.autoCompaction == .periodic(.seconds(3600)))
    #expect(read.cipherSuites.count == 2)
    #expect(read.initialCluster == "default=http://localhost:2380")
  }

  @Test("Merging maps cannot grow without bound")
  func bomb() throws {
    var file = "a0: &a0 {x: 1, y: 2}\n"
    for step in 1...30 { file += "a\(step): &a\(step) {<<: *a\(step - 1), <<: *a\(step - 1)}\n" }
    #expect(try ending(["--config-file", "f"], file: file).errors.contains("has more than 10000 keys"))
    let deep = String(repeating: "[", count: 100)
    #expect(try ending(["--config-file", "f"], file: deep).errors.contains("exceeded max depth"))
  }
}

/// The keys and values of the sample file of 3.4, without its prose.
private let upstreamKeys = """
  name: 'default'
  data-dir:
  wal-dir:
  snapshot-count: 10000
  heartbeat-interval: 100
  election-timeout: 1000
  quota-backend-bytes: 0
  listen-peer-urls: http://localhost:2380
  listen-client-urls: http://localhost:2379
  max-snapshots: 5
  max-wals: 5
  cors:
  initial-advertise-peer-urls: http://localhost:2380
  advertise-client-urls: http://localhost:2379
  discovery:
  discovery-fallback: 'proxy'
  discovery-proxy:
  discovery-srv:
  initial-cluster:
  initial-cluster-token: 'etcd-cluster'
  initial-cluster-state: 'new'
  strict-reconfig-check: false
  enable-v2: true
  enable-pprof: true
  proxy: 'off'
  proxy-failure-wait: 5000
  proxy-refresh-interval: 30000
  proxy-dial-timeout: 1000
  proxy-write-timeout: 5000
  proxy-read-timeout: 0
  client-transport-security:
    cert-file:
    key-file:
    client-cert-auth: false
    trusted-ca-file:
    auto-tls: false
  peer-transport-security:
    cert-file:
    key-file:
    client-cert-auth: false
    trusted-ca-file:
    auto-tls: false
  debug: false
  log-level: debug
  logger: zap
  log-outputs: [stderr]
  force-new-cluster: false
  auto-compaction-mode: periodic
  auto-compaction-retention: "1"
  cipher-suites: [
    TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
  ]
  """
