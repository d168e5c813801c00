import Base
import COpenSSL

/// Makes a key and a certificate: a self-signed one, or one signed by `issuer`.
struct CertificateMaker {
  var organization = "etcd"
  var commonName = ""
  /// Names and addresses the certificate is good for.
  var hosts: [String] = []
  var isServer = true
  var isClient = false
  var isAuthority = false
  var validSeconds = 365 * 24 * 3600
  /// A chosen serial number; nil draws 128 bits.
  var serial: UInt64?

  /// Certificate and key in memory, freed once.
  final class Made {
    let certificate: OpaquePointer
    let key: OpaquePointer
    init(_ certificate: OpaquePointer, _ key: OpaquePointer) {
      self.certificate = certificate
      self.key = key
    }
    deinit {
      X509_free(certificate)
      EVP_PKEY_free(key)
    }

    var certificatePEM: Bytes { pem { PEM_write_bio_X509($0, certificate) } }
    /// `EC PRIVATE KEY`, as Go writes it.
    var keyPEM: Bytes { pem { PEM_write_bio_PrivateKey_traditional($0, key, nil, nil, 0, nil, nil) } }

    private func pem(_ write: (OpaquePointer) -> Int32) -> Bytes {
      guard let bio = BIO_new(BIO_s_mem()) else { broken("OpenSSL gave no memory BIO") }
      defer { BIO_free(bio) }
      invariant(write(bio) == 1, "OpenSSL could not write PEM")
      var bytes = Bytes(repeating: 0, count: BIO_ctrl_pending(bio))
      BIO_read(bio, &bytes, Int32(bytes.count))
      return bytes
    }
  }

  func make(curve: String = "P-521", issuer: Made? = nil) throws(TLSError) -> Made {
    guard let key = Self.makeKey(curve), let certificate = X509_new() else {
      throw .queued("cannot generate ECDSA key")
    }
    let made = Made(certificate, key)
    X509_set_version(certificate, 2)
    setSerial(certificate)
    X509_gmtime_adj(X509_getm_notBefore(certificate), isAuthority ? -60 : 0)
    X509_gmtime_adj(X509_getm_notAfter(certificate), validSeconds)
    let name = X509_get_subject_name(certificate)
    add(name, "O", organization)
    add(name, "CN", commonName)
    X509_set_issuer_name(certificate, issuer.map { X509_get_subject_name($0.certificate) } ?? name)
    X509_set_pubkey(certificate, key)
    addExtensions(certificate, issuer)
    guard X509_sign(certificate, issuer?.key ?? key, EVP_sha512()) > 0 else { throw .queued("cannot sign") }
    return made
  }

  private static func makeKey(_ curve: String) -> OpaquePointer? {
    guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil) else { return nil }
    defer { EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_group_name(context, curve) == 1,
      EVP_PKEY_generate(context, &key) == 1
    else { return nil }
    return key
  }

  private func setSerial(_ certificate: OpaquePointer) {
    let number = BN_new()
    defer { BN_free(number) }
    if let serial { BN_set_word(number, UInt(serial)) } else { BN_rand(number, 127, -1, 0) }
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate))
  }

  private func add(_ name: OpaquePointer?, _ field: String, _ value: String) {
    guard !value.isEmpty else { return }
    X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, value, Int32(value.utf8.count), -1, 0)
  }

  private func addExtensions(_ certificate: OpaquePointer, _ issuer: Made?) {
    var context = X509V3_CTX()
    X509V3_set_ctx(&context, issuer?.certificate ?? certificate, certificate, nil, nil, 0)
    func add(_ id: Int32, _ value: String) {
      guard let made = X509V3_EXT_conf_nid(nil, &context, id, value) else {
        ERR_clear_error()
        return
      }
      X509_add_ext(certificate, made, -1)
      X509_EXTENSION_free(made)
    }
    add(NID_basic_constraints, isAuthority ? "critical,CA:TRUE" : "critical,CA:FALSE")
    add(
      NID_key_usage, isAuthority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature,keyEncipherment")
    let usages = (isServer ? ["serverAuth"] : []) + (isClient ? ["clientAuth"] : [])
    if !isAuthority, !usages.isEmpty { add(NID_ext_key_usage, usages.joined(separator: ",")) }
    // A comma would begin another entry of the value's own grammar; no host has one.
    let names = hosts.filter { !$0.isEmpty && !$0.contains(",") }.map { host in
      (isAddressLiteral(host) ? "IP:" : "DNS:") + host
    }
    if !names.isEmpty { add(NID_subject_alt_name, names.joined(separator: ",")) }
  }
}

func isAddressLiteral(_ text: String) -> Bool {
  guard let address = a2i_IPADDRESS(text) else {
    ERR_clear_error()
    return false
  }
  ASN1_OCTET_STRING_free(address)
  return true
}
