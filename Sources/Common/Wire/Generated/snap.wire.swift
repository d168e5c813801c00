// Written by wiregen from snap.proto. Do not edit.
// swift-format-ignore-file

import Base

package struct SnapRecord: WireMessage {
  package var crc: UInt32 = 0
  package var data: Bytes? = nil

  package init() {}
  package init(
    crc: UInt32 = 0,
    data: Bytes? = nil
  ) {
    self.crc = crc
    self.data = data
  }

  package var encodedSize: Int {
    var size = 0
    size += 1 + WireSize.varint(UInt64(crc))
    if let value = data { size += 1 + WireSize.delimited(value.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    writer.byte(8)
    writer.varint(UInt64(crc))
    if let value = data {
      writer.byte(18)
      writer.bytes(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: crc = try reader.uint32()
      case 18: data = try reader.bytes()
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
