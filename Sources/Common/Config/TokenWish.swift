import Base

/// What `etcd discovery-token` was told: a token for a new cluster is made at any etcd that serves the v2 API.
package struct TokenWish: Hashable, Sendable {
  /// Members of the cluster that the token is for.
  package private(set) var size = 3
  /// Where the token may be kept, in the order in which they are tried.
  package private(set) var endpoints = ["http://127.0.0.1:2379"]

  static let usage = """
    Usage:

      etcd discovery-token [--size 3] [--endpoints http://127.0.0.1:2379,...]
        Make a token for a new cluster of that many members at an etcd that serves the v2 API, and print its URL: it is what
        each of them is given as --discovery.

    """

  /// Reads what stands behind the command's name.
  static func outcome(_ words: [String]) -> ConfigOutcome {
    var wish = TokenWish()
    var rest = words[...]
    while let word = rest.popFirst() {
      let name = word.drop { $0 == "-" }.prefix { $0 != "=" }
      let dashes = word.prefix { $0 == "-" }.count
      if (1...2).contains(dashes), name == "help" || name == "h" {
        return .exit(code: 0, standardOutput: usage, standardError: "")
      }
      guard (1...2).contains(dashes), name == "size" || name == "endpoints" else {
        return refusal("\(goQuoted(word)) is no flag of discovery-token")
      }
      let mark = word.firstIndex(of: "=")
      guard let value = mark.map({ String(word[word.index(after: $0)...]) }) ?? rest.popFirst() else {
        return refusal("flag needs an argument: --\(name)")
      }
      if let problem = name == "size" ? wish.take(size: value) : wish.take(endpoints: value) {
        return refusal(problem)
      }
    }
    return .token(wish)
  }

  private mutating func take(size text: String) -> String? {
    guard let size = Int(text), (1...Limits.discoveryMembers).contains(size) else {
      return "--size \(goQuoted(text)) is no number from 1 to \(Limits.discoveryMembers)"
    }
    self.size = size
    return nil
  }

  private mutating func take(endpoints text: String) -> String? {
    let urls = text.split(separator: ",").map { $0.contains("://") ? String($0) : "http://\($0)" }
    guard !urls.isEmpty else { return "--endpoints names none" }
    for url in urls {
      do throws(EndpointURL.Failure) { _ = try EndpointURL(parsing: url) } catch {
        return "--endpoints: \(error.text)"
      }
    }
    endpoints = urls
    return nil
  }

  private static func refusal(_ text: String) -> ConfigOutcome {
    .exit(code: 2, standardOutput: "", standardError: text + "\n" + usage)
  }
}
