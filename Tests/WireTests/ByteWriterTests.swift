import Base
import Testing

@Suite struct ByteWriterTests {
  @Test("bytes leave in the order they came, whatever is taken away between")
  func order() {
    var dice = Dice(seed: 3)
    var writer = ByteWriter()
    var model: Bytes = []
    for _ in 0..<2_000 {
      if dice.below(3) == 0 {
        let count = dice.below(model.count + 1)
        writer.removeFirst(count)
        model.removeFirst(count)
      } else {
        let more = Bytes(repeating: UInt8(dice.below(256)), count: dice.below(300))
        writer.append(more)
        model += more
      }
      #expect(writer.count == model.count)
    }
    #expect(writer.bytes == model)
  }

  @Test("integers, varints and patches have the bytes of their formats")
  func integers() {
    var writer = ByteWriter()
    writer.append(0)
    writer.append(bigEndian: UInt32(0))
    writer.append(varint: 300)
    writer.append(littleEndian: UInt16(0x0102))
    writer.append("ab" as StaticString)
    writer.patch(bigEndian: UInt32(6), at: 1)
    #expect(hex(writer.bytes) == "0000000006ac0202016162")
    writer.truncate(to: 5)
    writer.removeFirst(1)
    #expect(hex(writer.bytes) == "00000006")
    writer.removeAll(keeping: 0)
    #expect(writer.bytes.isEmpty)
  }

  @Test("a reader gives back what a writer wrote, and nil at the end")
  func reader() {
    var writer = ByteWriter()
    writer.append(bigEndian: UInt64(7))
    writer.append(littleEndian: UInt64(8))
    writer.append(varint: .max)
    writer.append("xy")
    writer.withUnsafeBytes { buffer in
      var reader = ByteReader(buffer)
      #expect(reader.bigEndian(UInt64.self) == 7)
      #expect(reader.littleEndian(UInt64.self) == 8)
      #expect(reader.varint() == .max)
      #expect(reader.bytes(3) == nil)
      #expect(reader.peek == UInt8(ascii: "x"))
      #expect(reader.bytes(2) == "xy".bytes)
      #expect(reader.byte() == nil && reader.varint() == nil && reader.bigEndian(UInt16.self) == nil)
      #expect(reader.isAtEnd)
    }
  }
}
