import CShim

/// CRC-32C (Castagnoli) as the log, the snapshots and the hashes use it.
package struct CRC32C: Sendable {
  /// The running value; 0 before the first byte.
  package private(set) var value: UInt32
  package init(_ value: UInt32 = 0) { self.value = value }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    value = cshim_crc32c(value, bytes.baseAddress, bytes.count)
  }
  package mutating func update(_ bytes: Bytes) { bytes.withUnsafeBytes { update($0) } }
  package mutating func update(_ bytes: RawSpan) { bytes.withUnsafeBytes { update($0) } }

  package static func of(_ bytes: Bytes) -> UInt32 {
    var crc = CRC32C()
    crc.update(bytes)
    return crc.value
  }
}
