import Base
import Config
import Doors
import Event
import HTTP
import Machine
import Raft
import TLS
import Wire

/// What a caller shows to prove who it is.
enum Claim {
  case nothing
  case token(String)
  /// The common name of its certificate.
  case certificate(String)
}

// Who calls, and whether that is enough. With authentication off each of these is one test of a flag.

extension Member {
  /// Who calls: by token, or else by certificate. Nil where nobody is named or nobody asks.
  /// As etcd 3.4.45: etcdserver/v3_server.go and auth/store.go, AuthInfoFromCtx.
  func credential(of call: Call) throws(RPCStatus) -> Credential? {
    guard machine.auth.isEnabled else { return nil }
    switch claim(of: call) {
    case .nothing: return nil
    case .certificate(let name): return Credential(user: name, revision: machine.auth.revision)
    case .token(let token):
      let found =
        verifier != nil
        ? verifier?.credential(of: token, unixSeconds: loop.wallNanoseconds / 1_000_000_000)
        : machine.auth.credential(ofToken: token, now: loop.now)
      guard let found else { throw .invalidAuthToken }
      return found
    }
  }

  private func claim(of call: Call) -> Claim {
    if let claim = call.claim { return claim }
    // What is done in a call's name after its end began before it. Its exchange may carry another call by now.
    if call.isAnswered { return .nothing }
    let claim = claim(in: call.exchange, isGateway: call.json != nil)
    call.claim = claim
    return claim
  }

  /// The certificate of a gateway names nobody, neither through ours nor through one before us, which says so by a header.
  /// As etcd 3.4: auth/store.go, AuthInfoFromTLS.
  private func claim(in exchange: Exchange, isGateway: Bool) -> Claim {
    let headers = exchange.headers
    if let index = headers.index(of: "token") ?? headers.index(of: "authorization") {
      return .token(headers.value(at: index))
    }
    guard !isGateway, !headers.contains("grpcgateway-accept"), let name = certifiedName(exchange) else {
      return .nothing
    }
    return .certificate(name)
  }

  private func certifiedName(_ exchange: Exchange) -> String? {
    guard settings.clientTLS.requiresClientCertificate else { return nil }
    return (exchange.connection?.userData as? ClientIdentity)?.certificate.commonName
  }

  /// A client with a name in its certificate would take it for its user; through the gateway it is not. Nil where JSON may
  /// be asked. As etcd 3.4: embed/serve.go, accessController.
  func gatewayRefusal(_ exchange: Exchange) -> String? {
    guard machine.auth.isEnabled, let name = certifiedName(exchange), !name.isEmpty else { return nil }
    return "CommonName of client sending a request against gateway will be ignored and not used as expected\n"
  }

  /// Refuses calls in nobody's name. As etcd 3.4.45: etcdserver/v3_server.go, requireAuthInfo.
  func requireUser(_ call: Call) throws(RPCStatus) {
    guard machine.auth.isEnabled else { return }
    if try credential(of: call) == nil { throw .userEmpty }
  }

  /// Refuses whoever has not the role root. As etcd 3.4.45: api/v3rpc/auth.go, AuthAdmin.
  func requireAdmin(_ call: Call) throws(RPCStatus) {
    guard machine.auth.isEnabled else { return }
    try machine.auth.checkAdmin(try credential(of: call) ?? .nobody)
  }

  /// Lets `check` judge a call by its user; for what is answered from this member's own state.
  func require(
    _ call: Call, _ check: (AuthStore, Credential) throws(RPCStatus) -> Void
  ) throws(RPCStatus) {
    guard machine.auth.isEnabled else { return }
    guard let who = try credential(of: call) else { throw .userEmpty }
    try check(machine.auth, who)
  }

  /// Judges a read at the moment it is served. A proof that is newer than this member knows of is sent back too, since
  /// the answer would be too old for it. As etcd 3.4: etcdserver/v3_server.go, doSerialize.
  func permit(_ query: Reads.Query, _ call: Call) throws(RPCStatus) {
    let who = try credential(of: call) ?? .nobody
    switch query {
    case .range(let range), .service(let range, _):
      try machine.auth.checkRead(who, key: range.key, rangeEnd: range.rangeEnd)
    case .txn(let txn): try machine.auth.check(who, txn, machine.lessor)
    case .probe: return
    }
    if who.revision > machine.auth.revision { throw .authOldRevision }
  }

  /// The header of a proposal: the caller's name, or root's for what the member itself wants.
  /// As etcd 3.4: etcdserver/v3_server.go, processInternalRaftRequestOnce; auth/store.go, WithRoot.
  func requestHeader(
    _ id: UInt64, _ body: InternalRaftRequest.Body, _ asker: Proposals.Asker
  ) throws(RPCStatus) -> RequestHeader {
    var header = RequestHeader(id: id)
    guard machine.auth.isEnabled else { return header }
    if case .authenticate = body { return header }
    switch asker {
    case .member:
      header.username = "root"
      header.authRevision = machine.auth.revision
    case .call(let call), .service(let call, _):
      guard let who = try credential(of: call) else { break }
      header.username = who.user
      header.authRevision = who.revision
      // Members of 3.4 that did not propose a transaction pass over its ranges, so they must be judged here.
      if case .txn(let txn) = body { try machine.auth.check(who, txn, machine.lessor) }
    }
    return header
  }

  // MARK: Tokens of members that are ahead

  /// A simple token names the entry that made it. As long as this member has not applied that one, it cannot know the
  /// token: the message waits. As etcd 3.4: auth/simple_token.go, isValidSimpleToken.
  func holdsBack(_ call: Call, _ message: UnsafeRawBufferPointer) throws(RPCStatus) -> Bool {
    guard case .simple = tokens.kind, confState.voters.count + confState.learners.count > 1 else {
      return false
    }
    guard case .token(let token) = claim(of: call) else { return false }
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let index = UInt64(parts[1]), index > node.appliedIndex else { return false }
    if heldBack.count >= Limits.heldBackMessages { throw .invalidAuthToken }
    heldBack.append(
      HeldBack(
        index: index, deadline: loop.now + requestTimeout, call: call, message: Bytes(message)
      ))
    return true
  }

  /// Lets go what waited for entries that are applied now, in order, and refuses what waited too long.
  func releaseHeldBack() {
    guard !heldBack.isEmpty else { return }
    let waiting = heldBack
    heldBack = []
    for held in waiting where !held.call.isAnswered {
      if held.deadline <= loop.now {
        held.call.fail(.invalidAuthToken)
      } else if held.index > node.appliedIndex {
        heldBack.append(held)
      } else {
        do throws(RPCStatus) {
          try held.message.span.bytes.withUnsafeBytes { bytes throws(RPCStatus) in
            try held.call.service.message(bytes, for: held.call)
          }
        } catch { held.call.fail(error) }
      }
    }
  }
}

/// A message whose token this member cannot know yet.
struct HeldBack {
  let index: UInt64
  let deadline: Instant
  let call: Call
  let message: Bytes
}
