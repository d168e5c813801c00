/// Base64 with padding and the standard alphabet.
package enum Base64 {
  private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

  package static func encode(_ content: Bytes) -> String {
    var out = Bytes()
    encode(content, into: &out)
    return String(utf8: out)
  }

  package static func encode(_ content: Bytes, into out: inout Bytes) {
    let length = (content.count + 2) / 3 * 4
    out += Bytes(unsafeUninitializedCapacity: length) { buffer, count in
      content.withUnsafeBufferPointer { encode($0, into: buffer) }
      count = length
    }
  }

  private static func encode(_ content: UnsafeBufferPointer<UInt8>, into out: UnsafeMutableBufferPointer<UInt8>)
  {
    let digits = alphabet.utf8Start
    var place = 0
    for index in stride(from: 0, to: content.count, by: 3) {
      let left = content.count - index
      let a = UInt32(content[index])
      let b = left > 1 ? UInt32(content[index + 1]) : 0
      let c = left > 2 ? UInt32(content[index + 2]) : 0
      let word = a << 16 | b << 8 | c
      out[place] = digits[Int(word >> 18)]
      out[place + 1] = digits[Int(word >> 12 & 63)]
      out[place + 2] = left > 1 ? digits[Int(word >> 6 & 63)] : 0x3d
      out[place + 3] = left > 2 ? digits[Int(word & 63)] : 0x3d
      place += 4
    }
  }

  /// Where a text stopped being base64, counted as Go's encoding/base64 counts.
  package struct Malformed: Error, Equatable, CustomStringConvertible {
    package var offset: Int
    package var description: String { "illegal base64 data at input byte \(offset)" }
  }

  /// The bytes behind `text`. Padding is required, line ends are passed over, bits left over are ignored; all
  /// as Go's StdEncoding.
  package static func decode(_ text: String) throws(Malformed) -> Bytes {
    let source = Bytes(text.utf8)
    var out = Bytes()
    out.reserveCapacity(source.count / 4 * 3)
    var word: UInt32 = 0
    var digits = 0
    var index = 0
    while index < source.count {
      let character = source[index]
      if character == 0x0a || character == 0x0d {
        index += 1
        continue
      }
      if character == 0x3d {
        try finish(source, padding: index, digits: digits)
        appendRest(of: word, digits: digits, to: &out)
        return out
      }
      guard let value = digit(character) else { throw Malformed(offset: index) }
      word = word << 6 | UInt32(value)
      digits += 1
      index += 1
      if digits == 4 {
        out.append(UInt8(truncatingIfNeeded: word >> 16))
        out.append(UInt8(truncatingIfNeeded: word >> 8))
        out.append(UInt8(truncatingIfNeeded: word))
        word = 0
        digits = 0
      }
    }
    guard digits == 0 else { throw Malformed(offset: index - digits) }
    return out
  }

  private static func appendRest(of word: UInt32, digits: Int, to out: inout Bytes) {
    if digits == 2 { return out.append(UInt8(truncatingIfNeeded: word >> 4)) }
    out.append(UInt8(truncatingIfNeeded: word >> 10))
    out.append(UInt8(truncatingIfNeeded: word >> 2))
  }

  /// Checks what stands from the first `=` on.
  private static func finish(_ source: Bytes, padding: Int, digits: Int) throws(Malformed) {
    guard digits >= 2 else { throw Malformed(offset: padding) }
    var index = padding + 1
    func passLineEnds() {
      while index < source.count, source[index] == 0x0a || source[index] == 0x0d { index += 1 }
    }
    if digits == 2 {
      passLineEnds()
      guard index < source.count else { throw Malformed(offset: source.count) }
      guard source[index] == 0x3d else { throw Malformed(offset: index - 1) }
      index += 1
    }
    passLineEnds()
    guard index == source.count else { throw Malformed(offset: index) }
  }

  private static func digit(_ character: UInt8) -> UInt8? {
    switch character {
    case 0x41...0x5a: character - 0x41
    case 0x61...0x7a: character - 0x61 + 26
    case 0x30...0x39: character - 0x30 + 52
    case 0x2b: 62
    case 0x2f: 63
    default: nil
    }
  }
}
