import Base
import Doors
import Event
import HTTP
import Machine
import Wire

/// Leases that another member asks the leader about, for a client of its own.
/// As etcd 3.4: lease/leasehttp/http.go.
struct PeerLeases {
  private unowned let member: Member
  init(_ member: Member) { self.member = member }

  func answer(_ exchange: Exchange, _ body: Bytes) {
    let isRenewal = exchange.path == "/leases"
    // A lease that was granted a moment ago must be known here before it is judged.
    member.whenAppliedSoFar { [self] isApplied in
      guard isApplied else {
        return PlainText.reply(
          exchange, 408, "waiting for node to catch up its applied index has timed out\n")
      }
      isRenewal ? renew(exchange, body) : timeToLive(exchange, body)
    }
  }

  private func renew(_ exchange: Exchange, _ body: Bytes) {
    guard let request = try? LeaseKeepAliveRequest(decoding: body) else {
      return PlainText.reply(exchange, 400, "error unmarshalling request\n")
    }
    // As for a client of our own: only who surely leads may promise time.
    member.confirmLeadership { [self] problem in
      guard problem == nil else { return PlainText.reply(exchange, 400, "not a primary lessor\n") }
      do throws(RPCStatus) {
        guard let ttl = try member.renew(LeaseID(request.id)) else {
          return PlainText.reply(exchange, 404, "lease not found\n")
        }
        reply(exchange, LeaseKeepAliveResponse(id: request.id, ttl: ttl))
      } catch { PlainText.reply(exchange, 400, "not a primary lessor\n") }
    }
  }

  private func timeToLive(_ exchange: Exchange, _ body: Bytes) {
    guard let wrapped = try? LeaseInternalRequest(decoding: body), let request = wrapped.leaseTimeToLiveRequest
    else { return PlainText.reply(exchange, 400, "error unmarshalling request\n") }
    guard member.isLeader else { return PlainText.reply(exchange, 400, "not a primary lessor\n") }
    let lessor = member.machine.lessor
    guard let lease = lessor.state(of: LeaseID(request.id), now: member.loop.now) else {
      return PlainText.reply(exchange, 404, "lease not found\n")
    }
    var answer = LeaseTimeToLiveResponse(
      header: ResponseHeader(), id: request.id, ttl: lease.remaining, grantedTTL: lease.grantedTTL)
    if request.keys { answer.keys = (lessor.keys(of: lease.id) ?? []).map(\.bytes) }
    var outer = LeaseInternalResponse()
    outer.leaseTimeToLiveResponse = answer
    reply(exchange, outer)
  }

  private func reply(_ exchange: Exchange, _ message: some WireMessage) {
    exchange.respond(200, ["content-type": "application/protobuf"], body: message.encoded())
  }
}
