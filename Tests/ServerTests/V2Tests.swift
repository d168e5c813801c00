import Base
import Testing
import Wire

@testable import Server

@Suite struct V2Tests {
  private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

  // MARK: Rates

  @Test func `rates are those of the last two hundred appends`() {
    var queue = RateQueue()
    #expect(queue.rates(now: at(0)) == (0, 0))
    queue.add(100, at: at(0))
    #expect(queue.rates(now: at(0)) == (0, 0), "one append has no rate")
    queue.add(100, at: at(500))
    #expect(queue.rates(now: at(600)) == (4, 400))
    for number in 0..<Int64(300) { queue.add(10, at: at(1_000 + number * 10)) }
    let (appends, bytes) = queue.rates(now: at(4_000))
    #expect(abs(appends - 200 / 1.99) < 0.001 && abs(bytes - 2_000 / 1.99) < 0.001)
  }

  @Test func `a second without an append ends the rates`() {
    var queue = RateQueue()
    for number in 0..<Int64(10) { queue.add(1, at: at(number * 100)) }
    #expect(queue.rates(now: at(1_900)).appends > 0)
    #expect(queue.rates(now: at(1_901)) == (0, 0))
    queue.add(1, at: at(2_000))
    queue.add(1, at: at(2_500))
    #expect(queue.rates(now: at(2_500)) == (4, 4), "what was before does not count any more")
  }

  // MARK: Traffic

  private func append(to follower: UInt64, index: UInt64, entries: Int) -> RaftMessage {
    RaftMessage(
      type: .app, to: follower, from: 1, index: index, entries: (0..<entries).map { _ in Entry(data: [1]) })
  }

  private func answer(from follower: UInt64, index: UInt64, reject: Bool = false) -> RaftMessage {
    RaftMessage(type: .appResp, to: 1, from: follower, index: index, reject: reject)
  }

  @Test func `a follower's latency is the time until it has what an append brought`() throws {
    var stats = TrafficStats(wall: 0, clock: at(0))
    stats.sent(append(to: 2, index: 10, entries: 3), clock: at(0))
    stats.sent(append(to: 2, index: 13, entries: 1), clock: at(1))
    stats.received(answer(from: 2, index: 12), wall: 0, clock: at(2))
    stats.received(answer(from: 2, index: 13, reject: true), wall: 0, clock: at(3))
    #expect(stats.followers[MemberID(2)]?.successes == 0)
    stats.received(answer(from: 2, index: 13), wall: 0, clock: at(4))
    stats.received(answer(from: 2, index: 14), wall: 0, clock: at(9))
    stats.sent(append(to: 2, index: 14, entries: 1), clock: at(10))
    stats.received(answer(from: 2, index: 15), wall: 0, clock: at(12))
    let follower = try #require(stats.followers[MemberID(2)])
    #expect(
      follower.successes == 2 && follower.current == 2 && follower.average == 3 && follower.deviation == 1)
    #expect(follower.minimum == 2 && follower.maximum == 4 && follower.failures == 0)
    #expect(stats.sentAppends == 3 && stats.receivedAppends == 0)
  }

  @Test func `an append that is lost counts once, and members that go are forgotten`() {
    var stats = TrafficStats(wall: 0, clock: at(0))
    stats.sent(append(to: 2, index: 1, entries: 1), clock: at(0))
    stats.lost(to: MemberID(2))
    stats.lost(to: MemberID(2))
    stats.lost(to: MemberID(3))
    #expect(stats.followers[MemberID(2)]?.failures == 1 && stats.followers[MemberID(3)] == nil)
    stats.keep([MemberID(3)])
    #expect(stats.followers.isEmpty)
  }

  @Test func `who appends leads, until this member does`() {
    var stats = TrafficStats(wall: 5, clock: at(0))
    #expect(stats.leader == nil && !stats.isLeader)
    stats.received(RaftMessage(type: .app, to: 1, from: 2), wall: 7, clock: at(1))
    #expect(stats.leader == MemberID(2) && stats.leaderSince.wall == 7 && stats.receivedAppends == 1)
    stats.received(RaftMessage(type: .app, to: 1, from: 2), wall: 9, clock: at(2))
    #expect(stats.leaderSince.wall == 7)
    stats.becameLeader(MemberID(1), wall: 11, clock: at(3))
    stats.becameLeader(MemberID(1), wall: 12, clock: at(4))
    #expect(stats.isLeader && stats.leader == MemberID(1) && stats.leaderSince.wall == 11)
  }

  // MARK: Bodies and headers

  @Test(arguments: [
    ("{\"peerURLs\":[\"http://a:1\",\"http://b:2\"]}", ["http://a:1", "http://b:2"]),
    ("{\"PeerURLs\":[null]}", [""]),
    ("{}", []), ("null", []), ("{\"peerURLs\":null,\"x\":1}", []),
  ])
  func `peer URLs of a body`(body: String, urls: [String]) throws {
    #expect(try V2MemberURLs.texts(in: body.bytes) == urls)
  }

  @Test(arguments: [
    ("", "unexpected end of JSON input"), ("{", "unexpected end of JSON input"),
    ("{\"peerURLs\":\"x\"}", "json: cannot unmarshal string into Go struct field .peerURLs of type []string"),
    ("{\"peerURLs\":[1]}", "json: cannot unmarshal number into Go struct field .peerURLs of type string"),
    ("{} x", "invalid character 'x' after top-level value"),
  ])
  func `a body without them is told of in Go's words`(body: String, text: String) {
    do {
      _ = try V2MemberURLs.texts(in: body.bytes)
      Issue.record("\(body) is taken")
    } catch { #expect("\(error)" == text) }
  }

  @Test func `names and passwords of basic authentication`() throws {
    func read(_ field: String) -> [String]? { V2Guard.basic(field).map { [$0.name, $0.password] } }
    #expect(read("Basic " + Base64.encode("u:p:q".bytes)) == ["u", "p:q"])
    #expect(read("bASIC " + Base64.encode(":".bytes)) == ["", ""])
    for field in [
      "Basic", "Basic !!", "Bearer " + Base64.encode("u:p".bytes), "Basic " + Base64.encode("up".bytes), "",
    ] {
      #expect(read(field) == nil, "\(field)")
    }
  }
}
