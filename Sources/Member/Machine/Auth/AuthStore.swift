import Base
import Storage
import Wire

/// Users, roles and whether anybody looks at them. Replicated; kept in the buckets `auth`, `authUsers` and `authRoles`.
///
/// Everything is held in memory and written through. What a user may do is computed when it is first asked for and
/// kept until users or roles change. As etcd 3.4: auth/store.go.
package final class AuthStore {
  static let root = "root"
  private static let enabledKey = "authEnabled".bytes
  private static let revisionKey = "authRevision".bytes

  struct User {
    var record: AuthUser
    /// Valid while `builtAt` is the store's `generation`.
    var permissions = Permissions()
    var builtAt: UInt64 = 0
    var isRoot: Bool { record.roles.contains(AuthStore.root) }
    /// Signs in by certificate only.
    var hasNoPassword: Bool { record.options?.noPassword ?? false }
  }

  /// What all roles of a user allow together.
  struct Permissions {
    var read = KeyIntervals()
    var write = KeyIntervals()
  }

  package private(set) var isEnabled = false
  /// Grows with each change of users, roles or their use, so that a proof of identity can be too old.
  package private(set) var revision: UInt64 = 0
  /// By name. Names compare as bytes: `String` would take two spellings of one accent for equal.
  var users: [Key: User] = [:]
  var roles: [Key: AuthRole] = [:]
  package var tokens: SimpleTokens
  let tokenKind: TokenKind
  let hashPassword: PasswordHasher
  private(set) var backend: any Backend
  private var generation: UInt64 = 1

  init(backend: any Backend, tokens kind: TokenKind, hashPassword: @escaping PasswordHasher) {
    self.backend = backend
    self.hashPassword = hashPassword
    tokenKind = kind
    if case .simple(let ttl) = kind {
      tokens = SimpleTokens(ttl: ttl)
    } else {
      tokens = SimpleTokens(ttl: .zero)
    }
    restore()
    // As etcd 3.4: NewAuthStore; a new store begins at 1, so that 0 can mean "nobody".
    if revision == 0 { advance() }
  }

  /// Takes over what another backend holds, after a leader's snapshot was installed. Tokens stay: they are this member's.
  func restore(from backend: any Backend) {
    self.backend = backend
    restore()
  }

  private func restore() {
    isEnabled = backend.get(.auth, Self.enabledKey) == [1]
    revision = 0
    if let row = backend.get(.auth, Self.revisionKey) {
      invariant(row.count == 8, "the auth revision has \(row.count) bytes")
      revision = row.reduce(0) { $0 << 8 | UInt64($1) }
    }
    users = [:]
    for row in backend.pairs(.authUsers) {
      guard let record = try? AuthUser(decoding: row.value) else {
        broken("user row \(hex(row.key)) cannot be read")
      }
      users[Key(row.key)] = User(record: record)
    }
    roles = [:]
    for row in backend.pairs(.authRoles) {
      guard let role = try? AuthRole(decoding: row.value) else {
        broken("role row \(hex(row.key)) cannot be read")
      }
      roles[Key(row.key)] = role
    }
    generation &+= 1
  }

  // MARK: On and off

  func enable() throws(RPCStatus) {
    if isEnabled { return }
    guard let user = users[Key(Self.root)] else { throw .rootUserNotFound }
    guard user.isRoot else { throw .rootRoleNotGranted }
    backend.put(.auth, Self.enabledKey, [1])
    isEnabled = true
  }

  func disable() {
    guard isEnabled else { return }
    backend.put(.auth, Self.enabledKey, [0])
    isEnabled = false
    tokens.removeAll()
    advance()
  }

  // MARK: Changes

  /// Users or roles have changed: proofs given before are too old, and permissions are computed again.
  func advance() {
    revision += 1
    generation &+= 1
    backend.put(.auth, Self.revisionKey, withUnsafeBytes(of: revision.bigEndian) { Bytes($0) })
  }

  func put(_ record: AuthUser) {
    users[Key(record.name)] = User(record: record)
    backend.put(.authUsers, record.name, record.encoded())
  }

  func put(_ role: AuthRole) {
    roles[Key(role.name)] = role
    backend.put(.authRoles, role.name, role.encoded())
  }

  // MARK: Who a client is

  /// The user of a simple token, which stays good for another while; nil where it is not known.
  package func credential(ofToken token: String, now: Instant) -> Credential? {
    tokens.user(of: token, now: now).map { Credential(user: $0, revision: revision) }
  }

  /// How a user's password is checked: its hash, and the revision it was true at.
  /// As etcd 3.4: auth/store.go, CheckPassword.
  package func passwordHash(of name: String) throws(RPCStatus) -> (hash: Bytes, revision: UInt64) {
    guard isEnabled else { throw .authNotEnabled }
    guard let user = users[Key(name)] else { throw .authFailed }
    // Without a row in the table of errors: the raw text, as 3.4 sends it.
    if user.hasNoPassword {
      throw .unmapped("auth: authentication failed, password was given for no password user")
    }
    return (user.record.password, revision)
  }

  // MARK: What a user may do

  /// The permissions of a user, from the cache or computed.
  func permissions(of key: Key, _ user: User) -> Permissions {
    if user.builtAt == generation { return user.permissions }
    let permissions = merged(user.record.roles)
    users[key]?.permissions = permissions
    users[key]?.builtAt = generation
    return permissions
  }

  /// As etcd 3.4: auth/range_perm_cache.go, getMergedPerms.
  private func merged(_ names: [String]) -> Permissions {
    var read: [KeyIntervals.Interval] = []
    var write: [KeyIntervals.Interval] = []
    for permission in names.lazy.compactMap({ self.roles[Key($0)] }).flatMap(\.keyPermission) {
      guard let interval = KeyIntervals.Interval(key: permission.key, rangeEnd: permission.rangeEnd) else {
        continue
      }
      if permission.permType != .write { read.append(interval) }
      if permission.permType != .read { write.append(interval) }
    }
    return Permissions(read: KeyIntervals(read), write: KeyIntervals(write))
  }
}

/// Bytewise, as Go sorts text.
func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
