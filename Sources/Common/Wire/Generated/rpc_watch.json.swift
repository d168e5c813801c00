// Written by wiregen from rpc_watch.proto. Do not edit.
// swift-format-ignore-file

import Base

extension WatchRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.WatchRequest"

  package func print(to printer: inout JSONPrinter) {
    switch requestUnion {
    case .createRequest(let value)?: printer.oneof("RequestUnion", "CreateRequest", "create_request", value)
    case .cancelRequest(let value)?: printer.oneof("RequestUnion", "CancelRequest", "cancel_request", value)
    case .progressRequest(let value)?: printer.oneof("RequestUnion", "ProgressRequest", "progress_request", value)
    case nil: printer.noOneof("RequestUnion")
    }
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    if let value: WatchCreateRequest = try fields.oneof("create_request", "createRequest") {
      requestUnion = .createRequest(value)
    }
    if let value: WatchCancelRequest = try fields.oneof("cancel_request", "cancelRequest") {
      requestUnion = .cancelRequest(value)
    }
    if let value: WatchProgressRequest = try fields.oneof("progress_request", "progressRequest") {
      requestUnion = .progressRequest(value)
    }
  }
}

extension WatchCreateRequest.FilterType: JSONEnum {
  package static let jsonName = "etcdserverpb.WatchCreateRequest_FilterType"
  package static let jsonNames: [(name: String, number: Int32)] = [("NOPUT", 0), ("NODELETE", 1)]
}

extension WatchCreateRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.WatchCreateRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("key", key)
    printer.field("range_end", rangeEnd)
    printer.field("start_revision", startRevision)
    printer.field("progress_notify", progressNotify)
    printer.field("filters", filters)
    printer.field("prev_kv", prevKv)
    printer.field("watch_id", watchID)
    printer.field("fragment", fragment)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("key", "key", &key)
    try fields.read("range_end", "rangeEnd", &rangeEnd)
    try fields.read("start_revision", "startRevision", &startRevision)
    try fields.read("progress_notify", "progressNotify", &progressNotify)
    try fields.read("filters", "filters", &filters)
    try fields.read("prev_kv", "prevKv", &prevKv)
    try fields.read("watch_id", "watchId", &watchID)
    try fields.read("fragment", "fragment", &fragment)
  }
}

extension WatchCancelRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.WatchCancelRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("watch_id", watchID)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("watch_id", "watchId", &watchID)
  }
}

extension WatchProgressRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.WatchProgressRequest"

  package func print(to printer: inout JSONPrinter) {
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
  }
}

extension WatchResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.WatchResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("watch_id", watchID)
    printer.field("created", created)
    printer.field("canceled", canceled)
    printer.field("compact_revision", compactRevision)
    printer.field("cancel_reason", cancelReason)
    printer.field("fragment", fragment)
    printer.field("events", events)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("watch_id", "watchId", &watchID)
    try fields.read("created", "created", &created)
    try fields.read("canceled", "canceled", &canceled)
    try fields.read("compact_revision", "compactRevision", &compactRevision)
    try fields.read("cancel_reason", "cancelReason", &cancelReason)
    try fields.read("fragment", "fragment", &fragment)
    try fields.read("events", "events", &events)
  }
}
