import Base
import Machine
import Raft
import Storage
import Wire

/// Links between members, and between clients and members.
final class Network {
  struct InFlight {
    var message: RaftMessage
    var from: Int
    var process: UInt32
    var to: Int
    var store: (any FrozenView)?
  }

  private let plan: Plan
  var inFlight = Slab<InFlight>()
  /// How many faults cut the way from one host to another; by `from * width + to`.
  private var cuts = [Int](repeating: 0, count: width * width)
  private var extra = [Int64](repeating: 0, count: width * width)
  private var lastArrival = [Int64](repeating: 0, count: width * width)
  private var clientCuts = [Int](repeating: 0, count: width)
  /// Parts of a thousand, added to the plan's.
  var loss = 0
  var doubling = 0
  var replyLoss = 0
  var isReordering = false
  var delay: Int64 = 0

  static let width = 32

  init(_ plan: Plan) {
    self.plan = plan
    loss = plan.loss
    doubling = plan.doubling
  }

  func cut(_ from: Int, _ to: Int, by count: Int) { cuts[from * Self.width + to] += count }
  func isCut(_ from: Int, _ to: Int) -> Bool { cuts[from * Self.width + to] > 0 }
  func slow(_ from: Int, _ to: Int, by span: Int64) { extra[from * Self.width + to] += span }
  func cutClients(_ host: Int, by count: Int) { clientCuts[host] += count }
  func isCutFromClients(_ host: Int) -> Bool { clientCuts[host] > 0 }

  /// Everything is well from now on.
  func heal() {
    for place in cuts.indices { (cuts[place], extra[place]) = (0, 0) }
    for place in clientCuts.indices { clientCuts[place] = 0 }
    (loss, doubling, replyLoss, isReordering, delay) = (0, 0, 0, false, 0)
  }

  /// When a message sent now arrives.
  func arrival(_ from: Int, _ to: Int, _ now: Int64, _ dice: inout Dice) -> Int64 {
    let link = from * Self.width + to
    var at = now + plan.latency + Int64(dice.below(Int(plan.latency))) + delay + extra[link]
    if isReordering { at += Int64(dice.below(300_000_000)) }
    if plan.isOrdered, !isReordering {
      at = max(at, lastArrival[link] + 1)
      lastArrival[link] = at
    }
    return at
  }
}

extension World {
  func send(_ message: RaftMessage, from host: Host, store: (any FrozenView)?) {
    guard let life = host.life, let target = hosts.first(where: { $0.record.id.rawValue == message.to }) else {
      return lost(message, from: host.place, host.life?.process ?? 0)
    }
    if message.type == .snap { count(.snapshotSent) }
    if network.isCut(host.place, target.place) || dice.below(1000) < network.loss {
      return lost(message, from: host.place, life.process)
    }
    var at = network.arrival(host.place, target.place, now, &dice)
    if message.type == .snap { at += Int64(dice.below(2_000_000_000)) }
    let flight = Network.InFlight(
      message: message, from: host.place, process: life.process, to: target.place, store: store)
    agenda.add(.message(network.inFlight.insert(flight)), at: at)
    // A proposal passed on twice would be two proposals; the streams between members never do that.
    if message.type != .snap, message.type != .prop, network.doubling > 0, dice.below(1000) < network.doubling {
      count(.messageDoubled)
      let again = network.arrival(host.place, target.place, now, &dice) + Int64(dice.below(2_000_000_000))
      agenda.add(.message(network.inFlight.insert(flight)), at: again)
    }
  }

  /// As the transport reports it: a snapshot always, other messages where the stream notices.
  private func lost(_ message: RaftMessage, from host: Int, _ process: UInt32) {
    count(.messageLost)
    guard let life = hosts[host].life, life.process == process else { return }
    if message.type == .snap {
      count(.snapshotLost)
      life.node.reportSnapshot(message.to, isSent: false)
    } else if dice.below(4) == 0 {
      life.node.reportUnreachable(message.to)
    }
  }

  func arrive(_ slot: Int, _ event: Event) {
    let flight = network.inFlight[slot]
    let target = hosts[flight.to]
    if target.pausedUntil != nil, target.life != nil {
      target.waiting.append(event)
      return
    }
    network.inFlight.remove(at: slot)
    guard let life = target.life, !network.isCut(flight.from, flight.to) else {
      return lost(flight.message, from: flight.from, flight.process)
    }
    if life.machine.roster.isRemoved(hosts[flight.from].record.id) {
      // The transport of a member that knows of the removal refuses, and the removed one stops.
      if let sender = hosts[flight.from].life, !sender.isRemoved {
        count(.toldOfRemoval)
        sender.isRemoved = true
      }
      return lost(flight.message, from: flight.from, flight.process)
    }
    life.receive(overWire(flight.message), store: flight.store)
    if flight.message.type == .snap, let sender = hosts[flight.from].life, sender.process == flight.process {
      sender.node.reportSnapshot(flight.message.to, isSent: true)
    }
  }

  /// The wire is part of the test: what is sent must survive being bytes.
  private func overWire(_ message: RaftMessage) -> RaftMessage {
    if message.entries.isEmpty, message.type != .snap, dice.below(16) > 0 { return message }
    guard let decoded = try? RaftMessage(decoding: message.encoded()) else {
      finding("a message cannot be read back: \(message)")
    }
    return decoded
  }
}
