// Written by wiregen from v3lock.proto. Do not edit.
// swift-format-ignore-file

import Base

package struct LockRequest: WireMessage {
  package var name: Bytes = []
  package var lease: Int64 = 0

  package init() {}
  package init(
    name: Bytes = [],
    lease: Int64 = 0
  ) {
    self.name = name
    self.lease = lease
  }

  package var encodedSize: Int {
    var size = 0
    if !name.isEmpty { size += 1 + WireSize.delimited(name.count) }
    if lease != 0 { size += 1 + WireSize.varint(lease) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !name.isEmpty {
      writer.byte(10)
      writer.bytes(name)
    }
    if lease != 0 {
      writer.byte(16)
      writer.varint(UInt64(bitPattern: lease))
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: name = try reader.bytes()
      case 16: lease = try reader.int64()
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

package struct LockResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var key: Bytes = []

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    key: Bytes = []
  ) {
    self.header = header
    self.key = key
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    if !key.isEmpty { size += 1 + WireSize.delimited(key.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    if !key.isEmpty {
      writer.byte(18)
      writer.bytes(key)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 18: key = try reader.bytes()
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

package struct UnlockRequest: WireMessage {
  package var key: Bytes = []

  package init() {}
  package init(
    key: Bytes = []
  ) {
    self.key = key
  }

  package var encodedSize: Int {
    var size = 0
    if !key.isEmpty { size += 1 + WireSize.delimited(key.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !key.isEmpty {
      writer.byte(10)
      writer.bytes(key)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: key = try reader.bytes()
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

package struct UnlockResponse: WireMessage {
  package var header: ResponseHeader? = nil

  package init() {}
  package init(
    header: ResponseHeader? = nil
  ) {
    self.header = header
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
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
