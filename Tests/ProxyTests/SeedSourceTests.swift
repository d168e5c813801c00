import Base
import Discovery
import Testing

@testable import Proxy

@Suite struct SeedSourceTests {
  @Test("a place that stands in DNS with and without TLS is called by https")
  func urls() {
    func endpoint(_ host: String, _ isSecure: Bool) -> SRVEndpoints.Endpoint {
      SRVEndpoints.Endpoint(isSecure: isSecure, host: host, port: 2380)
    }
    let records = SRVEndpoints(
      endpoints: [endpoint("a", true), endpoint("a", false), endpoint("b", false)], life: .seconds(1))
    #expect(SeedSource.urls(records).map(\.text) == ["https://a:2380", "http://b:2380"])
  }
}
