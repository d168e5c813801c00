import Base
import Discovery

/// Where `--discovery-srv` finds the cluster. As etcd 3.4: etcdctl/ctlv3/command/global.go, endpointsFromFlagValue.
enum DNSEndpoints {
  /// URLs, the encrypted ones first. Without `acceptsInsecure` those of plain http are left out, each with a line.
  static func find(domain: String, serviceName: String, acceptsInsecure: Bool) throws(Failure) -> [String] {
    let found: SRVEndpoints
    do throws(SRVFailure) {
      found = try SRVEndpoints.lookUp(.clients, domain: domain, serviceName: serviceName)
    } catch { throw Failure(.error, error.description) }
    if acceptsInsecure { return found.endpoints.map(\.url) }
    for endpoint in found.endpoints where !endpoint.isSecure {
      Output.errorLine("ignoring discovered insecure endpoint \(goQuoted(endpoint.url))")
    }
    return found.endpoints.filter(\.isSecure).map(\.url)
  }
}
