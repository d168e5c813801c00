import Base
import Glibc

/// Which parts of the key space cost most, in a table of fixed size: the Space-Saving sketch (Metwally, Agrawal and
/// El Abbadi, 2005) with a weight for each request.
///
/// A prefix that is not in the full table takes the place of the cheapest one and inherits its cost, so what a prefix is said
/// to cost is never too little, and too much by `inherited` at most; one that causes more than a 128th of all cost is
/// always in the table. Counting allocates nothing and takes some fifty nanoseconds.
final class TopPrefixes {
  /// What is known of one prefix since it entered the table.
  struct Row {
    var requests: UInt64 = 0
    var bytes: UInt64 = 0
    var nanoseconds: UInt64 = 0
    /// Cost of those whose place it took.
    var inherited: UInt64 = 0
    fileprivate var length = 0
  }

  struct Entry {
    let prefix: Bytes
    /// Nanoseconds of the loop, with a microsecond for each request and a nanosecond for each byte.
    let cost: UInt64
    let row: Row
  }

  private static let capacity = Limits.topPrefixes
  private typealias Lanes = SIMD16<UInt32>
  private let seed: UInt64
  private(set) var count = 0
  /// Hashes of the prefixes, 0 in free places; searched sixteen at a time.
  private let tags = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity)
  private let costs = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity)
  private let rows = UnsafeMutablePointer<Row>.allocate(capacity: capacity)
  private let text = UnsafeMutableRawPointer.allocate(
    byteCount: capacity * Limits.topPrefixBytes, alignment: 8)

  /// - Parameter seed: keys the hash, so that nobody can choose keys that meet.
  init(seed: UInt64) {
    invariant(Self.capacity % Lanes.scalarCount == 0, "the table is searched in whole lanes")
    self.seed = seed
    rows.initialize(repeating: Row(), count: Self.capacity)
    removeAll()
  }

  deinit {
    tags.deallocate()
    costs.deallocate()
    rows.deallocate()
    text.deallocate()
  }

  func removeAll() {
    count = 0
    tags.initialize(repeating: 0, count: Self.capacity)
    costs.initialize(repeating: 0, count: Self.capacity)
  }

  /// Books one request for this key, or more bytes and time of one that was booked before.
  func book(_ key: Bytes, requests: UInt64 = 1, bytes: Int, took: TimeSpan) {
    key.withUnsafeBytes { key in
      let prefix = UnsafeRawBufferPointer(rebasing: key[..<Self.prefixLength(key)])
      let place = place(of: prefix)
      rows[place].requests &+= requests
      rows[place].bytes &+= UInt64(bytes)
      rows[place].nanoseconds &+= UInt64(max(0, took.nanoseconds))
      costs[place] &+= requests &* 1_000 &+ UInt64(bytes) &+ UInt64(max(0, took.nanoseconds))
    }
  }

  /// The prefix of a key: up to its second slash, one at the very beginning not counted; the whole of a key that has none,
  /// but never more than `Limits.topPrefixBytes`.
  static func prefixLength(_ key: UnsafeRawBufferPointer) -> Int {
    let end = min(key.count, Limits.topPrefixBytes)
    var slashes = 0
    for place in 1..<max(end, 1) where key[place] == 0x2F {
      slashes += 1
      if slashes == 2 { return place + 1 }
    }
    return end
  }

  /// Where the prefix stands, or now does.
  private func place(of prefix: UnsafeRawBufferPointer) -> Int {
    let tag = tag(of: prefix)
    let wanted = Lanes(repeating: tag)
    var base = 0
    while base < count {
      let found = UnsafeRawPointer(tags + base).loadUnaligned(as: Lanes.self) .== wanted
      if any(found) {
        for lane in 0..<Lanes.scalarCount where found[lane] && holds(prefix, at: base + lane) {
          return base + lane
        }
      }
      base += Lanes.scalarCount
    }
    return enter(prefix, tag)
  }

  private func holds(_ prefix: UnsafeRawBufferPointer, at place: Int) -> Bool {
    guard rows[place].length == prefix.count else { return false }
    guard let bytes = prefix.baseAddress else { return true }
    return memcmp(text + place * Limits.topPrefixBytes, bytes, prefix.count) == 0
  }

  private func enter(_ prefix: UnsafeRawBufferPointer, _ tag: UInt32) -> Int {
    let place: Int
    if count < Self.capacity {
      place = count
      count += 1
    } else {
      place = cheapest()
    }
    tags[place] = tag
    rows[place] = Row(inherited: costs[place], length: prefix.count)
    if let bytes = prefix.baseAddress { memcpy(text + place * Limits.topPrefixBytes, bytes, prefix.count) }
    return place
  }

  private func cheapest() -> Int {
    var best = 0
    var least = costs[0]
    for place in 1..<Self.capacity where costs[place] < least {
      least = costs[place]
      best = place
    }
    return best
  }

  /// Eight bytes at a time; never 0.
  private func tag(of prefix: UnsafeRawBufferPointer) -> UInt32 {
    var hash = seed ^ UInt64(prefix.count)
    var offset = 0
    while offset + 8 <= prefix.count {
      hash = Self.mix(hash ^ prefix.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset += 8
    }
    var rest: UInt64 = 0
    while offset < prefix.count {
      rest = rest << 8 | UInt64(prefix[offset])
      offset += 1
    }
    return UInt32(truncatingIfNeeded: Self.mix(hash ^ rest) >> 32) | 1
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return product.high ^ product.low
  }

  /// All of the table, the most expensive first.
  var entries: [Entry] {
    (0..<count).map { place in
      let start = text + place * Limits.topPrefixBytes
      return Entry(
        prefix: Bytes(UnsafeRawBufferPointer(start: start, count: rows[place].length)), cost: costs[place],
        row: rows[place])
    }.sorted { $0.cost > $1.cost }
  }
}
