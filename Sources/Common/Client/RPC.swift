import Base
import Event
import HTTP
import Wire

/// What a call needs beside its messages.
package struct RPCOptions {
  /// When to give up; nil for never.
  package var deadline: Instant?
  /// The member refuses, or ends the call later, when it knows no leader.
  package var requiresLeader = false
  /// A larger reply is refused as soon as its length is known, before its bytes are kept.
  package var receiveBytes = Limits.clientReceiveBytes
  package init(
    deadline: Instant? = nil, requiresLeader: Bool = false, receiveBytes: Int = Limits.clientReceiveBytes
  ) {
    self.deadline = deadline
    self.requiresLeader = requiresLeader
    self.receiveBytes = receiveBytes
  }
}

/// One call on one endpoint: messages out, messages in, an end. Made by `Client.open`.
///
/// It waits for a connection as long as its deadline allows, and is sent again by itself only where the server has
/// certainly not seen it.
package final class RPC {
  package let method: Wire.Method
  package let options: RPCOptions
  private let onMessage: (UnsafeRawBufferPointer) -> Void
  /// Nil for a good end. Cleared when it was called.
  private var onEnd: ((RPCFailure?) -> Void)?

  private unowned let client: Client
  private var call: Call?
  private var deframer: GRPCDeframer
  /// Sent or to be sent while the server may not have seen the call; empty once it has answered.
  private var outbox: [Bytes] = []
  private var isFinished = false
  private var hasBegun = false
  private var timer: Timer?

  init(
    _ client: Client, _ method: Wire.Method, _ options: RPCOptions,
    onMessage: @escaping (UnsafeRawBufferPointer) -> Void, onEnd: @escaping (RPCFailure?) -> Void
  ) {
    self.client = client
    self.method = method
    self.options = options
    deframer = GRPCDeframer(limit: options.receiveBytes)
    self.onMessage = onMessage
    self.onEnd = onEnd
  }

  package var isOver: Bool { onEnd == nil }

  /// Sends a message; before the connection is there it waits.
  package func send(_ message: some WireMessage) { send(message.encoded()) }

  func send(_ message: Bytes) {
    guard !isOver, !isFinished else { return }
    if !hasBegun { outbox.append(message) }
    call?.sendMessage(message)
  }

  /// No further message will be sent.
  package func finish() {
    isFinished = true
    call?.finish()
  }

  /// Gives up; `onEnd` is not called.
  package func cancel() {
    onEnd = nil
    let call = call
    release()
    call?.cancel()
  }

  // MARK: The client's side

  func startTimer(_ loop: EventLoop) {
    guard let deadline = options.deadline else { return }
    let timer = Timer(loop) { [weak self] in self?.deadlinePassed() }
    timer.once(after: max(.zero, deadline - loop.now))
    self.timer = timer
  }

  private func deadlinePassed() {
    let text = call == nil ? "latest balancer error: \(client.balancerError)" : "context deadline exceeded"
    let call = call
    self.call = nil
    call?.cancel()
    end(RPCFailure(RPCStatus(.deadlineExceeded, text), isPastDeadline: true))
  }

  /// Goes out over a channel; false when that takes no call.
  func start(on channel: Channel, _ request: Request) -> Bool {
    guard let opened = channel.open(request, self) else { return false }
    call = opened
    for message in outbox { opened.sendMessage(message) }
    if isFinished { opened.finish() }
    return true
  }

  func end(_ failure: RPCFailure?) {
    let done = onEnd
    onEnd = nil
    release()
    done?(failure)
  }

  private func release() {
    timer = nil
    call = nil
    outbox = []
    client.forget(self)
  }
}

extension RPC: CallHandler {
  package func callBegan(_ call: Call) {
    guard call === self.call else { return }
    hasBegun = true
    outbox = []
  }

  package func callBody(_ call: Call, _ bytes: UnsafeRawBufferPointer) {
    guard call === self.call else { return }
    call.consumed(bytes.count)
    do throws(GRPC.Fault) {
      try deframer.receive(bytes) { message in
        if !isOver { onMessage(message) }
      }
    } catch {
      self.call = nil
      call.cancel()
      end(RPCFailure(RPCStatus(StatusCode(rawValue: UInt32(error.code)), error.message)))
    }
  }

  package func callEnded(_ call: Call) {
    guard call === self.call else { return }
    let fault = call.grpcStatus
    if fault.code == 0 { return end(nil) }
    let status = RPCStatus(StatusCode(rawValue: UInt32(max(0, fault.code))), fault.message)
    // A member that notices our deadline before we do ends the call alike.
    let isLate = options.deadline.map { client.now >= $0 } ?? false
    end(RPCFailure(status, isPastDeadline: isLate))
  }

  package func callFailed(_ call: Call, _ failure: CallFailure) {
    guard call === self.call else { return }
    self.call = nil
    switch failure {
    case .notProcessed where !hasBegun: client.enqueue(self)
    case .notProcessed, .connectionLost: end(RPCFailure(RPCStatus(.unavailable, "transport is closing")))
    case .cancelled: end(RPCFailure(.contextCanceled))
    case .malformed(let reason): end(RPCFailure(RPCStatus(.internalError, "transport: \(reason)")))
    case .reset(let code):
      end(
        RPCFailure(
          RPCStatus(
            code == .cancel ? .cancelled : .internalError,
            "stream terminated by RST_STREAM with error code: \(code)")))
    }
  }

  package func callDrained(_ call: Call) {}
}
