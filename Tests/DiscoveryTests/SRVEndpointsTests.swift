import Base
import Testing

@testable import Discovery

@Suite struct SRVEndpointsTests {
  private func services(_ hosts: [String], _ seconds: Int64) -> Result<NameServers.Services, DNSFailure> {
    .success(
      NameServers.Services(
        records: hosts.map { ServiceRecord(priority: 1, weight: 2, port: 2379, target: $0) },
        life: .seconds(seconds)))
  }

  private func found(
    _ secure: Result<NameServers.Services, DNSFailure>, _ plain: Result<NameServers.Services, DNSFailure>
  ) throws -> SRVEndpoints {
    let names = SRVName.both("etcd-client", suffix: "", domain: "x.test")
    return try SRVEndpoints([(names[0], secure), (names[1], plain)])
  }

  @Test("both services count, the shorter life for both")
  func both() throws {
    let all = try found(services(["a"], 300), services(["b"], 60))
    #expect(all.endpoints.map(\.url) == ["https://a:2379", "http://b:2379"])
    #expect(all.endpoints.allSatisfy { $0.priority == 1 && $0.weight == 2 })
    #expect(all.life == .seconds(60) && all.silence == nil)
  }

  @Test(
    "no life is shorter than a second or longer than an hour",
    arguments: [(0, 1), (7, 7), (604_800, 3600)] as [(Int64, Int64)])
  func bounds(_ seconds: Int64, _ expected: Int64) throws {
    #expect(try found(services(["a"], seconds), .failure(.noSuchHost)).life == .seconds(expected))
  }

  @Test("a service that does not exist is no silence; one that nobody answers for is, and is asked again soon")
  func half() throws {
    let one = try found(.failure(.noSuchHost), services(["b"], 300))
    #expect(one.silence == nil && one.life == .seconds(300))
    let half = try found(.failure(.temporary("slow")), services(["b"], 300))
    #expect(half.silence == "lookup _etcd-client-ssl._tcp.x.test: slow" && half.life == Limits.srvFailedLife)
  }

  @Test("without records of either kind there is nothing, for now or for good")
  func none() {
    #expect(
      throws: SRVFailure.noRecords(
        "dns lookup errors: lookup _etcd-client-ssl._tcp.x.test: no such host and lookup _etcd-client._tcp.x.test: no such host"
      )
    ) { try found(.failure(.noSuchHost), .failure(.noSuchHost)) }
    #expect {
      try found(.failure(.noSuchHost), .failure(.temporary("slow")))
    } throws: { if case .passing? = $0 as? SRVFailure { true } else { false } }
  }
}
