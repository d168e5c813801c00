// Written by wiregen from rpc_auth.proto. Do not edit.
// swift-format-ignore-file

import Base

package struct AuthEnableRequest: WireMessage {
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

package struct AuthDisableRequest: WireMessage {
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

package struct AuthenticateRequest: WireMessage {
  package var name: String = ""
  package var password: String = ""

  package init() {}
  package init(
    name: String = "",
    password: String = ""
  ) {
    self.name = name
    self.password = password
  }

  package var encodedSize: Int {
    var size = 0
    if !name.isEmpty { size += 1 + WireSize.delimited(name.utf8.count) }
    if !password.isEmpty { size += 1 + WireSize.delimited(password.utf8.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !name.isEmpty {
      writer.byte(10)
      writer.string(name)
    }
    if !password.isEmpty {
      writer.byte(18)
      writer.string(password)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: name = try reader.string()
      case 18: password = try reader.string()
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

package struct AuthUserAddRequest: WireMessage {
  package var name: String = ""
  package var password: String = ""
  package var options: UserAddOptions? = nil
  package var hashedPassword: String = ""

  package init() {}
  package init(
    name: String = "",
    password: String = "",
    options: UserAddOptions? = nil,
    hashedPassword: String = ""
  ) {
    self.name = name
    self.password = password
    self.options = options
    self.hashedPassword = hashedPassword
  }

  package var encodedSize: Int {
    var size = 0
    if !name.isEmpty { size += 1 + WireSize.delimited(name.utf8.count) }
    if !password.isEmpty { size += 1 + WireSize.delimited(password.utf8.count) }
    if let value = options { size += 1 + WireSize.delimited(value.encodedSize) }
    if !hashedPassword.isEmpty { size += 1 + WireSize.delimited(hashedPassword.utf8.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !name.isEmpty {
      writer.byte(10)
      writer.string(name)
    }
    if !password.isEmpty {
      writer.byte(18)
      writer.string(password)
    }
    if let value = options {
      writer.byte(26)
      writer.message(value)
    }
    if !hashedPassword.isEmpty {
      writer.byte(34)
      writer.string(hashedPassword)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: name = try reader.string()
      case 18: password = try reader.string()
      case 26: try reader.message(&options)
      case 34: hashedPassword = try reader.string()
      default:
        switch tag >> 3 {
        case 1...4: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct AuthUserGetRequest: WireMessage {
  package var name: String = ""

  package init() {}
  package init(
    name: String = ""
  ) {
    self.name = name
  }

  package var encodedSize: Int {
    var size = 0
    if !name.isEmpty { size += 1 + WireSize.delimited(name.utf8.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !name.isEmpty {
      writer.byte(10)
      writer.string(name)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: name = try reader.string()
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

package struct AuthUserDeleteRequest: WireMessage {
  package var name: String = ""

  package init() {}
  package init(
    name: String = ""
  ) {
    self.name = name
  }

  package var encodedSize: Int {
    var size = 0
    if !name.isEmpty { size += 1 + WireSize.delimited(name.utf8.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !name.isEmpty {
      writer.byte(10)
      writer.string(name)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: name = try reader.string()
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

package struct AuthUserChangePasswordRequest: WireMessage {
  package var name: String = ""
  package var password: String = ""
  package var hashedPassword: String = ""

  package init() {}
  package init(
    name: String = "",
    password: String = "",
    hashedPassword: String = ""
  ) {
    self.name = name
    self.password = password
    self.hashedPassword = hashedPassword
  }

  package var encodedSize: Int {
    var size = 0
    if !name.isEmpty { size += 1 + WireSize.delimited(name.utf8.count) }
    if !password.isEmpty { size += 1 + WireSize.delimited(password.utf8.count) }
    if !hashedPassword.isEmpty { size += 1 + WireSize.delimited(hashedPassword.utf8.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !name.isEmpty {
      writer.byte(10)
      writer.string(name)
    }
    if !password.isEmpty {
      writer.byte(18)
      writer.string(password)
    }
    if !hashedPassword.isEmpty {
      writer.byte(26)
      writer.string(hashedPassword)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: name = try reader.string()
      case 18: password = try reader.string()
      case 26: hashedPassword = try reader.string()
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

package struct AuthUserGrantRoleRequest: WireMessage {
  package var user: String = ""
  package var role: String = ""

  package init() {}
  package init(
    user: String = "",
    role: String = ""
  ) {
    self.user = user
    self.role = role
  }

  package var encodedSize: Int {
    var size = 0
    if !user.isEmpty { size += 1 + WireSize.delimited(user.utf8.count) }
    if !role.isEmpty { size += 1 + WireSize.delimited(role.utf8.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !user.isEmpty {
      writer.byte(10)
      writer.string(user)
    }
    if !role.isEmpty {
      writer.byte(18)
      writer.string(role)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: user = try reader.string()
      case 18: role = try reader.string()
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

package struct AuthUserRevokeRoleRequest: WireMessage {
  package var name: String = ""
  package var role: String = ""

  package init() {}
  package init(
    name: String = "",
    role: String = ""
  ) {
    self.name = name
    self.role = role
  }

  package var encodedSize: Int {
    var size = 0
    if !name.isEmpty { size += 1 + WireSize.delimited(name.utf8.count) }
    if !role.isEmpty { size += 1 + WireSize.delimited(role.utf8.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !name.isEmpty {
      writer.byte(10)
      writer.string(name)
    }
    if !role.isEmpty {
      writer.byte(18)
      writer.string(role)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: name = try reader.string()
      case 18: role = try reader.string()
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

package struct AuthRoleAddRequest: WireMessage {
  package var name: String = ""

  package init() {}
  package init(
    name: String = ""
  ) {
    self.name = name
  }

  package var encodedSize: Int {
    var size = 0
    if !name.isEmpty { size += 1 + WireSize.delimited(name.utf8.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !name.isEmpty {
      writer.byte(10)
      writer.string(name)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: name = try reader.string()
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

package struct AuthRoleGetRequest: WireMessage {
  package var role: String = ""

  package init() {}
  package init(
    role: String = ""
  ) {
    self.role = role
  }

  package var encodedSize: Int {
    var size = 0
    if !role.isEmpty { size += 1 + WireSize.delimited(role.utf8.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !role.isEmpty {
      writer.byte(10)
      writer.string(role)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: role = try reader.string()
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

package struct AuthUserListRequest: WireMessage {
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

package struct AuthRoleListRequest: WireMessage {
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

package struct AuthRoleDeleteRequest: WireMessage {
  package var role: String = ""

  package init() {}
  package init(
    role: String = ""
  ) {
    self.role = role
  }

  package var encodedSize: Int {
    var size = 0
    if !role.isEmpty { size += 1 + WireSize.delimited(role.utf8.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !role.isEmpty {
      writer.byte(10)
      writer.string(role)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: role = try reader.string()
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

package struct AuthRoleGrantPermissionRequest: WireMessage {
  package var name: String = ""
  package var perm: Permission? = nil

  package init() {}
  package init(
    name: String = "",
    perm: Permission? = nil
  ) {
    self.name = name
    self.perm = perm
  }

  package var encodedSize: Int {
    var size = 0
    if !name.isEmpty { size += 1 + WireSize.delimited(name.utf8.count) }
    if let value = perm { size += 1 + WireSize.delimited(value.encodedSize) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !name.isEmpty {
      writer.byte(10)
      writer.string(name)
    }
    if let value = perm {
      writer.byte(18)
      writer.message(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: name = try reader.string()
      case 18: try reader.message(&perm)
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

package struct AuthRoleRevokePermissionRequest: WireMessage {
  package var role: String = ""
  package var key: Bytes = []
  package var rangeEnd: Bytes = []

  package init() {}
  package init(
    role: String = "",
    key: Bytes = [],
    rangeEnd: Bytes = []
  ) {
    self.role = role
    self.key = key
    self.rangeEnd = rangeEnd
  }

  package var encodedSize: Int {
    var size = 0
    if !role.isEmpty { size += 1 + WireSize.delimited(role.utf8.count) }
    if !key.isEmpty { size += 1 + WireSize.delimited(key.count) }
    if !rangeEnd.isEmpty { size += 1 + WireSize.delimited(rangeEnd.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !role.isEmpty {
      writer.byte(10)
      writer.string(role)
    }
    if !key.isEmpty {
      writer.byte(18)
      writer.bytes(key)
    }
    if !rangeEnd.isEmpty {
      writer.byte(26)
      writer.bytes(rangeEnd)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: role = try reader.string()
      case 18: key = try reader.bytes()
      case 26: rangeEnd = try reader.bytes()
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

package struct AuthEnableResponse: WireMessage {
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

package struct AuthDisableResponse: WireMessage {
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

package struct AuthenticateResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var token: String = ""

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    token: String = ""
  ) {
    self.header = header
    self.token = token
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    if !token.isEmpty { size += 1 + WireSize.delimited(token.utf8.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    if !token.isEmpty {
      writer.byte(18)
      writer.string(token)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 18: token = try reader.string()
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

package struct AuthUserAddResponse: WireMessage {
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

package struct AuthUserGetResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var roles: [String] = []

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    roles: [String] = []
  ) {
    self.header = header
    self.roles = roles
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    for value in roles { size += 1 + WireSize.delimited(value.utf8.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    for value in roles {
      writer.byte(18)
      writer.string(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 18: roles.append(try reader.string())
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

package struct AuthUserDeleteResponse: WireMessage {
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

package struct AuthUserChangePasswordResponse: WireMessage {
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

package struct AuthUserGrantRoleResponse: WireMessage {
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

package struct AuthUserRevokeRoleResponse: WireMessage {
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

package struct AuthRoleAddResponse: WireMessage {
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

package struct AuthRoleGetResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var perm: [Permission] = []

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    perm: [Permission] = []
  ) {
    self.header = header
    self.perm = perm
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    size += WireSize.messages(perm, tagSize: 1)
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    writer.messages(18, perm)
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 18: try reader.message(&perm)
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

package struct AuthRoleListResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var roles: [String] = []

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    roles: [String] = []
  ) {
    self.header = header
    self.roles = roles
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    for value in roles { size += 1 + WireSize.delimited(value.utf8.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    for value in roles {
      writer.byte(18)
      writer.string(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 18: roles.append(try reader.string())
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

package struct AuthUserListResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var users: [String] = []

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    users: [String] = []
  ) {
    self.header = header
    self.users = users
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    for value in users { size += 1 + WireSize.delimited(value.utf8.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    for value in users {
      writer.byte(18)
      writer.string(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 18: users.append(try reader.string())
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

package struct AuthRoleDeleteResponse: WireMessage {
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

package struct AuthRoleGrantPermissionResponse: WireMessage {
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

package struct AuthRoleRevokePermissionResponse: WireMessage {
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
