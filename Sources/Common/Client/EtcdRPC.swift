import Base
import Wire

/// etcd's unary methods, and which of them may be repeated. As etcd 3.4: clientv3/retry.go.
package enum EtcdRPC {
  package static let range = Unary<RangeRequest, RangeResponse>("etcdserverpb.KV/Range", .repeatable)
  package static let put = Unary<PutRequest, PutResponse>("etcdserverpb.KV/Put")
  package static let deleteRange = Unary<DeleteRangeRequest, DeleteRangeResponse>("etcdserverpb.KV/DeleteRange")
  package static let txn = Unary<TxnRequest, TxnResponse>("etcdserverpb.KV/Txn")
  package static let compact = Unary<CompactionRequest, CompactionResponse>("etcdserverpb.KV/Compact")

  package static let leaseGrant = Unary<LeaseGrantRequest, LeaseGrantResponse>(
    "etcdserverpb.Lease/LeaseGrant", .repeatable)
  package static let leaseRevoke = Unary<LeaseRevokeRequest, LeaseRevokeResponse>(
    "etcdserverpb.Lease/LeaseRevoke", .repeatable)
  package static let leaseTimeToLive = Unary<LeaseTimeToLiveRequest, LeaseTimeToLiveResponse>(
    "etcdserverpb.Lease/LeaseTimeToLive", .repeatable)
  package static let leaseLeases = Unary<LeaseLeasesRequest, LeaseLeasesResponse>(
    "etcdserverpb.Lease/LeaseLeases", .repeatable)

  package static let memberAdd = Unary<MemberAddRequest, MemberAddResponse>("etcdserverpb.Cluster/MemberAdd")
  package static let memberRemove = Unary<MemberRemoveRequest, MemberRemoveResponse>(
    "etcdserverpb.Cluster/MemberRemove")
  package static let memberUpdate = Unary<MemberUpdateRequest, MemberUpdateResponse>(
    "etcdserverpb.Cluster/MemberUpdate")
  package static let memberPromote = Unary<MemberPromoteRequest, MemberPromoteResponse>(
    "etcdserverpb.Cluster/MemberPromote")
  package static let memberList = Unary<MemberListRequest, MemberListResponse>(
    "etcdserverpb.Cluster/MemberList", .repeatable)

  package static let alarm = Unary<AlarmRequest, AlarmResponse>("etcdserverpb.Maintenance/Alarm", .repeatable)
  package static let status = Unary<StatusRequest, StatusResponse>(
    "etcdserverpb.Maintenance/Status", .repeatable)
  package static let defragment = Unary<DefragmentRequest, DefragmentResponse>(
    "etcdserverpb.Maintenance/Defragment")
  package static let hashKV = Unary<HashKVRequest, HashKVResponse>(
    "etcdserverpb.Maintenance/HashKV", .repeatable)
  package static let moveLeader = Unary<MoveLeaderRequest, MoveLeaderResponse>(
    "etcdserverpb.Maintenance/MoveLeader", .repeatable)

  package static let authEnable = Unary<AuthEnableRequest, AuthEnableResponse>("etcdserverpb.Auth/AuthEnable")
  package static let authDisable = Unary<AuthDisableRequest, AuthDisableResponse>(
    "etcdserverpb.Auth/AuthDisable")
  package static let authenticate = Unary<AuthenticateRequest, AuthenticateResponse>(
    "etcdserverpb.Auth/Authenticate")
  package static let userAdd = Unary<AuthUserAddRequest, AuthUserAddResponse>("etcdserverpb.Auth/UserAdd")
  package static let userGet = Unary<AuthUserGetRequest, AuthUserGetResponse>(
    "etcdserverpb.Auth/UserGet", .repeatable)
  package static let userList = Unary<AuthUserListRequest, AuthUserListResponse>(
    "etcdserverpb.Auth/UserList", .repeatable)
  package static let userDelete = Unary<AuthUserDeleteRequest, AuthUserDeleteResponse>(
    "etcdserverpb.Auth/UserDelete")
  package static let userChangePassword = Unary<AuthUserChangePasswordRequest, AuthUserChangePasswordResponse>(
    "etcdserverpb.Auth/UserChangePassword")
  package static let userGrantRole = Unary<AuthUserGrantRoleRequest, AuthUserGrantRoleResponse>(
    "etcdserverpb.Auth/UserGrantRole")
  package static let userRevokeRole = Unary<AuthUserRevokeRoleRequest, AuthUserRevokeRoleResponse>(
    "etcdserverpb.Auth/UserRevokeRole")
  package static let roleAdd = Unary<AuthRoleAddRequest, AuthRoleAddResponse>("etcdserverpb.Auth/RoleAdd")
  package static let roleGet = Unary<AuthRoleGetRequest, AuthRoleGetResponse>(
    "etcdserverpb.Auth/RoleGet", .repeatable)
  package static let roleList = Unary<AuthRoleListRequest, AuthRoleListResponse>(
    "etcdserverpb.Auth/RoleList", .repeatable)
  package static let roleDelete = Unary<AuthRoleDeleteRequest, AuthRoleDeleteResponse>(
    "etcdserverpb.Auth/RoleDelete")
  package static let roleGrantPermission =
    Unary<AuthRoleGrantPermissionRequest, AuthRoleGrantPermissionResponse>(
      "etcdserverpb.Auth/RoleGrantPermission")
  package static let roleRevokePermission =
    Unary<AuthRoleRevokePermissionRequest, AuthRoleRevokePermissionResponse>(
      "etcdserverpb.Auth/RoleRevokePermission")

  package static let snapshot = streamed("etcdserverpb.Maintenance/Snapshot")
  package static let watch = streamed("etcdserverpb.Watch/Watch")
  package static let leaseKeepAlive = streamed("etcdserverpb.Lease/LeaseKeepAlive")

  private static func streamed(_ path: String) -> Wire.Method {
    guard let method = Wire.Method.at("/" + path) else { broken("no method \(path)") }
    return method
  }
}
