import Base
import Wire

// Reading ranges. The index alone decides which rows an answer holds, counts them, and orders them by anything but
// the value; rows are fetched last, one each. Without sorting and filters at the current revision a page costs its
// own length, however large the range is.
// As etcd 3.4: mvcc/kvstore_txn.go, rangeKeys; etcdserver/apply.go, Range.

/// Which rows answer a range request, before any was read.
struct RangePlan {
  struct Hit {
    var modified: Revision
    var created: Int64
    var version: Int64
    init(_ state: KeyState) {
      modified = state.modified
      created = state.created
      version = state.version
    }
  }
  /// The revision that the answer's header names.
  var revision: Int64
  var hits: [Hit] = []
  /// Keys of the range at the revision, whatever limit and filters say.
  var count = 0
  var more = false
}

extension Store {
  /// Answers a range with a message. The header carries the revision alone.
  /// Errors: the revision is compacted or in the future.
  package func range(_ request: RangeRequest) throws(RPCStatus) -> RangeResponse {
    let plan = try plan(request)
    var response = RangeResponse(
      header: ResponseHeader(revision: plan.revision), more: plan.more, count: Int64(plan.count))
    response.kvs.reserveCapacity(plan.hits.count)
    for hit in plan.hits {
      withRow(at: hit.modified) { record in
        var pair = StoredRecord(record).decoded
        if request.keysOnly { pair.value = [] }
        response.kvs.append(pair)
      }
    }
    return response
  }

  /// Writes the encoded answer (an etcdserverpb.RangeResponse) behind what `output` holds, each record copied once, from
  /// where it lies. `header` gets the revision. On an error nothing is written; nor is it, and the answer is false, where
  /// two or more rows would take more than `byteLimit`: that is work for a `RangeComputation`.
  @discardableResult
  package func appendRangeResponse(
    _ request: RangeRequest, header: ResponseHeader, byteLimit: Int = .max, to output: inout ByteWriter
  ) throws(RPCStatus) -> Bool {
    let plan = try plan(request)
    let start = output.count
    appendHeader(header, revision: plan.revision, to: &output)
    for hit in plan.hits {
      append(hit, keysOnly: request.keysOnly, to: &output)
      if output.count - start > byteLimit, plan.hits.count > 1 {
        output.truncate(to: start)
        return false
      }
    }
    appendEnd(plan, to: &output)
    return true
  }

  func appendHeader(_ header: ResponseHeader, revision: Int64, to output: inout ByteWriter) {
    var header = header
    header.revision = revision
    output.append(RangeField.header)
    output.append(varint: UInt64(header.encodedSize))
    header.append(to: &output)
  }

  func append(_ hit: RangePlan.Hit, keysOnly: Bool, to output: inout ByteWriter) {
    withRow(at: hit.modified) { record in
      if keysOnly {
        let (head, tail) = StoredRecord(record).withoutValue
        appendPairHead(head.count + tail.count, to: &output)
        output.append(head)
        output.append(tail)
      } else {
        appendPairHead(record.count, to: &output)
        output.append(record)
      }
    }
  }

  /// Bytes that `append` will write.
  func pairBytes(_ hit: RangePlan.Hit, keysOnly: Bool) -> Int {
    var count = 0
    withRow(at: hit.modified) { record in
      if keysOnly {
        let (head, tail) = StoredRecord(record).withoutValue
        count = head.count + tail.count
      } else {
        count = record.count
      }
    }
    return 1 + WireSize.delimited(count)
  }

  private func appendPairHead(_ length: Int, to output: inout ByteWriter) {
    output.reserve(length + 11)
    output.append(RangeField.pair)
    output.append(varint: UInt64(length))
  }

  /// Bytes around the rows.
  func frameBytes(_ header: ResponseHeader, _ plan: RangePlan) -> Int {
    var header = header
    header.revision = plan.revision
    return 1 + WireSize.delimited(header.encodedSize) + (plan.more ? 2 : 0)
      + (plan.count != 0 ? 1 + WireSize.varint(UInt64(plan.count)) : 0)
  }

  func appendEnd(_ plan: RangePlan, to output: inout ByteWriter) {
    if plan.more {
      output.append(RangeField.more)
      output.append(1 as UInt8)
    }
    if plan.count != 0 {
      output.append(RangeField.count)
      output.append(varint: UInt64(plan.count))
    }
  }
}

/// Tags of etcdserverpb.RangeResponse.
enum RangeField {
  static let header: UInt8 = 1 << 3 | 2
  static let pair: UInt8 = 2 << 3 | 2
  static let more: UInt8 = 3 << 3
  static let count: UInt8 = 4 << 3
}

// MARK: - Planning

extension Store {
  func plan(_ request: RangeRequest) throws(RPCStatus) -> RangePlan {
    let at = try revisionToRead(request.revision)
    counters.ranges += 1
    txnOperations += txnChanges > 0 ? 1 : 0
    let range = KeyRange(request.key, request.rangeEnd)
    var plan = RangePlan(revision: readRevision)
    if request.countOnly {
      plan.count = count(range, at: at)
      return plan
    }
    if request.isPlain {
      planPage(&plan, range, at: at, limit: request.pageLimit)
    } else if request.isLastPage, at == nil {
      planLastPage(&plan, range, limit: Int(request.limit))
    } else {
      planSorted(&plan, request, range, at: at)
    }
    return plan
  }

  /// Nil for the newest state. As etcd 3.4: mvcc/kvstore_txn.go, rangeKeys.
  func revisionToRead(_ revision: Int64) throws(RPCStatus) -> Int64? {
    let newest = readRevision
    if revision > newest { throw .futureRevision }
    if revision <= 0 || revision == newest { return nil }
    if revision < compactRevision { throw .compacted }
    return revision
  }

  private func count(_ range: KeyRange, at: Int64?) -> Int {
    guard let at else { return index.countLive(range) }
    var total = 0
    index.forEach(range, at: at) { _ in
      total += 1
      return true
    }
    return total
  }

  /// The first `limit` keys in order. Now the index knows the count; in the past everything is counted.
  private func planPage(_ plan: inout RangePlan, _ range: KeyRange, at: Int64?, limit: Int) {
    var hits: [RangePlan.Hit] = []
    var count = 0
    if at == nil {
      count = index.countLive(range)
      hits.reserveCapacity(min(limit, count))
    }
    let isCounted = at == nil
    if limit > 0 {
      index.forEach(range, at: at) { found in
        if !isCounted { count += 1 }
        if hits.count < limit { hits.append(RangePlan.Hit(found.state)) }
        return !isCounted || hits.count < limit
      }
    }
    plan.count = count
    plan.more = count > hits.count
    plan.hits = hits
  }

  /// The last `limit` keys in descending order, found by rank.
  private func planLastPage(_ plan: inout RangePlan, _ range: KeyRange, limit: Int) {
    plan.count = index.countLive(range)
    let taken = min(limit, plan.count)
    plan.more = plan.count > taken
    if taken == 0 { return }
    let first = range.isSingle ? range.key : index.liveKey(rank: index.rank(range.key) + plan.count - taken)
    guard let first else { broken("the index counts keys it does not find") }
    var rest = range
    rest.key = first
    var hits: [RangePlan.Hit] = []
    index.forEach(rest, at: nil) { found in
      hits.append(RangePlan.Hit(found.state))
      return hits.count < taken
    }
    plan.hits = hits.reversed()
  }

  /// Everything in the range (or its first keys, see `sortedLimit`), filtered, sorted, then cut.
  private func planSorted(_ plan: inout RangePlan, _ request: RangeRequest, _ range: KeyRange, at: Int64?) {
    let limit = request.sortedLimit
    var hits: [RangePlan.Hit] = []
    var count = 0
    index.forEach(range, at: at) { found in
      if count < limit, request.passes(found.state) { hits.append(RangePlan.Hit(found.state)) }
      count += 1
      return true
    }
    sort(&hits, request)
    if request.limit > 0, hits.count > request.limit {
      hits.removeSubrange(Int(request.limit)...)
      plan.more = true
    }
    plan.count = count
    plan.hits = hits
  }

  func sort(_ hits: inout [RangePlan.Hit], _ request: RangeRequest) {
    let isDescending = request.sortOrder == .descend
    if case .unrecognized = request.sortOrder { return }
    switch request.sortTarget {
    case .key: if isDescending { hits.reverse() }
    case .version: hits.sort { isDescending ? $0.version > $1.version : $0.version < $1.version }
    case .create: hits.sort { isDescending ? $0.created > $1.created : $0.created < $1.created }
    case .mod:
      hits.sort {
        isDescending ? $0.modified.main > $1.modified.main : $0.modified.main < $1.modified.main
      }
    case .value: sortByValue(&hits, isDescending: isDescending)
    case .unrecognized: return
    }
  }

  private func sortByValue(_ hits: inout [RangePlan.Hit], isDescending: Bool) {
    var pairs: [(value: Bytes, hit: RangePlan.Hit)] = []
    pairs.reserveCapacity(hits.count)
    for hit in hits { withRow(at: hit.modified) { pairs.append((Bytes(StoredRecord($0).value), hit)) } }
    pairs.sort {
      let order = compareBytes($0.value, $1.value)
      return isDescending ? order > 0 : order < 0
    }
    hits = pairs.map(\.hit)
  }
}

extension RangeRequest {
  private var hasFilters: Bool {
    minModRevision != 0 || maxModRevision != 0 || minCreateRevision != 0 || maxCreateRevision != 0
  }

  /// Neither filters nor an order that differs from that of the keys.
  var isPlain: Bool {
    if hasFilters || sortTarget != .key { return false }
    return sortOrder == .none || sortOrder == .ascend
  }

  /// A limit and descending keys: the end of the range alone answers it.
  var isLastPage: Bool {
    !hasFilters && sortTarget == .key && sortOrder == .descend && limit > 0
  }

  var pageLimit: Int { limit > 0 ? Int(limit) : .max }

  /// How many keys are read before sorting. Without an order but with a target, etcd 3.4 sorts what the limit (and one
  /// more) let through, so that the answer is a sorted first page and not the first of all sorted.
  var sortedLimit: Int {
    if sortOrder != .none || hasFilters || limit <= 0 || limit == .max { return .max }
    return Int(limit) + 1
  }

  func passes(_ state: KeyState) -> Bool {
    if maxModRevision != 0, state.modified.main > maxModRevision { return false }
    if minModRevision != 0, state.modified.main < minModRevision { return false }
    if maxCreateRevision != 0, state.created > maxCreateRevision { return false }
    if minCreateRevision != 0, state.created < minCreateRevision { return false }
    return true
  }
}
