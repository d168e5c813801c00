import Base
import CShim
import Testing

@Suite struct CRC32CTests {
  /// The check value of the catalogue and the vectors of RFC 3720, B.4.
  @Test(
    "known vectors",
    arguments: [
      ("123456789".bytes, 0xE306_9283), ([], 0), (Bytes(repeating: 0, count: 32), 0x8A91_36AA),
      (Bytes(repeating: 0xFF, count: 32), 0x62A8_AB43), (Bytes(0..<32), 0x46DD_794E),
      (Bytes((0..<32).reversed()), 0x113F_DB5C),
    ] as [(Bytes, UInt32)])
  func vectors(bytes: Bytes, sum: UInt32) {
    #expect(CRC32C.of(bytes) == sum)
    #expect(table(0, bytes) == sum)
  }

  @Test("the processor and the table agree at every length and every offset")
  func agreement() {
    var dice = Dice(seed: 5)
    let bytes = (0..<300).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
    for start in 0..<9 {
      for end in start...bytes.count {
        let part = bytes[start..<end]
        let (fast, slow) = part.withUnsafeBytes { part in
          (cshim_crc32c(7, part.baseAddress, part.count), cshim_crc32c_table(7, part.baseAddress, part.count))
        }
        if fast != slow { Issue.record("\(start)..<\(end): \(fast) and \(slow)") }
      }
    }
  }

  @Test("a sum may be taken in parts and continued from its value")
  func parts() {
    let bytes = Bytes(0...255)
    for cut in stride(from: 0, through: 256, by: 5) {
      var sum = CRC32C()
      sum.update(Bytes(bytes[..<cut]))
      var rest = CRC32C(sum.value)
      rest.update(bytes.span.bytes.extracting(cut...))
      #expect(rest.value == CRC32C.of(bytes))
    }
  }

  private func table(_ start: UInt32, _ bytes: Bytes) -> UInt32 {
    bytes.withUnsafeBytes { cshim_crc32c_table(start, $0.baseAddress, $0.count) }
  }
}
