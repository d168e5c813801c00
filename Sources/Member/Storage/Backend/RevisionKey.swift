import Base

/// A revision as the key bucket names it: main and sub as eight big-endian bytes each with `_` between,
/// and a `t` behind it for a tombstone. As etcd 3.4: mvcc/revision.go.
package enum RevisionKey {
  package static let plainLength = 17
  package static let tombstoneLength = 18

  package static func encode(_ revision: Revision, isTombstone: Bool) -> Bytes {
    Bytes(unsafeUninitializedCapacity: tombstoneLength) { buffer, count in
      store(revision, isTombstone: isTombstone, in: UnsafeMutableRawBufferPointer(buffer))
      count = isTombstone ? tombstoneLength : plainLength
    }
  }

  /// Writes the form into a buffer of at least 18 bytes.
  static func store(_ revision: Revision, isTombstone: Bool, in buffer: UnsafeMutableRawBufferPointer) {
    buffer.storeBytes(of: revision.main.bigEndian, toByteOffset: 0, as: Int64.self)
    buffer[8] = UInt8(ascii: "_")
    buffer.storeBytes(of: revision.sub.bigEndian, toByteOffset: 9, as: Int64.self)
    if isTombstone { buffer[17] = UInt8(ascii: "t") }
  }

  /// Nil where the bytes have neither of the two forms.
  package static func decode(_ key: UnsafeRawBufferPointer) -> (revision: Revision, isTombstone: Bool)? {
    guard key.count == plainLength || key.count == tombstoneLength, key[8] == UInt8(ascii: "_") else {
      return nil
    }
    if key.count == tombstoneLength, key[17] != UInt8(ascii: "t") { return nil }
    let main = Int64(bigEndian: key.loadUnaligned(fromByteOffset: 0, as: Int64.self))
    let sub = Int64(bigEndian: key.loadUnaligned(fromByteOffset: 9, as: Int64.self))
    return (Revision(main: main, sub: sub), key.count == tombstoneLength)
  }
}
