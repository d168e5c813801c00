import Base
import Client
import HTTP
import Wire

/// What the desk tells whoever deals with a call.
protocol Conversation: AnyObject {
  func received(_ bytes: UnsafeRawBufferPointer)
  func ended()
  func cancelled()
  func drained()
  /// Whether nothing can happen before more of the request comes.
  var awaitsBody: Bool { get }
}

/// Changes messages on their way; nil leaves them alone.
struct Rewriting {
  var request: ((UnsafeRawBufferPointer) throws(RPCStatus) -> Bytes)?
  var reply: ((UnsafeRawBufferPointer) throws(RPCStatus) -> Bytes)?
}

/// Forwards one call as it comes: metadata, messages both ways, trailers. Bytes are not looked at unless they are to be
/// rewritten, and each side is read only as fast as the other takes it.
final class Relay: Conversation, PoolCaller, CallHandler {
  private let exchange: Exchange
  private unowned let pool: MemberPool
  private let path: String
  private let rewriting: Rewriting
  private var requests: GRPCDeframer
  private var replies: GRPCDeframer
  private var call: Call?
  /// Body that came before a connection was there; at most the stream's window.
  private var early = Bytes()
  private var isRequestComplete = false
  /// Windows not given back yet.
  private var owedToFront = 0
  private var owedToBack = 0
  private var isOver = false
  private var requestGauge: FrameGauge
  private var replyGauge: FrameGauge
  private let isUnary: Bool
  /// Hears that the call is over, however it ended.
  var onEnd: (() -> Void)?

  init(
    _ exchange: Exchange, _ pool: MemberPool, _ method: Wire.Method, limits: MessageLimits,
    _ rewriting: Rewriting = Rewriting()
  ) {
    self.exchange = exchange
    self.pool = pool
    path = method.path
    self.rewriting = rewriting
    requests = GRPCDeframer(limit: limits.send)
    replies = GRPCDeframer(limit: limits.receive)
    requestGauge = FrameGauge(limit: limits.send)
    replyGauge = FrameGauge(limit: limits.receive)
    isUnary = !method.kind.streamsRequests
  }

  func begin() { pool.open(self) }

  var awaitsBody: Bool { isUnary && !isRequestComplete && !isOver }

  private func over() {
    isOver = true
    onEnd?()
    onEnd = nil
  }

  // MARK: The front's side

  func received(_ bytes: UnsafeRawBufferPointer) {
    guard !isOver else { return exchange.consumed(bytes.count) }
    guard let rewrite = rewriting.request else {
      if let fault = requestGauge.check(bytes) { return fail(RPCStatus(fault)) }
      return forward(bytes, window: bytes.count)
    }
    do throws(GRPC.Fault) {
      var refusal: RPCStatus?
      try requests.receive(bytes) { message in
        guard refusal == nil, !isOver else { return }
        do throws(RPCStatus) { frame(try rewrite(message)) } catch { refusal = error }
      }
      if let refusal { return fail(refusal) }
    } catch { return fail(RPCStatus(error)) }
    exchange.noteGathered(requests.partialCount)
    exchange.consumed(bytes.count)
  }

  private func frame(_ message: Bytes) {
    if let call { return call.sendMessage(message) }
    early.append(0)
    withUnsafeBytes(of: UInt32(message.count).bigEndian) { early += $0 }
    early += message
  }

  private func forward(_ bytes: UnsafeRawBufferPointer, window: Int) {
    guard let call else {
      early.append(contentsOf: bytes)
      owedToFront += window
      return
    }
    call.send(bytes)
    owedToFront += window
    if call.canSend { payFront() }
  }

  private func payFront() {
    if owedToFront > 0 { exchange.consumed(owedToFront) }
    owedToFront = 0
  }

  func ended() {
    isRequestComplete = true
    call?.finish()
  }

  func cancelled() {
    guard !isOver else { return }
    over()
    if let call { call.cancel() } else { pool.forget(self) }
    call = nil
  }

  func drained() {
    if owedToBack > 0 { call?.consumed(owedToBack) }
    owedToBack = 0
  }

  private func fail(_ status: RPCStatus) {
    guard !isOver else { return }
    over()
    let call = call
    self.call = nil
    call?.cancel()
    exchange.fail(status)
    payFront()
  }

  // MARK: The back's side

  func open(on channel: Channel) -> Bool {
    guard let opened = channel.open(.forwarding(exchange, to: path, on: channel), self) else { return false }
    call = opened
    if !early.isEmpty {
      opened.send(early)
      early = []
      payFront()
    }
    if isRequestComplete { opened.finish() }
    return true
  }

  func unreachable(_ status: RPCStatus) { fail(status) }

  func callBegan(_ call: Call) {
    // The end in the head: the fields are passed on with it.
    guard !isOver, call.status == 200, !call.headers.contains("grpc-status") else { return }
    if call.headers.count == 1, call.headers.contains("content-type") { return exchange.startGRPC() }
    exchange.sendHeaders(200, call.headers.withoutHops)
  }

  func callBody(_ call: Call, _ bytes: UnsafeRawBufferPointer) {
    guard !isOver else { return call.consumed(bytes.count) }
    // What is no reply of gRPC has no place in one: its status will tell.
    if call.status != 200 { return call.consumed(bytes.count) }
    if let rewrite = rewriting.reply {
      do throws(GRPC.Fault) {
        var refusal: RPCStatus?
        try replies.receive(bytes) { message in
          guard refusal == nil, !isOver else { return }
          do throws(RPCStatus) { exchange.sendMessage(try rewrite(message)) } catch { refusal = error }
        }
        if let refusal { return fail(refusal) }
      } catch { return fail(RPCStatus(error)) }
    } else {
      if let fault = replyGauge.check(bytes) { return fail(RPCStatus(fault)) }
      exchange.send(bytes)
    }
    owedToBack += bytes.count
    if exchange.canSend { drained() }
  }

  func callEnded(_ call: Call) {
    guard !isOver else { return }
    over()
    self.call = nil
    exchange.end(like: call)
    payFront()
  }

  func callFailed(_ call: Call, _ failure: CallFailure) {
    guard !isOver else { return }
    self.call = nil
    fail(RPCStatus(failure))
  }

  func callDrained(_ call: Call) { payFront() }
}

/// Watches the lengths of messages that pass by.
struct FrameGauge {
  private let limit: Int
  /// Bytes of the message under way that are still to come.
  private var rest = 0
  private var head: UInt32 = 0
  private var headCount = 0

  init(limit: Int) { self.limit = limit }

  mutating func check(_ bytes: UnsafeRawBufferPointer) -> GRPC.Fault? {
    var position = 0
    while position < bytes.count {
      if rest > 0 {
        let taken = min(rest, bytes.count - position)
        rest -= taken
        position += taken
        continue
      }
      // The first byte says whether the message is compressed, which is its reader's concern.
      if headCount > 0 { head = head << 8 | UInt32(bytes[position]) }
      headCount += 1
      position += 1
      if headCount == 5 {
        rest = Int(head)
        (head, headCount) = (0, 0)
        if rest > limit {
          return GRPC.Fault(code: 8, message: "grpc: received message larger than max (\(rest) vs. \(limit))")
        }
      }
    }
    return nil
  }
}

/// Longest messages toward the members, and from them.
struct MessageLimits {
  var send: Int
  var receive: Int
}

extension Exchange {
  /// Ends as a member's call ended.
  func end(like call: Call) {
    if call.trailers.count == 1, call.trailers.has("grpc-status", "0") { return finishGRPC() }
    if call.trailers.contains("grpc-status") { return endGRPC(call.trailers) }
    if !didSendHead, call.status == 200, call.headers.contains("grpc-status") {
      return endGRPC(call.headers.withoutHops)
    }
    replyError(call.grpcStatus)
  }
}

extension Request {
  /// The call of a client, as it is passed on: its metadata, token and `hasleader` among them, but what belongs to the
  /// connection it came over.
  static func forwarding(_ exchange: Exchange, to path: String, on channel: Channel) -> Request {
    var headers = exchange.headers.withoutHops
    headers.add("te", "trailers")
    return Request(
      "POST", path, authority: channel.endpoint.requestAuthority, scheme: channel.scheme, headers: headers,
      body: .streamed)
  }
}

extension HeaderList {
  /// Without the fields that speak of one connection only, and those that are set anew.
  var withoutHops: HeaderList {
    var kept = HeaderList()
    for index in 0..<count {
      withName(at: index) { name in
        if !Self.isHop(name) { withValue(at: index) { kept.add(name: name, value: $0) } }
      }
    }
    return kept
  }

  private static func isHop(_ name: UnsafeRawBufferPointer) -> Bool {
    switch name.count {
    case 2: name.elementsEqual("te".utf8)
    case 4: name.elementsEqual("host".utf8)
    case 7: name.elementsEqual("upgrade".utf8) || name.elementsEqual("trailer".utf8)
    case 10: name.elementsEqual("connection".utf8) || name.elementsEqual("keep-alive".utf8)
    case 14: name.elementsEqual("content-length".utf8)
    case 17: name.elementsEqual("transfer-encoding".utf8)
    default: false
    }
  }
}
