import Base

/// The pages of a file, each given only after its header was checked.
struct BoltPages {
  let bytes: UnsafeRawBufferPointer
  let pageBytes: Int
  let highWater: UInt64

  /// The bytes of a page with its overflow pages.
  func span(_ number: UInt64) throws(BoltError) -> UnsafeRawBufferPointer {
    guard number >= 2, number < highWater else { throw BoltError(page: number, "outside the file") }
    let start = Int(number) * pageBytes
    let overflow = UInt64(bytes.u32(start + 12))
    guard number + overflow < highWater else {
      throw BoltError(page: number, "\(overflow) overflow pages reach beyond the file")
    }
    guard bytes.u64(start) == number else {
      throw BoltError(page: number, "calls itself page \(bytes.u64(start))")
    }
    return UnsafeRawBufferPointer(rebasing: bytes[start..<start + (Int(overflow) + 1) * pageBytes])
  }

  func node(_ number: UInt64) throws(BoltError) -> BoltNode {
    try BoltNode(try span(number), page: number)
  }
}

/// A branch or leaf page whose element table fits; each element is checked when it is asked for.
struct BoltNode {
  let bytes: UnsafeRawBufferPointer
  let page: UInt64
  let count: Int
  let isLeaf: Bool

  init(_ bytes: UnsafeRawBufferPointer, page: UInt64) throws(BoltError) {
    guard bytes.count >= BoltPage.headerBytes else { throw BoltError(page: page, "shorter than its header") }
    let flags = bytes.u16(8)
    guard flags == BoltPage.leaf || flags == BoltPage.branch else {
      throw BoltError(page: page, "of type \(flags), neither branch nor leaf")
    }
    self.bytes = bytes
    self.page = page
    count = Int(bytes.u16(10))
    isLeaf = flags == BoltPage.leaf
    guard BoltPage.headerBytes + count * BoltPage.elementBytes <= bytes.count else {
      throw BoltError(page: page, "\(count) elements do not fit")
    }
    guard isLeaf || count > 0 else { throw BoltError(page: page, "a branch without children") }
  }

  private func element(_ place: Int) -> Int { BoltPage.headerBytes + place * BoltPage.elementBytes }

  private func slice(_ start: Int, _ count: Int) throws(BoltError) -> UnsafeRawBufferPointer {
    guard start >= element(self.count), start <= bytes.count, count <= bytes.count - start else {
      throw BoltError(page: page, "an element reaches beyond the page")
    }
    return UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
  }

  func branchElement(_ place: Int) throws(BoltError) -> (key: UnsafeRawBufferPointer, child: UInt64) {
    let at = element(place)
    return (try slice(at + Int(bytes.u32(at)), Int(bytes.u32(at + 4))), bytes.u64(at + 8))
  }

  func leafElement(_ place: Int) throws(BoltError) -> (
    flags: UInt32, key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer
  ) {
    let at = element(place)
    let keyCount = Int(bytes.u32(at + 8))
    let both = try slice(at + Int(bytes.u32(at + 4)), keyCount + Int(bytes.u32(at + 12)))
    return (
      bytes.u32(at), UnsafeRawBufferPointer(rebasing: both[..<keyCount]),
      UnsafeRawBufferPointer(rebasing: both[keyCount...])
    )
  }
}

/// One walk over one tree, in order. Rules held: keys ascend strictly and are not empty, a branch's key is the
/// first key of its child, pages are walked once.
struct BoltWalk {
  typealias Visit = (_ flags: UInt32, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer)
    throws(BoltError) -> Bool

  private let pages: BoltPages
  private let after: Bytes?
  private var previous: UnsafeRawBufferPointer?
  /// Pages that may still be walked: a tree cannot have more than the file.
  private var budget: UInt64
  /// Told of each page of the tree before it is read further.
  var onPage: ((_ number: UInt64, _ span: Int) throws(BoltError) -> Void)?

  init(_ pages: BoltPages, after: Bytes?) {
    self.pages = pages
    self.after = after
    budget = pages.highWater
  }

  mutating func tree(_ number: UInt64, _ visit: Visit) throws(BoltError) -> Bool {
    try subtree(number, depth: 0, firstKey: nil, visit)
  }

  private mutating func subtree(
    _ number: UInt64, depth: Int, firstKey: UnsafeRawBufferPointer?, _ visit: Visit
  ) throws(BoltError) -> Bool {
    guard budget > 0, depth < Self.maximalDepth else {
      throw BoltError(page: number, "reached again, or too deep in the tree")
    }
    budget -= 1
    let node = try pages.node(number)
    if let onPage { try onPage(number, node.bytes.count / pages.pageBytes) }
    if let firstKey {
      guard node.count > 0 else { throw BoltError(page: number, "an empty page below a branch") }
      let own = node.isLeaf ? try node.leafElement(0).key : try node.branchElement(0).key
      guard compareBytes(own, firstKey) == 0 else {
        throw BoltError(page: number, "its first key is not that of the branch above")
      }
    }
    return node.isLeaf ? try leaf(node, page: number, visit) : try branch(node, depth: depth, visit)
  }

  private mutating func branch(_ node: BoltNode, depth: Int, _ visit: Visit) throws(BoltError) -> Bool {
    for place in 0..<node.count {
      let (key, child) = try node.branchElement(place)
      if let after, place + 1 < node.count {
        // All of this child lies below the next one's first key.
        let next = try node.branchElement(place + 1).key
        if after.withUnsafeBytes({ compareBytes(next, $0) }) <= 0 { continue }
      }
      if try !subtree(child, depth: depth + 1, firstKey: key, visit) { return false }
    }
    return true
  }

  mutating func leaf(_ node: BoltNode, page: UInt64, _ visit: Visit) throws(BoltError) -> Bool {
    guard node.isLeaf else { throw BoltError(page: page, "a branch where a leaf must be") }
    for place in 0..<node.count {
      let (flags, key, value) = try node.leafElement(place)
      guard !key.isEmpty else { throw BoltError(page: page, "an empty key") }
      if let previous, compareBytes(previous, key) >= 0 {
        throw BoltError(page: page, "key \(hex(key.prefix(64))) is not above the one before it")
      }
      previous = key
      if let after, after.withUnsafeBytes({ compareBytes(key, $0) }) <= 0 { continue }
      if try !visit(flags, key, value) { return false }
    }
    return true
  }

  /// Far above any tree of two and more children a branch.
  private static let maximalDepth = 64
}
