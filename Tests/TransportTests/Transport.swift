import Base
import Event
import HTTP

/// The glue between a socket and a connection, as the programs write it: everything that arrived is fed in, what
/// came of it leaves once at the end of the turn.
final class Transport: SocketDelegate, ServerConnectionOwner {
  let socket: Socket
  let connection: ServerConnection
  unowned let server: TestServer
  private var isListed = false

  init(_ server: TestServer, _ socket: Socket) {
    self.server = server
    self.socket = socket
    connection = ServerConnection(server.context, now: server.loop.now)
    connection.owner = self
    socket.delegate = self
    socket.resumeReading()
  }

  deinit {
    connection.owner = nil
    socket.delegate = nil
  }

  func socketReceived(_ socket: Socket, _ bytes: UnsafeRawBufferPointer) {
    connection.receive(bytes, at: server.loop.now)
  }

  func socketWritable(_ socket: Socket) { connectionHasOutput(connection) }
  func socketEnded(_ socket: Socket, errno: Int32) { close() }

  func connectionHasOutput(_ connection: ServerConnection) {
    if isListed { return }
    isListed = true
    server.dirty.append(self)
  }

  /// Once per turn: produce, send, and see how it stands.
  func flush() {
    isListed = false
    guard socket.isOpen else { return }
    for _ in 0..<4 where connection.flush() {
      switch socket.send(connection.output) {
      case .all: continue
      case .partly: break
      case .failed: return close()
      }
      break
    }
    if connection.wantsClose, connection.output.isEmpty { return close() }
    if connection.wantsRead { socket.resumeReading() } else { socket.pauseReading() }
  }

  func close() {
    guard socket.isOpen else { return }
    connection.connectionLost()
    socket.close()
    server.ended(self)
  }
}

/// A listener with its transports.
final class TestServer {
  let loop: EventLoop
  let context: ServerContext
  let listener: Listener
  var dirty: [Transport] = []
  private var transports: [ObjectIdentifier: Transport] = [:]

  init(_ loop: EventLoop, _ handler: any ExchangeHandler, port: UInt16 = 0) throws {
    self.loop = loop
    context = ServerContext(handler: handler)
    context.setDate(unixSeconds: loop.wallNanoseconds / 1_000_000_000)
    listener = try Listener(loop, .ip([127, 0, 0, 1], port: port))
    listener.onAccept = { [unowned self] socket in
      let transport = Transport(self, socket)
      transports[ObjectIdentifier(transport)] = transport
    }
    loop.onTurnEnd = { [unowned self] in flushAll() }
    listener.start()
  }

  private func flushAll() {
    while !dirty.isEmpty {
      let list = dirty
      dirty.removeAll(keepingCapacity: true)
      for transport in list { transport.flush() }
    }
  }

  func ended(_ transport: Transport) {
    transports[ObjectIdentifier(transport)] = nil
    listener.budget.release()
  }
}

/// Answers gRPC calls with their own message, and other requests with their body.
final class Echo: ExchangeHandler {
  private final class State {
    var deframer = GRPCDeframer(limit: 4 << 20)
    var body = Bytes()
  }

  func requestBegan(_ exchange: Exchange) { if !exchange.isGRPC { exchange.userData = State() } }

  func requestBody(_ exchange: Exchange, _ bytes: UnsafeRawBufferPointer) {
    exchange.consumed(bytes.count)
    guard let state = exchange.userData as? State else {
      // The common case: the whole message in one piece, no state at all.
      var deframer = GRPCDeframer(limit: 4 << 20)
      do throws(GRPC.Fault) {
        try deframer.receive(bytes) { exchange.replyUnary($0) }
        if deframer.isMidMessage { exchange.replyError(13, "message in pieces") }
      } catch { exchange.replyError(error) }
      return
    }
    state.body.append(contentsOf: bytes)
  }

  func requestEnded(_ exchange: Exchange) {
    guard let state = exchange.userData as? State else { return }
    exchange.respond(200, ["content-type": "text/plain"], body: state.body)
  }

  func requestCancelled(_ exchange: Exchange) {}
  func exchangeDrained(_ exchange: Exchange) {}
}
