import Base
import Doors
import Event
import HTTP
import Machine
import TLS

/// Asks members of a cluster about it before this member is one: on a loop of its own, since nothing else runs yet.
/// As etcd 3.4: etcdserver/cluster_util.go.
struct ClusterScout {
  struct Found {
    var members: [MemberRecord]
    var clusterID: ClusterID
  }

  let tls: TLSContext?
  let log: Log

  /// The members as the first answering peer lists them; nil where none answers.
  func members(askedOf urls: [EndpointURL], timeout: TimeSpan) -> Found? {
    for url in urls {
      switch get(url, "/members", timeout) {
      case .failure(let failure):
        log(.warning, "could not get cluster response from \(url.text): \(failure)")
      case .success(let reply):
        guard reply.status == 200, let members = MemberRecord.readList(reply.body), !members.isEmpty,
          let cluster = UInt64(reply.headers["x-etcd-cluster-id"] ?? "", radix: 16)
        else {
          log(.warning, "could not read the cluster response from \(url.text)")
          continue
        }
        return Found(members: members, clusterID: ClusterID(cluster))
      }
    }
    return nil
  }

  /// The cluster versions that these members answer; one that cannot be asked is left out.
  func clusterVersions(of members: [MemberRecord], timeout: TimeSpan) -> [SemanticVersion?] {
    members.compactMap { member in
      for url in Member.urls(member.peerURLs) {
        if case .success(let reply) = get(url, "/version", timeout), reply.status == 200,
          let json = try? JSONValue(parsing: reply.body)
        {
          return .some(json["etcdcluster"]?.string.flatMap { SemanticVersion($0) })
        }
      }
      return nil
    }
  }

  /// The hash of a member's keys at a revision; nil where it cannot tell.
  func hash(askedOf url: EndpointURL, revision: Int64, timeout: TimeSpan) -> PeerHash? {
    guard case .success(let reply) = ask(url, CorruptionCheck.question(url, revision: revision), timeout) else {
      return nil
    }
    return PeerHash(reply)
  }

  private func get(
    _ url: EndpointURL, _ path: String, _ timeout: TimeSpan
  ) -> Result<PeerFetch.Reply, PeerFetchFailure> {
    ask(url, Request("GET", path, authority: url.authority, scheme: url.scheme.rawValue), timeout)
  }

  private func ask(
    _ url: EndpointURL, _ request: Request, _ timeout: TimeSpan
  ) -> Result<PeerFetch.Reply, PeerFetchFailure> {
    let loop = EventLoop()
    let dialer = PeerCall.Dialer(loop: loop, resolver: Resolver(loop), tls: tls, dialTimeout: timeout)
    var result: Result<PeerFetch.Reply, PeerFetchFailure>?
    let fetch = PeerFetch(dialer, url, request, timeout: timeout) {
      result = $0
      loop.stop()
    }
    withExtendedLifetime((fetch, dialer.resolver)) { while result == nil { loop.turn(waits: true) } }
    return result ?? .failure(PeerFetchFailure(text: "no answer"))
  }
}
