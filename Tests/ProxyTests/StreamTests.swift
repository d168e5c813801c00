import Base
import Testing
import Wire

@testable import Proxy

@Suite struct StreamTests {
  @Test("A message that is too long is noticed however its frame is cut", arguments: 1...7)
  func gauge(piece: Int) {
    func passes(_ length: UInt32, limit: Int) -> Bool {
      var body: Bytes = [0, 0, 0, 0, 1, 0xFF, 0]
      withUnsafeBytes(of: length.bigEndian) { body += $0 }
      var gauge = FrameGauge(limit: limit)
      for start in stride(from: 0, to: body.count, by: piece) {
        let part = Bytes(body[start..<min(start + piece, body.count)])
        if part.withUnsafeBytes({ gauge.check($0) }) != nil { return false }
      }
      return true
    }
    #expect(passes(100, limit: 100))
    #expect(!passes(101, limit: 100))
  }

  @Test("The revision is read from a reply's first bytes as soon as they are there")
  func header() {
    let header = ResponseHeader(clusterID: 1 << 63, memberID: 2, revision: 77, raftTerm: 9)
    let reply = RangeResponse(header: header, count: 3).encoded()
    let whole = 2 + Int(reply[1])
    for count in 0..<whole { #expect(ReplyHeader.revision(in: reply[..<count]) == nil, "\(count)") }
    #expect(ReplyHeader.revision(in: reply[..<whole]) == 77)
    #expect(ReplyHeader.revision(in: [0x10, 1]) == 0)
  }

  @Test("Events are encoded once for each wish, and cut into fragments between them")
  func delivery() throws {
    var reply = WatchResponse()
    reply.events = (1...4).map { number in
      KVEvent(
        type: number == 3 ? .delete : .put, kv: KeyValue(key: "k".bytes, modRevision: Int64(number)),
        prevKv: KeyValue(key: "k".bytes, value: Bytes(repeating: 0x78, count: 100)))
    }
    let delivery = WatchDelivery(reply)
    func revisions(_ encoded: WatchDelivery.Encoded) throws -> [Int64] {
      try WatchResponse(decoding: encoded.bytes).events.compactMap { $0.kv?.modRevision }
    }
    #expect(try revisions(delivery.encoded([], from: 0)) == [1, 2, 3, 4])
    #expect(try revisions(delivery.encoded([.noPuts], from: 0)) == [3])
    #expect(try revisions(delivery.encoded([.noDeletes], from: 1)) == [2, 4])
    #expect(
      try WatchResponse(decoding: delivery.encoded([], from: 0).bytes).events.allSatisfy { $0.prevKv == nil })
    let full = delivery.encoded([.previousPair], from: 0)
    #expect(try WatchResponse(decoding: full.bytes).events == reply.events)
    #expect(full.pieces(limit: 1 << 20) == [0..<full.bytes.count])
    let pieces = full.pieces(limit: max(full.ends[1], full.bytes.count - full.ends[1]))
    #expect(pieces == [0..<full.ends[1], full.ends[1]..<full.bytes.count])
    #expect(full.pieces(limit: 1).count == 4)
  }

  @Test("An entry of a proxy is read as clientv3 writes it")
  func registration() {
    let text = #"{"Op":0,"Addr":"127.0.0.1:23790","Metadata":"{\"name\":\"box\"}"}"#
    #expect(Registration.proxy(text.bytes) == Registration.Proxy(address: "127.0.0.1:23790", name: "box"))
    #expect(Registration.proxy(#"{"Op":0,"Addr":"x:1"}"#.bytes)?.name == "")
    #expect(Registration.proxy("nonsense".bytes) == nil)
  }
}
