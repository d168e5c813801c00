import Glibc

/// Bytes that grow at the end and are taken away at the front: a connection's output, a reply being built.
///
/// The memory is one block. `removeFirst` only moves the start, so taking bytes away costs nothing; the
/// gap is closed when room is needed.
package struct ByteWriter: ~Copyable {
  private var memory: UnsafeMutableRawPointer?
  private var capacity = 0
  /// Invariant: 0 <= start <= end <= capacity. The bytes between are the content.
  private var start = 0
  private var end = 0

  package init() {}
  package init(capacity: Int) { grow(by: capacity) }

  deinit { free(memory) }

  package var count: Int { end - start }
  package var isEmpty: Bool { start == end }

  /// Makes room for `more` bytes, so that appending them moves nothing.
  @inline(__always)
  package mutating func reserve(_ more: Int) {
    if capacity - end < more { grow(by: more) }
  }

  @inline(never)
  private mutating func grow(by more: Int) {
    if let memory, start > 0, start >= count, capacity - count >= more {
      memmove(memory, memory + start, count)
    } else {
      let larger = max(count + more, capacity * 2, 256)
      guard let fresh = malloc(larger) else { broken("no memory for \(larger) bytes of output") }
      if let memory { memcpy(fresh, memory + start, count) }
      free(memory)
      memory = fresh
      capacity = larger
    }
    end -= start
    start = 0
  }

  private var address: UnsafeMutableRawPointer {
    guard let memory else { broken("a byte writer has no memory") }
    return memory
  }

  @inline(__always)
  package mutating func append(_ byte: UInt8) {
    reserve(1)
    address.storeBytes(of: byte, toByteOffset: end, as: UInt8.self)
    end += 1
  }

  package mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, bytes.count > 0 else { return }
    reserve(bytes.count)
    memcpy(address + end, source, bytes.count)
    end += bytes.count
  }

  package mutating func append(_ bytes: Bytes) { bytes.withUnsafeBytes { append($0) } }
  package mutating func append(_ bytes: ArraySlice<UInt8>) { bytes.withUnsafeBytes { append($0) } }
  package mutating func append(_ text: StaticString) {
    append(text.raw)
  }
  package mutating func append(_ text: String) {
    var copy = text
    copy.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  /// Appends an integer with its most significant byte first.
  package mutating func append<T: FixedWidthInteger>(bigEndian value: T) {
    var ordered = value.bigEndian
    Swift.withUnsafeBytes(of: &ordered) { append($0) }
  }

  /// Appends an integer with its least significant byte first.
  package mutating func append<T: FixedWidthInteger>(littleEndian value: T) {
    var ordered = value.littleEndian
    Swift.withUnsafeBytes(of: &ordered) { append($0) }
  }

  /// Appends decimal digits.
  package mutating func append(decimal value: UInt64) {
    withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
      var position = 20
      var rest = value
      repeat {
        position -= 1
        digits[position] = UInt8(truncatingIfNeeded: 0x30 + rest % 10)
        rest /= 10
      } while rest > 0
      append(UnsafeRawBufferPointer(rebasing: digits[position...]))
    }
  }

  package mutating func append(decimal value: Int64) {
    if value < 0 { append(0x2D) }
    append(decimal: value.magnitude)
  }

  /// The last byte; nil where there is none.
  package var last: UInt8? {
    isEmpty ? nil : memory?.load(fromByteOffset: end - 1, as: UInt8.self)
  }

  /// Appends a protobuf varint.
  package mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  /// Appends `count` uninitialised bytes, which the caller must write before it does anything else with the writer.
  package mutating func appendUninitialized(_ count: Int) -> UnsafeMutableRawBufferPointer {
    guard count > 0 else { return UnsafeMutableRawBufferPointer(start: nil, count: 0) }
    reserve(count)
    defer { end += count }
    return UnsafeMutableRawBufferPointer(start: address + end, count: count)
  }

  /// Appends `count` bytes which `fill` writes; all of them, since they start uninitialised.
  package mutating func append<E: Error>(
    count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void
  ) throws(E) {
    reserve(count)
    if count == 0 { return try fill(UnsafeMutableRawBufferPointer(start: nil, count: 0)) }
    try fill(UnsafeMutableRawBufferPointer(start: address + end, count: count))
    end += count
  }

  /// Takes `count` bytes away at the front, for example those that a socket accepted.
  package mutating func removeFirst(_ count: Int) {
    invariant(count >= 0 && count <= self.count, "more bytes removed than there are")
    start += count
    if start == end {
      start = 0
      end = 0
    }
  }

  /// Takes bytes away at the end until `count` are left.
  package mutating func truncate(to count: Int) {
    invariant(count >= 0 && count <= self.count, "truncated to more bytes than there are")
    end = start + count
  }

  /// Empties the writer and keeps its memory, unless that grew beyond `keeping` bytes.
  package mutating func removeAll(keeping: Int = .max) {
    start = 0
    end = 0
    guard capacity > keeping else { return }
    free(memory)
    memory = nil
    capacity = 0
  }

  /// The content; the pointer is good for the length of `body` only.
  package borrowing func withUnsafeBytes<R, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    guard let memory else { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    return try body(UnsafeRawBufferPointer(start: memory + start, count: count))
  }

  /// The content for editing in place, for example a length that was not known before.
  package mutating func withUnsafeMutableBytes<R, E: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    guard let memory else { return try body(UnsafeMutableRawBufferPointer(start: nil, count: 0)) }
    return try body(UnsafeMutableRawBufferPointer(start: memory + start, count: count))
  }

  /// Writes an integer, most significant byte first, over the bytes at `offset`.
  package mutating func patch<T: FixedWidthInteger>(bigEndian value: T, at offset: Int) {
    invariant(offset >= 0 && offset + MemoryLayout<T>.size <= count, "a patch beyond the content")
    address.storeBytes(of: value.bigEndian, toByteOffset: start + offset, as: T.self)
  }

  /// A copy of the content.
  package var bytes: Bytes { withUnsafeBytes { Bytes($0) } }
}
