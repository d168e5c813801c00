import Base

extension BoltReader {
  /// Holds the whole file against bbolt's rules, as `etcdctl snapshot status` does before it says anything:
  /// each page below the high-water mark is reached once or free, and only branches and leaves are reached.
  /// As bbolt 1.3.6: tx.go, check. Where the free list is not stored, what is not reached is free.
  package func check() throws(BoltError) {
    let use = PageUse(highWater: meta.highWater)
    var roots: [UInt64] = [meta.root]
    for bucket in bucketNames.indices {
      if case .page(let number) = root(of: bucket) { roots.append(number) }
    }
    for root in roots {
      var walk = BoltWalk(pages, after: nil)
      walk.onPage = { (number, span) throws(BoltError) in try use.mark(number, span) }
      _ = try walk.tree(root) { (_, _, _) throws(BoltError) in true }
    }
    // Pages in line belong to no page of their own, but their rules hold as well.
    for bucket in bucketNames.indices { try scan(bucket) { _, _ in true } }
    if meta.freeList != BoltPage.noFreeList { try checkFreeList(use) }
  }

  private func checkFreeList(_ use: PageUse) throws(BoltError) {
    let list = meta.freeList
    let span = try pages.span(list)
    guard span.u16(8) == BoltPage.freeList else { throw BoltError(page: list, "not a list of free pages") }
    try use.mark(list, span.count / pages.pageBytes)
    for free in try freePages(in: span, list) { try use.mark(free, 1) }
    if let lost = use.firstUnmarked { throw BoltError(page: lost, "neither reached nor free") }
  }

  /// A count of 0xffff says that the true one is the first number.
  private func freePages(in span: UnsafeRawBufferPointer, _ list: UInt64) throws(BoltError) -> [UInt64] {
    var count = UInt64(span.u16(10))
    var offset = BoltPage.headerBytes
    if count == 0xFFFF {
      count = span.u64(offset)
      offset += 8
    }
    guard count <= UInt64((span.count - offset) / 8) else {
      throw BoltError(page: list, "\(count) free pages do not fit the list")
    }
    return (0..<Int(count)).map { span.u64(offset + 8 * $0) }
  }
}

/// Which pages were met already.
private final class PageUse {
  private var marked: [Bool]

  init(highWater: UInt64) {
    marked = Array(repeating: false, count: Int(highWater))
    marked[0] = true
    marked[1] = true
  }

  func mark(_ number: UInt64, _ span: Int) throws(BoltError) {
    guard number < UInt64(marked.count), span <= marked.count - Int(number) else {
      throw BoltError(page: number, "outside the file")
    }
    for place in Int(number)..<Int(number) + span {
      if marked[place] { throw BoltError(page: UInt64(place), "reached twice, or reached and free") }
      marked[place] = true
    }
  }

  var firstUnmarked: UInt64? { marked.firstIndex(of: false).map(UInt64.init) }
}
