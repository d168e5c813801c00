import Base
import Wire

/// A large range, answered in slices at a fixed revision while the store goes on.
///
/// First the index is walked and says which rows the answer holds; then they are sorted and cut; then each is copied
/// to the output. Writes between the slices lie above the revision and do not matter. A compaction that passes the
/// revision ends the work: the answer is then *compacted*.
package final class RangeComputation {
  private unowned let store: Store
  private let request: RangeRequest
  private let header: ResponseHeader
  private let generation: Int
  /// What is read; the header names the revision of the beginning.
  private let revision: Int64
  private var plan: RangePlan
  /// Where the walk goes on; nil when it is done.
  private var rest: KeyRange?
  /// Keys walked.
  private var seen = 0
  /// The count was known at the beginning, so the walk may end with the limit.
  private let isCounted: Bool
  /// Rows written.
  private var written = 0

  /// Errors: the revision is compacted or in the future.
  package init(store: Store, request: RangeRequest, header: ResponseHeader) throws(RPCStatus) {
    let at = try store.revisionToRead(request.revision)
    let range = KeyRange(request.key, request.rangeEnd)
    self.store = store
    self.request = request
    self.header = header
    generation = store.generation
    revision = at ?? store.currentRevision
    plan = RangePlan(revision: store.currentRevision)
    rest = range
    isCounted = at == nil && request.isPlain
    if isCounted { plan.count = store.index.countLive(range) }
    store.counters.ranges += 1
  }

  /// Does about one slice of work; true when the whole message is behind what `output` held at the first call. `output`
  /// is the caller's and must be the same for all steps. Errors: a compaction, or the snapshot of another member,
  /// passed the revision; what was written is void then.
  package func step(
    rows: Int = Limits.rangeSliceRows, bytes: Int = Limits.rangeSliceBytes, to output: inout ByteWriter
  ) throws(RPCStatus) -> Bool {
    if generation != store.generation || revision < store.compactRevision { throw .compacted }
    if let rest {
      walk(rest, keyBudget: rows * 8)  // a key of the index is many times cheaper than a row
      if self.rest == nil { arrange() }
      return false
    }
    return write(rows: rows, bytes: bytes, to: &output)
  }

  private func walk(_ range: KeyRange, keyBudget: Int) {
    let limit = request.countOnly ? 0 : request.isPlain ? request.pageLimit : request.sortedLimit
    var next: Bytes?
    if !isCounted || limit > 0 {
      next = store.index.forEach(range, at: revision, keyBudget: keyBudget) { found in
        seen += 1
        if seen <= limit, request.passes(found.state) { plan.hits.append(RangePlan.Hit(found.state)) }
        return !isCounted || seen < limit
      }
    }
    rest = next.map {
      var rest = range
      rest.key = $0
      return rest
    }
  }

  private func arrange() {
    if !isCounted { plan.count = seen }
    if request.countOnly { return }
    if request.isPlain {
      plan.more = plan.count > plan.hits.count
      return
    }
    store.sort(&plan.hits, request)
    if request.limit > 0, plan.hits.count > request.limit {
      plan.hits.removeSubrange(Int(request.limit)...)
      plan.more = true
    }
  }

  private func write(rows: Int, bytes: Int, to output: inout ByteWriter) -> Bool {
    if written == 0 { store.appendHeader(header, revision: plan.revision, to: &output) }
    let end = min(plan.hits.count, written + rows)
    let before = output.count
    while written < end, output.count - before < bytes {
      store.append(plan.hits[written], keysOnly: request.keysOnly, to: &output)
      written += 1
    }
    if written < plan.hits.count { return false }
    store.appendEnd(plan, to: &output)
    return true
  }
}

extension Store {
  /// Whether a range is better answered by a `RangeComputation`: it would read more rows than fit into one slice.
  package func isLarge(_ request: RangeRequest) -> Bool {
    let range = KeyRange(request.key, request.rangeEnd)
    if range.isSingle { return false }
    let isNow = request.revision <= 0 || request.revision == currentRevision
    if isNow, request.countOnly { return false }
    if isNow, request.limit > 0, request.limit <= Limits.rangeSliceRows, request.isPlain || request.isLastPage {
      return false
    }
    // A past revision is walked key by key, dead ones too.
    return (isNow ? index.countLive(range) : index.keyCount) > Limits.rangeSliceRows
  }
}
