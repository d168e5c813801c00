import Base
import Client
import Wire

/// A session's key below a name, and its wait for all older ones to go. As etcd 3.4: clientv3/concurrency/{mutex,election,key}.go.
///
/// Two clients, this one and the original, may stand in one line: they name and order their keys alike.
struct Standing {
  let invocation: Invocation
  let prefix: Bytes
  let key: Bytes
  let lease: Int64
  /// The revision that made the key.
  private(set) var revision: Int64 = 0
  private(set) var header = ResponseHeader()
  /// Nobody was there before.
  private var isFirst = false

  init(_ invocation: Invocation, name: Bytes, _ session: Session) {
    self.invocation = invocation
    lease = session.lease
    prefix = name + [0x2F]
    let digits = String(lease.magnitude, radix: 16)
    key = prefix + (lease < 0 ? "-" + digits : digits).bytes
  }

  /// The oldest key below the prefix.
  static func oldest(_ prefix: Bytes) -> RangeRequest {
    RangeRequest(
      key: prefix, rangeEnd: KeyRange.end(ofPrefix: prefix), limit: 1, sortOrder: .ascend, sortTarget: .create)
  }

  /// Makes the key and says who was there before. The session is new, so the key cannot be there already.
  mutating func enter(_ value: Bytes, _ interruption: Interruption) throws(Failure) {
    let put = PutRequest(key: key, value: value, lease: lease)
    let query = TxnRequest(
      compare: [Compare(result: .equal, target: .create, key: key, targetUnion: .createRevision(0))],
      success: [
        RequestOp(request: .requestPut(put)), RequestOp(request: .requestRange(Self.oldest(prefix))),
      ])
    let reply = try invocation.reply(EtcdRPC.txn, query, interruption)
    guard reply.succeeded, reply.responses.count == 2,
      case .responseRange(let first)? = reply.responses[1].response
    else { throw Failure(.error, "the key of a new lease is taken") }
    header = reply.header ?? ResponseHeader()
    revision = header.revision
    isFirst = first.kvs.first.map { $0.createRevision == revision } ?? true
  }

  /// Waits until no older key is left. Each wait is for one key only, the youngest of the older ones.
  mutating func wait(_ interruption: Interruption) throws(Failure) {
    if isFirst { return }
    while let (older, now) = try youngestOlder(interruption) {
      let follower = try Follower(invocation, WatchCreateRequest(key: older, startRevision: now))
      var isGone = false
      while !isGone {
        guard let reply = try follower.next(interruption) else { throw Interruption.failure }
        isGone = reply.events.contains { $0.type == .delete }
      }
    }
  }

  private func youngestOlder(_ interruption: Interruption) throws(Failure) -> (key: Bytes, revision: Int64)? {
    let query = RangeRequest(
      key: prefix, rangeEnd: KeyRange.end(ofPrefix: prefix), limit: 1, sortOrder: .descend, sortTarget: .create,
      keysOnly: true, maxCreateRevision: revision - 1)
    let reply = try invocation.reply(EtcdRPC.range, query, interruption)
    guard let found = reply.kvs.first else { return nil }
    return (found.key, reply.header?.revision ?? 0)
  }

  /// After a wait: the key must still be there, or its lease has ended meanwhile. As etcd 3.5: mutex.go, ErrSessionExpired.
  mutating func look(_ interruption: Interruption, ifLost text: String) throws(Failure) {
    if isFirst { return }
    let reply = try invocation.reply(EtcdRPC.range, RangeRequest(key: key), interruption)
    guard reply.kvs.first?.createRevision == revision else { throw Failure(.error, text) }
    header = reply.header ?? header
  }

  func pair(_ interruption: Interruption) throws(Failure) -> RangeResponse {
    try invocation.reply(EtcdRPC.range, RangeRequest(key: key), interruption)
  }

  /// Takes the key away, if it is still this one's.
  func leave() throws(Failure) {
    let query = TxnRequest(
      compare: [Compare(result: .equal, target: .create, key: key, targetUnion: .createRevision(revision))],
      success: [RequestOp(request: .requestDeleteRange(DeleteRangeRequest(key: key)))])
    _ = try invocation.reply(EtcdRPC.txn, query, isTimed: false)
  }

  /// The same on the way out of a failure, which is told instead of one that this meets.
  func leaveQuietly() { if revision != 0 { try? leave() } }
}
