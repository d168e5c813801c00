import Base
import Config
import Testing

@testable import Server

@Suite struct AutoCompactorTests {
  private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

  @Test func `without a setting nothing is compacted`() {
    #expect(AutoCompactor(.off, log: .silent) == nil)
  }

  /// As etcd 3.4: v3compactor/periodic_test.go: ten looks an hour, nothing before the period is over.
  @Test func `one hour keeps an hour of history`() throws {
    var compactor = try #require(AutoCompactor(.periodic(.seconds(3600)), log: .silent))
    var asked: [(Int64, Int64)] = []
    for second in stride(from: Int64(0), through: 3 * 3600, by: 60) {
      let now = at(second)
      if let revision = compactor.due(now: now, revision: second + 1) {
        asked.append((second, revision - 1))
        compactor.succeeded(now: now, revision: revision)
      }
    }
    #expect(asked.map(\.0) == [3600, 7200, 10800])
    for (second, revision) in asked {
      #expect(second - revision >= 3600 && second - revision <= 3600 + 360, "at \(second) revision \(revision)")
    }
  }

  @Test func `a failed compaction is asked for again at the next look`() throws {
    var compactor = try #require(AutoCompactor(.periodic(.seconds(100)), log: .silent))
    var asked: [Int64] = []
    for second in Int64(0)...130 where compactor.due(now: at(second), revision: second + 1) != nil {
      asked.append(second)
    }
    #expect(asked == [100, 110, 120, 130])
  }

  @Test func `by revision the newest ones are kept, looked at every five minutes`() throws {
    var compactor = try #require(AutoCompactor(.revision(1000), log: .silent))
    #expect(compactor.due(now: at(0), revision: 5000) == nil)
    #expect(compactor.due(now: at(299), revision: 5000) == nil)
    #expect(compactor.due(now: at(300), revision: 5000) == 4000)
    compactor.succeeded(now: at(300), revision: 4000)
    #expect(compactor.due(now: at(600), revision: 5000) == nil, "nothing new since")
    #expect(compactor.due(now: at(900), revision: 5001) == 4001)
  }

  @Test func `fewer revisions than are kept are left alone`() throws {
    var compactor = try #require(AutoCompactor(.revision(1000), log: .silent))
    _ = compactor.due(now: at(0), revision: 900)
    #expect(compactor.due(now: at(300), revision: 900) == nil)
  }
}
