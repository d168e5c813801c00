import Base

/// Watchers that are being served from history together, with the position they share.
struct WatchBatch: ~Copyable {
  var index: WatchIndex
  var members: [Int32] = []
  /// History below this has been scanned for all members.
  var position: Int64 = .max

  init(seed: UInt64) { index = WatchIndex(seed: seed) }
}

extension WatchHub {
  /// True while some watcher that may be delivered to is behind, or a closed stream's watchers are still there: call
  /// `catchUp` again soon.
  package var hasCatchingUp: Bool { batch != nil || queue.first >= 0 || !settled.isEmpty || !closing.isEmpty }

  /// Serves watchers that are behind: one slice of one scan over history, for up to `Limits.watchBatch` of them.
  ///
  /// Ends after `Limits.watchSliceRows` rows (or events, or bytes) at the next border between revisions, so the loop
  /// is not held. Every revision must have been given to `publish` first. As etcd 3.4: syncWatchers.
  package func catchUp(from history: some ChangeHistory, into output: inout WatchOutput) {
    if !closing.isEmpty { removeOfClosing() }
    if batch == nil { chooseBatch(into: &output) }
    if batch != nil {
      dropStaleMembers(into: &output)
      serveSlice(from: history, into: &output)
    }
    settleProgress(into: &output)
  }

  /// The store has dropped what lies below `revision`; watchers that still need it are cancelled as they come up.
  package func compacted(to revision: Int64) { compactedRevision = max(compactedRevision, revision) }

  /// The store was replaced by a leader's snapshot: every watcher goes on, without gap or repetition, from where it
  /// was. As etcd 3.4: watchableStore.Restore, without its step back in time (fixed in 3.4.25).
  package func restored(revision newRevision: Int64, compactedRevision newCompacted: Int64) {
    if var old = batch.take() {
      for watcher in old.members where watchers[Int(watcher)].state == .batched { enqueue(watcher) }
      old.members = []
    }
    let seen = revision
    revision = newRevision
    compactedRevision = newCompacted
    for slot in watchers.indices where watchers[slot].entry >= 0 && watchers[slot].state == .synced {
      watchers[slot].nextRevision = max(watchers[slot].nextRevision, seen + 1)
      if watchers[slot].nextRevision <= newRevision { fallBehind(Int32(slot), at: seen + 1) }
    }
  }

  private func chooseBatch(into output: inout WatchOutput) {
    var chosen = WatchBatch(seed: dice.next())
    while chosen.members.count < batchSize, queue.first >= 0 {
      let watcher = queue.first
      unlink(watcher, from: &queue)
      if streams[Int(watchers[Int(watcher)].stream)].isPaused {
        park(watcher)
      } else if watchers[Int(watcher)].nextRevision > revision {
        becomeSynced(watcher)
      } else {
        watchers[Int(watcher)].state = .batched
        chosen.position = min(chosen.position, watchers[Int(watcher)].nextRevision)
        chosen.members.append(watcher)
        _ = chosen.index.insert(watcher: watcher, like: watchers[Int(watcher)].entry, of: index)
      }
    }
    if !chosen.members.isEmpty { batch = consume chosen }
  }

  /// Lets go of members that were cancelled, whose stream is full, or whose position was compacted away.
  private func dropStaleMembers(into output: inout WatchOutput) {
    guard var current = batch.take() else { return }
    var kept: [Int32] = []
    var position = Int64.max
    for watcher in current.members {
      let it = watchers[Int(watcher)]
      guard it.state == .batched else { continue }
      if it.nextRevision < compactedRevision, !streams[Int(it.stream)].isClosing {
        cancelCompacted(watcher, into: &output)
      } else if streams[Int(it.stream)].isPaused {
        park(watcher)
      } else {
        kept.append(watcher)
        position = min(position, it.nextRevision)
      }
    }
    if kept.isEmpty { return }
    current.members = kept
    current.position = max(current.position, position)
    batch = consume current
  }

  private func cancelCompacted(_ watcher: Int32, into output: inout WatchOutput) {
    let it = watchers[Int(watcher)]
    output.deliveries.append(
      WatchDelivery(
        stream: StreamID(Int(it.stream)), watchID: it.watchID, revision: 0, kind: .compacted(compactedRevision),
        options: it.options, picks: 0..<0))
    remove(watcher)
  }

  private func serveSlice(from history: some ChangeHistory, into output: inout WatchOutput) {
    guard var current = batch.take() else { return }
    let done = collect(from: history, &current, into: &output)
    deliverMatches(at: revision, single: false, into: &output)
    current.position = done + 1
    for watcher in current.members {
      watchers[Int(watcher)].nextRevision = max(watchers[Int(watcher)].nextRevision, done + 1)
    }
    if done < revision {
      batch = consume current
      return
    }
    for watcher in current.members { becomeSynced(watcher) }
  }

  /// Scans one slice and collects matches; answers the last revision that was scanned completely.
  private func collect(
    from history: some ChangeHistory, _ current: inout WatchBatch, into output: inout WatchOutput
  ) -> Int64 {
    var rows = 0
    var bytes = 0
    var last = current.position - 1
    var isCut = false
    history.scan(from: current.position, through: revision) { change in
      if change.revision.main != last {
        if rows >= sliceRows || matches.count >= sliceEvents || bytes >= Limits.watchSliceBytes {
          isCut = true
          return false
        }
        last = change.revision.main
      }
      rows += 1
      let before = matches.count
      match(change, &current, at: Int32(output.changes.count))
      if matches.count > before {
        bytes += (matches.count - before) * change.record.count
        output.changes.append(change)
      }
      return true
    }
    return isCut ? last : revision
  }

  private func match(_ change: Change, _ current: inout WatchBatch, at place: Int32) {
    hits.removeAll(keepingCapacity: true)
    change.key.withUnsafeBytes { current.index.match($0, into: &hits) }
    for watcher in hits {
      let it = watchers[Int(watcher)]
      // A slot of the batch may have been freed and reused since; the state tells.
      guard it.state == .batched, change.revision.main >= it.nextRevision, !it.options.excludes(change) else {
        continue
      }
      matches.append(Match(watcher: watcher, change: place))
    }
  }

  private func becomeSynced(_ watcher: Int32) {
    countCaughtUp(watcher)
    watchers[Int(watcher)].state = .synced
  }
}
