import Base

private let notHeeded = "the member does not look at it yet"

extension Flag {
  static let laterFlags: [Flag] = [
    Flag(
      "proxy", .choice(\.proxy, ["off", "readonly", "on"]), "off", .proxy, file: .proxy,
      "Run as an HTTP proxy in front of a cluster instead of a member: 'off', 'readonly' or 'on'."),
    Flag(
      "proxy-failure-wait", .span(\.proxyFailureWait, unit: .milliseconds(1)), "5000", .proxy, file: .proxy,
      "Longest pause, in milliseconds, before an endpoint that failed is tried again."),
    Flag(
      "proxy-refresh-interval", .span(\.proxyRefreshInterval, unit: .milliseconds(1)), "30000", .proxy,
      file: .proxy, "Milliseconds between two looks at the list of members."),
    Flag(
      "proxy-dial-timeout", .span(\.proxyDialTimeout, unit: .milliseconds(1)), "1000", .proxy, file: .proxy,
      "Milliseconds to connect to a member; 0 for no bound."),
    Flag(
      "proxy-write-timeout", .span(\.proxyWriteTimeout, unit: .milliseconds(1)), "5000", .proxy, file: .proxy,
      "Milliseconds to write to a member; 0 for no bound."),
    Flag(
      "proxy-read-timeout", .span(\.proxyReadTimeout, unit: .milliseconds(1)), "0", .proxy, file: .proxy,
      "Milliseconds that a member may be silent while a request over HTTP/1.1 waits; 0 for no bound, as watches need."
    ),

    Flag(
      "experimental-initial-corrupt-check", .flag(\.initialCorruptCheck), "false", .experimental,
      "Hash all stored data, and compare it with the other members, before serving."),
    Flag(
      "experimental-corrupt-check-time", .duration(\.corruptCheckTime), "0s", .experimental,
      "Pause between two comparisons of the data with the other members; 0 for none."),
    Flag(
      "experimental-enable-v2v3", .text(\.v2v3Prefix), "", .experimental,
      fate: .notYet("the v2 API over v3 keys is not built yet"),
      "Serve the v2 API from v3 keys under this prefix."),
    Flag(
      "experimental-backend-bbolt-freelist-type", .text(\.freelistType), "array", .experimental,
      fate: .meaningless("the store keeps no such list"),
      "How bbolt keeps its free pages, 'array' or 'map'; without effect, this store is another."),
    Flag(
      "experimental-enable-lease-checkpoint", .flag(\.leaseCheckpoint), "false", .experimental,
      "Let the leader tell its followers the remaining time of leases, so that a change of leader does not renew them."
    ),
    Flag(
      "experimental-enable-lease-checkpoint-persist", .flag(\.leaseCheckpointPersist), "false",
      .experimental,
      "Keep these times on disk as well; needs --experimental-enable-lease-checkpoint."),
    Flag(
      "experimental-compaction-batch-limit", .integer(\.compactionBatchLimit), "0", .experimental,
      "Revisions that one step of a compaction removes; 0 means 128."),
    Flag(
      "experimental-peer-skip-client-san-verification", .flag(\.peerTLS.skipsNameCheck), "false",
      .experimental, file: .peer("skip-client-san-verification"),
      "Do not compare a member's address with the names in its certificate."),
    Flag(
      "experimental-watch-progress-notify-interval", .duration(\.watchProgressInterval), "0s",
      .experimental, "Pause between progress notices of a silent watch; 0 means 10m, at least 100ms."),
    Flag(
      "experimental-warning-apply-duration", .duration(\.warningApplyDuration), "100ms",
      .experimental,
      "Time that a request may take to apply before a warning is logged."),

    Flag(
      "force-new-cluster", .flag(\.forceNewCluster), "false", .unsafe,
      "Found a cluster of one member from the data at hand. Breaks the promises of the cluster."),
    Flag(
      "unsafe-no-fsync", .flag(\.skipsSync), "false", .unsafe,
      "Never wait for the disk. A crash of the machine loses writes that were answered."),
  ]

  static let frontFlags: [Flag] = [
    Flag(
      "config-file", .text(\.configFile), "", .front, file: .none,
      "YAML or JSON file with all settings; other flags and variables are then ignored."),
    Flag(
      "version", .flag(\.printsVersion), "false", .front, file: .none, "Print the version and end."),
    Flag(
      "check-config", .flag(\.checksOnly), "false", .front, file: .none,
      "Print every setting and where it came from, and end; with exit code 1 when one is wrong."),
  ]

  /// As etcd 3.4: etcdmain/config.go, ignored.
  static let ignoredFlags: [Flag] = [
    "cluster-active-size", "cluster-remove-delay", "cluster-sync-interval", "config", "force",
    "max-result-buffer", "max-retry-attempts", "peer-heartbeat-interval", "peer-election-timeout",
    "retry-interval", "snapshot", "v", "vv", "test.coverprofile", "test.outputdir",
  ].map { Flag($0, .nothing, "", .ignored, file: .none, fate: .ignoredLegacy, "") }
}
