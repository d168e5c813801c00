import Base
import Event
import TLS

/// Finds out whether an endpoint that DNS names is one of the cluster's: it must accept a connection and show a certificate
/// that is good for it. As etcd 3.4: pkg/transport/tls.go, ValidateSecureEndpoints, where a TCP connection is enough.
final class EndpointCheck: SocketDelegate {
  private let host: String
  private let tls: TLSContext
  private let loop: EventLoop
  private var connector: Connector?
  private var socket: Socket?
  private var session: TLSSession?
  private var timer: Timer?
  private var done: ((String?) -> Void)?

  /// `done` comes once, never from here: nil where all is well. Keep the check until then.
  init(
    _ loop: EventLoop, _ resolver: Resolver, _ tls: TLSContext, host: String, port: UInt16,
    _ done: @escaping (String?) -> Void
  ) {
    self.loop = loop
    self.tls = tls
    self.host = host
    self.done = done
    let timer = Timer(loop) { [weak self] in self?.end("i/o timeout") }
    timer.once(after: Limits.discoveredCheckTime)
    self.timer = timer
    resolver.addresses(of: host, port: port) { [weak self] result in
      guard let self, self.done != nil else { return }
      switch result {
      case .failure(let failure): end("failed to dial (dial tcp: \(failure))")
      case .success(let addresses): connect(addresses)
      }
    }
  }

  deinit { close() }

  private func connect(_ addresses: [SocketAddress]) {
    connector = Connector(loop, to: addresses, timeout: Limits.discoveredCheckTime) { [weak self] outcome in
      guard let self, done != nil else { return }
      connector = nil
      switch outcome {
      case .connected(let socket): shakeHands(socket)
      case .failed(let error): end("failed to dial (\(error.description))")
      }
    }
  }

  private func shakeHands(_ socket: Socket) {
    self.socket = socket
    let session = tls.session(host: host)
    self.session = session
    socket.delegate = self
    socket.resumeReading()
    do throws(TLSError) { try session.start() } catch { return end("\(error)") }
    _ = socket.send(session.output)
  }

  private func end(_ problem: String?) {
    let done = done
    self.done = nil
    close()
    done?(problem)
  }

  private func close() {
    timer = nil
    connector?.cancel()
    connector = nil
    session = nil
    socket?.close()
    socket = nil
  }

  func socketReceived(_ socket: Socket, _ bytes: UnsafeRawBufferPointer) {
    guard let session else { return }
    do throws(TLSError) { try session.receive(bytes) { _ in } } catch {
      _ = socket.send(session.output)  // may hold the alert that tells the other end why
      return end(session.isServerVerified ? nil : "\(error)")
    }
    _ = socket.send(session.output)
    guard session.isEstablished else { return }
    session.close()
    _ = socket.send(session.output)
    end(nil)
  }

  func socketWritable(_ socket: Socket) {
    if let session { _ = socket.send(session.output) }
  }

  func socketEnded(_ socket: Socket, errno: Int32) {
    let isVerified = session?.isServerVerified ?? false
    end(isVerified ? nil : errno == 0 ? "EOF" : "read: \(systemText(errno))")
  }
}
