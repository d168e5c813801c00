import Base
import Testing

@testable import Server

@Suite struct ProposalsTests {
  private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

  private func add(_ proposals: inout Proposals, _ id: UInt64, deadline: Int64) {
    proposals.add(id, .member { _ in }, deadline: at(deadline))
  }

  @Test("who waits is found once, by number")
  func taking() {
    var proposals = Proposals()
    add(&proposals, 1, deadline: 5)
    add(&proposals, 2, deadline: 5)
    #expect(proposals.contains(1) && proposals.contains(2) && !proposals.contains(3))
    #expect(proposals.take(2) != nil && proposals.take(2) == nil && proposals.take(3) == nil)
    #expect(proposals.count == 1)
  }

  @Test("time ends for the earliest first, and only for those who still wait")
  func expiry() {
    var proposals = Proposals()
    for id in 1...6 { add(&proposals, UInt64(id), deadline: Int64(id)) }
    _ = proposals.take(1)
    _ = proposals.take(3)
    #expect(proposals.takeExpired(now: at(0)).isEmpty)
    #expect(proposals.takeExpired(now: at(4)).map(\.deadline) == [at(2), at(4)])
    #expect(proposals.takeExpired(now: at(4)).isEmpty)
    #expect(proposals.takeAll().map(\.deadline) == [at(5), at(6)])
    #expect(proposals.count == 0 && proposals.queueLength == 0)
  }

  @Test("answered in order, nothing is left in the queue")
  func order() {
    var proposals = Proposals()
    for id in 1...50_000 {
      add(&proposals, UInt64(id), deadline: 9)
      if id > 100 { _ = proposals.take(UInt64(id - 100)) }
    }
    #expect(proposals.count == 100 && proposals.queueLength == 100)
  }

  @Test("one that is never answered does not hold the memory of those behind it")
  func lostProposal() {
    var proposals = Proposals()
    for id in 1...100_000 {
      add(&proposals, UInt64(id), deadline: 9)
      if id > 1 { _ = proposals.take(UInt64(id)) }
    }
    #expect(proposals.takeExpired(now: at(1)).isEmpty)
    #expect(proposals.queueLength == 1)
    #expect(proposals.takeExpired(now: at(9)).count == 1)
  }

  @Test("what a lost leader was given fails soon, what it was never given does not")
  func orphans() {
    var proposals = Proposals()
    for id in 1...4 { add(&proposals, UInt64(id), deadline: 7) }
    _ = proposals.take(1)
    proposals.orphan(until: at(2)) { $0 == 3 }
    add(&proposals, 5, deadline: 8)
    _ = proposals.take(4)
    #expect(proposals.takeOrphans(now: at(1)).isEmpty)
    #expect(proposals.takeOrphans(now: at(2)).count == 1)
    #expect(!proposals.contains(2) && proposals.contains(3) && proposals.contains(5))
    #expect(proposals.takeOrphans(now: at(9)).isEmpty && proposals.count == 2)
  }

  @Test("the next leader's first entry hastens it, and a second loss does not delay it")
  func hastenedOrphans() {
    var proposals = Proposals()
    add(&proposals, 1, deadline: 7)
    proposals.orphan(until: at(3)) { _ in false }
    add(&proposals, 2, deadline: 7)
    proposals.orphan(until: at(5)) { _ in false }
    #expect(proposals.takeOrphans(now: at(3)).count == 1 && proposals.contains(2))
    proposals.hastenOrphans(to: at(4))
    #expect(proposals.takeOrphans(now: at(4)).count == 1 && proposals.count == 0)
  }
}
