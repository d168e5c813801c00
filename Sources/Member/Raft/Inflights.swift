import Base

/// The window of append messages sent to one member and not yet acknowledged, each known by the index of
/// its last entry. A ring that grows on demand up to its size.
///
/// As etcd 3.4: raft/tracker/inflights.go.
package struct Inflights: Equatable, Sendable {
  /// Messages that may be under way at once.
  package let size: Int
  package private(set) var count = 0
  private var start = 0
  /// Grows by doubling, so that a quiet member costs nothing. Invariant: no wrap before it has full size.
  private var ring: [UInt64] = []

  package init(size: Int) { self.size = size }

  package var isFull: Bool { count == size }

  /// Notes a message whose last entry is `index`; the caller has checked `isFull`, and indexes rise.
  package mutating func add(_ index: UInt64) {
    invariant(!isFull, "an append was sent into a full window")
    var next = start + count
    if next >= size { next -= size }
    if next >= ring.count {
      let grown = max(1, min(size, ring.count * 2))
      ring.append(contentsOf: repeatElement(0, count: grown - ring.count))
    }
    ring[next] = index
    count += 1
  }

  /// Frees every message up to and including `index`.
  package mutating func free(through index: UInt64) {
    while count > 0, ring[start] <= index {
      start += 1
      if start >= size { start = 0 }
      count -= 1
    }
    if count == 0 { start = 0 }
  }

  /// Frees the oldest message: a heartbeat's answer lets a full window move on when acknowledgements are lost.
  package mutating func freeFirst() {
    if count > 0 { free(through: ring[start]) }
  }

  package mutating func reset() {
    count = 0
    start = 0
  }
}
