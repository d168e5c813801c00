import Base
import Config
import Discovery

/// The peer URLs that a token or DNS names; nil where the settings ask for neither. A proxy registers nowhere and need not
/// stand among the members. Blocks until all members of a token have registered.
/// As etcd 3.4: etcdmain/etcd.go, startProxy.
package func discoverPeers(_ settings: Settings, _ log: Log) throws -> [EndpointURL]? {
  let text: String
  if !settings.discoveryURL.isEmpty {
    do throws(DiscoveryFailure) {
      let client = try DiscoveryClient(
        settings.discoveryURL, proxy: settings.discoveryProxy, log: log.named("discovery"))
      text = try client.cluster()
    } catch { throw ClusterFile.Failure(description: "failed to join discovery cluster (\(error))") }
  } else if !settings.discoveryDomain.isEmpty {
    let members = SRVMembers(
      domain: settings.discoveryDomain, serviceName: settings.discoveryServiceName,
      patience: settings.discoveryTimeout, log: log.named("embed"))
    do throws(SRVFailure) {
      text = try members.find(name: "", advertised: [], isProxy: true).joined(separator: ",")
    } catch { throw ClusterFile.Failure(description: "error setting up initial cluster: \(error)") }
  } else {
    return nil
  }
  return Set(try InitialCluster(parsing: text).members.values.flatMap { $0 }).sorted()
}
