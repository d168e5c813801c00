/// Percent-encoding as `grpc-message` and request targets use it.
package enum PercentEncoding {
  private static let upperDigits: Bytes = "0123456789ABCDEF".bytes

  /// Encodes a gRPC status message: printable ASCII but `%` stays as it is.
  /// As grpc-go 1.33: internal/transport/http_util.go, encodeGrpcMessage.
  package static func grpcMessage(_ text: String) -> Bytes {
    var out = Bytes()
    out.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      if byte >= 0x20 && byte <= 0x7E && byte != 0x25 {
        out.append(byte)
      } else {
        escape(byte, into: &out)
      }
    }
    return out
  }

  /// Encodes all but letters, digits and `-_.~`, as one path segment or query value.
  package static func component(_ bytes: some Sequence<UInt8>) -> String {
    var out = Bytes()
    for byte in bytes {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F, 0x2E, 0x7E: out.append(byte)
      default: escape(byte, into: &out)
      }
    }
    return String(utf8: out)
  }

  /// Encodes a path, with its slashes kept. As Go: net/url, shouldEscape.
  package static func path(_ bytes: some Sequence<UInt8>) -> String {
    var out = Bytes()
    for byte in bytes {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: out.append(byte)
      default: "-_.~$&+,/:;=@".utf8.contains(byte) ? out.append(byte) : escape(byte, into: &out)
      }
    }
    return String(utf8: out)
  }

  /// Decodes leniently: what is no escape is taken literally (so does grpc-go with `grpc-message`).
  package static func lenientlyDecoded(_ text: some Collection<UInt8>) -> Bytes {
    inOnePiece(text) { decode($0, plusIsSpace: false, strict: false) } ?? Bytes(text)
  }

  /// Decodes strictly; nil where `%` is not followed by two hex digits. `+` is a space in queries only.
  package static func decoded(_ text: some Collection<UInt8>, plusIsSpace: Bool = false) -> Bytes? {
    inOnePiece(text) { decode($0, plusIsSpace: plusIsSpace, strict: true) }
  }

  /// Every request's path and fields come by here: the work itself is done on plain memory, whatever the kind of text.
  private static func inOnePiece(
    _ text: some Collection<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Bytes?
  ) -> Bytes? {
    if let result = text.withContiguousStorageIfAvailable(body) { return result }
    return Bytes(text).withUnsafeBufferPointer(body)
  }

  private static func decode(_ text: UnsafeBufferPointer<UInt8>, plusIsSpace: Bool, strict: Bool) -> Bytes? {
    guard text.contains(where: { $0 == 0x25 || $0 == 0x2B && plusIsSpace }) else { return Bytes(text) }
    var out = Bytes()
    out.reserveCapacity(text.count)
    var place = 0
    while place < text.count {
      let byte = text[place]
      place += 1
      if byte == 0x25 {
        if place + 1 < text.count, let high = digit(text[place]), let low = digit(text[place + 1]) {
          out.append(high << 4 | low)
          place += 2
        } else if strict {
          return nil
        } else {
          out.append(byte)
        }
      } else {
        out.append(byte == 0x2B && plusIsSpace ? 0x20 : byte)
      }
    }
    return out
  }

  private static func escape(_ byte: UInt8, into out: inout Bytes) {
    out.append(0x25)
    out.append(upperDigits[Int(byte >> 4)])
    out.append(upperDigits[Int(byte & 15)])
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }
}
