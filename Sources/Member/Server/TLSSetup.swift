import Base
import Config
import TLS

/// The client ports' TLS, from the files that were named or made; nil where no URL asks for it.
/// As etcd 3.4: embed/etcd.go, configureClientListeners.
func makeTLS(_ settings: Settings, _ log: Log) throws -> TLSContext? {
  let urls = settings.listenClientURLs + settings.listenMetricsURLs
  let files = settings.clientTLS
  guard let secure = urls.first(where: \.scheme.isSecure) else {
    warnOfIgnoredFiles(files, urls, log)
    return nil
  }
  for url in urls where !url.scheme.isSecure { warnOfIgnoredFiles(files, [url], log) }
  var tls = TLSSettings()
  if files.isAutomatic, files.isEmpty {
    let hosts = urls.filter(\.scheme.isSecure).map(\.host)
    tls = try SelfSigned.settings(
      in: settings.dataDirectory + "/fixtures/client", hosts: hosts, forClientsToo: false)
  } else if files.certificateFile.isEmpty || files.keyFile.isEmpty {
    throw BootstrapError.refused(
      "TLS key/cert (--cert-file, --key-file) must be provided for client url \(secure.text) with HTTPS scheme")
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

private func warnOfIgnoredFiles(_ files: TLSFiles, _ urls: [EndpointURL], _ log: Log) {
  for url in urls {
    if !files.isEmpty {
      log(
        .warning,
        "The scheme of client url \(url.text) is HTTP while peer key/cert files are presented. Ignored key/cert files."
      )
    }
    if files.requiresClientCertificate {
      log(
        .warning,
        "The scheme of client url \(url.text) is HTTP while client cert auth (--client-cert-auth) is enabled. "
          + "Ignored client cert auth for this url.")
    }
  }
}
