import Base

/// What happened to a node, by the names on the wire.
package enum V2Action: String, Sendable {
  case get, create, set, update, delete, compareAndSwap, compareAndDelete, expire
}

/// A node as clients see it.
package struct V2NodeView: Sendable, Equatable {
  package var key: String
  package var value: String?
  package var isDirectory = false
  /// Nanoseconds since 1970; nil for nodes without end.
  package var expiration: Int64?
  /// Seconds left when the view was made, rounded up.
  package var ttl: Int64 = 0
  package var nodes: [V2NodeView] = []
  package var modifiedIndex: UInt64
  package var createdIndex: UInt64

  package init(key: String, modifiedIndex: UInt64, createdIndex: UInt64) {
    self.key = key
    self.modifiedIndex = modifiedIndex
    self.createdIndex = createdIndex
  }
}

/// An answer of the store, a line of its history and what watchers receive. As etcd 3.4: v2store/event.go.
package struct V2Event: Sendable, Equatable {
  package var action: V2Action
  package var node: V2NodeView
  package var previous: V2NodeView?
  /// The store's index when the event was made; a header of the reply.
  package var etcdIndex: UInt64 = 0
  /// A TTL was put off and nothing else changed: kept in the history, hidden from watchers.
  package var isRefresh = false

  package init(_ action: V2Action, key: String, modifiedIndex: UInt64, createdIndex: UInt64) {
    self.action = action
    node = V2NodeView(key: key, modifiedIndex: modifiedIndex, createdIndex: createdIndex)
  }

  package var index: UInt64 { node.modifiedIndex }

  /// Whether the reply is 201: something new stands there.
  package var isCreation: Bool { action == .create || action == .set && previous == nil }
}

// MARK: JSON, leaving out what is empty, in Go's order

extension V2NodeView {
  package func write(to writer: inout JSONWriter) {
    var isFirst = true
    if !key.isEmpty {
      writer.member("key", &isFirst)
      writer.string(key)
    }
    if let value {
      writer.member("value", &isFirst)
      writer.string(value)
    }
    if isDirectory {
      writer.member("dir", &isFirst)
      writer.bool(true)
    }
    if let expiration {
      writer.member("expiration", &isFirst)
      writer.string(V2Time.text(expiration))
    }
    if ttl != 0 {
      writer.member("ttl", &isFirst)
      writer.integer(ttl)
    }
    if !nodes.isEmpty {
      writer.member("nodes", &isFirst)
      writer.array(nodes) { $0.write(to: &$1) }
    }
    if modifiedIndex != 0 {
      writer.member("modifiedIndex", &isFirst)
      writer.integer(modifiedIndex)
    }
    if createdIndex != 0 {
      writer.member("createdIndex", &isFirst)
      writer.integer(createdIndex)
    }
    writer.endObject(isFirst)
  }

  init?(_ json: JSONValue) {
    guard json.members != nil else { return nil }
    key = json["key"]?.string ?? ""
    value = json["value"]?.string
    isDirectory = json["dir"]?.bool ?? false
    if let text = json["expiration"]?.string, case .at(let time)? = V2Time.parse(text) { expiration = time }
    ttl = json["ttl"]?.int64 ?? 0
    nodes = (json["nodes"]?.array ?? []).compactMap { V2NodeView($0) }
    modifiedIndex = json["modifiedIndex"]?.uint64 ?? 0
    createdIndex = json["createdIndex"]?.uint64 ?? 0
  }
}

extension V2Event {
  package func write(to writer: inout JSONWriter) {
    writer.raw("{\"action\":")
    writer.string(action.rawValue)
    writer.raw(",\"node\":")
    node.write(to: &writer)
    if let previous {
      writer.raw(",\"prevNode\":")
      previous.write(to: &writer)
    }
    if isRefresh { writer.raw(",\"refresh\":true") }
    writer.raw("}")
  }

  init?(_ json: JSONValue) {
    guard let action = json["action"]?.string.flatMap(V2Action.init(rawValue:)),
      let node = json["node"].flatMap({ V2NodeView($0) })
    else { return nil }
    self.action = action
    self.node = node
    previous = json["prevNode"].flatMap { V2NodeView($0) }
    isRefresh = json["refresh"]?.bool ?? false
    etcdIndex = node.modifiedIndex
  }
}

extension JSONWriter {
  /// Begins a member of an object; the first one opens it.
  mutating func member(_ name: StaticString, _ isFirst: inout Bool) {
    raw(isFirst ? "{\"" : ",\"")
    raw(name)
    raw("\":")
    isFirst = false
  }

  mutating func endObject(_ isEmpty: Bool) { raw(isEmpty ? "{}" : "}") }

  mutating func array<Element>(_ elements: [Element], _ write: (Element, inout JSONWriter) -> Void) {
    raw("[")
    for (place, element) in elements.enumerated() {
      if place > 0 { raw(",") }
      write(element, &self)
    }
    raw("]")
  }
}
