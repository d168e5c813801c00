import Base
import Config
import Discovery

/// A conversation with a discovery service that answers whatever the input says: for each answer a byte for its kind, one for
/// its index, two for the length of its body, and the body.
func fuzzDiscovery(_ bytes: UnsafeRawBufferPointer) {
  var program = Program(bytes)
  let url: DiscoveryURL
  do throws(DiscoveryFailure) { url = try DiscoveryURL(parsing: "http://h:1/tok") } catch { broken("\(error)") }
  let isMember = program.byte() & 1 == 1
  var conversation = DiscoveryProtocol(
    url, as: isMember ? .member(id: MemberID(0xd1), registration: "d1=http://127.0.0.1:1") : .observer,
    log: .silent)
  var step = conversation.start()
  // Behind the end of the input every answer is silence, which would be answered by pauses without end.
  while !program.isAtEnd {
    switch step {
    case .ask(let question):
      invariant(question.url.hasPrefix("http://h:1/tok"), "asks elsewhere: \(question.url)")
      step = conversation.received(answer(&program))
    case .rest(let pause):
      invariant(pause >= .seconds(2) && pause <= .seconds(256), "a pause of \(pause.seconds) s")
      step = conversation.rested()
    case .found(let text): return check(text)
    case .failed(let failure):
      invariant(!"\(failure)".isEmpty, "a failure without words")
      return
    }
  }
}

private func answer(_ program: inout Program) -> FetchAnswer {
  let kind = program.byte()
  let index = UInt64(program.byte())
  let body = program.bytes(Int(program.byte()) << 8 | Int(program.byte()))
  switch kind {
  case 0: return .unreachable("silence")
  case 1: return .answered(status: 404, index: index, body: body)
  case 2: return .answered(status: 503, index: nil, body: body)
  case 3: return .answered(status: 412, index: index, body: body)
  case 4: return .answered(status: 400, index: index, body: body)
  default: return .answered(status: 200, index: kind == 5 ? .max : index, body: body)
  }
}

private func check(_ text: String) {
  do throws(ConfigFailure) {
    let cluster = try InitialCluster(parsing: text)
    invariant((1...Limits.discoveryMembers).contains(cluster.members.count), "\(cluster.members.count) members")
  } catch { broken("a cluster was found that is none: \(error.text)") }
}

func discoverySeeds() -> [(name: String, bytes: Bytes)] {
  func reply(_ kind: UInt8, _ index: UInt8, _ body: String) -> Bytes {
    [kind, index, UInt8(body.utf8.count >> 8), UInt8(body.utf8.count & 255)] + body.bytes
  }
  func node(_ name: String, _ index: Int) -> String {
    #"{"key":"/r/tok/\#(name)","value":"n\#(name)=http://127.0.0.1:\#(index)","modifiedIndex":\#(index),"createdIndex":\#(index)}"#
  }
  let size = reply(6, 9, #"{"action":"get","node":{"key":"/r/tok/_config/size","value":"2","createdIndex":9}}"#)
  let empty = reply(6, 9, #"{"action":"get","node":{"key":"/r/tok","dir":true}}"#)
  let own = reply(6, 10, #"{"action":"create","node":\#(node("d1", 10))}"#)
  let one = reply(6, 10, #"{"action":"get","node":{"key":"/r/tok","dir":true,"nodes":[\#(node("d1", 10))]}}"#)
  let second = reply(6, 12, #"{"action":"create","node":\#(node("b", 12))}"#)
  let missing = #"{"errorCode":100,"message":"Key not found","cause":"/r/tok","index":12}"#
  return [
    ("member", [1] + size + empty + own + own + size + one + second),
    ("observer", [0] + reply(0, 0, "") + size + one + reply(2, 0, "") + size + one + second),
    ("missing", [1] + reply(1, 12, missing)),
  ]
}
