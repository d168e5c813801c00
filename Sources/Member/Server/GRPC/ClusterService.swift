import Base
import Machine
import Raft
import Wire

/// Cluster RPCs. Listing is served; changing the members of a running cluster is refused until it can be done well.
final class ClusterService: Service {
  static let name = "etcdserverpb.Cluster"
  private unowned let member: Member
  init(_ member: Member) { self.member = member }

  func message(_ bytes: UnsafeRawBufferPointer, for call: Call) throws(RPCStatus) {
    switch call.method.name {
    case "MemberList":
      var reply = MemberListResponse()
      // As etcd 3.4: the header of Cluster RPCs carries no revision.
      reply.header = ResponseHeader(
        clusterID: member.clusterID.rawValue, memberID: member.id.rawValue, raftTerm: member.node.hardState.term
      )
      reply.members = member.machine.roster.members.map(\.message)
      call.reply(reply)
    default:
      throw RPCStatus(
        .unimplemented,
        "etcdserver: changing the members of a cluster is not built yet (\(call.method.name)); nothing was changed"
      )
    }
  }
}
