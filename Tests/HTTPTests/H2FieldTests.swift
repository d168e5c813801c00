import Base
import Testing

@testable import HTTP

private typealias Fields = [(String, String)]

/// Literal fields without indexing: what is sent is what is written here, however wrong.
private func block(_ fields: Fields) -> Bytes {
  func text(_ text: String) -> Bytes {
    let bytes = text.unicodeScalars.map { UInt8($0.value) }
    return (bytes.count < 127 ? [UInt8(bytes.count)] : [127, UInt8(bytes.count - 127)]) + bytes
  }
  return fields.reduce(into: Bytes()) { $0 += [0] + text($1.0) + text($1.1) }
}

private let get: Fields = [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "h")]
private let post: Fields = [(":method", "POST"), (":scheme", "http"), (":path", "/"), (":authority", "h")]

extension Fields {
  fileprivate func with(_ name: String, _ value: String) -> Fields {
    map { $0.0 == name ? (name, value) : $0 }
  }
  fileprivate func without(_ name: String) -> Fields { filter { $0.0 != name } }
}

/// A connection after its greeting.
private struct Greeted {
  let bench = Bench(.http2)
  var events: [String] { bench.recorder.events }

  init() { _ = bench.feed(preface + frame(4, 0, 0)) }

  /// Codes of the RST_STREAM frames that answer `bytes`, with their streams.
  func resets(_ bytes: Bytes) -> [String] {
    frames(bench.feed(bytes)).filter { $0.type == 3 }.map { "\($0.stream): \($0.payload.last ?? 0)" }
  }

  /// Feeds one malformed request on stream 1, and a good one after it.
  func expectMalformed(_ bytes: Bytes, heard: [String] = [], _ at: SourceLocation = #_sourceLocation) {
    #expect(resets(bytes) == ["1: 1"], sourceLocation: at)
    #expect(events == heard, sourceLocation: at)
    #expect(bench.connection.activeCount == 0, sourceLocation: at)
    let out = frames(bench.feed(frame(1, 5, 3, getFields)))
    #expect(out.contains { $0.type == 0 && $0.stream == 3 && $0.payload == "ok".bytes }, sourceLocation: at)
    #expect(events == heard + ["began GET /", "ended"], sourceLocation: at)
    #expect(!bench.connection.wantsClose, sourceLocation: at)
  }
}

@Suite struct H2FieldTests {
  @Test(arguments: ["http://127.0.0.1:2379", "unix://sock:0", "h:2379", "u@h", "a|b{}\"<>", "[::1]:1", ""])
  func `An authority is any visible text, a whole URL too`(authority: String) {
    let greeted = Greeted()
    #expect(greeted.resets(frame(1, 5, 1, block(get.with(":authority", authority)))) == [])
    #expect(greeted.events == ["began GET /", "ended"])
  }

  @Test func `The handler sees a URL's authority as it was sent`() {
    let greeted = Greeted()
    var seen: [String] = []
    greeted.bench.recorder.began = { seen.append(String(utf8: $0.authority)) }
    _ = greeted.resets(frame(1, 5, 1, block(get.with(":authority", "http://127.0.0.1:2379"))))
    _ = greeted.resets(frame(1, 5, 3, block(get.without(":authority"))))
    _ = greeted.resets(frame(1, 5, 5, block(get.without(":authority") + [("host", "http://h:1")])))
    #expect(seen == ["http://127.0.0.1:2379", "", "http://h:1"])
  }

  private static let malformed: [(String, Fields)] =
    [
      ("no method", get.without(":method")), ("no scheme", get.without(":scheme")),
      ("no path", get.without(":path")), ("nothing", [("a", "b")]),
      ("empty method", get.with(":method", "")), ("empty scheme", get.with(":scheme", "")),
      ("empty path", get.with(":path", "")),
      ("relative path", get.with(":path", "a/b")), ("absolute path", get.with(":path", "http://h/")),
      ("space in path", get.with(":path", "/ HTTP/1.1")), ("break in path", get.with(":path", "/\r\n")),
      ("asterisk", get.with(":path", "*")), ("asterisk and more", get.with(":path", "*a")),
      ("space in method", get.with(":method", "GET /")), ("scheme", get.with(":scheme", "1http")),
      ("scheme text", get.with(":scheme", "ht tp")),
      ("space in authority", get.with(":authority", "a b")), ("tab", get.with(":authority", "a\tb")),
      ("control in authority", get.with(":authority", "a\u{1}")),
      ("break in authority", get.with(":authority", "h\r\nx: y")),
      ("delete in authority", get.with(":authority", "a\u{7F}")),
      ("beyond ASCII in authority", get.with(":authority", "\u{E4}")),
      ("twice a method", get + [(":method", "GET")]), ("twice a scheme", get + [(":scheme", "http")]),
      ("twice a path", get + [(":path", "/")]), ("twice an authority", get + [(":authority", "h")]),
      ("twice an empty authority", get.with(":authority", "") + [(":authority", "")]),
      ("unknown pseudo-field", get + [(":protocol", "websocket")]), ("colon", get + [(":", "x")]),
      ("capital pseudo-field", get.without(":path") + [(":Path", "/")]),
      ("a reply's pseudo-field", get + [(":status", "200")]),
      ("pseudo after regular", [("a", "b")] + get),
      ("authority after regular", get.without(":authority") + [("a", "b"), (":authority", "h")]),
      ("connect", [(":method", "CONNECT"), (":authority", "h:1")]),
      ("connect with a path", get.with(":method", "CONNECT")),
      ("empty name", get + [("", "x")]), ("capital name", get + [("X-A", "x")]),
      ("space in name", get + [("x a", "x")]), ("colon in name", get + [("x:a", "x")]),
      ("break in name", get + [("x\r\n", "x")]), ("name beyond ASCII", get + [("x\u{E4}", "x")]),
      ("NUL in value", get + [("x", "a\0b")]), ("CR in value", get + [("x", "a\rb")]),
      ("LF in value", get + [("x", "a\nb")]), ("delete in value", get + [("x", "a\u{7F}")]),
      ("connection", get + [("connection", "close")]), ("keep-alive", get + [("keep-alive", "5")]),
      ("proxy-connection", get + [("proxy-connection", "close")]), ("upgrade", get + [("upgrade", "h2c")]),
      ("transfer-encoding", get + [("transfer-encoding", "chunked")]),
      ("te", get + [("te", "gzip")]), ("more te", get + [("te", "trailers, gzip")]),
      ("no te", get + [("te", "")]),
      ("two hosts", get + [("host", "a"), ("host", "a")]), ("host", get + [("host", "a b")]),
    ]
    + ["", "x", "-1", "+1", "0x1", " 1", "1 ", "1,1", "99999999999999999999", "5"].map {
      ("length '\($0)'", get + [("content-length", $0)])
    } + [("two lengths", get + [("content-length", "0"), ("content-length", "0")])]

  @Test(arguments: malformed.indices)
  func `A malformed head is reset unheard, and the connection lives on`(index: Int) {
    let (name, fields) = Self.malformed[index]
    #expect(Greeted().resets(frame(1, 5, 1, block(fields))) == ["1: 1"], "\(name)")
    // Whether a body follows makes no difference to a head, except to a length that is only unfulfilled.
    if !name.hasSuffix("'5'") {
      Greeted().expectMalformed(frame(1, 4, 1, block(fields)) + frame(0, 0, 1, "abc".bytes) + frame(0, 1, 1))
    }
    Greeted().expectMalformed(frame(1, 5, 1, block(fields)))
  }

  @Test func `A head within the rules is heard`() {
    let good: [Fields] = [
      get.with(":path", "/a?b=%20#"), get.with(":scheme", "https"), get.with(":method", "M-SEARCH"),
      get.with(":method", "OPTIONS").with(":path", "*"), Array(get.reversed()),
      get + [("te", "trailers")], get + [("content-length", "0")], get + [("x", "")], get + [("x", "a\tb c")],
      get + [("x", " a ")], get + [("x", "\u{E4}\u{FF}")], get + [("host", "other")],
      get + [("x", "1"), ("x", "2")],
      get + [("te-x", "y"), ("upgraded", "1"), ("connections", "2"), ("!#$%&'*+-.^_`|~0", "3")],
    ]
    for fields in good {
      let greeted = Greeted()
      #expect(greeted.resets(frame(1, 5, 1, block(fields))) == [], "\(fields)")
      #expect(greeted.events.count == 2, "\(fields)")
    }
  }

  @Test func `A field is judged wherever its block is cut`() {
    let bytes = block(get + [("x-late", "v"), ("upgrade", "h2c"), ("x-later", "w")])
    for cut in 0...bytes.count {
      Greeted().expectMalformed(frame(1, 1, 1, Bytes(bytes[..<cut])) + frame(9, 4, 1, Bytes(bytes[cut...])))
    }
  }

  @Test func `What a malformed head added to the dynamic table stands for the next one`() {
    let greeted = Greeted()
    // `x-a: b` with indexing behind a forbidden field; index 62 is the newest entry.
    let indexed: Bytes = [0x40, 3, 0x78, 0x2D, 0x61, 1, 0x62]
    #expect(greeted.resets(frame(1, 5, 1, block(get + [("upgrade", "h2c")]) + indexed)) == ["1: 1"])
    var value: String?
    greeted.bench.recorder.began = { value = $0.headers["x-a"] }
    #expect(greeted.resets(frame(1, 5, 3, block(get) + [0x80 | 62])) == [])
    #expect(value == "b")
  }

  @Test func `A body is as long as announced, or the request is malformed`() {
    func head(_ length: String) -> Bytes { frame(1, 4, 1, block(post + [("content-length", length)])) }
    func data(_ text: String, end: Bool = false) -> Bytes { frame(0, end ? 1 : 0, 1, text.bytes) }
    for body in [data("hello", end: true), data("he") + data("llo") + data("", end: true)] {
      let greeted = Greeted()
      #expect(greeted.resets(head("5") + body) == [])
      #expect(greeted.events == ["began POST /", "body hello", "ended"])
    }
    // Padding counts towards the window but not towards the body.
    let padded = Greeted()
    #expect(padded.resets(head("5") + frame(0, 9, 1, [3] + "hello".bytes + [0, 0, 0])) == [])
    #expect(padded.events.last == "ended")

    Greeted().expectMalformed(
      head("5") + data("hell", end: true), heard: ["began POST /", "body hell", "cancelled"])
    Greeted().expectMalformed(head("5") + data("", end: true), heard: ["began POST /", "cancelled"])
    Greeted().expectMalformed(head("0") + data("h", end: true), heard: ["began POST /", "cancelled"])
    Greeted().expectMalformed(
      head("5") + data("hello") + data("!") + data("more", end: true),
      heard: ["began POST /", "body hello", "cancelled"])
    let short = frame(1, 5, 1, block([("x", "y")]))
    Greeted().expectMalformed(
      head("5") + data("hell") + short, heard: ["began POST /", "body hell", "cancelled"])
  }

  @Test func `Bytes of a malformed body are given back to the connection's window`() {
    let greeted = Greeted()
    let piece = Bytes(repeating: 0x61, count: 16_000)
    var id: UInt32 = 1
    // Ten times the window, all of it refused.
    for _ in 0..<(10 * Int(Limits.connectionWindowBytes) / piece.count) {
      let head = frame(1, 4, id, block(post + [("content-length", "1")]))
      guard greeted.resets(head + frame(0, 1, id, piece)) == ["\(id): 1"] else {
        Issue.record("stream \(id) was not reset")
        return
      }
      id += 2
      if id > 2 * UInt32(Limits.idleFrameBurst) - 10 { break }
    }
    #expect(!greeted.bench.connection.wantsClose)
  }

  private static let trailers: [(String, Fields)] = [
    ("pseudo-field", [(":path", "/")]), ("pseudo-field after regular", [("x", "y"), (":method", "GET")]),
    ("name", [("X", "y")]), ("value", [("x", "a\nb")]), ("connection", [("connection", "close")]),
    ("length", [("content-length", "3")]),
  ]

  @Test(arguments: trailers.indices)
  func `Malformed trailers cancel what had begun`(index: Int) {
    Greeted().expectMalformed(
      frame(1, 4, 1, block(post)) + frame(0, 0, 1, "abc".bytes) + frame(1, 5, 1, block(Self.trailers[index].1)),
      heard: ["began POST /", "body abc", "cancelled"])
  }

  @Test func `Trailers end the stream, or are malformed`() {
    let open = frame(1, 4, 1, block(post)) + frame(0, 0, 1, "abc".bytes)
    let greeted = Greeted()
    #expect(greeted.resets(open + frame(1, 5, 1, block([("x", "y")]))) == [])
    #expect(greeted.events == ["began POST /", "body abc", "ended"])
    Greeted().expectMalformed(
      open + frame(1, 4, 1, block([("x", "y")])), heard: ["began POST /", "body abc", "cancelled"])
  }

  @Test func `A flood of malformed requests is cut off`() {
    let greeted = Greeted()
    var id: UInt32 = 1
    while !greeted.bench.connection.wantsClose, id < 20_000 {
      _ = greeted.bench.feed(frame(1, 5, id, block(get + [("upgrade", "h2c")])))
      id += 2
    }
    #expect(id < 2 * UInt32(Limits.idleFrameBurst) + 20)
    #expect(greeted.events == [])
  }

  @Test func `A malformed reply still fails its call`() throws {
    for fields: Fields in [[(":status", "200"), ("connection", "close")], [("x", "y")]] {
      let client = ClientConnection(.http2, now: start)
      let caller = Caller()
      _ = try #require(client.open(Request("GET", "/", authority: "h"), caller))
      while client.flush() { client.output.removeAll() }
      (frame(4, 0, 0) + frame(1, 5, 1, block(fields))).withUnsafeBytes { client.receive($0, at: start) }
      while client.flush() { client.output.removeAll() }
      #expect(caller.events == ["failed reset(PROTOCOL_ERROR)"])
    }
  }
}
