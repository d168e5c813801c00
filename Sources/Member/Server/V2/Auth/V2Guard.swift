import Base
import Config
import Doors
import HTTP
import Machine
import Storage
import TLS
import Wire

/// Who calls a page of the v2 API, and whether that is enough: by basic authentication, else by the name in a certificate, else
/// as a guest. As etcd 3.4: v2http/client_auth.go.
///
/// Go hashes the password at each request. Here one that was found good is known until it changes: by a digest under a secret
/// of this process, beside the hash that it matched.
final class V2Guard {
  private unowned let desk: V2Desk
  private let secret = secureRandomBytes(32)
  /// By the stored hash.
  private var verified: [String: Bytes] = [:]
  private let log: Log

  init(_ desk: V2Desk) {
    self.desk = desk
    log = desk.member.log.named("etcdserver/api/v2http")
  }

  private var store: V2AuthStore { desk.auth }

  private enum Caller {
    case nobody
    case user(V2User)
    /// Named itself, and is not who it says.
    case impostor
    case busy
  }

  /// Whether a key may be reached. Nobody is refused while authentication is off. Where the answer cannot be found the call is
  /// ended and `done` does not come.
  func admit(_ call: V2Call, toKey key: String, recursive: Bool, _ done: @escaping (Bool) -> Void) {
    guard store.isEnabled else { return done(true) }
    let isWrite = call.method != .get && call.method != .head
    caller(of: call) { [self] caller in
      let roles: [String]
      switch caller {
      case .busy: return call.refuse(503, "etcdserver: too many requests")
      case .impostor: return done(false)
      case .nobody: roles = [V2Role.guest.name]
      case .user(let user): roles = user.roles ?? []
      }
      let isAllowed = roles.contains { name in
        (try? store.role(name))?.allows(key, isWrite: isWrite, recursive: recursive) ?? false
      }
      if !isAllowed { warn(caller, key) }
      done(isAllowed)
    }
  }

  /// Whether what only root may do may be done.
  func admitRoot(_ call: V2Call, _ done: @escaping (Bool) -> Void) {
    guard store.isEnabled else { return done(true) }
    caller(of: call) { [self] caller in
      switch caller {
      case .busy: call.refuse(503, "etcdserver: too many requests")
      case .nobody, .impostor: done(false)
      case .user(let user):
        let isRoot = user.roles?.contains(V2Role.root.name) ?? false
        if !isRoot {
          log(.warning, "auth: user \(user.name) does not have the root role for resource \(call.path).")
        }
        done(isRoot)
      }
    }
  }

  private func warn(_ caller: Caller, _ key: String) {
    if case .user(let user) = caller {
      log(.warning, "auth: invalid access for user \(user.name) on key \(key).")
    } else {
      log(.warning, "auth: invalid access for unauthenticated user on resource \(key).")
    }
  }

  // MARK: Who

  private func caller(of call: V2Call, _ done: @escaping (Caller) -> Void) {
    guard let field = call.exchange.headers["authorization"], !field.isEmpty else {
      return done(certified(call).map { .user($0) } ?? .nobody)
    }
    guard let (name, password) = Self.basic(field) else {
      log(.warning, "auth: malformed basic auth encoding")
      return done(.impostor)
    }
    guard let user = try? store.user(name) else { return done(.impostor) }
    check(password, of: user, done)
  }

  private func certified(_ call: V2Call) -> V2User? {
    guard desk.member.settings.clientTLS.requiresClientCertificate,
      let identity = call.exchange.connection?.userData as? ClientIdentity
    else { return nil }
    return try? store.user(identity.certificate.commonName)
  }

  private func check(_ password: String, of user: V2User, _ done: @escaping (Caller) -> Void) {
    let digest = (secret + password.utf8).withUnsafeBytes { Digest256.of($0) }
    if verified[user.password] == digest { return done(.user(user)) }
    let work = PasswordDesk.Work.check(password: password, hash: user.password.bytes)
    do throws(RPCStatus) {
      try desk.member.passwords.begin(work) { [self] outcome in
        guard case .checked(isGood: true) = outcome else {
          log(.warning, "auth: incorrect password for user: \(user.name)")
          return done(.impostor)
        }
        if verified.count >= Limits.verifiedPasswords { verified.removeAll() }
        verified[user.password] = digest
        done(.user(user))
      }
    } catch { done(.busy) }
  }

  /// As Go: net/http, parseBasicAuth.
  static func basic(_ field: String) -> (name: String, password: String)? {
    let scheme = "Basic "
    guard field.utf8.count >= scheme.utf8.count, field.prefix(scheme.utf8.count).lowercased() == "basic ",
      let bytes = try? Base64.decode(String(field.dropFirst(scheme.utf8.count))),
      let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
    else { return nil }
    return (String(utf8: bytes[..<colon]), String(utf8: bytes[(colon + 1)...]))
  }
}
