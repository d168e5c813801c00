import Base
import Doors
import Event
import HTTP

/// Asks peers, one after the other, for the list of members; the first that has one is believed.
/// As etcd 3.4: etcdserver/cluster_util.go, GetClusterFromRemotePeers.
final class MemberSearch {
  private let dialer: PeerCall.Dialer
  private var peers: ArraySlice<EndpointURL>
  private var reasons: [String] = []
  private var fetch: PeerFetch?
  private var done: ((Result<MemberList, MemberList.Failure>) -> Void)?

  /// `done` is called once, and never from here. Keep the search until then.
  init(
    _ dialer: PeerCall.Dialer, _ peers: [EndpointURL],
    _ done: @escaping (Result<MemberList, MemberList.Failure>) -> Void
  ) {
    self.dialer = dialer
    self.peers = peers[...]
    self.done = done
    askNext()
  }

  private func askNext() {
    guard let peer = peers.popFirst() else {
      let text = reasons.isEmpty ? "no peer URL is known" : reasons.joined(separator: "; ")
      return dialer.loop.post { [self] in finish(.failure(MemberList.Failure(description: text))) }
    }
    let request = Request("GET", "/members", authority: peer.authority, scheme: peer.scheme.rawValue)
    fetch = PeerFetch(dialer, peer, request, timeout: Limits.proxyMembersTime) { [weak self] result in
      self?.answered(peer, result)
    }
  }

  private func answered(_ peer: EndpointURL, _ result: Result<PeerFetch.Reply, PeerFetchFailure>) {
    switch result {
    case .failure(let failure): reasons.append("\(peer.text): \(failure)")
    case .success(let reply):
      do throws(MemberList.Failure) {
        guard reply.status == 200 else {
          throw MemberList.Failure(description: "GET /members was answered with status \(reply.status)")
        }
        return finish(
          .success(try MemberList(body: reply.body, clusterHeader: reply.headers["x-etcd-cluster-id"])))
      } catch { reasons.append("\(peer.text): \(error)") }
    }
    askNext()
  }

  private func finish(_ result: Result<MemberList, MemberList.Failure>) {
    let done = done
    self.done = nil
    done?(result)
  }
}
