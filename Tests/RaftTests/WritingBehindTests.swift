import Base
import Testing
import Wire

@testable import Raft

@Suite struct WritingBehindTests {
  @Test("A lone voter commits only what is durable, while further writes are under way")
  func alone() throws {
    var node = makeNode(voters: [1], writing: .behind)
    node.campaign()
    #expect(node.isLeader)
    let first = try node.nextReady()
    #expect(first.entries.map(\.index) == [1] && first.mustSync && first.committed.isEmpty)
    try node.propose(batch: ["a".bytes, "b".bytes])
    let second = try node.nextReady()
    #expect(second.entries.map(\.index) == [2, 3] && second.batch == first.batch! + 1)
    let ready1 = node.ready()
    #expect(ready1 == nil, "each entry is given out once")
    #expect(node.committedIndex == 0)
    node.stable(through: first.batch!)
    let third = try node.nextReady()
    #expect(third.committed.map(\.index) == [1] && third.entries.isEmpty && !third.mustSync)
    node.stable(through: third.batch!)
    let ready2 = node.ready()
    #expect(ready2?.committed.map(\.index) == [2, 3])
  }

  @Test("A read on a lone voter waits until it knows what its predecessors committed")
  func readAlone() throws {
    // Entry 2 was acknowledged before the crash; the commit index on disk is older.
    var node = makeNode(voters: [1], terms: [1, 1], commit: 1, writing: .behind)
    node.campaign()
    try node.readIndex("r".bytes)
    let ready = try node.nextReady()
    #expect(ready.readStates.isEmpty)
    node.stable(through: ready.batch!)
    let ready3 = node.ready()
    #expect(ready3?.readStates == [ReadState(index: 3, context: "r".bytes)])
  }

  @Test("An acknowledgement leaves when its entries are durable, not before")
  func acknowledgement() throws {
    var node = makeNode(writing: .behind)
    try node.step(
      RaftMessage(type: .app, to: 1, from: 2, term: 1, entries: [Entry(term: 1, index: 1)]))
    let ready = try node.nextReady()
    #expect(ready.entries.count == 1 && ready.messages.isEmpty)
    // A repetition finds the entry in memory; its answer waits as well.
    try node.step(
      RaftMessage(type: .app, to: 1, from: 2, term: 1, entries: [Entry(term: 1, index: 1)]))
    let ready4 = node.ready()
    #expect(ready4 == nil)
    node.stable(through: ready.batch!)
    let ready5 = node.ready()
    #expect(ready5?.messages.map(\.index) == [1, 1])
  }

  @Test("A vote leaves when it is durable, and so does the request for one")
  func vote() throws {
    var voter = makeNode(writing: .behind)
    try voter.step(RaftMessage(type: .vote, to: 1, from: 2, term: 1))
    let ready = try voter.nextReady()
    #expect(ready.hardState == HardState(term: 1, vote: 2, commit: 0) && ready.mustSync)
    #expect(ready.messages.isEmpty)
    voter.stable(through: ready.batch!)
    let ready6 = voter.ready()
    #expect(ready6?.messages.map(\.type) == [.voteResp])

    var candidate = makeNode(writing: .behind)
    candidate.campaign()
    let campaign = try candidate.nextReady()
    #expect(campaign.messages.isEmpty)
    candidate.stable(through: campaign.batch!)
    let ready7 = candidate.ready()
    #expect(ready7?.messages.map(\.type) == [.vote, .vote])
  }

  @Test("A leader sends entries while it writes them, and counts itself only when they are written")
  func leader() throws {
    var node = makeNode(writing: .behind)
    node.win(2)
    _ = node.takeMessages()
    for id in [2, 3] as [UInt64] {
      try node.step(RaftMessage(type: .appResp, to: 1, from: id, term: 1, index: 1))
    }
    _ = node.takeMessages()
    try node.propose("x".bytes)
    let ready = try node.nextReady()
    #expect(ready.messages.map(\.type) == [.app, .app] && ready.entries.count == 1)
    try node.step(RaftMessage(type: .appResp, to: 1, from: 2, term: 1, index: 2))
    #expect(node.committedIndex == 1, "one follower and no durable log of its own")
    try node.step(RaftMessage(type: .appResp, to: 1, from: 3, term: 1, index: 2))
    #expect(node.committedIndex == 2, "a quorum without the leader")
    let ready8 = node.ready()
    #expect(ready8?.committed.isEmpty == true, "not applied here before it is durable here")
    node.stable(through: ready.batch!)
    let ready9 = node.ready()
    #expect(ready9?.committed.map(\.index) == [2])
  }

  @Test("A write that was overtaken by another leader's entries does not pass for theirs")
  func overtaken() throws {
    var node = makeNode(writing: .behind)
    try node.step(
      RaftMessage(
        type: .app, to: 1, from: 2, term: 1, entries: [Entry(term: 1, index: 1), Entry(term: 1, index: 2)]))
    let first = try node.nextReady()
    try node.step(
      RaftMessage(
        type: .app, to: 1, from: 3, term: 2, logTerm: 1, index: 1,
        entries: [Entry(term: 2, index: 2)], commit: 2))
    let second = try node.nextReady()
    #expect(second.entries.map(\.index) == [2], "the write replaces from there on")
    node.stable(through: first.batch!)
    #expect(node.stableIndex < 2)
    let ready10 = node.ready()
    #expect(ready10?.committed.isEmpty ?? true)
    node.stable(through: second.batch!)
    #expect(node.stableIndex == 2)
    let ready11 = node.ready()
    #expect(ready11?.committed.map(\.term) == [1, 2])
  }

  @Test("A snapshot is installed before anything behind it is given out")
  func snapshot() throws {
    var node = makeNode(writing: .behind)
    let metadata = SnapshotMetadata(confState: ConfState(voters: [1, 2, 3]), index: 9, term: 2)
    try node.step(
      RaftMessage(type: .snap, to: 1, from: 2, term: 2, snapshot: RaftSnapshot(metadata: metadata)))
    try node.step(
      RaftMessage(
        type: .app, to: 1, from: 2, term: 2, logTerm: 2, index: 9, entries: [Entry(term: 2, index: 10)],
        commit: 10))
    let ready = try node.nextReady()
    #expect(ready.snapshot?.metadata.index == 9 && ready.entries.map(\.index) == [10])
    #expect(ready.mustSync && ready.committed.isEmpty && ready.messages.isEmpty)
    node.stable(through: ready.batch!)
    let answers = try node.nextReady()
    #expect(answers.messages.map(\.index) == [9, 10] && answers.committed.isEmpty)
    node.applied(through: 9)
    let ready12 = node.ready()
    #expect(ready12?.committed.map(\.index) == [10])
  }

  @Test("A new cluster's first write holds the members and the whole state")
  func bootstrap() throws {
    var config = Node.Config(id: 1, dice: Dice(seed: 1))
    config.writing = .behind
    var node = Node(config, store: MemoryLog())
    node.bootstrap([(1, "one".bytes), (2, nil)])
    let ready = try node.nextReady()
    #expect(ready.hardState == HardState(term: 1, vote: 0, commit: 2) && ready.mustSync)
    #expect(ready.entries.map(\.type) == [.confChange, .confChange] && ready.committed.isEmpty)
    #expect(MemberChange(ready.entries[0])?.asV2.context == "one".bytes)
    node.stable(through: ready.batch!)
    let ready13 = node.ready()
    #expect(ready13?.committed.map(\.index) == [1, 2])
    #expect(node.confState.voters == [1, 2])
  }
}

@Suite struct ReadTests {
  private func leader(_ settings: (inout Node.Config) -> Void = { _ in }) throws -> Node {
    var node = makeNode(1, settings)
    node.win(2)
    try node.step(RaftMessage(type: .appResp, to: 1, from: 2, term: 1, index: 1))
    _ = node.takeMessages()
    return node
  }

  @Test("A read is answered once a quorum has confirmed the leader, and takes the older ones with it")
  func quorum() throws {
    var node = try leader()
    try node.readIndex("a".bytes)
    try node.step(
      RaftMessage(type: .readIndex, to: 1, from: 3, entries: [Entry(data: "b".bytes)]))
    let ready = try node.nextReady()
    let contexts = Set(ready.messages.filter { $0.type == .heartbeat }.map(\.context))
    #expect(contexts.count == 2)
    #expect(ready.readStates.isEmpty)
    node.advance(ready)
    try node.step(
      RaftMessage(
        type: .heartbeatResp, to: 1, from: 2, term: 1, context: ready.messages.last?.context))
    let answer = try node.nextReady()
    #expect(answer.readStates == [ReadState(index: 1, context: "a".bytes)])
    #expect(answer.messages.contains { $0.type == .readIndexResp && $0.to == 3 && $0.index == 1 })
  }

  @Test("Late confirmations of an answered read do not confirm a repetition under the same context")
  func repeatedContext() throws {
    var node = try leader()
    try node.readIndex("same".bytes)
    let first = node.takeMessages().last?.context
    try node.step(RaftMessage(type: .heartbeatResp, to: 1, from: 2, term: 1, context: first))
    let ready14 = node.ready()
    #expect(ready14?.readStates.count == 1)
    try node.readIndex("same".bytes)
    try node.step(RaftMessage(type: .heartbeatResp, to: 1, from: 3, term: 1, context: first))
    let ready15 = node.ready()
    #expect(ready15?.readStates.isEmpty == true)
  }

  @Test("A new leader answers no read before it has committed an entry of its term")
  func early() throws {
    var node = makeNode(terms: [1], term: 1)
    node.win(2)
    try node.readIndex("a".bytes)
    let sent16 = node.takeMessages()
    #expect(!sent16.contains { $0.type == .heartbeat })
    try node.step(RaftMessage(type: .appResp, to: 1, from: 2, term: 2, index: 2))
    let context = node.takeMessages().first { $0.type == .heartbeat }?.context
    #expect(context != nil)
    try node.step(RaftMessage(type: .heartbeatResp, to: 1, from: 3, term: 2, context: context))
    let ready17 = node.ready()
    #expect(ready17?.readStates == [ReadState(index: 2, context: "a".bytes)])
  }

  @Test("With a lease the leader answers at once")
  func lease() throws {
    var node = try leader {
      $0.checksQuorum = true
      $0.reads = .leaseBased
    }
    try node.readIndex("a".bytes)
    let ready18 = node.ready()
    #expect(ready18?.readStates == [ReadState(index: 1, context: "a".bytes)])
  }

  @Test("Waiting reads are bounded, and forgotten with the office")
  func bound() throws {
    var node = try leader()
    for _ in 0..<Limits.raftPendingReads { try node.readIndex([1]) }
    #expect(throws: RaftError.tooManyReads) { try node.readIndex([1]) }
    try node.step(RaftMessage(type: .heartbeat, to: 1, from: 3, term: 2))
    #expect(node.reads.count == 0)
  }

  @Test("A follower passes reads on and hands the answer out under the reader's context")
  func forwarded() throws {
    var node = makeNode()
    try node.step(RaftMessage(type: .heartbeat, to: 1, from: 2, term: 1))
    _ = node.takeMessages()
    try node.readIndex("a".bytes)
    let sent = node.takeMessages()
    #expect(sent.map(\.type) == [.readIndex] && sent[0].to == 2 && sent[0].from == 1 && sent[0].term == 0)
    try node.step(
      RaftMessage(type: .readIndexResp, to: 1, from: 2, term: 1, index: 7, entries: sent[0].entries))
    let ready19 = node.ready()
    #expect(ready19?.readStates == [ReadState(index: 7, context: "a".bytes)])
  }
}
