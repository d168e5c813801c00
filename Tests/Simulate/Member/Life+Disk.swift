import Base
import Machine
import Raft
import Storage
import Wire

// The threads beside the loop: the disk thread, which takes all letters that wait as one write and one sync, and the
// commit thread of the store. They work in world time: what they do happens at the end of the time it takes, or half
// of it when the process dies meanwhile.

/// As Server/DiskLetter.
enum Letter {
  case write(batch: UInt64, entries: [Entry], state: HardState?, mustSync: Bool, snapshot: RaftSnapshot?)
  case snapshot(RaftSnapshot)
  case purge
}

struct DiskOutcome {
  var stable: UInt64?
  var letters = 0
  var saved: UInt64?
}

extension Life {
  func post(_ letter: Letter) {
    letters.append(letter)
    beginDiskWork()
  }

  private func beginDiskWork() {
    guard working.isEmpty, !letters.isEmpty else { return }
    swap(&working, &letters)
    let time = Int64(80_000 + world.dice.below(400_000)) * host.diskSlowness
    world.agenda.add(.diskDone(host: host.place, process: process), at: world.now + time)
  }

  /// The disk thread has come to the end of what it took.
  func finishDiskWork() {
    if let failure = host.diskFailure {
      disk.failure = failure
      host.diskFailure = nil
    }
    var done: [Letter] = []
    swap(&done, &working)
    var outcome = DiskOutcome()
    do { try perform(done, &outcome) } catch {
      expect(disk.hasFailed || disk.isDead, "\(name): the log cannot be written: \(error)")
      world.count(.stoppedByDisk)
      return world.kill(host, losesPower: world.dice.below(2) == 0)
    }
    report(outcome)
    beginDiskWork()
    stir()
  }

  /// As Server/DiskThread, DiskWork: letters that write become one flush.
  func perform(_ letters: [Letter], _ outcome: inout DiskOutcome) throws {
    var gathered = DiskOutcome()
    var mustSync = false
    for letter in letters {
      if case .write(let batch, let entries, let state, let sync, let snapshot) = letter {
        if let snapshot {
          try flush(&gathered, mustSync, &outcome)
          _ = try snapshots.save(snapshot)
          _ = try wal.saveSnapshot(WALSnapshot(index: snapshot.metadata.index, term: snapshot.metadata.term))
        }
        try wal.add(entries, state: state)
        gathered.stable = batch
        gathered.letters += 1
        mustSync = mustSync || sync
        continue
      }
      try flush(&gathered, mustSync, &outcome)
      switch letter {
      case .write: break
      case .snapshot(let snapshot):
        _ = try snapshots.save(snapshot)
        _ = try wal.saveSnapshot(WALSnapshot(index: snapshot.metadata.index, term: snapshot.metadata.term))
        wal.releaseFiles(before: snapshot.metadata.index)
        outcome.saved = snapshot.metadata.index
      case .purge:
        _ = try WAL.purge(disk, directory: wal.directory, keep: world.plan.keptFiles)
        _ = try snapshots.purge(keep: world.plan.keptFiles)
      }
    }
    try flush(&gathered, mustSync, &outcome)
    wal.prepareNextFile()
  }

  private func flush(_ gathered: inout DiskOutcome, _ mustSync: Bool, _ outcome: inout DiskOutcome) throws {
    guard let batch = gathered.stable else { return }
    _ = try wal.flush(mustSync: mustSync)
    outcome.stable = batch
    outcome.letters += gathered.letters
    gathered = DiskOutcome()
  }

  private func report(_ outcome: DiskOutcome) {
    if let batch = outcome.stable {
      writesUnderWay -= outcome.letters
      node.stable(through: batch)
      install(through: batch)
      settleDeferred()
    }
    if let index = outcome.saved { snapshotSaved(index) }
  }

  /// A state that waited for company, with nothing left to wait for: what is held behind it may go.
  func settleDeferred() {
    guard writesUnderWay == 0, let batch = deferredBatch else { return }
    deferredBatch = nil
    node.stable(through: batch)
  }

  // MARK: Snapshots

  /// As etcd 3.4: etcdserver/server.go, snapshot. Some entries stay for members that are a little behind.
  private func snapshotSaved(_ index: UInt64) {
    isSavingSnapshot = false
    world.count(.snapshotSaved)
    host.disk.receivedStores = host.disk.receivedStores.filter { $0.key >= index }
    if index > world.plan.catchUpEntries { try? raftLog.compact(through: index - world.plan.catchUpEntries) }
    if world.dice.below(4) == 0 { post(.purge) }
  }

  /// The snapshot of a leader is durable: it takes the place of everything this member had.
  private func install(through batch: UInt64) {
    for number in arriving.keys.sorted() where number <= batch {
      guard let snapshot = arriving.removeValue(forKey: number) else { continue }
      let index = snapshot.metadata.index
      guard let store = host.disk.receivedStores[index] else {
        finding("\(name): no store for the snapshot at \(index)")
      }
      expect(
        backend.consistentIndex < index,
        "\(name): the store of \(backend.consistentIndex) gives way to an older one")
      backend.load(store)
      isCommitScheduled = false
      do {
        try machine.install(
          ArrivedState(backend: backend, options: machine.lessor.options), v2: snapshot.data ?? [])
      } catch { finding("\(name): the snapshot's tree cannot be read: \(error)") }
      confState = snapshot.metadata.confState
      snapshotIndex = index
      node.applied(through: index)
      let expected = world.truth.revision(afterIndex: backend.consistentIndex)
      expect(
        machine.store.currentRevision == expected,
        "\(name) is at \(machine.store.currentRevision) after the snapshot at \(index), not \(expected)")
      world.count(.snapshotInstalled)
      durabilityWaiters = []
      nextDurabilityWaiters = []
      isSavingSnapshot = false
    }
  }

  // MARK: The store

  /// Keeps the commit thread going; the end of each turn.
  func driveCommits() {
    if backend.isCommitting, !isCommitScheduled {
      isCommitScheduled = true
      let time = Int64(500_000 + world.dice.below(8_000_000)) * host.diskSlowness
      world.agenda.add(.commitDone(host: host.place, process: process), at: world.now + time)
    }
    if backend.pendingOperations > 0, !isSealScheduled {
      isSealScheduled = true
      world.agenda.add(.seal(host: host.place, process: process), at: world.now + host.span(100_000_000))
    }
  }

  func sealDue() {
    isSealScheduled = false
    backend.seal()
    driveCommits()
  }

  func commitDone() {
    isCommitScheduled = false
    backend.completeCommit()
    backend.reapCommit()
    var ready: [() -> Void] = []
    swap(&ready, &durabilityWaiters)
    var next: [() -> Void] = []
    swap(&next, &nextDurabilityWaiters)
    for work in ready { work() }
    for work in next { whenDurable(work) }
    stir()
  }

  /// As Server/Member+Turn.
  func whenDurable(_ work: @escaping () -> Void) {
    if backend.isCommitting {
      nextDurabilityWaiters.append(work)
    } else if backend.pendingOperations == 0 {
      work()
    } else {
      durabilityWaiters.append(work)
      backend.seal()
    }
  }
}
