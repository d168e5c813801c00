import Base
import Machine

/// The keys below one prefix in the order in which they were made, and the calls that wait for theirs to be the oldest.
/// A value: it is told of keys and changes and says whose turn has come.
///
/// A hand-over costs the same however many wait: the key that goes leaves `live`, the next living one moves to the front, and
/// its waiters are found by its revision. Keys that others made (other members, clients of their own) stand in the same order.
///
/// A line is filled by a walk over the keys in slices, while changes keep coming: those behind the walk count at once, those
/// ahead of it will be found by it.
struct Line {
  struct Waiter {
    var token: Int
    var key: Key
  }

  enum Notice: Equatable {
    case turn(Int)
    case lost(Int)
  }

  private struct Place {
    var created: Int64
    var key: Key
  }

  /// Every key and the revision that made it.
  private var live: [Key: Int64] = [:]
  /// By revision, the oldest at `front`. Places whose key has gone are passed over when they come to the front.
  private var order: [Place] = []
  private var front = 0
  /// By the revision that made their key: calls of one session share it.
  private var waiters: [Int64: [Waiter]] = [:]
  private(set) var waiterCount = 0
  /// Where the walk goes on; nil when all keys are known.
  private(set) var unwalked: Key?
  /// Waiters whose key has gone, and who are not told yet.
  private var lost: [(token: Int, created: Int64)] = []

  /// `start` is the first key the prefix could hold.
  init(from start: Bytes) { unwalked = Key(start) }

  var keyCount: Int { live.count }

  // MARK: Keys

  /// The walk found a key.
  mutating func found(_ key: Bytes, created: Int64) { add(Key(key), created) }

  /// The walk has come as far as `next`, or to the end. Only then is the order known.
  mutating func walked(to next: Bytes?) {
    unwalked = next.map { Key($0) }
    if next != nil { return }
    order.sort { $0.created < $1.created }
    // A key that went while the walk was still before it was missed by both.
    for (created, waiting) in waiters {
      for waiter in waiting where live[waiter.key] != created { lost.append((waiter.token, created)) }
    }
  }

  /// The walk begins again, for changes were missed.
  mutating func restart(from start: Bytes) {
    live.removeAll()
    order.removeAll()
    front = 0
    unwalked = Key(start)
  }

  mutating func changed(_ change: Change) {
    let key = Key(change.key)
    if let unwalked, unwalked <= key { return }
    if change.isDelete {
      remove(key)
    } else if change.isCreate {
      add(key, change.revision.main)
    }
  }

  private mutating func add(_ key: Key, _ created: Int64) {
    if live.updateValue(created, forKey: key) == created { return }
    order.append(Place(created: created, key: key))
  }

  private mutating func remove(_ key: Key) {
    guard let created = live.removeValue(forKey: key) else { return }
    for waiter in waiters[created] ?? [] where waiter.key == key { lost.append((waiter.token, created)) }
  }

  // MARK: Waiters

  mutating func join(_ token: Int, key: Bytes, created: Int64) {
    waiters[created, default: []].append(Waiter(token: token, key: Key(key)))
    waiterCount += 1
  }

  /// False where the waiter is not here any more.
  @discardableResult
  mutating func leave(_ token: Int, created: Int64) -> Bool {
    guard var waiting = waiters[created], let index = waiting.firstIndex(where: { $0.token == token }) else {
      return false
    }
    waiting.remove(at: index)
    waiters[created] = waiting.isEmpty ? nil : waiting
    waiterCount -= 1
    return true
  }

  /// Who is to be told something, in order; whoever is named no longer waits here. To be asked when all changes so far have
  /// been told.
  mutating func settle() -> [Notice] {
    if unwalked != nil { return [] }
    var notices: [Notice] = []
    for (token, created) in lost where leave(token, created: created) { notices.append(.lost(token)) }
    lost.removeAll()
    tidy()
    guard front < order.count, let first = waiters.removeValue(forKey: order[front].created) else {
      return notices
    }
    waiterCount -= first.count
    notices += first.map { .turn($0.token) }
    return notices
  }

  /// Brings a living key to the front, and forgets places of dead keys once they are the majority.
  private mutating func tidy() {
    while front < order.count, live[order[front].key] != order[front].created { front += 1 }
    guard order.count > 2 * live.count + 64 else { return }
    order = order[front...].filter { live[$0.key] == $0.created }
    front = 0
  }
}
