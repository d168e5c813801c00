import Base
import Discovery

/// Which of the endpoints that DNS names are used. It decides and does nothing else.
///
/// Plain http endpoints are left out and the others must pass a check, unless insecure records are accepted. As etcd 3.4:
/// etcdmain/util.go, discoverEndpoints; but there the answer of the start holds for ever, and where nothing of it is left
/// the default endpoint is used. Here nothing ever stands in for what DNS names: a start without endpoints fails, and later
/// the last good ones stay in use.
struct DiscoveredEndpoints {
  typealias Endpoint = SRVEndpoints.Endpoint

  enum Effect: Equatable {
    /// Find out whether this endpoint is what DNS says; then `checked`.
    case check(Endpoint)
    /// These and no others, from now on. Never empty.
    case use([Endpoint])
    /// There is nothing to begin with.
    case refuse(String)
    case log(LogLevel, String, endpoints: [String], error: String)
  }

  private enum Verdict: Equatable {
    case good
    case bad(String)
  }

  let acceptsInsecure: Bool
  /// Empty until there are some.
  private(set) var used: [Endpoint] = []
  /// What DNS named last, each place once.
  private var named: [Endpoint] = []
  /// By URL, of those that are named.
  private var verdicts: [String: Verdict] = [:]
  /// Being checked.
  private var open: Set<String> = []
  /// Why DNS could not be asked the last time; empty where it could.
  private var silence = ""
  /// Why nothing that it names can be used; empty where something can.
  private var unusable = ""
  private var isRefused = false

  init(acceptsInsecure: Bool) { self.acceptsInsecure = acceptsInsecure }

  /// Some that are named are not used, and may be found good later.
  var hasBad: Bool { verdicts.values.contains { $0 != .good } }

  // MARK: What is heard

  mutating func looked(_ answer: SRVFollower.Answer) -> [Effect] {
    switch answer {
    case .failure(let failure): return kept("\(failure)", \.silence)
    case .success(let found):
      // Half an answer takes nobody's place away.
      if let silence = found.silence, !named.isEmpty { return kept(silence, \.silence) }
      if found.endpoints.isEmpty { return kept("there are no records", \.silence) }
      return take(found.endpoints)
    }
  }

  /// - Parameter problem: why the endpoint is not what DNS says; nil where it is.
  mutating func checked(_ endpoint: Endpoint, _ problem: String?) -> [Effect] {
    open.remove(endpoint.url)
    guard named.contains(where: { $0.url == endpoint.url }) else { return settle() }
    var effects: [Effect] = []
    let verdict = problem.map { Verdict.bad($0) } ?? .good
    if let problem, verdicts[endpoint.url] != verdict {
      effects.append(
        .log(
          .warning, "failed to validate discovered endpoints", endpoints: [endpoint.url], error: problem))
    }
    verdicts[endpoint.url] = verdict
    return effects + settle()
  }

  /// Time has passed: those that were not good may be now.
  mutating func again() -> [Effect] { check(named.filter { isBad($0) && $0.isSecure }) }

  // MARK: What follows

  private mutating func take(_ found: [Endpoint]) -> [Effect] {
    var effects: [Effect] = []
    if !silence.isEmpty {
      silence = ""
      effects.append(
        .log(.info, "SRV records can be read again", endpoints: found.map(\.url), error: ""))
    }
    // Who stands there in both ways is called by the better one, which comes first.
    var places: Set<String> = []
    let found = found.filter { places.insert($0.authority).inserted }
    if found != named {
      effects.append(.log(.info, "discovered cluster from SRV", endpoints: found.map(\.url), error: ""))
    }
    named = found
    let urls = Set(found.map(\.url))
    verdicts = verdicts.filter { urls.contains($0.key) }
    if acceptsInsecure { return effects + settle() }
    for endpoint in found where !endpoint.isSecure && verdicts[endpoint.url] == nil {
      verdicts[endpoint.url] = .bad("it is insecure")
      effects.append(
        .log(
          .warning, "ignoring discovered insecure endpoint", endpoints: [endpoint.url],
          error: "without --insecure-discovery records of TLS alone are used"))
    }
    effects += check(found.filter { verdicts[$0.url] == nil })
    return effects + settle()
  }

  private mutating func check(_ endpoints: [Endpoint]) -> [Effect] {
    endpoints.filter { open.insert($0.url).inserted }.map { .check($0) }
  }

  private func isBad(_ endpoint: Endpoint) -> Bool {
    if case .bad = verdicts[endpoint.url] { true } else { false }
  }

  /// Uses what is good. A start waits for every check, so that it does not begin with one member for all.
  private mutating func settle() -> [Effect] {
    let good = acceptsInsecure ? named : named.filter { verdicts[$0.url] == .good }
    if good.isEmpty || used.isEmpty, !open.isEmpty { return [] }
    guard !good.isEmpty else {
      let reasons = named.map { endpoint in
        if case .bad(let reason) = verdicts[endpoint.url] { return "\(endpoint.url): \(reason)" }
        return endpoint.url
      }
      return kept(
        "none of the discovered endpoints can be used: \(reasons.joined(separator: ", "))", \.unusable)
    }
    unusable = ""
    guard good != used else { return [] }
    used = good
    return [
      .log(.info, "using discovered SRV endpoints", endpoints: good.map(\.url), error: ""), .use(good),
    ]
  }

  /// Nothing new can be used: what was used before stays, or there is no start.
  private mutating func kept(
    _ trouble: String, _ place: WritableKeyPath<DiscoveredEndpoints, String>
  ) -> [Effect] {
    guard !used.isEmpty else {
      // While the first checks are open they decide.
      guard open.isEmpty, !isRefused else { return [] }
      isRefused = true
      return [.refuse(trouble)]
    }
    // The same every second would only fill the log.
    guard trouble != self[keyPath: place] else { return [] }
    self[keyPath: place] = trouble
    return [
      .log(
        .warning, "SRV records cannot be used, the endpoints known before stay in use",
        endpoints: used.map(\.url), error: trouble)
    ]
  }
}
