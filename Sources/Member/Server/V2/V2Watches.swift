import Base
import Event
import HTTP
import Machine
import Wire

/// Long polls and streams of `/v2/keys?wait=true`: the machine says who is to be told what, here it is written.
/// As etcd 3.4: v2http/client.go, handleKeyWatch.
final class V2Watches {
  private unowned let desk: V2Desk
  /// By the tree's number of the watcher.
  private var open: [Int: Watch] = [:]
  /// The last event that was encoded: many watchers are told the same.
  private var lastLine: (index: UInt64, action: V2Action, bytes: Bytes)?

  init(_ desk: V2Desk) { self.desk = desk }

  private final class Watch {
    let call: V2Call
    /// Lines that wait for a client to take those before.
    var backlog: [Bytes] = []
    /// Nothing follows what waits.
    var isEnding = false
    init(_ call: V2Call) { self.call = call }
  }

  private var tree: V2Store { desk.member.machine.v2 }

  func begin(_ request: V2Request, _ call: V2Call) {
    desk.member.metrics.treeWatches += 1
    let start: V2WatchStart
    do throws(V2Error) {
      if tree.watcherCount >= Limits.v2Watchers {
        throw V2Error(.raftInternal, cause: "etcdserver: there are \(Limits.v2Watchers) watchers already")
      }
      start = try tree.watch(
        request.path, recursive: request.recursive, stream: request.stream, since: request.since)
    } catch { return call.fail(error.forClient) }
    call.begin(desk.fields(index: start.startIndex))
    for event in start.past { call.send(event.clientLine()) }
    guard let watcher = start.watcher else { return call.finish() }
    open[watcher] = Watch(call)
    call.exchange.noteKept(Limits.watcherBytes + request.path.utf8.count)
    call.whenGone = { [unowned self] in
      open[watcher] = nil
      tree.removeWatcher(watcher)
    }
    call.whenDrained = { [unowned self] in
      if let watch = open[watcher] { writeBacklog(of: watch, watcher) }
    }
  }

  /// Writes what the tree has gathered; at the end of each turn. A crowd of watchers is told over several.
  func deliver() {
    guard tree.hasNotices else { return }
    for notice in tree.takeNotices(limit: Limits.v2NoticesPerTurn) {
      if let watch = open[notice.watcher] { take(notice, watch) }
    }
    if tree.hasNotices { desk.member.loop.post {} }
  }

  private func take(_ notice: V2Notice, _ watch: Watch) {
    if !notice.isMissed { watch.backlog.append(line(notice.event)) }
    if notice.isLast { watch.isEnding = true }
    if watch.backlog.count > Limits.v2WaitingEvents {
      // As for one that the tree gives up: what is there is sent, the client comes back with the index that it needs.
      tree.removeWatcher(notice.watcher)
      watch.isEnding = true
    }
    writeBacklog(of: watch, notice.watcher)
  }

  private func writeBacklog(of watch: Watch, _ watcher: Int) {
    var sent = 0
    while sent < watch.backlog.count, watch.call.exchange.canSend {
      watch.call.send(watch.backlog[sent])
      sent += 1
    }
    watch.backlog.removeFirst(sent)
    guard watch.isEnding, watch.backlog.isEmpty else { return }
    open[watcher] = nil
    watch.call.whenGone = nil
    watch.call.whenDrained = nil
    watch.call.finish()
  }

  private func line(_ event: V2Event) -> Bytes {
    if let lastLine, lastLine.index == event.index, lastLine.action == event.action { return lastLine.bytes }
    let bytes = event.clientLine()
    lastLine = (event.index, event.action, bytes)
    return bytes
  }
}
