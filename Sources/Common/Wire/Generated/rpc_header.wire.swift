// Written by wiregen from rpc_header.proto. Do not edit.
// swift-format-ignore-file

import Base

package struct ResponseHeader: WireMessage {
  package var clusterID: UInt64 = 0
  package var memberID: UInt64 = 0
  package var revision: Int64 = 0
  package var raftTerm: UInt64 = 0

  package init() {}
  package init(
    clusterID: UInt64 = 0,
    memberID: UInt64 = 0,
    revision: Int64 = 0,
    raftTerm: UInt64 = 0
  ) {
    self.clusterID = clusterID
    self.memberID = memberID
    self.revision = revision
    self.raftTerm = raftTerm
  }

  package var encodedSize: Int {
    var size = 0
    if clusterID != 0 { size += 1 + WireSize.varint(clusterID) }
    if memberID != 0 { size += 1 + WireSize.varint(memberID) }
    if revision != 0 { size += 1 + WireSize.varint(revision) }
    if raftTerm != 0 { size += 1 + WireSize.varint(raftTerm) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if clusterID != 0 {
      writer.byte(8)
      writer.varint(clusterID)
    }
    if memberID != 0 {
      writer.byte(16)
      writer.varint(memberID)
    }
    if revision != 0 {
      writer.byte(24)
      writer.varint(UInt64(bitPattern: revision))
    }
    if raftTerm != 0 {
      writer.byte(32)
      writer.varint(raftTerm)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: clusterID = try reader.varint()
      case 16: memberID = try reader.varint()
      case 24: revision = try reader.int64()
      case 32: raftTerm = try reader.varint()
      default:
        switch tag >> 3 {
        case 1...4: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}
