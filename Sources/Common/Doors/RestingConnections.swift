import Base
import Event
import HTTP
import TLS

/// A connection to another member between two calls.
package final class RestingConnection: SocketDelegate {
  let url: EndpointURL
  let socket: Socket
  let session: TLSSession?
  let connection: ClientConnection
  fileprivate var since = Instant(nanoseconds: 0)
  fileprivate weak var place: RestingConnections?

  init(_ url: EndpointURL, _ socket: Socket, _ session: TLSSession?, _ connection: ClientConnection) {
    self.url = url
    self.socket = socket
    self.session = session
    self.connection = connection
    connection.owner = nil
    socket.delegate = self
  }

  deinit { if socket.delegate === self { socket.delegate = nil } }

  /// Nothing was asked: tickets of a TLS session may come, and everything else ends the connection.
  package func socketReceived(_ socket: Socket, _ bytes: UnsafeRawBufferPointer) {
    guard let session else { return end() }
    var isClean = true
    do throws(TLSError) { try session.receive(bytes) { _ in isClean = false } } catch { return end() }
    if !isClean || session.isPeerClosed { end() }
  }

  package func socketWritable(_ socket: Socket) {}

  package func socketEnded(_ socket: Socket, errno: Int32) { end() }

  fileprivate func end() {
    socket.close()
    connection.connectionLost()
    place?.forget(self)
  }
}

/// Connections to other members that wait for their next call, so that short questions (leases to renew, signs of life,
/// messages while no stream is there) do not cost a handshake each.
package final class RestingConnections {
  private unowned let loop: EventLoop
  private var resting: [EndpointURL: [RestingConnection]] = [:]
  private var sweep: Timer?

  init(_ loop: EventLoop) { self.loop = loop }

  /// The one that was used last: the others get old and go.
  func take(for url: EndpointURL) -> RestingConnection? {
    let found = resting[url]?.popLast()
    if resting[url]?.isEmpty == true { resting[url] = nil }
    found?.place = nil
    return found
  }

  func keep(_ connection: RestingConnection) {
    guard resting[connection.url, default: []].count < Limits.peerRestingConnections else {
      return connection.end()
    }
    connection.place = self
    connection.since = loop.now
    resting[connection.url, default: []].append(connection)
    sweepLater()
  }

  fileprivate func forget(_ connection: RestingConnection) {
    resting[connection.url]?.removeAll { $0 === connection }
    if resting[connection.url]?.isEmpty == true { resting[connection.url] = nil }
  }

  /// Ends all of them.
  package func close() {
    sweep = nil
    for connection in resting.values.joined() { connection.end() }
  }

  private func sweepLater() {
    guard sweep == nil else { return }
    let timer = Timer(loop) { [unowned self] in
      sweep = nil
      let now = loop.now
      for connection in resting.values.joined() where now - connection.since >= Limits.peerRest {
        connection.end()
      }
      if !resting.isEmpty { sweepLater() }
    }
    timer.once(after: .seconds(1))
    sweep = timer
  }
}
