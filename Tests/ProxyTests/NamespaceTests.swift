import Base
import Testing
import Wire

@testable import Proxy

@Suite struct NamespaceTests {
  private let space = Namespace("ns/".bytes)

  @Test("Ranges keep to the name space, also those without an end")
  func ranges() {
    #expect(space.into("a".bytes, []) == ("ns/a".bytes, []))
    #expect(space.into("a".bytes, "b".bytes) == ("ns/a".bytes, "ns/b".bytes))
    #expect(space.into([0], [0]) == ("ns/\0".bytes, "ns0".bytes))
    #expect(Namespace.end(of: [0x61, 0xFF]) == [0x62])
    #expect(Namespace.end(of: [0xFF, 0xFF]) == [0])
  }

  private func there<Query: WireMessage>(_ path: String, _ query: Query) throws -> Query {
    let method = try #require(Wire.Method.at(path))
    let rewrite = try #require(space.rewriting(of: method).request)
    return try Query(decoding: query.encoded().withUnsafeBytes { bytes in try rewrite(bytes) })
  }

  private func back<Reply: WireMessage>(_ path: String, _ reply: Reply) throws -> Reply {
    let method = try #require(Wire.Method.at(path))
    let rewrite = try #require(space.rewriting(of: method).reply)
    return try Reply(decoding: reply.encoded().withUnsafeBytes { bytes in try rewrite(bytes) })
  }

  @Test("Transactions are changed to their depth")
  func transactions() throws {
    var inner = TxnRequest()
    inner.success = [RequestOp(request: .requestDeleteRange(DeleteRangeRequest(key: "d".bytes, rangeEnd: [0])))]
    var txn = TxnRequest()
    txn.compare = [Compare(key: "c".bytes)]
    txn.success = [RequestOp(request: .requestPut(PutRequest(key: "p".bytes)))]
    txn.failure = [
      RequestOp(request: .requestRange(RangeRequest(key: "r".bytes))), RequestOp(request: .requestTxn(inner)),
    ]
    let changed = try there("/etcdserverpb.KV/Txn", txn)
    #expect(changed.compare[0].key == "ns/c".bytes)
    #expect(
      changed.writtenRanges == [
        KeyRange("ns/p".bytes, []), KeyRange("ns/d".bytes, "ns0".bytes),
      ])
    var reply = TxnResponse()
    reply.responses = [
      ResponseOp(response: .responsePut(PutResponse(prevKv: KeyValue(key: "ns/p".bytes)))),
      ResponseOp(
        response: .responseTxn(
          TxnResponse(responses: [
            ResponseOp(
              response: .responseDeleteRange(DeleteRangeResponse(prevKvs: [KeyValue(key: "ns/d".bytes)])))
          ]))),
    ]
    let seen = try back("/etcdserverpb.KV/Txn", reply)
    guard case .responsePut(let put)? = seen.responses[0].response,
      case .responseTxn(let deep)? = seen.responses[1].response,
      case .responseDeleteRange(let deleted)? = deep.responses[0].response
    else {
      Issue.record("other replies")
      return
    }
    #expect(put.prevKv?.key == "p".bytes && deleted.prevKvs[0].key == "d".bytes)
  }

  @Test("Locks, elections and the keys of leases belong to the name space too")
  func others() throws {
    #expect(try there("/v3lockpb.Lock/Lock", LockRequest(name: "m".bytes)).name == "ns/m".bytes)
    #expect(try back("/v3lockpb.Lock/Lock", LockResponse(key: "ns/m/1".bytes)).key == "m/1".bytes)
    #expect(try there("/v3lockpb.Lock/Unlock", UnlockRequest(key: "m/1".bytes)).key == "ns/m/1".bytes)
    let leader = LeaderKey(name: "e".bytes, key: "e/1".bytes, rev: 3, lease: 4)
    let resign = try there("/v3electionpb.Election/Resign", ResignRequest(leader: leader))
    #expect(resign.leader == LeaderKey(name: "ns/e".bytes, key: "ns/e/1".bytes, rev: 3, lease: 4))
    let won = try back("/v3electionpb.Election/Campaign", CampaignResponse(leader: resign.leader))
    #expect(won.leader == leader)
    let keys = try back(
      "/etcdserverpb.Lease/LeaseTimeToLive", LeaseTimeToLiveResponse(keys: ["ns/a".bytes, "b".bytes]))
    #expect(keys.keys == ["a".bytes])
    let event = KVEvent(kv: KeyValue(key: "ns/w".bytes), prevKv: KeyValue(key: "ns/w".bytes))
    let watched = try back("/etcdserverpb.Watch/Watch", WatchResponse(events: [event]))
    #expect(watched.events[0].kv?.key == "w".bytes && watched.events[0].prevKv?.key == "w".bytes)
  }

  @Test("Without a name space messages pass as they are")
  func none() throws {
    let method = try #require(Wire.Method.at("/etcdserverpb.KV/Put"))
    let rewriting = Namespace([]).rewriting(of: method)
    #expect(rewriting.request == nil && rewriting.reply == nil)
  }
}
