import Base

/// A cursor over the bytes of one message. Every read is checked against the end.
///
/// The bytes must stay in place while the reader is used; what `bytes()` and `string()` return is a copy.
package struct WireReader {
  private var cursor: UnsafeRawPointer
  private var end: UnsafeRawPointer
  /// Messages that may still be opened inside this one.
  private var depth: Int

  package init(_ buffer: UnsafeRawBufferPointer) {
    cursor = buffer.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
    end = cursor + buffer.count
    depth = Limits.wireNesting
  }

  /// Bytes not yet read.
  package var remaining: Int { end - cursor }

  /// The next field's tag (number times eight plus wire type), or 0 at the end.
  @inline(__always)
  package mutating func tag() throws(DecodeError) -> UInt32 {
    if cursor == end { return 0 }
    let first = cursor.load(as: UInt8.self)
    if first >= 8 && first < 0x80 {
      cursor += 1
      return UInt32(first)
    }
    return try longTag()
  }

  private mutating func longTag() throws(DecodeError) -> UInt32 {
    let value = try varint()
    guard value >= 8, value <= UInt64(UInt32.max) else { throw .illegalTag }
    return UInt32(value)
  }

  @inline(__always)
  package mutating func varint() throws(DecodeError) -> UInt64 {
    if cursor < end {
      let first = cursor.load(as: UInt8.self)
      if first < 0x80 {
        cursor += 1
        return UInt64(first)
      }
    }
    return try longVarint()
  }

  private mutating func longVarint() throws(DecodeError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while cursor < end {
      let byte = cursor.load(as: UInt8.self)
      cursor += 1
      value |= UInt64(byte & 0x7f) &<< shift
      if byte < 0x80 { return value }
      shift += 7
      if shift >= 64 + 6 { throw .overlongVarint }
    }
    throw .truncated
  }

  @inline(__always)
  package mutating func int64() throws(DecodeError) -> Int64 { Int64(bitPattern: try varint()) }
  @inline(__always)
  package mutating func uint32() throws(DecodeError) -> UInt32 { UInt32(truncatingIfNeeded: try varint()) }
  @inline(__always)
  package mutating func int32() throws(DecodeError) -> Int32 { Int32(truncatingIfNeeded: try varint()) }
  @inline(__always)
  package mutating func bool() throws(DecodeError) -> Bool { try varint() != 0 }

  package mutating func enumeration<E: WireEnum>() throws(DecodeError) -> E { E(rawValue: try int32()) }

  /// The bytes behind a length, where they lie.
  @inline(__always)
  package mutating func raw() throws(DecodeError) -> UnsafeRawBufferPointer {
    let length = try varint()
    guard length <= UInt64(end - cursor) else { throw .truncated }
    let start = cursor
    cursor += Int(length)
    return UnsafeRawBufferPointer(start: start, count: Int(length))
  }

  package mutating func bytes() throws(DecodeError) -> Bytes {
    let content = try raw()
    guard content.count > 0 else { return [] }
    return Bytes(unsafeUninitializedCapacity: content.count) { buffer, count in
      UnsafeMutableRawBufferPointer(buffer).copyMemory(from: content)
      count = content.count
    }
  }

  /// Text; where the bytes are no UTF-8 it holds U+FFFD, since a log written elsewhere must stay readable.
  package mutating func string() throws(DecodeError) -> String {
    let content = try raw()
    return content.isEmpty ? "" : String(decoding: content, as: UTF8.self)
  }

  /// A message inside this one, merged into `value`.
  package mutating func message<M: WireMessage>(_ value: inout M) throws(DecodeError) {
    var inner = try inner()
    try value.merge(from: &inner)
  }

  /// A reader of the message inside this one, which is left behind.
  mutating func inner() throws(DecodeError) -> WireReader {
    let content = try raw()
    guard depth > 0 else { throw .tooDeep }
    var inner = self
    inner.cursor = content.baseAddress.unsafelyUnwrapped
    inner.end = cursor
    inner.depth = depth - 1
    return inner
  }

  package mutating func message<M: WireMessage>(_ value: inout M?) throws(DecodeError) {
    var message = value ?? M()
    value = nil  // so that merging edits the only copy
    try self.message(&message)
    value = message
  }

  package mutating func message<M: WireMessage>(_ values: inout [M]) throws(DecodeError) {
    values.append(M())
    try message(&values[values.count - 1])
  }

  /// The numbers of a packed field, appended to `values`.
  package mutating func packed<T>(
    _ values: inout [T], _ read: (inout WireReader) throws(DecodeError) -> T
  ) throws(DecodeError) {
    let content = try raw()
    var inner = self
    inner.cursor = content.baseAddress.unsafelyUnwrapped
    inner.end = cursor
    while inner.cursor < inner.end { values.append(try read(&inner)) }
  }

  /// Leaves out the field behind `tag`, which the message does not know.
  package mutating func skip(_ tag: UInt32) throws(DecodeError) {
    guard tag >= 8 else { throw .illegalTag }
    switch tag & 7 {
    case 0: _ = try varint()
    case 1: try advance(8)
    case 2: _ = try raw()
    case 3: try skipGroup(tag >> 3)
    case 4: throw .strayEndGroup
    case 5: try advance(4)
    default: throw .illegalWireType(UInt8(tag & 7))
    }
  }

  private mutating func advance(_ count: Int) throws(DecodeError) {
    guard end - cursor >= count else { throw .truncated }
    cursor += count
  }

  private mutating func skipGroup(_ field: UInt32) throws(DecodeError) {
    guard depth > 0 else { throw .tooDeep }
    depth -= 1
    while true {
      let inner = try tag()
      if inner == 0 { throw .truncated }
      if inner & 7 == 4 {
        guard inner >> 3 == field else { throw .strayEndGroup }
        break
      }
      try skip(inner)
    }
    depth += 1
  }
}
