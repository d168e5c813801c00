import Base
import HTTP
import Machine
import Wire

/// Users and roles of the v2 API, kept below `/2` of the tree as Go's members keep them. Reads ask the tree here or, where a
/// change follows, through the log; each change is a request in it. As etcd 3.4: api/v2auth.
final class V2AuthStore {
  enum Failure: Error {
    case refused(V2AuthRefusal)
    case store(V2Error)
    /// What the tree holds is none of ours.
    case unreadable
    /// Too many passwords wait for their hash.
    case busy
  }
  typealias Outcome<Value> = Result<Value, Failure>

  private static let root = "/2"
  private unowned let desk: V2Desk
  private let log: Log
  /// The directories are there, as far as this process has seen.
  private var hasDirectories = false

  init(_ desk: V2Desk) {
    self.desk = desk
    log = desk.member.log.named("etcdserver/auth")
  }

  private var tree: V2Store { desk.member.machine.v2 }

  // MARK: Reading what is applied here

  var isEnabled: Bool {
    guard let text = tree.value(at: Self.root + "/enabled") else { return false }
    return (try? JSONValue(parsing: text))?.bool ?? false
  }

  var userNames: [String] { tree.names(at: Self.root + "/users") }
  var roleNames: [String] {
    let names = tree.names(at: Self.root + "/roles") + [V2Role.root.name]
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  func user(_ name: String) throws(Failure) -> V2User {
    guard let text = tree.value(at: Self.path("users", name)) else { throw .noUser(name) }
    return try Self.readUser(text)
  }

  func role(_ name: String) throws(Failure) -> V2Role {
    if name == V2Role.root.name { return .root }
    guard let text = tree.value(at: Self.path("roles", name)) else { throw .noRole(name) }
    return try Self.readRole(text)
  }

  private static func path(_ kind: String, _ name: String) -> String { V2Path.clean("\(root)/\(kind)/\(name)") }

  private static func readUser(_ text: String) throws(Failure) -> V2User {
    guard let json = try? JSONValue(parsing: text), var user = try? V2User(json) else { throw .unreadable }
    user.attachRootRole()
    return user
  }

  private static func readRole(_ text: String) throws(Failure) -> V2Role {
    guard let json = try? JSONValue(parsing: text), let role = try? V2Role(json) else { throw .unreadable }
    return role
  }

  // MARK: Users

  func create(_ user: V2User, _ done: @escaping (Outcome<V2User>) -> Void) {
    var user = user
    user.attachRootRole()
    if user.password.isEmpty {
      return done(.refused(400, "Cannot create user \(user.name) with an empty password"))
    }
    hash(user.password) { [self] hashed in
      switch hashed {
      case .failure(let failure): done(.failure(failure))
      case .success(let hash):
        user.password = hash
        let made = user
        set("users", made.name, made.json, exists: false) { [self] in
          if case .failure(.store(let error)) = $0, error.code == .nodeExists {
            return done(.refused(409, "User \(made.name) already exists."))
          }
          done(noted($0.map { made }, "created user \(made.name)"))
        }
      }
    }
  }

  /// Nothing but a password was sent: a new one for a user that is there, or a new user.
  func createOrUpdate(_ user: V2User, _ done: @escaping (Outcome<V2User>, _ isNew: Bool) -> Void) {
    surelyUser(user.name) { [self] found in
      if case .success = found { return update(user) { done($0, false) } }
      create(user) { done($0, true) }
    }
  }

  func update(_ change: V2User, _ done: @escaping (Outcome<V2User>) -> Void) {
    surelyUser(change.name) { [self] found in
      guard case .success(let old) = found else { return done(found) }
      if change.password.isEmpty { return merge(old, change, hash: nil, done) }
      hash(change.password) { [self] hashed in
        switch hashed {
        case .failure(let failure): done(.failure(failure))
        case .success(let hash): merge(old, change, hash: hash, done)
        }
      }
    }
  }

  private func merge(
    _ old: V2User, _ change: V2User, hash: String?, _ done: @escaping (Outcome<V2User>) -> Void
  ) {
    let user: V2User
    do throws(V2AuthRefusal) { user = try old.merged(with: change, hash: hash) } catch {
      return done(.failure(.refused(error)))
    }
    if user == old {
      return done(.refused(400, "User not updated. Use grant/revoke/password to update the user."))
    }
    set("users", user.name, user.json, exists: true) { [self] in
      done(noted($0.map { user }, "updated user \(user.name)"))
    }
  }

  func deleteUser(_ name: String, _ done: @escaping (Outcome<Void>) -> Void) {
    if isEnabled, name == "root" {
      return done(.refused(403, "Cannot delete root user while auth is enabled."))
    }
    delete("users", name) { [self] in
      if case .failure(.store(let error)) = $0, error.code == .keyNotFound {
        return done(.refused(404, "User \(name) does not exist"))
      }
      done(noted($0, "deleted user \(name)"))
    }
  }

  // MARK: Roles

  func create(_ role: V2Role, _ done: @escaping (Outcome<V2Role>) -> Void) {
    if role.name == V2Role.root.name { return done(.isRoot(role.name)) }
    set("roles", role.name, role.json, exists: false) { [self] in
      if case .failure(.store(let error)) = $0, error.code == .nodeExists {
        return done(.refused(409, "Role \(role.name) already exists."))
      }
      done(noted($0.map { role }, "created new role \(role.name)"))
    }
  }

  func update(_ change: V2Role, _ done: @escaping (Outcome<V2Role>) -> Void) {
    if change.name == V2Role.root.name { return done(.isRoot(change.name)) }
    surelyRole(change.name) { [self] found in
      guard case .success(let old) = found else { return done(found) }
      let role: V2Role
      do throws(V2AuthRefusal) { role = try old.merged(with: change) } catch {
        return done(.failure(.refused(error)))
      }
      if role == old { return done(.refused(400, "Role not updated. Use grant/revoke to update the role.")) }
      set("roles", role.name, role.json, exists: true) { [self] in
        done(noted($0.map { role }, "updated role \(role.name)"))
      }
    }
  }

  func deleteRole(_ name: String, _ done: @escaping (Outcome<Void>) -> Void) {
    if name == V2Role.root.name { return done(.isRoot(name)) }
    delete("roles", name) { [self] in
      if case .failure(.store(let error)) = $0, error.code == .keyNotFound {
        return done(.refused(404, "Role \(name) doesn't exist."))
      }
      done(noted($0, "deleted role \(name)"))
    }
  }

  // MARK: On and off

  func enable(_ done: @escaping (Outcome<Void>) -> Void) {
    if isEnabled { return done(.refused(409, "already enabled")) }
    surelyUser("root") { [self] root in
      guard case .success = root else {
        return done(.refused(409, "No root user available, please create one"))
      }
      surelyRole(V2Role.guest.name) { [self] guest in
        if case .success = guest { return setEnabled(true, done) }
        log(.info, "no guest role access found, creating default")
        create(V2Role.guest) { [self] made in
          if case .failure(let failure) = made {
            log(.error, "error creating guest role. aborting auth enable.")
            return done(.failure(failure))
          }
          setEnabled(true, done)
        }
      }
    }
  }

  func disable(_ done: @escaping (Outcome<Void>) -> Void) {
    if isEnabled { setEnabled(false, done) } else { done(.refused(409, "already disabled")) }
  }

  private func setEnabled(_ isOn: Bool, _ done: @escaping (Outcome<Void>) -> Void) {
    set("", "enabled", "\(isOn)".bytes, exists: true) { [self] in
      done(noted($0, isOn ? "auth: enabled auth" : "auth: disabled auth"))
    }
  }

  private func noted<Value>(_ outcome: Outcome<Value>, _ text: String) -> Outcome<Value> {
    if case .success = outcome { log(.notice, text) }
    return outcome
  }

  // MARK: Through the log

  /// The user as of all that was written before. Anything that is wrong counts as no user, as in Go.
  private func surelyUser(_ name: String, _ done: @escaping (Outcome<V2User>) -> Void) {
    read("users", name) { text in
      do throws(Failure) {
        guard let text = try text.get() else { throw .noUser(name) }
        done(.success(try Self.readUser(text)))
      } catch { done(.failure(error)) }
    }
  }

  private func surelyRole(_ name: String, _ done: @escaping (Outcome<V2Role>) -> Void) {
    if name == V2Role.root.name { return done(.success(.root)) }
    read("roles", name) { text in
      do throws(Failure) {
        guard let text = try text.get() else { throw .noRole(name) }
        done(.success(try Self.readRole(text)))
      } catch { done(.failure(error)) }
    }
  }

  /// The text that is kept under a name; nil where there is none.
  private func read(_ kind: String, _ name: String, _ done: @escaping (Outcome<String?>) -> Void) {
    desk.perform(V2Request(method: "QGET", path: Self.path(kind, name))) { outcome in
      switch outcome {
      case .success(let event): done(.success(event.node.value))
      case .failure(let error) where error.code == .keyNotFound: done(.success(nil))
      case .failure(let error): done(.failure(.store(error)))
      }
    }
  }

  private func set(
    _ kind: String, _ name: String, _ value: Bytes, exists: Bool, _ done: @escaping (Outcome<Void>) -> Void
  ) {
    withDirectories { [self] failure in
      if let failure { return done(.failure(failure)) }
      let path = Self.path(kind, name)
      put(V2Request(method: "PUT", path: path, val: String(utf8: value), prevExist: exists), done)
    }
  }

  private func delete(_ kind: String, _ name: String, _ done: @escaping (Outcome<Void>) -> Void) {
    withDirectories { [self] failure in
      if let failure { return done(.failure(failure)) }
      put(V2Request(method: "DELETE", path: Self.path(kind, name), prevExist: true), done)
    }
  }

  private func put(_ request: V2Request, _ done: @escaping (Outcome<Void>) -> Void) {
    desk.perform(request) { outcome in
      switch outcome {
      case .success: done(.success(()))
      case .failure(let error): done(.failure(.store(error)))
      }
    }
  }

  /// Makes what is missing of the directories, and the flag. As etcd 3.4: v2auth/auth_requests.go, ensureAuthDirectories.
  private func withDirectories(_ done: @escaping (Failure?) -> Void) {
    if hasDirectories { return done(nil) }
    var missing = ["", "/users", "/roles"].map {
      V2Request(method: "PUT", path: Self.root + $0, dir: true, prevExist: false)
    }
    missing.append(V2Request(method: "PUT", path: Self.root + "/enabled", val: "false", prevExist: false))
    make(missing[...], done)
  }

  private func make(_ requests: ArraySlice<V2Request>, _ done: @escaping (Failure?) -> Void) {
    guard let request = requests.first else {
      hasDirectories = true
      return done(nil)
    }
    desk.perform(request) { [self] outcome in
      if case .failure(let error) = outcome, error.code != .nodeExists {
        log(.error, "failed to create auth directories in the store (\(error.code.message))")
        return done(.store(error))
      }
      make(requests.dropFirst(), done)
    }
  }

  // MARK: Passwords

  /// As Go's bcrypt.DefaultCost.
  private static let hashCost = 10

  private func hash(_ password: String, _ done: @escaping (Outcome<String>) -> Void) {
    do throws(RPCStatus) {
      try desk.member.passwords.begin(.hash(password: password, cost: Self.hashCost)) { outcome in
        guard case .hashed(let result) = outcome else { return done(.failure(.busy)) }
        switch result {
        case .success(let hash): done(.success(String(utf8: hash)))
        case .failure(let failure): done(.refused(400, RPCStatus(failure).message))
        }
      }
    } catch { done(.failure(.busy)) }
  }
}

extension V2AuthStore.Failure {
  static func noUser(_ name: String) -> Self { .refused(V2AuthRefusal(404, "User \(name) does not exist.")) }
  static func noRole(_ name: String) -> Self { .refused(V2AuthRefusal(404, "Role \(name) does not exist.")) }
}

extension Result where Failure == V2AuthStore.Failure {
  fileprivate static func refused(_ status: Int, _ text: String) -> Self {
    .failure(.refused(V2AuthRefusal(status, text)))
  }
  fileprivate static func isRoot(_ name: String) -> Self {
    .refused(403, "Cannot modify role \(name): is root role.")
  }
}
