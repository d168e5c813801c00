import Base
import Testing

@testable import HTTP

private func masked(_ first: UInt8, _ payload: Bytes, mask: [UInt8] = [1, 2, 3, 4]) -> Bytes {
  var frame: Bytes = [first]
  switch payload.count {
  case ..<126: frame.append(0x80 | UInt8(payload.count))
  case ...0xffff: frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
  default: frame += [0x80 | 127] + withUnsafeBytes(of: UInt64(payload.count).bigEndian) { Bytes($0) }
  }
  return frame + mask + payload.enumerated().map { $0.element ^ mask[$0.offset & 3] }
}

/// The events of a reader as text, pieces of data joined; "violation" where it refused.
private func events(_ input: Bytes, piece: Int) -> [String] {
  var reader = WebSocketReader()
  var found: [String] = []
  var rest = input[...]
  while !rest.isEmpty {
    let part = Array(rest.prefix(piece))
    rest = rest.dropFirst(part.count)
    do throws(WebSocketReader.Violation) {
      try part.span.bytes.withUnsafeBytes { bytes throws(WebSocketReader.Violation) in
        try reader.receive(bytes) { event in
          switch event {
          case .data(let bytes):
            if let last = found.last, last.hasPrefix("data ") {
              found[found.count - 1] += String(utf8: bytes)
            } else {
              found.append("data " + String(utf8: bytes))
            }
          case .messageEnd: found.append("end")
          case .ping(let bytes): found.append("ping " + String(utf8: bytes))
          case .close(let code): found.append("close \(code?.rawValue ?? 0)")
          }
        }
      }
    } catch {
      return found + ["violation"]
    }
  }
  return found
}

@Suite struct WebSocketTests {
  @Test func `Frames are understood wherever their bytes are cut`() {
    let long = Bytes(repeating: 0x78, count: 300)
    let input =
      masked(0x81, "one".bytes) + masked(0x01, "tw".bytes) + masked(0x89, "p".bytes) + masked(0x80, "o".bytes)
      + masked(0x8a, []) + masked(0x82, long) + masked(0x81, []) + masked(0x88, [3, 0xe8] + "bye".bytes)
      + masked(0x81, "late".bytes)
    let expected = [
      "data one", "end", "data tw", "ping p", "data o", "end", "data " + String(utf8: long), "end", "end",
      "close 1000",
    ]
    for piece in 1...40 { #expect(events(input, piece: piece) == expected, "pieces of \(piece)") }
    #expect(events(input, piece: .max) == expected)
  }

  @Test func `A frame of any length is lent in pieces`() {
    let large = Bytes(repeating: 0x61, count: 70_000)
    #expect(events(masked(0x82, large), piece: 1000) == ["data " + String(utf8: large), "end"])
  }

  @Test(
    arguments: [
      [0x81, 0x00],  // not masked
      [0xc1, 0x80, 0, 0, 0, 0],  // a reserved bit
      [0x83, 0x80, 0, 0, 0, 0], [0x8b, 0x80, 0, 0, 0, 0],  // no such opcode
      [0x80, 0x80, 0, 0, 0, 0],  // goes on with nothing
      [0x01, 0x80, 0, 0, 0, 0, 0x81, 0x80],  // begins inside of a message
      [0x09, 0x80, 0, 0, 0, 0],  // a ping in parts
      [0x89, 0xfe, 0, 126, 0, 0, 0, 0],  // a long ping
      [0x81, 0xfe, 0, 125, 0, 0, 0, 0],  // not the shortest form
      [0x81, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0],
      [0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],  // a length below zero
      [0x88, 0x81, 0, 0, 0, 0, 3], [0x88, 0x82, 0, 0, 0, 0, 3, 0xed],  // no code, a code that may not travel
      [0x88, 0x83, 0, 0, 0, 0, 3, 0xe8, 0xff],  // a reason that is no text
    ] as [Bytes])
  func `What the rules forbid is refused`(frame: Bytes) {
    for piece in [1, 3, 100] { #expect(events(frame, piece: piece).last == "violation") }
  }

  @Test func `A handshake is answered with the key's digest, and then the bytes pass through`() {
    // The key and its answer are those of RFC 6455, 1.3.
    let head =
      "GET /chat HTTP/1.1\r\nHost: h\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
      + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    let bench = Bench()
    bench.recorder.began = { exchange in
      guard case .accepted(let fields) = WebSocket.handshake(exchange) else { return }
      #expect(exchange.upgrade(fields))
    }
    #expect(
      bench.answer(to: head + "first")
        == "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nSec-Websocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
        + "Upgrade: websocket\r\n\r\n")
    #expect(bench.recorder.events == ["began GET /chat", "body first"])
    let exchange = bench.recorder.exchanges[0]
    exchange.send { WebSocket.append(.text, UnsafeRawBufferPointer(start: nil, count: 0), to: &$0) }
    exchange.send { WebSocket.appendClose(.normal, to: &$0) }
    exchange.finish()
    #expect(bench.take() == String(utf8: [0x81, 0, 0x88, 2, 3, 0xe8] as Bytes))
    #expect(bench.connection.wantsClose)
  }

  @Test func `An answer from within the bytes that asked for it ends the connection`() {
    let bench = Bench(.http1)
    bench.recorder.began = { #expect($0.upgrade(HeaderList())) }
    _ = bench.answer(to: "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    bench.recorder.consumes = false
    let handler = bench.recorder
    handler.answer = { _ in }
    handler.exchanges[0].finish()
    #expect(bench.connection.wantsClose)
    #expect(bench.answer(to: "late") == "")
    #expect(handler.events == ["began GET /"])
  }

  @Test(arguments: [
    ("GET", "", "13", 400), ("GET", "Sec-WebSocket-Key: short\r\n", "13", 400),
    ("GET", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "8", 400),
    ("PUT", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "13", 405),
    ("GET", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nContent-Length: 1\r\n", "13", 400),
  ])
  func `Handshakes that are not whole are refused`(method: String, key: String, version: String, status: Int) {
    let bench = Bench(.http1)
    var found: Int?
    bench.recorder.began = { exchange in
      if case .refused(let status) = WebSocket.handshake(exchange) { found = status }
    }
    _ = bench.answer(
      to: "\(method) / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\(key)"
        + "Sec-WebSocket-Version: \(version)\r\n\r\n")
    #expect(found == status)
  }

  @Test func `A reply encoded in place has its length, under both versions`() {
    let bench = Bench()
    bench.recorder.answer = { exchange in
      exchange.respond(200, ["content-type": "text/plain"]) { $0.append("in place" as StaticString) }
    }
    #expect(
      bench.answer(to: "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nin place")
  }

  @Test func `An encoder that fails has said nothing`() {
    struct Failure: Error {}
    let bench = Bench()
    bench.recorder.answer = { exchange in
      do throws(Failure) {
        try exchange.respond(200, HeaderList()) { output throws(Failure) in
          output.append("half" as StaticString)
          throw Failure()
        }
      } catch { exchange.respond(500, body: "no".bytes) }
    }
    #expect(
      bench.answer(to: "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        == "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\nno")
  }
}
