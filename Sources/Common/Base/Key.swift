import Glibc

/// A key of the store: bytes that hash and compare in one step.
///
/// A bare `[UInt8]` as a dictionary key hashes byte by byte, four times slower than this.
package struct Key: Hashable, Comparable, Sendable {
  package var bytes: Bytes
  package init(_ bytes: Bytes) { self.bytes = bytes }
  package init(_ text: String) { bytes = Bytes(text.utf8) }

  package func hash(into hasher: inout Hasher) {
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
  }
  package static func == (a: Key, b: Key) -> Bool { a.bytes == b.bytes }
  package static func < (a: Key, b: Key) -> Bool {
    a.bytes.withUnsafeBytes { x in b.bytes.withUnsafeBytes { y in compareBytes(x, y) < 0 } }
  }
}

/// Negative, zero or positive as `a` comes before, equals or comes after `b`, bytewise, a prefix first.
package func compareBytes(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
  let shared = min(a.count, b.count)
  if shared > 0, let x = a.baseAddress, let y = b.baseAddress {
    let order = memcmp(x, y, shared)
    if order != 0 { return Int(order) }
  }
  return a.count - b.count
}

/// The same for owned bytes.
package func compareBytes(_ a: Bytes, _ b: Bytes) -> Int {
  a.withUnsafeBytes { x in b.withUnsafeBytes { y in compareBytes(x, y) } }
}
