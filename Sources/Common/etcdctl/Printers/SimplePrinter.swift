import Base
import Storage
import Wire

/// `-w simple`: for people and shell scripts. As etcd 3.4: etcdctl/ctlv3/command/printer_simple.go.
struct SimplePrinter: Printer {
  let name = "simple"
  var isHex = false
  var valuesOnly = false

  // MARK: Keys

  private func show(_ bytes: Bytes) {
    Output.line(isHex ? bytes.map { "\\x" + hex([$0]) }.joined().bytes : bytes)
  }

  private func show(_ pair: KeyValue) {
    if !valuesOnly { show(pair.key) }
    show(pair.value)
  }

  func get(_ reply: RangeResponse) { for pair in reply.kvs { show(pair) } }
  func pages() -> any RangePages { SimplePages(printer: self) }

  func put(_ reply: PutResponse) {
    Output.line("OK")
    if let pair = reply.prevKv { show(pair) }
  }

  func delete(_ reply: DeleteRangeResponse) {
    Output.line("\(reply.deleted)")
    for pair in reply.prevKvs { show(pair) }
  }

  func txn(_ reply: TxnResponse) {
    Output.line(reply.succeeded ? "SUCCESS" : "FAILURE")
    for operation in reply.responses {
      Output.line("")
      switch operation.response {
      case .responseDeleteRange(let reply): delete(reply)
      case .responsePut(let reply): put(reply)
      case .responseRange(let reply): get(reply)
      case .responseTxn, nil: Output.line("unexpected response")
      }
    }
  }

  func watch(_ reply: WatchResponse) {
    for event in reply.events {
      Output.line(event.typeName)
      if let pair = event.prevKv { show(pair) }
      show(event.kv ?? KeyValue())
    }
  }

  // MARK: Leases

  func grant(_ reply: LeaseGrantResponse) {
    Output.line("lease \(leaseText(reply.id)) granted with TTL(\(reply.ttl)s)")
  }
  func revoke(_ id: Int64, _ reply: LeaseRevokeResponse) { Output.line("lease \(leaseText(id)) revoked") }
  func keepAlive(_ reply: LeaseKeepAliveResponse) {
    Output.line("lease \(leaseText(reply.id)) keepalived with TTL(\(reply.ttl))")
  }

  func timeToLive(_ reply: LeaseTimeToLiveResponse, keys: Bool) {
    let lease = "lease \(leaseText(reply.id))"
    if reply.grantedTTL == 0, reply.ttl == -1 { return Output.line("\(lease) already expired") }
    Output.write("\(lease) granted with TTL(\(reply.grantedTTL)s), remaining(\(reply.ttl)s)")
    if keys {
      Output.write(", attached keys([")
      for (index, key) in reply.keys.enumerated() {
        if index > 0 { Output.write(" ") }
        Output.write(key)
      }
      Output.write("])")
    }
    Output.line("")
  }

  func leases(_ reply: LeaseLeasesResponse) {
    Output.line("found \(reply.leases.count) leases")
    for lease in reply.leases { Output.line(leaseText(lease.id)) }
  }

  // MARK: The cluster

  private func joined(_ row: [String]) { Output.line(row.joined(separator: ", ")) }

  /// Sixteen wide, with blanks in front as Go's %16x.
  private func wide(_ id: UInt64) -> String {
    let digits = hexText(id)
    return String(repeating: " ", count: max(0, 16 - digits.count)) + digits
  }

  func memberAdd(_ reply: MemberAddResponse) {
    Output.line("Member \(wide(reply.member?.id ?? 0)) added to cluster \(wide(reply.header?.clusterID ?? 0))")
  }
  func memberRemove(_ id: UInt64, _ reply: MemberRemoveResponse) {
    Output.line("Member \(wide(id)) removed from cluster \(wide(reply.header?.clusterID ?? 0))")
  }
  func memberUpdate(_ id: UInt64, _ reply: MemberUpdateResponse) {
    Output.line("Member \(wide(id)) updated in cluster \(wide(reply.header?.clusterID ?? 0))")
  }
  func memberPromote(_ id: UInt64, _ reply: MemberPromoteResponse) {
    Output.line("Member \(wide(id)) promoted in cluster \(wide(reply.header?.clusterID ?? 0))")
  }
  func memberList(_ reply: MemberListResponse) { for row in Rows.members(reply) { joined(row) } }

  /// On standard error, as the original.
  func health(_ list: [EndpointHealth]) {
    for item in list {
      if item.error.isEmpty {
        Output.errorLine(
          "\(item.endpoint) is healthy: successfully committed proposal: took = \(item.took)")
      } else {
        Output.errorLine("\(item.endpoint) is unhealthy: failed to commit proposal: \(item.error)")
      }
    }
  }

  func status(_ list: [(endpoint: String, reply: StatusResponse)]) {
    for row in Rows.status(list) { joined(row) }
  }
  func hashKV(_ list: [(endpoint: String, reply: HashKVResponse)]) {
    for row in Rows.hashes(list) { joined(row) }
  }

  func moveLeader(from: UInt64, to: UInt64, _ reply: MoveLeaderResponse) {
    Output.line("Leadership transferred from \(hexText(from)) to \(hexText(to))")
  }

  func alarm(_ reply: AlarmResponse) {
    for member in reply.alarms {
      var text = ""
      if member.memberID != 0 { text += "memberID:\(member.memberID) " }
      if member.alarm.rawValue != 0 { text += "alarm:\(member.alarm.text) " }
      Output.line(text)
    }
  }

  func snapshot(_ status: SnapshotStatus) { joined(Rows.snapshot(status)) }

  func checkSpace() {}
  func space(_ report: SpaceReport) {
    joined(SpaceReport.memberHeader)
    for row in report.memberRows() { joined(row) }
    Output.line("")
    for line in report.summary() { Output.line(line) }
    guard report.keys != nil else { return }
    Output.line("")
    joined(SpaceReport.prefixHeader)
    for row in report.prefixRows() { joined(row) }
  }
}

extension KVEvent {
  var typeName: String { type == .delete ? "DELETE" : "PUT" }
}

extension AlarmType {
  var text: String { AlarmType.jsonNames.first { $0.number == rawValue }?.name ?? "\(rawValue)" }
}
