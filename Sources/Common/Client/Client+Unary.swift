import Base
import Event
import HTTP
import Wire

/// A method with one request and one reply, and whether it may be sent twice.
package struct Unary<Query: WireMessage, Reply: WireMessage>: Sendable {
  package let method: Wire.Method
  package let policy: RetryPolicy

  init(_ path: String, _ policy: RetryPolicy = .once) {
    guard let method = Wire.Method.at("/" + path) else { broken("no method \(path)") }
    self.method = method
    self.policy = policy
  }
}

extension Client {
  /// Calls, and calls again where that is safe. `done` comes once, never from here.
  package func call<Query: WireMessage, Reply: WireMessage>(
    _ unary: Unary<Query, Reply>, _ query: Query, deadline: Instant?,
    receiveBytes: Int = Limits.clientReceiveBytes,
    _ done: @escaping (Result<Reply, RPCFailure>) -> Void
  ) {
    let bytes = query.encoded()
    guard bytes.count <= Limits.clientSendBytes else {
      let text = "trying to send message larger than max (\(bytes.count) vs. \(Limits.clientSendBytes))"
      return loop.post { done(.failure(RPCFailure(RPCStatus(.resourceExhausted, text)))) }
    }
    let options = RPCOptions(deadline: deadline, receiveBytes: receiveBytes)
    let retrying = RetryingCall(self, unary.method, bytes, unary.policy, options) { result in
      switch result {
      case .failure(let failure): done(.failure(failure))
      case .success(let reply): done(Client.decode(reply))
      }
    }
    retrying.start()
  }

  private static func decode<Reply: WireMessage>(_ bytes: Bytes) -> Result<Reply, RPCFailure> {
    do throws(DecodeError) { return .success(try Reply(decoding: bytes)) } catch {
      return .failure(
        RPCFailure(RPCStatus(.internalError, "grpc: failed to unmarshal the received message \(error)")))
    }
  }

  /// Gets the token that later calls carry. A cluster without authentication is fine.
  package func signIn(deadline: Instant?, _ done: @escaping (RPCFailure?) -> Void) {
    guard !settings.user.isEmpty, !settings.password.isEmpty else { return loop.post { done(nil) } }
    token = ""
    let query = AuthenticateRequest(name: settings.user, password: settings.password)
    call(EtcdRPC.authenticate, query, deadline: deadline) { [weak self] result in
      switch result {
      case .success(let reply):
        self?.token = reply.token
        done(nil)
      case .failure(let failure): done(failure.means(.authNotEnabled) ? nil : failure)
      }
    }
  }

  /// Whether signing in again may help a call that failed so.
  func wantsToken(_ failure: RPCFailure) -> Bool {
    if settings.user.isEmpty { return false }
    return failure.means(.userEmpty) || failure.means(.invalidAuthToken) || failure.means(.authOldRevision)
  }

  /// Signs in again before a stream is opened anew: what broke the last one, a restart say, may have cost the token too.
  /// As etcd 3.4: clientv3/retry_interceptor.go, streamClientInterceptor.
  func renewToken(_ done: @escaping (RPCFailure?) -> Void) {
    if settings.user.isEmpty || settings.password.isEmpty { return done(nil) }
    signIn(deadline: nil, done)
  }
}

/// One unary call with its attempts. As etcd 3.4: clientv3/retry_interceptor.go, unaryClientInterceptor.
private final class RetryingCall {
  private let client: Client
  private let method: Wire.Method
  private let query: Bytes
  private let policy: RetryPolicy
  private let options: RPCOptions
  private let done: (Result<Bytes, RPCFailure>) -> Void
  private var attempt = 0
  private var reply: Bytes?
  private var timer: Timer?

  init(
    _ client: Client, _ method: Wire.Method, _ query: Bytes, _ policy: RetryPolicy, _ options: RPCOptions,
    _ done: @escaping (Result<Bytes, RPCFailure>) -> Void
  ) {
    self.client = client
    self.method = method
    self.query = query
    self.policy = policy
    self.options = options
    self.done = done
  }

  func start() {
    reply = nil
    let rpc = client.open(
      method, options, onMessage: { self.reply = Bytes($0) }, onEnd: { self.ended($0) })
    rpc.send(query)
    rpc.finish()
  }

  private func ended(_ failure: RPCFailure?) {
    guard let failure else {
      guard let reply else {
        return done(.failure(RPCFailure(RPCStatus(.internalError, "server closed the stream without a reply"))))
      }
      return done(.success(reply))
    }
    // A bound of the caller's own is no failure of the cluster's.
    let isBound = failure.status.code == .resourceExhausted && options.receiveBytes < Limits.clientReceiveBytes
    if !isBound { client.settings.onFailedAttempt(client.target, attempt, failure) }
    attempt += 1
    if failure.isPastDeadline || attempt >= Limits.clientAttempts { return done(.failure(failure)) }
    if needsToken(failure) { return signIn() }
    let isCutShort = failure.status.code == .deadlineExceeded || failure.status.code == .cancelled
    if isCutShort || policy.allows(failure) { startLater() } else { done(.failure(failure)) }
  }

  private func needsToken(_ failure: RPCFailure) -> Bool {
    method != EtcdRPC.authenticate.method && client.wantsToken(failure)
  }

  private func signIn() {
    client.signIn(deadline: options.deadline) { failure in
      if let failure { self.done(.failure(failure)) } else { self.startLater() }
    }
  }

  /// At once for the other endpoints, after a wait when a quorum of them was asked.
  private func startLater() {
    let quorum = client.settings.endpoints.count / 2 + 1
    guard attempt % quorum == 0 else { return start() }
    let timer = Timer(client.loop) { self.start() }
    timer.once(after: client.retryWait())
    self.timer = timer
  }
}
