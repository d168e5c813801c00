import Base
import Testing

@testable import HTTP

private let greeting = preface + frame(4, 0, 0)
private let postFields: Bytes = [0x83, 0x86, 0x84, 0x41, 0x01, 0x68]

private func at(_ seconds: Int64) -> Instant { start + .seconds(seconds) }

extension Bench {
  /// Lets time pass and gives what is said then.
  fileprivate func tick(_ seconds: Int64) -> Bytes {
    connection.tick(at: at(seconds))
    return taken()
  }
  fileprivate func taken() -> Bytes {
    var out = Bytes()
    while connection.flush() {
      out += Bytes(connection.output.unsent)
      connection.output.removeAll()
    }
    return out
  }
  /// Feeds the same again and again until the connection is given up, at most `rounds` times.
  fileprivate func flood(_ rounds: Int, _ bytes: (Int) -> Bytes) -> (rounds: Int, said: Bytes) {
    var said = Bytes()
    for round in 0..<rounds {
      if connection.wantsClose { return (round, said) }
      said += feed(bytes(round))
    }
    return (rounds, said)
  }
}

/// The code and text of the last GOAWAY.
private func farewell(_ output: Bytes) -> String? {
  guard let last = frames(output).last(where: { $0.type == 7 }) else { return nil }
  return "\(last.payload[7]) \(String(utf8: last.payload.dropFirst(8)))"
}

@Suite struct TimeLimitTests {
  @Test func `A client that never begins is left`() {
    for start in [ServerConnection.Start.sniff, .http1, .http2] {
      let bench = Bench(start)
      _ = bench.tick(9)
      #expect(!bench.connection.wantsClose)
      _ = bench.tick(10)
      #expect(bench.connection.wantsClose)
    }
  }

  @Test func `A block of fields that begins must end, also a later one`() {
    let bench = Bench(.http2)
    _ = bench.feed(greeting + frame(1, 5, 1, getFields))
    #expect(bench.feed(frame(1, 1, 3, getFields), at: at(100)).isEmpty)
    _ = bench.tick(109)
    #expect(!bench.connection.wantsClose)
    #expect(farewell(bench.tick(110)) == "11 header_timeout")
    #expect(bench.connection.wantsClose)
  }

  @Test func `A later head under HTTP 1 must end too, and is told`() {
    let bench = Bench()
    _ = bench.answer(to: "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    _ = bench.feed("GET / HT".bytes, at: at(100))
    #expect(bench.tick(109).isEmpty)
    #expect(String(utf8: bench.tick(110)).hasPrefix("HTTP/1.1 408 Request Timeout"))
    #expect(bench.connection.wantsClose)
  }

  @Test func `A body under HTTP 1 must come, a slow one may take its time`() {
    let bench = Bench()
    let head = "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n"
    _ = bench.feed(head.bytes + Bytes(repeating: 1, count: 10 * 1024), at: at(0))
    #expect(bench.tick(39).isEmpty && !bench.connection.wantsClose)
    #expect(String(utf8: bench.tick(40)).hasPrefix("HTTP/1.1 408 Request Timeout"))
    #expect(bench.connection.wantsClose)
    #expect(bench.recorder.events.last == "cancelled")
  }

  @Test func `A body under HTTP 2 must come`() {
    let bench = Bench(.http2)
    _ = bench.feed(greeting + frame(1, 4, 1, postFields) + frame(0, 0, 1, [1, 2, 3]))
    _ = bench.tick(29)
    #expect(bench.recorder.exchanges[0].didSendHead == false)
    let said = bench.tick(30)
    #expect(bench.recorder.exchanges[0].isClosed && !bench.connection.wantsClose)
    #expect(frames(said).contains { $0.type == 1 && $0.stream == 1 })
  }

  @Test func `Connections without a request are closed after a while, one with a request never`() {
    let one = Bench()
    _ = one.answer(to: "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    _ = one.tick(599)
    #expect(!one.connection.wantsClose)
    _ = one.tick(600)
    #expect(one.connection.wantsClose)

    let two = Bench(.http2)
    _ = two.feed(greeting)
    _ = two.tick(1799)
    #expect(!two.connection.wantsClose)
    #expect(farewell(two.tick(1800)) == "0 idle")
    #expect(two.connection.wantsClose)

    let watching = Bench(.http2)
    watching.recorder.answer = { $0.sendHeaders(200) }
    _ = watching.feed(greeting + frame(1, 5, 1, getFields))
    for hour in 0..<2 { _ = watching.tick(Int64(hour) * 3600) }
    #expect(!watching.connection.wantsClose)
  }

  @Test func `A reader that takes nothing for minutes is dropped`() {
    let bench = Bench(.http2)
    bench.recorder.answer = { $0.respond(200, body: Bytes(repeating: 7, count: 200_000)) }
    _ = bench.feed(greeting + frame(1, 5, 1, getFields))
    _ = bench.tick(1)
    _ = bench.tick(300)
    #expect(!bench.connection.wantsClose)
    #expect(farewell(bench.tick(301)) == "11 stalled_reader")
  }
}

@Suite struct FloodTests {
  @Test func `Resets by the peer, and resets that it provokes`() {
    let reset = Bench(.http2)
    reset.recorder.answer = { _ in }
    _ = reset.feed(greeting)
    let first = reset.flood(10_000) { round in
      let id = UInt32(2 * round + 1)
      return frame(1, 5, id, getFields) + frame(3, 0, id, [0, 0, 0, 8])
    }
    #expect(first.rounds <= Limits.resetBurst + 1 && farewell(first.said) == "11 too_many_resets")

    // A window over its bound makes us reset the stream (CVE-2025-8671).
    let provoked = Bench(.http2)
    provoked.recorder.answer = { _ in }
    _ = provoked.feed(greeting)
    let second = provoked.flood(10_000) { round in
      let id = UInt32(2 * round + 1)
      return frame(1, 4, id, postFields) + frame(8, 0, id, [0x7F, 0xFF, 0xFF, 0xFF])
    }
    #expect(second.rounds <= Limits.resetBurst + 2 && farewell(second.said)?.hasPrefix("11 ") == true)
  }

  @Test func `CONTINUATION frames`() {
    let bench = Bench(.http2)
    _ = bench.feed(greeting + frame(1, 1, 1, getFields))
    let (rounds, said) = bench.flood(100) { _ in frame(9, 0, 1, [0x00, 1, 0x61, 1, 0x62]) }
    #expect(rounds <= Limits.continuationFrames + 1 && farewell(said) == "11 too_many_frames")
  }

  @Test(arguments: [
    frame(0, 0, 1), frame(0, 8, 1, [3, 0, 0, 0]), frame(4, 0, 0), frame(2, 0, 1, [0, 0, 0, 0, 9]),
  ]) func `Frames that do nothing`(one: Bytes) {
    let bench = Bench(.http2)
    bench.recorder.answer = { _ in }
    _ = bench.feed(greeting + frame(1, 4, 1, postFields))
    let (rounds, said) = bench.flood(10_000) { _ in one }
    #expect(rounds <= Limits.idleFrameBurst + 1 && farewell(said) == "11 too_many_frames")
  }

  @Test func `Acknowledgements nobody reads`() {
    let bench = Bench(.http2)
    _ = bench.feed(greeting)
    let many = Bytes((0..<1_500).flatMap { _ in frame(4, 0, 0) })
    many.withUnsafeBytes { bench.connection.receive($0, at: start) }
    #expect(bench.connection.wantsClose && farewell(bench.taken()) == "11 too_many_frames")
  }

  @Test func `a client may widen the window of each stream that it opens`() {
    let bench = Bench(.http2)
    _ = bench.feed(greeting)
    for number in 0..<7_000 {
      let id = UInt32(2 * number + 1)
      _ = bench.feed(
        frame(1, 5, id, getFields) + frame(8, 0, id, [0, 0, 0, 1]) + frame(8, 0, id, [0, 0, 0, 1]))
    }
    #expect(!bench.connection.wantsClose)
  }

  @Test func `WINDOW_UPDATE frames, but not those that answer data`() {
    let bench = Bench(.http2)
    _ = bench.feed(greeting)
    let (rounds, said) = bench.flood(20_000) { _ in frame(8, 0, 0, [0, 0, 0, 1]) }
    #expect(rounds <= Limits.windowUpdateBurst + 1 && farewell(said) == "11 too_many_window_updates")

    let reader = Bench(.http2)
    reader.recorder.answer = { $0.sendHeaders(200) }
    _ = reader.feed(greeting + frame(1, 5, 1, getFields))
    for _ in 0..<20_000 {
      reader.recorder.exchanges[0].send([1, 2, 3])
      _ = reader.taken()
      _ = reader.feed(frame(8, 0, 0, [0, 0, 0, 3]) + frame(8, 0, 1, [0, 0, 0, 3]))
    }
    #expect(!reader.connection.wantsClose)
  }

  @Test func `Heads that are too large`() {
    let bench = Bench(.http2)
    // An entry of 4,000 bytes in the table, then named over and over: a small frame, a huge list.
    let value = Bytes(repeating: 0x76, count: 4_000)
    let entry: Bytes = [0x40, 1, 0x78, 0x7F, 0xA1, 0x1E] + value
    _ = bench.feed(greeting + frame(1, 5, 1, [0x82, 0x86, 0x84, 0x01, 0x01, 0x68] + entry))
    let plain: Bytes = [0x82, 0x86, 0x84, 0x01, 0x01, 0x68]
    let large = plain + Bytes(repeating: 0xBE, count: 20)
    let (rounds, said) = bench.flood(10_000) { frame(1, 5, UInt32(2 * $0 + 3), large) }
    #expect(rounds <= Limits.idleFrameBurst + 1 && farewell(said) == "11 too_many_frames")
    #expect(bench.recorder.exchanges.count == 1)

    let other = Bench(.http2)
    let bomb = plain + Bytes(repeating: 0xBE, count: 4_000)
    let last = other.feed(greeting + frame(1, 5, 1, plain + entry) + frame(1, 5, 3, bomb))
    #expect(other.connection.wantsClose && farewell(last) == "11 head_too_large")
  }

  @Test func `Pipelined requests whose replies are not taken`() {
    let bench = Bench()
    let page = Bytes(repeating: 0x61, count: 100_000)
    bench.recorder.answer = { $0.respond(200, body: page) }
    let many = String(repeating: "GET / HTTP/1.1\r\nHost: h\r\n\r\n", count: 100).bytes
    many.withUnsafeBytes { bench.connection.receive($0, at: start) }
    #expect(bench.connection.output.count < Limits.outputHighWaterBytes + 200_000)
    #expect(!bench.connection.wantsRead)
    #expect(bench.recorder.exchanges.count < 12)
    #expect(bench.taken().count > 100 * page.count)
  }
}

@Suite struct TurnTests {
  @Test func `A read that begins very many requests is dealt with over several turns`() {
    let bench = Bench(.http2)
    bench.connection.sharesTurns = true
    _ = bench.feed(greeting)
    let fields = getFields + [0, 1, 0x78, 60] + Bytes(repeating: 0x76, count: 60)
    let many = Bytes((0..<800).flatMap { frame(1, 5, UInt32(2 * $0 + 1), fields) })
    var said = bench.feed(many)
    #expect(bench.connection.hasLaterInput && !bench.connection.wantsRead)
    var turns = 1
    while bench.connection.hasLaterInput {
      #expect(bench.recorder.exchanges.count < 250 * turns)
      bench.connection.receiveLater(at: start)
      said += bench.taken()
      turns += 1
    }
    #expect(turns > 2 && bench.connection.wantsRead)
    #expect(frames(said).filter { $0.type == 0 && $0.flags == 1 }.count == 800)
  }

  @Test func `Messages on one stream share turns too, however the bytes were cut`() {
    for cut in [100_000, 1_000] {
      let bench = Bench(.http2)
      bench.connection.sharesTurns = true
      _ = bench.feed(greeting + frame(1, 4, 1, postFields))
      var messages = 0
      bench.recorder.tookBody = { exchange, _ in
        exchange.noteMessage()
        messages += 1
      }
      let many = Bytes((0..<2_000).flatMap { _ in frame(0, 0, 1, [0, 0, 0, 0, 2, 0x0A, 0]) })
      // One read of the socket, which TLS gives out record by record.
      for start in stride(from: 0, to: many.count, by: cut) {
        many[start..<min(start + cut, many.count)].withUnsafeBytes {
          bench.connection.receive($0, at: HTTPTests.start)
        }
      }
      var turns = 1
      while bench.connection.hasLaterInput {
        #expect(messages <= turns * (Limits.turnRequests + Limits.turnPieceBytes / 16))
        #expect(!bench.connection.wantsRead)
        _ = bench.taken()
        bench.connection.receiveLater(at: start)
        turns += 1
      }
      #expect(messages == 2_000 && turns > 4)
    }
  }

  @Test func `Pipelined requests share turns too, and a large body needs none`() {
    let bench = Bench()
    bench.connection.sharesTurns = true
    let many = String(repeating: "GET / HTTP/1.1\r\nHost: h\r\n\r\n", count: 1_500)
    _ = bench.feed(many.bytes)
    #expect(bench.connection.hasLaterInput)
    while bench.connection.hasLaterInput {
      bench.connection.receiveLater(at: start)
      _ = bench.taken()
    }
    #expect(bench.recorder.exchanges.count == 1_500)
    let body =
      "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 60000\r\n\r\n".bytes + Bytes(repeating: 0x61, count: 60_000)
    #expect(!bench.feed(body).isEmpty && !bench.connection.hasLaterInput)
  }
}

@Suite struct HeldByteTests {
  /// A connection whose peer has opened its windows wide, or not at all.
  private func bench(_ budget: ByteBudget = ByteBudget(), streams: Int) -> Bench {
    let bench = Bench()
    bench.connection.context.budget = budget
    bench.recorder.answer = { _ in }
    _ = bench.feed(preface + frame(4, 0, 0, [0, 4, 0, 0, 0, 0]))
    for number in 0..<streams { _ = bench.feed(frame(1, 5, UInt32(2 * number + 1), getFields)) }
    return bench
  }

  @Test func `One reply may be large, many may not`() {
    let large = bench(streams: 1)
    large.recorder.exchanges[0].respond(200, body: Bytes(repeating: 1, count: Limits.connectionDropBytes + 10))
    #expect(!large.connection.wantsClose)

    let many = bench(streams: 80)
    let reply = Bytes(repeating: 1, count: 1024 * 1024)
    for exchange in many.recorder.exchanges { exchange.respond(200, body: reply) }
    #expect(many.connection.wantsClose)
    #expect(many.connection.heldBytes < 1024)
    #expect(farewell(many.taken()) == "11 too_much_held")
  }

  @Test func `Producers wait for the connection as a whole and go on`() {
    let crowd = bench(streams: 30)
    let exchanges = crowd.recorder.exchanges
    for exchange in exchanges { exchange.sendHeaders(200) }
    for exchange in exchanges.dropLast() { exchange.send(Bytes(repeating: 1, count: 200_000)) }
    #expect(!exchanges[29].canSend)
    crowd.recorder.events = []
    // Windows open: everything leaves.
    let open =
      frame(8, 0, 0, [0x10, 0, 0, 0])
      + Bytes((0..<30).flatMap { frame(8, 0, UInt32(2 * $0 + 1), [0x10, 0, 0, 0]) })
    _ = crowd.feed(open)
    #expect(crowd.recorder.events.contains("drained") && exchanges[29].canSend)
  }

  @Test func `The books are even when everything is over`() {
    let budget = ByteBudget()
    do {
      let crowd = bench(budget, streams: 20)
      for exchange in crowd.recorder.exchanges {
        exchange.respond(200, body: Bytes(repeating: 1, count: 5_000))
      }
      #expect(budget.used >= 20 * (5_000 + Limits.streamCostBytes))
      crowd.recorder.exchanges[3].reset(.cancel)
      _ = crowd.feed(frame(8, 0, 1, [0, 1, 0, 0]) + frame(3, 0, 5, [0, 0, 0, 8]))
      crowd.connection.connectionLost()
    }
    #expect(budget.used == 0)
  }

  @Test func `When all hold too much the one that holds most is dropped`() {
    let budget = ByteBudget(tight: 2_000_000, limit: 3_000_000)
    let small = bench(budget, streams: 2)
    let greedy = bench(budget, streams: 20)
    budget.relieve = {
      for bench in [small, greedy].sorted(by: { $0.connection.heldBytes > $1.connection.heldBytes }).prefix(1) {
        bench.connection.drop("too_much_held")
      }
    }
    for exchange in small.recorder.exchanges { exchange.sendHeaders(200) }
    small.recorder.exchanges[0].send(Bytes(repeating: 1, count: 300_000))
    for exchange in greedy.recorder.exchanges {
      exchange.respond(200, body: Bytes(repeating: 1, count: 200_000))
    }
    #expect(greedy.connection.wantsClose && !small.connection.wantsClose)
    #expect(budget.used < 1_000_000 && budget.dropped == 1)
  }

  @Test func `While bytes are tight greedy producers wait, and are told when they are not`() {
    let budget = ByteBudget(tight: 1_000_000, limit: 100_000_000)
    let other = bench(budget, streams: 1)
    other.recorder.exchanges[0].respond(200, body: Bytes(repeating: 1, count: 1_000_000))
    let waiting = bench(budget, streams: 3)
    for exchange in waiting.recorder.exchanges { exchange.sendHeaders(200) }
    #expect(waiting.recorder.exchanges[0].canSend)
    for exchange in waiting.recorder.exchanges.prefix(2) { exchange.send(Bytes(repeating: 1, count: 200_000)) }
    #expect(!waiting.recorder.exchanges[2].canSend)
    #expect(!budget.takeRelief())
    other.connection.connectionLost()
    #expect(budget.takeRelief() && !budget.takeRelief())
    waiting.recorder.events = []
    waiting.connection.relieved()
    _ = waiting.taken()
    #expect(waiting.recorder.events == ["drained"])
  }

  @Test func `Large requests come in as far as their connection has room`() {
    let crowd = bench(streams: 0)
    for number in 0..<12 { _ = crowd.feed(frame(1, 4, UInt32(2 * number + 1), postFields)) }
    let exchanges = crowd.recorder.exchanges
    let size = 2 * 1024 * 1024
    let admitted = exchanges.filter { $0.takeRequestRoom(size) }
    #expect(admitted.count == Limits.connectionRequestBytes / size)
    exchanges[0].giveRequestRoom()
    #expect(exchanges[9].takeRequestRoom(size) && !exchanges[10].takeRequestRoom(size))
    // A stream that ends gives its room back.
    _ = crowd.feed(frame(3, 0, 3, [0, 0, 0, 8]))
    #expect(exchanges[10].takeRequestRoom(size))
  }

  @Test func `Open requests with long heads are too much at some point`() {
    let crowd = bench(streams: 0)
    // An entry of 4,000 bytes in the table, then named again and again: a small frame, a head just below the bound.
    let entry: Bytes = [0x40, 1, 0x78, 0x7F, 0xA1, 0x1E] + Bytes(repeating: 0x76, count: 4_000)
    let plain: Bytes = [0x82, 0x86, 0x84, 0x01, 0x01, 0x68]  // nothing that would displace the entry
    _ = crowd.feed(frame(1, 5, 1, plain + entry))
    let fields = plain + Bytes(repeating: 0xBE, count: 14)
    let (rounds, said) = crowd.flood(3_000) { frame(1, 5, UInt32(2 * $0 + 3), fields) }
    #expect(rounds < 1_300 && farewell(said) == "11 too_much_held")
  }

  @Test func `Requests that are kept and never end are too much at some point`() {
    let crowd = bench(streams: 0)
    for number in 0..<300 { _ = crowd.feed(frame(1, 4, UInt32(2 * number + 1), postFields)) }
    for exchange in crowd.recorder.exchanges { exchange.noteGathered(250_000) }
    #expect(crowd.connection.wantsClose && farewell(crowd.taken()) == "11 too_much_held")
  }
}
