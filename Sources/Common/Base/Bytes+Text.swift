extension String {
  /// The text's UTF-8 bytes.
  package var bytes: Bytes { Bytes(utf8) }

  /// Text from bytes, with a replacement character where they are no UTF-8.
  package init(utf8 bytes: some Collection<UInt8>) { self = String(decoding: bytes, as: UTF8.self) }
}

extension String {
  /// Whether this is a path with a slash in front and nothing empty or dotted behind one, as nearly every path is: Go's
  /// `path.Clean` would leave it as it is but for a slash at its end.
  package var isCleanPath: Bool {
    guard utf8.first == UInt8(ascii: "/") else { return false }
    var isAfterSlash = false
    for byte in utf8 {
      if isAfterSlash, byte == UInt8(ascii: "/") || byte == UInt8(ascii: ".") { return false }
      isAfterSlash = byte == UInt8(ascii: "/")
    }
    return true
  }
}

extension StaticString {
  /// The text's UTF-8 bytes, in place.
  @inline(__always)
  package var raw: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: utf8Start, count: utf8CodeUnitCount) }
}

private let hexDigits: Bytes = "0123456789abcdef".bytes

/// Lower-case hex, two digits a byte.
package func hex(_ bytes: some Sequence<UInt8>) -> String {
  var out = Bytes()
  for byte in bytes {
    out.append(hexDigits[Int(byte >> 4)])
    out.append(hexDigits[Int(byte & 15)])
  }
  return String(utf8: out)
}

/// Bytes from hex digits; nil where a character is none or one is missing.
package func bytes(hex text: some StringProtocol) -> Bytes? {
  var out = Bytes()
  var high: UInt8?
  for character in text.utf8 where character != 0x20 {
    let digit: UInt8
    switch character {
    case 0x30...0x39: digit = character - 0x30
    case 0x61...0x66: digit = character - 0x61 + 10
    case 0x41...0x46: digit = character - 0x41 + 10
    default: return nil
    }
    if let h = high {
      out.append(h << 4 | digit)
      high = nil
    } else {
      high = digit
    }
  }
  return high == nil ? out : nil
}

/// Sixteen digits with leading zeros, as in the names of log and snapshot files.
package func hex16(_ value: UInt64) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.utf8.count) + digits
}

/// Compares bytes as etcd orders keys: bytewise, a prefix first.
package func lexicallyPrecedes(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
  compareBytes(a, b) < 0
}
