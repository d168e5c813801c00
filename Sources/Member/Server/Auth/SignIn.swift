import Base
import Event
import Machine
import TLS
import Wire

/// One Authenticate call: a read that is up to date, the password checked on another thread, an entry that every member
/// gives the token by. When users changed meanwhile it begins again. As etcd 3.4: etcdserver/v3_server.go, Authenticate.
///
/// Neither the password nor the token is ever logged or put into the log of the cluster.
final class SignIn {
  private unowned let member: Member
  private let call: Call
  private let request: AuthenticateRequest
  private var rounds = 0

  init(_ member: Member, _ call: Call, _ request: AuthenticateRequest) {
    self.member = member
    self.call = call
    self.request = request
  }

  func begin() throws(RPCStatus) {
    if member.isStopping { throw .stopped }
    member.probe { [self] failure in
      if let failure { call.fail(failure) } else { check() }
    }
  }

  private func check() {
    guard !call.isAnswered else { return }
    do throws(RPCStatus) {
      let (hash, revision) = try member.machine.auth.passwordHash(of: request.name)
      let work = PasswordDesk.Work.check(password: request.password, hash: hash)
      try member.passwords.begin(work) { [self] outcome in checked(outcome, at: revision) }
    } catch {
      if error != .authNotEnabled { warn() }
      call.fail(error)
    }
  }

  private func checked(_ outcome: PasswordDesk.Outcome, at revision: UInt64) {
    guard case .checked(isGood: true) = outcome else {
      warn()
      return call.fail(.authFailed)
    }
    guard !call.isAnswered else { return }
    var prefix = ""
    if case .simple = member.tokens.kind { prefix = secureRandomLetters(16) }
    let entry = InternalAuthenticateRequest(name: request.name, simpleToken: prefix)
    member.proposeOwn(.authenticate(entry)) { [self] answer in applied(answer, checkedAt: revision) }
  }

  private func applied(_ answer: Answer, checkedAt revision: UInt64) {
    switch answer {
    case .signedIn(let who, let token):
      guard revision == member.machine.auth.revision else { return again() }
      token.isEmpty ? sign(who) : reply(token)
    case .failed(let status): call.fail(status)
    default: call.fail(.unmapped("etcdserver: an entry without an answer"))
    }
  }

  private func again() {
    rounds += 1
    if rounds < Limits.signInRounds { check() } else { call.fail(.authOldRevision) }
  }

  private func sign(_ who: Credential) {
    guard member.tokens.key?.canSign == true else {
      return call.fail(.unmapped("auth: token signing attempted with verify-only key"))
    }
    let now = member.loop.wallNanoseconds / 1_000_000_000
    let expiry = now + member.tokens.signedTTL.nanoseconds / 1_000_000_000
    do throws(RPCStatus) {
      try member.passwords.begin(.sign(who, expiry: expiry)) { [self] outcome in
        guard case .signed(let token?) = outcome else {
          return call.fail(.unmapped("auth: a token could not be signed"))
        }
        reply(token)
      }
    } catch { call.fail(error) }
  }

  private func reply(_ token: String) {
    call.reply(AuthenticateResponse(header: member.header(), token: token))
  }

  private func warn() {
    member.log(.warning, "invalid authentication request to user \(request.name) was issued")
  }
}
