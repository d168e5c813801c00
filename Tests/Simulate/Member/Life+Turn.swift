import Base
import Machine
import Raft
import Storage
import Wire

// One turn, as Server/Member+Turn.

extension Life {
  func turn() {
    isTurnScheduled = false
    if let due = machine.lessor.nextExpiry, due <= now { endLeases() }
    askForReads()
    driveRaft()
    campaignIfAlone()
    serveReads()
    catchWatchersUp()
    compactSlice()
    deliverWatches()
    driveCommits()
    world.look(at: self)
  }

  private func driveRaft() {
    while let ready = node.ready() {
      if let state = ready.softState { take(state) }
      if let batch = ready.batch { write(ready, batch) }
      for message in ready.messages { send(message) }
      apply(ready.committed)
      confirmReads(ready.readStates)
    }
  }

  private func take(_ state: SoftState) {
    let wasLeading = machine.lessor.isPrimary
    if state.role == .leader, !wasLeading {
      machine.lessor.promote(
        now: now, extension: TimeSpan(nanoseconds: Int64(World.electionTicks) * World.tickNanoseconds))
      world.count(.leaderElected)
    } else if state.role != .leader, wasLeading {
      machine.lessor.demote()
    }
  }

  private func write(_ ready: Ready, _ batch: UInt64) {
    lastBatch = batch
    if ready.entries.isEmpty, !ready.mustSync, ready.snapshot == nil {
      deferredState = ready.hardState ?? deferredState
      deferredBatch = batch
      settleDeferred()
      return
    }
    writesUnderWay += 1
    let state = ready.hardState ?? deferredState
    deferredState = nil
    deferredBatch = nil
    if let snapshot = ready.snapshot { arriving[batch] = snapshot }
    post(
      .write(
        batch: batch, entries: ready.entries, state: state, mustSync: ready.mustSync, snapshot: ready.snapshot))
  }

  // MARK: Messages

  private func send(_ message: RaftMessage) {
    note(message)
    guard message.type == .snap else { return world.send(message, from: host, store: nil) }
    // The newest applied state goes out: the stored snapshot may be older than who needs it. Everything of one moment.
    backend.commitAndWait()
    isCommitScheduled = false
    let applied = node.appliedIndex
    // After a restart the store may be ahead of what is applied anew: then the moment is yet to come.
    guard applied >= message.snapshot.metadata.index, backend.consistentIndex <= applied,
      let term = try? raftLog.term(at: applied)
    else {
      node.reportSnapshot(message.to, isSent: false)
      return
    }
    var message = message
    message.snapshot = RaftSnapshot(data: machine.v2.save())
    message.snapshot.metadata = SnapshotMetadata(confState: confState, index: applied, term: term)
    expect(backend.consistentIndex >= applied, "\(name): the store is behind the machine")
    world.send(message, from: host, store: backend.frozenView())
  }

  /// Remembers what cannot be taken back once it has left.
  private func note(_ message: RaftMessage) {
    switch message.type {
    case .prop, .readIndex, .preVote, .preVoteResp: return
    case .vote:
      host.promise.spoke(term: message.term)
      if host.promise.term == message.term { host.promise.vote = id.rawValue }
    case .voteResp:
      host.promise.spoke(term: message.term)
      if !message.reject, host.promise.term == message.term { host.promise.vote = message.to }
    case .appResp:
      host.promise.spoke(term: message.term)
      if !message.reject, host.promise.term == message.term {
        host.promise.acknowledged = max(host.promise.acknowledged, message.index)
      }
    default: host.promise.spoke(term: message.term)
    }
  }

  func receive(_ message: RaftMessage, store: (any FrozenView)?) {
    if message.type == .snap, let store { host.disk.receivedStores[message.snapshot.metadata.index] = store }
    try? node.step(message)
    stir()
  }

  /// Nobody else could win. As Server/Member+Turn.
  private func campaignIfAlone() {
    guard node.lead == 0, node.role == .follower, node.confState.voters == [id.rawValue],
      node.appliedIndex == node.committedIndex
    else { return }
    node.campaign()
    driveRaft()
  }

  // MARK: Applying

  private func apply(_ entries: [Entry]) {
    guard let last = entries.last else { return }
    let began = now
    for entry in entries {
      world.watch.applied(entry, by: id.rawValue)
      world.truth.applying(entry, at: world.now)
      let isNew = entry.index > backend.consistentIndex
      let applied = machine.apply(entry, now: began) { proposals[$0] != nil }
      if isNew { world.truth.applied(entry, revision: machine.store.currentRevision, by: name) }
      if let verdict = applied.change { take(verdict, at: entry.index) }
      deliver(applied)
    }
    node.applied(through: last.index)
    snapshotIfDue()
  }

  private func take(_ verdict: ConfigChangeVerdict, at index: UInt64) {
    world.truth.verdict(verdict.isAccepted, at: index, by: name)
    confState = node.applyConfigChange(.single(verdict.change))
    if verdict.isAccepted { syncState() }
    let change = verdict.change
    if verdict.isAccepted, change.type == .removeNode, change.nodeID == id.rawValue { isRemoved = true }
  }

  /// As Server/Member+Turn and etcd 3.4: etcdserver/server.go, triggerSnapshot.
  private func snapshotIfDue() {
    let applied = node.appliedIndex
    guard !isSavingSnapshot, applied > snapshotIndex + world.plan.snapshotCount else { return }
    guard let term = try? raftLog.term(at: applied) else { return }
    isSavingSnapshot = true
    var snapshot = RaftSnapshot(data: machine.v2.save())
    snapshot.metadata = SnapshotMetadata(confState: confState, index: applied, term: term)
    snapshotIndex = applied
    whenDurable { [unowned self] in
      guard node.appliedIndex >= applied else { return }
      do {
        try raftLog.createSnapshot(at: applied, confState: snapshot.metadata.confState, data: snapshot.data)
      } catch {
        isSavingSnapshot = false
        return
      }
      writeDeferredState()
      post(.snapshot(snapshot))
    }
  }

  /// A start believes a snapshot only where the log says that it is committed; the log before it may be gone by then.
  private func writeDeferredState() {
    guard let state = deferredState else { return }
    deferredState = nil
    writesUnderWay += 1
    post(.write(batch: lastBatch, entries: [], state: state, mustSync: false, snapshot: nil))
  }

  /// That a change of members is committed outlasts a power cut as soon as it is known.
  private func syncState() {
    deferredState = nil
    writesUnderWay += 1
    post(.write(batch: lastBatch, entries: [], state: node.hardState, mustSync: true, snapshot: nil))
  }

  // MARK: Slices of long work

  private func catchWatchersUp() {
    guard machine.hub.hasCatchingUp else { return }
    machine.hub.catchUp(from: machine.store, into: &machine.watchOutput)
    if machine.hub.hasCatchingUp { later() }
  }

  private func compactSlice() {
    guard machine.store.isCompacting else { return }
    let rows = 1 + world.dice.below(40)
    switch machine.store.compactSlice(batchRows: rows) {
    case .idle, .waitingForBackend, .waitingForReaders: return
    case .working, .finished: later()
    }
  }

  private func later() {
    if isTurnScheduled { return }
    isTurnScheduled = true
    world.agenda.add(.turn(host: host.place, process: process), at: world.now + 1_000_000)
  }
}
