// Written by wiregen from auth.proto. Do not edit.
// swift-format-ignore-file

import Base

extension UserAddOptions: JSONMessage {
  package static let jsonName = "authpb.UserAddOptions"

  package func print(to printer: inout JSONPrinter) {
    printer.field("no_password", noPassword)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("no_password", "noPassword", &noPassword)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: output.field("no_password", try reader.bool())
      default: try reader.skip(tag)
      }
    }
  }
}

extension AuthUser: JSONMessage {
  package static let jsonName = "authpb.User"

  package func print(to printer: inout JSONPrinter) {
    printer.field("name", name)
    printer.field("password", password)
    printer.field("roles", roles)
    printer.field("options", options)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("name", "name", &name)
    try fields.read("password", "password", &password)
    try fields.read("roles", "roles", &roles)
    try fields.read("options", "options", &options)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: output.field("name", bytes: try reader.raw())
      case 18: output.field("password", bytes: try reader.raw())
      case 26: try output.list("roles", tag, texts: &reader)
      case 34: try output.field("options", UserAddOptions.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension Permission.Kind: JSONEnum {
  package static let jsonName = "authpb.Permission_Type"
  package static let jsonNames: [(name: String, number: Int32)] = [("READ", 0), ("WRITE", 1), ("READWRITE", 2)]
}

extension Permission: JSONMessage {
  package static let jsonName = "authpb.Permission"

  package func print(to printer: inout JSONPrinter) {
    printer.field("permType", permType)
    printer.field("key", key)
    printer.field("range_end", rangeEnd)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("permType", "permType", &permType)
    try fields.read("key", "key", &key)
    try fields.read("range_end", "rangeEnd", &rangeEnd)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: output.field("permType", enum: try reader.enumeration() as Permission.Kind)
      case 18: output.field("key", bytes: try reader.raw())
      case 26: output.field("range_end", bytes: try reader.raw())
      default: try reader.skip(tag)
      }
    }
  }
}

extension AuthRole: JSONMessage {
  package static let jsonName = "authpb.Role"

  package func print(to printer: inout JSONPrinter) {
    printer.field("name", name)
    printer.field("keyPermission", keyPermission)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("name", "name", &name)
    try fields.read("keyPermission", "keyPermission", &keyPermission)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: output.field("name", bytes: try reader.raw())
      case 18: try output.list("keyPermission", tag, Permission.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}
