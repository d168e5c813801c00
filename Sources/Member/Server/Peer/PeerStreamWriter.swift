import Base
import HTTP
import Wire

/// One stream that another member opened to this one: the place where messages for it are written.
/// As etcd 3.4: etcdserver/api/rafthttp/stream.go, streamWriter.
final class PeerStreamWriter {
  private let exchange: Exchange
  private var encoder: PeerStreamEncoder
  /// Written here first, since the exchange takes bytes and not encoders.
  private var scratch = ByteWriter()

  init(_ kind: PeerStreamKind, _ exchange: Exchange) {
    self.exchange = exchange
    encoder = PeerStreamEncoder(kind)
  }

  /// False where the link does not drain: then the message is lost, and the peer unreachable.
  func send(_ message: RaftMessage, _ transport: PeerTransport, to peer: MemberID) -> Bool {
    guard let connection = exchange.connection, connection.output.count < Limits.peerOutputBytes else {
      return false
    }
    encoder.encode(message, to: &scratch)
    transport.sent(scratch.count, to: peer)
    leave()
    return true
  }

  func heartbeat() {
    guard let connection = exchange.connection, connection.output.count < Limits.peerOutputBytes else { return }
    encoder.encodeHeartbeat(to: &scratch)
    leave()
  }

  private func leave() {
    scratch.withUnsafeBytes { exchange.send($0) }
    scratch.removeAll(keeping: Limits.keptReplyBytes)
  }

  func serves(_ other: Exchange) -> Bool { exchange === other }

  func close() { exchange.finish() }
}
