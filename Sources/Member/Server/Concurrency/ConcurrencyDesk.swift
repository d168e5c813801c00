import Base
import Config
import Event
import Machine
import Raft
import Wire

/// Carries out what Lock and Election calls want: proposes, reads, keeps the lines, answers.
///
/// All of it happens inside the member, on its loop: a call that waits is an entry in a table, not a thread and not a connection
/// to ourselves. Coming into a line and announcing go through `Member.propose(_:for:then:)` and `Member.read(_:for:then:)` with the
/// caller's call, so that they are done in the caller's name. Only what was begun so is ended in the member's own: a token may run
/// out while its owner waits.
final class ConcurrencyDesk {
  /// A contender, its call, and its number while it waits in a line.
  final class Contest {
    let call: Call
    fileprivate(set) var contender: Contender
    fileprivate var token = -1

    fileprivate init(_ contender: Contender, _ call: Call) {
      self.contender = contender
      self.call = call
    }
  }

  /// Something that is to be taken away and could not be proposed yet.
  private struct Release {
    let body: InternalRaftRequest.Body
    var attempts = 0
  }

  private unowned let member: Member
  let subscriptions: Subscriptions
  private let lines: Lines
  /// Those in a line, by token. Bounded by `Limits.waitingContenders`.
  private var waiting: [Int: Contest] = [:]
  private var nextToken = 0
  /// Searches under way for the oldest key of a large prefix. Bounded by the calls that ask.
  private var searches: [OldestSearch] = []
  /// Leases to be renewed because their calls wait, the earliest first. A call that has been answered is passed over.
  private var renewals: [(due: Instant, token: Int)] = []
  /// To be proposed again. Bounded by `Limits.lateReleases`.
  private var late: [Release] = []
  private var nextRetry = Instant(nanoseconds: 0)

  init(_ member: Member) {
    self.member = member
    subscriptions = Subscriptions(member)
    lines = Lines(member, subscriptions)
  }

  // MARK: Contests

  func begin(_ contender: Contender, for call: Call) {
    let contest = Contest(contender, call)
    call.state = contest
    perform(contest.contender.start(), contest)
  }

  func gone(_ call: Call) {
    guard let contest = call.state as? Contest else { return }
    perform(contest.contender.callerGone(), contest)
  }

  private func perform(_ effects: [Contender.Effect], _ contest: Contest) {
    for effect in effects { perform(effect, contest) }
  }

  private func perform(_ effect: Contender.Effect, _ contest: Contest) {
    switch effect {
    case .grantLease(let seconds): grantLease(seconds, contest)
    case .propose(let txn): propose(txn, contest)
    case .join(let prefix, let key, let revision): join(prefix, key, revision, contest)
    case .leaveLine(let prefix, let revision):
      waiting[contest.token] = nil
      lines.leave(contest.token, prefix: prefix, created: revision)
    case .look(let range): look(range, contest)
    case .grant(let grant): answer(grant, contest)
    case .refuse(let status): contest.call.fail(status)
    case .release(.lease(let id)): release(.leaseRevoke(LeaseRevokeRequest(id: id)))
    case .release(.key(let txn)): release(.txn(txn))
    }
  }

  private func answer(_ grant: Contender.Grant, _ contest: Contest) {
    switch contest.contender.kind {
    case .lock: contest.call.reply(LockResponse(header: grant.header, key: grant.key))
    case .campaign:
      let leader = LeaderKey(
        name: contest.contender.name, key: grant.key, rev: grant.revision, lease: grant.lease)
      contest.call.reply(CampaignResponse(header: grant.header, leader: leader))
    }
  }

  private func failed(_ status: RPCStatus, _ contest: Contest) {
    perform(contest.contender.failed(status), contest)
  }

  // MARK: Proposals and reads

  private func grantLease(_ seconds: Int64, _ contest: Contest) {
    grantLease(seconds, for: contest.call) { [self] id, failure in
      if let failure { return failed(failure, contest) }
      perform(contest.contender.leaseGranted(id), contest)
    }
  }

  /// Makes a lease for a call; its id, or why not.
  func grantLease(_ seconds: Int64, for call: Call, then done: @escaping (Int64, RPCStatus?) -> Void) {
    var request = LeaseGrantRequest(ttl: seconds)
    while request.id == 0 { request.id = Int64(bitPattern: member.nextRequestID() & (1 << 63 - 1)) }
    do throws(RPCStatus) {
      try member.checkQuota(cost: Quota.leaseCost)
      try member.propose(.leaseGrant(request), for: call) { answer in
        switch answer {
        case .leaseGrant(let reply): done(reply.id, nil)
        case .failed(let status): done(0, status)
        default: done(0, .unmapped("etcdserver: an entry without an answer"))
        }
      }
    } catch { done(0, error) }
  }

  private func propose(_ txn: TxnRequest, _ contest: Contest) {
    propose(txn, for: contest.call) { [self] response, header, failure in
      if let failure { return failed(failure, contest) }
      let isEntry = contest.contender.revision == 0
      perform(
        isEntry
          ? contest.contender.entered(response, header: header)
          : contest.contender.proclaimed(response.succeeded),
        contest)
    }
  }

  /// Proposes a transaction for a call; its answer, with a full header, or why not.
  func propose(
    _ txn: TxnRequest, for call: Call, then done: @escaping (TxnResponse, ResponseHeader, RPCStatus?) -> Void
  ) {
    do throws(RPCStatus) {
      try RequestChecks.check(txn, operationLimit: member.settings.maxTxnOps)
      // What only deletes may always be done.
      let cost = Quota.cost(txn)
      if cost > 0 { try member.checkQuota(cost: cost) }
      try member.propose(.txn(txn), for: call) { [member] answer in
        switch answer {
        case .txn(let response): done(response, member.filled(response.header), nil)
        case .failed(let status): done(TxnResponse(), ResponseHeader(), status)
        default: done(TxnResponse(), ResponseHeader(), .unmapped("etcdserver: an entry without an answer"))
        }
      }
    } catch { done(TxnResponse(), ResponseHeader(), error) }
  }

  private func look(_ range: RangeRequest, _ contest: Contest) {
    member.probe { [self] failure in
      if let failure { return failed(failure, contest) }
      let found = try? member.machine.store.range(range).kvs.first
      perform(contest.contender.looked(found, header: member.header()), contest)
    }
  }

  /// Finds the oldest key below a name, as of a moment after the call came.
  func findOldest(
    _ name: Bytes, for call: Call, then done: @escaping (KeyValue?, ResponseHeader, RPCStatus?) -> Void
  ) {
    // The count is read for its order in the log, and for the permission to read the prefix.
    member.read(Contention.count(name), for: call) { [self] _, failure in
      if let failure { return done(nil, ResponseHeader(), failure) }
      let search = OldestSearch(member.machine.store, name) { [member] in done($0, member.header(), nil) }
      if !search.step() { searches.append(search) }
    }
  }

  private func stepSearches() {
    guard !searches.isEmpty else { return }
    var rest: [OldestSearch] = []
    swap(&rest, &searches)
    // One slice a turn for all of them, in turns.
    let search = rest.removeFirst()
    searches = rest
    if !search.step() { searches.append(search) }
    if !searches.isEmpty { member.loop.post {} }
  }

  // MARK: Lines

  private func join(_ prefix: Bytes, _ key: Bytes, _ revision: Int64, _ contest: Contest) {
    // It may have been deleted on the way here; later deletions reach the line.
    guard member.machine.store.createRevision(of: key) == revision else {
      return perform(contest.contender.keyWasLost(), contest)
    }
    contest.token = nextToken
    nextToken += 1
    guard waiting.count < Limits.waitingContenders,
      lines.join(contest.token, prefix: prefix, key: key, created: revision)
    else { return perform(contest.contender.refused(.tooManyRequests), contest) }
    waiting[contest.token] = contest
    if contest.contender.ownsLease { renewals.append((member.loop.now + Self.renewalInterval, contest.token)) }
  }

  /// The end of a turn, after what the hub had was delivered: turns that came are passed on, and what they ask for begins at
  /// once.
  func settle() {
    lines.settle { notice in
      switch notice {
      case .turn(let token):
        if let contest = waiting.removeValue(forKey: token) { perform(contest.contender.turnCame(), contest) }
      case .lost(let token):
        if let contest = waiting.removeValue(forKey: token) { perform(contest.contender.keyWasLost(), contest) }
      }
    }
    stepSearches()
    subscriptions.rest()
    let canAsk = !member.reads.gathering.isEmpty && !member.reads.isAsking && member.node.lead != 0
    if canAsk || member.machine.hub.hasCatchingUp { member.loop.post {} }
  }

  /// Everyone who waits is told the same, and their keys stay until their leases end: the member stops.
  func failWaiting(_ status: RPCStatus) {
    for contest in waiting.values { contest.call.fail(status) }
    waiting = [:]
    late = []
  }

  // MARK: Leases of waiting calls

  /// Three renewals in a lease's life, as Go's client does it.
  private static let renewalInterval = TimeSpan.seconds(Contention.sessionSeconds / 3)

  func tick(now: Instant) {
    renewLeases(now: now)
    guard !late.isEmpty, now >= nextRetry else { return }
    nextRetry = now + Limits.releaseWait
    var again: [Release] = []
    swap(&again, &late)
    for release in again { propose(release) }
  }

  private func renewLeases(now: Instant) {
    guard let first = renewals.first, first.due <= now else { return }
    let due = renewals.prefix { $0.due <= now }
    renewals.removeFirst(due.count)
    for (_, token) in due {
      guard let contest = waiting[token] else { continue }
      renew(contest.contender.lease)
      renewals.append((now + Self.renewalInterval, token))
    }
  }

  /// Only the leader's leases run out, so it is the leader's that is renewed. A failure is made up for by the next renewal; where
  /// all fail the lease ends and the caller is told.
  private func renew(_ lease: Int64) {
    if member.isLeader {
      _ = try? member.renew(LeaseID(lease))
    } else {
      let request = LeaseKeepAliveRequest(id: lease)
      try? member.askLeader(
        "POST", "/leases", contentType: "application/protobuf", body: request.encoded()
      ) { _ in }
    }
  }

  // MARK: Releases

  /// Takes a key away, or the lease it hangs on. A key that stays would hold up everyone behind it for as long as its lease is
  /// kept alive, so what cannot be proposed now is proposed again.
  private func release(_ body: InternalRaftRequest.Body) { propose(Release(body: body)) }

  private func propose(_ release: Release) {
    var release = release
    release.attempts += 1
    member.proposeOwn(release.body) { [self] answer in
      guard case .failed(let status) = answer else { return }
      let isTransient = status.code == .unavailable || status.code == .resourceExhausted
      guard isTransient, release.attempts < Limits.releaseAttempts, late.count < Limits.lateReleases else {
        return
      }
      late.append(release)
    }
  }
}
