import Base
import Doors
import Event
import HTTP
import Machine
import Raft
import Wire

extension Member {
  /// Puts a question to the leader's peer port, on behalf of a client of ours. Throws where none can be put now.
  ///
  /// - Parameter isRepeatable: see `PeerFetch`.
  func askLeader(
    _ method: String, _ path: String, contentType: String = "application/json", body: Bytes = [],
    isRepeatable: Bool = true, _ done: @escaping (Result<PeerFetch.Reply, RPCStatus>) -> Void
  ) throws(RPCStatus) {
    guard let peer = transport.peers[MemberID(node.lead)] else { throw .noLeader }
    guard fetches.count < Limits.peerQuestions else { throw .tooManyRequests }
    let url = peer.url
    var headers = transport.identity.headers
    if !body.isEmpty { headers.add("content-type", contentType) }
    let request = Request(
      method, path, authority: url.authority, scheme: url.scheme.rawValue, headers: headers,
      body: body.isEmpty ? .none : .bytes(body))
    var fetch: PeerFetch?
    fetch = PeerFetch(
      transport.dialer, url, request, timeout: requestTimeout, isRepeatable: isRepeatable
    ) { [unowned self] result in
      fetches.removeAll { $0 === fetch }
      fetch = nil
      switch result {
      case .success(let reply): done(.success(reply))
      case .failure(let failure):
        log(.warning, "the leader did not answer \(path): \(failure)")
        done(.failure(.timeoutConnectionLost))
      }
    }
    if let fetch { fetches.append(fetch) }
  }
}
