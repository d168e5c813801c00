import Base
import Storage
import Wire

/// `-w fields`: lines of `"Name" : value`. As etcd 3.4: etcdctl/ctlv3/command/printer_fields.go.
struct FieldsPrinter: Printer {
  let name = "fields"

  private func field(_ name: String, _ value: some CustomStringConvertible) {
    Output.line("\"\(name)\" : \(value)")
  }
  private func quoted(_ name: String, _ value: Bytes) { field(name, GoText.quoted(value)) }
  private func quoted(_ name: String, _ value: String) { quoted(name, value.bytes) }

  func header(_ header: ResponseHeader?) {
    let header = header ?? ResponseHeader()
    field("ClusterID", header.clusterID)
    field("MemberID", header.memberID)
    field("Revision", header.revision)
    field("RaftTerm", header.raftTerm)
  }

  func pair(_ prefix: String, _ pair: KeyValue) {
    quoted("\(prefix)Key", pair.key)
    field("\(prefix)CreateRevision", pair.createRevision)
    field("\(prefix)ModRevision", pair.modRevision)
    field("\(prefix)Version", pair.version)
    quoted("\(prefix)Value", pair.value)
    field("\(prefix)Lease", pair.lease)
  }

  func get(_ reply: RangeResponse) {
    header(reply.header)
    for each in reply.kvs { pair("", each) }
    end(more: reply.more, count: reply.count)
  }
  func end(more: Bool, count: Int64) {
    field("More", more)
    field("Count", count)
  }
  func pages() -> any RangePages { FieldsPages(printer: self) }

  func put(_ reply: PutResponse) {
    header(reply.header)
    if let previous = reply.prevKv { pair("Prev", previous) }
  }

  func delete(_ reply: DeleteRangeResponse) {
    header(reply.header)
    field("Deleted", reply.deleted)
    for previous in reply.prevKvs { pair("Prev", previous) }
  }

  func txn(_ reply: TxnResponse) {
    header(reply.header)
    field("Succeeded", reply.succeeded)
    for operation in reply.responses {
      switch operation.response {
      case .responseDeleteRange(let reply): delete(reply)
      case .responsePut(let reply): put(reply)
      case .responseRange(let reply): get(reply)
      case .responseTxn, nil: quoted("Unknown", "")
      }
    }
  }

  func watch(_ reply: WatchResponse) {
    header(reply.header)
    for event in reply.events {
      field("Type", event.typeName)
      if let previous = event.prevKv { pair("Prev", previous) }
      pair("", event.kv ?? KeyValue())
    }
  }

  func grant(_ reply: LeaseGrantResponse) {
    header(reply.header)
    field("ID", reply.id)
    field("TTL", reply.ttl)
  }
  func revoke(_ id: Int64, _ reply: LeaseRevokeResponse) { header(reply.header) }
  func keepAlive(_ reply: LeaseKeepAliveResponse) {
    header(reply.header)
    field("ID", reply.id)
    field("TTL", reply.ttl)
  }
  func timeToLive(_ reply: LeaseTimeToLiveResponse, keys: Bool) {
    header(reply.header)
    field("ID", reply.id)
    field("TTL", reply.ttl)
    field("GrantedTTL", reply.grantedTTL)
    for key in reply.keys { quoted("Key", key) }
  }
  func leases(_ reply: LeaseLeasesResponse) {
    header(reply.header)
    for lease in reply.leases { field("ID", lease.id) }
  }

  func memberList(_ reply: MemberListResponse) {
    header(reply.header)
    for member in reply.members {
      field("ID", member.id)
      quoted("Name", member.name)
      for url in member.peerURLs { quoted("PeerURL", url) }
      for url in member.clientURLs { quoted("ClientURL", url) }
      field("IsLearner", member.isLearner)
      Output.line("")
    }
  }

  func health(_ list: [EndpointHealth]) {
    for item in list {
      quoted("Endpoint", item.endpoint)
      field("Health", item.isHealthy)
      field("Took", item.took)
      field("Error", item.error)
      Output.line("")
    }
  }

  func status(_ list: [(endpoint: String, reply: StatusResponse)]) {
    for (endpoint, reply) in list {
      header(reply.header)
      quoted("Version", reply.version)
      field("DBSize", reply.dbSize)
      field("Leader", reply.leader)
      field("IsLearner", reply.isLearner)
      field("RaftIndex", reply.raftIndex)
      field("RaftTerm", reply.raftTerm)
      field("RaftAppliedIndex", reply.raftAppliedIndex)
      field("Errors", "[\(reply.errors.joined(separator: " "))]")
      quoted("Endpoint", endpoint)
      Output.line("")
    }
  }

  func hashKV(_ list: [(endpoint: String, reply: HashKVResponse)]) {
    for (endpoint, reply) in list {
      header(reply.header)
      quoted("Endpoint", endpoint)
      field("Hash", reply.hash)
      Output.line("")
    }
  }

  func moveLeader(from: UInt64, to: UInt64, _ reply: MoveLeaderResponse) throws(Failure) { throw unsupported }

  func alarm(_ reply: AlarmResponse) {
    header(reply.header)
    for member in reply.alarms {
      field("MemberID", member.memberID)
      field("AlarmType", member.alarm.text)
      Output.line("")
    }
  }

  func snapshot(_ status: SnapshotStatus) {
    field("Hash", status.hash)
    field("Revision", status.revision)
    field("Keys", status.totalKeys)
    field("Size", status.totalBytes)
  }

  // MARK: Users and roles

  func userAdd(_ user: String, _ reply: AuthUserAddResponse) { header(reply.header) }
  func userDelete(_ user: String, _ reply: AuthUserDeleteResponse) { header(reply.header) }
  func userChangePassword(_ reply: AuthUserChangePasswordResponse) { header(reply.header) }
  func userGrantRole(_ user: String, _ role: String, _ reply: AuthUserGrantRoleResponse) {
    header(reply.header)
  }
  func userRevokeRole(_ user: String, _ role: String, _ reply: AuthUserRevokeRoleResponse) {
    header(reply.header)
  }
  func roleAdd(_ role: String, _ reply: AuthRoleAddResponse) { header(reply.header) }
  func roleDelete(_ role: String, _ reply: AuthRoleDeleteResponse) { header(reply.header) }
  func roleGrantPermission(_ role: String, _ reply: AuthRoleGrantPermissionResponse) { header(reply.header) }
  func roleRevokePermission(
    _ role: String, _ key: Bytes, _ end: Bytes, _ reply: AuthRoleRevokePermissionResponse
  ) { header(reply.header) }

  func roleGet(_ role: String, _ reply: AuthRoleGetResponse) {
    header(reply.header)
    for permission in reply.perm {
      let kind = Permission.Kind.jsonNames.first { $0.number == permission.permType.rawValue }?.name ?? ""
      field("PermType", " \(kind)")  // the original's extra blank
      quoted("Key", permission.key)
      quoted("RangeEnd", permission.rangeEnd)
    }
  }

  func roleList(_ reply: AuthRoleListResponse) {
    header(reply.header)
    Output.line("\"Roles\" :" + reply.roles.map { " \(GoText.quoted($0.bytes))" }.joined())
  }
}
