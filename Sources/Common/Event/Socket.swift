import Base
import CLibevent
import CShim
import Glibc

/// Hears what happens to a socket.
package protocol SocketDelegate: AnyObject {
  /// Bytes arrived; valid during the call only.
  func socketReceived(_ socket: Socket, _ bytes: UnsafeRawBufferPointer)
  /// After `send` left something over: there is room again.
  func socketWritable(_ socket: Socket)
  /// The peer ended its direction (`errno` 0) or the connection broke. Reading has stopped; close it.
  func socketEnded(_ socket: Socket, errno: Int32)
}

/// A connected, non-blocking socket on a loop. It owns its descriptor and closes it once.
package final class Socket {
  /// It outlives all that is on it.
  package unowned(unsafe) let loop: EventLoop
  /// Not counted: a weak reference would make every use of its target slower. It clears this in its `deinit` unless it has closed
  /// the socket before, which clears it too.
  package unowned(unsafe) var delegate: (any SocketDelegate)?
  package let peer: SocketAddress
  package private(set) var isOpen = true

  private let descriptor: Int32
  private var reading: EventHandle?
  private var writing: EventHandle?
  /// Bytes received and sent since the beginning.
  package private(set) var receivedBytes: UInt64 = 0
  package private(set) var sentBytes: UInt64 = 0

  /// Takes over a connected descriptor. Reading begins with `resumeReading`.
  init(_ loop: EventLoop, _ descriptor: Int32, peer: SocketAddress) {
    self.loop = loop
    self.descriptor = descriptor
    self.peer = peer
    reading = EventHandle(
      loop, descriptor, EV_READ | EV_PERSIST,
      { _, _, context in withTarget(context, Socket.self) { $0.readable() } }, self)
    if peer.family != AF_UNIX { setTCPOptions() }
  }

  deinit { close() }

  private func setTCPOptions() {
    set(IPPROTO_TCP_, TCP_NODELAY, 1)
    // As etcd 3.4: pkg/transport/keepalive_listener.go, 30 s.
    set(SOL_SOCKET, SO_KEEPALIVE, 1)
    set(IPPROTO_TCP_, TCP_KEEPIDLE, 30)
    set(IPPROTO_TCP_, TCP_KEEPINTVL, 30)
  }

  private func set(_ level: Int32, _ name: Int32, _ value: Int32) {
    var value = value
    setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  /// The address of this end.
  package var local: SocketAddress {
    SocketAddress.reading { getsockname(descriptor, $0, $1) }.address
  }

  // MARK: Reading

  package func resumeReading() { if isOpen { reading?.add() } }
  /// Leaves further bytes in the kernel: back-pressure for the peer.
  package func pauseReading() { reading?.remove() }
  package var isReading: Bool { reading?.isAdded ?? false }

  private func readable() {
    let scratch = loop.scratch
    let count = recv(descriptor, scratch.baseAddress, scratch.count, 0)
    if count > 0 {
      receivedBytes &+= UInt64(count)
      delegate?.socketReceived(self, UnsafeRawBufferPointer(rebasing: scratch[..<count]))
    } else if count == 0 {
      ended(0)
    } else if errno != EAGAIN, errno != EINTR {
      ended(errno)
    }
  }

  private func ended(_ code: Int32) {
    pauseReading()
    delegate?.socketEnded(self, errno: code)
  }

  // MARK: Writing

  package enum Sent: Equatable { case all, partly, failed(errno: Int32) }

  /// Sends from the front of `output`. After `.partly`, `socketWritable` comes when there is room again.
  package func send(_ output: OutputBuffer) -> Sent {
    guard isOpen else { return .failed(errno: EBADF) }
    while !output.isEmpty {
      let bytes = output.unsent
      let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
      if count >= 0 {
        sentBytes &+= UInt64(count)
        output.consume(count)
        if count < bytes.count { continue }
      } else if errno == EAGAIN {
        awaitRoom()
        return .partly
      } else if errno != EINTR {
        return .failed(errno: errno)
      }
    }
    return .all
  }

  /// Sends `bytes` behind what `rest` still holds. Only what the system does not take now is copied, to `rest`; then as above.
  package func send(_ bytes: UnsafeRawBufferPointer, _ rest: OutputBuffer) -> Sent {
    guard rest.isEmpty else {
      rest.append(bytes)
      return send(rest)
    }
    guard isOpen else { return .failed(errno: EBADF) }
    var bytes = bytes
    while bytes.count > 0 {
      let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
      if count >= 0 {
        sentBytes &+= UInt64(count)
        bytes = UnsafeRawBufferPointer(rebasing: bytes[count...])
      } else if errno == EAGAIN {
        rest.append(bytes)
        awaitRoom()
        return .partly
      } else if errno != EINTR {
        return .failed(errno: errno)
      }
    }
    return .all
  }

  private func awaitRoom() {
    if writing == nil {
      writing = EventHandle(
        loop, descriptor, EV_WRITE, { _, _, context in withTarget(context, Socket.self) { $0.writable() } },
        self)
    }
    writing?.add()
  }

  private func writable() {
    writing?.didFire()
    if isOpen { delegate?.socketWritable(self) }
  }

  /// Tells the peer that no more will come; reading goes on.
  package func finishSending() { if isOpen { shutdown(descriptor, Int32(SHUT_WR)) } }

  package func close() {
    guard isOpen else { return }
    isOpen = false
    delegate = nil
    reading = nil
    writing = nil
    Glibc.close(descriptor)
  }
}

let IPPROTO_TCP_ = Int32(IPPROTO_TCP)
