import Base
import CLibevent
import CShim
import Glibc

/// How many connections may be open at once, over all listeners that share it.
package final class ConnectionBudget {
  package let limit: Int
  package private(set) var used = 0
  fileprivate var waiting: [() -> Void] = []

  package init(limit: Int) { self.limit = limit }

  /// Call once for each accepted connection that ended.
  package func release() {
    used -= 1
    invariant(used >= 0, "more connections released than accepted")
    let resumed = waiting
    waiting = []
    for resume in resumed { resume() }
  }

  fileprivate func take() -> Bool {
    guard used < limit else { return false }
    used += 1
    return true
  }
}

/// Accepts connections on one address.
///
/// At the budget's limit new connections stay in the kernel's backlog until one ends, as behind Go's
/// netutil.LimitListener.
package final class Listener {
  /// The address it is bound to, with the port the system chose for port 0.
  package let address: SocketAddress
  /// A connection was accepted. Keep the socket; set its delegate and call `resumeReading`.
  package var onAccept: ((Socket) -> Void)?
  /// The system refused (EMFILE and the like); accepting pauses for `Limits.acceptPause`.
  package var onError: ((EventError) -> Void)?
  package let budget: ConnectionBudget

  private unowned let loop: EventLoop
  private let descriptor: Int32
  private var handle: EventHandle?
  private var pause: Timer?
  private var isOpen = true

  /// Binds and listens; accepting starts with `start`. A stale unix socket is removed first.
  package init(
    _ loop: EventLoop, _ wanted: SocketAddress, budget: ConnectionBudget = ConnectionBudget(limit: .max)
  )
    throws(EventError)
  {
    self.loop = loop
    self.budget = budget
    (descriptor, address) = try Self.bind(wanted)
    handle = EventHandle(
      loop, descriptor, EV_READ | EV_PERSIST,
      { _, _, context in withTarget(context, Listener.self) { $0.readable() } }, self)
    pause = Timer(loop) { [unowned self] in start() }
  }

  deinit { close() }

  private static func bind(_ wanted: SocketAddress) throws(EventError) -> (Int32, SocketAddress) {
    let action = "listen \(wanted.network) \(wanted)"
    let descriptor = socket(wanted.family, SOCK_STREAM_ | SOCK_NONBLOCK_ | SOCK_CLOEXEC_, 0)
    guard descriptor >= 0 else { throw EventError(action, call: "socket", errno: errno) }
    if case .unix(let path) = wanted.kind { unlink(path) }
    var one: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, 4)
    if wanted.family == AF_INET6 {
      // The wildcard serves IPv4 too, as Go's does; a literal IPv6 address does not.
      var only: Int32 = wanted.host == "::" ? 0 : 1
      setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &only, 4)
    }
    do throws(EventError) {
      try check(wanted.withC { Glibc.bind(descriptor, $0, $1) } ?? -1, action, "bind")
      try check(listen(descriptor, Limits.listenBacklog), action, "listen")
    } catch {
      Glibc.close(descriptor)
      throw error
    }
    let (result, bound) = SocketAddress.reading { getsockname(descriptor, $0, $1) }
    return (descriptor, result == 0 ? bound : wanted)
  }

  private static func check(_ result: Int32, _ action: String, _ call: String) throws(EventError) {
    if result != 0 { throw EventError(action, call: call, errno: errno) }
  }

  package func start() { if isOpen { handle?.add() } }
  package func stop() { handle?.remove() }

  private func readable() {
    for _ in 0..<Limits.acceptBatch {
      guard budget.take() else { return awaitBudget() }
      let (accepted, peer) = SocketAddress.reading { cshim_accept4(descriptor, $0, $1) }
      if accepted < 0 {
        let code = errno
        budget.release()
        return refused(code)
      }
      let socket = Socket(loop, accepted, peer: peer)
      if let onAccept { onAccept(socket) } else { budget.release() }
      if !isOpen { return }
    }
  }

  private func awaitBudget() {
    stop()
    budget.waiting.append { [weak self] in self?.start() }
  }

  private func refused(_ code: Int32) {
    if code == EAGAIN || code == EINTR || code == ECONNABORTED { return }
    stop()
    pause?.once(after: Limits.acceptPause)
    onError?(EventError("accept \(address.network) \(address)", call: "accept4", errno: code))
  }

  /// Stops accepting and gives the address back; a unix socket's path is removed.
  package func close() {
    guard isOpen else { return }
    isOpen = false
    pause = nil
    handle = nil
    Glibc.close(descriptor)
    if case .unix(let path) = address.kind { unlink(path) }
  }
}

let SOCK_STREAM_ = Int32(SOCK_STREAM.rawValue)
let SOCK_NONBLOCK_ = Int32(SOCK_NONBLOCK.rawValue)
let SOCK_CLOEXEC_ = Int32(SOCK_CLOEXEC.rawValue)
