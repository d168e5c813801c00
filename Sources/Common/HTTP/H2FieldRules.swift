import Base
import CNghttp2

/// Decides whether the fields and the body of one HTTP/2 request are well formed (RFC 9113, section 8).
///
/// nghttp2 has such rules too, but all or none of them can be had: it refuses an `:authority` that is no host and
/// port, and clients of Go send a whole URL there (`etcdctl --endpoints http://127.0.0.1:2379`). So servers switch
/// them off and ask here. Where the RFC leaves room this does as Go's server: net/http2, readMetaFrame and
/// newWriterAndRequest. Once broken a request stays broken.
struct H2FieldRules {
  private(set) var isMalformed = false
  private var seen = Seen()
  /// Body bytes that `content-length` still promises; -1 without one.
  private var owed = -1

  private struct Seen: OptionSet {
    var rawValue: UInt8
    static let method = Seen(rawValue: 1)
    static let scheme = Seen(rawValue: 2)
    static let path = Seen(rawValue: 4)
    static let authority = Seen(rawValue: 8)
    static let host = Seen(rawValue: 16)
    static let regular = Seen(rawValue: 32)
    static let options = Seen(rawValue: 64)
    static let asterisk = Seen(rawValue: 128)
    static let required: Seen = [.method, .scheme, .path]
  }

  /// Looks at the next field; false when the request is malformed.
  mutating func field(
    _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, isTrailer: Bool
  ) -> Bool {
    if isMalformed { return false }
    let isGood: Bool
    if name.first == 0x3A {
      isGood = !isTrailer && !seen.contains(.regular) && pseudo(name, value)
    } else {
      seen.insert(.regular)
      isGood =
        nghttp2_check_header_name(start(name), name.count) != 0
        && nghttp2_check_header_value(start(value), value.count) != 0 && regular(name, value, isTrailer)
    }
    isMalformed = !isGood
    return isGood
  }

  /// The block of fields is complete; false when the request is malformed. `isEnd`: no body follows, or no more.
  mutating func blockEnds(isTrailer: Bool, isEnd: Bool) -> Bool {
    if isTrailer {
      if !isEnd { isMalformed = true }
    } else if !seen.isSuperset(of: .required) || seen.contains(.asterisk) && !seen.contains(.options) {
      isMalformed = true
    }
    return isEnd ? bodyEnds() : !isMalformed
  }

  /// Body bytes arrived; false when they are more than were announced.
  mutating func body(_ count: Int) -> Bool {
    guard owed >= 0 else { return !isMalformed }
    if count > owed { isMalformed = true } else { owed -= count }
    return !isMalformed
  }

  /// The body is complete; false when it is shorter than announced.
  mutating func bodyEnds() -> Bool {
    if owed > 0 { isMalformed = true }
    return !isMalformed
  }

  private mutating func pseudo(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool {
    if equal(name, ":path") {
      if equal(value, "*") { seen.insert(.asterisk) }
      return seen.insert(.path).inserted && (value.first == 0x2F || seen.contains(.asterisk))
        && nghttp2_check_path(start(value), value.count) != 0
    }
    if equal(name, ":method") {
      if equal(value, "OPTIONS") { seen.insert(.options) }
      // CONNECT asks for a tunnel, and there is none here.
      return seen.insert(.method).inserted && nghttp2_check_method(start(value), value.count) != 0
        && !equal(value, "CONNECT")
    }
    if equal(name, ":scheme") { return seen.insert(.scheme).inserted && isScheme(value) }
    if equal(name, ":authority") { return seen.insert(.authority).inserted && isVisible(value) }
    return false
  }

  /// Fields with a meaning of their own; those of HTTP/1.1's connections have none here (RFC 9113, 8.2.2).
  private mutating func regular(
    _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ isTrailer: Bool
  ) -> Bool {
    switch name.count {
    case 2 where equal(name, "te"): HTTP1Syntax.equalsIgnoringCase(value, "trailers")
    case 4 where equal(name, "host"): seen.insert(.host).inserted && isVisible(value)
    case 7: !equal(name, "upgrade")
    case 10: !equal(name, "connection") && !equal(name, "keep-alive")
    case 14 where equal(name, "content-length"): !isTrailer && announce(value)
    case 16: !equal(name, "proxy-connection")
    case 17: !equal(name, "transfer-encoding")
    default: true
    }
  }

  private mutating func announce(_ value: UnsafeRawBufferPointer) -> Bool {
    guard owed < 0, let count = HTTP1Syntax.decimal(value) else { return false }
    owed = count
    return true
  }
}

private func start(_ bytes: UnsafeRawBufferPointer) -> UnsafePointer<UInt8>? {
  bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
}

private func equal(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
  bytes.count == text.utf8CodeUnitCount
    && compareBytes(bytes, UnsafeRawBufferPointer(start: text.utf8Start, count: bytes.count)) == 0
}

/// Visible ASCII and nothing else. Not a host: the name a client dialled may be anything.
private func isVisible(_ text: UnsafeRawBufferPointer) -> Bool {
  for byte in text where byte &- 0x21 > 0x5D { return false }
  return true
}

/// A letter, then letters, digits, `+`, `-` and `.` (RFC 3986, 3.1).
private func isScheme(_ text: UnsafeRawBufferPointer) -> Bool {
  guard let first = text.first, (first | 0x20) &- 0x61 < 26 else { return false }
  for byte in text {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x2E: continue
    default: return false
    }
  }
  return true
}
