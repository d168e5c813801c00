import Base

/// Keys of the meta bucket that Storage itself knows, and the form of its numbers.
package enum MetaKey {
  package static let consistentIndex = Key("consistent_index")
  /// The revision a compaction was begun for.
  package static let scheduledCompaction = Key("scheduledCompactRev")

  /// Eight big-endian bytes.
  package static func encode(_ index: UInt64) -> Bytes { withUnsafeBytes(of: index.bigEndian) { Bytes($0) } }

  /// Nil where there are not eight bytes.
  package static func decode(_ bytes: UnsafeRawBufferPointer) -> UInt64? {
    bytes.count == 8 ? UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)) : nil
  }
}
