import Base
import Machine
import Wire

/// Requests that were proposed and wait to be applied, by number.
///
/// Bounded by the refusal of proposals when the log runs ahead of the machine (`Limits.applyLag`).
struct Proposals {
  enum Asker {
    case call(Call)
    /// A call whose service makes the answer of it, or goes on with it.
    case service(Call, (Answer) -> Void)
    /// The member itself: a lease's end, its attributes, a compaction.
    case member((Answer) -> Void)
  }

  struct Waiting {
    var asker: Asker
    var deadline: Instant
    /// A compaction that is answered only when its rows are gone.
    var isPhysical = false
  }

  private var waiting: [UInt64: Waiting] = [:]
  /// The numbers by deadline: each is given the same time, so later ones end later. One that was answered leaves when it
  /// comes to the front; entries are mostly applied in this order, so few lie here in vain.
  private var order: [UInt64] = []
  /// `order` before this has been looked at.
  private var front = 0

  /// Numbers that were given to a leader that has been lost, and when they must be applied by; the earliest first.
  private var orphans: [(id: UInt64, deadline: Instant)] = []

  var count: Int { waiting.count }
  /// Numbers kept for their deadline, answered ones included.
  var queueLength: Int { order.count - front }

  /// `deadline` may not be before that of an earlier proposal.
  mutating func add(_ id: UInt64, _ asker: Asker, deadline: Instant, isPhysical: Bool = false) {
    waiting[id] = Waiting(asker: asker, deadline: deadline, isPhysical: isPhysical)
    order.append(id)
  }

  func contains(_ id: UInt64) -> Bool { waiting[id] != nil }

  /// The one who waits for this number, if on this member.
  mutating func take(_ id: UInt64) -> Waiting? {
    if front < order.count, order[front] == id { advance() }
    return waiting.removeValue(forKey: id)
  }

  /// Those whose time is over, the earliest first. To be called with every tick.
  mutating func takeExpired(now: Instant) -> [Waiting] {
    var late: [Waiting] = []
    while front < order.count {
      let id = order[front]
      if let found = waiting[id] {
        if found.deadline > now { break }
        waiting[id] = nil
        late.append(found)
      }
      advance()
    }
    dropAnswered()
    return late
  }

  /// The leader is lost. What it was given may be applied all the same, by the next one; what is not by `deadline` will
  /// hardly ever be. `isKept` tells of those that were never given to it.
  mutating func orphan(until deadline: Instant, unless isKept: (UInt64) -> Bool) {
    var known = Set(orphans.map(\.id))
    for id in order[front...] where waiting[id] != nil && !isKept(id) && known.insert(id).inserted {
      orphans.append((id, deadline))
    }
  }

  /// The next leader's first entry is applied, and with it whatever the lost one had brought into the log: the rest waits in
  /// vain, unless the lost one lives and passes it on, by `deadline`.
  mutating func hastenOrphans(to deadline: Instant) {
    for place in orphans.indices { orphans[place].deadline = min(orphans[place].deadline, deadline) }
  }

  /// Those who waited for a lost leader long enough. To be called with every tick.
  mutating func takeOrphans(now: Instant) -> [Waiting] {
    let count = orphans.prefix { $0.deadline <= now }.count
    if count == 0 { return [] }
    let lost = orphans[..<count].compactMap { waiting.removeValue(forKey: $0.id) }
    orphans.removeFirst(count)
    dropAnswered()
    return lost
  }

  mutating func takeAll() -> [Waiting] {
    defer {
      waiting.removeAll()
      orphans.removeAll()
      order.removeAll()
      front = 0
    }
    return order[front...].compactMap { waiting[$0] }
  }

  private mutating func advance() {
    front += 1
    if front == order.count {
      order.removeAll(keepingCapacity: front <= Limits.keptProposals)
      front = 0
    }
  }

  /// One that is never answered holds those behind it; when they are many, the answered ones go.
  private mutating func dropAnswered() {
    guard front > Limits.keptProposals || queueLength > 2 * waiting.count + Limits.keptProposals else { return }
    order = order[front...].filter { waiting[$0] != nil }
    front = 0
  }
}
