import Base

/// Files and rules of one TLS side: what clients meet, or what members show each other.
package struct TLSFiles: Hashable, Sendable {
  package var certificateFile = ""
  package var keyFile = ""
  package var trustedCAFile = ""
  package var revocationFile = ""
  package var requiresClientCertificate = false
  /// Names of which a client certificate must carry one; empty accepts all.
  package var allowedHostname = ""
  package var allowedCommonName = ""
  /// A self-signed pair is made in the data directory when no files are given.
  package var isAutomatic = false
  /// The address of a peer need not match the names in its certificate.
  package var skipsNameCheck = false
  package init() {}

  /// Whether neither certificate nor key was named. As etcd 3.4: transport.TLSInfo.Empty.
  package var isEmpty: Bool { certificateFile.isEmpty && keyFile.isEmpty }
  /// Whether clients have to show a certificate: a trusted CA alone already asks for it.
  package var verifiesClients: Bool { requiresClientCertificate || !trustedCAFile.isEmpty }
}

/// How old revisions are given up without being asked.
package enum AutoCompaction: Hashable, Sendable {
  case off
  /// Everything older than this.
  case periodic(TimeSpan)
  /// Everything further back than so many revisions.
  case revision(Int64)
}

/// Where an effective value came from.
package enum SettingOrigin: Hashable, Sendable {
  case byDefault
  case flag
  case environment(String)
  case file(key: String)
  /// Worked out from other settings.
  case derived(String)

  package var text: String {
    switch self {
    case .byDefault: "default"
    case .flag: "flag"
    case .environment(let name): "environment \(name)"
    case .file(let key): "file, key \(key)"
    case .derived(let from): "derived from \(from)"
    }
  }
}

/// Everything a member was told, checked and typed. Defaults stand in the table of flags.
package struct Settings: Sendable {
  // Member
  package var name = ""
  package var dataDirectory = ""
  /// Empty: the log lies under the data directory.
  package var walDirectory = ""
  package var snapshotCount = 0
  package var heartbeatInterval = TimeSpan.zero
  package var electionTimeout = TimeSpan.zero
  package var advancesInitialElectionTicks = false
  package var listenPeerURLs: [EndpointURL] = []
  package var listenClientURLs: [EndpointURL] = []
  package var listenMetricsURLs: [EndpointURL] = []
  /// Snapshot and WAL files kept; 0 keeps all.
  package var maxSnapshots = 0
  package var maxWALs = 0
  /// As given: 0 means the default, negative means none; see `quotaBytes`.
  package var quotaBackendBytes: Int64 = 0
  /// As given: 0 means the default; see `backendBatch`.
  package var backendBatchInterval = TimeSpan.zero
  package var backendBatchLimit = 0
  package var maxTxnOps = 0
  package var maxRequestBytes = 0
  package var maxConcurrentStreams: UInt32 = 0
  package var keepAliveMinTime = TimeSpan.zero
  package var keepAliveInterval = TimeSpan.zero
  package var keepAliveTimeout = TimeSpan.zero
  package var skipsSync = false

  // Cluster
  package var advertisePeerURLs: [EndpointURL] = []
  package var advertiseClientURLs: [EndpointURL] = []
  /// As given; read it with `InitialCluster`.
  package var initialCluster = ""
  package var initialClusterState = ""
  package var initialClusterToken = ""
  package var discoveryURL = ""
  package var discoveryFallback = ""
  package var discoveryProxy = ""
  package var discoveryDomain = ""
  package var discoveryServiceName = ""
  package var discoveryTimeout = TimeSpan.zero
  package var servesDiscovery = false
  package var strictReconfigCheck = false
  package var preVote = false
  package var enableV2 = false
  package var v2v3Prefix = ""
  package var forceNewCluster = false
  package var joinsNextVersion = false
  package var autoCompactionMode = ""
  package var autoCompactionRetention = ""
  /// What mode and retention mean together.
  package internal(set) var autoCompaction = AutoCompaction.off

  // Security
  package var clientTLS = TLSFiles()
  package var peerTLS = TLSFiles()
  /// Names as Go and IANA write them, in order of preference; empty leaves the choice to the library.
  package var cipherSuites: [String] = []
  package var tlsMinVersion = ""
  package var tlsMaxVersion = ""
  /// Allowed origins; `*` or nothing allows all.
  package var corsOrigins: [String] = []
  /// Host names allowed in unencrypted HTTP; `*` or nothing allows all.
  package var hostWhitelist: [String] = []
  package var listenClientHTTPURLs: [EndpointURL] = []

  // Auth
  package var authToken = ""
  /// What `authToken` means.
  package internal(set) var tokens = TokenChoice.simple
  package var bcryptCost = 0
  package var authTokenTTL = TimeSpan.zero

  // Serving
  package var enableProfiling = false
  package var metrics = ""
  package var enableGateway = false

  // Logging
  package var logger = ""
  package var logLevelName = ""
  package var logOutputs: [String] = []
  package var oldLogOutputs: [String] = []
  package var debug = false
  package var logPackageLevels = ""

  // Proxy
  package var proxy = ""
  package var proxyFailureWait = TimeSpan.zero
  package var proxyRefreshInterval = TimeSpan.zero
  package var proxyDialTimeout = TimeSpan.zero
  package var proxyWriteTimeout = TimeSpan.zero
  package var proxyReadTimeout = TimeSpan.zero

  // Experimental
  package var initialCorruptCheck = false
  package var corruptCheckTime = TimeSpan.zero
  package var freelistType = ""
  package var leaseCheckpoint = false
  package var leaseCheckpointPersist = false
  package var compactionBatchLimit = 0
  package var watchProgressInterval = TimeSpan.zero
  package var warningApplyDuration = TimeSpan.zero

  // The front's own
  var configFile = ""
  var printsVersion = false
  var checksOnly = false

  /// Where each value came from, by flag name; a name that is missing holds its default.
  package internal(set) var origins: [String: SettingOrigin] = [:]

  /// No values at all; `Settings.defaults` is what a member starts from.
  init() {}

  package func origin(of flag: String) -> SettingOrigin { origins[flag] ?? .byDefault }
}

extension Settings {
  /// A member that was told nothing.
  package static let defaults: Settings = {
    var settings = Settings()
    for flag in Flag.all { flag.applyDefault(to: &settings) }
    return settings
  }()

  /// What the log of a front end needs: JSON lines on standard error, as its sub-commands write in etcd 3.4.
  package static func forFront(debug: Bool) -> Settings {
    var settings = Settings.defaults
    settings.logger = LogFormat.zap.rawValue
    settings.logOutputs = ["stderr"]
    settings.debug = debug
    return settings
  }

  /// Ticks of the heartbeat until a follower stands for election.
  package var electionTicks: Int { Int(electionTimeout.nanoseconds / heartbeatInterval.nanoseconds) }
  /// How long a connection to another member may take to open. As etcd 3.4: etcdserver/config.go, peerDialTimeout.
  package var peerDialTimeout: TimeSpan { .seconds(1) + electionTimeout }
  package var isNewCluster: Bool { initialClusterState == "new" }
  /// The size at which writing stops; nil for none. As etcd 3.4: etcdserver/quota.go.
  package var quotaBytes: Int64? {
    quotaBackendBytes < 0 ? nil : quotaBackendBytes == 0 ? Limits.defaultQuotaBytes : quotaBackendBytes
  }
  /// Time and count after which a batch of the backend is committed. As etcd 3.4: mvcc/backend.
  package var backendBatch: (interval: TimeSpan, limit: Int) {
    (
      backendBatchInterval == .zero ? .milliseconds(100) : backendBatchInterval,
      backendBatchLimit == 0 ? 10_000 : backendBatchLimit
    )
  }
  /// Rows that a compaction removes in one go.
  package var compactionBatchRows: Int {
    compactionBatchLimit > 0 ? compactionBatchLimit : Limits.compactionSliceRows
  }
  package var logFormat: LogFormat { LogFormat(rawValue: logger) ?? .capnslog }
  /// The general level; `--debug` lowers it.
  package var logLevel: LogLevel { debug ? .debug : LogLevel(flagValue: logLevelName) ?? .info }
  /// The old `--log-package-levels`; nothing where it could not be read (the start has warned).
  package var packageLogLevels: PackageLogLevels {
    guard !logPackageLevels.isEmpty, logFormat == .capnslog else { return PackageLogLevels() }
    do { return try PackageLogLevels(parsing: logPackageLevels) } catch { return PackageLogLevels() }
  }
  /// Whether any of the ways to find a cluster through others was chosen.
  package var usesDiscovery: Bool {
    !discoveryURL.isEmpty || !discoveryDomain.isEmpty || !discoveryServiceName.isEmpty
  }
}
