import Base
import Event
import HTTP

/// A gRPC server on the test's own loop, whose answers are a closure.
final class LocalServer: ExchangeHandler {
  typealias Answer = (_ exchange: Exchange, _ path: String, _ message: Bytes) -> Void

  private final class Link: SocketDelegate, ServerConnectionOwner {
    let socket: Socket
    let connection: ServerConnection

    init(_ socket: Socket, _ context: ServerContext) {
      self.socket = socket
      connection = ServerConnection(context, now: socket.loop.now)
      connection.owner = self
      socket.delegate = self
      socket.resumeReading()
    }

    deinit {
      connection.owner = nil
      socket.delegate = nil
    }

    func socketReceived(_ socket: Socket, _ bytes: UnsafeRawBufferPointer) {
      connection.receive(bytes, at: socket.loop.now)
    }
    func socketWritable(_ socket: Socket) { flush() }
    func socketEnded(_ socket: Socket, errno: Int32) { close() }
    func connectionHasOutput(_ connection: ServerConnection) {
      socket.loop.post { [weak self] in self?.flush() }
    }

    func flush() {
      guard socket.isOpen else { return }
      while connection.flush(), socket.send(connection.output) == .all {}
      if connection.wantsClose { close() }
    }

    func close() {
      guard socket.isOpen else { return }
      connection.connectionLost()
      socket.close()
    }
  }

  let listener: Listener
  private var context: ServerContext?
  private var links: [Link] = []
  private var deframers: [ObjectIdentifier: GRPCDeframer] = [:]
  private let answer: Answer

  init(_ loop: EventLoop, _ answer: @escaping Answer) throws {
    self.answer = answer
    listener = try Listener(loop, .ip([127, 0, 0, 1], port: 0))
    let context = ServerContext(handler: self)
    self.context = context
    listener.onAccept = { [unowned self] in links.append(Link($0, context)) }
    listener.start()
  }

  var endpoint: String { "127.0.0.1:\(listener.address.port)" }
  var connectionCount: Int { links.count }

  /// Breaks every connection.
  func hangUp() { for link in links { link.close() } }

  func requestBegan(_ exchange: Exchange) {
    deframers[ObjectIdentifier(exchange)] = GRPCDeframer(limit: 1 << 20)
  }

  func requestBody(_ exchange: Exchange, _ bytes: UnsafeRawBufferPointer) {
    exchange.consumed(bytes.count)
    let path = exchange.path
    try? deframers[ObjectIdentifier(exchange)]?.receive(bytes) { message in
      answer(exchange, path, Bytes(message))
    }
  }

  func requestEnded(_ exchange: Exchange) {}
  func requestCancelled(_ exchange: Exchange) {}
  func exchangeDrained(_ exchange: Exchange) {}
}
