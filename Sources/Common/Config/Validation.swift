import Base

/// Whether the settings make sense together, as far as that shows without the network or the disk.
///
/// As etcd 3.4: embed/config.go, Validate; embed/config_logging.go, setupLogging; embed/etcd.go, StartEtcd.
/// The order is theirs, so that the first of several errors is the same one.
enum Validation {
  /// What 3.4 says while it reads the settings.
  static func check(
    _ settings: inout Settings, notes: inout [ConfigNote], isLogChosen: inout Bool
  ) throws(ConfigFailure) {
    try checkLogging(&settings, notes: &notes)
    isLogChosen = true
    for urls in [
      settings.listenPeerURLs, settings.listenClientURLs, settings.listenMetricsURLs,
      settings.listenClientHTTPURLs,
    ] {
      try checkBinding(urls)
    }
    try checkAdvertised(settings.advertisePeerURLs, "--initial-advertise-peer-urls")
    try checkAdvertised(settings.advertiseClientURLs, "--advertise-client-urls")
    try checkBootstrap(settings)
    try checkService(settings)
    try checkTimes(settings)
    if settings.advertiseClientURLs.isEmpty, !settings.listenClientURLs.isEmpty, !settings.mayBeProxy {
      throw .unadvertised
    }
    guard ["", "periodic", "revision"].contains(settings.autoCompactionMode) else {
      throw .verifying("unknown auto-compaction-mode \(goQuoted(settings.autoCompactionMode))")
    }
    try checkLeases(settings, notes: &notes)
    try checkBuilt(settings)
  }

  /// What 3.4 says when the member would start.
  static func checkStart(_ settings: inout Settings, notes: inout [ConfigNote]) throws(ConfigFailure) {
    for suite in settings.cipherSuites where !CipherSuites.names.contains(suite) {
      throw .fatal("unexpected TLS cipher suite \(goQuoted(suite))")
    }
    for tls in [settings.peerTLS, settings.clientTLS]
    where !tls.allowedCommonName.isEmpty && !tls.allowedHostname.isEmpty {
      throw .fatal(
        "AllowedCN and AllowedHostname are mutually exclusive (cn=\(goQuoted(tls.allowedCommonName)), hostname=\(goQuoted(tls.allowedHostname)))"
      )
    }
    try checkClientTLS(settings, notes: &notes)
    settings.autoCompaction = try autoCompaction(settings)
    try checkAuth(&settings, notes: &notes)
    warnOfSizes(settings, notes: &notes)
  }

  static func unknownLevel(_ name: String) -> String { "unknown level \(goQuoted(name))" }

  // MARK: Logging

  private static func checkLogging(
    _ settings: inout Settings, notes: inout [ConfigNote]
  ) throws(ConfigFailure) {
    try mergeOutputs(&settings, notes: &notes)
    warnOfOldLogging(settings, notes: &notes)
    let outputs = settings.logOutputs
    switch settings.logger {
    case "capnslog":
      if !settings.debug { try checkLevel(settings) }
      checkPackageLevels(settings, notes: &notes)
      guard outputs.count == 1, let output = outputs.first else {
        throw .verifying("--logger=capnslog supports only 1 value in '--log-outputs', got \(goQuoted(outputs))")
      }
      guard ["default", "stderr", "stdout"].contains(output) else {
        throw .verifying(
          "unknown log-output \(goQuoted(output)) (only supports \"default\", \"stderr\", \"stdout\")")
      }
    case "zap":
      if outputs.count > 1, outputs.contains("default") {
        throw .verifying("multi logoutput for \"default\" is not supported yet")
      }
      if outputs.count > 1, outputs.contains("systemd/journal") {
        throw .verifying(
          "running with systemd/journal but other '--log-outputs' values (\(goQuoted(outputs))) are configured with 'default'; override 'default' value with something else"
        )
      }
      try checkLevel(settings)
    default: throw .verifying("unknown logger option \(goQuoted(settings.logger))")
    }
  }

  /// The original panics here and so ends with code 2; we end with that code and a sentence.
  private static func checkLevel(_ settings: Settings) throws(ConfigFailure) {
    if LogLevel(flagValue: settings.logLevelName) == nil {
      throw .verifying(unknownLevel(settings.logLevelName))
    }
  }

  private static func mergeOutputs(
    _ settings: inout Settings, notes: inout [ConfigNote]
  ) throws(ConfigFailure) {
    let old = settings.oldLogOutputs
    let new = settings.logOutputs
    if old.count > new.count {
      notes.append(
        .init(bare: "'--log-output' flag has been deprecated! Please use '--log-outputs'!"))
      settings.logOutputs = old
    } else if old.count == new.count {
      if old.count > 1 {
        throw .verifying("both '--log-output' and '--log-outputs' are set; only set '--log-outputs'")
      }
      if old.isEmpty { throw .verifying("either '--log-output' or '--log-outputs' flag must be set") }
      if old == new, old != ["default"] {
        throw .verifying(
          "'--log-output=\(goQuoted(old))' and '--log-outputs=\(goQuoted(new))' are incompatible; only set --log-outputs"
        )
      }
      if old != ["default"] {
        notes.append(.init(bare: "[WARNING] Deprecated '--log-output' flag is set to \(goQuoted(old))"))
        notes.append(.init(bare: "Please use '--log-outputs' flag"))
        // The original stops at the warning; who sets the old flag alone means it.
        if new == ["default"] { settings.logOutputs = old }
      }
    }
  }

  private static func warnOfOldLogging(_ settings: Settings, notes: inout [ConfigNote]) {
    if settings.debug {
      notes.append(
        .init(bare: "[WARNING] Deprecated '--debug' flag is set to true (use '--log-level=debug' instead)"))
      if settings.logLevelName != "debug" {
        notes.append(
          .init(
            bare:
              "[WARNING] Deprecated '--debug' flag is set to true with inconsistent '--log-level=\(settings.logLevelName)' flag"
          ))
      }
    }
    if settings.logger == "capnslog" {
      notes.append(
        .init(
          bare: "[WARNING] Deprecated '--logger=capnslog' flag is set; use '--logger=zap' flag instead"))
    }
    if !settings.logPackageLevels.isEmpty {
      notes.append(
        .init(
          bare:
            "[WARNING] Deprecated '--log-package-levels=\(settings.logPackageLevels)' flag is set; use '--logger=zap' flag instead"
        ))
    }
  }

  private static func checkPackageLevels(_ settings: Settings, notes: inout [ConfigNote]) {
    guard !settings.logPackageLevels.isEmpty else { return }
    do { _ = try PackageLogLevels(parsing: settings.logPackageLevels) } catch {
      notes.append(
        .init(
          .warning, "embed",
          "couldn't parse log level string: \(error.text), continuing with default levels"))
    }
  }

  // MARK: Addresses

  private static func checkBinding(_ urls: [EndpointURL]) throws(ConfigFailure) {
    for url in urls where !url.scheme.isUnix && url.host != "localhost" && !url.hasAddress {
      throw .verifying("expected IP in URL for binding (\(url.text))")
    }
  }

  private static func checkAdvertised(_ urls: [EndpointURL], _ flag: String) throws(ConfigFailure) {
    guard let empty = urls.first(where: { $0.host.isEmpty }) else { return }
    throw .verifying(
      "\(flag) \(goQuoted(urls.text)) must be \"host:port\" (unexpected empty host (\(empty.text)))")
  }

  private static func checkBootstrap(_ settings: Settings) throws(ConfigFailure) {
    guard ["new", "existing"].contains(settings.initialClusterState) else {
      throw .verifying("unexpected clusterState \(goQuoted(settings.initialClusterState))")
    }
    let ways = [settings.discoveryURL, settings.initialCluster, settings.discoveryDomain]
    if ways.count(where: { !$0.isEmpty }) > 1 {
      throw .verifying(
        "multiple discovery or bootstrap flags are set. Choose one of \"initial-cluster\", \"discovery\" or \"discovery-srv\""
      )
    }
  }

  private static func checkService(_ settings: Settings) throws(ConfigFailure) {
    if settings.servesDiscovery, !settings.enableV2 {
      throw .verifying("--serve-discovery keeps its tokens in the v2 API and needs --enable-v2")
    }
  }

  private static func checkTimes(_ settings: Settings) throws(ConfigFailure) {
    let heartbeat = settings.heartbeatInterval.nanoseconds / 1_000_000
    let election = settings.electionTimeout.nanoseconds / 1_000_000
    if heartbeat <= 0 { throw .verifying("--heartbeat-interval must be >0 (set to \(heartbeat)ms)") }
    if election <= 0 { throw .verifying("--election-timeout must be >0 (set to \(election)ms)") }
    if heartbeat > election / 5 {
      throw .verifying(
        "--election-timeout[\(election)ms] should be at least as 5 times as --heartbeat-interval[\(heartbeat)ms]"
      )
    }
    if election > 50_000 {
      throw .verifying("--election-timeout[\(election)ms] is too long, and should be set less than 50000ms")
    }
  }

  private static func checkLeases(
    _ settings: Settings, notes: inout [ConfigNote]
  ) throws(ConfigFailure) {
    if settings.leaseCheckpoint, !settings.leaseCheckpointPersist {
      notes.append(
        .init(
          .warning, "embed",
          "Detected that checkpointing is enabled without persistence. Consider enabling experimental-enable-lease-checkpoint-persist"
        ))
    }
    if settings.leaseCheckpointPersist, !settings.leaseCheckpoint {
      throw .verifying(
        "setting experimental-enable-lease-checkpoint-persist requires experimental-enable-lease-checkpoint")
    }
  }

  /// Nothing is taken and then left undone: what is not built stops the start.
  private static func checkBuilt(_ settings: Settings) throws(ConfigFailure) {
    for flag in Flag.all {
      guard case .notYet(let reason) = flag.fate else { continue }
      if flag.text(of: settings) != flag.text(of: .defaults) {
        throw .verifying("--\(flag.name) cannot be used: \(reason)")
      }
    }
  }

  // MARK: Start

  private static func checkClientTLS(
    _ settings: Settings, notes: inout [ConfigNote]
  ) throws(ConfigFailure) {
    let tls = settings.clientTLS
    for url in settings.listenClientURLs {
      if url.scheme.isSecure {
        if tls.isEmpty, !tls.isAutomatic {
          throw .fatal(
            "TLS key/cert (--cert-file, --key-file) must be provided for client url \(url.text) with HTTPS scheme"
          )
        }
        continue
      }
      if !tls.isEmpty {
        notes.append(
          .init(
            .warning, "embed",
            "The scheme of client url \(url.text) is HTTP while peer key/cert files are presented. Ignored key/cert files."
          ))
      }
      if tls.requiresClientCertificate {
        notes.append(
          .init(
            .warning, "embed",
            "The scheme of client url \(url.text) is HTTP while client cert auth (--client-cert-auth) is enabled. Ignored client cert auth for this url."
          ))
      }
    }
    if tls.isAutomatic, !tls.isEmpty {
      notes.append(.init(.warning, "embed", "ignoring client auto TLS since certs given"))
    }
  }

  /// A bare count is hours or revisions; anything else is a time. As etcd 3.4: embed/etcd.go,
  /// parseCompactionRetention; where 3.4 takes a time for a count of revisions, we refuse.
  private static func autoCompaction(_ settings: Settings) throws(ConfigFailure) -> AutoCompaction {
    let text = settings.autoCompactionRetention.isEmpty ? "0" : settings.autoCompactionRetention
    let isRevision = settings.autoCompactionMode == "revision"
    if let count = Int64(text), count >= 0 {
      if count == 0 { return .off }
      if isRevision { return .revision(count) }
      let (nanoseconds, overflow) = count.multipliedReportingOverflow(by: 3_600_000_000_000)
      if overflow {
        throw .fatal("error parsing CompactionRetention: time: invalid duration \(goQuoted(text))")
      }
      return .periodic(TimeSpan(nanoseconds: nanoseconds))
    }
    let span: TimeSpan
    do { span = try GoDuration.parse(text) } catch {
      throw .fatal("error parsing CompactionRetention: \(error.text)")
    }
    if isRevision {
      throw .fatal(
        "error parsing CompactionRetention: \(goQuoted(text)) is no count of revisions (--auto-compaction-mode=revision)"
      )
    }
    return span <= .zero ? .off : .periodic(span)
  }

  private static func checkAuth(
    _ settings: inout Settings, notes: inout [ConfigNote]
  ) throws(ConfigFailure) {
    do throws(TokenChoice.Failure) { settings.tokens = try TokenChoice(parsing: settings.authToken) } catch {
      switch error {
      case .unknownKind(let kind): notes.append(.init(.error, "auth", "unknown token type: \(kind)"))
      case .badOptions(let reason): notes.append(.init(.error, "auth", reason))
      }
      throw .fatal("auth: invalid auth options")
    }
    if settings.bcryptCost < 4 || settings.bcryptCost > 31 {
      notes.append(
        .init(
          .warning, "auth",
          "Use default bcrypt-cost 10 instead of the invalid value \(settings.bcryptCost)"))
      settings.bcryptCost = 10
      settings.origins["bcrypt-cost"] = .derived("an invalid value")
    }
  }

  /// As etcd 3.4: etcdserver/quota.go and server.go, which only warn.
  private static func warnOfSizes(_ settings: Settings, notes: inout [ConfigNote]) {
    if settings.maxRequestBytes > 10 * 1024 * 1024 {
      notes.append(
        .init(
          .warning, "etcdserver",
          "MaxRequestBytes \(settings.maxRequestBytes) exceeds maximum recommended size 10485760"))
    }
  }
}

/// The names that `--cipher-suites` knows: those of TLS 1.2 and below in Go 1.19.
/// As etcd 3.4: pkg/tlsutil/cipher_suites.go.
enum CipherSuites {
  static let names: Set<String> = [
    "TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305",
    "TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA", "TLS_ECDHE_RSA_WITH_RC4_128_SHA",
    "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
  ]
}
