/// SHA-1, for the ids of members and clusters only: etcd takes them from its first eight bytes.
///
/// Written here because pure rooms may not import OpenSSL, and ids must be computed where membership is decided.
/// Nothing may rest on it being hard to forge.
package enum SHA1 {
  package static func digest(_ message: Bytes) -> Bytes {
    var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
    var padded = message
    padded.append(0x80)
    while padded.count % 64 != 56 { padded.append(0) }
    withUnsafeBytes(of: UInt64(message.count * 8).bigEndian) { padded.append(contentsOf: $0) }
    for start in stride(from: 0, to: padded.count, by: 64) { mix(padded[start..<start + 64], into: &state) }
    return state.flatMap { word in withUnsafeBytes(of: word.bigEndian) { Bytes($0) } }
  }

  /// The first eight bytes, most significant first.
  package static func prefix64(_ message: Bytes) -> UInt64 {
    digest(message).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func mix(_ block: ArraySlice<UInt8>, into state: inout [UInt32]) {
    var words = [UInt32](repeating: 0, count: 80)
    for place in 0..<16 {
      let at = block.startIndex + place * 4
      words[place] = block[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
    for place in 16..<80 {
      words[place] = rotated(words[place - 3] ^ words[place - 8] ^ words[place - 14] ^ words[place - 16], 1)
    }
    var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
    for place in 0..<80 {
      let (choice, constant) = step(place, b, c, d)
      let next = rotated(a, 5) &+ choice &+ e &+ constant &+ words[place]
      (a, b, c, d, e) = (next, a, rotated(b, 30), c, d)
    }
    for (place, value) in [a, b, c, d, e].enumerated() { state[place] &+= value }
  }

  private static func step(_ place: Int, _ b: UInt32, _ c: UInt32, _ d: UInt32) -> (UInt32, UInt32) {
    switch place {
    case 0..<20: (b & c | ~b & d, 0x5a82_7999)
    case 20..<40: (b ^ c ^ d, 0x6ed9_eba1)
    case 40..<60: (b & c | b & d | c & d, 0x8f1b_bcdc)
    default: (b ^ c ^ d, 0xca62_c1d6)
    }
  }

  private static func rotated(_ value: UInt32, _ count: UInt32) -> UInt32 {
    value << count | value >> (32 - count)
  }
}
