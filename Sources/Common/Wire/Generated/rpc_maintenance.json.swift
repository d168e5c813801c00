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
}

extension StatusRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.StatusRequest"

  package func print(to printer: inout JSONPrinter) {
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
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
}

extension DefragmentRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.DefragmentRequest"

  package func print(to printer: inout JSONPrinter) {
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
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
}

extension HashRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.HashRequest"

  package func print(to printer: inout JSONPrinter) {
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
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
}

extension HashKVRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.HashKVRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("revision", revision)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("revision", "revision", &revision)
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
}

extension SnapshotRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.SnapshotRequest"

  package func print(to printer: inout JSONPrinter) {
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
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
}

extension MoveLeaderRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.MoveLeaderRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("targetID", targetID)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("targetID", "targetID", &targetID)
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
}
