import Base
import Testing
import Wire

@testable import Machine

@Suite struct WatchEncodingTests {
  private func record(_ key: String, _ value: Int, revision: Int64) -> KeyValue {
    KeyValue(
      key: key.bytes, createRevision: revision, modRevision: revision, version: 1,
      value: Bytes(repeating: 7, count: value))
  }

  private func output(_ records: [KeyValue], isDelete: Bool = false) -> WatchOutput {
    var output = WatchOutput()
    for (place, record) in records.enumerated() {
      output.changes.append(
        Change(
          revision: Revision(main: record.modRevision, sub: Int64(place)), isDelete: isDelete,
          isCreate: place == 0, key: record.key, record: record.encoded()))
      output.picks.append(Int32(place))
    }
    return output
  }

  private func delivery(
    _ output: WatchOutput, _ kind: WatchDelivery.Kind = .events, _ options: WatchOptions = [], id: Int64 = 3
  ) -> WatchDelivery {
    WatchDelivery(
      stream: StreamID(0), watchID: id, revision: 9, kind: kind, options: options, picks: output.picks.indices)
  }

  private let header = ResponseHeader(clusterID: 5, memberID: 6, revision: 1, raftTerm: 7)

  @Test func eventsEncodeAsTheMessageWould() throws {
    let records = [record("a", 3, revision: 9), record("b", 300, revision: 9)]
    let output = output(records)
    let before = record("b", 1, revision: 4)
    for options in [WatchOptions([]), .previousPair] {
      let encoding = WatchEncoding(delivery(output, .events, options), of: output, header: header) { _ in
        before.encoded()
      }
      let messages = encoding.messages(limit: 10)
      #expect(messages.count == 1, "without the option a response stays whole")
      let decoded = try WatchResponse(decoding: encoding.encoded(messages[0]))
      var expected = header
      expected.revision = 9
      let previous: KeyValue? = options.isEmpty ? nil : before
      #expect(
        decoded
          == WatchResponse(
            header: expected, watchID: 3,
            events: [KVEvent(kv: records[0]), KVEvent(kv: records[1], prevKv: previous)]))
    }
  }

  @Test func deletesProgressAndCompactionHaveTheirForms() throws {
    let gone = KeyValue(key: "a".bytes, modRevision: 9)
    let deletes = output([gone], isDelete: true)
    func response(_ output: WatchOutput, _ kind: WatchDelivery.Kind, id: Int64) throws -> WatchResponse {
      let encoding = WatchEncoding(delivery(output, kind, id: id), of: output, header: header)
      return try WatchResponse(decoding: encoding.encoded(encoding.messages(limit: .max)[0]))
    }
    #expect(try response(deletes, .events, id: 0).events == [KVEvent(type: .delete, kv: gone)])
    let progress = try response(WatchOutput(), .progress, id: -1)
    #expect(progress.watchID == -1 && progress.events.isEmpty && progress.header?.revision == 9)
    let compacted = try response(WatchOutput(), .compacted(77), id: 1)
    #expect(compacted.canceled && compacted.compactRevision == 77)
  }

  @Test func fragmentsStayBelowTheLimitAndNeverCutAnEvent() throws {
    let records = [10, 500, 10, 10, 90, 40, 10].map { record("k", $0, revision: 9) }
    let output = output(records)
    let encoding = WatchEncoding(delivery(output, .events, .fragment), of: output, header: header)
    let messages = encoding.messages(limit: 150)
    let decoded = try messages.map { try WatchResponse(decoding: encoding.encoded($0)) }
    #expect(decoded.flatMap(\.events).map(\.kv) == records)
    #expect(decoded.map(\.fragment) == decoded.indices.map { $0 < decoded.count - 1 })
    for (message, response) in zip(messages, decoded) {
      #expect(message.size == response.encodedSize)
      #expect(message.size < 150 || response.events.count == 1)
    }
    #expect(encoding.messages(limit: 100_000).map(\.isFragment) == [false])
  }
}
