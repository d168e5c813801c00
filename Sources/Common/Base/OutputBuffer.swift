/// A connection's bytes on their way out, shared by the room that writes them and the socket that takes them.
///
/// HTTP and TLS append, a socket consumes, so reply bytes are copied once. Memory is given back when the buffer
/// runs empty, unless it is small: an idle connection costs little. Not bounded by itself: its writers watch
/// `count` (see `Limits.outputHighWaterBytes`).
package final class OutputBuffer {
  /// Memory up to this size is kept while the buffer is empty.
  private static let keptBytes = 4096

  /// The bytes themselves, for encoders that write in place. An encoder must not reach for its own buffer by
  /// another way.
  package var writer = ByteWriter()

  package init() {}

  package var count: Int { writer.count }
  package var isEmpty: Bool { writer.isEmpty }

  /// The bytes not yet taken; valid until the next change.
  package var unsent: UnsafeRawBufferPointer { writer.withUnsafeBytes { $0 } }

  package func append(_ bytes: UnsafeRawBufferPointer) { writer.append(bytes) }
  package func append(_ bytes: Bytes) { writer.append(bytes) }
  package func append(_ text: StaticString) { writer.append(text) }
  package func append(_ text: String) { writer.append(text) }

  /// Decimal digits.
  package func append(decimal value: Int) { writer.append(decimal: Int64(value)) }

  /// Appends `count` bytes that `fill` writes.
  package func append(count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
    writer.append(count: count, fill)
  }

  /// Moves everything from `other` to the end of this buffer: a swap of memory when this one is empty.
  package func append(takingFrom other: OutputBuffer) {
    if isEmpty { swap(&writer, &other.writer) } else { writer.append(other.unsent) }
    other.removeAll()
  }

  /// Takes `count` bytes from the front.
  package func consume(_ count: Int) {
    writer.removeFirst(count)
    if writer.isEmpty { removeAll() }
  }

  package func removeAll() { writer.removeAll(keeping: Self.keptBytes) }
}
