import Base

/// A set of keys as ranges, merged where they touch, so that one search tells whether a range lies inside.
///
/// A range is written as in requests: an empty end means the key alone, an end of one zero byte means no end.
/// As etcd 3.4: pkg/adt/interval_tree.go as auth/range_perm_cache.go uses it.
struct KeyIntervals: Equatable, Sendable {
  struct Interval: Equatable, Sendable {
    var begin: Bytes
    /// The first key behind; nil where there is no end.
    var end: Bytes?

    /// Nil for ranges without a key, which 3.4.25 and later refuse to grant and older ones may have stored.
    init?(key: Bytes, rangeEnd: Bytes) {
      begin = key
      switch rangeEnd {
      case []: end = key + [0]
      case [0]: end = nil
      default: end = rangeEnd
      }
      if key.isEmpty { return nil }
      if let end, compareBytes(key, end) >= 0 { return nil }
    }

    func ends(before other: Bytes?) -> Bool {
      guard let end else { return false }
      guard let other else { return true }
      return compareBytes(end, other) < 0
    }
  }

  /// Apart from each other, by first key.
  private let merged: [Interval]

  init(_ intervals: [Interval] = []) {
    var merged: [Interval] = []
    for interval in intervals.sorted(by: { compareBytes($0.begin, $1.begin) < 0 }) {
      guard let last = merged.last, !last.ends(before: interval.begin) else {
        merged.append(interval)
        continue
      }
      if last.ends(before: interval.end) { merged[merged.count - 1].end = interval.end }
    }
    self.merged = merged
  }

  /// Whether nobody could ask for a key outside.
  var holdsEverything: Bool { merged.first.map { $0.begin == [0] && $0.end == nil } ?? false }

  /// Whether every key of the request's range lies inside. A range that ends before it begins holds no key; as in the
  /// original it is judged by its first one, so that members judge a transaction alike.
  func contains(key: Bytes, rangeEnd: Bytes) -> Bool {
    if rangeEnd.isEmpty { return contains(key) }
    let end: Bytes? = rangeEnd == [0] ? nil : rangeEnd
    if let end, compareBytes(key, end) >= 0 { return contains(key) }
    guard let interval = last(from: key) else { return false }
    return !interval.ends(before: end)
  }

  func contains(_ key: Bytes) -> Bool {
    guard let interval = last(from: key) else { return false }
    guard let end = interval.end else { return true }
    return compareBytes(key, end) < 0
  }

  /// The last merged interval that begins at or before `key`.
  private func last(from key: Bytes) -> Interval? {
    var low = 0
    var high = merged.count
    while low < high {
      let middle = (low + high) / 2
      if compareBytes(merged[middle].begin, key) <= 0 { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? merged[low - 1] : nil
  }
}
