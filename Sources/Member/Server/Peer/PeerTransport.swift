import Base
import Doors
import Event
import HTTP
import TLS
import Wire

/// What the member hears from its links to the others. All calls come on the loop.
protocol PeerTransportOwner: AnyObject {
  func peerReceived(_ message: RaftMessage, from peer: MemberID)
  /// A message to this member was lost.
  func peerUnreachable(_ peer: MemberID)
  func peerBecameActive(_ peer: MemberID)
  /// Another member says that this one was removed from the cluster.
  func peerSaysRemoved(_ peer: MemberID)
}

/// All links to other members. As etcd 3.4: etcdserver/api/rafthttp/transport.go.
final class PeerTransport {
  let identity: PeerIdentity
  let dialer: PeerCall.Dialer
  let log: Log
  weak var owner: (any PeerTransportOwner)?
  private(set) var peers: [MemberID: Peer] = [:]
  /// Senders that are no members as far as this one knows: newcomers whose addition is not applied here yet. They are
  /// only answered, by posts.
  private var remotes: [MemberID: (posts: PeerPosts, urls: [EndpointURL])] = [:]
  private var heartbeat: Timer?

  // Counted for the metrics.
  private(set) var sentBytes: [MemberID: UInt64] = [:]
  private(set) var receivedBytes: [MemberID: UInt64] = [:]
  var sendFailures: [MemberID: UInt64] = [:]
  var disconnections: [MemberID: UInt64] = [:]

  init(_ identity: PeerIdentity, _ dialer: PeerCall.Dialer, log: Log) {
    self.identity = identity
    self.dialer = dialer
    self.log = log
    let timer = Timer(dialer.loop) { [unowned self] in for peer in peers.values { peer.heartbeat() } }
    timer.every(Limits.peerHeartbeat)
    heartbeat = timer
  }

  // MARK: Who is there

  func add(_ id: MemberID, urls: [EndpointURL]) {
    guard id != identity.id, !urls.isEmpty else { return }
    remotes.removeValue(forKey: id)?.posts.stop()
    if let peer = peers[id] { return peer.update(urls) }
    let peer = Peer(id, urls: urls, self)
    peers[id] = peer
    peer.start()
    log(.info, "added peer \(id.hex)")
  }

  func remove(_ id: MemberID) {
    guard let peer = peers.removeValue(forKey: id) else { return }
    peer.stop()
    log(.info, "removed peer \(id.hex)")
  }

  /// Keeps the set equal to `members`.
  func set(_ members: [(id: MemberID, urls: [EndpointURL])]) {
    let wanted = Set(members.map(\.id))
    for id in peers.keys where !wanted.contains(id) { remove(id) }
    for member in members { add(member.id, urls: member.urls) }
  }

  /// A request came from somebody unknown who says where it can be reached.
  func addRemote(_ id: MemberID, urls: [EndpointURL]) {
    guard id != identity.id, peers[id] == nil, !urls.isEmpty, remotes.count < Limits.peerSnapshots else {
      return
    }
    guard remotes[id]?.urls != urls else { return }
    remotes[id]?.posts.stop()
    let posts = PeerPosts(self, to: id, url: { urls[0] }, failed: { _ in })
    remotes[id] = (posts, urls)
  }

  func stop() {
    heartbeat = nil
    for peer in peers.values { peer.stop() }
    for remote in remotes.values { remote.posts.stop() }
    dialer.resting.close()
    peers = [:]
    remotes = [:]
  }

  // MARK: Messages

  func send(_ message: RaftMessage) {
    let id = MemberID(message.to)
    if let peer = peers[id] { return peer.send(message) }
    if let remote = remotes[id] {
      _ = remote.posts.send(message)
    } else if id != .none {
      log(.debug, "ignored message \(message.type.rawValue) (sent to unknown peer \(id.hex))")
    }
  }

  // MARK: Health

  /// Since when a member has been connected without a break; nil where it is not.
  func activeSince(_ id: MemberID) -> Instant? { peers[id]?.activeSince }

  var activeCount: Int { peers.values.count(where: \.isActive) }

  // MARK: Counting

  func sent(_ bytes: Int, to id: MemberID) { sentBytes[id, default: 0] += UInt64(bytes) }
  func received(_ bytes: Int, from id: MemberID) { receivedBytes[id, default: 0] += UInt64(bytes) }
}
