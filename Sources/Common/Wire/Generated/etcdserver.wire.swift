// Written by wiregen from etcdserver.proto. Do not edit.
// swift-format-ignore-file

import Base

package struct V2Request: WireMessage {
  package var id: UInt64 = 0
  package var method: String = ""
  package var path: String = ""
  package var val: String = ""
  package var dir: Bool = false
  package var prevValue: String = ""
  package var prevIndex: UInt64 = 0
  package var prevExist: Bool? = nil
  package var expiration: Int64 = 0
  package var wait: Bool = false
  package var since: UInt64 = 0
  package var recursive: Bool = false
  package var sorted: Bool = false
  package var quorum: Bool = false
  package var time: Int64 = 0
  package var stream: Bool = false
  package var refresh: Bool? = nil

  package init() {}
  package init(
    id: UInt64 = 0,
    method: String = "",
    path: String = "",
    val: String = "",
    dir: Bool = false,
    prevValue: String = "",
    prevIndex: UInt64 = 0,
    prevExist: Bool? = nil,
    expiration: Int64 = 0,
    wait: Bool = false,
    since: UInt64 = 0,
    recursive: Bool = false,
    sorted: Bool = false,
    quorum: Bool = false,
    time: Int64 = 0,
    stream: Bool = false,
    refresh: Bool? = nil
  ) {
    self.id = id
    self.method = method
    self.path = path
    self.val = val
    self.dir = dir
    self.prevValue = prevValue
    self.prevIndex = prevIndex
    self.prevExist = prevExist
    self.expiration = expiration
    self.wait = wait
    self.since = since
    self.recursive = recursive
    self.sorted = sorted
    self.quorum = quorum
    self.time = time
    self.stream = stream
    self.refresh = refresh
  }

  package var encodedSize: Int {
    var size = 0
    size += 1 + WireSize.varint(id)
    size += 1 + WireSize.delimited(method.utf8.count)
    size += 1 + WireSize.delimited(path.utf8.count)
    size += 1 + WireSize.delimited(val.utf8.count)
    size += 1 + 1
    size += 1 + WireSize.delimited(prevValue.utf8.count)
    size += 1 + WireSize.varint(prevIndex)
    if prevExist != nil { size += 1 + 1 }
    size += 1 + WireSize.varint(expiration)
    size += 1 + 1
    size += 1 + WireSize.varint(since)
    size += 1 + 1
    size += 1 + 1
    size += 1 + 1
    size += 1 + WireSize.varint(time)
    size += 2 + 1
    if refresh != nil { size += 2 + 1 }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    writer.byte(8)
    writer.varint(id)
    writer.byte(18)
    writer.string(method)
    writer.byte(26)
    writer.string(path)
    writer.byte(34)
    writer.string(val)
    writer.byte(40)
    writer.bool(dir)
    writer.byte(50)
    writer.string(prevValue)
    writer.byte(56)
    writer.varint(prevIndex)
    if let value = prevExist {
      writer.byte(64)
      writer.bool(value)
    }
    writer.byte(72)
    writer.varint(UInt64(bitPattern: expiration))
    writer.byte(80)
    writer.bool(wait)
    writer.byte(88)
    writer.varint(since)
    writer.byte(96)
    writer.bool(recursive)
    writer.byte(104)
    writer.bool(sorted)
    writer.byte(112)
    writer.bool(quorum)
    writer.byte(120)
    writer.varint(UInt64(bitPattern: time))
    writer.tag(128)
    writer.bool(stream)
    if let value = refresh {
      writer.tag(136)
      writer.bool(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: id = try reader.varint()
      case 18: method = try reader.string()
      case 26: path = try reader.string()
      case 34: val = try reader.string()
      case 40: dir = try reader.bool()
      case 50: prevValue = try reader.string()
      case 56: prevIndex = try reader.varint()
      case 64: prevExist = try reader.bool()
      case 72: expiration = try reader.int64()
      case 80: wait = try reader.bool()
      case 88: since = try reader.varint()
      case 96: recursive = try reader.bool()
      case 104: sorted = try reader.bool()
      case 112: quorum = try reader.bool()
      case 120: time = try reader.int64()
      case 128: stream = try reader.bool()
      case 136: refresh = try reader.bool()
      default:
        switch tag >> 3 {
        case 1...17: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct WALMetadata: WireMessage {
  package var nodeID: UInt64 = 0
  package var clusterID: UInt64 = 0

  package init() {}
  package init(
    nodeID: UInt64 = 0,
    clusterID: UInt64 = 0
  ) {
    self.nodeID = nodeID
    self.clusterID = clusterID
  }

  package var encodedSize: Int {
    var size = 0
    size += 1 + WireSize.varint(nodeID)
    size += 1 + WireSize.varint(clusterID)
    return size
  }

  package func encode(to writer: inout WireWriter) {
    writer.byte(8)
    writer.varint(nodeID)
    writer.byte(16)
    writer.varint(clusterID)
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: nodeID = try reader.varint()
      case 16: clusterID = try reader.varint()
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
