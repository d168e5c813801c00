import Base
import Storage
import Wire

// Machine: the replicated state and how entries change it.
//
// Pure: the same entries in the same order give the same rows on every member, whatever the clock says. Time arrives as
// an `Instant` and decides nothing that is stored. The backend's door is all it knows of disks.

/// Everything that the log's entries change: keys, leases, alarms, members, users, the v2 tree. Owner of the watchers too,
/// since they hear of each change at the moment it is made.
package final class Machine {
  package private(set) var backend: any Backend
  package let store: Store
  package let lessor: Lessor
  package let alarms: Alarms
  package let roster: Roster
  package let v2: V2Store
  package let hub: WatchHub
  package let auth: AuthStore
  /// What watchers are to be sent; the owner encodes and empties it.
  package var watchOutput = WatchOutput()
  /// Rule for ranges in transactions (issue 18667): a member alone checks them; in a cluster members of Go's may take
  /// part, which do not, and the rule must be the same everywhere. It follows from the members as of the entry.
  var passesOverTopLevelRanges: Bool { roster.count > 1 }

  package let quota: Quota
  /// Changes of the last entry that was applied.
  package private(set) var changes: [Change] = []

  package struct Options: Sendable {
    package var lessor = LessorOptions()
    package var quota: Quota
    package var watchProgressInterval = TimeSpan.seconds(600)
    /// Keys the watch index's hash and spreads progress reports; decides nothing that is stored.
    package var seed: UInt64
    package var tokens = TokenKind.simple(ttl: .seconds(300))
    /// For passwords that come as such, in entries of members of 3.4.
    package var hashPassword: PasswordHasher = { _ in nil }
    package init(quota: Quota, seed: UInt64) {
      self.quota = quota
      self.seed = seed
    }
  }

  /// Takes over what the backend holds. `v2` is the tree of the last raft snapshot, or an empty one.
  package init(backend: any Backend, v2: V2Store, roster: Roster, options: Options) {
    self.backend = backend
    self.v2 = v2
    self.roster = roster
    quota = options.quota
    lessor = Lessor(backend: backend, options: options.lessor)
    lessor.restore()
    store = Store(backend: backend, leases: lessor)
    alarms = Alarms(backend: backend)
    auth = AuthStore(backend: backend, tokens: options.tokens, hashPassword: options.hashPassword)
    hub = WatchHub(
      revision: store.currentRevision, compactedRevision: store.compactRevision, seed: options.seed,
      progressInterval: options.watchProgressInterval)
  }

  /// Takes over what a leader's snapshot holds: its store, and the v2 tree with the members in it. What the machine held before
  /// is in `arrived` afterwards; to let go of that takes a while too.
  package func install(_ arrived: ArrivedState, v2 data: Bytes) throws(V2RecoveryError) {
    backend = arrived.backend
    try v2.recover(data)
    roster.use(backend)
    try roster.recover()
    lessor.take(over: arrived.lessor)
    store.take(over: arrived.store)
    alarms.restore(from: backend)
    auth.restore(from: backend)
    hub.restored(revision: store.currentRevision, compactedRevision: store.compactRevision)
  }

  // MARK: Entries

  /// Applies one committed entry. Entries come in order, each once; those at or below the backend's consistent index
  /// (after a crash) change only what is not kept in the backend.
  ///
  /// - Parameter isAnswered: somebody on this member waits for the answer.
  package func apply(_ entry: Entry, now: Instant, isAnswered: (UInt64) -> Bool) -> Applied {
    changes.removeAll(keepingCapacity: true)
    let isNew = entry.index > backend.consistentIndex
    if isNew { backend.consistentIndex = entry.index }
    switch entry.type {
    case .normal: return applyNormal(entry, isNew: isNew, now: now, isAnswered: isAnswered)
    case .confChange: return applyConfChange(entry)
    default: broken("entry \(entry.index) has type \(entry.type.rawValue), which etcd 3.4 never proposes")
    }
  }

  private func applyNormal(
    _ entry: Entry, isNew: Bool, now: Instant, isAnswered: (UInt64) -> Bool
  ) -> Applied {
    guard let data = entry.data, !data.isEmpty else { return Applied(requestID: 0, answer: .nothing) }
    // A v2 request never parses as the other kind: see interop, "payloads of normal entries".
    guard let request = try? InternalRaftRequest(decoding: data) else {
      guard let old = try? V2Request(decoding: data) else {
        broken("entry \(entry.index) holds neither kind of request: \(hex(data.prefix(64)))")
      }
      return applyV2(old)
    }
    if case .v2(let old)? = request.body { return applyV2(old) }
    let id = request.id != 0 ? request.id : request.header?.id ?? 0
    guard isNew else { return Applied(requestID: id, answer: .nothing) }
    guard let body = request.body else { return Applied(requestID: id, answer: .nothing) }
    let answer: Answer
    do throws(RPCStatus) {
      if auth.isEnabled { try permit(body, request.header) }
      answer = try apply(body, now: now, isAnswered: isAnswered(id))
    } catch { answer = .failed(error) }
    if !changes.isEmpty { hub.publish(changes, into: &watchOutput) }
    return Applied(requestID: id, answer: answer)
  }

  private func apply(
    _ body: InternalRaftRequest.Body, now: Instant, isAnswered: Bool
  ) throws(RPCStatus) -> Answer {
    try refuseUnderAlarm(body)
    switch body {
    case .put(let put):
      let fits = admits(cost: Quota.cost(put))
      let result = try store.put(put, into: &changes)
      return fits ? .put(result) : .failed(.noSpace)
    case .deleteRange(let delete): return .deleteRange(store.deleteRange(delete, into: &changes))
    case .txn(let txn):
      let rules = TxnRules(passesOverTopLevelRanges: passesOverTopLevelRanges, isAnswered: isAnswered)
      let fits = admits(cost: Quota.cost(txn))
      let result = try store.txn(txn, rules: rules, into: &changes)
      if let error = result.rangeError { return .failed(error) }
      return fits ? .txn(result.response) : .failed(.noSpace)
    case .compaction(let compaction):
      try store.compact(at: compaction.revision)
      hub.compacted(to: store.compactRevision)
      return .compaction(CompactionResponse(header: ResponseHeader(revision: store.currentRevision)))
    case .leaseGrant(let grant): return try self.grant(grant, now: now)
    case .leaseRevoke(let revoke): return try self.revoke(LeaseID(revoke.id))
    case .leaseCheckpoint(let request):
      for point in request.checkpoints {
        lessor.checkpoint(LeaseID(point.id), remainingTTL: point.remainingTTL, now: now)
      }
      return .nothing
    case .alarm(let alarm): return .alarm(try self.alarm(alarm))
    case .clusterVersionSet, .clusterMemberAttrSet, .downgradeInfoSet:
      throw RPCStatus(.unimplemented, "etcdserver: a request of etcd 3.6 in the log of a 3.4 cluster")
    default: return try applyAuth(body, now: now)
    }
  }

  /// Bytes that count against the quota: those in use, not those the file once grew to.
  package var sizeBytes: Int64 { backend.sizeInUseBytes }

  /// Whether a request of this cost fits: asked before it is proposed, and again before it is applied. A write that does
  /// not fit by then is kept, and its writer is told all the same. As etcd 3.4: etcdserver/apply.go, quotaApplierV3.
  package func admits(cost: Int) -> Bool { quota.admits(cost: cost, sizeBytes: sizeBytes) }

  /// As etcd 3.4: etcdserver/apply.go, applierV3Capped; etcdserver/corrupt.go, applierV3Corrupt.
  private func refuseUnderAlarm(_ body: InternalRaftRequest.Body) throws(RPCStatus) {
    let isFull = alarms.isActive(.nospace)
    let isCorrupt = alarms.isActive(.corrupt)
    guard isFull || isCorrupt else { return }
    switch body {
    case .put, .leaseGrant:
      throw isCorrupt ? .corrupt : .noSpace
    case .txn(let txn):
      if isCorrupt { throw .corrupt }
      if Quota.cost(txn) > 0 { throw .noSpace }
    case .range, .deleteRange, .compaction, .leaseRevoke:
      if isCorrupt { throw .corrupt }
    default: break
    }
  }

  // MARK: Leases

  private func grant(_ request: LeaseGrantRequest, now: Instant) throws(RPCStatus) -> Answer {
    do throws(LeaseError) {
      let fits = admits(cost: Quota.leaseCost)
      let ttl = try lessor.grant(LeaseID(request.id), ttl: request.ttl, now: now)
      guard fits else { return .failed(.noSpace) }
      return .leaseGrant(
        LeaseGrantResponse(header: ResponseHeader(revision: store.currentRevision), id: request.id, ttl: ttl))
    } catch { throw RPCStatus(error) }
  }

  /// Removes the lease and its keys, in one revision and one batch.
  private func revoke(_ id: LeaseID) throws(RPCStatus) -> Answer {
    do throws(LeaseError) {
      let keys = try lessor.revoke(id)
      store.delete(keys: keys, into: &changes)
      return .leaseRevoke(LeaseRevokeResponse(header: ResponseHeader(revision: store.currentRevision)))
    } catch { throw RPCStatus(error) }
  }

  // MARK: Alarms

  private func alarm(_ request: AlarmRequest) throws(RPCStatus) -> AlarmResponse {
    let member = MemberID(request.memberID)
    switch request.action {
    case .get: return AlarmResponse(alarms: alarms.active(request.alarm))
    case .activate: return AlarmResponse(alarms: [alarms.activate(request.alarm, by: member)])
    case .deactivate:
      return AlarmResponse(alarms: alarms.deactivate(request.alarm, by: member).map { [$0] } ?? [])
    default: return AlarmResponse()
    }
  }
}

extension RPCStatus {
  package init(_ error: LeaseError) {
    switch error {
    case .notFound: self = .leaseNotFound
    case .exists: self = .leaseExists
    case .ttlTooLarge: self = .leaseTTLTooLarge
    default: self = .unmapped(error.text)
    }
  }
}
