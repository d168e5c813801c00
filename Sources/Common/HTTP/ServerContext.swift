import Base

/// Hears what the connections of a listener receive. Calls come from `receive`, `flush`, `tick` and
/// `connectionLost`; the handler may answer in the call or later.
package protocol ExchangeHandler: AnyObject {
  /// The head is complete. Body bytes may follow unless `didReceiveAll` is set.
  func requestBegan(_ exchange: Exchange)
  /// Body bytes, valid during the call. `exchange.consumed` gives their window back; without it a body stalls
  /// after `Limits.streamWindowBytes`.
  func requestBody(_ exchange: Exchange, _ bytes: UnsafeRawBufferPointer)
  /// The request is complete (trailers, if any, are in `exchange.trailers`).
  func requestEnded(_ exchange: Exchange)
  /// The client or the connection went away before the reply was finished. The last call for this exchange.
  func requestCancelled(_ exchange: Exchange)
  /// After `canSend` was false: there is room again.
  func exchangeDrained(_ exchange: Exchange)
  /// Whether nothing can happen before more of the request's body comes; false for streams that may rest.
  func awaitsBody(_ exchange: Exchange) -> Bool
  /// The body that was awaited did not come in time: answer, so that the exchange ends.
  func requestStalled(_ exchange: Exchange)
  /// After `takeRequestRoom` was false: ask again.
  func requestRoomFreed(_ exchange: Exchange)
}

extension ExchangeHandler {
  package func awaitsBody(_ exchange: Exchange) -> Bool { !exchange.isGRPC }
  package func requestStalled(_ exchange: Exchange) { exchange.respond(408) }
  package func requestRoomFreed(_ exchange: Exchange) {}
}

/// What all connections of one kind share: the handler, the rules, and memory that is used again.
package final class ServerContext {
  package let handler: any ExchangeHandler
  /// `--max-concurrent-streams`.
  package var maxConcurrentStreams: UInt32 = Limits.defaultConcurrentStreams
  /// `--grpc-keepalive-min-time`.
  package var pingPolicy = PingPolicy()
  /// `--grpc-keepalive-interval` and `--grpc-keepalive-timeout`.
  package var keepalive = Keepalive(interval: .seconds(7200), timeout: .seconds(20))
  /// What the connections of this context count their bytes in, together with those of others.
  package var budget = ByteBudget()
  /// Time for the first request's head, and for the rest of any head that has begun.
  package var headTime = Limits.handshakeTime
  /// The `Date` field of replies; empty for none. Set with `setDate` once a second.
  package private(set) var date = Bytes()

  /// Closed exchanges; somebody may still hold one, so each is looked at again before it is used.
  private var closed: [Exchange] = []

  package init(handler: any ExchangeHandler) { self.handler = handler }

  package func setDate(unixSeconds: Int64) { date = HTTPDate.text(unixSeconds: unixSeconds).bytes }

  func takeExchange(_ connection: ServerConnection) -> Exchange {
    let exchange = recycled() ?? Exchange()
    exchange.reset()
    exchange.server = connection
    return exchange
  }

  private func recycled() -> Exchange? {
    while var exchange = closed.popLast() {
      if isKnownUniquelyReferenced(&exchange) { return exchange }
    }
    return nil
  }

  /// Closes an exchange; its memory serves another one once nobody holds it any more.
  func close(_ exchange: Exchange) {
    exchange.isClosed = true
    exchange.server = nil
    exchange.userData = nil
    if exchange.headers.listBytes > Limits.pooledHeaderBytes { exchange.dropHeaders() }
    // What was not sent must not wait here for the next request.
    exchange.pending.removeAll()
    if closed.count < Limits.pooledExchanges { closed.append(exchange) }
  }
}

/// Dates as HTTP writes them.
package enum HTTPDate {
  private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// `Mon, 02 Jan 2006 15:04:05 GMT`.
  package static func text(unixSeconds: Int64) -> String {
    let time = CivilTime(unixSeconds: Int(unixSeconds))
    var out = "\(days[time.weekday]), ".bytes
    out.append(digits: time.day, width: 2)
    out += " \(months[time.month - 1]) \(time.year) ".utf8
    time.appendClock(to: &out)
    out += " GMT".utf8
    return String(utf8: out)
  }
}
