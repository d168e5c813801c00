import Base
import Testing

@testable import HTTP

/// Good input, damaged at random but the same way every time: nothing may stop the process, and every exchange that
/// began must end.
@Suite struct MutationTests {
  private static let requests = [
    "POST /v2/keys/a?b=c HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: h\r\n\r\n",
    "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: v\r\n\r\n",
    "GET http://h/ HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
  ].map(\.bytes)
  private static let replies = [
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 404 No\r\n\r\nrest",
  ].map(\.bytes)

  /// What our own client sends for a few calls.
  private static func conversation() throws -> Bytes {
    let client = ClientConnection(.http2, now: start)
    let caller = Caller()
    var bytes = Bytes()
    for path in ["/a.B/C", "/d.E/F"] {
      let call = try #require(client.open(.grpc(path, authority: "h", timeout: .seconds(1)), caller))
      call.sendMessage("hello".bytes)
      call.finish()
    }
    while client.flush() {
      bytes += Bytes(client.output.unsent)
      client.output.removeAll()
    }
    return bytes
  }

  private static func damaged(_ input: Bytes, _ dice: inout Dice) -> Bytes {
    var bytes = input
    for _ in 0...dice.below(4) where !bytes.isEmpty {
      let position = dice.below(bytes.count)
      switch dice.below(4) {
      case 0: bytes[position] = UInt8(truncatingIfNeeded: dice.next())
      case 1: bytes.remove(at: position)
      case 2: bytes.insert([0, 0x0A, 0x0D, 0x20, 0x3A, 0xFF][dice.below(6)], at: position)
      default: bytes.removeSubrange(position..<min(bytes.count, position + dice.below(12)))
      }
    }
    return bytes
  }

  private static func feed(_ bytes: Bytes, _ dice: inout Dice, _ receive: (UnsafeRawBufferPointer) -> Void) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = Bytes(rest.prefix(1 + dice.below(64)))
      rest = rest.dropFirst(part.count)
      part.withUnsafeBytes(receive)
    }
  }

  @Test func `Damaged requests of either version end in good order`() throws {
    var dice = Dice(seed: 1)
    let inputs = Self.requests + [try Self.conversation()]
    for round in 0..<4000 {
      let bench = Bench()
      Self.feed(Self.damaged(inputs[round % inputs.count], &dice), &dice) { part in
        bench.connection.receive(part, at: start)
        while bench.connection.flush() { bench.connection.output.removeAll() }
      }
      bench.connection.connectionLost()
      #expect(bench.recorder.exchanges.allSatisfy { $0.isClosed })
      #expect(bench.connection.activeCount == 0)
    }
  }

  @Test func `Damaged replies end every call once`() throws {
    var dice = Dice(seed: 2)
    for round in 0..<3000 {
      let caller = Caller()
      let client = ClientConnection(.http1, now: start)
      let call = try #require(client.open(Request("GET", "/", authority: "h"), caller))
      Self.feed(Self.damaged(Self.replies[round % Self.replies.count], &dice), &dice) {
        client.receive($0, at: start)
      }
      client.connectionLost()
      #expect(call.isClosed)
      #expect(caller.events.filter { $0 == "ended" || $0.hasPrefix("failed") }.count == 1)
    }
  }

  @Test func `A head already says whether a body follows`() throws {
    for version in [ClientConnection.Version.http1, .http2] {
      let pair = Pair(version)
      var seen: [Bool] = []
      pair.recorder.began = { seen.append($0.didReceiveAll) }
      _ = try pair.open(Request("GET", "/", authority: "h"))
      pair.run()
      _ = try pair.open(Request("POST", "/", authority: "h", body: .bytes("x".bytes)))
      pair.run()
      #expect(seen == [true, false])
    }
  }
}
