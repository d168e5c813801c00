import Glibc

/// A cursor over bytes for formats of fixed fields: frames, records, pages. Reads answer nil at the end.
///
/// The bytes must stay in place while the reader is used.
package struct ByteReader {
  private let buffer: UnsafeRawBufferPointer
  /// Bytes read so far.
  package private(set) var offset = 0

  package init(_ buffer: UnsafeRawBufferPointer) { self.buffer = buffer }

  package var remaining: Int { buffer.count - offset }
  package var isAtEnd: Bool { offset == buffer.count }

  /// The next byte without taking it.
  package var peek: UInt8? { isAtEnd ? nil : buffer[offset] }

  package mutating func byte() -> UInt8? {
    guard remaining >= 1 else { return nil }
    defer { offset += 1 }
    return buffer[offset]
  }

  package mutating func bigEndian<T: FixedWidthInteger>(_ type: T.Type = T.self) -> T? {
    guard remaining >= MemoryLayout<T>.size else { return nil }
    defer { offset += MemoryLayout<T>.size }
    return T(bigEndian: buffer.loadUnaligned(fromByteOffset: offset, as: T.self))
  }

  package mutating func littleEndian<T: FixedWidthInteger>(_ type: T.Type = T.self) -> T? {
    guard remaining >= MemoryLayout<T>.size else { return nil }
    defer { offset += MemoryLayout<T>.size }
    return T(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: T.self))
  }

  /// A protobuf varint; nil where it does not end or has more than ten bytes.
  package mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    for position in 0..<10 {
      guard offset + position < buffer.count else { return nil }
      let byte = buffer[offset + position]
      value |= UInt64(byte & 0x7f) &<< UInt64(7 * position)
      if byte < 0x80 {
        offset += position + 1
        return value
      }
    }
    return nil
  }

  /// The next `count` bytes where they lie.
  package mutating func raw(_ count: Int) -> UnsafeRawBufferPointer? {
    guard count >= 0, remaining >= count else { return nil }
    defer { offset += count }
    return UnsafeRawBufferPointer(rebasing: buffer[offset..<offset + count])
  }

  /// A copy of the next `count` bytes.
  package mutating func bytes(_ count: Int) -> Bytes? {
    guard let content = raw(count) else { return nil }
    return Bytes(content)
  }

  /// Passes over `count` bytes; false, and nothing passed, where there are fewer.
  package mutating func skip(_ count: Int) -> Bool { raw(count) != nil }
}
