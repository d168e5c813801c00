import Base

/// Input bytes read as a program: each question takes the next bytes, and behind the end every answer is zero.
struct Program {
  private let bytes: UnsafeRawBufferPointer
  private var offset = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isAtEnd: Bool { offset >= bytes.count }

  mutating func byte() -> UInt8 {
    guard offset < bytes.count else { return 0 }
    defer { offset += 1 }
    return bytes[offset]
  }
  mutating func below(_ bound: Int) -> Int { Int(byte()) % bound }
  mutating func bytes(_ count: Int) -> Bytes {
    let end = min(bytes.count, offset + count)
    defer { offset = end }
    return Bytes(bytes[offset..<end])
  }
  mutating func rest() -> Bytes { bytes(bytes.count - offset) }
}

/// Gives `input` away in pieces whose lengths follow from `seed`; 0 gives it in one piece.
func inPieces(_ input: Bytes, seed: UInt8, _ receive: (UnsafeRawBufferPointer) -> Bool) {
  var dice = Dice(seed: UInt64(seed))
  input.withUnsafeBytes { whole in
    var offset = 0
    while offset < whole.count {
      let longest = seed == 0 ? whole.count : [1, 3, 20, 300][dice.below(4)]
      let count = min(whole.count - offset, seed == 0 ? whole.count : 1 + dice.below(longest))
      // A copy of its own, so that the address sanitizer sees a read beyond the piece.
      let piece = Bytes(whole[offset..<offset + count])
      offset += count
      if !piece.withUnsafeBytes(receive) { return }
    }
  }
}
