import Base
import CLibevent
import Glibc

/// Connects without blocking, trying addresses one after the other.
package final class Connector {
  package enum Outcome { case connected(Socket), failed(EventError) }

  private unowned let loop: EventLoop
  private var addresses: [SocketAddress]
  private var done: ((Outcome) -> Void)?
  private var descriptor: Int32 = -1
  private var current: SocketAddress?
  private var handle: EventHandle?
  private var timer: Timer?

  /// Starts at once. `done` is called exactly once, from the loop and never from here, unless `cancel` comes first.
  /// `timeout` is for all addresses together. Keep the connector until then.
  package init(
    _ loop: EventLoop, to addresses: [SocketAddress], timeout: TimeSpan, _ done: @escaping (Outcome) -> Void
  ) {
    self.loop = loop
    self.addresses = addresses.reversed()
    self.done = done
    let timer = Timer(loop) { [unowned self] in fail("connect", ETIMEDOUT, isLast: true) }
    timer.once(after: timeout)
    self.timer = timer
    loop.post { [weak self] in self?.tryNext() }
  }

  deinit { closeDescriptor() }

  package func cancel() {
    done = nil
    timer = nil
    closeDescriptor()
  }

  private func tryNext() {
    guard done != nil else { return }
    guard let next = addresses.popLast() else { return fail("", EADDRNOTAVAIL, isLast: true) }
    current = next
    descriptor = socket(next.family, SOCK_STREAM_ | SOCK_NONBLOCK_ | SOCK_CLOEXEC_, 0)
    guard descriptor >= 0 else { return fail("socket", errno, isLast: true) }
    let result = next.withC { connect(descriptor, $0, $1) } ?? -1
    if result == 0 {
      succeed(next)
    } else if errno == EINPROGRESS {
      handle = EventHandle(
        loop, descriptor, EV_WRITE, { _, _, context in withTarget(context, Connector.self) { $0.settled() } },
        self)
      handle?.add()
    } else {
      fail("connect", errno, isLast: false)
    }
  }

  private func settled() {
    var code: Int32 = 0
    var count = socklen_t(4)
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &count)
    guard code == 0, let current else { return fail("connect", code, isLast: false) }
    succeed(current)
  }

  private func succeed(_ address: SocketAddress) {
    handle = nil
    timer = nil
    let socket = Socket(loop, descriptor, peer: address)
    descriptor = -1
    let done = done
    self.done = nil
    done?(.connected(socket))
  }

  private func fail(_ call: String, _ code: Int32, isLast: Bool) {
    closeDescriptor()
    if !isLast, !addresses.isEmpty { return tryNext() }
    timer = nil
    let action = current.map { "dial \($0.network) \($0)" } ?? "dial"
    let done = done
    self.done = nil
    done?(.failed(EventError(action, call: code == ETIMEDOUT ? "" : call, errno: code)))
  }

  private func closeDescriptor() {
    handle = nil
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }
}
