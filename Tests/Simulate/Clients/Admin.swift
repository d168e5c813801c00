import Base
import Machine
import Raft
import Wire

/// Changes the members: one step at a time, as an operator would, asking whoever answers.
final class Admin {
  static let number = -1
  private unowned let world: World
  private var added = 0
  private static let mostAdditions = 8

  init(_ world: World) { self.world = world }

  /// A live member that knows the members best.
  private var view: Life? {
    world.hosts.filter(\.isRunning).compactMap(\.life).max { $0.node.appliedIndex < $1.node.appliedIndex }
  }

  func act() {
    guard !world.isHealing else { return }
    world.agenda.add(.admin, at: world.now + Int64(2_000_000_000 + world.dice.below(12_000_000_000)))
    guard let view else { return }
    startMembers(knownTo: view)
    guard let target = world.leader ?? world.hosts.first(where: \.isRunning) else { return }
    let members = view.machine.roster.members
    let voters = members.filter { !$0.isLearner }
    if let learner = members.first(where: \.isLearner), world.dice.below(3) > 0 {
      return promote(learner, at: target)
    }
    switch world.dice.below(6) {
    case 0, 1: add(asLearner: true, at: target)
    case 2 where voters.count < 5: add(asLearner: false, at: target)
    case 3 where voters.count > 1:
      if let gone = world.pick(members) { remove(gone, at: target) }
    case 4 where voters.count > 2:
      if let leader = world.leader, let record = view.machine.roster[leader.record.id] {
        world.count(.removeLeader)
        remove(record, at: target)
      }
    default: break
    }
  }

  /// What was added and is not running yet is started; the operator has seen it in the list of members.
  func startMembers(knownTo view: Life) {
    for host in world.hosts where !host.isUp && !host.isRetired && host.processes == 0 {
      if view.machine.roster[host.record.id] != nil { world.start(host) }
    }
  }

  private func ask(_ change: ConfChange, at host: Host) {
    _ = world.ask(.change(change), client: 0, host: host.place)
  }

  private func add(asLearner isLearner: Bool, at target: Host) {
    guard added < Self.mostAdditions else { return }
    added += 1
    var record = World.record(world.hosts.count)
    record.isLearner = isLearner
    world.hosts.append(Host(place: world.hosts.count, record: record, founders: nil))
    var published = record
    published.name = ""
    world.count(isLearner ? .addLearner : .addVoter)
    world.say("add \(record.name)\(isLearner ? " as learner" : "")")
    ask(
      ConfChange(
        type: isLearner ? .addLearnerNode : .addNode, nodeID: record.id.rawValue,
        context: published.changeContext(isPromotion: false)), at: target)
  }

  private func promote(_ learner: MemberRecord, at target: Host) {
    world.count(.promoteLearner)
    world.say("promote \(learner.name)")
    var record = learner
    record.isLearner = false
    ask(
      ConfChange(
        type: .addNode, nodeID: record.id.rawValue, context: record.changeContext(isPromotion: true)),
      at: target)
  }

  private func remove(_ member: MemberRecord, at target: Host) {
    world.count(.removeMember)
    world.say("remove \(member.name)")
    ask(ConfChange(type: .removeNode, nodeID: member.id.rawValue), at: target)
  }

  /// As etcd 3.4 checks a change before it proposes it: etcdserver/server.go, mayAddMember and its kin.
  func check(_ change: ConfChange, on life: Life) throws(RPCStatus) {
    let strict = StrictReconfiguration(members: life.machine.roster.members) { [unowned self] id in
      isConnected(id, life)
    }
    let id = MemberID(change.nodeID)
    do throws(ReconfigurationRefusal) {
      switch change.type {
      case .addNode:
        if let known = life.machine.roster[id], known.isLearner {
          try strict.checkPromote(id)
          if !isInStep(id, life) { throw .learnerNotReady }
        } else {
          try strict.checkAdd(isLearner: false)
        }
      case .addLearnerNode: try strict.checkAdd(isLearner: true)
      case .removeNode: try strict.checkRemove(id, isActive: isConnected(id, life))
      default: break
      }
    } catch { throw RPCStatus(.unavailable, error.text) }
  }

  private func isConnected(_ id: MemberID, _ life: Life) -> Bool {
    if id == life.id { return true }
    guard let other = world.hosts.first(where: { $0.record.id == id }) else { return false }
    return other.isRunning && !world.network.isCut(life.host.place, other.place)
      && !world.network.isCut(other.place, life.host.place)
  }

  /// As etcd 3.4: etcdserver/server.go, isLearnerReady: nine tenths of the leader's log. Only a leader can tell.
  private func isInStep(_ id: MemberID, _ life: Life) -> Bool {
    let progress = life.node.progress
    guard let own = progress.first(where: { $0.id == life.id.rawValue }),
      let other = progress.first(where: { $0.id == id.rawValue })
    else { return false }
    return Double(other.match) >= Double(own.match) * 0.9
  }
}
