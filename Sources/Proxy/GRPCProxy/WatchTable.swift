import Base

/// Which watches of clients share which watch of the cluster, and what each has been told. It decides and does nothing else.
///
/// A *group* is one watch at a member. It delivers every change of its range from `next` on, in order, and a *watcher* may
/// hang on any group whose `next` is not beyond its own: what it has seen already is left out. A watcher that cannot take
/// more leaves its group and comes back later where it stood.
struct WatchTable {
  struct Range: Hashable {
    var keys: KeyRange
    /// Ends when the member knows no leader; such watches have a stream of their own.
    var requiresLeader: Bool
  }
  typealias WatcherID = Int
  typealias GroupID = Int64

  enum Effect: Equatable {
    /// Make a watch at a member, from `start` on (0: from now on).
    case open(GroupID, start: Int64)
    case close(GroupID)
    /// Tell a watcher that it is there; the store stands at `revision`.
    case created(WatcherID, revision: Int64)
    /// Tell a watcher that it will not be (it is forgotten already).
    case refused(WatcherID)
    /// End a watcher that was there (it is forgotten already).
    case ended(WatcherID)
    /// Hand on the events from `first` on.
    case deliver(WatcherID, first: Int)
    case progress(WatcherID)
  }

  private struct Watcher {
    var range: Range
    /// The lowest revision that it has not been told; 0 until its group says where "now" is.
    var next: Int64
    var group: GroupID?
    var wasAnnounced = false
    var wantsProgress: Bool
  }
  private struct Group {
    var range: Range
    /// The lowest revision not delivered; 0 until the member says where "now" is.
    var next: Int64
    var isCreated = false
    /// Nothing lies between what was delivered and the present, so that "from now on" may join.
    var isCurrent: Bool
    /// The member's revision when the watch was made.
    var createdAt: Int64 = 0
    var watchers: Set<WatcherID> = []
  }

  private var watchers: [WatcherID: Watcher] = [:]
  private var groups: [GroupID: Group] = [:]
  /// Oldest first.
  private var byRange: [Range: [GroupID]] = [:]
  private var lastWatcher = 0
  private var lastGroup: GroupID = 0

  var watcherCount: Int { watchers.count }
  var groupCount: Int { groups.count }
  func range(of group: GroupID) -> Range? { groups[group]?.range }

  /// Whether a watcher from `start` on would hang on a watch that is there already: its rights are then to be checked first,
  /// which else the member does.
  func isJoin(_ range: Range, start: Int64) -> Bool { group(for: range, start) != nil }

  private func group(for range: Range, _ start: Int64) -> GroupID? {
    byRange[range]?.first { id in
      guard let group = groups[id] else { return false }
      return start == 0 ? group.isCurrent : start > 0 && group.next > 0 && group.next <= start
    }
  }

  /// Those with this wish, oldest first.
  func watchers(requiresLeader: Bool) -> [WatcherID] {
    watchers.filter { $0.value.range.requiresLeader == requiresLeader }.keys.sorted()
  }

  // MARK: Watchers

  mutating func add(_ range: Range, start: Int64, wantsProgress: Bool) -> (WatcherID, [Effect]) {
    lastWatcher += 1
    watchers[lastWatcher] = Watcher(range: range, next: start, wantsProgress: wantsProgress)
    return (lastWatcher, place(lastWatcher))
  }

  private mutating func place(_ id: WatcherID) -> [Effect] {
    guard let watcher = watchers[id] else { return [] }
    if let joined = group(for: watcher.range, watcher.next) {
      watchers[id]?.group = joined
      groups[joined]?.watchers.insert(id)
      return groups[joined]?.isCreated == true ? announce(id) : []
    }
    lastGroup += 1
    groups[lastGroup] = Group(
      range: watcher.range, next: watcher.next, isCurrent: watcher.next == 0, watchers: [id])
    byRange[watcher.range, default: []].append(lastGroup)
    watchers[id]?.group = lastGroup
    return [.open(lastGroup, start: watcher.next)]
  }

  private mutating func announce(_ id: WatcherID) -> [Effect] {
    guard let watcher = watchers[id], let id2 = watcher.group, let group = groups[id2] else { return [] }
    if watcher.next == 0 { watchers[id]?.next = group.next }
    if watcher.wasAnnounced { return [] }
    watchers[id]?.wasAnnounced = true
    return [.created(id, revision: max(group.next - 1, group.createdAt))]
  }

  /// The client gave the watcher up.
  mutating func remove(_ id: WatcherID) -> [Effect] {
    let effects = leave(id)
    watchers[id] = nil
    return effects
  }

  private mutating func leave(_ id: WatcherID) -> [Effect] {
    guard let group = watchers[id]?.group else { return [] }
    watchers[id]?.group = nil
    groups[group]?.watchers.remove(id)
    return groups[group]?.watchers.isEmpty == true ? drop(group) : []
  }

  private mutating func drop(_ id: GroupID) -> [Effect] {
    guard let group = groups.removeValue(forKey: id) else { return [] }
    byRange[group.range]?.removeAll { $0 == id }
    if byRange[group.range]?.isEmpty == true { byRange[group.range] = nil }
    return [.close(id)]
  }

  /// The client does not take what it is told: the watcher stops where it stands.
  mutating func pause(_ id: WatcherID) -> [Effect] {
    guard watchers[id]?.wasAnnounced == true else { return [] }
    return leave(id)
  }

  /// It takes more again.
  mutating func resume(_ id: WatcherID) -> [Effect] {
    guard let watcher = watchers[id], watcher.group == nil else { return [] }
    return place(id)
  }

  // MARK: What the member says

  /// The watch was made while the store stood at `revision`.
  mutating func created(_ id: GroupID, at revision: Int64) -> [Effect] {
    guard let group = groups[id] else { return [] }
    groups[id]?.isCreated = true
    groups[id]?.createdAt = revision
    if group.next == 0 { groups[id]?.next = revision + 1 }
    if group.next > revision { groups[id]?.isCurrent = true }
    return group.watchers.sorted().flatMap { announce($0) }
  }

  /// The watch was not made, or ended: so do its watchers, but those that need nothing of what was compacted.
  mutating func ended(_ id: GroupID, compacted revision: Int64) -> [Effect] {
    guard let group = groups[id] else { return [] }
    _ = drop(id)
    var effects: [Effect] = []
    for id in group.watchers.sorted() {
      guard let watcher = watchers[id] else { continue }
      watchers[id]?.group = nil
      if revision > 0, watcher.next >= revision {
        effects += place(id)
      } else {
        effects.append(watcher.wasAnnounced ? .ended(id) : .refused(id))
        watchers[id] = nil
      }
    }
    return effects
  }

  /// Changes at these revisions, which do not fall.
  mutating func events(_ id: GroupID, at revisions: [Int64]) -> [Effect] {
    guard let group = groups[id], let last = revisions.last else { return [] }
    groups[id]?.next = last + 1
    if last > group.createdAt { groups[id]?.isCurrent = true }
    var effects: [Effect] = []
    for watcher in group.watchers.sorted() {
      guard let next = watchers[watcher]?.next, next <= last else { continue }
      watchers[watcher]?.next = last + 1
      effects.append(.deliver(watcher, first: revisions.firstIndex { $0 >= next } ?? 0))
    }
    return effects + merge(id)
  }

  /// All changes up to `revision` have been delivered.
  mutating func progressed(_ id: GroupID, to revision: Int64) -> [Effect] {
    guard let group = groups[id] else { return [] }
    groups[id]?.next = max(group.next, revision + 1)
    groups[id]?.isCurrent = true
    let wanting = group.watchers.sorted().filter { watchers[$0]?.wantsProgress == true }
    return wanting.map { .progress($0) } + merge(id)
  }

  /// Joins a group that has caught up with an older one of its range.
  private mutating func merge(_ id: GroupID) -> [Effect] {
    guard let group = groups[id], group.isCurrent,
      let older = byRange[group.range]?.first(where: { $0 != id && groups[$0]?.isCurrent == true }),
      let into = groups[older], into.isCreated, into.next <= group.next, older < id
    else { return [] }
    for watcher in group.watchers { watchers[watcher]?.group = older }
    groups[older]?.watchers.formUnion(group.watchers)
    return drop(id)
  }

  /// The stream of all watches with this wish broke: they are to be made again where they stood.
  mutating func lost(requiresLeader: Bool) {
    for id in Array(groups.keys) where groups[id]?.range.requiresLeader == requiresLeader {
      groups[id]?.isCreated = false
    }
  }

  /// The watches with this wish, and where each begins when it is made now.
  func openings(requiresLeader: Bool) -> [(group: GroupID, start: Int64)] {
    groups.filter { $0.value.range.requiresLeader == requiresLeader }.map { ($0.key, $0.value.next) }
      .sorted { $0.0 < $1.0 }
  }
}
