import Base

/// The tree of the v2 API: files and directories with TTLs, a history of events, and watchers.
///
/// It exists on every member even when the v2 API is off: membership and the cluster's version live in it (below `/0`)
/// and `.snap` files hold it whole. Users' keys are below `/1`. Every write that succeeds counts the index up by one,
/// alike on all members, for clients compare it across them. As etcd 3.4: etcdserver/api/v2store. Errors carry the
/// index. Owned by the loop thread.
package final class V2Store {
  package internal(set) var index: UInt64 = 0
  package internal(set) var stats = V2Stats()
  /// The wall clock in nanoseconds since 1970, as the caller last told; views show TTLs by it.
  package var unixNow: Int64 = 0

  var root = V2Node(directory: "/", index: 0, parent: nil)
  var history = V2History()
  var watchers = Slab<V2Watcher>()
  /// Which watchers sit at which path.
  var watchersByPath: [V2Name: V2WatcherLine] = [:]
  /// Watchers that sit somewhere; `watchers` also holds those that are only to hear their last event.
  package internal(set) var watcherCount = 0
  /// What watchers are to be told, the oldest first; those before `noticesTaken` were.
  var notices: [V2Notice] = []
  var noticesTaken = 0
  let readOnly: Set<String>

  struct Due: Comparable {
    var at: Int64
    /// Counts up, so that equal times keep their order.
    var number: UInt64
    var node: V2Node
    static func < (a: Due, b: Due) -> Bool { a.at != b.at ? a.at < b.at : a.number < b.number }
    static func == (a: Due, b: Due) -> Bool { a.at == b.at && a.number == b.number }
  }
  var expiries = BinaryHeap<Due>()
  var dueNumber: UInt64 = 0
  /// Nodes with a TTL.
  var expiringNodes = 0

  /// `namespaces` are directories that cannot be replaced or removed; a member has `/0` and `/1`.
  package init(namespaces: [String] = ["/0", "/1"]) {
    readOnly = Set(namespaces + ["/"])
    for path in namespaces {
      root.children?[V2Name(V2Path.split(path).name)] = V2Node(directory: path, index: 0, parent: root)
    }
  }

  /// Whether anything will expire: the leader then proposes SYNC twice a second.
  package var hasExpiringKeys: Bool { expiringNodes > 0 }

  // MARK: Reading

  /// A file, or a directory with one level below (all levels if `recursive`); hidden nodes are listed by name only.
  /// Children always come sorted.
  package func get(_ path: String, recursive: Bool = false) throws(V2Error) -> V2Event {
    let node: V2Node
    do {
      node = try find(path)
    } catch {
      stats.getsFail += 1
      throw error
    }
    stats.getsSuccess += 1
    var event = V2Event(.get, key: path, modifiedIndex: node.modifiedIndex, createdIndex: node.createdIndex)
    event.node = node.listing(key: path, recursive: recursive, now: unixNow)
    event.etcdIndex = index
    return event
  }

  /// A file's value, for the member itself: not counted among clients' reads.
  package func value(at path: String) -> String? {
    do throws(V2Error) {
      let node = try find(path)
      return node.isDirectory ? nil : node.value
    } catch { return nil }
  }

  /// Names in a directory that are not hidden, sorted; none where there is no directory. Not counted either.
  package func names(at path: String) -> [String] {
    do throws(V2Error) { return try find(path).sortedChildren.filter { !$0.isHidden }.map(\.name.text) } catch {
      return []
    }
  }

  func find(_ path: String) throws(V2Error) -> V2Node {
    var node = root
    for name in V2Path.parts(V2Path.clean(path)) {
      guard let children = node.children else { throw failure(.notDirectory, node.path) }
      guard let child = children[V2Name(name)] else {
        throw failure(.keyNotFound, V2Path.join(node.path, name))
      }
      node = child
    }
    return node
  }

  func failure(_ code: V2Error.Code, _ cause: String) -> V2Error { V2Error(code, cause: cause, index: index) }

  // MARK: Expiry

  /// Deletes every node whose time is at or before `cutoff` (nanoseconds since 1970, from the replicated request).
  package func deleteExpired(cutoff: Int64) {
    while let due = expiries.first {
      let node = due.node
      guard node.isAttached, node.queuedAt == due.at, let expiry = node.expiry else {
        expiries.pop()
        continue
      }
      if due.at > cutoff { return }
      expiries.pop()
      if expiry > due.at { schedule(node) } else { expire(node) }
    }
  }

  private func expire(_ node: V2Node) {
    index += 1
    var event = V2Event(.expire, key: node.path, modifiedIndex: index, createdIndex: node.createdIndex)
    event.etcdIndex = index
    event.previous = node.view(recursive: false, now: unixNow)
    event.node.isDirectory = node.isDirectory
    remove(node, announcing: event)
    stats.expireCount += 1
    record(event)
  }

  /// Sets or clears a node's time.
  func setExpiry(of node: V2Node, to expiry: Int64?) {
    expiringNodes += (expiry == nil ? 0 : 1) - (node.expiry == nil ? 0 : 1)
    node.expiry = expiry
    guard let expiry else {
      node.queuedAt = nil
      return
    }
    // A later time needs no new entry: the old one looks at the node when it comes up.
    if let queued = node.queuedAt, queued <= expiry { return }
    schedule(node)
  }

  func schedule(_ node: V2Node) {
    guard let expiry = node.expiry else { return }
    node.queuedAt = expiry
    dueNumber += 1
    expiries.push(Due(at: expiry, number: dueNumber, node: node))
    if expiries.count > 2 * expiringNodes + 64 {
      expiries.keep { $0.node.isAttached && $0.node.queuedAt == $0.at }
    }
  }

  /// Takes a node and all below it out of the tree; watchers of each path are told of `event`.
  func remove(_ node: V2Node, announcing event: V2Event?) {
    for child in node.sortedChildren { remove(child, announcing: event) }
    node.detach()
    if node.expiry != nil { expiringNodes -= 1 }
    if let event { notify(event, at: node.path, isRemoval: true) }
  }
}
