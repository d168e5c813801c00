import Base

extension KeyIndex {
  /// Where a compaction of the index has come to. It remembers a key, not a node, so that puts, deletes and other
  /// compactions may happen between two slices.
  package struct CompactionCursor: Sendable {
    package let revision: Int64
    fileprivate var next: Bytes = []
    package private(set) var isFinished = false

    package init(revision: Int64) { self.revision = revision }

    fileprivate mutating func advance(to key: Bytes?) {
      if let key { next = key } else { isFinished = true }
    }
  }

  /// Compacts about `keyBudget` further keys (whole leaves, at least one) and reports each change that no reader
  /// at or above the cursor's revision can reach. The changes of one key are reported ascending and in one slice.
  package mutating func compact(
    _ cursor: inout CompactionCursor, keyBudget: Int, dropped: (Revision, _ isTombstone: Bool) -> Void
  ) {
    var left = keyBudget
    while !cursor.isFinished {
      let from = cursor.next
      let (leaf, position, _) = from.withUnsafeBytes { descend(to: $0) }
      let fence = upperFence()
      var gone: UInt64 = 0
      for index in position..<leaf.count {
        if leaf.record(index).compact(at: cursor.revision, dropped: dropped) { gone |= 1 << UInt64(index) }
      }
      left -= leaf.count
      cursor.advance(to: fence)
      if gone != 0 {
        leaf.removeRecords(gone)
        noteRemoved(gone.nonzeroBitCount)
        joinThinNodes()
      }
      if left <= 0 { return }
    }
  }

  /// A copy of the first separator behind the leaf of the last descent; nil for the last leaf.
  private func upperFence() -> Bytes? {
    for depth in stride(from: height - 1, through: 0, by: -1) {
      let step = path[depth]
      if step.index < step.node.count - 1 { return Bytes(step.node.separator(step.index).key) }
    }
    return nil
  }
}
