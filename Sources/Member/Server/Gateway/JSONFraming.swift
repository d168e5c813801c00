import Base
import HTTP
import Machine
import Wire

/// How one call of the gateway hears and speaks: JSON values in the body, one JSON object or a line of JSON per message out.
///
/// Requests of a stream follow one another with or without line ends; each reply is a line `{"result":…}` and leaves at
/// once. Over WebSocket a message carries such values, and each reply is a text message.
/// As grpc-gateway 1.x: runtime/handler.go, errors.go; grpc-websocket-proxy: websocket_proxy.go.
final class JSONFraming {
  private let gateway: Gateway
  private var splitter: JSONSplitter
  private let isSocket: Bool
  private var frames = WebSocketReader()
  /// A request was understood.
  private(set) var didHear = false
  /// The call fails before it was made: what came is no request.
  private var isRefusal = false
  /// A large range on its way out.
  private var range: RangeTranscription?
  /// Bytes of a body that is too long for any request: thrown away, counted, and refused at their end, since a client that
  /// still sends does not hear. Nil where none is.
  private var surplus: Int?
  /// Nothing more is read: the client said its last, or something that is no request.
  private var isDeaf = false

  init(_ gateway: Gateway, isSocket: Bool) {
    self.gateway = gateway
    splitter = JSONSplitter(limit: gateway.valueLimit)
    self.isSocket = isSocket
  }

  /// Bytes of a value that is not complete, and how many it may become: JSON does not say.
  var gatheredCount: Int { splitter.gatheredCount }
  var expectedCount: Int {
    splitter.gatheredCount <= Int(Limits.streamWindowBytes) / 2 ? splitter.gatheredCount : splitter.limit
  }

  // MARK: Requests

  /// Bytes of the request's body.
  func receive(_ bytes: UnsafeRawBufferPointer, for call: Call) {
    guard isSocket else { return take(bytes, call) }
    // The reader is out while it runs: what it hears may end the call.
    var reader = WebSocketReader()
    swap(&reader, &frames)
    do throws(WebSocketReader.Violation) {
      try reader.receive(bytes) { event in hear(event, call) }
    } catch {
      end(call, .protocolError)
    }
    frames = reader
  }

  private func hear(_ event: WebSocketReader.Event, _ call: Call) {
    switch event {
    case .data(let piece): take(piece, call)
    case .messageEnd: lineEnd.withUnsafeBytes { take($0, call) }
    case .ping(let content):
      // A client that pings and does not read is not answered.
      guard !call.isAnswered, call.exchange.canSend else { return }
      content.withUnsafeBytes { frame(.pong, $0, call) }
    case .close(let code): end(call, code ?? .normal)
    }
  }

  private func take(_ bytes: UnsafeRawBufferPointer, _ call: Call) {
    if let count = surplus { surplus = count + bytes.count }
    guard !isDeaf, !call.isAnswered else { return }
    do throws(JSONSplitter.Fault) {
      try splitter.receive(bytes) { value in message(value, call) }
    } catch { fail(error, call) }
  }

  /// True while further values may follow.
  private func message(_ value: UnsafeRawBufferPointer, _ call: Call) -> Bool {
    let request: Bytes
    do throws(JSONMappingError) { request = try call.method.request(json: value) } catch {
      misunderstood(error.description, call)
      return false
    }
    didHear = true
    if request.count > gateway.messageLimit {
      call.fail(.messageTooLarge(request.count, limit: gateway.messageLimit))
      return false
    }
    request.withUnsafeBytes { call.desk.dispatch($0, call) }
    if !call.method.kind.streamsRequests { isDeaf = true }
    return !isDeaf && !call.isAnswered
  }

  /// The body is complete.
  func ended(_ call: Call) {
    if let surplus { return call.fail(.messageTooLarge(surplus, limit: gateway.messageLimit)) }
    guard !isDeaf, !call.isAnswered else { return }
    do throws(JSONSplitter.Fault) {
      try splitter.end { value in message(value, call) }
    } catch { return fail(error, call) }
    guard !isDeaf, !call.isAnswered else { return }
    isDeaf = true
    if call.method.kind.streamsRequests {
      call.service.ended(call)
    } else {
      // No body is an empty request.
      call.desk.dispatch(UnsafeRawBufferPointer(start: nil, count: 0), call)
    }
  }

  private func fail(_ fault: JSONSplitter.Fault, _ call: Call) {
    switch fault {
    case .malformed(let text): misunderstood(text, call)
    case .tooLong(let count):
      isDeaf = true
      if isSocket { return call.fail(.messageTooLarge(count, limit: gateway.messageLimit)) }
      surplus = count
      splitter = JSONSplitter(limit: splitter.limit)  // lets go of what it kept
    }
  }

  /// Refuses bytes that are no request. In the middle of a stream they only end the client's side of it, and the codes
  /// differ, both as in the code that grpc-gateway generates.
  private func misunderstood(_ text: String, _ call: Call) {
    isDeaf = true
    guard call.method.kind.streamsRequests else { return refuse(RPCStatus(.invalidArgument, text), call) }
    guard didHear else { return refuse(RPCStatus(.unknown, text), call) }
    call.service.ended(call)
  }

  /// Fails a call that was never made.
  func refuse(_ status: RPCStatus, _ call: Call) {
    isRefusal = true
    call.fail(status)
  }

  // MARK: Replies

  /// Answers a unary call with an encoded message.
  func reply(_ message: UnsafeRawBufferPointer, for call: Call) throws(DecodeError) {
    if isSocket {
      try sendText(call) { output throws(DecodeError) in try call.method.transcribeReply(message, to: &output) }
      return close(call, .normal)
    }
    let method = call.method
    try call.exchange.respond(200, gateway.replyHead) { output throws(DecodeError) in
      try method.transcribeReply(message, to: &output)
    }
  }

  /// Sends one encoded message of a stream.
  func send(_ message: UnsafeRawBufferPointer, for call: Call) throws(DecodeError) {
    let method = call.method
    func line(_ output: inout ByteWriter) throws(DecodeError) {
      output.append("{\"result\":")
      try method.transcribeReply(message, to: &output)
      output.append("}")
    }
    if isSocket { return try sendText(call) { output throws(DecodeError) in try line(&output) } }
    startStream(call)
    try call.exchange.send { output throws(DecodeError) in
      try line(&output)
      output.append(0x0a)
    }
  }

  /// Sends one piece of the encoded answer to a range.
  func sendPiece(_ piece: UnsafeRawBufferPointer, for call: Call) throws(DecodeError) {
    var range = self.range ?? RangeTranscription()
    if isSocket {
      try sendText(call, self.range == nil ? .text : .continuation, isFinal: false) {
        (output) throws(DecodeError) in try range.append(piece, to: &output)
      }
    } else {
      startStream(call)
      try call.exchange.send { output throws(DecodeError) in try range.append(piece, to: &output) }
    }
    self.range = range
  }

  /// Ends a stream, or a range in pieces, well.
  func finish(_ call: Call) {
    if isSocket {
      if var range { sendText(call, .continuation) { range.end(&$0) } }
      return close(call, .normal)
    }
    startStream(call)
    if var range { call.exchange.send { range.end(&$0) } }
    call.exchange.finish()
  }

  private func startStream(_ call: Call) {
    let exchange = call.exchange
    if exchange.didSendHead { return }
    // A stream whose client says nothing has no metadata to wait for.
    let hasMetadata = didHear || !call.method.kind.streamsRequests
    exchange.sendHeaders(
      200, hasMetadata ? gateway.replyHead : gateway.errorHead)
  }

  func fail(_ status: RPCStatus, for call: Call) {
    let isOfStream = !isRefusal && call.method.kind.streamsResponses
    let body = isOfStream ? status.gatewayStreamBody : status.gatewayBody
    if isSocket {
      if range != nil { return close(call, .unexpected) }
      sendText(call) { $0.append(body) }
      return close(call, .normal)
    }
    let exchange = call.exchange
    if exchange.didSendHead {
      // Half an object: only the missing end of the body can tell.
      guard isOfStream else { return exchange.reset(.internalError) }
      exchange.send(body)
      return exchange.finish()
    }
    let code = status.code.httpStatus
    if isRefusal { return exchange.respond(code, gateway.errorHead, body: body) }
    var head = gateway.errorHead
    if !isOfStream { head.add("trailer", "Grpc-Trailer-Content-Type") }
    exchange.sendHeaders(code, head)
    exchange.send(body)
    exchange.finish(trailers: isOfStream ? HeaderList() : ["grpc-trailer-content-type": "application/grpc"])
  }

  // MARK: WebSocket

  /// The client ends the connection, or broke its rules: the call is over for both.
  private func end(_ call: Call, _ code: WebSocket.CloseCode) {
    if !call.isAnswered { call.desk.requestCancelled(call.exchange) }
    close(call, code)
  }

  private func close(_ call: Call, _ code: WebSocket.CloseCode) {
    call.exchange.send { WebSocket.appendClose(code, to: &$0) }
    call.exchange.finish()
  }

  private func frame(
    _ opcode: WebSocket.Opcode, _ payload: UnsafeRawBufferPointer, isFinal: Bool = true, _ call: Call
  ) {
    call.exchange.send { WebSocket.append(opcode, payload, isFinal: isFinal, to: &$0) }
  }

  /// A frame's length stands before its payload, so the text is written beside the output first.
  private func sendText<E: Error>(
    _ call: Call, _ opcode: WebSocket.Opcode = .text, isFinal: Bool = true,
    _ write: (inout ByteWriter) throws(E) -> Void
  ) throws(E) {
    var text = ByteWriter()
    try write(&text)
    text.withUnsafeBytes { frame(opcode, $0, isFinal: isFinal, call) }
  }
}

private let lineEnd = "\n".bytes
