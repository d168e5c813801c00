import Base
import Machine
import Wire

/// One Observe call: it posts who leads, and each value the leader announces. A value: it takes what happened and says what to
/// do next.
///
/// What a slow reader misses is not kept for it: it stops watching, and when it has read it is told of the newest leader. As
/// etcd 3.4: clientv3/concurrency/election.go, observe ("will not necessarily fetch all historical leader updates, but will
/// always post the most recent leader value"). There a compaction ends the stream; here it goes on with the newest leader.
struct Observer {
  enum Effect: Equatable {
    /// Find the oldest key below the name.
    case read
    /// Watch from this revision on. Replaces the watch before.
    case watch(key: Bytes, rangeEnd: Bytes, from: Int64, puts: Bool)
    case unwatch
    case send(LeaderResponse)
    case refuse(RPCStatus)
  }

  private enum Phase: Equatable {
    case reading
    /// Nobody leads: the first key below the prefix will.
    case awaiting
    case following(Bytes)
    /// The output is full.
    case paused
    case over
  }

  let name: Bytes
  private var phase = Phase.reading
  /// The last value that was sent, so that reading it again does not send it again.
  private var sent: (key: Bytes, revision: Int64)?

  init(name: Bytes) { self.name = name }

  /// Nobody leads yet.
  var isAwaiting: Bool { phase == .awaiting }

  mutating func start() -> [Effect] { read() }

  private mutating func read() -> [Effect] {
    phase = .reading
    return [.read]
  }

  mutating func leaderRead(_ leader: KeyValue?, header: ResponseHeader) -> [Effect] {
    guard phase == .reading else { return [] }
    if let leader { return follow(leader, header) }
    phase = .awaiting
    return [
      .watch(
        key: Contention.prefix(name), rangeEnd: Contention.prefixEnd(name), from: header.revision + 1,
        puts: true)
    ]
  }

  private mutating func follow(_ leader: KeyValue, _ header: ResponseHeader) -> [Effect] {
    phase = .following(leader.key)
    let watch: Effect = .watch(key: leader.key, rangeEnd: [], from: header.revision + 1, puts: false)
    return send(leader, header) + [watch]
  }

  private mutating func send(_ leader: KeyValue, _ header: ResponseHeader) -> [Effect] {
    if let sent, sent == (leader.key, leader.modRevision) { return [] }
    sent = (leader.key, leader.modRevision)
    return [.send(LeaderResponse(header: header, kv: leader))]
  }

  /// A change of what is watched; `hasRoom` says whether the output takes more. The header carries the revision of the change.
  mutating func changed(_ pair: KeyValue, isDelete: Bool, header: ResponseHeader, hasRoom: Bool) -> [Effect] {
    switch phase {
    case .awaiting:
      if isDelete { return [] }
      return follow(pair, header)
    case .following(pair.key):
      if isDelete { return [.unwatch] + read() }
      if hasRoom { return send(pair, header) }
      phase = .paused
      return [.unwatch]
    default: return []
    }
  }

  /// The watch cannot go on: what it needs was compacted.
  mutating func watchLost() -> [Effect] {
    switch phase {
    case .awaiting, .following: read()
    default: []
    }
  }

  /// The client has read.
  mutating func drained() -> [Effect] { phase == .paused ? read() : [] }

  mutating func failed(_ status: RPCStatus) -> [Effect] {
    phase = .over
    return [.unwatch, .refuse(Contention.inner(status))]
  }

  mutating func callerGone() -> [Effect] {
    phase = .over
    return [.unwatch]
  }
}
