import Base
import Testing

@testable import Wire

/// Bytes from hex with spaces anywhere.
func unhex(_ text: String) -> Bytes {
  guard let result = bytes(hex: text) else {
    Issue.record("no hex: \(text)")
    return []
  }
  return result
}

/// Decodes, encodes again, and expects the same bytes.
func roundTrip<M: WireMessage>(
  _ type: M.Type, _ text: String, sourceLocation: SourceLocation = #_sourceLocation
) throws -> M {
  let golden = unhex(text)
  let message = try M(decoding: golden)
  #expect(hex(message.encoded()) == hex(golden), sourceLocation: sourceLocation)
  #expect(message.encodedSize == golden.count, sourceLocation: sourceLocation)
  var writer = ByteWriter()
  writer.append(0xff)
  message.append(to: &writer)
  #expect(writer.bytes == [0xff] + golden, sourceLocation: sourceLocation)
  return message
}
