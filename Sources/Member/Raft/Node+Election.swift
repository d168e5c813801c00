import Base
import Wire

/// Why a member campaigns.
enum Campaign {
  /// To learn whether it could win, without raising the term.
  case preElection
  case election
  /// Because the leader asked it to; others then vote although they still hear that leader.
  case transfer

  /// Marks the vote requests of a transfer.
  static let transferContext = "CampaignTransfer".bytes
}

extension Node {
  // MARK: - Time

  mutating func tickElection() {
    electionElapsed += 1
    if isPromotable && electionElapsed >= electionTimeout {
      electionElapsed = 0
      hup()
    }
  }

  mutating func drawElectionTimeout() {
    isLeaderGone = false
    electionTimeout = config.electionTicks + dice.below(config.electionTicks)
  }

  /// The leader's process has ended: its links broke and it takes no new ones. Nobody need wait for longer than the others go
  /// on refusing to vote because they heard from it, which is an election timeout; in turn, so that two do not stand at once.
  ///
  /// Should that be wrong, nothing is lost: whoever hears from the leader refuses the vote, and without a quorum of votes the
  /// term stays. As the timeout at random in etcd, this one decides when, and never who.
  package mutating func leaderIsGone() {
    guard role == .follower, lead != 0 else { return }
    let others = tracker.membership.voters.ids.filter { $0 != lead }.sorted()
    guard let turn = others.firstIndex(of: id) else { return }
    electionTimeout = min(electionTimeout, config.electionTicks + 1 + 2 * turn)
    isLeaderGone = true
  }

  mutating func tickLeader() {
    heartbeatElapsed += 1
    electionElapsed += 1
    if electionElapsed >= config.electionTicks {
      electionElapsed = 0
      if config.checksQuorum { checkQuorum() }
      // A transfer that has not come about in this time is given up.
      if role == .leader { transferee = 0 }
    }
    if role == .leader && heartbeatElapsed >= config.heartbeatTicks {
      heartbeatElapsed = 0
      broadcastHeartbeat(context: reads.newestContext)
    }
  }

  private mutating func checkQuorum() {
    if let place = tracker.place(of: id) { tracker.members[place].isRecentlyActive = true }
    if !tracker.isQuorumActive {
      logger(.warning, "\(hexID) stepped down to follower since quorum is not active")
      becomeFollower(term: term, lead: 0)
    }
    for place in tracker.members.indices where tracker.members[place].id != id {
      tracker.members[place].isRecentlyActive = false
    }
  }

  // MARK: - Roles

  mutating func becomeFollower(term: UInt64, lead: UInt64) {
    reset(term: term)
    self.lead = lead
    role = .follower
    logger(.info, "\(hexID) became follower at term \(self.term)")
  }

  private mutating func becomeCandidate() {
    invariant(role != .leader, "a leader became candidate")
    reset(term: term + 1)
    vote = id
    role = .candidate
    logger(.info, "\(hexID) became candidate at term \(term)")
  }

  /// Changes neither term nor vote: that is the point of asking first.
  private mutating func becomePreCandidate() {
    invariant(role != .leader, "a leader became pre-candidate")
    tracker.resetVotes()
    lead = 0
    role = .preCandidate
    logger(.info, "\(hexID) became pre-candidate at term \(term)")
  }

  private mutating func becomeLeader() {
    invariant(role != .follower, "a follower became leader")
    reset(term: term)
    lead = id
    role = .leader
    if let place = tracker.place(of: id) { tracker.members[place].becomeReplicate() }
    // There may be a change of members in what the log already holds; rather than look, wait for all of it.
    pendingChangeIndex = log.lastIndex
    // An entry of the new term: once it is committed, so is everything before it (section 5.4.2). It has
    // no payload and so does not count as uncommitted.
    let isTaken = append([Entry()])
    invariant(isTaken, "a new leader's empty entry was refused")
    logger(.info, "\(hexID) became leader at term \(term)")
  }

  private mutating func reset(term: UInt64) {
    if self.term != term {
      self.term = term
      vote = 0
    }
    lead = 0
    electionElapsed = 0
    heartbeatElapsed = 0
    drawElectionTimeout()
    transferee = 0
    tracker.resetVotes()
    for place in tracker.members.indices {
      let old = tracker.members[place]
      tracker.members[place] = Progress(
        id: old.id, match: old.id == id ? ownMatch : 0, next: log.lastIndex + 1,
        inflightMessages: config.maxInflightMessages, isLearner: old.isLearner)
    }
    pendingChangeIndex = 0
    leaveIndex = 0
    uncommittedBytes = 0
    reads.reset()
  }

  /// How far this member's own log counts toward a quorum: what is durable, not what is in memory.
  var ownMatch: UInt64 { writesBehind ? log.stableIndex : log.lastIndex }

  // MARK: - Campaigning

  /// Whether this member may stand for election.
  ///
  /// Unlike 3.4, not while a snapshot waits to be installed: until then the members are known and the log
  /// is not (as in etcd from 3.5 on: raft/raft.go, promotable).
  var isPromotable: Bool {
    guard let place = tracker.place(of: id) else { return false }
    return !tracker.members[place].isLearner && !log.isAwaitingSnapshot
  }

  mutating func hup() {
    if role == .leader {
      logger(.debug, "\(hexID) ignoring MsgHup because already leader")
      return
    }
    if !isPromotable {
      logger(.warning, "\(hexID) is unpromotable and can not campaign; ignoring MsgHup")
      return
    }
    let pending = log.pendingChanges()
    if pending > 0 {
      logger(
        .warning,
        "\(hexID) cannot campaign at term \(term) since there are still \(pending) pending configuration "
          + "changes to apply")
      return
    }
    logger(.info, "\(hexID) is starting a new election at term \(term)")
    campaign(config.preVotes ? .preElection : .election)
  }

  private mutating func campaign(_ kind: Campaign) {
    var request = RaftMessage()
    if kind == .preElection {
      becomePreCandidate()
      request.type = .preVote
      request.term = term + 1
    } else {
      becomeCandidate()
      request.type = .vote
      request.term = term
      if kind == .transfer { request.context = Campaign.transferContext }
    }
    if count(vote: true, from: id, request.type.voteResponse).result == .won {
      // Nobody else to ask.
      if kind == .preElection { campaign(.election) } else { becomeLeader() }
      return
    }
    request.index = log.lastIndex
    request.logTerm = log.lastTerm
    for peer in tracker.membership.voters.ids where peer != id {
      logger(
        .info,
        "\(hexID) [logterm: \(log.lastTerm), index: \(log.lastIndex)] sent \(request.type.name) request to "
          + "\(peer.hex) at term \(term)")
      request.to = peer
      send(request)
    }
  }

  private mutating func count(
    vote: Bool, from peer: UInt64, _ type: MessageType
  ) -> (granted: Int, rejected: Int, result: VoteResult) {
    logger(
      .info,
      "\(hexID) received \(type.name)\(vote ? "" : " rejection") from \(peer.hex) at term \(term)")
    tracker.record(vote: vote, from: peer)
    return tracker.tally()
  }

  mutating func voteAnswered(_ m: RaftMessage) {
    let tally = count(vote: !m.reject, from: m.from, m.type)
    logger(
      .info,
      "\(hexID) has received \(tally.granted) \(m.type.name) votes and \(tally.rejected) vote rejections")
    switch tally.result {
    case .won where role == .preCandidate: campaign(.election)
    case .won:
      becomeLeader()
      broadcastAppend()
    // The answer to a vote ahead of an election carries a term to come; keep our own.
    case .lost: becomeFollower(term: term, lead: 0)
    case .pending: break
    }
  }

  /// The leader hands its office over.
  mutating func timeoutNow(_ m: RaftMessage) {
    if !isPromotable {
      logger(.info, "\(hexID) received MsgTimeoutNow from \(m.from.hex) but is not promotable")
      return
    }
    logger(
      .info,
      "\(hexID) [term \(term)] received MsgTimeoutNow from \(m.from.hex) and starts an election to get "
        + "leadership.")
    // No asking first: the old leader has vouched that there is no partition to recover from.
    campaign(.transfer)
  }

  // MARK: - Voting

  /// Whether a request for a vote is left unanswered because we still hear a leader: someone cut off or
  /// removed may not disturb a working cluster (section 6 of the paper).
  mutating func isIgnoredForLease(_ m: RaftMessage) -> Bool {
    guard m.type == .vote || m.type == .preVote else { return false }
    let isForced = m.context == Campaign.transferContext
    let isInLease = config.checksQuorum && lead != 0 && electionElapsed < config.electionTicks
    if isForced || !isInLease { return false }
    logVote(
      m, "ignored",
      ": lease is not expired (remaining ticks: \(config.electionTicks - electionElapsed))")
    return true
  }

  /// Answers a request for a vote of this term (or, ahead of an election, of a later one).
  ///
  /// A learner votes as well: it may have been made a voter by a change it has not heard of, and its vote
  /// may be the one that is missing. The candidate knows whether it counts.
  mutating func answerVote(_ m: RaftMessage) {
    let mayVote =
      vote == m.from || (vote == 0 && lead == 0) || (m.type == .preVote && m.term > term)
    if mayVote && log.isUpToDate(index: m.index, term: m.logTerm) {
      logVote(m, "cast", to: "for")
      // The term of the request, not ours: ahead of an election we do not raise ours, and an answer with
      // an old term would be ignored.
      send(RaftMessage(type: m.type.voteResponse, to: m.from, term: m.term))
      if m.type == .vote {
        electionElapsed = 0
        vote = m.from
      }
    } else {
      logVote(m, "rejected")
      send(RaftMessage(type: m.type.voteResponse, to: m.from, term: term, reject: true))
    }
  }

  func logVote(
    _ m: RaftMessage, _ what: String, _ reason: @autoclosure () -> String = "", to: String = "from"
  ) {
    logger(
      .info,
      "\(hexID) [logterm: \(log.lastTerm), index: \(log.lastIndex), vote: \(vote.hex)] \(what) "
        + "\(m.type.name) \(to) \(m.from.hex) [logterm: \(m.logTerm), index: \(m.index)] "
        + "at term \(term)\(reason())")
  }
}
