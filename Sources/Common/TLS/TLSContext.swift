import Base
import COpenSSL
import Glibc

/// What all sessions of one listener, or of one client, share.
///
/// The certificate and key are read again when their files change; when that fails the last good pair stays in
/// use and `onReloadFailure` hears why. The trusted certificates are read once, as in etcd 3.4.
package final class TLSContext {
  package enum Role: Sendable { case server, client }

  package let role: Role
  package let settings: TLSSettings
  /// A changed pair or revocation list could not be used.
  package var onReloadFailure: ((TLSError) -> Void)?

  /// Decrypted bytes on their way to the handler; sessions of one thread share it.
  let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 * 1024, alignment: 16)
  /// ALPN's list: each name with its length in front.
  private let protocolList: Bytes
  private var context: OpaquePointer
  private var stamps: [FileStamp]
  private var revoked: Result<RevocationList, TLSError>?
  private var revokedStamp: FileStamp?
  private let store: OpaquePointer?

  /// Reads every file once, so that mistakes show at start.
  package init(_ role: Role, _ settings: TLSSettings) throws(TLSError) {
    self.role = role
    self.settings = settings
    protocolList = settings.protocols.flatMap { [UInt8($0.utf8.count)] + $0.bytes }
    if !settings.allowedCN.isEmpty, !settings.allowedHostname.isEmpty {
      throw TLSError(
        "AllowedCN and AllowedHostname are mutually exclusive (cn=\"\(settings.allowedCN)\", "
          + "hostname=\"\(settings.allowedHostname)\")")
    }
    if settings.certFile.isEmpty != settings.keyFile.isEmpty || role == .server && settings.isEmpty {
      throw TLSError(
        "KeyFile and CertFile must both be present[key: \(settings.keyFile), cert: \(settings.certFile)]")
    }
    stamps = Self.stamps(settings)
    store = settings.trustedCAFile.isEmpty ? nil : try Self.readTrusted(settings.trustedCAFile)
    do throws(TLSError) {
      context = try Self.make(role, settings, store)
    } catch {
      X509_STORE_free(store)
      throw error
    }
    // From here on a thrown error runs `deinit`, which frees what was made.
    try checkEmptyCN()
    offerProtocols()
  }

  deinit {
    SSL_CTX_free(context)
    X509_STORE_free(store)
    scratch.deallocate()
  }

  /// When the own certificate ends, in seconds since 1970; nil without one.
  package var certificateEnd: Int64? {
    guard let own = SSL_CTX_get0_certificate(context) else { return nil }
    var time = tm()
    guard ASN1_TIME_to_tm(X509_get0_notAfter(own), &time) == 1 else { return nil }
    return Int64(timegm(&time))
  }

  private func checkEmptyCN() throws(TLSError) {
    guard settings.requiresEmptyCN, let own = SSL_CTX_get0_certificate(context) else { return }
    let name = PeerCertificate(own).commonName
    if !name.isEmpty { throw TLSError("cert has non empty Common Name (\(name)): \(settings.certFile)") }
  }

  /// A new session: the server's end of an accepted connection, or a client's towards `host` (a name or an
  /// address; ignored by servers).
  package func session(host: String = "") -> TLSSession {
    reloadIfChanged()
    guard let ssl = SSL_new(context) else { broken("OpenSSL gave no session") }
    return TLSSession(self, ssl, host: settings.serverName.isEmpty ? host : settings.serverName)
  }

  // MARK: Files

  private static func stamps(_ settings: TLSSettings) -> [FileStamp] {
    settings.isEmpty ? [] : [FileStamp(settings.certFile), FileStamp(settings.keyFile)]
  }

  /// As etcd 3.4 re-reads the pair at each handshake; we look at the files and read them when they changed.
  private func reloadIfChanged() {
    let fresh = Self.stamps(settings)
    guard fresh != stamps else { return }
    do throws(TLSError) {
      let made = try Self.make(role, settings, store)
      SSL_CTX_free(context)  // sessions in use hold their own reference
      context = made
      offerProtocols()
      stamps = fresh
    } catch {
      // The stamps stay old: the next session tries again, since the second file may be about to follow.
      onReloadFailure?(error)
    }
  }

  /// Serials refused now; nil without a list. A list that cannot be read refuses everybody, as in etcd 3.4.
  func revocations() throws(TLSError) -> RevocationList? {
    guard !settings.crlFile.isEmpty else { return nil }
    let fresh = FileStamp(settings.crlFile)
    if revoked == nil || fresh != revokedStamp {
      revokedStamp = fresh
      do throws(TLSError) {
        revoked = .success(try RevocationList(file: settings.crlFile))
      } catch {
        revoked = .failure(error)
        onReloadFailure?(error)
      }
    }
    return try revoked?.get()
  }

  private static func readTrusted(_ file: String) throws(TLSError) -> OpaquePointer {
    // Go words a missing file so: `open ca.pem: no such file or directory`.
    _ = try readFile(file)
    guard let store = X509_STORE_new() else { broken("OpenSSL gave no certificate store") }
    guard X509_STORE_load_file(store, file) == 1 else {
      X509_STORE_free(store)
      throw .queued("no certificate found", file: file)
    }
    return store
  }

  // MARK: ALPN

  private func offerProtocols() {
    guard !protocolList.isEmpty else { return }
    if role == .client {
      SSL_CTX_set_alpn_protos(context, protocolList, UInt32(protocolList.count))
    } else {
      SSL_CTX_set_alpn_select_cb(context, selectProtocol, Unmanaged.passUnretained(self).toOpaque())
    }
  }

  fileprivate func select(
    _ offered: UnsafeBufferPointer<UInt8>, _ out: UnsafeMutablePointer<UnsafePointer<UInt8>?>,
    _ outCount: UnsafeMutablePointer<UInt8>
  ) -> Int32 {
    for wanted in settings.protocols {
      var index = 0
      while index < offered.count {
        let count = Int(offered[index])
        guard index + 1 + count <= offered.count else { break }
        if offered[(index + 1)..<(index + 1 + count)].elementsEqual(wanted.utf8) {
          out.pointee = offered.baseAddress.map { $0 + index + 1 }
          outCount.pointee = UInt8(count)
          return SSL_TLSEXT_ERR_OK
        }
        index += 1 + count
      }
    }
    return SSL_TLSEXT_ERR_NOACK
  }
}

private let selectProtocol: SSL_CTX_alpn_select_cb_func = { _, out, outCount, offered, count, context in
  guard let context, let out, let outCount, let offered else { return SSL_TLSEXT_ERR_NOACK }
  let list = UnsafeBufferPointer(start: offered, count: Int(count))
  return Unmanaged<TLSContext>.fromOpaque(context)._withUnsafeGuaranteedRef { $0.select(list, out, outCount) }
}

// Building the C side.
extension TLSContext {
  fileprivate static func make(_ role: Role, _ settings: TLSSettings, _ store: OpaquePointer?) throws(TLSError)
    -> OpaquePointer
  {
    guard let context = SSL_CTX_new(role == .server ? TLS_server_method() : TLS_client_method()) else {
      broken("OpenSSL gave no context")
    }
    do throws(TLSError) {
      setProtocolRules(context, settings)
      try setCiphers(context, settings.cipherSuites)
      if !settings.isEmpty { try loadPair(context, settings) }
      trust(context, settings, store)
      setVerification(context, role, settings)
      return context
    } catch {
      SSL_CTX_free(context)
      throw error
    }
  }

  private static func setProtocolRules(_ context: OpaquePointer, _ settings: TLSSettings) {
    let oldest = settings.minVersion == .tls13 ? TLS1_3_VERSION : TLS1_2_VERSION
    SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(oldest), nil)
    if settings.maxVersion == .tls12 {
      SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
    }
    // No resumption: a ticket would outlive the revocation of its certificate.
    let noTicket: UInt64 = 1 << 14
    let noRenegotiation: UInt64 = 1 << 30
    let noCompression: UInt64 = 1 << 17
    let serverPreference: UInt64 = 1 << 22
    SSL_CTX_set_options(context, noTicket | noRenegotiation | noCompression | serverPreference)
    SSL_CTX_set_num_tickets(context, 0)
    SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF), nil)
    let releaseBuffers = 0x10
    let partialWrite = 0x1
    let movingWriteBuffer = 0x2
    SSL_CTX_ctrl(context, SSL_CTRL_MODE, releaseBuffers | partialWrite | movingWriteBuffer, nil)
  }

  private static func setCiphers(_ context: OpaquePointer, _ suites: [String]) throws(TLSError) {
    let names = try CipherSuites.openSSLNames(suites)
    guard !names.isEmpty else { return }
    // RC4 and 3DES are below OpenSSL's default level; who names them wants them.
    let isWeak = names.contains { $0.contains("RC4") || $0.contains("DES") }
    let list = names.joined(separator: ":") + (isWeak ? ":@SECLEVEL=0" : "")
    guard SSL_CTX_set_cipher_list(context, list) == 1 else {
      throw .queued("no cipher suite of \(suites.joined(separator: ",")) is available")
    }
  }

  private static func loadPair(_ context: OpaquePointer, _ settings: TLSSettings) throws(TLSError) {
    _ = try readFile(settings.certFile)
    _ = try readFile(settings.keyFile)
    guard SSL_CTX_use_certificate_chain_file(context, settings.certFile) == 1 else {
      throw .queued("tls: failed to find any PEM data in certificate input", file: settings.certFile)
    }
    guard SSL_CTX_use_PrivateKey_file(context, settings.keyFile, SSL_FILETYPE_PEM) == 1 else {
      throw .queued("tls: failed to find any PEM data in key input", file: settings.keyFile)
    }
    guard SSL_CTX_check_private_key(context) == 1 else {
      ERR_clear_error()
      throw TLSError("tls: private key does not match public key", file: settings.keyFile)
    }
  }

  private static func trust(_ context: OpaquePointer, _ settings: TLSSettings, _ store: OpaquePointer?) {
    guard let store else {
      SSL_CTX_set_default_verify_paths(context)
      return
    }
    SSL_CTX_set1_cert_store(context, store)
    // Tells clients which authorities we know, so that they choose the right certificate.
    SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(settings.trustedCAFile))
  }

  private static func setVerification(_ context: OpaquePointer, _ role: Role, _ settings: TLSSettings) {
    let verifies: Bool
    switch role {
    case .server: verifies = !settings.trustedCAFile.isEmpty || settings.clientCertAuth
    case .client: verifies = !settings.insecureSkipVerify && !settings.isSelfSigned
    }
    let mode = verifies ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT : SSL_VERIFY_NONE
    SSL_CTX_set_verify(context, mode, verifies ? TLSSession.verifyCallback : nil)
  }
}
