import Base
import Config
import Event
import HTTP
import Machine
import Raft
import Wire

// Changing the members of the running cluster. As etcd 3.4: etcdserver/server.go, AddMember and its kin.

extension Member {
  typealias MembershipAnswer = (Result<[MemberRecord], RPCStatus>) -> Void

  func addMember(_ record: MemberRecord, _ done: @escaping MembershipAnswer) {
    if settings.strictReconfigCheck {
      do throws(ReconfigurationRefusal) { try reconfiguration.checkAdd(isLearner: record.isLearner) } catch {
        log(.warning, "rejecting member add request: \(error.text)")
        return done(.failure(RPCStatus(error)))
      }
    }
    var change = ConfChange()
    change.type = record.isLearner ? .addLearnerNode : .addNode
    change.nodeID = record.id.rawValue
    change.context = record.json
    configure(change, done)
  }

  func removeMember(_ target: MemberID, _ done: @escaping MembershipAnswer) {
    if settings.strictReconfigCheck {
      let isActive = target == id || transport.activeSince(target) != nil
      do throws(ReconfigurationRefusal) { try reconfiguration.checkRemove(target, isActive: isActive) } catch {
        log(.warning, "rejecting member remove request of \(target.hex): \(error.text)")
        return done(.failure(RPCStatus(error)))
      }
    }
    var change = ConfChange()
    change.type = .removeNode
    change.nodeID = target.rawValue
    configure(change, done)
  }

  func updateMember(_ target: MemberID, peerURLs: [String], _ done: @escaping MembershipAnswer) {
    var change = ConfChange()
    change.type = .updateNode
    change.nodeID = target.rawValue
    change.context = MemberRecord(id: target, peerURLs: peerURLs).json
    configure(change, done)
  }

  /// Only the leader knows how far a learner has come.
  func promote(_ target: MemberID, _ done: @escaping MembershipAnswer) {
    guard isLeader else { return done(.failure(.notLeader)) }
    let done: MembershipAnswer = { [unowned self] answer in
      switch answer {
      case .success: metrics.learnerPromotions += 1
      case .failure(let status): metrics.learnerPromotionFailures[status.message, default: 0] += 1
      }
      done(answer)
    }
    guard let record = machine.roster[target] else { return done(.failure(.memberNotFound)) }
    guard record.isLearner else { return done(.failure(.memberNotLearner)) }
    guard isReady(learner: target) else { return done(.failure(.learnerNotReady)) }
    if settings.strictReconfigCheck {
      do throws(ReconfigurationRefusal) { try reconfiguration.checkPromote(target) } catch {
        log(.warning, "rejecting member promote request of \(target.hex): \(error.text)")
        return done(.failure(RPCStatus(error)))
      }
    }
    var change = ConfChange()
    change.type = .addNode
    change.nodeID = target.rawValue
    change.context = MemberRecord(id: target, peerURLs: []).changeContext(isPromotion: true)
    configure(change, done)
  }

  /// In sync: nine tenths of what the leader's log holds. As etcd 3.4: etcdserver/server.go, isLearnerReady.
  private func isReady(learner: MemberID) -> Bool {
    let progress = node.progress
    guard let leader = progress.first(where: { $0.id == id.rawValue }),
      let other = progress.first(where: { $0.id == learner.rawValue })
    else { return false }
    return other.match >= 1 && Double(other.match) >= Double(leader.match) * 0.9
  }

  private var reconfiguration: StrictReconfiguration {
    let now = loop.now
    return StrictReconfiguration(members: machine.roster.members) { [unowned self] other in
      if other == id { return true }
      guard let since = transport.activeSince(other) else { return false }
      return now - since >= .seconds(5)
    }
  }

  private func configure(_ change: ConfChange, _ done: @escaping MembershipAnswer) {
    var change = change
    change.id = nextRequestID()
    if isStopping { return done(.failure(.stopped)) }
    do throws(RaftError) { try node.propose(.single(change)) } catch {
      return done(.failure(node.lead == 0 ? .noLeader : .timeout))
    }
    let asker = Proposals.Asker.member { [unowned self] answer in
      if case .failed(let status) = answer { return done(.failure(status)) }
      done(.success(machine.roster.members))
    }
    proposals.add(change.id, asker, deadline: loop.now + requestTimeout)
  }

  /// A change passed its checks and took effect: links follow, and a member that was removed leaves.
  func changed(_ change: ConfChange) {
    let changedID = MemberID(change.nodeID)
    switch change.type {
    case .addNode, .addLearnerNode, .updateNode:
      guard changedID != id, let record = machine.roster[changedID] else { return }
      log(.info, "added member \(changedID.hex) \(record.peerURLs) to cluster \(clusterID.hex)")
      transport.add(changedID, urls: Self.urls(record.peerURLs))
    case .removeNode:
      log(.info, "removed member \(changedID.hex) from cluster \(clusterID.hex)")
      if changedID == id { return leaveAfterRemoval() }
      transport.remove(changedID)
    case .unrecognized: break
    }
  }

  /// The others still have to hear of it, from us if we lead.
  private func leaveAfterRemoval() {
    let timer = Timer(loop) { [unowned self] in
      endAsRemoved()
    }
    timer.once(after: settings.electionTimeout)
    timers.append(timer)
  }
}

extension RPCStatus {
  init(_ refusal: ReconfigurationRefusal) {
    switch refusal {
    case .notEnoughStartedMembers: self = .notEnoughStartedMembers
    case .unhealthyCluster: self = .unhealthy
    case .learnerNotReady: self = .learnerNotReady
    }
  }
}
