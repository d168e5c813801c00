import Foundation
import Testing

@testable import Raft

/// Seeds to run: a few, or those of the environment (`RAFT_SEEDS=100-400`) to see a failure again or to
/// search for longer.
private func seeds(_ few: ClosedRange<UInt64>) -> ClosedRange<UInt64> {
  let ends = (ProcessInfo.processInfo.environment["RAFT_SEEDS"] ?? "").split(separator: "-")
  guard ends.count == 2, let first = UInt64(ends[0]), let last = UInt64(ends[1]), first <= last else {
    return few
  }
  return first...last
}

@Suite struct SimulationTests {
  @Test(
    "Under loss, repetition, reordering, partitions and crashes the rules of the paper hold, reads are never stale, and the cluster heals",
    arguments: seeds(1...4))
  func chaos(seed: UInt64) {
    let cluster = SimulatedCluster(voters: seed % 2 == 0 ? [1, 2, 3] : [1, 2, 3, 4, 5], seed: seed) {
      $0.preVotes = seed % 3 == 0
      $0.maxInflightMessages = 4
      $0.maxMessageBytes = 64
    }
    for _ in 0..<2000 { cluster.step() }
    #expect(cluster.heals(), "seed \(seed)\n\(cluster.state)")
    #expect(cluster.highestApplied > 10, "seed \(seed): the chaos let nothing through")
    #expect(cluster.readsAnswered > 0, "seed \(seed): no read was answered")
  }

  @Test(
    "The same with members and learners coming and going",
    arguments: seeds(11...14))
  func changingMembers(seed: UInt64) {
    let cluster = SimulatedCluster(voters: [1, 2, 3], learners: [4], seed: seed) {
      $0.preVotes = seed % 2 == 0
    }
    cluster.addNewcomer(5)
    for _ in 0..<2000 { cluster.step(changesMembers: true) }
    #expect(cluster.heals(), "seed \(seed)\n\(cluster.state)")
    #expect(cluster.highestApplied > 10, "seed \(seed): the chaos let nothing through")
  }

  @Test("A lone voter keeps what it acknowledged through crashes", arguments: seeds(21...22))
  func alone(seed: UInt64) {
    let cluster = SimulatedCluster(voters: [1], learners: [2], seed: seed)
    for _ in 0..<2000 { cluster.step() }
    #expect(cluster.heals(), "seed \(seed)\n\(cluster.state)")
    #expect(cluster.highestApplied > 10, "seed \(seed): the chaos let nothing through")
  }
}
