import Base

/// Replies to ranges, each good for as long as nothing in its range has changed.
///
/// A range is tracked by a watch at a member: only once that is there are replies kept, and each change that the watch
/// tells, or that passes through this proxy, removes what it touches. A reply that is older than the newest change known of
/// its range is not kept: it comes from a member that lags behind. It decides and holds; the watches are made by others.
struct RangeCache {
  enum Effect: Equatable {
    case watch(KeyRange)
    case forget(KeyRange)
  }

  private struct Tracked {
    /// The watch is there: from `floor` on, every change will be told.
    var isLive = false
    /// The lowest revision that a reply must have to be kept.
    var floor: Int64 = 0
    var replies: Set<Key> = []
    var lastUse: UInt64 = 0
  }
  private struct Reply {
    var message: Bytes
    var range: KeyRange
    var revision: Int64
    var until: Instant
    var lastUse: UInt64
  }

  private var tracked: [KeyRange: Tracked] = [:]
  /// Those with more than one key: a change must be held against each.
  private var wide: Set<KeyRange> = []
  private var replies: [Key: Reply] = [:]
  private var byteCount = 0
  private var clock: UInt64 = 0
  private(set) var hits: UInt64 = 0
  private(set) var misses: UInt64 = 0

  var count: Int { replies.count }
  var rangeCount: Int { tracked.count }

  /// The reply to a request, by the bytes of its message, where it may be given. `floor` is the revision that the reply must
  /// have at least.
  mutating func reply(to request: Key, at now: Instant, floor: Int64 = 0) -> Bytes? {
    clock += 1
    guard let index = replies.index(forKey: request), replies.values[index].until > now,
      replies.values[index].revision >= floor
    else { return nil }
    hits += 1
    replies.values[index].lastUse = clock
    tracked[replies.values[index].range]?.lastUse = clock
    return replies.values[index].message
  }

  func isTracked(_ range: KeyRange) -> Bool { tracked[range] != nil }

  mutating func countMiss() { misses += 1 }

  /// A request that may be answered from here was not: its range is to be tracked.
  mutating func missed(_ range: KeyRange) -> [Effect] {
    misses += 1
    clock += 1
    if tracked[range] != nil {
      tracked[range]?.lastUse = clock
      return []
    }
    var effects: [Effect] = []
    if tracked.count >= Limits.proxyCacheRanges,
      let oldest = tracked.min(by: { $0.value.lastUse < $1.value.lastUse })
    {
      effects += untrack(oldest.key)
    }
    tracked[range] = Tracked(lastUse: clock)
    if !range.isSingle { wide.insert(range) }
    return effects + [.watch(range)]
  }

  /// Whether a reply to this range may be worth keeping.
  func wants(_ range: KeyRange) -> Bool { tracked[range]?.isLive ?? false }

  private mutating func untrack(_ range: KeyRange) -> [Effect] {
    clear(range)
    tracked[range] = nil
    wide.remove(range)
    return [.forget(range)]
  }

  private mutating func clear(_ range: KeyRange) {
    for request in tracked[range]?.replies ?? [] { drop(request) }
    tracked[range]?.replies = []
  }

  private mutating func drop(_ request: Key) {
    guard let reply = replies.removeValue(forKey: request) else { return }
    byteCount -= reply.message.count + request.bytes.count
  }

  // MARK: What the watches tell

  /// The watch of a range is there and tells of every change behind `revision`.
  mutating func live(_ range: KeyRange, from revision: Int64) {
    guard tracked[range] != nil else { return }
    tracked[range]?.isLive = true
    raise(range, to: revision)
  }

  private mutating func raise(_ range: KeyRange, to revision: Int64) {
    let floor = tracked[range]?.floor ?? 0
    tracked[range]?.floor = max(floor, revision)
  }

  /// Something in the range changed, at `revision`.
  mutating func changed(_ range: KeyRange, at revision: Int64) {
    guard let known = tracked[range] else { return }
    raise(range, to: revision)
    let old = known.replies.filter { (replies[$0]?.revision ?? 0) < revision }
    for request in old { drop(request) }
    tracked[range]?.replies.subtract(old)
  }

  /// The watch is gone: nothing is known of the range any more.
  mutating func lost(_ range: KeyRange) {
    clear(range)
    tracked[range]?.isLive = false
  }

  /// The watch of a range was refused: it cannot be tracked.
  mutating func refused(_ range: KeyRange) {
    clear(range)
    tracked[range] = nil
    wide.remove(range)
  }

  /// A write through this proxy changed these keys at `revision`: whoever wrote must not be shown what was before.
  mutating func wrote(_ keys: KeyRange, at revision: Int64) {
    guard !tracked.isEmpty else { return }
    if keys.isSingle {
      changed(keys, at: revision)
      for range in wide where range.overlaps(keys) { changed(range, at: revision) }
    } else {
      for range in Array(tracked.keys) where range.overlaps(keys) { changed(range, at: revision) }
    }
  }

  /// Forgets every reply; ranges stay tracked.
  mutating func clear() {
    replies = [:]
    byteCount = 0
    for range in Array(tracked.keys) { tracked[range]?.replies = [] }
  }

  // MARK: Keeping

  /// Keeps a reply of `revision`, unless a later change of its range is known.
  mutating func keep(_ message: Bytes, to request: Key, _ range: KeyRange, revision: Int64, at now: Instant) {
    guard let known = tracked[range], known.isLive, revision >= known.floor,
      message.count <= Limits.proxyCacheEntryBytes
    else { return }
    clock += 1
    drop(request)
    replies[request] = Reply(
      message: message, range: range, revision: revision, until: now + Limits.proxyCacheLife, lastUse: clock)
    tracked[range]?.replies.insert(request)
    byteCount += message.count + request.bytes.count
    if replies.count > Limits.proxyCacheEntries || byteCount > Limits.proxyCacheBytes { evict() }
  }

  /// Makes room for an eighth at once, so that the search for the least used is paid rarely.
  private mutating func evict() {
    let byUse = replies.sorted { $0.value.lastUse < $1.value.lastUse }
    for (request, reply) in byUse {
      let isRoomy =
        replies.count <= Limits.proxyCacheEntries / 8 * 7 && byteCount <= Limits.proxyCacheBytes / 8 * 7
      if isRoomy { return }
      tracked[reply.range]?.replies.remove(request)
      drop(request)
    }
  }
}
