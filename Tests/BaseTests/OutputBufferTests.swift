import Base
import Testing

@Suite struct OutputBufferTests {
  @Test("bytes come out in the order they went in, however they are taken")
  func order() {
    var dice = Dice(seed: 4)
    let buffer = OutputBuffer()
    var (put, taken) = (Bytes(), Bytes())
    for _ in 0..<2_000 {
      if dice.below(3) > 0 {
        let bytes = (0..<dice.below(60)).map { _ in UInt8(dice.below(256)) }
        buffer.append(bytes)
        put += bytes
      } else {
        let count = dice.below(buffer.count + 1)
        taken += buffer.unsent.prefix(count)
        buffer.consume(count)
      }
    }
    taken += buffer.unsent
    #expect(taken == put && buffer.count == buffer.unsent.count)
  }

  @Test(
    "decimal numbers have the digits of their type's ends",
    arguments: [0, 7, -1, 10, 4_294_967_296, Int.max, Int.min])
  func decimal(number: Int) {
    let buffer = OutputBuffer()
    buffer.append(decimal: number)
    #expect(String(utf8: buffer.unsent) == String(number))
  }

  @Test("one buffer takes over what another holds")
  func moving() {
    let (first, second) = (OutputBuffer(), OutputBuffer())
    second.append("b" as StaticString)
    first.append(takingFrom: second)
    #expect(second.isEmpty && String(utf8: first.unsent) == "b")
    second.append("c" as String)
    first.append(takingFrom: second)
    #expect(second.isEmpty && String(utf8: first.unsent) == "bc")
    first.append(count: 3) { target in for place in target.indices { target[place] = 0x64 } }
    #expect(String(utf8: first.unsent) == "bcddd")
  }
}
