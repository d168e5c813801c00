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
  /// Its process has ended: no link is left, and nobody listens at any of its addresses. Told again while that lasts.
  func peerIsGone(_ peer: MemberID)
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

  /// What is counted for the metrics, by member: of those that are linked, or were.
  var figures: [MemberID: PeerFigures] = [:]
  /// Messages and snapshots that could not be read and whose sender is none of ours.
  var strangersFailures: UInt64 = 0
  var strangersSnapshotFailures: UInt64 = 0

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
    figures[id] = nil
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
    let posts = PeerPosts(self, to: id, url: { urls[0] }) { [unowned self] _ in
      figures[id, default: PeerFigures()].sendFailures += 1
    }
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

  /// Whether a stream is open, from this member or to it.
  func hasStream(_ id: MemberID) -> Bool { peers[id]?.hasStream ?? false }

  var activeCount: Int { peers.values.count(where: \.isActive) }

  // MARK: Counting

  func sent(_ bytes: Int, to id: MemberID) { figures[id, default: PeerFigures()].sentBytes += UInt64(bytes) }

  func received(_ bytes: Int, from id: MemberID) {
    figures[id, default: PeerFigures()].receivedBytes += UInt64(bytes)
  }

  /// What came from this member could not be read. Etcd counts such by the address of the connection; a line for each port
  /// that a stranger calls from would be a way to fill the memory.
  func receiveFailed(from id: MemberID?) {
    guard let id, peers[id] != nil else { return strangersFailures += 1 }
    figures[id, default: PeerFigures()].receiveFailures += 1
  }

  func snapshotReceiveFailed(from id: MemberID?) {
    guard let id, peers[id] != nil else { return strangersSnapshotFailures += 1 }
    figures[id, default: PeerFigures()].snapshotsReceived.failures += 1
  }
}
