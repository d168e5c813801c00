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

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("create_request", WatchCreateRequest.self, &reader)
      case 18: try output.field("cancel_request", WatchCancelRequest.self, &reader)
      case 26: try output.field("progress_request", WatchProgressRequest.self, &reader)
      default: try reader.skip(tag)
      }
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

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: output.field("key", bytes: try reader.raw())
      case 18: output.field("range_end", bytes: try reader.raw())
      case 24: output.field("start_revision", try reader.int64())
      case 32: output.field("progress_notify", try reader.bool())
      case 42: try output.packed("filters", WatchCreateRequest.FilterType.self, &reader)
      case 48: output.field("prev_kv", try reader.bool())
      case 56: output.field("watch_id", try reader.int64())
      case 64: output.field("fragment", try reader.bool())
      default: try reader.skip(tag)
      }
    }
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

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: output.field("watch_id", try reader.int64())
      default: try reader.skip(tag)
      }
    }
  }
}

extension WatchProgressRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.WatchProgressRequest"

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

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 16: output.field("watch_id", try reader.int64())
      case 24: output.field("created", try reader.bool())
      case 32: output.field("canceled", try reader.bool())
      case 40: output.field("compact_revision", try reader.int64())
      case 50: output.field("cancel_reason", text: try reader.raw())
      case 56: output.field("fragment", try reader.bool())
      case 90: try output.list("events", tag, KVEvent.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}
