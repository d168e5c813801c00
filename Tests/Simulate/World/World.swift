import Base
import Machine
import Raft
import Storage
import Wire

/// A cluster and everything around it, on one thread, in simulated time. All that happens follows from the seed.
final class World {
  static let tickNanoseconds: Int64 = 100_000_000
  static let electionTicks = 10
  static let minimumTTL: Int64 = 2

  let seed: UInt64
  var dice: Dice
  let plan: Plan
  let isLoud: Bool
  var agenda = Agenda()
  /// Nanoseconds since the beginning.
  private(set) var now: Int64 = 0
  private(set) var steps = 0
  private(set) var counts = Counts()

  let clusterID: ClusterID
  var hosts: [Host] = []
  let network: Network
  private(set) var truth = Truth(minimumTTL: World.minimumTTL)
  var watch = Invariants.Watch()
  private var turns = 0

  var operations: [Operation] = []
  var clients: [Client] = []
  var watchers: [Watcher] = []
  private(set) var admin: Admin!
  private(set) var nemesis: Nemesis!
  private(set) var director: Director?
  var isHealing = false
  var nextStream = 0

  init(seed: UInt64, scene: Scene? = nil, isLoud: Bool = false) {
    self.seed = seed
    self.isLoud = isLoud
    dice = Dice(seed: seed)
    var plan = Plan(&dice)
    scene?.arrange(&plan)
    self.plan = plan
    network = Network(plan)
    let records = (0..<plan.members).map { World.record($0) }
    clusterID = MemberRecord.clusterID(of: records.map(\.id))
    for (place, record) in records.enumerated() {
      hosts.append(Host(place: place, record: record, founders: records))
    }
    admin = Admin(self)
    nemesis = Nemesis(self)
    director = scene.map { Director(self, $0) }
    clients = (0..<plan.clients).map { Client(number: $0, world: self) }
    watchers = (0..<plan.watchers).map { Watcher(number: $0, world: self) }
  }

  static func record(_ place: Int) -> MemberRecord {
    MemberRecord(
      name: "m\(place)", peerURLs: ["http://10.0.0.\(place + 1):2380"], clusterToken: "simulation")
  }

  // MARK: Running

  /// The safety phase: faults until the time is over.
  func runFaults(seconds: Int) {
    for host in hosts { start(host) }
    for client in clients { agenda.add(.client(client.number), at: Int64(dice.below(2_000_000_000))) }
    for watcher in watchers { agenda.add(.watcher(watcher.number), at: Int64(dice.below(3_000_000_000))) }
    agenda.add(.strike, at: 2_000_000_000)
    agenda.add(.audit, at: 3_000_000_000)
    if plan.changesMembers { agenda.add(.admin, at: 4_000_000_000) }
    run(until: now + Int64(seconds) * 1_000_000_000) { false }
  }

  /// Runs until `isDone` or the time; answers whether it was done. `isDone` is asked about ten times a second.
  @discardableResult
  func run(until end: Int64, _ isDone: () -> Bool) -> Bool {
    var nextLook = now
    while let at = agenda.next, at <= end {
      if at >= nextLook {
        if isDone() { return true }
        nextLook = at + World.tickNanoseconds
      }
      guard let (at, event) = agenda.take() else { break }
      now = max(now, at)
      steps += 1
      handle(event)
    }
    now = max(now, end)
    return isDone()
  }

  private func life(_ host: Int, _ process: UInt32, _ event: Event) -> Life? {
    guard let life = hosts[host].life, life.process == process else { return nil }
    if hosts[host].pausedUntil != nil {
      hosts[host].waiting.append(event)
      return nil
    }
    return life
  }

  private func handle(_ event: Event) {
    switch event {
    case .tick(let host, let process):
      guard let life = life(host, process, event) else { return }
      agenda.add(event, at: now + hosts[host].span(World.tickNanoseconds))
      life.tick()
      if life.ticks % 10 == 0 { minds(removalOf: hosts[host], life) }
    case .turn(let host, let process):
      if let life = life(host, process, event) { life.turn() }
    case .diskDone(let host, let process):
      if let life = life(host, process, event) { life.finishDiskWork() }
    case .commitDone(let host, let process):
      if let life = life(host, process, event) { life.commitDone() }
    case .seal(let host, let process):
      if let life = life(host, process, event) { life.sealDue() }
    case .message(let slot): arrive(slot, event)
    case .request(let number): requestArrives(number, event)
    case .reply(let number): clients[operations[number].client].replied(number)
    case .timeout(let number): clients[operations[number].client].timedOut(number)
    case .client(let number): clients[number].act()
    case .watchBatch(let watcher, let stream): watchers[watcher].receive(stream)
    case .watcher(let number): watchers[number].act()
    case .admin: admin.act()
    case .audit: audit()
    case .strike: nemesis.strike()
    case .cease(let number): nemesis.cease(number)
    case .restart(let host): if !hosts[host].isRetired { start(hosts[host]) }
    case .resume(let host): resume(hosts[host])
    }
  }

  func count(_ fault: Fault) { counts.add(fault) }

  func say(_ text: @autoclosure () -> String) {
    if isLoud { print("\(String(now / 1_000_000)) ms  \(text())") }
  }

  // MARK: Processes

  func start(_ host: Host) {
    guard host.life == nil, !host.isRetired else { return }
    do {
      let life = try Starter(world: self, host: host).start()
      host.life = life
      say("\(host.name) starts at applied \(life.node.appliedIndex), last \(life.node.lastIndex)")
      let first = now + Int64(dice.below(Int(World.tickNanoseconds)))
      agenda.add(.tick(host: host.place, process: life.process), at: first)
    } catch {
      count(.startRefused)
      agenda.add(.restart(host: host.place), at: now + 1_000_000_000)
    }
  }

  /// Ends a process; another starts after a while.
  func kill(_ host: Host, losesPower: Bool, downFor: Int64? = nil) {
    guard host.isUp else { return }
    say("\(host.name) is killed\(losesPower ? ", its power cut" : "")")
    host.kill(losesPower: losesPower, &dice)
    let pause = downFor ?? Int64(50_000_000 + dice.below(dice.below(4) == 0 ? 30_000_000_000 : 3_000_000_000))
    agenda.add(.restart(host: host.place), at: now + pause)
  }

  /// A removed member ends: it has applied its removal, or a peer it can reach refuses it.
  private func minds(removalOf host: Host, _ life: Life) {
    if plan.changesMembers, !life.isRemoved {
      for other in hosts where other.isRunning && other !== host {
        guard let peer = other.life, peer.machine.roster.isRemoved(life.id) else { continue }
        if network.isCut(host.place, other.place) || network.isCut(other.place, host.place) { continue }
        count(.toldOfRemoval)
        life.isRemoved = true
        break
      }
    }
    // One that stops as soon as it has applied its own removal may leave a cluster that cannot learn of it: of two members
    // the last one would wait for its vote for ever. The operator stops it when another one knows.
    guard life.isRemoved else { return }
    guard hosts.contains(where: { $0 !== host && $0.life?.machine.roster.isRemoved(life.id) == true }) else {
      host.removalKnownSince = nil
      return
    }
    // A second later what they know is on their disks.
    let since = host.removalKnownSince ?? now
    host.removalKnownSince = since
    if now - since > 1_000_000_000 { retire(host) }
  }

  func retire(_ host: Host) {
    say("\(host.name) leaves for good")
    host.isRetired = true
    host.kill(losesPower: false, &dice)
  }

  /// A process has ended: who was connected to it notices.
  func ended(_ life: Life) {
    watch.restarted(life.id.rawValue)
    for line in life.streams.values { watchers[line.watcher].broke(line.number) }
  }

  func pause(_ host: Host, for span: Int64) {
    guard host.isRunning else { return }
    say("\(host.name) pauses for \(span / 1_000_000) ms")
    host.pausedUntil = now + span
    agenda.add(.resume(host: host.place), at: now + span)
  }

  func resume(_ host: Host) {
    guard let until = host.pausedUntil, until <= now || isHealing else { return }
    host.pausedUntil = nil
    say("\(host.name) goes on")
    var waiting: [Event] = []
    swap(&waiting, &host.waiting)
    // Everything at once, in any order between the kinds: sockets, timers and letters are looked at as they come.
    if dice.below(2) == 0 { waiting.reverse() }
    for event in waiting { agenda.add(event, at: now) }
  }

  var leader: Host? {
    hosts.filter { $0.isRunning && $0.life?.isLeader == true }
      .max { ($0.life?.node.hardState.term ?? 0) < ($1.life?.node.hardState.term ?? 0) }
  }

  /// The wall clock of a host, which may be set.
  func wall(_ host: Host) -> Int64 { 1_700_000_000_000_000_000 + now + nemesis.wallOffset(host.place) }

  // MARK: Rules

  func look(at life: Life) {
    turns += 1
    watch.look(at: [life.node], thoroughly: turns % 64 == 0)
    if turns % 256 == 0 { watch.look(at: hosts.compactMap { $0.life?.node }, thoroughly: true) }
    director?.look()
  }

  /// Now and then a member hashes its keys at a revision of its choice.
  private func audit() {
    agenda.add(.audit, at: now + Int64(500_000_000 + dice.below(6_000_000_000)))
    guard let host = pick(hosts.filter(\.isRunning)), let life = host.life else { return }
    let newest = life.machine.store.currentRevision
    let revision = max(1, newest - Int64(dice.below(dice.below(3) == 0 ? 200 : 4)))
    hash(life, at: revision)
  }

  func hash(_ life: Life, at revision: Int64) {
    do throws(RPCStatus) {
      let computation = try HashComputation(store: life.machine.store, revision: revision)
      truth.hashed(try computation.finish(), by: life.name)
    } catch {}
  }

  func pick<T>(_ some: [T]) -> T? { some.isEmpty ? nil : some[dice.below(some.count)] }

  /// The cluster in a few lines.
  var state: String {
    hosts.map { host in
      guard let node = host.life?.node else { return "\(host.name): \(host.isRetired ? "gone" : "down")" }
      return "\(host.name) \(String(node.id, radix: 16)): \(node.role) term \(node.hardState.term) lead "
        + "\(String(node.lead, radix: 16)) last \(node.lastIndex) stable \(node.stableIndex) "
        + "committed \(node.committedIndex) applied \(node.appliedIndex) \(node.membership.described)"
        + node.progress.map { "\n    \(String($0.id, radix: 16)): \($0)" }.joined()
    }.joined(separator: "\n")
  }
}
