import Base
import Machine
import Raft
import Wire

/// A row of events that chance hardly ever brings about, and that one kind of mistake needs to show.
enum Scene: String, CaseIterable {
  /// The eighth figure of the Raft paper: an entry of an old term reaches a majority, its leader goes, and one that never had it
  /// is elected. What was counted as committed would be lost.
  case oldTerm
  /// A leader that was cut off comes back with a tail that is longer than the snapshot it is sent, and contradicts it.
  case longTail
  /// A leader loses power in the middle of a large write and comes back, to small ones over what is left of it, again and again.
  case tornWrite
  /// A leader stands still while another one is elected and writes; when it goes on, reads are the first thing it finds.
  case frozenLeader

  /// The scene is the only fault.
  func arrange(_ plan: inout Plan) {
    plan.members = 3
    plan.faults = []
    (plan.loss, plan.doubling) = (0, 0)
    plan.changesMembers = false
    switch self {
    case .oldTerm: plan.messageBytes = 1
    case .longTail: (plan.snapshotCount, plan.catchUpEntries) = (20, 0)
    case .tornWrite: (plan.snapshotCount, plan.catchUpEntries, plan.segmentBytes) = (600, 100, 64 * 1024)
    case .frozenLeader: plan.pace = 40_000_000
    }
  }
}

/// Plays a scene again and again. It looks at the cluster after every turn of a member, so that it can act between two messages.
final class Director {
  private unowned let world: World
  private let scene: Scene
  private var act = 0
  private var since: Int64 = 0
  private var isActing = false
  /// The leader of the first act, and where its log was when it was cut off.
  private var first: Host?
  private var start: UInt64 = 0
  private var term: UInt64 = 0
  private var second: Host?
  private var tail: UInt64 = 0
  private var kills = 0
  private(set) var played = 0

  private static let patience: Int64 = 15_000_000_000
  private static let millisecond: Int64 = 1_000_000

  init(_ world: World, _ scene: Scene) {
    self.world = world
    self.scene = scene
  }

  /// After every turn of a member.
  func look() {
    guard !isActing, !world.isHealing else { return }
    isActing = true
    defer { isActing = false }
    if act > 0, world.now - since > Self.patience { return over(isPlayed: false) }
    switch scene {
    case .oldTerm: oldTerm()
    case .longTail: longTail()
    case .tornWrite: tornWrite()
    case .frozenLeader: frozenLeader()
    }
  }

  // MARK: The scenes

  private func oldTerm() {
    switch act {
    case 0:
      guard let leader = readyLeader() else { return }
      isolate(leader, by: 1)
      propose(1, at: leader)
      next("\(leader.name) is cut off with entries after \(start)")
    case 1:
      guard let first, let other = newLeader(), let third = third else { return }
      // What it sends as a leader does not arrive any more.
      cut(other, third, by: 1)
      cut(first, third, by: -1)
      second = other
      tail = first.life?.node.lastIndex ?? start
      next("\(other.name) leads and is cut off, \(first.name) reaches \(third.name) again")
    case 2:
      guard let first, let other = second, let third, let leading = first.life, leading.isLeader,
        leading.node.hardState.term > other.life?.node.hardState.term ?? .max,
        let last = third.life?.node.lastIndex,
        last > start, last <= tail
      else { return }
      // The third has an entry of the old term and none of the new one: only its answer still gets through.
      world.network.cut(first.place, third.place, by: 1)
      next("\(third.name) holds \(last) of the old term")
    case 3:
      guard world.now - since > 50 * Self.millisecond, let first, let other = second, let third else { return }
      world.network.cut(first.place, third.place, by: -1)
      cut(first, third, by: 1)
      cut(other, third, by: -1)
      next("\(first.name) is cut off again, \(other.name) reaches \(third.name)")
    case 4:
      guard let other = second, other.life?.isLeader == true, world.now - since > 200 * Self.millisecond else {
        return
      }
      if third?.life?.node.committedIndex ?? 0 > tail { over(isPlayed: true) }
    default: settle()
    }
  }

  private func longTail() {
    switch act {
    case 0:
      guard let leader = readyLeader() else { return }
      isolate(leader, by: 1)
      propose(300, at: leader)
      tail = leader.life?.node.lastIndex ?? start
      next("\(leader.name) is cut off with entries after \(start) to \(tail)")
    case 1:
      guard let other = newLeader() else { return }
      second = other
      next("\(other.name) leads")
    case 2, 3, 4:
      guard let other = second, world.now - since > 100 * Self.millisecond else { return }
      propose(30, at: other)
      next("\(other.name) goes on")
    case 5:
      guard let other = second?.life, other.raftLog.firstIndex > start + 1 else { return }
      if other.node.appliedIndex < tail { over(isPlayed: true) } else { over(isPlayed: false) }
    default: settle()
    }
  }

  private func tornWrite() {
    switch act {
    case 0:
      guard let leader = readyLeader() else { return }
      isolate(leader, by: 1)
      for size in [2_500, 5_000] {
        let put = PutRequest(key: "k0".bytes, value: Bytes(repeating: UInt8(ascii: "."), count: size))
        _ = world.ask(.put(put), client: 0, host: leader.place)
      }
      next("\(leader.name) is cut off and writes")
    case 1:
      guard let first, let life = first.life else { return }
      let isWriting = life.working.contains { letter in
        guard case .write(_, let entries, _, _, _) = letter else { return false }
        return entries.contains { $0.data?.count ?? 0 > 2_000 }
      }
      guard isWriting else { return }
      world.kill(first, losesPower: true, downFor: 3_000 * Self.millisecond)
      next("\(first.name) loses power")
    case 2:
      guard newLeader() != nil else { return }
      if let first { isolate(first, by: -1) }
      kills = 0
      next("it may come back")
    case 3:
      guard let first, first.isRunning, world.now - since > Int64(50 + world.dice.below(300)) * Self.millisecond
      else { return }
      kills += 1
      world.kill(first, losesPower: world.dice.below(4) == 0, downFor: 20 * Self.millisecond)
      since = world.now
      if kills == 12 { over(isPlayed: true) }
    default: settle()
    }
  }

  private func frozenLeader() {
    switch act {
    case 0:
      guard let leader = readyLeader() else { return }
      world.pause(leader, for: Int64(3_500 + world.dice.below(2_000)) * Self.millisecond)
      next("\(leader.name) stands still")
    case 1:
      guard newLeader() != nil else { return }
      next("another leads")
    case 2:
      // What is read from now on must see what was written since.
      guard let first, world.now - since > 300 * Self.millisecond else { return }
      for _ in 0..<6 {
        _ = world.ask(.range(RangeRequest(key: "k".bytes, rangeEnd: "l".bytes)), client: 0, host: first.place)
      }
      next("reads wait for \(first.name)")
    case 3:
      guard let first, first.isRunning else { return }
      over(isPlayed: true)
    default: settle()
    }
  }

  // MARK: What they are made of

  /// The leader of a cluster in which all is well, remembered with its log's end.
  private func readyLeader() -> Host? {
    guard world.now - since > Int64(1 + world.dice.below(2_000)) * Self.millisecond,
      world.hosts.allSatisfy(\.isRunning), let leader = world.leader, let life = leader.life,
      world.hosts.allSatisfy({ $0.life?.node.lead == life.id.rawValue }),
      life.node.committedIndex == life.node.lastIndex
    else { return nil }
    first = leader
    second = nil
    start = life.node.lastIndex
    term = life.node.hardState.term
    return leader
  }

  private func newLeader() -> Host? {
    world.hosts.first { host in
      guard host !== first, let life = host.life else { return false }
      return life.isLeader && life.node.hardState.term > term
    }
  }

  private var third: Host? { world.hosts.first { $0 !== first && $0 !== second && $0 !== newLeader() } }

  /// Entries that mean nothing, as a new leader's first one.
  private func propose(_ count: Int, at host: Host) {
    guard let life = host.life else { return }
    for _ in 0..<count { try? life.node.propose([]) }
    life.stir()
  }

  private func cut(_ one: Host, _ other: Host, by count: Int) {
    world.network.cut(one.place, other.place, by: count)
    world.network.cut(other.place, one.place, by: count)
  }

  private func isolate(_ host: Host, by count: Int) {
    for other in world.hosts where other !== host { cut(host, other, by: count) }
  }

  private func next(_ what: String) {
    world.say("scene \(scene) \(act): \(what)")
    act += 1
    since = world.now
  }

  /// All links are well again; the next one begins when the cluster is.
  private func over(isPlayed: Bool) {
    world.say("scene \(scene) is over\(isPlayed ? "" : ", unfinished")")
    if isPlayed { played += 1 }
    world.network.heal()
    act = -1
    since = world.now
  }

  private func settle() {
    if world.now - since > 2_000 * Self.millisecond { act = 0 }
  }
}
