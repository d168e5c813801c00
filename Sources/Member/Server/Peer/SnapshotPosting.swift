import Base
import Doors
import Event
import HTTP
import Storage
import Wire

/// A snapshot on its way to a member that is too far behind: the message, then the store as a bbolt image, as fast as the
/// receiver takes it. Works on the loop in slices over a frozen view, so nothing waits for it.
/// As etcd 3.4: etcdserver/api/rafthttp/snapshot_sender.go.
final class SnapshotPosting: PeerCallOwner {
  let message: RaftMessage
  private let writer: SnapshotWriter
  private unowned let transport: PeerTransport
  private let url: EndpointURL
  private var call: PeerCall?
  private var status = 0
  private var reason = Bytes()
  private var isCounted = false
  private var isWorking = false
  private var isSent = false
  private var done: ((String?) -> Void)?

  /// - Parameter done: hears nil when the receiver has all of it, or what went wrong. Never called from here.
  init(
    _ message: RaftMessage, _ view: any FrozenView, _ transport: PeerTransport, to url: EndpointURL,
    done: @escaping (String?) -> Void
  ) {
    self.message = message
    writer = SnapshotWriter(view)
    self.transport = transport
    self.url = url
    self.done = done
    var headers = transport.identity.headers
    headers.add("content-type", "application/octet-stream")
    let request = Request(
      "POST", "/raft/snapshot", authority: url.authority, scheme: url.scheme.rawValue, headers: headers,
      body: .streamed)
    call = PeerCall(transport.dialer, url, request, timeout: nil, owner: self)
  }

  func stop() {
    done = nil
    call?.cancel()
    call = nil
  }

  // MARK: The body

  func peerCallDrained(_ call: PeerCall) { goOn() }

  private func goOn() {
    guard !isWorking, !isSent, let call, !call.isOver else { return }
    do throws(BoltError) { try step(call) } catch {
      call.cancel()
      end("the store cannot be read: \(error)")
    }
  }

  private func step(_ call: PeerCall) throws(BoltError) {
    if !isCounted {
      isCounted = try writer.count(pairs: Limits.snapshotPairsPerTurn)
      guard isCounted else { return again() }
      transport.log(
        .info,
        "start to send database snapshot [index: \(message.snapshot.metadata.index), size: \(writer.imageBytes) bytes] "
          + "to member \(MemberID(message.to).hex)...")
      var head = ByteWriter()
      head.append(bigEndian: UInt64(message.encodedSize))
      message.append(to: &head)
      call.send(head.withUnsafeBytes { Bytes($0) })
    }
    for _ in 0..<Limits.snapshotChunksPerTurn {
      guard call.canSend else { return }
      guard let chunk = try writer.nextChunk() else {
        isSent = true
        return call.finish()
      }
      call.send(chunk)
    }
    again()
  }

  private func again() {
    isWorking = true
    transport.dialer.loop.post { [weak self] in
      self?.isWorking = false
      self?.goOn()
    }
  }

  // MARK: The reply

  func peerCallBegan(_ call: PeerCall, status: Int, headers: HeaderList) { self.status = status }

  func peerCallBody(_ call: PeerCall, _ bytes: UnsafeRawBufferPointer) {
    if reason.count < 256 { reason.append(contentsOf: bytes.prefix(256)) }
  }

  func peerCallEnded(_ call: PeerCall, failure: String?) {
    if let failure { return end(failure) }
    if status == 204 { return end(nil) }
    end("unexpected http status \(status): \(String(utf8: reason).split(separator: "\n").first ?? "")")
  }

  private func end(_ failure: String?) {
    let done = done
    self.done = nil
    call = nil
    done?(failure)
  }
}
