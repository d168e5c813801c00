import Base
import Event

/// One client's connection and the member's it is joined with: bytes are copied both ways, each end of a direction is
/// passed on by itself.
///
/// A direction holds what one read brought, at most (`Limits.readChunkBytes`): its source is not read before the other side
/// has taken that. splice(2) would need as many system calls for small messages and two pipes a connection.
final class GatewaySession: SocketDelegate {
  private let front: Socket
  private var back: Socket?
  private var connector: Connector?
  private unowned let gateway: TCPGateway
  /// Place in the gateway's list.
  var place = -1

  /// What the other side has not taken yet.
  private let toBack = OutputBuffer()
  private let toFront = OutputBuffer()
  private var didFrontEnd = false
  private var didBackEnd = false
  private var isClosed = false

  init(_ front: Socket, _ gateway: TCPGateway) {
    self.front = front
    self.gateway = gateway
  }

  // MARK: Connecting

  /// Tries endpoints until one accepts; the client's bytes wait in the kernel meanwhile.
  func connect() {
    guard !isClosed else { return }
    guard let endpoint = gateway.pick() else {
      gateway.counts.refused += 1
      return close()
    }
    gateway.addresses(of: endpoint) { [weak self] result in
      guard let self, !isClosed else { return }
      switch result {
      case .success(let addresses): dial(endpoint, addresses)
      case .failure(let failure): failed(endpoint, failure.text)
      }
    }
  }

  private func dial(_ endpoint: EndpointChoice.Endpoint, _ addresses: [SocketAddress]) {
    connector = Connector(front.loop, to: addresses, timeout: Limits.gatewayDialTime) { [weak self] outcome in
      guard let self, !isClosed else { return }
      connector = nil
      switch outcome {
      case .connected(let socket): join(socket)
      case .failed(let error): failed(endpoint, error.description)
      }
    }
  }

  private func failed(_ endpoint: EndpointChoice.Endpoint, _ reason: String) {
    gateway.failed(endpoint, reason)
    connect()
  }

  private func join(_ socket: Socket) {
    back = socket
    front.delegate = self
    socket.delegate = self
    front.resumeReading()
    socket.resumeReading()
  }

  deinit {
    front.delegate = nil
    back?.delegate = nil
  }

  // MARK: Copying

  func socketReceived(_ socket: Socket, _ bytes: UnsafeRawBufferPointer) {
    guard let back else { return }
    if socket === front {
      gateway.counts.bytesToBack &+= UInt64(bytes.count)
      pass(bytes, from: front, to: back, toBack)
    } else {
      gateway.counts.bytesToFront &+= UInt64(bytes.count)
      pass(bytes, from: back, to: front, toFront)
    }
  }

  @inline(__always)
  private func pass(
    _ bytes: UnsafeRawBufferPointer, from source: Socket, to target: Socket, _ rest: OutputBuffer
  ) {
    switch target.send(bytes, rest) {
    case .all: break
    case .partly: source.pauseReading()
    case .failed: close()
    }
  }

  func socketWritable(_ socket: Socket) {
    guard let back else { return }
    let isFront = socket === front
    let source = isFront ? back : front
    let rest = isFront ? toFront : toBack
    switch socket.send(rest) {
    case .all:
      if isFront ? didBackEnd : didFrontEnd { end(socket) } else { source.resumeReading() }
    case .partly: break
    case .failed: close()
    }
  }

  /// One side has said all it has to say: so has, once it has taken the rest, the side toward the other.
  func socketEnded(_ socket: Socket, errno: Int32) {
    guard errno == 0, let back else { return close() }
    if socket === front {
      didFrontEnd = true
      if toBack.isEmpty { end(back) }
    } else {
      didBackEnd = true
      if toFront.isEmpty { end(front) }
    }
  }

  private func end(_ target: Socket) {
    target.finishSending()
    if didFrontEnd, didBackEnd, toFront.isEmpty, toBack.isEmpty { close() }
  }

  func close() {
    guard !isClosed else { return }
    isClosed = true
    connector?.cancel()
    connector = nil
    front.close()
    back?.close()
    gateway.ended(self)
  }
}
