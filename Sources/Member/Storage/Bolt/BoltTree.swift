import Base

/// Where pages get their numbers, and their bytes in the walk that writes.
struct BoltOutput {
  let writes: Bool
  var output = Bytes()
  /// The number of the next page; the first two are the meta pages.
  private(set) var next: UInt64 = 2

  init(writes: Bool) { self.writes = writes }

  /// Numbers a page that takes `bytes` bytes and writes it where this walk writes; `body` appends what comes behind the header.
  mutating func emit(_ flags: UInt16, count: Int, bytes: Int, _ body: (inout Bytes) -> Void) -> UInt64 {
    let number = next
    let span = (bytes + BoltWriter.pageBytes - 1) / BoltWriter.pageBytes
    next += UInt64(span)
    guard writes else { return number }
    let start = output.count
    output.reserveCapacity(start + span * BoltWriter.pageBytes)
    appendHeader(to: &output, number, flags, count: count, overflow: span - 1)
    body(&output)
    output.append(contentsOf: repeatElement(0, count: start + span * BoltWriter.pageBytes - output.count))
    return number
  }
}

private func appendHeader(to page: inout Bytes, _ number: UInt64, _ flags: UInt16, count: Int, overflow: Int) {
  page.append(u64: number)
  page.append(u16: flags)
  page.append(u16: UInt16(count))
  page.append(u32: UInt32(overflow))
}

/// A tree built from below: leaves as they fill, each branch as soon as its children are numbered.
struct BoltTree {
  private var leaf = BoltLeaf()
  private var levels: [BoltBranch] = []
  private var hasEmitted = false

  mutating func add(
    flags: UInt32, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ pages: inout BoltOutput
  ) {
    if !leaf.hasRoom(key.count + value.count) { flushLeaf(&pages) }
    leaf.add(flags: flags, key, value)
  }

  /// The tree as one leaf inside the bucket's value, where it is small. As bbolt 1.3.6: bucket.go, inlineable.
  var inLineImage: Bytes? {
    hasEmitted || leaf.bytes > BoltWriter.pageBytes / 4 ? nil : leaf.image
  }

  /// Completes the pages and answers the root's number.
  mutating func finish(_ pages: inout BoltOutput) -> UInt64 {
    if !leaf.isEmpty || !hasEmitted { flushLeaf(&pages) }
    var level = 0
    while true {
      if let child = levels[level].onlyChild { return child }
      while let page = levels[level].takeRest(&pages) { add(page.key, page.number, level: level + 1, &pages) }
      level += 1
    }
  }

  private mutating func flushLeaf(_ pages: inout BoltOutput) {
    let key = leaf.firstKey
    let number = leaf.emit(&pages)
    hasEmitted = true
    add(key, number, level: 0, &pages)
  }

  private mutating func add(_ key: Bytes, _ child: UInt64, level: Int, _ pages: inout BoltOutput) {
    if level == levels.count { levels.append(BoltBranch()) }
    levels[level].add(key, child)
    if let page = levels[level].takeFull(&pages) { add(page.key, page.number, level: level + 1, &pages) }
  }
}

/// The leaf in the making.
private struct BoltLeaf {
  private var elements: [(flags: UInt32, key: Int, value: Int)] = []
  private var body = Bytes()
  private(set) var bytes = BoltPage.headerBytes

  var isEmpty: Bool { elements.isEmpty }
  var firstKey: Bytes { elements.first.map { Bytes(body[..<$0.key]) } ?? [] }

  /// A large pair takes pages of its own; what is left of the last one is filled as usual.
  func hasRoom(_ count: Int) -> Bool {
    let pages = (bytes + BoltWriter.pageBytes - 1) / BoltWriter.pageBytes
    return isEmpty || bytes + BoltPage.elementBytes + count <= pages * BoltWriter.pageBytes
  }

  mutating func add(flags: UInt32, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    elements.append((flags, key.count, value.count))
    body.append(contentsOf: key)
    body.append(contentsOf: value)
    bytes += BoltPage.elementBytes + key.count + value.count
  }

  mutating func emit(_ pages: inout BoltOutput) -> UInt64 {
    let number = pages.emit(BoltPage.leaf, count: elements.count, bytes: bytes) { append(to: &$0) }
    elements.removeAll(keepingCapacity: true)
    body.removeAll(keepingCapacity: true)
    bytes = BoltPage.headerBytes
    return number
  }

  /// Complete with a header numbered 0, as it lies in a bucket's value.
  var image: Bytes {
    var image = Bytes()
    appendHeader(to: &image, 0, BoltPage.leaf, count: elements.count, overflow: 0)
    append(to: &image)
    return image
  }

  private func append(to page: inout Bytes) {
    var offset = 0
    for (place, element) in elements.enumerated() {
      page.append(u32: element.flags)
      page.append(u32: UInt32(BoltPage.elementBytes * (elements.count - place) + offset))
      page.append(u32: UInt32(element.key))
      page.append(u32: UInt32(element.value))
      offset += element.key + element.value
    }
    page += body
  }
}

/// The branch in the making on one level. Its last two children wait until it is known that the page after it
/// will have two as well: Go's bbolt makes no branch with a single child.
private struct BoltBranch {
  typealias Page = (key: Bytes, number: UInt64)

  private var children: [Page] = []
  private var bytes = BoltPage.headerBytes
  /// How many of the children go into the next page.
  private var fitting = 0
  private var hasEmitted = false

  /// The child, where the level never had another: then it needs no branch.
  var onlyChild: UInt64? { !hasEmitted && children.count == 1 ? children[0].number : nil }

  mutating func add(_ key: Bytes, _ child: UInt64) {
    children.append((key, child))
    count(key)
  }

  private mutating func count(_ key: Bytes) {
    bytes += BoltPage.elementBytes + key.count
    // Two children belong to every branch, however long their keys.
    if fitting < 2 || bytes <= BoltWriter.pageBytes { fitting += 1 }
  }

  mutating func takeFull(_ pages: inout BoltOutput) -> Page? {
    children.count == fitting + 2 ? emit(fitting, &pages) : nil
  }

  /// One page after the other of what is left; nil when nothing is.
  mutating func takeRest(_ pages: inout BoltOutput) -> Page? {
    if children.isEmpty { return nil }
    if children.count <= fitting || fitting == 2 { return emit(children.count, &pages) }
    return emit(fitting - 1, &pages)
  }

  private mutating func emit(_ count: Int, _ pages: inout BoltOutput) -> Page {
    let taken = children[..<count]
    let size = taken.reduce(BoltPage.headerBytes) { $0 + BoltPage.elementBytes + $1.key.count }
    let key = children[0].key
    let number = pages.emit(BoltPage.branch, count: count, bytes: size) { page in
      var offset = 0
      for (place, child) in taken.enumerated() {
        page.append(u32: UInt32(BoltPage.elementBytes * (count - place) + offset))
        page.append(u32: UInt32(child.key.count))
        page.append(u64: child.number)
        offset += child.key.count
      }
      for child in taken { page += child.key }
    }
    children.removeFirst(count)
    bytes = BoltPage.headerBytes
    fitting = 0
    for child in children { self.count(child.key) }
    hasEmitted = true
    return (key, number)
  }
}
