import TLS

/// What a connection knows of its client: the certificate it showed.
package final class ClientIdentity {
  package let certificate: PeerCertificate
  package init(_ certificate: PeerCertificate) { self.certificate = certificate }
}
