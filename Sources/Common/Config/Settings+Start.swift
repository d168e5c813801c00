import Base

extension Settings {
  /// The fields of zap's line "starting an etcd server", by which tools read settings back.
  ///
  /// As etcd 3.4: embed/etcd.go, print.
  package func startFields(memberInitialized: Bool, processors: Int) -> [LogField] {
    func texts(_ urls: [EndpointURL]) -> LogField.Value { .texts(urls.map(\.text)) }
    let retention: TimeSpan
    switch autoCompaction {
    case .off: retention = .zero
    case .periodic(let span): retention = span
    // The original keeps the count in the same place as the time.
    case .revision(let count): retention = TimeSpan(nanoseconds: count)
    }
    return [
      LogField("etcd-version", etcdVersion),
      LogField("git-sha", "Not provided (use ./build instead of go build)"),
      LogField("go-version", "none (written in Swift)"), LogField("go-os", "linux"),
      LogField("go-arch", Help.architecture), LogField("max-cpu-set", processors),
      LogField("max-cpu-available", processors), LogField("member-initialized", memberInitialized),
      LogField("name", name), LogField("data-dir", dataDirectory), LogField("wal-dir", walDirectory),
      LogField("wal-dir-dedicated", walDirectory), LogField("member-dir", dataDirectory + "/member"),
      LogField("force-new-cluster", forceNewCluster),
      LogField("heartbeat-interval", heartbeatInterval), LogField("election-timeout", electionTimeout),
      LogField("initial-election-tick-advance", advancesInitialElectionTicks),
      LogField("snapshot-count", snapshotCount), LogField("max-wals", maxWALs),
      LogField("max-snapshots", maxSnapshots),
      LogField("snapshot-catchup-entries", Limits.catchUpEntries),
      LogField("initial-advertise-peer-urls", texts(advertisePeerURLs)),
      LogField("listen-peer-urls", texts(listenPeerURLs)),
      LogField("advertise-client-urls", texts(advertiseClientURLs)),
      LogField("listen-client-urls", texts(listenClientURLs)),
      LogField("listen-metrics-urls", texts(listenMetricsURLs)),
      LogField("cors", .texts(corsOrigins)), LogField("host-whitelist", .texts(hostWhitelist)),
      LogField("initial-cluster", memberInitialized ? "" : initialCluster),
      LogField("initial-cluster-state", initialClusterState),
      LogField("initial-cluster-token", initialClusterToken),
      LogField("quota-backend-bytes", .integer(quotaBytes ?? quotaBackendBytes)),
      LogField("max-request-bytes", maxRequestBytes),
      LogField("max-concurrent-streams", UInt64(maxConcurrentStreams)), LogField("pre-vote", preVote),
      LogField("initial-corrupt-check", initialCorruptCheck),
      LogField("corrupt-check-time-interval", corruptCheckTime),
      LogField("auto-compaction-mode", autoCompactionMode),
      LogField("auto-compaction-retention", retention), LogField("auto-compaction-interval", retention),
      LogField("discovery-url", discoveryURL), LogField("discovery-proxy", discoveryProxy),
    ]
  }
}
