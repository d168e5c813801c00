import Base

/// The parts of a request's head that a reply does not have.
enum HTTP1Request {
  /// Reads `METHOD target HTTP/1.x`; true for HTTP/1.0.
  static func line(_ line: UnsafeRawBufferPointer, _ exchange: Exchange) throws(HTTP1Fault) -> Bool {
    guard let first = line.firstIndex(of: 0x20), let last = line.lastIndex(of: 0x20), last > first + 1,
      first > 0
    else { throw .badRequest }
    let method = UnsafeRawBufferPointer(rebasing: line[..<first])
    let target = UnsafeRawBufferPointer(rebasing: line[(first + 1)..<last])
    guard method.allSatisfy(HTTP1Syntax.isTokenCharacter), target.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
      throw .badRequest
    }
    let isHTTP10 = try version(UnsafeRawBufferPointer(rebasing: line[(last + 1)...]))
    exchange.method = Method(method)
    exchange.methodText.append(contentsOf: method)
    try split(target, exchange)
    return isHTTP10
  }

  private static func version(_ text: UnsafeRawBufferPointer) throws(HTTP1Fault) -> Bool {
    if text.elementsEqual("HTTP/1.1".utf8) { return false }
    if text.elementsEqual("HTTP/1.0".utf8) { return true }
    let isVersion =
      text.count == 8 && text.prefix(5).elementsEqual("HTTP/".utf8) && text[6] == 0x2E
      && (0x30...0x39).contains(text[5]) && (0x30...0x39).contains(text[7])
    throw isVersion ? HTTP1Fault(status: 505, detail: "unsupported protocol version") : .badRequest
  }

  /// A path, `*`, or an absolute URL whose host then stands for the `Host` field.
  private static func split(_ target: UnsafeRawBufferPointer, _ exchange: Exchange) throws(HTTP1Fault) {
    if target.first == 0x2F || target.elementsEqual("*".utf8) {
      exchange.target.append(contentsOf: target)
      return
    }
    for scheme in ["http://", "https://"]
    where target.count > scheme.utf8.count && target.prefix(scheme.utf8.count).elementsEqual(scheme.utf8) {
      let rest = target[scheme.utf8.count...]
      let end = rest.firstIndex { $0 == 0x2F || $0 == 0x3F } ?? rest.endIndex
      guard end > rest.startIndex else { throw .badRequest }
      exchange.authority.append(contentsOf: rest[..<end])
      if end == rest.endIndex || rest[end] == 0x3F { exchange.target.append(0x2F) }
      exchange.target.append(contentsOf: rest[end...])
      return
    }
    throw .badRequest
  }

  /// Exactly one `Host` under HTTP/1.1, of characters a host may have.
  static func checkHost(_ exchange: Exchange, isHTTP10: Bool) throws(HTTP1Fault) {
    guard let index = exchange.headers.index(of: "host") else {
      if isHTTP10 { return }
      throw HTTP1Fault(status: 400, detail: "missing required Host header")
    }
    guard exchange.headers.index(of: "host", from: index + 1) == nil else {
      throw HTTP1Fault(status: 400, detail: "too many Host headers")
    }
    let isHost = exchange.headers.withValue(at: index) { host in
      guard host.allSatisfy(isHostCharacter) else { return false }
      if exchange.authority.isEmpty { exchange.authority.append(contentsOf: host) }
      return true
    }
    guard isHost else { throw HTTP1Fault(status: 400, detail: "malformed Host header") }
  }

  /// As Go: golang.org/x/net/http/httpguts, ValidHostHeader.
  private static func isHostCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "!$%&'()*+,-.:;=[]_~".utf8.contains(byte)
    }
  }
}
