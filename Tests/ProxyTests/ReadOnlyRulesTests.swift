import Base
import Proxy
import Testing
import Wire

@Suite struct ReadOnlyRulesTests {
  @Test("of all calls that there are, just the reading ones pass")
  func calls() {
    let passing = Wire.Method.all.filter { ReadOnlyRules.verdict(call: $0.path) == .pass }.map(\.name)
    #expect(
      Set(passing) == [
        "Range", "LeaseTimeToLive", "LeaseLeases", "MemberList", "Status", "Hash", "HashKV", "Watch",
      ])
    // One of the two methods called Watch asks after the health of a server, and is not the store's.
    #expect(passing.count == 8)
    #expect(ReadOnlyRules.verdict(call: "/etcdserverpb.KV/Txn") == .passReadingTxn)
    #expect(ReadOnlyRules.verdict(call: "/etcdserverpb.KV/range") == .refuse)
    #expect(ReadOnlyRules.verdict(call: "/v3/kv/range") == .refuse)
  }

  @Test("the gateway's paths follow their calls, under either prefix, and only as they are written")
  func gateway() {
    #expect(ReadOnlyRules.verdict(gateway: "/v3/kv/range") == .pass)
    #expect(ReadOnlyRules.verdict(gateway: "/v3beta/kv/range") == .pass)
    #expect(ReadOnlyRules.verdict(gateway: "/v3/kv/lease/leases") == .pass)
    #expect(ReadOnlyRules.verdict(gateway: "/v3beta/kv/txn") == .passReadingTxn)
    #expect(ReadOnlyRules.verdict(gateway: "/v3/kv/put") == .refuse)
    #expect(ReadOnlyRules.verdict(gateway: "/v3/kv/%72ange") == .refuse)
    #expect(ReadOnlyRules.verdict(gateway: "/v3/../v3/kv/range") == .refuse)
    #expect(ReadOnlyRules.verdict(gateway: "/v3/nothing") == .refuse)
    #expect(ReadOnlyRules.verdict(gateway: "/v2/keys/v3/kv/range") == nil)
    #expect(ReadOnlyRules.verdict(gateway: "/v3") == nil)
  }

  private func operation(_ request: RequestOp.Request?) -> RequestOp { RequestOp(request: request) }

  @Test("a transaction passes only if both branches read, however deep")
  func transactions() {
    let read = operation(.requestRange(RangeRequest()))
    let write = operation(.requestPut(PutRequest()))
    let delete = operation(.requestDeleteRange(DeleteRangeRequest()))
    var txn = TxnRequest()
    #expect(ReadOnlyRules.onlyReads(txn))
    txn.success = [read, read]
    txn.failure = [read]
    #expect(ReadOnlyRules.onlyReads(txn))
    txn.failure = [read, write]
    #expect(!ReadOnlyRules.onlyReads(txn))
    txn.failure = [delete]
    #expect(!ReadOnlyRules.onlyReads(txn))
    var inner = TxnRequest()
    inner.success = [read]
    txn.failure = [operation(.requestTxn(inner))]
    #expect(ReadOnlyRules.onlyReads(txn))
    inner.failure = [operation(.requestTxn(TxnRequest(success: [write])))]
    txn.failure = [operation(.requestTxn(inner))]
    #expect(!ReadOnlyRules.onlyReads(txn))
    // What says nothing may be something that only a newer member understands.
    #expect(!ReadOnlyRules.onlyReads(TxnRequest(success: [operation(nil)])))
  }

  @Test("only calls with one message and no effect are safe to send twice")
  func safe() {
    #expect(ReadOnlyRules.isSafe(call: "/etcdserverpb.KV/Range"))
    #expect(!ReadOnlyRules.isSafe(call: "/etcdserverpb.Watch/Watch"))
    #expect(!ReadOnlyRules.isSafe(call: "/etcdserverpb.KV/Txn"))
    #expect(!ReadOnlyRules.isSafe(call: "/etcdserverpb.KV/Put"))
    #expect(ReadOnlyRules.isSafe(gateway: "/v3beta/kv/range"))
    #expect(!ReadOnlyRules.isSafe(gateway: "/v3/kv/put"))
  }
}
