import Base
import Storage
import Wire

/// Owns the leases: who lives how long, and which keys hang on whom.
///
/// Ids, TTLs, keys and checkpoints are replicated state and change by applied requests only. Expiry is judged by the
/// *primary* lessor alone, the leader's: its leases carry a deadline, those of the others live forever until a revoke
/// is applied. As etcd 3.4: lease/lessor.go. Time arrives as `Instant`; owned by the loop thread.
package final class Lessor {
  struct Lease {
    var grantedTTL: Int64
    /// Checkpointed rest of life in seconds; 0 means the full TTL.
    var remainingTTL: Int64 = 0
    /// Nil: forever, as on every member but the leader.
    var expiry: Instant?
    /// The deadline of this lease's live entry in the expiry queue; older entries are void.
    var queuedAt: Instant?
    var keys: Set<Key> = []

    var effectiveTTL: Int64 { remainingTTL > 0 ? remainingTTL : grantedTTL }
  }

  struct Due: Comparable {
    var at: Instant
    var id: LeaseID
    static func < (a: Due, b: Due) -> Bool { a.at != b.at ? a.at < b.at : a.id < b.id }
  }

  /// Longest TTL in seconds. As etcd 3.4: lease/lessor.go, MaxLeaseTTL.
  package static let maximumTTL: Int64 = 9_000_000_000

  var leases: [LeaseID: Lease] = [:]
  var expiries = BinaryHeap<Due>()
  var checkpoints = BinaryHeap<Due>()
  /// Leases whose revocation is being proposed.
  var revoking: Set<LeaseID> = []
  var windowStart = Instant(nanoseconds: .min / 2)
  var windowUsed = 0
  private(set) var backend: any Backend
  package var options: LessorOptions
  package private(set) var isPrimary = false
  package internal(set) var counters = LeaseCounters()

  /// Takes the leases that the backend holds; the store attaches their keys while it is restored.
  package init(backend: any Backend, options: LessorOptions) {
    self.backend = backend
    self.options = options
    restore()
  }

  package var count: Int { leases.count }

  /// Takes over what another lessor read from a store that takes the place of ours. The lessor is not primary then.
  func take(over other: Lessor) {
    demote()
    backend = other.backend
    swap(&leases, &other.leases)
  }

  /// Reads all leases again, after the backend's rows were replaced. The lessor is not primary then.
  package func restore() {
    demote()
    leases.removeAll()
    for row in backend.pairs(.lease) {
      guard let record = try? LeaseRecord(decoding: row.value) else {
        broken("lease row \(hex(row.key)) cannot be read")
      }
      leases[LeaseID(record.id)] = Lease(
        grantedTTL: max(record.ttl, options.minimumTTL), remainingTTL: record.remainingTTL)
    }
  }

  // MARK: Replicated requests

  /// Applies a grant; answers the TTL given, at least the minimum.
  package func grant(_ id: LeaseID, ttl: Int64, now: Instant) throws(LeaseError) -> Int64 {
    guard id != .none else { throw .notFound }
    guard ttl <= Lessor.maximumTTL else { throw .ttlTooLarge }
    guard leases[id] == nil else { throw .exists }
    let lease = Lease(grantedTTL: max(ttl, options.minimumTTL))
    leases[id] = lease
    persist(id, lease)
    if isPrimary {
      refresh(id, now: now)
      scheduleCheckpoint(id, now: now)
    }
    counters.granted += 1
    return lease.grantedTTL
  }

  /// Applies a revoke: the lease and its row are gone, and the keys, in bytewise order, must be deleted in one write
  /// transaction in the same batch. The order is part of the state: all members number the deletes alike.
  package func revoke(_ id: LeaseID) throws(LeaseError) -> [Key] {
    guard let lease = leases.removeValue(forKey: id) else { throw .notFound }
    revoking.remove(id)
    backend.delete(.lease, Lessor.rowKey(id))
    counters.revoked += 1
    return lease.keys.sorted()
  }

  /// Applies a checkpoint of the remaining seconds; unknown leases are ignored.
  package func checkpoint(_ id: LeaseID, remainingTTL: Int64, now: Instant) {
    guard var lease = leases[id] else { return }
    lease.remainingTTL = remainingTTL
    leases[id]?.remainingTTL = remainingTTL
    if options.persistsCheckpoints { persist(id, lease) }
    if isPrimary { scheduleCheckpoint(id, now: now) }
  }

  // MARK: Requests answered from memory

  /// Renews on the leader. A lease that has expired is refused even while its revocation is still under way, for that
  /// cannot be stopped any more; the client gets TTL 0.
  package func renew(_ id: LeaseID, now: Instant) throws(LeaseError) -> LeaseRenewal {
    guard isPrimary else { throw .notPrimary }
    guard let lease = leases[id] else { throw .notFound }
    if let expiry = lease.expiry, expiry <= now { throw .notFound }
    if options.checkpoints, lease.remainingTTL > 0 { return .needsCheckpointClear }
    refresh(id, now: now)
    counters.renewed += 1
    return .renewed(ttl: lease.grantedTTL)
  }

  package func state(of id: LeaseID, now: Instant) -> LeaseState? {
    leases[id].map { state(id, $0, now: now) }
  }

  /// The keys of a lease in bytewise order; nil where there is no such lease.
  package func keys(of id: LeaseID) -> [Key]? { leases[id]?.keys.sorted() }

  /// All leases, the next to expire first.
  package func allLeases(now: Instant) -> [LeaseID] {
    leases.map { Due(at: $1.expiry ?? Instant(nanoseconds: .max), id: $0) }.sorted().map(\.id)
  }

  private func state(_ id: LeaseID, _ lease: Lease, now: Instant) -> LeaseState {
    let left = lease.expiry.map { ($0 - now).nanoseconds / 1_000_000_000 } ?? Int64.max / 1_000_000_000
    return LeaseState(id: id, grantedTTL: lease.grantedTTL, remaining: left)
  }

  // MARK: Keys

  package func exists(_ id: LeaseID) -> Bool { leases[id] != nil }

  /// Hangs a key on a lease; the store has checked that the lease exists.
  package func attach(_ id: LeaseID, key: Key) {
    // Rows of a store written elsewhere may name a lease that was revoked since; they stay unattached.
    leases[id]?.keys.insert(key)
  }

  /// Takes a key off a lease. The lease may be gone: a revoke deletes its keys after it.
  package func detach(_ id: LeaseID, key: Key) { leases[id]?.keys.remove(key) }

  // MARK: Leadership

  /// This member leads from now on: every lease gets its full (or checkpointed) time and `extension` (the election
  /// timeout) more, and leases that would expire together are spread, so that they do not use up the revoke rate.
  package func promote(now: Instant, extension extend: TimeSpan) {
    isPrimary = true
    revoking.removeAll()
    for id in Array(leases.keys) {
      let ttl = leases[id]?.effectiveTTL ?? 0
      leases[id]?.expiry = Lessor.deadline(now, ttl, extend)
    }
    if leases.count >= Limits.leaseRevokesPerSecond { spread(now: now, extend: extend) }
    requeue(now: now)
  }

  /// Another member leads: nothing expires here.
  package func demote() {
    isPrimary = false
    expiries = BinaryHeap()
    checkpoints = BinaryHeap()
    revoking.removeAll()
    for id in Array(leases.keys) {
      leases[id]?.expiry = nil
      leases[id]?.queuedAt = nil
    }
  }

  /// As etcd 3.4: lessor.Promote, its pile-up rule.
  private func spread(now: Instant, extend: TimeSpan) {
    let order = leases.map { Due(at: $1.expiry ?? now, id: $0) }.sorted()
    guard let first = order.first else { return }
    let second: Int64 = 1_000_000_000
    let target = 3 * Limits.leaseRevokesPerSecond / 4
    var base = (first.at - now).nanoseconds
    var next = base + second
    var expires = 0
    for due in order {
      let remaining = (due.at - now).nanoseconds
      if remaining > next {
        base = remaining
        next = base + second
        expires = 1
        continue
      }
      expires += 1
      if expires <= target { continue }
      let delay = Int64(Double(second) * Double(expires) / Double(target)) - (remaining - base)
      next = base + delay
      let ttl = leases[due.id]?.effectiveTTL ?? 0
      leases[due.id]?.expiry = Lessor.deadline(now, ttl, extend + TimeSpan(nanoseconds: delay))
    }
  }

  // MARK: Small parts

  func refresh(_ id: LeaseID, now: Instant) {
    guard let lease = leases[id] else { return }
    let expiry = Lessor.deadline(now, lease.effectiveTTL, .zero)
    leases[id]?.expiry = expiry
    // A later deadline needs no new entry: the old one looks at the lease when it comes up.
    if let queued = lease.queuedAt, queued <= expiry { return }
    leases[id]?.queuedAt = expiry
    expiries.push(Due(at: expiry, id: id))
  }

  /// Years of TTL may not run over the clock's range.
  private static func deadline(_ now: Instant, _ ttl: Int64, _ extend: TimeSpan) -> Instant {
    let (life, tooLong) = ttl.multipliedReportingOverflow(by: 1_000_000_000)
    if tooLong { return Instant(nanoseconds: .max) }
    let (start, late) = now.nanoseconds.addingReportingOverflow(extend.nanoseconds)
    let (end, beyond) = start.addingReportingOverflow(life)
    return Instant(nanoseconds: late || beyond ? .max : end)
  }

  func persist(_ id: LeaseID, _ lease: Lease) {
    let record = LeaseRecord(id: id.rawValue, ttl: lease.grantedTTL, remainingTTL: lease.remainingTTL)
    backend.put(.lease, Lessor.rowKey(id), record.encoded())
  }

  static func rowKey(_ id: LeaseID) -> Bytes { withUnsafeBytes(of: id.rawValue.bigEndian) { Bytes($0) } }
}
