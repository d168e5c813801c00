// Written by wiregen from lease.proto. Do not edit.
// swift-format-ignore-file

import Base

package struct LeaseRecord: WireMessage {
  package var id: Int64 = 0
  package var ttl: Int64 = 0
  package var remainingTTL: Int64 = 0

  package init() {}
  package init(
    id: Int64 = 0,
    ttl: Int64 = 0,
    remainingTTL: Int64 = 0
  ) {
    self.id = id
    self.ttl = ttl
    self.remainingTTL = remainingTTL
  }

  package var encodedSize: Int {
    var size = 0
    if id != 0 { size += 1 + WireSize.varint(id) }
    if ttl != 0 { size += 1 + WireSize.varint(ttl) }
    if remainingTTL != 0 { size += 1 + WireSize.varint(remainingTTL) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if id != 0 {
      writer.byte(8)
      writer.varint(UInt64(bitPattern: id))
    }
    if ttl != 0 {
      writer.byte(16)
      writer.varint(UInt64(bitPattern: ttl))
    }
    if remainingTTL != 0 {
      writer.byte(24)
      writer.varint(UInt64(bitPattern: remainingTTL))
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: id = try reader.int64()
      case 16: ttl = try reader.int64()
      case 24: remainingTTL = try reader.int64()
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

package struct LeaseInternalRequest: WireMessage {
  package var leaseTimeToLiveRequest: LeaseTimeToLiveRequest? = nil

  package init() {}
  package init(
    leaseTimeToLiveRequest: LeaseTimeToLiveRequest? = nil
  ) {
    self.leaseTimeToLiveRequest = leaseTimeToLiveRequest
  }

  package var encodedSize: Int {
    var size = 0
    if let value = leaseTimeToLiveRequest { size += 1 + WireSize.delimited(value.encodedSize) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = leaseTimeToLiveRequest {
      writer.byte(10)
      writer.message(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&leaseTimeToLiveRequest)
      default:
        switch tag >> 3 {
        case 1: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct LeaseInternalResponse: WireMessage {
  package var leaseTimeToLiveResponse: LeaseTimeToLiveResponse? = nil

  package init() {}
  package init(
    leaseTimeToLiveResponse: LeaseTimeToLiveResponse? = nil
  ) {
    self.leaseTimeToLiveResponse = leaseTimeToLiveResponse
  }

  package var encodedSize: Int {
    var size = 0
    if let value = leaseTimeToLiveResponse { size += 1 + WireSize.delimited(value.encodedSize) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = leaseTimeToLiveResponse {
      writer.byte(10)
      writer.message(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&leaseTimeToLiveResponse)
      default:
        switch tag >> 3 {
        case 1: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}
