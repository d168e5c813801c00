import Base
import Testing
import Wire

@testable import Machine

@Suite struct V2FormTests {
  private func form(_ texts: String...) -> V2Form {
    var form = V2Form()
    for text in texts { form.read(text.bytes) }
    return form
  }

  @Test func `of a field given twice the first counts, the body's before the query's`() {
    let form = form("value=1&value=2", "value=3&ttl=5")
    #expect(form[.value] == "1" && form[.ttl] == "5" && form[.dir] == nil && form.fault == nil)
    #expect(self.form("%76alue=a+b%2Bc&unknown=%20")[.value] == "a b+c")
    #expect(self.form("dir")[.dir] == "")
  }

  /// As Go: net/url, parseQuery: a semicolon is told before the escapes of the same text.
  @Test(arguments: [
    ("value=%zz", "invalid URL escape \"%zz\""), ("a=%41%4", "invalid URL escape \"%4\""),
    ("%=1", "invalid URL escape \"%\""), ("a;b", "invalid semicolon separator in query"),
    ("x=%zz&a;b", "invalid semicolon separator in query"), ("x=%zz&y=%yy", "invalid URL escape \"%zz\""),
    ("unknown=%zz", "invalid URL escape \"%zz\""),
  ])
  func `what cannot be read is told in Go's words`(text: String, fault: String) {
    #expect(form(text).fault == fault)
    #expect(form("value=%xx", text).fault == "invalid URL escape \"%xx\"")
  }

  private func request(_ text: String, method: String = "PUT") throws -> V2KeyRequest {
    try V2KeyRequest(method: method, path: "/a/", form: form(text), unixNow: 1_000)
  }

  @Test func `a request is what its fields say`() throws {
    let asked = try request("value=v&ttl=2&prevExist=f&prevIndex=7&prevValue=p&noValueOnSuccess=1")
    #expect(asked.request.path == "/1/a" && asked.request.val == "v" && asked.hidesNodes)
    #expect(asked.request.expiration == 2_000_001_000 && asked.request.prevExist == false)
    #expect(asked.request.prevIndex == 7 && asked.request.prevValue == "p" && asked.request.refresh == nil)
    #expect(try request("ttl=").request.expiration == 0)
  }

  @Test(arguments: [
    ("prevIndex=x", V2Error.Code.indexNotANumber, "invalid value for \"prevIndex\""),
    ("recursive=", .invalidField, "invalid value for \"recursive\""),
    ("prevExist=x", .invalidField, "invalid value for prevExist"),
    ("wait=true", .invalidField, "\"wait\" can only be used with GET requests"),
    ("prevValue=", .previousValueRequired, "\"prevValue\" cannot be empty"),
    ("ttl=-1", .ttlNotANumber, "invalid value for \"ttl\""),
    ("refresh=true&value=x&ttl=1", .refreshValue, "A value was provided on a refresh"),
    ("refresh=true", .refreshTTLRequired, "No TTL value set"),
    ("a;b", .invalidForm, "invalid semicolon separator in query"),
  ])
  func `wrong fields have codes of their own`(text: String, code: V2Error.Code, cause: String) {
    #expect(throws: V2Error(code, cause: cause)) { try request(text) }
  }

  @Test func `a key that lies too deep for a snapshot is refused`() throws {
    let deep = String(repeating: "/d", count: Limits.v2PathParts - 1)
    let store = V2Store()
    let asked = try V2KeyRequest(method: "PUT", path: deep, form: V2Form(), unixNow: 0)
    _ = try store.set(asked.request.path, value: "x")
    try V2Store().recover(store.save())
    #expect(throws: V2Error.self) {
      try V2KeyRequest(method: "PUT", path: deep + "/d", form: V2Form(), unixNow: 0)
    }
  }
}
