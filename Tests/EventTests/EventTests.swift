import Base
import Glibc
import Testing

@testable import Event

/// Keeps what arrives and stops the loop when `until` is satisfied.
final class Peer: SocketDelegate {
  let socket: Socket
  var received = Bytes()
  var ended: Int32?
  var writable = 0
  var onReceive: ((Peer) -> Void)?
  var onEnd: (() -> Void)?

  init(_ socket: Socket) {
    self.socket = socket
    socket.delegate = self
    socket.resumeReading()
  }
  deinit { socket.delegate = nil }

  func socketReceived(_ socket: Socket, _ bytes: UnsafeRawBufferPointer) {
    received.append(contentsOf: bytes)
    onReceive?(self)
  }
  func socketWritable(_ socket: Socket) { writable += 1 }
  func socketEnded(_ socket: Socket, errno: Int32) {
    ended = errno
    onEnd?()
  }
}

/// Runs the loop until `done`, at most five seconds.
func run(_ loop: EventLoop, until done: () -> Bool) {
  let deadline = loop.now + .seconds(5)
  let tick = Timer(loop) {}
  tick.every(.milliseconds(20))
  while !done(), loop.now < deadline { loop.turn(waits: true) }
}

/// A fresh directory in the system's temporary one, removed with this object.
final class TemporaryDirectory {
  let path: String
  init() {
    var template = "/tmp/event-test-XXXXXX".utf8CString.map { $0 }
    path = String(cString: mkdtemp(&template))
  }
  deinit { rmdir(path) }
}

@Suite struct EventTests {
  @Test func `Timers fire in order, again and again, and not after cancel`() {
    let loop = EventLoop()
    var fired: [String] = []
    let late = Timer(loop) { fired.append("late") }
    let early = Timer(loop) { fired.append("early") }
    let never = Timer(loop) { fired.append("never") }
    var count = 0
    let again = Timer(loop) { count += 1 }
    late.once(after: .milliseconds(30))
    early.once(after: .milliseconds(5))
    never.once(after: .milliseconds(10))
    again.every(.milliseconds(4))
    never.cancel()
    run(loop) { fired.count == 2 }
    #expect(fired == ["early", "late"])
    #expect(count >= 3)
    #expect(!early.isRunning && again.isRunning)
  }

  @Test func `The end of a turn comes once after its callbacks and posted work`() {
    let loop = EventLoop()
    var log: [String] = []
    loop.onTurnEnd = { log.append("end") }
    loop.post { log.append("posted") }
    loop.post { loop.post { log.append("next") } }
    loop.turn(waits: true)
    #expect(log == ["posted", "end"])
    loop.turn(waits: true)
    #expect(log == ["posted", "end", "next", "end"])
  }

  @Test func `Time stands still within a turn`() {
    let loop = EventLoop()
    loop.turn(waits: false)
    let first = loop.now
    usleep(2000)
    #expect(loop.now == first)
    loop.turn(waits: false)
    #expect(loop.now > first)
  }

  @Test func `A letter from another thread wakes the loop`() {
    let loop = EventLoop()
    let wake = Wake()
    let box = Mailbox<Int>(onFirst: { wake.signal() })
    var got: [Int] = []
    let watch = wake.watch(on: loop) {
      got += box.takeAll()
      if got.count == 100 { loop.stop() }
    }
    let thread = Thread(name: "poster") { for number in 0..<100 { box.post(number) } }
    loop.run()
    thread.join()
    #expect(got == Array(0..<100))
    _ = watch
  }

  @Test func `A signal is heard on the loop`() {
    let loop = EventLoop()
    var heard = 0
    let watch = SignalWatch(loop, SIGUSR2) { heard += 1 }
    kill(getpid(), SIGUSR2)
    run(loop) { heard > 0 }
    #expect(heard == 1)
    _ = watch
  }

  @Test(arguments: ["127.0.0.1", "::1", "unix"]) func `Bytes go both ways over every kind of socket`(
    kind: String
  ) throws {
    let directory = TemporaryDirectory()
    let loop = EventLoop()
    let wanted =
      kind == "unix" ? .unix("\(directory.path)/socket") : try #require(SocketAddress(literal: kind, port: 0))
    let listener = try Listener(loop, wanted)
    if kind != "unix" { #expect(listener.address.port != 0) }
    var server: Peer?
    listener.onAccept = { socket in
      server = Peer(socket)
      server?.onReceive = { peer in
        let output = OutputBuffer()
        output.append(peer.received)
        #expect(peer.socket.send(output) == .all)
        peer.received = []
      }
    }
    listener.start()
    var client: Peer?
    let connector = Connector(loop, to: [listener.address], timeout: .seconds(2)) { outcome in
      guard case .connected(let socket) = outcome else { return }
      client = Peer(socket)
      let output = OutputBuffer()
      output.append("hello")
      #expect(socket.send(output) == .all)
    }
    run(loop) { client?.received.count == 5 }
    #expect(client?.received == "hello".bytes)
    #expect(client?.socket.local.network == listener.address.network)
    client?.socket.close()
    run(loop) { server?.ended != nil }
    #expect(server?.ended == 0)
    _ = connector
    listener.close()
    if kind == "unix" { #expect(access(wanted.host, F_OK) == -1) }
  }

  @Test func `A peer that does not read holds its sender up, and releases it`() throws {
    let loop = EventLoop()
    let listener = try Listener(loop, .ip([127, 0, 0, 1], port: 0))
    var reader: Peer?
    listener.onAccept = {
      reader = Peer($0)
      $0.pauseReading()
    }
    listener.start()
    var writer: Peer?
    let connector = Connector(loop, to: [listener.address], timeout: .seconds(2)) { outcome in
      if case .connected(let socket) = outcome { writer = Peer(socket) }
    }
    run(loop) { writer != nil && reader != nil }
    let output = OutputBuffer()
    output.append(Bytes(repeating: 7, count: 32 << 20))
    #expect(writer?.socket.send(output) == .partly)
    #expect(output.count > 0)
    reader?.socket.resumeReading()
    run(loop) {
      if let writer, writer.writable > 0, !output.isEmpty { _ = writer.socket.send(output) }
      return reader?.received.count == 32 << 20
    }
    #expect(reader?.received.count == 32 << 20)
    _ = connector
  }

  @Test func `Nobody listening and nobody answering are told apart`() throws {
    let loop = EventLoop()
    let listener = try Listener(loop, .ip([127, 0, 0, 1], port: 0))
    let address = listener.address
    listener.close()
    var errors: [EventError] = []
    let refused = Connector(loop, to: [address], timeout: .seconds(2)) {
      if case .failed(let error) = $0 { errors.append(error) }
    }
    run(loop) { errors.count == 1 }
    #expect(errors.map(\.description) == ["dial tcp \(address): connect: connection refused"])
    // A backlog that nobody empties, filled up, lets connects hang.
    let none = Connector(loop, to: [], timeout: .milliseconds(20)) {
      if case .failed(let error) = $0 { errors.append(error) }
    }
    run(loop) { errors.count == 2 }
    _ = (refused, none)
  }

  @Test func `The second address is tried when the first refuses`() throws {
    let loop = EventLoop()
    let closed = try Listener(loop, .ip([127, 0, 0, 1], port: 0))
    let open = try Listener(loop, .ip([127, 0, 0, 1], port: 0))
    closed.close()
    var reached: SocketAddress?
    let connector = Connector(loop, to: [closed.address, open.address], timeout: .seconds(2)) {
      if case .connected(let socket) = $0 { reached = socket.peer }
    }
    run(loop) { reached != nil }
    #expect(reached == open.address)
    _ = connector
  }

  @Test func `A port in use is refused in Go's words`() throws {
    let loop = EventLoop()
    let first = try Listener(loop, .ip([127, 0, 0, 1], port: 0))
    let error = #expect(throws: EventError.self) { try Listener(loop, first.address) }
    #expect(error?.description == "listen tcp \(first.address): bind: address already in use")
  }

  @Test func `At the limit connections wait until one ends`() throws {
    let loop = EventLoop()
    let budget = ConnectionBudget(limit: 1)
    let listener = try Listener(loop, .ip([127, 0, 0, 1], port: 0), budget: budget)
    var accepted: [Socket] = []
    listener.onAccept = { accepted.append($0) }
    listener.start()
    var clients: [Socket] = []
    let connectors = (0..<2).map { _ in
      Connector(loop, to: [listener.address], timeout: .seconds(2)) {
        if case .connected(let socket) = $0 { clients.append(socket) }
      }
    }
    run(loop) { clients.count == 2 && accepted.count == 1 }
    for _ in 0..<5 { loop.turn(waits: false) }
    #expect(accepted.count == 1 && clients.count == 2)
    accepted[0].close()
    budget.release()
    run(loop) { accepted.count == 2 }
    #expect(accepted.count == 2 && budget.used == 1)
    _ = connectors
  }

  @Test func `Names are looked up off the loop, literals at once`() {
    let loop = EventLoop()
    let resolver = Resolver(loop)
    var answers: [String: Result<[SocketAddress], Resolver.Failure>] = [:]
    for host in ["localhost", "127.0.0.9", "no-such-name.invalid"] {
      resolver.addresses(of: host, port: 7) { answers[host] = $0 }
    }
    run(loop) { answers.count == 3 }
    #expect((try? answers["localhost"]?.get())?.allSatisfy { $0.isLoopback && $0.port == 7 } == true)
    #expect(answers["127.0.0.9"] == .success([.ip([127, 0, 0, 9], port: 7)]))
    guard case .failure = answers["no-such-name.invalid"] else {
      Issue.record("an invalid name was found")
      return
    }
  }

  @Test func `A host that was asked for a moment ago is not asked for again, nor while that is open`() {
    func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }
    var kept = KeptAddresses<String>()
    let (a, b) = (
      KeptAddresses<String>.Question(host: "a", port: 1), KeptAddresses<String>.Question(host: "a", port: 2)
    )
    #expect(kept.answer(to: a, at: at(0)) == nil)
    let asked = [kept.ask(a), kept.ask(a), kept.ask(b)]
    #expect(asked == [true, false, true])
    #expect(kept.answered(a, "here", isGood: true, isPassing: false, at: at(10)) == "here")
    #expect(kept.answer(to: a, at: at(1_009)) == "here" && kept.answer(to: b, at: at(20)) == nil)
    #expect(kept.answer(to: a, at: at(1_010)) == nil)
    let again = kept.ask(a)
    #expect(again)
    for port in 0..<UInt16(Limits.keptAddresses) * 2 {
      let question = KeptAddresses<String>.Question(host: "b", port: port)
      _ = kept.answered(question, "there", isGood: true, isPassing: false, at: at(2_000))
    }
    #expect(kept.count <= Limits.keptAddresses)
  }

  @Test func `While no name server answers the last good addresses hold for a day`() {
    func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }
    var kept = KeptAddresses<String>()
    let a = KeptAddresses<String>.Question(host: "a", port: 1)
    func silence(_ seconds: Int64) -> String {
      kept.answered(a, "silence", isGood: false, isPassing: true, at: at(seconds))
    }
    #expect(silence(0) == "silence" && kept.standIn(for: a, at: at(0)) == nil)
    _ = kept.answered(a, "here", isGood: true, isPassing: false, at: at(10))
    #expect(silence(20) == "here" && kept.answer(to: a, at: at(24)) == "here")
    #expect(kept.answer(to: a, at: at(25)) == nil)
    #expect(kept.standIn(for: a, at: at(30)) == "here" && kept.answer(to: a, at: at(34)) == "here")
    #expect(silence(10 + 86_400) == "silence")
    _ = kept.answered(a, "here", isGood: true, isPassing: false, at: at(100_000))
    #expect(kept.answered(a, "none", isGood: false, isPassing: false, at: at(100_010)) == "none")
    #expect(silence(100_020) == "silence")
  }

  @Test func `All who ask for a host at once get its addresses, from one answer`() {
    let loop = EventLoop()
    let resolver = Resolver(loop)
    var answers: [[SocketAddress]] = []
    func ask() {
      resolver.addresses(of: "localhost", port: 7) { if let found = try? $0.get() { answers.append(found) } }
    }
    for _ in 0..<3 { ask() }
    run(loop) { answers.count == 3 }
    ask()
    run(loop) { answers.count == 4 }
    #expect(Set(answers).count == 1 && answers[0].allSatisfy { $0.isLoopback && $0.port == 7 })
    #expect(resolver.questionCount == 1)
  }

  @Test func `Addresses are written as Go writes them`() {
    #expect(SocketAddress(literal: "[::1]", port: 2379)?.description == "[::1]:2379")
    #expect(SocketAddress(literal: "10.0.0.1", port: 1)?.description == "10.0.0.1:1")
    #expect(SocketAddress(literal: "", port: 1)?.description == "[::]:1")
    #expect(SocketAddress(literal: "example.com", port: 1) == nil)
    let mapped = Bytes(repeating: 0, count: 10) + [0xFF, 0xFF, 1, 2, 3, 4]
    let back = SocketAddress.ip(mapped, port: 5).withC { pointer, count in
      SocketAddress(c: UnsafeRawBufferPointer(start: pointer, count: Int(count)))
    }
    #expect(back?.description == "1.2.3.4:5")
  }
}
