// Written by wiregen from v3election.proto. Do not edit.
// swift-format-ignore-file

import Base

extension CampaignRequest: JSONMessage {
  package static let jsonName = "v3electionpb.CampaignRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("name", name)
    printer.field("lease", lease)
    printer.field("value", value)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("name", "name", &name)
    try fields.read("lease", "lease", &lease)
    try fields.read("value", "value", &value)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: output.field("name", bytes: try reader.raw())
      case 16: output.field("lease", try reader.int64())
      case 26: output.field("value", bytes: try reader.raw())
      default: try reader.skip(tag)
      }
    }
  }
}

extension CampaignResponse: JSONMessage {
  package static let jsonName = "v3electionpb.CampaignResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("leader", leader)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("leader", "leader", &leader)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 18: try output.field("leader", LeaderKey.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension LeaderKey: JSONMessage {
  package static let jsonName = "v3electionpb.LeaderKey"

  package func print(to printer: inout JSONPrinter) {
    printer.field("name", name)
    printer.field("key", key)
    printer.field("rev", rev)
    printer.field("lease", lease)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("name", "name", &name)
    try fields.read("key", "key", &key)
    try fields.read("rev", "rev", &rev)
    try fields.read("lease", "lease", &lease)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: output.field("name", bytes: try reader.raw())
      case 18: output.field("key", bytes: try reader.raw())
      case 24: output.field("rev", try reader.int64())
      case 32: output.field("lease", try reader.int64())
      default: try reader.skip(tag)
      }
    }
  }
}

extension LeaderRequest: JSONMessage {
  package static let jsonName = "v3electionpb.LeaderRequest"

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
      case 10: output.field("name", bytes: try reader.raw())
      default: try reader.skip(tag)
      }
    }
  }
}

extension LeaderResponse: JSONMessage {
  package static let jsonName = "v3electionpb.LeaderResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("kv", kv)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("kv", "kv", &kv)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 18: try output.field("kv", KeyValue.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension ResignRequest: JSONMessage {
  package static let jsonName = "v3electionpb.ResignRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("leader", leader)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("leader", "leader", &leader)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("leader", LeaderKey.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension ResignResponse: JSONMessage {
  package static let jsonName = "v3electionpb.ResignResponse"

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

extension ProclaimRequest: JSONMessage {
  package static let jsonName = "v3electionpb.ProclaimRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("leader", leader)
    printer.field("value", value)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("leader", "leader", &leader)
    try fields.read("value", "value", &value)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("leader", LeaderKey.self, &reader)
      case 18: output.field("value", bytes: try reader.raw())
      default: try reader.skip(tag)
      }
    }
  }
}

extension ProclaimResponse: JSONMessage {
  package static let jsonName = "v3electionpb.ProclaimResponse"

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
