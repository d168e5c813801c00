import Base

// Encoded messages as JSON, field by field from where they lie into the output: no message is made on the way, and a
// stored record reaches the client of the gateway with one copy. The generated `transcribe` of each message calls these.
//
// Meant for bytes that this program encoded: fields ascending, elements of a list side by side. For them it prints what
// `json(.gateway)` prints of the decoded message, byte for byte.

extension JSONMessage {
  /// Appends the message that `reader` holds as one JSON object; on an error what was written is void.
  static func transcribeObject(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    output.append(0x7b)
    try transcribe(&reader, to: &output)
    output.append(0x7d)
  }

  package static func transcribe(
    _ encoded: UnsafeRawBufferPointer, to output: inout ByteWriter
  ) throws(DecodeError) {
    var reader = WireReader(encoded)
    try transcribeObject(&reader, to: &output)
  }
}

extension ByteWriter {
  /// A member's name, with a comma unless it is the first of its object.
  mutating func key(_ name: StaticString) {
    if last != 0x7b { append(0x2c) }
    append(0x22)
    append(name)
    append("\":")
  }

  // MARK: Values

  mutating func value(_ number: Int64) {
    append(0x22)
    append(decimal: number)
    append(0x22)
  }
  mutating func value(_ number: UInt64) {
    append(0x22)
    append(decimal: number)
    append(0x22)
  }
  mutating func value(bytes content: UnsafeRawBufferPointer) {
    append(0x22)
    append(count: Base64.encodedCount(content.count)) { Base64.encode(content, into: $0) }
    append(0x22)
  }
  mutating func value(text content: UnsafeRawBufferPointer) {
    var writer = JSONWriter()
    writer.string(String(decoding: content, as: UTF8.self))
    append(writer.bytes)
  }
  mutating func value<E: JSONEnum>(_ value: E) {
    let number = value.rawValue
    guard let name = E.jsonNames.first(where: { $0.number == number })?.name else {
      return append(decimal: Int64(number))
    }
    append(0x22)
    append(name)
    append(0x22)
  }

  // MARK: Fields, left out when they are zero

  mutating func field(_ name: StaticString, _ number: Int64) {
    guard number != 0 else { return }
    key(name)
    value(number)
  }
  mutating func field(_ name: StaticString, _ number: UInt64) {
    guard number != 0 else { return }
    key(name)
    value(number)
  }
  mutating func field(_ name: StaticString, _ number: UInt32) {
    guard number != 0 else { return }
    key(name)
    append(decimal: UInt64(number))
  }
  mutating func field(_ name: StaticString, _ flag: Bool) {
    guard flag else { return }
    key(name)
    append("true" as StaticString)
  }
  mutating func field(_ name: StaticString, bytes content: UnsafeRawBufferPointer) {
    guard content.count > 0 else { return }
    key(name)
    value(bytes: content)
  }
  mutating func field(_ name: StaticString, text content: UnsafeRawBufferPointer) {
    guard content.count > 0 else { return }
    key(name)
    value(text: content)
  }
  mutating func field(_ name: StaticString, enum value: some JSONEnum) {
    guard value.rawValue != 0 else { return }
    key(name)
    self.value(value)
  }

  mutating func field<M: JSONMessage>(
    _ name: StaticString, _ type: M.Type, _ reader: inout WireReader
  ) throws(DecodeError) {
    var inner = try reader.inner()
    key(name)
    try M.transcribeObject(&inner, to: &self)
  }

  // MARK: Fields of a oneof, printed whatever their value

  mutating func always(_ name: StaticString, _ number: Int64) {
    key(name)
    value(number)
  }
  mutating func always(_ name: StaticString, bytes content: UnsafeRawBufferPointer) {
    key(name)
    value(bytes: content)
  }

  // MARK: Lists; the first element's tag has been read

  mutating func list<M: JSONMessage>(
    _ name: StaticString, _ tag: UInt32, _ type: M.Type, _ reader: inout WireReader
  ) throws(DecodeError) {
    try list(name, tag, &reader) { output, reader throws(DecodeError) in
      var inner = try reader.inner()
      try M.transcribeObject(&inner, to: &output)
    }
  }
  mutating func list(_ name: StaticString, _ tag: UInt32, texts reader: inout WireReader) throws(DecodeError) {
    try list(name, tag, &reader) { output, reader throws(DecodeError) in output.value(text: try reader.raw()) }
  }
  mutating func list(_ name: StaticString, _ tag: UInt32, bytes reader: inout WireReader) throws(DecodeError) {
    try list(name, tag, &reader) { output, reader throws(DecodeError) in output.value(bytes: try reader.raw()) }
  }

  @inline(__always)
  private mutating func list(
    _ name: StaticString, _ tag: UInt32, _ reader: inout WireReader,
    _ element: (inout ByteWriter, inout WireReader) throws(DecodeError) -> Void
  ) throws(DecodeError) {
    key(name)
    append(0x5b)
    while true {
      try element(&self, &reader)
      var ahead = reader
      guard try ahead.tag() == tag else { break }
      reader = ahead
      append(0x2c)
    }
    append(0x5d)
  }

  /// A packed list of an enum.
  mutating func packed<E: JSONEnum>(
    _ name: StaticString, _ type: E.Type, _ reader: inout WireReader
  ) throws(DecodeError) {
    var numbers: [E] = []
    try reader.packed(&numbers) { reader throws(DecodeError) in try reader.enumeration() }
    guard !numbers.isEmpty else { return }
    key(name)
    append(0x5b)
    for (position, number) in numbers.enumerated() {
      if position > 0 { append(0x2c) }
      value(number)
    }
    append(0x5d)
  }
}
