import Base
import Testing
import Wire

@testable import Client

@Suite struct FailureTests {
  @Test("etcd's own texts are printed bare, others with their code, a deadline as Go's context")
  func texts() {
    #expect(RPCFailure(.compacted).description == "etcdserver: mvcc: required revision has been compacted")
    let closing = RPCFailure(RPCStatus(.unavailable, "transport is closing"))
    #expect(closing.description == "rpc error: code = Unavailable desc = transport is closing")
    let late = RPCFailure(RPCStatus(.deadlineExceeded, "latest balancer error: x"), isPastDeadline: true)
    #expect(late.description == "context deadline exceeded")
  }

  @Test("A write is repeated only where no member was reached")
  func policies() {
    let closing = RPCFailure(RPCStatus(.unavailable, "transport is closing"))
    #expect(RetryPolicy.repeatable.allows(closing))
    #expect(!RetryPolicy.once.allows(closing))
    #expect(RetryPolicy.once.allows(RPCFailure(RPCStatus(.unavailable, "there is no connection available"))))
    #expect(!RetryPolicy.repeatable.allows(RPCFailure(.compacted)))
    #expect(RetryPolicy.repeatable.allows(RPCFailure(.noLeader)))
    #expect(EtcdRPC.put.policy == .once && EtcdRPC.range.policy == .repeatable)
  }
}
