import Base

/// One node of the index's tree, in a block of unsafe memory: up to 64 records (a leaf) or children (an inner node).
///
/// Beside each key the node keeps its *head*: the eight bytes after the prefix that all keys of the node share, as
/// one big-endian number. A search compares the prefix once, then numbers; it leaves the node for a whole key only
/// where heads are equal. A leaf's keys are those of its records. An inner node's keys are separators of its own:
/// separator i is above every key of child i and not above any key of child i + 1.
struct KeyNode: Equatable {
  static let width = 64
  /// As much of the shared prefix as is kept in the node itself; the rest is read from its first key.
  private static let inlinePrefix = 64

  struct Head {
    var isLeaf: Bool
    /// Records of a leaf, children of an inner node.
    var count: Int32
    var prefixLength: Int32
    /// Leaf: bit i says that record i is alive.
    var live: UInt64
    var next: UnsafeMutableRawPointer?
    var previous: UnsafeMutableRawPointer?
  }

  private static let prefixOffset = 40
  private static let headsOffset = prefixOffset + inlinePrefix
  private static let slotsOffset = headsOffset + width * 8
  private static let childrenOffset = slotsOffset + width * 8
  private static let countsOffset = childrenOffset + width * 8
  static let leafBytes = childrenOffset
  static let innerBytes = countsOffset + width * 8

  let base: UnsafeMutableRawPointer

  init(_ base: UnsafeMutableRawPointer) { self.base = base }

  static func allocate(isLeaf: Bool) -> KeyNode {
    invariant(MemoryLayout<Head>.size <= prefixOffset, "a node's head of \(MemoryLayout<Head>.size) bytes")
    let bytes = isLeaf ? leafBytes : innerBytes
    let base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 8)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    base.bindMemory(to: Head.self, capacity: 1)
      .initialize(
        to: Head(isLeaf: isLeaf, count: 0, prefixLength: 0, live: 0, next: nil, previous: nil))
    (base + headsOffset).bindMemory(to: UInt64.self, capacity: width)
    (base + slotsOffset).bindMemory(to: UnsafeMutableRawPointer?.self, capacity: width)
    if !isLeaf {
      (base + childrenOffset).bindMemory(to: UnsafeMutableRawPointer?.self, capacity: width)
      (base + countsOffset).bindMemory(to: Int.self, capacity: width)
    }
    return KeyNode(base)
  }

  /// Frees the block alone, not what it points to.
  func free() { base.deallocate() }

  var head: UnsafeMutablePointer<Head> { base.assumingMemoryBound(to: Head.self) }
  private var heads: UnsafeMutablePointer<UInt64> {
    (base + Self.headsOffset).assumingMemoryBound(to: UInt64.self)
  }
  /// Leaf: records. Inner: separators.
  private var slots: UnsafeMutablePointer<UnsafeMutableRawPointer?> {
    (base + Self.slotsOffset).assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
  }
  private var children: UnsafeMutablePointer<UnsafeMutableRawPointer?> {
    (base + Self.childrenOffset).assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
  }
  /// Inner: living keys below each child.
  var counts: UnsafeMutablePointer<Int> { (base + Self.countsOffset).assumingMemoryBound(to: Int.self) }

  var isLeaf: Bool { head.pointee.isLeaf }
  var count: Int { Int(head.pointee.count) }
  var isFull: Bool { count == Self.width }
  /// Keys to search: one less than children in an inner node.
  var keyCount: Int { isLeaf ? count : max(count - 1, 0) }
  var next: KeyNode? { head.pointee.next.map { KeyNode($0) } }
  var previous: KeyNode? { head.pointee.previous.map { KeyNode($0) } }

  func record(_ index: Int) -> KeyRecord {
    guard let pointer = slots[index] else { broken("leaf without record \(index)") }
    return KeyRecord(pointer)
  }
  func separator(_ index: Int) -> KeySeparator {
    guard let pointer = slots[index] else { broken("inner node without separator \(index)") }
    return KeySeparator(pointer)
  }
  func child(_ index: Int) -> KeyNode {
    guard let pointer = children[index] else { broken("inner node without child \(index)") }
    return KeyNode(pointer)
  }
  func key(_ index: Int) -> UnsafeRawBufferPointer {
    isLeaf ? record(index).key : separator(index).key
  }

  /// Living keys at or below this node.
  var liveTotal: Int {
    if isLeaf { return head.pointee.live.nonzeroBitCount }
    var total = 0
    for index in 0..<count { total += counts[index] }
    return total
  }
}

// MARK: - Search

extension KeyNode {
  /// Position of the first key not below `key`, and whether it is equal.
  func lowerBound(_ key: UnsafeRawBufferPointer) -> (position: Int, isEqual: Bool) {
    let total = keyCount
    if total == 0 { return (0, false) }
    let order = comparePrefix(key)
    if order != 0 { return (order < 0 ? 0 : total, false) }
    let prefix = Int(head.pointee.prefixLength)
    let wanted = Self.headValue(key, after: prefix)
    let position = firstHead(notBelow: wanted, total: total)
    if position == total || heads[position] != wanted { return (position, false) }
    return lowerBound(key, amongHeads: wanted, from: position, total: total, after: prefix)
  }

  /// The same among keys with equal heads, the first of them at `position`: whole keys decide.
  private func lowerBound(
    _ key: UnsafeRawBufferPointer, amongHeads wanted: UInt64, from position: Int, total: Int, after prefix: Int
  ) -> (position: Int, isEqual: Bool) {
    var low = position
    var high = position + 1
    while high < total, heads[high] == wanted { high += 1 }
    while low < high {
      let middle = (low + high) >> 1
      let order = Self.compareTail(key, self.key(middle), after: prefix)
      if order == 0 { return (middle, true) }
      if order < 0 { high = middle } else { low = middle + 1 }
    }
    return (low, false)
  }

  /// Index of the child that holds `key`: the number of separators not above it.
  func childIndex(for key: UnsafeRawBufferPointer) -> Int {
    let (position, isEqual) = lowerBound(key)
    return isEqual ? position + 1 : position
  }

  private func firstHead(notBelow wanted: UInt64, total: Int) -> Int {
    let heads = self.heads
    var low = 0
    var length = total
    while length > 0 {
      let half = length >> 1
      // Written so that the compiler makes a conditional move of it: the branch would be a coin toss.
      let isBelow = heads[low + half] < wanted
      low = isBelow ? low + half + 1 : low
      length = isBelow ? length - half - 1 : half
    }
    return low
  }

  /// Order of `key` against the keys of the node as far as the shared prefix decides it; 0 where it has the prefix.
  private func comparePrefix(_ key: UnsafeRawBufferPointer) -> Int {
    let length = Int(head.pointee.prefixLength)
    if length == 0 { return 0 }
    let inline = min(length, Self.inlinePrefix)
    let first = UnsafeRawBufferPointer(start: base + Self.prefixOffset, count: inline)
    var order = compareBytes(UnsafeRawBufferPointer(rebasing: key.prefix(inline)), first)
    if order != 0 || length == inline { return order }
    let rest = self.key(0)[inline..<length]
    order = compareBytes(
      UnsafeRawBufferPointer(rebasing: key[inline..<min(key.count, length)]),
      UnsafeRawBufferPointer(rebasing: rest))
    return order
  }

  private static func compareTail(
    _ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer, after prefix: Int
  ) -> Int {
    compareBytes(
      UnsafeRawBufferPointer(rebasing: a[prefix...]), UnsafeRawBufferPointer(rebasing: b[prefix...]))
  }

  /// Eight bytes of `key` from `offset` on as a big-endian number, zeros behind its end.
  private static func headValue(_ key: UnsafeRawBufferPointer, after offset: Int) -> UInt64 {
    if key.count >= offset + 8 {
      return UInt64(bigEndian: key.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
    var value: UInt64 = 0
    for index in 0..<8 { value = value << 8 | (offset + index < key.count ? UInt64(key[offset + index]) : 0) }
    return value
  }
}

// MARK: - Change

extension KeyNode {
  /// Puts a record at its place in a leaf that has room.
  func insert(_ record: KeyRecord, at position: Int, isLive: Bool) {
    let count = self.count
    openSlot(position, total: count)
    slots[position] = record.pointer
    let below = head.pointee.live & Self.mask(position)
    head.pointee.live = below | (head.pointee.live & ~Self.mask(position)) << 1
    setLive(position, isLive)
    head.pointee.count = Int32(count + 1)
    adoptKey(at: position)
  }

  /// Puts `child` behind child `index` of an inner node that has room, with the separator between the two.
  func insert(_ separator: KeySeparator, _ child: KeyNode, live: Int, after index: Int) {
    let count = self.count
    openSlot(index, total: count - 1)
    slots[index] = separator.pointer
    for other in stride(from: count, to: index + 1, by: -1) {
      children[other] = children[other - 1]
      counts[other] = counts[other - 1]
    }
    children[index + 1] = child.base
    counts[index + 1] = live
    head.pointee.count = Int32(count + 1)
    adoptKey(at: index)
  }

  /// Makes `child` the only child of an empty inner node.
  func setOnlyChild(_ child: KeyNode) {
    children[0] = child.base
    counts[0] = child.liveTotal
    head.pointee.count = 1
  }

  /// Removes child `index` (not the node itself) and a separator beside it; answers that separator, if there was one.
  func removeChild(_ index: Int) -> KeySeparator? {
    let count = self.count
    for other in index..<(count - 1) {
      children[other] = children[other + 1]
      counts[other] = counts[other + 1]
    }
    head.pointee.count = Int32(count - 1)
    if count == 1 { return nil }
    let separatorIndex = max(index - 1, 0)
    let removed = separator(separatorIndex)
    for other in separatorIndex..<(count - 2) {
      slots[other] = slots[other + 1]
      heads[other] = heads[other + 1]
    }
    return removed
  }

  /// Moves the entries from `position` on (records, or children with the separators between them) to an empty node.
  /// In an inner node the separator before child `position` is left over: it goes up and is answered.
  func moveTail(from position: Int, to other: KeyNode) -> KeySeparator? {
    let moved = count - position
    if isLeaf {
      for index in 0..<moved { other.slots[index] = slots[position + index] }
      other.head.pointee.live = head.pointee.live >> UInt64(position)
      head.pointee.live &= Self.mask(position)
    } else {
      for index in 0..<moved {
        other.children[index] = children[position + index]
        other.counts[index] = counts[position + index]
        if index < moved - 1 { other.slots[index] = slots[position + index] }
      }
    }
    let leftOver = isLeaf ? nil : separator(position - 1)
    head.pointee.count = Int32(position)
    other.head.pointee.count = Int32(moved)
    other.takeHeads(of: self, from: position)
    settleHeads()
    other.settleHeads()
    return leftOver
  }

  /// Appends everything of `other`, a neighbour to the right; of inner nodes `separator` comes between.
  func absorb(_ other: KeyNode, separator: KeySeparator) {
    let count = self.count
    let added = other.count
    if isLeaf {
      for index in 0..<added { slots[count + index] = other.slots[index] }
      if count < Self.width { head.pointee.live |= other.head.pointee.live << UInt64(count) }
    } else {
      slots[count - 1] = separator.pointer
      for index in 0..<added {
        children[count + index] = other.children[index]
        counts[count + index] = other.counts[index]
        if index < added - 1 { slots[count + index] = other.slots[index] }
      }
    }
    head.pointee.count = Int32(count + added)
    renewHeads()
  }

  /// Removes the records whose bit is set; frees them. They must be dead.
  func removeRecords(_ mask: UInt64) {
    invariant(head.pointee.live & mask == 0, "a living key is removed")
    var kept = 0
    var live: UInt64 = 0
    for index in 0..<count {
      if mask >> UInt64(index) & 1 != 0 {
        record(index).free()
        continue
      }
      slots[kept] = slots[index]
      heads[kept] = heads[index]
      live |= (head.pointee.live >> UInt64(index) & 1) << UInt64(kept)
      kept += 1
    }
    head.pointee.live = live
    head.pointee.count = Int32(kept)
    if kept == 0 { renewHeads() }
  }

  func isLive(_ index: Int) -> Bool { head.pointee.live >> UInt64(index) & 1 != 0 }

  func setLive(_ index: Int, _ isLive: Bool) {
    let bit: UInt64 = 1 << UInt64(index)
    if isLive { head.pointee.live |= bit } else { head.pointee.live &= ~bit }
  }

  /// Living records before `index`.
  func liveBefore(_ index: Int) -> Int { (head.pointee.live & Self.mask(index)).nonzeroBitCount }

  /// The lowest `count` bits.
  private static func mask(_ count: Int) -> UInt64 { count >= 64 ? .max : (1 << UInt64(count)) - 1 }

  private func openSlot(_ position: Int, total: Int) {
    let slots = self.slots
    let heads = self.heads
    (slots + position + 1).update(from: slots + position, count: total - position)
    (heads + position + 1).update(from: heads + position, count: total - position)
  }

  /// Sets the head of a key just put at `position`; all heads, where the node's prefix is not the key's.
  private func adoptKey(at position: Int) {
    let total = keyCount
    let key = self.key(position)
    // `comparePrefix` may read the rest of a long prefix from key 0: after an insert in front that is the new key.
    let neighbour = position == 0 && total > 1 ? self.key(1) : self.key(0)
    let prefix = Int(head.pointee.prefixLength)
    if total > 1, Self.sharedLength(key, neighbour, limit: prefix) == prefix {
      heads[position] = Self.headValue(key, after: prefix)
    } else {
      renewHeads()
    }
  }

  /// Copies prefix and heads of a node whose keys from `position` on are now here.
  private func takeHeads(of other: KeyNode, from position: Int) {
    head.pointee.prefixLength = other.head.pointee.prefixLength
    (base + Self.prefixOffset).copyMemory(from: other.base + Self.prefixOffset, byteCount: Self.inlinePrefix)
    heads.update(from: other.heads + position, count: keyCount)
  }

  /// Finds prefix and heads anew where the heads tell little apart any more. A prefix shorter than it could be is right
  /// too, and looking at every key of a node costs a cache miss each.
  private func settleHeads() {
    let total = keyCount
    if total < 2 || (heads[0] ^ heads[total - 1]).leadingZeroBitCount >= 32 { renewHeads() }
  }

  /// Finds the prefix anew and all heads after it.
  private func renewHeads() {
    let total = keyCount
    if total == 0 {
      head.pointee.prefixLength = 0
      return
    }
    let first = key(0)
    let prefix = total == 1 ? first.count : Self.sharedLength(first, key(total - 1), limit: .max)
    head.pointee.prefixLength = Int32(prefix)
    for index in 0..<min(prefix, Self.inlinePrefix) {
      base.storeBytes(of: first[index], toByteOffset: Self.prefixOffset + index, as: UInt8.self)
    }
    for index in 0..<total { heads[index] = Self.headValue(key(index), after: prefix) }
  }

  static func sharedLength(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer, limit: Int) -> Int {
    let bound = min(a.count, b.count, limit)
    var length = 0
    while length < bound, a[length] == b[length] { length += 1 }
    return length
  }
}

/// A key of an inner node, owned by it: eight bytes of length, then the bytes.
struct KeySeparator {
  private static let headBytes = 8
  let pointer: UnsafeMutableRawPointer

  init(_ pointer: UnsafeMutableRawPointer) { self.pointer = pointer }

  /// A copy of these bytes.
  init(copying key: UnsafeRawBufferPointer) {
    pointer = UnsafeMutableRawPointer.allocate(byteCount: Self.headBytes + key.count, alignment: 8)
    pointer.storeBytes(of: key.count, as: Int.self)
    if let source = key.baseAddress, key.count > 0 {
      (pointer + Self.headBytes).copyMemory(from: source, byteCount: key.count)
    }
  }

  /// The shortest bytes above `left` and not above `right`.
  static func between(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> KeySeparator {
    let shared = KeyNode.sharedLength(left, right, limit: .max)
    invariant(shared < right.count, "separator between unordered keys")
    return KeySeparator(copying: UnsafeRawBufferPointer(rebasing: right[0...shared]))
  }

  var key: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: UnsafeRawPointer(pointer) + Self.headBytes, count: pointer.load(as: Int.self))
  }
  func free() { pointer.deallocate() }
}
