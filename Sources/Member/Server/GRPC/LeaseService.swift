import Base
import Doors
import Event
import Machine
import Wire

/// Lease RPCs. As etcd 3.4: etcdserver/api/v3rpc/lease.go and etcdserver/v3_server.go.
final class LeaseService: Service {
  static let name = "etcdserverpb.Lease"
  private unowned let member: Member
  init(_ member: Member) { self.member = member }

  func message(_ bytes: UnsafeRawBufferPointer, for call: Call) throws(RPCStatus) {
    switch call.method.name {
    case "LeaseGrant": try grant(decode(LeaseGrantRequest.self, bytes), call)
    case "LeaseRevoke": try revoke(decode(LeaseRevokeRequest.self, bytes), call)
    case "LeaseKeepAlive": try keepAlive(decode(LeaseKeepAliveRequest.self, bytes), call)
    case "LeaseTimeToLive": try timeToLive(decode(LeaseTimeToLiveRequest.self, bytes), call)
    case "LeaseLeases": try list(call)
    default: throw .unknownMethod(call.method.name, of: Self.name)
    }
  }

  /// The client ends its keep-alives: so do we, once those under way are answered.
  func ended(_ call: Call) {
    guard call.method.name == "LeaseKeepAlive" else { return }
    guard let asking = call.state as? Asking, asking.count > 0 else { return call.finish() }
    asking.isLast = true
  }

  /// Keep-alives of one stream that wait: for the leader, or for its being sure that it leads.
  private final class Asking {
    var count = 0
    var isLast = false
  }

  private func grant(_ request: LeaseGrantRequest, _ call: Call) throws(RPCStatus) {
    try member.requireUser(call)
    var request = request
    // The proposer chooses, so that every member applies the same number.
    while request.id == 0 { request.id = Int64(bitPattern: member.nextRequestID() & (1 << 63 - 1)) }
    try member.checkQuota(cost: Quota.leaseCost)
    try member.propose(.leaseGrant(request), for: call)
  }

  private func revoke(_ request: LeaseRevokeRequest, _ call: Call) throws(RPCStatus) {
    try member.requireUser(call)
    try member.propose(.leaseRevoke(request), for: call)
  }

  private func keepAlive(_ request: LeaseKeepAliveRequest, _ call: Call) throws(RPCStatus) {
    let lessor = member.machine.lessor
    try member.require(call) { auth, who throws(RPCStatus) in
      try auth.checkLeaseWrite(who, LeaseID(request.id), lessor)
    }
    // The header is taken before the renewal, so that its revision is not younger than what the client may rely on.
    var reply = LeaseKeepAliveResponse()
    reply.header = member.header()
    reply.id = request.id
    guard member.isLeader else { return try askToRenew(request, reply, call) }
    guard member.isAlone else { return renewOnceConfirmed(reply, call) }
    reply.ttl = try member.renew(LeaseID(request.id)) ?? 0
    call.send(reply)
  }

  /// A leader that stood still may have been followed by another, which counts the lease's time from then: what this one
  /// promised now would not be kept. So it makes sure, as for a read, that it still leads.
  private func renewOnceConfirmed(_ reply: LeaseKeepAliveResponse, _ call: Call) {
    let asking = begin(call)
    member.confirmLeadership { [unowned self] problem in
      asking.count -= 1
      if let problem { return call.fail(problem) }
      var reply = reply
      do throws(RPCStatus) { reply.ttl = try member.renew(LeaseID(reply.id)) ?? 0 } catch {
        return call.fail(error)
      }
      answer(reply, asking, call)
    }
  }

  private func begin(_ call: Call) -> Asking {
    let asking = call.state as? Asking ?? Asking()
    call.state = asking
    asking.count += 1
    return asking
  }

  private func answer(_ reply: LeaseKeepAliveResponse, _ asking: Asking, _ call: Call) {
    call.send(reply)
    if asking.isLast, asking.count == 0 { call.finish() }
  }

  /// Only the leader's leases run out, so it is the leader's that must be renewed.
  /// As etcd 3.4: etcdserver/v3_server.go, LeaseRenew.
  private func askToRenew(
    _ request: LeaseKeepAliveRequest, _ reply: LeaseKeepAliveResponse, _ call: Call
  ) throws(RPCStatus) {
    let asking = begin(call)
    try member.askLeader("POST", "/leases", contentType: "application/protobuf", body: request.encoded()) {
      [unowned self] result in
      asking.count -= 1
      switch result {
      case .failure(let status): return call.fail(status)
      case .success(let answer):
        var reply = reply
        if answer.status == 200, let renewed = try? LeaseKeepAliveResponse(decoding: answer.body) {
          reply.ttl = renewed.ttl
        } else if answer.status != 404 {
          // The leader changed a moment ago; the client asks again.
          return call.fail(.noLeader)
        }
        self.answer(reply, asking, call)
      }
    }
  }

  private func timeToLive(_ request: LeaseTimeToLiveRequest, _ call: Call) throws(RPCStatus) {
    let lessor = member.machine.lessor
    try member.require(call) { auth, who throws(RPCStatus) in
      if request.keys { try auth.checkLeaseRead(who, LeaseID(request.id), lessor) }
    }
    var reply = LeaseTimeToLiveResponse()
    reply.header = member.header()
    reply.id = request.id
    guard member.isLeader else { return try askForTimeToLive(request, reply, call) }
    if let lease = lessor.state(of: LeaseID(request.id), now: member.loop.now) {
      reply.ttl = lease.remaining
      reply.grantedTTL = lease.grantedTTL
      if request.keys { reply.keys = (lessor.keys(of: lease.id) ?? []).map(\.bytes) }
    } else {
      reply.ttl = -1
    }
    call.reply(reply)
  }

  /// As etcd 3.4: etcdserver/v3_server.go, LeaseTimeToLive.
  private func askForTimeToLive(
    _ request: LeaseTimeToLiveRequest, _ reply: LeaseTimeToLiveResponse, _ call: Call
  ) throws(RPCStatus) {
    var question = LeaseInternalRequest()
    question.leaseTimeToLiveRequest = request
    try member.askLeader(
      "POST", "/leases/internal", contentType: "application/protobuf", body: question.encoded()
    ) { result in
      switch result {
      case .failure(let status): return call.fail(status)
      case .success(let answer):
        var reply = reply
        if answer.status == 404 {
          reply.ttl = -1
        } else if answer.status == 200, let found = try? LeaseInternalResponse(decoding: answer.body),
          let lease = found.leaseTimeToLiveResponse
        {
          reply.ttl = lease.ttl
          reply.grantedTTL = lease.grantedTTL
          reply.keys = lease.keys
        } else {
          return call.fail(.noLeader)
        }
        call.reply(reply)
      }
    }
  }

  private func list(_ call: Call) throws(RPCStatus) {
    let lessor = member.machine.lessor
    try member.require(call) { auth, who throws(RPCStatus) in try auth.checkLeaseList(who, lessor) }
    var reply = LeaseLeasesResponse()
    reply.header = member.header()
    reply.leases = member.machine.lessor.allLeases(now: member.loop.now).map { lease in
      var status = LeaseStatus()
      status.id = lease.rawValue
      return status
    }
    call.reply(reply)
  }
}
