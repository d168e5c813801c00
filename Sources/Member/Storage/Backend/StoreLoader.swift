import Base

/// Fills an empty store, in transactions of bounded size.
struct StoreLoader {
  private let environment: LMDBEnvironment
  init(_ environment: LMDBEnvironment) { self.environment = environment }

  func load(_ view: any FrozenView, unless stop: Flag) throws(BackendError) {
    for bucket in Bucket.allCases {
      try load(bucket, after: nil) { (after, visit) throws(BackendError) in
        if stop.isRaised { throw .stopped(path: environment.path) }
        view.scan(bucket, after: after, visit)
      }
    }
  }

  /// Buckets that etcd 3.4 does not know are left out.
  func load(_ reader: BoltReader, path: String) throws(BackendError) {
    for (place, name) in reader.bucketNames.enumerated() {
      guard let bucket = Bucket.allCases.first(where: { $0.name.bytes == name }) else { continue }
      try load(bucket, after: nil) { (after, visit) throws(BackendError) in
        do throws(BoltError) { try reader.scan(place, after: after, visit) } catch {
          throw .damaged(path: path, rule: error.description)
        }
      }
    }
  }

  typealias Visit = (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool

  /// One transaction for each slice of rows; a slice begins behind the last key of the one before.
  private func load(
    _ bucket: Bucket, after: Bytes?, _ scan: (_ after: Bytes?, Visit) throws(BackendError) -> Void
  ) throws(BackendError) {
    var last = after
    var count: Int
    repeat {
      let slice = try loadSlice(bucket, after: last, scan)
      count = slice.count
      last = slice.last
    } while count == Limits.loadTransactionRows
  }

  private func loadSlice(
    _ bucket: Bucket, after: Bytes?, _ scan: (_ after: Bytes?, Visit) throws(BackendError) -> Void
  ) throws(BackendError) -> (count: Int, last: Bytes?) {
    let writer = try LMDBWriter(environment)
    var count = 0
    var last = after
    var failure: BackendError?
    try scan(after) { key, value in
      do throws(BackendError) { try writer.load(bucket, key, value) } catch {
        failure = error
        return false
      }
      count += 1
      if count < Limits.loadTransactionRows { return true }
      last = Bytes(key)
      return false
    }
    if let failure { throw failure }
    try writer.commit()
    return (count, last)
  }
}
