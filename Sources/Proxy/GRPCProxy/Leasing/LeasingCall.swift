import Base
import HTTP
import Wire

/// A call of the KV service at a proxy that owns keys: answered here where it may be, written with the owners' consent, or
/// handed on as it came.
final class LeasingCall: Conversation {
  private let exchange: Exchange
  private unowned let proxy: GRPCProxy
  private let hub: LeasingHub
  private let method: Wire.Method
  private let kind: KVCall.Kind
  private var requests: GRPCDeframer
  private var message: Bytes?
  private var writer: LeasingWriter?
  private var isOver = false

  init(_ exchange: Exchange, _ proxy: GRPCProxy, _ hub: LeasingHub, _ method: Wire.Method, _ kind: KVCall.Kind)
  {
    self.exchange = exchange
    self.proxy = proxy
    self.hub = hub
    self.method = method
    self.kind = kind
    requests = GRPCDeframer(limit: proxy.limits.send)
  }

  var awaitsBody: Bool { message == nil && !isOver }

  func received(_ bytes: UnsafeRawBufferPointer) {
    defer { exchange.consumed(bytes.count) }
    guard !isOver, message == nil else { return }
    do throws(GRPC.Fault) {
      try requests.receive(bytes) { request in if message == nil { message = Bytes(request) } }
    } catch { return fail(RPCStatus(error)) }
    exchange.noteGathered(requests.partialCount)
    guard let message else { return }
    do throws(RPCStatus) { try begin(message) } catch { fail(error) }
  }

  func ended() {
    guard message == nil, !isOver else { return }
    fail(RPCStatus(.unknown, requests.isMidMessage ? "unexpected EOF" : "EOF"))
  }

  func cancelled() {
    isOver = true
    writer?.giveUp()
    writer = nil
  }

  func drained() {}

  // MARK: What is asked

  private func begin(_ message: Bytes) throws(RPCStatus) {
    switch kind {
    case .range: read(try decode(RangeRequest.self, message))
    case .put: write(.put(try decode(PutRequest.self, message)))
    case .deleteRange: write(.delete(try decode(DeleteRangeRequest.self, message)))
    case .txn:
      let request = try decode(TxnRequest.self, message)
      if !hasToken, let reply = hub.read(request) { return answer(reply.encoded()) }
      write(.txn(request))
    case .other: pass()
    }
  }

  private func decode<Message: WireMessage>(_ type: Message.Type, _ bytes: Bytes) throws(RPCStatus) -> Message {
    var result: Result<Message, RPCStatus> = .failure(.contextCanceled)
    bytes.withUnsafeBytes { raw in
      do throws(RPCStatus) { result = .success(try raw.decoded(type)) } catch { result = .failure(error) }
    }
    return try result.get()
  }

  /// Who shows a token is judged by a member each time.
  private var hasToken: Bool { exchange.headers.contains("token") }

  private func read(_ request: RangeRequest) {
    if hasToken { return pass() }
    hub.read(request) { [self] reply in
      if let reply { answer(reply.encoded()) } else { pass() }
    }
  }

  private func write(_ request: GuardedWrite.Request) {
    let write = GuardedWrite(request, hub.keys)
    if write.writesNothing { return pass() }
    let writer = LeasingWriter(proxy, hub, write, token: exchange.headers["token"]) { [self] result in
      self.writer = nil
      switch result {
      case .success(let reply): answer(reply)
      case .failure(let status): fail(status)
      }
    }
    self.writer = writer
    writer.begin()
  }

  // MARK: How it ends

  private func answer(_ reply: Bytes) {
    guard !isOver else { return }
    isOver = true
    exchange.replyUnary(reply)
  }

  private func fail(_ status: RPCStatus) {
    guard !isOver else { return }
    isOver = true
    exchange.fail(status)
  }

  /// A member answers.
  private func pass() {
    guard !isOver, let message else { return }
    isOver = true
    let call = KVCall(exchange, proxy, method, kind, proxy.namespace.rewriting(of: method))
    exchange.userData = call
    call.begin(message)
  }
}
