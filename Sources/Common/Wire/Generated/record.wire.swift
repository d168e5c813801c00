// Written by wiregen from record.proto. Do not edit.
// swift-format-ignore-file

import Base

package struct WALRecord: WireMessage {
  package var type: Int64 = 0
  package var crc: UInt32 = 0
  package var data: Bytes? = nil

  package init() {}
  package init(
    type: Int64 = 0,
    crc: UInt32 = 0,
    data: Bytes? = nil
  ) {
    self.type = type
    self.crc = crc
    self.data = data
  }

  package var encodedSize: Int {
    var size = 0
    size += 1 + WireSize.varint(type)
    size += 1 + WireSize.varint(UInt64(crc))
    if let value = data { size += 1 + WireSize.delimited(value.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    writer.byte(8)
    writer.varint(UInt64(bitPattern: type))
    writer.byte(16)
    writer.varint(UInt64(crc))
    if let value = data {
      writer.byte(26)
      writer.bytes(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: type = try reader.int64()
      case 16: crc = try reader.uint32()
      case 26: data = try reader.bytes()
      default:
        switch tag >> 3 {
        case 1...3: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct WALSnapshot: WireMessage {
  package var index: UInt64 = 0
  package var term: UInt64 = 0

  package init() {}
  package init(
    index: UInt64 = 0,
    term: UInt64 = 0
  ) {
    self.index = index
    self.term = term
  }

  package var encodedSize: Int {
    var size = 0
    size += 1 + WireSize.varint(index)
    size += 1 + WireSize.varint(term)
    return size
  }

  package func encode(to writer: inout WireWriter) {
    writer.byte(8)
    writer.varint(index)
    writer.byte(16)
    writer.varint(term)
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: index = try reader.varint()
      case 16: term = try reader.varint()
      default:
        switch tag >> 3 {
        case 1...2: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}
