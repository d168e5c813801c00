import Base

/// Every key of the store in order, with the revisions of its changes: a B+tree of wide nodes in unsafe memory.
///
/// The values are elsewhere (the backend); this is what turns a key and a revision into the revision of a row.
/// Dead keys stay until a compaction passes their tombstone. Every inner node counts the living keys below each
/// child, so that counting a range at the current revision, and finding the n-th key, cost one descent.
///
/// One owner, one thread. Keys are taken as borrowed bytes and copied once, when they are new.
/// Behaviour as etcd 3.4.45: mvcc/{index,key_index}.go.
package struct KeyIndex: ~Copyable {
  // Invariants, checked by `checkStructure` in tests:
  // - keys of leaves ascend along `next`; every leaf but a lone root holds a record;
  // - counts[i] of an inner node is the number of set live bits below child i;
  // - a live bit is set exactly where the record is not dead.

  var root: KeyNode
  /// Inner nodes above the leaves.
  var height = 0
  /// The way of the last descent: nodes from the root and the child taken in each.
  let path: UnsafeMutablePointer<Step>
  /// All keys, living and dead.
  package private(set) var keyCount = 0
  /// Keys that exist now.
  package private(set) var liveCount = 0

  struct Step {
    var node: KeyNode
    var index: Int
  }
  /// 64-wide nodes merged below a quarter cannot get this deep.
  static let maxHeight = 24

  package init() {
    root = .allocate(isLeaf: true)
    path = .allocate(capacity: Self.maxHeight + 1)
    path.initialize(repeating: Step(node: root, index: 0), count: Self.maxHeight + 1)
  }

  deinit {
    Self.freeTree(root)
    path.deallocate()
  }

  /// Drops every key.
  package mutating func removeAll() {
    Self.freeTree(root)
    root = .allocate(isLeaf: true)
    height = 0
    keyCount = 0
    liveCount = 0
  }

  /// What a put found and made.
  package struct PutOutcome: Equatable, Sendable {
    package var created: Int64
    package var version: Int64
    /// The living change that was replaced, and whether it carried a lease.
    package var previous: Revision?
    package var wasLeased: Bool
  }

  /// Records a put of `key`. `revision` must be above every revision of the key.
  package mutating func put(_ key: UnsafeRawBufferPointer, at revision: Revision, isLeased: Bool) -> PutOutcome
  {
    let (leaf, position, isFound) = descend(to: key)
    guard isFound else {
      let record = KeyRecord(
        key: key, modified: revision, created: revision.main, version: 1, isTombstone: false,
        isLeased: isLeased)
      insert(record, at: leaf, position, isLive: true)
      return PutOutcome(created: revision.main, version: 1, previous: nil, wasLeased: false)
    }
    let record = leaf.record(position)
    let wasDead = record.isDead
    let previous = wasDead ? nil : record.modified
    let wasLeased = record.isLeased
    record.put(at: revision, isLeased: isLeased)
    if wasDead { setLive(leaf, position, true) }
    return PutOutcome(
      created: record.head.pointee.created, version: record.head.pointee.version, previous: previous,
      wasLeased: wasLeased)
  }

  /// Records a deletion; nil where the key does not exist now.
  package mutating func tombstone(_ key: UnsafeRawBufferPointer, at revision: Revision)
    -> (previous: Revision, wasLeased: Bool)?
  {
    let (leaf, position, isFound) = descend(to: key)
    guard isFound else { return nil }
    let record = leaf.record(position)
    if record.isDead { return nil }
    let result = (previous: record.modified, wasLeased: record.isLeased)
    record.tombstone(at: revision)
    setLive(leaf, position, false)
    return result
  }

  /// Takes over a row found at start. Rows come in ascending order of revision; `created` and `version` count for
  /// the first row of a key (its older rows were compacted). A tombstone may come first.
  /// As etcd 3.4.36: mvcc/kvstore.go, restoreIntoIndex.
  package mutating func restore(
    _ key: UnsafeRawBufferPointer, at revision: Revision, created: Int64, version: Int64, isTombstone: Bool,
    isLeased: Bool
  ) {
    let (leaf, position, isFound) = descend(to: key)
    guard isFound else {
      let record = KeyRecord(
        key: key, modified: revision, created: isTombstone ? 0 : created, version: isTombstone ? 1 : version,
        isTombstone: isTombstone, isLeased: isLeased)
      insert(record, at: leaf, position, isLive: !isTombstone)
      return
    }
    let record = leaf.record(position)
    let wasDead = record.isDead
    if isTombstone {
      if wasDead { return }
      record.tombstone(at: revision)
    } else {
      record.put(at: revision, isLeased: isLeased)
    }
    if wasDead != isTombstone { setLive(leaf, position, !isTombstone) }
  }

  /// The newest state; nil where the key does not exist now.
  package func current(_ key: UnsafeRawBufferPointer) -> KeyState? {
    guard let record = find(key), !record.isDead else { return nil }
    return record.current
  }

  /// The state at main revision `at`; nil where the key did not exist then.
  package func state(_ key: UnsafeRawBufferPointer, at: Int64) -> KeyState? {
    find(key)?.state(at: at)
  }

  /// The key's changes from main revision `since` on, ascending.
  package func revisions(_ key: UnsafeRawBufferPointer, since: Int64) -> [Revision] {
    find(key)?.revisions(since: since) ?? []
  }

  /// Bytes of all blocks, for figures; walks the whole tree.
  package var allocatedBytes: Int { Self.bytes(of: root) }

  func find(_ key: UnsafeRawBufferPointer) -> KeyRecord? {
    var node = root
    for _ in 0..<height { node = node.child(node.childIndex(for: key)) }
    let (position, isEqual) = node.lowerBound(key)
    return isEqual ? node.record(position) : nil
  }

  mutating func noteRemoved(_ count: Int) { keyCount -= count }

  /// Puts a new record where the last descent found its place.
  private mutating func insert(_ record: KeyRecord, at leaf: KeyNode, _ position: Int, isLive: Bool) {
    var place = (leaf: leaf, position: position, isFound: false)
    while place.leaf.isFull {
      splitLowestFull()
      place = descend(to: record.key)
    }
    place.leaf.insert(record, at: place.position, isLive: isLive)
    keyCount += 1
    if isLive {
      liveCount += 1
      countPath(1)
    }
  }

  private mutating func setLive(_ leaf: KeyNode, _ position: Int, _ isLive: Bool) {
    leaf.setLive(position, isLive)
    liveCount += isLive ? 1 : -1
    countPath(isLive ? 1 : -1)
  }

  /// Adds to the counts along the path of the last descent.
  private func countPath(_ difference: Int) {
    for depth in 0..<height { path[depth].node.counts[path[depth].index] += difference }
  }
}
