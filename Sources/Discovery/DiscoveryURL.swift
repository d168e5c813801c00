import Base

/// A URL of a token at a discovery service: `https://discovery.example/TOKEN`, or a directory of any v2 API:
/// `http://10.0.0.1:2379/v2/keys/some/dir`.
package struct DiscoveryURL: Hashable, Sendable {
  /// As given; it is the token of the cluster that is founded through it.
  package let text: String
  /// Scheme and authority.
  let service: String
  /// The token's path: a slash before each part, none at the end.
  let path: String

  package init(parsing text: String) throws(DiscoveryFailure) {
    func refusal(_ reason: String) -> DiscoveryFailure { .invalidURL("\(goQuoted(text)) \(reason)") }
    guard let scheme = ["http://", "https://"].first(where: { text.lowercased().hasPrefix($0) }) else {
      throw refusal("does not begin with http:// or https://")
    }
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw refusal("holds a blank or a character that must be percent-encoded")
    }
    let rest = text.dropFirst(scheme.count).prefix { $0 != "?" && $0 != "#" }
    let authority = rest.prefix { $0 != "/" }
    guard !authority.isEmpty, authority.last != "@" else { throw refusal("names no host") }
    let parts = rest.dropFirst(authority.count).split(separator: "/").filter { $0 != "." }
    guard !parts.contains("..") else { throw refusal("must not contain ..") }
    guard !parts.isEmpty else {
      throw refusal("has no token; a new one comes from the service's /new?size=N")
    }
    self.text = text
    service = scheme + authority
    path = parts.map { "/" + $0 }.joined()
  }

  /// The last part of the path, as it stands in keys.
  var token: String {
    let part = path.split(separator: "/").last ?? ""
    return String(utf8: PercentEncoding.lenientlyDecoded(part.utf8))
  }
}
