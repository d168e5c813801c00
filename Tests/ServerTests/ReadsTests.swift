import Base
import Testing
import Wire

@testable import Server

@Suite struct ReadsTests {
  private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }
  private func read(since: Int64) -> Reads.Waiting {
    Reads.Waiting(query: .range(RangeRequest(key: [1])), call: nil, since: at(since))
  }

  @Test("a read waits no longer than its time, however often the question is repeated")
  func late() {
    var reads = Reads()
    reads.gathering = [read(since: 1), read(since: 4)]
    reads.beginAsking()
    reads.gathering = [read(since: 6)]
    reads.askedAt = at(7)
    #expect(reads.takeLate(now: at(6), after: .seconds(5)).isEmpty)
    #expect(reads.takeLate(now: at(7), after: .seconds(5)).map(\.since) == [at(1)])
    #expect(reads.isAsking)
    reads.confirmedIndex = 3
    #expect(reads.takeLate(now: at(10), after: .seconds(5)).map(\.since) == [at(4)])
    #expect(!reads.isAsking && reads.confirmedIndex == nil && reads.gathering.count == 1)
  }

  @Test("reads that no question could be asked for end in time, too")
  func unasked() {
    var reads = Reads()
    reads.gathering = [read(since: 1)]
    #expect(reads.takeLate(now: at(9), after: .seconds(5)).count == 1)
    #expect(reads.isEmpty)
  }
}
