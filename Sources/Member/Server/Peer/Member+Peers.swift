import Base
import Config
import Event
import Machine
import Raft
import Wire

// What comes from the other members and goes to them.

extension Member: PeerTransportOwner {
  func peerReceived(_ message: RaftMessage, from peer: MemberID) {
    guard exit == nil else { return }
    if machine.roster.isRemoved(MemberID(message.from)) { return }
    if settings.enableV2 { traffic.received(message, wall: loop.wallNanoseconds, clock: loop.clock) }
    do throws(RaftError) { try node.step(message) } catch {
      let isLeaderWanted = message.type == .prop && (node.lead == 0 || node.leadTransferee != 0)
      if error == .proposalDropped, isLeaderWanted, keepForLeader(message) { return }
      // A late answer of a member that is gone, a proposal without a leader: the sender tries again or is told.
      log(.debug, "a message of \(peer.hex) was not taken: \(error)")
    }
  }

  func peerUnreachable(_ peer: MemberID) {
    traffic.lost(to: peer)
    node.reportUnreachable(peer.rawValue)
  }

  /// The cluster is up: a member that just started need not wait for a whole election timeout.
  /// As etcd 3.4: etcdserver/server.go, adjustTicks.
  func peerBecameActive(_ peer: MemberID) {
    guard settings.advancesInitialElectionTicks, !didAdvanceTicks, node.lead == 0, node.role == .follower,
      transport.activeCount + 1 > confState.voters.count / 2 + 1 || confState.voters.count == 2
    else { return }
    didAdvanceTicks = true
    let ticks = settings.electionTicks - 2
    guard ticks > 0 else { return }
    log(
      .info,
      "\(id.hex) initialized peer connection; fast-forwarding \(ticks) ticks (election ticks "
        + "\(settings.electionTicks)) with \(transport.activeCount) active peer(s)")
    for _ in 0..<ticks { node.tick() }
  }

  func peerIsGone(_ peer: MemberID) {
    if node.lead == peer.rawValue { node.leaderIsGone() }
  }

  func peerSaysRemoved(_ peer: MemberID) {
    guard exit == nil, !isStopping else { return }
    // The link that says so is in the middle of its work: it may not be taken away under its feet.
    loop.post { [unowned self] in endAsRemoved() }
  }

  func endAsRemoved() {
    guard exit == nil else { return }
    log(.error, "the member has been permanently removed from the cluster")
    log(.info, "the data-dir used by this member must be removed.")
    stop(.removed)
  }

  /// Sends what Raft gave out. A snapshot is made of the newest state at the moment it leaves.
  func send(_ messages: [RaftMessage]) {
    for message in messages {
      if message.type == .heartbeat { noteHeartbeat(to: message.to) }
      if settings.enableV2 { traffic.sent(message, clock: loop.clock) }
      if message.type == .snap { sendSnapshot(message) } else { transport.send(message) }
    }
  }

  private func noteHeartbeat(to member: UInt64) {
    guard let late = heartbeats.sent(to: member, at: loop.clock) else { return }
    metrics.heartbeatSendFailures += 1
    log(
      .warning,
      "failed to send out heartbeat on time (exceeded the \(GoDuration.text(settings.heartbeatInterval)) timeout for "
        + "\(GoDuration.text(late)), to \(MemberID(member).hex))")
    log(.warning, "server is likely overloaded")
  }

  /// Links to all members of the roster but this one.
  func linkPeers() {
    transport.set(
      machine.roster.members.filter { $0.id != id }.map { ($0.id, Self.urls($0.peerURLs)) })
  }

  static func urls(_ texts: [String]) -> [EndpointURL] {
    texts.compactMap { text in
      do throws(EndpointURL.Failure) { return try EndpointURL(parsing: text) } catch { return nil }
    }
  }

  // MARK: Without a leader

  /// What had been given to a leader that is gone fails soon, instead of after the whole request time (as in 3.4): once there
  /// is another whose first entry is applied here, all that the former one could bring about is there too; without one, after
  /// an election timeout. Streams that want a leader end once there was none for so long.
  func mindLeaderLoss(now: Instant) {
    mindLeaderLink(now: now)
    for waiting in proposals.takeOrphans(now: now) { fail(waiting, .timeoutLeaderFailure) }
    if let since = leaderlessSince, now - since > settings.electionTimeout { endLeaderBoundCalls() }
  }

  /// The first entry of a new leader is applied. A lost leader that lives passes on what it was given late; one whose links are
  /// broken will not.
  func mindOrphans() {
    let mayPassOn = transport.hasStream(MemberID(lostLead))
    proposals.hastenOrphans(to: mayPassOn ? loop.now + settings.heartbeatInterval : loop.now)
    for waiting in proposals.takeOrphans(now: loop.now) { fail(waiting, .timeoutLeaderFailure) }
  }

  // MARK: Waiting

  /// Calls back once everything committed by now is applied here, with false when that takes longer than a second.
  func whenAppliedSoFar(_ done: @escaping (Bool) -> Void) {
    let index = node.committedIndex
    if node.appliedIndex >= index { return done(true) }
    appliedWaiters.append((index, loop.now + .seconds(1), done))
  }

  func settleAppliedWaiters() {
    captureIfPossible()
    guard !appliedWaiters.isEmpty else { return }
    let now = loop.now
    let settled = appliedWaiters.filter { node.appliedIndex >= $0.index || now >= $0.deadline }
    guard !settled.isEmpty else { return }
    appliedWaiters.removeAll { node.appliedIndex >= $0.index || now >= $0.deadline }
    for waiter in settled { waiter.done(node.appliedIndex >= waiter.index) }
  }
}
