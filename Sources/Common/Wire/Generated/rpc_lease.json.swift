// Written by wiregen from rpc_lease.proto. Do not edit.
// swift-format-ignore-file

import Base

extension LeaseGrantRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.LeaseGrantRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("TTL", ttl)
    printer.field("ID", id)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("TTL", "TTL", &ttl)
    try fields.read("ID", "ID", &id)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: output.field("TTL", try reader.int64())
      case 16: output.field("ID", try reader.int64())
      default: try reader.skip(tag)
      }
    }
  }
}

extension LeaseGrantResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.LeaseGrantResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("ID", id)
    printer.field("TTL", ttl)
    printer.field("error", error)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("ID", "ID", &id)
    try fields.read("TTL", "TTL", &ttl)
    try fields.read("error", "error", &error)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 16: output.field("ID", try reader.int64())
      case 24: output.field("TTL", try reader.int64())
      case 34: output.field("error", text: try reader.raw())
      default: try reader.skip(tag)
      }
    }
  }
}

extension LeaseRevokeRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.LeaseRevokeRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("ID", id)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("ID", "ID", &id)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: output.field("ID", try reader.int64())
      default: try reader.skip(tag)
      }
    }
  }
}

extension LeaseRevokeResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.LeaseRevokeResponse"

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

extension LeaseCheckpoint: JSONMessage {
  package static let jsonName = "etcdserverpb.LeaseCheckpoint"

  package func print(to printer: inout JSONPrinter) {
    printer.field("ID", id)
    printer.field("remaining_TTL", remainingTTL)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("ID", "ID", &id)
    try fields.read("remaining_TTL", "remainingTTL", &remainingTTL)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: output.field("ID", try reader.int64())
      case 16: output.field("remaining_TTL", try reader.int64())
      default: try reader.skip(tag)
      }
    }
  }
}

extension LeaseCheckpointRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.LeaseCheckpointRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("checkpoints", checkpoints)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("checkpoints", "checkpoints", &checkpoints)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.list("checkpoints", tag, LeaseCheckpoint.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension LeaseCheckpointResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.LeaseCheckpointResponse"

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

extension LeaseKeepAliveRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.LeaseKeepAliveRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("ID", id)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("ID", "ID", &id)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: output.field("ID", try reader.int64())
      default: try reader.skip(tag)
      }
    }
  }
}

extension LeaseKeepAliveResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.LeaseKeepAliveResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("ID", id)
    printer.field("TTL", ttl)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("ID", "ID", &id)
    try fields.read("TTL", "TTL", &ttl)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 16: output.field("ID", try reader.int64())
      case 24: output.field("TTL", try reader.int64())
      default: try reader.skip(tag)
      }
    }
  }
}

extension LeaseTimeToLiveRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.LeaseTimeToLiveRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("ID", id)
    printer.field("keys", keys)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("ID", "ID", &id)
    try fields.read("keys", "keys", &keys)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: output.field("ID", try reader.int64())
      case 16: output.field("keys", try reader.bool())
      default: try reader.skip(tag)
      }
    }
  }
}

extension LeaseTimeToLiveResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.LeaseTimeToLiveResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("ID", id)
    printer.field("TTL", ttl)
    printer.field("grantedTTL", grantedTTL)
    printer.field("keys", keys)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("ID", "ID", &id)
    try fields.read("TTL", "TTL", &ttl)
    try fields.read("grantedTTL", "grantedTTL", &grantedTTL)
    try fields.read("keys", "keys", &keys)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 16: output.field("ID", try reader.int64())
      case 24: output.field("TTL", try reader.int64())
      case 32: output.field("grantedTTL", try reader.int64())
      case 42: try output.list("keys", tag, bytes: &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension LeaseLeasesRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.LeaseLeasesRequest"

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

extension LeaseStatus: JSONMessage {
  package static let jsonName = "etcdserverpb.LeaseStatus"

  package func print(to printer: inout JSONPrinter) {
    printer.field("ID", id)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("ID", "ID", &id)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: output.field("ID", try reader.int64())
      default: try reader.skip(tag)
      }
    }
  }
}

extension LeaseLeasesResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.LeaseLeasesResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("leases", leases)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("leases", "leases", &leases)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 18: try output.list("leases", tag, LeaseStatus.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}
