import Base
import Wire

/// A large range, answered in slices at a fixed revision while the store goes on, and never held as a whole.
///
/// It is gone through twice: first for its length, which gRPC wants to know before the first byte, then for its bytes, as
/// the reader takes them. Keys in order are walked both times and cost no memory; any other order holds 32 bytes a key.
/// Writes between the slices lie above the revision and do not matter; rows of the revision are pinned, so a compaction
/// waits. Where it will wait no longer (see `Store.overridePins`) the work ends: the answer is then *compacted*.
package final class RangeComputation {
  private let store: Store
  private let request: RangeRequest
  private let header: ResponseHeader
  private let generation: Int
  /// What is read; the header names the revision of the beginning.
  private let revision: Int64
  private let range: KeyRange
  private let pin: Int
  private var plan: RangePlan
  private var stage: Stage
  /// The count was known at the beginning, so the walk may end with the limit.
  private let isCounted: Bool
  /// Keys walked, and those among them that pass the filters.
  private var seen = 0
  private var passed = 0
  /// Rows the answer has, and rows sized or written so far.
  private var rowCount = 0
  private var done = 0
  /// Length of the whole message, as far as it is known.
  private var byteCount = 0
  private var didBegin = false
  /// Values to sort by, one behind the other.
  private var values = ByteWriter()
  private var valued: [Valued] = []

  private enum Stage {
    /// Keys in order: counting and sizing, from here on.
    case sizing(KeyRange)
    /// Another order: gathering what is to be sorted, from here on.
    case collecting(KeyRange)
    case readingValues
    case sorting(SlicedSort<RangePlan.Hit>)
    case sortingValues(SlicedSort<Valued>)
    case sizingHits
    /// The length is known. Where the walk goes on; nil where hits are held.
    case writing(KeyRange?)
    case finished
  }

  /// A hit, and where its value lies.
  private struct Valued {
    var hit: RangePlan.Hit
    var value: Range<Int>
  }

  /// Errors: the revision is compacted or in the future.
  package init(store: Store, request: RangeRequest, header: ResponseHeader) throws(RPCStatus) {
    let at = try store.revisionToRead(request.revision)
    range = KeyRange(request.key, request.rangeEnd)
    self.store = store
    self.request = request
    self.header = header
    generation = store.generation
    revision = at ?? store.currentRevision
    pin = store.pin(revision)
    plan = RangePlan(revision: store.currentRevision)
    let isPage = at == nil && request.isLastPage
    isCounted = at == nil && request.isPlain || isPage
    if isCounted { plan.count = store.index.countLive(range) }
    stage = request.isInKeyOrder || request.countOnly ? .sizing(range) : .collecting(range)
    store.counters.ranges += 1
    if isPage { collectLastPage() }
  }

  deinit { store.unpin(pin) }

  /// Rows that are held in memory at most while this works; 0 where keys are in order.
  package var heldRows: Int {
    if request.isInKeyOrder || request.countOnly { return 0 }
    if isCounted { return min(plan.count, Int(clamping: request.limit)) }
    return revision == store.currentRevision ? store.index.countLive(range) : store.index.keyCount
  }

  /// Does a slice of the first part, of about `rows` rows; the length of the whole message once that is known.
  /// Errors: a compaction, or the snapshot of another member, passed the revision; or there is too much to sort.
  package func measure(rows: Int = Limits.rangeSliceRows) throws(RPCStatus) -> Int? {
    try checkStanding()
    switch stage {
    case .sizing(let rest): size(rest, rows)
    case .collecting(let rest): collect(rest, keyBudget: rows * 8)  // a key costs a small part of a row
    case .readingValues: try readValues(rows)
    case .sorting(var sort):
      stage = .finished  // lets go of the elements, so that they are sorted in place
      if sort.step(rows * 4) { arrange(sort.elements) } else { stage = .sorting(sort) }
    case .sortingValues(var sort):
      stage = .finished
      if sort.step(rows) { arrange(sort.elements.map(\.hit)) } else { stage = .sortingValues(sort) }
    case .sizingHits: sizeHits(rows)
    case .writing, .finished: break
    }
    if case .writing = stage { return byteCount }
    return nil
  }

  /// Appends the next slice of the message: about so many rows and bytes, at least one row. True when it is complete.
  /// Errors as `measure`, which must have answered before.
  package func write(
    rows: Int = Limits.rangeSliceRows, bytes: Int = Limits.rangeSliceBytes, to output: inout ByteWriter
  ) throws(RPCStatus) -> Bool {
    try checkStanding()
    guard case .writing(let rest) = stage else { broken("a range is written before it was measured") }
    let before = output.count
    if !didBegin { store.appendHeader(header, revision: plan.revision, to: &output) }
    didBegin = true
    if let rest {
      stage = .writing(writeKeys(rest, rows, bytes, to: &output))
    } else {
      writeHits(rows, bytes, to: &output)
    }
    if done == rowCount { store.appendEnd(plan, to: &output) }
    byteCount -= output.count - before
    guard done == rowCount else { return false }
    invariant(byteCount == 0, "a range was measured \(byteCount) bytes longer than it is")
    stage = .finished
    return true
  }

  private func checkStanding() throws(RPCStatus) {
    if generation != store.generation || revision < store.removedBelow { throw .compacted }
  }

  // MARK: Keys in order

  private var limit: Int { request.countOnly ? 0 : request.pageLimit }

  private func size(_ rest: KeyRange, _ keyBudget: Int) {
    let limit = limit
    var next: Bytes?
    if !isCounted || limit > 0 {
      next = store.index.forEach(rest, at: revision, keyBudget: keyBudget) { found in
        seen += 1
        guard request.passes(found.state) else { return true }
        passed += 1
        if rowCount < limit {
          rowCount += 1
          byteCount += store.pairBytes(RangePlan.Hit(found.state), keysOnly: request.keysOnly)
        }
        return !isCounted || rowCount < limit
      }
    }
    if let next { return stage = .sizing(range.from(next)) }
    if !isCounted { plan.count = seen }
    if !request.countOnly { plan.more = (request.isPlain ? plan.count : passed) > rowCount }
    beginWriting(range)
  }

  private func beginWriting(_ walk: KeyRange?) {
    byteCount += store.frameBytes(header, plan)
    stage = .writing(walk)
  }

  /// Where to go on; the range's beginning, which is not looked at again, when all rows are written.
  private func writeKeys(_ rest: KeyRange, _ rows: Int, _ bytes: Int, to output: inout ByteWriter) -> KeyRange {
    if done == rowCount { return rest }
    let before = output.count
    var stopped: Bytes?
    let next = store.index.forEach(rest, at: revision, keyBudget: rows) { found in
      guard request.passes(found.state) else { return true }
      if output.count - before >= bytes {
        stopped = Bytes(found.key)
        return false
      }
      store.append(RangePlan.Hit(found.state), keysOnly: request.keysOnly, to: &output)
      done += 1
      return done < rowCount
    }
    if done == rowCount { return rest }
    guard let key = stopped ?? next else { broken("the index lost keys of a pinned revision") }
    return range.from(key)
  }

  // MARK: Another order

  /// A limit and descending keys at the newest revision: the last keys are found by rank.
  private func collectLastPage() {
    let taken = min(Int(clamping: request.limit), plan.count)
    plan.more = plan.count > taken
    if taken == 0 { return }
    guard let first = store.index.liveKey(rank: store.index.rank(range.key) + plan.count - taken) else {
      broken("the index counts keys it does not find")
    }
    stage = .collecting(range.from(first))
  }

  private func collect(_ rest: KeyRange, keyBudget: Int) {
    let limit = request.sortedLimit
    let next = store.index.forEach(rest, at: revision, keyBudget: keyBudget) { found in
      seen += 1
      if seen <= limit, request.passes(found.state) { plan.hits.append(RangePlan.Hit(found.state)) }
      return true
    }
    if let next { return stage = .collecting(range.from(next)) }
    if !isCounted { plan.count = seen }
    sort()
  }

  /// As `Store.sort`, in slices.
  private func sort() {
    if request.sortTarget == .value {
      if case .unrecognized = request.sortOrder { return arrange(plan.hits) }
      return stage = .readingValues
    }
    guard let order = request.order else {
      if request.sortOrder == .descend, request.sortTarget == .key { plan.hits.reverse() }
      return arrange(plan.hits)
    }
    let hits = plan.hits
    plan.hits = []
    stage = .sorting(SlicedSort(hits, by: order))
  }

  private func readValues(_ rows: Int) throws(RPCStatus) {
    let end = min(plan.hits.count, valued.count + rows)
    for place in valued.count..<end {
      let start = values.count
      store.withRow(at: plan.hits[place].modified) { values.append(StoredRecord($0).value) }
      valued.append(Valued(hit: plan.hits[place], value: start..<values.count))
      if values.count > Limits.sortedValueBytes { throw .tooMuchToSort }
    }
    if valued.count < plan.hits.count { return }
    plan.hits = []
    let isDescending = request.sortOrder == .descend
    let rows = valued
    valued = []
    stage = .sortingValues(
      SlicedSort(rows) { [unowned self] a, b in
        let order = values.withUnsafeBytes { bytes in
          compareBytes(
            UnsafeRawBufferPointer(rebasing: bytes[a.value]), UnsafeRawBufferPointer(rebasing: bytes[b.value]))
        }
        return isDescending ? order > 0 : order < 0
      })
  }

  private func arrange(_ sorted: [RangePlan.Hit]) {
    plan.hits = sorted
    values = ByteWriter()
    if request.limit > 0, plan.hits.count > request.limit {
      plan.hits.removeSubrange(Int(request.limit)...)
      plan.more = true
    }
    rowCount = plan.hits.count
    stage = .sizingHits
  }

  private func sizeHits(_ rows: Int) {
    let end = min(rowCount, done + rows)
    while done < end {
      byteCount += store.pairBytes(plan.hits[done], keysOnly: request.keysOnly)
      done += 1
    }
    guard done == rowCount else { return }
    done = 0
    beginWriting(nil)
  }

  private func writeHits(_ rows: Int, _ bytes: Int, to output: inout ByteWriter) {
    let end = min(rowCount, done + rows)
    let before = output.count
    while done < end, output.count - before < bytes {
      store.append(plan.hits[done], keysOnly: request.keysOnly, to: &output)
      done += 1
    }
  }
}

extension RangeRequest {
  /// Keys come in their own order, filtered or not: no two of them have to be compared.
  var isInKeyOrder: Bool { sortTarget == .key && (sortOrder == .none || sortOrder == .ascend) }

  /// How hits are compared; nil where they stay as they are or their values are needed.
  fileprivate var order: ((RangePlan.Hit, RangePlan.Hit) -> Bool)? {
    if case .unrecognized = sortOrder { return nil }
    let isDescending = sortOrder == .descend
    switch sortTarget {
    case .version: return { isDescending ? $0.version > $1.version : $0.version < $1.version }
    case .create: return { isDescending ? $0.created > $1.created : $0.created < $1.created }
    case .mod:
      return {
        isDescending ? $0.modified.main > $1.modified.main : $0.modified.main < $1.modified.main
      }
    case .key, .value, .unrecognized: return nil
    }
  }
}

extension KeyRange {
  /// What is left of the range from `key` on.
  func from(_ key: Bytes) -> KeyRange {
    var rest = self
    rest.key = key
    return rest
  }
}

extension RPCStatus {
  /// A range to be sorted by values that are too many to hold.
  static let tooMuchToSort = RPCStatus(
    .resourceExhausted,
    "etcdserver: values of more than \(Limits.sortedValueBytes) bytes are too much to sort by")
}

extension Store {
  /// Whether a range is better answered by a `RangeComputation`: it would read more rows than fit into one slice.
  package func isLarge(_ request: RangeRequest) -> Bool {
    if request.rangeEnd.isEmpty { return false }
    let range = KeyRange(request.key, request.rangeEnd)
    let isNow = request.revision <= 0 || request.revision == currentRevision
    if isNow, request.countOnly { return false }
    if isNow, request.limit > 0, request.limit <= Limits.rangeSliceRows, request.isPlain || request.isLastPage {
      return false
    }
    // A past revision is walked key by key, dead ones too.
    return (isNow ? index.countLive(range) : index.keyCount) > Limits.rangeSliceRows
  }

  /// Rows that a range reads now, without reading it.
  package func rowCount(_ request: RangeRequest) -> Int {
    let range = KeyRange(request.key, request.rangeEnd)
    if request.countOnly || range.isSingle { return 1 }
    let count = index.countLive(range)
    return request.limit > 0 && request.isPlain ? min(count, Int(clamping: request.limit)) : count
  }

  /// The same for the ranges of a transaction, those of the dearer branch.
  package func rowCount(_ request: TxnRequest) -> Int {
    max(rowCount(request.success), rowCount(request.failure))
  }

  private func rowCount(_ operations: [RequestOp]) -> Int {
    operations.reduce(0) { sum, operation in
      switch operation.request {
      case .requestRange(let range)?: sum + rowCount(range)
      case .requestTxn(let txn)?: sum + rowCount(txn)
      case .requestPut?, .requestDeleteRange?, nil: sum
      }
    }
  }
}
