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
}

extension LeaseRevokeRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.LeaseRevokeRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("ID", id)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("ID", "ID", &id)
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
}

extension LeaseCheckpointRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.LeaseCheckpointRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("checkpoints", checkpoints)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("checkpoints", "checkpoints", &checkpoints)
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
}

extension LeaseKeepAliveRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.LeaseKeepAliveRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("ID", id)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("ID", "ID", &id)
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
}

extension LeaseLeasesRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.LeaseLeasesRequest"

  package func print(to printer: inout JSONPrinter) {
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
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
}
