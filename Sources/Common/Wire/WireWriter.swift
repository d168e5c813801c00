import Base
import Glibc

/// A cursor over memory that a message is written into; the memory was sized before.
///
/// Writing beyond the memory breaks an invariant: it would mean that a message's size and its bytes disagree.
package struct WireWriter {
  private var cursor: UnsafeMutableRawPointer
  private let end: UnsafeMutableRawPointer

  package init(_ buffer: UnsafeMutableRawBufferPointer) {
    cursor = buffer.baseAddress ?? UnsafeMutableRawPointer(bitPattern: 1).unsafelyUnwrapped
    end = cursor + buffer.count
  }

  /// Bytes not yet written.
  package var remaining: Int { end - cursor }

  /// Checks that size and bytes agree.
  package func finish() { invariant(cursor == end, "a message's size differs from its bytes") }

  // Each write checks its room in place; `invariant` would cost a call per byte from this module.
  @inline(never)
  private func overrun() -> Never { broken("a message is longer than its size") }

  @inline(__always)
  package mutating func byte(_ value: UInt8) {
    if cursor >= end { overrun() }
    cursor.storeBytes(of: value, as: UInt8.self)
    cursor += 1
  }

  @inline(__always)
  package mutating func varint(_ value: UInt64) {
    if value < 0x80 { byte(UInt8(truncatingIfNeeded: value)) } else { longVarint(value) }
  }

  private mutating func longVarint(_ value: UInt64) {
    if end - cursor < WireSize.varint(value) { overrun() }
    var rest = value
    while rest >= 0x80 {
      cursor.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
      cursor += 1
      rest >>= 7
    }
    cursor.storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
    cursor += 1
  }

  /// A tag: field number times eight plus wire type.
  @inline(__always)
  package mutating func tag(_ value: UInt32) { varint(UInt64(value)) }

  /// Bytes as they are, without a length.
  package mutating func raw(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, bytes.count > 0 else { return }
    if end - cursor < bytes.count { overrun() }
    memcpy(cursor, source, bytes.count)
    cursor += bytes.count
  }

  /// Length and bytes.
  package mutating func bytes(_ value: UnsafeRawBufferPointer) {
    varint(UInt64(value.count))
    raw(value)
  }

  package mutating func bytes(_ value: Bytes) {
    varint(UInt64(value.count))
    value.withUnsafeBytes { raw($0) }
  }

  package mutating func string(_ value: String) {
    var copy = value
    copy.withUTF8 { bytes(UnsafeRawBufferPointer($0)) }
  }

  package mutating func bool(_ value: Bool) { byte(value ? 1 : 0) }

  /// Tag, length and fields of each message; a span lends them, where iterating would copy and count references.
  @inline(__always)
  package mutating func messages<M: WireMessage>(_ tag: UInt32, _ values: [M]) {
    let span = values.span
    for index in span.indices {
      self.tag(tag)
      varint(UInt64(span[index].encodedSize))
      span[index].encode(to: &self)
    }
  }

  /// Length and fields of a message inside this one.
  package mutating func message<M: WireMessage>(_ value: M) {
    varint(UInt64(value.encodedSize))
    value.encode(to: &self)
  }
}

/// How many bytes things take, without their tags.
package enum WireSize {
  @inline(__always)
  package static func varint(_ value: UInt64) -> Int {
    // Seven bits a byte; the multiplication divides by 7 for every count of bits up to 64.
    let bits = 64 - (value | 1).leadingZeroBitCount
    return (bits &* 9 &+ 64) &>> 6
  }
  @inline(__always)
  package static func varint(_ value: Int64) -> Int { varint(UInt64(bitPattern: value)) }
  /// A 32-bit enum or integer, which protobuf widens with its sign.
  @inline(__always)
  package static func varint(_ value: Int32) -> Int { varint(UInt64(bitPattern: Int64(value))) }
  /// Messages with their lengths and tags of `tagSize` bytes.
  @inline(__always)
  package static func messages<M: WireMessage>(_ values: [M], tagSize: Int) -> Int {
    let span = values.span
    var size = 0
    for index in span.indices { size += tagSize + delimited(span[index].encodedSize) }
    return size
  }
  /// Length and content of bytes, a text or a message of `count` bytes.
  @inline(__always)
  package static func delimited(_ count: Int) -> Int { varint(UInt64(count)) + count }
}
