// Client: how this house calls members of etcd. Endpoints and which of them to use next, one HTTP/2 connection to
// each, calls over them, retrying what is safe to retry, signing in, and watches and leases that outlive a
// connection.
//
// It lives on one event loop and calls back on it. It may open sockets and set timers; it reads no file but what
// TLS needs, starts no thread but the resolver's, and prints nothing. It must never send a request again that a
// member may have carried out.
import Base
import Event
import HTTP
import TLS
import Wire

/// Calls a cluster through its endpoints. Connects when there is something to send, to all endpoints at once.
package final class Client {
  package let settings: ClientSettings
  package unowned let loop: EventLoop

  private let resolver: Resolver
  private var tls: EndpointTLS
  private var endpoints: [String]
  private var channels: [Channel] = []
  private let leaving: LeavingChannels
  /// Connections that said goodbye and still have calls.
  private var retiring: [Channel] = []
  private var ring: EndpointRing
  private var dice: Dice
  /// Calls without a connection yet, oldest first.
  private var waiting: [RPC] = []
  /// Calls that are open, so that they live without their makers.
  private var live: [ObjectIdentifier: RPC] = [:]
  var liveCount: Int { live.count }
  private var retryTimer: Timer?
  private var lastReason = "no endpoint was tried"
  /// Sent with each call once signed in.
  var token = ""

  package init(_ loop: EventLoop, _ settings: ClientSettings) throws(ClientError) {
    tls = try EndpointTLS(settings)
    self.loop = loop
    self.settings = settings
    endpoints = settings.endpoints
    leaving = LeavingChannels(loop)
    resolver = Resolver(loop)
    ring = EndpointRing(count: settings.endpoints.count)
    dice = Dice(seed: settings.seed)
    channels = endpoints.indices.map { channel($0) }
  }

  deinit { close() }

  /// What a connection to `endpoint` is encrypted with; nil for plain ones.
  /// As etcd 3.4: clientv3/client.go, dialWithBalancerCreds.
  package static func context(
    _ settings: ClientSettings, _ endpoint: ClientEndpoint, protocols: [String] = ["h2"]
  ) throws(ClientError) -> TLSContext? {
    var wanted = settings.tls
    switch endpoint.scheme {
    case .http: wanted = nil
    case .https, .unixs: wanted = wanted ?? TLSSettings()
    case .unix, nil: break
    }
    guard var wanted else { return nil }
    wanted.protocols = protocols
    do throws(TLSError) { return try TLSContext(.client, wanted) } catch { throw .tls(error) }
  }

  package var now: Instant { loop.now }

  /// What grpc would say of the endpoints at a deadline.
  var balancerError: String {
    channels.count > 1 || ring.hasFailed ? "all SubConns are in TransientFailure" : lastReason
  }

  /// For notices about attempts.
  var target: String { "endpoint://client/\(channels[0].endpoint.authority)" }

  // MARK: Calls

  /// Opens a call. `onMessage` lends each reply's bytes for the length of the call; `onEnd` comes once, nil for a
  /// good end, never from here. A unary call is one message sent and one received.
  package func open(
    _ method: Wire.Method, _ options: RPCOptions = RPCOptions(),
    onMessage: @escaping (UnsafeRawBufferPointer) -> Void, onEnd: @escaping (RPCFailure?) -> Void
  ) -> RPC {
    let rpc = RPC(self, method, options, onMessage: onMessage, onEnd: onEnd)
    live[ObjectIdentifier(rpc)] = rpc
    rpc.startTimer(loop)
    enqueue(rpc)
    return rpc
  }

  func enqueue(_ rpc: RPC) {
    guard waiting.count < Limits.clientWaitingCalls else {
      return loop.post {
        rpc.end(RPCFailure(RPCStatus(.resourceExhausted, "too many calls wait for a connection")))
      }
    }
    waiting.append(rpc)
    loop.post { [weak self] in self?.pump() }
  }

  func forget(_ rpc: RPC) {
    live[ObjectIdentifier(rpc)] = nil
    if let place = waiting.firstIndex(where: { $0 === rpc }) { waiting.remove(at: place) }
  }

  /// Sends what can be sent and connects what is to be connected.
  private func pump() {
    while let rpc = waiting.first, let index = ring.next() {
      if rpc.start(on: channels[index], request(for: rpc, channels[index])) {
        waiting.removeFirst()
      } else {
        retire(index)
      }
    }
    if !waiting.isEmpty { connectDue() }
  }

  /// A connection that said goodbye: its calls run out, new ones go over another.
  private func retire(_ index: Int) {
    retiring.append(channels[index])
    channels[index] = channel(index)
    ring.disconnected(index)
  }

  private func channel(_ index: Int) -> Channel {
    let keepalive = Keepalive(
      interval: settings.keepaliveTime > .zero ? max(settings.keepaliveTime, Limits.clientPingInterval) : .zero,
      timeout: settings.keepaliveTimeout, onlyWithStreams: true)
    let endpoint = ClientEndpoint(endpoints[index])
    return Channel(
      index, endpoint, loop, resolver, tls: tls.context(for: endpoint), keepalive: keepalive, owner: self)
  }

  /// Other endpoints, of which there must be one. Calls that are open may go on where they are for a while.
  package func replace(_ endpoints: [String]) throws(ClientError) {
    guard !endpoints.isEmpty else { throw .noEndpoints }
    guard endpoints != self.endpoints else { return }
    try tls.prepare(for: endpoints)
    self.endpoints = endpoints
    let former = channels
    channels = leaving.channels(of: endpoints, after: former, &ring) { channel($0) }
    leaving.add(former, without: channels)
    loop.post { [weak self] in self?.pump() }
  }

  private func request(for rpc: RPC, _ channel: Channel) -> Request {
    var metadata: HeaderList = ["client-api-version": "3.4"]
    if rpc.options.requiresLeader { metadata.add("hasleader", "true") }
    if !token.isEmpty { metadata.add("token", token) }
    return channel.request(
      rpc.method.path, timeout: rpc.options.deadline.map { max(.zero, $0 - now) }, metadata: metadata)
  }

  private func connectDue() {
    for index in ring.takeDue(at: now) { channels[index].connect() }
    guard let next = ring.nextDeadline else { return }
    let timer = Timer(loop) { [weak self] in self?.pump() }
    timer.once(after: max(.zero, next - now))
    retryTimer = timer
  }

  /// A wait between attempts, give or take a tenth.
  func retryWait() -> TimeSpan {
    TimeSpan(nanoseconds: Limits.clientRetryWait.nanoseconds / 1_000 * Int64(900 + dice.below(200)))
  }

  /// Ends every connection; open calls fail.
  package func close() {
    for channel in channels + retiring { channel.close() }
    retiring = []
    leaving.close()
  }
}

extension Client: ChannelOwner {
  package func channelReady(_ channel: Channel) {
    ring.connected(channel.index)
    pump()
  }

  package func channelEnded(_ channel: Channel, wasReady: Bool, reason: String) {
    if leaving.remove(channel) { return }
    if let place = retiring.firstIndex(where: { $0 === channel }) {
      retiring.remove(at: place)
      return
    }
    lastReason = reason
    if wasReady { ring.disconnected(channel.index) } else { ring.failed(channel.index, at: now, &dice) }
    if !waiting.isEmpty { loop.post { [weak self] in self?.pump() } }
  }
}
