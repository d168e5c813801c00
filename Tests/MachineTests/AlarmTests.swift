import Base
import Storage
import Testing
import Wire

@testable import Machine

@Suite struct AlarmTests {
  @Test func alarmsAreKeptAsKeysAndComeBack() {
    let backend = MemoryBackend()
    let alarms = Alarms(backend: backend)
    let member = MemberID(0xd01f_a0eb_dd07_c5a4)
    #expect(!alarms.isActive(.nospace))
    #expect(alarms.activate(.nospace, by: member) == AlarmMember(memberID: member.rawValue, alarm: .nospace))
    alarms.activate(.nospace, by: member)
    #expect(backend.pairs(.alarm).map { hex($0.key) } == ["08a48b9fe8bd9de88fd0011001"])
    #expect(backend.pairs(.alarm).map(\.value) == [[]])
    alarms.activate(.corrupt, by: MemberID(2))
    let again = Alarms(backend: backend)
    #expect(again.active().map(\.alarm) == [.nospace, .corrupt])
    #expect(again.active(.corrupt).map(\.memberID) == [2])
    #expect(again.deactivate(.nospace, by: MemberID(9)) == nil)
    #expect(again.deactivate(.nospace, by: member) != nil)
    #expect(!again.isActive(.nospace) && again.isActive(.corrupt))
    #expect(backend.pairs(.alarm).count == 1)
  }
}

@Suite struct QuotaTests {
  private func put(_ size: Int) -> RequestOp {
    RequestOp(request: .requestPut(PutRequest(key: [1], value: Bytes(repeating: 0, count: size))))
  }

  @Test func aPutCostsItsBytesAndAnOverhead() {
    #expect(Quota.cost(PutRequest(key: [1, 2], value: [1, 2, 3])) == 261)
    #expect(Quota.leaseCost == 64)
  }

  @Test func aTransactionCostsItsDearerBranchNestedPutsIncluded() {
    let nested = RequestOp(request: .requestTxn(TxnRequest(success: [put(10)], failure: [put(20), put(1)])))
    let txn = TxnRequest(success: [put(100)], failure: [nested, put(0), RequestOp()])
    #expect(Quota.cost(txn) == 277 + 258 + 257)
    #expect(Quota.cost(TxnRequest(success: [put(1_000)], failure: [nested])) == 1_257)
    #expect(Quota.cost(TxnRequest(success: [RequestOp(request: .requestRange(RangeRequest()))])) == 0)
  }

  @Test func zeroMeansTwoGiBAndANegativeQuotaNone() {
    #expect(Quota(quotaBackendBytes: 0).limitBytes == 2_147_483_648)
    #expect(Quota(quotaBackendBytes: -1).limitBytes == nil)
    #expect(Quota(quotaBackendBytes: -1).admits(cost: .max, sizeBytes: .max))
    #expect(!Quota(quotaBackendBytes: -1).isNearlyFull(sizeBytes: .max))
    #expect(Quota(quotaBackendBytes: 8_589_934_593).exceedsSuggestion)
    #expect(!Quota(quotaBackendBytes: 8_589_934_592).exceedsSuggestion)
  }

  @Test func whatReachesTheQuotaIsRefusedWhatCostsNothingPasses() {
    let quota = Quota(quotaBackendBytes: 1_000)
    #expect(quota.admits(cost: 99, sizeBytes: 900))
    #expect(!quota.admits(cost: 100, sizeBytes: 900))
    #expect(quota.admits(cost: 0, sizeBytes: 5_000))
    #expect(!quota.isNearlyFull(sizeBytes: 799) && quota.isNearlyFull(sizeBytes: 800))
    #expect(quota.remaining(sizeBytes: 400) == 600)
  }
}
