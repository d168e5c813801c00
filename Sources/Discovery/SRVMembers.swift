import Base
import CShim

/// Finds the first members by service records. Blocks its thread.
package struct SRVMembers {
  package var domain: String
  /// `--discovery-srv-name`; empty for none.
  package var serviceName: String
  /// How long a name may stay unresolvable.
  package var patience: TimeSpan
  package var log: Log
  package var cancellation = Cancellation()

  package init(domain: String, serviceName: String, patience: TimeSpan, log: Log) {
    self.domain = domain
    self.serviceName = serviceName
    self.patience = patience
    self.log = log
  }

  /// `name=url` of all members; the record that leads to one of the `advertised` URLs carries `name`. Without such a
  /// record it fails, unless the asker is a proxy.
  package func find(
    name: String, advertised: [EndpointURL], isProxy: Bool = false
  ) throws(SRVFailure) -> [String] {
    let end = cshim_monotonic_now() + patience.nanoseconds
    var last: SRVFailure?
    while true {
      do throws(SRVFailure) {
        let entries = try look(name: name, advertised: advertised, isProxy: isProxy)
        for entry in entries {
          log(
            .notice, "got bootstrap from DNS for etcd-server at \(entry)",
            zap: ZapLine(.info, "got bootstrap from DNS for etcd-server", LogField("node", entry)))
        }
        return entries
      } catch {
        guard case .passing(let text) = error else { throw error }
        if error != last { log(.warning, "\(text); trying again for \(GoDuration.text(patience))") }
        last = error
        if cshim_monotonic_now() + Limits.srvRetryPause.nanoseconds > end { throw error }
      }
      if cancellation.isSet(afterMilliseconds: Int32(Limits.srvRetryPause.milliseconds)) { throw .cancelled }
    }
  }

  private func look(name: String, advertised: [EndpointURL], isProxy: Bool) throws(SRVFailure) -> [String] {
    var own: [SRVPlan.Own] = []
    for url in advertised {
      switch HostAddresses.of(url.host, port: url.port) {
      case .success(let addresses): own.append(SRVPlan.Own(url: url, addresses: addresses))
      case .failure(let failure):
        throw .passing("the host of --initial-advertise-peer-urls \(url.text) cannot be resolved (\(failure))")
      }
    }
    let answers = SRVName.both("etcd-server", suffix: serviceName, domain: domain).map { name in
      SRVPlan.Answer(name: name, records: Self.records(name))
    }
    return try SRVPlan(memberName: name, own: own, mustContainOwn: !isProxy)
      .entries(answers, log) { HostAddresses.of($0, port: $1) }
  }

  private static func records(_ name: SRVName) -> Result<[ServiceRecord], DNSFailure> {
    do throws(DNSFailure) { return .success(try NameServers.services(of: name.text).records) } catch {
      return .failure(error)
    }
  }
}

extension EndpointURL {
  /// The same with an address in place of a host name, for comparing what two URLs lead to; itself where the name does
  /// not resolve. Blocks. As etcd 3.4: pkg/netutil/netutil.go, resolveURL.
  package var resolved: EndpointURL {
    // As 3.4, `localhost` stays what it is.
    guard !scheme.isUnix, host != "localhost", !hasAddress,
      case .success(let found) = HostAddresses.of(host, port: port),
      let first = found.min(), let end = first.lastIndex(of: " ")
    else { return self }
    return EndpointURL(scheme: scheme, host: String(first[..<end]), port: port)
  }
}
