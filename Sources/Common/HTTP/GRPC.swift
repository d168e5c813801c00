import Base

/// What gRPC puts around its messages, as grpc-go writes and reads it.
package enum GRPC {
  /// A failed call: a status code and its text, as `grpc-status` and `grpc-message` carry them.
  package struct Fault: Error, Equatable, Sendable {
    package var code: Int
    package var message: String
    package init(code: Int, message: String) {
      self.code = code
      self.message = message
    }
  }

  /// `application/grpc`, alone or followed by `+` or `;`. As grpc-go 1.33: grpcutil, ContentSubtype.
  package static func isContentType(_ value: UnsafeRawBufferPointer) -> Bool {
    let base: StaticString = "application/grpc"
    let count = base.utf8CodeUnitCount
    guard value.count >= count else { return false }
    let head = UnsafeRawBufferPointer(rebasing: value[..<count])
    guard compareBytes(head, UnsafeRawBufferPointer(start: base.utf8Start, count: count)) == 0 else {
      return false
    }
    return value.count == count || value[count] == 0x2B || value[count] == 0x3B
  }

  /// The time of a `grpc-timeout` field; nil where it is malformed. As grpc-go 1.33: decodeTimeout.
  package static func timeout(_ value: UnsafeRawBufferPointer) -> TimeSpan? {
    guard value.count >= 2, value.count <= 9, let unit = value.last.flatMap(nanosecondsPerUnit) else {
      return nil
    }
    var number: Int64 = 0
    for digit in value.dropLast() {
      guard digit >= 0x30, digit <= 0x39 else { return nil }
      number = number * 10 + Int64(digit - 0x30)
    }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit)
    return TimeSpan(nanoseconds: overflow ? .max : product)
  }

  /// A `grpc-timeout` value of at most eight digits, rounded up. As grpc-go 1.33: encodeTimeout.
  package static func timeoutText(_ span: TimeSpan) -> String {
    guard span.nanoseconds > 0 else { return "0n" }
    for (unit, name) in [(1, "n"), (1_000, "u"), (1_000_000, "m"), (1_000_000_000, "S"), (60_000_000_000, "M")]
    {
      let unit = Int64(unit)
      let number = span.nanoseconds / unit + (span.nanoseconds % unit > 0 ? 1 : 0)
      if number < 100_000_000 { return "\(number)\(name)" }
    }
    return "\(span.nanoseconds / 3_600_000_000_000 + 1)H"
  }

  private static func nanosecondsPerUnit(_ unit: UInt8) -> Int64? {
    switch unit {
    case 0x6E: 1
    case 0x75: 1_000
    case 0x6D: 1_000_000
    case 0x53: 1_000_000_000
    case 0x4D: 60_000_000_000
    case 0x48: 3_600_000_000_000
    default: nil
    }
  }

  /// Refuses an encoding we have no decompressor for, which is every one. As grpc-go 1.33: server.go,
  /// processUnaryRPC; etcd registers no compressor.
  package static func fault(forEncodingIn headers: HeaderList) -> Fault? {
    guard let encoding = headers["grpc-encoding"], encoding != "", encoding != "identity" else { return nil }
    return Fault(code: 12, message: "grpc: Decompressor is not installed for grpc-encoding \"\(encoding)\"")
  }
}

/// Finds the messages in a gRPC body, however it was cut.
///
/// A message that arrives in one piece is lent without a copy.
package struct GRPCDeframer {
  /// Longest message taken; `--max-request-bytes` + 512 KB on a member.
  package let limit: Int
  private var partial = Bytes()

  package init(limit: Int) { self.limit = limit }

  /// Bytes of the message under way that are kept, and how many it will be; 0 while that is not known.
  package var partialCount: Int { partial.count }
  package var wholeCount: Int {
    guard partial.count >= 5 else { return 0 }
    return 5 + partial[1..<5].reduce(0) { $0 << 8 | Int($1) }
  }

  /// Whether the body stopped inside a message: at its end this is `fault(atEndOf:)`.
  package var isMidMessage: Bool { !partial.isEmpty }

  /// Calls `each` with every message that is complete now; its bytes are valid during the call only.
  package mutating func receive(
    _ bytes: UnsafeRawBufferPointer, _ each: (UnsafeRawBufferPointer) -> Void
  ) throws(GRPC.Fault) {
    var rest = bytes
    if !partial.isEmpty { try completePartial(&rest, each) }
    while rest.count >= 5 {
      let length = try messageLength(rest)
      guard rest.count >= 5 + length else { break }
      each(UnsafeRawBufferPointer(rebasing: rest[5..<(5 + length)]))
      rest = UnsafeRawBufferPointer(rebasing: rest[(5 + length)...])
    }
    if rest.count > 0 {
      if rest.count >= 5 { _ = try messageLength(rest) }  // refuse now, not when all of it has come
      partial.append(contentsOf: rest)
    }
  }

  private mutating func completePartial(
    _ rest: inout UnsafeRawBufferPointer, _ each: (UnsafeRawBufferPointer) -> Void
  ) throws(GRPC.Fault) {
    if partial.count < 5 { fill(to: 5, from: &rest) }
    guard partial.count >= 5 else { return }
    let length = try partialLength()
    fill(to: 5 + length, from: &rest)
    guard partial.count == 5 + length else { return }
    // The state is clean before the caller runs; a large message's memory is not kept.
    var whole = Bytes()
    swap(&whole, &partial)
    whole.withUnsafeBytes { each(UnsafeRawBufferPointer(rebasing: $0[5...])) }
  }

  private func partialLength() throws(GRPC.Fault) -> Int {
    let head = (partial[0], partial[1], partial[2], partial[3], partial[4])
    return try withUnsafeBytes(of: head) { (bytes) throws(GRPC.Fault) in try messageLength(bytes) }
  }

  private mutating func fill(to count: Int, from rest: inout UnsafeRawBufferPointer) {
    let taken = min(count - partial.count, rest.count)
    partial.append(contentsOf: rest[..<taken])
    rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
  }

  /// Checks the five bytes before a message. As grpc-go 1.33: rpc_util.go, recvMsg and checkRecvPayload.
  private func messageLength(_ head: UnsafeRawBufferPointer) throws(GRPC.Fault) -> Int {
    let length = Int(UInt32(bigEndian: head.loadUnaligned(fromByteOffset: 1, as: UInt32.self)))
    if length > limit {
      throw GRPC.Fault(code: 8, message: "grpc: received message larger than max (\(length) vs. \(limit))")
    }
    switch head[0] {
    case 0: return length
    case 1: throw GRPC.Fault(code: 13, message: "grpc: compressed flag set with identity or empty encoding")
    default: throw GRPC.Fault(code: 13, message: "grpc: received unexpected payload format \(head[0])")
    }
  }
}
