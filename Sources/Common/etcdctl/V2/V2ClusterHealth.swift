import Base
import Doors
import Event
import Glibc
import HTTP

/// `cluster-health`: asks every member how it is. As etcd 3.4: etcdctl/ctlv2/command/cluster_health.go.
enum V2ClusterHealth {
  private static let pause = TimeSpan.seconds(10)

  @Sendable static func run(_ run: V2Invocation) throws(V2Failure) {
    let isForever = run.flags.bool("forever")
    let interrupt = SignalWatch(run.loop, SIGINT) { exit(isForever ? 0 : 130) }
    defer { withExtendedLifetime(interrupt) {} }
    let client = try run.unsyncedClient()
    let members: [V2Members.Member]
    do throws(V2Fault) { members = try V2Members.fetch(client) } catch {
      Output.line("cluster may be unhealthy: failed to list members")
      throw .error(.serverError, error)
    }
    while true {
      let healthy = members.filter { isHealthy($0, client) }.count
      Output.line(
        healthy == members.count
          ? "cluster is healthy" : healthy == 0 ? "cluster is unavailable" : "cluster is degraded")
      guard isForever else {
        if healthy < members.count { throw V2Failure(code: .clusterNotHealthy, text: "") }
        return
      }
      Output.line("\nnext check after 10 second...\n")
      Output.flush()
      var isOver = false
      let timer = Timer(run.loop) { isOver = true }
      timer.once(after: pause)
      while !isOver { run.loop.turn(waits: true) }
    }
  }

  /// Says what was found; the first address that answers decides.
  private static func isHealthy(_ member: V2Members.Member, _ client: V2Client) -> Bool {
    if member.clientURLs.isEmpty {
      Output.line("member \(member.id) is unreachable: no available published client urls")
      return false
    }
    for url in member.clientURLs {
      switch health(url, client) {
      case .success(let isHealthy):
        Output.line(
          isHealthy
            ? "member \(member.id) is healthy: got healthy result from \(url)"
            : "member \(member.id) is unhealthy: got unhealthy result from \(url)")
        return isHealthy
      case .failure(let fault):
        Output.line("failed to check the health of member \(member.id) on \(url): \(fault)")
      }
    }
    Output.line(
      "member \(member.id) is unreachable: [\(member.clientURLs.joined(separator: " "))] are all unreachable")
    return false
  }

  private static func health(_ url: String, _ client: V2Client) -> Result<Bool, V2Fault> {
    guard let endpoint = try? EndpointURL(parsing: url) else { return .failure(.other("\(url) is no address")) }
    let request = Request(
      "GET", "/health", authority: endpoint.authority, scheme: endpoint.scheme.rawValue)
    switch client.get(endpoint, request, timeout: V2Client.dialTimeout) {
    case .failure(let failure): return .failure(.other("Get \(goQuoted(url + "/health")): \(failure)"))
    case .success(let reply):
      do throws(JSONError) {
        let health = try JSONValue(parsing: reply.body)["health"]
        return .success(health?.string == "true" || health?.bool == true)
      } catch { return .failure(.other("\(error)")) }
    }
  }
}
