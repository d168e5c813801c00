import Base
import Testing

@testable import Machine

@Suite struct WebTokenTests {
  @Test("a token is read as it was written")
  func roundTrip() throws {
    let who = Credential(user: "a<\"é", revision: 7)
    let unsigned = WebToken.unsigned(who, algorithm: "RS256", expiry: 1_700_000_000)
    let token = try #require(WebToken(WebToken.text(signed: unsigned, signature: [1, 2, 255])))
    #expect(token.credential == who)
    #expect(token.algorithm == "RS256")
    #expect(token.expiry == 1_700_000_000)
    #expect(token.signed == unsigned)
    #expect(token.signature == [1, 2, 255])
    #expect(token.isDue(unixSeconds: 1_700_000_000))
    #expect(!token.isDue(unixSeconds: 1_700_000_001))
  }

  @Test("header and claims are what Go writes")
  func text() {
    let unsigned = WebToken.unsigned(Credential(user: "root", revision: 3), algorithm: "ES512", expiry: 5)
    #expect(
      String(utf8: unsigned)
        == "eyJhbGciOiJFUzUxMiIsInR5cCI6IkpXVCJ9.eyJleHAiOjUsInJldmlzaW9uIjozLCJ1c2VybmFtZSI6InJvb3QifQ")
  }

  /// A token with these claims and no signature.
  private func token(_ claims: String, header: String = #"{"alg":"HS256"}"#) -> WebToken? {
    func encoded(_ text: String) -> String {
      Base64.encode(text.bytes).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
    return WebToken("\(encoded(header)).\(encoded(claims)).")
  }

  @Test(
    "claims that name no user, no revision or no time make no token",
    arguments: [
      "{}", "[]", "1", "{", #"{"username":"a"}"#, #"{"revision":1}"#, #"{"username":1,"revision":1}"#,
      #"{"username":"a","revision":"1"}"#, #"{"username":"a","revision":-1}"#,
      #"{"username":"a","revision":1e300}"#,
      #"{"username":"a","revision":1,"exp":"soon"}"#, #"{"username":"a","revision":1,"exp":1e300}"#,
      #"{"username":"a","revision":1,"nbf":{}}"#,
    ])
  func badClaims(claims: String) { #expect(token(claims) == nil) }

  @Test("times are optional")
  func times() throws {
    let free = try #require(token(#"{"username":"a","revision":1}"#))
    #expect(free.isDue(unixSeconds: 0) && free.isDue(unixSeconds: .max))
    let later = try #require(token(#"{"username":"a","revision":1,"nbf":10}"#))
    #expect(!later.isDue(unixSeconds: 9) && later.isDue(unixSeconds: 10))
  }

  @Test(
    "what is no token is none",
    arguments: ["", ".", "..", "a.b", "a.b.c", "e30.e30.e30.e30", "e30=.e30.", "+/.e30."])
  func malformed(text: String) { #expect(WebToken(text) == nil) }

  @Test("a token without algorithm or of enormous length is none")
  func others() {
    #expect(token(#"{"username":"a","revision":1}"#, header: "{}") == nil)
    #expect(
      token(#"{"username":"\#(String(repeating: "a", count: Limits.webTokenBytes))","revision":1}"#) == nil)
  }
}
