import Base
import Testing

@testable import HTTP

private let okReply = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"

@Suite struct HTTP1ServerTests {
  @Test func `A request is understood wherever its bytes are cut`() {
    let input =
      "POST /v2/keys/a?wait=true HTTP/1.1\r\nHost: h:1\r\nX-Long:  some value \r\nContent-Length: 5\r\n\r\nhello"
      + "PUT /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n"
    for piece in 1...input.utf8.count {
      let bench = Bench()
      #expect(bench.answer(to: input, piece: piece) == okReply + okReply)
      #expect(
        bench.recorder.events == [
          "began POST /v2/keys/a?wait=true", "body hello", "ended", "began PUT /b", "body abcde", "ended",
        ])
    }
  }

  @Test func `Names are found in lower case, values are trimmed, the target is split`() {
    let bench = Bench()
    bench.recorder.began = { exchange in
      #expect(exchange.headers["x-long"] == "some value")
      #expect(exchange.headers.values("b") == ["1", "2"])
      #expect(exchange.path == "/a")
      #expect(exchange.query == "q=1?2")
      #expect(String(utf8: exchange.authority) == "host.example:80")
      #expect(exchange.method == .get)
    }
    _ = bench.answer(
      to:
        "GET http://host.example:80/a?q=1?2 HTTP/1.1\r\nhOST: other\r\nX-LONG:\t some value \r\nB: 1\r\nb: 2\r\n\r\n"
    )
    #expect(bench.recorder.events.count == 2)
  }

  @Test func `Pipelined requests are answered in order, also when the first answer comes late`() {
    let bench = Bench()
    bench.recorder.answer = { _ in }
    let one = "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
    let two = "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n"
    #expect(bench.answer(to: one + two) == "")
    #expect(bench.recorder.events == ["began GET /1", "ended"])
    bench.recorder.exchanges[0].respond(200, body: "1".bytes)
    #expect(bench.take() == "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1")
    #expect(bench.recorder.events.last == "ended")
    bench.recorder.exchanges[1].respond(404)
    #expect(bench.take() == "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
  }

  @Test(arguments: [
    ("GET / HTTP/1.1\nHost: h\n\n", "400 Bad Request"),
    ("GET / HTTP/1.1\r\nHost: h\n\r\n", "400 Bad Request"),
    ("GET / HTTP/1.1\r\n\r\n", "400 Bad Request: missing required Host header"),
    ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400 Bad Request: too many Host headers"),
    ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400 Bad Request: malformed Host header"),
    ("GET / HTTP/1.1\r\nHost : h\r\n\r\n", "400 Bad Request: invalid header name"),
    ("GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\n folded\r\n\r\n", "400 Bad Request"),
    ("GET / HTTP/1.1\r\nHost: h\r\nA: \u{1}\r\n\r\n", "400 Bad Request: invalid header value"),
    ("GET / HTTP/1.1\r\nHost: h\r\nA: b\rc\r\n\r\n", "400 Bad Request: invalid header value"),
    ("GET  / HTTP/1.1\r\nHost: h\r\n\r\n", "400 Bad Request"),
    ("GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", "400 Bad Request"),
    ("GET a HTTP/1.1\r\nHost: h\r\n\r\n", "400 Bad Request"),
    ("G@T / HTTP/1.1\r\nHost: h\r\n\r\n", "400 Bad Request"),
    ("GET / HTTP/1.1x\r\nHost: h\r\n\r\n", "400 Bad Request"),
    ("GET / HTTP/2.0\r\nHost: h\r\n\r\n", "505 HTTP Version Not Supported: unsupported protocol version"),
    ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na", "400 Bad Request"),
    ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\na", "400 Bad Request"),
    ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\na", "400 Bad Request"),
    ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x1\r\n\r\na", "400 Bad Request"),
    ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\na", "400 Bad Request"),
    (
      "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "400 Bad Request"
    ),
    ("GET / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400 Bad Request"),
    ("POST / HTTP/1.1\r\nHost: h\r\nExpect: wonders\r\n\r\n", "417 Expectation Failed"),
    ("\u{16}\u{3}\u{1}\r\n\r\n", "400 Bad Request"),
  ])
  func `What could be read in two ways is refused`(input: String, text: String) {
    let bench = Bench(.http1)
    let expected =
      "HTTP/1.1 \(text)\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n\(text)"
    #expect(bench.answer(to: input) == expected)
    #expect(bench.connection.wantsClose)
    #expect(bench.recorder.events == [])
  }

  @Test func `A transfer encoding other than chunked is not implemented`() {
    let out = Bench().answer(to: "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")
    #expect(out.hasPrefix("HTTP/1.1 501 Not Implemented\r\n"))
    #expect(out.hasSuffix("Unsupported transfer encoding"))
  }

  @Test(arguments: [
    "x\r\n", "-1\r\n", "+1\r\n", "1 2\r\n", "0x1\r\n", "1\r\nab", "1\r\naX\r", "fffffffffffffffff\r\n",
    "1;\u{1}\r\n", "1\n",
  ])
  func `A broken chunk ends the connection`(chunk: String) {
    let bench = Bench()
    let out = bench.answer(
      to: "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)\r\n\r\n")
    #expect(out.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
    #expect(bench.recorder.events.last == "cancelled")
    #expect(bench.connection.wantsClose)
  }

  @Test func `A head beyond the limit is refused, whether it ends or not`() {
    for end in ["", "\r\n\r\n"] {
      let bench = Bench()
      let out = bench.answer(
        to: "GET / HTTP/1.1\r\nHost: h\r\nA: " + String(repeating: "x", count: 70_000) + end, piece: 1000)
      #expect(out.hasPrefix("HTTP/1.1 431 Request Header Fields Too Large\r\n"))
    }
  }

  @Test func `Streamed replies are chunked, with trailers, and counted where a length is given`() {
    let bench = Bench()
    bench.recorder.answer = { exchange in
      exchange.sendHeaders(200, ["x-etcd-index": "7", "content-type": "application/json"])
      exchange.send("hello".bytes)
      exchange.send([])
      exchange.send(Bytes(repeating: 0x61, count: 17))
      exchange.finish(trailers: ["done": "yes"])
    }
    #expect(
      bench.answer(to: "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        == "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Etcd-Index: 7\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "5\r\nhello\r\n11\r\naaaaaaaaaaaaaaaaa\r\n0\r\nDone: yes\r\n\r\n")
    bench.recorder.answer = { exchange in
      exchange.sendHeaders(200, ["content-length": "3"])
      exchange.send("ab".bytes)
      exchange.send("cd".bytes)
      exchange.finish()
    }
    #expect(
      bench.answer(to: "GET / HTTP/1.1\r\nHost: h\r\n\r\n") == "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
    )
  }

  @Test func `HEAD, 204 and 304 have no body`() {
    let bench = Bench()
    #expect(
      bench.answer(to: "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n")
        == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n")
    bench.recorder.answer = { $0.respond(204) }
    #expect(bench.answer(to: "GET / HTTP/1.1\r\nHost: h\r\n\r\n") == "HTTP/1.1 204 No Content\r\n\r\n")
  }

  @Test func `HTTP 1.0 closes unless asked to stay, and streams until the end`() {
    let bench = Bench()
    #expect(
      bench.answer(to: "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
        == "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok"
    )
    #expect(!bench.connection.wantsClose)
    bench.recorder.answer = { exchange in
      exchange.sendHeaders(200)
      exchange.send("abc".bytes)
      exchange.finish()
    }
    #expect(bench.answer(to: "GET / HTTP/1.0\r\n\r\n") == "HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nabc")
    #expect(bench.connection.wantsClose)
  }

  @Test func `An expected body is asked for once, and not when the answer is already there`() {
    let head = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    let bench = Bench()
    #expect(bench.answer(to: head) == "HTTP/1.1 100 Continue\r\n\r\n")
    #expect(bench.answer(to: "hi") == okReply)
    let refusing = Bench()
    refusing.recorder.began = { $0.respond(413) }
    #expect(
      refusing.answer(to: head).hasPrefix("HTTP/1.1 413 Request Entity Too Large\r\nContent-Length: 0\r\n"))
    #expect(refusing.connection.wantsClose)
  }

  @Test func `Connection close is honoured, and a drained connection says it`() {
    let bench = Bench()
    let out = bench.answer(to: "GET / HTTP/1.1\r\nHost: h\r\nConnection: x, Close\r\n\r\n")
    #expect(out.contains("\r\nConnection: close\r\n"))
    #expect(bench.connection.wantsClose)
    let other = Bench()
    other.recorder.answer = { _ in }
    _ = other.answer(to: "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    other.connection.drain()
    #expect(!other.connection.wantsClose)
    other.recorder.exchanges[0].respond(200)
    #expect(other.take().contains("\r\nConnection: close\r\n"))
    #expect(other.connection.wantsClose)
  }

  @Test func `A body nobody reads stops the socket, a reply nobody reads stops its producer`() {
    let bench = Bench()
    bench.recorder.consumes = false
    _ = bench.answer(to: "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 900000\r\n\r\n")
    #expect(bench.connection.wantsRead)
    _ = bench.answer(to: String(repeating: "x", count: 300_000), piece: 65536)
    #expect(!bench.connection.wantsRead)
    bench.recorder.exchanges[0].consumed(300_000)
    #expect(bench.connection.wantsRead)

    let writer = Bench()
    writer.recorder.answer = { exchange in
      exchange.sendHeaders(200)
      while exchange.canSend { exchange.send(Bytes(repeating: 1, count: 50_000)) }
    }
    "GET / HTTP/1.1\r\nHost: h\r\n\r\n".bytes.withUnsafeBytes { writer.connection.receive($0, at: start) }
    #expect(writer.connection.output.count < Limits.outputHighWaterBytes + 100_000)
    writer.connection.flush()
    #expect(writer.recorder.events.last == "ended")
    writer.connection.output.removeAll()
    writer.connection.flush()
    #expect(writer.recorder.events.last == "drained")
  }

  @Test func `An unread body is skipped up to a bound`() {
    let bench = Bench()
    bench.recorder.began = { $0.respond(400) }
    _ = bench.answer(
      to: "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n" + String(repeating: "x", count: 1000))
    #expect(!bench.connection.wantsClose)
    _ = bench.answer(to: "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n")
    _ = bench.answer(to: String(repeating: "x", count: 400_000), piece: 65536)
    #expect(bench.connection.wantsClose)
  }

  @Test func `A lost connection cancels what was open, once`() {
    let bench = Bench()
    bench.recorder.answer = { _ in }
    _ = bench.answer(to: "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    bench.connection.connectionLost()
    bench.connection.connectionLost()
    #expect(bench.recorder.events == ["began GET /", "ended", "cancelled"])
    bench.recorder.exchanges[0].respond(200)
    #expect(bench.connection.output.isEmpty)
  }

  @Test func `A slow head runs out of time, an idle connection does not`() {
    let bench = Bench()
    _ = bench.answer(to: "GET / HT")
    bench.connection.tick(at: start + .seconds(9))
    #expect(!bench.connection.wantsClose)
    bench.connection.tick(at: start + .seconds(10))
    #expect(bench.connection.wantsClose)
    let idle = Bench()
    _ = idle.answer(to: "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    #expect(idle.connection.nextDeadline == nil)
    idle.connection.tick(at: start + .seconds(599))
    #expect(!idle.connection.wantsClose)
  }

  @Test func `Dates are as Go writes them`() {
    #expect(HTTPDate.text(unixSeconds: 1_136_214_245) == "Mon, 02 Jan 2006 15:04:05 GMT")
    #expect(HTTPDate.text(unixSeconds: 951_782_400) == "Tue, 29 Feb 2000 00:00:00 GMT")
    #expect(HTTPDate.text(unixSeconds: 0) == "Thu, 01 Jan 1970 00:00:00 GMT")
  }
}
