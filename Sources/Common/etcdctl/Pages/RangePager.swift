import Base
import Wire

/// Decides how a range is read in pages that together say what one request would: all at the first page's revision,
/// each as large as fits the bytes it aims at. It asks for nothing itself.
struct RangePager {
  private let query: RangeRequest
  /// Nil for no limit.
  private let limit: Int64?
  private var nextKey: Bytes
  private var revision: Int64
  private var pageKeys: Int64
  private let pageBytes: Int
  private var isDone = false
  /// Keys of the whole range as the first page counted them.
  private(set) var count: Int64 = 0
  private(set) var taken: Int64 = 0
  private(set) var hasFirst = false

  /// Nil for a request that is to be sent as it is: for one key, for a count, or in an order or with a choice that a
  /// member can only make of everything.
  init?(
    _ query: RangeRequest, firstKeys: Int64 = Limits.rangeFirstPageKeys, pageBytes: Int = Limits.rangePageBytes
  ) {
    guard !query.rangeEnd.isEmpty, !query.countOnly, query.sortOrder == .none, query.sortTarget == .key,
      query.minCreateRevision == 0, query.maxCreateRevision == 0, query.minModRevision == 0,
      query.maxModRevision == 0
    else { return nil }
    self.query = query
    limit = query.limit > 0 ? query.limit : nil
    nextKey = query.key
    revision = query.revision
    pageKeys = firstKeys
    self.pageBytes = pageBytes
  }

  /// Keys that there will be in the end.
  var total: Int64 { limit.map { min($0, count) } ?? count }
  /// As one reply would say it: the limit left something out.
  var hasMore: Bool { limit.map { count > $0 } ?? false }
  /// The revision of all pages behind the first.
  var isPinned: Bool { hasFirst }

  /// The next request; nil when all was read.
  var request: RangeRequest? {
    if isDone { return nil }
    var page = query
    page.key = nextKey
    page.revision = revision
    page.limit = limit.map { min(pageKeys, $0 - taken) } ?? pageKeys
    return page
  }

  /// How large a reply may be. One key has to be taken as it is.
  var receiveBytes: Int { pageKeys == 1 ? Limits.clientReceiveBytes : Limits.rangeReceiveBytes }

  /// The page asked for was too large; true where a smaller one is worth asking for.
  mutating func wasTooLarge() -> Bool {
    guard pageKeys > 1 else { return false }
    pageKeys = max(1, pageKeys / 8)
    return true
  }

  mutating func took(_ reply: RangeResponse) {
    if !hasFirst {
      hasFirst = true
      count = reply.count
      if revision <= 0 { revision = reply.header?.revision ?? 0 }
    }
    taken += Int64(reply.kvs.count)
    guard reply.more, let last = reply.kvs.last, limit.map({ taken < $0 }) ?? true else {
      isDone = true
      return
    }
    nextKey = last.key + [0]
    adapt(reply.kvs)
  }

  /// Grows by no more than eight times at once, as the keys behind may be larger than those seen.
  private mutating func adapt(_ pairs: [KeyValue]) {
    // What a pair takes beside key and value, about.
    let bytes = pairs.reduce(0) { $0 + $1.key.count + $1.value.count + 32 }
    let fitting = Int64(pageBytes) * Int64(pairs.count) / Int64(max(1, bytes))
    pageKeys = max(1, min(fitting, pageKeys * 8, Limits.rangePageKeys))
  }
}
