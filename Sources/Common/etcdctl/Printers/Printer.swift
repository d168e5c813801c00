import Base
import Storage
import Wire

/// The health of an endpoint.
struct EndpointHealth {
  var endpoint: String
  var isHealthy: Bool
  var took = ""
  var error = ""
}

/// One form of output. Forms that have none for a reply refuse it: `table not supported as output format`.
/// As etcd 3.4: etcdctl/ctlv3/command/printer.go.
protocol Printer {
  var name: String { get }
  /// A reply without a form of its own.
  func message(_ reply: some JSONMessage) throws(Failure)

  func get(_ reply: RangeResponse) throws(Failure)
  /// The same for a range that comes in pages.
  func pages() throws(Failure) -> any RangePages
  func put(_ reply: PutResponse) throws(Failure)
  func delete(_ reply: DeleteRangeResponse) throws(Failure)
  func txn(_ reply: TxnResponse) throws(Failure)
  func watch(_ reply: WatchResponse) throws(Failure)

  func grant(_ reply: LeaseGrantResponse) throws(Failure)
  func revoke(_ id: Int64, _ reply: LeaseRevokeResponse) throws(Failure)
  func keepAlive(_ reply: LeaseKeepAliveResponse) throws(Failure)
  func timeToLive(_ reply: LeaseTimeToLiveResponse, keys: Bool) throws(Failure)
  func leases(_ reply: LeaseLeasesResponse) throws(Failure)

  func memberAdd(_ reply: MemberAddResponse) throws(Failure)
  func memberRemove(_ id: UInt64, _ reply: MemberRemoveResponse) throws(Failure)
  func memberUpdate(_ id: UInt64, _ reply: MemberUpdateResponse) throws(Failure)
  func memberPromote(_ id: UInt64, _ reply: MemberPromoteResponse) throws(Failure)
  func memberList(_ reply: MemberListResponse) throws(Failure)

  func health(_ list: [EndpointHealth]) throws(Failure)
  func status(_ list: [(endpoint: String, reply: StatusResponse)]) throws(Failure)
  func hashKV(_ list: [(endpoint: String, reply: HashKVResponse)]) throws(Failure)
  func moveLeader(from: UInt64, to: UInt64, _ reply: MoveLeaderResponse) throws(Failure)
  func alarm(_ reply: AlarmResponse) throws(Failure)
  func snapshot(_ status: SnapshotStatus) throws(Failure)
  func space(_ report: SpaceReport) throws(Failure)
  /// Throws where there is no form for `space`.
  func checkSpace() throws(Failure)

  func userAdd(_ user: String, _ reply: AuthUserAddResponse) throws(Failure)
  func userGet(_ user: String, _ reply: AuthUserGetResponse) throws(Failure)
  func userList(_ reply: AuthUserListResponse) throws(Failure)
  func userDelete(_ user: String, _ reply: AuthUserDeleteResponse) throws(Failure)
  func userChangePassword(_ reply: AuthUserChangePasswordResponse) throws(Failure)
  func userGrantRole(_ user: String, _ role: String, _ reply: AuthUserGrantRoleResponse) throws(Failure)
  func userRevokeRole(_ user: String, _ role: String, _ reply: AuthUserRevokeRoleResponse) throws(Failure)
  func roleAdd(_ role: String, _ reply: AuthRoleAddResponse) throws(Failure)
  func roleGet(_ role: String, _ reply: AuthRoleGetResponse) throws(Failure)
  func roleList(_ reply: AuthRoleListResponse) throws(Failure)
  func roleDelete(_ role: String, _ reply: AuthRoleDeleteResponse) throws(Failure)
  func roleGrantPermission(_ role: String, _ reply: AuthRoleGrantPermissionResponse) throws(Failure)
  func roleRevokePermission(
    _ role: String, _ key: Bytes, _ end: Bytes, _ reply: AuthRoleRevokePermissionResponse) throws(Failure)
}

extension Printer {
  var unsupported: Failure { Failure(.badFeature, "\(name) not supported as output format") }

  func message(_ reply: some JSONMessage) throws(Failure) { throw unsupported }

  func get(_ reply: RangeResponse) throws(Failure) { try message(reply) }
  func pages() throws(Failure) -> any RangePages { throw unsupported }
  func put(_ reply: PutResponse) throws(Failure) { try message(reply) }
  func delete(_ reply: DeleteRangeResponse) throws(Failure) { try message(reply) }
  func txn(_ reply: TxnResponse) throws(Failure) { try message(reply) }
  func watch(_ reply: WatchResponse) throws(Failure) { try message(reply) }
  func grant(_ reply: LeaseGrantResponse) throws(Failure) { try message(reply) }
  func revoke(_ id: Int64, _ reply: LeaseRevokeResponse) throws(Failure) { try message(reply) }
  func keepAlive(_ reply: LeaseKeepAliveResponse) throws(Failure) { try message(reply) }
  func timeToLive(_ reply: LeaseTimeToLiveResponse, keys: Bool) throws(Failure) { try message(reply) }
  func leases(_ reply: LeaseLeasesResponse) throws(Failure) { try message(reply) }
  func memberAdd(_ reply: MemberAddResponse) throws(Failure) { try message(reply) }
  func memberRemove(_ id: UInt64, _ reply: MemberRemoveResponse) throws(Failure) { try message(reply) }
  func memberUpdate(_ id: UInt64, _ reply: MemberUpdateResponse) throws(Failure) { try message(reply) }
  func memberPromote(_ id: UInt64, _ reply: MemberPromoteResponse) throws(Failure) { try message(reply) }
  func memberList(_ reply: MemberListResponse) throws(Failure) { try message(reply) }
  func health(_ list: [EndpointHealth]) throws(Failure) { throw unsupported }
  func status(_ list: [(endpoint: String, reply: StatusResponse)]) throws(Failure) { throw unsupported }
  func hashKV(_ list: [(endpoint: String, reply: HashKVResponse)]) throws(Failure) { throw unsupported }
  func moveLeader(from: UInt64, to: UInt64, _ reply: MoveLeaderResponse) throws(Failure) { try message(reply) }
  func alarm(_ reply: AlarmResponse) throws(Failure) { try message(reply) }
  func snapshot(_ status: SnapshotStatus) throws(Failure) { throw unsupported }
  func space(_ report: SpaceReport) throws(Failure) { throw unsupported }
  func checkSpace() throws(Failure) { throw unsupported }
  func userAdd(_ user: String, _ reply: AuthUserAddResponse) throws(Failure) { try message(reply) }
  func userGet(_ user: String, _ reply: AuthUserGetResponse) throws(Failure) { try message(reply) }
  func userList(_ reply: AuthUserListResponse) throws(Failure) { try message(reply) }
  func userDelete(_ user: String, _ reply: AuthUserDeleteResponse) throws(Failure) { try message(reply) }
  func userChangePassword(_ reply: AuthUserChangePasswordResponse) throws(Failure) { try message(reply) }
  func userGrantRole(_ user: String, _ role: String, _ reply: AuthUserGrantRoleResponse) throws(Failure) {
    try message(reply)
  }
  func userRevokeRole(_ user: String, _ role: String, _ reply: AuthUserRevokeRoleResponse) throws(Failure) {
    try message(reply)
  }
  func roleAdd(_ role: String, _ reply: AuthRoleAddResponse) throws(Failure) { try message(reply) }
  func roleGet(_ role: String, _ reply: AuthRoleGetResponse) throws(Failure) { try message(reply) }
  func roleList(_ reply: AuthRoleListResponse) throws(Failure) { try message(reply) }
  func roleDelete(_ role: String, _ reply: AuthRoleDeleteResponse) throws(Failure) { try message(reply) }
  func roleGrantPermission(_ role: String, _ reply: AuthRoleGrantPermissionResponse) throws(Failure) {
    try message(reply)
  }
  func roleRevokePermission(
    _ role: String, _ key: Bytes, _ end: Bytes, _ reply: AuthRoleRevokePermissionResponse
  ) throws(Failure) { try message(reply) }
}

/// A member's, lease's or store's number in hex.
func hexText(_ value: UInt64) -> String { String(value, radix: 16) }
func leaseText(_ id: Int64) -> String {
  // Go's %016x puts a sign in front of negative numbers.
  id < 0 ? "-" + hex16(id.magnitude).dropFirst() : hex16(UInt64(id))
}
