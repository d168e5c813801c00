import Base
import HTTP

/// What the proxy does about one request that it does not answer at once: hears its body and its end.
class Errand {
  let exchange: Exchange
  /// Place in the proxy's list.
  var place = -1

  init(_ exchange: Exchange) { self.exchange = exchange }

  func receive(_ bytes: UnsafeRawBufferPointer) {}
  func requestEnded() {}
  /// The client takes bytes again.
  func clientDrained() {}
  /// A second has passed: an endpoint that owes an answer for too long is doubted.
  func doubt(at now: Instant) {}
  /// The client has gone, or the proxy ends the request.
  func cancel() {}
}
