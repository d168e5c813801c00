// Written by wiregen from kv.proto. Do not edit.
// swift-format-ignore-file

import Base

package struct KeyValue: WireMessage {
  package var key: Bytes = []
  package var createRevision: Int64 = 0
  package var modRevision: Int64 = 0
  package var version: Int64 = 0
  package var value: Bytes = []
  package var lease: Int64 = 0

  package init() {}
  package init(
    key: Bytes = [],
    createRevision: Int64 = 0,
    modRevision: Int64 = 0,
    version: Int64 = 0,
    value: Bytes = [],
    lease: Int64 = 0
  ) {
    self.key = key
    self.createRevision = createRevision
    self.modRevision = modRevision
    self.version = version
    self.value = value
    self.lease = lease
  }

  package var encodedSize: Int {
    var size = 0
    if !key.isEmpty { size += 1 + WireSize.delimited(key.count) }
    if createRevision != 0 { size += 1 + WireSize.varint(createRevision) }
    if modRevision != 0 { size += 1 + WireSize.varint(modRevision) }
    if version != 0 { size += 1 + WireSize.varint(version) }
    if !value.isEmpty { size += 1 + WireSize.delimited(value.count) }
    if lease != 0 { size += 1 + WireSize.varint(lease) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !key.isEmpty {
      writer.byte(10)
      writer.bytes(key)
    }
    if createRevision != 0 {
      writer.byte(16)
      writer.varint(UInt64(bitPattern: createRevision))
    }
    if modRevision != 0 {
      writer.byte(24)
      writer.varint(UInt64(bitPattern: modRevision))
    }
    if version != 0 {
      writer.byte(32)
      writer.varint(UInt64(bitPattern: version))
    }
    if !value.isEmpty {
      writer.byte(42)
      writer.bytes(value)
    }
    if lease != 0 {
      writer.byte(48)
      writer.varint(UInt64(bitPattern: lease))
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: key = try reader.bytes()
      case 16: createRevision = try reader.int64()
      case 24: modRevision = try reader.int64()
      case 32: version = try reader.int64()
      case 42: value = try reader.bytes()
      case 48: lease = try reader.int64()
      default:
        switch tag >> 3 {
        case 1...6: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct KVEvent: WireMessage {
  package enum EventType: WireEnum {
    case put, delete
    /// A number without a name here, kept as it came.
    case unrecognized(Int32)

    package init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .put
      case 1: self = .delete
      default: self = .unrecognized(rawValue)
      }
    }

    package var rawValue: Int32 {
      switch self {
      case .put: 0
      case .delete: 1
      case .unrecognized(let number): number
      }
    }
  }

  package var type: KVEvent.EventType = .put
  package var kv: KeyValue? = nil
  package var prevKv: KeyValue? = nil

  package init() {}
  package init(
    type: KVEvent.EventType = .put,
    kv: KeyValue? = nil,
    prevKv: KeyValue? = nil
  ) {
    self.type = type
    self.kv = kv
    self.prevKv = prevKv
  }

  package var encodedSize: Int {
    var size = 0
    if type != .put { size += 1 + WireSize.varint(type.rawValue) }
    if let value = kv { size += 1 + WireSize.delimited(value.encodedSize) }
    if let value = prevKv { size += 1 + WireSize.delimited(value.encodedSize) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if type != .put {
      writer.byte(8)
      writer.varint(UInt64(bitPattern: Int64(type.rawValue)))
    }
    if let value = kv {
      writer.byte(18)
      writer.message(value)
    }
    if let value = prevKv {
      writer.byte(26)
      writer.message(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: type = try reader.enumeration()
      case 18: try reader.message(&kv)
      case 26: try reader.message(&prevKv)
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
