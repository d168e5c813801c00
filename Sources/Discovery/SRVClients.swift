import Base

/// Where clients find a cluster, by the records `_etcd-client-ssl._tcp.DOMAIN` and `_etcd-client._tcp.DOMAIN`.
package struct SRVClients: Hashable, Sendable {
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
  }

  /// The encrypted ones first, then by priority.
  package var endpoints: [Endpoint]
  /// After this time they should be asked for again; within `Limits.srvShortestLife` and `srvLongestLife`.
  package var life: TimeSpan

  package init(endpoints: [Endpoint], life: TimeSpan) {
    self.endpoints = endpoints
    self.life = life
  }

  /// Asks the name servers; both services count. Blocks its thread. As etcd 3.4: pkg/srv/srv.go, GetClient.
  package static func lookUp(domain: String, serviceName: String) throws(SRVFailure) -> SRVClients {
    var endpoints: [Endpoint] = []
    var life = Limits.srvLongestLife
    var failures: [(text: String, cause: DNSFailure)] = []
    for name in SRVName.both("etcd-client", suffix: serviceName, domain: domain) {
      do throws(DNSFailure) {
        let services = try NameServers.services(of: name.text)
        life = min(life, services.life)
        endpoints += services.records.map {
          Endpoint(
            isSecure: name.isSecure, host: $0.target, port: $0.port, priority: $0.priority, weight: $0.weight)
        }
      } catch { failures.append(("lookup \(name.text): \(error)", error)) }
    }
    guard failures.count < 2 else { throw failure(failures) }
    // Half of what there is may be better than nothing, but not for long.
    if failures.contains(where: { if case .temporary = $0.cause { true } else { false } }) {
      life = min(life, Limits.srvFailedLife)
    }
    return SRVClients(endpoints: endpoints, life: max(life, Limits.srvShortestLife))
  }

  private static func failure(_ failures: [(text: String, cause: DNSFailure)]) -> SRVFailure {
    let text = "dns lookup errors: \(failures.map(\.text).joined(separator: " and "))"
    let isPassing = failures.contains { if case .temporary = $0.cause { true } else { false } }
    return isPassing ? .passing(text) : .noRecords(text)
  }
}

/// Asks for the clients' records on a thread of its own, again and again as their time to live runs out.
package final class SRVFollower: Sendable {
  private let cancellation = Cancellation()

  /// `report` runs on that thread after each look: what was found, or why nothing was (what was known before then still
  /// holds, as far as anybody can tell).
  package init(
    domain: String, serviceName: String, _ report: @escaping @Sendable (Result<SRVClients, SRVFailure>) -> Void
  ) {
    let cancellation = cancellation
    _ = Thread(name: "srv") {
      while true {
        var pause = Limits.srvFailedLife
        do throws(SRVFailure) {
          let found = try SRVClients.lookUp(domain: domain, serviceName: serviceName)
          pause = found.life
          if cancellation.isCancelled { return }
          report(.success(found))
        } catch {
          if cancellation.isCancelled { return }
          report(.failure(error))
        }
        if cancellation.isSet(afterMilliseconds: Int32(pause.milliseconds)) { return }
      }
    }
  }

  /// No further report after the one that may be under way.
  package func stop() { cancellation.cancel() }

  deinit { cancellation.cancel() }
}
