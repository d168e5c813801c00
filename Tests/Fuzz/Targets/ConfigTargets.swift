import Base
import Config

/// A configuration file, as a start and as `--check-config` read it.
func fuzzYAML(_ bytes: UnsafeRawBufferPointer) {
  let content = Bytes(bytes)
  _ = settle(["--config-file", "f.yml"], [], content)
  _ = settle(["--config-file", "f.yml", "--check-config"], [], content)
}

/// Lines of a command line; those that begin with `ETCD_` are variables instead.
func fuzzFlags(_ bytes: UnsafeRawBufferPointer) {
  var arguments: [String] = []
  var environment: [String] = []
  for line in Bytes(bytes).split(separator: 0x0A, omittingEmptySubsequences: false) {
    let text = String(utf8: line)
    if text.hasPrefix("ETCD_") { environment.append(text) } else { arguments.append(text) }
  }
  _ = settle(arguments, environment, nil)
  _ = settle(arguments + ["--check-config"], environment, nil)
}

/// What a start would print. Reading the same twice must give the same.
private func settle(_ arguments: [String], _ environment: [String], _ file: Bytes?) -> [String] {
  let first = once(arguments, environment, file)
  invariant(first == once(arguments, environment, file), "equal settings are read differently")
  return first
}

private func once(_ arguments: [String], _ environment: [String], _ file: Bytes?) -> [String] {
  let time = WallTime(nanoseconds: 1_795_425_940_117_796_000)
  let input = ConfigInput(
    arguments: arguments, environment: environment, now: time,
    readFile: { path in file.map { .success($0) } ?? .failure(.init("open \(path): no such file or directory"))
    },
    defaultHost: { .address("10.0.0.1") })
  switch configure(input) {
  case .run(let settings, let notes):
    return [settings.name, settings.initialCluster] + notes.map { $0.line(settings.logFormat, at: time) }
  case .gateway(let settings): return ["\(settings)"]
  case .grpcProxy(let settings): return ["\(settings)"]
  case .token(let wish): return ["\(wish)"]
  case .exit(let code, let output, let errors): return [String(code), output, errors]
  }
}

func yamlSeeds() -> [(name: String, bytes: Bytes)] {
  let usual = """
    # a member
    name: 'm1'
    data-dir: /var/lib/etcd
    snapshot-count: 10_000
    heartbeat-interval: 0x64
    listen-client-urls: http://127.0.0.1:2379,http://127.0.0.1:4001
    initial-cluster: m1=http://127.0.0.1:2380
    client-transport-security:
      cert-file: c.pem
      key-file: "k\\u0065y.pem"
      client-cert-auth: yes
    log-outputs: [stderr]
    quota-backend-bytes: 1e9
    """
  let odd = """
    %YAML 1.1
    ---
    base: &b {enable-v2: true, name: a}
    <<: *b
    name: |
      many
      lines
    ? cors
    : "*"
    auto-compaction-retention: !!str 5
    log-package-levels: >-
      a=INFO
    ...
    """
  return [("usual", usual.bytes), ("odd", odd.bytes), ("empty", [])]
}

func flagSeeds() -> [(name: String, bytes: Bytes)] {
  [
    (
      "usual",
      "--name\nm1\n--data-dir=/d\n-listen-client-urls\nhttp://[::1]:2379\n--advertise-client-urls=http://h:1\nETCD_SNAPSHOT_COUNT=5"
        .bytes
    ),
    (
      "cluster",
      "--initial-cluster\na=http://h:1,b=https://i:2,a=http://h:3\n--name=a\n--force-new-cluster".bytes
    ),
    (
      "durations",
      "--auto-compaction-mode=periodic\n--auto-compaction-retention=1h30m\n--grpc-keepalive-timeout=1.5s\nETCD_NAME=x"
        .bytes
    ),
    ("logs", "--logger=zap\n--log-outputs=stderr,default\n--log-level=debug\n--auth-token=jwt,pub-key=k".bytes),
  ]
}
