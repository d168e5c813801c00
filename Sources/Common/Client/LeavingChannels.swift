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

  package func add(_ channel: Channel) {
    guard channel.isReady, channel.callCount > 0 else { return channel.close() }
    places.append(Place(channel: channel, since: loop.now))
    guard timer == nil else { return }
    let timer = Timer(loop) { [unowned self] in sweep() }
    timer.every(.milliseconds(250))
    self.timer = timer
  }

  /// The endpoint is wanted again: its connection, where that still serves.
  package func takeBack(_ endpoint: String) -> Channel? {
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
