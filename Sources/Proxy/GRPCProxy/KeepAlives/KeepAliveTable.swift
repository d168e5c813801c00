import Base

/// Who keeps which lease alive, and what is asked of the members for all of them together. It decides and does nothing else.
///
/// Of the streams that keep a lease alive one *leads*: what it asks is passed on. What others ask while the leader is there is
/// answered with what is left by the last answer, for a third of the lease's time; then whoever asks next leads. So nobody
/// is promised more than the member promised, and a lease ends no later than if its clients had asked the member itself.
/// etcd 3.4 (proxy/grpcproxy/lease.go) asks on its own for as long again as the lease lasts.
struct KeepAliveTable {
  typealias StreamID = Int

  struct Answer: Equatable {
    var lease: Int64
    /// Seconds; 0 for a lease that is gone.
    var ttl: Int64
  }
  enum Decision: Equatable {
    /// Ask a member; the answer is for this stream too.
    case ask
    /// A question that is under way is answered to this stream too.
    case wait
    case answer(Answer)
  }

  private struct Lease {
    var leader: StreamID?
    /// Each asked once for every time that it stands here.
    var waiting: [StreamID] = []
    /// A question is on its way to a member.
    var isAsked = false
    /// What the member said last, and when it was asked.
    var ttl: Int64 = 0
    var since: Instant?
    /// When the question under way was asked.
    var askedAt: Instant
    /// An answer to it is for those who wait, and for nobody who asks later.
    var isDoubted = false
  }

  private var leases: [Int64: Lease] = [:]
  /// Leases that a stream leads or waits for.
  private var byStream: [StreamID: Set<Int64>] = [:]

  var leaseCount: Int { leases.count }
  /// Leases that are asked for, in no order.
  var asked: [Int64] { leases.filter { $0.value.isAsked }.map { $0.key } }

  /// A client asks.
  mutating func asks(_ id: Int64, by stream: StreamID, at now: Instant) -> Decision {
    if let lease = leases[id], !lease.isAsked, lease.leader != stream, let answer = kept(id, lease, now) {
      return .answer(answer)
    }
    byStream[stream, default: []].insert(id)
    var lease = leases.removeValue(forKey: id) ?? Lease(askedAt: now)
    defer { leases[id] = lease }
    lease.waiting.append(stream)
    if lease.isAsked { return .wait }
    lease.isAsked = true
    lease.askedAt = now
    lease.leader = stream
    return .ask
  }

  /// What is left of the last answer, while it is good enough.
  private func kept(_ id: Int64, _ lease: Lease, _ now: Instant) -> Answer? {
    guard lease.leader != nil, let since = lease.since else { return nil }
    let age = now - since
    guard age.nanoseconds * 3 < TimeSpan.seconds(lease.ttl).nanoseconds else { return nil }
    let passed = (age.nanoseconds + 999_999_999) / 1_000_000_000
    return lease.ttl > passed ? Answer(lease: id, ttl: lease.ttl - passed) : nil
  }

  /// A member answered: who is to be told, each once for every time that it asked.
  mutating func answered(_ answer: Answer) -> [StreamID] {
    guard var lease = leases[answer.lease], lease.isAsked else { return [] }
    let told = lease.waiting
    lease.waiting = []
    lease.isAsked = false
    lease.ttl = answer.ttl
    // Counted from the question: the member's own time began later.
    lease.since = answer.ttl > 0 && !lease.isDoubted ? lease.askedAt : nil
    lease.isDoubted = false
    for stream in told where stream != lease.leader { unlink(stream, answer.lease) }
    if lease.since == nil || lease.leader == nil || leases.count > Limits.proxyKeptLeases {
      if let leader = lease.leader { unlink(leader, answer.lease) }
      leases[answer.lease] = nil
    } else {
      leases[answer.lease] = lease
    }
    return told
  }

  private mutating func unlink(_ stream: StreamID, _ id: Int64) {
    byStream[stream]?.remove(id)
    if byStream[stream]?.isEmpty == true { byStream[stream] = nil }
  }

  /// A stream is gone: nobody leads for it any more.
  mutating func left(_ stream: StreamID) {
    for id in byStream.removeValue(forKey: stream) ?? [] {
      guard var lease = leases[id] else { continue }
      lease.waiting.removeAll { $0 == stream }
      if lease.leader == stream { lease.leader = lease.waiting.first }
      leases[id] = lease.isAsked || lease.leader != nil ? lease : nil
    }
  }

  /// Nothing that was answered is known to hold: leases may have been revoked.
  mutating func doubt() {
    for (id, lease) in leases {
      if lease.isAsked {
        leases[id]?.since = nil
        leases[id]?.isDoubted = true
      } else {
        if let leader = lease.leader { unlink(leader, id) }
        leases[id] = nil
      }
    }
  }

  /// Nothing under way will be answered: who waited for it.
  mutating func failed() -> Set<StreamID> {
    var waited: Set<StreamID> = []
    for (id, lease) in leases where lease.isAsked {
      waited.formUnion(lease.waiting)
      leases[id] = nil
      for stream in lease.waiting { unlink(stream, id) }
      if let leader = lease.leader { unlink(leader, id) }
    }
    return waited
  }
}
