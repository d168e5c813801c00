import Base
import Testing
import Wire

@testable import Proxy

@Suite struct GuardedWriteTests {
  private let keys = LeasingKeys(prefix: "lz/".bytes)
  private func put(_ key: String, _ value: String) -> RequestOp {
    RequestOp(request: .requestPut(PutRequest(key: key.bytes, value: value.bytes)))
  }

  @Test("Leasing keys of single keys, of ranges, and of all that follows")
  func keyFormat() {
    #expect(keys.of(Key("k")) == "lz/k".bytes)
    #expect(keys.of(KeyRange("a".bytes, "b".bytes)) == KeyRange("lz/a".bytes, "lz/b".bytes))
    #expect(keys.of(KeyRange("a".bytes, [0])) == KeyRange("lz/a".bytes, "lz0".bytes))
    #expect(keys.owned(by: "lz/k".bytes) == Key("k"))
    #expect(keys.owned(by: "l".bytes) == nil)
  }

  @Test("A free key is written once, and its owner asked in the same step")
  func single() throws {
    let store = LeasingStore()
    let write = GuardedWrite(.put(PutRequest(key: "k".bytes, value: "1".bytes)), keys)
    let plan = write.transaction(listed: 0) { _ in .free }
    guard case .done(let done) = plan.answer(try #require(store.apply(plan.request))) else {
      return #expect(Bool(false))
    }
    #expect(store.pairs[Key("k")]?.version == 1)
    #expect(write.changes(done) == [.put(PutRequest(key: "k".bytes, value: "1".bytes))])
    // Somebody owns it now.
    store.grant(5)
    _ = store.apply(keys.acquisition(of: Key("k"), lease: 5))
    guard case .held(let held, _) = plan.answer(try #require(store.apply(plan.request))) else {
      return #expect(Bool(false))
    }
    #expect(held == [Key("k")])
    #expect(store.pairs[Key("k")]?.version == 1)
    let leasingKey = try #require(store.pairs[Key("lz/k")])
    #expect(leasingKey.value == LeasingKeys.revoke && leasingKey.lease == 5)
  }

  @Test("The owner writes while its leasing key is the one it knows")
  func owned() throws {
    let store = LeasingStore()
    store.grant(5)
    let born = try #require(store.apply(keys.acquisition(of: Key("k"), lease: 5))?.header?.revision)
    let write = GuardedWrite(.put(PutRequest(key: "k".bytes, value: "1".bytes)), keys)
    let plan = write.transaction(listed: 0) { _ in .owned(born: born) }
    guard case .done = plan.answer(try #require(store.apply(plan.request))) else { return #expect(Bool(false)) }
    store.expire(5)
    guard case .held(let held, let found) = plan.answer(try #require(store.apply(plan.request))) else {
      return #expect(Bool(false))
    }
    #expect(held == [] && found == [Key("k"): 0])
    #expect(store.pairs[Key("k")]?.version == 1)
  }

  @Test("More keys than a member compares at once are looked at before")
  func many() throws {
    let count = Limits.leasingTxnOperations - 1
    func operations(_ part: String) -> [RequestOp] { (0..<count).map { put("\(part)\($0)", "v") } }
    let compare = Compare(result: .equal, target: .create, key: "x".bytes, targetUnion: .createRevision(0))
    let txn = TxnRequest(compare: [compare], success: operations("a"), failure: operations("b"))
    let write = GuardedWrite(.txn(txn), keys)
    #expect(write.single.count == 2 * count && write.isWide && write.toBeListed.count == 2 * count)
    let store = LeasingStore()
    store.grant(5)
    let plan = write.transaction(listed: store.revision) { _ in .free }
    #expect(plan.request.operationCost == Limits.leasingTxnOperations)
    _ = store.apply(keys.acquisition(of: Key("b7"), lease: 5))
    guard case .held(let held, _) = plan.answer(try #require(store.apply(plan.request))) else {
      return #expect(Bool(false))
    }
    #expect(held == [])
    store.expire(5)
    guard case .done(let done) = plan.answer(try #require(store.apply(plan.request))) else {
      return #expect(Bool(false))
    }
    #expect(write.changes(done).count == count)
    #expect(store.pairs.count == count)
    // Without a comparison of its own it is not one level deeper, and only one branch counts.
    let plain = GuardedWrite(.txn(TxnRequest(success: operations("a"), failure: operations("b"))), keys)
    #expect(plain.single.count == count && !plain.isWide)
    let small = plain.transaction(listed: 0) { _ in .free }.request
    #expect(small.operationCost == Limits.leasingTxnOperations && small.success.count == count)
  }

  @Test("A range is not deleted once a key in it was taken")
  func ranges() throws {
    let store = LeasingStore()
    store.grant(5)
    let write = GuardedWrite(.delete(DeleteRangeRequest(key: "a".bytes, rangeEnd: "z".bytes)), keys)
    let plan = write.transaction(listed: store.revision) { _ in .free }
    _ = store.apply(TxnRequest(success: [put("k", "1")]))
    _ = store.apply(keys.acquisition(of: Key("k"), lease: 5))
    guard case .held = plan.answer(try #require(store.apply(plan.request))) else { return #expect(Bool(false)) }
    #expect(store.pairs[Key("k")] != nil)
    store.expire(5)
    guard case .done = plan.answer(try #require(store.apply(plan.request))) else { return #expect(Bool(false)) }
    #expect(store.pairs[Key("k")] == nil)
  }

  @Test("Who deletes leasing keys like others asks their owners too")
  func leasingKeys() {
    func taken(_ key: Bytes, _ end: Bytes) -> [KeyRange] {
      GuardedWrite(.delete(DeleteRangeRequest(key: key, rangeEnd: end)), keys).leasingKeys
    }
    #expect(taken("a".bytes, "b".bytes) == [])
    #expect(taken("a".bytes, "lz/".bytes) == [])
    #expect(taken([0], [0]) == [KeyRange("lz/".bytes, "lz0".bytes)])
    #expect(taken("lz/c".bytes, "z".bytes) == [KeyRange("lz/c".bytes, "lz0".bytes)])
    #expect(taken("a".bytes, "lz/c".bytes) == [KeyRange("lz/".bytes, "lz/c".bytes)])
    #expect(taken("lz/c".bytes, []) == [KeyRange("lz/c".bytes, [])])
    #expect(taken("lz/c".bytes, "lz/d".bytes) == [KeyRange("lz/c".bytes, "lz/d".bytes)])
  }

  @Test("Writes of inner transactions count, as far as they were carried out")
  func inner() {
    let innermost = TxnRequest(success: [put("x", "1")], failure: [put("y", "1")])
    let compare = Compare(result: .equal, target: .create, key: "x".bytes, targetUnion: .createRevision(0))
    let txn = TxnRequest(
      compare: [compare], success: [RequestOp(request: .requestTxn(innermost)), put("z", "1")],
      failure: [put("w", "1")])
    let write = GuardedWrite(.txn(txn), keys)
    #expect(Set(write.single) == [Key("x"), Key("y"), Key("z"), Key("w")])
    let reply = TxnResponse(
      succeeded: true,
      responses: [
        ResponseOp(
          response: .responseTxn(
            TxnResponse(succeeded: false, responses: [ResponseOp(response: .responsePut(PutResponse()))]))),
        ResponseOp(response: .responsePut(PutResponse())),
      ])
    let changed = write.changes([ResponseOp(response: .responseTxn(reply))]).map { $0.range.key }
    #expect(changed == [Key("y"), Key("z")])
  }

  @Test("A transaction that reads what is owned needs no member")
  func local() throws {
    let pair = KeyValue(key: "k".bytes, createRevision: 3, modRevision: 5, version: 2, value: "v".bytes)
    func content(_ key: Key) -> KeyValue?? {
      key == Key("k") ? .some(pair) : key == Key("none") ? .some(nil) : nil
    }
    func read(_ key: String) -> RequestOp { RequestOp(request: .requestRange(RangeRequest(key: key.bytes))) }
    func compare(_ key: String, _ target: Compare.CompareTarget, _ union: Compare.TargetUnion) -> Compare {
      Compare(result: .equal, target: target, key: key.bytes, targetUnion: union)
    }
    let header = ResponseHeader(revision: 9)
    let both = TxnRequest(
      compare: [compare("k", .value, .value("v".bytes)), compare("none", .create, .createRevision(0))],
      success: [read("k"), read("none")], failure: [put("k", "other")])
    let reply = try #require(both.reply(header, content))
    #expect(reply.succeeded && reply.header == header && reply.responses.count == 2)
    guard case .responseRange(let first)? = reply.responses[0].response,
      case .responseRange(let second)? = reply.responses[1].response
    else { return #expect(Bool(false)) }
    #expect(first.kvs == [pair] && first.count == 1 && second.kvs.isEmpty)
    // What is not there equals no value, not even an empty one.
    var txn = TxnRequest(compare: [compare("none", .value, .value([]))], failure: [read("k")])
    #expect(txn.reply(header, content)?.succeeded == false)
    // Not ours, a range, a write, an old revision: a member must say.
    for operation in [
      read("foreign"), put("k", "w"),
      RequestOp(request: .requestRange(RangeRequest(key: "k".bytes, rangeEnd: "l".bytes))),
      RequestOp(request: .requestRange(RangeRequest(key: "k".bytes, revision: 4))),
    ] {
      txn = TxnRequest(success: [operation])
      #expect(txn.reply(header, content) == nil)
    }
    txn = TxnRequest(compare: [compare("foreign", .version, .version(0))], success: [read("k")])
    #expect(txn.reply(header, content) == nil)
  }

  @Test("A read is answered as a member would")
  func filters() {
    let pair = KeyValue(key: "k".bytes, createRevision: 3, modRevision: 5, version: 2, value: "v".bytes)
    func kvs(_ request: RangeRequest) -> [KeyValue] { request.reply(pair, nil).kvs }
    #expect(kvs(RangeRequest(key: "k".bytes)) == [pair])
    #expect(kvs(RangeRequest(key: "k".bytes, countOnly: true)) == [])
    #expect(RangeRequest(key: "k".bytes, countOnly: true).reply(pair, nil).count == 1)
    #expect(kvs(RangeRequest(key: "k".bytes, keysOnly: true)).first?.value == [])
    #expect(kvs(RangeRequest(key: "k".bytes, minModRevision: 6)) == [])
    #expect(kvs(RangeRequest(key: "k".bytes, maxModRevision: 5)) == [pair])
    #expect(kvs(RangeRequest(key: "k".bytes, maxCreateRevision: 2)) == [])
    #expect(RangeRequest(key: "k".bytes).reply(nil, nil) == RangeResponse())
    #expect(!RangeRequest(key: "k".bytes, revision: 3).isForOwner)
    #expect(!RangeRequest(key: "k".bytes, rangeEnd: "l".bytes).isForOwner)
    #expect(!RangeRequest().isForOwner)
    #expect(!RangeRequest(key: "k".bytes, sortOrder: .unrecognized(9)).isForOwner)
  }
}
