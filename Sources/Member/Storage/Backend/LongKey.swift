import Base
import COpenSSL

/// Pairs of small buckets whose key LMDB would not take (names of users and roles have no limit in etcd).
///
/// They lie in a table of their own: the bucket's number and the key's SHA-256, then as value the key's
/// length, the key and the value.
enum LongKey {
  static func isLong(_ key: Bytes) -> Bool { key.count > Limits.storeKeyBytes }

  static func name(_ bucket: Bucket, _ key: Bytes) -> Bytes {
    var digest = Bytes(repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    SHA256(key, key.count, &digest)
    return [bucket.rawValue] + digest
  }

  static func pack(_ key: Bytes, _ value: Bytes) -> Bytes {
    withUnsafeBytes(of: UInt32(key.count).littleEndian) { Bytes($0) } + key + value
  }

  static func unpack(_ packed: UnsafeRawBufferPointer) -> (key: Bytes, value: Bytes) {
    invariant(packed.count >= 4, "a long key's pair has only \(packed.count) bytes")
    let count = Int(UInt32(littleEndian: packed.loadUnaligned(as: UInt32.self)))
    invariant(packed.count >= 4 + count, "a long key of \(count) bytes in \(packed.count)")
    return (Bytes(packed[4..<4 + count]), Bytes(packed[(4 + count)...]))
  }
}
