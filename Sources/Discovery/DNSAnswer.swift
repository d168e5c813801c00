import Base

/// Why an answer of a name server cannot be read, or says no.
package enum DNSFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no such name.
  case noSuchHost
  /// The name is there, without such records.
  case noRecords
  /// No name server answered, or it could not say; may be over soon.
  case temporary(String)
  /// What came is no answer.
  case malformed(String)

  package var description: String {
    switch self {
    case .noSuchHost: "no such host"
    case .noRecords: "no such record"
    case .temporary(let reason): reason
    case .malformed(let reason): "malformed answer of the name server: \(reason)"
    }
  }
}

/// One service record: where a service is to be had, and how gladly.
package struct ServiceRecord: Hashable, Sendable {
  /// The lower the earlier.
  package var priority: UInt16
  /// Share among those of one priority.
  package var weight: UInt16
  package var port: UInt16
  /// Without the dot at the end.
  package var target: String

  package init(priority: UInt16, weight: UInt16, port: UInt16, target: String) {
    self.priority = priority
    self.weight = weight
    self.port = port
    self.target = target
  }
}

/// An answer of a name server about service records (RFC 1035, RFC 2782), read with suspicion: lengths, jumps and names
/// are bounded, and what is not asked for is passed over.
package struct DNSAnswer {
  /// What the name that was asked for leads to.
  package enum Content: Hashable, Sendable {
    /// The records, and the seconds for which they hold.
    case services([ServiceRecord], seconds: UInt32)
    /// Another name has to be asked for, which the answer does not cover.
    case alias(String, seconds: UInt32)
  }

  package let content: Content

  package init(reading bytes: Bytes) throws(DNSFailure) {
    var reader = DNSReader(bytes)
    let header = try reader.header()
    if header.isTruncated { throw .malformed("it is truncated") }
    switch header.code {
    case 0: break
    case 3: throw .noSuchHost
    case 2: throw .temporary("server misbehaving")
    default: throw .temporary("server answers with code \(header.code)")
    }
    guard header.questions == 1 else { throw .malformed("\(header.questions) questions") }
    let question = try reader.name().lowercased()
    _ = try reader.take(4)
    var services: [String: [ServiceRecord]] = [:]
    var aliases: [String: String] = [:]
    var seconds: [String: UInt32] = [:]
    for _ in 0..<header.answers {
      let record = try reader.record()
      // A time with the highest bit set counts as none (RFC 2181).
      let time = record.seconds > UInt32(Int32.max) ? 0 : record.seconds
      switch record.content {
      case .service(let service): services[record.owner, default: []].append(service)
      case .alias(let name): aliases[record.owner] = name
      case .other: continue
      }
      seconds[record.owner] = min(seconds[record.owner] ?? .max, time)
    }
    content = try Self.follow(question, services, aliases, seconds)
  }

  private static func follow(
    _ question: String, _ services: [String: [ServiceRecord]], _ aliases: [String: String],
    _ seconds: [String: UInt32]
  ) throws(DNSFailure) -> Content {
    var (name, life) = (question, UInt32.max)
    for step in 0...Limits.dnsAliases {
      life = min(life, seconds[name] ?? .max)
      if let found = services[name] {
        // A target of "." says that the service is decidedly not to be had here.
        let usable = found.filter { !$0.target.isEmpty }
        if usable.isEmpty { throw .noRecords }
        return .services(usable, seconds: life)
      }
      guard let next = aliases[name] else {
        if step == 0 { throw .noRecords }
        return .alias(name, seconds: life)
      }
      name = next
    }
    throw .malformed("more than \(Limits.dnsAliases) aliases")
  }
}

/// A cursor over a message.
private struct DNSReader {
  struct Header {
    var isTruncated: Bool
    var code: UInt8
    var questions: UInt16
    var answers: UInt16
  }
  struct Record {
    enum Content { case service(ServiceRecord), alias(String), other }
    var owner: String
    var seconds: UInt32
    var content: Content
  }

  private let bytes: Bytes
  private var offset = 0

  init(_ bytes: Bytes) { self.bytes = bytes }

  mutating func header() throws(DNSFailure) -> Header {
    let start = try take(12)
    let (high, low) = (bytes[start + 2], bytes[start + 3])
    guard high & 0x80 != 0 else { throw .malformed("a question") }
    return Header(
      isTruncated: high & 2 != 0, code: low & 15, questions: number(at: start + 4),
      answers: number(at: start + 6))
  }

  mutating func record() throws(DNSFailure) -> Record {
    let owner = try name().lowercased()
    let start = try take(10)
    let (kind, family) = (number(at: start), number(at: start + 2))
    let seconds = UInt32(number(at: start + 4)) << 16 | UInt32(number(at: start + 6))
    let end = try take(Int(number(at: start + 8))) + Int(number(at: start + 8))
    let next = offset
    var content = Record.Content.other
    offset = start + 10
    if family == 1, kind == 5 {
      content = .alias(try name().lowercased())
    } else if family == 1, kind == 33 {
      let place = try take(6)
      content = .service(
        ServiceRecord(
          priority: number(at: place), weight: number(at: place + 2), port: number(at: place + 4),
          target: try name()))
    } else {
      offset = next
    }
    guard offset == end else { throw .malformed("a record's length is wrong") }
    return Record(owner: owner, seconds: seconds, content: content)
  }

  /// A name as it stands there (the ids of members are made of it), without the dot at the end. A jump must lead backwards, so that every name ends.
  mutating func name() throws(DNSFailure) -> String {
    var text = Bytes()
    var place = offset
    var end: Int?
    while true {
      guard place < bytes.count else { throw .malformed("a name runs over the end") }
      let length = Int(bytes[place])
      switch length {
      case 0:
        offset = end ?? place + 1
        return String(utf8: text)
      case 0xC0...:
        guard place + 1 < bytes.count else { throw .malformed("a name runs over the end") }
        let target = (length & 0x3F) << 8 | Int(bytes[place + 1])
        guard target < place else { throw .malformed("a name leads forwards") }
        if end == nil { end = place + 2 }
        place = target
      case 1...63:
        guard place + length < bytes.count else { throw .malformed("a name runs over the end") }
        if !text.isEmpty { text.append(UInt8(ascii: ".")) }
        for byte in bytes[place + 1...place + length] { text.append(try Self.checked(byte)) }
        guard text.count <= 253 else { throw .malformed("a name is too long") }
        place += length + 1
      default: throw .malformed("a label of an unknown kind")
      }
    }
  }

  /// Letters, digits, `-` and `_`: what a host or service is called. Anything else would have to be escaped, and would
  /// end up in a URL.
  private static func checked(_ byte: UInt8) throws(DNSFailure) -> UInt8 {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      return byte
    default: throw .malformed("a name holds the byte \(byte)")
    }
  }

  /// Passes over `count` bytes; where they begin.
  mutating func take(_ count: Int) throws(DNSFailure) -> Int {
    guard bytes.count - offset >= count else { throw .malformed("it ends early") }
    defer { offset += count }
    return offset
  }

  private func number(at place: Int) -> UInt16 { UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1]) }
}
