import Base
import Config
import HTTP
import Testing

@testable import Doors
@testable import Server

@Suite struct PagesTests {
  private func table(_ paths: String...) -> PageTable {
    var table = PageTable()
    for path in paths {
      table[path] = Route(method: path.hasPrefix("/p") ? .put : .get, answer: .page { _ in })
    }
    return table
  }

  @Test func `a path leads to its own page, below a slash to the longest one that fits`() {
    let table = table("/version", "/v2/", "/v2/keys/", "/put")
    #expect(table["/version"] != nil)
    #expect(table["/put"]?.method == .put)
    for path in ["/version/", "/versio", "/", "", "/v2", "/v3/"] { #expect(table[path] == nil, "\(path)") }
    #expect(table["/v2/"] != nil && table["/v2/keys/a"] != nil)
    var later = table
    later["/v2/keys/"] = Route(method: .delete, answer: .page { _ in })
    #expect(later["/v2/keys/a"]?.method == .delete)
    #expect(later["/v2/key"]?.method == .get)
  }

  /// As Go: net/http, cleanPath and its test.
  @Test(arguments: [
    ("//version", "/version"), ("/a/../version", "/version"), ("/a/./b", "/a/b"), ("/a//b/", "/a/b/"),
    ("/../..", "/"), ("/v2", "/v2/"), ("", "/"),
  ])
  func `a path that could be written better is sent away to where it leads`(path: String, place: String) {
    #expect(table("/version", "/v2/").redirection(of: path) == place)
  }

  @Test(arguments: ["/version", "/", "/nothing", "/v2/keys/", "/version/", "/..a", "/a."])
  func `other paths stay where they are`(path: String) {
    #expect(table("/version", "/v2/").redirection(of: path) == nil)
  }

  /// As etcd 3.4: pkg/httputil/httputil_test.go.
  @Test(arguments: [
    ("localhost", "localhost"), ("localhost:2379", "localhost"), ("localhost.", "localhost."),
    ("127.0.0.1", "127.0.0.1"), ("127.0.0.1:2379", "127.0.0.1"), ("localhosts:2379", "localhosts"),
    ("[::1]:2379", "::1"), ("[::1]", "[::1]"), ("localhost:::", "localhost:::"), ("", ""), (":80", ""),
  ])
  func `the host of an authority`(authority: String, host: String) {
    #expect(AccessControl.host(of: authority.bytes) == host)
  }

  @Test func `hosts and origins are open unless they are named`() {
    var settings = Settings.defaults
    let open = AccessControl(settings)
    #expect(open.allows(host: "any") && open.allowedOrigin(nil) == "*" && open.allowedOrigin("http://a") == "*")
    settings.hostWhitelist = ["a.example"]
    settings.corsOrigins = ["http://a:80"]
    let closed = AccessControl(settings)
    #expect(closed.allows(host: "a.example") && !closed.allows(host: "b") && !closed.allows(host: ""))
    #expect(closed.allowedOrigin("http://a:80") == "http://a:80")
    #expect(closed.allowedOrigin("http://b:80") == nil && closed.allowedOrigin(nil) == nil)
    settings.hostWhitelist = ["a.example", "*"]
    #expect(AccessControl(settings).allows(host: "b"))
  }

  @Test(arguments: [
    (#"{"Level":"INFO"}"#, "INFO"), (#"{"level":"zz","LEVEL":"x"} rest"#, "x"), ("null", ""), ("{}", ""),
    (#"{"Level":null}"#, ""), (#"{"Level":5}"#, nil), ("[]", nil), ("", nil), ("{", nil), ("5", nil),
  ])
  func `the level in a body`(body: String, level: String?) {
    #expect(LogLevelPage.level(in: body.bytes) == level)
  }
}
