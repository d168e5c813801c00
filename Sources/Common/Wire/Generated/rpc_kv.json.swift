// Written by wiregen from rpc_kv.proto. Do not edit.
// swift-format-ignore-file

import Base

extension RangeRequest.SortOrder: JSONEnum {
  package static let jsonName = "etcdserverpb.RangeRequest_SortOrder"
  package static let jsonNames: [(name: String, number: Int32)] = [("NONE", 0), ("ASCEND", 1), ("DESCEND", 2)]
}

extension RangeRequest.SortTarget: JSONEnum {
  package static let jsonName = "etcdserverpb.RangeRequest_SortTarget"
  package static let jsonNames: [(name: String, number: Int32)] = [("KEY", 0), ("VERSION", 1), ("CREATE", 2), ("MOD", 3), ("VALUE", 4)]
}

extension RangeRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.RangeRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("key", key)
    printer.field("range_end", rangeEnd)
    printer.field("limit", limit)
    printer.field("revision", revision)
    printer.field("sort_order", sortOrder)
    printer.field("sort_target", sortTarget)
    printer.field("serializable", serializable)
    printer.field("keys_only", keysOnly)
    printer.field("count_only", countOnly)
    printer.field("min_mod_revision", minModRevision)
    printer.field("max_mod_revision", maxModRevision)
    printer.field("min_create_revision", minCreateRevision)
    printer.field("max_create_revision", maxCreateRevision)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("key", "key", &key)
    try fields.read("range_end", "rangeEnd", &rangeEnd)
    try fields.read("limit", "limit", &limit)
    try fields.read("revision", "revision", &revision)
    try fields.read("sort_order", "sortOrder", &sortOrder)
    try fields.read("sort_target", "sortTarget", &sortTarget)
    try fields.read("serializable", "serializable", &serializable)
    try fields.read("keys_only", "keysOnly", &keysOnly)
    try fields.read("count_only", "countOnly", &countOnly)
    try fields.read("min_mod_revision", "minModRevision", &minModRevision)
    try fields.read("max_mod_revision", "maxModRevision", &maxModRevision)
    try fields.read("min_create_revision", "minCreateRevision", &minCreateRevision)
    try fields.read("max_create_revision", "maxCreateRevision", &maxCreateRevision)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: output.field("key", bytes: try reader.raw())
      case 18: output.field("range_end", bytes: try reader.raw())
      case 24: output.field("limit", try reader.int64())
      case 32: output.field("revision", try reader.int64())
      case 40: output.field("sort_order", enum: try reader.enumeration() as RangeRequest.SortOrder)
      case 48: output.field("sort_target", enum: try reader.enumeration() as RangeRequest.SortTarget)
      case 56: output.field("serializable", try reader.bool())
      case 64: output.field("keys_only", try reader.bool())
      case 72: output.field("count_only", try reader.bool())
      case 80: output.field("min_mod_revision", try reader.int64())
      case 88: output.field("max_mod_revision", try reader.int64())
      case 96: output.field("min_create_revision", try reader.int64())
      case 104: output.field("max_create_revision", try reader.int64())
      default: try reader.skip(tag)
      }
    }
  }
}

extension RangeResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.RangeResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("kvs", kvs)
    printer.field("more", more)
    printer.field("count", count)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("kvs", "kvs", &kvs)
    try fields.read("more", "more", &more)
    try fields.read("count", "count", &count)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 18: try output.list("kvs", tag, KeyValue.self, &reader)
      case 24: output.field("more", try reader.bool())
      case 32: output.field("count", try reader.int64())
      default: try reader.skip(tag)
      }
    }
  }
}

extension PutRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.PutRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("key", key)
    printer.field("value", value)
    printer.field("lease", lease)
    printer.field("prev_kv", prevKv)
    printer.field("ignore_value", ignoreValue)
    printer.field("ignore_lease", ignoreLease)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("key", "key", &key)
    try fields.read("value", "value", &value)
    try fields.read("lease", "lease", &lease)
    try fields.read("prev_kv", "prevKv", &prevKv)
    try fields.read("ignore_value", "ignoreValue", &ignoreValue)
    try fields.read("ignore_lease", "ignoreLease", &ignoreLease)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: output.field("key", bytes: try reader.raw())
      case 18: output.field("value", bytes: try reader.raw())
      case 24: output.field("lease", try reader.int64())
      case 32: output.field("prev_kv", try reader.bool())
      case 40: output.field("ignore_value", try reader.bool())
      case 48: output.field("ignore_lease", try reader.bool())
      default: try reader.skip(tag)
      }
    }
  }
}

extension PutResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.PutResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("prev_kv", prevKv)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("prev_kv", "prevKv", &prevKv)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 18: try output.field("prev_kv", KeyValue.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension DeleteRangeRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.DeleteRangeRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("key", key)
    printer.field("range_end", rangeEnd)
    printer.field("prev_kv", prevKv)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("key", "key", &key)
    try fields.read("range_end", "rangeEnd", &rangeEnd)
    try fields.read("prev_kv", "prevKv", &prevKv)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: output.field("key", bytes: try reader.raw())
      case 18: output.field("range_end", bytes: try reader.raw())
      case 24: output.field("prev_kv", try reader.bool())
      default: try reader.skip(tag)
      }
    }
  }
}

extension DeleteRangeResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.DeleteRangeResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("deleted", deleted)
    printer.field("prev_kvs", prevKvs)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("deleted", "deleted", &deleted)
    try fields.read("prev_kvs", "prevKvs", &prevKvs)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 16: output.field("deleted", try reader.int64())
      case 26: try output.list("prev_kvs", tag, KeyValue.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension RequestOp: JSONMessage {
  package static let jsonName = "etcdserverpb.RequestOp"

  package func print(to printer: inout JSONPrinter) {
    switch request {
    case .requestRange(let value)?: printer.oneof("Request", "RequestRange", "request_range", value)
    case .requestPut(let value)?: printer.oneof("Request", "RequestPut", "request_put", value)
    case .requestDeleteRange(let value)?: printer.oneof("Request", "RequestDeleteRange", "request_delete_range", value)
    case .requestTxn(let value)?: printer.oneof("Request", "RequestTxn", "request_txn", value)
    case nil: printer.noOneof("Request")
    }
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    if let value: RangeRequest = try fields.oneof("request_range", "requestRange") {
      request = .requestRange(value)
    }
    if let value: PutRequest = try fields.oneof("request_put", "requestPut") {
      request = .requestPut(value)
    }
    if let value: DeleteRangeRequest = try fields.oneof("request_delete_range", "requestDeleteRange") {
      request = .requestDeleteRange(value)
    }
    if let value: TxnRequest = try fields.oneof("request_txn", "requestTxn") {
      request = .requestTxn(value)
    }
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("request_range", RangeRequest.self, &reader)
      case 18: try output.field("request_put", PutRequest.self, &reader)
      case 26: try output.field("request_delete_range", DeleteRangeRequest.self, &reader)
      case 34: try output.field("request_txn", TxnRequest.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension ResponseOp: JSONMessage {
  package static let jsonName = "etcdserverpb.ResponseOp"

  package func print(to printer: inout JSONPrinter) {
    switch response {
    case .responseRange(let value)?: printer.oneof("Response", "ResponseRange", "response_range", value)
    case .responsePut(let value)?: printer.oneof("Response", "ResponsePut", "response_put", value)
    case .responseDeleteRange(let value)?: printer.oneof("Response", "ResponseDeleteRange", "response_delete_range", value)
    case .responseTxn(let value)?: printer.oneof("Response", "ResponseTxn", "response_txn", value)
    case nil: printer.noOneof("Response")
    }
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    if let value: RangeResponse = try fields.oneof("response_range", "responseRange") {
      response = .responseRange(value)
    }
    if let value: PutResponse = try fields.oneof("response_put", "responsePut") {
      response = .responsePut(value)
    }
    if let value: DeleteRangeResponse = try fields.oneof("response_delete_range", "responseDeleteRange") {
      response = .responseDeleteRange(value)
    }
    if let value: TxnResponse = try fields.oneof("response_txn", "responseTxn") {
      response = .responseTxn(value)
    }
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("response_range", RangeResponse.self, &reader)
      case 18: try output.field("response_put", PutResponse.self, &reader)
      case 26: try output.field("response_delete_range", DeleteRangeResponse.self, &reader)
      case 34: try output.field("response_txn", TxnResponse.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension Compare.CompareResult: JSONEnum {
  package static let jsonName = "etcdserverpb.Compare_CompareResult"
  package static let jsonNames: [(name: String, number: Int32)] = [("EQUAL", 0), ("GREATER", 1), ("LESS", 2), ("NOT_EQUAL", 3)]
}

extension Compare.CompareTarget: JSONEnum {
  package static let jsonName = "etcdserverpb.Compare_CompareTarget"
  package static let jsonNames: [(name: String, number: Int32)] = [("VERSION", 0), ("CREATE", 1), ("MOD", 2), ("VALUE", 3), ("LEASE", 4)]
}

extension Compare: JSONMessage {
  package static let jsonName = "etcdserverpb.Compare"

  package func print(to printer: inout JSONPrinter) {
    printer.field("result", result)
    printer.field("target", target)
    printer.field("key", key)
    switch targetUnion {
    case .version(let value)?: printer.oneof("TargetUnion", "Version", "version", value)
    case .createRevision(let value)?: printer.oneof("TargetUnion", "CreateRevision", "create_revision", value)
    case .modRevision(let value)?: printer.oneof("TargetUnion", "ModRevision", "mod_revision", value)
    case .value(let value)?: printer.oneof("TargetUnion", "Value", "value", value)
    case .lease(let value)?: printer.oneof("TargetUnion", "Lease", "lease", value)
    case nil: printer.noOneof("TargetUnion")
    }
    printer.field("range_end", rangeEnd)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("result", "result", &result)
    try fields.read("target", "target", &target)
    try fields.read("key", "key", &key)
    if let value: Int64 = try fields.oneof("version", "version") {
      targetUnion = .version(value)
    }
    if let value: Int64 = try fields.oneof("create_revision", "createRevision") {
      targetUnion = .createRevision(value)
    }
    if let value: Int64 = try fields.oneof("mod_revision", "modRevision") {
      targetUnion = .modRevision(value)
    }
    if let value: Bytes = try fields.oneof("value", "value") {
      targetUnion = .value(value)
    }
    if let value: Int64 = try fields.oneof("lease", "lease") {
      targetUnion = .lease(value)
    }
    try fields.read("range_end", "rangeEnd", &rangeEnd)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: output.field("result", enum: try reader.enumeration() as Compare.CompareResult)
      case 16: output.field("target", enum: try reader.enumeration() as Compare.CompareTarget)
      case 26: output.field("key", bytes: try reader.raw())
      case 32: output.always("version", try reader.int64())
      case 40: output.always("create_revision", try reader.int64())
      case 48: output.always("mod_revision", try reader.int64())
      case 58: output.always("value", bytes: try reader.raw())
      case 64: output.always("lease", try reader.int64())
      case 514: output.field("range_end", bytes: try reader.raw())
      default: try reader.skip(tag)
      }
    }
  }
}

extension TxnRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.TxnRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("compare", compare)
    printer.field("success", success)
    printer.field("failure", failure)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("compare", "compare", &compare)
    try fields.read("success", "success", &success)
    try fields.read("failure", "failure", &failure)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.list("compare", tag, Compare.self, &reader)
      case 18: try output.list("success", tag, RequestOp.self, &reader)
      case 26: try output.list("failure", tag, RequestOp.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension TxnResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.TxnResponse"

  package func print(to printer: inout JSONPrinter) {
    printer.field("header", header)
    printer.field("succeeded", succeeded)
    printer.field("responses", responses)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("header", "header", &header)
    try fields.read("succeeded", "succeeded", &succeeded)
    try fields.read("responses", "responses", &responses)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try output.field("header", ResponseHeader.self, &reader)
      case 16: output.field("succeeded", try reader.bool())
      case 26: try output.list("responses", tag, ResponseOp.self, &reader)
      default: try reader.skip(tag)
      }
    }
  }
}

extension CompactionRequest: JSONMessage {
  package static let jsonName = "etcdserverpb.CompactionRequest"

  package func print(to printer: inout JSONPrinter) {
    printer.field("revision", revision)
    printer.field("physical", physical)
  }

  package mutating func read(from fields: inout JSONFields) throws(JSONMappingError) {
    try fields.read("revision", "revision", &revision)
    try fields.read("physical", "physical", &physical)
  }

  package static func transcribe(_ reader: inout WireReader, to output: inout ByteWriter) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: output.field("revision", try reader.int64())
      case 16: output.field("physical", try reader.bool())
      default: try reader.skip(tag)
      }
    }
  }
}

extension CompactionResponse: JSONMessage {
  package static let jsonName = "etcdserverpb.CompactionResponse"

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
