import Base
import Testing

@testable import Config

@Suite struct TokenChoiceTests {
  private func choice(_ text: String) -> TokenChoice? {
    do throws(TokenChoice.Failure) { return try TokenChoice(parsing: text) } catch { return nil }
  }

  @Test("kinds without keys; options behind them mean nothing")
  func kinds() {
    #expect(choice("") == TokenChoice.none)
    #expect(choice("simple") == .simple)
    #expect(choice("simple,a=b") == .simple)
    #expect(choice("foo") == nil)
  }

  @Test("a signed token's options")
  func signed() {
    guard case .signed(let options) = choice("jwt,pub-key=p,priv-key=s,sign-method=ES384,ttl=1h,more=1") else {
      Issue.record("not read")
      return
    }
    #expect(options.publicKeyFile == "p")
    #expect(options.privateKeyFile == "s")
    #expect(options.algorithm == "ES384")
    #expect(options.ttl == .seconds(3600))
    #expect(options.unknown == ["more"])
    guard case .signed(let short) = choice("jwt,sign-method=HS256") else {
      Issue.record("not read")
      return
    }
    #expect(short.ttl == .seconds(300))
  }

  @Test(
    "options that mean nothing are refused",
    arguments: [
      "jwt", "jwt,sign-method", "jwt,a=b=c", "jwt,sign-method=none", "jwt,sign-method=RS256,sign-method=RS256",
      "jwt,sign-method=RS256,ttl=x",
    ])
  func refused(text: String) { #expect(choice(text) == nil) }
}
