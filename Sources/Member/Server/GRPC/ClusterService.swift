import Base
import Doors
import Event
import HTTP
import Machine
import Raft
import Wire

/// Cluster RPCs. As etcd 3.4: etcdserver/api/v3rpc/member.go.
final class ClusterService: Service {
  static let name = "etcdserverpb.Cluster"
  private unowned let member: Member
  init(_ member: Member) { self.member = member }

  func message(_ bytes: UnsafeRawBufferPointer, for call: Call) throws(RPCStatus) {
    // As etcd 3.4.45: who is known may look, root may change. See server.go, checkMembershipOperationPermission.
    if call.method.name == "MemberList" { try member.requireUser(call) } else { try member.requireAdmin(call) }
    switch call.method.name {
    case "MemberList": list(call)
    case "MemberAdd": try add(decode(MemberAddRequest.self, bytes), call)
    case "MemberRemove": remove(try decode(MemberRemoveRequest.self, bytes), call)
    case "MemberUpdate": try update(decode(MemberUpdateRequest.self, bytes), call)
    case "MemberPromote": try promote(decode(MemberPromoteRequest.self, bytes), call)
    default: throw .unknownMethod(call.method.name, of: Self.name)
    }
  }

  /// As etcd 3.4: the header of Cluster RPCs carries no revision.
  private var header: ResponseHeader {
    ResponseHeader(
      clusterID: member.clusterID.rawValue, memberID: member.id.rawValue, raftTerm: member.node.hardState.term)
  }

  private func list(_ call: Call) {
    call.reply(MemberListResponse(header: header, members: member.machine.roster.members.map(\.message)))
  }

  private func add(_ request: MemberAddRequest, _ call: Call) throws(RPCStatus) {
    let urls = try checked(request.peerURLs)
    let now = member.loop.wallNanoseconds / 1_000_000_000
    let record = MemberRecord(
      name: "", peerURLs: urls, clusterToken: "", unixSeconds: now, isLearner: request.isLearner)
    member.addMember(record) { [unowned self] in
      answer(call, $0) {
        MemberAddResponse(header: header, member: record.message, members: $0)
      }
    }
  }

  private func remove(_ request: MemberRemoveRequest, _ call: Call) {
    member.removeMember(MemberID(request.id)) { [unowned self] in
      answer(call, $0) { MemberRemoveResponse(header: header, members: $0) }
    }
  }

  private func update(_ request: MemberUpdateRequest, _ call: Call) throws(RPCStatus) {
    let urls = try checked(request.peerURLs)
    member.updateMember(MemberID(request.id), peerURLs: urls) { [unowned self] in
      answer(call, $0) { MemberUpdateResponse(header: header, members: $0) }
    }
  }

  private func promote(_ request: MemberPromoteRequest, _ call: Call) throws(RPCStatus) {
    let target = MemberID(request.id)
    guard !member.isLeader else {
      return member.promote(target) { [unowned self] in
        answer(call, $0) { MemberPromoteResponse(header: header, members: $0) }
      }
    }
    // Only the leader knows how far a learner has come.
    try member.askLeader("POST", "/members/promote/\(request.id)", isRepeatable: false) {
      [unowned self] result in
      answer(call, Self.promotion(result)) { MemberPromoteResponse(header: header, members: $0) }
    }
  }

  private static func promotion(_ result: Result<PeerFetch.Reply, RPCStatus>) -> Result<
    [MemberRecord], RPCStatus
  > {
    switch result {
    case .failure(let status): return .failure(status)
    case .success(let reply):
      if reply.status == 200, let members = MemberRecord.readList(reply.body) { return .success(members) }
      let text = String(utf8: reply.body)
      if reply.status == 404 { return .failure(.memberNotFound) }
      if reply.status == 412 {
        return .failure(text.contains("in sync") ? .learnerNotReady : .memberNotLearner)
      }
      return .failure(.unmapped("member promote: unknown error(\(text))"))
    }
  }

  private func answer(
    _ call: Call, _ result: Result<[MemberRecord], RPCStatus>, _ reply: ([ClusterMember]) -> some WireMessage
  ) {
    switch result {
    case .success(let members): call.reply(reply(members.map(\.message)))
    case .failure(let status): call.fail(status)
    }
  }

  /// As etcd 3.4: types.NewURLs.
  private func checked(_ texts: [String]) throws(RPCStatus) -> [String] {
    let urls = Member.urls(texts)
    guard !texts.isEmpty, urls.count == texts.count else { throw .badMemberURLs }
    return urls.sorted().map(\.text)
  }
}
