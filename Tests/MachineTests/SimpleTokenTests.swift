import Base
import Testing

@testable import Machine

@Suite struct SimpleTokenTests {
  private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

  @Test("a token lives as long as it is used")
  func life() {
    var tokens = SimpleTokens(ttl: .seconds(10))
    tokens.assign("used.1", to: "a", now: at(0))
    tokens.assign("unused.2", to: "a", now: at(0))
    for second in stride(from: Int64(5), to: 50, by: 5) {
      #expect(tokens.user(of: "used.1", now: at(second)) == "a")
      tokens.expire(now: at(second))
    }
    #expect(tokens.user(of: "unused.2", now: at(50)) == nil)
    #expect(tokens.count == 1)
    #expect(tokens.user(of: "used.1", now: at(60)) == nil, "refused before a sweep has seen it")
    tokens.expire(now: at(60))
    #expect(tokens.count == 0)
  }

  @Test("a user's tokens can be forgotten, the others' stay")
  func forget() {
    var tokens = SimpleTokens(ttl: .seconds(10))
    for (token, user) in [("x.1", "a"), ("x.2", "b"), ("x.3", "a")] {
      tokens.assign(token, to: user, now: at(0))
    }
    tokens.forget(user: "a")
    #expect(["x.1", "x.2", "x.3"].map { tokens.user(of: $0, now: at(1)) } == [nil, "b", nil])
    tokens.removeAll()
    #expect(tokens.user(of: "x.2", now: at(1)) == nil)
  }

  @Test("the number of tokens is bounded; the oldest goes first")
  func bound() {
    var tokens = SimpleTokens(ttl: .seconds(10))
    for number in 0...Limits.simpleTokens { tokens.assign("t.\(number)", to: "a", now: at(0)) }
    #expect(tokens.count == Limits.simpleTokens)
    #expect(tokens.user(of: "t.0", now: at(1)) == nil)
    #expect(tokens.user(of: "t.1", now: at(1)) == "a")
  }

  @Test("sweeps forget all that is over, some at a time")
  func sweeps() {
    var tokens = SimpleTokens(ttl: .seconds(10))
    for number in 0..<5_000 { tokens.assign("t.\(number)", to: "a", now: at(0)) }
    tokens.expire(now: at(20))
    #expect(tokens.count == 5_000 - Limits.tokensPerSweep)
    for _ in 0..<5 { tokens.expire(now: at(20)) }
    #expect(tokens.count == 0)
  }
}
