import Base

/// Adds up keys by what they begin with: `/registry/pods/` for `/registry/pods/a/b` at a depth of two.
struct PrefixSizes {
  struct Share: Equatable {
    var keys: Int64 = 0
    var keyBytes: Int64 = 0
    /// Keys whose values were read, and the bytes of those.
    var measured: Int64 = 0
    var measuredBytes: Int64 = 0

    /// Bytes of keys and values, the values of those not read reckoned from those that were.
    func bytes(otherwise average: Double) -> Int64 {
      if measured == keys { return keyBytes + measuredBytes }
      let value = measured > 0 ? Double(measuredBytes) / Double(measured) : average
      return keyBytes + Int64(value * Double(keys))
    }

    mutating func add(_ other: Share) {
      keys += other.keys
      keyBytes += other.keyBytes
      measured += other.measured
      measuredBytes += other.measuredBytes
    }
  }

  let depth: Int
  private var shares: [Key: Share] = [:]
  /// Of prefixes beyond the number that is kept.
  private(set) var others = Share()
  private(set) var total = Share()

  init(depth: Int) { self.depth = max(1, depth) }

  /// `value` nil where only the key was read.
  mutating func add(_ key: Bytes, value: Int?) {
    let share = Share(
      keys: 1, keyBytes: Int64(key.count), measured: value == nil ? 0 : 1, measuredBytes: Int64(value ?? 0))
    total.add(share)
    let prefix = Key(Self.prefix(of: key, depth: depth))
    if shares.count < Limits.spacePrefixes || shares[prefix] != nil {
      shares[prefix, default: Share()].add(share)
    } else {
      others.add(share)
    }
  }

  /// Up to the slash at this depth, not counting one at the beginning; up to the last one in a key with fewer.
  static func prefix(of key: Bytes, depth: Int) -> Bytes {
    var end = 0
    var found = 0
    for (place, byte) in key.enumerated() where byte == UInt8(ascii: "/") {
      end = place + 1
      if place > 0 { found += 1 }
      if found == depth { break }
    }
    return Bytes(key[..<end])
  }

  /// Bytes of a value that was not read.
  var average: Double { total.measured > 0 ? Double(total.measuredBytes) / Double(total.measured) : 0 }

  /// The largest first, by their bytes; those beyond `count` and those not kept apart as one at the end.
  func largest(_ count: Int) -> (
    top: [(prefix: Bytes, keys: Int64, bytes: Int64)], rest: (keys: Int64, bytes: Int64)
  ) {
    let average = average
    var all = shares.map {
      (prefix: $0.key.bytes, keys: $0.value.keys, bytes: $0.value.bytes(otherwise: average))
    }
    all.sort { $0.bytes != $1.bytes ? $0.bytes > $1.bytes : compareBytes($0.prefix, $1.prefix) < 0 }
    var rest = (keys: others.keys, bytes: others.bytes(otherwise: average))
    for item in all.dropFirst(count) {
      rest.keys += item.keys
      rest.bytes += item.bytes
    }
    return (Array(all.prefix(count)), rest)
  }
}
