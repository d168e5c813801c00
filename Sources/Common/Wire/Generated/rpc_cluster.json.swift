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
}

extension MemberRemoveRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.MemberRemoveRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("ID", id)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("ID", "ID", &id)
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
}

extension MemberListRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.MemberListRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("linearizable", linearizable)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("linearizable", "linearizable", &linearizable)
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
}

extension MemberPromoteRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.MemberPromoteRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("ID", id)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("ID", "ID", &id)
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
}
