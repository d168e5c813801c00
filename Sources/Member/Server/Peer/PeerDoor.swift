import Base
import Doors
import HTTP
import Machine
import Wire

/// What other members ask on the peer port, as far as it is not gRPC: streams to open, messages, snapshots, questions.
/// As etcd 3.4: etcdserver/api/rafthttp/http.go and etcdserver/api/etcdhttp/peer.go.
final class PeerDoor: ExchangeHandler {
  private unowned let member: Member
  /// Pages that anybody may read.
  private let pages: any ExchangeHandler

  init(_ member: Member, pages: any ExchangeHandler) {
    self.member = member
    self.pages = pages
  }

  private var transport: PeerTransport { member.transport }
  private var identity: PeerIdentity { member.transport.identity }

  /// What hangs on an exchange of this door until its end.
  private final class Request {
    let limit: Int
    var body = Bytes()
    let answer: (Exchange, Bytes) -> Void
    init(limit: Int, _ answer: @escaping (Exchange, Bytes) -> Void) {
      self.limit = limit
      self.answer = answer
    }
  }

  /// A stream that is being written to, or a request that is answered at its head: its body is of no interest.
  private final class Answered {}

  // MARK: Exchanges

  func requestBegan(_ exchange: Exchange) {
    let path = exchange.path
    if path.hasPrefix("/raft/stream/") {
      openStream(
        exchange,
        path.dropFirst("/raft/stream/".utf8.count).split(separator: "/", omittingEmptySubsequences: false))
    } else if path == "/raft" {
      guard isCompatiblePost(exchange) else { return }
      gather(exchange, limit: Limits.peerPostBytes) { [unowned self] in takeMessage($0, $1) }
    } else if path == "/raft/snapshot" {
      guard isCompatiblePost(exchange) else { return transport.snapshotReceiveFailed(from: nil) }
      exchange.userData = SnapshotReceiving(exchange, member, from: sender(of: exchange))
    } else if path == "/members/hashkv" {
      guard allows(exchange, .get, "GET") else { return }
      gather(exchange, limit: Limits.peerRequestBytes) { [unowned self] in hashKV($0, $1) }
    } else if path.hasPrefix("/members/promote/") {
      guard allows(exchange, .post, "POST") else { return }
      gather(exchange, limit: Limits.peerRequestBytes) { [unowned self] exchange, _ in promote(exchange) }
    } else if path == "/leases" || path == "/leases/internal" {
      guard allows(exchange, .post, "POST") else { return }
      gather(exchange, limit: Limits.peerRequestBytes) { [unowned self] exchange, body in
        PeerLeases(member).answer(exchange, body)
      }
    } else {
      pages.requestBegan(exchange)
    }
  }

  func requestBody(_ exchange: Exchange, _ bytes: UnsafeRawBufferPointer) {
    switch exchange.userData {
    case let request as Request:
      exchange.consumed(bytes.count)
      guard request.body.count + bytes.count <= request.limit else {
        exchange.userData = Answered()
        return PlainText.reply(exchange, 413, "request is longer than \(request.limit) bytes\n")
      }
      request.body.append(contentsOf: bytes)
    case let receiving as SnapshotReceiving: receiving.receive(bytes)
    case is Answered: exchange.consumed(bytes.count)
    default: pages.requestBody(exchange, bytes)
    }
  }

  func requestEnded(_ exchange: Exchange) {
    switch exchange.userData {
    case let request as Request:
      var body = Bytes()
      swap(&body, &request.body)
      request.answer(exchange, body)
    case let receiving as SnapshotReceiving: receiving.end()
    case is Answered: break
    default: pages.requestEnded(exchange)
    }
  }

  func requestCancelled(_ exchange: Exchange) {
    switch exchange.userData {
    case let receiving as SnapshotReceiving: receiving.cancel()
    case is Request: if exchange.path == "/raft" { transport.receiveFailed(from: sender(of: exchange)) }
    case is Answered: for peer in transport.peers.values { peer.detach(exchange) }
    default: pages.requestCancelled(exchange)
    }
  }

  func exchangeDrained(_ exchange: Exchange) { if exchange.userData == nil { pages.exchangeDrained(exchange) } }

  func awaitsBody(_ exchange: Exchange) -> Bool {
    switch exchange.userData {
    case is Request, is SnapshotReceiving: true
    case is Answered: false
    default: pages.awaitsBody(exchange)
    }
  }

  func requestStalled(_ exchange: Exchange) {
    (exchange.userData as? SnapshotReceiving)?.cancel()
    exchange.respond(408)
  }

  private func gather(_ exchange: Exchange, limit: Int, _ answer: @escaping (Exchange, Bytes) -> Void) {
    exchange.userData = Request(limit: limit, answer)
  }

  private func refuse(_ exchange: Exchange, _ status: Int, _ text: String, _ headers: HeaderList = HeaderList())
  {
    exchange.userData = Answered()
    var headers = headers
    headers.add("x-etcd-cluster-id", identity.clusterID.hex)
    PlainText.reply(exchange, status, text + "\n", headers)
  }

  private func allows(_ exchange: Exchange, _ method: HTTP.Method, _ name: String) -> Bool {
    if exchange.method == method { return true }
    refuse(exchange, 405, "Method Not Allowed", ["allow": name])
    return false
  }

  // MARK: Streams

  private func openStream(_ exchange: Exchange, _ parts: [Substring]) {
    guard allows(exchange, .get, "GET") else { return }
    let version: HeaderList = ["x-server-version": etcdVersion]
    if let refusal = identity.refusal(exchange.headers) { return refuse(exchange, 412, refusal, version) }
    guard parts.count == 2, let kind = PeerStreamKind(rawValue: String(parts[0])) else {
      return refuse(exchange, 404, "invalid path", version)
    }
    guard let number = UInt64(parts[1], radix: 16) else {
      return refuse(exchange, 404, "invalid from", version)
    }
    let from = MemberID(number)
    if member.machine.roster.isRemoved(from) {
      member.log(.warning, "rejected the stream from peer \(from.hex) since it was removed")
      return refuse(exchange, 410, "removed member", version)
    }
    guard let peer = transport.peers[from] else {
      // A newcomer whose addition is not applied here yet: it will try again, and is answered by posts meanwhile.
      addRemote(exchange, from)
      return refuse(exchange, 404, "error sender not found", version)
    }
    guard exchange.headers["x-raft-to"] == identity.id.hex else {
      return refuse(exchange, 412, "to field mismatch", version)
    }
    exchange.userData = Answered()
    exchange.sendHeaders(
      200, ["x-server-version": etcdVersion, "x-etcd-cluster-id": identity.clusterID.hex])
    peer.attach(exchange, kind)
  }

  private func addRemote(_ exchange: Exchange, _ from: MemberID) {
    guard let text = exchange.headers["x-peerurls"], let urls = try? EndpointURL.list(parsing: text) else {
      return
    }
    transport.addRemote(from, urls: urls)
  }

  // MARK: Messages

  private func isCompatiblePost(_ exchange: Exchange) -> Bool {
    guard allows(exchange, .post, "POST") else { return false }
    if let refusal = identity.refusal(exchange.headers) {
      refuse(exchange, 412, refusal)
      return false
    }
    if let from = sender(of: exchange) { addRemote(exchange, from) }
    return true
  }

  private func sender(of exchange: Exchange) -> MemberID? {
    UInt64(exchange.headers["x-server-from"] ?? "", radix: 16).map { MemberID($0) }
  }

  private func takeMessage(_ exchange: Exchange, _ body: Bytes) {
    guard let message = try? RaftMessage(decoding: body) else {
      transport.receiveFailed(from: sender(of: exchange))
      return refuse(exchange, 400, "error unmarshalling raft message")
    }
    let from = MemberID(message.from)
    transport.received(body.count, from: from)
    if member.machine.roster.isRemoved(from) {
      // 3.4 means to say 403 and says 500, as its sender is told by the stream; what it means is said here.
      return refuse(exchange, 403, "cannot process message from removed member")
    }
    member.peerReceived(message, from: from)
    exchange.respond(204, ["x-etcd-cluster-id": identity.clusterID.hex])
  }

  // MARK: Questions

  private func promote(_ exchange: Exchange) {
    let digits = exchange.path.dropFirst("/members/promote/".utf8.count)
    guard let number = UInt64(digits) else {
      return refuse(exchange, 404, "member \(digits) not found in cluster")
    }
    member.promote(MemberID(number)) { [unowned self] result in
      switch result {
      case .success(let members):
        exchange.respond(
          200, ["content-type": "application/json", "x-etcd-cluster-id": identity.clusterID.hex],
          body: MemberRecord.list(members) + "\n".bytes)
      case .failure(let error):
        switch error {
        case .memberNotFound: refuse(exchange, 404, "membership: ID not found")
        case .memberNotLearner: refuse(exchange, 412, "membership: can only promote a learner member")
        case .learnerNotReady:
          refuse(exchange, 412, "etcdserver: can only promote a learner member which is in sync with leader")
        default: refuse(exchange, 500, error.message)
        }
      }
    }
  }

  private func hashKV(_ exchange: Exchange, _ body: Bytes) {
    guard let json = try? JSONValue(parsing: body), json.members != nil else {
      return refuse(exchange, 400, "error unmarshalling request")
    }
    let revision = json["revision"]?.int64 ?? 0
    do throws(RPCStatus) {
      let computation = try HashComputation(store: member.machine.store, revision: revision)
      member.hashes.append(
        HashWork(computation, member) { [unowned self] result in
          switch result {
          case .success(let hash):
            let text =
              "{\"header\":{\"revision\":\(hash.currentRevision)},"
              + "\"hash\":\(hash.hash),\"compact_revision\":\(hash.compactRevision)}\n"
            exchange.respond(
              200, ["content-type": "application/json", "x-etcd-cluster-id": identity.clusterID.hex],
              body: text.bytes)
          case .failure(let error): refuse(exchange, 400, error.message)
          }
        })
    } catch { refuse(exchange, 400, error.message) }
  }
}
