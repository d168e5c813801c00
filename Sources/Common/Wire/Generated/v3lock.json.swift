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

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: output.field("name", bytes: try reader.raw())
      case 16: output.field("lease", try reader.int64())
      default: try reader.skip(tag)
      }
    }
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

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 18: output.field("key", bytes: try reader.raw())
      default: try reader.skip(tag)
      }
    }
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

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: output.field("key", bytes: try reader.raw())
      default: try reader.skip(tag)
      }
    }
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
