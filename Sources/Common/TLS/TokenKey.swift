import Base
import COpenSSL
import Glibc

/// How a token is signed, by the names of RFC 7518.
package enum TokenAlgorithm: String, CaseIterable, Sendable {
  case hs256 = "HS256", hs384 = "HS384", hs512 = "HS512"
  case rs256 = "RS256", rs384 = "RS384", rs512 = "RS512"
  case ps256 = "PS256", ps384 = "PS384", ps512 = "PS512"
  case es256 = "ES256", es384 = "ES384", es512 = "ES512"

  enum Family { case hmac, rsa, rsaPSS, ecdsa }

  var family: Family {
    switch self {
    case .hs256, .hs384, .hs512: .hmac
    case .rs256, .rs384, .rs512: .rsa
    case .ps256, .ps384, .ps512: .rsaPSS
    case .es256, .es384, .es512: .ecdsa
    }
  }

  var digest: OpaquePointer? {
    switch self {
    case .hs256, .rs256, .ps256, .es256: EVP_sha256()
    case .hs384, .rs384, .ps384, .es384: EVP_sha384()
    case .hs512, .rs512, .ps512, .es512: EVP_sha512()
    }
  }

  /// Bits of the curve's field.
  var curveBits: Int32 { self == .es256 ? 256 : self == .es384 ? 384 : 521 }
  /// Bytes of each of a signature's two numbers.
  var numberBytes: Int { (Int(curveBits) + 7) / 8 }
}

/// Keys that sign tokens and tell whether a signature is good. As etcd 3.4: auth/options.go and auth/jwt.go.
///
/// Belongs to one thread. The keys stay with OpenSSL.
package final class TokenKey {
  package let algorithm: TokenAlgorithm
  /// False with a public key alone.
  package let canSign: Bool
  private let key: OpaquePointer

  /// Reads the keys. Of a pair that is no pair the original lets some pass; here the keys are compared.
  package init(_ algorithm: TokenAlgorithm, publicFile: String, privateFile: String) throws(TLSError) {
    self.algorithm = algorithm
    if algorithm.family == .hmac {
      // As the original, the secret is the file as it is, and a public key is not looked at.
      key = try Self.secret(privateFile)
      canSign = true
      return
    }
    let publicKey = publicFile.isEmpty ? nil : try Self.publicKey(publicFile)
    guard !privateFile.isEmpty else {
      guard let publicKey else { throw Self.missing }
      key = publicKey
      canSign = false
      try check()
      return
    }
    key = try Self.privateKey(privateFile)
    canSign = true
    defer { EVP_PKEY_free(publicKey) }
    try check()
    if let publicKey, EVP_PKEY_eq(publicKey, key) != 1 {
      ERR_clear_error()
      throw TLSError("auth: public and private keys don't match")
    }
  }

  deinit { EVP_PKEY_free(key) }

  private static let missing = TLSError("auth: missing key data")

  /// The key must be of the algorithm's kind, and for ECDSA of its curve.
  private func check() throws(TLSError) {
    let wanted = algorithm.family == .ecdsa ? EVP_PKEY_EC : EVP_PKEY_RSA
    guard EVP_PKEY_get_base_id(key) == wanted else {
      throw TLSError("key is not a valid \(algorithm.family == .ecdsa ? "ECDSA" : "RSA") key")
    }
    if algorithm.family == .ecdsa, EVP_PKEY_get_bits(key) != algorithm.curveBits {
      throw TLSError("key is invalid")
    }
  }

  // MARK: Files

  private static func open(_ file: String) throws(TLSError) -> OpaquePointer {
    guard let bio = BIO_new_file(file, "r") else {
      ERR_clear_error()
      throw TLSError("open \(file): \(goText(errno))")
    }
    return bio
  }

  private static func privateKey(_ file: String) throws(TLSError) -> OpaquePointer {
    let bio = try open(file)
    defer { BIO_free(bio) }
    // Without a callback OpenSSL would ask at the terminal for the password of an encrypted key.
    guard let key = PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil) else {
      throw .queued("no private key", file: file)
    }
    return key
  }

  /// A bare public key, or the one in a certificate.
  private static func publicKey(_ file: String) throws(TLSError) -> OpaquePointer {
    let bio = try open(file)
    defer { BIO_free(bio) }
    if let key = PEM_read_bio_PUBKEY(bio, nil, nil, nil) { return key }
    ERR_clear_error()
    let again = try open(file)
    defer { BIO_free(again) }
    guard let certificate = PEM_read_bio_X509(again, nil, nil, nil) else {
      throw .queued("no public key", file: file)
    }
    defer { X509_free(certificate) }
    guard let key = X509_get_pubkey(certificate) else { throw .queued("no public key", file: file) }
    return key
  }

  private static func secret(_ file: String) throws(TLSError) -> OpaquePointer {
    if file.isEmpty { throw missing }
    let bio = try open(file)
    defer { BIO_free(bio) }
    var secret = Bytes(repeating: 0, count: Limits.tokenSecretBytes)
    defer { OPENSSL_cleanse(&secret, secret.count) }
    let count = BIO_read(bio, &secret, Int32(secret.count))
    if count <= 0 { throw missing }
    if Int(count) == secret.count { throw TLSError("the secret is too long", file: file) }
    guard let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, nil, secret, Int(count)) else {
      throw .queued("no secret", file: file)
    }
    return key
  }

  // MARK: Signatures

  /// Nil where the key cannot sign.
  package func signature(of content: Bytes) -> Bytes? {
    guard canSign, let context = EVP_MD_CTX_new() else { return nil }
    defer { EVP_MD_CTX_free(context) }
    var parameters: OpaquePointer?
    guard EVP_DigestSignInit(context, &parameters, algorithm.digest, nil, key) == 1,
      pad(parameters, saltLength: RSA_PSS_SALTLEN_DIGEST)
    else { return failed() }
    var count = 0
    guard EVP_DigestSign(context, nil, &count, content, content.count) == 1 else { return failed() }
    var signature = Bytes(repeating: 0, count: count)
    guard EVP_DigestSign(context, &signature, &count, content, content.count) == 1 else { return failed() }
    signature.removeLast(signature.count - count)
    return algorithm.family == .ecdsa ? plain(signature) : signature
  }

  /// Whether the holder of the private key signed this.
  package func isGood(_ signature: Bytes, of content: Bytes) -> Bool {
    if algorithm.family == .hmac {
      guard let own = self.signature(of: content), own.count == signature.count else { return false }
      return CRYPTO_memcmp(own, signature, own.count) == 0
    }
    guard let wire = algorithm.family == .ecdsa ? structured(signature) : signature,
      let context = EVP_MD_CTX_new()
    else { return false }
    defer { EVP_MD_CTX_free(context) }
    var parameters: OpaquePointer?
    let isGood =
      EVP_DigestVerifyInit(context, &parameters, algorithm.digest, nil, key) == 1
      && pad(parameters, saltLength: RSA_PSS_SALTLEN_AUTO)
      && EVP_DigestVerify(context, wire, wire.count, content, content.count) == 1
    ERR_clear_error()
    return isGood
  }

  private func pad(_ parameters: OpaquePointer?, saltLength: Int32) -> Bool {
    guard algorithm.family == .rsaPSS else { return true }
    return EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1
      && EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, saltLength) == 1
  }

  private func failed() -> Bytes? {
    ERR_clear_error()
    return nil
  }

  // MARK: The two numbers of ECDSA: OpenSSL has them in ASN.1, tokens side by side.

  private func plain(_ signature: Bytes) -> Bytes? {
    let pair: OpaquePointer? = signature.withUnsafeBufferPointer { buffer in
      var start = buffer.baseAddress
      return d2i_ECDSA_SIG(nil, &start, buffer.count)
    }
    guard let pair else { return failed() }
    defer { ECDSA_SIG_free(pair) }
    let count = algorithm.numberBytes
    var out = Bytes(repeating: 0, count: 2 * count)
    let isWritten = out.withUnsafeMutableBufferPointer { buffer in
      BN_bn2binpad(ECDSA_SIG_get0_r(pair), buffer.baseAddress, Int32(count)) == Int32(count)
        && BN_bn2binpad(ECDSA_SIG_get0_s(pair), buffer.baseAddress.map { $0 + count }, Int32(count))
          == Int32(count)
    }
    return isWritten ? out : failed()
  }

  private func structured(_ signature: Bytes) -> Bytes? {
    let count = algorithm.numberBytes
    guard signature.count == 2 * count, let pair = ECDSA_SIG_new() else { return nil }
    defer { ECDSA_SIG_free(pair) }
    let r = BN_bin2bn(signature, Int32(count), nil)
    let s = signature.withUnsafeBufferPointer {
      BN_bin2bn($0.baseAddress.map { $0 + count }, Int32(count), nil)
    }
    guard ECDSA_SIG_set0(pair, r, s) == 1 else {
      BN_free(r)
      BN_free(s)
      return nil
    }
    var text: UnsafeMutablePointer<UInt8>?
    let length = i2d_ECDSA_SIG(pair, &text)
    guard length > 0, let text else { return nil }
    defer { CRYPTO_free(text, #fileID, #line) }
    return Bytes(UnsafeBufferPointer(start: text, count: Int(length)))
  }
}
