import Base
import Machine
import Storage
import Wire

/// One machine of the cluster: a disk, a clock, and at most one process of a member at a time.
final class Host {
  let place: Int
  let record: MemberRecord
  /// The members it was founded with; nil where it joins a cluster that exists.
  let founders: [MemberRecord]?
  let disk = FalseDisk(directories: Host.directories)
  /// The store's file, as the last process left it.
  var backend = MemoryBackend(commits: .onDemand)
  var life: Life?
  var processes: UInt32 = 0

  /// Not to be started again: removed from the cluster, or not yet part of it.
  var isRetired = false
  /// Since when others have known without a break that it was removed.
  var removalKnownSince: Int64?
  /// Stopped, all threads, until then; what happens to it meanwhile waits.
  var pausedUntil: Int64?
  var waiting: [Event] = []
  /// Multiplies the time its disk takes.
  var diskSlowness: Int64 = 1
  /// The fault to meet at the next use of the disk.
  var diskFailure: (after: Int, code: Int32)?
  /// What it has told others about its log and vote, which no crash may take back.
  var promise = Promise()

  // Its clock: world time since `clockSet` runs `rate` times as fast, from `clockBase` on.
  private var clockBase: Int64 = 0
  private var clockSet: Int64 = 0
  private(set) var rate = 1.0

  static let directories = ["/data"]

  init(place: Int, record: MemberRecord, founders: [MemberRecord]?) {
    self.place = place
    self.record = record
    self.founders = founders
    clockBase = Int64(place) * 3_600_000_000_000
  }

  var name: String { record.name }
  var isUp: Bool { life != nil }
  var isRunning: Bool { life != nil && pausedUntil == nil }

  /// The monotonic clock as the member reads it.
  func clock(_ now: Int64) -> Instant {
    Instant(nanoseconds: clockBase + Int64(Double(now - clockSet) * rate))
  }

  func setRate(_ newRate: Double, now: Int64) {
    clockBase = clock(now).nanoseconds
    clockSet = now
    rate = newRate
  }

  /// World time in which this clock advances by `span`.
  func span(_ span: Int64) -> Int64 { max(1, Int64(Double(span) / rate)) }

  /// Ends the process at once; `losesPower` takes what the system had not written, too.
  func kill(losesPower: Bool, _ dice: inout Dice) {
    guard let life else { return }
    life.die(&dice)
    self.life = nil
    pausedUntil = nil
    waiting = []
    backend = life.backend.reopened(commits: .onDemand)
    if losesPower { disk.losePower(&dice) }
    disk.releaseLocks()
  }
}

/// Words that have left a member and are binding: a vote, and the end of a log that others may have counted.
struct Promise {
  var term: UInt64 = 0
  var vote: UInt64 = 0
  /// The highest index acknowledged in `term`.
  var acknowledged: UInt64 = 0

  mutating func spoke(term newTerm: UInt64) {
    if newTerm > term { self = Promise(term: newTerm) }
  }
}
