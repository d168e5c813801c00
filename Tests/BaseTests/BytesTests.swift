import Base
import Testing

@Suite struct BytesTests {
  @Test("hex is written in lower case and read in both, with spaces")
  func hexadecimal() {
    let all = Bytes(0...255)
    #expect(bytes(hex: hex(all)) == all)
    #expect(bytes(hex: hex(all).uppercased()) == all)
    #expect(hex([0x0A, 0xFF] as Bytes) == "0aff" && hex([] as Bytes) == "")
    #expect(bytes(hex: "0a fF") == [0x0A, 0xFF])
    for text in ["0", "0g", "é0", "0x00", "+1"] { #expect(bytes(hex: text) == nil, "\(text)") }
  }

  @Test("numbers in file names have sixteen digits")
  func sixteenDigits() {
    #expect(hex16(0) == "0000000000000000" && hex16(.max) == "ffffffffffffffff")
    #expect(hex16(0x1234_ABCD) == "000000001234abcd")
  }

  @Test("keys are ordered bytewise, a prefix first, beyond ASCII too")
  func order() {
    let row: [Bytes] = [
      [], [0], [0, 0], [0, 255], [1], [97], [97, 0], [97, 97], [98], [127], [128], [255], [255, 0],
    ]
    for (i, a) in row.enumerated() {
      for (j, b) in row.enumerated() {
        #expect((Key(a) < Key(b)) == (i < j), "\(a) and \(b)")
        #expect((Key(a) == Key(b)) == (i == j))
        #expect(compareBytes(a, b).signum() == (i - j).signum())
        let precedes = a.withUnsafeBytes { x in b.withUnsafeBytes { y in lexicallyPrecedes(x, y) } }
        #expect(precedes == (i < j))
      }
    }
  }

  @Test("equal keys hash alike and find each other")
  func hashing() {
    var dice = Dice(seed: 2)
    var table: [Key: Int] = [:]
    let keys = (0..<500).map { number in
      (0..<dice.below(9)).map { _ in UInt8(dice.below(4)) } + [UInt8(number & 255)]
    }
    for (number, key) in keys.enumerated() { table[Key(key)] = number }
    for key in keys { #expect(table[Key(Bytes(key))].map { keys[$0] } == key) }
    #expect(Key("a/b") == Key([0x61, 0x2F, 0x62]) && Key("a").hashValue == Key([0x61]).hashValue)
  }

  @Test("SHA-1 has the sums of FIPS 180")
  func sha1() {
    #expect(hex(SHA1.digest("abc".bytes)) == "a9993e364706816aba3e25717850c26c9cd0d89d")
    #expect(hex(SHA1.digest([])) == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
    #expect(
      hex(SHA1.digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".bytes))
        == "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
    #expect(
      hex(SHA1.digest(Bytes(repeating: 0x61, count: 1_000))) == "291e9a6c66994949b57ba5e650361e98fc36b1ba")
    #expect(SHA1.prefix64("abc".bytes) == 0xA999_3E36_4706_816A)
  }

  @Test("percent escapes are read leniently for gRPC and strictly for paths")
  func percent() {
    #expect(String(utf8: PercentEncoding.grpcMessage("a%b\né")) == "a%25b%0A%C3%A9")
    #expect(PercentEncoding.lenientlyDecoded("a%zz%41%4".bytes) == "a%zzA%4".bytes)
    #expect(PercentEncoding.decoded("a%2Fb+c".bytes) == "a/b+c".bytes)
    #expect(PercentEncoding.decoded("a%2fb+c".bytes, plusIsSpace: true) == "a/b c".bytes)
    for text in ["%", "%4", "%4g", "a%"] { #expect(PercentEncoding.decoded(text.bytes) == nil) }
    #expect(PercentEncoding.component("a b/é~".bytes) == "a%20b%2F%C3%A9~")
    let all = Bytes(0...255)
    #expect(PercentEncoding.decoded(PercentEncoding.component(all).bytes) == all)
  }
}
