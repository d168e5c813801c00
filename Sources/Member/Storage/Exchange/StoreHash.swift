import Base

/// Hashes over the content of a store, equal in every implementation whatever the layout of the file.
package enum StoreHash {
  /// The Maintenance service's Hash: everything but meta/consistent_index, which members differ in.
  /// As etcd 3.4: mvcc/backend/backend.go, Hash with mvcc.DefaultIgnores.
  package static func maintenance(_ view: any FrozenView) -> UInt32 {
    var crc = CRC32C()
    for bucket in Bucket.allCases {
      crc.update(bucket.name.bytes)
      let isMeta = bucket == .meta
      view.scan(bucket) { key, value in
        if isMeta, isConsistentIndex(key) { return true }
        crc.update(key)
        crc.update(value)
        return true
      }
    }
    return crc.value
  }

  private static func isConsistentIndex(_ key: UnsafeRawBufferPointer) -> Bool {
    MetaKey.consistentIndex.bytes.withUnsafeBytes { compareBytes(key, $0) } == 0
  }
}

/// What `etcdctl snapshot status` says about a file.
package struct SnapshotStatus: Equatable, Sendable {
  package var hash: UInt32
  /// Main revision of the newest row; 0 where there is none.
  package var revision: Int64
  /// Pairs of all buckets.
  package var totalKeys: Int
  /// Size of the image in bytes, without the digest behind it.
  package var totalBytes: Int64

  /// Over everything in the image, its consistent index included.
  /// As etcd 3.4: clientv3/snapshot/v3_snapshot.go, Status.
  package init(of reader: BoltReader) throws(BoltError) {
    var crc = CRC32C()
    var revision: Int64 = 0
    var totalKeys = 0
    for (place, name) in reader.bucketNames.enumerated() {
      crc.update(name)
      let isRows = name == Bucket.key.name.bytes
      try reader.scan(place) { key, value in
        crc.update(key)
        crc.update(value)
        totalKeys += 1
        if isRows, let decoded = RevisionKey.decode(key) { revision = decoded.revision.main }
        return true
      }
    }
    self.hash = crc.value
    self.revision = revision
    self.totalKeys = totalKeys
    totalBytes = reader.sizeBytes
  }
}
