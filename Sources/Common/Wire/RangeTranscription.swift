import Base

/// An encoded range response that comes in pieces of whole fields, printed as JSON as it comes.
package struct RangeTranscription {
  private var didBegin = false
  private var isInList = false

  package init() {}

  /// Appends what a piece holds; on an error what was written is void.
  package mutating func append(
    _ piece: UnsafeRawBufferPointer, to output: inout ByteWriter
  ) throws(DecodeError) {
    var reader = WireReader(piece)
    while true {
      let tag = try reader.tag()
      if tag == 0 { return }
      // The brace stands right before the first member, which is how its name knows that it is the first.
      let mark = output.count
      if !didBegin { output.append(0x7b) }
      if tag == 2 << 3 | 2 {
        try pair(&reader, to: &output)
      } else {
        closeList(&output)
        try field(tag, &reader, to: &output)
      }
      if didBegin { continue }
      didBegin = output.count > mark + 1
      if !didBegin { output.truncate(to: mark) }
    }
  }

  package mutating func end(_ output: inout ByteWriter) {
    if !didBegin { output.append(0x7b) }
    closeList(&output)
    output.append(0x7d)
  }

  private mutating func pair(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    var inner = try reader.inner()
    if isInList {
      output.append(0x2c)
    } else {
      output.key("kvs")
      output.append(0x5b)
      isInList = true
    }
    try KeyValue.transcribeObject(&inner, to: &output)
  }

  private mutating func closeList(_ output: inout ByteWriter) {
    if isInList { output.append(0x5d) }
    isInList = false
  }

  private func field(
    _ tag: UInt32, _ reader: inout WireReader, to output: inout ByteWriter
  ) throws(DecodeError) {
    switch tag {
    case 1 << 3 | 2: try output.field("header", ResponseHeader.self, &reader)
    case 3 << 3: output.field("more", try reader.bool())
    case 4 << 3: output.field("count", try reader.int64())
    default: try reader.skip(tag)
    }
  }
}
