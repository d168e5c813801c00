import Base
import Machine
import Raft
import Wire

// How requests get into the log and their answers out, as Server/Member+Requests and the services.

extension Life {
  /// Request time-out: 5 s and two election timeouts, as Server.
  private var requestTimeout: TimeSpan {
    .seconds(5) + TimeSpan(nanoseconds: Int64(World.electionTicks) * World.tickNanoseconds * 2)
  }

  private func nextRequestID() -> UInt64 {
    nextRequest &+= 1
    return nextRequest
  }

  func take(_ number: Int) {
    do throws(RPCStatus) { try begin(number, world.operations[number].request) } catch {
      world.answer(number, .failed(error), by: self)
    }
    stir()
  }

  private func begin(_ number: Int, _ request: Request) throws(RPCStatus) {
    switch request {
    case .put(let put):
      try RequestChecks.check(put)
      try propose(.put(put), for: number)
    case .delete(let delete):
      try RequestChecks.check(delete)
      try propose(.deleteRange(delete), for: number)
    case .txn(let txn):
      try RequestChecks.check(txn, operationLimit: 128)
      if !txn.isReadOnly {
        try propose(.txn(txn), for: number)
      } else if txn.isSerializable {
        answer(number)
      } else {
        reads.gathering.append(number)
      }
    case .range(let range):
      try RequestChecks.check(range)
      if range.serializable { answer(number) } else { reads.gathering.append(number) }
    case .compact(let revision): try propose(.compaction(CompactionRequest(revision: revision)), for: number)
    case .grant(let grant): try propose(.leaseGrant(grant), for: number)
    case .revoke(let lease): try propose(.leaseRevoke(LeaseRevokeRequest(id: lease)), for: number)
    case .keepAlive:
      // Who promises time must be sure to lead.
      if !isLeader { throw .noLeader }
      if node.isOnlyVoter { try renew(number) } else { reads.gathering.append(number) }
    case .change(let change): try propose(change, for: number)
    case .moveLeader(let target):
      if !isLeader { throw .notLeader }
      node.transferLeadership(to: target)
      world.answer(number, .done, by: self)
    }
  }

  private func propose(_ body: InternalRaftRequest.Body, for number: Int) throws(RPCStatus) {
    try propose(body, .operation(number, deadline: now + requestTimeout))
  }

  private func propose(_ body: InternalRaftRequest.Body, _ asker: Asker) throws(RPCStatus) {
    let requestID = nextRequestID()
    if case .operation(let number, _) = asker { world.operations[number].requestID = requestID }
    let request = InternalRaftRequest(body: body, header: RequestHeader(id: requestID))
    if case .lease(let lease) = asker, case .leaseRevoke = body {
      _ = lease
      world.truth.editLeases { $0.proposed(requestID, at: world.now, by: name) }
    }
    if node.committedIndex > node.appliedIndex + Limits.applyLag { throw .tooManyRequests }
    do throws(RaftError) { try node.propose(request.encoded()) } catch {
      world.truth.refused(requestID)
      throw node.lead == 0 ? .noLeader : .timeout
    }
    proposals[requestID] = asker
  }

  private func propose(_ change: ConfChange, for number: Int) throws(RPCStatus) {
    try world.admin.check(change, on: self)
    var change = change
    change.id = nextRequestID()
    do throws(RaftError) { try node.propose(.single(change)) } catch {
      throw node.lead == 0 ? .noLeader : .timeout
    }
    proposals[change.id] = .operation(number, deadline: now + requestTimeout)
  }

  func deliver(_ applied: Applied) {
    guard applied.requestID != 0, let asker = proposals.removeValue(forKey: applied.requestID) else { return }
    switch asker {
    case .operation(let number, _): world.answer(number, .applied(applied.answer), by: self)
    case .lease(let lease): machine.lessor.revokeEnded(lease)
    case .publishing:
      isPublishing = false
      isPublished = true
    case .version: isSettingVersion = false
    case .quiet: break
    }
  }

  func expireRequests() {
    if !proposals.isEmpty, ticks % 4 == 0 {
      let now = now
      let late = proposals.filter { ($0.value.deadline ?? Instant(nanoseconds: .max)) <= now }.keys.sorted()
      for id in late {
        guard case .operation(let number, _)? = proposals.removeValue(forKey: id) else { continue }
        world.answer(number, .failed(node.lead == 0 ? .noLeader : .timeout), by: self)
      }
    }
    guard reads.isAsking, node.lead == 0 || reads.confirmedIndex == nil else { return }
    guard now - reads.askedAt > requestTimeout else { return }
    for number in reads.takeAll() { world.answer(number, .failed(.timeout), by: self) }
  }

  // MARK: Reads

  func askForReads() {
    guard !reads.isAsking, !reads.gathering.isEmpty, node.lead != 0 else { return }
    reads.beginAsking()
    ask()
  }

  private func ask() {
    reads.context &+= 1
    reads.askedAt = now
    let context = withUnsafeBytes(of: reads.context.bigEndian) { Bytes($0) }
    try? node.readIndex(context)
  }

  func repeatReadIndex() {
    guard reads.isAsking, reads.confirmedIndex == nil, now - reads.askedAt >= .milliseconds(500) else { return }
    ask()
  }

  func confirmReads(_ states: [ReadState]) {
    if states.isEmpty { return }
    let wanted = withUnsafeBytes(of: reads.context.bigEndian) { Bytes($0) }
    for state in states where state.context == wanted { reads.confirmedIndex = state.index }
  }

  func serveReads() {
    guard let index = reads.confirmedIndex, node.appliedIndex >= index else { return }
    reads.confirmedIndex = nil
    var ready: [Int] = []
    swap(&ready, &reads.asked)
    for number in ready { answer(number) }
  }

  /// Answers a query from the state as it is now.
  private func answer(_ number: Int) {
    do throws(RPCStatus) {
      switch world.operations[number].request {
      case .range(let range):
        var bytes = ByteWriter()
        try machine.store.appendRangeResponse(range, header: header(), to: &bytes)
        guard let response = try? bytes.withUnsafeBytes({ try RangeResponse(decoding: $0) }) else {
          finding("\(name): a range is answered with bytes that are none")
        }
        world.answer(number, .range(response), by: self)
      case .txn(let txn):
        var none: [Change] = []
        let rules = TxnRules(passesOverTopLevelRanges: false, isAnswered: true)
        world.answer(number, .txn(try machine.store.txn(txn, rules: rules, into: &none).response), by: self)
      case .keepAlive:
        // As Server/Member+Requests, confirmLeadership.
        let isLate =
          now - reads.askedAt > TimeSpan(nanoseconds: Int64(World.electionTicks) * World.tickNanoseconds)
        if isLate { reads.gathering.append(number) } else { try renew(number) }
      default: break
      }
    } catch { world.answer(number, .failed(error), by: self) }
  }

  // MARK: Leases

  /// Only a leader ends leases, and only through the log.
  func endLeases() {
    guard isLeader else { return }
    for lease in machine.lessor.expiring(now: now) {
      do throws(RPCStatus) {
        try propose(.leaseRevoke(LeaseRevokeRequest(id: lease.rawValue)), .lease(lease))
      } catch { machine.lessor.revokeEnded(lease) }
    }
  }

  private func renew(_ number: Int) throws(RPCStatus) {
    guard case .keepAlive(let lease) = world.operations[number].request else { return }
    do throws(LeaseError) {
      guard case .renewed(let ttl) = try machine.lessor.renew(LeaseID(lease), now: now) else { return }
      world.answer(number, .renewed(ttl), by: self)
    } catch {
      if error == .notFound { return world.answer(number, .renewed(0), by: self) }
      throw .noLeader
    }
  }

  // MARK: The member about itself

  /// Name and, as leader of a new cluster, the version. As etcd 3.4: etcdserver/server.go, publish.
  func publishIfDue() {
    guard ticks % 5 == 0, node.lead != 0 else { return }
    if !isPublished, !isPublishing {
      isPublishing = true
      let record = MemberRecord(
        id: id, peerURLs: [], name: host.name, clientURLs: ["http://\(host.name):2379"])
      if !put(path: RosterPath.attributes(id), record.attributesJSON, .publishing) { isPublishing = false }
    } else if isPublishing, ticks % 100 == 0 {
      isPublishing = false
    }
    if isLeader, machine.roster.version == nil, !isSettingVersion {
      isSettingVersion = put(path: RosterPath.version, etcdClusterVersion, .version)
    }
  }

  private func put(path: String, _ value: String, _ asker: Asker) -> Bool {
    let requestID = nextRequestID()
    let request = V2Request(id: requestID, method: "PUT", path: path, val: value)
    guard (try? node.propose(request.encoded())) != nil else { return false }
    proposals[requestID] = asker
    return true
  }

  // MARK: Watches

  func watch(_ request: WatchCreateRequest, line: WatchLine) {
    let stream = machine.hub.openStream(now: now)
    streams[stream.index] = line
    deliverWatches()
    var reply = WatchResponse(header: header())
    reply.created = true
    var options: WatchOptions = []
    if request.filters.contains(.noput) { options.insert(.noPuts) }
    if request.filters.contains(.nodelete) { options.insert(.noDeletes) }
    if request.prevKv { options.insert(.previousPair) }
    if request.progressNotify { options.insert(.progressNotify) }
    if request.fragment { options.insert(.fragment) }
    do throws(WatchRefusal) {
      reply.watchID = try machine.hub.create(
        on: stream, key: request.key, rangeEnd: request.rangeEnd, startRevision: request.startRevision,
        options: options, requestedID: request.watchID)
    } catch {
      reply.canceled = true
      reply.cancelReason = error.reason
    }
    world.tell(line, reply.encoded())
    stir()
  }

  func unwatch(_ number: Int) {
    guard let stream = streams.first(where: { $0.value.number == number })?.key else { return }
    streams[stream] = nil
    machine.hub.closeStream(StreamID(stream))
  }

  func setPaused(_ number: Int, _ isPaused: Bool) {
    guard let stream = streams.first(where: { $0.value.number == number })?.key else { return }
    machine.hub.setPaused(StreamID(stream), isPaused)
    if !isPaused { stir() }
  }

  func requestProgress(_ number: Int) {
    guard let stream = streams.first(where: { $0.value.number == number })?.key else { return }
    machine.hub.requestProgress(on: StreamID(stream), into: &machine.watchOutput)
    stir()
  }

  /// As Server/WatchService, deliver.
  func deliverWatches() {
    guard !machine.watchOutput.isEmpty else { return }
    var output = WatchOutput()
    swap(&output, &machine.watchOutput)
    let header = header()
    let store = machine.store
    for delivery in output.deliveries {
      machine.hub.eventsSent(delivery.picks.count)
      guard let line = streams[delivery.stream.index] else { continue }
      let encoding = WatchEncoding(delivery, of: output, header: header) { change in
        store.previousRecord(of: change.key, before: change.revision)
      }
      for message in encoding.messages(limit: 400) { world.tell(line, encoding.encoded(message)) }
      if world.isFull(line) { machine.hub.setPaused(delivery.stream, true) }
    }
  }
}
