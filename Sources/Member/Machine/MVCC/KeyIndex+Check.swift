import Base

extension KeyIndex {
  /// Walks the whole tree and stops the process where one of its invariants is broken. For tests.
  package func checkStructure() {
    var leaves: [KeyNode] = []
    let (keys, live) = check(root, depth: 0, from: nil, before: nil, leaves: &leaves)
    invariant(keys == keyCount, "\(keys) keys in the tree, \(keyCount) counted")
    invariant(live == liveCount, "\(live) living keys in the tree, \(liveCount) counted")
    for (left, right) in zip(leaves, leaves.dropFirst()) {
      invariant(left.next == right && right.previous == left, "leaves are not linked in order")
      invariant(left.count > 0 && right.count > 0, "an empty leaf")
    }
    invariant(leaves.first?.previous == nil && leaves.last?.next == nil, "links beyond the leaves")
  }

  private func check(
    _ node: KeyNode, depth: Int, from: UnsafeRawBufferPointer?, before: UnsafeRawBufferPointer?,
    leaves: inout [KeyNode]
  ) -> (keys: Int, live: Int) {
    invariant(node.isLeaf == (depth == height), "a leaf at depth \(depth) of \(height)")
    checkOrder(node, from: from, before: before)
    if node.isLeaf {
      for index in 0..<node.count {
        invariant(node.isLive(index) != node.record(index).isDead, "a live bit contradicts its record")
      }
      leaves.append(node)
      return (node.count, node.liveTotal)
    }
    var keys = 0
    var live = 0
    for index in 0..<node.count {
      let lower = index == 0 ? from : node.key(index - 1)
      let upper = index == node.count - 1 ? before : node.key(index)
      let below = check(node.child(index), depth: depth + 1, from: lower, before: upper, leaves: &leaves)
      invariant(below.live == node.counts[index], "a child's count \(node.counts[index]) is not \(below.live)")
      keys += below.keys
      live += below.live
    }
    return (keys, live)
  }

  private func checkOrder(_ node: KeyNode, from: UnsafeRawBufferPointer?, before: UnsafeRawBufferPointer?) {
    for index in 0..<node.keyCount {
      let key = node.key(index)
      if index > 0 { invariant(lexicallyPrecedes(node.key(index - 1), key), "keys of a node out of order") }
      if let from { invariant(!lexicallyPrecedes(key, from), "a key below its node's range") }
      if let before { invariant(lexicallyPrecedes(key, before), "a key above its node's range") }
      let found = node.lowerBound(key)
      invariant(found.isEqual && found.position == index, "a key is not found at its place")
    }
  }
}
