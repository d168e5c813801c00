import Base

/// The last events of the v2 store, for watchers that come late. As etcd 3.4: v2store/event_history.go.
struct V2History {
  /// A ring once it is full; `start` is then the oldest.
  private var events: [V2Event] = []
  private var start = 0
  private let capacity = Limits.v2HistoryEvents

  private(set) var lastIndex: UInt64 = 0
  var startIndex: UInt64 { events.isEmpty ? 0 : events[start].index }
  var count: Int { events.count }

  init() {}

  /// Events out of a snapshot, the oldest first; more than fit lose their front.
  init(_ events: [V2Event], lastIndex: UInt64) {
    self.events = Array(events.suffix(capacity))
    self.lastIndex = lastIndex
  }

  mutating func add(_ event: V2Event) {
    if events.count < capacity {
      events.append(event)
    } else {
      events[start] = event
      start = (start + 1) % capacity
    }
    lastIndex = event.index
  }

  /// The oldest first.
  var inOrder: [V2Event] { Array(events[start...]) + Array(events[..<start]) }

  /// Events from `index` on that a watcher of `key` would have seen; only the first unless `all`.
  /// Throws `.eventIndexCleared` where the history no longer reaches back to it.
  func scan(key: String, recursive: Bool, from index: UInt64, all: Bool) throws(V2Error) -> [V2Event] {
    if index < startIndex {
      throw V2Error(
        .eventIndexCleared, cause: "the requested history has been cleared [\(startIndex)/\(index)]")
    }
    if index > lastIndex { return [] }
    var found: [V2Event] = []
    let prefix = key == "/" ? "/" : key + "/"
    for offset in 0..<events.count {
      let event = events[(start + offset) % events.count]
      guard event.index >= index, !event.isRefresh else { continue }
      guard matches(event, key: key, prefix: prefix, recursive: recursive) else { continue }
      found.append(event)
      if !all { break }
    }
    return found
  }

  private func matches(_ event: V2Event, key: String, prefix: String, recursive: Bool) -> Bool {
    if event.node.key.hasBytes(of: key) || recursive && event.node.key.startsWithBytes(of: prefix) {
      return true
    }
    // A directory that went took what was below it along.
    guard event.action == .delete || event.action == .expire, let previous = event.previous else {
      return false
    }
    return previous.isDirectory && key.startsWithBytes(of: previous.key)
  }
}
