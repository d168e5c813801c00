import Base
import Event
import Wire

/// Watches over one stream, which is opened again when it breaks: each watch goes on behind the last revision that
/// was seen. As etcd 3.4: clientv3/watch.go.
package final class WatchStream {
  /// What became of a watch; the number is the one `watch` answered.
  package enum News {
    /// Events, progress, or the reply that ends it.
    case reply(WatchResponse)
    /// It is over: refused or cancelled by the server (nil where it gave no reason), or out of reach for good.
    case ended(reason: String?)
  }

  private struct Watching {
    var request: WatchCreateRequest
    /// The server's number on the stream that is open now.
    var serverID: Int64?
  }

  private let client: Client
  private let hear: (Int, News) -> Void
  private var watches: [Int: Watching] = [:]
  /// Watches asked for on this stream and not answered yet; the server answers in order.
  private var unanswered: [Int] = []
  private var lastNumber = 0
  private var stream: RPC?
  private var timer: Timer?

  package init(_ client: Client, _ hear: @escaping (_ watch: Int, _ news: News) -> Void) {
    self.client = client
    self.hear = hear
  }

  deinit { stream?.cancel() }

  /// Begins a watch; answers its number.
  package func watch(_ request: WatchCreateRequest) -> Int {
    lastNumber += 1
    watches[lastNumber] = Watching(request: request)
    if stream == nil, timer == nil { open() } else { ask(lastNumber) }
    return lastNumber
  }

  /// Asks for a reply without events that tells how far all watches are.
  package func requestProgress() {
    stream?.send(WatchRequest(requestUnion: .progressRequest(WatchProgressRequest())))
  }

  private func reopen() {
    client.renewToken { [weak self] failure in
      if let failure { self?.broke(failure) } else { self?.open() }
    }
  }

  private func open() {
    timer = nil
    unanswered = []
    stream = client.open(
      EtcdRPC.watch, RPCOptions(requiresLeader: true),
      onMessage: { [weak self] in self?.received($0) }, onEnd: { [weak self] in self?.broke($0) })
    for number in watches.keys.sorted() {
      watches[number]?.serverID = nil
      ask(number)
    }
  }

  private func ask(_ number: Int) {
    guard let stream, let watching = watches[number] else { return }
    unanswered.append(number)
    stream.send(WatchRequest(requestUnion: .createRequest(watching.request)))
  }

  private func received(_ bytes: UnsafeRawBufferPointer) {
    guard let reply = try? WatchResponse(decoding: bytes) else { return }
    if reply.created { return created(reply) }
    // Progress that was asked for has no watch of its own: it is told to all.
    for (number, watching) in watches where reply.watchID == -1 || watching.serverID == reply.watchID {
      advance(number, reply)
    }
  }

  private func created(_ reply: WatchResponse) {
    guard !unanswered.isEmpty else { return }
    let number = unanswered.removeFirst()
    if reply.watchID == -1 || reply.canceled && !reply.cancelReason.isEmpty {
      return end(number, reply.cancelReason)
    }
    watches[number]?.serverID = reply.watchID
    // From now on nothing may be missed, also when the stream breaks before the first event.
    if watches[number]?.request.startRevision == 0 {
      watches[number]?.request.startRevision = (reply.header?.revision ?? 0) + 1
    }
  }

  private func advance(_ number: Int, _ reply: WatchResponse) {
    if reply.canceled {
      if reply.compactRevision != 0 { hear(number, .reply(reply)) }
      return end(number, nil)
    }
    if let last = reply.events.last?.kv { watches[number]?.request.startRevision = last.modRevision + 1 }
    hear(number, .reply(reply))
  }

  private func end(_ number: Int, _ reason: String?) {
    watches[number] = nil
    hear(number, .ended(reason: reason))
  }

  private func broke(_ failure: RPCFailure?) {
    stream = nil
    if let failure, failure.isFinal {
      for number in watches.keys.sorted() { end(number, failure.description) }
      return
    }
    let timer = Timer(client.loop) { [weak self] in self?.reopen() }
    timer.once(after: Limits.clientRetryWait)
    self.timer = timer
  }
}
