import Base
import Testing
import Wire

@testable import Raft

/// A node in a chosen state, with durable terms of the log given, for tests of single rules.
func makeNode(
  _ id: UInt64 = 1, voters: [UInt64] = [1, 2, 3], learners: [UInt64] = [], terms: [UInt64] = [],
  term: UInt64? = nil, vote: UInt64 = 0, commit: UInt64 = 0, writing: Node.Config.Writing = .withReady,
  _ settings: (inout Node.Config) -> Void = { _ in }
) -> Node {
  var config = Node.Config(id: id, dice: Dice(seed: id))
  config.checksQuorum = false
  config.writing = writing
  settings(&config)
  let store = MemoryLog()
  store.append(terms.enumerated().map { Entry(term: $1, index: UInt64($0 + 1)) }[...])
  return Node(
    config, store: store,
    hardState: HardState(term: term ?? terms.last ?? 0, vote: vote, commit: commit),
    confState: ConfState(voters: voters, learners: learners))
}

extension Node {
  /// Takes all messages, with everything written and applied.
  mutating func takeMessages() -> [RaftMessage] {
    var sent: [RaftMessage] = []
    while let ready = ready() {
      sent += ready.messages
      if config.writing == .withReady {
        advance(ready)
      } else {
        if let batch = ready.batch { stable(through: batch) }
        applied(through: ready.committed.last?.index ?? 0)
      }
    }
    return sent
  }

  /// What is ready, or a failed test.
  mutating func nextReady() throws -> Ready {
    let next = ready()
    return try #require(next)
  }

  /// Makes a leader of it with the votes of `voters`.
  mutating func win(_ voters: UInt64...) {
    campaign()
    _ = takeMessages()
    for id in voters {
      try? step(RaftMessage(type: .voteResp, to: self.id, from: id, term: term))
    }
    _ = takeMessages()
  }

  func entryTerms() -> [UInt64] { (log.firstIndex...log.lastIndex).map { log.term(at: $0) } }
}

private func append(
  term: UInt64, previous: (index: UInt64, term: UInt64), _ terms: [UInt64], commit: UInt64 = 0
) -> RaftMessage {
  RaftMessage(
    type: .app, to: 1, from: 2, term: term, logTerm: previous.term, index: previous.index,
    entries: terms.enumerated().map { Entry(term: $1, index: previous.index + 1 + UInt64($0)) },
    commit: commit)
}

@Suite struct ElectionTests {
  @Test("Whoever hears of a higher term follows in it (5.1)", arguments: [Role.follower, .candidate, .leader])
  func higherTerm(role: Role) throws {
    var node = makeNode()
    if role != .follower { node.campaign() }
    if role == .leader { node.win(2) }
    #expect(node.role == role)
    try node.step(RaftMessage(type: .app, to: 1, from: 2, term: 9))
    #expect(node.role == .follower && node.hardState.term == 9 && node.lead == 2)
  }

  @Test("Messages of an old term change nothing (5.1)")
  func oldTerm() throws {
    var node = makeNode(terms: [1], term: 3)
    try node.step(append(term: 2, previous: (1, 1), [2]))
    #expect(node.lastIndex == 1 && node.lead == 0)
    let sent1 = node.takeMessages()
    #expect(sent1.isEmpty)
  }

  @Test("A member that hears nothing campaigns within once and twice the election timeout (5.2)")
  func timeout() {
    var seen: Set<Int> = []
    for seed in 1...60 as ClosedRange<UInt64> {
      var node = makeNode { $0.dice = Dice(seed: seed) }
      var ticks = 0
      while node.role == .follower {
        node.tick()
        ticks += 1
      }
      #expect((10...19).contains(ticks))
      seen.insert(ticks)
      #expect(node.role == .candidate && node.hardState.term == 1 && node.hardState.vote == 1)
      let sent2 = node.takeMessages()
      #expect(sent2.map(\.to) == [2, 3])
    }
    #expect(seen.count >= 8, "the spread is drawn anew by each seed")
  }

  @Test(
    "A candidate wins with a majority and loses with one against it (5.2)",
    arguments: [
      ([1], [:], Role.leader),
      ([1, 2, 3], [2: true], .leader), ([1, 2, 3], [2: false, 3: false], .follower),
      ([1, 2, 3], [2: false], .candidate), ([1, 2, 3], [:], .candidate),
      ([1, 2, 3, 4, 5], [2: true, 3: true], .leader), ([1, 2, 3, 4, 5], [2: true, 3: false], .candidate),
      ([1, 2, 3, 4, 5], [2: false, 3: false, 4: false], .follower),
    ] as [([UInt64], [UInt64: Bool], Role)])
  func tally(voters: [UInt64], votes: [UInt64: Bool], outcome: Role) throws {
    var node = makeNode(voters: voters)
    node.campaign()
    for (id, granted) in votes {
      try node.step(RaftMessage(type: .voteResp, to: 1, from: id, term: 1, reject: !granted))
    }
    #expect(node.role == outcome)
  }

  @Test("One vote a term, and the same answer when asked again (5.2)")
  func oneVote() throws {
    var node = makeNode()
    try node.step(RaftMessage(type: .vote, to: 1, from: 2, term: 1))
    try node.step(RaftMessage(type: .vote, to: 1, from: 3, term: 1))
    try node.step(RaftMessage(type: .vote, to: 1, from: 2, term: 1))
    let sent3 = node.takeMessages()
    #expect(sent3.map { [$0.to, $0.reject ? 1 : 0] } == [[2, 0], [3, 1], [2, 0]])
    #expect(node.hardState.vote == 2)
  }

  @Test(
    "A vote only for a log that is at least as new (5.4.1)",
    arguments: [
      ([1], 1, 1, false), ([1], 1, 2, false), ([1, 1], 1, 1, true), ([1], 2, 1, false),
      ([1], 2, 2, false), ([1, 1], 2, 1, false), ([2], 1, 1, true), ([2], 1, 2, true),
      ([2, 1], 1, 1, true),
    ] as [([UInt64], UInt64, UInt64, Bool)])
  func upToDate(own: [UInt64], logTerm: UInt64, index: UInt64, rejected: Bool) throws {
    var node = makeNode(terms: own, term: 2)
    try node.step(RaftMessage(type: .vote, to: 1, from: 2, term: 3, logTerm: logTerm, index: index))
    let sent4 = node.takeMessages()
    #expect(sent4.map(\.reject) == [rejected])
  }

  @Test("A learner votes when asked, and does not campaign")
  func learner() throws {
    var node = makeNode(4, learners: [4])
    for _ in 0..<50 { node.tick() }
    #expect(node.role == .follower)
    try node.step(RaftMessage(type: .vote, to: 4, from: 2, term: 1))
    let sent5 = node.takeMessages()
    #expect(sent5.map(\.reject) == [false])
  }

  @Test("Asked ahead of an election, neither term nor vote changes on either side (thesis 9.6)")
  func preVote() throws {
    var candidate = makeNode(terms: [1]) { $0.preVotes = true }
    candidate.campaign()
    let requests = candidate.takeMessages()
    #expect(requests.map(\.type) == [.preVote, .preVote] && requests.map(\.term) == [2, 2])
    #expect(candidate.hardState == HardState(term: 1, vote: 0, commit: 0))
    var voter = makeNode(2, terms: [1]) { $0.preVotes = true }
    try voter.step(requests[0])
    let answers = voter.takeMessages()
    #expect(answers.map(\.term) == [2] && answers.map(\.reject) == [false])
    #expect(voter.hardState == HardState(term: 1, vote: 0, commit: 0))
    try candidate.step(answers[0])
    #expect(candidate.role == .candidate && candidate.hardState.term == 2)
  }

  @Test("A member that came back from a partition does not unseat a leader that is heard (6)")
  func lease() throws {
    for preVotes in [false, true] {
      var node = makeNode(terms: [1]) {
        $0.checksQuorum = true
        $0.preVotes = preVotes
      }
      try node.step(RaftMessage(type: .heartbeat, to: 1, from: 2, term: 1))
      _ = node.takeMessages()
      var request = RaftMessage(type: preVotes ? .preVote : .vote, to: 1, from: 3, term: 9)
      (request.logTerm, request.index) = (1, 1)
      try node.step(request)
      let sent6 = node.takeMessages()
      #expect(sent6.isEmpty && node.hardState.term == 1)
      // A transfer is at the leader's own wish.
      request.type = .vote
      request.context = "CampaignTransfer".bytes
      try node.step(request)
      let sent7 = node.takeMessages()
      #expect(sent7.map(\.reject) == [false] && node.hardState.vote == 3)
    }
  }

  @Test("A leader that hears of no quorum for an election timeout steps down; one that does stays")
  func checkQuorum() throws {
    var lonely = makeNode { $0.checksQuorum = true }
    lonely.win(2)
    var heard = lonely
    for round in 0..<20 {
      lonely.tick()
      heard.tick()
      if round % 3 == 0 { try heard.step(RaftMessage(type: .heartbeatResp, to: 1, from: 3, term: 1)) }
    }
    #expect(lonely.role == .follower && heard.role == .leader)
  }

  @Test("A stale leader is told the newer term, so that it steps down")
  func staleLeader() throws {
    var node = makeNode(term: 5) { $0.checksQuorum = true }
    try node.step(RaftMessage(type: .heartbeat, to: 1, from: 2, term: 3))
    let sent8 = node.takeMessages()
    #expect(sent8 == [RaftMessage(type: .appResp, to: 2, from: 1, term: 5)])
  }

  @Test("No campaign while a change of members is committed and not applied")
  func pendingChange() throws {
    var node = makeNode(terms: [1])
    let change = ConfChange(type: .addNode, nodeID: 4)
    try node.step(
      RaftMessage(
        type: .app, to: 1, from: 2, term: 1, logTerm: 1, index: 1,
        entries: [Entry(type: .confChange, term: 1, index: 2, data: change.encoded())], commit: 2))
    node.campaign()
    #expect(node.role == .follower)
    let ready = try node.nextReady()
    _ = node.applyConfigChange(.single(change))
    node.advance(ready)
    node.campaign()
    #expect(node.role == .candidate)
  }

  @Test("No campaign before a received snapshot is installed")
  func pendingSnapshot() throws {
    var node = makeNode(writing: .behind)
    let metadata = SnapshotMetadata(confState: ConfState(voters: [1, 2, 3]), index: 9, term: 2)
    try node.step(
      RaftMessage(type: .snap, to: 1, from: 2, term: 2, snapshot: RaftSnapshot(metadata: metadata)))
    let ready = try node.nextReady()
    node.campaign()
    #expect(node.role == .follower)
    node.stable(through: ready.batch!)
    node.campaign()
    #expect(node.role == .follower)
    node.applied(through: 9)
    node.campaign()
    #expect(node.role == .candidate)
  }

  @Test("Messages for another member, of local kinds and from strangers are refused")
  func refused() {
    var node = makeNode()
    #expect(throws: RaftError.notForMe) { try node.step(RaftMessage(type: .app, to: 2, from: 3, term: 9)) }
    #expect(throws: RaftError.localMessage) { try node.step(RaftMessage(type: .hup, to: 1, from: 2)) }
    #expect(throws: RaftError.unknownPeer) {
      try node.step(RaftMessage(type: .appResp, to: 1, from: 9, term: 9))
    }
    #expect(node.hardState == HardState())
  }

  @Test("Messages that no member sends are refused before they change anything")
  func malformed() {
    var node = makeNode()
    let nobody = RaftMessage(type: .heartbeat, to: 1, from: 0, term: 4)
    var gap = append(term: 4, previous: (0, 0), [1, 1])
    gap.entries[1].index = 5
    let ahead = append(term: 4, previous: (0, 0), [5])
    for message in [nobody, gap, ahead] {
      #expect(throws: RaftError.malformed) { try node.step(message) }
    }
    #expect(node.hardState == HardState() && node.lastIndex == 0)
    node.win(2)
    #expect(throws: RaftError.malformed) { try node.step(RaftMessage(type: .prop, to: 1, from: 2)) }
    try? node.step(RaftMessage(type: .appResp, to: 1, from: 2, term: node.term, index: .max))
    #expect(node.progress[1].match == 0 && node.committedIndex == 0)
  }

  @Test("An append behind a place the log does not reach is refused, even with term 0")
  func beyondTheEnd() throws {
    var node = makeNode(terms: [1])
    try node.step(append(term: 1, previous: (7, 0), [1]))
    let answers = node.takeMessages()
    #expect(answers.map(\.reject) == [true] && node.lastIndex == 1)
  }
}

@Suite struct LogReplicationTests {
  @Test(
    "A follower cuts off what contradicts the leader and appends the rest (5.3, figure 7)",
    arguments: [
      ([1, 1, 1, 4, 4, 5, 5, 6, 6], "lacks the last"),
      ([1, 1, 1, 4], "lacks many"),
      ([1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6], "has one more of the term"),
      ([1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7], "has two of another term"),
      ([1, 1, 1, 4, 4, 4, 4], "lacks and has"),
      ([1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3], "went its own way"),
    ] as [([UInt64], String)])
  func figure7(own: [UInt64], what: String) throws {
    let leaderTerms: [UInt64] = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6]
    var leader = makeNode(terms: leaderTerms, term: 7)
    var follower = makeNode(2, terms: own, term: 7)
    leader.win(3)
    // Heartbeats and their answers until nothing more is said.
    for _ in 0..<20 {
      leader.tick()
      for _ in 0..<12 {
        let toFollower = leader.takeMessages().filter { $0.to == 2 }
        if toFollower.isEmpty { break }
        for message in toFollower { try follower.step(message) }
        for message in follower.takeMessages() { try leader.step(message) }
      }
    }
    #expect(follower.entryTerms() == leaderTerms + [8], "\(what)")
    #expect(follower.committedIndex == 11)
  }

  @Test(
    "An append is refused where the logs differ before it, with a hint of the last index (5.3)",
    arguments: [((1, 1), false), ((2, 2), false), ((1, 2), true), ((3, 3), true)]
      as [((index: UInt64, term: UInt64), Bool)])
  func check(previous: (index: UInt64, term: UInt64), rejected: Bool) throws {
    var node = makeNode(terms: [1, 2], term: 2)
    try node.step(append(term: 2, previous: previous, []))
    let answers = node.takeMessages()
    #expect(answers.map(\.reject) == [rejected])
    if rejected { #expect(answers[0].rejectHint == 2 && answers[0].index == previous.index) }
  }

  @Test("A late repetition of an earlier append cuts nothing off")
  func lateRepetition() throws {
    var node = makeNode(terms: [1, 1])
    try node.step(append(term: 1, previous: (2, 1), [1, 1, 1]))
    try node.step(append(term: 1, previous: (2, 1), [1]))
    #expect(node.lastIndex == 5)
  }

  @Test(
    "The commit index follows the leader's, but not beyond what the append covers (5.3)",
    arguments: [(1, 1), (2, 2), (3, 3), (4, 3)] as [(UInt64, UInt64)])
  func commit(told: UInt64, expected: UInt64) throws {
    var node = makeNode(terms: [1, 1])
    try node.step(append(term: 1, previous: (2, 1), [1], commit: told))
    #expect(node.committedIndex == expected)
  }

  @Test(
    "Entries commit once a majority has them",
    arguments: [(1, []), (3, [2]), (5, [2, 3]), (5, [4, 5])] as [(UInt64, [UInt64])])
  func majority(size: UInt64, acknowledging: [UInt64]) throws {
    var node = makeNode(voters: Array(1...size))
    let voters = Array((2...max(2, size)).prefix(Int(size / 2)))
    node.campaign()
    _ = node.takeMessages()
    for id in voters { try node.step(RaftMessage(type: .voteResp, to: 1, from: id, term: 1)) }
    #expect(node.isLeader)
    try node.propose("x".bytes)
    _ = node.takeMessages()
    for (count, id) in acknowledging.enumerated() {
      #expect(node.committedIndex == 0, "\(count) acknowledgements")
      try node.step(RaftMessage(type: .appResp, to: 1, from: id, term: 1, index: 2))
    }
    #expect(node.committedIndex == 2)
  }

  @Test("A leader commits by counting only entries of its own term (5.4.2, figure 8)")
  func ownTerm() throws {
    var node = makeNode(terms: [1, 2], term: 2)
    node.win(2)
    #expect(node.hardState.term == 3 && node.lastIndex == 3)
    try node.step(RaftMessage(type: .appResp, to: 1, from: 2, term: 3, index: 2))
    #expect(node.committedIndex == 0)
    try node.step(RaftMessage(type: .appResp, to: 1, from: 2, term: 3, index: 3))
    #expect(node.committedIndex == 3)
  }

  @Test("A learner is fed and does not count")
  func learner() throws {
    var node = makeNode(voters: [1, 2], learners: [3])
    node.win(2)
    try node.propose("x".bytes)
    let sent9 = node.takeMessages()
    #expect(Set(sent9.map(\.to)).isSubset(of: [2, 3]))
    try node.step(RaftMessage(type: .appResp, to: 1, from: 3, term: 1, index: 2))
    #expect(node.committedIndex == 0)
    try node.step(RaftMessage(type: .appResp, to: 1, from: 2, term: 1, index: 2))
    #expect(node.committedIndex == 2)
  }

  @Test("The window of unacknowledged appends is bounded, and opens with each acknowledgement")
  func window() throws {
    var node = makeNode(voters: [1, 2]) { $0.maxInflightMessages = 3 }
    node.win(2)
    try node.step(RaftMessage(type: .appResp, to: 1, from: 2, term: 1, index: 1))
    _ = node.takeMessages()
    for _ in 0..<10 { try node.propose("x".bytes) }
    let sent10 = node.takeMessages()
    #expect(sent10.map { $0.entries.map(\.index) } == [[2], [3], [4]])
    #expect(node.progress[1].isPaused)
    try node.step(RaftMessage(type: .appResp, to: 1, from: 2, term: 1, index: 3))
    // The commit index and whatever fits: everything that waited goes as one message.
    let more = node.takeMessages()
    #expect(more.flatMap(\.entries).map(\.index) == Array(5...11))
    #expect(node.progress[1].inflights.count <= 3)
  }

  @Test("A full window moves on by one when only heartbeats are answered")
  func windowAndHeartbeats() throws {
    var node = makeNode(voters: [1, 2]) { $0.maxInflightMessages = 2 }
    node.win(2)
    try node.step(RaftMessage(type: .appResp, to: 1, from: 2, term: 1, index: 1))
    for _ in 0..<4 { try node.propose("x".bytes) }
    _ = node.takeMessages()
    try node.step(RaftMessage(type: .heartbeatResp, to: 1, from: 2, term: 1))
    let sent11 = node.takeMessages()
    #expect(sent11.flatMap(\.entries).map(\.index) == [4, 5])
  }

  @Test("Messages are cut by size, with at least one entry each")
  func messageSize() throws {
    var node = makeNode(voters: [1, 2]) { $0.maxMessageBytes = 40 }
    node.win(2)
    for _ in 0..<3 { try node.propose(Bytes(repeating: 7, count: 100)) }
    _ = node.takeMessages()
    try node.step(RaftMessage(type: .appResp, to: 1, from: 2, term: 1, index: 1))
    let sent = node.takeMessages().filter { !$0.entries.isEmpty }
    #expect(sent.map(\.entries.count) == [1, 1, 1])
  }

  @Test("Proposals are refused beyond the limit of uncommitted bytes, but one of any size passes alone")
  func uncommitted() throws {
    var node = makeNode(voters: [1, 2]) { $0.maxUncommittedBytes = 10 }
    node.win(2)
    try node.propose(Bytes(repeating: 1, count: 50))
    #expect(throws: RaftError.proposalDropped) { try node.propose([1]) }
    _ = node.takeMessages()
    try node.step(RaftMessage(type: .appResp, to: 1, from: 2, term: 1, index: 2))
    _ = node.takeMessages()
    try node.propose([1])
  }

  @Test("A member that fell behind the log gets a snapshot, once, and follows after it")
  func snapshot() throws {
    let store = MemoryLog()
    store.append((1...10).map { Entry(term: 1, index: $0) }[...])
    let confState = ConfState(voters: [1, 2, 3])
    try store.createSnapshot(at: 8, confState: confState, data: nil)
    try store.compact(through: 8)
    var config = Node.Config(id: 1, dice: Dice(seed: 1))
    config.writing = .withReady
    var node = Node(
      config, store: store, hardState: HardState(term: 1, vote: 0, commit: 10), confState: confState)
    node.win(2)
    try node.step(
      RaftMessage(type: .appResp, to: 1, from: 3, term: 2, index: 10, reject: true, rejectHint: 2))
    let sent = node.takeMessages()
    #expect(sent.map(\.type) == [.snap] && sent[0].snapshot.metadata.index == 8)
    try node.step(RaftMessage(type: .heartbeatResp, to: 1, from: 3, term: 2))
    let sent12 = node.takeMessages()
    #expect(sent12.isEmpty, "nothing else while it is under way")
    node.reportSnapshot(3, isSent: true)
    #expect(node.progress[2].next == 9)
    try node.step(RaftMessage(type: .appResp, to: 1, from: 3, term: 2, index: 8))
    let sent13 = node.takeMessages()
    #expect(sent13.flatMap(\.entries).map(\.index) == [9, 10, 11])
    #expect(node.progress[2].state == .replicate)
  }

  @Test("Leadership goes to a member once it is up to date; meanwhile proposals are refused")
  func transfer() throws {
    var node = makeNode()
    node.win(2)
    node.transferLeadership(to: 3)
    #expect(throws: RaftError.proposalDropped) { try node.propose([1]) }
    let sent14 = node.takeMessages()
    #expect(!sent14.contains { $0.type == .timeoutNow })
    try node.step(RaftMessage(type: .appResp, to: 1, from: 3, term: 1, index: 1))
    let sent15 = node.takeMessages()
    #expect(sent15.contains { $0.type == .timeoutNow && $0.to == 3 })
    for _ in 0..<10 { node.tick() }
    #expect(node.leadTransferee == 0, "given up after an election timeout")
    try node.propose([1])
    node.transferLeadership(to: 1)
    #expect(node.leadTransferee == 0)
  }

  @Test("A follower passes a wish for another leader on, with the chosen one's id")
  func transferForwarded() throws {
    var node = makeNode()
    try node.step(RaftMessage(type: .heartbeat, to: 1, from: 2, term: 1))
    _ = node.takeMessages()
    node.transferLeadership(to: 3)
    let sent16 = node.takeMessages()
    #expect(sent16 == [RaftMessage(type: .transferLeader, to: 2, from: 3, term: 1)])
  }
}
