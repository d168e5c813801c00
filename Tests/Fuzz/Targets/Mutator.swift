import Base

/// Changes inputs by chance, for runs without libFuzzer.
package struct Mutator {
  private var dice: Dice
  private let longest: Int

  package init(seed: UInt64, longest: Int) {
    dice = Dice(seed: seed)
    self.longest = longest
  }

  /// A changed copy of one of the inputs.
  package mutating func next(from inputs: [Bytes]) -> Bytes {
    if inputs.isEmpty || dice.below(50) == 0 { return noise(dice.below(min(longest, 200))) }
    var bytes = inputs[dice.below(inputs.count)]
    for _ in 0...dice.below(6) { change(&bytes, inputs) }
    return bytes.count > longest ? Bytes(bytes[..<longest]) : bytes
  }

  private mutating func noise(_ count: Int) -> Bytes {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
  }

  private static let borders: Bytes = [0, 1, 0x7F, 0x80, 0xFF, 0x0A, 0x0D, 0x20, 0x22, 0x2C, 0x3A, 0x7B]

  private mutating func change(_ bytes: inout Bytes, _ inputs: [Bytes]) {
    guard !bytes.isEmpty else {
      bytes = noise(1 + dice.below(8))
      return
    }
    let place = dice.below(bytes.count)
    switch dice.below(9) {
    case 0: bytes[place] ^= 1 << UInt8(dice.below(8))
    case 1: bytes[place] = UInt8(truncatingIfNeeded: dice.next())
    case 2: bytes[place] = Self.borders[dice.below(Self.borders.count)]
    case 3: bytes[place] &+= dice.below(2) == 0 ? 1 : 255
    case 4: bytes.insert(contentsOf: noise(1 + dice.below(8)), at: place)
    case 5: bytes.removeSubrange(place..<min(bytes.count, place + 1 + dice.below(16)))
    case 6:
      let run = Bytes(repeating: dice.below(2) == 0 ? 0xFF : 0, count: [2, 4, 8][dice.below(3)])
      bytes.replaceSubrange(place..<min(bytes.count, place + run.count), with: run)
    case 7: bytes.insert(contentsOf: piece(of: bytes), at: place)
    default: bytes.insert(contentsOf: piece(of: inputs[dice.below(inputs.count)]), at: place)
    }
  }

  private mutating func piece(of bytes: Bytes) -> Bytes {
    guard !bytes.isEmpty else { return [] }
    let start = dice.below(bytes.count)
    return Bytes(bytes[start..<min(bytes.count, start + 1 + dice.below(64))])
  }
}
