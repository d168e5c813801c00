import Base

/// Why the data of a snapshot is no v2 store.
package enum V2RecoveryError: Error, Sendable, Equatable {
  case notJSON(String)
  case malformed(String)
}

extension V2Store {
  /// The whole store as `.snap` files hold it: Go's members load it, and members here theirs.
  /// As etcd 3.4: store.Save. Keys come sorted; the statistics are this member's.
  package func save() -> Bytes {
    var writer = JSONWriter()
    writer.raw("{\"Root\":")
    write(root, to: &writer)
    writer.raw(",\"WatcherHub\":{\"EventHistory\":")
    writeHistory(to: &writer)
    writer.raw("},\"CurrentIndex\":")
    writer.integer(index)
    writer.raw(",\"Stats\":")
    stats.write(to: &writer)
    writer.raw(",\"CurrentVersion\":2}")
    return writer.bytes
  }

  /// The counters as `/v2/stats/store` shows them.
  package func statsJSON() -> Bytes {
    var shown = stats
    shown.watchers = UInt64(watcherCount)
    var writer = JSONWriter()
    shown.write(to: &writer)
    return writer.bytes
  }

  private func write(_ node: V2Node, to writer: inout JSONWriter) {
    writer.raw("{\"Path\":")
    writer.string(node.path)
    writer.raw(",\"CreatedIndex\":")
    writer.integer(node.createdIndex)
    writer.raw(",\"ModifiedIndex\":")
    writer.integer(node.modifiedIndex)
    writer.raw(",\"ExpireTime\":")
    writer.string(node.expiry.map(V2Time.text) ?? V2Time.permanentText)
    writer.raw(",\"Value\":")
    writer.string(node.value)
    writer.raw(",\"Children\":")
    writeChildren(of: node, to: &writer)
    writer.raw("}")
  }

  private func writeChildren(of node: V2Node, to writer: inout JSONWriter) {
    guard let children = node.children else { return writer.null() }
    var isFirst = true
    for (name, child) in children.sorted(by: { $0.key < $1.key }) {
      writer.raw(isFirst ? "{" : ",")
      isFirst = false
      writer.string(name.text)
      writer.raw(":")
      write(child, to: &writer)
    }
    writer.endObject(isFirst)
  }

  /// The ring is written with its oldest event first and padded with nulls to its capacity.
  private func writeHistory(to writer: inout JSONWriter) {
    let events = history.inOrder
    let capacity = Limits.v2HistoryEvents
    writer.raw("{\"Queue\":{\"Events\":[")
    for place in 0..<capacity {
      if place > 0 { writer.raw(",") }
      if place < events.count { events[place].write(to: &writer) } else { writer.null() }
    }
    writer.raw("],\"Size\":")
    writer.integer(Int64(events.count))
    writer.raw(",\"Front\":0,\"Back\":")
    writer.integer(Int64(events.count % capacity))
    writer.raw(",\"Capacity\":")
    writer.integer(Int64(capacity))
    writer.raw("},\"StartIndex\":")
    writer.integer(history.startIndex)
    writer.raw(",\"LastIndex\":")
    writer.integer(history.lastIndex)
    writer.raw("}")
  }

  /// Replaces the content by that of a snapshot. Watchers stay and hear what its history tells of the time between; those that
  /// it does not tell all end. (In 3.4 they stay and miss it.) Nothing changes when the data is damaged.
  /// As etcd 3.4: store.Recovery.
  package func recover(_ data: Bytes) throws(V2RecoveryError) {
    let json: JSONValue
    do {
      json = try JSONValue(parsing: data)
    } catch {
      throw .notJSON(error.text)
    }
    guard let tree = json["Root"] else { throw .malformed("no Root") }
    guard let current = json["CurrentIndex"]?.uint64 else { throw .malformed("no CurrentIndex") }
    var expiring: [V2Node] = []
    let newRoot = try node(tree, parent: nil, &expiring)
    guard newRoot.isDirectory else { throw .malformed("Root is no directory") }
    let former = index
    root = newRoot
    index = current
    stats = V2Stats(json["Stats"])
    history = recoveredHistory(json["WatcherHub"]?["EventHistory"])
    expiries = BinaryHeap()
    expiringNodes = expiring.count
    for node in expiring { schedule(node) }
    tellWatchers(since: former)
  }

  private func node(
    _ json: JSONValue, parent: V2Node?, _ expiring: inout [V2Node]
  ) throws(V2RecoveryError) -> V2Node {
    guard let path = json["Path"]?.string else { throw .malformed("a node without Path") }
    guard let time = json["ExpireTime"]?.string.flatMap(V2Time.parse) else {
      throw .malformed("ExpireTime of \(path)")
    }
    var expiry: Int64?
    if case .at(let end) = time { expiry = end }
    let children = json["Children"]?.members
    let node = V2Node(
      path: path, createdIndex: json["CreatedIndex"]?.uint64 ?? 0,
      modifiedIndex: json["ModifiedIndex"]?.uint64 ?? 0, expiry: expiry, value: json["Value"]?.string ?? "",
      isDirectory: children != nil, parent: parent)
    if expiry != nil { expiring.append(node) }
    for child in children ?? [] {
      node.children?[V2Name(child.name)] = try self.node(child.value, parent: node, &expiring)
    }
    return node
  }

  private func recoveredHistory(_ json: JSONValue?) -> V2History {
    let queue = json?["Queue"]
    let slots = queue?["Events"]?.array ?? []
    let size = min(slots.count, max(0, Int(queue?["Size"]?.int64 ?? 0)))
    let front = Int(queue?["Front"]?.int64 ?? 0)
    guard !slots.isEmpty, (0..<slots.count).contains(front) else {
      return V2History([], lastIndex: json?["LastIndex"]?.uint64 ?? 0)
    }
    let events = (0..<size).compactMap { V2Event(slots[(front + $0) % slots.count]) }
    return V2History(events, lastIndex: json?["LastIndex"]?.uint64 ?? events.last?.index ?? 0)
  }
}
