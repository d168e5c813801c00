import COpenSSL

/// What went wrong, and with which file.
package struct TLSError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file concerned; empty when none is.
  package var file: String
  package var reason: String

  package init(_ reason: String, file: String = "") {
    self.reason = reason
    self.file = file
  }

  package var description: String { file.isEmpty ? reason : "\(file): \(reason)" }

  /// The oldest error OpenSSL has queued, in its words; the queue is emptied.
  static func queued(_ fallback: String, file: String = "") -> TLSError {
    let code = ERR_get_error()
    ERR_clear_error()
    return TLSError(text(code) ?? fallback, file: file)
  }

  /// OpenSSL's reason; where Go's TLS has a phrase that operators know, that one.
  private static func text(_ code: UInt) -> String? {
    guard code != 0 else { return nil }
    switch Int32(truncatingIfNeeded: code & 0x7FFFFF) {
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: return "tls: client didn't provide a certificate"
    case SSL_R_HTTP_REQUEST, SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTPS_PROXY_REQUEST,
      SSL_R_PACKET_LENGTH_TOO_LONG:
      return "tls: first record does not look like a TLS handshake"
    case SSL_R_UNSUPPORTED_PROTOCOL: return "tls: client offered only unsupported versions"
    case SSL_R_NO_SHARED_CIPHER: return "tls: no cipher suite supported by both client and server"
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA: return "remote error: tls: unknown certificate authority"
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE: return "remote error: tls: bad certificate"
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED: return "remote error: tls: expired certificate"
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE: return "remote error: tls: handshake failure"
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED: return "remote error: tls: certificate required"
    default: return ERR_reason_error_string(code).map { "tls: " + String(cString: $0) }
    }
  }
}
