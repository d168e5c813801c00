import Base
import Client
import Event
import HTTP
import Wire

/// A unary call of the proxy's own, in nobody's name or in that of the client whose metadata it is given.
final class BackUnary: PoolCaller, CallHandler {
  private unowned let proxy: GRPCProxy
  private let path: String
  private let message: Bytes
  private let metadata: HeaderList
  private var deframer: GRPCDeframer
  private var reply: Bytes?
  private var call: Call?
  private var timer: Timer?
  private var done: ((Result<Bytes, RPCStatus>) -> Void)?

  /// `done` comes once, never from here.
  @discardableResult
  init(
    _ proxy: GRPCProxy, _ path: String, _ message: some WireMessage, metadata: HeaderList = HeaderList(),
    timeout: TimeSpan, _ done: @escaping (Result<Bytes, RPCStatus>) -> Void
  ) {
    self.proxy = proxy
    self.path = path
    self.message = message.encoded()
    self.metadata = metadata
    self.done = done
    deframer = GRPCDeframer(limit: proxy.limits.receive)
    // The timer and the call keep this alive until the end.
    let timer = Timer(proxy.loop) { [self] in
      proxy.pool.forget(self)
      let call = call
      self.call = nil
      call?.cancel()
      end(.failure(.contextDeadlineExceeded))
    }
    timer.once(after: timeout)
    self.timer = timer
    proxy.loop.post { [self] in
      if self.done != nil { proxy.pool.open(self) }
    }
  }

  private func end(_ result: Result<Bytes, RPCStatus>) {
    let done = done
    self.done = nil
    timer = nil
    call = nil
    done?(result)
  }

  func open(on channel: Channel) -> Bool {
    guard let opened = channel.open(channel.request(path, metadata: metadata), self) else { return false }
    call = opened
    opened.sendMessage(message)
    opened.finish()
    return true
  }

  func unreachable(_ status: RPCStatus) { end(.failure(status)) }
  func callBegan(_ call: Call) {}

  func callBody(_ call: Call, _ bytes: UnsafeRawBufferPointer) {
    call.consumed(bytes.count)
    do throws(GRPC.Fault) { try deframer.receive(bytes) { reply = Bytes($0) } } catch {
      self.call = nil
      call.cancel()
      end(.failure(RPCStatus(error)))
    }
  }

  func callEnded(_ call: Call) {
    let fault = call.grpcStatus
    if fault.code == 0, let reply { return end(.success(reply)) }
    end(.failure(RPCStatus(fault)))
  }

  func callFailed(_ call: Call, _ failure: CallFailure) {
    guard self.call === call else { return }
    end(.failure(RPCStatus(failure)))
  }

  func callDrained(_ call: Call) {}
}
