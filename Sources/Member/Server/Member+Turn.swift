import Base
import Config
import Doors
import Event
import Machine
import Raft
import Storage
import Wire

// One turn: what gathered is proposed, written, applied, answered and sent, once.

/// Something another thread finished, to be dealt with on the loop.
typealias Errand = @Sendable (Member) -> Void

extension Member {
  /// Reports of the disk and commit threads, and errands of helpers.
  func takeLetters() {
    for report in reports.takeAll() { take(report) }
    if backend.isCommitting || backend.isDefragmenting { reapCommit() }
    for errand in errands.takeAll() { errand(self) }
  }

  private func take(_ report: DiskReport) {
    switch report {
    case .stable(let batch, let letters, let work):
      metrics.walBytes += UInt64(work.bytes)
      metrics.walWrite.observe(work.writeTime)
      logBytesSinceSnapshot += work.bytes
      if work.syncs > 0 { metrics.walSync.observe(work.syncTime) }
      writesUnderWay -= letters
      node.stable(through: batch)
      if writesUnderWay == 0, let later = deferredBatch {
        deferredBatch = nil
        node.stable(through: later)
      }
      if let (snapshot, number) = arrived, number <= batch {
        arrived = nil
        beginInstalling(snapshot)
      }
    case .snapshotSaved(let index, let took):
      isSavingSnapshot = false
      metrics.snapWrite.observe(took)
      metrics.snapSave.observe(took + snapshotEncoding)
      log(.info, "saved snapshot at index \(index)")
      if confState.voters.count > 1 || !confState.learners.isEmpty { forgetOldEntries(before: index) }
    case .failed(let reason):
      log(.critical, "the log cannot be written, so nothing more may be acknowledged: \(reason)")
      stop(.failure)
    }
  }

  /// The end of each turn of the loop.
  func endTurn() {
    if exit == nil || !isStopping {
      if let due = machine.lessor.nextExpiry, due <= loop.now { endLeases(now: loop.now) }
      askForReads()
      proposeKept()
      driveRaft()
      campaignIfAlone()
      serveReads()
      settleAppliedWaiters()
      settleTransfers()
      ranges.step()
      catchWatchersUp()
      compactSlice()
      hashSlice()
      if backend.pendingOperations >= settings.backendBatch.limit || backend.pendingBytes >= Limits.batchBytes {
        backend.seal()
      }
    }
    watchService.deliver()
    v2Desk?.watches.deliver()
    concurrency.settle()
    front.flush()
    peerFront.flush()
    backend.endTurn()
  }

  /// Carries out what Raft asks for. The contract is `Ready`'s page.
  private func driveRaft() {
    while let ready = node.ready() {
      if let state = ready.softState {
        take(state)
        proposeKept()
      }
      if let batch = ready.batch { write(ready, batch) }
      send(ready.messages)
      apply(ready.committed)
      confirmReads(ready.readStates)
    }
  }

  /// Gives a Ready's write to the disk. A state that only moved the commit index waits for the next entries: a crash may
  /// forget it, and on its own it would cost a write and two changes of threads for each put.
  private func write(_ ready: Ready, _ batch: UInt64) {
    lastBatch = batch
    if ready.entries.isEmpty, !ready.mustSync {
      deferredState = ready.hardState ?? deferredState
      if writesUnderWay == 0 { node.stable(through: batch) } else { deferredBatch = batch }
      return
    }
    if let snapshot = ready.snapshot { arrived = (snapshot, batch) }
    deferredBatch = nil
    writesUnderWay += 1
    let state = ready.hardState ?? deferredState
    deferredState = nil
    disk.post(
      .write(
        batch: batch, entries: ready.entries, state: state, mustSync: ready.mustSync, snapshot: ready.snapshot))
  }

  /// Nobody else could win: a member alone need not wait for an election timeout.
  private func campaignIfAlone() {
    guard node.lead == 0, node.role == .follower, node.confState.voters == [id.rawValue],
      node.log.applied == node.log.committed, !isStopping
    else { return }
    node.campaign()
    driveRaft()
  }

  private func take(_ state: SoftState) {
    let wasLeading = machine.lessor.isPrimary
    if state.lead != knownLead { leaderChanged(to: state.lead) }
    if state.role == .leader { traffic.becameLeader(id, wall: loop.wallNanoseconds, clock: loop.clock) }
    if state.role == .leader, !wasLeading {
      machine.lessor.promote(now: loop.now, extension: settings.electionTimeout)
    } else if state.role != .leader, wasLeading {
      machine.lessor.demote()
    }
  }

  /// The lines that tools wait for. An open question of a read may have gone to the former leader: the new one is asked
  /// again. As etcd 3.4: raft/node.go, run.
  private func leaderChanged(to lead: UInt64) {
    let log = log.named("raft")
    let me = id.hex
    let term = node.term
    if lead == 0 {
      log(.info, "raft.node: \(me) lost leader \(MemberID(knownLead).hex) at term \(term)")
    } else if knownLead == 0 {
      log(.info, "raft.node: \(me) elected leader \(MemberID(lead).hex) at term \(term)")
    } else {
      log(
        .info,
        "raft.node: \(me) changed leader from \(MemberID(knownLead).hex) to \(MemberID(lead).hex) at term \(term)"
      )
    }
    if knownLead != 0 {
      lostLead = knownLead
      let kept = Set(leaderless.map(\.id))
      proposals.orphan(until: loop.now + settings.electionTimeout) { kept.contains($0) }
    }
    knownLead = lead
    leaderlessSince = lead == 0 ? loop.now : nil
    heartbeats.reset()
    guard lead != 0 else { return }
    metrics.leaderChanges += 1
    if reads.isAsking, reads.confirmedIndex == nil { ask() }
  }

  // MARK: Applying

  private func apply(_ entries: [Entry]) {
    guard let last = entries.last else { return }
    let began = loop.now
    var stamp = loop.clock
    machine.v2.unixNow = loop.wallNanoseconds
    for entry in entries {
      let applied = machine.apply(entry, now: began) { proposals.contains($0) }
      if let verdict = applied.change { take(verdict, at: entry.index) }
      deliver(applied)
      if entry.term == node.term, entry.data?.isEmpty ?? true {
        if isLeader { clusterVersion.becameLeader() }
        mindOrphans()
      }
      let now = loop.clock
      book(applied, entry, took: now - stamp)
      stamp = now
    }
    node.applied(through: last.index)
    afterApplying()
  }

  private func noteAuthentication() {
    guard machine.auth.isEnabled != wasAuthEnabled else { return }
    wasAuthEnabled = machine.auth.isEnabled
    log.named("auth")(.notice, "Authentication \(wasAuthEnabled ? "enabled" : "disabled")")
  }

  private func take(_ verdict: ConfigChangeVerdict, at index: UInt64) {
    confState = node.applyConfigChange(.single(verdict.change))
    if verdict.isAccepted { syncState() }
    if verdict.isAccepted { changed(verdict.change) }
  }

  private func afterApplying() {
    releaseHeldBack()
    noteAuthentication()
    publishIfDue()
    forgetAppliedEntries()
    snapshotIfDue()
  }

  /// A member alone has nobody to send old entries to: memory holds only what is not applied yet. Should another join,
  /// it is sent a snapshot.
  private func forgetAppliedEntries() {
    guard confState.voters.count == 1, confState.learners.isEmpty else { return }
    let applied = min(node.appliedIndex, node.stableIndex)
    guard applied >= raftLog.firstIndex + Limits.appliedEntriesKept else { return }
    do {
      try noteSnapshot(at: applied)
      try raftLog.compact(through: applied)
    } catch { broken("the log in memory cannot forget entries through \(applied): \(error)") }
  }

  /// Lets Raft know of a snapshot at `index`. Its content is put in when it is sent.
  private func noteSnapshot(at index: UInt64) throws(LogStoreError) {
    if try raftLog.snapshot().metadata.index >= index { return }
    try raftLog.createSnapshot(at: index, confState: confState, data: nil)
  }

  /// Other members may be behind by so many entries before they need a snapshot.
  /// As etcd 3.4: etcdserver/server.go, snapshot.
  private func forgetOldEntries(before snapshot: UInt64) {
    guard snapshot > Limits.catchUpEntries, !isLogHeld else { return }
    let end = min(snapshot - Limits.catchUpEntries, node.stableIndex)
    guard end >= raftLog.firstIndex else { return }
    do {
      try noteSnapshot(at: min(snapshot, node.appliedIndex))
      try raftLog.compact(through: end)
      log(.info, "compacted raft log at \(end)")
    } catch { broken("the log in memory cannot forget entries through \(end): \(error)") }
  }

  // MARK: Raft snapshots

  /// After `--snapshot-count` entries the state goes to disk, so that the log before it may go. A member alone, which keeps
  /// entries for nobody, does so after so many bytes too: a start then reads little of the log, however large its entries.
  /// As etcd 3.4: etcdserver/server.go, triggerSnapshot.
  private func snapshotIfDue() {
    let applied = node.log.applied
    let isLong = logBytesSinceSnapshot > Limits.logBytesPerSnapshot
    guard !isSavingSnapshot, arrived == nil, isLong || applied > snapshotIndex + UInt64(settings.snapshotCount)
    else { return }
    isSavingSnapshot = true
    logBytesSinceSnapshot = 0
    log(.info, "start to snapshot (applied: \(applied), lastsnap: \(snapshotIndex))")
    let began = loop.clock
    var snapshot = RaftSnapshot(data: machine.v2.save())
    snapshotEncoding = loop.clock - began
    metrics.snapMarshalling.observe(snapshotEncoding)
    snapshot.metadata = SnapshotMetadata(confState: confState, index: applied, term: appliedTerm(applied))
    snapshotIndex = applied
    // The store must hold at least what the snapshot stands for before the log may forget it.
    whenDurable { [unowned self] in
      writeDeferredState()
      disk.post(.snapshot(snapshot))
    }
  }

  /// A start believes a snapshot only where the log says that it is committed; the log before it may be gone by then. And a
  /// member that has to go on alone keeps only what it knows to be committed.
  func writeDeferredState() {
    guard let state = deferredState else { return }
    deferredState = nil
    writesUnderWay += 1
    disk.post(.write(batch: lastBatch, entries: [], state: state, mustSync: false, snapshot: nil))
  }

  /// That a change of members is committed outlasts a power cut as soon as it is known: a member that was removed is stopped
  /// once others know of it, and who forgot could wait for its vote for ever.
  private func syncState() {
    deferredState = nil
    writesUnderWay += 1
    disk.post(.write(batch: lastBatch, entries: [], state: node.hardState, mustSync: true))
  }

  func appliedTerm(_ index: UInt64) -> UInt64 {
    do { return try raftLog.term(at: index) } catch { broken("no term for applied entry \(index): \(error)") }
  }

  // MARK: The backend

  /// Runs `work` once everything written so far is durable in the backend.
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

  private func reapCommit() {
    backend.reapCommit()
    if let failure = backend.failure {
      log(.critical, "the store cannot be written: \(failure)\(failure.remedy)")
      return stop(.failure)
    }
    if backend.commits != lastCommitCount {
      lastCommitCount = backend.commits
      if let snapshot = captured {
        captured = nil
        finishCapture(snapshot)
      }
      captureIfPossible()
      if let seconds = backend.lastCommitSeconds { metrics.backendCommit.observe(seconds) }
      var ready: [() -> Void] = []
      swap(&ready, &durabilityWaiters)
      var next: [() -> Void] = []
      swap(&next, &nextDurabilityWaiters)
      for work in ready { work() }
      for work in next { whenDurable(work) }
    }
    maintenance.defragmentProgress()
  }

  // MARK: Slices of long work

  private func catchWatchersUp() {
    guard machine.hub.hasCatchingUp else { return }
    machine.hub.catchUp(from: machine.store, into: &machine.watchOutput)
    if machine.hub.hasCatchingUp { loop.post {} }
  }

  /// At once while nobody waits for anything; with rests between the slices otherwise, since what they cost together,
  /// the disk's work for the rows that go above all, is what requests would notice.
  private func compactSlice() {
    guard machine.store.isCompacting, !compactionRest.isRunning else { return }
    let began = loop.clock
    let rows = machine.store.counters.compactedRows
    let progress = machine.store.compactSlice(batchRows: settings.compactionBatchRows)
    bookCompaction(progress, hasRemovedRows: machine.store.counters.compactedRows != rows, began: began)
    switch progress {
    case .idle, .waitingForBackend: return
    case .waitingForReaders: return waitForReaders()
    case .working: compactionWaitsSince = nil
    case .finished(let revision):
      log(.info, "finished scheduled compaction at \(revision)")
      answerPhysicalCompactions(through: revision)
    }
    if proposals.count > 0 || !reads.isEmpty {
      compactionRest.once(after: Limits.compactionPause)
    } else {
      loop.post {}
    }
  }

  /// Large ranges may read on for a while what a compaction is to remove; then they end.
  private func waitForReaders() {
    let since = compactionWaitsSince ?? loop.now
    compactionWaitsSince = since
    guard loop.now - since >= Limits.compactionPatience else { return }
    compactionWaitsSince = nil
    log(
      .warning,
      "a compaction waited \(Int(Limits.compactionPatience.seconds)) s for large ranges and goes on without them"
    )
    machine.store.overridePins()
  }

  private func answerPhysicalCompactions(through revision: Int64) {
    let done = compactionWaiters.filter { $0.revision <= revision }
    guard !done.isEmpty else { return }
    compactionWaiters.removeAll { $0.revision <= revision }
    // A crash must not bring the rows back: the answer follows the commit.
    whenDurable { [unowned self] in
      for waiter in done { answer(waiter.call, .compaction(waiter.reply)) }
    }
  }

  private func hashSlice() {
    guard !hashes.isEmpty else { return }
    hashes = hashes.filter { !$0.step() }
    if !hashes.isEmpty { loop.post {} }
  }
}
