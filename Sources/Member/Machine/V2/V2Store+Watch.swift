import Base

/// A long poll or stream on a path.
struct V2Watcher {
  var path: V2Name
  var recursive: Bool
  var stream: Bool
  var since: UInt64
  /// The last event it was told of: a removal reaches a stream by its own path and by those above.
  var lastIndex: UInt64 = 0
  /// Notices for it that were not taken yet.
  var waiting = 0
  /// It sits at its path. False once it was told its last, or its owner is gone.
  var isSeated = false
  /// Nobody is left to be told.
  var isAbandoned = false
  /// Its neighbours at the path, in order of their coming.
  var before: Int?
  var after: Int?
}

/// The watchers of one path.
struct V2WatcherLine {
  var first: Int
  var last: Int
}

/// Something a watcher is to be told, in order.
package struct V2Notice: Sendable, Equatable {
  package var watcher: Int
  package var event: V2Event
  /// The watcher is gone with this event: it was no stream, or it is too far behind.
  package var isLast: Bool
  /// There was no room for the event: the watcher ends without it.
  package var isMissed = false
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
        path: V2Name(path), recursive: recursive, stream: stream, since: since, lastIndex: past.last?.index ?? 0
      ))
    seat(watcher)
    return V2WatchStart(watcher: watcher, startIndex: index, past: past)
  }

  /// Its owner is gone: it hears nothing more.
  package func removeWatcher(_ watcher: Int) {
    guard watchers.contains(watcher), !watchers[watcher].isAbandoned else { return }
    if watchers[watcher].isSeated { unseat(watcher) }
    if watchers[watcher].waiting == 0 {
      watchers.remove(at: watcher)
    } else {
      watchers[watcher].isAbandoned = true
    }
  }

  /// Up to `limit` of what watchers are to be told, the oldest first.
  package func takeNotices(limit: Int = .max) -> [V2Notice] {
    if !hasNotices { return [] }
    let end = noticesTaken + min(limit, notices.count - noticesTaken)
    let taken = notices[noticesTaken..<end].filter { notice in
      let isHeard = !watchers[notice.watcher].isAbandoned
      watchers[notice.watcher].waiting -= 1
      if watchers[notice.watcher].waiting == 0, !watchers[notice.watcher].isSeated {
        watchers.remove(at: notice.watcher)
      }
      return isHeard
    }
    noticesTaken = end
    if noticesTaken == notices.count {
      notices.removeAll(keepingCapacity: notices.count <= Limits.v2HistoryEvents)
      noticesTaken = 0
    }
    return taken
  }

  package var hasNotices: Bool { noticesTaken < notices.count }

  // MARK: Seats

  private func seat(_ watcher: Int) {
    let path = watchers[watcher].path
    watchers[watcher].isSeated = true
    watcherCount += 1
    guard let line = watchersByPath[path] else {
      watchersByPath[path] = V2WatcherLine(first: watcher, last: watcher)
      return
    }
    watchers[line.last].after = watcher
    watchers[watcher].before = line.last
    watchersByPath[path]?.last = watcher
  }

  private func unseat(_ watcher: Int) {
    let it = watchers[watcher]
    watchers[watcher].isSeated = false
    watchers[watcher].before = nil
    watchers[watcher].after = nil
    watcherCount -= 1
    if let before = it.before { watchers[before].after = it.after }
    if let after = it.after { watchers[after].before = it.before }
    switch (it.before, it.after) {
    case (nil, nil): watchersByPath[it.path] = nil
    case (nil, let after?): watchersByPath[it.path]?.first = after
    case (let before?, nil): watchersByPath[it.path]?.last = before
    case (_?, _?): break
    }
  }

  /// Adds an event to the history and tells the watchers of its path and of all above.
  func record(_ event: V2Event) {
    history.add(event)
    if watchersByPath.isEmpty { return }
    for path in V2Path.ancestry(event.node.key) { notify(event, at: path, isRemoval: false) }
  }

  /// Tells watchers of the history behind `former`, which came by a snapshot.
  func tellWatchers(since former: UInt64) {
    if watchersByPath.isEmpty || index <= former { return }
    guard history.startIndex <= former + 1, history.count > 0 else {
      return endWatchers(because: history.inOrder.last)
    }
    for event in history.inOrder where event.index > former && !event.isRefresh {
      for path in V2Path.ancestry(event.node.key) { notify(event, at: path, isRemoval: false) }
      guard event.action == .delete || event.action == .expire, event.previous?.isDirectory == true else {
        continue
      }
      let below = watchersByPath.keys.filter { $0.text.startsWithBytes(of: event.node.key + "/") }
      for path in below { notify(event, at: path.text, isRemoval: true) }
    }
  }

  /// Events are lost for them: they end without one.
  private func endWatchers(because event: V2Event?) {
    let event = event ?? V2Event(.get, key: "/", modifiedIndex: index, createdIndex: index)
    for line in watchersByPath.values.map(\.first) {
      var next: Int? = line
      while let watcher = next {
        next = watchers[watcher].after
        notices.append(V2Notice(watcher: watcher, event: event, isLast: true, isMissed: true))
        watchers[watcher].waiting += 1
        unseat(watcher)
      }
    }
  }

  func notify(_ event: V2Event, at path: String, isRemoval: Bool) {
    guard let line = watchersByPath[V2Name(path)] else { return }
    let isOwnPath = event.node.key.hasBytes(of: path)
    if !isOwnPath, V2Path.isHidden(event.node.key, from: path) { return }
    var next: Int? = line.first
    while let watcher = next {
      let it = watchers[watcher]
      next = it.after
      if it.recursive || isOwnPath || isRemoval, event.index >= it.since, event.index > it.lastIndex {
        tell(watcher, event)
      }
    }
  }

  /// One whose owner does not keep up ends. As etcd 3.4: v2store/watcher.go, notify.
  private func tell(_ watcher: Int, _ event: V2Event) {
    let isMissed = watchers[watcher].waiting >= Limits.v2WaitingEvents
    let isLast = isMissed || !watchers[watcher].stream
    notices.append(V2Notice(watcher: watcher, event: event, isLast: isLast, isMissed: isMissed))
    watchers[watcher].lastIndex = event.index
    watchers[watcher].waiting += 1
    if isLast { unseat(watcher) }
  }
}
