import Base
import Config
import Doors
import Event
import HTTP
import Machine
import Raft
import Storage
import Wire

// What time brings: ticks of Raft, ends of leases and deadlines, the backend's commits, housekeeping.

extension Member {
  func startTimers() {
    repeatedly(settings.heartbeatInterval) { [unowned self] in tick() }
    repeatedly(settings.backendBatch.interval) { [unowned self] in
      if backend.pendingOperations > 0 { backend.seal() }
    }
    repeatedly(Limits.v2SyncInterval) { [unowned self] in syncTree() }
    repeatedly(.seconds(1)) { [unowned self] in everySecond() }
    repeatedly(.seconds(30)) { [unowned self] in purge() }
    purge()
  }

  private func repeatedly(_ span: TimeSpan, _ work: @escaping () -> Void) {
    let timer = Timer(loop, work)
    timer.every(span)
    timers.append(timer)
  }

  private func tick() {
    let now = loop.now
    node.tick()
    if writesUnderWay == 0 { writeDeferredState() }
    expireCalls(now: now)
    mindLeaderLoss(now: now)
    for waiting in proposals.takeExpired(now: now) { fail(waiting, node.lead == 0 ? .noLeader : .timeout) }
    dropKept(now: now)
    failLateReads(now: now)
    repeatReadIndex()
    machine.hub.tick(now: now, into: &machine.watchOutput)
    endLeases(now: now)
    concurrency.tick(now: now)
    compactIfDue(now: now)
    publishIfDue()
  }

  private func failLateReads(now: Instant) {
    for waiting in reads.takeLate(now: now, after: requestTimeout) { fail(waiting, .timeout) }
  }

  /// Only a leader ends leases, and only through the log.
  func endLeases(now: Instant) {
    guard isLeader else { return }
    for lease in machine.lessor.expiring(now: now) {
      metrics.leasesExpired += 1
      proposeOwn(.leaseRevoke(LeaseRevokeRequest(id: lease.rawValue))) { [unowned self] _ in
        machine.lessor.revokeEnded(lease)
      }
    }
    let points = machine.lessor.dueCheckpoints(now: now)
    guard !points.isEmpty else { return }
    let checkpoints = points.map { LeaseCheckpoint(id: $0.id.rawValue, remainingTTL: $0.remainingTTL) }
    proposeQuietly(.leaseCheckpoint(LeaseCheckpointRequest(checkpoints: checkpoints)))
  }

  private func compactIfDue(now: Instant) {
    guard isLeader, let revision = compactor?.due(now: now, revision: machine.store.currentRevision) else {
      return
    }
    proposeOwn(.compaction(CompactionRequest(revision: revision))) { [unowned self] answer in
      switch answer {
      case .failed(let status) where status != .compacted:
        log(.warning, "failed auto-compaction at revision \(revision): \(status.message)")
      default: compactor?.succeeded(now: loop.now, revision: revision)
      }
    }
  }

  private func everySecond() {
    let seconds = loop.wallNanoseconds / 1_000_000_000
    clientContext.setDate(unixSeconds: seconds)
    metricsContext.setDate(unixSeconds: seconds)
    peerContext.setDate(unixSeconds: seconds)
    front.tick(at: loop.now)
    peerFront.tick(at: loop.now)
    clusterVersion.step(now: loop.now)
    machine.auth.tokens.expire(now: loop.now)
    releaseHeldBack()
    corruption.step(now: loop.now)
    watchSpace()
    turnTopPrefixes(now: loop.now)
  }

  /// As etcd 3.4: etcdserver/server.go, purgeFile.
  private func purge() {
    disk.post(.purge(logs: settings.maxWALs, snapshots: settings.maxSnapshots))
  }
}
