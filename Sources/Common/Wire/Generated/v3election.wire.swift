// Written by wiregen from v3election.proto. Do not edit.
// swift-format-ignore-file

import Base

package struct CampaignRequest: WireMessage {
  package var name: Bytes = []
  package var lease: Int64 = 0
  package var value: Bytes = []

  package init() {}
  package init(
    name: Bytes = [],
    lease: Int64 = 0,
    value: Bytes = []
  ) {
    self.name = name
    self.lease = lease
    self.value = value
  }

  package var encodedSize: Int {
    var size = 0
    if !name.isEmpty { size += 1 + WireSize.delimited(name.count) }
    if lease != 0 { size += 1 + WireSize.varint(lease) }
    if !value.isEmpty { size += 1 + WireSize.delimited(value.count) }
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
    if !value.isEmpty {
      writer.byte(26)
      writer.bytes(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: name = try reader.bytes()
      case 16: lease = try reader.int64()
      case 26: value = try reader.bytes()
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

package struct CampaignResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var leader: LeaderKey? = nil

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    leader: LeaderKey? = nil
  ) {
    self.header = header
    self.leader = leader
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    if let value = leader { size += 1 + WireSize.delimited(value.encodedSize) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    if let value = leader {
      writer.byte(18)
      writer.message(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 18: try reader.message(&leader)
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

package struct LeaderKey: WireMessage {
  package var name: Bytes = []
  package var key: Bytes = []
  package var rev: Int64 = 0
  package var lease: Int64 = 0

  package init() {}
  package init(
    name: Bytes = [],
    key: Bytes = [],
    rev: Int64 = 0,
    lease: Int64 = 0
  ) {
    self.name = name
    self.key = key
    self.rev = rev
    self.lease = lease
  }

  package var encodedSize: Int {
    var size = 0
    if !name.isEmpty { size += 1 + WireSize.delimited(name.count) }
    if !key.isEmpty { size += 1 + WireSize.delimited(key.count) }
    if rev != 0 { size += 1 + WireSize.varint(rev) }
    if lease != 0 { size += 1 + WireSize.varint(lease) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !name.isEmpty {
      writer.byte(10)
      writer.bytes(name)
    }
    if !key.isEmpty {
      writer.byte(18)
      writer.bytes(key)
    }
    if rev != 0 {
      writer.byte(24)
      writer.varint(UInt64(bitPattern: rev))
    }
    if lease != 0 {
      writer.byte(32)
      writer.varint(UInt64(bitPattern: lease))
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: name = try reader.bytes()
      case 18: key = try reader.bytes()
      case 24: rev = try reader.int64()
      case 32: lease = try reader.int64()
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

package struct LeaderRequest: WireMessage {
  package var name: Bytes = []

  package init() {}
  package init(
    name: Bytes = []
  ) {
    self.name = name
  }

  package var encodedSize: Int {
    var size = 0
    if !name.isEmpty { size += 1 + WireSize.delimited(name.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !name.isEmpty {
      writer.byte(10)
      writer.bytes(name)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: name = try reader.bytes()
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

package struct LeaderResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var kv: KeyValue? = nil

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    kv: KeyValue? = nil
  ) {
    self.header = header
    self.kv = kv
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    if let value = kv { size += 1 + WireSize.delimited(value.encodedSize) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    if let value = kv {
      writer.byte(18)
      writer.message(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 18: try reader.message(&kv)
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

package struct ResignRequest: WireMessage {
  package var leader: LeaderKey? = nil

  package init() {}
  package init(
    leader: LeaderKey? = nil
  ) {
    self.leader = leader
  }

  package var encodedSize: Int {
    var size = 0
    if let value = leader { size += 1 + WireSize.delimited(value.encodedSize) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = leader {
      writer.byte(10)
      writer.message(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&leader)
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

package struct ResignResponse: WireMessage {
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

package struct ProclaimRequest: WireMessage {
  package var leader: LeaderKey? = nil
  package var value: Bytes = []

  package init() {}
  package init(
    leader: LeaderKey? = nil,
    value: Bytes = []
  ) {
    self.leader = leader
    self.value = value
  }

  package var encodedSize: Int {
    var size = 0
    if let value = leader { size += 1 + WireSize.delimited(value.encodedSize) }
    if !value.isEmpty { size += 1 + WireSize.delimited(value.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = leader {
      writer.byte(10)
      writer.message(value)
    }
    if !value.isEmpty {
      writer.byte(18)
      writer.bytes(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&leader)
      case 18: value = try reader.bytes()
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

package struct ProclaimResponse: WireMessage {
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
