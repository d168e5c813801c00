import Base
import Doors
import Event
import HTTP
import Machine

/// The plain pages of the peer port.
struct PeerPages {
  unowned let member: Member

  func members(_ request: PageRequest) {
    request.exchange.respond(
      200, ["content-type": "application/json", "x-etcd-cluster-id": member.clusterID.hex],
      body: MemberRecord.list(member.machine.roster.members) + "\n".bytes)
  }

  /// As etcd 3.4: xiang90/probing, which measures clocks and round trips by it.
  func probing(_ request: PageRequest) {
    PlainText.page(
      request.exchange, "{\"OK\":true,\"Now\":\"\(V2Time.text(member.loop.wallNanoseconds))\"}\n")
  }
}
