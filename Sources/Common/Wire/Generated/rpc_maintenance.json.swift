// Written by wiregen from rpc_maintenance.proto. Do not edit.
// swift-format-ignore-file

import Base

extension AlarmType: JSONEnum {
  package static let jsonName = "etcdserverpb.AlarmType"
  package static let jsonNames: [(name: String, number: Int32)] = [("NONE", 0), ("NOSPACE", 1), ("CORRUPT", 2)]
}

extension AlarmRequest.AlarmAction: JSONEnum {
  package static let jsonName = "etcdserverpb.AlarmRequest_AlarmAction"
  package static let jsonNames: [(name: String, number: Int32)] = [("GET", 0), ("ACTIVATE", 1), ("DEACTIVATE", 2)]
}

extension AlarmRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.AlarmRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("action", action)
    printer.field("memberID", memberID)
    printer.field("alarm", alarm)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("action", "action", &action)
    try fields.read("memberID", "memberID", &memberID)
    try fields.read("alarm", "alarm", &alarm)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: output.field("action", enum: try reader.enumeration() as AlarmRequest.AlarmAction)
      case 16: output.field("memberID", try reader.varint())
      case 24: output.field("alarm", enum: try reader.enumeration() as AlarmType)
      default: try reader.skip(tag)
      }
    }
  }
}

extension AlarmMember: JSONMessage {
  package static let jsonName = "etcdserverpb.AlarmMember"

  package func print(to printer: inout JSONPrinter) {
    printer.field("memberID", memberID)
    printer.field("alarm", alarm)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("memberID", "memberID", &memberID)
    try fields.read("alarm", "alarm", &alarm)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: output.field("memberID", try reader.varint())
      case 16: output.field("alarm", enum: try reader.enumeration() as AlarmType)
      default: try reader.skip(tag)
      }
    }
  }
}

extension AlarmResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.AlarmResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("alarms", alarms)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("alarms", "alarms", &alarms)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 18: try output.list("alarms", tag, AlarmMember.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension StatusRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.StatusRequest"

  package func print(to printer: inout JSONPrinter) {
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      default: try reader.skip(tag)
      }
    }
  }
}

extension StatusResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.StatusResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("version", version)
    printer.field("dbSize", dbSize)
    printer.field("leader", leader)
    printer.field("raftIndex", raftIndex)
    printer.field("raftTerm", raftTerm)
    printer.field("raftAppliedIndex", raftAppliedIndex)
    printer.field("errors", errors)
    printer.field("dbSizeInUse", dbSizeInUse)
    printer.field("isLearner", isLearner)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("version", "version", &version)
    try fields.read("dbSize", "dbSize", &dbSize)
    try fields.read("leader", "leader", &leader)
    try fields.read("raftIndex", "raftIndex", &raftIndex)
    try fields.read("raftTerm", "raftTerm", &raftTerm)
    try fields.read("raftAppliedIndex", "raftAppliedIndex", &raftAppliedIndex)
    try fields.read("errors", "errors", &errors)
    try fields.read("dbSizeInUse", "dbSizeInUse", &dbSizeInUse)
    try fields.read("isLearner", "isLearner", &isLearner)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 18: output.field("version", text: try reader.raw())
      case 24: output.field("dbSize", try reader.int64())
      case 32: output.field("leader", try reader.varint())
      case 40: output.field("raftIndex", try reader.varint())
      case 48: output.field("raftTerm", try reader.varint())
      case 56: output.field("raftAppliedIndex", try reader.varint())
      case 66: try output.list("errors", tag, texts: &reader)
      case 72: output.field("dbSizeInUse", try reader.int64())
      case 80: output.field("isLearner", try reader.bool())
      default: try reader.skip(tag)
      }
    }
  }
}

extension DefragmentRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.DefragmentRequest"

  package func print(to printer: inout JSONPrinter) {
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      default: try reader.skip(tag)
      }
    }
  }
}

extension DefragmentResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.DefragmentResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension HashRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.HashRequest"

  package func print(to printer: inout JSONPrinter) {
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      default: try reader.skip(tag)
      }
    }
  }
}

extension HashResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.HashResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("hash", hash)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("hash", "hash", &hash)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 16: output.field("hash", try reader.uint32())
      default: try reader.skip(tag)
      }
    }
  }
}

extension HashKVRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.HashKVRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("revision", revision)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("revision", "revision", &revision)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: output.field("revision", try reader.int64())
      default: try reader.skip(tag)
      }
    }
  }
}

extension HashKVResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.HashKVResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("hash", hash)
    printer.field("compact_revision", compactRevision)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("hash", "hash", &hash)
    try fields.read("compact_revision", "compactRevision", &compactRevision)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 16: output.field("hash", try reader.uint32())
      case 24: output.field("compact_revision", try reader.int64())
      default: try reader.skip(tag)
      }
    }
  }
}

extension SnapshotRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.SnapshotRequest"

  package func print(to printer: inout JSONPrinter) {
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      default: try reader.skip(tag)
      }
    }
  }
}

extension SnapshotResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.SnapshotResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("remaining_bytes", remainingBytes)
    printer.field("blob", blob)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("remaining_bytes", "remainingBytes", &remainingBytes)
    try fields.read("blob", "blob", &blob)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 16: output.field("remaining_bytes", try reader.varint())
      case 26: output.field("blob", bytes: try reader.raw())
      default: try reader.skip(tag)
      }
    }
  }
}

extension MoveLeaderRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.MoveLeaderRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("targetID", targetID)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("targetID", "targetID", &targetID)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: output.field("targetID", try reader.varint())
      default: try reader.skip(tag)
      }
    }
  }
}

extension MoveLeaderResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.MoveLeaderResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}
