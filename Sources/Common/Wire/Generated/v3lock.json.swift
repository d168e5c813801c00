// Written by wiregen from v3lock.proto. Do not edit.
// swift-format-ignore-file

import Base

extension LockRequest: JSONMessage {
  package static let jsonName = "v3lockpb.LockRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("name", name)
    printer.field("lease", lease)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("name", "name", &name)
    try fields.read("lease", "lease", &lease)
  }
}

extension LockResponse: JSONMessage {
  package static let jsonName = "v3lockpb.LockResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("key", key)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("key", "key", &key)
  }
}

extension UnlockRequest: JSONMessage {
  package static let jsonName = "v3lockpb.UnlockRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("key", key)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("key", "key", &key)
  }
}

extension UnlockResponse: JSONMessage {
  package static let jsonName = "v3lockpb.UnlockResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
  }
}
