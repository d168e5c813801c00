import Base
import Wire

/// The keys that this proxy owns, and what they hold. It decides and does nothing else.
///
/// A key is owned from the revision at which its leasing key was made until that is given back, is gone, or the session ends.
/// Meanwhile nobody else writes it, so what was read once is good, but for our own writes: while one is under way nothing is
/// answered, and its outcome is added to what is known. Where that cannot be told — two writes at once, a change that
/// nobody announced — the content is unknown and read anew. A write whose outcome is unknown may still happen later: then
/// the key is given back, and with its leasing key goes what such a write compares with.
struct LeasingTable {
  /// What stands between us and a write of a key.
  enum Standing: Equatable {
    /// Ours, by a leasing key made at this revision.
    case owned(born: Int64)
    /// Ours, about to be given back; nothing is answered from it.
    case ceding(born: Int64)
    case free
  }
  enum Read: Equatable {
    case answer(KeyValue?, asOf: Int64)
    /// Take the key, and answer with what was read.
    case acquire
    /// The key is ours, what it holds is to be read.
    case fetch(born: Int64)
    /// Not ours to answer.
    case pass
  }
  enum Effect: Equatable {
    /// Hear of every change of the key behind this revision.
    case watch(Key, from: Int64)
    case unwatch(Key)
    case cede(Key, born: Int64)
    /// The leasing key of a key was deleted at this revision.
    case freed(Key, at: Int64)
  }

  private struct Owned {
    let born: Int64
    var pair: KeyValue?
    var isKnown = false
    /// The revision of what is known.
    var asOf: Int64 = 0
    /// The newest revision at which the key is known to have changed; nothing older may be taken for its content.
    var floor: Int64
    /// Writes of ours under way.
    var writes = 0
    /// What came of them cannot be told by their replies.
    var isMuddled = false
    /// The change heard of while a write was under way: it should be the write's own.
    var heard: Int64 = 0
    var isFetching = false
    var lastUse: UInt64

    var size: Int { (pair?.value.count ?? 0) + (pair?.key.count ?? 0) }
    mutating func forget() {
      pair = nil
      isKnown = false
    }
  }
  private enum State {
    /// Asked for. Leasing keys made up to `spoiled` have been taken from us before we heard that they are there.
    case acquiring(spoiled: Int64)
    case owned(Owned)
    case ceding(born: Int64)
  }

  let keys: LeasingKeys
  /// The lease of all our leasing keys; 0 while there is none.
  private(set) var session: Int64 = 0
  private var states: [Key: State] = [:]
  /// Keys that somebody wrote or is about to write, and until when they are left alone.
  private var resting: [Key: Instant] = [:]
  /// Keys asked for while there was no room: the second time they are worth another's place.
  private var seenOnce: Set<Key> = []
  private var byteCount = 0
  private var clock: UInt64 = 0
  private(set) var hits: UInt64 = 0
  private(set) var revoked: UInt64 = 0

  init(_ keys: LeasingKeys) { self.keys = keys }

  var count: Int { states.count { if case .owned = $0.value { true } else { false } } }

  // MARK: The session

  mutating func begin(session: Int64) { self.session = session }

  /// Nothing is ours any more.
  mutating func end() -> [Effect] {
    let effects = states.compactMap { key, state -> Effect? in
      if case .owned = state { .unwatch(key) } else { nil }
    }
    session = 0
    states = [:]
    byteCount = 0
    return effects
  }

  // MARK: Reads

  /// What to do for a read of one key as it is now.
  mutating func read(_ key: Key, at now: Instant) -> (Read, [Effect]) {
    guard session != 0, !keys.isOne(key.bytes) else { return (.pass, []) }
    clock += 1
    switch states[key] {
    case .owned(var owned)?:
      owned.lastUse = clock
      defer { states[key] = .owned(owned) }
      guard owned.writes == 0 else { return (.pass, []) }
      if owned.isKnown {
        hits += 1
        return (.answer(owned.pair, asOf: owned.asOf), [])
      }
      if owned.isFetching { return (.pass, []) }
      owned.isFetching = true
      return (.fetch(born: owned.born), [])
    case .acquiring?, .ceding?: return (.pass, [])
    case nil:
      guard mayAcquire(key, at: now) else { return (.pass, []) }
      var effects: [Effect] = []
      if states.count >= Limits.leasingKeys {
        guard seenOnce.remove(key) != nil else {
          if seenOnce.count >= Limits.leasingKeys { seenOnce.removeAll() }
          seenOnce.insert(key)
          return (.pass, [])
        }
        effects = makeRoom()
      }
      states[key] = .acquiring(spoiled: 0)
      return (.acquire, effects)
    }
  }

  /// What a key holds, where that can be told; nil where not.
  func content(of key: Key) -> KeyValue?? {
    guard session != 0, case .owned(let owned)? = states[key], owned.isKnown, owned.writes == 0 else {
      return nil
    }
    return .some(owned.pair)
  }

  mutating func countHit() { hits += 1 }

  private mutating func mayAcquire(_ key: Key, at now: Instant) -> Bool {
    guard let until = resting[key] else { return true }
    guard until <= now else { return false }
    resting[key] = nil
    return true
  }

  /// Leaves a key alone for a while. As etcd 3.4: clientv3/leasing/cache.go, revokeBackoff.
  mutating func rest(_ key: Key, at now: Instant) {
    if resting.count >= Limits.leasingRestingKeys { resting = resting.filter { $0.value > now } }
    // Beyond the bound a key may be taken sooner than is wise, which costs time and no more.
    if resting.count < Limits.leasingRestingKeys { resting[key] = now + Limits.leasingRest }
  }

  /// Gives the least used keys back, some at once, so that the search for them is paid rarely.
  private mutating func makeRoom() -> [Effect] { leastUsed.prefix(Limits.leasingBatch).flatMap { cede($0) } }

  /// The same until an eighth of the bytes is free.
  private mutating func shrink() -> [Effect] {
    guard byteCount > Limits.leasingBytes else { return [] }
    var effects: [Effect] = []
    for key in leastUsed where byteCount > Limits.leasingBytes / 8 * 7 { effects += cede(key) }
    return effects
  }

  /// What is owned and not being written, least used first.
  private var leastUsed: [Key] {
    let idle = states.compactMap { key, state -> (Key, UInt64)? in
      guard case .owned(let owned) = state, owned.writes == 0 else { return nil }
      return (key, owned.lastUse)
    }
    return idle.sorted { $0.1 < $1.1 }.map { $0.0 }
  }

  // MARK: What members answer to reads

  /// A key was taken by a leasing key made at `born`, or not (nil); it held `pair` at `revision`.
  mutating func acquired(
    _ key: Key, in session: Int64, born: Int64?, _ pair: KeyValue?, revision: Int64, at now: Instant
  ) -> [Effect] {
    guard session == self.session, case .acquiring(let spoiled)? = states[key] else { return [] }
    states[key] = nil
    guard let born, born > spoiled else {
      rest(key, at: now)
      return []
    }
    clock += 1
    states[key] = .owned(Owned(born: born, floor: revision, lastUse: clock))
    return [.watch(key, from: revision + 1)] + know(key, pair, at: revision)
  }

  /// A key that is ours by a leasing key made at `born` held `pair` at `revision`; nil: it could not be read.
  mutating func fetched(_ key: Key, born: Int64, _ found: (pair: KeyValue?, revision: Int64)?) -> [Effect] {
    guard case .owned(var owned)? = states[key], owned.born == born else { return [] }
    owned.isFetching = false
    states[key] = .owned(owned)
    guard let found, found.revision >= owned.floor, found.revision >= owned.asOf else { return [] }
    return know(key, found.pair, at: found.revision)
  }

  private mutating func know(_ key: Key, _ pair: KeyValue?, at revision: Int64) -> [Effect] {
    guard case .owned(var owned)? = states[key] else { return [] }
    byteCount -= owned.size
    owned.pair = pair
    owned.isKnown = true
    owned.asOf = revision
    byteCount += owned.size
    states[key] = .owned(owned)
    // A lease would end the key behind our back.
    if pair?.lease ?? 0 != 0 { return cede(key) }
    return shrink()
  }

  // MARK: Writes

  /// How a write of a key is to be guarded.
  func standing(of key: Key) -> Standing {
    switch states[key] {
    case .owned(let owned)?: .owned(born: owned.born)
    case .ceding(let born)?: .ceding(born: born)
    case .acquiring?, nil: .free
    }
  }

  /// The keys of ours that a write may change, each with the revision of its leasing key.
  typealias Ticket = [Key: Int64]

  /// A write goes out: nothing is answered from what it may change until it is back.
  mutating func begin(_ write: GuardedWrite) -> Ticket {
    var ticket: Ticket = [:]
    for key in write.single { begin(key, &ticket) }
    for leasingKeys in write.toBeListed {
      for key in Array(states.keys) where leasingKeys.overlaps(KeyRange(keys.of(key), [])) {
        begin(key, &ticket)
      }
    }
    return ticket
  }

  private mutating func begin(_ key: Key, _ ticket: inout Ticket) {
    guard ticket[key] == nil, case .owned(var owned)? = states[key] else { return }
    if owned.writes > 0 { owned.isMuddled = true }
    owned.writes += 1
    states[key] = .owned(owned)
    ticket[key] = owned.born
  }

  enum Outcome {
    case committed([LeasingChange], revision: Int64)
    /// It changed nothing and never will.
    case refused
    /// It may have happened, or may yet.
    case unknown
  }

  mutating func end(_ ticket: Ticket, _ outcome: Outcome, at now: Instant) -> [Effect] {
    var effects: [Effect] = []
    for (key, born) in ticket {
      guard case .owned(var owned)? = states[key], owned.born == born else { continue }
      owned.writes -= 1
      byteCount -= owned.size
      let hasLease: Bool
      (owned, hasLease) = Self.after(outcome, of: key, owned)
      if owned.writes == 0 { (owned.isMuddled, owned.heard) = (false, 0) }
      byteCount += owned.size
      states[key] = .owned(owned)
      var isLost = hasLease
      if case .unknown = outcome { isLost = true }
      if isLost {
        rest(key, at: now)
        effects += cede(key)
      }
    }
    if case .committed(let changes, let revision) = outcome {
      for change in changes where change.range.overlaps(keys.all) {
        effects += tookLeasingKeys(change.range, at: revision)
      }
    }
    return effects + shrink()
  }

  /// What is known of a key after a write, and whether it now has a lease.
  private static func after(_ outcome: Outcome, of key: Key, _ owned: Owned) -> (Owned, hasLease: Bool) {
    guard case .committed(let changes, let revision) = outcome else { return (owned, false) }
    var owned = owned
    let touching = changes.filter { $0.touches(key) }
    let isOwnChange = owned.heard == 0 || owned.heard == revision
    if owned.isKnown, owned.asOf >= revision {
      // It was read after the write: nothing to add.
    } else if owned.isKnown, !owned.isMuddled, isOwnChange, owned.floor <= revision {
      for change in touching { owned.pair = change.applied(to: owned.pair, at: revision) }
      owned.asOf = revision
    } else {
      owned.forget()
    }
    if !touching.isEmpty { owned.floor = max(owned.floor, revision) }
    let hasLease = touching.contains { if case .put(let put) = $0 { put.lease != 0 } else { false } }
    return (owned, hasLease)
  }

  /// Who deletes leasing keys like others takes what is ours.
  private mutating func tookLeasingKeys(_ range: KeyRange, at revision: Int64) -> [Effect] {
    Array(states.keys).filter { range.overlaps(KeyRange(keys.of($0), [])) }.flatMap {
      deleted($0, at: revision)
    }
  }

  // MARK: Giving back

  /// Nothing is answered from the key any more; its leasing key is to be deleted.
  private mutating func cede(_ key: Key) -> [Effect] {
    guard case .owned(let owned)? = states[key] else { return [] }
    byteCount -= owned.size
    states[key] = .ceding(born: owned.born)
    return [.unwatch(key), .cede(key, born: owned.born)]
  }

  /// The leasing key of `born` is not there any more.
  mutating func ceded(_ key: Key, born: Int64) {
    if case .ceding(born)? = states[key] { states[key] = nil }
  }

  /// A leasing key that should be ours is not.
  mutating func lost(_ key: Key, born: Int64) -> [Effect] {
    guard case .owned(let owned)? = states[key], owned.born == born else { return [] }
    byteCount -= owned.size
    states[key] = nil
    return [.unwatch(key)]
  }

  // MARK: What the watches tell

  /// Somebody asked the owner of a key to give it back: its leasing key was made at `born` with `lease`.
  mutating func revoked(_ key: Key, born: Int64, lease: Int64, at now: Instant) -> [Effect] {
    rest(key, at: now)
    let isOurs = session != 0 && lease == session
    if isOurs { revoked += 1 }
    switch states[key] {
    case .owned(let owned)?: return owned.born == born ? cede(key) : []
    case .acquiring(let spoiled)?:
      states[key] = .acquiring(spoiled: max(spoiled, born))
      return isOurs ? [.cede(key, born: born)] : []
    case .ceding(let old)?: return isOurs && old != born ? [.cede(key, born: born)] : []
    case nil:
      // Taken by a question whose answer was lost.
      guard isOurs else { return [] }
      states[key] = .ceding(born: born)
      return [.cede(key, born: born)]
    }
  }

  /// A leasing key is gone.
  mutating func deleted(_ key: Key, at revision: Int64) -> [Effect] {
    var effects: [Effect] = []
    switch states[key] {
    case .owned(let owned)? where owned.born < revision: effects = lost(key, born: owned.born)
    case .acquiring(let spoiled)?: states[key] = .acquiring(spoiled: max(spoiled, revision))
    case .ceding(let born)? where born < revision: states[key] = nil
    default: break
    }
    return effects + [.freed(key, at: revision)]
  }

  /// A key of ours changed, by a write of ours, or by one that asked nobody: `pair` is what it holds since `revision`.
  mutating func changed(_ key: Key, _ pair: KeyValue?, at revision: Int64) {
    guard case .owned(var owned)? = states[key] else { return }
    if revision == owned.asOf, owned.isKnown {
      // What we worked out is what there is, unless another's write came between.
      guard pair?.version != owned.pair?.version || pair?.createRevision != owned.pair?.createRevision else {
        return
      }
      byteCount -= owned.size
      owned.forget()
    } else if revision > owned.asOf, revision > owned.floor {
      owned.floor = revision
      if owned.writes == 0 {
        byteCount -= owned.size
        owned.forget()
      } else {
        if owned.heard != 0, owned.heard != revision { owned.isMuddled = true }
        owned.heard = revision
      }
    }
    states[key] = .owned(owned)
  }

  /// The watch of a key ended: nothing vouches for it.
  mutating func unwatched(_ key: Key) -> [Effect] { cede(key) }
}
