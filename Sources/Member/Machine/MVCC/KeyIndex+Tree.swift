import Base

// The tree's shape: descending, splitting full nodes, joining thin ones.

extension KeyIndex {
  /// Nodes with fewer entries than this are joined with a neighbour, where both fit into `joinedWidth`.
  private static var thinWidth: Int { KeyNode.width / 4 }
  private static var joinedWidth: Int { KeyNode.width * 3 / 4 }

  /// Finds the leaf of `key` and the key's place in it; leaves the way in `path`.
  func descend(to key: UnsafeRawBufferPointer) -> (leaf: KeyNode, position: Int, isFound: Bool) {
    var node = root
    for depth in 0..<height {
      let index = node.childIndex(for: key)
      path[depth] = Step(node: node, index: index)
      node = node.child(index)
    }
    path[height] = Step(node: node, index: 0)
    let (position, isEqual) = node.lowerBound(key)
    return (node, position, isEqual)
  }

  /// Splits the full node of the path that lies lowest below one with room. Descend again afterwards: when several
  /// nodes on the way are full it takes several rounds.
  mutating func splitLowestFull() {
    if (0...height).allSatisfy({ path[$0].node.isFull }) { growRoot() }
    var depth = height
    while path[depth - 1].node.isFull { depth -= 1 }
    split(path[depth].node, below: path[depth - 1])
  }

  /// Puts a new root above the old one.
  private mutating func growRoot() {
    invariant(height < Self.maxHeight, "the index is \(height) nodes deep")
    let above = KeyNode.allocate(isLeaf: false)
    above.setOnlyChild(root)
    for depth in stride(from: height, through: 0, by: -1) { path[depth + 1] = path[depth] }
    path[0] = Step(node: above, index: 0)
    root = above
    height += 1
  }

  private func split(_ node: KeyNode, below parent: Step) {
    let right = KeyNode.allocate(isLeaf: node.isLeaf)
    let isLast = isRightmost(node)
    // Keys that only ascend would leave half-empty nodes behind them: the last node is cut near its end.
    let cut = isLast ? node.count - 2 : node.count / 2
    let leftOver = node.moveTail(from: cut, to: right)
    let separator =
      leftOver ?? KeySeparator.between(node.record(cut - 1).key, right.record(0).key)
    if node.isLeaf { link(right, after: node) }
    parent.node.counts[parent.index] = node.liveTotal
    parent.node.insert(separator, right, live: right.liveTotal, after: parent.index)
  }

  /// Whether the node, which is on the path, is the last of its level.
  private func isRightmost(_ node: KeyNode) -> Bool {
    for depth in 0..<height {
      if path[depth].node == node { return true }
      if path[depth].index != path[depth].node.count - 1 { return false }
    }
    return true
  }

  private func link(_ node: KeyNode, after left: KeyNode) {
    node.head.pointee.previous = left.base
    node.head.pointee.next = left.head.pointee.next
    left.next?.head.pointee.previous = node.base
    left.head.pointee.next = node.base
  }

  private func unlink(_ node: KeyNode) {
    node.previous?.head.pointee.next = node.head.pointee.next
    node.next?.head.pointee.previous = node.head.pointee.previous
  }

  /// Joins the nodes of the path with neighbours from the leaf up, where records were removed.
  mutating func joinThinNodes() {
    var depth = height
    while depth > 0 {
      let node = path[depth].node
      if node.count >= Self.thinWidth { break }
      let parent = path[depth - 1]
      if parent.node.count > 1 {
        guard join(parent.node, around: parent.index) else { break }
      } else if node.count == 0 {
        removeOnlyChild(of: parent.node, node)
      } else {
        break
      }
      depth -= 1
    }
    while !root.isLeaf, root.count <= 1 { lowerRoot() }
  }

  /// Joins child `index` with a neighbour below the same parent; false where the two do not fit into one.
  private func join(_ parent: KeyNode, around index: Int) -> Bool {
    let leftIndex = index + 1 < parent.count ? index : index - 1
    let left = parent.child(leftIndex)
    let right = parent.child(leftIndex + 1)
    let isOneEmpty = left.count == 0 || right.count == 0
    guard isOneEmpty || left.count + right.count <= Self.joinedWidth else { return false }
    let live = parent.counts[leftIndex] + parent.counts[leftIndex + 1]
    if !left.isLeaf, isOneEmpty {
      // An inner node has no room for a separator beside nothing: the empty one goes.
      let empty = left.count == 0 ? leftIndex : leftIndex + 1
      let node = parent.child(empty)
      parent.removeChild(empty)?.free()
      node.free()
      return true
    }
    left.absorb(right, separator: parent.separator(leftIndex))
    if left.isLeaf { unlink(right) }
    let separator = parent.removeChild(leftIndex + 1)
    if left.isLeaf { separator?.free() }
    parent.counts[leftIndex] = live
    right.free()
    return true
  }

  private func removeOnlyChild(of parent: KeyNode, _ node: KeyNode) {
    if node.isLeaf { unlink(node) }
    parent.removeChild(0)?.free()
    node.free()
  }

  private mutating func lowerRoot() {
    let old = root
    if old.count == 0 {
      root = .allocate(isLeaf: true)
      height = 0
    } else {
      root = old.child(0)
      height -= 1
    }
    old.free()
  }

  static func freeTree(_ node: KeyNode) {
    for index in 0..<node.keyCount {
      if node.isLeaf { node.record(index).free() } else { node.separator(index).free() }
    }
    if !node.isLeaf { for index in 0..<node.count { freeTree(node.child(index)) } }
    node.free()
  }

  static func bytes(of node: KeyNode) -> Int {
    var total = node.isLeaf ? KeyNode.leafBytes : KeyNode.innerBytes
    if node.isLeaf {
      for index in 0..<node.count { total += node.record(index).allocatedBytes }
    } else {
      for index in 0..<node.count { total += bytes(of: node.child(index)) }
    }
    return total
  }
}
