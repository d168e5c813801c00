import Base
import Wire

extension Node {
  /// Asks that `peer` become leader. Followers pass the wish on; nothing tells of failure but that the
  /// leader stays the same for an election timeout.
  package mutating func transferLeadership(to peer: UInt64) {
    try? receive(RaftMessage(type: .transferLeader, from: peer))
  }

  /// Brings the chosen member up to date, then tells it to campaign (thesis 3.10).
  mutating func transfer(to peer: UInt64, at place: Int) {
    if tracker.members[place].isLearner {
      logger(.debug, "\(hexID) is learner. Ignored transferring leadership")
      return
    }
    if transferee == peer {
      logger(
        .info,
        "\(hexID) [term \(term)] transfer leadership to \(peer.hex) is in progress, ignores request to "
          + "same node \(peer.hex)")
      return
    }
    if transferee != 0 {
      logger(
        .info,
        "\(hexID) [term \(term)] abort previous transferring leadership to \(transferee.hex)")
      transferee = 0
    }
    if peer == id {
      logger(.debug, "\(hexID) is already leader. Ignored transferring leadership to self")
      return
    }
    logger(.info, "\(hexID) [term \(term)] starts to transfer leadership to \(peer.hex)")
    // It has one election timeout from now.
    electionElapsed = 0
    transferee = peer
    if tracker.members[place].match == log.lastIndex {
      send(RaftMessage(type: .timeoutNow, to: peer))
      logger(
        .info,
        "\(hexID) sends MsgTimeoutNow to \(peer.hex) immediately as \(peer.hex) already has up-to-date log")
    } else {
      sendAppend(at: place, evenIfEmpty: true)
    }
  }
}
