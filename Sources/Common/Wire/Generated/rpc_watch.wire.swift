// Written by wiregen from rpc_watch.proto. Do not edit.
// swift-format-ignore-file

import Base

package struct WatchRequest: WireMessage {
  package enum RequestUnion: Sendable, Equatable {
    case createRequest(WatchCreateRequest)
    case cancelRequest(WatchCancelRequest)
    case progressRequest(WatchProgressRequest)
  }

  package var requestUnion: RequestUnion? = nil

  package init() {}
  package init(
    requestUnion: RequestUnion? = nil
  ) {
    self.requestUnion = requestUnion
  }

  package var encodedSize: Int {
    var size = 0
    switch requestUnion {
    case .createRequest(let value)?: size += 1 + WireSize.delimited(value.encodedSize)
    case .cancelRequest(let value)?: size += 1 + WireSize.delimited(value.encodedSize)
    case .progressRequest(let value)?: size += 1 + WireSize.delimited(value.encodedSize)
    case nil: break
    }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    switch requestUnion {
    case .createRequest(let value)?: writer.byte(10); writer.message(value)
    case .cancelRequest(let value)?: writer.byte(18); writer.message(value)
    case .progressRequest(let value)?: writer.byte(26); writer.message(value)
    case nil: break
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10:
        var value = WatchCreateRequest()
        if case .createRequest(let set)? = requestUnion { value = set }
        try reader.message(&value)
        requestUnion = .createRequest(value)
      case 18:
        var value = WatchCancelRequest()
        if case .cancelRequest(let set)? = requestUnion { value = set }
        try reader.message(&value)
        requestUnion = .cancelRequest(value)
      case 26:
        var value = WatchProgressRequest()
        if case .progressRequest(let set)? = requestUnion { value = set }
        try reader.message(&value)
        requestUnion = .progressRequest(value)
      default:
        switch tag >> 3 {
        case 1...3: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct WatchCreateRequest: WireMessage {
  package enum FilterType: WireEnum {
    case noput, nodelete
    /// A number without a name here, kept as it came.
    case unrecognized(Int32)

    package init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .noput
      case 1: self = .nodelete
      default: self = .unrecognized(rawValue)
      }
    }

    package var rawValue: Int32 {
      switch self {
      case .noput: 0
      case .nodelete: 1
      case .unrecognized(let number): number
      }
    }
  }

  package var key: Bytes = []
  package var rangeEnd: Bytes = []
  package var startRevision: Int64 = 0
  package var progressNotify: Bool = false
  package var filters: [WatchCreateRequest.FilterType] = []
  package var prevKv: Bool = false
  package var watchID: Int64 = 0
  package var fragment: Bool = false

  package init() {}
  package init(
    key: Bytes = [],
    rangeEnd: Bytes = [],
    startRevision: Int64 = 0,
    progressNotify: Bool = false,
    filters: [WatchCreateRequest.FilterType] = [],
    prevKv: Bool = false,
    watchID: Int64 = 0,
    fragment: Bool = false
  ) {
    self.key = key
    self.rangeEnd = rangeEnd
    self.startRevision = startRevision
    self.progressNotify = progressNotify
    self.filters = filters
    self.prevKv = prevKv
    self.watchID = watchID
    self.fragment = fragment
  }

  package var encodedSize: Int {
    var size = 0
    if !key.isEmpty { size += 1 + WireSize.delimited(key.count) }
    if !rangeEnd.isEmpty { size += 1 + WireSize.delimited(rangeEnd.count) }
    if startRevision != 0 { size += 1 + WireSize.varint(startRevision) }
    if progressNotify { size += 1 + 1 }
    if !filters.isEmpty {
      let content = filters.reduce(0) { $0 + WireSize.varint($1.rawValue) }
      size += 1 + WireSize.delimited(content)
    }
    if prevKv { size += 1 + 1 }
    if watchID != 0 { size += 1 + WireSize.varint(watchID) }
    if fragment { size += 1 + 1 }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !key.isEmpty {
      writer.byte(10)
      writer.bytes(key)
    }
    if !rangeEnd.isEmpty {
      writer.byte(18)
      writer.bytes(rangeEnd)
    }
    if startRevision != 0 {
      writer.byte(24)
      writer.varint(UInt64(bitPattern: startRevision))
    }
    if progressNotify {
      writer.byte(32)
      writer.bool(progressNotify)
    }
    if !filters.isEmpty {
      writer.byte(42)
      writer.varint(UInt64(filters.reduce(0) { $0 + WireSize.varint($1.rawValue) }))
      for value in filters { writer.varint(UInt64(bitPattern: Int64(value.rawValue))) }
    }
    if prevKv {
      writer.byte(48)
      writer.bool(prevKv)
    }
    if watchID != 0 {
      writer.byte(56)
      writer.varint(UInt64(bitPattern: watchID))
    }
    if fragment {
      writer.byte(64)
      writer.bool(fragment)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: key = try reader.bytes()
      case 18: rangeEnd = try reader.bytes()
      case 24: startRevision = try reader.int64()
      case 32: progressNotify = try reader.bool()
      case 40: filters.append(try reader.enumeration())
      case 42: try reader.packed(&filters) { reader throws(DecodeError) in try reader.enumeration() }
      case 48: prevKv = try reader.bool()
      case 56: watchID = try reader.int64()
      case 64: fragment = try reader.bool()
      default:
        switch tag >> 3 {
        case 1...8: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct WatchCancelRequest: WireMessage {
  package var watchID: Int64 = 0

  package init() {}
  package init(
    watchID: Int64 = 0
  ) {
    self.watchID = watchID
  }

  package var encodedSize: Int {
    var size = 0
    if watchID != 0 { size += 1 + WireSize.varint(watchID) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if watchID != 0 {
      writer.byte(8)
      writer.varint(UInt64(bitPattern: watchID))
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: watchID = try reader.int64()
      default:
        switch tag >> 3 {
        case 1: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct WatchProgressRequest: WireMessage {
  package init() {}

  package var encodedSize: Int {
    0
  }

  package func encode(to writer: inout WireWriter) {
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      default:
        try reader.skip(tag)
      }
    }
  }
}

package struct WatchResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var watchID: Int64 = 0
  package var created: Bool = false
  package var canceled: Bool = false
  package var compactRevision: Int64 = 0
  package var cancelReason: String = ""
  package var fragment: Bool = false
  package var events: [KVEvent] = []

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    watchID: Int64 = 0,
    created: Bool = false,
    canceled: Bool = false,
    compactRevision: Int64 = 0,
    cancelReason: String = "",
    fragment: Bool = false,
    events: [KVEvent] = []
  ) {
    self.header = header
    self.watchID = watchID
    self.created = created
    self.canceled = canceled
    self.compactRevision = compactRevision
    self.cancelReason = cancelReason
    self.fragment = fragment
    self.events = events
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    if watchID != 0 { size += 1 + WireSize.varint(watchID) }
    if created { size += 1 + 1 }
    if canceled { size += 1 + 1 }
    if compactRevision != 0 { size += 1 + WireSize.varint(compactRevision) }
    if !cancelReason.isEmpty { size += 1 + WireSize.delimited(cancelReason.utf8.count) }
    if fragment { size += 1 + 1 }
    size += WireSize.messages(events, tagSize: 1)
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    if watchID != 0 {
      writer.byte(16)
      writer.varint(UInt64(bitPattern: watchID))
    }
    if created {
      writer.byte(24)
      writer.bool(created)
    }
    if canceled {
      writer.byte(32)
      writer.bool(canceled)
    }
    if compactRevision != 0 {
      writer.byte(40)
      writer.varint(UInt64(bitPattern: compactRevision))
    }
    if !cancelReason.isEmpty {
      writer.byte(50)
      writer.string(cancelReason)
    }
    if fragment {
      writer.byte(56)
      writer.bool(fragment)
    }
    writer.messages(90, events)
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 16: watchID = try reader.int64()
      case 24: created = try reader.bool()
      case 32: canceled = try reader.bool()
      case 40: compactRevision = try reader.int64()
      case 50: cancelReason = try reader.string()
      case 56: fragment = try reader.bool()
      case 90: try reader.message(&events)
      default:
        switch tag >> 3 {
        case 1...7, 11: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}
