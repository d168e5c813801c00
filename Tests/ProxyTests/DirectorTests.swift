import Base
import Proxy
import Testing

// The director without a socket: events in, effects out.

private func url(_ text: String) -> EndpointURL {
  do { return try EndpointURL(parsing: text) } catch { fatalError(error.text) }
}
private let a = url("http://10.0.0.1:2379")
private let b = url("http://10.0.0.2:2379")
private let c = url("http://10.0.0.3:2379")
private let peerA = url("http://10.0.0.1:2380")
private let peerB = url("http://10.0.0.2:2380")
private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

private func director(_ clients: [EndpointURL] = [a, b, c], wait: Int64 = 5_000, refresh: Int64 = 30_000)
  -> Director
{
  var made = Director(
    Director.Rules(failureWait: .milliseconds(wait), refreshInterval: .milliseconds(refresh)), peers: [peerA])
  #expect(made.start() == [.askMembers([peerA])])
  if !clients.isEmpty { _ = made.refreshed(clients: clients, peers: [peerA, peerB], cluster: 7, at: at(0)) }
  return made
}

extension Director {
  /// Where a request goes, by URL.
  fileprivate mutating func destination(without tried: [ID] = []) -> EndpointURL? {
    pick(without: tried).flatMap { url(of: $0) }
  }
  fileprivate mutating func id(of wanted: EndpointURL) -> ID? {
    for _ in 0..<count * 2 {
      if let id = pick(), url(of: id) == wanted { return id }
    }
    return nil
  }
  fileprivate func probes(in effects: [Effect]) -> [EndpointURL] {
    effects.compactMap { if case .probe(_, let url) = $0 { url } else { nil } }
  }
}

private func words(_ effects: [Director.Effect]) -> [String] {
  effects.compactMap { if case .log(_, let text) = $0 { text } else { nil } }
}

@Suite struct DirectorTests {
  @Test("without a list nothing can be forwarded, and the peers are asked again within a second")
  func unknown() {
    var director = director([])
    #expect(director.pick() == nil)
    #expect(words(director.refreshFailed("refused", at: at(0))).count == 1)
    #expect(director.nextDeadline == at(1_000))
    #expect(director.tick(at: at(999)) == [])
    #expect(director.tick(at: at(1_000)) == [.askMembers([peerA])])
    // The same reason again is no news.
    #expect(director.refreshFailed("refused", at: at(1_001)) == [])
    #expect(words(director.refreshFailed("another", at: at(2_001))).count == 1)
  }

  @Test("a list is kept for the next start when it is new, and only then")
  func saves() {
    var director = director([])
    let first = director.refreshed(clients: [a], peers: [peerA, peerB], cluster: 7, at: at(0))
    #expect(first.contains(.save([peerA, peerB])))
    let second = director.refreshed(clients: [a], peers: [peerA, peerB], cluster: 7, at: at(30_000))
    #expect(second == [])
    #expect(director.peers == [peerA, peerB])
  }

  @Test("a look that fails leaves the endpoints as they are")
  func lastKnownGood() {
    var director = director()
    _ = director.refreshFailed("all peers refused", at: at(30_000))
    #expect(director.available.count == 3)
    #expect(director.destination() != nil)
    let effects = director.refreshed(clients: [], peers: [peerA], cluster: 7, at: at(31_000))
    #expect(words(effects).first?.contains("no member of the list has a client URL") == true)
    #expect(director.available.count == 3)
  }

  @Test("those that DNS names are asked when no known peer answers, and not before")
  func seeds() {
    var director = director()
    let (seedA, seedB) = (url("http://10.0.1.1:2380"), url("http://10.0.1.2:2380"))
    // Who changes the records is about to change the members: the known ones are asked at once.
    director.named([peerA, seedA], at: at(100))
    #expect(director.tick(at: at(100)).contains(.askMembers([peerA, peerB])))
    _ = director.refreshed(clients: [a], peers: [peerA, peerB], cluster: 7, at: at(110))
    director.named([peerA, seedA], at: at(120))
    director.named([peerB], at: at(130))
    #expect(!director.tick(at: at(20_000)).contains { if case .askMembers = $0 { true } else { false } })
    director.named([seedA, seedB, peerA], at: at(20_001))
    _ = director.tick(at: at(20_001))
    #expect(director.refreshFailed("refused", at: at(20_002)) == [.askMembers([seedA, seedB])])
    #expect(
      words(director.refreshFailed("silent", at: at(20_003))).first?
        .hasSuffix("refused; nor of those that DNS names: silent") == true)
    #expect(director.available == [a])
    // From the beginning again, and then one of them answers: its list is the cluster's.
    #expect(director.tick(at: at(21_003)).contains(.askMembers([peerA, peerB])))
    #expect(director.refreshFailed("refused", at: at(21_004)) == [.askMembers([seedA, seedB])])
    let effects = director.refreshed(clients: [b], peers: [seedA, seedB], cluster: 8, at: at(21_005))
    #expect(effects.contains(.save([seedA, seedB])) && director.peers == [seedA, seedB])
    #expect(director.available == [b])
  }

  @Test("with DNS the members are looked for at once when no endpoint is left")
  func allFailed() {
    var director = director([a])
    director.named([peerA, peerB], at: at(1))
    guard let id = director.id(of: a) else {
      Issue.record("no endpoint")
      return
    }
    _ = director.failed(id, "refused", at: at(1_000))
    #expect(director.tick(at: at(2_000)).contains(.askMembers([peerA, peerB])))
  }

  @Test("endpoints that stay keep what is known of them, those that went are forgotten")
  func replaces() {
    var director = director([a, b])
    guard let failed = director.id(of: a), let gone = director.id(of: b) else {
      Issue.record("no endpoint")
      return
    }
    _ = director.failed(failed, "refused", at: at(10))
    let effects = director.refreshed(clients: [a, c], peers: [peerA, peerB], cluster: 7, at: at(20))
    #expect(effects == [.forget(gone)])
    #expect(director.available == [c])
  }

  @Test("requests go where fewest are under way, and equals take turns")
  func leastOutstanding() {
    var director = director()
    var seen: [EndpointURL: Int] = [:]
    for _ in 0..<30 { if let url = director.destination() { seen[url, default: 0] += 1 } }
    #expect(seen == [a: 10, b: 10, c: 10])
    guard let busy = director.id(of: a), let busier = director.id(of: b) else {
      Issue.record("no endpoint")
      return
    }
    director.began(busy)
    director.began(busier)
    director.began(busier)
    #expect((0..<9).allSatisfy { _ in director.destination() == c })
    director.ended(busy)
    director.ended(busier)
    director.ended(busier)
    #expect(director.outstanding == 0)
  }

  @Test("an endpoint that was tried is not tried again for the same request")
  func tried() {
    var director = director([a, b])
    guard let first = director.id(of: a), let second = director.id(of: b) else {
      Issue.record("no endpoint")
      return
    }
    #expect(director.destination(without: [first]) == b)
    #expect(director.pick(without: [first, second]) == nil)
    _ = director.failed(first, "refused", at: at(1))
    _ = director.failed(second, "refused", at: at(1))
    #expect(director.pick(without: [first, second]) == nil)
    #expect(director.pick() == nil)
  }

  @Test("an endpoint that failed is out until it answers, and asked with growing pauses up to the failure wait")
  func failure() {
    var director = director([a], wait: 1_000)
    let firstProbe = director.tick(at: at(0))
    #expect(director.probes(in: firstProbe) == [a])
    guard let id = director.id(of: a) else {
      Issue.record("no endpoint")
      return
    }
    _ = director.probed(id, .healthy, "", at: at(1))
    #expect(
      words(director.failed(id, "refused", at: at(50))) == ["marked endpoint \(a.text) unavailable: refused"])
    #expect(director.failed(id, "refused", at: at(51)) == [])
    #expect(director.available == [])
    var pauses: [Int64] = []
    var now = at(50)
    for _ in 0..<6 {
      guard let due = director.nextDeadline else { break }
      pauses.append((due - now).nanoseconds / 1_000_000)
      now = due
      #expect(director.probes(in: director.tick(at: now)) == [a])
      #expect(director.probed(id, .silent, "refused", at: now) == [])
    }
    #expect(pauses == [100, 200, 400, 800, 1_000, 1_000])
    #expect(words(director.probed(id, .healthy, "", at: now)).count == 1)
    #expect(director.available == [a])
  }

  @Test("a failure wait shorter than the first pause is kept to")
  func shortWait() {
    var director = director([a], wait: 20)
    _ = director.tick(at: at(0))
    guard let id = director.id(of: a) else {
      Issue.record("no endpoint")
      return
    }
    _ = director.probed(id, .silent, "refused", at: at(0))
    #expect(director.nextDeadline == at(20))
  }

  @Test("an endpoint that says it is unhealthy serves only where no healthy one is left")
  func unhealthy() {
    var director = director([a, b])
    _ = director.tick(at: at(0))
    guard let sick = director.id(of: a), let well = director.id(of: b) else {
      Issue.record("no endpoint")
      return
    }
    #expect(words(director.probed(sick, .unhealthy, "no leader", at: at(1))).count == 1)
    #expect(director.probed(sick, .unhealthy, "no leader", at: at(2)) == [])
    for _ in 0..<5 { director.began(well) }
    #expect((0..<6).allSatisfy { _ in director.destination() == b })
    #expect(director.available.count == 2)
    #expect(director.healthyCount == 1)
    _ = director.failed(well, "refused", at: at(3))
    #expect(director.destination() == a)
    // Asked again soon, and not only every ten seconds.
    #expect(director.probes(in: director.tick(at: at(1_002))).contains(a))
    #expect(words(director.probed(sick, .healthy, "", at: at(1_003))).count == 1)
  }

  @Test("a probe that nobody answers is a failure like any other")
  func silentProbe() {
    var director = director([a])
    _ = director.tick(at: at(0))
    guard let id = director.id(of: a) else {
      Issue.record("no endpoint")
      return
    }
    let effects = director.probed(id, .silent, "no answer", at: at(2_000))
    #expect(words(effects).count == 1)
    // Whoever waits on its connections waits for nothing.
    #expect(effects.last == .cut(id))
    #expect(director.pick() == nil)
    #expect(director.nextDeadline == at(2_100))
  }

  @Test("an endpoint that owes an answer is asked at once, but not over and over")
  func suspicion() {
    var director = director([a])
    _ = director.tick(at: at(0))
    guard let id = director.id(of: a) else {
      Issue.record("no endpoint")
      return
    }
    // One is under way already.
    director.suspect(id, at: at(5))
    #expect(director.nextDeadline == at(30_000))
    _ = director.probed(id, .healthy, "", at: at(10))
    director.suspect(id, at: at(500))
    #expect(director.nextDeadline == at(10_010))
    director.suspect(id, at: at(1_500))
    #expect(director.probes(in: director.tick(at: at(1_500))) == [a])
  }

  @Test("one probe of an endpoint at a time")
  func oneProbe() {
    var director = director([a])
    #expect(director.probes(in: director.tick(at: at(0))) == [a])
    #expect(director.probes(in: director.tick(at: at(20_000))) == [])
    guard let id = director.id(of: a) else {
      Issue.record("no endpoint")
      return
    }
    // A failure meanwhile does not start a second one either.
    _ = director.failed(id, "refused", at: at(20_001))
    #expect(director.probes(in: director.tick(at: at(25_000))) == [])
    _ = director.probed(id, .healthy, "", at: at(25_001))
    #expect(director.available == [a])
  }

  @Test("another cluster under the same addresses is followed, and said")
  func otherCluster() {
    var director = director([a])
    let effects = director.refreshed(clients: [b], peers: [peerB], cluster: 8, at: at(1))
    #expect(words(effects).contains { $0.contains("now belong to cluster 8, and to 7 before") })
    #expect(director.available == [b])
  }
}
