import Base
import Testing

@testable import Discovery

@Suite struct SRVPlanTests {
  private let hosts: [String: Set<String>] = [
    "n1.test": ["10.0.0.1"], "n2.test": ["10.0.0.2", "fd00::2"], "n3.test": ["fd00::3"],
  ]

  private func addresses(_ host: String, _ port: String) -> Result<Set<String>, DNSFailure> {
    hosts[host].map { .success(Set($0.map { "\($0) \(port)" })) } ?? .failure(.noSuchHost)
  }

  private func answers(
    secure: Result<[ServiceRecord], DNSFailure>, plain: Result<[ServiceRecord], DNSFailure>
  ) -> [SRVPlan.Answer] {
    zip(SRVName.both("etcd-server", suffix: "", domain: "x.test"), [secure, plain]).map {
      SRVPlan.Answer(name: $0, records: $1)
    }
  }

  private func record(_ host: String, _ port: UInt16 = 2380) -> ServiceRecord {
    ServiceRecord(priority: 0, weight: 0, port: port, target: host)
  }

  private func own(_ urls: String...) throws -> [SRVPlan.Own] {
    try urls.map {
      let url = try EndpointURL(parsing: $0)
      let address = hosts[url.host] ?? [url.host]
      return SRVPlan.Own(url: url, addresses: Set(address.map { "\($0) \(url.port)" }))
    }
  }

  private func plan(_ own: [SRVPlan.Own], name: String = "s1", isProxy: Bool = false) -> SRVPlan {
    SRVPlan(memberName: name, own: own, mustContainOwn: !isProxy)
  }

  @Test("the own record is found by address, the others get numbers")
  func names() throws {
    let records = [record("n1.test"), record("n2.test"), record("n3.test")]
    let secure = answers(secure: .success(records), plain: .failure(.noSuchHost))
    #expect(
      try plan(own("https://10.0.0.2:2380")).entries(secure, .silent, addresses: addresses)
        == ["0=https://n1.test:2380", "s1=https://n2.test:2380", "1=https://n3.test:2380"])
    #expect(
      try plan(own("https://[fd00::3]:2380")).entries(secure, .silent, addresses: addresses)
        == ["0=https://n1.test:2380", "1=https://n2.test:2380", "s1=https://n3.test:2380"])
  }

  @Test("http alone, and both together")
  func schemes() throws {
    let plain = answers(secure: .failure(.noSuchHost), plain: .success([record("n1.test"), record("n2.test")]))
    #expect(
      try plan(own("http://n1.test:2380")).entries(plain, .silent, addresses: addresses)
        == ["s1=http://n1.test:2380", "0=http://n2.test:2380"])
    let mixed = answers(
      secure: .success([record("n3.test")]), plain: .success([record("n1.test"), record("n3.test")]))
    #expect(
      try plan(own("http://n1.test:2380")).entries(mixed, .silent, addresses: addresses)
        == ["0=https://n3.test:2380", "s1=http://n1.test:2380"])
  }

  @Test("a target that does not resolve stops everything, by its name")
  func unresolvable() throws {
    let records = answers(
      secure: .failure(.noRecords), plain: .success([record("n1.test"), record("gone.test")]))
    #expect { try plan(own("http://n1.test:2380")).entries(records, .silent, addresses: addresses) } throws: {
      guard case .passing(let text)? = $0 as? SRVFailure else { return false }
      return text.contains("gone.test:2380") && text.contains("_etcd-server._tcp.x.test")
    }
  }

  @Test("a name server that keeps silent about one service does not halve the cluster")
  func half() throws {
    let records = answers(secure: .failure(.temporary("slow")), plain: .success([record("n1.test")]))
    #expect { try plan(own("http://n1.test:2380")).entries(records, .silent, addresses: addresses) } throws: {
      if case .passing? = $0 as? SRVFailure { true } else { false }
    }
  }

  @Test("without records there is nothing to wait for")
  func none() throws {
    let records = answers(secure: .failure(.noSuchHost), plain: .failure(.noSuchHost))
    #expect(
      throws: SRVFailure.noRecords(
        "error querying DNS SRV records for _etcd-server-ssl lookup _etcd-server-ssl._tcp.x.test: no such host"
          + " and for _etcd-server lookup _etcd-server._tcp.x.test: no such host")
    ) { try plan(own("http://n1.test:2380")).entries(records, .silent, addresses: addresses) }
  }

  @Test("a member must stand among the records, a proxy need not")
  func notAmong() throws {
    let records = answers(
      secure: .failure(.noSuchHost), plain: .success([record("n1.test"), record("n2.test")]))
    let stranger = try own("http://10.0.0.9:2380")
    #expect(throws: SRVFailure.wrong("cannot find local etcd member \"s4\" in SRV records")) {
      try plan(stranger, name: "s4").entries(records, .silent, addresses: addresses)
    }
    #expect(
      try plan(stranger, name: "p", isProxy: true).entries(records, .silent, addresses: addresses)
        == ["0=http://n1.test:2380", "1=http://n2.test:2380"])
  }

  @Test("a record under the other scheme is not the own one")
  func mismatch() throws {
    let records = answers(secure: .success([record("n1.test")]), plain: .failure(.noSuchHost))
    #expect(
      throws: SRVFailure.wrong(
        "bootstrap at https://n1.test:2380 from DNS for etcd-server-ssl has scheme mismatch with expected peer http://n1.test:2380"
      )
    ) { try plan(own("http://n1.test:2380")).entries(records, .silent, addresses: addresses) }
  }

  @Test("a member called like a number does not give its name away")
  func numberedName() throws {
    let records = answers(
      secure: .failure(.noSuchHost), plain: .success([record("n2.test"), record("n3.test"), record("n1.test")]))
    #expect(
      try plan(own("http://n1.test:2380"), name: "1").entries(records, .silent, addresses: addresses)
        == ["0=http://n2.test:2380", "2=http://n3.test:2380", "1=http://n1.test:2380"])
  }

  @Test("names by scheme and suffix")
  func serviceNames() {
    #expect(
      SRVName.both("etcd-server", suffix: "blue", domain: "d.test").map(\.text)
        == ["_etcd-server-ssl-blue._tcp.d.test", "_etcd-server-blue._tcp.d.test"])
    #expect(
      SRVName.both("etcd-client", suffix: "", domain: "d.test").map(\.text)
        == ["_etcd-client-ssl._tcp.d.test", "_etcd-client._tcp.d.test"])
  }
}
