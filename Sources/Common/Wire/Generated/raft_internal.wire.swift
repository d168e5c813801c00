// Written by wiregen from raft_internal.proto. Do not edit.
// swift-format-ignore-file

import Base

package struct RequestHeader: WireMessage {
  package var id: UInt64 = 0
  package var username: String = ""
  package var authRevision: UInt64 = 0

  package init() {}
  package init(
    id: UInt64 = 0,
    username: String = "",
    authRevision: UInt64 = 0
  ) {
    self.id = id
    self.username = username
    self.authRevision = authRevision
  }

  package var encodedSize: Int {
    var size = 0
    if id != 0 { size += 1 + WireSize.varint(id) }
    if !username.isEmpty { size += 1 + WireSize.delimited(username.utf8.count) }
    if authRevision != 0 { size += 1 + WireSize.varint(authRevision) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if id != 0 {
      writer.byte(8)
      writer.varint(id)
    }
    if !username.isEmpty {
      writer.byte(18)
      writer.string(username)
    }
    if authRevision != 0 {
      writer.byte(24)
      writer.varint(authRevision)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: id = try reader.varint()
      case 18: username = try reader.string()
      case 24: authRevision = try reader.varint()
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

package struct InternalRaftRequest: WireMessage {
  package enum Body: Sendable, Equatable {
    indirect case v2(V2Request)
    indirect case range(RangeRequest)
    case put(PutRequest)
    case deleteRange(DeleteRangeRequest)
    case txn(TxnRequest)
    case compaction(CompactionRequest)
    case leaseGrant(LeaseGrantRequest)
    case leaseRevoke(LeaseRevokeRequest)
    case alarm(AlarmRequest)
    case leaseCheckpoint(LeaseCheckpointRequest)
    case authEnable(AuthEnableRequest)
    case authDisable(AuthDisableRequest)
    indirect case authenticate(InternalAuthenticateRequest)
    case authStatus(AuthStatusRequest)
    indirect case authUserAdd(AuthUserAddRequest)
    case authUserDelete(AuthUserDeleteRequest)
    case authUserGet(AuthUserGetRequest)
    indirect case authUserChangePassword(AuthUserChangePasswordRequest)
    case authUserGrantRole(AuthUserGrantRoleRequest)
    case authUserRevokeRole(AuthUserRevokeRoleRequest)
    case authUserList(AuthUserListRequest)
    case authRoleList(AuthRoleListRequest)
    case authRoleAdd(AuthRoleAddRequest)
    case authRoleDelete(AuthRoleDeleteRequest)
    case authRoleGet(AuthRoleGetRequest)
    indirect case authRoleGrantPermission(AuthRoleGrantPermissionRequest)
    indirect case authRoleRevokePermission(AuthRoleRevokePermissionRequest)
    case clusterVersionSet(ClusterVersionSetRequest)
    indirect case clusterMemberAttrSet(ClusterMemberAttrSetRequest)
    case downgradeInfoSet(DowngradeInfoSetRequest)
  }

  package var id: UInt64 = 0
  package var body: Body? = nil
  package var header: RequestHeader? = nil

  package init() {}
  package init(
    id: UInt64 = 0,
    body: Body? = nil,
    header: RequestHeader? = nil
  ) {
    self.id = id
    self.body = body
    self.header = header
  }

  package var encodedSize: Int {
    var size = 0
    if id != 0 { size += 1 + WireSize.varint(id) }
    switch body {
    case .v2(let value)?: size += 1 + WireSize.delimited(value.encodedSize)
    case .range(let value)?: size += 1 + WireSize.delimited(value.encodedSize)
    case .put(let value)?: size += 1 + WireSize.delimited(value.encodedSize)
    case .deleteRange(let value)?: size += 1 + WireSize.delimited(value.encodedSize)
    case .txn(let value)?: size += 1 + WireSize.delimited(value.encodedSize)
    case .compaction(let value)?: size += 1 + WireSize.delimited(value.encodedSize)
    case .leaseGrant(let value)?: size += 1 + WireSize.delimited(value.encodedSize)
    case .leaseRevoke(let value)?: size += 1 + WireSize.delimited(value.encodedSize)
    case .alarm(let value)?: size += 1 + WireSize.delimited(value.encodedSize)
    case .leaseCheckpoint(let value)?: size += 1 + WireSize.delimited(value.encodedSize)
    default: break
    }
    if let value = header { size += 2 + WireSize.delimited(value.encodedSize) }
    switch body {
    case .authEnable(let value)?: size += 2 + WireSize.delimited(value.encodedSize)
    case .authDisable(let value)?: size += 2 + WireSize.delimited(value.encodedSize)
    case .authenticate(let value)?: size += 2 + WireSize.delimited(value.encodedSize)
    case .authStatus(let value)?: size += 2 + WireSize.delimited(value.encodedSize)
    case .authUserAdd(let value)?: size += 2 + WireSize.delimited(value.encodedSize)
    case .authUserDelete(let value)?: size += 2 + WireSize.delimited(value.encodedSize)
    case .authUserGet(let value)?: size += 2 + WireSize.delimited(value.encodedSize)
    case .authUserChangePassword(let value)?: size += 2 + WireSize.delimited(value.encodedSize)
    case .authUserGrantRole(let value)?: size += 2 + WireSize.delimited(value.encodedSize)
    case .authUserRevokeRole(let value)?: size += 2 + WireSize.delimited(value.encodedSize)
    case .authUserList(let value)?: size += 2 + WireSize.delimited(value.encodedSize)
    case .authRoleList(let value)?: size += 2 + WireSize.delimited(value.encodedSize)
    case .authRoleAdd(let value)?: size += 2 + WireSize.delimited(value.encodedSize)
    case .authRoleDelete(let value)?: size += 2 + WireSize.delimited(value.encodedSize)
    case .authRoleGet(let value)?: size += 2 + WireSize.delimited(value.encodedSize)
    case .authRoleGrantPermission(let value)?: size += 2 + WireSize.delimited(value.encodedSize)
    case .authRoleRevokePermission(let value)?: size += 2 + WireSize.delimited(value.encodedSize)
    case .clusterVersionSet(let value)?: size += 2 + WireSize.delimited(value.encodedSize)
    case .clusterMemberAttrSet(let value)?: size += 2 + WireSize.delimited(value.encodedSize)
    case .downgradeInfoSet(let value)?: size += 2 + WireSize.delimited(value.encodedSize)
    default: break
    }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if id != 0 {
      writer.byte(8)
      writer.varint(id)
    }
    switch body {
    case .v2(let value)?: writer.byte(18); writer.message(value)
    case .range(let value)?: writer.byte(26); writer.message(value)
    case .put(let value)?: writer.byte(34); writer.message(value)
    case .deleteRange(let value)?: writer.byte(42); writer.message(value)
    case .txn(let value)?: writer.byte(50); writer.message(value)
    case .compaction(let value)?: writer.byte(58); writer.message(value)
    case .leaseGrant(let value)?: writer.byte(66); writer.message(value)
    case .leaseRevoke(let value)?: writer.byte(74); writer.message(value)
    case .alarm(let value)?: writer.byte(82); writer.message(value)
    case .leaseCheckpoint(let value)?: writer.byte(90); writer.message(value)
    default: break
    }
    if let value = header {
      writer.tag(802)
      writer.message(value)
    }
    switch body {
    case .authEnable(let value)?: writer.tag(8002); writer.message(value)
    case .authDisable(let value)?: writer.tag(8090); writer.message(value)
    case .authenticate(let value)?: writer.tag(8098); writer.message(value)
    case .authStatus(let value)?: writer.tag(8106); writer.message(value)
    case .authUserAdd(let value)?: writer.tag(8802); writer.message(value)
    case .authUserDelete(let value)?: writer.tag(8810); writer.message(value)
    case .authUserGet(let value)?: writer.tag(8818); writer.message(value)
    case .authUserChangePassword(let value)?: writer.tag(8826); writer.message(value)
    case .authUserGrantRole(let value)?: writer.tag(8834); writer.message(value)
    case .authUserRevokeRole(let value)?: writer.tag(8842); writer.message(value)
    case .authUserList(let value)?: writer.tag(8850); writer.message(value)
    case .authRoleList(let value)?: writer.tag(8858); writer.message(value)
    case .authRoleAdd(let value)?: writer.tag(9602); writer.message(value)
    case .authRoleDelete(let value)?: writer.tag(9610); writer.message(value)
    case .authRoleGet(let value)?: writer.tag(9618); writer.message(value)
    case .authRoleGrantPermission(let value)?: writer.tag(9626); writer.message(value)
    case .authRoleRevokePermission(let value)?: writer.tag(9634); writer.message(value)
    case .clusterVersionSet(let value)?: writer.tag(10402); writer.message(value)
    case .clusterMemberAttrSet(let value)?: writer.tag(10410); writer.message(value)
    case .downgradeInfoSet(let value)?: writer.tag(10418); writer.message(value)
    default: break
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: id = try reader.varint()
      case 18:
        var value = V2Request()
        if case .v2(let set)? = body { value = set }
        try reader.message(&value)
        body = .v2(value)
      case 26:
        var value = RangeRequest()
        if case .range(let set)? = body { value = set }
        try reader.message(&value)
        body = .range(value)
      case 34:
        var value = PutRequest()
        if case .put(let set)? = body { value = set }
        try reader.message(&value)
        body = .put(value)
      case 42:
        var value = DeleteRangeRequest()
        if case .deleteRange(let set)? = body { value = set }
        try reader.message(&value)
        body = .deleteRange(value)
      case 50:
        var value = TxnRequest()
        if case .txn(let set)? = body { value = set }
        try reader.message(&value)
        body = .txn(value)
      case 58:
        var value = CompactionRequest()
        if case .compaction(let set)? = body { value = set }
        try reader.message(&value)
        body = .compaction(value)
      case 66:
        var value = LeaseGrantRequest()
        if case .leaseGrant(let set)? = body { value = set }
        try reader.message(&value)
        body = .leaseGrant(value)
      case 74:
        var value = LeaseRevokeRequest()
        if case .leaseRevoke(let set)? = body { value = set }
        try reader.message(&value)
        body = .leaseRevoke(value)
      case 82:
        var value = AlarmRequest()
        if case .alarm(let set)? = body { value = set }
        try reader.message(&value)
        body = .alarm(value)
      case 90:
        var value = LeaseCheckpointRequest()
        if case .leaseCheckpoint(let set)? = body { value = set }
        try reader.message(&value)
        body = .leaseCheckpoint(value)
      case 8002:
        var value = AuthEnableRequest()
        if case .authEnable(let set)? = body { value = set }
        try reader.message(&value)
        body = .authEnable(value)
      case 8090:
        var value = AuthDisableRequest()
        if case .authDisable(let set)? = body { value = set }
        try reader.message(&value)
        body = .authDisable(value)
      case 8098:
        var value = InternalAuthenticateRequest()
        if case .authenticate(let set)? = body { value = set }
        try reader.message(&value)
        body = .authenticate(value)
      case 8106:
        var value = AuthStatusRequest()
        if case .authStatus(let set)? = body { value = set }
        try reader.message(&value)
        body = .authStatus(value)
      case 8802:
        var value = AuthUserAddRequest()
        if case .authUserAdd(let set)? = body { value = set }
        try reader.message(&value)
        body = .authUserAdd(value)
      case 8810:
        var value = AuthUserDeleteRequest()
        if case .authUserDelete(let set)? = body { value = set }
        try reader.message(&value)
        body = .authUserDelete(value)
      case 8818:
        var value = AuthUserGetRequest()
        if case .authUserGet(let set)? = body { value = set }
        try reader.message(&value)
        body = .authUserGet(value)
      case 8826:
        var value = AuthUserChangePasswordRequest()
        if case .authUserChangePassword(let set)? = body { value = set }
        try reader.message(&value)
        body = .authUserChangePassword(value)
      case 8834:
        var value = AuthUserGrantRoleRequest()
        if case .authUserGrantRole(let set)? = body { value = set }
        try reader.message(&value)
        body = .authUserGrantRole(value)
      case 8842:
        var value = AuthUserRevokeRoleRequest()
        if case .authUserRevokeRole(let set)? = body { value = set }
        try reader.message(&value)
        body = .authUserRevokeRole(value)
      case 8850:
        var value = AuthUserListRequest()
        if case .authUserList(let set)? = body { value = set }
        try reader.message(&value)
        body = .authUserList(value)
      case 8858:
        var value = AuthRoleListRequest()
        if case .authRoleList(let set)? = body { value = set }
        try reader.message(&value)
        body = .authRoleList(value)
      case 9602:
        var value = AuthRoleAddRequest()
        if case .authRoleAdd(let set)? = body { value = set }
        try reader.message(&value)
        body = .authRoleAdd(value)
      case 9610:
        var value = AuthRoleDeleteRequest()
        if case .authRoleDelete(let set)? = body { value = set }
        try reader.message(&value)
        body = .authRoleDelete(value)
      case 9618:
        var value = AuthRoleGetRequest()
        if case .authRoleGet(let set)? = body { value = set }
        try reader.message(&value)
        body = .authRoleGet(value)
      case 9626:
        var value = AuthRoleGrantPermissionRequest()
        if case .authRoleGrantPermission(let set)? = body { value = set }
        try reader.message(&value)
        body = .authRoleGrantPermission(value)
      case 9634:
        var value = AuthRoleRevokePermissionRequest()
        if case .authRoleRevokePermission(let set)? = body { value = set }
        try reader.message(&value)
        body = .authRoleRevokePermission(value)
      case 10402:
        var value = ClusterVersionSetRequest()
        if case .clusterVersionSet(let set)? = body { value = set }
        try reader.message(&value)
        body = .clusterVersionSet(value)
      case 10410:
        var value = ClusterMemberAttrSetRequest()
        if case .clusterMemberAttrSet(let set)? = body { value = set }
        try reader.message(&value)
        body = .clusterMemberAttrSet(value)
      case 10418:
        var value = DowngradeInfoSetRequest()
        if case .downgradeInfoSet(let set)? = body { value = set }
        try reader.message(&value)
        body = .downgradeInfoSet(value)
      case 802: try reader.message(&header)
      default:
        switch tag >> 3 {
        case 1...11, 100, 1000, 1011...1013, 1100...1107, 1200...1204, 1300...1302: throw .wrongWireType(field: tag >> 3)
        default: break
        }
        try reader.skip(tag)
      }
    }
  }
}

package struct EmptyResponse: WireMessage {
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

package struct InternalAuthenticateRequest: WireMessage {
  package var name: String = ""
  package var password: String = ""
  package var simpleToken: String = ""

  package init() {}
  package init(
    name: String = "",
    password: String = "",
    simpleToken: String = ""
  ) {
    self.name = name
    self.password = password
    self.simpleToken = simpleToken
  }

  package var encodedSize: Int {
    var size = 0
    if !name.isEmpty { size += 1 + WireSize.delimited(name.utf8.count) }
    if !password.isEmpty { size += 1 + WireSize.delimited(password.utf8.count) }
    if !simpleToken.isEmpty { size += 1 + WireSize.delimited(simpleToken.utf8.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !name.isEmpty {
      writer.byte(10)
      writer.string(name)
    }
    if !password.isEmpty {
      writer.byte(18)
      writer.string(password)
    }
    if !simpleToken.isEmpty {
      writer.byte(26)
      writer.string(simpleToken)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: name = try reader.string()
      case 18: password = try reader.string()
      case 26: simpleToken = try reader.string()
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

package struct AuthStatusRequest: WireMessage {
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

package struct ClusterVersionSetRequest: WireMessage {
  package var ver: String = ""

  package init() {}
  package init(
    ver: String = ""
  ) {
    self.ver = ver
  }

  package var encodedSize: Int {
    var size = 0
    if !ver.isEmpty { size += 1 + WireSize.delimited(ver.utf8.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !ver.isEmpty {
      writer.byte(10)
      writer.string(ver)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: ver = try reader.string()
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

package struct MemberAttributes: WireMessage {
  package var name: String = ""
  package var clientUrls: [String] = []

  package init() {}
  package init(
    name: String = "",
    clientUrls: [String] = []
  ) {
    self.name = name
    self.clientUrls = clientUrls
  }

  package var encodedSize: Int {
    var size = 0
    if !name.isEmpty { size += 1 + WireSize.delimited(name.utf8.count) }
    for value in clientUrls { size += 1 + WireSize.delimited(value.utf8.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if !name.isEmpty {
      writer.byte(10)
      writer.string(name)
    }
    for value in clientUrls {
      writer.byte(18)
      writer.string(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 10: name = try reader.string()
      case 18: clientUrls.append(try reader.string())
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

package struct ClusterMemberAttrSetRequest: WireMessage {
  package var memberID: UInt64 = 0
  package var memberAttributes: MemberAttributes? = nil

  package init() {}
  package init(
    memberID: UInt64 = 0,
    memberAttributes: MemberAttributes? = nil
  ) {
    self.memberID = memberID
    self.memberAttributes = memberAttributes
  }

  package var encodedSize: Int {
    var size = 0
    if memberID != 0 { size += 1 + WireSize.varint(memberID) }
    if let value = memberAttributes { size += 1 + WireSize.delimited(value.encodedSize) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if memberID != 0 {
      writer.byte(8)
      writer.varint(memberID)
    }
    if let value = memberAttributes {
      writer.byte(18)
      writer.message(value)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: memberID = try reader.varint()
      case 18: try reader.message(&memberAttributes)
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

package struct DowngradeInfoSetRequest: WireMessage {
  package var enabled: Bool = false
  package var ver: String = ""

  package init() {}
  package init(
    enabled: Bool = false,
    ver: String = ""
  ) {
    self.enabled = enabled
    self.ver = ver
  }

  package var encodedSize: Int {
    var size = 0
    if enabled { size += 1 + 1 }
    if !ver.isEmpty { size += 1 + WireSize.delimited(ver.utf8.count) }
    return size
  }

  package func encode(to writer: inout WireWriter) {
    if enabled {
      writer.byte(8)
      writer.bool(enabled)
    }
    if !ver.isEmpty {
      writer.byte(18)
      writer.string(ver)
    }
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodeError) {
    while true {
      let tag = try reader.tag()
      switch tag {
      case 0: return
      case 8: enabled = try reader.bool()
      case 18: ver = try reader.string()
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
