import Base
import Discovery
import Doors
import HTTP
import Machine
import TLS
import Wire

/// A discovery service on the client port (`--serve-discovery`), with the paths of the public one: `/new?size=N` makes a token,
/// `/TOKEN` and what is below it are its keys. As discovery.etcd.io: handlers/new.go, handlers/token.go.
final class V2Registry {
  unowned let desk: V2Desk
  private let door: TokenDoor

  init(_ desk: V2Desk, bodyLimit: Int) {
    self.desk = desk
    let page = V2Page(
      [.head, .get, .put, .post, .delete], bodyLimit: bodyLimit,
      place: { V2Keys.prefix + "/_etcd/registry" + $0 }
    ) { [unowned desk] in V2Keys(desk: desk).answer($0) }
    door = TokenDoor(page)
  }

  func install(in table: inout PageTable) {
    let new = V2Page([.get, .put, .post], bodyLimit: Limits.pageBodyBytes) { [unowned self] in makeToken($0) }
    table["/new"] = Route(method: nil, answer: .handler(new))
    table["/"] = Route(method: nil, answer: .handler(door))
  }

  private func makeToken(_ call: V2Call) {
    let text = Query(call.query)["size"] ?? "3"
    guard let size = Int(text), (1...Limits.discoveryMembers).contains(size) else {
      return call.refusePlainly(
        400, "size \(goQuoted(text)) is no number from 1 to \(Limits.discoveryMembers)")
    }
    let token = hex(secureRandomBytes(16))
    var request = V2Request(
      method: "PUT", path: V2KeyRequest.root + DiscoveryToken.sizeKey(token), val: String(size))
    request.prevExist = false
    let scheme = call.exchange.connection?.isSecure == true ? "https" : "http"
    let authority = String(utf8: call.exchange.authority)
    desk.perform(request) { outcome in
      switch outcome {
      case .success: call.reply(200, ["content-type": "text/plain"], "\(scheme)://\(authority)/\(token)".bytes)
      case .failure(let error): call.fail(error.forClient)
      }
    }
  }
}

/// Lets through what lies below a token, 32 hex digits, and knows nothing else.
private final class TokenDoor: ExchangeHandler {
  private let page: V2Page

  init(_ page: V2Page) { self.page = page }

  static func isToken(_ path: String) -> Bool {
    let first = path.dropFirst().prefix { $0 != "/" }
    return first.utf8.count == 32
      && first.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  func requestBegan(_ exchange: Exchange) {
    guard let target = RequestTarget(exchange.target), Self.isToken(target.text) else {
      return PlainText.notFound(exchange)
    }
    page.requestBegan(exchange)
  }
  func requestBody(_ exchange: Exchange, _ bytes: UnsafeRawBufferPointer) { page.requestBody(exchange, bytes) }
  func requestEnded(_ exchange: Exchange) { page.requestEnded(exchange) }
  func requestCancelled(_ exchange: Exchange) { page.requestCancelled(exchange) }
  func exchangeDrained(_ exchange: Exchange) { page.exchangeDrained(exchange) }
  func requestStalled(_ exchange: Exchange) { page.requestStalled(exchange) }
  func requestRoomFreed(_ exchange: Exchange) { page.requestRoomFreed(exchange) }
  func awaitsBody(_ exchange: Exchange) -> Bool { page.awaitsBody(exchange) }
}
