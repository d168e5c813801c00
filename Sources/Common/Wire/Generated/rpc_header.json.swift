// Written by wiregen from rpc_header.proto. Do not edit.
// swift-format-ignore-file

import Base

extension ResponseHeader: JSONMessage {
  package static let jsonName = "etcdserverpb.ResponseHeader"

  package func print(to printer: inout JSONPrinter) {
    printer.field("cluster_id", clusterID)
    printer.field("member_id", memberID)
    printer.field("revision", revision)
    printer.field("raft_term", raftTerm)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("cluster_id", "clusterId", &clusterID)
    try fields.read("member_id", "memberId", &memberID)
    try fields.read("revision", "revision", &revision)
    try fields.read("raft_term", "raftTerm", &raftTerm)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: output.field("cluster_id", try reader.varint())
      case 16: output.field("member_id", try reader.varint())
      case 24: output.field("revision", try reader.int64())
      case 32: output.field("raft_term", try reader.varint())
      default: try reader.skip(tag)
      }
    }
  }
}
