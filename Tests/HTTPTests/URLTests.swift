import Base
import Testing

@testable import HTTP

@Suite struct URLTests {
  @Test func `Targets are split and decoded`() throws {
    let target = try #require(RequestTarget("/v2/keys/a%20b%2Fc?wait=true&q=1+2%26&empty&wait=no".bytes))
    #expect(target.text == "/v2/keys/a b/c" && String(utf8: target.rawPath) == "/v2/keys/a%20b%2Fc")
    #expect(target.query["wait"] == "true" && target.query.values("wait") == ["true", "no"])
    #expect(target.query["q"] == "1 2&" && target.query["empty"] == "" && target.query["none"] == nil)
    #expect(RequestTarget("/a%2".bytes) == nil)
    #expect(RequestTarget("/a?".bytes)?.query.isEmpty == true)
  }

  @Test func `Malformed fields of a query are left out and told`() {
    let query = Query("a=1&b=%zz&c;d=2&e=3".bytes)
    #expect(query.fields.map(\.name) == ["a", "e"] && !query.isWellFormed)
    #expect(Query("a==b".bytes)["a"] == "=b" && Query([]).isWellFormed)
  }
}
