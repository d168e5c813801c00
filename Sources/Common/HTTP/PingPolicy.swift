import Base

/// Judges a client's pings. As grpc-go 1.33: internal/transport/http2_server.go, handlePing.
package struct PingPolicy: Sendable {
  /// The least time between two pings of a client with streams; `--grpc-keepalive-min-time`.
  package var minTime: TimeSpan
  /// Without streams pings must be two hours apart, unless this is set.
  package var permitWithoutStream: Bool

  private static let timeWithoutStream = TimeSpan.seconds(2 * 60 * 60)
  private static let strikesAllowed = 2
  private var lastPing: Instant?
  private var strikes = 0
  private var isForgiven = false

  package init(minTime: TimeSpan = .seconds(300), permitWithoutStream: Bool = false) {
    self.minTime = minTime
    self.permitWithoutStream = permitWithoutStream
  }

  /// We sent headers or data: the next ping is not judged.
  package mutating func forgive() { isForgiven = true }

  /// Notes a ping; false when the client must be sent away with `too_many_pings`.
  package mutating func accepts(at now: Instant, hasStreams: Bool) -> Bool {
    defer { lastPing = now }
    if isForgiven {
      isForgiven = false
      strikes = 0
      return true
    }
    let apart = hasStreams || permitWithoutStream ? minTime : Self.timeWithoutStream
    if let lastPing, lastPing + apart > now { strikes += 1 }
    return strikes <= Self.strikesAllowed
  }
}

/// Pings of our own that find out whether a silent peer is still there.
package struct Keepalive: Sendable {
  /// Silence after which we ping; zero means never.
  package var interval: TimeSpan
  /// Silence after a ping that ends the connection.
  package var timeout: TimeSpan
  /// Ping only while streams are open (clients, as grpc-go's `PermitWithoutStream: false`).
  package var onlyWithStreams: Bool

  private var lastActivity = Instant(nanoseconds: 0)
  /// When anything last arrived.
  package var lastHeard: Instant { lastActivity }
  private var pingSent: Instant?

  package init(interval: TimeSpan, timeout: TimeSpan, onlyWithStreams: Bool = false) {
    self.interval = interval
    self.timeout = timeout
    self.onlyWithStreams = onlyWithStreams
  }

  package enum Step: Equatable { case nothing, ping, giveUp }

  package mutating func heard(at now: Instant) {
    lastActivity = now
    pingSent = nil
  }

  package mutating func step(at now: Instant, hasStreams: Bool) -> Step {
    guard interval > .zero else { return .nothing }
    if let pingSent { return now >= pingSent + timeout ? .giveUp : .nothing }
    guard now >= lastActivity + interval, hasStreams || !onlyWithStreams else { return .nothing }
    pingSent = now
    return .ping
  }

  /// When `step` should be asked again; nil for never.
  package var nextDeadline: Instant? {
    guard interval > .zero else { return nil }
    if let pingSent { return pingSent + timeout }
    return lastActivity + interval
  }
}

/// A bucket of allowances that fills with time.
struct TokenBucket {
  let burst: Int
  let perSecond: Int
  private var tokens: Int
  private var filled: Instant

  /// A full bucket.
  init(burst: Int, perSecond: Int, at now: Instant) {
    filled = now
    self.burst = burst
    self.perSecond = perSecond
    tokens = burst
  }

  /// Takes one; false when none is left.
  mutating func take(at now: Instant) -> Bool {
    if tokens == 0 { refill(at: now) }
    guard tokens > 0 else { return false }
    tokens -= 1
    return true
  }

  private mutating func refill(at now: Instant) {
    let elapsed = (now - filled).seconds
    guard elapsed > 0 else { return }
    tokens = Int(min(Double(burst), elapsed * Double(perSecond)))
    if tokens > 0 { filled = now }
  }
}
