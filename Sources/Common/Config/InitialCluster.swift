import Base

/// The first members by name, as `--initial-cluster` lists them. As etcd 3.4: pkg/types/urlsmap.go.
package struct InitialCluster: Hashable, Sendable {
  /// URLs of each member, sorted; a URL that stands twice stays twice.
  package private(set) var members: [String: [EndpointURL]] = [:]

  /// `name=URL,name=URL`; a name may repeat. Throws as `error setting up initial cluster: …`.
  package init(parsing text: String) throws(ConfigFailure) {
    var texts: [String: [String]] = [:]
    for part in text.split(separator: ",") {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      texts[String(pair[0]), default: []].append(pair.count == 2 ? String(pair[1]) : "")
    }
    for (name, urls) in texts.sorted(by: { $0.key < $1.key }) {
      do {
        members[name] = try urls.map { url throws(EndpointURL.Failure) in
          try EndpointURL(parsing: url)
        }.sorted()
      } catch {
        throw .fatal("error setting up initial cluster: \(error.text)")
      }
    }
  }

  /// The same list in etcd's own order: pairs sorted as texts.
  package var text: String {
    members.flatMap { name, urls in urls.map { "\(name)=\($0.text)" } }.sorted().joined(separator: ",")
  }

  /// Whether one URL belongs to two members, or twice to one.
  package var hasDuplicateURL: Bool {
    let urls = members.values.flatMap { $0 }
    return Set(urls.map(\.text)).count != urls.count
  }

  /// The URLs of one member, which a founding member must find for itself.
  /// As etcd 3.4: etcdserver/config.go, hasLocalMember.
  package func own(_ name: String) throws(ConfigFailure) -> [EndpointURL] {
    guard let own = members[name] else {
      throw .fatal("couldn't find local name \(goQuoted(name)) in the initial cluster configuration")
    }
    return own
  }

  /// Refuses a URL that stands twice, as nobody could tell the members apart.
  package func checkDuplicates() throws(ConfigFailure) {
    if hasDuplicateURL { throw .fatal("initial cluster \(text) has duplicate url") }
  }

  /// Compares the own entry with what is advertised once host names are resolved (`resolve` gives
  /// the URL with a numeric host, or itself). As etcd 3.4: etcdserver/config.go, advertiseMatchesCluster.
  package func checkAdvertised(
    _ advertised: [EndpointURL], name: String, resolve: (EndpointURL) -> EndpointURL
  ) throws(ConfigFailure) {
    let own = try own(name)
    let given = advertised.sorted()
    if own == given { return }
    let ownResolved = own.map(resolve).sorted()
    let givenResolved = given.map(resolve).sorted()
    if ownResolved == givenResolved { return }
    let pairs = { (urls: [EndpointURL]) in urls.map { "\(name)=\($0.text)" }.joined(separator: ",") }
    let reason = Self.difference(givenResolved, ownResolved)
    let notAdvertised = own.filter { !given.contains($0) }
    if !notAdvertised.isEmpty {
      throw .fatal(
        "--initial-cluster has \(pairs(notAdvertised)) but missing from --initial-advertise-peer-urls=\(given.text) (\(reason))"
      )
    }
    let notListed = given.filter { !own.contains($0) }
    if !notListed.isEmpty {
      throw .fatal(
        "--initial-advertise-peer-urls has \(notListed.text) but missing from --initial-cluster=\(pairs(given))"
      )
    }
    throw .fatal("failed to resolve \(given.text) to match --initial-cluster=\(pairs(given)) (\(reason))")
  }

  private static func difference(_ a: [EndpointURL], _ b: [EndpointURL]) -> String {
    guard a.count == b.count, let (x, y) = zip(a, b).first(where: { $0 != $1 }) else {
      return "len(\(goQuoted(a.map(\.text)))) != len(\(goQuoted(b.map(\.text))))"
    }
    return "resolved urls: \(goQuoted(x.text)) != \(goQuoted(y.text))"
  }

  /// The list of one member alone.
  package static func text(name: String, urls: [EndpointURL]) -> String {
    urls.map { "\(name.isEmpty ? Settings.defaults.name : name)=\($0.text)" }.joined(separator: ",")
  }
}
