import Base

/// The server's half of WebSocket (RFC 6455) without sockets: the handshake, and frames to write.
package enum WebSocket {
  /// What a request that asks for WebSocket gets.
  package enum Handshake {
    /// The request does not ask for it.
    case notAsked
    case accepted(HeaderList)
    /// HTTP status.
    case refused(Int)
  }

  package enum Opcode: UInt8, Sendable {
    case continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10
  }

  /// Why a connection ends, as its close frame says.
  package struct CloseCode: RawRepresentable, Equatable, Sendable {
    package var rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }
    package static let normal = CloseCode(rawValue: 1000)
    package static let protocolError = CloseCode(rawValue: 1002)
    package static let unexpected = CloseCode(rawValue: 1011)
  }

  private static let guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11".bytes

  /// Judges a request. As gorilla/websocket: server.go, Upgrade; any origin is taken, as etcd 3.4 does.
  package static func handshake(_ exchange: Exchange) -> Handshake {
    let headers = exchange.headers
    guard !exchange.isHTTP2, holds(headers, "connection", "upgrade"), holds(headers, "upgrade", "websocket")
    else {
      return .notAsked
    }
    guard exchange.method == .get else { return .refused(405) }
    guard headers.has("sec-websocket-version", "13"), let key = headers["sec-websocket-key"], isKey(key),
      exchange.didReceiveAll
    else { return .refused(400) }
    return .accepted([
      "upgrade": "websocket", "connection": "Upgrade", "sec-websocket-accept": answer(toKey: key),
    ])
  }

  /// Sixteen bytes in base64.
  private static func isKey(_ key: String) -> Bool {
    guard key.utf8.count == 24, let bytes = try? Base64.decode(key) else { return false }
    return bytes.count == 16
  }

  static func answer(toKey key: String) -> String { Base64.encode(SHA1.digest(key.bytes + guid)) }

  private static func holds(_ headers: HeaderList, _ name: String, _ token: StaticString) -> Bool {
    var found = false
    HTTP1Syntax.eachToken(of: name, in: headers) {
      if HTTP1Syntax.equalsIgnoringCase($0, token) { found = true }
    }
    return found
  }

  /// Writes one frame; a server's are not masked. A message may be cut into frames: all but the first are continuations, the
  /// last is final.
  package static func append(
    _ opcode: Opcode, _ payload: UnsafeRawBufferPointer, isFinal: Bool = true, to output: inout ByteWriter
  ) {
    output.append((isFinal ? 0x80 : 0) | opcode.rawValue)
    switch payload.count {
    case ..<126: output.append(UInt8(payload.count))
    case ...0xffff:
      output.append(126 as UInt8)
      output.append(bigEndian: UInt16(payload.count))
    default:
      output.append(127 as UInt8)
      output.append(bigEndian: UInt64(payload.count))
    }
    output.append(payload)
  }

  package static func appendClose(_ code: CloseCode, to output: inout ByteWriter) {
    withUnsafeBytes(of: code.rawValue.bigEndian) { append(.close, $0, to: &output) }
  }
}

/// Reads a client's frames, however they are cut. Payloads are lent unmasked in pieces, so that a frame of any length costs
/// no more memory than one read.
///
/// Strict: what RFC 6455 forbids ends the connection. Texts are not checked to be UTF-8; who reads them does that.
package struct WebSocketReader {
  package enum Event {
    /// A piece of a message.
    case data(UnsafeRawBufferPointer)
    /// The message under way is complete.
    case messageEnd
    /// To be answered by a pong with the same bytes.
    case ping(Bytes)
    /// The client ends the connection; nothing that follows is looked at. Nil: without saying why.
    case close(WebSocket.CloseCode?)
  }
  package struct Violation: Error, Equatable, Sendable {}

  private enum State: Equatable { case head, payload, closed }

  private var state = State.head
  /// Bytes of a frame's head, at most fourteen, and of a control frame's payload, at most 125.
  private var held = Bytes()
  private var opcode = WebSocket.Opcode.continuation
  private var isFinal = false
  /// Payload bytes of the frame still to come, and the place in its mask.
  private var left: UInt64 = 0
  private var mask: (UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0)
  private var maskPlace = 0
  /// A message was begun by a frame that was not its last.
  private var isInMessage = false

  package init() {}

  package mutating func receive(
    _ bytes: UnsafeRawBufferPointer, _ each: (Event) -> Void
  ) throws(Violation) {
    var rest = bytes
    while state != .closed {
      if state == .head {
        guard try readHead(&rest) else { return }
      }
      guard left == 0 || rest.count > 0 else { return }
      let count = Int(min(left, UInt64(rest.count)))
      let piece = UnsafeRawBufferPointer(rebasing: rest[..<count])
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      left -= UInt64(count)
      take(piece, each)
      if left == 0 {
        state = .head
        try frameEnds(each)
      }
    }
  }

  /// True when a frame's head is complete and understood.
  private mutating func readHead(_ rest: inout UnsafeRawBufferPointer) throws(Violation) -> Bool {
    while held.count < headCount {
      guard let byte = rest.first else { return false }
      held.append(byte)
      rest = UnsafeRawBufferPointer(rebasing: rest[1...])
      if held.count == 2 { try checkStart() }
    }
    let short = held[1] & 0x7f
    let lengthBytes = short == 126 ? 2 : short == 127 ? 8 : 0
    left = held[2..<2 + lengthBytes].reduce(0) { $0 << 8 | UInt64($1) }
    if lengthBytes == 0 { left = UInt64(short) }
    // The shortest form only, and no more than 63 bits.
    if lengthBytes == 2, left < 126 { throw Violation() }
    if lengthBytes == 8, left <= 0xffff || left >> 63 != 0 { throw Violation() }
    let at = 2 + lengthBytes
    mask = (held[at], held[at + 1], held[at + 2], held[at + 3])
    maskPlace = 0
    held.removeAll(keepingCapacity: true)
    state = .payload
    return true
  }

  private var headCount: Int {
    guard held.count >= 2 else { return 2 }
    switch held[1] & 0x7f {
    case 126: return 8
    case 127: return 14
    default: return 6
    }
  }

  /// The first two bytes: flags, opcode, mask, length.
  private mutating func checkStart() throws(Violation) {
    guard held[0] & 0x70 == 0, held[1] & 0x80 != 0, let opcode = WebSocket.Opcode(rawValue: held[0] & 0x0f)
    else {
      throw Violation()
    }
    isFinal = held[0] & 0x80 != 0
    self.opcode = opcode
    switch opcode {
    case .close, .ping, .pong: guard isFinal, held[1] & 0x7f <= 125 else { throw Violation() }
    case .continuation: guard isInMessage else { throw Violation() }
    case .text, .binary: guard !isInMessage else { throw Violation() }
    }
  }

  private mutating func take(_ piece: UnsafeRawBufferPointer, _ each: (Event) -> Void) {
    guard piece.count > 0 else { return }
    let place = maskPlace
    maskPlace = (place + piece.count) & 3
    Self.unmask(piece, mask, place) { plain in
      switch opcode {
      case .close, .ping, .pong: held.append(contentsOf: plain)
      case .text, .binary, .continuation: each(.data(plain))
      }
    }
  }

  private static func unmask(
    _ piece: UnsafeRawBufferPointer, _ mask: (UInt8, UInt8, UInt8, UInt8), _ place: Int,
    _ body: (UnsafeRawBufferPointer) -> Void
  ) {
    withUnsafeTemporaryAllocation(byteCount: piece.count, alignment: 1) { plain in
      withUnsafeBytes(of: mask) { mask in
        for index in 0..<piece.count { plain[index] = piece[index] ^ mask[(place + index) & 3] }
      }
      body(UnsafeRawBufferPointer(plain))
    }
  }

  private mutating func frameEnds(_ each: (Event) -> Void) throws(Violation) {
    var content = Bytes()
    swap(&content, &held)
    switch opcode {
    case .text, .binary, .continuation:
      isInMessage = !isFinal
      if isFinal { each(.messageEnd) }
    case .ping: each(.ping(content))
    case .pong: break
    case .close:
      let code = try Self.closeCode(content)
      state = .closed
      each(.close(code))
    }
  }

  /// The codes that may travel (RFC 6455, 7.4), and a reason that is UTF-8.
  private static func closeCode(_ content: Bytes) throws(Violation) -> WebSocket.CloseCode? {
    if content.isEmpty { return nil }
    guard content.count >= 2 else { throw Violation() }
    let code = UInt16(content[0]) << 8 | UInt16(content[1])
    switch code {
    case 1000...1003, 1007...1014, 3000...4999: break
    default: throw Violation()
    }
    guard String(validating: content[2...], as: UTF8.self) != nil else { throw Violation() }
    return WebSocket.CloseCode(rawValue: code)
  }
}
