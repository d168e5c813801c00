import Base
import Testing

@testable import HTTP

@Suite struct GRPCTests {
  @Test func `Messages are found wherever the body is cut`() throws {
    let body: Bytes = [0, 0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 9]
    for first in 0...body.count {
      for second in first...body.count {
        var deframer = GRPCDeframer(limit: 10)
        var messages: [Bytes] = []
        for part in [body[..<first], body[first..<second], body[second...]] {
          try Bytes(part).withUnsafeBytes { bytes in try deframer.receive(bytes) { messages.append(Bytes($0)) }
          }
        }
        #expect(messages == [[1, 2, 3], [], [9]])
        #expect(!deframer.isMidMessage)
      }
    }
  }

  @Test(arguments: [
    ([0, 0, 0x21, 0x92, 0x08] as Bytes, 8, "grpc: received message larger than max (2200072 vs. 2097152)"),
    ([1, 0, 0, 0, 1], 13, "grpc: compressed flag set with identity or empty encoding"),
    ([2, 0, 0, 0, 1], 13, "grpc: received unexpected payload format 2"),
  ])
  func `Messages that are refused, in grpc-go's words`(head: Bytes, code: Int, text: String) {
    for cut in 1...5 {
      var deframer = GRPCDeframer(limit: 2_097_152)
      #expect(throws: GRPC.Fault(code: code, message: text)) {
        for part in [head[..<cut], head[cut...] + [0]] {
          try Bytes(part).withUnsafeBytes { bytes in try deframer.receive(bytes) { _ in } }
        }
      }
    }
  }

  @Test func `Timeouts are read and written as grpc-go does`() {
    func read(_ text: String) -> Int64? { text.bytes.withUnsafeBytes { GRPC.timeout($0)?.nanoseconds } }
    #expect(read("5S") == 5_000_000_000)
    #expect(read("100m") == 100_000_000)
    #expect(read("1H") == 3_600_000_000_000)
    #expect(read("99999999H") == .max)
    #expect(
      read("1") == nil && read("S") == nil && read("123456789S") == nil && read("-1S") == nil
        && read("1s") == nil)
    #expect(GRPC.timeoutText(.milliseconds(5_000)) == "5000000u")
    #expect(GRPC.timeoutText(.zero) == "0n")
    #expect(GRPC.timeoutText(.seconds(100_000_000)) == "1666667M")
  }

  @Test func `Encodings are refused by name`() {
    #expect(GRPC.fault(forEncodingIn: ["grpc-encoding": "identity"]) == nil)
    #expect(
      GRPC.fault(forEncodingIn: ["grpc-encoding": "gzip"])
        == GRPC.Fault(code: 12, message: "grpc: Decompressor is not installed for grpc-encoding \"gzip\""))
  }

  @Test func `Percent-encoding goes both ways`() {
    #expect(String(utf8: PercentEncoding.grpcMessage("a b%é")) == "a b%25%C3%A9")
    #expect(String(utf8: PercentEncoding.lenientlyDecoded("100% a%2".bytes)) == "100% a%2")
    #expect(PercentEncoding.decoded("a%2".bytes) == nil)
    #expect(PercentEncoding.decoded("a+b%41".bytes, plusIsSpace: true) == "a bA".bytes)
    #expect(PercentEncoding.component("a/b c~".bytes) == "a%2Fb%20c~")
  }
}
