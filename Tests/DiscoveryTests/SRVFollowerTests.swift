import Base
import Testing

@testable import Discovery

/// A name server that answers from a list, the last answer for ever.
private final class FalseResolver: Sendable {
  let looks = Mailbox<Int>()
  let reports = Mailbox<SRVFollower.Answer>()
  private let answers: [SRVFollower.Answer]
  private let asked = Mailbox<Void>()

  init(_ answers: SRVFollower.Answer...) { self.answers = answers }

  func look() -> SRVFollower.Answer {
    // Only the follower's thread asks: what lies in the box is the number of questions so far.
    let count = asked.takeAll().count
    for _ in 0...count { asked.post(()) }
    looks.post(count)
    return answers[min(count, answers.count - 1)]
  }

  func follow() -> SRVFollower { SRVFollower(look: { self.look() }, { self.reports.post($0) }) }

  /// The first so many reports.
  func first(_ count: Int) -> [SRVFollower.Answer] {
    var all: [SRVFollower.Answer] = []
    while all.count < count { all += reports.waitForAll() ?? [] }
    return Array(all.prefix(count))
  }
}

private func records(_ host: String, _ milliseconds: Int64) -> SRVFollower.Answer {
  .success(
    SRVEndpoints(
      endpoints: [SRVEndpoints.Endpoint(isSecure: false, host: host, port: 1)],
      life: .milliseconds(milliseconds)))
}

@Suite struct SRVFollowerTests {
  @Test("records are asked for again when their life is over, and each answer is told")
  func follows() {
    let resolver = FalseResolver(records("a", 5), records("b", 5), records("c", 3_600_000))
    let follower = resolver.follow()
    #expect(resolver.first(3) == [records("a", 5), records("b", 5), records("c", 3_600_000)])
    follower.stop()
  }

  @Test("as long as they live nobody is asked")
  func waits() {
    let resolver = FalseResolver(records("a", 3_600_000))
    let follower = resolver.follow()
    _ = resolver.first(1)
    #expect(follower.isResting(forMilliseconds: 100))
    #expect(resolver.looks.takeAll() == [0] && resolver.reports.takeAll().isEmpty)
    follower.stop()
  }

  @Test("who is stopped asks no more and tells nothing, also when it is dropped")
  func stops() {
    let resolver = FalseResolver(records("a", 2))
    var follower: SRVFollower? = resolver.follow()
    _ = resolver.first(2)
    follower?.stop()
    follower = nil
    let rest = Cancellation()
    // What was under way may still be told.
    _ = rest.isSet(afterMilliseconds: 50)
    _ = resolver.looks.takeAll()
    _ = rest.isSet(afterMilliseconds: 100)
    #expect(resolver.looks.takeAll().isEmpty)
  }

  @Test("after failures it is asked soon, then less and less often, and the life counts again after an answer")
  func pauses() {
    var pauses = RetryPauses()
    let failure = SRVFollower.Answer.failure(.passing("slow"))
    let seconds = (0..<6).map { _ in pauses.next(after: failure) }
    #expect(seconds == [.seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(10), .seconds(10)])
    #expect(pauses.next(after: records("a", 60_000)) == .seconds(60))
    #expect(pauses.next(after: failure) == .seconds(1))
  }
}

extension SRVFollower {
  /// Lets time pass.
  fileprivate func isResting(forMilliseconds count: Int32) -> Bool {
    !Cancellation().isSet(afterMilliseconds: count)
  }
}
