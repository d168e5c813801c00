import Base
import Wire

// Whether a request is allowed. As etcd 3.4: auth/store.go, isOpPermitted and IsAdminPermitted.

extension AuthStore {
  enum Access { case read, write }

  package func checkRead(_ who: Credential, key: Bytes, rangeEnd: Bytes) throws(RPCStatus) {
    try check(who, .read, key: key, rangeEnd: rangeEnd)
  }

  func check(_ who: Credential, _ access: Access, key: Bytes, rangeEnd: Bytes = []) throws(RPCStatus) {
    guard isEnabled else { return }
    guard let permissions = try permissions(of: who) else { return }
    let intervals = access == .read ? permissions.read : permissions.write
    if !intervals.contains(key: key, rangeEnd: rangeEnd) { throw .permissionDenied }
  }

  /// What `who` may do; nil for everything.
  private func permissions(of who: Credential) throws(RPCStatus) -> Permissions? {
    if who.revision == 0 { throw .userEmpty }
    if who.revision < revision { throw .authOldRevision }
    let key = Key(who.user)
    guard let user = users[key] else { throw .permissionDenied }
    return user.isRoot ? nil : permissions(of: key, user)
  }

  /// Refuses whoever has not the role root.
  package func checkAdmin(_ who: Credential) throws(RPCStatus) {
    guard isEnabled else { return }
    if who.user.isEmpty { throw .userEmpty }
    guard let user = users[Key(who.user)] else { throw .userNotFound }
    guard user.isRoot else { throw .permissionDenied }
  }

  func isAdmin(_ who: Credential) -> Bool {
    guard isEnabled else { return true }
    return users[Key(who.user)]?.isRoot ?? false
  }

  /// Every one of the keys must be accessible.
  private func check(_ who: Credential, _ access: Access, keys: some Sequence<Key>) throws(RPCStatus) {
    guard let permissions = try permissions(of: who) else { return }
    let intervals = access == .read ? permissions.read : permissions.write
    if intervals.holdsEverything { return }
    for key in keys where !intervals.contains(key.bytes) { throw .permissionDenied }
  }

  // MARK: Leases

  /// Who may not write a lease's keys may neither end nor renew nor use it.
  /// As etcd 3.4.45: etcdserver/apply_auth.go, checkLeasePuts.
  package func checkLeaseWrite(_ who: Credential, _ id: LeaseID, _ lessor: Lessor) throws(RPCStatus) {
    try checkKeys(of: id, who, .write, lessor)
  }

  /// As etcd 3.4.45: etcdserver/v3_server.go, checkLeaseTimeToLive.
  package func checkLeaseRead(_ who: Credential, _ id: LeaseID, _ lessor: Lessor) throws(RPCStatus) {
    try checkKeys(of: id, who, .read, lessor)
  }

  private func checkKeys(
    of id: LeaseID, _ who: Credential, _ access: Access, _ lessor: Lessor
  ) throws(RPCStatus) {
    if isAdmin(who) { return }
    guard let keys = lessor.leases[id]?.keys, !keys.isEmpty else { return }
    try check(who, access, keys: keys)
  }

  /// A list of all leases shows what hangs on them. As etcd 3.4.45: etcdserver/v3_server.go, checkLeaseLeases.
  package func checkLeaseList(_ who: Credential, _ lessor: Lessor) throws(RPCStatus) {
    if isAdmin(who) { return }
    for lease in lessor.leases.values where !lease.keys.isEmpty { try check(who, .read, keys: lease.keys) }
  }

  // MARK: Requests

  func check(_ who: Credential, _ put: PutRequest, _ lessor: Lessor) throws(RPCStatus) {
    try check(who, .write, key: put.key)
    if put.lease != 0 { try checkLeaseWrite(who, LeaseID(put.lease), lessor) }
    if put.prevKv { try check(who, .read, key: put.key) }
  }

  func check(_ who: Credential, _ delete: DeleteRangeRequest) throws(RPCStatus) {
    try check(who, .write, key: delete.key, rangeEnd: delete.rangeEnd)
    if delete.prevKv { try check(who, .read, key: delete.key, rangeEnd: delete.rangeEnd) }
  }

  /// A transaction with everything nested in it. As etcd 3.4.45: etcdserver/apply_auth.go, checkTxnAuth.
  ///
  /// - Parameter passesOverRanges: leave out the outermost ranges, as members of 3.4 do that did not propose it.
  package func check(
    _ who: Credential, _ txn: TxnRequest, _ lessor: Lessor, passesOverRanges: Bool = false
  ) throws(RPCStatus) {
    for compare in txn.compare { try check(who, .read, key: compare.key, rangeEnd: compare.rangeEnd) }
    for operations in [txn.success, txn.failure] {
      for operation in operations {
        switch operation.request {
        case .requestRange(let range):
          if !passesOverRanges { try check(who, .read, key: range.key, rangeEnd: range.rangeEnd) }
        case .requestPut(let put): try check(who, put, lessor)
        case .requestDeleteRange(let delete): try check(who, delete)
        case .requestTxn(let nested): try check(who, nested, lessor)
        case nil: break
        }
      }
    }
  }
}
