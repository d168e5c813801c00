import Base
import Machine
import Raft
import Storage
import Wire

/// One seed's run: faults, then healing, then the last look.
final class SimulatedRun {
  let world: World
  private let minutes: Int
  private(set) var healedAfter: Int64 = 0

  init(seed: UInt64, scene: Scene?, minutes: Int, isLoud: Bool) {
    world = World(seed: seed, scene: scene, isLoud: isLoud)
    self.minutes = minutes
  }

  /// The cluster has this much time to elect, to catch up and to serve once the faults stop.
  private static let healingTime: Int64 = 60_000_000_000

  func go() {
    world.runFaults(seconds: minutes * 60)
    let began = world.now
    world.heal()
    let isHealed = world.run(until: world.now + Self.healingTime) { [world] in world.isWell }
    if !isHealed {
      finding("not healed after \(Self.healingTime / 1_000_000_000) s:\n\(world.unwell)\n\(world.state)")
    }
    healedAfter = world.now - began
    world.stopClients()
    let isQuiet = world.run(until: world.now + Self.healingTime) { [world] in world.isSettled }
    if !isQuiet { finding("not settled:\n\(world.unwell)\n\(world.state)") }
    world.compareMembers()
  }

  var line: String {
    let plan = world.plan
    return "seed \(world.seed): \(plan.members) members, \(world.truth.index) entries, "
      + "\(world.truth.writesChecked) writes, \(world.truth.readsChecked) reads, "
      + "\(world.watchers.reduce(0) { $0 + $1.events }) events, \(world.truth.leases.expired) leases ended, "
      + "\(world.steps) steps, healed after \(healedAfter / 1_000_000) ms"
  }
}

extension World {
  /// All faults stop; everyone that belongs to the cluster is started.
  func heal() {
    say("healing")
    isHealing = true
    nemesis.ceaseAll()
    network.heal()
    for host in hosts {
      host.setRate(1, now: now)
      host.diskSlowness = 1
      host.diskFailure = nil
      resume(host)
    }
    for host in hosts where host.processes > 0 { start(host) }
  }

  private var roster: [MemberRecord] { leader?.life?.machine.roster.members ?? [] }

  /// What keeps the cluster from being well.
  var unwell: String {
    var lines: [String] = []
    if leader == nil { lines.append("no leader") }
    for client in clients where client.healed < 3 { lines.append("client \(client.number) is not served") }
    for watcher in watchers where !watcher.isComplete { lines.append("watcher \(watcher.number) waits") }
    if !isLevel { lines.append("members are not level") }
    if !truth.model.leases.isEmpty { lines.append("leases \(truth.model.leases.keys.sorted()) live") }
    return lines.joined(separator: "\n")
  }

  /// Everyone is served again.
  var isWell: Bool {
    // Whoever somebody counts on is there: a voter that was never started may be the one whose vote is missing.
    for host in hosts where !host.isUp && !host.isRetired {
      if hosts.contains(where: { $0.life?.machine.roster[host.record.id] != nil }) { start(host) }
    }
    guard leader != nil else { return false }
    return clients.allSatisfy { $0.healed >= 3 } && roster.allSatisfy { isUp($0) }
  }

  private func isUp(_ record: MemberRecord) -> Bool {
    hosts.contains { $0.record.id == record.id && $0.isRunning }
  }

  func stopClients() { for client in clients { client.isStopped = true } }

  private var belonging: [Host] {
    let ids = Set(roster.map(\.id))
    return hosts.filter { ids.contains($0.record.id) }
  }

  private var isLevel: Bool {
    guard let last = leader?.life?.node.lastIndex else { return false }
    return belonging.allSatisfy { $0.life?.node.appliedIndex == last }
  }

  /// All members hold the same, all watchers know it, and all leases have ended, for nobody renews them.
  var isSettled: Bool { truth.model.leases.isEmpty && isLevel && watchers.allSatisfy(\.isComplete) }

  func compareMembers() {
    var stores: Set<UInt32> = []
    for host in belonging {
      guard let life = host.life else { continue }
      hash(life, at: 0)
      life.machine.store.finishCompactions()
      life.backend.commitAndWait()
      stores.insert(StoreHash.maintenance(life.backend.frozenView()))
    }
    expect(stores.count == 1, "the stores of the members differ")
    look(atAll: ())
  }

  private func look(atAll: Void) { watch.look(at: hosts.compactMap { $0.life?.node }, thoroughly: true) }
}

/// What all runs together came to.
struct Summary {
  private var runs = 0
  private var scenes = 0
  private var simulatedSeconds = 0.0
  private var counts = Counts()
  private var (writes, reads, events, steps, entries, hashes, expired, renewed) = (0, 0, 0, 0, 0, 0, 0, 0)
  private var slowest: Int64 = 0

  mutating func add(_ run: SimulatedRun) {
    runs += 1
    scenes += run.world.director?.played ?? 0
    simulatedSeconds += Double(run.world.now) / 1e9
    counts.add(run.world.counts)
    writes += run.world.truth.writesChecked
    reads += run.world.truth.readsChecked
    hashes += run.world.truth.hashesCompared
    expired += run.world.truth.leases.expired
    renewed += run.world.truth.leases.renewed
    events += run.world.watchers.reduce(0) { $0 + $1.events }
    steps += run.world.steps
    entries += Int(run.world.truth.index)
    slowest = max(slowest, run.healedAfter)
  }

  func show(seconds: Double, _ arguments: Arguments) {
    let hours = simulatedSeconds / 3600
    for fault in Fault.allCases { print("  \(fault): \(counts[fault])") }
    let idle = Fault.allCases.filter { counts[$0] == 0 }
    if arguments.playsScenes { print("\(scenes) scenes played to their end") }
    print(
      """
      \(runs) seeds from \(arguments.seeds.lowerBound), \(arguments.minutes) simulated minutes of faults each, commit \(arguments.commit)
      \(entries) entries, \(writes) writes, \(reads) reads, \(events) watch events, \(renewed) renewals, \(expired) expiries, \
      \(hashes) hashes compared, \(steps) steps
      healed at the latest after \(slowest / 1_000_000) ms; faults that never fired: \(idle)
      \(tenths(hours)) simulated hours in \(tenths(seconds)) s: \(tenths(hours * 3600 / max(seconds, 0.001))) times real time
      no findings
      """)
  }

  private func tenths(_ number: Double) -> String {
    let whole = Int((number * 10).rounded())
    return "\(whole / 10).\(whole % 10)"
  }
}
