import Base
import Wire

/// What `/v2/stats/self` and `/v2/stats/leader` tell of the appends between this member and the others.
/// As etcd 3.4: api/v2stats/server.go and leader.go.
struct TrafficStats {
  private(set) var isLeader = false
  /// The leader as appends named it; nil before there was one.
  private(set) var leader: MemberID?
  /// Wall clock in nanoseconds since 1970, and the monotonic one.
  private(set) var leaderSince: (wall: Int64, clock: Instant)
  let startedWall: Int64
  private(set) var receivedAppends: UInt64 = 0
  private(set) var sentAppends: UInt64 = 0
  var receivedRate = RateQueue()
  var sentRate = RateQueue()
  private(set) var followers: [MemberID: Follower] = [:]

  /// A follower as a leader sees it. Go takes the time in which an append is handed to the socket; here it is the time until the
  /// follower answers.
  struct Follower {
    /// Milliseconds.
    var current = 0.0
    var average = 0.0
    private var averageSquare = 0.0
    var deviation = 0.0
    var minimum = 9223372036854775808.0
    var maximum = 0.0
    var failures: UInt64 = 0
    var successes: UInt64 = 0
    /// The append whose answer is awaited: its last index, and when it left.
    fileprivate var awaited: (index: UInt64, since: Instant)?

    fileprivate mutating func answered(in milliseconds: Double) {
      let total = Double(successes) * average
      let totalSquare = Double(successes) * averageSquare
      successes += 1
      current = milliseconds
      maximum = max(maximum, milliseconds)
      minimum = min(minimum, milliseconds)
      average = (total + milliseconds) / Double(successes)
      averageSquare = (totalSquare + milliseconds * milliseconds) / Double(successes)
      // Rounding may leave a little less than nothing.
      deviation = max(0, averageSquare - average * average).squareRoot()
    }
  }

  init(wall: Int64, clock: Instant) {
    startedWall = wall
    leaderSince = (wall, clock)
  }

  // MARK: What happens

  mutating func becameLeader(_ id: MemberID, wall: Int64, clock: Instant) {
    guard !isLeader else { return }
    isLeader = true
    leader = id
    leaderSince = (wall, clock)
  }

  mutating func received(_ message: RaftMessage, wall: Int64, clock: Instant) {
    switch message.type {
    case .app:
      isLeader = false
      if leader != MemberID(message.from) {
        leader = MemberID(message.from)
        leaderSince = (wall, clock)
      }
      receivedRate.add(message.encodedSize, at: clock)
      receivedAppends += 1
    case .appResp where !message.reject:
      let follower = MemberID(message.from)
      guard let awaited = followers[follower]?.awaited, message.index >= awaited.index else { return }
      followers[follower]?.awaited = nil
      followers[follower]?.answered(in: (clock - awaited.since).milliseconds)
    default: break
    }
  }

  mutating func sent(_ message: RaftMessage, clock: Instant) {
    guard message.type == .app else { return }
    sentRate.add(message.encodedSize, at: clock)
    sentAppends += 1
    let id = MemberID(message.to)
    var follower = followers[id] ?? Follower()
    if follower.awaited == nil { follower.awaited = (message.index + UInt64(message.entries.count), clock) }
    followers[id] = follower
  }

  mutating func lost(to follower: MemberID) {
    guard followers[follower]?.awaited != nil else { return }
    followers[follower]?.awaited = nil
    followers[follower]?.failures += 1
  }

  /// Those who are no members any more are forgotten.
  mutating func keep(_ members: some Sequence<MemberID>) {
    let kept = Set(members)
    followers = followers.filter { kept.contains($0.key) }
  }
}
