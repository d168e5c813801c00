import Base
import Storage
import Wire

// Entries under authentication: whether the one who proposed them may, and those that change users and roles.
// As etcd 3.4: etcdserver/apply_auth.go.

extension Machine {
  /// Judges an entry by the credential in its header, on every member alike; called only while authentication is on.
  ///
  /// Compactions, grants of leases and alarms are judged at the door of the member that proposes them, as 3.4.45 does:
  /// members of 3.4 propose some of these in nobody's name.
  func permit(_ body: InternalRaftRequest.Body, _ header: RequestHeader?) throws(RPCStatus) {
    let who = header.map { Credential(user: $0.username, revision: $0.authRevision) } ?? .nobody
    switch body {
    case .put(let put): try auth.check(who, put, lessor)
    case .range(let range): try auth.checkRead(who, key: range.key, rangeEnd: range.rangeEnd)
    case .deleteRange(let delete): try auth.check(who, delete)
    case .txn(let txn): try auth.check(who, txn, lessor, passesOverRanges: passesOverTopLevelRanges)
    case .leaseRevoke(let revoke): try auth.checkLeaseWrite(who, LeaseID(revoke.id), lessor)
    case .authUserGet(let get): if !who.user.utf8.elementsEqual(get.name.utf8) { try auth.checkAdmin(who) }
    case .authRoleGet(let get): if !auth.has(who, role: get.role) { try auth.checkAdmin(who) }
    case .authEnable, .authDisable, .authStatus, .authUserAdd, .authUserDelete, .authUserChangePassword,
      .authUserGrantRole, .authUserRevokeRole, .authUserList, .authRoleAdd, .authRoleDelete,
      .authRoleGrantPermission, .authRoleRevokePermission, .authRoleList:
      try auth.checkAdmin(who)
    default: break
    }
  }

  /// Applies an entry that concerns users, roles or tokens.
  func applyAuth(_ body: InternalRaftRequest.Body, now: Instant) throws(RPCStatus) -> Answer {
    switch body {
    case .authEnable:
      try auth.enable()
      return .auth(AuthEnableResponse())
    case .authDisable:
      auth.disable()
      return .auth(AuthDisableResponse())
    case .authenticate(let request): return try authenticate(request, now: now)
    case .authUserAdd(let request): return .auth(try auth.addUser(request))
    case .authUserDelete(let request): return .auth(try auth.deleteUser(request))
    case .authUserGet(let request): return .auth(try auth.user(request))
    case .authUserChangePassword(let request): return .auth(try auth.changePassword(request))
    case .authUserGrantRole(let request): return .auth(try auth.grantRole(request))
    case .authUserRevokeRole(let request): return .auth(try auth.revokeRole(request))
    case .authUserList: return .auth(auth.listUsers())
    case .authRoleList: return .auth(auth.listRoles())
    case .authRoleAdd(let request): return .auth(try auth.addRole(request))
    case .authRoleDelete(let request): return .auth(try auth.deleteRole(request))
    case .authRoleGet(let request): return .auth(try auth.role(request))
    case .authRoleGrantPermission(let request): return .auth(try auth.grantPermission(request))
    case .authRoleRevokePermission(let request): return .auth(try auth.revokePermission(request))
    default:
      throw RPCStatus(.unimplemented, "etcdserver: a request of a later etcd in the log of a 3.4 cluster")
    }
  }

  /// The password was checked by the proposer. A simple token ends in the number of its entry, so that no two are
  /// alike and a member that is behind can tell that it is. As etcd 3.4: auth/store.go, Authenticate.
  private func authenticate(
    _ request: InternalAuthenticateRequest, now: Instant
  ) throws(RPCStatus) -> Answer {
    guard auth.isEnabled else { throw .authNotEnabled }
    guard let user = auth.users[Key(request.name)], !user.hasNoPassword else { throw .authFailed }
    let who = Credential(user: request.name, revision: auth.revision)
    switch auth.tokenKind {
    case .simple:
      let token = "\(request.simpleToken).\(backend.consistentIndex)"
      auth.tokens.assign(token, to: request.name, now: now)
      return .signedIn(who, token: token)
    case .signed: return .signedIn(who, token: "")
    case .none: throw .authFailed
    }
  }
}

extension AuthStore {
  /// A user may look at the roles that it has.
  func has(_ who: Credential, role: String) -> Bool {
    users[Key(who.user)]?.record.roles.contains { $0.utf8.elementsEqual(role.utf8) } ?? false
  }
}
