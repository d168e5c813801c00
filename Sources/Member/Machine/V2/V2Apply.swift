import Base
import Wire

/// The outcome of an applied v2 request, for whoever waits for it.
package enum V2Outcome: Sendable, Equatable {
  case event(V2Event)
  case failure(V2Error)
  /// Done, and nobody waits for more: a member's attributes, the version, SYNC.
  case done
  /// `etcdserver: unknown method`
  case unknownMethod
}

/// Applies replicated v2 requests to the tree, and those that concern membership to the roster.
/// As etcd 3.4: etcdserver/apply_v2.go.
package struct V2Applier {
  private let store: V2Store
  private let roster: Roster?

  package init(store: V2Store, roster: Roster?) {
    self.store = store
    self.roster = roster
  }

  package func apply(_ request: V2Request) -> V2Outcome {
    do throws(V2Error) {
      switch request.method {
      case "POST":
        return .event(
          try store.create(
            request.path, isDirectory: request.dir, value: request.val, unique: true,
            lifetime: lifetime(request)))
      case "PUT": return try put(request)
      case "DELETE": return .event(try delete(request))
      case "QGET": return .event(try store.get(request.path, recursive: request.recursive))
      case "SYNC":
        store.deleteExpired(cutoff: request.time)
        return .done
      default: return .unknownMethod
      }
    } catch {
      return .failure(error)
    }
  }

  private func put(_ request: V2Request) throws(V2Error) -> V2Outcome {
    let lifetime = lifetime(request)
    if request.prevExist == false {
      return .event(
        try store.create(request.path, isDirectory: request.dir, value: request.val, lifetime: lifetime))
    }
    if request.prevIndex > 0 || !request.prevValue.isEmpty {
      return .event(
        try store.compareAndSwap(
          request.path, previousValue: request.prevValue, previousIndex: request.prevIndex, value: request.val,
          lifetime: lifetime))
    }
    if request.prevExist == true {
      return .event(try store.update(request.path, value: request.val, lifetime: lifetime))
    }
    if let outcome = putMembership(request) { return outcome }
    return .event(
      try store.set(request.path, isDirectory: request.dir, value: request.val, lifetime: lifetime))
  }

  /// A request that a member made about itself, or the leader about the version. What cannot be read is passed over;
  /// Go stops there.
  private func putMembership(_ request: V2Request) -> V2Outcome? {
    if let id = RosterPath.attributesOwner(request.path) {
      var record = MemberRecord(id: id, peerURLs: [])
      if let json = try? JSONValue(parsing: request.val), record.readAttributes(json) {
        roster?.updateAttributes(of: id, name: record.name, clientURLs: record.clientURLs)
      }
      return .done
    }
    guard request.path == RosterPath.version else { return nil }
    if let version = SemanticVersion(request.val) { roster?.setVersion(version) }
    return .done
  }

  private func delete(_ request: V2Request) throws(V2Error) -> V2Event {
    if request.prevIndex > 0 || !request.prevValue.isEmpty {
      return try store.compareAndDelete(
        request.path, previousValue: request.prevValue, previousIndex: request.prevIndex)
    }
    return try store.delete(request.path, isDirectory: request.dir, recursive: request.recursive)
  }

  private func lifetime(_ request: V2Request) -> V2Lifetime {
    V2Lifetime(
      expiry: request.expiration == 0 ? nil : request.expiration, isRefresh: request.refresh ?? false)
  }
}
