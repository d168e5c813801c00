import Base
import Client
import Event
import HTTP
import Wire

/// The stream to a member over which shared watches go. When it breaks it is made again, at whichever member there is, and
/// each watch goes on where it stood.
final class WatchBack: PoolCaller, CallHandler {
  private unowned let proxy: GRPCProxy
  private unowned let hub: WatchHub
  private let requiresLeader: Bool
  private var call: Call?
  /// The channel that the call is on; not referenced, since a weak reference would slow all its uses.
  private var channel: ObjectIdentifier?
  private var isOpening = false
  private var deframer: GRPCDeframer
  private var timer: Timer?
  /// Watches of this stream, and those among them that the member has not answered: it answers in order.
  private var groups: Set<WatchTable.GroupID> = []
  private var unanswered: [WatchTable.GroupID] = []
  /// Wait for the answer that is under way, and for the one after it.
  private var asked: [(ResponseHeader) -> Void] = []
  private var asking: [(ResponseHeader) -> Void] = []

  init(_ proxy: GRPCProxy, _ hub: WatchHub, requiresLeader: Bool) {
    self.proxy = proxy
    self.hub = hub
    self.requiresLeader = requiresLeader
    deframer = GRPCDeframer(limit: proxy.limits.receive)
  }

  // MARK: What the hub asks

  func create(_ group: WatchTable.GroupID, start: Int64) {
    groups.insert(group)
    guard call != nil else { return begin() }
    send(group, start: start)
  }

  private func send(_ group: WatchTable.GroupID, start: Int64) {
    guard let call, let request = hub.request(for: group, start: start) else { return }
    unanswered.append(group)
    call.sendMessage(request.encoded())
  }

  func cancel(_ group: WatchTable.GroupID) {
    guard groups.remove(group) != nil else { return }
    call?.sendMessage(
      WatchRequest(requestUnion: .cancelRequest(WatchCancelRequest(watchID: group))).encoded())
  }

  func requestProgress(_ done: @escaping (ResponseHeader) -> Void) {
    asking.append(done)
    call == nil ? begin() : askProgress()
  }

  private func askProgress() {
    guard asked.isEmpty, !asking.isEmpty, let call else { return }
    swap(&asked, &asking)
    call.sendMessage(WatchRequest(requestUnion: .progressRequest(WatchProgressRequest())).encoded())
  }

  // MARK: The stream

  private func begin() {
    guard call == nil, !isOpening, timer == nil else { return }
    isOpening = true
    proxy.pool.open(self)
  }

  func open(on channel: Channel) -> Bool {
    var metadata: HeaderList = ["client-api-version": "3.4"]
    if requiresLeader { metadata.add("hasleader", "true") }
    let request = channel.request("/etcdserverpb.Watch/Watch", metadata: metadata)
    guard let opened = channel.open(request, self) else { return false }
    isOpening = false
    call = opened
    self.channel = ObjectIdentifier(channel)
    deframer = GRPCDeframer(limit: proxy.limits.receive)
    unanswered = []
    for (group, start) in hub.openings(requiresLeader: requiresLeader) where groups.contains(group) {
      send(group, start: start)
    }
    askProgress()
    return true
  }

  func unreachable(_ status: RPCStatus) {
    isOpening = false
    later()
  }

  private func later() {
    guard timer == nil, !groups.isEmpty || !asking.isEmpty else { return }
    let timer = Timer(proxy.loop) { [weak self] in
      self?.timer = nil
      self?.begin()
    }
    timer.once(after: Limits.proxyStreamWait)
    self.timer = timer
  }

  /// The member is none any more: the watches go on at another, where they stood.
  func leave(_ channel: Channel) {
    guard let call, self.channel == ObjectIdentifier(channel) else { return }
    self.call = nil
    call.cancel()
    broke(.contextCanceled)
  }

  private func broke(_ status: RPCStatus) {
    call = nil
    channel = nil
    asking = asked + asking
    asked = []
    hub.lost(requiresLeader: requiresLeader)
    // Who asked for a leader is told that there is none, as by the member itself.
    if requiresLeader, status.message == RPCStatus.noLeader.message { hub.failed(requiresLeader: true, status) }
    later()
  }

  func callBegan(_ call: Call) {}

  func callBody(_ call: Call, _ bytes: UnsafeRawBufferPointer) {
    call.consumed(bytes.count)
    guard call === self.call else { return }
    do throws(GRPC.Fault) {
      try deframer.receive(bytes) { message in
        if let reply = try? WatchResponse(decoding: message) { received(reply) }
      }
    } catch {
      call.cancel()
      broke(RPCStatus(error))
    }
  }

  private func received(_ reply: WatchResponse) {
    var reply = reply
    if !proxy.namespace.isEmpty { proxy.namespace.out(&reply) }
    if reply.created { return created(reply) }
    if reply.watchID == -1, !reply.canceled { return progressed(reply) }
    guard groups.contains(reply.watchID) else { return }
    if reply.canceled {
      groups.remove(reply.watchID)
      hub.ended(reply.watchID, reply)
    } else {
      hub.delivered(reply.watchID, reply)
    }
  }

  private func created(_ reply: WatchResponse) {
    guard !unanswered.isEmpty else { return }
    let group = unanswered.removeFirst()
    guard groups.contains(group) else { return }
    if reply.watchID == -1 || reply.canceled {
      groups.remove(group)
      return hub.ended(group, reply)
    }
    hub.created(group, reply.header)
  }

  private func progressed(_ reply: WatchResponse) {
    let answered = asked
    asked = []
    for done in answered { done(reply.header ?? ResponseHeader()) }
    askProgress()
  }

  func callEnded(_ call: Call) {
    guard call === self.call else { return }
    let fault = call.grpcStatus
    broke(RPCStatus(fault))
  }

  func callFailed(_ call: Call, _ failure: CallFailure) {
    guard call === self.call else { return }
    broke(RPCStatus(failure))
  }

  func callDrained(_ call: Call) {}
}
