import Base

/// What `--auth-token` names: `simple`, `jwt,pub-key=…,priv-key=…,sign-method=…,ttl=…`, or nothing for no tokens.
package enum TokenChoice: Equatable, Sendable {
  case none, simple
  case signed(SignedTokenOptions)

  package enum Failure: Error, Equatable {
    /// A kind of token that there is not.
    case unknownKind(String)
    case badOptions(String)
  }

  /// As etcd 3.4: auth/store.go, decomposeOpts; auth/options.go, Parse.
  package init(parsing text: String) throws(Failure) {
    let words = text.split(separator: ",", omittingEmptySubsequences: false)
    var options: [String: String] = [:]
    for word in words.dropFirst() {
      let pair = word.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
      guard pair.count == 2 else { throw .badOptions("invalid token specific option: \(text)") }
      guard options.updateValue(pair[1], forKey: pair[0]) == nil else {
        throw .badOptions("invalid token specific option, duplicated parameters (\(pair[0])): \(text)")
      }
    }
    switch words.first ?? "" {
    case "": self = .none
    case "simple": self = .simple
    case "jwt": self = .signed(try SignedTokenOptions(options))
    case let kind: throw .unknownKind(String(kind))
    }
  }
}

/// The options of signed tokens.
package struct SignedTokenOptions: Equatable, Sendable {
  /// The method's name in RFC 7518: `RS256`.
  package var algorithm: String
  package var publicKeyFile: String
  package var privateKeyFile: String
  package var ttl = TimeSpan.seconds(300)
  /// Names that mean nothing, for a warning.
  package var unknown: [String]

  static let algorithms = ["HS", "RS", "PS", "ES"].flatMap { family in
    ["256", "384", "512"].map { family + $0 }
  }

  fileprivate init(_ options: [String: String]) throws(TokenChoice.Failure) {
    publicKeyFile = options["pub-key"] ?? ""
    privateKeyFile = options["priv-key"] ?? ""
    algorithm = options["sign-method"] ?? ""
    unknown = options.keys.filter { !["pub-key", "priv-key", "sign-method", "ttl"].contains($0) }.sorted()
    if let text = options["ttl"], !text.isEmpty {
      do throws(GoDuration.Failure) { ttl = try GoDuration.parse(text) } catch {
        throw .badOptions("problem loading JWT options: \(error.text)")
      }
    }
    guard Self.algorithms.contains(algorithm) else {
      throw .badOptions("problem loading JWT options: auth: invalid auth signature method")
    }
  }
}
