import Base
import Event
import Machine

/// The member's own watches: one stream of the hub, whose deliveries come here instead of to a client. It is never paused, so
/// its watchers stay in step with the store.
///
/// Bounded by who subscribes: a watch for each contested prefix and each observer.
final class Subscriptions {
  enum Event {
    /// Changes of one revision, or of several where the watch was behind; in order.
    case changes([Change], revision: Int64)
    /// The watch has ended: what it still needed was compacted.
    case lost
  }

  private unowned let member: Member
  private var stream: StreamID?
  private var receivers: [Int64: (Event) -> Void] = [:]

  init(_ member: Member) { self.member = member }

  /// Changes of `[key, rangeEnd)`, or of the key alone, from revision `from` on.
  func watch(
    _ key: Bytes, _ rangeEnd: Bytes, from: Int64, options: WatchOptions = [],
    _ receive: @escaping (Event) -> Void
  ) -> Int64 {
    let hub = member.machine.hub
    let stream = stream ?? hub.openStream(now: member.loop.now)
    self.stream = stream
    do throws(WatchRefusal) {
      let id = try hub.create(on: stream, key: key, rangeEnd: rangeEnd, startRevision: from, options: options)
      receivers[id] = receive
      return id
    } catch { broken("a watch of the member's own was refused: \(error.reason)") }
  }

  func cancel(_ id: Int64) {
    guard receivers.removeValue(forKey: id) != nil, let stream else { return }
    _ = member.machine.hub.cancel(id, on: stream)
  }

  /// A delivery that belongs to no client.
  func take(_ delivery: WatchDelivery, of output: WatchOutput) {
    guard delivery.stream == stream, let receive = receivers[delivery.watchID] else { return }
    switch delivery.kind {
    case .events: receive(.changes(output.changes(of: delivery), revision: delivery.revision))
    case .compacted:
      receivers[delivery.watchID] = nil
      receive(.lost)
    case .progress: break
    }
  }

  /// Gives the stream back when nobody watches. Not in the middle of deliveries, which name streams by number.
  func rest() {
    guard receivers.isEmpty, let stream else { return }
    member.machine.hub.closeStream(stream)
    self.stream = nil
  }
}
