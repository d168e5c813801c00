// Written by wiregen from rpc_maintenance.proto. Do not edit.
// swift-format-ignore-file

import Base

package enum AlarmType: WireEnum {
  case none, nospace, corrupt
  /// A number without a name here, kept as it came.
  case unrecognized(Int32)

  package init(rawValue: Int32) {
    switch rawValue {
    case 0: self = .none
    case 1: self = .nospace
    case 2: self = .corrupt
    default: self = .unrecognized(rawValue)
    }
  }

  package var rawValue: Int32 {
    switch self {
    case .none: 0
    case .nospace: 1
    case .corrupt: 2
    case .unrecognized(let number): number
    }
  }
}

package struct AlarmRequest: WireMessage {
  package enum AlarmAction: WireEnum {
    case get, activate, deactivate
    /// A number without a name here, kept as it came.
    case unrecognized(Int32)

    package init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .get
      case 1: self = .activate
      case 2: self = .deactivate
      default: self = .unrecognized(rawValue)
      }
    }

    package var rawValue: Int32 {
      switch self {
      case .get: 0
      case .activate: 1
      case .deactivate: 2
      case .unrecognized(let number): number
      }
    }
  }

  package var action: AlarmRequest.AlarmAction = .get
  package var memberID: UInt64 = 0
  package var alarm: AlarmType = .none

  package init() {}
  package init(
    action: AlarmRequest.AlarmAction = .get,
    memberID: UInt64 = 0,
    alarm: AlarmType = .none
  ) {
    self.action = action
    self.memberID = memberID
    self.alarm = alarm
  }

  package var encodedSize: Int {
    var size = 0
    if action != .get { size += 1 + WireSize.varint(action.rawValue) }
    if memberID != 0 { size += 1 + WireSize.varint(memberID) }
    if alarm != .none { size += 1 + WireSize.varint(alarm.rawValue) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if action != .get {
      writer.byte(8)
      writer.varint(UInt64(bitPattern: Int64(action.rawValue)))
    }
    if memberID != 0 {
      writer.byte(16)
      writer.varint(memberID)
    }
    if alarm != .none {
      writer.byte(24)
      writer.varint(UInt64(bitPattern: Int64(alarm.rawValue)))
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: action = try reader.enumeration()
      case 16: memberID = try reader.varint()
      case 24: alarm = try reader.enumeration()
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

package struct AlarmMember: WireMessage {
  package var memberID: UInt64 = 0
  package var alarm: AlarmType = .none

  package init() {}
  package init(
    memberID: UInt64 = 0,
    alarm: AlarmType = .none
  ) {
    self.memberID = memberID
    self.alarm = alarm
  }

  package var encodedSize: Int {
    var size = 0
    if memberID != 0 { size += 1 + WireSize.varint(memberID) }
    if alarm != .none { size += 1 + WireSize.varint(alarm.rawValue) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if memberID != 0 {
      writer.byte(8)
      writer.varint(memberID)
    }
    if alarm != .none {
      writer.byte(16)
      writer.varint(UInt64(bitPattern: Int64(alarm.rawValue)))
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: memberID = try reader.varint()
      case 16: alarm = try reader.enumeration()
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

package struct AlarmResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var alarms: [AlarmMember] = []

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    alarms: [AlarmMember] = []
  ) {
    self.header = header
    self.alarms = alarms
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    size += WireSize.messages(alarms, tagSize: 1)
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    writer.messages(18, alarms)
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 18: try reader.message(&alarms)
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

package struct StatusRequest: WireMessage {
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

package struct StatusResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var version: String = ""
  package var dbSize: Int64 = 0
  package var leader: UInt64 = 0
  package var raftIndex: UInt64 = 0
  package var raftTerm: UInt64 = 0
  package var raftAppliedIndex: UInt64 = 0
  package var errors: [String] = []
  package var dbSizeInUse: Int64 = 0
  package var isLearner: Bool = false

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    version: String = "",
    dbSize: Int64 = 0,
    leader: UInt64 = 0,
    raftIndex: UInt64 = 0,
    raftTerm: UInt64 = 0,
    raftAppliedIndex: UInt64 = 0,
    errors: [String] = [],
    dbSizeInUse: Int64 = 0,
    isLearner: Bool = false
  ) {
    self.header = header
    self.version = version
    self.dbSize = dbSize
    self.leader = leader
    self.raftIndex = raftIndex
    self.raftTerm = raftTerm
    self.raftAppliedIndex = raftAppliedIndex
    self.errors = errors
    self.dbSizeInUse = dbSizeInUse
    self.isLearner = isLearner
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    if !version.isEmpty { size += 1 + WireSize.delimited(version.utf8.count) }
    if dbSize != 0 { size += 1 + WireSize.varint(dbSize) }
    if leader != 0 { size += 1 + WireSize.varint(leader) }
    if raftIndex != 0 { size += 1 + WireSize.varint(raftIndex) }
    if raftTerm != 0 { size += 1 + WireSize.varint(raftTerm) }
    if raftAppliedIndex != 0 { size += 1 + WireSize.varint(raftAppliedIndex) }
    for value in errors { size += 1 + WireSize.delimited(value.utf8.count) }
    if dbSizeInUse != 0 { size += 1 + WireSize.varint(dbSizeInUse) }
    if isLearner { size += 1 + 1 }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    if !version.isEmpty {
      writer.byte(18)
      writer.string(version)
    }
    if dbSize != 0 {
      writer.byte(24)
      writer.varint(UInt64(bitPattern: dbSize))
    }
    if leader != 0 {
      writer.byte(32)
      writer.varint(leader)
    }
    if raftIndex != 0 {
      writer.byte(40)
      writer.varint(raftIndex)
    }
    if raftTerm != 0 {
      writer.byte(48)
      writer.varint(raftTerm)
    }
    if raftAppliedIndex != 0 {
      writer.byte(56)
      writer.varint(raftAppliedIndex)
    }
    for value in errors {
      writer.byte(66)
      writer.string(value)
    }
    if dbSizeInUse != 0 {
      writer.byte(72)
      writer.varint(UInt64(bitPattern: dbSizeInUse))
    }
    if isLearner {
      writer.byte(80)
      writer.bool(isLearner)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 18: version = try reader.string()
      case 24: dbSize = try reader.int64()
      case 32: leader = try reader.varint()
      case 40: raftIndex = try reader.varint()
      case 48: raftTerm = try reader.varint()
      case 56: raftAppliedIndex = try reader.varint()
      case 66: errors.append(try reader.string())
      case 72: dbSizeInUse = try reader.int64()
      case 80: isLearner = try reader.bool()
      default:
        switch tag >> 3 {
        case 1...10: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct DefragmentRequest: WireMessage {
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

package struct DefragmentResponse: WireMessage {
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

package struct HashRequest: WireMessage {
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

package struct HashResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var hash: UInt32 = 0

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    hash: UInt32 = 0
  ) {
    self.header = header
    self.hash = hash
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    if hash != 0 { size += 1 + WireSize.varint(UInt64(hash)) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    if hash != 0 {
      writer.byte(16)
      writer.varint(UInt64(hash))
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 16: hash = try reader.uint32()
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

package struct HashKVRequest: WireMessage {
  package var revision: Int64 = 0

  package init() {}
  package init(
    revision: Int64 = 0
  ) {
    self.revision = revision
  }

  package var encodedSize: Int {
    var size = 0
    if revision != 0 { size += 1 + WireSize.varint(revision) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if revision != 0 {
      writer.byte(8)
      writer.varint(UInt64(bitPattern: revision))
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: revision = try reader.int64()
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

package struct HashKVResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var hash: UInt32 = 0
  package var compactRevision: Int64 = 0

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    hash: UInt32 = 0,
    compactRevision: Int64 = 0
  ) {
    self.header = header
    self.hash = hash
    self.compactRevision = compactRevision
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    if hash != 0 { size += 1 + WireSize.varint(UInt64(hash)) }
    if compactRevision != 0 { size += 1 + WireSize.varint(compactRevision) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    if hash != 0 {
      writer.byte(16)
      writer.varint(UInt64(hash))
    }
    if compactRevision != 0 {
      writer.byte(24)
      writer.varint(UInt64(bitPattern: compactRevision))
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 16: hash = try reader.uint32()
      case 24: compactRevision = try reader.int64()
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

package struct SnapshotRequest: WireMessage {
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

package struct SnapshotResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var remainingBytes: UInt64 = 0
  package var blob: Bytes = []

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    remainingBytes: UInt64 = 0,
    blob: Bytes = []
  ) {
    self.header = header
    self.remainingBytes = remainingBytes
    self.blob = blob
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    if remainingBytes != 0 { size += 1 + WireSize.varint(remainingBytes) }
    if !blob.isEmpty { size += 1 + WireSize.delimited(blob.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    if remainingBytes != 0 {
      writer.byte(16)
      writer.varint(remainingBytes)
    }
    if !blob.isEmpty {
      writer.byte(26)
      writer.bytes(blob)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 16: remainingBytes = try reader.varint()
      case 26: blob = try reader.bytes()
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

package struct MoveLeaderRequest: WireMessage {
  package var targetID: UInt64 = 0

  package init() {}
  package init(
    targetID: UInt64 = 0
  ) {
    self.targetID = targetID
  }

  package var encodedSize: Int {
    var size = 0
    if targetID != 0 { size += 1 + WireSize.varint(targetID) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if targetID != 0 {
      writer.byte(8)
      writer.varint(targetID)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: targetID = try reader.varint()
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

package struct MoveLeaderResponse: WireMessage {
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
