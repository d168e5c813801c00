import Base
import Testing

@testable import Wire

private func transcribed<M: JSONMessage>(_ message: M) throws -> String {
  var output = ByteWriter()
  output.append("before" as StaticString)
  try message.encoded().withUnsafeBytes { try M.transcribe($0, to: &output) }
  return String(utf8: output.bytes.dropFirst(6))
}

private func expectSame(_ message: some JSONMessage, sourceLocation: SourceLocation = #_sourceLocation) throws {
  #expect(try transcribed(message) == String(utf8: message.json()), sourceLocation: sourceLocation)
}

@Suite struct TranscriptionTests {
  @Test("encoded messages print as the messages do", arguments: 0..<60)
  func same(seed: Int) throws {
    var random = RandomMessages(dice: Dice(seed: UInt64(seed)))
    try expectSame(random.keyValue())
    try expectSame(random.event())
    try expectSame(random.range())
    try expectSame(random.put())
    try expectSame(random.txn())
    try expectSame(random.rangeResponse())
    try expectSame(random.txnResponse())
    try expectSame(random.watchCreate())
    try expectSame(random.watchResponse())
    try expectSame(random.member())
    try expectSame(random.timeToLive())
  }

  @Test("empty messages, empty elements and lists of texts")
  func corners() throws {
    try expectSame(RangeResponse())
    try expectSame(RangeResponse(header: ResponseHeader(), kvs: [KeyValue(), KeyValue()]))
    try expectSame(StatusResponse(version: "3.4.45", errors: ["a<b", "", "\u{2028}"]))
    try expectSame(AlarmMember(alarm: .unrecognized(9)))
    try expectSame(Compare(targetUnion: .value([])))
    try expectSame(HashResponse(hash: .max))
    try expectSame(LeaseKeepAliveResponse(id: .min, ttl: -1))
  }

  @Test("a member that has no JSON is passed over")
  func wireOnly() throws {
    let request = AuthUserAddRequest(name: "a", password: "b", hashedPassword: "c")
    #expect(try transcribed(request) == #"{"name":"a","password":"b"}"#)
  }

  @Test("bytes that are no message are refused, and unknown fields passed over")
  func damage() throws {
    var output = ByteWriter()
    #expect(throws: DecodeError.self) {
      try unhex("0a05").withUnsafeBytes { try RangeResponse.transcribe($0, to: &output) }
    }
    output.removeAll()
    try unhex("20 05 f8 07 01").withUnsafeBytes { try RangeResponse.transcribe($0, to: &output) }
    #expect(String(utf8: output.bytes) == #"{"count":"5"}"#)
  }

  @Test("a range in pieces is the same object, wherever its fields are cut", arguments: 0..<30)
  func pieces(seed: Int) throws {
    var random = RandomMessages(dice: Dice(seed: UInt64(seed)))
    let response = random.rangeResponse()
    let parts: [RangeResponse] =
      [RangeResponse(header: response.header)] + response.kvs.map { RangeResponse(kvs: [$0]) }
      + [RangeResponse(more: response.more), RangeResponse(count: response.count)]
    var printer = RangeTranscription()
    var text = Bytes()
    var piece = Bytes()
    for part in parts {
      piece += part.encoded()
      guard random.flag() else { continue }
      var output = ByteWriter()
      try piece.withUnsafeBytes { try printer.append($0, to: &output) }
      text += output.bytes
      piece = []
    }
    var output = ByteWriter()
    try piece.withUnsafeBytes { try printer.append($0, to: &output) }
    printer.end(&output)
    #expect(String(utf8: text + output.bytes) == String(utf8: response.json()))
  }

  @Test("every method of the gateway reads its request and prints its reply")
  func methods() throws {
    for method in Method.all {
      let read = { try "{}".bytes.withUnsafeBytes { try method.request(json: $0) } }
      guard !method.gatewayPaths.isEmpty else {
        #expect(throws: JSONMappingError.self) { try read() }
        continue
      }
      #expect(try read() == [], "\(method.path)")
      var output = ByteWriter()
      try method.transcribeReply(UnsafeRawBufferPointer(start: nil, count: 0), to: &output)
      #expect(output.bytes == "{}".bytes)
    }
    let put = try #require(Method.atGateway("/v3/kv/put"))
    let request = try #"{"key":"Zm9v"} x"#.bytes.withUnsafeBytes { try put.request(json: $0) }
    #expect(request == PutRequest(key: "foo".bytes).encoded())
  }
}
