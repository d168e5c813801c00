import Base
import CShim
import Glibc

/// The pair of `--auto-tls` and `--peer-auto-tls`. As etcd 3.4: pkg/transport/listener.go, SelfCert.
package enum SelfSigned {
  /// Gives the settings of the pair in `directory`, made for `hosts` (names or addresses without port) when there
  /// is none yet: ECDSA P-521, `O=etcd`, one year.
  package static func settings(in directory: String, hosts: [String], forClientsToo: Bool) throws(TLSError)
    -> TLSSettings
  {
    var settings = TLSSettings(certFile: "\(directory)/cert.pem", keyFile: "\(directory)/key.pem")
    settings.isSelfSigned = true
    if access(settings.certFile, F_OK) == 0, access(settings.keyFile, F_OK) == 0 { return settings }
    try makeDirectories(directory)
    var maker = CertificateMaker()
    maker.hosts = hosts
    maker.isClient = forClientsToo
    let made = try maker.make()
    try write(made.certificatePEM, to: settings.certFile, mode: 0o644)
    try write(made.keyPEM, to: settings.keyFile, mode: 0o600)
    return settings
  }

  private static func makeDirectories(_ path: String) throws(TLSError) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += part
      if mkdir(made, 0o700) != 0, errno != EEXIST { throw TLSError("mkdir \(made): \(goText(errno))") }
      made += "/"
    }
  }

  private static func write(_ bytes: Bytes, to path: String, mode: mode_t) throws(TLSError) {
    let descriptor = cshim_open(path, O_WRONLY | O_CREAT | O_TRUNC, mode)
    guard descriptor >= 0 else { throw TLSError("open \(path): \(goText(errno))") }
    defer { close(descriptor) }
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
      throw TLSError("write \(path): \(goText(errno))")
    }
  }
}
