/// What an operator asks of TLS. As etcd 3.4: pkg/transport/listener.go, TLSInfo.
package struct TLSSettings: Equatable, Sendable {
  package var certFile = ""
  package var keyFile = ""
  package var trustedCAFile = ""
  package var clientCertAuth = false
  /// Serial numbers in this list are refused; DER or PEM, read again when it changes.
  package var crlFile = ""
  /// Common name a peer's certificate must have; excludes `allowedHostname`.
  package var allowedCN = ""
  /// Name or address a peer's certificate must be good for.
  package var allowedHostname = ""
  /// Clients only: do not judge the server's certificate.
  package var insecureSkipVerify = false
  /// Clients only: the name to verify, in place of the one dialled.
  package var serverName = ""
  /// Clients only: a further name that will do, where a host is dialled by name.
  package var alternativeName = ""
  /// Names as in `--cipher-suites`; empty for OpenSSL's own choice. TLS 1.3 chooses for itself.
  package var cipherSuites: [String] = []
  /// The pair was made by `SelfSigned`: clients using it trust any server.
  package var isSelfSigned = false
  /// Refuses to start a client whose certificate has a common name (etcdctl's and the proxy's own).
  package var requiresEmptyCN = false
  /// Versions that may be set; older ones are never spoken.
  package enum Version: Sendable { case tls12, tls13 }
  package var minVersion = Version.tls12
  /// Nil sets no bound.
  package var maxVersion: Version?
  /// Protocols for ALPN, the preferred first.
  package var protocols = ["h2", "http/1.1"]

  package init() {}
  package init(certFile: String, keyFile: String, trustedCAFile: String = "") {
    self.certFile = certFile
    self.keyFile = keyFile
    self.trustedCAFile = trustedCAFile
  }

  /// No pair was given.
  package var isEmpty: Bool { certFile.isEmpty && keyFile.isEmpty }

  /// As etcd prints it at start.
  package var description: String {
    "cert = \(certFile), key = \(keyFile), trusted-ca = \(trustedCAFile), client-cert-auth = \(clientCertAuth), "
      + "crl-file = \(crlFile)"
  }
}
