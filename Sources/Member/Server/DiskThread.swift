import Base
import CShim
import Storage
import Wire

/// What the loop asks of the disk.
enum DiskLetter: Sendable {
  /// One Ready's write: a received snapshot, if there is one, then entries, then the state.
  case write(batch: UInt64, entries: [Entry], state: HardState?, mustSync: Bool, snapshot: RaftSnapshot? = nil)
  /// A raft snapshot of our own making: its file, then its note in the log, then older files may go.
  case snapshot(RaftSnapshot)
  /// Files of the log and snapshots beyond these numbers may be removed; 0 keeps all.
  case purge(logs: Int, snapshots: Int)
}

/// What the disk answers.
enum DiskReport: Sendable {
  /// Everything through this batch is durable; so many letters were written at once.
  case stable(batch: UInt64, letters: Int, work: WALWork)
  case snapshotSaved(index: UInt64, took: TimeSpan)
  /// The disk failed; nothing may be believed any more and the member must stop.
  case failed(String)
}

/// The thread that owns the write-ahead log and the raft snapshots.
///
/// All writes that wait when it wakes become one write and one sync: while it syncs, the loop gathers the next ones.
final class DiskThread {
  private let letters = Mailbox<DiskLetter>()
  private var thread: Base.Thread?

  /// - Parameter report: called on the disk thread, one call per letter or group of letters.
  init(
    wal: WAL, snapshots: SnapStore, disk: any Disk, log: Log, report: @escaping @Sendable (DiskReport) -> Void
  ) {
    let work = Handed(DiskWork(wal: wal, snapshots: snapshots, disk: disk, log: log, report: report))
    let letters = letters
    thread = Base.Thread(name: "etcd-disk") {
      while let taken = letters.waitForAll() {
        guard work.value.handle(taken) else { return }
      }
      work.value.close()
    }
  }

  func post(_ letter: DiskLetter) { letters.post(letter) }

  /// Lets the thread finish what it was given, sync and end.
  func stop() {
    letters.close()
    thread?.join()
    thread = nil
  }
}

/// The disk thread's own state.
private final class DiskWork {
  private let wal: WAL
  private let snapshots: SnapStore
  private let disk: any Disk
  private let log: Log
  private let report: @Sendable (DiskReport) -> Void

  init(
    wal: WAL, snapshots: SnapStore, disk: any Disk, log: Log, report: @escaping @Sendable (DiskReport) -> Void
  ) {
    self.wal = wal
    self.snapshots = snapshots
    self.disk = disk
    self.log = log
    self.report = report
  }

  /// False once the disk has failed.
  func handle(_ letters: [DiskLetter]) -> Bool {
    var gathered: (batch: UInt64, letters: Int)?
    var mustSync = false
    do {
      for letter in letters {
        if case .write(let batch, let entries, let state, let sync, let snapshot) = letter {
          if let snapshot {
            try flush(&gathered, mustSync)
            try save(snapshot)
          }
          try wal.add(entries, state: state)
          gathered = (batch, (gathered?.letters ?? 0) + 1)
          mustSync = mustSync || sync
          continue
        }
        try flush(&gathered, mustSync)
        try handleOther(letter)
      }
      try flush(&gathered, mustSync)
    } catch {
      report(.failed("\(error)"))
      return false
    }
    wal.prepareNextFile()
    return true
  }

  private func flush(_ gathered: inout (batch: UInt64, letters: Int)?, _ mustSync: Bool) throws {
    guard let (batch, letters) = gathered else { return }
    gathered = nil
    let work = try wal.flush(mustSync: mustSync)
    if work.slowestSync > .seconds(1) {
      log(.warning, "sync duration of \(work.slowestSync.seconds)s, expected less than 1s")
    }
    report(.stable(batch: batch, letters: letters, work: work))
  }

  private func handleOther(_ letter: DiskLetter) throws {
    switch letter {
    case .write: break
    case .snapshot(let snapshot):
      let began = Instant(nanoseconds: cshim_monotonic_now())
      try save(snapshot)
      let took = Instant(nanoseconds: cshim_monotonic_now()) - began
      report(.snapshotSaved(index: snapshot.metadata.index, took: took))
    case .purge(let logs, let kept):
      // A file that cannot be removed now is tried again in half a minute; the log itself is not at risk.
      do {
        if logs > 0 { _ = try WAL.purge(disk, directory: wal.directory, keep: logs, log: log) }
        if kept > 0 { _ = try snapshots.purge(keep: kept) }
      } catch { log(.warning, "failed to purge old files: \(error)") }
    }
  }

  /// The file first, then its note in the log: a note without its file would stop the next start.
  private func save(_ snapshot: RaftSnapshot) throws {
    _ = try snapshots.save(snapshot)
    _ = try wal.saveSnapshot(WALSnapshot(index: snapshot.metadata.index, term: snapshot.metadata.term))
    wal.releaseFiles(before: snapshot.metadata.index)
  }

  func close() {
    do { try wal.close() } catch { log(.error, "failed to close the log: \(error)") }
  }
}
