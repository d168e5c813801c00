import Base
import Event

/// Connections to endpoints that are not used any more: no new call is opened there, and those under way may go on until
/// their time is over (`Limits.leavingCallTime`).
package final class LeavingChannels {
  private struct Place {
    let channel: Channel
    let since: Instant
  }

  private unowned let loop: EventLoop
  private var places: [Place] = []
  private var timer: Timer?

  package init(_ loop: EventLoop) { self.loop = loop }

  package var channels: [Channel] { places.map(\.channel) }

  /// The channels of another list of endpoints, which the ring goes over to: those of `former` that are named again, those that
  /// had left and still serve, and new ones.
  package func channels(
    of endpoints: [String], after former: [Channel], _ ring: inout EndpointRing, make: (Int) -> Channel
  ) -> [Channel] {
    let places = endpoints.map { text in former.firstIndex { $0.endpoint.text == text } }
    ring.replace(by: places)
    return endpoints.indices.map { index in
      let kept = places[index].map { former[$0] } ?? takeBack(endpoints[index])
      guard let kept else { return make(index) }
      kept.index = index
      if kept.isReady { ring.connected(index) }
      return kept
    }
  }

  /// Those of `former` that are not among the `current` ones leave.
  package func add(_ former: [Channel], without current: [Channel]) {
    for channel in former where !current.contains(where: { $0 === channel }) { add(channel) }
  }

  private func add(_ channel: Channel) {
    guard channel.isReady, channel.callCount > 0 else { return channel.close() }
    places.append(Place(channel: channel, since: loop.now))
    guard timer == nil else { return }
    let timer = Timer(loop) { [unowned self] in sweep() }
    timer.every(.milliseconds(250))
    self.timer = timer
  }

  /// The endpoint is wanted again: its connection, where that still serves.
  private func takeBack(_ endpoint: String) -> Channel? {
    guard let place = places.firstIndex(where: { $0.channel.endpoint.text == endpoint && $0.channel.isReady })
    else { return nil }
    return places.remove(at: place).channel
  }

  /// It has ended; false where it is none of these.
  package func remove(_ channel: Channel) -> Bool {
    guard let place = places.firstIndex(where: { $0.channel === channel }) else { return false }
    places.remove(at: place)
    return true
  }

  private func sweep() {
    let isOver = { [now = loop.now] (place: Place) in
      place.channel.callCount == 0 || now - place.since >= Limits.leavingCallTime
    }
    let over = places.filter(isOver)
    places.removeAll { place in over.contains { $0.channel === place.channel } }
    for place in over { place.channel.close() }
    if places.isEmpty { timer = nil }
  }

  /// Ends all of them; calls that are open fail.
  package func close() {
    timer = nil
    let all = channels
    places = []
    for channel in all { channel.close() }
  }
}
