import Base
import Config
import Doors
import Event
import HTTP
import Machine
import Wire

/// Receives the exchanges of the client port: finds the method of a call and its service, keeps deadlines, counts;
/// anything that is neither gRPC nor the gateway's goes to the plain pages.
final class CallDesk: ExchangeHandler, CallOwner {
  private unowned let member: Member
  private let pages: any ExchangeHandler
  /// Judges who may use the gateway; the pages judge for themselves.
  private let doorkeeper: Pages?
  private let gateway: Gateway?
  private var routes: [Key: Route] = [:]
  /// Services by their name on the wire.
  private let services: [String: any Service]
  private let nobody = NoService()
  /// Calls with a deadline, to be ended when it passes. Bounded by the streams of all connections.
  private var timed: [ObjectIdentifier: Call] = [:]
  /// Streams that are of no use to their clients without a leader. Bounded as all streams are.
  private var leaderBound: [ObjectIdentifier: Call] = [:]
  /// Longest request message; `--max-request-bytes` and gRPC's overhead.
  private let messageLimit: Int

  private struct Route {
    let method: Wire.Method
    let service: any Service
  }

  /// `gateway` is nil where JSON is not served: on the peer port, and without `--enable-grpc-gateway`.
  init(
    _ member: Member, services: [any Service], pages: any ExchangeHandler, gateway: Gateway?, messageLimit: Int
  ) {
    self.member = member
    self.pages = pages
    doorkeeper = pages as? Pages
    self.gateway = gateway
    self.messageLimit = messageLimit
    self.services = Dictionary(uniqueKeysWithValues: services.map { (type(of: $0).name, $0) })
    for method in Wire.Method.all {
      if let service = self.services[method.service] {
        routes[Key(method.path)] = Route(method: method, service: service)
      }
    }
  }

  // MARK: Exchanges

  func requestBegan(_ exchange: Exchange) {
    guard exchange.isGRPC else { return beginOther(exchange) }
    guard exchange.method == .post else {
      return exchange.replyError(13, "http2Server.operateHeaders parsed a :method field which should be POST")
    }
    guard let route = routes[Key(exchange.target)] else { return refuseUnknown(exchange) }
    if let fault = GRPC.fault(forEncodingIn: exchange.headers) { return exchange.replyError(fault) }
    let limit = timeLimit(of: exchange)
    if case .malformed(let text) = limit { return exchange.replyError(13, "malformed time-out: \(text)") }
    open(exchange, route.method, route.service, limit, json: nil)
  }

  /// The end of the time that the client allows.
  private enum TimeLimit {
    case none
    case at(Instant)
    case malformed(String)
  }

  private func timeLimit(of exchange: Exchange) -> TimeLimit {
    guard let index = exchange.headers.index(of: "grpc-timeout") else { return .none }
    guard let span = exchange.headers.withValue(at: index, { GRPC.timeout($0) }) else {
      return .malformed(exchange.headers.value(at: index))
    }
    return span.nanoseconds > Limits.longestDeadline.nanoseconds ? .none : .at(member.loop.now + span)
  }

  private func open(
    _ exchange: Exchange, _ method: Wire.Method, _ service: any Service, _ limit: TimeLimit, json: JSONFraming?
  ) {
    var deadline: Instant?
    if case .at(let end) = limit { deadline = end }
    let call = Call(
      exchange: exchange, method: method, service: service, began: member.loop.now, deadline: deadline,
      limit: messageLimit, json: json, desk: self)
    exchange.userData = call
    if deadline != nil { timed[ObjectIdentifier(call)] = call }
    if method.kind != .unary, exchange.headers.has("hasleader", "true") {
      leaderBound[ObjectIdentifier(call)] = call
    }
    member.metrics.calls.lines[method.id].started += 1
    countOrigin(exchange, method)
    if let refusal = member.gate(exchange, method) { call.fail(refusal) }
  }

  func requestBody(_ exchange: Exchange, _ bytes: UnsafeRawBufferPointer) {
    guard let call = exchange.userData as? Call else { return pages.requestBody(exchange, bytes) }
    guard !call.isAnswered else { return exchange.consumed(bytes.count) }
    if let json = call.json {
      json.receive(bytes, for: call)
      return gather(call, bytes.count)
    }
    do throws(GRPC.Fault) {
      try call.deframer.receive(bytes) { message in dispatch(message, call) }
    } catch {
      refuse(call, RPCStatus(StatusCode(rawValue: UInt32(error.code)), error.message))
    }
    gather(call, bytes.count)
  }

  /// Gives window back for what was received. A message that is larger than the window needs room of its connection's first,
  /// so that many at once cannot fill the memory; it has all it needs then, so that they cannot wait for each other.
  private func gather(_ call: Call, _ count: Int) {
    let exchange = call.exchange
    let gathered = call.json?.gatheredCount ?? call.deframer.partialCount
    if gathered == 0 || call.isAnswered {
      exchange.consumed(count + call.withheld)
      call.withheld = 0
      exchange.noteGathered(0)
      return exchange.giveRequestRoom()
    }
    exchange.noteGathered(gathered)
    let whole = call.json?.expectedCount ?? call.deframer.wholeCount
    if whole <= Int(Limits.streamWindowBytes) || exchange.takeRequestRoom(whole) {
      exchange.consumed(count + call.withheld)
      call.withheld = 0
    } else {
      call.withheld += count
    }
  }

  func requestRoomFreed(_ exchange: Exchange) {
    guard let call = exchange.userData as? Call else { return pages.requestRoomFreed(exchange) }
    gather(call, 0)
  }

  func awaitsBody(_ exchange: Exchange) -> Bool {
    guard let call = exchange.userData as? Call else { return pages.awaitsBody(exchange) }
    if call.isAnswered { return false }
    if let json = call.json { return !json.didHear }
    return call.method.kind.streamsRequests ? call.deframer.isMidMessage : !call.didDispatch
  }

  func requestStalled(_ exchange: Exchange) {
    guard let call = exchange.userData as? Call else { return pages.requestStalled(exchange) }
    call.service.gone(call)
    call.fail(.bodyStalled)
  }

  func dispatch(_ message: UnsafeRawBufferPointer, _ call: Call) {
    guard !call.isAnswered else { return }
    if call.didDispatch {
      guard call.method.kind.streamsRequests else { return }
      call.exchange.noteMessage()
    }
    call.didDispatch = true
    member.metrics.calls.lines[call.method.id].received += 1
    member.metrics.clientBytesReceived += UInt64(message.count)
    do throws(RPCStatus) {
      if member.machine.auth.isEnabled, try member.holdsBack(call, message) { return }
      try call.service.message(message, for: call)
    } catch { refuse(call, error) }
  }

  private func refuse(_ call: Call, _ status: RPCStatus) {
    if call.method.kind.streamsRequests { member.metrics.countStreamFailure(call.method) }
    call.fail(status)
  }

  func requestEnded(_ exchange: Exchange) {
    guard let call = exchange.userData as? Call else { return pages.requestEnded(exchange) }
    guard !call.isAnswered else { return }
    if let json = call.json { return json.ended(call) }
    if !call.method.kind.streamsRequests, !call.didDispatch {
      // As grpc-go: the end of the stream where a message was due, an error without a code of its own.
      call.fail(.unmapped(call.deframer.isMidMessage ? "unexpected EOF" : "EOF"))
      return
    }
    call.service.ended(call)
  }

  func requestCancelled(_ exchange: Exchange) {
    guard let call = exchange.userData as? Call else { return pages.requestCancelled(exchange) }
    call.service.gone(call)
    call.cancelled()
  }

  func exchangeDrained(_ exchange: Exchange) {
    guard let call = exchange.userData as? Call else { return pages.exchangeDrained(exchange) }
    if !call.isAnswered { call.service.drained(call) }
  }

  // MARK: JSON

  private func beginOther(_ exchange: Exchange) {
    guard let gateway, Gateway.owns(exchange.target) else { return plain(exchange) }
    guard doorkeeper?.admits(exchange) ?? true else { return }
    if let refusal = member.gatewayRefusal(exchange) { return PlainText.reply(exchange, 400, refusal) }
    switch WebSocket.handshake(exchange) {
    case .notAsked:
      guard let method = gateway.method(of: exchange) else { return }
      beginJSON(exchange, method, gateway, isSocket: false)
    case .refused(let status): gateway.refuseSocket(exchange, status)
    case .accepted
    where doorkeeper != nil && exchange.replyFields.isEmpty && exchange.headers.contains("origin"):
      // A browser opens sockets to anywhere and asks nobody: what `--cors` shuts out is shut out here.
      gateway.refuseSocket(exchange, 403)
    case .accepted(let head):
      guard gateway.openSocket(exchange, head) else { return }
      guard let method = gateway.socketMethod(of: exchange) else { return gateway.endUnknownSocket(exchange) }
      beginJSON(exchange, method, gateway, isSocket: true)
    }
  }

  /// What is no gRPC is for the pages, but under HTTP/2 a call that only says the wrong type is told so.
  /// As grpc-go 1.38: internal/transport/http2_server.go, operateHeaders; earlier ones hang up.
  private func plain(_ exchange: Exchange) {
    guard exchange.isHTTP2, exchange.method == .post, routes[Key(exchange.target)] != nil else {
      return pages.requestBegan(exchange)
    }
    let type = exchange.headers["content-type"] ?? ""
    exchange.respond(
      415,
      [
        "content-type": "application/grpc", "grpc-status": "13",
        "grpc-message": String(
          utf8: PercentEncoding.grpcMessage("invalid gRPC request content-type \"\(type)\"")),
      ])
  }

  private func beginJSON(_ exchange: Exchange, _ method: Wire.Method, _ gateway: Gateway, isSocket: Bool) {
    gateway.adoptMetadata(exchange)
    let json = JSONFraming(gateway, isSocket: isSocket)
    let limit = timeLimit(of: exchange)
    open(exchange, method, services[method.service] ?? nobody, limit, json: json)
    if case .malformed(let text) = limit, let call = exchange.userData as? Call {
      json.refuse(RPCStatus(.invalidArgument, "invalid grpc-timeout: \(text)"), call)
    }
  }

  private func refuseUnknown(_ exchange: Exchange) {
    // The texts of grpc-go 1.26: server.go, handleStream.
    let path = exchange.path
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex, path.first == "/" else {
      return exchange.replyError(8, "malformed method name: \"\(path)\"")
    }
    let service = String(path[path.index(after: path.startIndex)..<slash])
    let method = String(path[path.index(after: slash)...])
    let isKnown = Wire.Method.all.contains { $0.service == service && routes[Key($0.path)] != nil }
    exchange.replyError(
      12, isKnown ? "unknown method \(method) for service \(service)" : "unknown service \(service)")
  }

  private func countOrigin(_ exchange: Exchange, _ method: Wire.Method) {
    let kind = method.kind == .unary ? "unary" : "stream"
    member.metrics.countOrigin(kind, version: exchange.headers["client-api-version"] ?? "unknown")
  }

  /// Clients that want a leader behind their streams are told that there is none, so that they look elsewhere.
  /// As etcd 3.4: api/v3rpc/interceptor.go, monitorLeader.
  func endLeaderBoundCalls() {
    for call in leaderBound.values {
      call.service.gone(call)
      call.fail(.noLeader)
    }
  }

  // MARK: What calls report

  /// Bytes of messages are counted without the five in front. As etcd 3.4: api/v3rpc/codec.go.
  func sent(_ call: Call, bytes: Int) {
    member.metrics.clientBytesSent += UInt64(bytes)
    member.metrics.calls.lines[call.method.id].sent += 1
  }

  func ended(_ call: Call, _ code: StatusCode, sent bytes: Int?) {
    if call.deadline != nil { timed[ObjectIdentifier(call)] = nil }
    if !leaderBound.isEmpty { leaderBound[ObjectIdentifier(call)] = nil }
    let line = call.method.id
    if let bytes {
      member.metrics.clientBytesSent += UInt64(bytes)
      member.metrics.calls.lines[line].sent += 1
    }
    let index = Int(code.rawValue)
    member.metrics.calls.lines[line].handled[(0...16).contains(index) ? index : 2] += 1
    if member.settings.metrics == "extensive" {
      member.metrics.calls.lines[line].handling.observe(member.loop.now - call.began)
    }
  }

  /// Ends the calls whose time is over; to be called with every tick.
  func expire(now: Instant) {
    guard !timed.isEmpty else { return }
    for call in timed.values where (call.deadline ?? now) < now {
      call.service.gone(call)
      call.fail(.contextDeadlineExceeded)
    }
  }
}

extension RPCStatus {
  /// The message of a request did not come in time.
  fileprivate static let bodyStalled = RPCStatus(
    .deadlineExceeded, "etcdserver: the request did not arrive in time")
}
