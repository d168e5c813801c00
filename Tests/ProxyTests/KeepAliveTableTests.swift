import Base
import Testing

@testable import Proxy

@Suite struct KeepAliveTableTests {
  private func at(_ seconds: Double) -> Instant { Instant(nanoseconds: Int64(seconds * 1e9)) }
  private func answer(_ ttl: Int64) -> KeepAliveTable.Answer { .init(lease: 7, ttl: ttl) }

  @Test("What several ask at once is one question, answered to each")
  func together() {
    var table = KeepAliveTable()
    #expect(table.asks(7, by: 1, at: at(0)) == .ask)
    #expect(table.asks(7, by: 2, at: at(0)) == .wait)
    #expect(table.asks(7, by: 2, at: at(0)) == .wait)
    #expect(table.answered(answer(9)) == [1, 2, 2])
    #expect(table.answered(answer(9)) == [])
  }

  @Test("Others are told what is left, for a third of the time; the leader's questions are passed on")
  func leading() {
    var table = KeepAliveTable()
    #expect(table.asks(7, by: 1, at: at(0)) == .ask)
    #expect(table.answered(answer(9)) == [1])
    #expect(table.asks(7, by: 2, at: at(0.5)) == .answer(answer(8)))
    #expect(table.asks(7, by: 2, at: at(2.9)) == .answer(answer(6)))
    #expect(table.asks(7, by: 1, at: at(2.9)) == .ask)
    #expect(table.answered(answer(9)) == [1])
    #expect(table.asks(7, by: 2, at: at(4)) == .answer(answer(7)))
    // The leader is late: who asks first leads now.
    #expect(table.asks(7, by: 2, at: at(6)) == .ask)
    #expect(table.answered(answer(9)) == [2])
    #expect(table.asks(7, by: 1, at: at(6.1)) == .answer(answer(8)))
    #expect(table.asks(7, by: 2, at: at(6.1)) == .ask)
  }

  @Test("Nobody is told zero seconds, and a short lease is passed on each time")
  func short() {
    var table = KeepAliveTable()
    #expect(table.asks(7, by: 1, at: at(0)) == .ask)
    #expect(table.answered(answer(1)) == [1])
    #expect(table.asks(7, by: 2, at: at(0.1)) == .ask)
  }

  @Test("Without its leader a lease is asked for anew")
  func leaving() {
    var table = KeepAliveTable()
    #expect(table.asks(7, by: 1, at: at(0)) == .ask)
    #expect(table.answered(answer(9)) == [1])
    table.left(1)
    #expect(table.leaseCount == 0)
    #expect(table.asks(7, by: 2, at: at(0.1)) == .ask)
    #expect(table.asks(7, by: 3, at: at(0.1)) == .wait)
    table.left(2)
    #expect(table.answered(answer(9)) == [3])
    // The one that waited leads.
    #expect(table.asks(7, by: 4, at: at(0.2)) == .answer(answer(8)))
    table.left(3)
    #expect(table.leaseCount == 0)
  }

  @Test("A lease that is gone is not remembered, nor one that is doubted")
  func gone() {
    var table = KeepAliveTable()
    #expect(table.asks(7, by: 1, at: at(0)) == .ask)
    #expect(table.answered(answer(0)) == [1])
    #expect(table.leaseCount == 0)
    #expect(table.asks(7, by: 1, at: at(1)) == .ask)
    #expect(table.answered(answer(9)) == [1])
    table.doubt()
    #expect(table.asks(7, by: 2, at: at(1)) == .ask)
    // The answer to a question from before the doubt is for those who asked, and for nobody else.
    table.doubt()
    #expect(table.answered(answer(9)) == [2])
    #expect(table.asks(7, by: 3, at: at(1)) == .ask)
  }

  @Test("Who waits when the stream fails is told once, and nothing is left behind")
  func failing() {
    var table = KeepAliveTable()
    #expect(table.asks(7, by: 1, at: at(0)) == .ask)
    #expect(table.asks(7, by: 2, at: at(0)) == .wait)
    #expect(table.asks(8, by: 1, at: at(0)) == .ask)
    #expect(table.asked.sorted() == [7, 8])
    #expect(table.failed() == [1, 2])
    #expect(table.asked.isEmpty)
    #expect(table.leaseCount == 0)
  }
}
