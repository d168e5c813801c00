// Written by wiregen from rpc_lease.proto. Do not edit.
// swift-format-ignore-file

import Base

package struct LeaseGrantRequest: WireMessage {
  package var ttl: Int64 = 0
  package var id: Int64 = 0

  package init() {}
  package init(
    ttl: Int64 = 0,
    id: Int64 = 0
  ) {
    self.ttl = ttl
    self.id = id
  }

  package var encodedSize: Int {
    var size = 0
    if ttl != 0 { size += 1 + WireSize.varint(ttl) }
    if id != 0 { size += 1 + WireSize.varint(id) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if ttl != 0 {
      writer.byte(8)
      writer.varint(UInt64(bitPattern: ttl))
    }
    if id != 0 {
      writer.byte(16)
      writer.varint(UInt64(bitPattern: id))
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: ttl = try reader.int64()
      case 16: id = try reader.int64()
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

package struct LeaseGrantResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var id: Int64 = 0
  package var ttl: Int64 = 0
  package var error: String = ""

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    id: Int64 = 0,
    ttl: Int64 = 0,
    error: String = ""
  ) {
    self.header = header
    self.id = id
    self.ttl = ttl
    self.error = error
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    if id != 0 { size += 1 + WireSize.varint(id) }
    if ttl != 0 { size += 1 + WireSize.varint(ttl) }
    if !error.isEmpty { size += 1 + WireSize.delimited(error.utf8.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    if id != 0 {
      writer.byte(16)
      writer.varint(UInt64(bitPattern: id))
    }
    if ttl != 0 {
      writer.byte(24)
      writer.varint(UInt64(bitPattern: ttl))
    }
    if !error.isEmpty {
      writer.byte(34)
      writer.string(error)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 16: id = try reader.int64()
      case 24: ttl = try reader.int64()
      case 34: error = try reader.string()
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

package struct LeaseRevokeRequest: WireMessage {
  package var id: Int64 = 0

  package init() {}
  package init(
    id: Int64 = 0
  ) {
    self.id = id
  }

  package var encodedSize: Int {
    var size = 0
    if id != 0 { size += 1 + WireSize.varint(id) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if id != 0 {
      writer.byte(8)
      writer.varint(UInt64(bitPattern: id))
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: id = try reader.int64()
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

package struct LeaseRevokeResponse: WireMessage {
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

package struct LeaseCheckpoint: WireMessage {
  package var id: Int64 = 0
  package var remainingTTL: Int64 = 0

  package init() {}
  package init(
    id: Int64 = 0,
    remainingTTL: Int64 = 0
  ) {
    self.id = id
    self.remainingTTL = remainingTTL
  }

  package var encodedSize: Int {
    var size = 0
    if id != 0 { size += 1 + WireSize.varint(id) }
    if remainingTTL != 0 { size += 1 + WireSize.varint(remainingTTL) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if id != 0 {
      writer.byte(8)
      writer.varint(UInt64(bitPattern: id))
    }
    if remainingTTL != 0 {
      writer.byte(16)
      writer.varint(UInt64(bitPattern: remainingTTL))
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: id = try reader.int64()
      case 16: remainingTTL = try reader.int64()
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

package struct LeaseCheckpointRequest: WireMessage {
  package var checkpoints: [LeaseCheckpoint] = []

  package init() {}
  package init(
    checkpoints: [LeaseCheckpoint] = []
  ) {
    self.checkpoints = checkpoints
  }

  package var encodedSize: Int {
    var size = 0
    size += WireSize.messages(checkpoints, tagSize: 1)
    return size
  }

  package func encode(to writer: inout WireWriter) {
    writer.messages(10, checkpoints)
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&checkpoints)
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

package struct LeaseCheckpointResponse: WireMessage {
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

package struct LeaseKeepAliveRequest: WireMessage {
  package var id: Int64 = 0

  package init() {}
  package init(
    id: Int64 = 0
  ) {
    self.id = id
  }

  package var encodedSize: Int {
    var size = 0
    if id != 0 { size += 1 + WireSize.varint(id) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if id != 0 {
      writer.byte(8)
      writer.varint(UInt64(bitPattern: id))
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: id = try reader.int64()
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

package struct LeaseKeepAliveResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var id: Int64 = 0
  package var ttl: Int64 = 0

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    id: Int64 = 0,
    ttl: Int64 = 0
  ) {
    self.header = header
    self.id = id
    self.ttl = ttl
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    if id != 0 { size += 1 + WireSize.varint(id) }
    if ttl != 0 { size += 1 + WireSize.varint(ttl) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    if id != 0 {
      writer.byte(16)
      writer.varint(UInt64(bitPattern: id))
    }
    if ttl != 0 {
      writer.byte(24)
      writer.varint(UInt64(bitPattern: ttl))
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 16: id = try reader.int64()
      case 24: ttl = try reader.int64()
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

package struct LeaseTimeToLiveRequest: WireMessage {
  package var id: Int64 = 0
  package var keys: Bool = false

  package init() {}
  package init(
    id: Int64 = 0,
    keys: Bool = false
  ) {
    self.id = id
    self.keys = keys
  }

  package var encodedSize: Int {
    var size = 0
    if id != 0 { size += 1 + WireSize.varint(id) }
    if keys { size += 1 + 1 }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if id != 0 {
      writer.byte(8)
      writer.varint(UInt64(bitPattern: id))
    }
    if keys {
      writer.byte(16)
      writer.bool(keys)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: id = try reader.int64()
      case 16: keys = try reader.bool()
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

package struct LeaseTimeToLiveResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var id: Int64 = 0
  package var ttl: Int64 = 0
  package var grantedTTL: Int64 = 0
  package var keys: [Bytes] = []

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    id: Int64 = 0,
    ttl: Int64 = 0,
    grantedTTL: Int64 = 0,
    keys: [Bytes] = []
  ) {
    self.header = header
    self.id = id
    self.ttl = ttl
    self.grantedTTL = grantedTTL
    self.keys = keys
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    if id != 0 { size += 1 + WireSize.varint(id) }
    if ttl != 0 { size += 1 + WireSize.varint(ttl) }
    if grantedTTL != 0 { size += 1 + WireSize.varint(grantedTTL) }
    for value in keys { size += 1 + WireSize.delimited(value.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    if id != 0 {
      writer.byte(16)
      writer.varint(UInt64(bitPattern: id))
    }
    if ttl != 0 {
      writer.byte(24)
      writer.varint(UInt64(bitPattern: ttl))
    }
    if grantedTTL != 0 {
      writer.byte(32)
      writer.varint(UInt64(bitPattern: grantedTTL))
    }
    for value in keys {
      writer.byte(42)
      writer.bytes(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 16: id = try reader.int64()
      case 24: ttl = try reader.int64()
      case 32: grantedTTL = try reader.int64()
      case 42: keys.append(try reader.bytes())
      default:
        switch tag >> 3 {
        case 1...5: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct LeaseLeasesRequest: WireMessage {
  package init() {}

  package var encodedSize: Int {
    0
  }

  package func encode(to writer: inout WireWriter) {
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      default:
        try reader.skip(tag)
      }
    }
  }
}

package struct LeaseStatus: WireMessage {
  package var id: Int64 = 0

  package init() {}
  package init(
    id: Int64 = 0
  ) {
    self.id = id
  }

  package var encodedSize: Int {
    var size = 0
    if id != 0 { size += 1 + WireSize.varint(id) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if id != 0 {
      writer.byte(8)
      writer.varint(UInt64(bitPattern: id))
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: id = try reader.int64()
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

package struct LeaseLeasesResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var leases: [LeaseStatus] = []

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    leases: [LeaseStatus] = []
  ) {
    self.header = header
    self.leases = leases
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    size += WireSize.messages(leases, tagSize: 1)
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    writer.messages(18, leases)
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 18: try reader.message(&leases)
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
