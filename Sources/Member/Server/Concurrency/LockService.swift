import Base
import Machine
import Wire

/// Locks for clients that bring no code of their own for it. As etcd 3.4: etcdserver/api/v3lock/lock.go.
final class LockService: Service {
  static let name = "v3lockpb.Lock"
  private unowned let member: Member
  init(_ member: Member) { self.member = member }

  func message(_ bytes: UnsafeRawBufferPointer, for call: Call) throws(RPCStatus) {
    switch call.method.name {
    case "Lock":
      let request = try decode(LockRequest.self, bytes)
      member.concurrency.begin(Contender(.lock, name: request.name, lease: request.lease), for: call)
    case "Unlock": unlock(try decode(UnlockRequest.self, bytes), call)
    default: throw .unknownMethod(call.method.name, of: Self.name)
    }
  }

  func gone(_ call: Call) { member.concurrency.gone(call) }

  /// A key that is not there is fine.
  private func unlock(_ request: UnlockRequest, _ call: Call) {
    let delete = DeleteRangeRequest(key: request.key)
    do throws(RPCStatus) {
      try RequestChecks.check(delete)
      try member.propose(.deleteRange(delete), for: call) { [member] answer in
        switch answer {
        case .deleteRange(let result):
          call.reply(UnlockResponse(header: member.filled(ResponseHeader(revision: result.revision))))
        case .failed(let status): call.fail(Contention.inner(status))
        default: call.fail(.unmapped("etcdserver: an entry without an answer"))
        }
      }
    } catch { call.fail(Contention.inner(error)) }
  }
}
