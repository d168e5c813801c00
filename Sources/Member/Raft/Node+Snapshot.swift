import Base
import Wire

extension Node {
  // MARK: - Leader

  /// Sends the store's newest snapshot to the member at `place`; false if it is silent or none can be had.
  mutating func sendSnapshot(at place: Int) -> Bool {
    let progress = tracker.members[place]
    if !progress.isRecentlyActive {
      logger(.debug, "ignore sending snapshot to \(progress.id.hex) since it is not recently active")
      return false
    }
    guard let snapshot = try? log.newestSnapshot() else {
      logger(
        .debug,
        "\(hexID) failed to send snapshot to \(progress.id.hex) because snapshot is temporarily unavailable")
      return false
    }
    invariant(!snapshot.isEmpty, "need non-empty snapshot")
    logger(
      .debug,
      "\(hexID) [firstindex: \(log.firstIndex), commit: \(log.committed)] sent snapshot"
        + "[index: \(snapshot.metadata.index), term: \(snapshot.metadata.term)] to \(progress.id.hex) "
        + "[\(progress)]")
    tracker.members[place].becomeSnapshot(at: snapshot.metadata.index)
    logger(
      .debug,
      "\(hexID) paused sending replication messages to \(progress.id.hex) [\(tracker.members[place])]")
    send(RaftMessage(type: .snap, to: progress.id, snapshot: snapshot))
    return true
  }

  mutating func snapshotEnded(at place: Int, isSent: Bool) {
    guard tracker.members[place].state == .snapshot else { return }
    // After a failure the probing begins where it was, not behind a snapshot that never came.
    if !isSent { tracker.members[place].pendingSnapshot = 0 }
    tracker.members[place].becomeProbe()
    let progress = tracker.members[place]
    // Sent: its acknowledgement moves us on. Failed: try again after a heartbeat.
    tracker.members[place].isProbeSent = true
    logger(
      .debug,
      "\(hexID) snapshot \(isSent ? "succeeded" : "failed"), resumed sending replication messages to "
        + "\(progress.id.hex) [\(progress)]")
  }

  // MARK: - Follower

  mutating func takeSnapshot(_ m: RaftMessage) {
    let metadata = m.snapshot.metadata
    let isTaken = restore(m.snapshot)
    logger(
      .info,
      "\(hexID) [commit: \(log.committed)] \(isTaken ? "restored" : "ignored") snapshot "
        + "[index: \(metadata.index), term: \(metadata.term)]")
    send(RaftMessage(type: .appResp, to: m.from, index: isTaken ? log.lastIndex : log.committed))
  }

  /// Replaces log and members by a snapshot's; false if it is not needed or not for us.
  private mutating func restore(_ snapshot: RaftSnapshot) -> Bool {
    let metadata = snapshot.metadata
    if metadata.index <= log.committed { return false }
    invariant(role == .follower, "a snapshot reached a member that does not follow")
    if !metadata.confState.voters.contains(id) && !metadata.confState.learners.contains(id) {
      logger(
        .warning,
        "\(hexID) attempted to restore snapshot but it is not in the ConfState "
          + "\(metadata.confState.goValue); should never happen")
      return false
    }
    if log.matches(index: metadata.index, term: metadata.term) {
      // We have the entries already; only news of their commitment.
      logger(
        .info,
        "\(hexID) [commit: \(log.committed), lastindex: \(log.lastIndex), lastterm: \(log.lastTerm)] "
          + "fast-forwarded commit to snapshot [index: \(metadata.index), term: \(metadata.term)]")
      log.commit(through: metadata.index)
      return false
    }
    log.restore(snapshot)
    tracker = Tracker(inflightMessages: config.maxInflightMessages)
    restoreMembership(metadata.confState)
    if let place = tracker.place(of: id) {
      _ = tracker.members[place].acknowledge(tracker.members[place].next &- 1)
    }
    logger(
      .info,
      "\(hexID) [commit: \(log.committed), lastindex: \(log.lastIndex), lastterm: \(log.lastTerm)] "
        + "restored snapshot [index: \(metadata.index), term: \(metadata.term)]")
    return true
  }
}
