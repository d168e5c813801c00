import Base
import Event
import HTTP
import Machine

/// The plain pages of the peer port: what other members and tools ask about this one. The streams between members are not
/// built yet and answer 404. As etcd 3.4: etcdserver/api/etcdhttp/peer.go.
final class PeerPages: ExchangeHandler {
  private unowned let member: Member
  init(_ member: Member) { self.member = member }

  func requestBegan(_ exchange: Exchange) {
    switch exchange.path {
    case "/version": get(exchange, "application/json", versionBody)
    case "/members": get(exchange, "application/json", MemberRecord.list(member.machine.roster.members))
    case "/raft/probing": get(exchange, "text/plain; charset=utf-8", probe)
    default: PlainText.reply(exchange, 404, "404 page not found\n")
    }
  }

  func requestBody(_ exchange: Exchange, _ bytes: UnsafeRawBufferPointer) { exchange.consumed(bytes.count) }
  func requestEnded(_ exchange: Exchange) {}
  func requestCancelled(_ exchange: Exchange) {}
  func exchangeDrained(_ exchange: Exchange) {}

  private var versionBody: Bytes {
    let cluster = member.machine.roster.version?.text ?? "not_decided"
    return "{\"etcdserver\":\"\(etcdVersion)\",\"etcdcluster\":\"\(cluster)\"}".bytes
  }

  private var probe: Bytes {
    "{\"OK\":true,\"Now\":\"\(V2Time.text(member.loop.wallNanoseconds))\"}\n".bytes
  }

  private func get(_ exchange: Exchange, _ type: String, _ body: Bytes) {
    guard exchange.method == .get else {
      return PlainText.reply(exchange, 405, "Method Not Allowed\n", ["allow": "GET"])
    }
    exchange.respond(200, ["content-type": type, "x-etcd-cluster-id": member.clusterID.hex], body: body)
  }
}

/// Short answers in plain text, as Go's `http.Error` sends them.
enum PlainText {
  static func reply(_ exchange: Exchange, _ status: Int, _ text: String, _ headers: HeaderList = HeaderList()) {
    var headers = headers
    headers.add("content-type", "text/plain; charset=utf-8")
    headers.add("x-content-type-options", "nosniff")
    exchange.respond(status, headers, body: text.bytes)
  }
}
