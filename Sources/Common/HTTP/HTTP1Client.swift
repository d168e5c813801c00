import Base

/// The HTTP/1.1 side of one connection to a server: one call at a time, again and again.
final class HTTP1Client {
  private unowned(unsafe) let connection: ClientConnection
  private var output: OutputBuffer { connection.output }
  /// Part of a reply's head.
  private var held = Bytes()
  private var scan = HTTP1Syntax.Scan()
  private var current: Call?
  private var body = HTTP1Body.empty
  private var closesAfterReply = false
  private(set) var isOver = false

  init(_ connection: ClientConnection) { self.connection = connection }

  var isBusy: Bool { current != nil }
  var isFree: Bool { current == nil && !isOver }
  var wantsRead: Bool { (current?.unconsumed ?? 0) < Int(Limits.streamWindowBytes) }

  // MARK: The request

  func start(_ request: Request, _ call: Call) -> Bool {
    current = call
    call.isHead = request.method == "HEAD"
    var own: [(StaticString, String)] = []
    switch request.body {
    case .none:
      // Go sends a length for methods that usually have a body.
      let method = request.method
      if method == "POST" || method == "PUT" || method == "PATCH", !request.headers.contains("content-length") {
        own.append(("Content-Length", "0"))
      }
      call.didFinish = true
    case .bytes(let bytes):
      if !request.headers.contains("content-length") { own.append(("Content-Length", String(bytes.count))) }
      call.didFinish = true
    case .streamed:
      call.isChunked = !request.headers.contains("content-length")
      if call.isChunked { own.append(("Transfer-Encoding", "chunked")) }
    }
    closesAfterReply = request.headers.has("connection", "close")
    HTTP1Writer.requestHead(output, request, own: own)
    if case .bytes(let bytes) = request.body { output.append(bytes) }
    return true
  }

  func bodyGrew(_ call: Call) {
    guard call === current else { return }
    if call.isChunked {
      HTTP1Writer.chunk(output, call.pending.unsent)
    } else {
      output.append(call.pending.unsent)
    }
    call.pending.removeAll()
  }

  func bodyEnded(_ call: Call) {
    guard call === current else { return }
    if call.isChunked { HTTP1Writer.lastChunk(output, HeaderList()) }
  }

  func flush() {
    guard let current, current.isBlocked, output.count <= Limits.outputLowWaterBytes else { return }
    current.isBlocked = false
    current.handler?.callDrained(current)
  }

  // MARK: The reply

  func receive(_ bytes: UnsafeRawBufferPointer) {
    guard !isOver else { return }
    guard current != nil else { return close(.malformed("unsolicited response"), atEnd: false) }
    if held.isEmpty { return process(bytes) }
    var input = Bytes()
    swap(&input, &held)
    input.append(contentsOf: bytes)
    input.withUnsafeBytes { process($0) }
  }

  private func process(_ input: UnsafeRawBufferPointer) {
    var rest = input
    do throws(HTTP1Fault) {
      while let call = current, rest.count > 0 {
        if !call.didReceiveHead {
          guard try readHead(&rest, call) else {
            held = Bytes(rest)
            return
          }
        } else {
          try readBody(&rest, call)
        }
      }
      if rest.count > 0, !isOver { isOver = true }  // more than one reply to one request
    } catch {
      close(.malformed(error.detail.isEmpty ? "malformed HTTP response" : error.detail), atEnd: false)
    }
  }

  private func readHead(_ rest: inout UnsafeRawBufferPointer, _ call: Call) throws(HTTP1Fault) -> Bool {
    guard let count = try HTTP1Syntax.headCount(rest, &scan) else { return false }
    scan = HTTP1Syntax.Scan()
    let head = UnsafeRawBufferPointer(rebasing: rest[..<count])
    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    let isHTTP10 = try parse(head, call)
    if call.status < 200, call.status != 101 {
      call.headers.removeAll()
      return true
    }
    let framing = try HTTP1Syntax.framing(of: call.headers, isHTTP10: isHTTP10)
    if framing.closes { closesAfterReply = true }
    if call.isHead || call.status == 204 || call.status == 304 {
      body = .empty
    } else if framing.body == .none, !framing.hasLength {
      body = .untilClose()
      closesAfterReply = true
    } else {
      body = HTTP1Body(framing.body)
    }
    call.didReceiveHead = true
    call.handler?.callBegan(call)
    if current === call, body.isComplete { complete(call) }
    return true
  }

  private func parse(_ head: UnsafeRawBufferPointer, _ call: Call) throws(HTTP1Fault) -> Bool {
    var isFirst = true
    var isHTTP10 = false
    try HTTP1Syntax.eachLine(head) { (line) throws(HTTP1Fault) in
      if isFirst {
        isFirst = false
        isHTTP10 = try statusLine(line, call)
      } else {
        try HTTP1Syntax.field(line, into: &call.headers)
      }
    }
    if isFirst { throw .badRequest }
    return isHTTP10
  }

  /// `HTTP/1.x NNN reason`; the reason may be anything or missing.
  private func statusLine(_ line: UnsafeRawBufferPointer, _ call: Call) throws(HTTP1Fault) -> Bool {
    guard line.count >= 12, line.prefix(7).elementsEqual("HTTP/1.".utf8), line[7] == 0x31 || line[7] == 0x30,
      line[8] == 0x20, line.count == 12 || line[12] == 0x20,
      let status = HTTP1Syntax.decimal(UnsafeRawBufferPointer(rebasing: line[9..<12])), status >= 100
    else { throw HTTP1Fault(status: 0, detail: "malformed HTTP response \"\(String(utf8: line.prefix(64)))\"") }
    call.status = status
    return line[7] == 0x30
  }

  private func readBody(_ rest: inout UnsafeRawBufferPointer, _ call: Call) throws(HTTP1Fault) {
    if let piece = try body.next(&rest), piece.count > 0 {
      call.unconsumed += piece.count
      call.handler?.callBody(call, piece)
    }
    if current === call, body.isComplete {
      call.trailers = body.trailers
      complete(call)
    }
  }

  private func complete(_ call: Call) {
    // A reply before the end of its request leaves the connection in the middle of that.
    if closesAfterReply || !call.didFinish { isOver = true }
    current = nil
    call.didReceiveAll = true
    connection.end(call)
    connection.changed()
  }

  /// Ends the connection; `atEnd` when the peer has ended its direction in good order.
  func close(_ failure: CallFailure, atEnd: Bool) {
    isOver = true
    held = []
    guard let call = current else { return }
    current = nil
    if atEnd { body.connectionEnded() }
    if atEnd, call.didReceiveHead, body.isComplete {
      call.didReceiveAll = true
      connection.end(call)
    } else {
      connection.fail(call, failure)
    }
    connection.changed()
  }
}
