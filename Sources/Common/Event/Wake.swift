import Base
import CLibevent
import CShim
import Glibc

/// Wakes a loop from any thread: `Mailbox(onFirst: { wake.signal() })`.
package final class Wake: Sendable {
  private let descriptor: Int32

  package init() {
    descriptor = cshim_eventfd()
    invariant(descriptor >= 0, "no descriptor for a wake: \(systemText(errno))")
  }

  deinit { Glibc.close(descriptor) }

  /// Safe from every thread; many signals before the loop turns are one.
  package func signal() {
    var one: UInt64 = 1
    while write(descriptor, &one, 8) == -1, errno == EINTR {}
  }

  /// Runs `woken` on the loop after each signal, as long as the answer is kept.
  package func watch(on loop: EventLoop, _ woken: @escaping () -> Void) -> WakeWatch {
    WakeWatch(loop, self, descriptor, woken)
  }
}

/// The loop's end of a `Wake`.
package final class WakeWatch {
  private var handle: EventHandle?
  private let wake: Wake
  private let descriptor: Int32
  private let woken: () -> Void

  fileprivate init(_ loop: EventLoop, _ wake: Wake, _ descriptor: Int32, _ woken: @escaping () -> Void) {
    self.wake = wake
    self.descriptor = descriptor
    self.woken = woken
    handle = EventHandle(
      loop, descriptor, EV_READ | EV_PERSIST,
      { _, _, context in withTarget(context, WakeWatch.self) { $0.fire() } }, self)
    handle?.add()
  }

  private func fire() {
    var count: UInt64 = 0
    _ = read(descriptor, &count, 8)
    woken()
  }
}
