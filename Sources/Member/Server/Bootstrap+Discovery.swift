import Base
import Config
import Discovery
import Machine

// How a new member comes to know the others when nobody wrote them down: by a token, or by DNS.
extension Bootstrap {
  /// Joins through the token: this member registers itself, and waits until as many have as the token names.
  /// As etcd 3.4: etcdserver/server.go, NewServer.
  func discovered(_ own: MemberRecord) throws -> InitialCluster {
    let log = log.named("discovery")
    let registration = InitialCluster.text(name: settings.name, urls: settings.advertisePeerURLs)
    return try readDiscovered { () throws(DiscoveryFailure) in
      try DiscoveryClient(settings.discoveryURL, proxy: settings.discoveryProxy, log: log)
        .join(id: own.id, registration: registration)
    }
  }

  /// The same for a member that registered itself before its process ended: it only reads.
  func discoveredAgain() throws -> InitialCluster {
    try readDiscovered { () throws(DiscoveryFailure) in
      try DiscoveryClient(settings.discoveryURL, proxy: settings.discoveryProxy, log: log.named("discovery"))
        .cluster()
    }
  }

  private func readDiscovered(_ find: () throws(DiscoveryFailure) -> String) throws -> InitialCluster {
    let text: String
    do throws(DiscoveryFailure) { text = try find() } catch { throw BootstrapError.discovery(error) }
    let cluster = try InitialCluster(parsing: text)
    if cluster.hasDuplicateURL {
      throw BootstrapError.refused("discovery cluster \(cluster.text) has duplicate url")
    }
    return cluster
  }
}

/// The settings with the list of first members that DNS names, where `--discovery-srv` asks for it.
/// As etcd 3.4: embed/config.go, PeerURLsMapAndToken.
func askingDNS(_ settings: Settings, _ log: Log) throws -> Settings {
  guard !settings.discoveryDomain.isEmpty else { return settings }
  let members = SRVMembers(
    domain: settings.discoveryDomain, serviceName: settings.discoveryServiceName,
    patience: settings.discoveryTimeout, log: log)
  var settings = settings
  do throws(SRVFailure) {
    settings.initialCluster = try members.find(name: settings.name, advertised: settings.advertisePeerURLs)
      .joined(separator: ",")
  } catch {
    // That records lack this member is no failure to resolve them.
    let lacksThis = if case .wrong = error { true } else { false }
    if !lacksThis {
      log(
        .error, "couldn't resolve during SRV discovery (\(error))",
        zap: ZapLine(.warning, "failed to resolve during SRV discovery", LogField("error", "\(error)")))
    }
    throw BootstrapError.refused("error setting up initial cluster: \(error)")
  }
  return settings
}

/// What the log says when a start fails. As JSON the original calls every failure one of discovery.
/// As etcd 3.4: etcdmain/etcd.go, startEtcdOrProxyV2.
func tellOfStart(_ error: any Error, _ settings: Settings, _ log: Log) {
  if settings.logFormat == .zap { log(.warning, "failed to start etcd", LogField("error", "\(error)")) }
  log(.critical, "\(error)", zap: ZapLine(.critical, "discovery failed", LogField("error", "\(error)")))
}

/// What the log says when no cluster was found through a token, with what can be done about it.
/// As etcd 3.4: etcdmain/etcd.go, startEtcdOrProxyV2.
func explain(_ failure: DiscoveryFailure, _ settings: Settings, _ log: Log) {
  let error = "\(BootstrapError.discovery(failure))"
  switch settings.logFormat {
  case .capnslog: explainInLines(failure, error, settings, log)
  case .zap: explainInFields(failure, error, settings, log)
  }
}

private func explainInLines(_ failure: DiscoveryFailure, _ error: String, _ settings: Settings, _ log: Log) {
  let token = settings.discoveryURL
  switch failure {
  case .duplicateID:
    log(
      .error,
      "member \(goQuoted(settings.name)) has previously registered with discovery service token (\(token)).")
    log(
      .error,
      "But etcd could not find valid cluster configuration in the given data dir (\(settings.dataDirectory)).")
    log(.info, "Please check the given data dir path if the previous bootstrap succeeded")
    log(.info, "or use a new discovery token if the previous bootstrap failed.")
  case .duplicateName:
    log(.error, "member with duplicated name has registered with discovery service token(\(token)).")
    log(.error, "please check (cURL) the discovery token for more information.")
    log(
      .error, "please do not reuse the discovery token and generate a new one to bootstrap the cluster.")
  default:
    log(.error, error)
    log(.info, "discovery token \(token) was used, but failed to bootstrap the cluster.")
    log(.info, "please generate a new discovery token and try to bootstrap again.")
  }
}

private func explainInFields(_ failure: DiscoveryFailure, _ error: String, _ settings: Settings, _ log: Log) {
  let token = LogField("discovery-token", settings.discoveryURL)
  // Where the process might have become a proxy the original leaves this line out.
  if failure != .full { log(.warning, "failed to start etcd", LogField("error", error)) }
  switch failure {
  case .duplicateID:
    log(
      .warning, "member has been registered with discovery service", LogField("name", settings.name), token,
      LogField("error", "\(failure)"))
    log(
      .warning, "but could not find valid cluster configuration",
      LogField("data-dir", settings.dataDirectory))
    log(.warning, "check data dir if previous bootstrap succeeded")
    log(.warning, "or use a new discovery token if previous bootstrap failed")
  case .duplicateName:
    log(
      .warning, "member with duplicated name has already been registered", token,
      LogField("error", "\(failure)"))
    log(.warning, "cURL the discovery token URL for details")
    log(.warning, "do not reuse discovery token; generate a new one to bootstrap a cluster")
  default:
    log(
      .warning, "failed to bootstrap; discovery token was already used", token, LogField("error", error))
    log(.warning, "do not reuse discovery token; generate a new one to bootstrap a cluster")
  }
}

/// What the log says when the process goes on as a proxy.
func announceFallback(_ settings: Settings, _ log: Log) {
  switch settings.logFormat {
  case .capnslog: log(.notice, "discovery cluster full, falling back to proxy")
  case .zap:
    log(
      .warning, "discovery cluster is full, falling back to proxy", LogField("fallback-proxy", "proxy"),
      LogField("error", "\(BootstrapError.discovery(.full))"))
  }
}
