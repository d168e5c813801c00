import Base
import Storage
import Testing
import Wire

@testable import Machine

/// A machine fed with entries, as members feed it.
private final class Replica {
  private(set) var backend = MemoryBackend()
  private(set) var machine: Machine
  private var index: UInt64 = 0
  var who = Credential.nobody

  init() { machine = Self.machine(backend) }

  private static func machine(_ backend: MemoryBackend) -> Machine {
    let tree = V2Store()
    var options = Machine.Options(quota: Quota(quotaBackendBytes: -1), seed: 1)
    options.hashPassword = { "hash of \($0)".bytes }
    return Machine(
      backend: backend, v2: tree, roster: Roster(clusterID: ClusterID(1), tree: tree, backend: backend),
      options: options)
  }

  func restart() {
    backend.commitAndWait()
    backend = backend.reopened()
    machine = Self.machine(backend)
  }

  @discardableResult
  func apply(_ body: InternalRaftRequest.Body) -> Answer {
    index += 1
    let header = RequestHeader(id: index, username: who.user, authRevision: who.revision)
    let entry = Entry(term: 1, index: index, data: InternalRaftRequest(body: body, header: header).encoded())
    return machine.apply(entry, now: Instant(nanoseconds: 0)) { _ in true }.answer
  }

  func refusal(_ body: InternalRaftRequest.Body) -> RPCStatus? {
    if case .failed(let status) = apply(body) { status } else { nil }
  }

  /// From now on entries come in this user's name.
  func become(_ user: String) { who = Credential(user: user, revision: machine.auth.revision) }

  /// Users root and u with a role that may read and write `[a, c)`; on.
  func prepare() {
    apply(.authUserAdd(AuthUserAddRequest(name: "root", password: "x")))
    apply(.authUserGrantRole(AuthUserGrantRoleRequest(user: "root", role: "root")))
    apply(.authUserAdd(AuthUserAddRequest(name: "u", password: "x")))
    apply(.authRoleAdd(AuthRoleAddRequest(name: "r")))
    grant("r", .readwrite, "a", "c")
    apply(.authUserGrantRole(AuthUserGrantRoleRequest(user: "u", role: "r")))
    apply(.authEnable(AuthEnableRequest()))
  }

  @discardableResult
  func grant(_ role: String, _ kind: Permission.Kind, _ key: String, _ end: String = "") -> Answer {
    apply(
      .authRoleGrantPermission(
        AuthRoleGrantPermissionRequest(
          name: role, perm: Permission(permType: kind, key: key.bytes, rangeEnd: end.bytes))))
  }
}

@Suite struct AuthTests {
  private func put(_ key: String, prevKv: Bool = false, lease: Int64 = 0) -> InternalRaftRequest.Body {
    .put(PutRequest(key: key.bytes, value: "v".bytes, lease: lease, prevKv: prevKv))
  }

  @Test("rows are those of etcd: names as keys, options always there, the revision in big-endian")
  func rows() {
    let replica = Replica()
    #expect(replica.backend.get(.auth, "authRevision".bytes) == [0, 0, 0, 0, 0, 0, 0, 1])
    replica.prepare()
    #expect(replica.backend.get(.auth, "authRevision".bytes) == [0, 0, 0, 0, 0, 0, 0, 7])
    #expect(replica.backend.get(.auth, "authEnabled".bytes) == [1])
    let user = AuthUser(name: "u".bytes, password: "hash of x".bytes, roles: ["r"], options: UserAddOptions())
    #expect(replica.backend.get(.authUsers, "u".bytes) == user.encoded())
    #expect(user.encoded().suffix(2) == [0x22, 0])
    #expect(replica.backend.get(.authRoles, "r".bytes)?.isEmpty == false)
  }

  @Test("a hash that came with the request is stored, whatever the password says")
  func readyHash() {
    let replica = Replica()
    replica.apply(.authUserAdd(AuthUserAddRequest(name: "u", password: "stand-in", hashedPassword: "h")))
    #expect(replica.machine.auth.users[Key("u")]?.record.password == "h".bytes)
  }

  @Test("the entry's user is judged by the rights at that moment")
  func judged() {
    let replica = Replica()
    replica.prepare()
    #expect(replica.refusal(put("a")) == .userEmpty)
    replica.become("u")
    #expect(replica.refusal(put("a", prevKv: true)) == nil)
    #expect(replica.refusal(put("c")) == .permissionDenied)
    #expect(replica.refusal(.authUserList(AuthUserListRequest())) == .permissionDenied)
    let before = replica.who
    replica.become("root")
    replica.apply(.authUserRevokeRole(AuthUserRevokeRoleRequest(name: "u", role: "r")))
    replica.who = before
    #expect(replica.refusal(put("a")) == .authOldRevision)
    replica.become("u")
    #expect(replica.refusal(put("a")) == .permissionDenied)
    replica.become("stranger")
    #expect(replica.refusal(put("a")) == .permissionDenied)
    #expect(replica.refusal(.authUserList(AuthUserListRequest())) == .userNotFound)
  }

  @Test("nothing is allowed by a full store: the user is judged all the same")
  func underAlarm() {
    let replica = Replica()
    replica.prepare()
    replica.apply(.alarm(AlarmRequest(action: .activate, memberID: 1, alarm: .nospace)))
    #expect(replica.refusal(.authDisable(AuthDisableRequest())) == .userEmpty)
    #expect(replica.refusal(.deleteRange(DeleteRangeRequest(key: "a".bytes))) == .userEmpty)
  }

  @Test("nested operations are judged, their previous values and leases too")
  func nested() {
    let replica = Replica()
    replica.prepare()
    replica.become("root")
    replica.grant("r", .write, "w")
    replica.become("root")
    replica.apply(.leaseGrant(LeaseGrantRequest(ttl: 60, id: 9)))
    replica.apply(put("z", lease: 9))
    replica.become("u")
    func txn(_ operations: [RequestOp]) -> InternalRaftRequest.Body {
      .txn(TxnRequest(success: [op(txn: TxnRequest(success: operations))]))
    }
    #expect(replica.refusal(txn([op(put: "a", "v"), op(put: "w", "v")])) == nil)
    #expect(replica.refusal(txn([op(put: "z", "v")])) == .permissionDenied)
    #expect(replica.refusal(txn([op(get: "w")])) == .permissionDenied)
    let previous = PutRequest(key: "w".bytes, prevKv: true)
    #expect(replica.refusal(txn([RequestOp(request: .requestPut(previous))])) == .permissionDenied)
    let leased = PutRequest(key: "a".bytes, lease: 9)
    #expect(replica.refusal(txn([RequestOp(request: .requestPut(leased))])) == .permissionDenied)
    #expect(replica.refusal(.leaseRevoke(LeaseRevokeRequest(id: 9))) == .permissionDenied)
    replica.become("root")
    #expect(replica.refusal(.leaseRevoke(LeaseRevokeRequest(id: 9))) == nil)
  }

  @Test("a token is the proposer's letters and the entry's number, good until user or authentication go")
  func tokens() {
    let replica = Replica()
    replica.prepare()
    func signIn() -> String? {
      if case .signedIn(_, let token) = replica.apply(
        .authenticate(InternalAuthenticateRequest(name: "u", simpleToken: "letters")))
      {
        token
      } else {
        nil
      }
    }
    let now = Instant(nanoseconds: 1)
    let first = signIn()
    #expect(first == "letters.\(replica.backend.consistentIndex)")
    #expect(replica.machine.auth.credential(ofToken: first ?? "", now: now)?.user == "u")
    replica.become("root")
    replica.apply(.authUserChangePassword(AuthUserChangePasswordRequest(name: "u", password: "y")))
    #expect(replica.machine.auth.credential(ofToken: first ?? "", now: now) == nil)
    let second = signIn()
    replica.become("root")
    replica.apply(.authDisable(AuthDisableRequest()))
    #expect(replica.machine.auth.credential(ofToken: second ?? "", now: now) == nil)
    #expect(
      replica.refusal(.authenticate(InternalAuthenticateRequest(name: "u", simpleToken: "letters")))
        == .authNotEnabled)
  }

  @Test("everything is there again after a start, but the tokens")
  func restart() {
    let replica = Replica()
    replica.prepare()
    let revision = replica.machine.auth.revision
    replica.restart()
    #expect(replica.machine.auth.isEnabled)
    #expect(replica.machine.auth.revision == revision)
    replica.become("u")
    #expect(replica.refusal(put("b")) == nil)
    #expect(replica.refusal(put("c")) == .permissionDenied)
  }

  @Test("names that only look alike are two")
  func spellings() {
    let replica = Replica()
    #expect(replica.refusal(.authUserAdd(AuthUserAddRequest(name: "\u{e9}", password: "x"))) == nil)
    #expect(replica.refusal(.authUserAdd(AuthUserAddRequest(name: "e\u{301}", password: "x"))) == nil)
    #expect(replica.machine.auth.users.count == 2)
  }

  @Test("of a transaction on a member beside others of 3.4 the outermost ranges are passed over")
  func passingOver() {
    let replica = Replica()
    replica.prepare()
    replica.become("u")
    let request = TxnRequest(success: [op(get: "z"), op(put: "a", "v")])
    #expect(replica.refusal(.txn(request)) == .permissionDenied)
    let (auth, lessor) = (replica.machine.auth, replica.machine.lessor)
    let strict = refusal { () throws(RPCStatus) in try auth.check(replica.who, request, lessor) }
    #expect(strict == .permissionDenied)
    let lenient = refusal { () throws(RPCStatus) in
      try auth.check(replica.who, request, lessor, passesOverRanges: true)
    }
    #expect(lenient == nil)
  }
}
