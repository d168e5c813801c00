// Written by wiregen from rpc_cluster.proto. Do not edit.
// swift-format-ignore-file

import Base

package struct ClusterMember: WireMessage {
  package var id: UInt64 = 0
  package var name: String = ""
  package var peerURLs: [String] = []
  package var clientURLs: [String] = []
  package var isLearner: Bool = false

  package init() {}
  package init(
    id: UInt64 = 0,
    name: String = "",
    peerURLs: [String] = [],
    clientURLs: [String] = [],
    isLearner: Bool = false
  ) {
    self.id = id
    self.name = name
    self.peerURLs = peerURLs
    self.clientURLs = clientURLs
    self.isLearner = isLearner
  }

  package var encodedSize: Int {
    var size = 0
    if id != 0 { size += 1 + WireSize.varint(id) }
    if !name.isEmpty { size += 1 + WireSize.delimited(name.utf8.count) }
    for value in peerURLs { size += 1 + WireSize.delimited(value.utf8.count) }
    for value in clientURLs { size += 1 + WireSize.delimited(value.utf8.count) }
    if isLearner { size += 1 + 1 }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if id != 0 {
      writer.byte(8)
      writer.varint(id)
    }
    if !name.isEmpty {
      writer.byte(18)
      writer.string(name)
    }
    for value in peerURLs {
      writer.byte(26)
      writer.string(value)
    }
    for value in clientURLs {
      writer.byte(34)
      writer.string(value)
    }
    if isLearner {
      writer.byte(40)
      writer.bool(isLearner)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: id = try reader.varint()
      case 18: name = try reader.string()
      case 26: peerURLs.append(try reader.string())
      case 34: clientURLs.append(try reader.string())
      case 40: isLearner = try reader.bool()
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

package struct MemberAddRequest: WireMessage {
  package var peerURLs: [String] = []
  package var isLearner: Bool = false

  package init() {}
  package init(
    peerURLs: [String] = [],
    isLearner: Bool = false
  ) {
    self.peerURLs = peerURLs
    self.isLearner = isLearner
  }

  package var encodedSize: Int {
    var size = 0
    for value in peerURLs { size += 1 + WireSize.delimited(value.utf8.count) }
    if isLearner { size += 1 + 1 }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    for value in peerURLs {
      writer.byte(10)
      writer.string(value)
    }
    if isLearner {
      writer.byte(16)
      writer.bool(isLearner)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: peerURLs.append(try reader.string())
      case 16: isLearner = try reader.bool()
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

package struct MemberAddResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var member: ClusterMember? = nil
  package var members: [ClusterMember] = []

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    member: ClusterMember? = nil,
    members: [ClusterMember] = []
  ) {
    self.header = header
    self.member = member
    self.members = members
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    if let value = member { size += 1 + WireSize.delimited(value.encodedSize) }
    size += WireSize.messages(members, tagSize: 1)
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    if let value = member {
      writer.byte(18)
      writer.message(value)
    }
    writer.messages(26, members)
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 18: try reader.message(&member)
      case 26: try reader.message(&members)
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

package struct MemberRemoveRequest: WireMessage {
  package var id: UInt64 = 0

  package init() {}
  package init(
    id: UInt64 = 0
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
      writer.varint(id)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: id = try reader.varint()
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

package struct MemberRemoveResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var members: [ClusterMember] = []

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    members: [ClusterMember] = []
  ) {
    self.header = header
    self.members = members
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    size += WireSize.messages(members, tagSize: 1)
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    writer.messages(18, members)
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 18: try reader.message(&members)
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

package struct MemberUpdateRequest: WireMessage {
  package var id: UInt64 = 0
  package var peerURLs: [String] = []

  package init() {}
  package init(
    id: UInt64 = 0,
    peerURLs: [String] = []
  ) {
    self.id = id
    self.peerURLs = peerURLs
  }

  package var encodedSize: Int {
    var size = 0
    if id != 0 { size += 1 + WireSize.varint(id) }
    for value in peerURLs { size += 1 + WireSize.delimited(value.utf8.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if id != 0 {
      writer.byte(8)
      writer.varint(id)
    }
    for value in peerURLs {
      writer.byte(18)
      writer.string(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: id = try reader.varint()
      case 18: peerURLs.append(try reader.string())
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

package struct MemberUpdateResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var members: [ClusterMember] = []

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    members: [ClusterMember] = []
  ) {
    self.header = header
    self.members = members
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    size += WireSize.messages(members, tagSize: 1)
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    writer.messages(18, members)
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 18: try reader.message(&members)
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

package struct MemberListRequest: WireMessage {
  package var linearizable: Bool = false

  package init() {}
  package init(
    linearizable: Bool = false
  ) {
    self.linearizable = linearizable
  }

  package var encodedSize: Int {
    var size = 0
    if linearizable { size += 1 + 1 }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if linearizable {
      writer.byte(8)
      writer.bool(linearizable)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: linearizable = try reader.bool()
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

package struct MemberListResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var members: [ClusterMember] = []

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    members: [ClusterMember] = []
  ) {
    self.header = header
    self.members = members
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    size += WireSize.messages(members, tagSize: 1)
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    writer.messages(18, members)
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 18: try reader.message(&members)
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

package struct MemberPromoteRequest: WireMessage {
  package var id: UInt64 = 0

  package init() {}
  package init(
    id: UInt64 = 0
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
      writer.varint(id)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: id = try reader.varint()
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

package struct MemberPromoteResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var members: [ClusterMember] = []

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    members: [ClusterMember] = []
  ) {
    self.header = header
    self.members = members
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    size += WireSize.messages(members, tagSize: 1)
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    writer.messages(18, members)
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 18: try reader.message(&members)
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
