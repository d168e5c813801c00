import Base
import COpenSSL

/// One TLS connection without its socket.
///
/// `receive` takes ciphertext and lends plaintext; `send` takes plaintext and puts ciphertext into `output`, which
/// the caller sends whenever it is not empty, also after an error: it may hold the alert that tells the peer why.
package final class TLSSession {
  package let context: TLSContext
  /// Ciphertext for the socket.
  package let output = OutputBuffer()
  /// The handshake is done; plaintext may flow.
  package private(set) var isEstablished = false
  /// The peer said that it will send no more.
  package private(set) var isPeerClosed = false
  /// The peer's certificate, verified or not; nil when it showed none.
  package private(set) var peer: PeerCertificate?
  /// The protocol both agreed on; empty without ALPN.
  package private(set) var alpn = ""
  /// The name the client asked for (servers).
  package private(set) var serverName = ""

  private let ssl: OpaquePointer
  private let incoming: OpaquePointer
  private let outgoing: OpaquePointer
  private var failure: TLSError?
  /// Why our own rules refused the peer's certificate, noted inside OpenSSL's callback.
  private var refusal: TLSError?

  init(_ context: TLSContext, _ ssl: OpaquePointer, host: String) {
    self.context = context
    self.ssl = ssl
    guard let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem()) else {
      broken("OpenSSL gave no memory BIO")
    }
    self.incoming = incoming
    self.outgoing = outgoing
    SSL_set_bio(ssl, incoming, outgoing)  // owns both from here
    SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(self).toOpaque())
    if context.role == .server {
      SSL_set_accept_state(ssl)
    } else {
      SSL_set_connect_state(ssl)
      expect(host)
    }
  }

  deinit { SSL_free(ssl) }

  /// Clients: the name or address that the server's certificate must be good for.
  private func expect(_ host: String) {
    guard !host.isEmpty else { return }
    let host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    let parameters = SSL_get0_param(ssl)
    if X509_VERIFY_PARAM_set1_ip_asc(parameters, host) == 1 { return }
    ERR_clear_error()
    SSL_set_hostflags(ssl, UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
    SSL_set1_host(ssl, host)
    let other = context.settings.alternativeName
    if !other.isEmpty { SSL_add1_host(ssl, other) }
    var name = host.utf8CString.map { $0 }
    SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), &name)
  }

  /// Clients: the server showed a certificate, and it was found good. It may be so although the handshake came to no end
  /// since: a server of TLS 1.2 that demands a certificate hangs up on who has none.
  package var isServerVerified: Bool {
    guard SSL_get_verify_result(ssl) == Int(X509_V_OK), let shown = SSL_get1_peer_certificate(ssl) else {
      return false
    }
    X509_free(shown)
    return true
  }

  /// Clients: puts the first flight into `output`. Servers have nothing to say yet.
  package func start() throws(TLSError) { try receive(UnsafeRawBufferPointer(start: nil, count: 0)) { _ in } }

  /// Takes ciphertext; calls `plain` with each piece of plaintext, valid during the call.
  package func receive(
    _ bytes: UnsafeRawBufferPointer, _ plain: (UnsafeRawBufferPointer) -> Void
  ) throws(TLSError) {
    if let failure { throw failure }
    if bytes.count > 0 { BIO_write(incoming, bytes.baseAddress, Int32(bytes.count)) }
    defer { takeOutput() }
    if !isEstablished, try !handshake() { return }
    try read(plain)
  }

  /// Encrypts and takes away what `plain` holds. Before the handshake is done nothing is taken.
  package func send(_ plain: OutputBuffer) throws(TLSError) {
    if let failure { throw failure }
    guard isEstablished else { return }
    defer { takeOutput() }
    while !plain.isEmpty {
      let bytes = plain.unsent
      ERR_clear_error()
      let count = SSL_write(ssl, bytes.baseAddress, Int32(min(bytes.count, 1 << 20)))
      guard count > 0 else { throw fail(.queued("tls: write failed")) }
      plain.consume(Int(count))
    }
  }

  /// Says that we will send no more.
  package func close() {
    guard isEstablished, failure == nil else { return }
    SSL_shutdown(ssl)
    ERR_clear_error()
    takeOutput()
  }

  // MARK: Steps

  /// True once the handshake is done.
  private func handshake() throws(TLSError) -> Bool {
    ERR_clear_error()
    let result = SSL_do_handshake(ssl)
    noteServerName()
    if result == 1 {
      established()
      return true
    }
    switch SSL_get_error(ssl, result) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return false
    default: throw fail(refusal ?? verifyFailure() ?? .queued("tls: handshake failed"))
    }
  }

  private func established() {
    isEstablished = true
    if let certificate = SSL_get1_peer_certificate(ssl) {
      peer = PeerCertificate(certificate)
      X509_free(certificate)
    }
    var name: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    SSL_get0_alpn_selected(ssl, &name, &count)
    if let name { alpn = String(utf8: UnsafeBufferPointer(start: name, count: Int(count))) }
  }

  private func noteServerName() {
    guard context.role == .server, serverName.isEmpty else { return }
    if let name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) { serverName = String(cString: name) }
  }

  private func verifyFailure() -> TLSError? {
    let code = SSL_get_verify_result(ssl)
    guard code != Int(X509_V_OK) else { return nil }
    ERR_clear_error()
    switch Int32(code) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
      X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
      X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return TLSError("x509: certificate signed by unknown authority")
    case X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID:
      return TLSError("x509: certificate has expired or is not yet valid")
    case X509_V_ERR_INVALID_PURPOSE:
      return TLSError("x509: certificate specifies an incompatible key usage")
    default: return TLSError("x509: " + String(cString: X509_verify_cert_error_string(code)))
    }
  }

  private func read(_ plain: (UnsafeRawBufferPointer) -> Void) throws(TLSError) {
    let scratch = context.scratch
    while !isPeerClosed {
      ERR_clear_error()
      let count = SSL_read(ssl, scratch.baseAddress, Int32(scratch.count))
      if count > 0 {
        plain(UnsafeRawBufferPointer(rebasing: scratch[..<Int(count)]))
        continue
      }
      switch SSL_get_error(ssl, count) {
      case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return
      case SSL_ERROR_ZERO_RETURN: isPeerClosed = true
      default: throw fail(.queued("tls: read failed"))
      }
    }
  }

  private func fail(_ error: TLSError) -> TLSError {
    failure = error
    return error
  }

  /// Moves what OpenSSL wrote into `output`.
  private func takeOutput() {
    let count = BIO_ctrl_pending(outgoing)
    guard count > 0 else { return }
    output.append(count: count) { memory in
      let taken = BIO_read(outgoing, memory.baseAddress, Int32(count))
      invariant(Int(taken) == count, "a memory BIO gave \(taken) of \(count) bytes")
    }
  }
}

// Our own rules for the peer's certificate, asked by OpenSSL once the chain itself is found good.
extension TLSSession {
  static let verifyCallback: @convention(c) (Int32, OpaquePointer?) -> Int32 = { isGood, store in
    guard isGood == 1, let store, X509_STORE_CTX_get_error_depth(store) == 0 else { return isGood }
    guard let ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()),
      let target = SSL_get_ex_data(OpaquePointer(ssl), 0)
    else { return 0 }
    return Unmanaged<TLSSession>.fromOpaque(target)._withUnsafeGuaranteedRef { session in
      if session.accepts(store) { return 1 }
      X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION)
      return 0
    }
  }

  fileprivate func accepts(_ store: OpaquePointer) -> Bool {
    do throws(TLSError) {
      guard let leaf = X509_STORE_CTX_get0_cert(store) else { return false }
      try checkAllowed(leaf)
      try checkRevoked(leaf, presented: X509_STORE_CTX_get0_untrusted(store))
      return true
    } catch {
      refusal = error
      return false
    }
  }

  private func checkAllowed(_ leaf: OpaquePointer) throws(TLSError) {
    let settings = context.settings
    let name = settings.allowedHostname
    let isAllowed =
      if !settings.allowedCN.isEmpty {
        PeerCertificate(leaf).commonName == settings.allowedCN
      } else if !name.isEmpty {
        X509_check_ip_asc(leaf, name, 0) == 1
          || X509_check_host(leaf, name, name.utf8.count, UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT), nil) == 1
      } else {
        true
      }
    guard isAllowed else { throw TLSError("client certificate authentication failed") }
  }

  private func checkRevoked(_ leaf: OpaquePointer, presented: OpaquePointer?) throws(TLSError) {
    guard let list = try context.revocations() else { return }
    var certificates = [leaf]
    for index in 0..<max(0, OPENSSL_sk_num(presented)) {
      if let value = OPENSSL_sk_value(presented, index) { certificates.append(OpaquePointer(value)) }
    }
    for certificate in certificates where list.revokes(certificate) {
      throw TLSError("transport: certificate serial \(hex(PeerCertificate(certificate).serial)) revoked")
    }
  }
}
