import Base
import Wire

/// What etcd promises of keys, written down once more and plainly: every version of every key is kept, everything is
/// looked up by walking. It shares no code with the store that it is held against.
struct Model {
  /// One change of one key.
  struct Change {
    var main: Int64
    var sub: Int64
    var key: Key
    var isDelete: Bool
    var pair: KeyValue
  }

  struct Lease {
    var ttl: Int64
    var keys: Set<Key> = []
  }

  /// What an entry answers.
  enum Outcome: Equatable {
    case put(revision: Int64, previous: KeyValue?)
    case delete(revision: Int64, deleted: Int64, previous: [KeyValue])
    case txn(TxnResponse)
    case compaction(revision: Int64)
    case grant(ttl: Int64)
    case revoke(revision: Int64)
    case nothing
    case failed(RPCStatus)
  }

  private(set) var revision: Int64 = 1
  private(set) var compacted: Int64 = -1
  private(set) var leases: [Int64: Lease] = [:]
  /// Every change, in order.
  private(set) var changes: [Change] = []
  /// Place in `changes` of the first change of each revision; by revision, two unused at the front.
  private(set) var starts: [Int] = [0, 0]
  private var versions: [Key: [Change]] = [:]
  private var keys: [Key] = []
  private var pending = 0
  let minimumTTL: Int64

  init(minimumTTL: Int64) { self.minimumTTL = minimumTTL }

  var liveKeys: Int { keys.count { current($0) != nil } }

  // MARK: Entries

  mutating func apply(_ body: InternalRaftRequest.Body?) -> Outcome {
    do throws(RPCStatus) {
      switch body {
      case .put(let put): return try apply(put)
      case .deleteRange(let delete):
        let gone = delete.prevKv ? live(delete.key, delete.rangeEnd) : []
        let count = deleteKeys(live(delete.key, delete.rangeEnd).map { Key($0.key) })
        end()
        return .delete(revision: revision, deleted: count, previous: gone)
      case .txn(let txn): return try apply(txn)
      case .compaction(let request):
        if request.revision <= compacted { throw .compacted }
        if request.revision > revision { throw .futureRevision }
        compacted = request.revision
        return .compaction(revision: revision)
      case .leaseGrant(let grant):
        if leases[grant.id] != nil { throw .leaseExists }
        leases[grant.id] = Lease(ttl: max(grant.ttl, minimumTTL))
        return .grant(ttl: max(grant.ttl, minimumTTL))
      case .leaseRevoke(let revoke):
        guard let lease = leases.removeValue(forKey: revoke.id) else { throw .leaseNotFound }
        _ = deleteKeys(lease.keys.sorted())
        end()
        return .revoke(revision: revision)
      default: return .nothing
      }
    } catch { return .failed(error) }
  }

  private mutating func apply(_ request: PutRequest) throws(RPCStatus) -> Outcome {
    if request.lease != 0, leases[request.lease] == nil { throw .leaseNotFound }
    if request.ignoreValue || request.ignoreLease, current(Key(request.key)) == nil { throw .keyNotFound }
    let previous = put(request)
    end()
    return .put(revision: revision, previous: request.prevKv ? previous : nil)
  }

  private mutating func put(_ request: PutRequest) -> KeyValue? {
    let key = Key(request.key)
    let previous = current(key)
    var pair = KeyValue(
      key: request.key, createRevision: previous?.createRevision ?? revision + 1, modRevision: revision + 1,
      version: (previous?.version ?? 0) + 1, value: request.value, lease: request.lease)
    if request.ignoreValue { pair.value = previous?.value ?? [] }
    if request.ignoreLease { pair.lease = previous?.lease ?? 0 }
    if let previous, previous.lease != 0 { leases[previous.lease]?.keys.remove(key) }
    if pair.lease != 0 { leases[pair.lease]?.keys.insert(key) }
    add(key, pair, isDelete: false)
    return previous
  }

  private mutating func deleteKeys(_ gone: [Key]) -> Int64 {
    var count: Int64 = 0
    for key in gone {
      guard let previous = current(key) else { continue }
      if previous.lease != 0 { leases[previous.lease]?.keys.remove(key) }
      add(key, KeyValue(key: key.bytes, modRevision: revision + 1), isDelete: true)
      count += 1
    }
    return count
  }

  private mutating func add(_ key: Key, _ pair: KeyValue, isDelete: Bool) {
    let change = Change(main: revision + 1, sub: Int64(pending), key: key, isDelete: isDelete, pair: pair)
    if versions[key] == nil { keys.insert(key, at: keys.firstIndex { $0 > key } ?? keys.count) }
    versions[key, default: []].append(change)
    if pending == 0 { starts.append(changes.count) }
    changes.append(change)
    pending += 1
  }

  private mutating func end() {
    if pending > 0 { revision += 1 }
    pending = 0
  }

  // MARK: Looking

  private func current(_ key: Key) -> KeyValue? {
    guard let last = versions[key]?.last, !last.isDelete else { return nil }
    return last.pair
  }

  private func pair(_ key: Key, at revision: Int64) -> KeyValue? {
    guard let found = versions[key]?.last(where: { $0.main <= revision }), !found.isDelete else { return nil }
    return found.pair
  }

  static func holds(_ key: Bytes, _ end: Bytes, _ candidate: Key) -> Bool {
    if end.isEmpty { return candidate.bytes == key }
    if compareBytes(candidate.bytes, key) < 0 { return false }
    return end == [0] || compareBytes(candidate.bytes, end) < 0
  }

  private func live(_ key: Bytes, _ end: Bytes) -> [KeyValue] {
    keys.filter { Self.holds(key, end, $0) }.compactMap { current($0) }
  }

  private var readRevision: Int64 { pending == 0 ? revision : revision + 1 }

  /// A range as it must be answered at `at`, which stands for "now" where the request names no revision.
  func range(_ request: RangeRequest, at: Int64) -> RangeResponse {
    let wanted = request.revision > 0 ? request.revision : at
    var pairs = keys.filter { Self.holds(request.key, request.rangeEnd, $0) }
      .compactMap { pair($0, at: wanted) }
    var response = RangeResponse(header: ResponseHeader(revision: at), count: Int64(pairs.count))
    if request.countOnly { return response }
    if request.limit > 0, pairs.count > Int(request.limit) {
      pairs.removeSubrange(Int(request.limit)...)
      response.more = true
    }
    if request.keysOnly { for place in pairs.indices { pairs[place].value = [] } }
    response.kvs = pairs
    return response
  }

  // MARK: Transactions

  private mutating func apply(_ request: TxnRequest) throws(RPCStatus) -> Outcome {
    let way = choose(request)
    try check(request, way)
    var response = perform(request, way)
    response.header = ResponseHeader(revision: readRevision)
    end()
    return .txn(response)
  }

  /// A transaction that only reads, as it must be answered when `at` is the newest revision.
  func read(_ request: TxnRequest, at: Int64) -> TxnResponse {
    var copy = self
    // The past is cut off: what came later is not there.
    copy.forget(after: at)
    let way = copy.choose(request)
    var response = copy.perform(request, way)
    response.header = ResponseHeader(revision: at)
    return response
  }

  private mutating func forget(after at: Int64) {
    guard at < revision else { return }
    for key in keys { versions[key]?.removeAll { $0.main > at } }
    revision = at
  }

  private struct Way {
    var succeeded: Bool
    var nested: [Way]
  }

  private func choose(_ request: TxnRequest) -> Way {
    let succeeded = request.compare.allSatisfy { holds($0) }
    var nested: [Way] = []
    for operation in succeeded ? request.success : request.failure {
      if case .requestTxn(let inner) = operation.request { nested.append(choose(inner)) }
    }
    return Way(succeeded: succeeded, nested: nested)
  }

  private func holds(_ compare: Compare) -> Bool {
    let found = live(compare.key, compare.rangeEnd)
    if found.isEmpty { return compare.target != .value && holds(compare, KeyValue()) }
    return found.allSatisfy { holds(compare, $0) }
  }

  private func holds(_ compare: Compare, _ pair: KeyValue) -> Bool {
    let order: Int
    switch compare.targetUnion {
    case .version(let number): order = (pair.version - number).signum().asInt
    case .createRevision(let number): order = (pair.createRevision - number).signum().asInt
    case .modRevision(let number): order = (pair.modRevision - number).signum().asInt
    case .lease(let number): order = (pair.lease - number).signum().asInt
    case .value(let bytes): order = compareBytes(pair.value, bytes).signum()
    default: order = 0
    }
    switch compare.result {
    case .equal: return order == 0
    case .notEqual: return order != 0
    case .greater: return order > 0
    case .less: return order < 0
    default: return true
    }
  }

  private func check(_ request: TxnRequest, _ way: Way) throws(RPCStatus) {
    var nested = way.nested[...]
    for operation in way.succeeded ? request.success : request.failure {
      switch operation.request {
      case .requestPut(let put):
        if put.ignoreValue || put.ignoreLease, current(Key(put.key)) == nil { throw .keyNotFound }
        if put.lease != 0, leases[put.lease] == nil { throw .leaseNotFound }
      case .requestTxn(let inner):
        if let innerWay = nested.popFirst() { try check(inner, innerWay) }
      default: break
      }
    }
  }

  private mutating func perform(_ request: TxnRequest, _ way: Way) -> TxnResponse {
    var nested = way.nested[...]
    var response = TxnResponse(succeeded: way.succeeded)
    for operation in way.succeeded ? request.success : request.failure {
      var answer = ResponseOp()
      switch operation.request {
      case .requestRange(let range):
        answer.response = .responseRange(self.range(range, at: readRevision))
      case .requestPut(let put):
        let previous = self.put(put)
        answer.response = .responsePut(
          PutResponse(header: ResponseHeader(revision: readRevision), prevKv: put.prevKv ? previous : nil))
      case .requestDeleteRange(let delete):
        let gone = live(delete.key, delete.rangeEnd)
        let count = deleteKeys(gone.map { Key($0.key) })
        answer.response = .responseDeleteRange(
          DeleteRangeResponse(
            header: ResponseHeader(revision: readRevision), deleted: count, prevKvs: delete.prevKv ? gone : []))
      case .requestTxn(let inner):
        var innerResponse = perform(inner, nested.popFirst() ?? Way(succeeded: false, nested: []))
        innerResponse.header = ResponseHeader()
        answer.response = .responseTxn(innerResponse)
      case nil: break
      }
      response.responses.append(answer)
    }
    return response
  }
}

extension Int64 {
  fileprivate var asInt: Int { Int(self) }
}
