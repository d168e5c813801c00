import Base
import HTTP
import Machine

/// `/v2/auth/…`: users, roles, and whether they count. As etcd 3.4: v2http/client_auth.go.
struct V2AuthPages {
  static let prefix = "/v2/auth"
  unowned let desk: V2Desk
  private var store: V2AuthStore { desk.auth }

  // MARK: On and off

  func enabling(_ call: V2Call) {
    if call.method == .get { return onAndOff(call) }
    asRoot(call) { onAndOff(call) }
  }

  private func onAndOff(_ call: V2Call) {
    call.clusterField = desk.member.clusterID.hex
    switch call.method {
    case .put: store.enable { answer(call, $0) }
    case .delete: store.disable { answer(call, $0) }
    default: call.replyJSON(200, "{\"enabled\":\(store.isEnabled)}\n".bytes)
    }
  }

  private func asRoot(_ call: V2Call, _ body: @escaping () -> Void) {
    desk.guardian.admitRoot(call) { isRoot in
      guard isRoot else { return call.refuse(401, "Insufficient credentials") }
      call.clusterField = desk.member.clusterID.hex
      body()
    }
  }

  /// The name behind `/users` or `/roles`; nil after answering that there is more behind it. Empty for the list.
  private func name(_ call: V2Call) -> String? {
    let pieces = V2Path.clean(V2Path.trimmed(call.path, prefix: Self.prefix)).utf8.split(
      separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    if pieces.count == 2 { return "" }
    if pieces.count == 3 { return String(Substring(pieces[2])) }
    call.refuse(400, "Invalid path")
    return nil
  }

  // MARK: Roles

  func roles(_ call: V2Call) {
    guard let name = name(call) else { return }
    if name.isEmpty { return list(call, roleList) }
    guard allows(call) else { return }
    asRoot(call) {
      switch call.method {
      case .put: putRole(name, call)
      case .delete: store.deleteRole(name) { answer(call, $0) }
      default: answer(call, Self.outcome { () throws(V2AuthStore.Failure) in try store.role(name).json })
      }
    }
  }

  private func roleList() throws(V2AuthStore.Failure) -> Bytes {
    var writer = JSONWriter()
    writer.raw("{\"roles\":[")
    for (place, name) in store.roleNames.enumerated() {
      if place > 0 { writer.raw(",") }
      writer.raw(try store.role(name).json)
    }
    writer.raw("]}")
    return writer.bytes
  }

  private func putRole(_ name: String, _ call: V2Call) {
    guard let json = firstValue(call), let role = try? V2Role(json) else {
      return call.refuse(400, "Invalid JSON in request body.")
    }
    guard role.name == name else {
      return call.refuse(400, "Role JSON name does not match the name in the URL")
    }
    if !role.isChange { return store.create(role) { answer(call, $0.map(\.json), status: 201) } }
    guard role.permissions.isEmpty else {
      return call.refuse(400, "Role JSON contains both permissions and grant/revoke")
    }
    store.update(role) { answer(call, $0.map(\.json)) }
  }

  // MARK: Users

  func users(_ call: V2Call) {
    guard let name = name(call) else { return }
    if name.isEmpty { return list(call, userList) }
    guard allows(call) else { return }
    asRoot(call) {
      switch call.method {
      case .put: putUser(name, call)
      case .delete: store.deleteUser(name) { answer(call, $0) }
      default: answer(call, Self.outcome { () throws(V2AuthStore.Failure) in try userWithRoles(name) })
      }
    }
  }

  private func userWithRoles(_ name: String) throws(V2AuthStore.Failure) -> Bytes {
    let user = try store.user(name)
    var roles: [V2Role] = []
    for role in user.roles ?? [] { roles.append(try store.role(role)) }
    return V2User.json(user.name, roles: roles)
  }

  /// Roles that are gone are left out of the list.
  private func userList() throws(V2AuthStore.Failure) -> Bytes {
    let names = store.userNames
    if names.isEmpty { return "{\"users\":null}".bytes }
    var writer = JSONWriter()
    writer.raw("{\"users\":[")
    for (place, name) in names.enumerated() {
      if place > 0 { writer.raw(",") }
      let user = try store.user(name)
      writer.raw(V2User.json(user.name, roles: (user.roles ?? []).compactMap { try? store.role($0) }))
    }
    writer.raw("]}")
    return writer.bytes
  }

  private func putUser(_ name: String, _ call: V2Call) {
    guard let json = firstValue(call), let user = try? V2User(json) else {
      return call.refuse(400, "Invalid JSON in request body.")
    }
    guard user.name == name else {
      return call.refuse(400, "User JSON name does not match the name in the URL")
    }
    func told(_ outcome: V2AuthStore.Outcome<V2User>, _ status: Int) {
      let shown = outcome.map { user in
        var user = user
        user.password = ""
        return user.json
      }
      answer(call, shown, status: status)
    }
    if user.isChange {
      if user.hasRoles { return call.refuse(400, "User JSON contains both roles and grant/revoke") }
      store.update(user) { told($0, 200) }
    } else if user.hasRoles {
      store.create(user) { told($0, 200) }
    } else {
      store.createOrUpdate(user) { told($0, $1 ? 201 : 200) }
    }
  }

  // MARK: Parts

  private func list(_ call: V2Call, _ make: @escaping () throws(V2AuthStore.Failure) -> Bytes) {
    guard call.method == .get else { return call.refusePlainly(405, "Method Not Allowed\n", ["allow": "GET"]) }
    asRoot(call) { answer(call, Self.outcome(make)) }
  }

  private func allows(_ call: V2Call) -> Bool {
    if [.get, .put, .delete].contains(call.method) { return true }
    call.refusePlainly(405, "Method Not Allowed\n", ["allow": "GET,PUT,DELETE"])
    return false
  }

  /// The first value of the body; what follows is not looked at. As Go: json.Decoder.
  private func firstValue(_ call: V2Call) -> JSONValue? {
    if call.surplus > 0 { return nil }
    return call.body.withUnsafeBytes { bytes in
      var parser = JSONParser(bytes)
      return (try? parser.next()) ?? nil
    }
  }

  private static func outcome(
    _ make: () throws(V2AuthStore.Failure) -> Bytes
  ) -> V2AuthStore.Outcome<Bytes> {
    do throws(V2AuthStore.Failure) { return .success(try make()) } catch { return .failure(error) }
  }

  private func answer(_ call: V2Call, _ outcome: V2AuthStore.Outcome<Bytes>, status: Int = 200) {
    switch outcome {
    case .success(let body): call.replyJSON(status, body + [0x0a])
    case .failure(let failure): fail(call, failure)
    }
  }

  private func answer(_ call: V2Call, _ outcome: V2AuthStore.Outcome<Void>) {
    switch outcome {
    case .success: call.replyJSON(200, [])
    case .failure(let failure): fail(call, failure)
    }
  }

  private func fail(_ call: V2Call, _ failure: V2AuthStore.Failure) {
    switch failure {
    case .refused(let refusal): call.refuse(refusal.status, refusal.message)
    // What the log did not take has no code of its own in these pages.
    case .store(let error) where error.code == .raftInternal: call.refuse(500, "Internal Server Error")
    case .store(let error): call.fail(error)
    case .unreadable: call.refuse(500, "Internal Server Error")
    case .busy: call.refuse(503, "etcdserver: too many requests")
    }
  }
}
