// Written by wiregen from auth.proto. Do not edit.
// swift-format-ignore-file

import Base

package struct UserAddOptions: WireMessage {
  package var noPassword: Bool = false

  package init() {}
  package init(
    noPassword: Bool = false
  ) {
    self.noPassword = noPassword
  }

  package var encodedSize: Int {
    var size = 0
    if noPassword { size += 1 + 1 }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if noPassword {
      writer.byte(8)
      writer.bool(noPassword)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: noPassword = try reader.bool()
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

package struct AuthUser: WireMessage {
  package var name: Bytes = []
  package var password: Bytes = []
  package var roles: [String] = []
  package var options: UserAddOptions? = nil

  package init() {}
  package init(
    name: Bytes = [],
    password: Bytes = [],
    roles: [String] = [],
    options: UserAddOptions? = nil
  ) {
    self.name = name
    self.password = password
    self.roles = roles
    self.options = options
  }

  package var encodedSize: Int {
    var size = 0
    if !name.isEmpty { size += 1 + WireSize.delimited(name.count) }
    if !password.isEmpty { size += 1 + WireSize.delimited(password.count) }
    for value in roles { size += 1 + WireSize.delimited(value.utf8.count) }
    if let value = options { size += 1 + WireSize.delimited(value.encodedSize) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !name.isEmpty {
      writer.byte(10)
      writer.bytes(name)
    }
    if !password.isEmpty {
      writer.byte(18)
      writer.bytes(password)
    }
    for value in roles {
      writer.byte(26)
      writer.string(value)
    }
    if let value = options {
      writer.byte(34)
      writer.message(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: name = try reader.bytes()
      case 18: password = try reader.bytes()
      case 26: roles.append(try reader.string())
      case 34: try reader.message(&options)
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

package struct Permission: WireMessage {
  package enum Kind: WireEnum {
    case read, write, readwrite
    /// A number without a name here, kept as it came.
    case unrecognized(Int32)

    package init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .read
      case 1: self = .write
      case 2: self = .readwrite
      default: self = .unrecognized(rawValue)
      }
    }

    package var rawValue: Int32 {
      switch self {
      case .read: 0
      case .write: 1
      case .readwrite: 2
      case .unrecognized(let number): number
      }
    }
  }

  package var permType: Permission.Kind = .read
  package var key: Bytes = []
  package var rangeEnd: Bytes = []

  package init() {}
  package init(
    permType: Permission.Kind = .read,
    key: Bytes = [],
    rangeEnd: Bytes = []
  ) {
    self.permType = permType
    self.key = key
    self.rangeEnd = rangeEnd
  }

  package var encodedSize: Int {
    var size = 0
    if permType != .read { size += 1 + WireSize.varint(permType.rawValue) }
    if !key.isEmpty { size += 1 + WireSize.delimited(key.count) }
    if !rangeEnd.isEmpty { size += 1 + WireSize.delimited(rangeEnd.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if permType != .read {
      writer.byte(8)
      writer.varint(UInt64(bitPattern: Int64(permType.rawValue)))
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
      case 8: permType = try reader.enumeration()
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

package struct AuthRole: WireMessage {
  package var name: Bytes = []
  package var keyPermission: [Permission] = []

  package init() {}
  package init(
    name: Bytes = [],
    keyPermission: [Permission] = []
  ) {
    self.name = name
    self.keyPermission = keyPermission
  }

  package var encodedSize: Int {
    var size = 0
    if !name.isEmpty { size += 1 + WireSize.delimited(name.count) }
    size += WireSize.messages(keyPermission, tagSize: 1)
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !name.isEmpty {
      writer.byte(10)
      writer.bytes(name)
    }
    writer.messages(18, keyPermission)
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: name = try reader.bytes()
      case 18: try reader.message(&keyPermission)
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
