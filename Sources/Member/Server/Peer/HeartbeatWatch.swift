import Base
import Wire

/// Notices that a leader is late with its heartbeats: a loop or a disk that is too slow costs it its place.
/// As etcd 3.4: pkg/contention/contention.go, and etcdserver/raft.go, processMessages.
struct HeartbeatWatch {
  /// Twice the heartbeat interval.
  private let expected: TimeSpan
  private var last: [UInt64: Instant] = [:]

  init(interval: TimeSpan) { expected = interval * 2 }

  /// A heartbeat leaves for a member: by how much it is late, nil where it is not.
  mutating func sent(to member: UInt64, at now: Instant) -> TimeSpan? {
    let former = last.updateValue(now, forKey: member)
    guard let former, now - former > expected else { return nil }
    return now - former - expected
  }

  /// Another leads, or a member is gone: what was is no measure of what comes.
  mutating func reset() { last.removeAll(keepingCapacity: true) }
}
