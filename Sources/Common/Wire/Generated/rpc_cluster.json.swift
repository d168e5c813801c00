// Written by wiregen from rpc_cluster.proto. Do not edit.
// swift-format-ignore-file

import Base

extension ClusterMember: JSONMessage {
  package static let jsonName = "etcdserverpb.Member"

  package func print(to printer: inout JSONPrinter) {
    printer.field("ID", id)
    printer.field("name", name)
    printer.field("peerURLs", peerURLs)
    printer.field("clientURLs", clientURLs)
    printer.field("isLearner", isLearner)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("ID", "ID", &id)
    try fields.read("name", "name", &name)
    try fields.read("peerURLs", "peerURLs", &peerURLs)
    try fields.read("clientURLs", "clientURLs", &clientURLs)
    try fields.read("isLearner", "isLearner", &isLearner)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: output.field("ID", try reader.varint())
      case 18: output.field("name", text: try reader.raw())
      case 26: try output.list("peerURLs", tag, texts: &reader)
      case 34: try output.list("clientURLs", tag, texts: &reader)
      case 40: output.field("isLearner", try reader.bool())
      default: try reader.skip(tag)
      }
    }
  }
}

extension MemberAddRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.MemberAddRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("peerURLs", peerURLs)
    printer.field("isLearner", isLearner)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("peerURLs", "peerURLs", &peerURLs)
    try fields.read("isLearner", "isLearner", &isLearner)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.list("peerURLs", tag, texts: &reader)
      case 16: output.field("isLearner", try reader.bool())
      default: try reader.skip(tag)
      }
    }
  }
}

extension MemberAddResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.MemberAddResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("member", member)
    printer.field("members", members)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("member", "member", &member)
    try fields.read("members", "members", &members)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 18: try output.field("member", ClusterMember.self, &reader)
      case 26: try output.list("members", tag, ClusterMember.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension MemberRemoveRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.MemberRemoveRequest"

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
      case 8: output.field("ID", try reader.varint())
      default: try reader.skip(tag)
      }
    }
  }
}

extension MemberRemoveResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.MemberRemoveResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("members", members)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("members", "members", &members)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 18: try output.list("members", tag, ClusterMember.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension MemberUpdateRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.MemberUpdateRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("ID", id)
    printer.field("peerURLs", peerURLs)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("ID", "ID", &id)
    try fields.read("peerURLs", "peerURLs", &peerURLs)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: output.field("ID", try reader.varint())
      case 18: try output.list("peerURLs", tag, texts: &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension MemberUpdateResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.MemberUpdateResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("members", members)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("members", "members", &members)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 18: try output.list("members", tag, ClusterMember.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension MemberListRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.MemberListRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("linearizable", linearizable)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("linearizable", "linearizable", &linearizable)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: output.field("linearizable", try reader.bool())
      default: try reader.skip(tag)
      }
    }
  }
}

extension MemberListResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.MemberListResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("members", members)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("members", "members", &members)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 18: try output.list("members", tag, ClusterMember.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension MemberPromoteRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.MemberPromoteRequest"

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
      case 8: output.field("ID", try reader.varint())
      default: try reader.skip(tag)
      }
    }
  }
}

extension MemberPromoteResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.MemberPromoteResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("members", members)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("members", "members", &members)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 18: try output.list("members", tag, ClusterMember.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}
