import CShim
import Glibc

/// Lets another thread end what blocks here: a wait at a discovery service, a pause between two attempts.
package final class Cancellation: Sendable {
  /// Readable once `cancel` was called, and from then on.
  let descriptor: Int32

  package init() { descriptor = cshim_eventfd() }

  deinit { if descriptor >= 0 { close(descriptor) } }

  package func cancel() {
    var one: UInt64 = 1
    _ = write(descriptor, &one, 8)
  }

  package var isCancelled: Bool { isSet(afterMilliseconds: 0) }

  /// Waits; true as soon as it is cancelled, false when the time is over.
  func isSet(afterMilliseconds: Int32) -> Bool {
    let end = cshim_monotonic_now() + Int64(afterMilliseconds) * 1_000_000
    while true {
      var slot = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let left = max(0, (end - cshim_monotonic_now() + 999_999) / 1_000_000)
      let count = poll(&slot, 1, Int32(left))
      if count > 0 { return true }
      if count == 0, left == 0 || cshim_monotonic_now() >= end { return false }
    }
  }
}
