import Base
import Discovery
import Testing

@testable import Proxy

private typealias Endpoint = SRVEndpoints.Endpoint
private typealias Effect = DiscoveredEndpoints.Effect

private func secure(_ host: String, priority: UInt16 = 0) -> Endpoint {
  Endpoint(isSecure: true, host: host, port: 2379, priority: priority)
}
private func plain(_ host: String) -> Endpoint { Endpoint(isSecure: false, host: host, port: 2379) }
private func answer(_ endpoints: Endpoint..., silence: String? = nil) -> SRVFollower.Answer {
  .success(SRVEndpoints(endpoints: endpoints, life: .seconds(1), silence: silence))
}

extension [DiscoveredEndpoints.Effect] {
  /// Without the lines of the log.
  fileprivate var deeds: [Effect] { filter { if case .log = $0 { false } else { true } } }
  fileprivate var warnings: [String] {
    compactMap { if case .log(.warning, let text, _, let error) = $0 { "\(text): \(error)" } else { nil } }
  }
}

@Suite struct DiscoveredEndpointsTests {
  @Test("a start waits for every check, and uses what passed")
  func start() {
    var state = DiscoveredEndpoints(acceptsInsecure: false)
    let (a, b, c) = (secure("a"), secure("b"), secure("c"))
    #expect(state.looked(answer(a, b, c)).deeds == [.check(a), .check(b), .check(c)])
    #expect(state.checked(b, nil).deeds == [])
    let warnings = state.checked(a, "x509: wrong").warnings
    #expect(warnings == ["failed to validate discovered endpoints: x509: wrong"])
    #expect(state.checked(c, nil).deeds == [.use([b, c])])
    // It is looked at again, and is taken when it is better.
    #expect(state.hasBad && state.again() == [.check(a)] && state.again() == [])
    #expect(state.checked(a, nil).deeds == [.use([a, b, c])])
    #expect(!state.hasBad)
  }

  @Test("nothing stands in where no endpoint is good")
  func refused() {
    var state = DiscoveredEndpoints(acceptsInsecure: false)
    let a = secure("a")
    #expect(state.looked(answer(a, plain("b"))).deeds == [.check(a)])
    let text =
      "none of the discovered endpoints can be used: https://a:2379: x509: wrong, http://b:2379: it is insecure"
    #expect(state.checked(a, "x509: wrong").deeds == [.refuse(text)])
    var alone = DiscoveredEndpoints(acceptsInsecure: false)
    #expect(
      alone.looked(answer(plain("b"))).deeds
        == [.refuse("none of the discovered endpoints can be used: http://b:2379: it is insecure")])
    var none = DiscoveredEndpoints(acceptsInsecure: true)
    #expect(none.looked(.failure(.noRecords("no such host"))).deeds == [.refuse("no such host")])
    #expect(none.looked(.failure(.noRecords("no such host"))).deeds == [])
  }

  @Test("insecure records are taken unseen where they are accepted")
  func insecure() {
    var state = DiscoveredEndpoints(acceptsInsecure: true)
    #expect(state.looked(answer(secure("a"), plain("b"))).deeds == [.use([secure("a"), plain("b")])])
    #expect(state.looked(answer(secure("a"), plain("b"))) == [])
    #expect(state.looked(answer(plain("c"))).deeds == [.use([plain("c")])])
  }

  @Test("while DNS is silent or empty the last good ones stay, and the log says so once")
  func kept() {
    var state = DiscoveredEndpoints(acceptsInsecure: true)
    _ = state.looked(answer(plain("a"), plain("b")))
    let silent = state.looked(.failure(.passing("slow")))
    #expect(silent.deeds == [] && silent.warnings.count == 1)
    #expect(state.looked(.failure(.passing("slow"))) == [])
    #expect(state.looked(answer()).warnings.count == 1)
    // Half an answer is none.
    #expect(state.looked(answer(plain("a"), silence: "slow too")).deeds == [])
    #expect(state.used == [plain("a"), plain("b")])
    // The same answer again: nothing to do but to say that it came.
    #expect(
      state.looked(answer(plain("a"), plain("b")))
        == [
          .log(
            .info, "SRV records can be read again", endpoints: ["http://a:2379", "http://b:2379"], error: "")
        ])
  }

  @Test("new endpoints are used as they pass; the former stay until one has")
  func moves() {
    var state = DiscoveredEndpoints(acceptsInsecure: false)
    let (a, b, c) = (secure("a"), secure("b"), secure("c"))
    _ = state.looked(answer(a))
    _ = state.checked(a, nil)
    #expect(state.looked(answer(b, c)).deeds == [.check(b), .check(c)])
    #expect(state.used == [a])
    #expect(state.checked(b, nil).deeds == [.use([b])])
    #expect(state.checked(c, nil).deeds == [.use([b, c])])
    // None of these is good: what was used before stays, and is told once.
    let d = secure("d")
    #expect(state.looked(answer(d)).deeds == [.check(d)])
    #expect(state.checked(d, "refused").warnings.count == 2)
    #expect(state.looked(answer(d)) == [] && state.used == [b, c])
    #expect(state.looked(answer(b, c)).deeds == [.check(b), .check(c)])
  }

  @Test("another priority is news, a check is not needed for it")
  func priority() {
    var state = DiscoveredEndpoints(acceptsInsecure: false)
    _ = state.looked(answer(secure("a")))
    _ = state.checked(secure("a"), nil)
    #expect(state.looked(answer(secure("a", priority: 5))).deeds == [.use([secure("a", priority: 5)])])
  }

  @Test("an endpoint that left while it was checked is not taken")
  func left() {
    var state = DiscoveredEndpoints(acceptsInsecure: false)
    _ = state.looked(answer(secure("a")))
    _ = state.checked(secure("a"), nil)
    _ = state.looked(answer(secure("b")))
    _ = state.looked(answer(secure("a")))
    #expect(state.checked(secure("b"), nil).deeds == [])
    #expect(state.used == [secure("a")])
  }
}
