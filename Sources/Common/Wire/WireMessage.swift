import Base

/// A message with a protobuf form.
package protocol WireMessage: Sendable, Equatable {
  init()
  /// Exact number of bytes that `encode(to:)` writes.
  var encodedSize: Int { get }
  /// Writes the fields in ascending order of their numbers, as etcd's own code does.
  func encode(to writer: inout WireWriter)
  /// Reads fields to the end of `reader` on top of what is already set, as protobuf merges.
  mutating func merge(from reader: inout WireReader) throws(DecodeError)
}

extension WireMessage {
  /// The message as bytes of its own.
  package func encoded() -> Bytes {
    let size = encodedSize
    return Bytes(unsafeUninitializedCapacity: size) { buffer, count in
      var writer = WireWriter(UnsafeMutableRawBufferPointer(buffer))
      encode(to: &writer)
      writer.finish()
      count = size
    }
  }

  /// The message behind what `output` already holds.
  package func append(to output: inout ByteWriter) {
    var writer = WireWriter(output.appendUninitialized(encodedSize))
    encode(to: &writer)
    writer.finish()
  }

  package init(decoding buffer: UnsafeRawBufferPointer) throws(DecodeError) {
    self.init()
    var reader = WireReader(buffer)
    try merge(from: &reader)
  }

  package init(decoding span: RawSpan) throws(DecodeError) {
    self.init()
    try span.withUnsafeBytes { buffer throws(DecodeError) in
      var reader = WireReader(buffer)
      try merge(from: &reader)
    }
  }

  package init(decoding bytes: Bytes) throws(DecodeError) { try self.init(decoding: bytes.span.bytes) }

  package init(decoding bytes: ArraySlice<UInt8>) throws(DecodeError) {
    try self.init(decoding: bytes.span.bytes)
  }
}

/// An enum of a message: a number with names for some values; others are kept as they came.
package protocol WireEnum: RawRepresentable, Hashable, Sendable where RawValue == Int32 {
  init(rawValue: Int32)
}
