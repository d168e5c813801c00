import Base
import Testing

@testable import Config

@Suite struct TokenWishTests {
  private func outcome(_ words: String...) -> ConfigOutcome {
    configure(ConfigInput(arguments: ["discovery-token"] + words))
  }

  @Test("size and endpoints, in either form of a flag")
  func values() throws {
    guard case .token(let plain) = outcome() else { throw Missing() }
    #expect(plain.size == 3)
    #expect(plain.endpoints == ["http://127.0.0.1:2379"])
    guard case .token(let wish) = outcome("--size", "5", "-endpoints=10.0.0.1:2379,https://b:1") else {
      throw Missing()
    }
    #expect(wish.size == 5)
    #expect(wish.endpoints == ["http://10.0.0.1:2379", "https://b:1"])
  }

  @Test(
    "mistakes end with 2 and the usage",
    arguments: [
      ["--size", "0"], ["--size=x"], ["--size=65"], ["--size"], ["--nosuch"], ["word"], ["--endpoints="],
      ["--endpoints", "ftp://x:1"], ["--endpoints", "http://x:1/path"], ["---size=3"],
    ])
  func mistakes(words: [String]) throws {
    guard case .exit(2, "", let errors) = configure(ConfigInput(arguments: ["discovery-token"] + words)) else {
      throw Missing()
    }
    #expect(errors.contains("Usage:"))
  }

  private struct Missing: Error {}
}
