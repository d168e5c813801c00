import Base

/// What `etcd grpc-proxy start` was told.
package struct GRPCProxySettings: Sendable {
  /// `host:port`.
  package var listenAddress = ""
  package var endpoints: [String] = []
  package var discoveryDomain = ""
  package var discoveryServiceName = ""
  package var insecureDiscovery = false
  /// URL of a further port for metrics; empty for none.
  package var metricsURL = ""
  /// What clients are told of where this proxy is; empty: they are told of the members.
  package var advertiseClientURL = ""
  package var resolverPrefix = ""
  package var resolverTTLSeconds = 0
  package var namespace = ""
  package var enableProfiling = false
  package var dataDirectory = ""
  /// Longest message sent to a member, and taken from one.
  package var maxSendBytes = 0
  package var maxReceiveBytes = 0

  // Toward the members.
  package var certificateFile = ""
  package var keyFile = ""
  package var caFile = ""
  package var skipsVerification = false

  // Toward the clients.
  package var listenCertificateFile = ""
  package var listenKeyFile = ""
  package var listenCAFile = ""
  package var listenCipherSuites: [String] = []
  package var automaticTLS = false
  package var listenRevocationFile = ""

  package var serializableOrdering = false
  package var leasingPrefix = ""
  package var debug = false
  package var maxConcurrentStreams: UInt32 = 0

  package init() {}

  /// Whether clients speak TLS to us.
  package var listensSecurely: Bool {
    automaticTLS || !(listenCertificateFile + listenKeyFile + listenCAFile).isEmpty
  }
}

extension GRPCProxySettings {
  static let command = FrontCommand(
    "grpc-proxy", "Forward gRPC to the members of a cluster: watches are shared, reads answered from a cache.",
    GRPCProxySettings(), flags, verify: problem)

  private static let flags: [CommandFlag<GRPCProxySettings>] = [
    CommandFlag("listen-addr", .text(\.listenAddress), "127.0.0.1:23790", "Address to accept clients on."),
    CommandFlag(
      "endpoints", .words(\.endpoints), "127.0.0.1:2379",
      "Client addresses of the members, with commas between. Not used with --discovery-srv."),
    CommandFlag(
      "discovery-srv", .text(\.discoveryDomain), "",
      "DNS domain whose SRV records name the members. They are looked up again when they run out."),
    CommandFlag(
      "discovery-srv-name", .text(\.discoveryServiceName), "",
      "Suffix of the service's name in these records."),
    CommandFlag(
      "insecure-discovery", .flag(\.insecureDiscovery), "false",
      "Take records of members without TLS too, and check none of them."),
    CommandFlag(
      "metrics-addr", .text(\.metricsURL), "",
      "URL of a further port that serves /metrics and /health."),
    CommandFlag(
      "advertise-client-url", .text(\.advertiseClientURL), "127.0.0.1:23790",
      "Where clients reach this proxy; the list of members names it. Empty: clients are told of the members themselves."
    ),
    CommandFlag(
      "resolver-prefix", .text(\.resolverPrefix), "",
      "Key prefix under which proxies register themselves; the same for all proxies of a cluster."),
    CommandFlag(
      "resolver-ttl", .integer(\.resolverTTLSeconds), "0",
      "Seconds that a registration outlives its proxy."),
    CommandFlag("namespace", .text(\.namespace), "", "Put in front of every key of every request."),
    CommandFlag(
      "enable-pprof", .flag(\.enableProfiling), "false",
      "Serve run-time profiles to clients under /debug/pprof/."),
    CommandFlag(
      "data-dir", .text(\.dataDirectory), "default.proxy", "Where the certificate of --auto-tls is kept."),
    CommandFlag(
      "max-send-bytes", .integer(\.maxSendBytes), "1572864", "Longest message sent to a member."),
    CommandFlag(
      "max-recv-bytes", .integer(\.maxReceiveBytes), "2147483647", "Longest message taken from a member."),
    CommandFlag("cert", .text(\.certificateFile), "", "Certificate shown to members."),
    CommandFlag("key", .text(\.keyFile), "", "Its key."),
    CommandFlag("cacert", .text(\.caFile), "", "CA bundle that members' certificates are checked against."),
    CommandFlag(
      "insecure-skip-tls-verify", .flag(\.skipsVerification), "false",
      "Do not check members' certificates. For tests only."),
    CommandFlag("cert-file", .text(\.listenCertificateFile), "", "Certificate shown to clients."),
    CommandFlag("key-file", .text(\.listenKeyFile), "", "Its key."),
    CommandFlag(
      "trusted-ca-file", .text(\.listenCAFile), "", "CA bundle that clients' certificates are checked against."),
    CommandFlag(
      "listen-cipher-suites", .words(\.listenCipherSuites), "",
      "Cipher suites toward clients, as Go and IANA name them; empty leaves the choice to OpenSSL."),
    CommandFlag("auto-tls", .flag(\.automaticTLS), "false", "Show clients a certificate made for the purpose."),
    CommandFlag(
      "client-crl-file", .text(\.listenRevocationFile), "", "List of clients' certificates that are revoked."),
    CommandFlag(
      "experimental-serializable-ordering", .flag(\.serializableOrdering), "false",
      "Never answer a serializable read with an older revision than was answered before."),
    CommandFlag(
      "experimental-leasing-prefix", .text(\.leasingPrefix), "",
      "Key prefix under which proxies own keys, to answer linearizable reads of them alone."),
    CommandFlag("debug", .flag(\.debug), "false", "Log more."),
    CommandFlag(
      "max-concurrent-streams", .count32(\.maxConcurrentStreams), "4294967295",
      "Streams that a client may have open on one connection."),
  ]

  /// The first three as etcd 3.4: etcdmain/grpc_proxy.go, checkArgs.
  @Sendable private static func problem(_ settings: GRPCProxySettings) -> String? {
    if !settings.resolverPrefix.isEmpty, settings.resolverTTLSeconds < 1 {
      return "invalid resolver-ttl \(settings.resolverTTLSeconds)"
    }
    if settings.resolverPrefix.isEmpty, settings.resolverTTLSeconds > 0 {
      return "invalid resolver-prefix \"\""
    }
    if !settings.resolverPrefix.isEmpty, settings.advertiseClientURL.isEmpty {
      return "invalid advertise-client-url \"\""
    }
    return nil
  }
}
