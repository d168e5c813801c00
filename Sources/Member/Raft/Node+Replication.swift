import Base
import Wire

extension Node {
  // MARK: - Proposals

  /// Takes proposed entries as leader.
  mutating func lead(proposed entries: some MutableCollection<Entry>) throws(RaftError) {
    // A leader that has removed itself goes on until its term ends, but takes nothing new.
    if tracker.place(of: id) == nil { throw .proposalDropped }
    if transferee != 0 {
      logger(
        .debug,
        "\(hexID) [term \(term)] transfer leadership to \(transferee.hex) is in progress; dropping proposal")
      throw .proposalDropped
    }
    var entries = entries
    var index = log.lastIndex
    for place in entries.indices {
      index += 1
      if entries[place].type != .normal { guardChange(in: &entries[place], at: index) }
    }
    if !append(entries) { throw .proposalDropped }
    broadcastAppend()
  }

  /// Lets one change of members pass at a time; another becomes an entry without content, so that the
  /// proposer still hears of it. As etcd 3.4: raft/raft.go, stepLeader.
  private mutating func guardChange(in entry: inout Entry, at index: UInt64) {
    guard let change = MemberChange(entry) else {
      // Bytes that are no change would stop every member that applies them.
      logger(.error, "\(hexID) ignoring conf change that cannot be decoded")
      entry = Entry()
      return
    }
    let isJoint = tracker.membership.voters.isJoint
    let wantsToLeave = change.asV2.changes.isEmpty
    var refused: String?
    if pendingChangeIndex > log.applied {
      refused =
        "possible unapplied conf change at index \(pendingChangeIndex) (applied to \(log.applied))"
    } else if isJoint && !wantsToLeave {
      refused = "must transition out of joint config first"
    } else if !isJoint && wantsToLeave {
      refused = "not in joint state; refusing empty conf change"
    }
    if let refused {
      logger(
        .info,
        "\(hexID) ignoring conf change \(change.described) at config "
          + "\(tracker.membership.described): \(refused)")
      entry = Entry()
    } else {
      pendingChangeIndex = index
    }
  }

  /// Appends entries of this term; false if there is no room for them.
  mutating func append(_ entries: some Collection<Entry>) -> Bool {
    var bytes = 0
    for entry in entries { bytes += entry.data?.count ?? 0 }
    // A single proposal may be larger than the limit, if it is alone.
    if uncommittedBytes > 0 && bytes > config.maxUncommittedBytes - uncommittedBytes {
      logger(
        .debug,
        "\(hexID) appending new entries to log would exceed uncommitted entry size limit; dropping proposal")
      return false
    }
    uncommittedBytes += bytes
    var index = log.lastIndex
    for entry in entries {
      index += 1
      log.append(Entry(type: entry.type, term: term, index: index, data: entry.data))
    }
    // Writing behind, nothing of it counts yet.
    if writesBehind { return true }
    acknowledgeOwn()
    // The caller broadcasts whatever comes of it.
    _ = maybeCommit()
    return true
  }

  /// Counts this member's own log toward the quorum. When writing behind, only what is durable: so a
  /// commit, and the acknowledgement that follows from it, never precedes the sync.
  mutating func acknowledgeOwn() {
    guard let place = tracker.place(of: id) else { return }
    _ = tracker.members[place].acknowledge(ownMatch)
  }

  /// Advances the commit index as far as a quorum allows.
  mutating func maybeCommit() -> Bool {
    guard log.commit(through: tracker.committed, ofTerm: term) else { return false }
    releaseReads()
    return true
  }

  // MARK: - Sending

  mutating func broadcastAppend() {
    for place in tracker.members.indices where tracker.members[place].id != id {
      sendAppend(at: place, evenIfEmpty: true)
    }
  }

  /// Sends the member at `place` what it lacks, or a snapshot if the log no longer reaches back that far.
  /// - Parameter evenIfEmpty: an append without entries still carries the commit index.
  /// - Returns: whether anything was sent.
  @discardableResult
  mutating func sendAppend(at place: Int, evenIfEmpty: Bool) -> Bool {
    let progress = tracker.members[place]
    if progress.isPaused { return false }
    guard
      let entries = log.entries(from: progress.next, maxBytes: config.maxMessageBytes)
    else { return evenIfEmpty && sendSnapshot(at: place) }
    if entries.isEmpty && !evenIfEmpty { return false }
    let previous = progress.next &- 1
    if let last = entries.last {
      switch progress.state {
      case .replicate:
        tracker.members[place].next = last.index + 1
        tracker.members[place].inflights.add(last.index)
      case .probe: tracker.members[place].isProbeSent = true
      case .snapshot: broken("entries sent to a member that awaits a snapshot")
      }
    }
    send(
      RaftMessage(
        type: .app, to: progress.id, logTerm: log.term(at: previous), index: previous, entries: entries,
        commit: log.committed))
    return true
  }

  mutating func broadcastHeartbeat(context: Bytes?) {
    for progress in tracker.members where progress.id != id {
      // Never a commit index beyond what the member is known to hold.
      send(
        RaftMessage(
          type: .heartbeat, to: progress.id, commit: min(progress.match, log.committed), context: context))
    }
  }

  // MARK: - Answers to the leader

  mutating func appendAnswered(_ m: RaftMessage, at place: Int) {
    tracker.members[place].isRecentlyActive = true
    if m.reject { return appendRefused(m, at: place) }
    // Nobody can have more of this term than its leader.
    if m.index > log.lastIndex {
      logger(
        .error,
        "\(hexID) ignored MsgAppResp from \(m.from.hex) for index \(m.index) beyond the log's end \(log.lastIndex)"
      )
      return
    }
    let wasPaused = tracker.members[place].isPaused
    guard tracker.members[place].acknowledge(m.index) else { return }
    let progress = tracker.members[place]
    switch progress.state {
    case .probe: tracker.members[place].becomeReplicate()
    case .snapshot where progress.match >= progress.pendingSnapshot:
      logger(
        .debug,
        "\(hexID) recovered from needing snapshot, resumed sending replication messages to \(m.from.hex) "
          + "[\(progress)]")
      tracker.members[place].becomeProbe()
      tracker.members[place].becomeReplicate()
    case .snapshot: break
    case .replicate: tracker.members[place].inflights.free(through: m.index)
    }
    if maybeCommit() {
      broadcastAppend()
    } else if wasPaused {
      // It may have missed the newest commit index while it was not spoken to.
      sendAppend(at: place, evenIfEmpty: true)
    }
    // The window may have room for several messages now.
    while sendAppend(at: place, evenIfEmpty: false) {}
    if m.from == transferee && tracker.members[place].match == log.lastIndex {
      logger(.info, "\(hexID) sent MsgTimeoutNow to \(m.from.hex) after received MsgAppResp")
      send(RaftMessage(type: .timeoutNow, to: m.from))
    }
  }

  private mutating func appendRefused(_ m: RaftMessage, at place: Int) {
    logger(
      .debug,
      "\(hexID) received MsgAppResp(MsgApp was rejected, lastindex: \(m.rejectHint)) from \(m.from.hex) "
        + "for index \(m.index)")
    guard tracker.members[place].refuse(m.index, last: m.rejectHint) else { return }
    logger(.debug, "\(hexID) decreased progress of \(m.from.hex) to [\(tracker.members[place])]")
    if tracker.members[place].state == .replicate { tracker.members[place].becomeProbe() }
    sendAppend(at: place, evenIfEmpty: true)
  }

  mutating func heartbeatAnswered(_ m: RaftMessage, at place: Int) {
    tracker.members[place].isRecentlyActive = true
    tracker.members[place].isProbeSent = false
    if tracker.members[place].state == .replicate && tracker.members[place].inflights.isFull {
      tracker.members[place].inflights.freeFirst()
    }
    if tracker.members[place].match < log.lastIndex { sendAppend(at: place, evenIfEmpty: true) }
    readConfirmed(m)
  }

  mutating func unreachable(at place: Int) {
    // What was sent ahead is probably lost.
    if tracker.members[place].state == .replicate { tracker.members[place].becomeProbe() }
    let progress = tracker.members[place]
    logger(
      .debug,
      "\(hexID) failed to send message to \(progress.id.hex) because it is unreachable [\(progress)]")
  }

  // MARK: - Following

  mutating func appendEntries(_ m: RaftMessage) {
    if m.index < log.committed {
      send(RaftMessage(type: .appResp, to: m.from, index: log.committed))
      return
    }
    if let last = log.append(m.entries, after: m.index, term: m.logTerm, committed: m.commit) {
      send(RaftMessage(type: .appResp, to: m.from, index: last))
      return
    }
    logger(
      .debug,
      "\(hexID) [logterm: \(log.term(at: m.index)), index: \(m.index)] rejected MsgApp "
        + "[logterm: \(m.logTerm), index: \(m.index)] from \(m.from.hex)")
    send(
      RaftMessage(
        type: .appResp, to: m.from, index: m.index, reject: true, rejectHint: log.lastIndex))
  }

  mutating func heartbeat(_ m: RaftMessage) {
    log.commit(through: m.commit)
    send(RaftMessage(type: .heartbeatResp, to: m.from, context: m.context))
  }
}
