import Base
import Doors
import HTTP

/// One page of the v2 API: takes a body that belongs to the request, then lets the page answer.
final class V2Page: ExchangeHandler {
  private let methods: [HTTP.Method]
  private let allow: String
  /// Longest body that is kept; what is longer is counted only.
  private let bodyLimit: Int
  /// The path that a request means, by the one that it was sent with.
  private let place: (String) -> String
  private let answer: (V2Call) -> Void

  init(
    _ methods: [HTTP.Method], bodyLimit: Int = 0, place: @escaping (String) -> String = { $0 },
    _ answer: @escaping (V2Call) -> Void
  ) {
    self.methods = methods
    self.place = place
    self.bodyLimit = bodyLimit
    self.answer = answer
    allow = methods.map(\.v2Name).joined(separator: ",")
  }

  func requestBegan(_ exchange: Exchange) {
    guard methods.contains(exchange.method) else { return PlainText.methodNotAllowed(exchange, allow: allow) }
    guard let target = RequestTarget(exchange.target) else { return exchange.respond(400) }
    exchange.userData = V2Call(exchange, target, path: place(target.text))
  }

  func requestBody(_ exchange: Exchange, _ bytes: UnsafeRawBufferPointer) {
    guard let call = exchange.userData as? V2Call else { return exchange.consumed(bytes.count) }
    if call.body.count + bytes.count <= bodyLimit, call.surplus == 0 {
      call.body.append(contentsOf: bytes)
    } else {
      call.surplus += bytes.count
    }
    gather(call, bytes.count)
  }

  /// Gives window back. A body that is larger than the window needs room of its connection's first: see CallDesk.
  private func gather(_ call: V2Call, _ count: Int) {
    let exchange = call.exchange
    exchange.noteGathered(call.body.count)
    if call.body.count <= Int(Limits.streamWindowBytes) / 2 || exchange.takeRequestRoom(bodyLimit) {
      exchange.consumed(count + call.withheld)
      call.withheld = 0
    } else {
      call.withheld += count
    }
  }

  func requestRoomFreed(_ exchange: Exchange) {
    if let call = exchange.userData as? V2Call { gather(call, 0) }
  }

  func awaitsBody(_ exchange: Exchange) -> Bool {
    guard let call = exchange.userData as? V2Call else { return false }
    return !call.isComplete
  }

  func requestStalled(_ exchange: Exchange) {
    (exchange.userData as? V2Call)?.cancelled()
    exchange.respond(408)
  }

  func requestEnded(_ exchange: Exchange) {
    guard let call = exchange.userData as? V2Call, !call.isComplete else { return }
    call.isComplete = true
    exchange.consumed(call.withheld)
    exchange.noteGathered(0)
    exchange.giveRequestRoom()
    answer(call)
  }

  func requestCancelled(_ exchange: Exchange) { (exchange.userData as? V2Call)?.cancelled() }
  func exchangeDrained(_ exchange: Exchange) { (exchange.userData as? V2Call)?.whenDrained?() }
}

extension HTTP.Method {
  /// As `Allow` names it.
  fileprivate var v2Name: String {
    switch self {
    case .get: "GET"
    case .head: "HEAD"
    case .put: "PUT"
    case .post: "POST"
    case .delete: "DELETE"
    case .options: "OPTIONS"
    case .patch: "PATCH"
    case .other: ""
    }
  }
}
