import Base
import Config

/// Decides when old revisions are given up without being asked. A value that is told the time and the newest revision.
///
/// As etcd 3.4: etcdserver/api/v3compactor/{periodic,revision}.go.
struct AutoCompactor {
  private enum Mode {
    case periodic(Periodic)
    case revision(kept: Int64)
  }

  /// Remembers revisions at regular moments, so that it knows the one of a period ago.
  private struct Periodic {
    let period: TimeSpan
    var revisions: [Int64] = []
    /// Revisions are noted this often.
    var noteInterval: TimeSpan { TimeSpan(nanoseconds: max(min(period, .seconds(3600)).nanoseconds / 10, 1)) }
    var notesKept: Int { Int(period.nanoseconds / noteInterval.nanoseconds) + 1 }
  }

  private var mode: Mode
  private let log: Log
  private var nextLook: Instant?
  private var lastSuccess: Instant?
  private var isFirstPeriod = true
  private var lastRevision: Int64 = 0

  /// Nil where nothing is to be compacted.
  init?(_ setting: AutoCompaction, log: Log) {
    switch setting {
    case .off: return nil
    case .periodic(let period): mode = .periodic(Periodic(period: period))
    case .revision(let kept): mode = .revision(kept: kept)
    }
    self.log = log
  }

  /// The revision to compact at now, or nil; call with every tick.
  mutating func due(now: Instant, revision: Int64) -> Int64? {
    guard let look = nextLook else {
      begin(now: now, revision: revision)
      return nil
    }
    guard now >= look else { return nil }
    switch mode {
    case .revision(let kept):
      nextLook = now + .seconds(300)
      let target = revision - kept
      guard target > 0, target != lastRevision else { return nil }
      log(.notice, "starting auto-compaction at revision \(target)")
      return target
    case .periodic(var periodic):
      nextLook = now + periodic.noteInterval
      let target = periodic.revisions.first ?? revision
      periodic.revisions.append(revision)
      if periodic.revisions.count > periodic.notesKept { periodic.revisions.removeFirst() }
      mode = .periodic(periodic)
      let wanted = isFirstPeriod ? periodic.period : min(periodic.period, .seconds(3600))
      guard let last = lastSuccess, now - last >= wanted else { return nil }
      isFirstPeriod = false
      guard target > lastRevision else {
        lastSuccess = now
        return nil
      }
      log(.notice, "starting auto-compaction at revision \(target) (retention: \(periodic.period.seconds)s)")
      return target
    }
  }

  private mutating func begin(now: Instant, revision: Int64) {
    lastSuccess = now
    switch mode {
    case .revision: nextLook = now + .seconds(300)
    case .periodic(var periodic):
      periodic.revisions = [revision]
      nextLook = now + periodic.noteInterval
      mode = .periodic(periodic)
    }
  }

  /// The compaction went through (or had been made already); one that fails is tried again at the next look.
  mutating func succeeded(now: Instant, revision: Int64) {
    lastSuccess = now
    lastRevision = revision
    log(.notice, "finished auto-compaction at revision \(revision)")
  }
}
