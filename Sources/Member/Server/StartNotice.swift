import Base
import Config

// What a start tells the log of its settings. Tools read these lines, so words and names are etcd's.

/// The settings that matter, in lines for people or in one for machines. As etcd 3.4: embed/etcd.go, print.
func announceStart(_ settings: Settings, isUsed: Bool, _ log: Log) {
  switch settings.logFormat {
  case .capnslog: announceInLines(settings, log)
  case .zap: announceInFields(settings, isUsed: isUsed, log)
  }
}

/// The addresses that are served now. As etcd 3.4: embed/etcd.go, StartEtcd; the old format has no such line.
func announceServing(_ settings: Settings, member: String, _ log: Log) {
  guard settings.logFormat == .zap else { return }
  log(
    .info, "now serving peer/client/metrics", LogField("local-member-id", member),
    texts("initial-advertise-peer-urls", settings.advertisePeerURLs),
    texts("listen-peer-urls", settings.listenPeerURLs),
    texts("advertise-client-urls", settings.advertiseClientURLs),
    texts("listen-client-urls", settings.listenClientURLs),
    texts("listen-metrics-urls", settings.listenMetricsURLs))
}

private func announceInLines(_ settings: Settings, _ log: Log) {
  log(.info, "name = \(settings.name)")
  if settings.forceNewCluster { log(.info, "force new cluster") }
  log(.info, "data dir = \(settings.dataDirectory)")
  log(.info, "member dir = \(settings.dataDirectory)/member")
  if !settings.walDirectory.isEmpty { log(.info, "dedicated WAL dir = \(settings.walDirectory)") }
  log(.info, "heartbeat = \(Int(settings.heartbeatInterval.milliseconds))ms")
  log(.info, "election = \(Int(settings.tickedElectionTimeout.milliseconds))ms")
  log(.info, "snapshot count = \(settings.snapshotCount)")
  if !settings.discoveryURL.isEmpty {
    log(.info, "discovery URL= \(settings.discoveryURL)")
    if !settings.discoveryProxy.isEmpty { log(.info, "discovery proxy = \(settings.discoveryProxy)") }
  }
  log(.info, "advertise client URLs = \(settings.advertiseClientURLs.map(\.text).joined(separator: ","))")
}

private func announceInFields(_ settings: Settings, isUsed: Bool, _ log: Log) {
  let retention = settings.shownRetention
  log(
    .info, "starting an etcd server", LogField("etcd-version", etcdVersion),
    LogField("member-initialized", isUsed),
    LogField("name", settings.name), LogField("data-dir", settings.dataDirectory),
    LogField("wal-dir", settings.walDirectory), LogField("wal-dir-dedicated", settings.walDirectory),
    LogField("member-dir", settings.dataDirectory + "/member"),
    LogField("force-new-cluster", settings.forceNewCluster),
    LogField("heartbeat-interval", settings.heartbeatInterval),
    LogField("election-timeout", settings.tickedElectionTimeout),
    LogField("initial-election-tick-advance", settings.advancesInitialElectionTicks),
    LogField("snapshot-count", settings.snapshotCount), LogField("max-wals", settings.maxWALs),
    LogField("max-snapshots", settings.maxSnapshots),
    LogField("snapshot-catchup-entries", Limits.catchUpEntries),
    texts("initial-advertise-peer-urls", settings.advertisePeerURLs),
    texts("listen-peer-urls", settings.listenPeerURLs),
    texts("advertise-client-urls", settings.advertiseClientURLs),
    texts("listen-client-urls", settings.listenClientURLs),
    texts("listen-metrics-urls", settings.listenMetricsURLs),
    LogField("cors", .texts(settings.corsOrigins.sorted())),
    LogField("host-whitelist", .texts(settings.hostWhitelist.sorted())),
    LogField("initial-cluster", isUsed ? "" : settings.initialCluster),
    LogField("initial-cluster-state", settings.initialClusterState),
    LogField("initial-cluster-token", settings.initialClusterToken),
    LogField("quota-backend-bytes", Int(settings.quotaBytes ?? settings.quotaBackendBytes)),
    LogField("max-request-bytes", settings.maxRequestBytes),
    LogField("max-concurrent-streams", UInt64(settings.maxConcurrentStreams)),
    LogField("pre-vote", settings.preVote), LogField("initial-corrupt-check", settings.initialCorruptCheck),
    LogField("corrupt-check-time-interval", settings.corruptCheckTime),
    LogField("auto-compaction-mode", settings.autoCompactionMode),
    LogField("auto-compaction-retention", retention), LogField("auto-compaction-interval", retention),
    LogField("discovery-url", settings.discoveryURL), LogField("discovery-proxy", settings.discoveryProxy))
}

private func texts(_ name: String, _ urls: [EndpointURL]) -> LogField {
  LogField(name, .texts(urls.map(\.text)))
}

extension Settings {
  /// What the ticks make of `--election-timeout`.
  fileprivate var tickedElectionTimeout: TimeSpan { heartbeatInterval * Int64(electionTicks) }

  /// A count of revisions is shown as so many nanoseconds, as etcd 3.4 does.
  fileprivate var shownRetention: TimeSpan {
    switch autoCompaction {
    case .off: .zero
    case .periodic(let span): span
    case .revision(let count): TimeSpan(nanoseconds: count)
    }
  }
}
