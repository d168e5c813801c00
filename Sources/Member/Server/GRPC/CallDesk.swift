import Base
import Config
import Event
import HTTP
import Machine
import Wire

/// Receives the exchanges of the client port: finds the method of a gRPC call and its service, keeps deadlines,
/// counts; anything that is no gRPC goes to the plain pages.
final class CallDesk: ExchangeHandler {
  private unowned let member: Member
  private let pages: any ExchangeHandler
  private var routes: [Key: Route] = [:]
  /// Calls with a deadline, to be ended when it passes. Bounded by the streams of all connections.
  private var timed: [ObjectIdentifier: Call] = [:]
  /// Longest request message; `--max-request-bytes` and gRPC's overhead.
  private let messageLimit: Int

  private struct Route {
    let method: Wire.Method
    let service: any Service
  }

  init(_ member: Member, services: [any Service], pages: any ExchangeHandler, maxRequestBytes: Int) {
    self.member = member
    self.pages = pages
    messageLimit = maxRequestBytes + Limits.grpcOverheadBytes
    let byName = Dictionary(uniqueKeysWithValues: services.map { (type(of: $0).name, $0) })
    for method in Wire.Method.all {
      if let service = byName[method.service] {
        routes[Key(method.path)] = Route(method: method, service: service)
      }
    }
  }

  // MARK: Exchanges

  func requestBegan(_ exchange: Exchange) {
    guard exchange.isGRPC else { return plain(exchange) }
    guard exchange.method == .post else {
      return exchange.replyError(13, "http2Server.operateHeaders parsed a :method field which should be POST")
    }
    guard let route = routes[Key(exchange.target)] else { return refuseUnknown(exchange) }
    if let fault = GRPC.fault(forEncodingIn: exchange.headers) { return exchange.replyError(fault) }
    var deadline: Instant?
    if let index = exchange.headers.index(of: "grpc-timeout") {
      guard let span = exchange.headers.withValue(at: index, { GRPC.timeout($0) }) else {
        return exchange.replyError(13, "malformed time-out: \(exchange.headers.value(at: index))")
      }
      deadline = span.nanoseconds > Limits.longestDeadline.nanoseconds ? nil : member.loop.now + span
    }
    let call = Call(
      exchange: exchange, method: route.method, began: member.loop.now, deadline: deadline, limit: messageLimit,
      calls: self)
    exchange.userData = call
    if deadline != nil { timed[ObjectIdentifier(call)] = call }
    member.metrics.calls.lines[route.method.id].started += 1
    countOrigin(exchange, route.method)
    if let refusal = member.gate(exchange, route.method) { call.fail(refusal) }
  }

  func requestBody(_ exchange: Exchange, _ bytes: UnsafeRawBufferPointer) {
    guard let call = exchange.userData as? Call else { return pages.requestBody(exchange, bytes) }
    member.metrics.clientBytesReceived += UInt64(bytes.count)
    guard !call.isAnswered, let service = routes[Key(exchange.target)]?.service else {
      return exchange.consumed(bytes.count)
    }
    var refusal: RPCStatus?
    do throws(GRPC.Fault) {
      try call.deframer.receive(bytes) { message in
        guard refusal == nil, !call.isAnswered else { return }
        if call.didDispatch, !call.method.kind.streamsRequests { return }
        call.didDispatch = true
        member.metrics.calls.lines[call.method.id].received += 1
        do throws(RPCStatus) { try service.message(message, for: call) } catch { refusal = error }
      }
    } catch {
      refusal = RPCStatus(StatusCode(rawValue: UInt32(error.code)), error.message)
    }
    if let refusal { call.fail(refusal) }
    gather(call, bytes.count)
  }

  /// Gives window back for what was received. A message that is larger than the window needs room of its connection's first,
  /// so that many at once cannot fill the memory; it has all it needs then, so that they cannot wait for each other.
  private func gather(_ call: Call, _ count: Int) {
    let exchange = call.exchange
    if !call.deframer.isMidMessage || call.isAnswered {
      exchange.consumed(count + call.withheld)
      call.withheld = 0
      exchange.noteGathered(0)
      return exchange.giveRequestRoom()
    }
    exchange.noteGathered(call.deframer.partialCount)
    let whole = call.deframer.wholeCount
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
    return call.method.kind.streamsRequests ? call.deframer.isMidMessage : !call.didDispatch
  }

  func requestStalled(_ exchange: Exchange) {
    guard let call = exchange.userData as? Call else { return pages.requestStalled(exchange) }
    routes[Key(exchange.target)]?.service.gone(call)
    call.fail(.bodyStalled)
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

  func requestEnded(_ exchange: Exchange) {
    guard let call = exchange.userData as? Call else { return pages.requestEnded(exchange) }
    guard !call.isAnswered else { return }
    if !call.method.kind.streamsRequests, !call.didDispatch {
      // As grpc-go: the end of the stream where a message was due, an error without a code of its own.
      call.fail(.unmapped(call.deframer.isMidMessage ? "unexpected EOF" : "EOF"))
      return
    }
    routes[Key(exchange.target)]?.service.ended(call)
  }

  func requestCancelled(_ exchange: Exchange) {
    guard let call = exchange.userData as? Call else { return pages.requestCancelled(exchange) }
    routes[Key(exchange.target)]?.service.gone(call)
    call.cancelled()
  }

  func exchangeDrained(_ exchange: Exchange) {
    guard let call = exchange.userData as? Call else { return pages.exchangeDrained(exchange) }
    if !call.isAnswered { routes[Key(exchange.target)]?.service.drained(call) }
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

  // MARK: What calls report

  func sent(_ call: Call, bytes: Int) {
    member.metrics.clientBytesSent += UInt64(bytes)
    member.metrics.calls.lines[call.method.id].sent += 1
  }

  func ended(_ call: Call, _ code: StatusCode, sent bytes: Int) {
    if call.deadline != nil { timed[ObjectIdentifier(call)] = nil }
    member.metrics.clientBytesSent += UInt64(bytes)
    let line = call.method.id
    if bytes > 0 { member.metrics.calls.lines[line].sent += 1 }
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
      routes[Key(call.exchange.target)]?.service.gone(call)
      call.fail(.contextDeadlineExceeded)
    }
  }
}

extension RPCStatus {
  /// The message of a request did not come in time.
  fileprivate static let bodyStalled = RPCStatus(
    .deadlineExceeded, "etcdserver: the request did not arrive in time")
}
