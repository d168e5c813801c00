import Base

/// Ranges of keys as requests name them.
enum KeyRange {
  /// The end of "from this key on".
  static let open: Bytes = [0]

  /// The first key behind all that begin with `prefix`; `open` where there is none. As etcd 3.4: clientv3/op.go.
  static func end(ofPrefix prefix: Bytes) -> Bytes {
    var end = prefix
    while let last = end.popLast() {
      if last < 0xFF { return end + [last + 1] }
    }
    return open
  }
}
