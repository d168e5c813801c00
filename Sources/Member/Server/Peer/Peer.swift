import Base
import Doors
import Event
import HTTP
import Wire

/// Another member as seen from here: the streams in both directions, and what is known of its health.
/// As etcd 3.4: etcdserver/api/rafthttp/{peer,peer_status,urlpick}.go.
final class Peer {
  let id: MemberID
  unowned let transport: PeerTransport
  private(set) var urls: [EndpointURL]
  private var picked = 0
  private var readers: [PeerStreamKind: PeerStreamReader] = [:]
  private var writers: [PeerStreamKind: PeerStreamWriter] = [:]
  private var posts: PeerPosts!
  private var probe: PeerProbe!
  /// Since when a stream of ours has been open without a break; nil while none is.
  private(set) var activeSince: Instant?
  private var lastFailure = ""
  /// Attempts to open a stream that were refused, one after the other.
  private var refusals = 0
  /// The same, where the other end was there and TLS came to nothing.
  private var rejections = 0

  init(_ id: MemberID, urls: [EndpointURL], _ transport: PeerTransport) {
    self.id = id
    self.urls = urls
    self.transport = transport
    posts = PeerPosts(transport, to: id, url: { [unowned self] in url }) { [unowned self] reason in
      lost(reason)
    }
    probe = PeerProbe(self)
    for kind in PeerStreamKind.allCases { readers[kind] = PeerStreamReader(self, kind) }
  }

  func start() {
    for reader in readers.values { reader.start() }
    probe.start()
  }

  func stop() {
    for reader in readers.values { reader.stop() }
    for writer in writers.values { writer.close() }
    writers = [:]
    posts.stop()
    probe.stop()
  }

  var isActive: Bool { activeSince != nil }
  var hasStream: Bool { isActive || !writers.isEmpty }

  // MARK: Addresses

  /// The URL in use; after a failure the next one.
  var url: EndpointURL { urls[picked % urls.count] }

  func update(_ urls: [EndpointURL]) {
    guard urls != self.urls, !urls.isEmpty else { return }
    self.urls = urls
    picked = 0
    for reader in readers.values {
      reader.stop()
      reader.start()
    }
  }

  // MARK: Streams

  /// A stream that the other member opened; one before it of the same kind is given up.
  func attach(_ exchange: Exchange, _ kind: PeerStreamKind) {
    writers[kind]?.close()
    writers[kind] = PeerStreamWriter(kind, exchange)
    transport.log(
      .info, "established a TCP streaming connection with peer \(id.hex) (stream \(kind.name) writer)")
  }

  func detach(_ exchange: Exchange) {
    for (kind, writer) in writers where writer.serves(exchange) {
      writers[kind] = nil
      // What was on its way is lost, as the link's next sign of life would have been.
      transport.figures[id, default: PeerFigures()].sendFailures += 1
      transport.log(
        .warning, "lost the TCP streaming connection with peer \(id.hex) (stream \(kind.name) writer)")
    }
  }

  func streamOpened(_ kind: PeerStreamKind) {
    transport.log(
      .info, "established a TCP streaming connection with peer \(id.hex) (stream \(kind.name) reader)")
    lastFailure = ""
    refusals = 0
    rejections = 0
    guard activeSince == nil else { return }
    activeSince = transport.dialer.loop.now
    transport.log(.info, "peer \(id.hex) became active")
    transport.owner?.peerBecameActive(id)
  }

  /// Pause until a stream is opened again.
  var dialPause: TimeSpan {
    let doublings = min(rejections / PeerStreamKind.allCases.count, 16)
    return min(
      TimeSpan(nanoseconds: Limits.peerDialPause.nanoseconds << Int64(doublings)), Limits.peerRefusedPause)
  }

  func streamFailed(_ kind: PeerStreamKind, _ reason: String, isRefused: Bool, isRejected: Bool) {
    picked += 1
    refusals = isRefused ? refusals + 1 : 0
    rejections = isRejected ? rejections + 1 : 0
    let isAllLost = !readers.values.contains(where: \.isOpen)
    guard isAllLost else { return }
    becomeInactive(reason)
    // Both streams at each of its addresses.
    if refusals >= 2 * urls.count { transport.owner?.peerIsGone(id) }
  }

  private func becomeInactive(_ reason: String) {
    if activeSince != nil {
      activeSince = nil
      transport.log(.error, "peer \(id.hex) became inactive (message send to peer failed): \(reason)")
      transport.figures[id, default: PeerFigures()].disconnects += 1
    } else if reason != lastFailure {
      // The same words ten times a second help nobody.
      transport.log(.warning, "failed to dial \(id.hex) on \(url.text): \(reason)")
    }
    lastFailure = reason
  }

  // MARK: Messages

  /// Sends on the stream that fits, or posts while there is none. A message that cannot leave is lost, and Raft is told.
  func send(_ message: RaftMessage) {
    let kind: PeerStreamKind = message.type == .app && writers[.append] != nil ? .append : .message
    if let writer = writers[kind] {
      if !writer.send(message, transport, to: id) { lost("the link does not drain") }
    } else if rejections > PeerStreamKind.allCases.count {
      // A post meets the same certificates as the streams, and messages come ten times a second.
      lost(lastFailure)
    } else if !posts.send(message) {
      lost("the link does not drain")
    }
  }

  func heartbeat() { for writer in writers.values { writer.heartbeat() } }

  private func lost(_ reason: String) {
    transport.figures[id, default: PeerFigures()].sendFailures += 1
    if reason != lastFailure { transport.log(.debug, "dropped a message to \(id.hex): \(reason)") }
    lastFailure = reason
    transport.owner?.peerUnreachable(id)
  }
}

extension PeerStreamKind {
  /// As the log names it.
  var name: String { self == .append ? "MsgApp v2" : "Message" }
}
