import Base
import Wire

/// One member's part in the consensus, as a value: events in by its methods, effects out by `ready()`.
///
/// As etcd 3.4: raft/raft.go and raft/rawnode.go. Not for use from two threads. The subjects have files of
/// their own: election, replication, snapshots, reads, transfers, changes of members, and `ready()`.
package struct Node {
  package let id: UInt64
  let config: Config
  let logger: Log

  // What is asked for at every request is stored and can be read where it lies: a computed property of so large a value would be
  // handed a copy of all of it.

  // Durable state (with the log): never told to anyone before it is on disk.
  package internal(set) var term: UInt64 = 0
  /// Whom this member voted for in `term`; 0 for nobody.
  var vote: UInt64 = 0

  package internal(set) var role = Role.follower
  /// The leader's id, 0 while none is known.
  package internal(set) var lead: UInt64 = 0
  package internal(set) var log: RaftLog
  var tracker: Tracker

  // Time, in ticks.
  /// Since the last election timeout (leader, candidate) or word from the leader (follower).
  var electionElapsed = 0
  var heartbeatElapsed = 0
  /// Drawn anew at each change of role: `electionTicks` up to twice that, less one.
  var electionTimeout = 0
  /// The timeout was shortened because the leader is gone; a word from it takes that back.
  var isLeaderGone = false
  var dice: Dice

  // A leader's matters, void in other roles.
  /// To whom leadership is being handed, or 0. Proposals are refused meanwhile.
  package internal(set) var transferee: UInt64 = 0
  /// No change of members may be proposed until everything through this index is applied: at most one is
  /// ever under way. It may lie above the last such entry, never below.
  var pendingChangeIndex: UInt64 = 0
  /// The last proposal of ours to leave a joint state; no second one before it is applied.
  var leaveIndex: UInt64 = 0
  /// Payload bytes of entries appended and not yet given out for applying; an estimate, never too high.
  var uncommittedBytes = 0
  var reads = PendingReads()

  // Effects gathered for the next `ready()`.
  var messages: [RaftMessage] = []
  var readStates: [ReadState] = []
  var writes = Writes()

  /// Starts a member from what its log store holds.
  /// - Parameters:
  ///   - hardState: as last written; empty for a new member.
  ///   - confState: the members as of the store's snapshot.
  package init(
    _ config: Config, store: any LogStore, hardState: HardState = HardState(),
    confState: ConfState = ConfState()
  ) {
    if let problem = config.problem { broken("raft configuration: \(problem)") }
    id = config.id
    self.config = config
    logger = config.log
    dice = config.dice
    log = RaftLog(
      store: store, maxApplyBytes: config.maxApplyBytes ?? config.maxMessageBytes, log: config.log)
    tracker = Tracker(inflightMessages: config.maxInflightMessages)
    restoreMembership(confState)
    if hardState != HardState() { load(hardState) }
    log.applied(through: config.applied)
    becomeFollower(term: term, lead: 0)
    writes.begin(softState: softState, hardState: self.hardState)
    logger(
      .info,
      "newRaft \(hexID) [peers: [\(tracker.membership.voters.ids.map { $0.hex }.joined(separator: ","))], "
        + "term: \(term), commit: \(log.committed), applied: \(log.applied), "
        + "lastindex: \(log.lastIndex), lastterm: \(log.lastTerm)]")
  }

  private mutating func load(_ state: HardState) {
    invariant(
      log.committed <= state.commit && state.commit <= log.lastIndex,
      "\(hexID) state.commit \(state.commit) is out of range [\(log.committed), \(log.lastIndex)]")
    log.commit(through: state.commit)
    term = state.term
    vote = state.vote
  }

  /// Begins a new cluster: its first entries are the additions of `peers`, the same on every first member
  /// and taken as committed. The log must be empty.
  ///
  /// As etcd 3.4: raft/bootstrap.go.
  package mutating func bootstrap(_ peers: [(id: UInt64, context: Bytes?)]) {
    invariant(!peers.isEmpty && log.lastIndex == 0, "bootstrap needs peers and an empty log")
    writes.forgetHardState()
    becomeFollower(term: 1, lead: 0)
    for peer in peers {
      var change = ConfChange()
      change.type = .addNode
      change.nodeID = peer.id
      change.context = peer.context
      log.append(Entry(type: .confChange, term: 1, index: log.lastIndex + 1, data: change.encoded()))
    }
    log.commit(through: log.lastIndex)
    // Applied here and again when the owner meets the entries, so that an election can be held at once.
    for peer in peers {
      var change = ConfChange()
      change.type = .addNode
      change.nodeID = peer.id
      _ = applyConfigChange(.single(change))
    }
  }

  // MARK: - Views

  package var hardState: HardState { HardState(term: term, vote: vote, commit: log.committed) }
  package var softState: SoftState { SoftState(lead: lead, role: role) }
  package var isLeader: Bool { role == .leader }
  /// Whether this member decides alone.
  package var isOnlyVoter: Bool {
    tracker.membership.voters.incoming.ids == [id] && !tracker.membership.voters.isJoint
  }
  package var confState: ConfState { tracker.membership.confState }
  package var membership: Membership { tracker.membership }
  package var committedIndex: UInt64 { log.committed }
  package var appliedIndex: UInt64 { log.applied }
  package var lastIndex: UInt64 { log.lastIndex }
  /// Highest index durable on this member.
  package var stableIndex: UInt64 { log.stableIndex }
  /// To whom leadership is being handed, or 0.
  package var leadTransferee: UInt64 { transferee }
  /// What the leader knows of the members, ascending by id; empty on others.
  package var progress: [Progress] { isLeader ? tracker.members : [] }

  var hexID: String { id.hex }
  /// Whether this member counts its own log as durable only when told so.
  var writesBehind: Bool { config.writing == .behind }

  // MARK: - Events

  /// Lets one tick pass.
  package mutating func tick() {
    if role == .leader { tickLeader() } else { tickElection() }
  }

  /// Takes a message from another member.
  ///
  /// Messages for another id are refused, as etcd from 3.4.32 on does.
  package mutating func step(_ message: RaftMessage) throws(RaftError) {
    if message.type.isLocal { throw .localMessage }
    if !message.isSound { throw .malformed }
    if message.to != id && message.to != 0 {
      logger(
        .warning,
        "\(hexID) ignored a \(message.type.name) message from \(message.from.hex) to \(message.to.hex)")
      throw .notForMe
    }
    if message.type.isResponse && tracker.place(of: message.from) == nil { throw .unknownPeer }
    try receive(message)
  }

  /// Proposes one entry's data.
  package mutating func propose(_ data: Bytes) throws(RaftError) {
    try propose(entries: CollectionOfOne(Entry(data: data)))
  }

  /// Proposes several entries, all or none, as one append to every member.
  package mutating func propose(batch: [Bytes]) throws(RaftError) {
    if batch.isEmpty { return }
    try propose(entries: batch.map { Entry(data: $0) })
  }

  private mutating func propose(entries: some MutableCollection<Entry>) throws(RaftError) {
    if role == .leader { return try lead(proposed: entries) }
    try receive(RaftMessage(type: .prop, from: id, entries: Array(entries)))
  }

  /// Proposes a change of members.
  package mutating func propose(_ change: MemberChange) throws(RaftError) {
    switch change {
    case .single(let change):
      try propose(entries: [Entry(type: .confChange, data: change.encoded())])
    case .several(let change):
      try propose(entries: [Entry(type: .confChangeV2, data: change.encoded())])
    }
  }

  /// Starts an election now.
  package mutating func campaign() { hup() }

  /// Tells that messages to a member are being lost.
  package mutating func reportUnreachable(_ peer: UInt64) {
    guard role == .leader, let place = tracker.place(of: peer) else { return }
    unreachable(at: place)
  }

  /// Tells how the sending of a snapshot ended. Every `snap` message must be answered by one such report.
  package mutating func reportSnapshot(_ peer: UInt64, isSent: Bool) {
    guard role == .leader, let place = tracker.place(of: peer) else { return }
    snapshotEnded(at: place, isSent: isSent)
  }

  // MARK: - Messages in

  /// Minds the term of a message, then passes it on by its type.
  ///
  /// As etcd 3.4: raft/raft.go, Step.
  mutating func receive(_ m: RaftMessage) throws(RaftError) {
    if m.term > term {
      if isIgnoredForLease(m) { return }
      mindHigherTerm(of: m)
    } else if m.term < term && m.term != 0 {
      return answerLowerTerm(of: m)
    }
    switch m.type {
    case .hup: hup()
    case .vote, .preVote: answerVote(m)
    default:
      switch role {
      case .leader: try stepLeader(m)
      case .candidate, .preCandidate: try stepCandidate(m)
      case .follower: try stepFollower(m)
      }
    }
  }

  private mutating func mindHigherTerm(of m: RaftMessage) {
    // A vote asked or granted ahead of an election tells of a term that may never come to be.
    if m.type == .preVote || (m.type == .preVoteResp && !m.reject) { return }
    logger(
      .info,
      "\(hexID) [term: \(term)] received a \(m.type.name) message with higher term from \(m.from.hex) "
        + "[term: \(m.term)]")
    let isFromLeader = m.type == .app || m.type == .heartbeat || m.type == .snap
    becomeFollower(term: m.term, lead: isFromLeader ? m.from : 0)
  }

  private mutating func answerLowerTerm(of m: RaftMessage) {
    if (config.checksQuorum || config.preVotes) && (m.type == .heartbeat || m.type == .app) {
      // A leader of an old term, perhaps the true one while we came back with a term raised in vain. With
      // these settings it would ignore our vote requests, so tell it our term: it steps down and the
      // cluster elects anew, this member included.
      send(RaftMessage(type: .appResp, to: m.from))
    } else if m.type == .preVote {
      // A candidate may have a higher term and a shorter log; silence could lock both out.
      logVote(m, "rejected")
      send(RaftMessage(type: .preVoteResp, to: m.from, term: term, reject: true))
    } else {
      logger(
        .info,
        "\(hexID) [term: \(term)] ignored a \(m.type.name) message with lower term from \(m.from.hex) "
          + "[term: \(m.term)]")
    }
  }

  private mutating func stepFollower(_ m: RaftMessage) throws(RaftError) {
    switch m.type {
    case .prop:
      if lead == 0 {
        logger(.info, "\(hexID) no leader at term \(term); dropping proposal")
        throw .proposalDropped
      }
      if config.refusesForwarding {
        logger(
          .info, "\(hexID) not forwarding to leader \(lead.hex) at term \(term); dropping proposal")
        throw .proposalDropped
      }
      forward(m)
    case .app:
      heard(from: m.from)
      appendEntries(m)
    case .heartbeat:
      heard(from: m.from)
      heartbeat(m)
    case .snap:
      heard(from: m.from)
      takeSnapshot(m)
    case .transferLeader:
      if lead == 0 {
        logger(.info, "\(hexID) no leader at term \(term); dropping leader transfer msg")
        return
      }
      forward(m)
    case .timeoutNow: timeoutNow(m)
    case .readIndex:
      if lead == 0 {
        logger(.info, "\(hexID) no leader at term \(term); dropping index reading msg")
        return
      }
      forward(m)
    case .readIndexResp: readAnswered(m)
    default: break
    }
  }

  private mutating func heard(from leader: UInt64) {
    electionElapsed = 0
    lead = leader
    if isLeaderGone { drawElectionTimeout() }
  }

  private mutating func stepCandidate(_ m: RaftMessage) throws(RaftError) {
    switch m.type {
    case .prop:
      logger(.info, "\(hexID) no leader at term \(term); dropping proposal")
      throw .proposalDropped
    case .app:
      becomeFollower(term: m.term, lead: m.from)
      appendEntries(m)
    case .heartbeat:
      becomeFollower(term: m.term, lead: m.from)
      heartbeat(m)
    case .snap:
      becomeFollower(term: m.term, lead: m.from)
      takeSnapshot(m)
    // An answer of the other phase of this candidacy is stale.
    case .voteResp where role == .candidate: voteAnswered(m)
    case .preVoteResp where role == .preCandidate: voteAnswered(m)
    case .timeoutNow:
      logger(
        .debug, "\(hexID) [term \(term) state \(role.name)] ignored MsgTimeoutNow from \(m.from.hex)")
    default: break
    }
  }

  private mutating func stepLeader(_ m: RaftMessage) throws(RaftError) {
    switch m.type {
    case .prop:
      if m.entries.isEmpty { throw .malformed }
      return try lead(proposed: m.entries)
    case .readIndex: return try leadRead(m)
    default: break
    }
    guard let place = tracker.place(of: m.from) else {
      logger(.debug, "\(hexID) no progress available for \(m.from.hex)")
      return
    }
    switch m.type {
    case .appResp: appendAnswered(m, at: place)
    case .heartbeatResp: heartbeatAnswered(m, at: place)
    case .transferLeader: transfer(to: m.from, at: place)
    default: break
    }
  }

  // MARK: - Messages out

  /// Puts a message into the next Ready, or behind the write it depends on.
  ///
  /// Messages of an election carry a term set by the sender (a vote ahead of an election is about a term
  /// to come); a passed-on proposal or read carries none, as if it had begun at the leader.
  mutating func send(_ message: RaftMessage) {
    var m = message
    if m.from == 0 { m.from = id }
    switch m.type {
    case .vote, .voteResp, .preVote, .preVoteResp:
      invariant(m.term != 0, "a \(m.type.name) message without a term")
    case .prop, .readIndex:
      invariant(m.term == 0, "a \(m.type.name) message with a term")
    default:
      invariant(m.term == 0, "a \(m.type.name) message with a term of its own")
      m.term = term
    }
    messages.append(m)
  }

  /// Passes a follower's message on to the leader. The first sender stays its sender: the leader answers it.
  private mutating func forward(_ message: RaftMessage) {
    var m = message
    m.to = lead
    m.term = 0
    send(m)
  }
}

extension RaftMessage {
  /// Whether the rest may rely on it: a sender, and entries in a row behind `index`.
  fileprivate var isSound: Bool {
    if from == 0 { return false }
    if type != .app { return true }
    var next = index
    for entry in entries {
      next &+= 1
      if entry.index != next || entry.term > term { return false }
    }
    return true
  }
}
