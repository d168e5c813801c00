import Base

extension Lessor {
  /// Leases whose revocation is to be proposed now; call on every turn of the loop, it is cheap when nothing is due.
  ///
  /// However many expire at once, the answer is short: at most `Limits.leaseRevokesPerSecond` a second in halves, and
  /// `Limits.leaseRevokesUnderWay` not yet reported by `revokeEnded`. As etcd 3.4: lessor.revokeExpiredLeases and
  /// etcdserver/server.go, maxPendingRevokes.
  package func expiring(now: Instant) -> [LeaseID] {
    guard isPrimary else { return [] }
    if now - windowStart >= .milliseconds(500) {
      windowStart = now
      windowUsed = 0
    }
    var result: [LeaseID] = []
    while windowUsed < Limits.leaseRevokesPerSecond / 2, let due = expiries.first, due.at <= now {
      guard let lease = leases[due.id], lease.queuedAt == due.at, let expiry = lease.expiry else {
        expiries.pop()
        continue
      }
      if expiry > now {
        requeue(due.id, at: expiry)
        continue
      }
      if !revoking.contains(due.id), revoking.count >= Limits.leaseRevokesUnderWay { break }
      // Comes up again in case the revocation is lost.
      requeue(due.id, at: now + Limits.leaseRevokeRetry)
      if revoking.insert(due.id).inserted { counters.expired += 1 }
      windowUsed += 1
      result.append(due.id)
    }
    return result
  }

  /// The proposal to revoke has ended, well or not: another may go out. What was not revoked comes up again.
  package func revokeEnded(_ id: LeaseID) { revoking.remove(id) }

  /// When `expiring` may next have something; nil where nothing can expire.
  package var nextExpiry: Instant? { isPrimary ? expiries.first?.at : nil }

  private func requeue(_ id: LeaseID, at instant: Instant) {
    expiries.pop()
    leases[id]?.queuedAt = instant
    expiries.push(Due(at: instant, id: id))
  }

  /// Fills both queues anew, after all deadlines changed.
  func requeue(now: Instant) {
    var dues: [Due] = []
    dues.reserveCapacity(leases.count)
    checkpoints = BinaryHeap()
    for (id, lease) in leases {
      dues.append(Due(at: lease.expiry ?? now, id: id))
      scheduleCheckpoint(id, now: now)
    }
    expiries = BinaryHeap(dues)
    for due in dues { leases[due.id]?.queuedAt = due.at }
  }

  // MARK: Checkpoints

  /// Remaining times to replicate now, at most `Limits.leaseCheckpointBatch` for one entry; call again while the
  /// answer is full. As etcd 3.4: lessor.findDueScheduledCheckpoints.
  package func dueCheckpoints(now: Instant) -> [(id: LeaseID, remainingTTL: Int64)] {
    guard isPrimary, options.checkpoints else { return [] }
    var result: [(id: LeaseID, remainingTTL: Int64)] = []
    while result.count < Limits.leaseCheckpointBatch, let due = checkpoints.first, due.at <= now {
      checkpoints.pop()
      guard let lease = leases[due.id], let expiry = lease.expiry, expiry > now else { continue }
      let remaining = ((expiry - now).nanoseconds - 1) / 1_000_000_000 + 1
      if remaining < lease.grantedTTL { result.append((due.id, remaining)) }
    }
    return result
  }

  func scheduleCheckpoint(_ id: LeaseID, now: Instant) {
    guard options.checkpoints, let lease = leases[id] else { return }
    let interval = Limits.leaseCheckpointInterval
    if lease.effectiveTTL > interval.nanoseconds / 1_000_000_000 {
      checkpoints.push(Due(at: now + interval, id: id))
    }
  }
}
