import Base
import Config
import Doors
import Event
import HTTP
import Machine
import Raft
import Wire

/// The v2 API of the client ports (`--enable-v2`): its pages and what they share. As etcd 3.4: etcdserver/api/v2http.
final class V2Desk {
  unowned let member: Member
  private(set) var watches: V2Watches!
  private(set) var auth: V2AuthStore!
  private(set) var guardian: V2Guard!
  private var registry: V2Registry?

  init(_ member: Member) {
    self.member = member
    watches = V2Watches(self)
    auth = V2AuthStore(self)
    guardian = V2Guard(self)
  }

  func install(in table: inout PageTable) {
    let formLimit = member.settings.maxRequestBytes * Limits.formBytesPerByte + Limits.formOverheadBytes
    let keys = V2Page([.head, .get, .put, .post, .delete], bodyLimit: formLimit) { [unowned self] in
      V2Keys(desk: self).answer($0)
    }
    for path in [V2Keys.prefix, V2Keys.prefix + "/"] { table[path] = Self.route(keys) }
    installMembers(in: &table)
    installAuth(in: &table)
    if member.settings.servesDiscovery {
      let registry = V2Registry(self, bodyLimit: formLimit)
      registry.install(in: &table)
      self.registry = registry
    }
  }

  private func installMembers(in table: inout PageTable) {
    let members = V2Page([.get, .post, .delete, .put], bodyLimit: Limits.pageBodyBytes) { [unowned self] in
      V2MembersPage(desk: self).answer($0)
    }
    for path in [V2MembersPage.prefix, V2MembersPage.prefix + "/"] { table[path] = Self.route(members) }
    table["/v2/machines"] = Self.route(
      V2Page([.get, .head]) { [unowned self] in V2MembersPage(desk: self).machines($0) })
    table["/v2/stats/store"] = Self.route(
      V2Page([.get]) { [unowned self] in V2StatsPages(member: member).store($0) })
    table["/v2/stats/self"] = Self.route(
      V2Page([.get]) { [unowned self] in V2StatsPages(member: member).own($0) })
    table["/v2/stats/leader"] = Self.route(
      V2Page([.get]) { [unowned self] in V2StatsPages(member: member).leader($0) })
  }

  private func installAuth(in table: inout PageTable) {
    let any: [HTTP.Method] = [.get, .head, .put, .post, .delete, .options, .patch, .other]
    let prefix = V2AuthPages.prefix
    // Which methods these take depends on what is behind the slash, so they see to it themselves.
    let users = V2Page(any, bodyLimit: Limits.v2AuthBodyBytes) { [unowned self] in
      V2AuthPages(desk: self).users($0)
    }
    let roles = V2Page(any, bodyLimit: Limits.v2AuthBodyBytes) { [unowned self] in
      V2AuthPages(desk: self).roles($0)
    }
    for end in ["", "/"] {
      table[prefix + "/users" + end] = Self.route(users)
      table[prefix + "/roles" + end] = Self.route(roles)
    }
    table[prefix + "/enable"] = Self.route(
      V2Page([.get, .put, .delete]) { [unowned self] in V2AuthPages(desk: self).enabling($0) })
  }

  private static func route(_ page: V2Page) -> Route { Route(method: nil, answer: .handler(page)) }

  // MARK: The tree

  /// Carries a request out: a plain read at once, anything else through the log. `done` comes exactly once.
  func perform(_ request: V2Request, _ done: @escaping (Result<V2Event, V2Error>) -> Void) {
    guard request.method == "GET" || request.method == "HEAD" else {
      return member.propose(request) { outcome in
        switch outcome {
        case .event(let event): done(.success(event))
        case .failure(let error): done(.failure(error))
        case .done: done(.failure(V2Error(.raftInternal, cause: "received response with no Event/Watcher")))
        case .unknownMethod: done(.failure(V2Error(.raftInternal, cause: "etcdserver: unknown method")))
        }
      }
    }
    let tree = member.machine.v2
    tree.unixNow = member.loop.wallNanoseconds
    do throws(V2Error) { done(.success(try tree.get(request.path, recursive: request.recursive))) } catch {
      done(.failure(error))
    }
  }

  /// The head of an answer of the store.
  func fields(index: UInt64) -> HeaderList {
    [
      "content-type": "application/json", "x-etcd-index": String(index),
      "x-raft-index": String(member.node.log.committed), "x-raft-term": String(member.node.term),
    ]
  }
}
