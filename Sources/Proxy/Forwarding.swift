import Base
import HTTP

/// What a forwarding asks of the proxy around it.
protocol ForwardingOwner: AnyObject {
  var now: Instant { get }
  var heads: PassedHeads { get }
  /// Where a request goes next; nil without an endpoint that has not been tried.
  func chooseEndpoint(without tried: [Director.ID]) -> Back?
  func endpointFailed(_ id: Director.ID, _ reason: String)
  /// It owes an answer for longer than it should.
  func endpointSuspected(_ id: Director.ID)
  /// The request went out (or not any more) to this endpoint.
  func began(_ id: Director.ID)
  func ended(_ id: Director.ID)
  /// The reply's head is here.
  func forwardingAnswered(_ forwarding: Forwarding, status: Int)
  /// One attempt failed.
  func forwardingFailed(_ forwarding: Forwarding, _ reason: String)
  /// Nobody answers: to be answered by the proxy itself.
  func forwardingRefused(_ forwarding: Forwarding, _ reason: Forwarding.Refusal)
  /// It is over, one way or the other.
  func forwardingEnded(_ forwarding: Forwarding)
}

/// One request on its way to an endpoint and its reply on the way back, both streamed: neither side is read faster than the
/// other takes it.
///
/// A request is sent again only if nothing of it has left, or if it only reads. etcd 3.4 sends any request again, and so may
/// execute it twice: proxy/httpproxy/reverse.go.
final class Forwarding: Errand {
  /// Why no endpoint's answer will come.
  enum Refusal: Equatable {
    /// None is available.
    case noEndpoints
    /// So many were tried.
    case allTried(Int)
    /// All connections that there may be are in use.
    case noConnection(limit: Int)
  }

  let began: Instant
  let version: ClientConnection.Version
  private let body: Request.Body
  private unowned(unsafe) let owner: any ForwardingOwner
  private let isSafe: Bool

  private(set) var tried: [Director.ID] = []
  private var attempts = 0
  private var back: Back?
  private var connection: BackConnection?
  private var call: HTTP.Call?
  /// What the connection had sent before the call.
  private var sentBefore: UInt64 = 0
  private var wasUsed = false
  private var sentAt: Instant?
  private var isOver = false

  /// The request's body as far as it may have to be sent again; nil once that is too much.
  private var kept: Bytes?
  private var isRequestComplete = false
  /// Request bytes that the client's window still misses, and reply bytes that the endpoint's does.
  private var owedToClient = 0
  private var owedToBack = 0

  /// - Parameters:
  ///   - body: what was read of the request; nil for what is still to come, if anything is.
  ///   - isSafe: doing it twice is as good as doing it once.
  init(
    _ exchange: Exchange, body: Bytes?, version: ClientConnection.Version, isSafe: Bool,
    owner: any ForwardingOwner
  ) {
    self.body = body.map { .bytes($0) } ?? (exchange.didReceiveAll ? .none : .streamed)
    self.version = version
    self.isSafe = isSafe
    self.owner = owner
    began = owner.now
    if case .streamed = self.body { kept = [] } else { isRequestComplete = true }
    super.init(exchange)
  }

  // MARK: Finding an endpoint

  func start() { next() }

  private func next() {
    attempts += 1
    guard attempts <= Limits.proxyAttempts, let chosen = owner.chooseEndpoint(without: tried) else {
      return refuse(tried.isEmpty ? .noEndpoints : .allTried(tried.count))
    }
    back = chosen
    owner.began(chosen.id)
    chosen.connect(self, version)
  }

  private func leaveBack() {
    guard let back else { return }
    self.back = nil
    owner.ended(back.id)
  }

  // MARK: The client's side

  override func receive(_ bytes: UnsafeRawBufferPointer) {
    guard !isOver else { return exchange.consumed(bytes.count) }
    keep(bytes)
    guard let call else {
      // Until there is a connection the window stays as it is: so much is held and no more.
      return owedToClient += bytes.count
    }
    call.send(bytes)
    owedToClient += bytes.count
    giveToClient()
  }

  private func keep(_ bytes: UnsafeRawBufferPointer) {
    guard let count = kept?.count else { return }
    if call == nil || count + bytes.count <= Limits.proxyKeptBodyBytes {
      kept?.append(contentsOf: bytes)
    } else {
      kept = nil
    }
  }

  override func requestEnded() {
    isRequestComplete = true
    call?.finish()
  }

  /// The client takes bytes again.
  override func clientDrained() {
    guard owedToBack > 0, exchange.canSend else { return }
    let count = owedToBack
    owedToBack = 0
    connection?.owedBytes -= count
    call?.consumed(count)
  }

  /// The client has gone: the endpoint is told, and is not to blame.
  override func cancel() {
    guard !isOver else { return }
    isOver = true
    if let back, call == nil { back.leave(self) }
    call?.cancel()
    finish()
  }

  override func doubt(at now: Instant) {
    guard !isOver, !exchange.didSendHead, let back, isRequestComplete, let sentAt else { return }
    if now - sentAt >= Limits.proxySuspicionTime { owner.endpointSuspected(back.id) }
  }

  private func giveToClient() {
    guard owedToClient > 0, let call, call.canSend else { return }
    let count = owedToClient
    owedToClient = 0
    exchange.consumed(count)
  }

  private func refuse(_ reason: Refusal) {
    isOver = true
    owner.forwardingRefused(self, reason)
    finish()
  }

  private func finish() {
    if owedToBack > 0 { connection?.owedBytes -= owedToBack }
    owedToBack = 0
    call = nil
    connection = nil
    kept = nil
    leaveBack()
    owner.forwardingEnded(self)
  }

  // MARK: Failure

  /// An attempt came to nothing. `isBlamed`: the endpoint is to be left out for a while.
  private func attemptFailed(_ reason: String, isBlamed: Bool, isReplayable: Bool) {
    guard let id = back?.id else { return }
    if isBlamed { owner.endpointFailed(id, reason) }
    owner.forwardingFailed(self, reason)
    // A kept connection that was dead says nothing of its endpoint: the next one may well be to the same.
    if isBlamed || !isReplayable { tried.append(id) }
    call = nil
    connection = nil
    leaveBack()
    isReplayable ? next() : refuse(.allTried(tried.count))
  }
}

extension Forwarding: BackWaiter {
  func connected(_ connection: BackConnection) {
    guard !isOver else { return }
    let isUsed = connection.isUsed
    let sent = connection.sentBytes
    guard let back else { return }
    let opened = owner.heads.withRequest(of: exchange, to: back.url, body: body) { connection.open($0, self) }
    guard let call = opened else {
      return attemptFailed("the connection cannot be used", isBlamed: false, isReplayable: true)
    }
    self.connection = connection
    self.call = call
    sentBefore = sent
    wasUsed = isUsed
    sentAt = owner.now
    if case .streamed = body {
      if let kept, !kept.isEmpty { call.send(kept) }
      if (kept?.count ?? 0) > Limits.proxyKeptBodyBytes { kept = nil }
      if isRequestComplete { call.finish() }
      giveToClient()
    }
  }

  func couldNotConnect(_ reason: String) {
    guard !isOver else { return }
    attemptFailed(reason, isBlamed: true, isReplayable: true)
  }

  func noConnection(limit: Int) {
    guard !isOver else { return }
    refuse(.noConnection(limit: limit))
  }
}

extension Forwarding: CallHandler {
  func callBegan(_ call: HTTP.Call) {
    guard !isOver else { return }
    // Nobody asked for another protocol.
    if call.status < 200 { return call.cancel() }
    kept = nil
    owner.forwardingAnswered(self, status: call.status)
    owner.heads.withReply(call.headers) { fields in
      if call.didReceiveAll, exchange.isHTTP2 {
        exchange.respondHead(call.status, fields)
      } else {
        exchange.sendHeaders(call.status, fields)
      }
    }
  }

  func callBody(_ call: HTTP.Call, _ bytes: UnsafeRawBufferPointer) {
    guard !isOver else { return call.consumed(bytes.count) }
    exchange.send(bytes)
    if exchange.canSend, owedToBack == 0 { return call.consumed(bytes.count) }
    owedToBack += bytes.count
    connection?.owedBytes += bytes.count
  }

  func callEnded(_ call: HTTP.Call) {
    guard !isOver else { return }
    isOver = true
    exchange.finish(trailers: call.trailers)
    if owedToClient > 0 { exchange.consumed(owedToClient) }
    finish()
  }

  func callFailed(_ call: HTTP.Call, _ failure: CallFailure) {
    guard !isOver, self.call === call, let connection else { return }
    let wasSeen = connection.sentBytes != sentBefore && failure != .notProcessed
    if exchange.didSendHead {
      isOver = true
      owner.forwardingFailed(self, "\(failure)")
      if case .reset(let code) = failure {
        exchange.reset(code)
      } else {
        exchange.reset(.internalError)
      }
      return finish()
    }
    if case .reset(let code) = failure {
      // The endpoint's own word on this call.
      isOver = true
      owner.forwardingFailed(self, "\(failure)")
      exchange.reset(code)
      return finish()
    }
    attemptFailed(
      Self.text(failure), isBlamed: !wasUsed || isMalformed(failure),
      isReplayable: hasWholeBody && (isSafe || !wasSeen))
  }

  func callDrained(_ call: HTTP.Call) { giveToClient() }

  /// The body can be sent from its beginning.
  private var hasWholeBody: Bool {
    if case .streamed = body { return kept != nil }
    return true
  }

  private func isMalformed(_ failure: CallFailure) -> Bool {
    if case .malformed = failure { return true }
    return false
  }

  private static func text(_ failure: CallFailure) -> String {
    switch failure {
    case .reset(let code): "the endpoint broke the call off (\(code))"
    case .notProcessed: "the endpoint takes no more calls"
    case .connectionLost: "the connection was lost before a reply came"
    case .malformed(let text): text
    case .cancelled: "it answered in another protocol"
    }
  }
}
