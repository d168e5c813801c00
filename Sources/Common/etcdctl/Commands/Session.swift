import Base
import Client
import Event
import Glibc
import Wire

/// A lease that is kept alive while the command runs: what `lock` and `elect` hang their keys on. It is left to expire at the
/// end. As etcd 3.4: clientv3/concurrency/session.go.
final class Session {
  /// As etcd 3.4: defaultSessionTTL; also for a TTL that is none.
  private static let standardTTL: Int64 = 60

  let lease: Int64
  private(set) var isExpired = false
  private var keeper: LeaseKeeper?

  init(_ invocation: Invocation, ttl: Int64 = standardTTL) throws(Failure) {
    let query = LeaseGrantRequest(ttl: ttl > 0 ? ttl : Self.standardTTL)
    lease = try invocation.reply(EtcdRPC.leaseGrant, query, isTimed: false).id
    keeper = LeaseKeeper(
      try invocation.client(), lease, onReply: { _ in }, onEnd: { [unowned self] in isExpired = true })
  }
}

/// SIGINT and SIGTERM, which end what the command waits for and not the command.
final class Interruption {
  private(set) var isRaised = false
  private var watches: [SignalWatch] = []

  init(_ loop: EventLoop) {
    for signal in [SIGINT, SIGTERM] {
      watches.append(SignalWatch(loop, signal) { [unowned self] in isRaised = true })
    }
  }

  /// What a call says that was given up for it.
  static let failure = Failure(.error, "context canceled")
}

/// One watch, read one reply at a time.
final class Follower {
  private let invocation: Invocation
  private var news: [WatchStream.News] = []
  private var stream: WatchStream?

  init(_ invocation: Invocation, _ request: WatchCreateRequest) throws(Failure) {
    self.invocation = invocation
    let stream = WatchStream(try invocation.client()) { [unowned self] in news.append($1) }
    self.stream = stream
    _ = stream.watch(request)
  }

  /// The next reply with events; nil when interrupted. A watch that ends is an error.
  func next(_ interruption: Interruption?) throws(Failure) -> WatchResponse? {
    while true {
      invocation.turn { !news.isEmpty || interruption?.isRaised == true }
      if interruption?.isRaised == true { return nil }
      switch news.removeFirst() {
      case .reply(let reply) where reply.compactRevision != 0:
        throw Failure(.error, RPCStatus.compacted.message)
      case .reply(let reply):
        if !reply.events.isEmpty { return reply }
      case .ended(let reason): throw Failure(.error, reason ?? "the watch was ended by the server")
      }
    }
  }
}

extension Invocation {
  /// Runs the loop until something is so.
  func turn(until isSo: () -> Bool) {
    while !isSo() {
      Output.flush()
      loop.turn(waits: true)
    }
  }

  /// A call that may take as long as it takes, unless it is interrupted.
  func reply<Query, Reply>(
    _ unary: Unary<Query, Reply>, _ query: Query, _ interruption: Interruption
  ) throws(Failure) -> Reply {
    let client = try client()
    var result: Result<Reply, RPCFailure>?
    client.call(unary, query, deadline: nil) { result = $0 }
    turn { result != nil || interruption.isRaised }
    switch result {
    case .success(let reply)?: return reply
    case .failure(let failure)?: throw Failure(.error, failure.description)
    case nil: throw Interruption.failure
    }
  }
}
