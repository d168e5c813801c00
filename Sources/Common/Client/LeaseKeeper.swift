import Base
import Event
import Wire

/// Keeps one lease alive: asks three times in its length, over a stream that is opened again when it breaks.
/// As etcd 3.4: clientv3/lease.go.
package final class LeaseKeeper {
  private let client: Client
  private let id: Int64
  private let onReply: (LeaseKeepAliveResponse) -> Void
  private let onEnd: () -> Void
  private var stream: RPC?
  private var nextAsk: Timer?
  private var giveUp: Timer?
  private var isOver = false

  /// `onEnd` comes once the lease is gone, or nothing was heard of it for its length.
  package init(
    _ client: Client, _ id: Int64, onReply: @escaping (LeaseKeepAliveResponse) -> Void,
    onEnd: @escaping () -> Void
  ) {
    self.client = client
    self.id = id
    self.onReply = onReply
    self.onEnd = onEnd
    open()
  }

  deinit { stream?.cancel() }

  package func cancel() {
    isOver = true
    stream?.cancel()
    stream = nil
    nextAsk = nil
    giveUp = nil
  }

  private func reopen() {
    client.renewToken { [weak self] failure in
      guard let self, !isOver else { return }
      if let failure { ended(failure) } else { open() }
    }
  }

  private func open() {
    let stream = client.open(
      EtcdRPC.leaseKeepAlive, RPCOptions(requiresLeader: true),
      onMessage: { [weak self] in self?.received($0) }, onEnd: { [weak self] in self?.ended($0) })
    self.stream = stream
    stream.send(LeaseKeepAliveRequest(id: id))
  }

  private func received(_ bytes: UnsafeRawBufferPointer) {
    guard !isOver, let reply = try? LeaseKeepAliveResponse(decoding: bytes) else { return }
    if reply.ttl <= 0 { return finish() }
    onReply(reply)
    nextAsk = later(.milliseconds(reply.ttl * 1_000 / 3)) { keeper in
      keeper.stream?.send(LeaseKeepAliveRequest(id: keeper.id))
    }
    giveUp = later(.seconds(reply.ttl)) { $0.finish() }
  }

  private func ended(_ failure: RPCFailure?) {
    stream = nil
    guard !isOver else { return }
    let isHopeless =
      failure.map { $0.isFinal && $0.status.code != .cancelled && !client.wantsToken($0) } ?? false
    if isHopeless { return finish() }
    nextAsk = later(Limits.clientStreamWait) { $0.reopen() }
  }

  private func later(_ span: TimeSpan, _ work: @escaping (LeaseKeeper) -> Void) -> Timer {
    let timer = Timer(client.loop) { [weak self] in
      if let self { work(self) }
    }
    timer.once(after: span)
    return timer
  }

  private func finish() {
    guard !isOver else { return }
    cancel()
    onEnd()
  }

  /// Asks once; fails with "requested lease not found" for a lease that is gone. Waits for a member as long as it
  /// takes.
  package static func once(
    _ client: Client, _ id: Int64, _ done: @escaping (Result<LeaseKeepAliveResponse, RPCFailure>) -> Void
  ) {
    var reply: LeaseKeepAliveResponse?
    let stream = client.open(
      EtcdRPC.leaseKeepAlive, RPCOptions(requiresLeader: true),
      onMessage: { reply = try? LeaseKeepAliveResponse(decoding: $0) },
      onEnd: { failure in
        if let reply {
          done(reply.ttl > 0 ? .success(reply) : .failure(RPCFailure(.leaseNotFound)))
        } else if let failure, failure.isFinal {
          done(.failure(failure))
        } else {
          once(client, id, done)
        }
      })
    stream.send(LeaseKeepAliveRequest(id: id))
    stream.finish()
  }
}
