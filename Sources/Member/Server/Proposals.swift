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

  var count: Int { waiting.count }

  mutating func add(_ id: UInt64, _ asker: Asker, deadline: Instant, isPhysical: Bool = false) {
    waiting[id] = Waiting(asker: asker, deadline: deadline, isPhysical: isPhysical)
  }

  func contains(_ id: UInt64) -> Bool { waiting[id] != nil }

  /// The one who waits for this number, if on this member.
  mutating func take(_ id: UInt64) -> Waiting? { waiting.removeValue(forKey: id) }

  /// Those whose time is over.
  mutating func takeExpired(now: Instant) -> [Waiting] {
    let late = waiting.filter { $0.value.deadline <= now }
    for id in late.keys { waiting[id] = nil }
    return Array(late.values)
  }

  mutating func takeAll() -> [Waiting] {
    defer { waiting.removeAll() }
    return Array(waiting.values)
  }
}
