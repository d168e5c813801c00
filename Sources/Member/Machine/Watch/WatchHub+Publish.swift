import Base

extension WatchHub {
  /// Tells synced watchers of the changes of one write transaction; call once for each, in order.
  ///
  /// The caller must report every revision, also one without watchers. As etcd 3.4: watchableStore.notify.
  package func publish(_ changes: [Change], into output: inout WatchOutput) {
    guard let first = changes.first else { return }
    let main = first.revision.main
    invariant(main > revision, "revision \(main) published after \(revision)")
    revision = main
    if counters.watchers == 0 { return }
    let base = Int32(output.changes.count)
    for (offset, change) in changes.enumerated() {
      hits.removeAll(keepingCapacity: true)
      change.key.withUnsafeBytes { index.match($0, into: &hits) }
      for watcher in hits where isDue(watcher, change) {
        matches.append(Match(watcher: watcher, change: base + Int32(offset)))
      }
    }
    if matches.isEmpty { return }
    if matches.count > fanOut { keepFirstMatches() }
    output.changes.append(contentsOf: changes)
    deliverMatches(at: main, single: changes.count == 1, into: &output)
  }

  /// So many watchers cannot be told in one go: those behind the first ones fall behind and are served from history, all
  /// changes of the revision together.
  private func keepFirstMatches() {
    var kept: Set<Int32> = []
    var first: [Match] = []
    for match in matches {
      if kept.count < fanOut || kept.contains(match.watcher) {
        kept.insert(match.watcher)
        first.append(match)
      } else if watchers[Int(match.watcher)].state == .synced {
        fallBehind(match.watcher, at: revision)
      }
    }
    matches = first
  }

  /// Whether a synced watcher gets the change now. A watcher of a paused stream falls behind at it instead.
  private func isDue(_ watcher: Int32, _ change: Change) -> Bool {
    let it = watchers[Int(watcher)]
    guard it.state == .synced, change.revision.main >= it.nextRevision else { return false }
    guard !it.options.excludes(change) else { return false }
    guard streams[Int(it.stream)].isPaused else { return true }
    fallBehind(watcher, at: change.revision.main)
    return false
  }

  /// Turns the collected matches into one delivery a watcher, the changes of each in their order.
  func deliverMatches(at headerRevision: Int64, single: Bool, into output: inout WatchOutput) {
    if single { return deliverSingle(at: headerRevision, into: &output) }
    let firstDelivery = output.deliveries.count
    for match in matches {
      let mark = watchers[Int(match.watcher)].mark
      if mark >= 0 {
        let picks = output.deliveries[Int(mark)].picks
        output.deliveries[Int(mark)].picks = 0..<picks.upperBound + 1
      } else {
        watchers[Int(match.watcher)].mark = Int32(output.deliveries.count)
        append(match.watcher, picks: 0..<1, revision: headerRevision, to: &output)
      }
    }
    var start = output.picks.count
    output.picks.append(contentsOf: repeatElement(0, count: matches.count))
    for place in firstDelivery..<output.deliveries.count {
      let count = output.deliveries[place].picks.count
      output.deliveries[place].picks = start..<start
      start += count
    }
    for match in matches {
      let place = Int(watchers[Int(match.watcher)].mark)
      let picks = output.deliveries[place].picks
      output.picks[picks.upperBound] = match.change
      output.deliveries[place].picks = picks.lowerBound..<picks.upperBound + 1
    }
    for match in matches { watchers[Int(match.watcher)].mark = -1 }
    finishMatches()
  }

  /// One change only: all deliveries share one pick.
  private func deliverSingle(at headerRevision: Int64, into output: inout WatchOutput) {
    guard let change = matches.first?.change else { return }
    let pick = output.picks.count
    output.picks.append(change)
    for match in matches {
      append(match.watcher, picks: pick..<pick + 1, revision: headerRevision, to: &output)
    }
    finishMatches()
  }

  private func append(_ watcher: Int32, picks: Range<Int>, revision: Int64, to output: inout WatchOutput) {
    let it = watchers[Int(watcher)]
    watchers[Int(watcher)].isQuiet = false
    output.deliveries.append(
      WatchDelivery(
        stream: StreamID(Int(it.stream)), watchID: it.watchID, revision: revision, kind: .events,
        options: it.options, picks: picks))
  }

  private func finishMatches() {
    counters.events += UInt64(matches.count)
    counters.pendingEvents += matches.count
    matches.removeAll(keepingCapacity: true)
  }

  /// The service reports events it has written out (or dropped with their stream).
  package func eventsSent(_ count: Int) { counters.pendingEvents -= count }
}

extension WatchOptions {
  /// Whether a filter keeps the change from the watcher.
  func excludes(_ change: Change) -> Bool { contains(change.isDelete ? .noDeletes : .noPuts) }
}
