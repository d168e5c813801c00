import Base

/// A revision as the key bucket names it: main and sub as eight big-endian bytes each with `_` between,
/// and a `t` behind it for a tombstone. As etcd 3.4: mvcc/revision.go.
package enum RevisionKey {
  package static let plainLength = 17
  package static let tombstoneLength = 18

  package static func encode(_ revision: Revision, isTombstone: Bool) -> Bytes {
    Bytes(unsafeUninitializedCapacity: tombstoneLength) { buffer, count in
      store(revision.main, in: buffer, at: 0)
      buffer[8] = UInt8(ascii: "_")
      store(revision.sub, in: buffer, at: 9)
      buffer[17] = UInt8(ascii: "t")
      count = isTombstone ? tombstoneLength : plainLength
    }
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

  private static func store(_ value: Int64, in buffer: UnsafeMutableBufferPointer<UInt8>, at offset: Int) {
    UnsafeMutableRawBufferPointer(buffer).storeBytes(of: value.bigEndian, toByteOffset: offset, as: Int64.self)
  }
}
