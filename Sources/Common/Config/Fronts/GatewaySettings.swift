import Base

/// What `etcd gateway start` was told.
package struct GatewaySettings: Sendable {
  /// `host:port`.
  package var listenAddress = ""
  /// `host:port` each; a scheme in front is of no meaning here and is taken off.
  package var endpoints: [String] = []
  package var discoveryDomain = ""
  package var discoveryServiceName = ""
  package var insecureDiscovery = false
  package var trustedCAFile = ""
  package var retryDelay = TimeSpan.zero
  /// `host:port` of a page of metrics; empty for none.
  package var metricsAddress = ""

  package init() {}
}

extension GatewaySettings {
  static let command = FrontCommand(
    "gateway", "Forward TCP connections to the members of a cluster.", GatewaySettings(),
    [
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
        "trusted-ca-file", .text(\.trustedCAFile), "",
        "CA bundle against which discovered members are checked, unless --insecure-discovery is given."),
      CommandFlag(
        "retry-delay", .duration(\.retryDelay), "1m0s",
        "Time after which a failed endpoint is tried again; 0 means 5m."),
      CommandFlag(
        "metrics-addr", .text(\.metricsAddress), "",
        "Address of a page /metrics (and /health) of the gateway's own; without it there is none."),
    ],
    verify: { settings in
      settings.retryDelay < .zero
        ? "invalid retry-delay \(GoDuration.text(settings.retryDelay)): it must not be negative" : nil
    })
}
