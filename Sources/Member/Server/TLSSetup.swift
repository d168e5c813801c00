import Base
import Config
import TLS

/// The client ports' TLS, from the files that were named or made; nil where no URL asks for it.
/// As etcd 3.4: embed/etcd.go, configureClientListeners.
func makeTLS(_ settings: Settings, _ log: Log) throws -> TLSContext? {
  let urls = settings.listenClientURLs + settings.listenMetricsURLs
  let files = settings.clientTLS
  guard let secure = urls.first(where: \.scheme.isSecure) else { return nil }
  var tls = TLSSettings()
  if files.isAutomatic, files.isEmpty {
    let hosts = urls.filter(\.scheme.isSecure).map(\.host)
    tls = try SelfSigned.settings(
      in: settings.dataDirectory + "/fixtures/client", hosts: hosts, forClientsToo: false)
  } else if files.isEmpty {
    throw BootstrapError.refused(
      "cannot listen on TLS for \(secure.authority): KeyFile and CertFile are not presented")
  } else if files.certificateFile.isEmpty || files.keyFile.isEmpty {
    throw BootstrapError.refused(
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
  if settings.tlsMinVersion == "TLS1.3" { tls.minVersion = .tls13 }
  if settings.tlsMaxVersion == "TLS1.2" { tls.maxVersion = .tls12 }
  if tls.minVersion == .tls13, tls.maxVersion == .tls12 {
    throw BootstrapError.refused(
      "--tls-min-version=TLS1.3 and --tls-max-version=TLS1.2 leave no version to speak")
  }
  let context = try TLSContext(.server, tls)
  context.onReloadFailure = { error in
    log(.warning, "the changed key pair cannot be used, the former stays in use: \(error)")
  }
  return context
}

/// The peer port's two sides: what others meet, and what this member shows them. The same pair serves both.
struct PeerTLS {
  var server: TLSContext?
  var client: TLSContext?
}

/// TLS between members, from `--peer-*`. As etcd 3.4: embed/etcd.go, configurePeerListeners.
func makePeerTLS(_ settings: Settings, _ log: Log) throws -> PeerTLS {
  let files = settings.peerTLS
  let listened = settings.listenPeerURLs
  let isSecure = (listened + settings.advertisePeerURLs).contains(where: \.scheme.isSecure)
  for url in listened where !url.scheme.isSecure {
    if !files.isEmpty {
      log(
        .warning,
        "The scheme of peer url \(url.text) is HTTP while peer key/cert files are presented. Ignored peer key/cert files."
      )
    }
    if files.requiresClientCertificate {
      log(
        .warning,
        "The scheme of peer url \(url.text) is HTTP while client cert auth (--peer-client-cert-auth) is enabled. Ignored client cert auth for this url."
      )
    }
  }
  let others = (try? InitialCluster(parsing: settings.initialCluster))?.members.values.flatMap { $0 } ?? []
  guard isSecure || others.contains(where: \.scheme.isSecure) else { return PeerTLS() }
  var tls = TLSSettings()
  if files.isAutomatic, files.isEmpty {
    let hosts = listened.filter(\.scheme.isSecure).map(\.host)
    tls = try SelfSigned.settings(
      in: settings.dataDirectory + "/fixtures/peer", hosts: hosts, forClientsToo: true)
  } else if files.certificateFile.isEmpty || files.keyFile.isEmpty {
    throw BootstrapError.refused(
      "cannot listen on TLS for peers: KeyFile and CertFile are not presented (--peer-cert-file, --peer-key-file, or "
        + "--peer-auto-tls)")
  } else {
    tls.certFile = files.certificateFile
    tls.keyFile = files.keyFile
  }
  tls.trustedCAFile = files.trustedCAFile
  tls.clientCertAuth = files.requiresClientCertificate
  tls.crlFile = files.revocationFile
  tls.allowedCN = files.allowedCommonName
  tls.allowedHostname = files.allowedHostname
  tls.cipherSuites = settings.cipherSuites
  var result = PeerTLS()
  // Go's peer port selects h2 alone and its members offer nothing.
  result.server = try TLSContext(.server, tls)
  var client = tls
  client.protocols = []
  client.allowedCN = ""
  client.allowedHostname = ""
  result.client = try TLSContext(.client, client)
  for context in [result.server, result.client] {
    context?.onReloadFailure = { error in
      log(.warning, "the changed peer key pair cannot be used, the former stays in use: \(error)")
    }
  }
  return result
}
