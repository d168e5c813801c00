import Base
import Wire

/// Linearizable reads that wait for their index.
///
/// All reads of a turn share one question to Raft; those that come while it is open share the next one.
/// As etcd 3.4: etcdserver/v3_server.go, linearizableReadLoop.
struct Reads {
  enum Query {
    case range(RangeRequest)
    case txn(TxnRequest)
    /// A range whose answer the call's service goes on with.
    case service(RangeRequest, (RangeResponse, RPCStatus?) -> Void)
    /// Only whether a read would go through: nil, or why not.
    case probe((RPCStatus?) -> Void)
  }

  struct Waiting {
    var query: Query
    var call: Call?
    /// When it came; later ones stand behind earlier ones.
    var since: Instant
  }

  /// Asked for since the last question.
  var gathering: [Waiting] = []
  /// Behind the open question, and when and how it was asked.
  var asked: [Waiting] = []
  var context: UInt64 = 0
  var askedAt = Instant(nanoseconds: 0)
  /// The answer came but is not applied yet.
  var confirmedIndex: UInt64?

  var isAsking: Bool { !asked.isEmpty }
  var isEmpty: Bool { gathering.isEmpty && asked.isEmpty }

  /// What gathered becomes what is asked for.
  mutating func beginAsking() { swap(&asked, &gathering) }

  /// Those that came longer than `span` ago: a question that is repeated must not make them wait for ever.
  mutating func takeLate(now: Instant, after span: TimeSpan) -> [Waiting] {
    guard let oldest = asked.first ?? gathering.first, now - oldest.since > span else { return [] }
    let late = (asked + gathering).filter { now - $0.since > span }
    asked.removeAll { now - $0.since > span }
    gathering.removeAll { now - $0.since > span }
    if asked.isEmpty { confirmedIndex = nil }
    return late
  }

  mutating func takeAll() -> [Waiting] {
    defer {
      gathering = []
      asked = []
      confirmedIndex = nil
    }
    return asked + gathering
  }
}
