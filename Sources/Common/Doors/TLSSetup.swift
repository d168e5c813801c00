import Base
import Config
import TLS

/// The client ports' TLS, from the files that were named or made; nil where no URL asks for it.
/// As etcd 3.4: embed/etcd.go, configureClientListeners.
///
/// - Parameter directory: where a pair of our own making lies; nil means the member's usual place.
package func makeTLS(_ settings: Settings, _ log: Log, automaticIn directory: String? = nil) throws
  -> TLSContext?
{
  let urls = (settings.listenClientURLs + settings.listenMetricsURLs).filter(\.scheme.isSecure)
  guard !urls.isEmpty else { return nil }
  var tls = try pair(of: settings.clientTLS, "client", urls, settings, automaticIn: directory)
  if settings.tlsMinVersion == "TLS1.3" { tls.minVersion = .tls13 }
  if settings.tlsMaxVersion == "TLS1.2" { tls.maxVersion = .tls12 }
  if tls.minVersion == .tls13, tls.maxVersion == .tls12 {
    throw TLSSetupFailure(
      "--tls-min-version=TLS1.3 and --tls-max-version=TLS1.2 leave no version to speak")
  }
  return try context(.server, tls, log)
}

/// The peer port's two sides: what others meet, and what this member shows them. The same pair serves both.
package struct PeerTLS {
  package var server: TLSContext?
  package var client: TLSContext?
}

/// TLS between members, from `--peer-*`. As etcd 3.4: embed/etcd.go, configurePeerListeners.
package func makePeerTLS(_ settings: Settings, _ log: Log) throws -> PeerTLS {
  for url in settings.listenPeerURLs where !url.scheme.isSecure {
    warnOfIgnoredFiles(settings.peerTLS, url, log)
  }
  let own = (settings.listenPeerURLs + settings.advertisePeerURLs).filter(\.scheme.isSecure)
  let others = (try? InitialCluster(parsing: settings.initialCluster))?.members.values.flatMap { $0 } ?? []
  // With a token nobody knows yet how the others are reached.
  let mayMeetSecure = !settings.discoveryURL.isEmpty && !settings.peerTLS.isEmpty
  guard !own.isEmpty || others.contains(where: \.scheme.isSecure) || mayMeetSecure else { return PeerTLS() }
  var tls = try pair(of: settings.peerTLS, "peer", own, settings)
  var result = PeerTLS()
  result.server = try context(.server, tls, log)
  // Members offer no protocol: Go's peer port would take h2 or nothing.
  tls.protocols = []
  tls.allowedCN = ""
  tls.allowedHostname = ""
  // Members that DNS names, and that no CA of their own vouches for, must carry the domain. As etcd 3.4: embed/config.go,
  // PeerURLsMapAndToken; there only at the first start.
  if !settings.discoveryDomain.isEmpty, tls.trustedCAFile.isEmpty { tls.serverName = settings.discoveryDomain }
  result.client = try context(.client, tls, log)
  return result
}

private func warnOfIgnoredFiles(_ files: TLSFiles, _ url: EndpointURL, _ log: Log) {
  let scheme = "The scheme of peer url \(url.text) is HTTP while"
  if !files.isEmpty {
    log(.warning, "\(scheme) peer key/cert files are presented. Ignored peer key/cert files.")
  }
  if files.requiresClientCertificate {
    log(
      .warning,
      "\(scheme) client cert auth (--peer-client-cert-auth) is enabled. Ignored client cert auth for this url.")
  }
}

/// The settings of one side, client's or peer's, with the pair that was named, or one made for the hosts of `urls`.
private func pair(
  of files: TLSFiles, _ side: String, _ urls: [EndpointURL], _ settings: Settings,
  automaticIn directory: String? = nil
) throws -> TLSSettings {
  var tls = TLSSettings()
  if files.isAutomatic, files.isEmpty {
    tls = try SelfSigned.settings(
      in: directory ?? settings.dataDirectory + "/fixtures/\(side)", hosts: urls.map(\.host),
      forClientsToo: side == "peer")
  } else if files.isEmpty {
    throw TLSSetupFailure(
      "cannot listen on TLS for \(urls.first?.authority ?? side): KeyFile and CertFile are not presented")
  } else if files.certificateFile.isEmpty || files.keyFile.isEmpty {
    throw TLSSetupFailure(
      "KeyFile and CertFile must both be present[key: \(files.keyFile), cert: \(files.certificateFile)]")
  } else {
    tls.certFile = files.certificateFile
    tls.keyFile = files.keyFile
  }
  tls.trustedCAFile = files.trustedCAFile
  tls.clientCertAuth = files.requiresClientCertificate
  tls.crlFile = files.revocationFile
  tls.allowedHostname = files.allowedHostname
  tls.allowedCN = files.allowedCommonName
  tls.cipherSuites = settings.cipherSuites
  return tls
}

private func context(_ role: TLSContext.Role, _ tls: TLSSettings, _ log: Log) throws -> TLSContext {
  let context = try TLSContext(role, tls)
  context.onReloadFailure = { error in
    log(.warning, "the changed key pair \(tls.certFile) cannot be used, the former stays in use: \(error)")
  }
  return context
}

/// Why a side cannot speak TLS as its flags ask.
package struct TLSSetupFailure: Error, CustomStringConvertible {
  package let description: String
  init(_ description: String) { self.description = description }
}
