import Base
import Glibc

/// Why HTTP/1.1 input was refused: the status, and the text after it as Go's server words it.
struct HTTP1Fault: Error, Equatable {
  var status: Int
  var detail: String = ""

  static let badRequest = HTTP1Fault(status: 400)
  static let headTooLarge = HTTP1Fault(status: 431)
}

/// The grammar of HTTP/1.1 (RFC 9112), strictly: what two parsers could read differently is refused.
enum HTTP1Syntax {
  /// Where the search for a head's end stands, so that dribbled bytes are looked at once.
  struct Scan {
    var lineStart = 0
    var position = 0
  }

  /// Length of the head including its empty line; nil while that has not come. Lines must end in CR LF.
  static func headCount(_ bytes: UnsafeRawBufferPointer, _ scan: inout Scan) throws(HTTP1Fault) -> Int? {
    while scan.position < bytes.count, let base = bytes.baseAddress,
      let found = memchr(base + scan.position, 0x0A, bytes.count - scan.position)
    {
      let end = UnsafeRawPointer(found) - base
      guard end > scan.lineStart, bytes[end - 1] == 0x0D else { throw .badRequest }
      if end == scan.lineStart + 1 { return end + 1 }
      scan.lineStart = end + 1
      scan.position = end + 1
    }
    scan.position = bytes.count
    if bytes.count > Limits.headerListBytes { throw .headTooLarge }
    return nil
  }

  /// Calls `line` with each line of a head, without its CR LF; the empty last one is left out.
  static func eachLine(
    _ head: UnsafeRawBufferPointer, _ line: (UnsafeRawBufferPointer) throws(HTTP1Fault) -> Void
  ) throws(HTTP1Fault) {
    var start = 0
    while start < head.count - 2, let base = head.baseAddress {
      guard let found = memchr(base + start, 0x0A, head.count - start) else { throw .badRequest }
      let end = UnsafeRawPointer(found) - base
      try line(UnsafeRawBufferPointer(rebasing: head[start..<(end - 1)]))
      start = end + 1
    }
  }

  /// Splits a field line. No space before the colon, no folding, no control characters.
  static func field(_ line: UnsafeRawBufferPointer, into list: inout HeaderList) throws(HTTP1Fault) {
    guard let base = line.baseAddress, let found = memchr(base, 0x3A, line.count) else { throw .badRequest }
    let colon = UnsafeRawPointer(found) - base
    guard colon > 0 else { throw .badRequest }
    let name = UnsafeRawBufferPointer(rebasing: line[..<colon])
    guard name.allSatisfy(isTokenCharacter) else {
      throw HTTP1Fault(status: 400, detail: "invalid header name")
    }
    let value = trimmed(UnsafeRawBufferPointer(rebasing: line[(colon + 1)...]))
    guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
      throw HTTP1Fault(status: 400, detail: "invalid header value")
    }
    list.add(lowercasing: name, value: value)
    if list.listBytes > Limits.headerListBytes { throw .headTooLarge }
  }

  static func trimmed(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var start = 0
    var end = text.count
    while start < end, text[start] == 0x20 || text[start] == 0x09 { start += 1 }
    while end > start, text[end - 1] == 0x20 || text[end - 1] == 0x09 { end -= 1 }
    return UnsafeRawBufferPointer(rebasing: text[start..<end])
  }

  static func isTokenCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    case 0x21, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: true
    default: false
    }
  }

  /// How the body of a message is delimited, and whether the connection may be used again.
  struct Framing: Equatable {
    enum Body: Equatable { case none, length(Int), chunked }
    var body = Body.none
    var hasLength = false
    var closes = false
    var keepsAlive = false
  }

  /// Reads the fields that decide the framing. Both a length and a transfer encoding, two lengths, or a length
  /// that is no plain number are refused: they are how requests are smuggled.
  static func framing(of headers: HeaderList, isHTTP10: Bool) throws(HTTP1Fault) -> Framing {
    var result = Framing()
    let lengths = headers.index(of: "content-length")
    if let encoding = headers.index(of: "transfer-encoding") {
      guard lengths == nil, headers.index(of: "transfer-encoding", from: encoding + 1) == nil, !isHTTP10 else {
        throw .badRequest
      }
      guard headers.withValue(at: encoding, { equalsIgnoringCase($0, "chunked") }) else {
        throw HTTP1Fault(status: 501, detail: "Unsupported transfer encoding")
      }
      result.body = .chunked
    } else if let lengths {
      guard headers.index(of: "content-length", from: lengths + 1) == nil,
        let count = headers.withValue(at: lengths, { decimal($0) })
      else { throw .badRequest }
      result.hasLength = true
      if count > 0 { result.body = .length(count) }
    }
    eachToken(of: "connection", in: headers) { token in
      if equalsIgnoringCase(token, "close") { result.closes = true }
      if equalsIgnoringCase(token, "keep-alive") { result.keepsAlive = true }
    }
    if isHTTP10, !result.keepsAlive { result.closes = true }
    return result
  }

  /// Calls `body` with each element of a comma-separated field.
  static func eachToken(of name: String, in headers: HeaderList, _ body: (UnsafeRawBufferPointer) -> Void) {
    var from = 0
    while let index = headers.index(of: name, from: from) {
      headers.withValue(at: index) { value in
        for part in value.split(separator: 0x2C) { body(trimmed(UnsafeRawBufferPointer(rebasing: part))) }
      }
      from = index + 1
    }
  }

  static func equalsIgnoringCase(_ bytes: UnsafeRawBufferPointer, _ lowercase: StaticString) -> Bool {
    guard bytes.count == lowercase.utf8CodeUnitCount else { return false }
    for index in 0..<bytes.count {
      let byte = bytes[index]
      let lowered = byte &- 0x41 < 26 ? byte | 0x20 : byte
      if lowered != lowercase.utf8Start[index] { return false }
    }
    return true
  }

  /// A number of at most 18 digits and nothing else.
  static func decimal(_ text: UnsafeRawBufferPointer) -> Int? {
    guard text.count > 0, text.count <= 18 else { return nil }
    var number = 0
    for byte in text {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      number = number * 10 + Int(byte - 0x30)
    }
    return number
  }
}
