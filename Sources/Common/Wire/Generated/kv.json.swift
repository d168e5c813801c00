// Written by wiregen from kv.proto. Do not edit.
// swift-format-ignore-file

import Base

extension KeyValue: JSONMessage {
  package static let jsonName = "mvccpb.KeyValue"

  package func print(to printer: inout JSONPrinter) {
    printer.field("key", key)
    printer.field("create_revision", createRevision)
    printer.field("mod_revision", modRevision)
    printer.field("version", version)
    printer.field("value", value)
    printer.field("lease", lease)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("key", "key", &key)
    try fields.read("create_revision", "createRevision", &createRevision)
    try fields.read("mod_revision", "modRevision", &modRevision)
    try fields.read("version", "version", &version)
    try fields.read("value", "value", &value)
    try fields.read("lease", "lease", &lease)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: output.field("key", bytes: try reader.raw())
      case 16: output.field("create_revision", try reader.int64())
      case 24: output.field("mod_revision", try reader.int64())
      case 32: output.field("version", try reader.int64())
      case 42: output.field("value", bytes: try reader.raw())
      case 48: output.field("lease", try reader.int64())
      default: try reader.skip(tag)
      }
    }
  }
}

extension KVEvent.EventType: JSONEnum {
  package static let jsonName = "mvccpb.Event_EventType"
  package static let jsonNames: [(name: String, number: Int32)] = [("PUT", 0), ("DELETE", 1)]
}

extension KVEvent: JSONMessage {
  package static let jsonName = "mvccpb.Event"

  package func print(to printer: inout JSONPrinter) {
    printer.field("type", type)
    printer.field("kv", kv)
    printer.field("prev_kv", prevKv)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("type", "type", &type)
    try fields.read("kv", "kv", &kv)
    try fields.read("prev_kv", "prevKv", &prevKv)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: output.field("type", enum: try reader.enumeration() as KVEvent.EventType)
      case 18: try output.field("kv", KeyValue.self, &reader)
      case 26: try output.field("prev_kv", KeyValue.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}
