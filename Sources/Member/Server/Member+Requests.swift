import Base
import Config
import Event
import HTTP
import Machine
import Raft
import Wire

// How requests get into the log and their answers out.

extension Member {
  /// How long a request may take. As etcd 3.4: etcdserver/config.go, ReqTimeout.
  var requestTimeout: TimeSpan { .seconds(5) + settings.electionTimeout * 2 }

  func nextRequestID() -> UInt64 { requestIDs.next() }

  /// Refuses what the store has no room for, and raises the alarm that tells everyone.
  /// As etcd 3.4: api/v3rpc/quota.go.
  func checkQuota(cost: Int) throws(RPCStatus) {
    if machine.admits(cost: cost) { return }
    raiseNoSpace()
    throw .noSpace
  }

  /// Proposes a client's request; it is answered when it has been applied.
  func propose(_ body: InternalRaftRequest.Body, for call: Call) throws(RPCStatus) {
    var isPhysical = false
    if case .compaction(let compaction) = body { isPhysical = compaction.physical }
    try propose(body, .call(call), isPhysical: isPhysical)
  }

  /// Proposes something in a call's name; `done` gets the answer, and answers the call.
  func propose(_ body: InternalRaftRequest.Body, for call: Call, then done: @escaping (Answer) -> Void)
    throws(RPCStatus)
  {
    try propose(body, .service(call, done))
  }

  /// Proposes something of the member's own.
  func proposeOwn(_ body: InternalRaftRequest.Body, _ done: @escaping (Answer) -> Void) {
    do throws(RPCStatus) { try propose(body, .member(done)) } catch { done(.failed(error)) }
  }

  func proposeQuietly(_ body: InternalRaftRequest.Body) { proposeOwn(body) { _ in } }

  private func propose(
    _ body: InternalRaftRequest.Body, _ asker: Proposals.Asker, isPhysical: Bool = false
  ) throws(RPCStatus) {
    let requestID = nextRequestID()
    let request = InternalRaftRequest(body: body, header: try requestHeader(requestID, body, asker))
    try propose(request.encoded(), id: requestID, asker, isPhysical: isPhysical)
  }

  /// Puts encoded bytes into the log; `id` is how the applied entry is recognised.
  func propose(_ data: Bytes, id: UInt64, _ asker: Proposals.Asker, isPhysical: Bool = false) throws(RPCStatus)
  {
    if isStopping { throw .stopped }
    if node.log.committed > node.log.applied + Limits.applyLag { throw .tooManyRequests }
    if data.count > settings.maxRequestBytes { throw .requestTooLarge }
    if isLeaderInReach {
      try hand(data)
    } else {
      try keepForLeader(data, id: id)
    }
    proposals.add(id, asker, deadline: loop.now + requestTimeout, isPhysical: isPhysical)
  }

  private func hand(_ data: Bytes) throws(RPCStatus) {
    do throws(RaftError) { try node.propose(data) } catch {
      metrics.proposalsFailed += 1
      throw node.lead == 0 ? .noLeader : .timeout
    }
  }

  /// Whether what is proposed now gets to a leader. One that is known and whose links are all broken has most likely ended: what
  /// it was sent would be lost with it. If it lives on all the same, messages reach it as posts.
  private var isLeaderInReach: Bool {
    // While a leader hands over it takes nothing.
    if node.lead == 0 || node.transferee != 0 { return false }
    if isLeader || transport.hasStream(MemberID(node.lead)) { return true }
    guard let since = leaderUnlinkedSince else { return false }
    return loop.now - since > settings.electionTimeout * 2
  }

  /// To be called with every tick.
  func mindLeaderLink(now: Instant) {
    if node.lead == 0 || isLeader || transport.hasStream(MemberID(node.lead)) {
      leaderUnlinkedSince = nil
    } else if leaderUnlinkedSince == nil {
      leaderUnlinkedSince = now
    }
  }

  /// An election takes a moment, and so does a leader's handing over; what comes meanwhile waits for the leader, as long as
  /// its time allows. As etcd 3.4: raft/node.go, run; its leaders drop what comes while they hand over.
  private func keepForLeader(_ data: Bytes, id: UInt64) throws(RPCStatus) {
    guard leaderless.count < Limits.leaderlessProposals,
      leaderlessBytes + data.count <= Limits.leaderlessProposalBytes
    else {
      metrics.proposalsFailed += 1
      throw .noLeader
    }
    leaderless.append((id, data))
    leaderlessBytes += data.count
  }

  /// A proposal that another member sent to this one as leader, which it is no longer, or not for long. False where there is
  /// no room.
  func keepForLeader(_ message: RaftMessage) -> Bool {
    let bytes = message.entries.reduce(0) { $0 + ($1.data?.count ?? 0) }
    guard leaderlessMessages.count < Limits.leaderlessProposals,
      leaderlessBytes + bytes <= Limits.leaderlessProposalBytes
    else { return false }
    leaderlessMessages.append((message, loop.now))
    leaderlessBytes += bytes
    return true
  }

  /// There is a leader again: what waited for one, and is still waited for, is proposed.
  func proposeKept() {
    guard !leaderless.isEmpty || !leaderlessMessages.isEmpty, isLeaderInReach else { return }
    var kept: [(id: UInt64, data: Bytes)] = []
    var others: [(message: RaftMessage, since: Instant)] = []
    swap(&kept, &leaderless)
    swap(&others, &leaderlessMessages)
    leaderlessBytes = 0
    for other in others {
      do throws(RaftError) { try node.step(other.message) } catch {
        log(.debug, "a proposal of \(MemberID(other.message.from).hex) was not taken: \(error)")
      }
    }
    for (id, data) in kept where proposals.contains(id) {
      do throws(RPCStatus) { try hand(data) } catch {
        if let waiting = proposals.take(id) { fail(waiting, error) }
      }
    }
  }

  /// Forgets what nobody waits for any more; other members give up what they gave to a lost leader after an election timeout.
  func dropKept(now: Instant) {
    guard !leaderless.isEmpty || !leaderlessMessages.isEmpty else { return }
    leaderless.removeAll { !proposals.contains($0.id) }
    leaderlessMessages.removeAll { now - $0.since > settings.electionTimeout }
    leaderlessBytes =
      leaderless.reduce(0) { $0 + $1.data.count }
      + leaderlessMessages.reduce(0) { $1.message.entries.reduce($0) { $0 + ($1.data?.count ?? 0) } }
  }

  /// Gives an applied entry's answer to whoever waits for it.
  func deliver(_ applied: Applied) {
    if case .failed(let status) = applied.answer, status == .noSpace { raiseNoSpaceIfNobodyDid() }
    guard applied.requestID != 0, let waiting = proposals.take(applied.requestID) else { return }
    switch waiting.asker {
    case .member(let done), .service(_, let done): done(applied.answer)
    case .call(let call):
      if waiting.isPhysical, case .compaction(let reply) = applied.answer {
        compactionWaiters.append((machine.store.compactRevision, call, reply))
      } else {
        answer(call, applied.answer)
      }
    }
  }

  /// Everyone who waits is told the same.
  func failWaiting(_ status: RPCStatus) {
    for waiting in proposals.takeAll() { fail(waiting, status) }
    for waiting in reads.takeAll() { fail(waiting, status) }
    for waiter in compactionWaiters { waiter.call.fail(status) }
    compactionWaiters = []
    concurrency.failWaiting(status)
  }

  func fail(_ waiting: Proposals.Waiting, _ status: RPCStatus) {
    metrics.proposalsFailed += 1
    switch waiting.asker {
    case .call(let call): call.fail(status)
    case .member(let done), .service(_, let done): done(.failed(status))
    }
  }

  func fail(_ waiting: Reads.Waiting, _ status: RPCStatus) {
    switch waiting.query {
    case .probe(let done): done(status)
    case .service(_, let done): done(RangeResponse(), status)
    case .range, .txn: waiting.call?.fail(status)
    }
  }

  // MARK: Reads

  /// Answers a query once everything that was committed when it came is applied.
  func read(_ query: Reads.Query, for call: Call) throws(RPCStatus) {
    if isStopping { throw .stopped }
    reads.gathering.append(Reads.Waiting(query: query, call: call, since: loop.now))
  }

  /// Reads a range in a call's name, linearizably; `done` gets the answer, with the revision alone in its header, or the reason
  /// why there is none.
  func read(_ range: RangeRequest, for call: Call, then done: @escaping (RangeResponse, RPCStatus?) -> Void) {
    do throws(RPCStatus) { try read(.service(range, done), for: call) } catch { done(RangeResponse(), error) }
  }

  /// Whether a linearizable read goes through, for the health pages: nil, or why not.
  func probe(_ done: @escaping (RPCStatus?) -> Void) {
    reads.gathering.append(Reads.Waiting(query: .probe(done), call: nil, since: loop.now))
  }

  /// Whether this member surely leads, so that it may promise time: nil, or why not.
  ///
  /// An answer says who led when it was asked for. Whoever confirmed it votes for nobody else for an election timeout; a member that
  /// stood still in between may find answers that are older, and asks again.
  func confirmLeadership(_ done: @escaping (RPCStatus?) -> Void) {
    confirmLeadership(until: loop.now + requestTimeout, done)
  }

  private func confirmLeadership(until deadline: Instant, _ done: @escaping (RPCStatus?) -> Void) {
    probe { [unowned self] problem in
      let now = loop.clock
      if problem != nil || now - reads.askedAt <= settings.electionTimeout { return done(problem) }
      if now > deadline { done(.timeout) } else { confirmLeadership(until: deadline, done) }
    }
  }

  /// Asks Raft for the reads that gathered, unless a question is open.
  func askForReads() {
    guard !reads.isAsking, !reads.gathering.isEmpty, node.lead != 0 else { return }
    reads.beginAsking()
    ask()
  }

  func ask() {
    reads.context &+= 1
    reads.askedAt = loop.now
    let context = withUnsafeBytes(of: reads.context.bigEndian) { Bytes($0) }
    do throws(RaftError) { try node.readIndex(context) } catch { metrics.readIndexesFailed += 1 }
  }

  /// An answer may get lost; ask again after half a second. As etcd 3.4.45: readIndexRetryTime.
  func repeatReadIndex() {
    guard reads.isAsking, reads.confirmedIndex == nil, loop.now - reads.askedAt >= .milliseconds(500) else {
      return
    }
    metrics.slowReadIndexes += 1
    ask()
  }

  func confirmReads(_ states: [ReadState]) {
    let wanted = withUnsafeBytes(of: reads.context.bigEndian) { Bytes($0) }
    for state in states where state.context == wanted { reads.confirmedIndex = state.index }
  }

  /// Answers the reads whose index has been applied.
  func serveReads() {
    guard let index = reads.confirmedIndex, node.log.applied >= index else { return }
    reads.confirmedIndex = nil
    var ready: [Reads.Waiting] = []
    swap(&ready, &reads.asked)
    for waiting in ready {
      if case .probe(let done) = waiting.query {
        done(nil)
      } else if let call = waiting.call {
        answer(waiting.query, call)
      }
    }
    // The memory of this round serves the next.
    ready.removeAll(keepingCapacity: true)
    if reads.asked.isEmpty { swap(&ready, &reads.asked) }
  }

  /// Answers a query from the state as it is now.
  func answer(_ query: Reads.Query, _ call: Call) {
    if case .service(let range, let done) = query { return answer(range, call, then: done) }
    if call.isAnswered { return }
    do throws(RPCStatus) {
      if machine.auth.isEnabled { try permit(query, call) }
      switch query {
      case .range(let range): try answer(range, call)
      case .txn(let txn):
        let began = loop.clock
        var none: [Change] = []
        let rules = TxnRules(passesOverTopLevelRanges: false, isAnswered: true)
        var response = try machine.store.txn(txn, rules: rules, into: &none).response
        response.header = filled(response.header)
        call.reply(response)
        book(query, bytes: response.encodedSize, took: loop.clock - began)
      case .probe(let done): done(nil)
      case .service: break
      }
    } catch { call.fail(error) }
  }

  /// A range that fits into one slice is answered at once, any other as its reader takes it.
  private func answer(_ range: RangeRequest, _ call: Call) throws(RPCStatus) {
    let began = loop.clock
    if machine.store.isLarge(range) || !call.exchange.canSend { return try ranges.begin(range, call) }
    scratch.removeAll(keeping: Limits.keptReplyBytes)
    let isWhole = try machine.store.appendRangeResponse(
      range, header: header(), byteLimit: Limits.rangeSliceBytes, to: &scratch)
    guard isWhole else { return try ranges.begin(range, call) }
    scratch.withUnsafeBytes { call.reply(encoded: $0) }
    book(range, bytes: scratch.count, took: loop.clock - began)
  }

  private func answer(
    _ range: RangeRequest, _ call: Call, then done: @escaping (RangeResponse, RPCStatus?) -> Void
  ) {
    let response: RangeResponse
    do throws(RPCStatus) {
      if machine.auth.isEnabled { try permit(.service(range, done), call) }
      response = try machine.store.range(range)
    } catch {
      return done(RangeResponse(), error)
    }
    done(response, nil)
  }

  // MARK: Leases

  /// Renews a lease; nil where there is none. Errors: this member does not lead.
  func renew(_ id: LeaseID) throws(RPCStatus) -> Int64? {
    do throws(LeaseError) {
      switch try machine.lessor.renew(id, now: loop.now) {
      case .renewed(let ttl): return ttl
      case .needsCheckpointClear:
        proposeQuietly(
          .leaseCheckpoint(
            LeaseCheckpointRequest(checkpoints: [LeaseCheckpoint(id: id.rawValue, remainingTTL: 0)])))
        return machine.lessor.state(of: id, now: loop.now)?.grantedTTL
      }
    } catch {
      if error == .notFound { return nil }
      throw .noLeader
    }
  }
}
