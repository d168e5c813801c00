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
}
