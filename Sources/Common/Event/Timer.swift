import Base
import CLibevent

/// Calls back after a time, once or again and again. Cancelled when dropped.
package final class Timer {
  private var handle: EventHandle?
  private let fired: () -> Void
  private var interval: TimeSpan?

  /// An idle timer; start it with `once` or `every`.
  package init(_ loop: EventLoop, _ fired: @escaping () -> Void) {
    self.fired = fired
    handle = EventHandle(loop, -1, 0, { _, _, context in withTarget(context, Timer.self) { $0.fire() } }, self)
  }

  /// Fires once after `span`; an earlier setting is replaced.
  package func once(after span: TimeSpan) {
    interval = nil
    handle?.add(after: span)
  }

  /// Fires every `span`, measured from one call to the next.
  package func every(_ span: TimeSpan) {
    interval = span
    handle?.add(after: span)
  }

  package func cancel() {
    interval = nil
    handle?.remove()
  }

  package var isRunning: Bool { handle?.isAdded ?? false }

  private func fire() {
    handle?.didFire()
    if let interval { handle?.add(after: interval) }
    fired()
  }
}

/// Calls back on the loop when the process receives a signal. One watch per signal and process.
package final class SignalWatch {
  private var handle: EventHandle?
  private let arrived: () -> Void

  package init(_ loop: EventLoop, _ signal: Int32, _ arrived: @escaping () -> Void) {
    self.arrived = arrived
    handle = EventHandle(
      loop, signal, EV_SIGNAL | EV_PERSIST,
      { _, _, context in withTarget(context, SignalWatch.self) { $0.arrived() } }, self)
    handle?.add()
  }
}
