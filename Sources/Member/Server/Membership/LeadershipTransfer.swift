import Base
import Config
import Doors
import Event
import Machine
import Raft
import Wire

// Handing leadership over: because somebody asks for it, or because the leader is about to end.
// As etcd 3.4: etcdserver/server.go, MoveLeader and TransferLeadership.

/// Waits for a member to become leader.
struct LeadershipTransfer {
  var target: MemberID
  var deadline: Instant
  var done: (Bool) -> Void
}

/// The member ends once others lead and what it proposed is answered, or when this takes too long.
struct HandOver {
  var exit: MemberExit
  var deadline: Instant
  /// Wakes the loop at the end of the rest: for a moment after another leads, members that have not heard of it go on sending
  /// their clients' proposals here, and they are passed on.
  var rest: Timer?
  var isRested = false
}

extension Member {
  /// Calls back with true when `target` leads, with false when that does not come about in time.
  func transferLeadership(to target: MemberID, _ done: @escaping (Bool) -> Void) {
    log(.info, "\(id.hex) starts leadership transfer from \(id.hex) to \(target.hex)")
    node.transferLeadership(to: target.rawValue)
    transfers.append(LeadershipTransfer(target: target, deadline: loop.now + requestTimeout, done: done))
  }

  /// Ends the member after it has handed over what it leads.
  func leave(_ exit: MemberExit) {
    guard !isStopping, handOver == nil else { return stop(exit) }
    if case .signal(let name) = exit {
      log.named("pkg/osutil")(.notice, "received \(name) signal, shutting down...")
    }
    guard isLeader else { return stop(exit) }
    guard confState.voters.count > 1 else {
      log(.info, "skipped leadership transfer for single voting member cluster")
      return stop(exit)
    }
    guard let target = longestConnected else {
      log(.warning, "leadership transfer failed: no voting member is connected")
      return stop(exit)
    }
    handOver = HandOver(exit: exit, deadline: loop.now + settings.electionTimeout * 2)
    transferLeadership(to: target) { _ in }
  }

  /// The voter whose links have held longest.
  private var longestConnected: MemberID? {
    confState.voters.map { MemberID($0) }
      .compactMap { id in transport.activeSince(id).map { (id, $0) } }
      .min { $0.1 < $1.1 }?.0
  }

  /// What became of transfers; once per turn.
  func settleTransfers() {
    if !transfers.isEmpty {
      let now = loop.now
      let lead = MemberID(node.lead)
      let settled = transfers.filter { $0.target == lead || now >= $0.deadline }
      transfers.removeAll { $0.target == lead || now >= $0.deadline }
      for transfer in settled {
        if transfer.target == lead { log(.info, "\(id.hex) finished leadership transfer to \(lead.hex)") }
        transfer.done(transfer.target == lead)
      }
    }
    settleHandOver()
  }

  private func settleHandOver() {
    guard let leaving = handOver else { return }
    let isHandedOver = node.lead != 0 && !isLeader
    if isHandedOver, leaving.rest == nil {
      let timer = Timer(loop) { [unowned self] in handOver?.isRested = true }
      timer.once(after: Limits.handOverRest)
      handOver?.rest = timer
      // Clients of this member are told to go to another; what they asked already is answered.
      front.drain()
    }
    if isHandedOver && leaving.isRested && proposals.count == 0 || loop.now >= leaving.deadline {
      handOver = nil
      stop(leaving.exit)
    }
  }
}
