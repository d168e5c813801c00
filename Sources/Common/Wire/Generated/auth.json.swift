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
}
