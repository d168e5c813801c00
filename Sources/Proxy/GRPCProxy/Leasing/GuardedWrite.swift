import Base
import Wire

/// A write as clients ask for it, and the transaction in which it goes to a member: it happens only while nobody else owns
/// what it may change, and where somebody does, he is asked to give it back in the same step. It decides nothing else.
///
/// etcd 3.4 (clientv3/leasing/kv.go, put and delete) writes a key that nobody owns twice.
struct GuardedWrite {
  enum Request {
    case put(PutRequest)
    case delete(DeleteRangeRequest)
    case txn(TxnRequest)
  }

  let request: Request
  /// Single keys that it may change, each once, and ranges.
  private(set) var single: [Key] = []
  private(set) var ranges: [KeyRange] = []
  /// Leasing keys that it may delete or change as if they were keys like others: that takes them from their owners.
  private(set) var leasingKeys: [KeyRange] = []
  private let keys: LeasingKeys
  /// Its keys are too many to be compared one by one: they are looked at before, as ranges are.
  private(set) var isWide = false

  init(_ request: Request, _ keys: LeasingKeys) {
    self.request = request
    self.keys = keys
    var seen: Set<Key> = []
    var cost = 0
    switch request {
    case .put(let put): note(KeyRange(put.key, []), &seen)
    case .delete(let delete): note(KeyRange(delete.key, delete.rangeEnd), &seen)
    case .txn(let txn):
      // Where nothing is compared only one branch can be taken.
      let reachable = txn.compare.isEmpty ? TxnRequest(success: txn.success) : txn
      for range in reachable.writtenRanges { note(range, &seen) }
      cost = txn.compare.isEmpty ? txn.operationCost - txn.success.count : txn.operationCost
    }
    let guards = single.count + ranges.count + leasingKeys.count
    isWide = guards + max(cost, 1) > Limits.leasingTxnOperations
  }

  private mutating func note(_ range: KeyRange, _ seen: inout Set<Key>) {
    if let taken = range.common(with: keys.all) { leasingKeys.append(taken) }
    guard range.isSingle else { return ranges.append(range) }
    if seen.insert(range.key).inserted { single.append(range.key) }
  }

  var writesNothing: Bool { single.isEmpty && ranges.isEmpty }

  /// The leasing keys whose owners must be found out before it is tried.
  var toBeListed: [KeyRange] {
    ranges.map { keys.of($0) } + leasingKeys + (isWide ? single.map { KeyRange(keys.of($0), []) } : [])
  }

  // MARK: The transaction

  /// What is compared, and what is done where it does not hold.
  private struct Guard {
    var compare: Compare
    var key: Key?
    var otherwise: RequestOp?
  }

  /// - Parameter listed: the revision at which nobody else owned any of `toBeListed`.
  func transaction(listed: Int64, _ standing: (Key) -> LeasingTable.Standing) -> Plan {
    let guards = isWide ? [Guard(compare: LeasingKeys.areOld(covered, since: listed))] : each(listed, standing)
    let operations =
      switch request {
      case .put(let put): [RequestOp(request: .requestPut(put))]
      case .delete(let delete): [RequestOp(request: .requestDeleteRange(delete))]
      case .txn(let txn): txn.compare.isEmpty ? txn.success : [RequestOp(request: .requestTxn(txn))]
      }
    return Plan(
      request: TxnRequest(
        compare: guards.map { $0.compare }, success: operations, failure: guards.compactMap { $0.otherwise }),
      asked: guards.compactMap { $0.key })
  }

  private func each(_ listed: Int64, _ standing: (Key) -> LeasingTable.Standing) -> [Guard] {
    single.map { key -> Guard in
      let standing = standing(key)
      let isOwned = if case .owned = standing { true } else { false }
      let look = RequestOp(request: .requestRange(RangeRequest(key: keys.of(key), keysOnly: true)))
      return Guard(
        compare: keys.isFree(key, standing), key: key, otherwise: isOwned ? look : keys.revocation(of: key))
    } + toBeListed.map { Guard(compare: LeasingKeys.areOld($0, since: listed)) }
  }

  /// One range around all of `toBeListed`: what else is taken in it meanwhile costs another attempt, and no more.
  private var covered: KeyRange {
    let listed = toBeListed
    let first = listed.map { $0.key }.min() ?? Key([])
    let isOpen = listed.contains { $0.end.bytes == [0] }
    let last = listed.map { $0.end.bytes.isEmpty ? Key($0.key.bytes + [0]) : $0.end }.max() ?? Key([])
    return KeyRange(first.bytes, isOpen ? [0] : last.bytes)
  }

  struct Plan {
    let request: TxnRequest
    /// The keys whose owners were asked, or looked for.
    fileprivate let asked: [Key]

    enum Answer {
      case done([ResponseOp])
      /// Others own these, and were asked; and leasing keys that should be ours, as they were found.
      case held(by: [Key], leasingKeys: [Key: Int64])
      case malformed
    }

    func answer(_ reply: TxnResponse) -> Answer {
      if reply.succeeded { return .done(reply.responses) }
      guard reply.responses.count == asked.count else { return .malformed }
      var held: [Key] = []
      var found: [Key: Int64] = [:]
      for (key, response) in zip(asked, reply.responses) {
        switch response.response {
        case .responseTxn(let revocation)?: if revocation.succeeded { held.append(key) }
        case .responseRange(let look)?: found[key] = look.kvs.first?.createRevision ?? 0
        default: return .malformed
        }
      }
      return .held(by: held, leasingKeys: found)
    }
  }

  // MARK: What came of it

  /// The reply to the client.
  func reply(_ done: [ResponseOp], _ header: ResponseHeader?) -> Bytes? {
    switch (request, done.first?.response) {
    case (.put, .responsePut(var put)?):
      put.header = header
      return put.encoded()
    case (.delete, .responseDeleteRange(var delete)?):
      delete.header = header
      return delete.encoded()
    case (.txn(let txn), _):
      guard var reply = Self.reply(to: txn, done) else { return nil }
      reply.header = header
      return reply.encoded()
    default: return nil
    }
  }

  private static func reply(to txn: TxnRequest, _ done: [ResponseOp]) -> TxnResponse? {
    if txn.compare.isEmpty { return TxnResponse(succeeded: true, responses: done) }
    if case .responseTxn(let reply)? = done.first?.response { return reply }
    return nil
  }

  /// What was changed, in order.
  func changes(_ done: [ResponseOp]) -> [LeasingChange] {
    switch request {
    case .put(let put): [.put(put)]
    case .delete(let delete): [.delete(KeyRange(delete.key, delete.rangeEnd))]
    case .txn(let txn): Self.reply(to: txn, done).map { Self.changes(txn, $0) } ?? []
    }
  }

  private static func changes(_ txn: TxnRequest, _ reply: TxnResponse) -> [LeasingChange] {
    zip(reply.succeeded ? txn.success : txn.failure, reply.responses).flatMap {
      operation, response -> [LeasingChange] in
      switch (operation.request, response.response) {
      case (.requestPut(let put)?, _): [.put(put)]
      case (.requestDeleteRange(let delete)?, _): [.delete(KeyRange(delete.key, delete.rangeEnd))]
      case (.requestTxn(let inner)?, .responseTxn(let reply)?): changes(inner, reply)
      default: []
      }
    }
  }
}

extension TxnRequest {
  /// What a member counts against `--max-txn-ops`: the longest list of each level. As etcd 3.4:
  /// etcdserver/api/v3rpc/key.go, checkTxnRequest.
  var operationCost: Int {
    let inner = (success + failure).map {
      if case .requestTxn(let txn)? = $0.request { txn.operationCost } else { 0 }
    }
    return max(compare.count, success.count, failure.count) + (inner.max() ?? 0)
  }

  /// The reply, where all that is compared and read is known here; nil: a member must say. What the branch that is not taken
  /// would do is not looked at. As etcd 3.4: clientv3/leasing/txn.go, eval.
  func reply(
    _ header: @autoclosure () -> ResponseHeader?, _ content: (Key) -> KeyValue??
  ) -> TxnResponse? {
    guard operationCost <= Limits.leasingTxnOperations, !success.isEmpty || !failure.isEmpty else { return nil }
    var holds = true
    for each in compare {
      guard !each.key.isEmpty, each.rangeEnd.isEmpty, let pair = content(Key(each.key)),
        let result = each.holds(for: pair)
      else { return nil }
      holds = holds && result
    }
    var responses: [ResponseOp] = []
    for operation in holds ? success : failure {
      guard case .requestRange(let range)? = operation.request, range.isForOwner,
        let pair = content(Key(range.key))
      else { return nil }
      responses.append(ResponseOp(response: .responseRange(range.reply(pair, nil))))
    }
    let header = header()
    for index in responses.indices {
      // As a member: the operations of a transaction say only how far the store is.
      guard case .responseRange(var range)? = responses[index].response else { continue }
      range.header = ResponseHeader(revision: header?.revision ?? 0)
      responses[index] = ResponseOp(response: .responseRange(range))
    }
    return TxnResponse(header: header, succeeded: holds, responses: responses)
  }
}
