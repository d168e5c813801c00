import Base

/// The HTTP/1.1 side of one accepted connection: one exchange at a time, pipelined requests wait their turn.
final class HTTP1Server {
  private unowned(unsafe) let connection: ServerConnection
  private var context: ServerContext { connection.context }
  private var output: OutputBuffer { connection.output }

  /// Input not yet understood: part of a head, or requests behind the current one.
  private var held = Bytes()
  private var scan = HTTP1Syntax.Scan()
  private(set) var current: Exchange?
  private var body = HTTP1Body.empty
  private var isHTTP10 = false
  /// The reply under way is the connection's last.
  private var closesAfterReply = false
  /// Body bytes thrown away because the reply was finished before the request.
  private var skipped = 0
  /// Nothing more is read; the connection ends once its output is sent.
  private(set) var isOver = false
  private var isProcessing = false
  private var hadRequest = false
  /// The bytes are another protocol's; they pass through as bodies.
  private(set) var isUpgraded = false

  init(_ connection: ServerConnection) { self.connection = connection }

  var isBusy: Bool { current != nil }
  /// The rest of a body is to come, and it is not us who hold it up.
  var awaitsBody: Bool {
    guard let current, !body.isComplete else { return false }
    return current.unconsumed < Int(Limits.streamWindowBytes) || current.didFinish
  }
  var wantsRead: Bool {
    held.count < Limits.pipelinedBytes && (current?.unconsumed ?? 0) < Int(Limits.streamWindowBytes)
  }
  /// A head has begun, or the first one is still to come.
  var awaitsHead: Bool { current == nil && !isOver && (!held.isEmpty || !hadRequest) }

  var owesRoom: Bool { current?.isBlocked == true && output.count <= Limits.outputLowWaterBytes }

  func receive(_ bytes: UnsafeRawBufferPointer) {
    guard !isOver else { return }
    if held.isEmpty, !isProcessing {
      process(bytes)
    } else {
      held.append(contentsOf: bytes)
      processHeld()
    }
  }

  func flush() {
    processHeld()
    guard owesRoom, let current else { return }
    current.isBlocked = false
    context.handler.exchangeDrained(current)
  }

  func close() {
    isOver = true
    held = []
    guard let exchange = current else { return }
    current = nil
    if !exchange.didFinish { context.handler.requestCancelled(exchange) }
    context.close(exchange)
  }

  func drain() {
    closesAfterReply = true
    if current == nil { isOver = true }
  }

  // MARK: Reading

  private func processHeld() {
    guard !held.isEmpty, !isProcessing, !isOver, current == nil || !body.isComplete else { return }
    var input = Bytes()
    swap(&input, &held)
    input.withUnsafeBytes { process($0) }
  }

  /// Understands as much of `input` as it can and keeps the rest.
  private func process(_ input: UnsafeRawBufferPointer) {
    isProcessing = true
    defer { isProcessing = false }
    var rest = input
    do throws(HTTP1Fault) {
      while !isOver {
        let before = rest.count
        if current == nil {
          // Replies that nobody takes are enough of them.
          if output.count >= Limits.outputHighWaterBytes { break }
          guard try readHead(&rest) else { break }
        } else if !body.isComplete {
          try readBody(&rest)
        } else {
          break
        }
        if rest.count == before { break }
      }
      if !isOver, rest.count > 0 { held = Bytes(rest) + held }
    } catch {
      refuse(error)
    }
  }

  /// A request's head or body did not come in time.
  func refuseLate() {
    if isBusy || !held.isEmpty { refuse(HTTP1Fault(status: 408)) } else { close() }
  }

  private func refuse(_ fault: HTTP1Fault) {
    let wasAnswered = current?.didSendHead ?? false
    close()
    if !wasAnswered { HTTP1Writer.refusal(output, fault) }
  }

  /// Reads a head and begins its exchange; false when it is not all there.
  private func readHead(_ rest: inout UnsafeRawBufferPointer) throws(HTTP1Fault) -> Bool {
    guard let count = try HTTP1Syntax.headCount(rest, &scan) else { return false }
    scan = HTTP1Syntax.Scan()
    if count > Limits.headerListBytes { throw .headTooLarge }
    let head = UnsafeRawBufferPointer(rebasing: rest[..<count])
    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    // An empty line before a request is left over from a careless client (RFC 9112, 2.2).
    if count > 2 { try begin(head) }
    return true
  }

  private func begin(_ head: UnsafeRawBufferPointer) throws(HTTP1Fault) {
    let exchange = context.takeExchange(connection)
    let framing: HTTP1Syntax.Framing
    do throws(HTTP1Fault) {
      framing = try parse(head, exchange)
    } catch {
      context.close(exchange)
      throw error
    }
    hadRequest = true
    exchange.beganAt = connection.now
    connection.begunCount &+= 1
    body = HTTP1Body(framing.body)
    skipped = 0
    if framing.closes { closesAfterReply = true }
    exchange.didReceiveHead = true
    exchange.didReceiveAll = body.isComplete
    current = exchange
    let expects = exchange.headers.contains("expect") && !body.isComplete
    context.handler.requestBegan(exchange)
    guard current === exchange else { return }
    if body.isComplete {
      if !exchange.didFinish { context.handler.requestEnded(exchange) }
    } else if expects {
      // Asked for and refused: the body may or may not come, so the connection cannot go on.
      if exchange.didSendHead {
        closesAfterReply = true
      } else {
        output.append("HTTP/1.1 100 Continue\r\n\r\n")
      }
    }
    closeIfComplete(exchange)
  }

  private func parse(_ head: UnsafeRawBufferPointer, _ exchange: Exchange) throws(HTTP1Fault)
    -> HTTP1Syntax.Framing
  {
    var isFirst = true
    try HTTP1Syntax.eachLine(head) { (line) throws(HTTP1Fault) in
      if isFirst {
        isHTTP10 = try HTTP1Request.line(line, exchange)
        isFirst = false
      } else {
        try HTTP1Syntax.field(line, into: &exchange.headers)
      }
    }
    try HTTP1Request.checkHost(exchange, isHTTP10: isHTTP10)
    let framing = try HTTP1Syntax.framing(of: exchange.headers, isHTTP10: isHTTP10)
    if let expectation = exchange.headers.index(of: "expect"),
      !exchange.headers.withValue(at: expectation, { HTTP1Syntax.equalsIgnoringCase($0, "100-continue") })
    {
      throw HTTP1Fault(status: 417)
    }
    return framing
  }

  private func readBody(_ rest: inout UnsafeRawBufferPointer) throws(HTTP1Fault) {
    guard let exchange = current else { return }
    if let piece = try body.next(&rest), piece.count > 0 {
      exchange.receivedBytes += piece.count
      if exchange.didFinish {
        skipped += piece.count
        if skipped > Limits.skippedBodyBytes { return close() }
      } else {
        exchange.unconsumed += piece.count
        context.handler.requestBody(exchange, piece)
      }
    }
    guard current === exchange else { return }
    if isUpgraded { return closeIfComplete(exchange) }
    guard body.isComplete else { return }
    exchange.didReceiveAll = true
    exchange.trailers = body.trailers
    if !exchange.didFinish { context.handler.requestEnded(exchange) }
    closeIfComplete(exchange)
  }

  /// Both directions are done: on to the next request.
  private func closeIfComplete(_ exchange: Exchange) {
    guard current === exchange, exchange.didFinish else { return }
    if closesAfterReply {
      close()
    } else if body.isComplete {
      current = nil
      context.close(exchange)
    }
  }

  // MARK: Writing

  func respond(_ status: Int, _ headers: HeaderList, body: UnsafeRawBufferPointer) {
    guard let exchange = current, !exchange.didSendHead else { return }
    begin(status, headers, exchange, length: body.count)
    if exchange.framing == .length { output.append(body) }
    complete(exchange)
  }

  func sendHead(_ status: Int, _ headers: HeaderList) {
    guard let exchange = current, !exchange.didSendHead else { return }
    begin(status, headers, exchange, length: nil)
    connection.wantFlush()
  }

  /// Answers 101; false when this connection cannot change its protocol.
  func upgrade(_ headers: HeaderList) -> Bool {
    guard let exchange = current, !exchange.didSendHead, !isHTTP10 else { return false }
    exchange.didSendHead = true
    exchange.didReceiveAll = false
    exchange.framing = .untilClose
    body = .untilClose()
    isUpgraded = true
    closesAfterReply = true
    HTTP1Writer.replyHead(output, 101, headers, date: [], own: [])
    connection.wantFlush()
    return true
  }

  private func begin(_ status: Int, _ headers: HeaderList, _ exchange: Exchange, length: Int?) {
    exchange.didSendHead = true
    let mayHaveBody = status >= 200 && status != 204 && status != 304
    var own: [(StaticString, String)] = []
    let declared = headers.withValue("content-length") { HTTP1Syntax.decimal($0) } ?? nil
    if !mayHaveBody {
      exchange.framing = .none
    } else if let count = declared ?? length {
      exchange.framing = exchange.method == .head ? .none : .length
      exchange.bodyRemaining = count
      if declared == nil { own.append(("Content-Length", String(count))) }
    } else if isHTTP10 {
      exchange.framing = exchange.method == .head ? .none : .untilClose
      closesAfterReply = true
    } else {
      exchange.framing = exchange.method == .head ? .none : .chunked
    }
    if closesAfterReply || headers.has("connection", "close") {
      closesAfterReply = true
      if !headers.contains("connection") { own.append(("Connection", "close")) }
    } else if isHTTP10 {
      own.append(("Connection", "keep-alive"))
    }
    if mayHaveBody, declared ?? length == nil, !isHTTP10 { own.append(("Transfer-Encoding", "chunked")) }
    HTTP1Writer.replyHead(output, isHTTP10: isHTTP10, status, headers, date: context.date, own: own)
  }

  func send(_ bytes: UnsafeRawBufferPointer) {
    guard let exchange = current, exchange.didSendHead, !exchange.didFinish else { return }
    switch exchange.framing {
    case .none: return
    case .untilClose: output.append(bytes)
    case .chunked: HTTP1Writer.chunk(output, bytes)
    case .length:
      let part = UnsafeRawBufferPointer(rebasing: bytes.prefix(exchange.bodyRemaining))
      exchange.bodyRemaining -= part.count
      output.append(part)
    }
    connection.wantFlush()
  }

  func finish(_ trailers: MessageStream.TrailersOut) {
    guard let exchange = current, exchange.didSendHead, !exchange.didFinish else { return }
    if exchange.framing == .chunked {
      if case .fields(let fields) = trailers {
        HTTP1Writer.lastChunk(output, fields)
      } else {
        HTTP1Writer.lastChunk(output, HeaderList())
      }
    }
    // Less than was promised: the client can only learn it from the end of the connection.
    if exchange.framing == .length, exchange.bodyRemaining > 0 { closesAfterReply = true }
    complete(exchange)
  }

  private func complete(_ exchange: Exchange) {
    exchange.didFinish = true
    connection.wantFlush()
    // Inside `process` the caller looks after it, with the exchange still in hand.
    if !isProcessing { closeIfComplete(exchange) }
  }

  /// Breaks the reply off; HTTP/1.1 has no other way than ending the connection.
  func abort() {
    isOver = true
    connection.wantFlush()
    guard let exchange = current else { return }
    current = nil
    context.close(exchange)
  }
}
