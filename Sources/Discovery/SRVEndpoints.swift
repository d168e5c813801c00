import Base

/// Where a cluster is found by the service records of a domain: the client ports of its members, by
/// `_etcd-client-ssl._tcp.DOMAIN` and `_etcd-client._tcp.DOMAIN`, or their peer ports.
package struct SRVEndpoints: Hashable, Sendable {
  /// Whose ports: what clients call, or what members call each other on.
  package enum Service: String, Sendable {
    case clients = "etcd-client"
    case members = "etcd-server"
  }

  package struct Endpoint: Hashable, Sendable {
    package var isSecure: Bool
    /// Without a dot at the end.
    package var host: String
    package var port: UInt16
    /// The lower the earlier; a higher class serves only where no lower one does.
    package var priority: UInt16
    /// Share among the endpoints of one priority. Where all are 0 they are equal.
    package var weight: UInt16
    /// `https://host:port`.
    package var url: String { "\(isSecure ? "https" : "http")://\(host):\(port)" }
    package var authority: String { "\(host):\(port)" }

    package init(isSecure: Bool, host: String, port: UInt16, priority: UInt16 = 0, weight: UInt16 = 0) {
      self.isSecure = isSecure
      self.host = host
      self.port = port
      self.priority = priority
      self.weight = weight
    }
  }

  /// The encrypted ones first, then by priority.
  package var endpoints: [Endpoint]
  /// After this time they should be asked for again; within `Limits.srvShortestLife` and `srvLongestLife`.
  package var life: TimeSpan
  /// Why one of the two services could not be asked; what it names is missing here. Nil for nothing.
  package var silence: String?

  package init(endpoints: [Endpoint], life: TimeSpan, silence: String? = nil) {
    self.endpoints = endpoints
    self.life = life
    self.silence = silence
  }

  /// Asks the name servers; both services count. Blocks its thread. As etcd 3.4: pkg/srv/srv.go, GetClient.
  package static func lookUp(
    _ service: Service, domain: String, serviceName: String
  ) throws(SRVFailure) -> SRVEndpoints {
    try SRVEndpoints(
      SRVName.both(service.rawValue, suffix: serviceName, domain: domain).map { name in
        do throws(DNSFailure) {
          return (name, .success(try NameServers.services(of: name.text)))
        } catch { return (name, .failure(error)) }
      })
  }

  /// What the answers for both services come to.
  init(_ answers: [(name: SRVName, found: Result<NameServers.Services, DNSFailure>)]) throws(SRVFailure) {
    var endpoints: [Endpoint] = []
    var life = Limits.srvLongestLife
    var failures: [(text: String, isPassing: Bool)] = []
    for (name, found) in answers {
      switch found {
      case .success(let services):
        life = min(life, services.life)
        endpoints += services.records.map {
          Endpoint(
            isSecure: name.isSecure, host: $0.target, port: $0.port, priority: $0.priority, weight: $0.weight)
        }
      case .failure(let failure):
        let isPassing = if case .temporary = failure { true } else { false }
        failures.append(("lookup \(name.text): \(failure)", isPassing))
      }
    }
    if failures.count == answers.count {
      let text = "dns lookup errors: \(failures.map(\.text).joined(separator: " and "))"
      throw failures.contains(where: \.isPassing) ? .passing(text) : .noRecords(text)
    }
    self.endpoints = endpoints
    silence = failures.first(where: \.isPassing)?.text
    // Half of what there is may be better than nothing, but not for long.
    if silence != nil { life = min(life, Limits.srvFailedLife) }
    self.life = max(life, Limits.srvShortestLife)
  }
}
