import Base
import Event
import HTTP
import Testing
import Wire

@testable import Client

@Suite struct CallTests {
  private let loop = EventLoop()

  private func client(_ endpoints: [String]) throws -> Client {
    try Client(loop, ClientSettings(endpoints: endpoints))
  }

  private func turn(until done: () -> Bool) {
    let limit = loop.now + .seconds(5)
    while !done(), loop.now < limit {
      loop.post {}
      loop.turn(waits: false)
    }
  }

  private func call<Query, Reply>(
    _ client: Client, _ unary: Unary<Query, Reply>, _ query: Query, within span: TimeSpan = .seconds(3)
  ) -> Result<Reply, RPCFailure>? {
    var result: Result<Reply, RPCFailure>?
    client.call(unary, query, deadline: loop.now + span) { result = $0 }
    turn { result != nil }
    return result
  }

  @Test("A call is answered, also when the first endpoint is dead")
  func failover() throws {
    let server = try LocalServer(loop) { exchange, path, message in
      #expect(path == "/etcdserverpb.KV/Range")
      let query = try? RangeRequest(decoding: message)
      exchange.replyUnary(
        RangeResponse(kvs: [KeyValue(key: query?.key ?? [], value: [7])], count: 1).encoded())
    }
    let client = try client(["127.0.0.1:1", server.endpoint])
    for _ in 0..<3 {
      guard case .success(let reply) = call(client, EtcdRPC.range, RangeRequest(key: "k".bytes)) else {
        return #expect(Bool(false), "no reply")
      }
      #expect(reply.kvs.first?.key == "k".bytes && reply.count == 1)
    }
    #expect(server.connectionCount == 1)
  }

  @Test("A read is repeated while a member is unavailable, a write is not")
  func retries() throws {
    var count = 0
    let server = try LocalServer(loop) { exchange, path, _ in
      count += 1
      if path.hasSuffix("Range"), count == 3 { return exchange.replyUnary(RangeResponse(count: 9).encoded()) }
      exchange.replyError(14, "etcdserver: no leader")
    }
    let client = try client([server.endpoint])
    #expect(try call(client, EtcdRPC.range, RangeRequest())?.get().count == 9)
    #expect(count == 3)
    count = 0
    guard case .failure(let failure) = call(client, EtcdRPC.put, PutRequest(key: [1])) else {
      return #expect(Bool(false), "a write was repeated")
    }
    #expect(count == 1 && failure.means(.noLeader))
  }

  @Test("Other endpoints get new calls, those under way go on, and who comes back keeps its connection")
  func replaced() throws {
    var held: [Exchange] = []
    let first = try LocalServer(loop) { exchange, _, _ in held.append(exchange) }
    let second = try LocalServer(loop) { exchange, _, _ in
      exchange.replyUnary(RangeResponse(count: 2).encoded())
    }
    let client = try client([first.endpoint])
    var result: Result<RangeResponse, RPCFailure>?
    client.call(EtcdRPC.range, RangeRequest(), deadline: loop.now + .seconds(5)) { result = $0 }
    turn { held.count == 1 }
    try client.replace([second.endpoint])
    #expect(try call(client, EtcdRPC.range, RangeRequest())?.get().count == 2)
    #expect(result == nil && held.count == 1)
    try client.replace([first.endpoint])
    client.call(EtcdRPC.put, PutRequest(), deadline: loop.now + .seconds(5)) { _ in }
    turn { held.count == 2 }
    #expect(first.connectionCount == 1)
    held[0].replyUnary(RangeResponse(count: 1).encoded())
    turn { result != nil }
    #expect(try result?.get().count == 1)
    // Nothing is under way there any more: its connection ends.
    held[1].replyUnary(PutResponse().encoded())
    turn { client.liveCount == 0 }
    try client.replace([second.endpoint])
    #expect(try call(client, EtcdRPC.range, RangeRequest())?.get().count == 2)
  }

  @Test("A deadline ends a call that nobody answers, and one that has no connection")
  func deadlines() throws {
    let server = try LocalServer(loop) { _, _, _ in }
    for endpoint in [server.endpoint, "127.0.0.1:1"] {
      let result = call(try client([endpoint]), EtcdRPC.put, PutRequest(), within: .milliseconds(100))
      guard case .failure(let failure) = result else { return #expect(Bool(false), "no end") }
      #expect(failure.description == "context deadline exceeded" && failure.isPastDeadline)
    }
  }

  @Test("A request beyond two megabytes is not sent")
  func tooLarge() throws {
    let client = try client(["127.0.0.1:1"])
    let result = call(client, EtcdRPC.put, PutRequest(value: Bytes(repeating: 0, count: 3 << 20)))
    guard case .failure(let failure) = result else { return #expect(Bool(false)) }
    #expect(failure.description.contains("trying to send message larger than max (3145733 vs. 2097152)"))
  }

  @Test("A token is fetched, sent, and fetched again when it is refused")
  func tokens() throws {
    var issued = 0
    let server = try LocalServer(loop) { exchange, path, _ in
      if path.hasSuffix("Authenticate") {
        issued += 1
        return exchange.replyUnary(AuthenticateResponse(token: "t\(issued)").encoded())
      }
      guard exchange.headers["token"] == "t2" else {
        return exchange.replyError(16, "etcdserver: invalid auth token")
      }
      exchange.replyUnary(PutResponse().encoded())
    }
    var settings = ClientSettings(endpoints: [server.endpoint])
    settings.user = "u"
    settings.password = "p"
    let client = try Client(loop, settings)
    var isSignedIn = false
    client.signIn(deadline: nil) { isSignedIn = $0 == nil }
    turn { isSignedIn }
    guard case .success = call(client, EtcdRPC.put, PutRequest()) else { return #expect(Bool(false)) }
    #expect(issued == 2)
  }

  @Test("A watch goes on behind the last event when its connection breaks")
  func watchResumes() throws {
    var starts: [Int64] = []
    let server = try LocalServer(loop) { exchange, _, message in
      guard case .createRequest(let create) = (try? WatchRequest(decoding: message))?.requestUnion else {
        return
      }
      starts.append(create.startRevision)
      exchange.sendMessage(WatchResponse(header: ResponseHeader(revision: 10), created: true).encoded())
      let event = KVEvent(kv: KeyValue(key: [1], modRevision: 10 + Int64(starts.count)))
      exchange.sendMessage(WatchResponse(header: ResponseHeader(revision: 10), events: [event]).encoded())
    }
    var seen: [Int64] = []
    let stream = WatchStream(try client([server.endpoint])) { _, news in
      if case .reply(let reply) = news { seen += reply.events.compactMap { $0.kv?.modRevision } }
    }
    _ = stream.watch(WatchCreateRequest(key: [1]))
    turn { seen.count == 1 }
    server.hangUp()
    turn { seen.count == 2 }
    #expect(seen == [11, 12])
    #expect(starts == [0, 12])
  }
}
