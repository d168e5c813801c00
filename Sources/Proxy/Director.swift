import Base

/// Which endpoints there are, which of them may be used, and when to look again. It decides and does nothing.
///
/// As etcd 3.4: proxy/httpproxy/director.go, and better where that is unsafe: a look that fails leaves the endpoints as
/// they are, an endpoint that failed comes back when it answers, requests go where fewest are under way, and what says
/// that it is not healthy is used last.
package struct Director {
  package struct Rules: Sendable {
    /// `--proxy-failure-wait`: the longest pause before an endpoint that failed is tried again.
    package var failureWait: TimeSpan
    /// `--proxy-refresh-interval`.
    package var refreshInterval: TimeSpan
    package init(failureWait: TimeSpan, refreshInterval: TimeSpan) {
      self.failureWait = failureWait
      self.refreshInterval = refreshInterval
    }
  }

  /// Stands for an endpoint as long as the cluster has it.
  package struct ID: Hashable, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }
  }

  /// What is to be done, in order.
  package enum Effect: Equatable, Sendable {
    /// Ask the peers, one after the other, for the list of members; then `refreshed` or `refreshFailed`.
    case askMembers([EndpointURL])
    /// Keep these peer URLs for the next start.
    case save([EndpointURL])
    /// Ask an endpoint whether it is healthy; then `probed`.
    case probe(ID, EndpointURL)
    /// The endpoint is no part of the cluster any more: its connections are of no further use.
    case forget(ID)
    /// The endpoint is there no more, though nobody said so: whoever waits on its connections waits for nothing.
    case cut(ID)
    case log(LogLevel, String)
  }

  /// What an endpoint made of the question whether it is healthy.
  package enum Health: Sendable { case healthy, unhealthy, silent }

  private enum State: Equatable {
    case ready
    /// It answers, and says that it cannot serve.
    case unready
    /// `pause`: from one attempt to the next.
    case failed(pause: TimeSpan)
  }

  private struct Endpoint {
    let id: ID
    let url: EndpointURL
    var state = State.ready
    /// Requests under way.
    var outstanding = 0
    /// nil while one is under way.
    var nextProbe: Instant?
    var lastProbe: Instant?
  }

  private let rules: Rules
  private var endpoints: [Endpoint] = []
  package private(set) var peers: [EndpointURL]
  /// What DNS names, where it is followed: asked when no peer that is known answers.
  private var seeds: [EndpointURL] = []
  /// Why the known peers gave no list, while the seeds are asked.
  private var unanswered: String?
  /// Peer URLs as the file has them.
  private var saved: [EndpointURL]?
  /// nil while one is under way.
  private var nextRefresh: Instant?
  private var lastFailure: String?
  private var lastID = 0
  /// Where the next search begins, so that equals take turns.
  private var turn = 0
  private var cluster: UInt64?
  private var didAnnounce = false

  package init(_ rules: Rules, peers: [EndpointURL], saved: [EndpointURL]? = nil) {
    self.rules = rules
    self.peers = peers
    self.saved = saved
  }

  // MARK: The list of members

  package mutating func start() -> [Effect] {
    nextRefresh = nil
    return [.askMembers(peers)]
  }

  /// What a peer answered: the URLs of all members.
  package mutating func refreshed(
    clients: [EndpointURL], peers found: [EndpointURL], cluster id: UInt64, at now: Instant
  ) -> [Effect] {
    guard !clients.isEmpty, !found.isEmpty else {
      return refreshFailed("no member of the list has a client URL yet", at: now)
    }
    var effects: [Effect] = []
    if lastFailure != nil { effects.append(.log(.info, "proxy: the list of members can be read again")) }
    lastFailure = nil
    unanswered = nil
    nextRefresh = now + rules.refreshInterval
    if let cluster, cluster != id {
      effects.append(
        .log(.warning, "proxy: the peers now belong to cluster \(hex(id)), and to \(hex(cluster)) before"))
    }
    cluster = id
    effects += replace(by: clients, at: now)
    if !didAnnounce {
      didAnnounce = true
      effects.append(.log(.info, "endpoints found \(goQuoted(clients.map(\.text)))"))
    }
    if found != saved {
      effects.append(.save(found))
      if peers != found {
        effects.append(
          .log(
            .notice,
            "proxy: updated peer urls in cluster file from [\(words(peers))] to [\(words(found))]"))
      }
    }
    saved = found
    peers = found
    return effects
  }

  private mutating func replace(by urls: [EndpointURL], at now: Instant) -> [Effect] {
    let gone = endpoints.filter { !urls.contains($0.url) }
    endpoints.removeAll { !urls.contains($0.url) }
    for url in urls where !endpoints.contains(where: { $0.url == url }) {
      lastID += 1
      endpoints.append(Endpoint(id: ID(rawValue: lastID), url: url, nextProbe: now))
    }
    return gone.map { .forget($0.id) }
  }

  /// What DNS names now. The cluster's own word counts for more, so that the known peers are asked first, and at once:
  /// who changes the records is about to change the members.
  package mutating func named(_ seeds: [EndpointURL], at now: Instant) {
    guard seeds != self.seeds else { return }
    self.seeds = seeds
    if let due = nextRefresh, seeds.contains(where: { !peers.contains($0) }) { nextRefresh = min(due, now) }
  }

  /// No peer gave a list: those that DNS names beside them are asked then. What was known stays.
  package mutating func refreshFailed(_ reason: String, at now: Instant) -> [Effect] {
    let others = seeds.filter { !peers.contains($0) }
    if unanswered == nil, !others.isEmpty {
      unanswered = reason
      return [.askMembers(others)]
    }
    let reason = unanswered.map { "\($0); nor of those that DNS names: \(reason)" } ?? reason
    unanswered = nil
    nextRefresh = now + min(rules.refreshInterval, Limits.proxyRetryTime)
    // The same reason every second would only fill the log.
    guard reason != lastFailure else { return [] }
    lastFailure = reason
    let kept = endpoints.isEmpty ? "no endpoint is known" : "the endpoints known before stay in use"
    return [.log(.warning, "proxy: could not get the list of members (\(kept)): \(reason)")]
  }

  // MARK: Requests

  /// Where a request goes: of the endpoints that are healthy, or else of those that answer, the one with fewest requests
  /// under way. nil where none of them is left. `tried`: those that have had it.
  package mutating func pick(without tried: [ID] = []) -> ID? {
    var best: Int?
    turn &+= 1
    for step in 0..<endpoints.count {
      let index = (turn &+ step) % endpoints.count
      if case .failed = endpoints[index].state { continue }
      if tried.contains(endpoints[index].id) { continue }
      if let found = best, !isBetter(endpoints[index], than: endpoints[found]) { continue }
      best = index
    }
    return best.map { endpoints[$0].id }
  }

  package func url(of id: ID) -> EndpointURL? { index(of: id).map { endpoints[$0].url } }

  private func isBetter(_ a: Endpoint, than b: Endpoint) -> Bool {
    if a.state != b.state { return a.state == .ready }
    return a.outstanding < b.outstanding
  }

  package mutating func began(_ id: ID) { change(id) { $0.outstanding += 1 } }
  package mutating func ended(_ id: ID) { change(id) { $0.outstanding -= 1 } }

  /// A request could not be delivered, or its reply broke off.
  package mutating func failed(_ id: ID, _ reason: String, at now: Instant) -> [Effect] {
    guard let index = index(of: id), !isFailed(endpoints[index]) else { return [] }
    let pause = min(Limits.proxyFirstRetry, rules.failureWait)
    endpoints[index].state = .failed(pause: pause)
    if endpoints[index].nextProbe != nil { endpoints[index].nextProbe = now + pause }
    // All members may have been replaced: DNS knows.
    if !seeds.isEmpty, let due = nextRefresh, available.isEmpty {
      nextRefresh = min(due, now + Limits.proxyRetryTime)
    }
    return [.log(.warning, "marked endpoint \(endpoints[index].url.text) unavailable: \(reason)")]
  }

  // MARK: Health

  package mutating func probed(_ id: ID, _ health: Health, _ reason: String, at now: Instant) -> [Effect] {
    guard let index = index(of: id) else { return [] }
    let before = endpoints[index].state
    let name = endpoints[index].url.text
    switch health {
    case .silent:
      guard case .failed(let pause) = before else {
        endpoints[index].nextProbe = now
        return failed(id, reason, at: now) + [.cut(id)]
      }
      let next = min(TimeSpan(nanoseconds: pause.nanoseconds * 2), rules.failureWait)
      endpoints[index].state = .failed(pause: next)
      endpoints[index].nextProbe = now + next
      return []
    case .healthy:
      endpoints[index].state = .ready
      endpoints[index].nextProbe = now + Limits.proxyProbeTime
      switch before {
      case .ready: return []
      case .unready: return [.log(.info, "endpoint \(name) is healthy again")]
      case .failed: return [.log(.info, "marked endpoint \(name) available, it answers again")]
      }
    case .unhealthy:
      endpoints[index].state = .unready
      endpoints[index].nextProbe = now + Limits.proxyUnreadyTime
      if before == .unready { return [] }
      return [.log(.warning, "endpoint \(name) is not healthy, and is used after the others: \(reason)")]
    }
  }

  /// A request waits longer than it should: the endpoint is asked now whether it is there, unless it just was.
  package mutating func suspect(_ id: ID, at now: Instant) {
    guard let index = index(of: id), let due = endpoints[index].nextProbe, due > now else { return }
    if let last = endpoints[index].lastProbe, now - last < Limits.proxySuspicionTime { return }
    endpoints[index].nextProbe = now
  }

  /// What is due now.
  package mutating func tick(at now: Instant) -> [Effect] {
    var effects: [Effect] = []
    if let due = nextRefresh, due <= now {
      nextRefresh = nil
      effects.append(.askMembers(peers))
    }
    for index in endpoints.indices {
      guard let due = endpoints[index].nextProbe, due <= now else { continue }
      endpoints[index].nextProbe = nil
      endpoints[index].lastProbe = now
      effects.append(.probe(endpoints[index].id, endpoints[index].url))
    }
    return effects
  }

  /// When `tick` has something to do; nil for not by itself.
  package var nextDeadline: Instant? {
    (endpoints.compactMap(\.nextProbe) + [nextRefresh].compactMap { $0 }).min()
  }

  // MARK: Facts

  /// The endpoints that may be used now.
  package var available: [EndpointURL] { endpoints.filter { !isFailed($0) }.map(\.url) }
  package var healthyCount: Int { endpoints.count { $0.state == .ready } }
  package var count: Int { endpoints.count }
  package var outstanding: Int { endpoints.reduce(0) { $0 + $1.outstanding } }

  private func isFailed(_ endpoint: Endpoint) -> Bool {
    if case .failed = endpoint.state { return true }
    return false
  }

  private func index(of id: ID) -> Int? { endpoints.firstIndex { $0.id == id } }

  private mutating func change(_ id: ID, _ body: (inout Endpoint) -> Void) {
    guard let index = index(of: id) else { return }
    body(&endpoints[index])
  }

  private func words(_ urls: [EndpointURL]) -> String { urls.map(\.text).joined(separator: " ") }
  private func hex(_ id: UInt64) -> String { String(id, radix: 16) }
}
