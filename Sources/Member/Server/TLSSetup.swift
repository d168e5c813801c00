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
