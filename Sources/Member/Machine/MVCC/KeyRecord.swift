import Base

/// What the index knows of one key at one point of its history.
package struct KeyState: Equatable, Sendable {
  /// Where the newest change at that point lies.
  package var modified: Revision
  /// Main revision of the put that began this life of the key.
  package var created: Int64
  /// Puts in this life so far, from 1.
  package var version: Int64

  package init(modified: Revision, created: Int64, version: Int64) {
    self.modified = modified
    self.created = created
    self.version = version
  }
}

/// One key of the index: a block of unsafe memory with a fixed head and the key's bytes behind it.
///
/// Most keys have one revision and then no second allocation: 40 bytes and the key. Older revisions go to a
/// `KeyHistory`. The block belongs to the leaf that points to it; `free` is called exactly once.
/// Behaviour as etcd 3.4.45: mvcc/key_index.go.
struct KeyRecord {
  struct Head {
    /// Main revision of the newest change.
    var modifiedMain: Int64
    /// Created revision and version of the newest life; of the ended life while the key is dead.
    var created: Int64
    var version: Int64
    var history: UnsafeMutableRawPointer?
    /// Sub revision of the newest change; the top bit says that it is a tombstone.
    var modifiedSub: UInt32
    /// Length of the key; the top bit says that the newest record carries a lease.
    var length: UInt32
  }

  static let headBytes = MemoryLayout<Head>.stride
  private static let topBit: UInt32 = 1 << 31

  let head: UnsafeMutablePointer<Head>

  init(_ pointer: UnsafeMutableRawPointer) { head = pointer.assumingMemoryBound(to: Head.self) }

  /// A record with one change.
  init(
    key: UnsafeRawBufferPointer, modified: Revision, created: Int64, version: Int64, isTombstone: Bool,
    isLeased: Bool
  ) {
    invariant(key.count < Int(Self.topBit), "a key of \(key.count) bytes")
    let block = UnsafeMutableRawPointer.allocate(
      byteCount: Self.headBytes + key.count, alignment: MemoryLayout<Head>.alignment)
    head = block.bindMemory(to: Head.self, capacity: 1)
    head.initialize(
      to: Head(
        modifiedMain: modified.main, created: created, version: version, history: nil,
        modifiedSub: Self.narrow(modified.sub) | (isTombstone ? Self.topBit : 0),
        length: UInt32(key.count) | (isLeased ? Self.topBit : 0)))
    if let source = key.baseAddress, key.count > 0 {
      (block + Self.headBytes).copyMemory(from: source, byteCount: key.count)
    }
  }

  func free() {
    if let block = head.pointee.history { KeyHistory(block).free() }
    UnsafeMutableRawPointer(head).deallocate()
  }

  var pointer: UnsafeMutableRawPointer { UnsafeMutableRawPointer(head) }
  var keyLength: Int { Int(head.pointee.length & ~Self.topBit) }
  var key: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: UnsafeRawPointer(head) + Self.headBytes, count: keyLength)
  }
  /// True while the newest change is a tombstone.
  var isDead: Bool { head.pointee.modifiedSub & Self.topBit != 0 }
  var isLeased: Bool { head.pointee.length & Self.topBit != 0 }
  var modified: Revision {
    Revision(main: head.pointee.modifiedMain, sub: Int64(head.pointee.modifiedSub & ~Self.topBit))
  }
  /// The newest state; only for a living key.
  var current: KeyState {
    KeyState(modified: modified, created: head.pointee.created, version: head.pointee.version)
  }
  var allocatedBytes: Int {
    Self.headBytes + keyLength + (head.pointee.history.map { KeyHistory($0).allocatedBytes } ?? 0)
  }

  /// A put; starts a new life where the key is dead.
  func put(at revision: Revision, isLeased: Bool) {
    invariant(modified < revision, "put at \(revision) behind \(modified)")
    if isDead {
      pushHistory(modified, isTombstone: true)
      pushLife()
      head.pointee.created = revision.main
      head.pointee.version = 1
    } else {
      pushHistory(modified, isTombstone: false)
      head.pointee.version += 1
    }
    setModified(revision, isTombstone: false, isLeased: isLeased)
  }

  /// Ends the key's life; only for a living key.
  func tombstone(at revision: Revision) {
    invariant(!isDead, "tombstone of a dead key at \(revision)")
    invariant(modified < revision, "tombstone at \(revision) behind \(modified)")
    pushHistory(modified, isTombstone: false)
    // The tombstone counts in the version of the life it ends, so that versions of older revisions can be
    // derived from it.
    head.pointee.version += 1
    setModified(revision, isTombstone: true, isLeased: false)
  }

  /// The state at main revision `at`; nil where the key did not exist then.
  func state(at: Int64) -> KeyState? {
    if head.pointee.modifiedMain <= at { return isDead ? nil : current }
    guard let block = head.pointee.history else { return nil }
    return KeyHistory(block).state(at: at, created: head.pointee.created, version: head.pointee.version)
  }

  /// Revisions from main revision `since` on, ascending; of several with one main revision only the last.
  /// As etcd 3.4: mvcc/key_index.go, since.
  func revisions(since: Int64) -> [Revision] {
    var found: [Revision] = []
    func add(_ revision: Revision) {
      if revision.main < since { return }
      if found.last?.main == revision.main { found.removeLast() }
      found.append(revision)
    }
    if let block = head.pointee.history { KeyHistory(block).forEachRevision { revision, _ in add(revision) } }
    add(modified)
    return found
  }

  /// Drops what a compaction at main revision `at` makes unreachable and reports each dropped change, ascending.
  /// Answers true when nothing is left of the key.
  ///
  /// Kept is the newest change not above `at`, unless it is a tombstone below it. A tombstone exactly at the
  /// compacted revision stays, because a watcher may start there. As etcd 3.4.34: mvcc/key_index.go, compact.
  func compact(at: Int64, dropped: (Revision, _ isTombstone: Bool) -> Void) -> Bool {
    if head.pointee.modifiedMain > at {
      guard let block = head.pointee.history else { return false }
      head.pointee.history = KeyHistory(block).compact(at: at, dropped: dropped)
      return false
    }
    if let block = head.pointee.history {
      KeyHistory(block).forEachRevision(dropped)
      KeyHistory(block).free()
      head.pointee.history = nil
    }
    guard isDead, head.pointee.modifiedMain < at else { return false }
    dropped(modified, true)
    return true
  }

  private func setModified(_ revision: Revision, isTombstone: Bool, isLeased: Bool) {
    head.pointee.modifiedMain = revision.main
    head.pointee.modifiedSub = Self.narrow(revision.sub) | (isTombstone ? Self.topBit : 0)
    head.pointee.length = UInt32(keyLength) | (isLeased ? Self.topBit : 0)
  }

  private func pushHistory(_ revision: Revision, isTombstone: Bool) {
    head.pointee.history =
      KeyHistory.push(.revision(revision, isTombstone: isTombstone), to: head.pointee.history)
  }

  private func pushLife() {
    head.pointee.history =
      KeyHistory.push(
        .life(created: head.pointee.created, version: head.pointee.version), to: head.pointee.history)
  }

  private static func narrow(_ sub: Int64) -> UInt32 {
    invariant(sub >= 0 && sub < Int64(topBit), "sub revision \(sub)")
    return UInt32(truncatingIfNeeded: sub)
  }
}
