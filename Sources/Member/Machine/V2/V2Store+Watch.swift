import Base

/// A long poll or stream on a path.
struct V2Watcher {
  var path: String
  var recursive: Bool
  var stream: Bool
  var since: UInt64
  /// The last event it was told of: a removal reaches a stream by its own path and by those above.
  var lastIndex: UInt64 = 0
}

/// Something a watcher is to be told, in order.
package struct V2Notice: Sendable, Equatable {
  package var watcher: Int
  package var event: V2Event
  /// The watcher is gone with this event (it was no stream).
  package var isLast: Bool
}

/// The answer to a watch.
package struct V2WatchStart: Sendable, Equatable {
  /// Nil where history had the answer and nothing more will come.
  package var watcher: Int?
  /// The store's index when the watch began; a header of the reply.
  package var startIndex: UInt64
  /// Events of the past, to be delivered first.
  package var past: [V2Event]
}

extension V2Store {
  /// Waits for an event at `path` (or, if `recursive`, below) with `index >= since`; 0 means the next one.
  ///
  /// As etcd 3.4: watcher_hub.go, watch. There a stream gets one event of the past and then nothing; here it gets all
  /// of them and goes on.
  package func watch(
    _ path: String, recursive: Bool, stream: Bool, since: UInt64
  ) throws(V2Error) -> V2WatchStart {
    let path = V2Path.clean(path)
    let since = since == 0 ? index + 1 : since
    var past: [V2Event]
    do {
      past = try history.scan(key: path, recursive: recursive, from: since, all: stream)
    } catch {
      throw V2Error(error.code, cause: error.cause, index: index)
    }
    for place in past.indices { past[place].etcdIndex = index }
    if !stream, !past.isEmpty { return V2WatchStart(watcher: nil, startIndex: index, past: past) }
    let watcher = watchers.insert(
      V2Watcher(
        path: path, recursive: recursive, stream: stream, since: since, lastIndex: past.last?.index ?? 0))
    watchersByPath[path, default: []].append(watcher)
    return V2WatchStart(watcher: watcher, startIndex: index, past: past)
  }

  package func removeWatcher(_ watcher: Int) {
    guard watchers.contains(watcher) else { return }
    let path = watchers.remove(at: watcher).path
    watchersByPath[path]?.removeAll { $0 == watcher }
    if watchersByPath[path]?.isEmpty == true { watchersByPath[path] = nil }
  }

  /// How many watchers there are now.
  package var watcherCount: Int { watchers.count }

  /// What watchers are to be told since the last call.
  package func takeNotices() -> [V2Notice] {
    var taken: [V2Notice] = []
    swap(&taken, &notices)
    return taken
  }

  /// Adds an event to the history and tells the watchers of its path and of all above.
  func record(_ event: V2Event) {
    history.add(event)
    if watchersByPath.isEmpty { return }
    for path in V2Path.ancestry(event.node.key) { notify(event, at: path, isRemoval: false) }
  }

  func notify(_ event: V2Event, at path: String, isRemoval: Bool) {
    guard let present = watchersByPath[path] else { return }
    let isOwnPath = event.node.key == path
    if !isOwnPath, V2Path.isHidden(event.node.key, from: path) { return }
    for watcher in present {
      let it = watchers[watcher]
      guard it.recursive || isOwnPath || isRemoval, event.index >= it.since, event.index > it.lastIndex else {
        continue
      }
      notices.append(V2Notice(watcher: watcher, event: event, isLast: !it.stream))
      watchers[watcher].lastIndex = event.index
      if !it.stream { removeWatcher(watcher) }
    }
  }
}
