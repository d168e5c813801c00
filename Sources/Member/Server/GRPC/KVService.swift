import Base
import Config
import Machine
import Wire

/// KV RPCs. As etcd 3.4: etcdserver/api/v3rpc/key.go and etcdserver/v3_server.go.
final class KVService: Service {
  static let name = "etcdserverpb.KV"
  private unowned let member: Member
  init(_ member: Member) { self.member = member }

  func message(_ bytes: UnsafeRawBufferPointer, for call: Call) throws(RPCStatus) {
    switch call.method.name {
    case "Range": try range(decode(RangeRequest.self, bytes), call)
    case "Put": try put(decode(PutRequest.self, bytes), call)
    case "Txn": try txn(decode(TxnRequest.self, bytes), call)
    case "DeleteRange": try deleteRange(decode(DeleteRangeRequest.self, bytes), call)
    case "Compact": try compact(decode(CompactionRequest.self, bytes), call)
    default: throw .unknownMethod(call.method.name, of: Self.name)
    }
  }

  func drained(_ call: Call) { (call.state as? RangeSending).map(member.ranges.goOn) }
  func gone(_ call: Call) { (call.state as? RangeSending).map(member.ranges.giveUp) }

  private func range(_ request: RangeRequest, _ call: Call) throws(RPCStatus) {
    try RequestChecks.check(request)
    if member.isLearner, !request.serializable { throw .notSupportedForLearner }
    if request.serializable {
      member.answer(.range(request), call)
    } else {
      try member.read(.range(request), for: call)
    }
  }

  private func put(_ request: PutRequest, _ call: Call) throws(RPCStatus) {
    try RequestChecks.check(request)
    try member.checkQuota(cost: Quota.cost(request))
    try member.propose(.put(request), for: call)
  }

  private func deleteRange(_ request: DeleteRangeRequest, _ call: Call) throws(RPCStatus) {
    try RequestChecks.check(request)
    try member.propose(.deleteRange(request), for: call)
  }

  private func txn(_ request: TxnRequest, _ call: Call) throws(RPCStatus) {
    try RequestChecks.check(request, operationLimit: member.settings.maxTxnOps)
    if member.machine.store.rowCount(request) > Limits.txnRangeRows { throw .requestTooLarge }
    guard request.isReadOnly else {
      if member.machine.roster.count > 1 { try member.machine.store.checkRanges(of: request) }
      try member.checkQuota(cost: Quota.cost(request))
      return try member.propose(.txn(request), for: call)
    }
    if request.isSerializable {
      member.answer(.txn(request), call)
    } else {
      try member.read(.txn(request), for: call)
    }
  }

  private func compact(_ request: CompactionRequest, _ call: Call) throws(RPCStatus) {
    try member.requireAdmin(call)
    try member.propose(.compaction(request), for: call)
  }
}
