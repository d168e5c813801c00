import Base
import Client
import Event
import HTTP
import Wire

/// The stream over which leases are kept alive at a member, for all clients with one wish; made again at whichever member
/// there is when it breaks. What was under way then is asked again: a renewal may happen twice.
final class KeepAliveHub: PoolCaller, CallHandler {
  private unowned let proxy: GRPCProxy
  private let requiresLeader: Bool
  private var table = KeepAliveTable()
  private var fronts: [KeepAliveTable.StreamID: KeepAliveFront] = [:]
  private var lastStream = 0
  private var call: Call?
  /// The channel that the call is on; not referenced, since a weak reference would slow all its uses.
  private var channel: ObjectIdentifier?
  private var isOpening = false
  private var deframer: GRPCDeframer
  private var timer: Timer?
  /// Times that the stream broke since it last brought an answer.
  private var breaks = 0
  /// What answers begin with that are given without a member.
  private var header = ResponseHeader()
  private(set) var shared: UInt64 = 0

  init(_ proxy: GRPCProxy, requiresLeader: Bool) {
    self.proxy = proxy
    self.requiresLeader = requiresLeader
    deframer = GRPCDeframer(limit: proxy.limits.receive)
  }

  // MARK: What clients ask

  func join(_ front: KeepAliveFront) -> KeepAliveTable.StreamID {
    lastStream += 1
    fronts[lastStream] = front
    return lastStream
  }

  func leave(_ stream: KeepAliveTable.StreamID) {
    guard fronts.removeValue(forKey: stream) != nil else { return }
    table.left(stream)
    guard fronts.isEmpty else { return }
    let call = call
    self.call = nil
    timer = nil
    call?.cancel()
    _ = table.failed()
  }

  func ask(_ lease: Int64, by stream: KeepAliveTable.StreamID) {
    switch table.asks(lease, by: stream, at: proxy.loop.now) {
    case .answer(let answer):
      shared += 1
      fronts[stream]?.answered(reply(answer))
    case .wait: shared += 1
    case .ask:
      guard let call else { return begin() }
      call.sendMessage(LeaseKeepAliveRequest(id: lease).encoded())
    }
  }

  private func reply(_ answer: KeepAliveTable.Answer) -> LeaseKeepAliveResponse {
    LeaseKeepAliveResponse(header: header, id: answer.lease, ttl: answer.ttl)
  }

  /// Leases were revoked or made: nothing is known of them.
  func doubt() { table.doubt() }

  func endAll(_ status: RPCStatus) {
    for front in fronts.values.map({ $0 }) { front.fail(status) }
  }

  // MARK: The stream

  private func begin() {
    guard call == nil, !isOpening, timer == nil else { return }
    isOpening = true
    proxy.pool.open(self)
  }

  func open(on channel: Channel) -> Bool {
    if fronts.isEmpty {
      isOpening = false
      return true
    }
    var metadata: HeaderList = ["client-api-version": "3.4"]
    if requiresLeader { metadata.add("hasleader", "true") }
    let request = channel.request("/etcdserverpb.Lease/LeaseKeepAlive", metadata: metadata)
    guard let opened = channel.open(request, self) else { return false }
    isOpening = false
    call = opened
    self.channel = ObjectIdentifier(channel)
    deframer = GRPCDeframer(limit: proxy.limits.receive)
    for lease in table.asked.sorted() { opened.sendMessage(LeaseKeepAliveRequest(id: lease).encoded()) }
    return true
  }

  /// The member is none any more: what is asked from now on goes to another, and what is under way is asked again there.
  func leave(_ channel: Channel) {
    guard let call, self.channel == ObjectIdentifier(channel) else { return }
    self.call = nil
    call.cancel()
    if !table.asked.isEmpty { begin() }
  }

  func unreachable(_ status: RPCStatus) {
    isOpening = false
    fail(status)
  }

  /// Those who wait are told, as each would be by a member; the others have nothing to complain of.
  private func fail(_ status: RPCStatus) {
    breaks = 0
    for stream in table.failed().sorted() { fronts[stream]?.fail(status) }
  }

  func callBegan(_ call: Call) {}

  func callBody(_ call: Call, _ bytes: UnsafeRawBufferPointer) {
    call.consumed(bytes.count)
    guard call === self.call else { return }
    do throws(GRPC.Fault) {
      try deframer.receive(bytes) { message in
        if let reply = try? LeaseKeepAliveResponse(decoding: message) { received(reply) }
      }
    } catch {
      self.call = nil
      call.cancel()
      fail(RPCStatus(error))
    }
  }

  private func received(_ reply: LeaseKeepAliveResponse) {
    breaks = 0
    if let header = reply.header { self.header = header }
    for stream in table.answered(KeepAliveTable.Answer(lease: reply.id, ttl: reply.ttl)) {
      fronts[stream]?.answered(reply)
    }
  }

  /// The member ended the stream: with a reason, which is for those who wait, or without.
  func callEnded(_ call: Call) {
    guard call === self.call else { return }
    self.call = nil
    let fault = call.grpcStatus
    if fault.code == 0 { again(RPCStatus(.connectionLost)) } else { fail(RPCStatus(fault)) }
  }

  func callFailed(_ call: Call, _ failure: CallFailure) {
    guard call === self.call else { return }
    self.call = nil
    again(RPCStatus(failure))
  }

  private func again(_ status: RPCStatus) {
    breaks += 1
    guard !table.asked.isEmpty else { return }
    guard breaks <= Limits.proxyReadAttempts else { return fail(status) }
    let timer = Timer(proxy.loop) { [weak self] in
      self?.timer = nil
      self?.begin()
    }
    timer.once(after: Limits.proxyStreamWait)
    self.timer = timer
  }

  func callDrained(_ call: Call) {}
}
