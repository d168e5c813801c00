/// Base64 with padding and the standard alphabet.
package enum Base64 {
  private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

  package static func encode(_ content: Bytes) -> String {
    var out = Bytes()
    encode(content, into: &out)
    return String(utf8: out)
  }

  package static func encode(_ content: Bytes, into out: inout Bytes) {
    let length = encodedCount(content.count)
    out += Bytes(unsafeUninitializedCapacity: length) { buffer, count in
      content.withUnsafeBytes { encode($0, into: UnsafeMutableRawBufferPointer(buffer)) }
      count = length
    }
  }

  /// How many characters `count` bytes take, padding included.
  package static func encodedCount(_ count: Int) -> Int { (count + 2) / 3 * 4 }

  /// Writes the characters of `content` into memory of exactly their number.
  package static func encode(_ content: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer) {
    invariant(out.count == encodedCount(content.count), "memory for base64 of another size")
    guard let source = content.baseAddress, let target = out.baseAddress else { return }
    let digits = alphabet.utf8Start
    var place = target.assumingMemoryBound(to: UInt8.self)
    var next = source.assumingMemoryBound(to: UInt8.self)
    for _ in 0..<content.count / 3 {
      let word = UInt32(next[0]) << 16 | UInt32(next[1]) << 8 | UInt32(next[2])
      place[0] = digits[Int(word >> 18)]
      place[1] = digits[Int(word >> 12 & 63)]
      place[2] = digits[Int(word >> 6 & 63)]
      place[3] = digits[Int(word & 63)]
      next += 3
      place += 4
    }
    let left = content.count % 3
    guard left > 0 else { return }
    let word = UInt32(next[0]) << 16 | (left > 1 ? UInt32(next[1]) << 8 : 0)
    place[0] = digits[Int(word >> 18)]
    place[1] = digits[Int(word >> 12 & 63)]
    place[2] = left > 1 ? digits[Int(word >> 6 & 63)] : 0x3d
    place[3] = 0x3d
  }

  /// Where a text stopped being base64, counted as Go's encoding/base64 counts.
  package struct Malformed: Error, Equatable, CustomStringConvertible {
    package var offset: Int
    package var description: String { "illegal base64 data at input byte \(offset)" }
  }

  /// The bytes behind `text`. Padding is required, line ends are passed over, bits left over are ignored; all
  /// as Go's StdEncoding.
  package static func decode(_ text: String) throws(Malformed) -> Bytes {
    var copy = text
    let plain = copy.withUTF8 { decodePlain($0) }
    return if let plain { plain } else { try decodeOther(Bytes(text.utf8)) }
  }

  /// Texts of whole groups without line ends, which is all of them in practice; nil for anything else.
  private static func decodePlain(_ text: UnsafeBufferPointer<UInt8>) -> Bytes? {
    guard text.count > 0, text.count % 4 == 0, let source = text.baseAddress else {
      return text.isEmpty ? [] : nil
    }
    let padding = source[text.count - 1] != 0x3d ? 0 : source[text.count - 2] != 0x3d ? 1 : 2
    let whole = text.count / 4 - (padding > 0 ? 1 : 0)
    var isPlain = true
    let bytes = Bytes(unsafeUninitializedCapacity: text.count / 4 * 3) { out, count in
      values.withUnsafeBufferPointer { values in
        // A bad character has the high bit: one look at the end finds it.
        var seen: UInt8 = 0
        func value(_ index: Int) -> UInt32 {
          let value = values[Int(source[index])]
          seen |= value
          return UInt32(value)
        }
        for group in 0..<whole {
          let at = group * 4
          let word = value(at) << 18 | value(at + 1) << 12 | value(at + 2) << 6 | value(at + 3)
          out[count] = UInt8(truncatingIfNeeded: word >> 16)
          out[count + 1] = UInt8(truncatingIfNeeded: word >> 8)
          out[count + 2] = UInt8(truncatingIfNeeded: word)
          count += 3
        }
        if padding > 0 {
          let at = whole * 4
          let word = value(at) << 18 | value(at + 1) << 12 | (padding == 1 ? value(at + 2) << 6 : 0)
          out[count] = UInt8(truncatingIfNeeded: word >> 16)
          if padding == 1 { out[count + 1] = UInt8(truncatingIfNeeded: word >> 8) }
          count += padding == 1 ? 2 : 1
        }
        isPlain = seen < 0x80
      }
    }
    return isPlain ? bytes : nil
  }

  /// The value of each character; 0xff where it is none of the alphabet.
  private static let values: [UInt8] = (0...255).map { digit(UInt8($0)) ?? 0xff }

  private static func decodeOther(_ source: Bytes) throws(Malformed) -> Bytes {
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
