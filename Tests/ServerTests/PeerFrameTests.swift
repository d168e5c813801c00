import Base
import Testing
import Wire

@testable import Server

/// The streams between members, byte for byte as Go's members write them.
@Suite struct PeerFrameTests {
  private static func encoded(_ kind: PeerStreamKind, _ messages: [RaftMessage]) -> Bytes {
    var encoder = PeerStreamEncoder(kind)
    var output = ByteWriter()
    for message in messages { encoder.encode(message, to: &output) }
    return output.withUnsafeBytes { Bytes($0) }
  }

  private static func decoded(
    _ kind: PeerStreamKind, _ bytes: Bytes, pieces: Int = .max
  ) throws -> [RaftMessage] {
    var decoder = PeerStreamDecoder(kind, from: MemberID(2), to: MemberID(1))
    var found: [RaftMessage] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = Bytes(rest.prefix(pieces))
      rest = rest.dropFirst(piece.count)
      try piece.withUnsafeBytes { try decoder.receive($0) { found.append($0) } }
    }
    return found
  }

  private static func append(index: UInt64, entries: Int, term: UInt64 = 5, commit: UInt64 = 7) -> RaftMessage {
    var message = RaftMessage(type: .app, to: 1, from: 2, term: term)
    message.logTerm = term
    message.index = index
    message.commit = commit
    for offset in 0..<entries {
      message.entries.append(
        Entry(term: term, index: index + UInt64(offset) + 1, data: Bytes(repeating: 7, count: 300)))
    }
    return message
  }

  @Test("a sign of life is one byte on the append stream, a whole heartbeat on the other")
  func heartbeats() {
    var output = ByteWriter()
    PeerStreamEncoder(.append).encodeHeartbeat(to: &output)
    #expect(output.withUnsafeBytes { Bytes($0) } == [0])
    output.removeAll(keeping: 0)
    PeerStreamEncoder(.message).encodeHeartbeat(to: &output)
    // The frame captured from Go, without the two ids of its sender's link.
    let golden =
      "000000000000001e" + "0808" + "1000" + "1800" + "2000" + "2800" + "3000" + "4000"
      + "4a0a12080a0228001000180050005800"
    #expect(hex(output.withUnsafeBytes { Bytes($0) }) == golden)
  }

  @Test("an append that only moves the commit index is seventeen bytes, as captured from Go")
  func commitOnly() {
    let first = Self.append(index: 10, entries: 2)
    let second = Self.append(index: 12, entries: 0)
    let bytes = Self.encoded(.append, [first, second])
    #expect(hex(bytes.suffix(17)) == "0100000000000000000000000000000007")
  }

  @Test("what goes on is sent without its head, what does not is sent whole, and both are read back")
  func roundTrip() throws {
    let messages = [
      Self.append(index: 3, entries: 1), Self.append(index: 4, entries: 3), Self.append(index: 7, entries: 0),
      Self.append(index: 4, entries: 2, term: 6), Self.append(index: 6, entries: 1, term: 6),
    ]
    let bytes = Self.encoded(.append, messages)
    for pieces in [1, 2, 7, 64, 1000, .max] {
      #expect(try Self.decoded(.append, bytes, pieces: pieces) == messages)
    }
  }

  @Test("a frame longer than any may be, and an unknown kind of frame, end the stream")
  func damage() {
    #expect(throws: PeerFrameError.self) { try Self.decoded(.append, [9]) }
    #expect(throws: PeerFrameError.self) { try Self.decoded(.message, Bytes(repeating: 0xFF, count: 8)) }
    #expect(throws: PeerFrameError.self) {
      try Self.decoded(.append, [1] + Bytes(repeating: 0xFF, count: 8))
    }
    #expect(throws: PeerFrameError.self) {
      try Self.decoded(.message, [0, 0, 0, 0, 0, 0, 0, 1, 0xFF])
    }
  }

  @Test("messages of one stream are read in any pieces")
  func messageStream() throws {
    var vote = RaftMessage(type: .vote, to: 1, from: 2, term: 4)
    vote.index = 9
    let messages = [vote, RaftMessage(type: .heartbeatResp, to: 1, from: 2, term: 4)]
    let bytes = Self.encoded(.message, messages)
    for pieces in [1, 5, .max] { #expect(try Self.decoded(.message, bytes, pieces: pieces) == messages) }
  }
}
