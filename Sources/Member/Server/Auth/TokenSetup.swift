import Base
import Config
import Machine
import TLS

/// What `--auth-token` asks for, with its keys read. As etcd 3.4: auth/store.go, NewTokenProvider.
struct TokenSetup {
  let kind: TokenKind
  /// For signed tokens: tells whether they are good. Belongs to the loop.
  let key: TokenKey?
  /// One for each thread that signs; empty where the key can only verify.
  let signingKeys: [TokenKey]
  /// How long a signed token is good.
  let signedTTL: TimeSpan

  init(_ settings: Settings, _ log: Log) throws {
    switch settings.tokens {
    case .none:
      self.init(.none)
    case .simple:
      log(.warning, "simple token is not cryptographically signed")
      self.init(.simple(ttl: settings.authTokenTTL > .zero ? settings.authTokenTTL : .seconds(300)))
    case .signed(let options):
      if !options.unknown.isEmpty {
        log(.warning, "unknown JWT options: [\(options.unknown.joined(separator: " "))]")
      }
      guard let algorithm = TokenAlgorithm(rawValue: options.algorithm) else {
        throw BootstrapError.refused("auth: invalid auth options")
      }
      func key() throws(TLSError) -> TokenKey {
        try TokenKey(algorithm, publicFile: options.publicKeyFile, privateFile: options.privateKeyFile)
      }
      let first = try key()
      let count = first.canSign ? PasswordDesk.threadCount : 0
      self.init(.signed, key: first, signingKeys: try (0..<count).map { _ in try key() }, ttl: options.ttl)
    }
  }

  private init(_ kind: TokenKind, key: TokenKey? = nil, signingKeys: [TokenKey] = [], ttl: TimeSpan = .zero) {
    self.kind = kind
    self.key = key
    self.signingKeys = signingKeys
    signedTTL = ttl
  }
}

/// Tells whose a signed token is. Good ones are remembered, so that a client's next call costs a look-up.
struct TokenVerifier {
  private let key: TokenKey
  private var good: [Key: WebToken] = [:]

  init(_ key: TokenKey) { self.key = key }

  mutating func credential(of text: String, unixSeconds now: Int64) -> Credential? {
    let name = Key(text)
    if let known = good[name] {
      if known.isDue(unixSeconds: now) { return known.credential }
      good[name] = nil
      return nil
    }
    guard let token = WebToken(text), token.algorithm == key.algorithm.rawValue, token.isDue(unixSeconds: now),
      key.isGood(token.signature, of: token.signed)
    else { return nil }
    if good.count >= Limits.verifiedTokens { good = [:] }
    good[name] = token
    return token.credential
  }
}
