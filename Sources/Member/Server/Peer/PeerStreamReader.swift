import Base
import Doors
import Event
import HTTP
import Wire

/// One stream that this member opens to another and reads messages from; when it breaks it is opened again.
/// As etcd 3.4: etcdserver/api/rafthttp/stream.go, streamReader.
final class PeerStreamReader: PeerCallOwner {
  private unowned let peer: Peer
  private let kind: PeerStreamKind
  private var decoder: PeerStreamDecoder
  private var call: PeerCall?
  private var status = 0
  private var reason = Bytes()
  private(set) var isOpen = false
  private var again: Timer?

  init(_ peer: Peer, _ kind: PeerStreamKind) {
    self.peer = peer
    self.kind = kind
    decoder = PeerStreamDecoder(kind, from: peer.id, to: peer.transport.identity.id)
  }

  func start() {
    guard call == nil else { return }
    let identity = peer.transport.identity
    var headers = identity.headers
    headers.add("x-raft-to", peer.id.hex)
    decoder = PeerStreamDecoder(kind, from: peer.id, to: identity.id)
    status = 0
    reason = []
    let url = peer.url
    let request = Request(
      "GET", "/raft/stream/\(kind.rawValue)/\(identity.id.hex)", authority: url.authority,
      scheme: url.scheme.rawValue, headers: headers)
    call = PeerCall(
      peer.transport.dialer, url, request, timeout: nil, silence: Limits.peerSilence, owner: self)
  }

  func stop() {
    again = nil
    call?.cancel()
    call = nil
    isOpen = false
  }

  func peerCallBegan(_ call: PeerCall, status: Int, headers: HeaderList) {
    self.status = status
    switch status {
    case 200:
      guard PeerIdentity.supportsStreams(headers["x-server-version"]) else {
        return fail("the stream type is unsupported by version \(headers["x-server-version"] ?? "")")
      }
      isOpen = true
      peer.streamOpened(kind)
    case 410: peer.transport.owner?.peerSaysRemoved(peer.id)
    default: break  // the body says why
    }
  }

  func peerCallBody(_ call: PeerCall, _ bytes: UnsafeRawBufferPointer) {
    guard isOpen else {
      if reason.count < 256 { reason.append(contentsOf: bytes.prefix(256)) }
      return
    }
    let transport = peer.transport
    transport.received(bytes.count, from: peer.id)
    do throws(PeerFrameError) {
      try decoder.receive(bytes) { transport.owner?.peerReceived($0, from: peer.id) }
    } catch {
      transport.receiveFailed(from: peer.id)
      fail("\(error)")
    }
  }

  func peerCallEnded(_ call: PeerCall, failure: String?) {
    if isOpen || failure != nil { return fail(failure ?? "EOF") }
    let text = String(utf8: reason).split(separator: "\n").first.map { String($0) } ?? ""
    fail("unexpected http status \(status)\(text.isEmpty ? "" : ": \(text)")")
  }

  private func fail(_ reason: String) {
    let isRefused = call?.isRefused ?? false
    let isRejected = call?.isRejected ?? false
    stop()
    peer.streamFailed(kind, reason, isRefused: isRefused, isRejected: isRejected)
    let timer = Timer(peer.transport.dialer.loop) { [weak self] in
      self?.again = nil
      self?.start()
    }
    timer.once(after: peer.dialPause)
    again = timer
  }
}
