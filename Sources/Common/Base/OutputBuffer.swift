import Glibc

/// Bytes on their way out: appended at the end, taken from the front, in one piece of raw memory.
///
/// HTTP and TLS write into one of these and a socket empties it, so reply bytes are not copied between the
/// rooms. Memory is given back when the buffer runs empty, unless it is small: an idle connection costs little.
/// Not bounded by itself: its writers watch `count` (see `Limits.outputHighWaterBytes`).
package final class OutputBuffer {
  /// Memory up to this size is kept while the buffer is empty.
  private static let keptBytes = 4096

  private var base: UnsafeMutableRawPointer?
  private var capacity = 0
  private var head = 0
  private var tail = 0

  package init() {}
  deinit { free(base) }

  package var count: Int { tail - head }
  package var isEmpty: Bool { tail == head }

  /// The bytes not yet taken; valid until the next change.
  package var unsent: UnsafeRawBufferPointer {
    guard let base else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(start: base + head, count: tail - head)
  }

  package func append(_ bytes: UnsafeRawBufferPointer) {
    guard let from = bytes.baseAddress, bytes.count > 0 else { return }
    memcpy(space(for: bytes.count), from, bytes.count)
    tail += bytes.count
  }

  package func append(_ bytes: Bytes) { bytes.withUnsafeBytes { append($0) } }

  package func append(_ text: StaticString) {
    append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  package func append(_ text: String) {
    var copy = text
    copy.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  package func append(byte: UInt8) {
    space(for: 1).storeBytes(of: byte, as: UInt8.self)
    tail += 1
  }

  /// Decimal digits.
  package func append(decimal value: Int) {
    withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
      var position = 20
      var rest = value.magnitude
      repeat {
        position -= 1
        digits[position] = UInt8(0x30 + rest % 10)
        rest /= 10
      } while rest > 0
      if value < 0 { append(byte: 0x2D) }
      append(UnsafeRawBufferPointer(rebasing: digits[position...]))
    }
  }

  /// Lets `fill` write up to `count` bytes in place; it answers how many it wrote.
  package func append(count: Int, fill: (UnsafeMutableRawBufferPointer) -> Int) {
    let written = fill(UnsafeMutableRawBufferPointer(start: space(for: count), count: count))
    invariant(written >= 0 && written <= count, "wrote \(written) of \(count) reserved bytes")
    tail += written
  }

  /// Moves everything from `other` to the end of this buffer. A swap of memory when this one is empty.
  package func append(takingFrom other: OutputBuffer) {
    if isEmpty {
      swap(&base, &other.base)
      swap(&capacity, &other.capacity)
      swap(&head, &other.head)
      swap(&tail, &other.tail)
      other.removeAll()
    } else {
      append(other.unsent)
      other.removeAll()
    }
  }

  /// Takes `count` bytes from the front.
  package func consume(_ count: Int) {
    invariant(count <= tail - head, "consumed \(count) of \(tail - head) bytes")
    head += count
    if head == tail { removeAll() }
  }

  package func removeAll() {
    head = 0
    tail = 0
    guard capacity > Self.keptBytes else { return }
    free(base)
    base = nil
    capacity = 0
  }

  /// Room for `count` more bytes at the end.
  private func space(for count: Int) -> UnsafeMutableRawPointer {
    if capacity - tail < count { grow(by: count) }
    guard let base else { broken("an output buffer without memory") }
    return base + tail
  }

  private func grow(by count: Int) {
    let used = tail - head
    if let base, head > 0, used + count <= capacity, used <= capacity / 2 {
      memmove(base, base + head, used)
    } else {
      let wanted = max(used + count, capacity * 2, 512)
      guard let fresh = malloc(wanted) else { broken("out of memory for \(wanted) bytes of output") }
      if let base { memcpy(fresh, base + head, used) }
      free(base)
      base = fresh
      capacity = wanted
    }
    head = 0
    tail = used
  }
}
