import Base
import Doors
import HTTP
import Wire

/// Messages to one member that are posted one by one, as long as no stream is there for them.
/// As etcd 3.4: etcdserver/api/rafthttp/pipeline.go.
final class PeerPosts {
  private unowned let transport: PeerTransport
  private let id: MemberID
  private let url: () -> EndpointURL
  private var waiting: [RaftMessage] = []
  private var underWay: [ObjectIdentifier: PeerFetch] = [:]
  private let failed: (String) -> Void

  /// - Parameter failed: hears that a message was lost, and why.
  init(
    _ transport: PeerTransport, to id: MemberID, url: @escaping () -> EndpointURL,
    failed: @escaping (String) -> Void
  ) {
    self.transport = transport
    self.id = id
    self.url = url
    self.failed = failed
  }

  /// False where too many wait already.
  func send(_ message: RaftMessage) -> Bool {
    guard waiting.count < Limits.peerWaitingPosts else { return false }
    waiting.append(message)
    postNext()
    return true
  }

  func stop() {
    waiting = []
    for fetch in underWay.values { fetch.cancel() }
    underWay = [:]
  }

  private func postNext() {
    while underWay.count < Limits.peerPosts, !waiting.isEmpty { post(waiting.removeFirst()) }
  }

  private func post(_ message: RaftMessage) {
    let url = url()
    var headers = transport.identity.headers
    headers.add("content-type", "application/protobuf")
    let body = message.encoded()
    transport.sent(body.count, to: id)
    let request = Request(
      "POST", "/raft", authority: url.authority, scheme: url.scheme.rawValue, headers: headers,
      body: .bytes(body))
    var key: ObjectIdentifier?
    let fetch = PeerFetch(transport.dialer, url, request, isRepeatable: true) { [weak self] result in
      guard let self else { return }
      if let key { underWay[key] = nil }
      judge(result)
      postNext()
    }
    key = ObjectIdentifier(fetch)
    underWay[ObjectIdentifier(fetch)] = fetch
  }

  private func judge(_ result: Result<PeerFetch.Reply, PeerFetchFailure>) {
    switch result {
    case .success(let reply) where reply.status == 204: break
    case .success(let reply):
      if reply.status == 403 { transport.owner?.peerSaysRemoved(id) }
      let text = String(utf8: reply.body).split(separator: "\n").first.map { String($0) } ?? ""
      failed("unexpected http status \(reply.status) while posting: \(text)")
    case .failure(let failure): failed(failure.text)
    }
  }
}
