import Base
import HTTP
import Testing

@Suite struct ForwardedFieldsTests {
  private func shown(_ headers: HeaderList) -> [String] {
    (0..<headers.count).map { "\(headers.name(at: $0)): \(headers.value(at: $0))" }
  }

  private func list(_ fields: [(String, String)]) -> HeaderList {
    var list = HeaderList()
    for (name, value) in fields { list.add(name, value) }
    return list
  }

  private func passedOn(_ headers: HeaderList, client: String, keepsTE: Bool = false) -> HeaderList {
    var out = list([("left", "over")])
    ForwardedFields.request(headers, client: client, keepsTE: keepsTE, into: &out)
    return out
  }

  private func passedBack(_ headers: HeaderList) -> HeaderList {
    var out = list([("left", "over")])
    ForwardedFields.reply(headers, into: &out)
    return out
  }

  @Test("what speaks of one connection stays behind, also what Connection names")
  func hopByHop() {
    let headers = list([
      ("host", "h"), ("connection", "X-Hop, keep-alive"), ("x-hop", "1"), ("keep-alive", "5"),
      ("te", "trailers"),
      ("transfer-encoding", "chunked"), ("upgrade", "h2c"), ("proxy-authorization", "p"),
      ("proxy-authenticate", "q"),
      ("trailers", "t"), ("trailer", "t"), ("expect", "100-continue"), ("authorization", "a"),
      ("x-custom", "1"),
      ("x-custom", "2"), ("content-length", "7"),
    ])
    #expect(
      shown(passedOn(headers, client: "")) == [
        "authorization: a", "x-custom: 1", "x-custom: 2", "content-length: 7",
      ])
  }

  @Test("Connection cannot take away what the request means")
  func named() {
    let headers = list([("connection", "content-length, host"), ("content-length", "7")])
    #expect(shown(passedOn(headers, client: "")) == ["content-length: 7"])
  }

  @Test("clients are told in a row, the last one behind")
  func clients() {
    let headers = list([("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "2.2.2.2")])
    #expect(
      shown(passedOn(headers, client: "::1")) == ["x-forwarded-for: 1.1.1.1, 2.2.2.2, ::1"])
    #expect(shown(passedOn(HeaderList(), client: "")) == [])
  }

  @Test("gRPC keeps its TE")
  func trailers() {
    #expect(
      shown(passedOn(list([("te", "trailers")]), client: "", keepsTE: true)) == ["te: trailers"])
  }

  @Test("a reply's word on browsers is the proxy's to say; the rest of it passes")
  func reply() {
    let headers = list([
      ("access-control-allow-origin", "*"), ("access-control-allow-methods", "GET"),
      ("access-control-allow-headers", "a"), ("access-control-max-age", "1"), ("connection", "close"),
      ("server", "s"), ("trailer", "X-T"), ("x-etcd-index", "1"),
    ])
    #expect(
      shown(passedBack(headers)) == [
        "access-control-max-age: 1", "server: s", "trailer: X-T", "x-etcd-index: 1",
      ])
  }
}
