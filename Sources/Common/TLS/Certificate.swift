import Base
import COpenSSL
import Glibc

/// The facts of a peer's certificate that the rooms above ask about.
package struct PeerCertificate: Equatable, Sendable {
  /// Common name of the subject; the user's name with client-certificate authentication.
  package var commonName = ""
  package var dnsNames: [String] = []
  /// Four or sixteen bytes each.
  package var ipAddresses: [Bytes] = []
  /// The serial number's bytes without leading zeros.
  package var serial = Bytes()

  package init() {}

  /// The result of comparing the names in the certificate with where the peer calls from.
  package enum OriginCheck: Equatable, Sendable {
    case accepted
    case refused(String)
    /// No address matches: look up the caller's names, then the addresses of `names`, and compare those.
    case lookUp(names: [String])
  }

  /// Compares with the peer's address. As etcd 3.4: pkg/transport/listener_tls.go, checkCertSAN.
  package func check(address: Bytes, text: String) -> OriginCheck {
    if ipAddresses.isEmpty, dnsNames.isEmpty { return .accepted }
    if ipAddresses.contains(address) { return .accepted }
    if dnsNames.isEmpty {
      let valid = ipAddresses.map(Self.text).joined(separator: ", ")
      return .refused("x509: certificate is valid for \(valid), not \(text)")
    }
    return .lookUp(names: dnsNames.filter { !$0.hasPrefix("*.") })
  }

  /// Whether one of the names that the caller's address has in reverse is in the certificate.
  package func accepts(reverseNames: [String]) -> Bool {
    reverseNames.contains { name in
      let name = name.hasSuffix(".") ? String(name.dropLast()) : name
      return dnsNames.contains { $0.hasPrefix("*.") ? name.hasSuffix($0.dropFirst()) : $0 == name }
    }
  }

  /// The text of a refusal after all look-ups. Which of many certificates it was, etcd does not say.
  package func refusal(of text: String) -> String {
    "tls: \"\(text)\" does not match any of DNSNames [\(dnsNames.map { "\"\($0)\"" }.joined(separator: " "))] "
      + "(certificate \"\(commonName)\", serial number \(hex(serial)))"
  }

  private static func text(_ address: Bytes) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    guard inet_ntop(address.count == 4 ? AF_INET : AF_INET6, address, &buffer, 64) != nil else { return "?" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension PeerCertificate {
  /// Reads a certificate of OpenSSL's; the pointer stays the caller's.
  init(_ certificate: OpaquePointer) {
    commonName = Self.commonName(X509_get_subject_name(certificate))
    serial = Self.bytes(X509_get0_serialNumber(certificate)).drop { $0 == 0 }.map { $0 }
    readAlternativeNames(certificate)
  }

  private static func commonName(_ name: OpaquePointer?) -> String {
    let index = X509_NAME_get_index_by_NID(name, NID_commonName, -1)
    guard index >= 0, let entry = X509_NAME_get_entry(name, index) else { return "" }
    var text: UnsafeMutablePointer<UInt8>?
    let count = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry))
    guard count >= 0, let text else { return "" }
    defer { CRYPTO_free(text, #fileID, #line) }
    return String(utf8: UnsafeBufferPointer(start: text, count: Int(count)))
  }

  static func bytes(_ string: UnsafePointer<ASN1_STRING>?) -> Bytes {
    guard let string, let data = ASN1_STRING_get0_data(string) else { return [] }
    return Bytes(UnsafeBufferPointer(start: data, count: Int(ASN1_STRING_length(string))))
  }

  private mutating func readAlternativeNames(_ certificate: OpaquePointer) {
    guard let names = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return }
    let stack = OpaquePointer(names)
    for index in 0..<max(0, OPENSSL_sk_num(stack)) {
      guard let entry = OPENSSL_sk_value(stack, index)?.assumingMemoryBound(to: GENERAL_NAME.self) else {
        continue
      }
      switch entry.pointee.type {
      case GEN_DNS: dnsNames.append(String(utf8: Self.bytes(entry.pointee.d.dNSName)))
      case GEN_IPADD: ipAddresses.append(Self.bytes(entry.pointee.d.iPAddress))
      default: break
      }
    }
    GENERAL_NAMES_free(stack)
  }
}
