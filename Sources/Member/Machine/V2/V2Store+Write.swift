import Base

/// When a written node ends. As etcd 3.4: v2store/store.go, TTLOptionSet.
package struct V2Lifetime: Sendable {
  /// Nanoseconds since 1970; nil for no end.
  package var expiry: Int64?
  /// Only the end is put off: the value stays and watchers are not told.
  package var isRefresh: Bool
  package init(expiry: Int64? = nil, isRefresh: Bool = false) {
    self.expiry = expiry
    self.isRefresh = isRefresh
  }
  package static let permanent = V2Lifetime()
}

extension V2Store {
  /// Times before 2000 mean no end: they come from clients that write their zero. As etcd 3.4: minExpireTime.
  private static let earliestExpiry: Int64 = 946_684_800 * 1_000_000_000

  /// Makes a node where none is. `unique` appends the next index as a name of 20 digits (in-order keys).
  package func create(
    _ path: String, isDirectory: Bool = false, value: String = "", unique: Bool = false,
    lifetime: V2Lifetime = .permanent
  ) throws(V2Error) -> V2Event {
    try counted(\.createSuccess, \.createFail) { () throws(V2Error) in
      let event = try make(
        path, isDirectory: isDirectory, value: value, unique: unique, replace: false, expiry: lifetime.expiry,
        action: .create)
      record(event)
      return event
    }
  }

  /// Makes or replaces a file, or makes a directory.
  package func set(
    _ path: String, isDirectory: Bool = false, value: String = "", lifetime: V2Lifetime = .permanent
  ) throws(V2Error) -> V2Event {
    try counted(\.setsSuccess, \.setsFail) { () throws(V2Error) in
      var value = value
      var old: V2Node?
      do throws(V2Error) {
        old = try find(path)
      } catch {
        if error.code != .keyNotFound || lifetime.isRefresh { throw error }
      }
      if lifetime.isRefresh, let old { value = old.value }
      var event = try make(
        path, isDirectory: isDirectory, value: value, unique: false, replace: true, expiry: lifetime.expiry,
        action: .set)
      event.previous = old?.listing(key: path, recursive: false, now: unixNow)
      return finish(event, lifetime)
    }
  }

  /// Changes a file's value and end, or a directory's end.
  package func update(
    _ path: String, value: String = "", lifetime: V2Lifetime = .permanent
  ) throws(V2Error) -> V2Event {
    try counted(\.updateSuccess, \.updateFail) { () throws(V2Error) in
      let path = V2Path.clean(path)
      try checkWritable(path)
      let node = try find(path)
      if node.isDirectory, !value.isEmpty { throw failure(.notFile, path) }
      var event = V2Event(.update, key: path, modifiedIndex: index + 1, createdIndex: node.createdIndex)
      event.previous = node.view(recursive: false, now: unixNow)
      if node.isDirectory {
        event.node.isDirectory = true
        index += 1
      } else {
        event.node.value = write(lifetime.isRefresh ? node.value : value, to: node)
      }
      setExpiry(of: node, to: lifetime.expiry)
      (event.node.expiration, event.node.ttl) = node.expirationAndTTL(now: unixNow)
      return finish(event, lifetime)
    }
  }

  /// Changes a file if its value and index are as given; an empty value or index 0 is not compared.
  package func compareAndSwap(
    _ path: String, previousValue: String, previousIndex: UInt64, value: String,
    lifetime: V2Lifetime = .permanent
  ) throws(V2Error) -> V2Event {
    try counted(\.compareAndSwapSuccess, \.compareAndSwapFail) { () throws(V2Error) in
      let path = V2Path.clean(path)
      try checkWritable(path)
      let node = try findFile(path, previousValue, previousIndex)
      var event = V2Event(
        .compareAndSwap, key: path, modifiedIndex: index + 1, createdIndex: node.createdIndex)
      event.previous = node.view(recursive: false, now: unixNow)
      event.node.value = write(lifetime.isRefresh ? node.value : value, to: node)
      setExpiry(of: node, to: lifetime.expiry)
      (event.node.expiration, event.node.ttl) = node.expirationAndTTL(now: unixNow)
      return finish(event, lifetime)
    }
  }

  /// Removes a file; a directory only if `isDirectory`, and one with content only if `recursive`.
  package func delete(
    _ path: String, isDirectory: Bool = false, recursive: Bool = false
  ) throws(V2Error) -> V2Event {
    try counted(\.deleteSuccess, \.deleteFail) { () throws(V2Error) in
      let path = V2Path.clean(path)
      try checkWritable(path)
      let node = try find(path)
      if let children = node.children {
        if !isDirectory && !recursive { throw failure(.notFile, path) }
        if !children.isEmpty && !recursive { throw failure(.directoryNotEmpty, path) }
      }
      return removeAndRecord(node, .delete, key: path)
    }
  }

  /// Removes a file if its value and index are as given.
  package func compareAndDelete(
    _ path: String, previousValue: String, previousIndex: UInt64
  ) throws(V2Error) -> V2Event {
    try counted(\.compareAndDeleteSuccess, \.compareAndDeleteFail) { () throws(V2Error) in
      let path = V2Path.clean(path)
      let node = try findFile(path, previousValue, previousIndex)
      return removeAndRecord(node, .compareAndDelete, key: path)
    }
  }

  // MARK: Parts

  /// Counts a write as success or failure. (3.4 forgets to count some failures as such.)
  private func counted(
    _ success: WritableKeyPath<V2Stats, UInt64>, _ failure: WritableKeyPath<V2Stats, UInt64>,
    _ body: () throws(V2Error) -> V2Event
  ) throws(V2Error) -> V2Event {
    do {
      var event = try body()
      stats[keyPath: success] += 1
      event.etcdIndex = index
      return event
    } catch {
      stats[keyPath: failure] += 1
      throw error
    }
  }

  private func checkWritable(_ path: String) throws(V2Error) {
    if readOnly.contains(path) { throw failure(.rootIsReadOnly, "/") }
  }

  private func findFile(_ path: String, _ value: String, _ wanted: UInt64) throws(V2Error) -> V2Node {
    let node = try find(path)
    if node.isDirectory { throw failure(.notFile, path) }
    if let mismatch = node.mismatch(value: value, index: wanted) { throw failure(.testFailed, mismatch) }
    return node
  }

  /// Writes a file's value under the next index.
  private func write(_ value: String, to node: V2Node) -> String {
    index += 1
    node.value = value
    node.modifiedIndex = index
    return value
  }

  /// A refresh goes into the history and past the watchers.
  private func finish(_ event: V2Event, _ lifetime: V2Lifetime) -> V2Event {
    var event = event
    event.etcdIndex = index
    if lifetime.isRefresh {
      event.isRefresh = true
      history.add(event)
    } else {
      record(event)
    }
    return event
  }

  private func removeAndRecord(_ node: V2Node, _ action: V2Action, key: String) -> V2Event {
    index += 1
    var event = V2Event(action, key: key, modifiedIndex: index, createdIndex: node.createdIndex)
    event.etcdIndex = index
    event.previous = node.view(recursive: false, now: unixNow)
    event.node.isDirectory = node.isDirectory
    remove(node, announcing: event)
    record(event)
    return event
  }

  /// As etcd 3.4: store.internalCreate.
  private func make(
    _ path: String, isDirectory: Bool, value: String, unique: Bool, replace: Bool, expiry: Int64?,
    action: V2Action
  ) throws(V2Error) -> V2Event {
    let next = index + 1
    let path = V2Path.clean(unique ? path + "/" + V2Store.inOrderName(next) : path)
    try checkWritable(path)
    let expiry = expiry.flatMap { $0 < V2Store.earliestExpiry ? nil : $0 }
    let directory = try openDirectory(V2Path.parent(path), next: next)
    var event = V2Event(action, key: path, modifiedIndex: next, createdIndex: next)
    let name = V2Name(V2Path.split(path).name)
    if let old = directory.children?[name] {
      guard replace else { throw failure(.nodeExists, path) }
      if old.isDirectory { throw failure(.notFile, path) }
      event.previous = old.view(recursive: false, now: unixNow)
      remove(old, announcing: nil)
    }
    let node: V2Node
    if isDirectory {
      event.node.isDirectory = true
      node = V2Node(directory: path, index: next, parent: directory)
    } else {
      event.node.value = value
      node = V2Node(file: path, value: value, index: next, parent: directory)
    }
    directory.children?[name] = node
    setExpiry(of: node, to: expiry)
    (event.node.expiration, event.node.ttl) = node.expirationAndTTL(now: unixNow)
    index = next
    event.etcdIndex = next
    return event
  }

  /// The directory at a path, made on the way where it is missing.
  private func openDirectory(_ path: String, next: UInt64) throws(V2Error) -> V2Node {
    var node = root
    for part in V2Path.parts(path) {
      let name = V2Name(part)
      if let child = node.children?[name] {
        guard child.isDirectory else { throw failure(.notDirectory, child.path) }
        node = child
      } else {
        let child = V2Node(directory: V2Path.join(node.path, part), index: next, parent: node)
        node.children?[name] = child
        node = child
      }
    }
    return node
  }

  private static func inOrderName(_ index: UInt64) -> String {
    let digits = String(index)
    return String(repeating: "0", count: 20 - digits.utf8.count) + digits
  }
}
