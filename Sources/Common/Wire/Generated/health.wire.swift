// Written by wiregen from health.proto. Do not edit.
// swift-format-ignore-file

import Base

package struct HealthCheckRequest: WireMessage {
  package var service: String = ""

  package init() {}
  package init(
    service: String = ""
  ) {
    self.service = service
  }

  package var encodedSize: Int {
    var size = 0
    if !service.isEmpty { size += 1 + WireSize.delimited(service.utf8.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !service.isEmpty {
      writer.byte(10)
      writer.string(service)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: service = try reader.string()
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

package struct HealthCheckResponse: WireMessage {
  package enum ServingStatus: WireEnum {
    case unknown, serving, notServing, serviceUnknown
    /// A number without a name here, kept as it came.
    case unrecognized(Int32)

    package init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .unknown
      case 1: self = .serving
      case 2: self = .notServing
      case 3: self = .serviceUnknown
      default: self = .unrecognized(rawValue)
      }
    }

    package var rawValue: Int32 {
      switch self {
      case .unknown: 0
      case .serving: 1
      case .notServing: 2
      case .serviceUnknown: 3
      case .unrecognized(let number): number
      }
    }
  }

  package var status: HealthCheckResponse.ServingStatus = .unknown

  package init() {}
  package init(
    status: HealthCheckResponse.ServingStatus = .unknown
  ) {
    self.status = status
  }

  package var encodedSize: Int {
    var size = 0
    if status != .unknown { size += 1 + WireSize.varint(status.rawValue) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if status != .unknown {
      writer.byte(8)
      writer.varint(UInt64(bitPattern: Int64(status.rawValue)))
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: status = try reader.enumeration()
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
