// Written by wiregen from rpc_auth.proto. Do not edit.
// swift-format-ignore-file

import Base

extension AuthEnableRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthEnableRequest"

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

extension AuthDisableRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthDisableRequest"

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

extension AuthenticateRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthenticateRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("name", name)
    printer.field("password", password)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("name", "name", &name)
    try fields.read("password", "password", &password)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: output.field("name", text: try reader.raw())
      case 18: output.field("password", text: try reader.raw())
      default: try reader.skip(tag)
      }
    }
  }
}

extension AuthUserAddRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthUserAddRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("name", name)
    printer.field("password", password)
    printer.field("options", options)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("name", "name", &name)
    try fields.read("password", "password", &password)
    try fields.read("options", "options", &options)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: output.field("name", text: try reader.raw())
      case 18: output.field("password", text: try reader.raw())
      case 26: try output.field("options", UserAddOptions.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension AuthUserGetRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthUserGetRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("name", name)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("name", "name", &name)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: output.field("name", text: try reader.raw())
      default: try reader.skip(tag)
      }
    }
  }
}

extension AuthUserDeleteRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthUserDeleteRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("name", name)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("name", "name", &name)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: output.field("name", text: try reader.raw())
      default: try reader.skip(tag)
      }
    }
  }
}

extension AuthUserChangePasswordRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthUserChangePasswordRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("name", name)
    printer.field("password", password)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("name", "name", &name)
    try fields.read("password", "password", &password)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: output.field("name", text: try reader.raw())
      case 18: output.field("password", text: try reader.raw())
      default: try reader.skip(tag)
      }
    }
  }
}

extension AuthUserGrantRoleRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthUserGrantRoleRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("user", user)
    printer.field("role", role)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("user", "user", &user)
    try fields.read("role", "role", &role)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: output.field("user", text: try reader.raw())
      case 18: output.field("role", text: try reader.raw())
      default: try reader.skip(tag)
      }
    }
  }
}

extension AuthUserRevokeRoleRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthUserRevokeRoleRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("name", name)
    printer.field("role", role)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("name", "name", &name)
    try fields.read("role", "role", &role)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: output.field("name", text: try reader.raw())
      case 18: output.field("role", text: try reader.raw())
      default: try reader.skip(tag)
      }
    }
  }
}

extension AuthRoleAddRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthRoleAddRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("name", name)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("name", "name", &name)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: output.field("name", text: try reader.raw())
      default: try reader.skip(tag)
      }
    }
  }
}

extension AuthRoleGetRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthRoleGetRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("role", role)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("role", "role", &role)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: output.field("role", text: try reader.raw())
      default: try reader.skip(tag)
      }
    }
  }
}

extension AuthUserListRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthUserListRequest"

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

extension AuthRoleListRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthRoleListRequest"

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

extension AuthRoleDeleteRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthRoleDeleteRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("role", role)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("role", "role", &role)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: output.field("role", text: try reader.raw())
      default: try reader.skip(tag)
      }
    }
  }
}

extension AuthRoleGrantPermissionRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthRoleGrantPermissionRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("name", name)
    printer.field("perm", perm)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("name", "name", &name)
    try fields.read("perm", "perm", &perm)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: output.field("name", text: try reader.raw())
      case 18: try output.field("perm", Permission.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension AuthRoleRevokePermissionRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthRoleRevokePermissionRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("role", role)
    printer.field("key", key)
    printer.field("range_end", rangeEnd)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("role", "role", &role)
    try fields.read("key", "key", &key)
    try fields.read("range_end", "rangeEnd", &rangeEnd)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: output.field("role", text: try reader.raw())
      case 18: output.field("key", bytes: try reader.raw())
      case 26: output.field("range_end", bytes: try reader.raw())
      default: try reader.skip(tag)
      }
    }
  }
}

extension AuthEnableResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthEnableResponse"

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

extension AuthDisableResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthDisableResponse"

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

extension AuthenticateResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthenticateResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("token", token)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("token", "token", &token)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 18: output.field("token", text: try reader.raw())
      default: try reader.skip(tag)
      }
    }
  }
}

extension AuthUserAddResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthUserAddResponse"

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

extension AuthUserGetResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthUserGetResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("roles", roles)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("roles", "roles", &roles)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 18: try output.list("roles", tag, texts: &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension AuthUserDeleteResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthUserDeleteResponse"

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

extension AuthUserChangePasswordResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthUserChangePasswordResponse"

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

extension AuthUserGrantRoleResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthUserGrantRoleResponse"

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

extension AuthUserRevokeRoleResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthUserRevokeRoleResponse"

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

extension AuthRoleAddResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthRoleAddResponse"

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

extension AuthRoleGetResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthRoleGetResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("perm", perm)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("perm", "perm", &perm)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 18: try output.list("perm", tag, Permission.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension AuthRoleListResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthRoleListResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("roles", roles)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("roles", "roles", &roles)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 18: try output.list("roles", tag, texts: &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension AuthUserListResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthUserListResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("users", users)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("users", "users", &users)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 18: try output.list("users", tag, texts: &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension AuthRoleDeleteResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthRoleDeleteResponse"

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

extension AuthRoleGrantPermissionResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthRoleGrantPermissionResponse"

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

extension AuthRoleRevokePermissionResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.AuthRoleRevokePermissionResponse"

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
