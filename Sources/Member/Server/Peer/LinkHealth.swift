import Base

/// What probes found of a link to another member. As etcd 3.4: xiang90/probing, status.go.
struct LinkHealth {
  /// Smoothed; nil before the first answer. Go's begins at zero and needs a minute to come near the truth.
  private(set) var roundTrip: TimeSpan?
  /// What this member's clock is ahead of the other's.
  private(set) var clockDifference = TimeSpan.zero
  private(set) var isHealthy = false
  /// Why the last probe failed.
  private(set) var failure = "no answer yet"

  /// - Parameters:
  ///   - span: from the question to the answer.
  ///   - theirs: the other's wall clock when it answered, in nanoseconds since 1970; nil where it tells none.
  ///   - ours: this member's when the answer came.
  mutating func answered(after span: TimeSpan, theirs: Int64?, ours: Int64) {
    isHealthy = true
    let smoothed =
      roundTrip.map { TimeSpan(nanoseconds: $0.nanoseconds / 8 * 7 + span.nanoseconds / 8) } ?? span
    roundTrip = smoothed
    guard let theirs else { return }
    let (difference, isTooFar) = ours.subtractingReportingOverflow(theirs)
    clockDifference =
      isTooFar ? TimeSpan(nanoseconds: .max) : TimeSpan(nanoseconds: difference - smoothed.nanoseconds / 2)
  }

  mutating func failed(_ reason: String) {
    isHealthy = false
    failure = reason
  }
}
