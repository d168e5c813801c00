import Base
import Machine
import Testing

@testable import Server

/// What a member learns about its links to the others.
@Suite struct LinkTests {
  @Test func `Round trips are smoothed, and a failure keeps what was known`() {
    var health = LinkHealth()
    #expect(!health.isHealthy && health.roundTrip == nil && health.failure == "no answer yet")
    health.answered(after: .milliseconds(8), theirs: nil, ours: 0)
    #expect(health.isHealthy && health.roundTrip == .milliseconds(8))
    health.answered(after: .milliseconds(16), theirs: nil, ours: 0)
    #expect(health.roundTrip == .milliseconds(9))
    health.failed("EOF")
    #expect(!health.isHealthy && health.failure == "EOF" && health.roundTrip == .milliseconds(9))
  }

  @Test func `The way back is no difference of clocks`() {
    var health = LinkHealth()
    health.answered(after: .milliseconds(400), theirs: 1_000_000_000, ours: 1_200_000_000)
    #expect(health.clockDifference == .zero)
    health.answered(after: .milliseconds(400), theirs: 0, ours: 3_600_000_000_000)
    #expect(health.clockDifference == .seconds(3_600) - .milliseconds(200))
    health.answered(after: .milliseconds(400), theirs: .min, ours: .max)
    #expect(health.clockDifference > Limits.peerClockDifference)
  }

  @Test func `Times of other members are read, whatever their zone`() {
    #expect(V2Time.nanoseconds("1970-01-01T01:00:00.000000001+01:00") == 1)
    #expect(V2Time.nanoseconds("1970-01-01T00:00:01Z") == 1_000_000_000)
    #expect(V2Time.nanoseconds("yesterday") == nil)
  }

  @Test func `A heartbeat is late after two intervals`() {
    func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }
    var watch = HeartbeatWatch(interval: .milliseconds(100))
    #expect(watch.sent(to: 1, at: at(0)) == nil)
    #expect(watch.sent(to: 1, at: at(200)) == nil)
    #expect(watch.sent(to: 2, at: at(450)) == nil)
    #expect(watch.sent(to: 1, at: at(450)) == .milliseconds(50))
    watch.reset()
    #expect(watch.sent(to: 1, at: at(9_000)) == nil)
  }
}
