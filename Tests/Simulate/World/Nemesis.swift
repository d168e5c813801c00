import Base
import Glibc
import Machine
import Wire

/// Strikes the cluster with faults, one after the other and some at once, and takes back those that last.
final class Nemesis {
  private unowned let world: World
  private var lasting: [Int: () -> Void] = [:]
  private var number = 0
  private var wallOffsets = [Int64](repeating: 0, count: Network.width)

  init(_ world: World) { self.world = world }

  func wallOffset(_ host: Int) -> Int64 { wallOffsets[host] }

  private func below(_ bound: Int) -> Int { world.dice.below(bound) }
  private var network: Network { world.network }
  private var running: [Host] { world.hosts.filter(\.isRunning) }
  private var some: Host? { world.pick(running) }

  func strike() {
    guard !world.isHealing else { return }
    let pause = Int64(1 + below(Int(2 * world.plan.faultPace)))
    world.agenda.add(.strike, at: world.now + pause)
    guard let fault = world.pick(world.plan.faults) else { return }
    if begin(fault) {
      world.count(fault)
      world.say("fault: \(fault)")
    }
  }

  func cease(_ number: Int) { lasting.removeValue(forKey: number)?() }

  func ceaseAll() {
    for number in lasting.keys.sorted() { cease(number) }
  }

  /// Takes the fault back after a while, at most `longest` nanoseconds.
  private func until(_ longest: Int64, _ undo: @escaping () -> Void) {
    number += 1
    lasting[number] = undo
    world.agenda.add(.cease(number), at: world.now + Int64(100_000_000 + below(Int(longest))))
  }

  private static let second: Int64 = 1_000_000_000

  private func begin(_ fault: Fault) -> Bool {
    switch fault {
    case .lossyNetwork: return loss(by: 100 + below(700))
    case .doublingNetwork:
      let network = network
      network.doubling += 400
      until(20 * Self.second) { network.doubling -= 400 }
    case .reorderingNetwork:
      let network = network
      network.isReordering = true
      until(20 * Self.second) { network.isReordering = false }
    case .slowNetwork:
      let (network, delay) = (network, Int64(below(1_500_000_000)))
      network.delay += delay
      until(15 * Self.second) { network.delay -= delay }
    case .slowLink:
      guard let from = some, let to = some else { return false }
      let (network, delay) = (network, Int64(below(3_000_000_000)))
      network.slow(from.place, to.place, by: delay)
      until(30 * Self.second) { network.slow(from.place, to.place, by: -delay) }
    case .oneWayCut, .cutLink:
      guard let from = some, let to = some, from !== to else { return false }
      cut([(from.place, to.place)] + (fault == .cutLink ? [(to.place, from.place)] : []), 40 * Self.second)
    case .isolatedMember:
      guard let host = some else { return false }
      return isolate(host)
    case .isolatedLeader:
      guard let leader = world.leader else { return false }
      if below(2) == 0 { cutClients([leader], 20 * Self.second) }
      return isolate(leader)
    case .halves: return halves(bridge: nil)
    case .bridge:
      guard let host = some, running.count > 2 else { return false }
      return halves(bridge: host)
    case .flap: return flap()
    case .swizzle: return swizzle()
    case .clientsCut:
      guard let host = some else { return false }
      cutClients([host], 20 * Self.second)
    case .repliesLost:
      let network = network
      network.replyLoss += 300
      until(20 * Self.second) { network.replyLoss -= 300 }
    default: return beginAtMember(fault)
    }
    return true
  }

  private func beginAtMember(_ fault: Fault) -> Bool {
    switch fault {
    case .kill, .powerCut, .killLeader, .powerCutLeader:
      let isLeader = fault == .killLeader || fault == .powerCutLeader
      guard let host = isLeader ? world.leader : some else { return false }
      world.kill(host, losesPower: fault == .powerCut || fault == .powerCutLeader)
    case .killInWrite:
      guard let host = running.first(where: { $0.life?.working.isEmpty == false }) else { return false }
      world.kill(host, losesPower: below(2) == 0)
    case .powerCutAll:
      for host in world.hosts where host.isUp { world.kill(host, losesPower: true) }
    case .restartLoop:
      guard let host = some else { return false }
      for turn in 0..<5 {
        until(Int64(turn + 1) * 2 * Self.second) { [unowned world] in
          world.kill(host, losesPower: world.dice.below(2) == 0, downFor: 10_000_000)
        }
      }
    case .pause, .pauseLeader:
      guard let host = fault == .pause ? some : world.leader else { return false }
      world.pause(host, for: Int64(200_000_000 + below(below(3) == 0 ? 40_000_000_000 : 4_000_000_000)))
    case .slowDisk, .stuckDisk:
      guard let host = some else { return false }
      let factor: Int64 = fault == .slowDisk ? Int64(20 + below(300)) : 8_000
      host.diskSlowness = factor
      until((fault == .slowDisk ? 30 : 5) * Self.second) { host.diskSlowness = 1 }
    case .ioError, .noSpace:
      guard let host = some else { return false }
      host.diskFailure = (after: below(6), code: fault == .ioError ? EIO : ENOSPC)
    case .ioErrorAtStart:
      guard let host = some else { return false }
      world.kill(host, losesPower: below(2) == 0)
      host.diskFailure = (after: below(20), code: EIO)
    case .bitRot:
      guard let host = some else { return false }
      return BitRot(world: world, host: host).strike()
    case .fastClock, .slowClock:
      guard let host = some else { return false }
      let share = Double(1 + below(10)) / 1000
      host.setRate(fault == .fastClock ? 1 + share : 1 - share, now: world.now)
      until(60 * Self.second) { [unowned world] in host.setRate(1, now: world.now) }
    case .wallForward, .wallBack:
      guard let host = some else { return false }
      let jump = Int64(below(Int(3600 * Self.second)))
      wallOffsets[host.place] += fault == .wallForward ? jump : -jump
    case .moveLeader:
      guard let leader = world.leader, let other = some, other !== leader else { return false }
      _ = world.ask(.moveLeader(other.record.id.rawValue), client: 0, host: leader.place)
    default: return false
    }
    return true
  }

  // MARK: The network

  private func loss(by parts: Int) -> Bool {
    let network = network
    network.loss += parts
    until(20 * Self.second) { network.loss -= parts }
    return true
  }

  private func cut(_ links: [(Int, Int)], _ longest: Int64) {
    let network = network
    for (from, to) in links { network.cut(from, to, by: 1) }
    until(longest) { for (from, to) in links { network.cut(from, to, by: -1) } }
  }

  private func cutClients(_ hosts: [Host], _ longest: Int64) {
    let network = network
    for host in hosts { network.cutClients(host.place, by: 1) }
    until(longest) { for host in hosts { network.cutClients(host.place, by: -1) } }
  }

  private func links(between some: [Host], and others: [Host]) -> [(Int, Int)] {
    some.flatMap { a in others.flatMap { b in [(a.place, b.place), (b.place, a.place)] } }
  }

  private func isolate(_ host: Host) -> Bool {
    cut(links(between: [host], and: world.hosts.filter { $0 !== host }), 40 * Self.second)
    return true
  }

  /// Two sides that do not hear each other; a bridge hears both.
  private func halves(bridge: Host?) -> Bool {
    var sides: [[Host]] = [[], []]
    for host in world.hosts where host !== bridge { sides[below(2)].append(host) }
    guard !sides[0].isEmpty, !sides[1].isEmpty else { return false }
    cut(links(between: sides[0], and: sides[1]), 40 * Self.second)
    return true
  }

  private func flap() -> Bool {
    guard let host = some else { return false }
    let links = links(between: [host], and: world.hosts.filter { $0 !== host })
    let network = network
    for turn in 0..<8 {
      until(Int64(turn + 1) * Self.second) { [unowned self] in
        for (from, to) in links { network.cut(from, to, by: 1) }
        until(Self.second) { for (from, to) in links { network.cut(from, to, by: -1) } }
      }
    }
    return true
  }

  /// Members are cut off one after the other, and come back in another order.
  private func swizzle() -> Bool {
    for host in running where below(2) == 0 {
      let links = links(between: [host], and: world.hosts.filter { $0 !== host })
      let network = network
      until(10 * Self.second) { [unowned self] in
        for (from, to) in links { network.cut(from, to, by: 1) }
        until(20 * Self.second) { for (from, to) in links { network.cut(from, to, by: -1) } }
      }
    }
    return true
  }
}
