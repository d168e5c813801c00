import Base
import Config
import Testing

@testable import Discovery

/// A conversation with a service that answers from a script.
private struct Talk {
  var machine: DiscoveryProtocol
  var step: DiscoveryProtocol.Step

  init(_ role: DiscoveryProtocol.Role = .member(id: MemberID(0xd1), registration: "d1=http://127.0.0.1:1"))
    throws
  {
    machine = DiscoveryProtocol(try DiscoveryURL(parsing: "http://h:1/tok"), as: role, log: .silent)
    step = machine.start()
  }

  /// `GET /tok…` of the question that is being asked; the query of plain reads left out.
  var asked: String {
    guard case .ask(let question) = step else { return "\(step)" }
    let target = question.url.replacing("http://h:1", with: "")
      .replacing("?quorum=false&recursive=false&sorted=false", with: "")
    return "\(question.method) \(target)" + (question.body.map { " " + $0 } ?? "")
  }

  mutating func answer(_ status: Int, _ body: String, index: UInt64? = nil) {
    step = machine.received(.answered(status: status, index: index, body: body.bytes))
  }

  mutating func size(_ value: String) {
    answer(
      200,
      #"{"action":"get","node":{"key":"/_etcd/registry/tok/_config/size","value":"\#(value)","createdIndex":9}}"#
    )
  }

  /// Registrations as name and createdIndex.
  mutating func directory(_ nodes: [(String, UInt64)], index: UInt64 = 20) {
    let children = nodes.map { name, created in
      #"{"key":"/_etcd/registry/tok/\#(name)","value":"n\#(name)=http://127.0.0.1:\#(created)","modifiedIndex":\#(created),"createdIndex":\#(created)}"#
    }
    let config = #"{"key":"/_etcd/registry/tok/_config","dir":true,"createdIndex":1}"#
    answer(
      200,
      #"{"action":"get","node":{"key":"/_etcd/registry/tok","dir":true,"nodes":[\#(([config] + children).joined(separator: ","))]}}"#,
      index: index)
  }

  mutating func event(_ name: String, _ index: UInt64, action: String = "create", directory: String = "tok") {
    answer(
      200,
      #"{"action":"\#(action)","node":{"key":"/_etcd/registry/\#(directory)/\#(name)","value":"n\#(name)=http://127.0.0.1:\#(index)","modifiedIndex":\#(index),"createdIndex":\#(index)}}"#
    )
  }
}

@Suite struct DiscoveryProtocolTests {
  @Test("a member asks, registers, waits for itself, asks again, waits for the others")
  func order() throws {
    var talk = try Talk()
    #expect(talk.asked == "GET /tok/_config/size")
    talk.size("3")
    #expect(talk.asked == "GET /tok")
    talk.directory([("a", 10)])
    #expect(talk.asked == "PUT /tok/d1?prevExist=false value=d1%3Dhttp%3A%2F%2F127.0.0.1%3A1")
    talk.event("d1", 11)
    #expect(talk.asked == "GET /tok/d1?recursive=false&wait=true&waitIndex=11")
    talk.event("d1", 11)
    #expect(talk.asked == "GET /tok/_config/size")
    talk.size("3")
    talk.directory([("d1", 11), ("a", 10)], index: 20)
    #expect(talk.asked == "GET /tok?recursive=true&wait=true&waitIndex=21")
    talk.event("b", 25)
    #expect(talk.step == .found("na=http://127.0.0.1:10,nd1=http://127.0.0.1:11,nb=http://127.0.0.1:25"))
  }

  @Test("reads have five seconds, waits as long as they take")
  func timeouts() throws {
    var talk = try Talk()
    guard case .ask(let first) = talk.step else { return #expect(Bool(false)) }
    #expect(first.timeout == .seconds(5))
    talk.size("3")
    talk.directory([])
    talk.event("d1", 11)
    guard case .ask(let wait) = talk.step else { return #expect(Bool(false)) }
    #expect(wait.timeout == nil)
  }

  @Test("what is no new registration is passed over, and the wait goes on behind it")
  func otherEvents() throws {
    var talk = try Talk(.observer)
    talk.size("2")
    talk.directory([("a", 10)], index: 20)
    talk.event("a", 21, action: "set")
    #expect(talk.asked == "GET /tok?recursive=true&wait=true&waitIndex=22")
    talk.event("a", 22, action: "delete")
    talk.event("size", 23, action: "set", directory: "tok/_config")
    talk.event("b", 24, action: "expire")
    #expect(talk.asked == "GET /tok?recursive=true&wait=true&waitIndex=25")
    talk.event("b", 30)
    #expect(talk.step == .found("na=http://127.0.0.1:10,nb=http://127.0.0.1:30"))
  }

  @Test("an event from before the wait would be asked for without end")
  func backwards() throws {
    var talk = try Talk(.observer)
    talk.size("2")
    talk.directory([], index: 20)
    talk.event("a", 20)
    #expect(talk.step == .failed(.badEndpoint("an event with index 20, where 21 was waited for")))
  }

  @Test("a cluster is full when others have all places; its members are found all the same")
  func full() throws {
    var talk = try Talk()
    talk.size("2")
    talk.directory([("c", 12), ("a", 10), ("b", 11)])
    #expect(talk.step == .failed(.full))
    var observer = try Talk(.observer)
    observer.size("2")
    observer.directory([("c", 12), ("a", 10), ("b", 11)])
    #expect(observer.step == .found("na=http://127.0.0.1:10,nb=http://127.0.0.1:11"))
  }

  @Test("the last place may be the own one; a place beyond the size is none")
  func lastPlace() throws {
    for (created, isIn) in [(UInt64(11), true), (12, false)] {
      var talk = try Talk()
      talk.size("2")
      talk.directory([])
      talk.event("d1", created)
      talk.event("d1", created)
      talk.size("2")
      talk.directory([("a", 10), (isIn ? "d1" : "b", 11), (isIn ? "c" : "d1", 12)])
      #expect((talk.step == .failed(.full)) == !isIn)
    }
  }

  @Test(
    "sizes from 1 to the bound",
    arguments: ["x", "0", "-1", "9999", "", " 3", "65", "3.0", "99999999999999999999", "+3"])
  func badSizes(value: String) throws {
    var talk = try Talk()
    talk.size(value)
    #expect(talk.step == .failed(.badSize(value)))
    #expect("\(DiscoveryFailure.badSize(value))".hasPrefix("discovery: size key is bad"))
  }

  @Test("the bound itself is a size")
  func greatest() throws {
    var talk = try Talk()
    talk.size("\(Limits.discoveryMembers)")
    #expect(talk.asked == "GET /tok")
  }

  @Test("an id that is there already")
  func duplicateID() throws {
    var talk = try Talk()
    talk.size("3")
    talk.directory([("d1", 10)])
    talk.answer(
      412, #"{"errorCode":105,"message":"Key already exists","cause":"/_etcd/registry/tok/d1","index":10}"#)
    #expect(talk.step == .failed(.duplicateID))
  }

  @Test("one name twice, and a registration that is no list of URLs")
  func badRegistrations() throws {
    var talk = try Talk(.observer)
    talk.size("2")
    let two = { (a: String, b: String) in
      #"{"action":"get","node":{"key":"/t","dir":true,"nodes":[{"key":"/t/1","value":"\#(a)","createdIndex":1},{"key":"/t/2","value":"\#(b)","createdIndex":2}]}}"#
    }
    talk.answer(200, two("d=http://127.0.0.1:1", "d=http://127.0.0.1:2"))
    #expect(talk.step == .failed(.duplicateName))
    talk = try Talk(.observer)
    talk.size("2")
    talk.answer(200, two("d=http://127.0.0.1:1", "nonsense"))
    guard case .failed(.invalidURL) = talk.step else { return #expect(Bool(false), "\(talk.step)") }
  }

  @Test("a token that was never made, in the words of 3.4")
  func noToken() throws {
    var talk = try Talk()
    talk.answer(404, #"{"errorCode":100,"message":"Key not found","cause":"/_etcd/registry/tok","index":12}"#)
    #expect(talk.step == .failed(.refused("100: Key not found (/_etcd/registry/tok) [12]")))
  }

  @Test(
    "what is no discovery service",
    arguments: [
      (404, "404 page not found"), (200, "<html>"), (200, ""), (200, "[]"), (200, #"{"node":7}"#), (404, "{}"),
      (301, ""), (200, #"{"node":{"key":5}}"#),
    ])
  func foreign(status: Int, body: String) throws {
    var talk = try Talk()
    talk.answer(status, body)
    guard case .failed(.badEndpoint) = talk.step else { return #expect(Bool(false), "\(talk.step)") }
  }

  @Test("silence: 2 s, 4 s ... 256 s, and 256 s from then on")
  func backOff() throws {
    var talk = try Talk()
    var pauses: [Double] = []
    for _ in 0..<10 {
      talk.step = talk.machine.received(.unreachable("refused"))
      if case .rest(let pause) = talk.step { pauses.append(pause.seconds) }
      talk.step = talk.machine.rested()
      #expect(talk.asked == "GET /tok/_config/size")
    }
    #expect(pauses == [2, 4, 8, 16, 32, 64, 128, 256, 256, 256])
  }

  @Test("a service without a leader, and a broken wait, are asked again from the start")
  func again() throws {
    var talk = try Talk(.observer)
    talk.answer(503, "no leader")
    #expect(talk.step == .rest(.seconds(2)))
    talk.step = talk.machine.rested()
    talk.size("2")
    talk.answer(500, "")
    #expect(talk.step == .rest(.seconds(4)))
    talk.step = talk.machine.rested()
    talk.size("2")
    talk.directory([("a", 10)])
    talk.step = talk.machine.received(.unreachable("broken"))
    #expect(talk.step == .rest(.seconds(8)))
    talk.step = talk.machine.rested()
    #expect(talk.asked == "GET /tok/_config/size")
    talk.size("2")
    talk.directory([("a", 10)])
    talk.answer(200, "")
    #expect(talk.step == .rest(.seconds(16)))
  }

  @Test("a registration is made once, also when it was not answered")
  func oneShot() throws {
    var talk = try Talk()
    talk.size("2")
    talk.directory([])
    talk.step = talk.machine.received(.unreachable("reset"))
    #expect(talk.step == .failed(.refused("reset")))
  }

  @Test("a broken wait for the own registration is begun again; no second registration")
  func ownAgain() throws {
    var talk = try Talk()
    talk.size("1")
    talk.directory([])
    talk.event("d1", 11)
    talk.step = talk.machine.received(.unreachable("reset"))
    #expect(talk.step == .rest(.seconds(2)))
    talk.step = talk.machine.rested()
    #expect(talk.asked == "GET /tok/d1?recursive=false&wait=true&waitIndex=11")
    talk.answer(
      400,
      #"{"errorCode":401,"message":"The event in requested index is outdated and cleared","cause":"","index":2000}"#
    )
    #expect(talk.asked == "GET /tok/_config/size")
    talk.size("1")
    talk.directory([("d1", 11)])
    #expect(talk.step == .found("nd1=http://127.0.0.1:11"))
  }

  @Test("indexes at the end of their range do no harm")
  func hugeIndexes() throws {
    var talk = try Talk(.observer)
    talk.size("2")
    talk.directory([("a", 10)], index: .max)
    #expect(talk.asked == "GET /tok?recursive=true&wait=true&waitIndex=0")
    talk.event("b", .max)
    #expect(talk.step == .found("na=http://127.0.0.1:10,nb=http://127.0.0.1:18446744073709551615"))
  }
}

@Suite struct DiscoveryURLTests {
  @Test(
    "service and path",
    arguments: [
      ("https://discovery.etcd.io/3e86b5", "https://discovery.etcd.io", "/3e86b5"),
      ("http://10.0.0.1:2379/v2/keys/some/dir/", "http://10.0.0.1:2379", "/v2/keys/some/dir"),
      ("http://u:p@h//a//b?x#y", "http://u:p@h", "/a/b"), ("HTTP://h/t", "http://h", "/t"),
    ])
  func parts(text: String, service: String, path: String) throws {
    let url = try DiscoveryURL(parsing: text)
    #expect(url.service == service)
    #expect(url.path == path)
    #expect(url.text == text)
  }

  @Test(
    "what names no token",
    arguments: [
      "", "h/t", "ftp://h/t", "http://", "http:///t", "http://h", "http://h/", "http://h/a b", "http://h/../x",
      "http://h/\n",
    ])
  func refused(text: String) {
    #expect { try DiscoveryURL(parsing: text) } throws: { "\($0)".hasPrefix("discovery: invalid URL (") }
  }
}
