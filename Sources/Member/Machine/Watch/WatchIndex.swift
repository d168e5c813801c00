import Base

/// Answers which watchers want a key: a seeded hash for single keys and an interval tree for ranges.
///
/// Watchers of the same key or range share one group, so a crowd behind one prefix costs one tree node. Groups,
/// entries and table are plain structs in arrays or raw memory and refer to each other by index; a key is stored
/// once, in one allocation with its range end. Measured against a hash plus Go's tree in `mvcc/watcher_group.go`.
struct WatchIndex: ~Copyable {
  /// What a group watches. `to` is exclusive.
  enum Extent {
    case key
    case to(Bytes)
    case onward
  }

  private struct Group {
    /// The key's bytes, then those of the range end.
    var bytes: UnsafeMutableRawPointer
    var keyLength: UInt32
    /// Length of the range end, or one of the two marks below.
    var endLength: UInt32
    var hash: UInt32
    /// First entry of the group; also the link of the free list.
    var head: Int32
    // Tree links; unused by groups of single keys.
    var left: Int32
    var right: Int32
    /// The group with the greatest end in this subtree.
    var furthest: Int32
    var priority: UInt32
  }

  private struct Entry {
    var watcher: Int32
    var group: Int32
    var previous: Int32
    /// Next of the group; also the link of the free list.
    var next: Int32
  }

  private static let single = UInt32.max
  private static let endless = UInt32.max - 1
  private static let none: Int32 = -1

  private var groups: [Group] = []
  private var freeGroup = none
  private var liveGroups = 0
  private var entries: [Entry] = []
  private var freeEntry = none
  /// Open addressing with linear probing; group numbers, or -1 for a free place. Size is a power of two.
  private var table: [Int32] = Array(repeating: none, count: 8)
  private var root = none
  private let hasher: KeyHasher
  private var dice: Dice
  private var stack: [Int32] = []

  init(seed: UInt64) {
    dice = Dice(seed: seed)
    hasher = KeyHasher(k0: dice.next(), k1: dice.next())
  }

  deinit {
    for group in groups where group.keyLength != UInt32.max { group.bytes.deallocate() }
  }

  var isEmpty: Bool { liveGroups == 0 }

  /// Adds a watcher; the answer names its place for `remove`.
  mutating func insert(watcher: Int32, key: Bytes, extent: Extent) -> Int32 {
    let end: Bytes
    let endLength: UInt32
    switch extent {
    case .key: (end, endLength) = ([], Self.single)
    case .to(let bytes): (end, endLength) = (bytes, UInt32(bytes.count))
    case .onward: (end, endLength) = ([], Self.endless)
    }
    return key.withUnsafeBytes { key in
      end.withUnsafeBytes { end in
        addEntry(watcher, to: groupFor(key: key, end: end, endLength: endLength))
      }
    }
  }

  /// Adds a watcher with the key and extent of an entry of another index.
  mutating func insert(watcher: Int32, like entry: Int32, of other: borrowing WatchIndex) -> Int32 {
    let model = other.groups[Int(other.entries[Int(entry)].group)]
    return addEntry(
      watcher,
      to: groupFor(key: other.keyBytes(model), end: other.endBytes(model), endLength: model.endLength))
  }

  mutating func remove(entry: Int32) {
    let old = entries[Int(entry)]
    if old.previous != Self.none {
      entries[Int(old.previous)].next = old.next
    } else {
      groups[Int(old.group)].head = old.next
    }
    if old.next != Self.none { entries[Int(old.next)].previous = old.previous }
    entries[Int(entry)].next = freeEntry
    freeEntry = entry
    if groups[Int(old.group)].head == Self.none { dropGroup(old.group) }
  }

  /// Appends the watchers that want `key`, each once, in no particular order.
  mutating func match(_ key: UnsafeRawBufferPointer, into watchers: inout [Int32]) {
    if liveGroups == 0 { return }
    let place = findPlace(
      hash: UInt32(truncatingIfNeeded: hasher.hash(key)), key: key, end: .init(start: nil, count: 0),
      endLength: Self.single)
    if table[place] != Self.none { appendEntries(of: table[place], into: &watchers) }
    if root != Self.none { stab(key, into: &watchers) }
  }

  private func appendEntries(of group: Int32, into watchers: inout [Int32]) {
    var entry = groups[Int(group)].head
    while entry != Self.none {
      watchers.append(entries[Int(entry)].watcher)
      entry = entries[Int(entry)].next
    }
  }

  // MARK: Entries and groups

  private mutating func addEntry(_ watcher: Int32, to group: Int32) -> Int32 {
    let next = groups[Int(group)].head
    let entry = Entry(watcher: watcher, group: group, previous: Self.none, next: next)
    let place: Int32
    if freeEntry != Self.none {
      place = freeEntry
      freeEntry = entries[Int(place)].next
      entries[Int(place)] = entry
    } else {
      place = Int32(entries.count)
      entries.append(entry)
    }
    if next != Self.none { entries[Int(next)].previous = place }
    groups[Int(group)].head = place
    return place
  }

  private mutating func groupFor(
    key: UnsafeRawBufferPointer, end: UnsafeRawBufferPointer, endLength: UInt32
  ) -> Int32 {
    let hash = groupHash(key: key, end: end, endLength: endLength)
    let place = findPlace(hash: hash, key: key, end: end, endLength: endLength)
    if table[place] != Self.none { return table[place] }
    let group = newGroup(key: key, end: end, endLength: endLength, hash: hash)
    table[place] = group
    liveGroups += 1
    if liveGroups * 4 > table.count * 3 { growTable() }
    if endLength != Self.single { root = insertNode(group, below: root) }
    return group
  }

  private mutating func newGroup(
    key: UnsafeRawBufferPointer, end: UnsafeRawBufferPointer, endLength: UInt32, hash: UInt32
  ) -> Int32 {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: max(1, key.count + end.count), alignment: 1)
    if let base = key.baseAddress { memory.copyMemory(from: base, byteCount: key.count) }
    if let base = end.baseAddress { (memory + key.count).copyMemory(from: base, byteCount: end.count) }
    var group = Group(
      bytes: memory, keyLength: UInt32(key.count), endLength: endLength, hash: hash, head: Self.none,
      left: Self.none, right: Self.none, furthest: Self.none,
      priority: UInt32(truncatingIfNeeded: dice.next()))
    let place: Int32
    if freeGroup != Self.none {
      place = freeGroup
      freeGroup = groups[Int(place)].head
      group.furthest = place
      groups[Int(place)] = group
    } else {
      place = Int32(groups.count)
      group.furthest = place
      groups.append(group)
    }
    return place
  }

  private mutating func dropGroup(_ group: Int32) {
    if groups[Int(group)].endLength != Self.single { root = eraseNode(group, below: root) }
    removeFromTable(group)
    groups[Int(group)].bytes.deallocate()
    groups[Int(group)].keyLength = UInt32.max
    groups[Int(group)].head = freeGroup
    freeGroup = group
    liveGroups -= 1
  }

  private func keyBytes(_ group: Group) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: group.bytes, count: Int(group.keyLength))
  }

  private func endBytes(_ group: Group) -> UnsafeRawBufferPointer {
    let count = group.endLength >= Self.endless ? 0 : Int(group.endLength)
    return UnsafeRawBufferPointer(start: group.bytes + Int(group.keyLength), count: count)
  }

  // MARK: The hash table

  private func groupHash(key: UnsafeRawBufferPointer, end: UnsafeRawBufferPointer, endLength: UInt32) -> UInt32
  {
    let ofKey = hasher.hash(key)
    if endLength == Self.single { return UInt32(truncatingIfNeeded: ofKey) }
    return UInt32(truncatingIfNeeded: (ofKey &* 31) ^ hasher.hash(end) ^ UInt64(endLength))
  }

  /// Where the group stands, or the free place where it would.
  private func findPlace(
    hash: UInt32, key: UnsafeRawBufferPointer, end: UnsafeRawBufferPointer, endLength: UInt32
  ) -> Int {
    let mask = table.count - 1
    var place = Int(hash) & mask
    while table[place] != Self.none {
      let group = groups[Int(table[place])]
      if group.hash == hash, group.endLength == endLength, compareBytes(keyBytes(group), key) == 0,
        compareBytes(endBytes(group), end) == 0
      {
        return place
      }
      place = (place + 1) & mask
    }
    return place
  }

  private mutating func growTable() {
    let old = table
    table = Array(repeating: Self.none, count: old.count * 2)
    let mask = table.count - 1
    for group in old where group != Self.none {
      var place = Int(groups[Int(group)].hash) & mask
      while table[place] != Self.none { place = (place + 1) & mask }
      table[place] = group
    }
  }

  /// Removes by moving later members of the run back, so that no tombstones pile up.
  private mutating func removeFromTable(_ group: Int32) {
    let mask = table.count - 1
    var hole = Int(groups[Int(group)].hash) & mask
    while table[hole] != group { hole = (hole + 1) & mask }
    var place = (hole + 1) & mask
    while table[place] != Self.none {
      let home = Int(groups[Int(table[place])].hash) & mask
      if (place - home) & mask >= (place - hole) & mask {
        table[hole] = table[place]
        hole = place
      }
      place = (place + 1) & mask
    }
    table[hole] = Self.none
  }

  // MARK: The interval tree: a treap ordered by key, then end; each node knows the furthest end below it

  private mutating func stab(_ key: UnsafeRawBufferPointer, into watchers: inout [Int32]) {
    stack.removeAll(keepingCapacity: true)
    stack.append(root)
    while let node = stack.popLast() {
      let group = groups[Int(node)]
      if !ends(group.furthest, after: key) { continue }
      if group.left != Self.none { stack.append(group.left) }
      if compareBytes(keyBytes(group), key) > 0 { continue }
      if ends(node, after: key) { appendEntries(of: node, into: &watchers) }
      if group.right != Self.none { stack.append(group.right) }
    }
  }

  private func ends(_ node: Int32, after key: UnsafeRawBufferPointer) -> Bool {
    let group = groups[Int(node)]
    return group.endLength == Self.endless || compareBytes(endBytes(group), key) > 0
  }

  private func compareEnds(_ a: Int32, _ b: Int32) -> Int {
    let x = groups[Int(a)]
    let y = groups[Int(b)]
    if x.endLength == Self.endless || y.endLength == Self.endless {
      return (x.endLength == Self.endless ? 1 : 0) - (y.endLength == Self.endless ? 1 : 0)
    }
    return compareBytes(endBytes(x), endBytes(y))
  }

  private func precedes(_ a: Int32, _ b: Int32) -> Bool {
    let order = compareBytes(keyBytes(groups[Int(a)]), keyBytes(groups[Int(b)]))
    return order != 0 ? order < 0 : compareEnds(a, b) < 0
  }

  private mutating func refresh(_ node: Int32) {
    let left = groups[Int(node)].left
    let right = groups[Int(node)].right
    var furthest = node
    if left != Self.none { furthest = later(furthest, groups[Int(left)].furthest) }
    if right != Self.none { furthest = later(furthest, groups[Int(right)].furthest) }
    groups[Int(node)].furthest = furthest
  }

  private func later(_ a: Int32, _ b: Int32) -> Int32 { compareEnds(b, a) > 0 ? b : a }

  private mutating func insertNode(_ node: Int32, below top: Int32) -> Int32 {
    if top == Self.none { return node }
    if groups[Int(node)].priority > groups[Int(top)].priority {
      let (left, right) = split(top, at: node)
      groups[Int(node)].left = left
      groups[Int(node)].right = right
      refresh(node)
      return node
    }
    if precedes(node, top) {
      groups[Int(top)].left = insertNode(node, below: groups[Int(top)].left)
    } else {
      groups[Int(top)].right = insertNode(node, below: groups[Int(top)].right)
    }
    refresh(top)
    return top
  }

  private mutating func split(_ top: Int32, at node: Int32) -> (Int32, Int32) {
    if top == Self.none { return (Self.none, Self.none) }
    if precedes(top, node) {
      let (left, right) = split(groups[Int(top)].right, at: node)
      groups[Int(top)].right = left
      refresh(top)
      return (top, right)
    }
    let (left, right) = split(groups[Int(top)].left, at: node)
    groups[Int(top)].left = right
    refresh(top)
    return (left, top)
  }

  private mutating func eraseNode(_ node: Int32, below top: Int32) -> Int32 {
    invariant(top != Self.none, "a watched range is in its tree")
    if top == node { return merge(groups[Int(top)].left, groups[Int(top)].right) }
    if precedes(node, top) {
      groups[Int(top)].left = eraseNode(node, below: groups[Int(top)].left)
    } else {
      groups[Int(top)].right = eraseNode(node, below: groups[Int(top)].right)
    }
    refresh(top)
    return top
  }

  private mutating func merge(_ a: Int32, _ b: Int32) -> Int32 {
    if a == Self.none { return b }
    if b == Self.none { return a }
    if groups[Int(a)].priority > groups[Int(b)].priority {
      groups[Int(a)].right = merge(groups[Int(a)].right, b)
      refresh(a)
      return a
    }
    groups[Int(b)].left = merge(a, groups[Int(b)].left)
    refresh(b)
    return b
  }
}
