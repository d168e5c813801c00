import Base

/// The older changes of one key, ascending, in one block of unsafe memory: 16 bytes a change.
///
/// A life that has ended is followed by a slot with its created revision and version (the tombstone counted);
/// those of the newest life are in the `KeyRecord`. Versions of single changes are derived by counting back.
struct KeyHistory {
  /// Two words: (main, sub and tombstone bit) of a change, or (created, version and life bit) of an ended life.
  struct Slot {
    var first: Int64
    var second: Int64

    static let lifeBit: Int64 = 1 << 62
    static let tombstoneBit: Int64 = 1 << 61

    static func revision(_ revision: Revision, isTombstone: Bool) -> Slot {
      Slot(first: revision.main, second: revision.sub | (isTombstone ? tombstoneBit : 0))
    }
    static func life(created: Int64, version: Int64) -> Slot {
      Slot(first: created, second: version | lifeBit)
    }

    var isLife: Bool { second & Self.lifeBit != 0 }
    var isTombstone: Bool { second & Self.tombstoneBit != 0 }
    var revision: Revision { Revision(main: first, sub: second & ~Self.tombstoneBit) }
    var version: Int64 { second & ~Self.lifeBit }
  }

  struct Head {
    var count: Int
    var capacity: Int
  }

  private static let headBytes = MemoryLayout<Head>.stride
  private static let firstCapacity = 3

  private let head: UnsafeMutablePointer<Head>

  init(_ block: UnsafeMutableRawPointer) { head = block.assumingMemoryBound(to: Head.self) }

  private var slots: UnsafeMutablePointer<Slot> {
    (UnsafeMutableRawPointer(head) + Self.headBytes).assumingMemoryBound(to: Slot.self)
  }
  var allocatedBytes: Int { Self.headBytes + head.pointee.capacity * MemoryLayout<Slot>.stride }

  func free() { UnsafeMutableRawPointer(head).deallocate() }

  /// Adds a slot at the end; answers the block to use from now on.
  static func push(_ slot: Slot, to block: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer {
    var history = block.map { KeyHistory($0) } ?? KeyHistory(allocate(capacity: firstCapacity))
    if history.head.pointee.count == history.head.pointee.capacity {
      history = history.moved(toCapacity: history.head.pointee.capacity * 2)
    }
    history.slots[history.head.pointee.count] = slot
    history.head.pointee.count += 1
    return UnsafeMutableRawPointer(history.head)
  }

  /// As `KeyRecord.state(at:)` for changes below the newest, whose life has these figures.
  func state(at: Int64, created: Int64, version: Int64) -> KeyState? {
    var created = created
    var version = version
    var index = head.pointee.count - 1
    while index >= 0 {
      let slot = slots[index]
      index -= 1
      if slot.isLife {
        created = slot.first
        version = slot.version + 1  // the tombstone below takes it back
        continue
      }
      version -= 1
      if slot.first > at { continue }
      return slot.isTombstone ? nil : KeyState(modified: slot.revision, created: created, version: version)
    }
    return nil
  }

  func forEachRevision(_ visit: (Revision, _ isTombstone: Bool) -> Void) {
    for index in 0..<head.pointee.count where !slots[index].isLife {
      visit(slots[index].revision, slots[index].isTombstone)
    }
  }

  /// Drops what lies before the newest change not above `at` (and that one too, if it is a tombstone below it);
  /// answers the block to use from now on, nil when nothing is left.
  func compact(at: Int64, dropped: (Revision, _ isTombstone: Bool) -> Void) -> UnsafeMutableRawPointer? {
    var cut = head.pointee.count - 1
    while cut >= 0, slots[cut].isLife || slots[cut].first > at { cut -= 1 }
    if cut < 0 { return UnsafeMutableRawPointer(head) }
    if slots[cut].isTombstone, slots[cut].first < at { cut += 2 }  // with the slot of its life
    for index in 0..<cut where !slots[index].isLife {
      dropped(slots[index].revision, slots[index].isTombstone)
    }
    return removeFirst(cut)
  }

  private func removeFirst(_ cut: Int) -> UnsafeMutableRawPointer? {
    let left = head.pointee.count - cut
    if left == 0 {
      free()
      return nil
    }
    if cut == 0 { return UnsafeMutableRawPointer(head) }
    UnsafeMutableRawPointer(slots).copyMemory(
      from: slots + cut, byteCount: left * MemoryLayout<Slot>.stride)
    head.pointee.count = left
    if left > Self.firstCapacity, left * 4 > head.pointee.capacity { return UnsafeMutableRawPointer(head) }
    let capacity = max(left, Self.firstCapacity)
    return capacity == head.pointee.capacity
      ? UnsafeMutableRawPointer(head) : UnsafeMutableRawPointer(moved(toCapacity: capacity).head)
  }

  private func moved(toCapacity capacity: Int) -> KeyHistory {
    let other = KeyHistory(Self.allocate(capacity: capacity))
    other.slots.update(from: slots, count: head.pointee.count)
    other.head.pointee.count = head.pointee.count
    free()
    return other
  }

  private static func allocate(capacity: Int) -> UnsafeMutableRawPointer {
    let block = UnsafeMutableRawPointer.allocate(
      byteCount: headBytes + capacity * MemoryLayout<Slot>.stride, alignment: MemoryLayout<Slot>.alignment)
    block.bindMemory(to: Head.self, capacity: 1).initialize(to: Head(count: 0, capacity: capacity))
    (block + headBytes).bindMemory(to: Slot.self, capacity: capacity)
    return block
  }
}
