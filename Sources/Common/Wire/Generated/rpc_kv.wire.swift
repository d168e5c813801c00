// Written by wiregen from rpc_kv.proto. Do not edit.
// swift-format-ignore-file

import Base

package struct RangeRequest: WireMessage {
  package enum SortOrder: WireEnum {
    case none, ascend, descend
    /// A number without a name here, kept as it came.
    case unrecognized(Int32)

    package init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .none
      case 1: self = .ascend
      case 2: self = .descend
      default: self = .unrecognized(rawValue)
      }
    }

    package var rawValue: Int32 {
      switch self {
      case .none: 0
      case .ascend: 1
      case .descend: 2
      case .unrecognized(let number): number
      }
    }
  }

  package enum SortTarget: WireEnum {
    case key, version, create, mod, value
    /// A number without a name here, kept as it came.
    case unrecognized(Int32)

    package init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .key
      case 1: self = .version
      case 2: self = .create
      case 3: self = .mod
      case 4: self = .value
      default: self = .unrecognized(rawValue)
      }
    }

    package var rawValue: Int32 {
      switch self {
      case .key: 0
      case .version: 1
      case .create: 2
      case .mod: 3
      case .value: 4
      case .unrecognized(let number): number
      }
    }
  }

  package var key: Bytes = []
  package var rangeEnd: Bytes = []
  package var limit: Int64 = 0
  package var revision: Int64 = 0
  package var sortOrder: RangeRequest.SortOrder = .none
  package var sortTarget: RangeRequest.SortTarget = .key
  package var serializable: Bool = false
  package var keysOnly: Bool = false
  package var countOnly: Bool = false
  package var minModRevision: Int64 = 0
  package var maxModRevision: Int64 = 0
  package var minCreateRevision: Int64 = 0
  package var maxCreateRevision: Int64 = 0

  package init() {}
  package init(
    key: Bytes = [],
    rangeEnd: Bytes = [],
    limit: Int64 = 0,
    revision: Int64 = 0,
    sortOrder: RangeRequest.SortOrder = .none,
    sortTarget: RangeRequest.SortTarget = .key,
    serializable: Bool = false,
    keysOnly: Bool = false,
    countOnly: Bool = false,
    minModRevision: Int64 = 0,
    maxModRevision: Int64 = 0,
    minCreateRevision: Int64 = 0,
    maxCreateRevision: Int64 = 0
  ) {
    self.key = key
    self.rangeEnd = rangeEnd
    self.limit = limit
    self.revision = revision
    self.sortOrder = sortOrder
    self.sortTarget = sortTarget
    self.serializable = serializable
    self.keysOnly = keysOnly
    self.countOnly = countOnly
    self.minModRevision = minModRevision
    self.maxModRevision = maxModRevision
    self.minCreateRevision = minCreateRevision
    self.maxCreateRevision = maxCreateRevision
  }

  package var encodedSize: Int {
    var size = 0
    if !key.isEmpty { size += 1 + WireSize.delimited(key.count) }
    if !rangeEnd.isEmpty { size += 1 + WireSize.delimited(rangeEnd.count) }
    if limit != 0 { size += 1 + WireSize.varint(limit) }
    if revision != 0 { size += 1 + WireSize.varint(revision) }
    if sortOrder != .none { size += 1 + WireSize.varint(sortOrder.rawValue) }
    if sortTarget != .key { size += 1 + WireSize.varint(sortTarget.rawValue) }
    if serializable { size += 1 + 1 }
    if keysOnly { size += 1 + 1 }
    if countOnly { size += 1 + 1 }
    if minModRevision != 0 { size += 1 + WireSize.varint(minModRevision) }
    if maxModRevision != 0 { size += 1 + WireSize.varint(maxModRevision) }
    if minCreateRevision != 0 { size += 1 + WireSize.varint(minCreateRevision) }
    if maxCreateRevision != 0 { size += 1 + WireSize.varint(maxCreateRevision) }
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
    if limit != 0 {
      writer.byte(24)
      writer.varint(UInt64(bitPattern: limit))
    }
    if revision != 0 {
      writer.byte(32)
      writer.varint(UInt64(bitPattern: revision))
    }
    if sortOrder != .none {
      writer.byte(40)
      writer.varint(UInt64(bitPattern: Int64(sortOrder.rawValue)))
    }
    if sortTarget != .key {
      writer.byte(48)
      writer.varint(UInt64(bitPattern: Int64(sortTarget.rawValue)))
    }
    if serializable {
      writer.byte(56)
      writer.bool(serializable)
    }
    if keysOnly {
      writer.byte(64)
      writer.bool(keysOnly)
    }
    if countOnly {
      writer.byte(72)
      writer.bool(countOnly)
    }
    if minModRevision != 0 {
      writer.byte(80)
      writer.varint(UInt64(bitPattern: minModRevision))
    }
    if maxModRevision != 0 {
      writer.byte(88)
      writer.varint(UInt64(bitPattern: maxModRevision))
    }
    if minCreateRevision != 0 {
      writer.byte(96)
      writer.varint(UInt64(bitPattern: minCreateRevision))
    }
    if maxCreateRevision != 0 {
      writer.byte(104)
      writer.varint(UInt64(bitPattern: maxCreateRevision))
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: key = try reader.bytes()
      case 18: rangeEnd = try reader.bytes()
      case 24: limit = try reader.int64()
      case 32: revision = try reader.int64()
      case 40: sortOrder = try reader.enumeration()
      case 48: sortTarget = try reader.enumeration()
      case 56: serializable = try reader.bool()
      case 64: keysOnly = try reader.bool()
      case 72: countOnly = try reader.bool()
      case 80: minModRevision = try reader.int64()
      case 88: maxModRevision = try reader.int64()
      case 96: minCreateRevision = try reader.int64()
      case 104: maxCreateRevision = try reader.int64()
      default:
        switch tag >> 3 {
        case 1...13: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct RangeResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var kvs: [KeyValue] = []
  package var more: Bool = false
  package var count: Int64 = 0

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    kvs: [KeyValue] = [],
    more: Bool = false,
    count: Int64 = 0
  ) {
    self.header = header
    self.kvs = kvs
    self.more = more
    self.count = count
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    size += WireSize.messages(kvs, tagSize: 1)
    if more { size += 1 + 1 }
    if count != 0 { size += 1 + WireSize.varint(count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    writer.messages(18, kvs)
    if more {
      writer.byte(24)
      writer.bool(more)
    }
    if count != 0 {
      writer.byte(32)
      writer.varint(UInt64(bitPattern: count))
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 18: try reader.message(&kvs)
      case 24: more = try reader.bool()
      case 32: count = try reader.int64()
      default:
        switch tag >> 3 {
        case 1...4: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct PutRequest: WireMessage {
  package var key: Bytes = []
  package var value: Bytes = []
  package var lease: Int64 = 0
  package var prevKv: Bool = false
  package var ignoreValue: Bool = false
  package var ignoreLease: Bool = false

  package init() {}
  package init(
    key: Bytes = [],
    value: Bytes = [],
    lease: Int64 = 0,
    prevKv: Bool = false,
    ignoreValue: Bool = false,
    ignoreLease: Bool = false
  ) {
    self.key = key
    self.value = value
    self.lease = lease
    self.prevKv = prevKv
    self.ignoreValue = ignoreValue
    self.ignoreLease = ignoreLease
  }

  package var encodedSize: Int {
    var size = 0
    if !key.isEmpty { size += 1 + WireSize.delimited(key.count) }
    if !value.isEmpty { size += 1 + WireSize.delimited(value.count) }
    if lease != 0 { size += 1 + WireSize.varint(lease) }
    if prevKv { size += 1 + 1 }
    if ignoreValue { size += 1 + 1 }
    if ignoreLease { size += 1 + 1 }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !key.isEmpty {
      writer.byte(10)
      writer.bytes(key)
    }
    if !value.isEmpty {
      writer.byte(18)
      writer.bytes(value)
    }
    if lease != 0 {
      writer.byte(24)
      writer.varint(UInt64(bitPattern: lease))
    }
    if prevKv {
      writer.byte(32)
      writer.bool(prevKv)
    }
    if ignoreValue {
      writer.byte(40)
      writer.bool(ignoreValue)
    }
    if ignoreLease {
      writer.byte(48)
      writer.bool(ignoreLease)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: key = try reader.bytes()
      case 18: value = try reader.bytes()
      case 24: lease = try reader.int64()
      case 32: prevKv = try reader.bool()
      case 40: ignoreValue = try reader.bool()
      case 48: ignoreLease = try reader.bool()
      default:
        switch tag >> 3 {
        case 1...6: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct PutResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var prevKv: KeyValue? = nil

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    prevKv: KeyValue? = nil
  ) {
    self.header = header
    self.prevKv = prevKv
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    if let value = prevKv { size += 1 + WireSize.delimited(value.encodedSize) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    if let value = prevKv {
      writer.byte(18)
      writer.message(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 18: try reader.message(&prevKv)
      default:
        switch tag >> 3 {
        case 1...2: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct DeleteRangeRequest: WireMessage {
  package var key: Bytes = []
  package var rangeEnd: Bytes = []
  package var prevKv: Bool = false

  package init() {}
  package init(
    key: Bytes = [],
    rangeEnd: Bytes = [],
    prevKv: Bool = false
  ) {
    self.key = key
    self.rangeEnd = rangeEnd
    self.prevKv = prevKv
  }

  package var encodedSize: Int {
    var size = 0
    if !key.isEmpty { size += 1 + WireSize.delimited(key.count) }
    if !rangeEnd.isEmpty { size += 1 + WireSize.delimited(rangeEnd.count) }
    if prevKv { size += 1 + 1 }
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
    if prevKv {
      writer.byte(24)
      writer.bool(prevKv)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: key = try reader.bytes()
      case 18: rangeEnd = try reader.bytes()
      case 24: prevKv = try reader.bool()
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

package struct DeleteRangeResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var deleted: Int64 = 0
  package var prevKvs: [KeyValue] = []

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    deleted: Int64 = 0,
    prevKvs: [KeyValue] = []
  ) {
    self.header = header
    self.deleted = deleted
    self.prevKvs = prevKvs
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    if deleted != 0 { size += 1 + WireSize.varint(deleted) }
    size += WireSize.messages(prevKvs, tagSize: 1)
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    if deleted != 0 {
      writer.byte(16)
      writer.varint(UInt64(bitPattern: deleted))
    }
    writer.messages(26, prevKvs)
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 16: deleted = try reader.int64()
      case 26: try reader.message(&prevKvs)
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

package struct RequestOp: WireMessage {
  package enum Request: Sendable, Equatable {
    case requestRange(RangeRequest)
    case requestPut(PutRequest)
    case requestDeleteRange(DeleteRangeRequest)
    case requestTxn(TxnRequest)
  }

  package var request: Request? = nil

  package init() {}
  package init(
    request: Request? = nil
  ) {
    self.request = request
  }

  package var encodedSize: Int {
    var size = 0
    switch request {
    case .requestRange(let value)?: size += 1 + WireSize.delimited(value.encodedSize)
    case .requestPut(let value)?: size += 1 + WireSize.delimited(value.encodedSize)
    case .requestDeleteRange(let value)?: size += 1 + WireSize.delimited(value.encodedSize)
    case .requestTxn(let value)?: size += 1 + WireSize.delimited(value.encodedSize)
    case nil: break
    }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    switch request {
    case .requestRange(let value)?: writer.byte(10); writer.message(value)
    case .requestPut(let value)?: writer.byte(18); writer.message(value)
    case .requestDeleteRange(let value)?: writer.byte(26); writer.message(value)
    case .requestTxn(let value)?: writer.byte(34); writer.message(value)
    case nil: break
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10:
        var value = RangeRequest()
        if case .requestRange(let set)? = request { value = set }
        try reader.message(&value)
        request = .requestRange(value)
      case 18:
        var value = PutRequest()
        if case .requestPut(let set)? = request { value = set }
        try reader.message(&value)
        request = .requestPut(value)
      case 26:
        var value = DeleteRangeRequest()
        if case .requestDeleteRange(let set)? = request { value = set }
        try reader.message(&value)
        request = .requestDeleteRange(value)
      case 34:
        var value = TxnRequest()
        if case .requestTxn(let set)? = request { value = set }
        try reader.message(&value)
        request = .requestTxn(value)
      default:
        switch tag >> 3 {
        case 1...4: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct ResponseOp: WireMessage {
  package enum Response: Sendable, Equatable {
    case responseRange(RangeResponse)
    case responsePut(PutResponse)
    case responseDeleteRange(DeleteRangeResponse)
    case responseTxn(TxnResponse)
  }

  package var response: Response? = nil

  package init() {}
  package init(
    response: Response? = nil
  ) {
    self.response = response
  }

  package var encodedSize: Int {
    var size = 0
    switch response {
    case .responseRange(let value)?: size += 1 + WireSize.delimited(value.encodedSize)
    case .responsePut(let value)?: size += 1 + WireSize.delimited(value.encodedSize)
    case .responseDeleteRange(let value)?: size += 1 + WireSize.delimited(value.encodedSize)
    case .responseTxn(let value)?: size += 1 + WireSize.delimited(value.encodedSize)
    case nil: break
    }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    switch response {
    case .responseRange(let value)?: writer.byte(10); writer.message(value)
    case .responsePut(let value)?: writer.byte(18); writer.message(value)
    case .responseDeleteRange(let value)?: writer.byte(26); writer.message(value)
    case .responseTxn(let value)?: writer.byte(34); writer.message(value)
    case nil: break
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10:
        var value = RangeResponse()
        if case .responseRange(let set)? = response { value = set }
        try reader.message(&value)
        response = .responseRange(value)
      case 18:
        var value = PutResponse()
        if case .responsePut(let set)? = response { value = set }
        try reader.message(&value)
        response = .responsePut(value)
      case 26:
        var value = DeleteRangeResponse()
        if case .responseDeleteRange(let set)? = response { value = set }
        try reader.message(&value)
        response = .responseDeleteRange(value)
      case 34:
        var value = TxnResponse()
        if case .responseTxn(let set)? = response { value = set }
        try reader.message(&value)
        response = .responseTxn(value)
      default:
        switch tag >> 3 {
        case 1...4: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct Compare: WireMessage {
  package enum CompareResult: WireEnum {
    case equal, greater, less, notEqual
    /// A number without a name here, kept as it came.
    case unrecognized(Int32)

    package init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .equal
      case 1: self = .greater
      case 2: self = .less
      case 3: self = .notEqual
      default: self = .unrecognized(rawValue)
      }
    }

    package var rawValue: Int32 {
      switch self {
      case .equal: 0
      case .greater: 1
      case .less: 2
      case .notEqual: 3
      case .unrecognized(let number): number
      }
    }
  }

  package enum CompareTarget: WireEnum {
    case version, create, mod, value, lease
    /// A number without a name here, kept as it came.
    case unrecognized(Int32)

    package init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .version
      case 1: self = .create
      case 2: self = .mod
      case 3: self = .value
      case 4: self = .lease
      default: self = .unrecognized(rawValue)
      }
    }

    package var rawValue: Int32 {
      switch self {
      case .version: 0
      case .create: 1
      case .mod: 2
      case .value: 3
      case .lease: 4
      case .unrecognized(let number): number
      }
    }
  }

  package enum TargetUnion: Sendable, Equatable {
    case version(Int64)
    case createRevision(Int64)
    case modRevision(Int64)
    case value(Bytes)
    case lease(Int64)
  }

  package var result: Compare.CompareResult = .equal
  package var target: Compare.CompareTarget = .version
  package var key: Bytes = []
  package var targetUnion: TargetUnion? = nil
  package var rangeEnd: Bytes = []

  package init() {}
  package init(
    result: Compare.CompareResult = .equal,
    target: Compare.CompareTarget = .version,
    key: Bytes = [],
    targetUnion: TargetUnion? = nil,
    rangeEnd: Bytes = []
  ) {
    self.result = result
    self.target = target
    self.key = key
    self.targetUnion = targetUnion
    self.rangeEnd = rangeEnd
  }

  package var encodedSize: Int {
    var size = 0
    if result != .equal { size += 1 + WireSize.varint(result.rawValue) }
    if target != .version { size += 1 + WireSize.varint(target.rawValue) }
    if !key.isEmpty { size += 1 + WireSize.delimited(key.count) }
    switch targetUnion {
    case .version(let value)?: size += 1 + WireSize.varint(value)
    case .createRevision(let value)?: size += 1 + WireSize.varint(value)
    case .modRevision(let value)?: size += 1 + WireSize.varint(value)
    case .value(let value)?: size += 1 + WireSize.delimited(value.count)
    case .lease(let value)?: size += 1 + WireSize.varint(value)
    case nil: break
    }
    if !rangeEnd.isEmpty { size += 2 + WireSize.delimited(rangeEnd.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if result != .equal {
      writer.byte(8)
      writer.varint(UInt64(bitPattern: Int64(result.rawValue)))
    }
    if target != .version {
      writer.byte(16)
      writer.varint(UInt64(bitPattern: Int64(target.rawValue)))
    }
    if !key.isEmpty {
      writer.byte(26)
      writer.bytes(key)
    }
    switch targetUnion {
    case .version(let value)?: writer.byte(32); writer.varint(UInt64(bitPattern: value))
    case .createRevision(let value)?: writer.byte(40); writer.varint(UInt64(bitPattern: value))
    case .modRevision(let value)?: writer.byte(48); writer.varint(UInt64(bitPattern: value))
    case .value(let value)?: writer.byte(58); writer.bytes(value)
    case .lease(let value)?: writer.byte(64); writer.varint(UInt64(bitPattern: value))
    case nil: break
    }
    if !rangeEnd.isEmpty {
      writer.tag(514)
      writer.bytes(rangeEnd)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: result = try reader.enumeration()
      case 16: target = try reader.enumeration()
      case 26: key = try reader.bytes()
      case 32: targetUnion = .version(try reader.int64())
      case 40: targetUnion = .createRevision(try reader.int64())
      case 48: targetUnion = .modRevision(try reader.int64())
      case 58: targetUnion = .value(try reader.bytes())
      case 64: targetUnion = .lease(try reader.int64())
      case 514: rangeEnd = try reader.bytes()
      default:
        switch tag >> 3 {
        case 1...8, 64: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct TxnRequest: WireMessage {
  package var compare: [Compare] = []
  package var success: [RequestOp] = []
  package var failure: [RequestOp] = []

  package init() {}
  package init(
    compare: [Compare] = [],
    success: [RequestOp] = [],
    failure: [RequestOp] = []
  ) {
    self.compare = compare
    self.success = success
    self.failure = failure
  }

  package var encodedSize: Int {
    var size = 0
    size += WireSize.messages(compare, tagSize: 1)
    size += WireSize.messages(success, tagSize: 1)
    size += WireSize.messages(failure, tagSize: 1)
    return size
  }

  package func encode(to writer: inout WireWriter) {
    writer.messages(10, compare)
    writer.messages(18, success)
    writer.messages(26, failure)
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&compare)
      case 18: try reader.message(&success)
      case 26: try reader.message(&failure)
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

package struct TxnResponse: WireMessage {
  package var header: ResponseHeader? = nil
  package var succeeded: Bool = false
  package var responses: [ResponseOp] = []

  package init() {}
  package init(
    header: ResponseHeader? = nil,
    succeeded: Bool = false,
    responses: [ResponseOp] = []
  ) {
    self.header = header
    self.succeeded = succeeded
    self.responses = responses
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    if succeeded { size += 1 + 1 }
    size += WireSize.messages(responses, tagSize: 1)
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
    if succeeded {
      writer.byte(16)
      writer.bool(succeeded)
    }
    writer.messages(26, responses)
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
      case 16: succeeded = try reader.bool()
      case 26: try reader.message(&responses)
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

package struct CompactionRequest: WireMessage {
  package var revision: Int64 = 0
  package var physical: Bool = false

  package init() {}
  package init(
    revision: Int64 = 0,
    physical: Bool = false
  ) {
    self.revision = revision
    self.physical = physical
  }

  package var encodedSize: Int {
    var size = 0
    if revision != 0 { size += 1 + WireSize.varint(revision) }
    if physical { size += 1 + 1 }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if revision != 0 {
      writer.byte(8)
      writer.varint(UInt64(bitPattern: revision))
    }
    if physical {
      writer.byte(16)
      writer.bool(physical)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: revision = try reader.int64()
      case 16: physical = try reader.bool()
      default:
        switch tag >> 3 {
        case 1...2: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct CompactionResponse: WireMessage {
  package var header: ResponseHeader? = nil

  package init() {}
  package init(
    header: ResponseHeader? = nil
  ) {
    self.header = header
  }

  package var encodedSize: Int {
    var size = 0
    if let value = header { size += 1 + WireSize.delimited(value.encodedSize) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if let value = header {
      writer.byte(10)
      writer.message(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: try reader.message(&header)
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
