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
}

extension LeaderRequest: JSONMessage {
  package static let jsonName = "v3electionpb.LeaderRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("name", name)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("name", "name", &name)
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
}

extension ResignRequest: JSONMessage {
  package static let jsonName = "v3electionpb.ResignRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("leader", leader)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("leader", "leader", &leader)
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
}

extension ProclaimResponse: JSONMessage {
  package static let jsonName = "v3electionpb.ProclaimResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
  }
}
