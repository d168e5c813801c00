import Base
import Testing

@testable import Discovery

/// Answers of a name server, built byte by byte.
struct DNSMessageBuilder {
  var bytes = Bytes()
  private var count = 0

  init(question: String, code: UInt8 = 0, flags: UInt8 = 0x81) {
    bytes = [0, 1, flags, 0x80 | code, 0, 1, 0, 0, 0, 0, 0, 0] + Self.name(question) + [0, 33, 0, 1]
  }

  static func name(_ text: String) -> Bytes {
    text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Bytes($0.utf8) } + [0]
  }

  mutating func add(owner: Bytes, kind: UInt8, ttl: UInt32 = 60, family: UInt8 = 1, data: Bytes) {
    bytes += owner + [0, kind, 0, family]
    withUnsafeBytes(of: ttl.bigEndian) { bytes += $0 }
    bytes += [UInt8(data.count >> 8), UInt8(data.count & 255)] + data
    count += 1
    bytes[7] = UInt8(count)
  }

  mutating func service(
    _ owner: String, _ target: String, port: UInt8 = 80, priority: UInt8 = 0, weight: UInt8 = 0,
    ttl: UInt32 = 60
  ) {
    add(
      owner: Self.name(owner), kind: 33, ttl: ttl,
      data: [0, priority, 0, weight, 0, port] + Self.name(target))
  }

  mutating func alias(_ owner: String, _ target: String, ttl: UInt32 = 60) {
    add(owner: Self.name(owner), kind: 5, ttl: ttl, data: Self.name(target))
  }
}

@Suite struct DNSAnswerTests {
  @Test("records of the name that was asked for, whatever its case, with the shortest time")
  func plain() throws {
    var message = DNSMessageBuilder(question: "_S._tcp.Test")
    message.service("_s._TCP.test", "N1.test", port: 7, priority: 3, weight: 9, ttl: 90)
    message.service("_s._tcp.test", "n2.test", ttl: 30)
    message.service("other.test", "evil.test", ttl: 1)
    let answer = try DNSAnswer(reading: message.bytes)
    #expect(
      answer.content
        == .services(
          [
            ServiceRecord(priority: 3, weight: 9, port: 7, target: "N1.test"),
            ServiceRecord(priority: 0, weight: 0, port: 80, target: "n2.test"),
          ], seconds: 30))
  }

  @Test("aliases are followed inside the answer, and out of it")
  func aliases() throws {
    var message = DNSMessageBuilder(question: "a.test")
    message.alias("a.test", "b.test", ttl: 5)
    message.alias("b.test", "c.test")
    #expect(try DNSAnswer(reading: message.bytes).content == .alias("c.test", seconds: 5))
    message.service("c.test", "n.test")
    guard case .services(let found, 5) = try DNSAnswer(reading: message.bytes).content else {
      return #expect(Bool(false))
    }
    #expect(found.map(\.target) == ["n.test"])
  }

  @Test("aliases in a circle end")
  func circle() {
    var message = DNSMessageBuilder(question: "a.test")
    message.alias("a.test", "b.test")
    message.alias("b.test", "a.test")
    #expect(throws: DNSFailure.malformed("more than 8 aliases")) { try DNSAnswer(reading: message.bytes) }
  }

  @Test("names may point back, never forwards or at themselves")
  func pointers() throws {
    var message = DNSMessageBuilder(question: "s.test")
    message.add(owner: [0xC0, 12], kind: 33, data: [0, 0, 0, 0, 0, 1, 1, 0x6E, 0xC0, 14])
    guard case .services(let found, _) = try DNSAnswer(reading: message.bytes).content else {
      return #expect(Bool(false))
    }
    #expect(found.map(\.target) == ["n.test"])
    let here = UInt8(message.bytes.count)
    for target in [here, here + 2, 255] {
      var bad = message
      bad.add(owner: [0xC0, target], kind: 33, data: [0, 0, 0, 0, 0, 1, 0])
      #expect(throws: DNSFailure.malformed("a name leads forwards")) { try DNSAnswer(reading: bad.bytes) }
    }
  }

  @Test("what a name server says no with")
  func codes() {
    #expect(throws: DNSFailure.noSuchHost) {
      try DNSAnswer(reading: DNSMessageBuilder(question: "a", code: 3).bytes)
    }
    #expect(throws: DNSFailure.temporary("server misbehaving")) {
      try DNSAnswer(reading: DNSMessageBuilder(question: "a", code: 2).bytes)
    }
    #expect(throws: DNSFailure.noRecords) { try DNSAnswer(reading: DNSMessageBuilder(question: "a").bytes) }
    var refusal = DNSMessageBuilder(question: "a")
    refusal.service("a", "")  // "." as target: not to be had
    #expect(throws: DNSFailure.noRecords) { try DNSAnswer(reading: refusal.bytes) }
  }

  @Test("truncated, questions, odd names")
  func malformed() {
    let bad: [(DNSMessageBuilder, String)] = [
      (DNSMessageBuilder(question: "a", flags: 0x83), "it is truncated"),
      (DNSMessageBuilder(question: "a", flags: 0x01), "a question"),
    ]
    for (message, reason) in bad {
      #expect(throws: DNSFailure.malformed(reason)) { try DNSAnswer(reading: message.bytes) }
    }
    for byte in [UInt8(0x20), 0x2F, 0x40, 0x3A, 0x00, 0xFF] {
      var message = DNSMessageBuilder(question: "a")
      message.add(owner: DNSMessageBuilder.name("a"), kind: 33, data: [0, 0, 0, 0, 0, 1, 1, byte, 0])
      #expect(throws: DNSFailure.malformed("a name holds the byte \(byte)")) {
        try DNSAnswer(reading: message.bytes)
      }
    }
  }

  @Test("an answer that is cut anywhere is refused, one whose bytes are changed never traps")
  func damage() throws {
    var message = DNSMessageBuilder(question: "_etcd-server._tcp.example.test")
    message.alias("_etcd-server._tcp.example.test", "b.test")
    message.add(owner: [0xC0, 12], kind: 46, data: [1, 2, 3])
    message.service("b.test", "n1.example.test", ttl: 0x8000_0001)
    #expect(
      try DNSAnswer(reading: message.bytes).content
        == .services([ServiceRecord(priority: 0, weight: 0, port: 80, target: "n1.example.test")], seconds: 0))
    for count in 0..<message.bytes.count {
      #expect(throws: DNSFailure.self) { try DNSAnswer(reading: Bytes(message.bytes[..<count])) }
    }
    for place in message.bytes.indices {
      for value in [UInt8(0), 1, 0x3F, 0x40, 0x80, 0xC0, 0xFF] {
        var changed = message.bytes
        changed[place] = value
        _ = try? DNSAnswer(reading: changed)
      }
    }
  }
}
