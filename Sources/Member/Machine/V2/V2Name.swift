import Base

/// Text that equals only itself, byte for byte. For Go "é" as one letter and as two are two keys; for `String` they are one,
/// and members would come apart.
struct V2Name: Hashable, Comparable, Sendable {
  let text: String
  init(_ text: String) { self.text = text }
  init(_ text: Substring) { self.text = String(text) }

  static func == (a: V2Name, b: V2Name) -> Bool { a.text.hasBytes(of: b.text) }

  static func < (a: V2Name, b: V2Name) -> Bool { a.text.utf8.lexicographicallyPrecedes(b.text.utf8) }

  func hash(into hasher: inout Hasher) {
    let isInPlace: Void? = text.utf8.withContiguousStorageIfAvailable {
      hasher.combine(bytes: UnsafeRawBufferPointer($0))
    }
    if isInPlace == nil { for byte in text.utf8 { hasher.combine(byte) } }
  }
}

extension String {
  /// Whether both are the same bytes.
  func hasBytes(of other: String) -> Bool {
    utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
  }

  /// Whether the bytes of `prefix` stand in front; also where that is the middle of a letter.
  func startsWithBytes(of prefix: String) -> Bool { utf8.starts(with: prefix.utf8) }
}
