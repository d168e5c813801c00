import Base
import Foundation
import Testing

@testable import TLS

@Suite struct TokenKeyTests {
  /// A directory with keys made by OpenSSL's own program, so that nothing of ours is on both ends.
  private final class Keys {
    let directory: String
    init() throws {
      directory = NSTemporaryDirectory() + "token-keys-\(UUID().uuidString)"
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func path(_ name: String) -> String { "\(directory)/\(name)" }

    func openssl(_ words: String...) throws {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
      process.arguments = words
      process.standardError = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
    }

    /// Private and public file of a new pair for the algorithm.
    func pair(_ algorithm: TokenAlgorithm, _ name: String = "key") throws -> (secret: String, open: String) {
      let (secret, open) = (path("\(name).pem"), path("\(name)-public.pem"))
      switch algorithm.family {
      case .hmac:
        try Data("the secret of \(name)".utf8).write(to: URL(fileURLWithPath: secret))
        return (secret, "")
      case .rsa, .rsaPSS:
        try openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", secret)
      case .ecdsa:
        let curve = algorithm == .es256 ? "P-256" : algorithm == .es384 ? "P-384" : "P-521"
        try openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:\(curve)", "-out", secret)
      }
      try openssl("pkey", "-in", secret, "-pubout", "-out", open)
      return (secret, open)
    }
  }

  private let content = "header.claims".bytes

  @Test("what one half signs the other finds good, and nothing else", arguments: TokenAlgorithm.allCases)
  func pairs(algorithm: TokenAlgorithm) throws {
    let keys = try Keys()
    let (secret, open) = try keys.pair(algorithm)
    let signer = try TokenKey(algorithm, publicFile: open, privateFile: secret)
    #expect(signer.canSign)
    let signature = try #require(signer.signature(of: content))
    let judge = open.isEmpty ? signer : try TokenKey(algorithm, publicFile: open, privateFile: "")
    #expect(judge.canSign == open.isEmpty)
    #expect(judge.isGood(signature, of: content))
    #expect(!judge.isGood(signature, of: content + [0]))
    for place in stride(from: 0, to: signature.count, by: 17) {
      var wrong = signature
      wrong[place] ^= 1
      #expect(!judge.isGood(wrong, of: content))
    }
    #expect(!judge.isGood(signature.dropLast().map { $0 }, of: content))
    #expect(!judge.isGood([], of: content))
    if algorithm.family == .ecdsa { #expect(signature.count == 2 * algorithm.numberBytes) }
  }

  private func reason(_ algorithm: TokenAlgorithm, _ open: String, _ secret: String) -> String {
    do throws(TLSError) {
      _ = try TokenKey(algorithm, publicFile: open, privateFile: secret)
      return ""
    } catch { return error.reason }
  }

  @Test("keys that are missing, no pair or of another kind are refused")
  func refusals() throws {
    let keys = try Keys()
    let (first, second) = (try keys.pair(.rs256, "a"), try keys.pair(.rs256, "b"))
    let curve = try keys.pair(.es384, "c")
    #expect(reason(.rs256, "", "") == "auth: missing key data")
    #expect(reason(.hs256, "", "") == "auth: missing key data")
    #expect(reason(.rs256, second.open, first.secret) == "auth: public and private keys don't match")
    #expect(reason(.ps512, first.open, first.secret) == "")
    #expect(reason(.rs256, "", curve.secret) == "key is not a valid RSA key")
    #expect(reason(.es256, first.open, "") == "key is not a valid ECDSA key")
    #expect(reason(.es256, "", curve.secret) == "key is invalid")
    #expect(reason(.rs256, "", keys.path("nothing")).hasPrefix("open "))
    #expect(reason(.rs256, first.secret, "") != "", "a private key is no public one")
  }

  @Test("a certificate will do for a public key")
  func certificate() throws {
    let keys = try Keys()
    let pair = try keys.pair(.rs256)
    try keys.openssl(
      "req", "-x509", "-key", pair.secret, "-subj", "/CN=a", "-days", "1", "-out", keys.path("certificate.pem"))
    let signer = try TokenKey(.rs256, publicFile: keys.path("certificate.pem"), privateFile: pair.secret)
    let judge = try TokenKey(.rs256, publicFile: keys.path("certificate.pem"), privateFile: "")
    #expect(judge.isGood(try #require(signer.signature(of: content)), of: content))
  }

  @Test("an empty secret is none")
  func emptySecret() throws {
    let keys = try Keys()
    try Data().write(to: URL(fileURLWithPath: keys.path("empty")))
    #expect(reason(.hs256, "", keys.path("empty")) == "auth: missing key data")
  }

  @Test("letters are letters, and not twice the same")
  func letters() {
    let (first, second) = (secureRandomLetters(43), secureRandomLetters(43))
    #expect(first.utf8.count == 43 && first != second)
    #expect(first.allSatisfy { $0.isASCII && $0.isLetter })
  }
}
