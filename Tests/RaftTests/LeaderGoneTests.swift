import Base
import Testing
import Wire

@testable import Raft

/// A leader whose process is known to have ended is not waited for as long as one that is only silent.
@Suite struct LeaderGoneTests {
  /// A follower of member 2 that heard from it a moment ago.
  private func follower(_ id: UInt64, voters: [UInt64] = [1, 2, 3], seed: UInt64 = 1) throws -> Node {
    var node = makeNode(id, voters: voters) { $0.dice = Dice(seed: seed) }
    try node.step(RaftMessage(type: .heartbeat, to: id, from: 2, term: 1))
    _ = node.takeMessages()
    return node
  }

  private func ticksUntilCampaign(_ node: inout Node) -> Int {
    var ticks = 0
    while node.role == .follower, ticks < 100 {
      node.tick()
      ticks += 1
    }
    return ticks
  }

  @Test func `The others stand in turn, once the votes of all may be had`() throws {
    for seed in 1...40 as ClosedRange<UInt64> {
      var first = try follower(1, seed: seed)
      var second = try follower(3, seed: seed)
      first.leaderIsGone()
      second.leaderIsGone()
      // Others refuse to vote for ten ticks after they heard from the leader.
      let ticks = (ticksUntilCampaign(&first), ticksUntilCampaign(&second))
      #expect(ticks.0 <= 11 && ticks.1 <= 13 && ticks.0 >= 10 && ticks.1 >= 10)
    }
    var late = try follower(9, voters: [1, 2, 3, 4, 5, 6, 7, 8, 9])
    late.leaderIsGone()
    #expect((10...19).contains(ticksUntilCampaign(&late)), "never later than by chance")
  }

  @Test func `A word from the leader takes it back`() throws {
    var seen: Set<Int> = []
    for seed in 1...60 as ClosedRange<UInt64> {
      var node = try follower(1, seed: seed)
      node.leaderIsGone()
      node.tick()
      try node.step(RaftMessage(type: .heartbeat, to: 1, from: 2, term: 1))
      seen.insert(ticksUntilCampaign(&node))
    }
    #expect(seen.count >= 8 && seen.max() ?? 0 > 13)
  }

  @Test func `A learner and a member without a leader do not stand because of it`() throws {
    var learner = makeNode(4, learners: [4])
    try learner.step(RaftMessage(type: .heartbeat, to: 4, from: 2, term: 1))
    learner.leaderIsGone()
    #expect(ticksUntilCampaign(&learner) == 100)
    var leader = makeNode()
    leader.win(2)
    leader.leaderIsGone()
    #expect(leader.role == .leader)
  }
}
