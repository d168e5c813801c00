import Base
import Config
import Event
import HTTP
import Machine
import Wire

/// The Watch RPC: one stream carries many watchers. As etcd 3.4: etcdserver/api/v3rpc/watch.go.
///
/// Events are encoded straight into the stream's output. When that is over its bound the stream's watchers are told to wait;
/// they fall behind in the hub and are served from history once the client has read.
final class WatchService: Service {
  static let name = "etcdserverpb.Watch"
  private unowned let member: Member
  /// By the hub's stream index.
  private var streams: [Int: Call] = [:]

  init(_ member: Member) { self.member = member }

  /// What a watch call keeps: its stream in the hub.
  private final class Stream {
    let id: StreamID
    /// What its watchers hold.
    var heldBytes = 0
    init(_ id: StreamID) { self.id = id }
  }

  func message(_ bytes: UnsafeRawBufferPointer, for call: Call) throws(RPCStatus) {
    let request = try decode(WatchRequest.self, bytes)
    let stream = stream(of: call)
    switch request.requestUnion {
    case .createRequest(let create)?: self.create(create, stream, call)
    case .cancelRequest(let cancel)?: self.cancel(cancel.watchID, stream, call)
    case .progressRequest?: member.machine.hub.requestProgress(on: stream.id, into: &member.machine.watchOutput)
    case nil: break
    }
  }

  /// Opens the stream at the first message; a call that never sends one watches nothing.
  private func stream(of call: Call) -> Stream {
    if let stream = call.state as? Stream { return stream }
    let stream = Stream(member.machine.hub.openStream(now: member.loop.now))
    call.state = stream
    streams[stream.id.index] = call
    return stream
  }

  private func create(_ request: WatchCreateRequest, _ stream: Stream, _ call: Call) {
    // What the hub has ready goes out first: the created message then speaks of a later moment.
    deliver()
    var reply = WatchResponse()
    reply.header = member.header()
    reply.created = true
    if let status = refusal(of: request, call) {
      reply.watchID = -1
      reply.canceled = true
      reply.cancelReason = status.description
      return call.send(reply)
    }
    do throws(WatchRefusal) {
      reply.watchID = try member.machine.hub.create(
        on: stream.id, key: request.key, rangeEnd: request.rangeEnd, startRevision: request.startRevision,
        options: WatchOptions(request), requestedID: request.watchID)
      stream.heldBytes += Limits.watcherBytes + request.key.count + request.rangeEnd.count
      call.exchange.noteKept(stream.heldBytes)
    } catch {
      reply.watchID = -1
      reply.canceled = true
      reply.cancelReason = error.reason
    }
    call.send(reply)
  }

  /// Judged once, when the watcher is made: what its user may do later changes nothing for it, as in etcd 3.4.
  private func refusal(of request: WatchCreateRequest, _ call: Call) -> RPCStatus? {
    guard member.machine.auth.isEnabled else { return nil }
    do throws(RPCStatus) {
      let who = try member.credential(of: call) ?? .nobody
      // No key at all means the smallest one.
      let key = request.key.isEmpty ? [0] : request.key
      try member.machine.auth.checkRead(who, key: key, rangeEnd: request.rangeEnd)
      return nil
    } catch { return error }
  }

  private func cancel(_ watchID: Int64, _ stream: Stream, _ call: Call) {
    deliver()
    let count = member.machine.hub.watcherCount(of: stream.id)
    guard member.machine.hub.cancel(watchID, on: stream.id) else { return }
    stream.heldBytes -= stream.heldBytes / count
    call.exchange.noteKept(stream.heldBytes)
    var reply = WatchResponse()
    reply.header = member.header()
    reply.watchID = watchID
    reply.canceled = true
    call.send(reply)
  }

  /// Encodes what the hub has gathered, in its order.
  func deliver() {
    guard !member.machine.watchOutput.isEmpty else { return }
    var output = WatchOutput()
    swap(&output, &member.machine.watchOutput)
    let header = member.header()
    let store = member.machine.store
    for delivery in output.deliveries {
      member.machine.hub.eventsSent(delivery.picks.count)
      guard let call = streams[delivery.stream.index] else {
        member.concurrency.subscriptions.take(delivery, of: output)
        continue
      }
      let encoding = WatchEncoding(delivery, of: output, header: header) { change in
        store.previousRecord(of: change.key, before: change.revision)
      }
      for message in encoding.messages(limit: member.settings.maxRequestBytes + Limits.grpcOverheadBytes) {
        call.send(byteCount: message.size) { encoding.encode(message, to: &$0) }
      }
      if !call.exchange.canSend { member.machine.hub.setPaused(delivery.stream, true) }
    }
    if member.machine.watchOutput.isEmpty {
      output.removeAll()
      member.machine.watchOutput = output
    }
  }

  func drained(_ call: Call) {
    guard let stream = call.state as? Stream else { return }
    member.machine.hub.setPaused(stream.id, false)
    // This may come at the end of a turn: the next one must not wait for an event.
    member.loop.post {}
  }

  func gone(_ call: Call) {
    guard let stream = call.state as? Stream else { return }
    // What the hub has ready for it must not reach the stream that is given its place next.
    deliver()
    streams[stream.id.index] = nil
    member.machine.hub.closeStream(stream.id)
    call.state = nil
  }
}

extension WatchOptions {
  fileprivate init(_ request: WatchCreateRequest) {
    self = []
    if request.filters.contains(.noput) { insert(.noPuts) }
    if request.filters.contains(.nodelete) { insert(.noDeletes) }
    if request.prevKv { insert(.previousPair) }
    if request.progressNotify { insert(.progressNotify) }
    if request.fragment { insert(.fragment) }
  }
}
