import Base

/// What a request and its reply share on either side of a connection: headers that arrived, body bytes that
/// wait to leave, and where both directions stand. `Exchange` is the server's, `Call` the client's.
package class MessageStream {
  /// Fields that arrived with the head; pseudo-fields are properties of the subclasses.
  package internal(set) var headers = HeaderList()
  /// Fields that arrived after the body.
  package internal(set) var trailers = HeaderList()
  /// The HTTP/2 stream; 0 under HTTP/1.1.
  package internal(set) var id: Int32 = 0

  /// Body bytes written but not yet framed (HTTP/2 only: HTTP/1.1 writes straight to the connection).
  let pending = OutputBuffer()
  /// Fields to send after the body; nil when the last DATA frame ends the stream.
  var trailersOut: TrailersOut = .none
  /// The head of our direction was given to the connection.
  package internal(set) var didSendHead = false
  /// Our direction is complete: nothing may be written any more.
  package internal(set) var didFinish = false
  /// The peer's head arrived in full; further fields are trailers.
  package internal(set) var didReceiveHead = false
  /// The peer's direction is complete.
  package internal(set) var didReceiveAll = false
  /// Closed for good: no further event will come and nothing can be written.
  package internal(set) var isClosed = true
  /// nghttp2 waits to be told that there is something to send.
  var isDeferred = false
  /// The producer was told to wait and will be told to go on.
  var isBlocked = false
  /// Header bytes beyond the limit arrived; the rest is not kept.
  var headersOverflowed = false
  var overflowBytes = 0
  /// What is known of the request's form (HTTP/2 servers only).
  var rules = H2FieldRules()
  /// Bytes handed to the handler that it has not given back with `consumed`.
  var unconsumed = 0
  /// Body bytes received so far.
  var receivedBytes = 0
  /// When the request's head was complete (servers).
  var beganAt = Instant(nanoseconds: 0)
  /// What the connection's books say of `pending`, and of all else the stream holds.
  var accountedPending = 0
  var accountedOther = 0
  /// Part of that: bytes of an incomplete request, what the handler keeps for the stream, and the room set aside for a
  /// request.
  var gatheredBytes = 0
  var keptBytes = 0
  var requestRoom = 0
  /// Position in its connection's list of live streams.
  var liveIndex = -1

  enum TrailersOut {
    case none
    case grpcOK
    case fields(HeaderList)
  }

  /// Whether body bytes may be written now. When false, wait for the drained event: what is written all the
  /// same is kept, but the producer is breaking its bound.
  package final var hasRoom: Bool {
    if pending.count < Limits.streamOutputHighWaterBytes { return true }
    isBlocked = true
    return false
  }

  /// Ready for another request; keeps its memory.
  func reset() {
    headers.removeAll()
    if !trailers.isEmpty { trailers.removeAll() }
    pending.removeAll()
    trailersOut = .none
    id = 0
    didSendHead = false
    didFinish = false
    didReceiveHead = false
    didReceiveAll = false
    isClosed = false
    isDeferred = false
    isBlocked = false
    headersOverflowed = false
    overflowBytes = 0
    rules = H2FieldRules()
    unconsumed = 0
    receivedBytes = 0
    accountedPending = 0
    accountedOther = 0
    gatheredBytes = 0
    keptBytes = 0
    requestRoom = 0
    liveIndex = -1
  }
}
