import Base
import Event
import HTTP
import TLS

/// The glue with TLS between: ciphertext to and from the socket, plaintext to and from the connection, which is
/// made when the handshake has said what to speak.
final class SecureTransport: SocketDelegate, ServerConnectionOwner {
  let socket: Socket
  let tls: TLSSession
  let context: ServerContext
  private(set) var connection: ServerConnection?
  private(set) var error: TLSError?
  private let onFlush: (SecureTransport) -> Void
  private var isListed = false

  init(
    _ socket: Socket, _ tls: TLSSession, _ context: ServerContext, onFlush: @escaping (SecureTransport) -> Void
  ) {
    self.socket = socket
    self.tls = tls
    self.context = context
    self.onFlush = onFlush
    socket.delegate = self
    socket.resumeReading()
  }

  deinit {
    connection?.owner = nil
    socket.delegate = nil
  }

  func socketReceived(_ socket: Socket, _ bytes: UnsafeRawBufferPointer) {
    do throws(TLSError) {
      try tls.receive(bytes) { plain in established().receive(plain, at: socket.loop.now) }
      if tls.isEstablished { _ = established() }
      if tls.isPeerClosed { connection?.connectionLost() }
    } catch {
      self.error = error
      connection?.connectionLost()
    }
    list()
  }

  private func established() -> ServerConnection {
    if let connection { return connection }
    let start: ServerConnection.Start = tls.alpn == "h2" ? .http2 : tls.alpn == "http/1.1" ? .http1 : .sniff
    let made = ServerConnection(context, start: start, owner: self, now: socket.loop.now)
    made.userData = tls
    connection = made
    return made
  }

  func socketWritable(_ socket: Socket) { list() }
  func socketEnded(_ socket: Socket, errno: Int32) { close() }
  func connectionHasOutput(_ connection: ServerConnection) { list() }

  private func list() {
    if isListed { return }
    isListed = true
    onFlush(self)
  }

  func flush() {
    isListed = false
    guard socket.isOpen else { return }
    for _ in 0..<4 {
      // Encrypt only while the socket takes what there is: back-pressure reaches the connection's own buffer.
      if tls.output.isEmpty, let connection, error == nil {
        connection.flush()
        do throws(TLSError) { try tls.send(connection.output) } catch { self.error = error }
        if connection.wantsClose, connection.output.isEmpty { tls.close() }
      }
      guard !tls.output.isEmpty else { break }
      switch socket.send(tls.output) {
      case .all: continue
      case .partly: return socket.pauseReading()
      case .failed: return close()
      }
    }
    let isOver = error != nil || connection?.wantsClose == true && connection?.output.isEmpty == true
    if isOver { return close() }
    if connection?.wantsRead ?? true { socket.resumeReading() } else { socket.pauseReading() }
  }

  func close() {
    connection?.connectionLost()
    socket.close()
  }
}
