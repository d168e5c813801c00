import Base
import Testing
import Wire

@testable import Raft

/// A few members, a network that loses, repeats and reorders, and a watch over the paper's rules.
/// Everything follows from the seed.
final class SimulatedCluster {
  private(set) var members: [SimulatedMember] = []
  private(set) var dice: Dice
  private var watch = Invariants.Watch()
  private var inFlight: [RaftMessage] = []
  /// Members of different sides do not hear each other.
  private var side: [UInt64: Int] = [:]
  private var losesMessages = true
  private let settings: (inout Node.Config) -> Void

  /// The digest after each index, as first applied anywhere.
  private var digests: [UInt64: UInt64] = [:]
  private(set) var highestApplied: UInt64 = 0
  /// For each read under way: what had been applied anywhere when it was asked.
  private var reads: [Bytes: UInt64] = [:]
  private var readNumber: UInt64 = 0
  private(set) var readsAnswered = 0
  private(set) var leadersSeen: Set<UInt64> = []
  private var proposals: UInt64 = 0
  private var steps = 0

  init(
    voters: [UInt64], learners: [UInt64] = [], seed: UInt64,
    settings: @escaping (inout Node.Config) -> Void = { _ in }
  ) {
    dice = Dice(seed: seed)
    self.settings = settings
    for id in voters + learners {
      add(SimulatedMember(id: id, voters: voters, learners: learners, settings: settings))
    }
  }

  private func add(_ member: SimulatedMember) {
    member.didApply = { [unowned self] _, entry, digest in
      if let known = digests[entry.index] {
        #expect(known == digest, "two states at index \(entry.index)")
      } else {
        digests[entry.index] = digest
      }
      watch.applied(entry, by: member.id)
      highestApplied = max(highestApplied, entry.index)
    }
    member.didRead = { [unowned self] _, state in
      guard let floor = reads.removeValue(forKey: state.context) else { return }
      #expect(state.index >= floor, "a read at \(state.index) after \(floor) had been applied")
      readsAnswered += 1
    }
    members.append(member)
  }

  /// A member that is not in the configuration yet.
  func addNewcomer(_ id: UInt64) { add(SimulatedMember(id: id, voters: [], settings: settings)) }

  subscript(_ id: UInt64) -> SimulatedMember { members.first { $0.id == id }! }
  var up: [SimulatedMember] { members.filter(\.isUp) }
  var leader: SimulatedMember? {
    up.filter { $0.node.isLeader }.max { $0.node.hardState.term < $1.node.hardState.term }
  }

  // MARK: - Chaos

  /// One random event, and a look at the rules.
  func step(changesMembers: Bool = false) {
    steps += 1
    guard let member = pick(up) else { return restartOne() }
    switch dice.below(1000) {
    case ..<250: member.edit { $0.tick() }
    case ..<650: for _ in 0...dice.below(6) { deliverOne() }
    case ..<800: member.completeWrites(1 + dice.below(3))
    case ..<890: propose(at: member)
    case ..<940: read(at: member)
    case ..<945:
      member.crash(&dice)
      watch.restarted(member.id)
    case ..<965: restartOne()
    case ..<973: partition()
    case ..<980: member.compact(keeping: UInt64(dice.below(6)))
    case ..<983: member.edit { [target = pick(members)!.id] in $0.transferLeadership(to: target) }
    case ..<987: member.edit { [target = pick(members)!.id] in $0.reportUnreachable(target) }
    case ..<990 where changesMembers: changeMembers(at: member)
    default: break
    }
    // Some turns take in several events before anything is carried out.
    if member.isUp && dice.below(4) > 0 { turn(member) }
    look()
  }

  private func pick<T>(_ some: [T]) -> T? { some.isEmpty ? nil : some[dice.below(some.count)] }

  private func turn(_ member: SimulatedMember) {
    member.turn()
    inFlight += member.outbox
    member.outbox = []
    if member.node.isLeader { leadersSeen.insert(member.id) }
    // A network forgets when it is full.
    if inFlight.count > 400 { inFlight.removeFirst(inFlight.count - 400) }
  }

  private func look() {
    watch.look(at: up.map(\.node), thoroughly: steps % 16 == 0)
  }

  private func restartOne() {
    guard let down = pick(members.filter { !$0.isUp }) else { return }
    down.restart()
  }

  private func partition() {
    side = [:]
    if dice.below(3) > 0 { return }
    for member in members where dice.below(3) == 0 { side[member.id] = 1 }
  }

  private func deliverOne() {
    if inFlight.isEmpty { return }
    // Mostly near the front: reordering, but no lasting neglect.
    let place = dice.below(min(inFlight.count, 8))
    let message = dice.below(20) == 0 && losesMessages ? inFlight[place] : inFlight.remove(at: place)
    deliver(message, isLost: losesMessages && dice.below(12) == 0)
  }

  private func deliver(_ message: RaftMessage, isLost: Bool) {
    let target = members.first { $0.id == message.to }
    let isCut = (side[message.from] ?? 0) != (side[message.to] ?? 0)
    let arrives = !isLost && !isCut && target?.isUp == true
    // The wire is part of the test: what is sent must survive being bytes.
    if arrives, let decoded = try? RaftMessage(decoding: message.encoded()) {
      target?.edit { try? $0.step(decoded) }
      if let target, dice.below(4) > 0 { turn(target) }
    }
    if message.type == .snap, let sender = members.first(where: { $0.id == message.from }), sender.isUp {
      sender.edit { $0.reportSnapshot(message.to, isSent: arrives) }
    }
  }

  func propose(at member: SimulatedMember) {
    proposals += 1
    let batch = (0...dice.below(3)).map { "\(proposals)/\($0)".bytes }
    member.edit { try? $0.propose(batch: batch) }
  }

  private func read(at member: SimulatedMember) {
    readNumber += 1
    let context = "read \(readNumber)".bytes
    // Whatever any client may have seen by now. The highest commit index known anywhere is stricter still.
    reads[context] = max(highestApplied, up.map(\.node.committedIndex).max() ?? 0)
    member.edit { try? $0.readIndex(context) }
  }

  private func changeMembers(at member: SimulatedMember) {
    func change(_ type: ConfChangeType) -> ConfChangeSingle {
      ConfChangeSingle(type: type, nodeID: pick(members)!.id)
    }
    let types: [ConfChangeType] = [.addNode, .addNode, .addLearnerNode, .removeNode]
    let proposal: MemberChange
    switch dice.below(4) {
    case 0:
      let single = change(pick(types)!)
      if single.type == .removeNode, member.node.confState.voters == [single.nodeID] { return }
      proposal = .single(ConfChange(type: single.type, nodeID: single.nodeID))
    case 1 where member.node.membership.voters.isJoint: proposal = .several(ConfChangeV2())
    default:
      // Keeps member 1 a voter, so that no change empties the cluster.
      let others = (0...dice.below(2)).map { _ in change(pick(types)!) }.filter { $0.nodeID != 1 }
      if others.isEmpty { return }
      let keep = [ConfChangeSingle(type: .addNode, nodeID: 1)]
      let transition: ConfChangeTransition = dice.below(2) == 0 ? .jointImplicit : .jointExplicit
      proposal = .several(ConfChangeV2(transition: transition, changes: keep + others))
    }
    // Demoting or removing the last voter is what no operator may do; the core would stop.
    if case .single(let single) = proposal, single.type != .addNode, single.nodeID == 1 { return }
    if case .single(let single) = proposal, single.type != .addNode,
      member.node.confState.voters.filter({ $0 != single.nodeID }).isEmpty
    {
      return
    }
    member.edit { try? $0.propose(proposal) }
  }

  // MARK: - Calm

  /// One round without chaos: everyone ticks, writes, and hears everything.
  func calmRound() {
    for member in up {
      member.edit { $0.tick() }
      turn(member)
    }
    for _ in 0..<20 {
      for member in up {
        member.completeWrites(.max)
        turn(member)
      }
      let sent = inFlight
      inFlight = []
      if sent.isEmpty { break }
      for message in sent { deliver(message, isLost: false) }
    }
    look()
  }

  /// Ends all faults; returns whether the cluster serves again and everyone agrees.
  func heals(rounds: Int = 300) -> Bool {
    losesMessages = false
    side = [:]
    for member in members where !member.isUp { member.restart() }
    var marker: Bytes?
    for round in 0..<rounds {
      calmRound()
      // A member that has removed itself stops, as etcd's server does.
      for member in up where member.node.isLeader && member.node.tracker[member.id] == nil {
        member.crash(&dice)
      }
      guard let leader else { continue }
      // A joint state left open by its proposer is closed by the operator.
      if leader.node.membership.voters.isJoint && round % 10 == 0 {
        leader.edit { try? $0.propose(.several(ConfChangeV2())) }
      }
      if marker == nil, round > 20, !leader.node.membership.voters.isJoint {
        let data = "marker \(round)".bytes
        if leader.edit({ (try? $0.propose(data)) != nil }) { marker = data }
      }
      let state = leader.node.confState
      let everyone = state.voters + state.learners
      if marker != nil, round % 10 == 9,
        everyone.allSatisfy({ self[$0].applied == leader.node.lastIndex })
      {
        return true
      }
    }
    return false
  }

  /// The cluster in a few lines, for a failed test.
  var state: String {
    members.map { member in
      let node = member.node
      return "\(member.id): \(node.role) term \(node.hardState.term) vote \(node.hardState.vote) "
        + "lead \(node.lead) last \(node.lastIndex) stable \(node.stableIndex) "
        + "committed \(node.committedIndex) applied \(member.applied) \(node.membership.described)"
        + node.progress.map { "\n     \($0.id): \($0)" }.joined()
    }.joined(separator: "\n")
  }

  /// Calm rounds until someone leads and has committed in its term.
  @discardableResult
  func electLeader() -> SimulatedMember {
    losesMessages = false
    for _ in 0..<100 {
      calmRound()
      if let leader, leader.applied == leader.node.lastIndex { return leader }
    }
    Issue.record("no leader after 100 rounds")
    return members[0]
  }

  func isolate(_ ids: UInt64...) { for id in ids { side[id] = 1 } }
  func reconnect() { side = [:] }
}
