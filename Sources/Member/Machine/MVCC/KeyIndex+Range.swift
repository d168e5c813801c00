import Base

/// A stretch of keys as a request names it: one key, `[key, end)`, or everything from `key` on.
/// As etcd 3.4: an empty end is the key alone, an end of one zero byte is no end.
package struct KeyRange: Equatable, Sendable {
  package enum End: Equatable, Sendable {
    case single, open
    case before(Bytes)
  }
  package var key: Bytes
  package var end: End

  package init(_ key: Bytes, _ rangeEnd: Bytes) {
    self.key = key
    if rangeEnd.isEmpty {
      end = .single
    } else if rangeEnd == [0] {
      end = .open
    } else {
      end = .before(rangeEnd)
    }
  }
  package static let everything = KeyRange([], [0])
  package var isSingle: Bool { end == .single }
}

extension KeyIndex {
  /// A place between two keys. Good until the index changes.
  struct Place {
    var leaf: KeyNode
    var position: Int
  }

  /// One visited key. The bytes are good until the index changes.
  package struct Visited {
    package let key: UnsafeRawBufferPointer
    package let state: KeyState
    package let isLeased: Bool
  }

  /// Keys that exist now in the range. One or two descents, whatever the range holds.
  package func countLive(_ range: KeyRange) -> Int {
    switch range.end {
    case .single: range.key.withUnsafeBytes { current($0) != nil } ? 1 : 0
    case .open: liveCount - rank(range.key)
    case .before(let end): max(0, rank(end) - rank(range.key))
    }
  }

  /// Living keys before `key`.
  package func rank(_ key: Bytes) -> Int {
    key.withUnsafeBytes { key in
      var total = 0
      var node = root
      for _ in 0..<height {
        let index = node.childIndex(for: key)
        for other in 0..<index { total += node.counts[other] }
        node = node.child(index)
      }
      return total + node.liveBefore(node.lowerBound(key).position)
    }
  }

  /// The living key with `rank` living keys before it; nil where there are not so many. One descent.
  package func liveKey(rank: Int) -> Bytes? {
    guard rank >= 0, rank < liveCount else { return nil }
    var left = rank
    var node = root
    for _ in 0..<height {
      var index = 0
      while left >= node.counts[index] {
        left -= node.counts[index]
        index += 1
      }
      node = node.child(index)
    }
    for position in 0..<node.count where node.isLive(position) {
      if left == 0 { return Bytes(node.record(position).key) }
      left -= 1
    }
    broken("the index counts more living keys than it holds")
  }

  /// Visits the keys of the range that exist at main revision `at` (nil: now), in order, until `visit` answers false.
  /// `visit` must not change the index.
  package func forEach(_ range: KeyRange, at: Int64?, _ visit: (Visited) -> Bool) {
    _ = forEach(range, at: at, keyBudget: .max, visit)
  }

  /// The same for about `keyBudget` keys of the index, living or dead (whole leaves, at least one). Answers where to go
  /// on; nil when the range is at its end or `visit` answered false.
  func forEach(_ range: KeyRange, at: Int64?, keyBudget: Int, _ visit: (Visited) -> Bool) -> Bytes? {
    if range.isSingle {
      visitSingle(range.key, at: at, visit)
      return nil
    }
    var left = keyBudget
    var place = range.key.withUnsafeBytes { seek($0) }
    let end = endPlace(range)
    while true {
      let isLast = place.leaf == end?.leaf
      let stop = isLast ? end?.position ?? 0 : place.leaf.count
      left -= stop - place.position
      while place.position < stop {
        let position = place.position
        place.position += 1
        if at == nil, !place.leaf.isLive(position) { continue }
        let record = place.leaf.record(position)
        guard let state = Self.state(record, at) else { continue }
        if !visit(Visited(key: record.key, state: state, isLeased: record.isLeased)) { return nil }
      }
      guard !isLast, let next = place.leaf.next else { return nil }
      if left <= 0 { return Bytes(next.record(0).key) }
      place = Place(leaf: next, position: 0)
    }
  }

  private func visitSingle(_ key: Bytes, at: Int64?, _ visit: (Visited) -> Bool) {
    key.withUnsafeBytes { key in
      if let record = find(key), let state = Self.state(record, at) {
        _ = visit(Visited(key: record.key, state: state, isLeased: record.isLeased))
      }
    }
  }

  private static func state(_ record: KeyRecord, _ at: Int64?) -> KeyState? {
    guard let at else { return record.isDead ? nil : record.current }
    return record.state(at: at)
  }

  private func seek(_ key: UnsafeRawBufferPointer) -> Place {
    var node = root
    for _ in 0..<height { node = node.child(node.childIndex(for: key)) }
    return Place(leaf: node, position: node.lowerBound(key).position)
  }

  /// Where the range ends; nil for the end of the index. A reversed range ends where it begins.
  private func endPlace(_ range: KeyRange) -> Place? {
    guard case .before(let end) = range.end else { return nil }
    let last = compareBytes(end, range.key) < 0 ? range.key : end
    return last.withUnsafeBytes { seek($0) }
  }
}
